//! Where things are: points in LPS millimetres, voxels, grids, volumes and masks.
//!
//! LPS is DICOM's patient frame: x to the patient's left, y to his back, z to his head; millimetres. A voxel's position
//! is the position of its centre. Data lie with i fastest, then j, then k.

mod grid;
mod mask;
mod point;
mod volume;

pub use grid::{Bounds, Grid};
pub use mask::Mask;
pub use point::{Lps, Voxel};
pub use volume::{PADDING, Volume};

/// A volume of labels; 0 is outside of everything.
pub type LabelMap = Volume<u8>;
