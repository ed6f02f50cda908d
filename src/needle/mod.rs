//! One needle: catalogue, geometry, rules, and the verdict on it (measured, allowed, where).
//!
//! In: the anatomy's masks as distance maps ([`Surroundings`], to be made once per CT and lesion), the target as a
//! mask, a [`Needle`]. Out: a [`Verdict`]. Knows nothing of ice.

mod model;

pub use model::{Clearance, Needle, Status, Verdict, Violation};
