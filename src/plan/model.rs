//! What is decided.

use super::edit::EditError;
use super::packed::PackedMask;
use crate::ct::{Ct, Finding};
use crate::lesion::{Axis, Gesture, Measurement, Segmentation};
use crate::needle::Needle;
use crate::space::{Grid, Lps, Mask};
use crate::terms::{Pose, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Target lesions of one plan (the trial: at most three).
pub const MAX_LESIONS: usize = 3;
/// Needles of one plan (choice: more than any cryosurgical unit drives at once on a chest).
pub const MAX_NEEDLES: usize = 24;

/// The one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The CT that it was made on.
    pub ct: CtBinding,
    /// Whether that is the synthetic sample.
    pub sample: bool,
    /// The subject's id in the trial; empty if not given. Never from the DICOM header.
    pub subject: String,
    /// Who reads; empty if not given.
    pub reader: String,
    /// How the patient will lie, for new needles.
    pub pose: Pose,
    /// Margin asked for around each lesion at −20 °C, mm.
    pub margin_mm: f64,
    /// Target lesions, T01 first.
    pub lesions: Vec<Lesion>,
    /// Needles, number 1 first.
    pub needles: Vec<PlannedNeedle>,
    /// Answers to the trial's questions: rule id → answer.
    pub answers: BTreeMap<String, Answer>,
    /// Anything else worth writing down.
    pub notes: String,
}

/// What binds a plan to its CT.
#[derive(Clone, Debug, PartialEq)]
pub struct CtBinding {
    /// Series Instance UID; empty for research input.
    pub series_uid: String,
    /// Study Instance UID; empty for research input.
    pub study_uid: String,
    /// Frame of Reference UID; empty if absent.
    pub frame_of_reference_uid: String,
    /// The CT's hash.
    pub hash: String,
    /// Which volume of the path it was, as `--series` takes it; `None` where there was no choice.
    pub volume: Option<String>,
    /// The CT's grid, that masks and slices refer to.
    pub grid: Grid,
    /// When it was taken, YYYY-MM-DD.
    pub date: Option<String>,
    /// Where it lay. In the file relative to the plan.
    pub place: Option<PathBuf>,
}

/// The CT is not the plan's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plan belongs to another CT: {what} differs; open the plan with its own CT")]
pub struct OtherCt {
    /// What differs: `the image`, `the series UID`, ….
    pub what: &'static str,
}

impl OtherCt {
    /// The key of what differs in `words`.
    pub fn word(&self) -> String {
        what_word(self.what)
    }
}

/// The key of a thing that an error names: `what-the-image`, `what-margin`, ….
pub(super) fn what_word(what: &str) -> String {
    format!("what-{}", what.replace(' ', "-").to_lowercase())
}

/// One target lesion.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesion {
    /// Who it is, for all time: see [`super::tracking_uid`].
    pub tracking_uid: String,
    /// Where it sits.
    pub site: Site,
    /// Who says so.
    pub site_source: SiteSource,
    /// The outline that was accepted, with what it measures.
    pub outline: Outline,
    /// The diameters as a reader drew them; these count then.
    pub by_reader: Option<ReaderAxes>,
}

/// Who says where a lesion sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteSource {
    /// The program, from the picture.
    Guessed,
    /// A person.
    Given,
}

impl SiteSource {
    /// The stable name: `guessed`, `given`.
    pub fn name(self) -> &'static str {
        match self {
            SiteSource::Guessed => "guessed",
            SiteSource::Given => "given",
        }
    }
}

/// An accepted outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// What the hand did.
    pub gesture: Gesture,
    /// Its voxels on the CT's grid.
    pub mask: PackedMask,
    /// How it was found: name and version of the method.
    pub method: String,
    /// Version of the program that found it.
    pub software: String,
    /// HU level of the outline where it borders on air.
    pub level_hu: Option<f64>,
    /// What it measures.
    pub measured: Measured,
    /// When it was accepted, ISO 8601.
    pub accepted_at: String,
    /// What was doubtful about it.
    pub findings: Vec<Finding>,
}

/// What an outline measures, as accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Longest diameter in an axial slice.
    pub long: Axis,
    /// Longest perpendicular to it on that slice.
    pub short: Axis,
    /// That slice, k.
    pub slice: usize,
    /// That slice's SOP Instance UID, if it is one slice's own pixels.
    pub sop_instance_uid: Option<String>,
    /// Voxels.
    pub voxels: usize,
    /// mm³.
    pub volume_mm3: f64,
    /// Largest diameter in three dimensions, mm.
    pub max_3d_diameter_mm: f64,
    /// Mean position.
    pub centroid: Lps,
    /// Mean HU, padding left out.
    pub mean_hu: f64,
}

