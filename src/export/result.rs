//! What `lesion`, `anatomy`, `plan` and `check` print with `--json`, and what `result.json` holds, field by field
//! (`docs/cli.md`). Fields are added, never renamed. Positions in mm, LPS; not a number is `null`.

use super::scan::{FindingDocument, PickedDocument};
use crate::lesion::{Axis, Measurement};
use crate::needle::{self, Status, Verdict};
use crate::plan::{Lesion, Plan, PlannedNeedle};
use crate::space::Lps;
use crate::trial::{self, EligibilityStatus, RuleValue};
use glam::DVec3;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// A lesion.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LesionOut {
    /// Voxel sum of the mask that is written.
    pub volume_mm3: f64,
    /// Voxels of it.
    pub voxels: usize,
    /// Longest axial diameter, outer edge to outer edge.
    pub long_axis_mm: f64,
    /// Its ±: pixel, slice and geometry error.
    pub long_axis_pm_mm: f64,
    /// Longest perpendicular to it on that slice.
    pub short_axis_mm: f64,
    /// Its ±.
    pub short_axis_pm_mm: f64,
    /// Its ends.
    pub long_axis_lps_mm: [Lps; 2],
    /// Its ends.
    pub short_axis_lps_mm: [Lps; 2],
    /// The slice that both lie on; `null` for research volumes and interpolated slices.
    pub axial_sop_instance_uid: Option<String>,
    /// Largest diameter in three dimensions.
    pub max_3d_diameter_mm: f64,
    /// Mean position.
    pub centroid_lps_mm: Lps,
    /// Mean HU, padding left out.
    pub mean_hu: f64,
    /// How it was found, with version.
    pub method: String,
}

/// `lesion --json`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct LesionDocument {
    /// The lesion.
    pub lesion: LesionOut,
    /// What was doubtful.
    pub findings: Vec<FindingDocument>,
    /// Of the whole command.
    pub seconds: f64,
    /// Written files, relative to `--out`.
    pub files: Vec<String>,
    /// The picker's choice, where none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picked: Option<PickedDocument>,
}

/// A structure.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct StructureOut {
    /// Stable name.
    pub name: String,
    /// Label in `anatomy.nii.gz`.
    pub label: u8,
    /// Whether it was found.
    pub seen: bool,
    /// Volume of its label.
    pub volume_ml: f64,
    /// Voxels of its label.
    pub voxels: usize,
}

/// `anatomy --json`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct AnatomyDocument {
    /// Every structure, found or not.
    pub structures: Vec<StructureOut>,
    /// What was doubtful.
    pub findings: Vec<FindingDocument>,
    /// Of the whole command.
    pub seconds: f64,
    /// Written files, relative to `--out`.
    pub files: Vec<String>,
    /// The picker's choice, where none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picked: Option<PickedDocument>,
}

/// A target lesion of a plan.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PlanLesionOut {
    /// What it measures; the reader's diameters where there are any.
    #[serde(flatten)]
    pub measured: LesionOut,
    /// `automatic` or `reader`.
    pub measured_by: &'static str,
    /// `T01`, ….
    pub lesion_id: String,
    /// Who it is, for all time.
    pub tracking_uid: String,
    /// Where it sits.
    pub site: &'static str,
    /// `guessed` or `given`.
    pub site_source: &'static str,
    /// Whether the trial takes it.
    pub eligibility: EligibilityOut,
}

/// Whether the trial takes a lesion.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct EligibilityOut {
    /// The whole.
    pub status: EligibilityStatus,
    /// Each rule.
    pub rules: Vec<RuleOut>,
}

/// A rule of the trial.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct RuleOut {
    /// Stable id.
    pub id: String,
    /// How it came out.
    pub status: EligibilityStatus,
    /// Measured or answered; `null` if not known.
    pub measured: Option<RuleValue>,
    /// Allowed or required.
    pub limit: Option<RuleValue>,
    /// Why, as a stable code.
    pub why: &'static str,
}

/// A needle with what the rules say of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct NeedleOut {
    /// Tracking UID of its lesion.
    pub lesion: String,
    /// Model's id.
    pub model: String,
    /// Pose.
    pub pose: &'static str,
    /// On the skin.
    pub entry_lps_mm: Lps,
    /// The tip.
    pub tip_lps_mm: Lps,
    /// |tip − entry|.
    pub depth_mm: f64,
    /// mm from skin to pleura along it; `null` if it meets no lung.
    pub pleura_depth_mm: Option<f64>,
    /// atan2(d · patient's left, d · down in the pose).
    pub in_plane_angle_deg: f64,
    /// asin(d · head).
    pub craniocaudal_angle_deg: f64,
    /// Every rule, worst first.
    pub clearances: Vec<ClearanceOut>,
}

