//! Version 1 of the file, as types of their own: the program's types may change, these may not.

use super::PlanFileError;
use crate::ct::{Arg, Finding, Where};
use crate::lesion::{Axis, Gesture};
use crate::needle;
use crate::plan::model::{self, Answer, CtBinding, Measured, Plan, PlannedNeedle, SiteSource};
use crate::plan::packed::PackedMask;
use crate::space::{Grid, Lps};
use crate::terms::{Code, Pose, Severity, Site};
use glam::{DMat3, DVec3};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Voxels along one axis that a grid may claim (choice: four times the largest CT matrix in use).
const MAX_AXIS: usize = 8192;
/// Findings of one lesion, and values of one finding.
const MAX_FINDINGS: usize = 200;

#[derive(Serialize, Deserialize)]
pub(super) struct File {
    format: String,
    version: u64,
    #[serde(default)]
    software: String,
    #[serde(default)]
    use_for: String,
    pub(super) ct: Ct,
    #[serde(default)]
    sample: bool,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    reader: String,
    pose: Pose,
    margin_mm: f64,
    lesions: Vec<Lesion>,
    needles: Vec<Needle>,
    #[serde(default)]
    answers: BTreeMap<String, YesOrNumber>,
    #[serde(default)]
    notes: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Ct {
    series_uid: String,
    #[serde(default)]
    study_uid: String,
    #[serde(default)]
    frame_of_reference_uid: String,
    hash: String,
    #[serde(default)]
    volume: Option<String>,
    size: [usize; 3],
    spacing_mm: [f64; 3],
    origin_lps_mm: Lps,
    /// Row-major; columns are the axes.
    direction: [[f64; 3]; 3],
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    pub(super) place: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Lesion {
    tracking_uid: String,
    site: Site,
    site_source: Source,
    outline: Outline,
    #[serde(default)]
    by_reader: Option<ReaderAxes>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Source {
    Guessed,
    Given,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Outline {
    gesture: Hand,
    method: String,
    #[serde(default)]
    software: String,
    #[serde(default)]
    level_hu: Option<f64>,
    accepted_at: String,
    long_axis: Diameter,
    short_axis: Diameter,
    slice: usize,
    #[serde(default)]
    sop_instance_uid: Option<String>,
    voxels: usize,
    volume_mm3: f64,
    max_3d_diameter_mm: f64,
    centroid_lps_mm: Lps,
    mean_hu: f64,
    #[serde(default)]
    findings: Vec<Found>,
    /// Size of the grid of `runs`.
    size: [usize; 3],
    /// `gap length gap length …` over the voxels, i fastest, then j, then k.
    runs: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Hand {
    Click(Lps),
    Stroke(Lps, Lps),
}

#[derive(Serialize, Deserialize)]
struct Diameter {
    mm: f64,
    pm_mm: f64,
    ends_lps_mm: [Lps; 2],
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReaderAxes {
    long_axis: Diameter,
    short_axis: Diameter,
    slice: usize,
    #[serde(default)]
    sop_instance_uid: Option<String>,
    #[serde(default)]
    reader: String,
    measured_at: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Needle {
    model: String,
    entry_lps_mm: Lps,
    tip_lps_mm: Lps,
    pose: Pose,
    lesion: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum YesOrNumber {
    Yes(bool),
    Number(f64),
}

#[derive(Serialize, Deserialize)]
struct Found {
    code: Code,
    severity: Severity,
    #[serde(default)]
    values: Vec<(String, FoundValue)>,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    slices: Option<(usize, usize)>,
    #[serde(default)]
    lps_mm: Option<Lps>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FoundValue {
    Text(String),
    Number(f64, usize),
    Word(String),
}

impl File {
    pub(super) fn of(plan: &Plan) -> File {
        File {
            format: super::FORMAT.to_string(),
            version: super::VERSION,
            software: env!("CARGO_PKG_VERSION").to_string(),
            use_for: "research only, not for clinical decisions".to_string(),
            ct: Ct::of(&plan.ct),
            sample: plan.sample,
            subject: plan.subject.clone(),
            reader: plan.reader.clone(),
            pose: plan.pose,
            margin_mm: plan.margin_mm,
            lesions: plan.lesions.iter().map(Lesion::of).collect(),
            needles: plan.needles.iter().map(Needle::of).collect(),
            answers: plan.answers.iter().map(|(rule, a)| (rule.clone(), YesOrNumber::of(a))).collect(),
            notes: plan.notes.clone(),
        }
    }

    pub(super) fn into_plan(self) -> Result<Plan, PlanFileError> {
        Ok(Plan {
            ct: self.ct.into_binding()?,
            sample: self.sample,
            subject: self.subject,
            reader: self.reader,
            pose: self.pose,
            margin_mm: self.margin_mm,
            lesions: self.lesions.into_iter().map(Lesion::into_lesion).collect::<Result<_, _>>()?,
            needles: self.needles.into_iter().map(Needle::into_needle).collect(),
            answers: self.answers.into_iter().map(|(rule, a)| (rule, a.into_answer())).collect(),
            notes: self.notes,
        })
    }
}

fn damaged<T>(what: &str) -> Result<T, PlanFileError> {
    Err(PlanFileError::Damaged { what: what.to_string() })
}

impl Ct {
    fn of(ct: &CtBinding) -> Ct {
        let axes = ct.grid.axes;
        Ct {
            series_uid: ct.series_uid.clone(),
            study_uid: ct.study_uid.clone(),
            frame_of_reference_uid: ct.frame_of_reference_uid.clone(),
            hash: ct.hash.clone(),
            volume: ct.volume.clone(),
            size: ct.grid.size,
            spacing_mm: ct.grid.spacing.to_array(),
            origin_lps_mm: ct.grid.origin,
            direction: [0, 1, 2].map(|row| axes.row(row).to_array()),
            date: ct.date.clone(),
            place: None,
        }
    }

    fn into_binding(self) -> Result<CtBinding, PlanFileError> {
        let spacing = DVec3::from_array(self.spacing_mm);
        let axes = DMat3::from_cols_array_2d(&self.direction).transpose();
        if self.size.iter().any(|n| *n == 0 || *n > MAX_AXIS) {
            return damaged("the size of the CT");
        }
        if !(spacing.is_finite() && spacing.min_element() > 1e-3 && spacing.max_element() < 1e3) {
            return damaged("the spacing of the CT");
        }
        let orthonormal = axes.is_finite() && (axes.transpose() * axes).abs_diff_eq(DMat3::IDENTITY, 1e-3);
        if !orthonormal || !self.origin_lps_mm.is_finite() {
            return damaged("the direction of the CT");
        }
        Ok(CtBinding {
            series_uid: self.series_uid,
            study_uid: self.study_uid,
            frame_of_reference_uid: self.frame_of_reference_uid,
            hash: self.hash,
            volume: self.volume,
            grid: Grid { size: self.size, spacing, origin: self.origin_lps_mm, axes },
            date: self.date,
            place: None,
        })
    }
}

impl Lesion {
    pub(super) fn of(lesion: &model::Lesion) -> Lesion {
        Lesion {
            tracking_uid: lesion.tracking_uid.clone(),
            site: lesion.site,
            site_source: Source::of(lesion.site_source),
            outline: Outline::of(&lesion.outline),
            by_reader: lesion.by_reader.as_ref().map(ReaderAxes::of),
        }
    }

    pub(super) fn into_lesion(self) -> Result<model::Lesion, PlanFileError> {
        Ok(model::Lesion {
            tracking_uid: self.tracking_uid,
            site: self.site,
            site_source: self.site_source.into_source(),
            outline: self.outline.into_outline()?,
            by_reader: self.by_reader.map(ReaderAxes::into_axes),
        })
    }
}

impl Source {
    pub(super) fn of(source: SiteSource) -> Source {
        match source {
            SiteSource::Guessed => Source::Guessed,
            SiteSource::Given => Source::Given,
        }
    }

    pub(super) fn into_source(self) -> SiteSource {
        match self {
            Source::Guessed => SiteSource::Guessed,
            Source::Given => SiteSource::Given,
        }
    }
}

impl Outline {
    pub(super) fn of(o: &model::Outline) -> Outline {
        let m = &o.measured;
        Outline {
            gesture: match o.gesture {
                Gesture::Click(p) => Hand::Click(p),
                Gesture::Stroke(a, b) => Hand::Stroke(a, b),
            },
            method: o.method.clone(),
            software: o.software.clone(),
            level_hu: o.level_hu,
            accepted_at: o.accepted_at.clone(),
            long_axis: Diameter::of(&m.long),
            short_axis: Diameter::of(&m.short),
            slice: m.slice,
            sop_instance_uid: m.sop_instance_uid.clone(),
            voxels: m.voxels,
            volume_mm3: m.volume_mm3,
            max_3d_diameter_mm: m.max_3d_diameter_mm,
            centroid_lps_mm: m.centroid,
            mean_hu: m.mean_hu,
            findings: o.findings.iter().map(Found::of).collect(),
            size: o.mask.size(),
            runs: o.mask.to_text(),
        }
    }

    pub(super) fn into_outline(self) -> Result<model::Outline, PlanFileError> {
        if self.findings.len() > MAX_FINDINGS || self.findings.iter().any(|f| f.values.len() > MAX_FINDINGS) {
            return damaged("too many findings");
        }
        if self.size.iter().any(|n| *n > MAX_AXIS) {
            return damaged("the size of an outline");
        }
        let mask = PackedMask::from_text(self.size, &self.runs)
            .map_err(|what| PlanFileError::Damaged { what: what.to_string() })?;
        Ok(model::Outline {
            gesture: match self.gesture {
                Hand::Click(p) => Gesture::Click(p),
                Hand::Stroke(a, b) => Gesture::Stroke(a, b),
            },
            mask,
            method: self.method,
            software: self.software,
            level_hu: self.level_hu,
            measured: Measured {
                long: self.long_axis.into_axis(),
                short: self.short_axis.into_axis(),
                slice: self.slice,
                sop_instance_uid: self.sop_instance_uid,
                voxels: self.voxels,
                volume_mm3: self.volume_mm3,
                max_3d_diameter_mm: self.max_3d_diameter_mm,
                centroid: self.centroid_lps_mm,
                mean_hu: self.mean_hu,
            },
            accepted_at: self.accepted_at,
            findings: self.findings.into_iter().map(Found::into_finding).collect(),
        })
    }
}

impl Diameter {
    fn of(axis: &Axis) -> Diameter {
        Diameter { mm: axis.mm, pm_mm: axis.pm_mm, ends_lps_mm: axis.ends }
    }

    fn into_axis(self) -> Axis {
        Axis { ends: self.ends_lps_mm, mm: self.mm, pm_mm: self.pm_mm }
    }
}

impl ReaderAxes {
    pub(super) fn of(r: &model::ReaderAxes) -> ReaderAxes {
        ReaderAxes {
            long_axis: Diameter::of(&r.long),
            short_axis: Diameter::of(&r.short),
            slice: r.slice,
            sop_instance_uid: r.sop_instance_uid.clone(),
            reader: r.reader.clone(),
            measured_at: r.measured_at.clone(),
        }
    }

    pub(super) fn into_axes(self) -> model::ReaderAxes {
        model::ReaderAxes {
            long: self.long_axis.into_axis(),
            short: self.short_axis.into_axis(),
            slice: self.slice,
            sop_instance_uid: self.sop_instance_uid,
            reader: self.reader,
            measured_at: self.measured_at,
        }
    }
}

impl Needle {
    pub(super) fn of(n: &PlannedNeedle) -> Needle {
        Needle {
            model: n.needle.model.clone(),
            entry_lps_mm: n.needle.entry,
            tip_lps_mm: n.needle.tip,
            pose: n.needle.pose,
            lesion: n.lesion.clone(),
        }
    }

    pub(super) fn into_needle(self) -> PlannedNeedle {
        PlannedNeedle {
            needle: needle::Needle {
                model: self.model,
                entry: self.entry_lps_mm,
                tip: self.tip_lps_mm,
                pose: self.pose,
            },
            lesion: self.lesion,
        }
    }
}

impl YesOrNumber {
    pub(super) fn of(answer: &Answer) -> YesOrNumber {
        match answer {
            Answer::Yes(yes) => YesOrNumber::Yes(*yes),
            Answer::Number(x) => YesOrNumber::Number(*x),
        }
    }

    pub(super) fn into_answer(self) -> Answer {
        match self {
            YesOrNumber::Yes(yes) => Answer::Yes(yes),
            YesOrNumber::Number(x) => Answer::Number(x),
        }
    }
}

impl Found {
    fn of(f: &Finding) -> Found {
        let value = |arg: &Arg| match arg {
            Arg::Text(s) => FoundValue::Text(s.clone()),
            Arg::Number(x, decimals) => FoundValue::Number(*x, *decimals),
            Arg::Word(key) => FoundValue::Word(key.clone()),
        };
        Found {
            code: f.code,
            severity: f.severity,
            values: f.args.iter().map(|(name, arg)| (name.to_string(), value(arg))).collect(),
            file: f.place.file.as_ref().map(|p| p.to_string_lossy().into_owned()),
            slices: f.place.slices,
            lps_mm: f.place.lps_mm,
        }
    }

    fn into_finding(self) -> Finding {
        let arg = |value| match value {
            FoundValue::Text(s) => Arg::Text(s),
            FoundValue::Number(x, decimals) => Arg::Number(x, decimals.min(9)),
            FoundValue::Word(key) => Arg::Word(key),
        };
        Finding {
            code: self.code,
            severity: self.severity,
            args: self.values.into_iter().map(|(name, value)| (name.into(), arg(value))).collect(),
            place: Where { file: self.file.map(Into::into), slices: self.slices, lps_mm: self.lps_mm },
        }
    }
}
