//! The structures that anatomy finds and rules speak of.

use serde::{Deserialize, Serialize};

/// A structure, with its label in `anatomy.nii.gz` and its stable name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Structure {
    /// The patient: everything inside the skin that has no more specific name.
    Body,
    /// The scanner's table and what lies on it.
    Table,
    /// The patient's left lung, vessels and airways within it included before labels are made disjoint.
    LeftLung,
    /// The patient's right lung.
    RightLung,
    /// Trachea and bronchi: the air in them.
    Airways,
    /// Vessels inside the lungs, 3 mm and more.
    LungVessels,
    /// Bone with its marrow, costal cartilage and sternum.
    Bone,
    /// The space between the lungs, one no-go region.
    Mediastinum,
    /// Everything under the diaphragm.
    BelowDiaphragm,
    /// The spinal canal.
    SpinalCanal,
    /// Contrast-filled vessels and heart chambers outside the lungs.
    ContrastVessels,
}

impl Structure {
    /// All structures, in the order of their labels.
    pub const ALL: [Structure; 11] = [
        Structure::Body,
        Structure::Table,
        Structure::LeftLung,
        Structure::RightLung,
        Structure::Airways,
        Structure::LungVessels,
        Structure::Bone,
        Structure::Mediastinum,
        Structure::BelowDiaphragm,
        Structure::SpinalCanal,
        Structure::ContrastVessels,
    ];

    /// The label in `anatomy.nii.gz`; 0 is outside of everything.
    pub fn label(self) -> u8 {
        self as u8 + 1
    }

    /// The structure of a label.
    pub fn from_label(label: u8) -> Option<Structure> {
        Self::ALL.into_iter().find(|s| s.label() == label)
    }

    /// The stable name, the same in every file and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Structure::Body => "body",
            Structure::Table => "table",
            Structure::LeftLung => "left lung",
            Structure::RightLung => "right lung",
            Structure::Airways => "airways",
            Structure::LungVessels => "lung vessels",
            Structure::Bone => "bone",
            Structure::Mediastinum => "mediastinum",
            Structure::BelowDiaphragm => "below diaphragm",
            Structure::SpinalCanal => "spinal canal",
            Structure::ContrastVessels => "contrast vessels",
        }
    }

    /// The key of its name in `words`: `structure-left-lung`, ….
    pub fn word(self) -> String {
        format!("structure-{}", self.name().replace(' ', "-"))
    }
}
