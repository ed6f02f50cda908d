//! A needle and what is said of it.

use crate::ct::Finding;
use crate::space::Lps;
use crate::terms::Pose;
use glam::DVec3;
use serde::{Deserialize, Serialize};

/// A planned needle: a straight shaft from the skin to the tip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Needle {
    /// The model's id in the catalogue (`assets/needles.toml`).
    pub model: String,
    /// Where it meets the skin.
    pub entry: Lps,
    /// Where its tip comes to lie.
    pub tip: Lps,
    /// How the patient lies for it.
    pub pose: Pose,
}

impl Needle {
    /// mm from skin to tip.
    pub fn depth_mm(&self) -> f64 {
        self.entry.distance(self.tip)
    }

    /// Unit direction from entry to tip; zero for a needle without length.
    pub fn direction(&self) -> DVec3 {
        (self.tip - self.entry).normalize_or_zero()
    }

    /// atan2(d · patient's left, d · down), degrees; `down` is the direction of gravity in the pose, LPS.
    pub fn in_plane_angle_deg(&self, down: DVec3) -> f64 {
        let d = self.direction();
        d.x.atan2(d.dot(down)).to_degrees()
    }

    /// asin(d · head), degrees: positive where the tip lies nearer to the head than the entry.
    pub fn craniocaudal_angle_deg(&self) -> f64 {
        self.direction().z.clamp(-1.0, 1.0).asin().to_degrees()
    }
}

/// How a rule came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Kept.
    Ok,
    /// Broken, and hard.
    Broken,
    /// Not kept, but only a warning here.
    Warning,
    /// Its structure was not seen.
    Unknown,
}

/// One rule held against a needle.
#[derive(Clone, Debug, PartialEq)]
pub struct Clearance {
    /// The rule's id in `assets/rules.toml`.
    pub rule: String,
    /// The structure's stable name, or what else the rule speaks of (`skin`, `shaft`).
    pub structure: String,
    /// Measured: mm between the shaft's surface and the structure's, or what the rule measures (degrees, mm of depth).
    /// `None` where the structure was not seen.
    pub measured: Option<f64>,
    /// Allowed: least or most, by rule.
    pub allowed: f64,
    /// How it came out.
    pub status: Status,
    /// Where the least distance is, on the shaft's axis.
    pub at: Option<Lps>,
}

/// A broken hard rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The rule's id.
    pub rule: String,
    /// The structure's stable name.
    pub structure: String,
    /// Measured.
    pub measured: f64,
    /// Allowed.
    pub allowed: f64,
    /// Where it is broken worst, on the shaft's axis.
    pub at: Lps,
    /// That place's distance from the entry, mm.
    pub depth_mm: f64,
}

/// Everything that the rules say of one needle; worst first.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Verdict {
    /// Every rule, worst first.
    pub clearances: Vec<Clearance>,
    /// The broken hard ones.
    pub violations: Vec<Violation>,
    /// mm from the skin to the pleura along the needle, if it meets a lung.
    pub pleura_depth_mm: Option<f64>,
    /// What must be said of it: broken, warning and unknown rules with their numbers, another pose than scanned, a needle
    /// whose data are not verified.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Whether no hard rule is broken.
    pub fn is_free(&self) -> bool {
        self.violations.is_empty()
    }
}
