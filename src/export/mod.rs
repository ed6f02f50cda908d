//! What leaves the house: one file per format, from plain values.
//!
//! `scan` the JSON of `series` and `volume`, of findings and errors.

mod scan;

pub use scan::{ErrorDocument, FindingDocument, PatientDocument, PickedDocument, SeriesDocument, VolumeDocument};
