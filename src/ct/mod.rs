//! Bytes → one trustworthy [`Ct`], or a refusal with a reason.
//!
//! In: a path (folder, zip, DICOM file, NIfTI, NRRD). Out: what series there are, and a `Ct` of the one chosen.
//! `finding` says what was doubtful.

mod finding;
mod model;
pub mod nifti;
mod write;

pub use finding::{Arg, Finding, Where};
pub use model::{Acquisition, Ct, Identity, Row, Slice, Source};
pub use write::{SeriesToWrite, Syntax, WriteError, uid_from, write_series};
