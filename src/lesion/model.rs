//! What the lesion room takes and gives.

use crate::ct::Finding;
use crate::jobs::Cancelled;
use crate::space::{Lps, Mask};

/// What the hand did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gesture {
    /// One click inside the lesion.
    Click(Lps),
    /// A stroke over the longest diameter.
    Stroke(Lps, Lps),
}

/// The lesion that a gesture meant.
#[derive(Clone, Debug)]
pub struct Segmentation {
    /// Its voxels, on the CT's grid.
    pub mask: Mask,
    /// How it was found: a short stable name with version, e.g. `solid-in-air/2`.
    pub method: String,
    /// The HU level of the outline where it borders on air; contours and diameters are taken at it.
    pub level_hu: Option<f64>,
    /// What was doubtful.
    pub findings: Vec<Finding>,
}

/// A diameter with its end points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// The ends, outer edge to outer edge, LPS mm.
    pub ends: [Lps; 2],
    /// Its length, mm.
    pub mm: f64,
    /// ± from pixels, slices and geometry, and where an end was guessed from what may lie beyond it (not readers' spread),
    /// mm.
    pub pm_mm: f64,
}

/// What a lesion measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Voxels of the mask.
    pub voxels: usize,
    /// Voxel sum of the mask, mm³.
    pub volume_mm3: f64,
    /// Longest diameter in an axial slice.
    pub long: Axis,
    /// Longest chord perpendicular to it on the same slice.
    pub short: Axis,
    /// The slice (k) on which both lie.
    pub slice: usize,
    /// Largest diameter in three dimensions, mm.
    pub max_3d_diameter_mm: f64,
    /// Mean position of the mask.
    pub centroid: Lps,
    /// Mean HU inside; padding left out.
    pub mean_hu: f64,
    /// What was doubtful.
    pub findings: Vec<Finding>,
}

/// Why there is no segmentation.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SegmentError {
    /// Outside of the scan.
    #[error("the point {0:?} lies outside of the scan")]
    Outside(Lps),
    /// No 3 × 3 × 3 median above −800 HU within 5 mm, or outside of the body.
    #[error("the point {0:?} lies in air; click inside the lesion")]
    InAir(Lps),
    /// Nothing was found that could be a lesion.
    #[error("no lesion was found at {0:?}; draw a stroke over its longest diameter")]
    Nothing(Lps),
    /// Asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
