//! `Ct` → structures: body, table, lungs, bones, vessels, airways, mediastinum, ….
//!
//! In: a [`crate::ct::Ct`]. Out: an [`Anatomy`]: one mask per structure found, a disjoint label map of them, landmarks,
//! findings. What was not seen is listed as not seen, never as free.

mod model;

pub use model::{Anatomy, Landmarks, Region, VERSION};
