//! What anatomy finds.

use crate::ct::Finding;
use crate::space::{Grid, LabelMap, Lps, Mask, Volume};
use crate::terms::Structure;

/// One structure that was found. Regions may overlap: the mediastinum holds contrast-filled vessels, a lung its vessels.
#[derive(Clone, Debug)]
pub struct Region {
    /// Which.
    pub structure: Structure,
    /// Its voxels, on the CT's grid.
    pub mask: Mask,
}

/// Landmarks that the table side of a plan is told from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Landmarks {
    /// Centre of the spinal canal, slice by slice (one per k where seen), from feet to head.
    pub canal: Vec<Lps>,
    /// The carina: where the trachea divides.
    pub carina: Option<Lps>,
}

/// What was found in a CT.
#[derive(Clone, Debug)]
pub struct Anatomy {
    /// The CT's grid.
    pub grid: Grid,
    /// The structures that were seen.
    pub regions: Vec<Region>,
    /// Landmarks.
    pub landmarks: Landmarks,
    /// Skin that is cut off by the field of view: voxels of the body at its edge. No entry is proposed there.
    pub skin_cut: Mask,
    /// Whether the scan shows contrast-filled vessels.
    pub contrast: bool,
    /// What was doubtful.
    pub findings: Vec<Finding>,
}

/// The version of the methods; stored with plans, and part of what derived values are keyed by.
pub const VERSION: &str = "1";

/// Which structure wins where regions overlap: the most specific first.
const PRIORITY: [Structure; 11] = [
    Structure::SpinalCanal,
    Structure::Bone,
    Structure::Airways,
    Structure::ContrastVessels,
    Structure::LungVessels,
    Structure::LeftLung,
    Structure::RightLung,
    Structure::Mediastinum,
    Structure::BelowDiaphragm,
    Structure::Body,
    Structure::Table,
];

impl Anatomy {
    /// The voxels of a structure; `None` if it was not seen.
    pub fn region(&self, structure: Structure) -> Option<&Mask> {
        self.regions.iter().find(|r| r.structure == structure).map(|r| &r.mask)
    }

    /// What lies at a point: of the regions there the most specific.
    pub fn structure_at(&self, p: Lps) -> Option<Structure> {
        PRIORITY.into_iter().find(|s| self.region(*s).is_some_and(|m| m.holds(p)))
    }

    /// The disjoint labels: where regions overlap the most specific wins; 0 is outside of everything.
    pub fn labels(&self) -> LabelMap {
        let mut labels = Volume::filled(self.grid, 0u8);
        for structure in PRIORITY.into_iter().rev() {
            if let Some(mask) = self.region(structure) {
                mask.for_each(|v| labels.data[mask.grid.offset(v)] = structure.label());
            }
        }
        labels
    }

    /// x of the sagittal plane through the spinal canal at height z, LPS mm; `None` if the canal was not seen. Below and
    /// above what was seen, the nearest.
    pub fn midline_x(&self, z: f64) -> Option<f64> {
        let nearest = self.landmarks.canal.iter().min_by(|a, b| (a.z - z).abs().total_cmp(&(b.z - z).abs()))?;
        Some(nearest.x)
    }
}
