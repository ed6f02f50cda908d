//! The vocabulary of the whole house: structures, sites, sides, poses, findings' codes, each with its stable name.
//!
//! Names are what files, JSON and the command line say; they never change. What a person reads comes from `words`.

mod code;
mod structure;

pub use code::{Code, Severity};
pub use structure::Structure;

use serde::{Deserialize, Serialize};

/// Where a target lesion sits, in the trial's terms (the trial's application, inclusion criteria: 肺, 縦隔, 胸膜, 胸壁).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Site {
    /// Lung parenchyma.
    Lung,
    /// Mediastinum, between the lungs.
    Mediastinum,
    /// Pleura.
    Pleura,
    /// Chest wall.
    ChestWall,
}

impl Site {
    /// All sites in the order in which they are offered.
    pub const ALL: [Site; 4] = [Site::Lung, Site::Mediastinum, Site::Pleura, Site::ChestWall];

    /// The stable name: `lung`, `mediastinum`, `pleura`, `chest-wall`.
    pub fn name(self) -> &'static str {
        match self {
            Site::Lung => "lung",
            Site::Mediastinum => "mediastinum",
            Site::Pleura => "pleura",
            Site::ChestWall => "chest-wall",
        }
    }

    /// The site of that stable name.
    pub fn from_name(name: &str) -> Option<Site> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// The patient's own side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The patient's right.
    Right,
    /// The patient's left.
    Left,
}

impl Side {
    /// The stable name: `right`, `left`.
    pub fn name(self) -> &'static str {
        match self {
            Side::Right => "right",
            Side::Left => "left",
        }
    }
}

/// How the patient lies for the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pose {
    /// As on the planning CT, whatever that was.
    AsScanned,
    /// On the back.
    Supine,
    /// On the belly.
    Prone,
    /// On the left side.
    LeftDecubitus,
    /// On the right side.
    RightDecubitus,
}

impl Pose {
    /// All poses in the order in which they are offered.
    pub const ALL: [Pose; 5] = [Pose::AsScanned, Pose::Supine, Pose::Prone, Pose::LeftDecubitus, Pose::RightDecubitus];

    /// The stable name: `as-scanned`, `supine`, `prone`, `left-decubitus`, `right-decubitus`.
    pub fn name(self) -> &'static str {
        match self {
            Pose::AsScanned => "as-scanned",
            Pose::Supine => "supine",
            Pose::Prone => "prone",
            Pose::LeftDecubitus => "left-decubitus",
            Pose::RightDecubitus => "right-decubitus",
        }
    }

    /// The pose of that stable name.
    pub fn from_name(name: &str) -> Option<Pose> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    /// The pose that DICOM's Patient Position (0018,5100) tells, if it is one of the eight (PS3.3 C.7.3.1.1.2):
    /// S supine, P prone, DR right side down, DL left side down.
    pub fn from_patient_position(position: &str) -> Option<Pose> {
        match position.trim().get(2..)? {
            "S" => Some(Pose::Supine),
            "P" => Some(Pose::Prone),
            "DR" => Some(Pose::RightDecubitus),
            "DL" => Some(Pose::LeftDecubitus),
            _ => None,
        }
    }
}