/// Diameters drawn by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct ReaderAxes {
    /// Longest diameter.
    pub long: Axis,
    /// The perpendicular one.
    pub short: Axis,
    /// The slice (k) on which they were drawn.
    pub slice: usize,
    /// That slice's SOP Instance UID, if it is one slice's own pixels.
    pub sop_instance_uid: Option<String>,
    /// Who drew them; empty if not given.
    pub reader: String,
    /// When, ISO 8601.
    pub measured_at: String,
}

/// The diameters that count: the reader's where there are any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UsedAxes<'a> {
    /// Longest diameter.
    pub long: Axis,
    /// The perpendicular one.
    pub short: Axis,
    /// The slice, k.
    pub slice: usize,
    /// That slice's SOP Instance UID.
    pub sop_instance_uid: Option<&'a str>,
    /// Whether a reader drew them.
    pub by_reader: bool,
    /// When, ISO 8601.
    pub measured_at: &'a str,
}

/// A needle and the lesion that it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedNeedle {
    /// Model, entry, tip, pose.
    pub needle: Needle,
    /// Tracking UID of the lesion.
    pub lesion: String,
}

/// The answer to a question of the trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// Yes or no.
    Yes(bool),
    /// A number: age in full years, performance status.
    Number(f64),
}

impl CtBinding {
    /// The binding of a CT that was opened from `place`, as the volume that `--series` calls `volume`.
    pub fn of(ct: &Ct, volume: Option<String>, place: Option<PathBuf>) -> CtBinding {
        CtBinding {
            series_uid: ct.identity.series_uid.clone(),
            study_uid: ct.identity.study_uid.clone(),
            frame_of_reference_uid: ct.identity.frame_of_reference_uid.clone(),
            hash: ct.identity.hash.clone(),
            volume,
            grid: ct.hu.grid,
            date: ct.acquisition.date.clone(),
            // Told from the plan's folder later: it must not depend on where the program was started.
            place: place.map(|p| std::path::absolute(&p).unwrap_or(p)),
        }
    }

    /// Whether `ct` is the plan's.
    ///
    /// # Errors
    /// [`OtherCt`] names the first thing that differs.
    pub fn check(&self, ct: &Ct) -> Result<(), OtherCt> {
        let id = &ct.identity;
        let differs = |what| Err(OtherCt { what });
        if self.series_uid != id.series_uid {
            return differs("the series UID");
        }
        if self.frame_of_reference_uid != id.frame_of_reference_uid {
            return differs("the frame of reference");
        }
        if self.hash != id.hash {
            return differs("the image");
        }
        let (a, b) = (&self.grid, &ct.hu.grid);
        // The file keeps every bit of a number, so that this is a margin for other loaders of the same series only.
        let near = a.size == b.size
            && (a.spacing - b.spacing).abs().max_element() < 1e-4
            && a.origin.distance(b.origin) < 1e-2
            && (0..3).all(|n| (a.axes.col(n) - b.axes.col(n)).abs().max_element() < 1e-5);
        if near { Ok(()) } else { differs("the place of the slices") }
    }
}

impl Outline {
    /// The outline that `segmentation` gave for `gesture`, measured on `ct`.
    pub fn accepted(
        ct: &Ct,
        gesture: Gesture,
        segmentation: &Segmentation,
        measurement: &Measurement,
        at: &str,
    ) -> Outline {
        let mut findings = segmentation.findings.clone();
        findings.extend(measurement.findings.iter().cloned());
        Outline {
            gesture,
            mask: PackedMask::pack(&segmentation.mask),
            method: segmentation.method.clone(),
            software: env!("CARGO_PKG_VERSION").to_string(),
            level_hu: segmentation.level_hu,
            measured: Measured {
                long: measurement.long,
                short: measurement.short,
                slice: measurement.slice,
                sop_instance_uid: ct.sop_instance_uid(measurement.slice).map(str::to_string),
                voxels: measurement.voxels,
                volume_mm3: measurement.volume_mm3,
                max_3d_diameter_mm: measurement.max_3d_diameter_mm,
                centroid: measurement.centroid,
                mean_hu: measurement.mean_hu,
            },
            accepted_at: at.to_string(),
            findings,
        }
    }
}

impl Lesion {
    /// The diameters that count.
    pub fn axes(&self) -> UsedAxes<'_> {
        match &self.by_reader {
            Some(r) => UsedAxes {
                long: r.long,
                short: r.short,
                slice: r.slice,
                sop_instance_uid: r.sop_instance_uid.as_deref(),
                by_reader: true,
                measured_at: &r.measured_at,
            },
            None => UsedAxes {
                long: self.outline.measured.long,
                short: self.outline.measured.short,
                slice: self.outline.measured.slice,
                sop_instance_uid: self.outline.measured.sop_instance_uid.as_deref(),
                by_reader: false,
                measured_at: &self.outline.accepted_at,
            },
        }
    }

    /// Its voxels on the grid of its CT; `None` if the grid is not that of the plan.
    pub fn mask(&self, grid: Grid) -> Option<Mask> {
        self.outline.mask.unpack(grid)
    }
}

