//! The digital chests that there are.

use crate::terms::{Pose, Site};

/// A digital chest that can be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its stable name on the command line.
    pub id: &'static str,
    /// How the patient lies on the table: supine or prone.
    pub pose: Pose,
    /// Whether vessels are filled with contrast.
    pub contrast: bool,
    /// Columns, rows, slices.
    pub size: [usize; 3],
    /// mm between columns, rows, slices.
    pub spacing_mm: [f64; 3],
    /// Seed of noise, of the trees' chance and of the UIDs.
    pub seed: u64,
    /// Its lesions; at most three.
    pub lesions: &'static [LesionSpec],
}

/// A lesion as it is built: an ellipsoid, smooth or lobulated.
#[derive(Clone, Debug, PartialEq)]
pub struct LesionSpec {
    /// Centre in the body's frame (x left, y back, z head; 0 at the carina), mm.
    pub centre_mm: [f64; 3],
    /// Half axes, mm; the first two are turned in the axial plane.
    pub half_mm: [f64; 3],
    /// Turn of the first axis from the patient's left towards the back, degrees.
    pub turn_degrees: f64,
    /// How far the surface goes in and out, as a share of the radius; 0 is an exact ellipsoid.
    pub lobulation: f64,
    /// Where it sits, in the trial's terms.
    pub site: Site,
}

impl Case {
    /// The key of its name in `words`.
    pub fn word(&self) -> String {
        format!("phantom-{}", self.id)
    }

    /// The key of what it teaches in `words`.
    pub fn teaches_word(&self) -> String {
        format!("phantom-{}-teaches", self.id)
    }

    /// The case of that name.
    pub fn by_id(id: &str) -> Option<&'static Case> {
        cases().iter().find(|c| c.id == id)
    }
}

const SIZE: [usize; 3] = [320, 320, 160];
const SPACING_MM: [f64; 3] = [1.1, 1.1, 2.0];

const NODULE: &[LesionSpec] = &[LesionSpec {
    centre_mm: [-74.0, 46.0, -62.0],
    half_mm: [7.5, 6.5, 7.0],
    turn_degrees: 30.0,
    lobulation: 0.0,
    site: Site::Lung,
}];

const PLEURAL: &[LesionSpec] = &[LesionSpec {
    centre_mm: [106.0, 40.0, -48.0],
    half_mm: [17.0, 13.0, 14.0],
    turn_degrees: 115.0,
    lobulation: 0.10,
    site: Site::Pleura,
}];

const HEART: &[LesionSpec] = &[LesionSpec {
    centre_mm: [84.0, 6.0, -84.0],
    half_mm: [12.0, 10.5, 11.5],
    turn_degrees: -20.0,
    lobulation: 0.05,
    site: Site::Lung,
}];

const CASES: &[Case] = &[
    Case {
        id: "nodule",
        pose: Pose::Supine,
        contrast: false,
        size: SIZE,
        spacing_mm: SPACING_MM,
        seed: 1,
        lesions: NODULE,
    },
    Case {
        id: "pleural",
        pose: Pose::Supine,
        contrast: false,
        size: SIZE,
        spacing_mm: SPACING_MM,
        seed: 2,
        lesions: PLEURAL,
    },
    Case {
        id: "heart",
        pose: Pose::Supine,
        contrast: true,
        size: SIZE,
        spacing_mm: SPACING_MM,
        seed: 3,
        lesions: HEART,
    },
    Case {
        id: "prone",
        pose: Pose::Prone,
        contrast: false,
        size: SIZE,
        spacing_mm: SPACING_MM,
        seed: 4,
        lesions: NODULE,
    },
];

/// All cases, in the order in which they are listed.
pub fn cases() -> &'static [Case] {
    CASES
}
