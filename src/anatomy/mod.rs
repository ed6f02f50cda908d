//! `Ct` → structures: body, table, lungs, bones, vessels, airways, mediastinum, ….
//!
//! In: a [`crate::ct::Ct`]. Out: an [`Anatomy`]: one mask per structure found, a disjoint label map of them, landmarks,
//! findings. What was not seen is listed as not seen, never as free. Each family of structures has a file of its own;
//! `find` calls them in the order in which each helps the next; all work on the CT turned upright (`turn`), most on a
//! copy averaged to 2 mm (`work`).

mod airways;
mod body;
mod bone;
mod cage;
mod cartilage;
mod diaphragm;
mod find;
mod lung_vessels;
mod lungs;
mod mediastinum;
mod model;
mod spine;
mod turn;
mod work;

pub use find::find;
pub use model::{Anatomy, Landmarks, Region, VERSION};
