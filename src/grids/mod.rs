//! What is computed on grids: exact distance maps, components, morphology, filters, contours, blank ends.

pub mod blank;
pub mod components;
pub mod contour;
pub mod distance;
pub mod filter;
pub mod morphology;