/// A rule held against a needle.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ClearanceOut {
    /// Stable id.
    pub rule: String,
    /// Structure's stable name.
    pub structure: String,
    /// Measured; `null` where the structure was not seen.
    pub distance_mm: Option<f64>,
    /// Allowed.
    pub allowed_mm: f64,
    /// `ok`, `broken`, `unknown`.
    pub status: &'static str,
    /// The rule only warns here, and is not kept.
    pub warns: bool,
}

/// Another needle that was found.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct AlternativeOut {
    /// Tracking UID of the lesion.
    pub lesion: String,
    /// The needle.
    pub needle: NeedleOut,
    /// What speaks for it, as a stable key.
    pub reason: String,
}

/// The predicted ice of all needles.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct IceOut {
    /// Its surfaces.
    pub isotherms: Vec<IsothermOut>,
    /// Whether the data behind it are verified against the maker's.
    pub verified: bool,
}

/// A surface of one temperature.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct IsothermOut {
    /// °C.
    pub celsius: f64,
    /// What it encloses.
    pub volume_ml: f64,
}

/// A value for each isotherm.
#[derive(Clone, Copy, Debug, PartialEq, Default, serde::Serialize)]
pub struct ByTemperature {
    /// 0 °C.
    #[serde(rename = "0")]
    pub zero: Option<f64>,
    /// −20 °C.
    #[serde(rename = "-20")]
    pub minus20: Option<f64>,
    /// −40 °C.
    #[serde(rename = "-40")]
    pub minus40: Option<f64>,
}

/// How a lesion is covered.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct CoverageOut {
    /// Tracking UID.
    pub lesion: String,
    /// 0..=1 of the lesion inside each surface.
    pub fraction_inside: ByTemperature,
    /// Least distance from the lesion's surface out to the isotherm; negative where the lesion sticks out.
    pub least_margin_mm: ByTemperature,
}

/// A broken hard needle rule.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ViolationOut {
    /// The needle's number, from 1, in `needles`.
    pub needle: usize,
    /// Rule.
    pub rule: String,
    /// Structure.
    pub structure: String,
    /// Measured.
    pub distance_mm: f64,
    /// Allowed.
    pub allowed_mm: f64,
    /// Where.
    pub at_lps_mm: Lps,
    /// That place's distance from the entry.
    pub depth_mm: f64,
}

/// Seconds by stage, in the order of the work.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Stages(pub Vec<(String, f64)>);

impl Serialize for Stages {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (stage, seconds) in &self.0 {
            map.serialize_entry(stage, seconds)?;
        }
        map.end()
    }
}

/// `plan --json`, and `result.json`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PlanDocument {
    /// The series planned on.
    pub series_uid: String,
    /// Whether it is the synthetic sample.
    pub sample: bool,
    /// Target lesions.
    pub lesions: Vec<PlanLesionOut>,
    /// Needles.
    pub needles: Vec<NeedleOut>,
    /// Others that were found.
    pub alternatives: Vec<AlternativeOut>,
    /// Predicted ice.
    pub ice: IceOut,
    /// Per lesion.
    pub coverage: Vec<CoverageOut>,
    /// Broken hard needle rules.
    pub violations: Vec<ViolationOut>,
    /// Everything else that is doubtful.
    pub findings: Vec<FindingDocument>,
    /// By stage.
    pub seconds: Stages,
    /// Written files, relative to `--out`.
    pub files: Vec<String>,
    /// The picker's choice, where none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picked: Option<PickedDocument>,
}

/// `check --json`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct CheckDocument {
    /// Needles, judged again.
    pub needles: Vec<NeedleOut>,
    /// Coverage, computed again.
    pub coverage: Vec<CoverageOut>,
    /// Broken hard needle rules.
    pub violations: Vec<ViolationOut>,
    /// What is doubtful.
    pub findings: Vec<FindingDocument>,
    /// What differs from the saved values.
    pub differences: Vec<DifferenceOut>,
}

/// A saved value that is another one now.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct DifferenceOut {
    /// Tracking UID of the lesion that it is of.
    pub lesion: String,
    /// Which value: the name of its field.
    pub what: String,
    /// As saved.
    pub saved: f64,
    /// As computed now.
    pub now: f64,
}

