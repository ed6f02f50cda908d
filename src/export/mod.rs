//! What leaves the house: one file per format, from plain values.
//!
//! In: rows, measurements, verdicts. Out: bytes and documents. Knows no screen and opens no file. `scan` the JSON of
//! `series` and `volume`, of findings and errors · `result` the JSON of `lesion`, `anatomy`, `plan` and `check`, field by
//! field · `crf` the case report form as CSV that Excel opens in Japanese · `sheet` what is needed at the table for a needle.

mod crf;
pub mod result;
mod scan;
mod sheet;

pub use crf::crf_csv;
pub use scan::{ErrorDocument, FindingDocument, PatientDocument, PickedDocument, SeriesDocument, VolumeDocument};
pub use sheet::{craniocaudal, in_plane, positions_of, sheet};
