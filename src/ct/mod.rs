//! Bytes → one trustworthy [`Ct`], or a refusal with a reason.
//!
//! In: a path (folder, zip, DICOM file, NIfTI, NRRD). Out: what series there are ([`scan`]), and a [`Ct`] of the one
//! chosen ([`load`]). The way: `source` finds files and members; `screen` walks raw bytes and trusts nothing; `header`
//! takes values from the places found; `series` and `split` say what belongs together; `layout` makes a grid of places;
//! `pick` chooses; `load`, `pixels`, `unpack`, `padding` make HU. `finding` says what was doubtful.

mod charset;
mod checksum;
mod deflated;
mod error;
mod finding;
mod fragments;
mod header;
mod jpeg_extended;
mod jpeg_ls;
mod layout;
mod listing;
mod load;
mod model;
pub mod nifti;
mod nrrd;
mod padding;
mod pick;
mod picture;
mod pixels;
mod research;
mod scan;
mod screen;
mod series;
mod source;
mod split;
mod syntax;
mod unpack;
mod write;

pub use error::CtError;
pub use finding::{Arg, Finding, Where};
pub use listing::{Listing, Patient, Picked, SeriesEntry, VolumeEntry};
pub use load::{load, slice, slices};
pub use model::{Acquisition, Ct, Identity, Row, Slice, Source};
pub use nrrd::write_nrrd;
pub use picture::{Picture, picture};
pub use scan::scan;
pub use write::{SeriesToWrite, Syntax, WriteError, uid_from, write_series};