impl LesionOut {
    /// Of a fresh measurement.
    pub fn of(m: &Measurement, axial_sop_instance_uid: Option<&str>, method: &str) -> LesionOut {
        let mut out = LesionOut {
            volume_mm3: m.volume_mm3,
            voxels: m.voxels,
            long_axis_mm: 0.0,
            long_axis_pm_mm: 0.0,
            short_axis_mm: 0.0,
            short_axis_pm_mm: 0.0,
            long_axis_lps_mm: m.long.ends,
            short_axis_lps_mm: m.short.ends,
            axial_sop_instance_uid: axial_sop_instance_uid.map(str::to_string),
            max_3d_diameter_mm: m.max_3d_diameter_mm,
            centroid_lps_mm: m.centroid,
            mean_hu: m.mean_hu,
            method: method.to_string(),
        };
        out.take_axes(&m.long, &m.short);
        out
    }

    fn take_axes(&mut self, long: &Axis, short: &Axis) {
        (self.long_axis_mm, self.long_axis_pm_mm, self.long_axis_lps_mm) = (long.mm, long.pm_mm, long.ends);
        (self.short_axis_mm, self.short_axis_pm_mm, self.short_axis_lps_mm) = (short.mm, short.pm_mm, short.ends);
    }
}

impl PlanLesionOut {
    /// The lesion at place `at` of a plan.
    pub fn of(lesion: &Lesion, at: usize, eligibility: &trial::Eligibility) -> PlanLesionOut {
        let (m, axes) = (&lesion.outline.measured, lesion.axes());
        let mut measured = LesionOut {
            volume_mm3: m.volume_mm3,
            voxels: m.voxels,
            long_axis_mm: 0.0,
            long_axis_pm_mm: 0.0,
            short_axis_mm: 0.0,
            short_axis_pm_mm: 0.0,
            long_axis_lps_mm: axes.long.ends,
            short_axis_lps_mm: axes.short.ends,
            axial_sop_instance_uid: axes.sop_instance_uid.map(str::to_string),
            max_3d_diameter_mm: m.max_3d_diameter_mm,
            centroid_lps_mm: m.centroid,
            mean_hu: m.mean_hu,
            method: lesion.outline.method.clone(),
        };
        measured.take_axes(&axes.long, &axes.short);
        PlanLesionOut {
            measured,
            measured_by: if axes.by_reader { "reader" } else { "automatic" },
            lesion_id: Plan::lesion_id(at),
            tracking_uid: lesion.tracking_uid.clone(),
            site: lesion.site.name(),
            site_source: lesion.site_source.name(),
            eligibility: EligibilityOut::of(eligibility),
        }
    }
}

impl EligibilityOut {
    /// An eligibility.
    pub fn of(eligibility: &trial::Eligibility) -> EligibilityOut {
        let rule = |o: &trial::Outcome| RuleOut {
            id: o.rule.clone(),
            status: o.status,
            measured: o.measured,
            limit: o.limit,
            why: o.why.name(),
        };
        EligibilityOut { status: eligibility.status, rules: eligibility.rules.iter().map(rule).collect() }
    }
}

impl NeedleOut {
    /// A needle with its verdict; `down` is the direction of gravity in its pose, LPS.
    pub fn of(planned: &PlannedNeedle, verdict: &Verdict, down: DVec3) -> NeedleOut {
        let n = &planned.needle;
        NeedleOut {
            lesion: planned.lesion.clone(),
            model: n.model.clone(),
            pose: n.pose.name(),
            entry_lps_mm: n.entry,
            tip_lps_mm: n.tip,
            depth_mm: n.depth_mm(),
            pleura_depth_mm: verdict.pleura_depth_mm,
            in_plane_angle_deg: n.in_plane_angle_deg(down),
            craniocaudal_angle_deg: n.craniocaudal_angle_deg(),
            clearances: verdict.clearances.iter().map(ClearanceOut::of).collect(),
        }
    }
}

impl ClearanceOut {
    fn of(c: &needle::Clearance) -> ClearanceOut {
        ClearanceOut {
            rule: c.rule.clone(),
            structure: c.structure.clone(),
            distance_mm: c.measured,
            allowed_mm: c.allowed,
            status: match c.status {
                Status::Ok | Status::Warning => "ok",
                Status::Broken => "broken",
                Status::Unknown => "unknown",
            },
            warns: c.status == Status::Warning,
        }
    }
}

impl ViolationOut {
    /// A violation of the needle with that number, from 1.
    pub fn of(needle: usize, v: &needle::Violation) -> ViolationOut {
        ViolationOut {
            needle,
            rule: v.rule.clone(),
            structure: v.structure.clone(),
            distance_mm: v.measured,
            allowed_mm: v.allowed,
            at_lps_mm: v.at,
            depth_mm: v.depth_mm,
        }
    }
}

/// A document as it is printed and written: indented JSON with a line end.
pub fn to_json(document: &impl serde::Serialize) -> String {
    // The documents hold strings, numbers, lists and string keys only: nothing that JSON could not say.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