impl Plan {
    /// A plan without decisions: as scanned, 5 mm at −20 °C (choice: the usual aim).
    pub fn new(ct: CtBinding, sample: bool) -> Plan {
        Plan {
            ct,
            sample,
            subject: String::new(),
            reader: String::new(),
            pose: Pose::AsScanned,
            margin_mm: 5.0,
            lesions: Vec::new(),
            needles: Vec::new(),
            answers: BTreeMap::new(),
            notes: String::new(),
        }
    }

    /// The lesion of that tracking UID, with its place in the list.
    pub fn lesion(&self, tracking_uid: &str) -> Option<(usize, &Lesion)> {
        self.lesions.iter().enumerate().find(|(_, l)| l.tracking_uid == tracking_uid)
    }

    /// The name of the lesion at a place in the list: `T01`, `T02`, ….
    pub fn lesion_id(at: usize) -> String {
        format!("T{:02}", at + 1)
    }

    /// The needles of a lesion, with their places in the list.
    pub fn needles_of<'a>(&'a self, tracking_uid: &'a str) -> impl Iterator<Item = (usize, &'a PlannedNeedle)> {
        self.needles.iter().enumerate().filter(move |(_, n)| n.lesion == tracking_uid)
    }

    /// A tracking UID for a lesion added at `time` that no lesion of the plan has.
    pub fn new_tracking_uid(&self, time: &str) -> String {
        let mut ordinal = self.lesions.len() + 1;
        loop {
            let uid = super::tracking_uid(&self.ct.hash, time, ordinal);
            if self.lesion(&uid).is_none() {
                return uid;
            }
            ordinal += 1;
        }
    }

    /// Whether everything in it is possible: held after every edit and after reading a file.
    pub(super) fn check(&self) -> Result<(), EditError> {
        let value = |what| Err(EditError::Value { what });
        if !(0.0..=30.0).contains(&self.margin_mm) {
            return value("margin");
        }
        let texts = [(&self.subject, 64, "subject id"), (&self.reader, 128, "reader"), (&self.notes, 100_000, "notes")];
        if let Some((_, _, what)) = texts.into_iter().find(|(text, most, _)| text.chars().count() > *most) {
            return value(what);
        }
        if self.lesions.len() > MAX_LESIONS {
            return Err(EditError::TooManyLesions);
        }
        if self.needles.len() > MAX_NEEDLES {
            return value("number of needles");
        }
        let mut uids = BTreeSet::new();
        for lesion in &self.lesions {
            if lesion.tracking_uid.is_empty() || !uids.insert(&lesion.tracking_uid) {
                return value("tracking UID");
            }
            lesion.check(&self.ct.grid)?;
        }
        for n in &self.needles {
            if !uids.contains(&n.lesion) {
                return Err(EditError::NoLesion);
            }
            let placed = n.needle.entry.is_finite() && n.needle.tip.is_finite();
            if !placed || n.needle.depth_mm() > 1000.0 || n.needle.depth_mm() <= 0.0 {
                return value("needle");
            }
            if n.needle.model.is_empty() || n.needle.model.len() > 64 {
                return value("needle model");
            }
        }
        let odd = |(rule, answer): (&String, &Answer)| {
            rule.len() > 64 || matches!(answer, Answer::Number(x) if !x.is_finite() || x.abs() > 1e6)
        };
        if self.answers.len() > 500 || self.answers.iter().any(odd) {
            return value("answer");
        }
        Ok(())
    }
}

impl Lesion {
    fn check(&self, grid: &Grid) -> Result<(), EditError> {
        let value = |what| Err(EditError::Value { what });
        if self.outline.mask.size() != grid.size || self.outline.mask.count() == 0 {
            return Err(EditError::Mask);
        }
        let axis = |a: &Axis| a.ends.iter().all(|p| p.is_finite()) && a.mm.is_finite() && a.mm >= 0.0 && a.pm_mm >= 0.0;
        let m = &self.outline.measured;
        let finite = [m.volume_mm3, m.max_3d_diameter_mm, m.mean_hu, m.long.pm_mm, m.short.pm_mm];
        if !(axis(&m.long) && axis(&m.short) && finite.iter().all(|x| x.is_finite()) && m.centroid.is_finite())
            || m.slice >= grid.size[2]
            || self.outline.level_hu.is_some_and(|x| !x.is_finite())
        {
            return value("measurement");
        }
        let gesture = match self.outline.gesture {
            Gesture::Click(p) => p.is_finite(),
            Gesture::Stroke(a, b) => a.is_finite() && b.is_finite(),
        };
        if !gesture {
            return value("click");
        }
        if let Some(r) = &self.by_reader {
            let drawn = axis(&r.long) && axis(&r.short) && r.long.pm_mm.is_finite() && r.short.pm_mm.is_finite();
            if !drawn || r.slice >= grid.size[2] || r.reader.chars().count() > 128 {
                return value("diameters");
            }
        }
        Ok(())
    }
}
