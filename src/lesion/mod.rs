//! A click, a stroke or callipers → a mask → a measurement with its ±.
//!
//! In: the CT, perhaps its anatomy, and a [`Gesture`]. Out: a [`Segmentation`] on the CT's grid, and of any mask a
//! [`Measurement`]. Works in a box around the click; without anatomy too, so that a click never waits.

mod border;
mod chest;
mod cut;
mod diameter;
mod in_lung;
mod mass;
mod measure;
mod model;
mod outline;
mod room;
mod segment;
mod shape;
mod site;
mod tubes;

pub use measure::{by_calliper, diameter_pm_mm, measure};
pub use model::{Axis, Gesture, Measurement, SegmentError, Segmentation};
pub use segment::segment;
pub use site::{guess_site, side};
