//! From images to series and volumes: what belongs together, what is left out, what cannot be used and why.

use super::finding::Finding;
use super::header::{Image, Plane, printable};
use super::layout::{self, Layout};
use super::listing::{Made, Plan, SeriesEntry, VolumeEntry};
use super::source::Entry;
use super::split;
use crate::space::Lps;
use crate::terms::{Code, Severity};
use glam::DVec3;
use std::collections::BTreeMap;

/// One frame of one image that may be a slice.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) image: usize,
    pub(super) frame: usize,
    pub(super) of: &'a Image,
    pub(super) plane: &'a Plane,
    pub(super) position: Lps,
    pub(super) orientation: [DVec3; 2],
    pub(super) spacing: [f64; 2],
    /// Along the normal, mm.
    pub(super) height: f64,
}

impl Candidate<'_> {
    pub(super) fn order(&self) -> (i64, usize, usize) {
        (self.of.instance_number.unwrap_or(i64::MAX), self.image, self.frame)
    }
}

/// A volume in the making.
struct Draft<'a> {
    planes: Vec<Candidate<'a>>,
    label: String,
    findings: Vec<Finding>,
}

/// Every series of the images, with its volumes.
pub(super) fn arrange(entries: &[Entry], images: &[Image]) -> (Vec<SeriesEntry>, Vec<Plan>) {
    let mut by_uid: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut place: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (n, image) in images.iter().enumerate() {
        // Without a series UID, kinds at least are kept apart.
        let key = (image.series.as_str(), if image.series.is_empty() { image.modality.as_str() } else { "" });
        let at = *place.entry(key).or_insert_with(|| {
            by_uid.push((image.series.as_str(), Vec::new()));
            by_uid.len() - 1
        });
        by_uid[at].1.push(n);
    }
    let (mut series, mut plans) = (Vec::new(), Vec::new());
    for (n, (uid, members)) in by_uid.into_iter().enumerate() {
        let id = if uid.is_empty() { format!("no-uid-{}", n + 1) } else { uid.to_owned() };
        let (entry, made) = one(entries, images, &members, uid, id, n);
        series.push(entry);
        plans.extend(made);
    }
    (series, plans)
}

/// No file of a CT holds more frames (choice: ten times the longest gated series known).
const MOST_FRAMES: usize = 1 << 16;

fn is_ct(image: &Image) -> bool {
    const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
    image.modality == "CT" || image.sop_class == CT || image.sop_class.starts_with("1.2.840.10008.5.1.4.1.1.2.")
}

fn one(
    entries: &[Entry],
    images: &[Image],
    members: &[usize],
    uid: &str,
    id: String,
    number: usize,
) -> (SeriesEntry, Vec<Plan>) {
    let first = members.iter().map(|n| &images[*n]).find(|i| i.matrix.is_some()).unwrap_or(&images[members[0]]);
    let name = |n: usize| entries[images[n].entry].name.clone();
    // A number of frames that no file holds is not passed on.
    let frames =
        |n: &usize| images[*n].matrix.as_ref().map_or(1, |m| if m.frames > MOST_FRAMES { 1 } else { m.frames });
    let mut series = SeriesEntry {
        id,
        series_uid: uid.to_owned(),
        description: printable(&super::charset::decode(&first.charset, &first.description)),
        modality: first.modality.clone(),
        n_slices: members.iter().map(frames).sum(),
        size: first.matrix.as_ref().map(|m| [m.columns, m.rows, members.iter().map(frames).sum()]),
        spacing_mm: None,
        origin: None,
        direction: None,
        patient_position: first.patient_position.clone(),
        kernel: first.kernel.clone(),
        slice_thickness_mm: first.planes.first().and_then(|p| p.thickness),
        contrast: first.contrast.clone(),
        date: first.date.clone(),
        usable_for_planning: false,
        findings: Vec::new(),
        volumes: Vec::new(),
        patient: super::charset::patient(&first.charset, &first.patient_name, &first.patient_id),
    };
    for n in members.iter().filter(|n| images[**n].guessed) {
        note(&mut series.findings, Finding::new(Code::NoPreamble).in_file(name(*n)));
    }
    let faults = members.iter().filter_map(|n| images[*n].fault.map(|code| (*n, code)));
    if !members.iter().any(|n| is_ct(&images[*n])) {
        series.findings.extend(faults.map(|(n, code)| fault(code, &images[n]).in_file(name(n))));
        if series.findings.iter().all(|f| f.severity != Severity::Error) {
            series.findings.push(Finding::new(Code::TooFewSlices).text("count", "none"));
        }
        return (series, Vec::new());
    }
    let candidates = candidates(images, members, &name, &mut series.findings);
    for (n, code) in faults {
        // One bad file among good ones is a slice left out.
        let why = match code {
            Code::Corrupt => "corrupt-image",
            Code::LimitExceeded => "limit-matrix",
            _ => "finding-truncated",
        };
        let finding = if candidates.is_empty() || code == Code::TransferSyntaxUnsupported {
            fault(code, &images[n])
        } else {
            Finding::new(Code::ExcludedSlice).word("why", why)
        };
        series.findings.push(finding.in_file(name(n)));
    }
    if candidates.is_empty() {
        if !series.findings.iter().any(|f| f.severity == Severity::Error) {
            series.findings.push(Finding::new(Code::TooFewSlices).text("count", "none"));
        }
        let why = series.findings.iter().find(|f| f.severity == Severity::Error).cloned();
        let plan = Plan { id: series.id.clone(), series: number, made: Made::Nothing, refusal: why };
        return (series, vec![plan]);
    }
    let drafts = divide(entries, candidates, &name, &mut series.findings);
    let several = drafts.len() > 1;
    let mut plans = Vec::new();
    for (n, draft) in drafts.into_iter().enumerate() {
        let id = if several { format!("{}#{}", series.id, n + 1) } else { series.id.clone() };
        let (volume, plan) = volume(draft, id, number);
        series.volumes.push(volume);
        plans.push(plan);
    }
    // What holds for the series is said once.
    for v in &mut series.volumes {
        let (of_series, own) =
            std::mem::take(&mut v.findings).into_iter().partition(|f| f.code == Code::SplitAcquisitions);
        v.findings = own;
        let of_series: Vec<Finding> = of_series;
        of_series.into_iter().for_each(|f| note(&mut series.findings, f));
    }
    if let Some(best) = super::pick::best_volume(&series) {
        let v = &series.volumes[best];
        series.usable_for_planning = v.usable_for_planning;
        if plans[best].refusal.is_none() {
            series.size = Some(v.size);
            series.spacing_mm = Some(v.spacing_mm);
            series.origin = Some(v.origin);
            series.direction = Some(v.direction);
        }
        if !several {
            let mut of_volume = std::mem::take(&mut series.volumes[best].findings);
            series.findings.append(&mut of_volume);
        }
    }
    (series, plans)
}

/// Adds a finding unless one of that code is there: once per series is enough.
fn note(findings: &mut Vec<Finding>, finding: Finding) {
    if !findings.iter().any(|f| f.code == finding.code) {
        findings.push(finding);
    }
}

fn fault(code: Code, image: &Image) -> Finding {
    match code {
        Code::TransferSyntaxUnsupported => {
            Finding::new(code).text("uid", image.syntax.uid.clone()).text("name", image.syntax.name())
        }
        Code::LimitExceeded => Finding::new(code).word("what", "limit-matrix"),
        Code::Corrupt => Finding::new(code).word("what", "corrupt-image"),
        other => Finding::new(other),
    }
}

/// The frames that may be slices of a volume.
///
/// Findings: `excluded-secondary-capture`, `excluded-localizer`, `excluded-slice` {why: word}, and where that holds for
/// all: `spacing-missing`, `orientation-missing`, `position-missing`.
fn candidates<'a>(
    images: &'a [Image],
    members: &[usize],
    name: &impl Fn(usize) -> std::path::PathBuf,
    findings: &mut Vec<Finding>,
) -> Vec<Candidate<'a>> {
    let mut out = Vec::new();
    let mut lacking: Vec<(Code, usize)> = Vec::new();
    for &n in members {
        let image = &images[n];
        if image.fault.is_some() {
            continue;
        }
        let Some(matrix) = &image.matrix else { continue };
        if !is_ct(image)
            || matrix.samples != 1
            || !image.sop_class.is_empty() && image.sop_class.contains(".5.1.4.1.1.7")
        {
            findings.push(Finding::new(Code::ExcludedSecondaryCapture).in_file(name(n)));
            continue;
        }
        if image.planes.len() == matrix.frames && image.planes.iter().all(|p| p.localizer) {
            findings.push(Finding::new(Code::ExcludedLocalizer).in_file(name(n)));
            continue;
        }
        let mut missing = None;
        for (frame, plane) in image.planes.iter().enumerate() {
            if plane.localizer {
                continue;
            }
            let Some(spacing) = plane.spacing else {
                missing = Some(Code::SpacingMissing);
                continue;
            };
            let Some(orientation) = plane.orientation else {
                missing = Some(Code::OrientationMissing);
                continue;
            };
            let Some(position) = plane.position.filter(|p| p.vec().abs().max_element() < 1e6) else {
                missing = Some(Code::PositionMissing);
                continue;
            };
            let height = position.vec().dot(orientation[0].cross(orientation[1]));
            out.push(Candidate { image: n, frame, of: image, plane, position, orientation, spacing, height });
        }
        if let Some(code) = missing {
            lacking.push((code, n));
        }
    }
    if out.is_empty() {
        if let Some((code, _)) = lacking.first() {
            findings.push(Finding::new(*code));
        }
    } else {
        for (code, n) in lacking {
            findings.push(
                Finding::new(Code::ExcludedSlice).word("why", format!("finding-{}", code.name())).in_file(name(n)),
            );
        }
    }
    out
}

/// Slices that belong into one volume each, and what tells them apart.
fn divide<'a>(
    entries: &[Entry],
    candidates: Vec<Candidate<'a>>,
    name: &impl Fn(usize) -> std::path::PathBuf,
    findings: &mut Vec<Finding>,
) -> Vec<Draft<'a>> {
    let key = |c: &Candidate<'a>, what: usize| -> Vec<u8> {
        match what {
            0 => [c.of.patient_id.as_slice(), b"\0", c.of.patient_name.as_slice()].concat(),
            1 => c.of.study.clone().into_bytes(),
            _ => c.of.frame_of_reference.clone().into_bytes(),
        }
    };
    let codes = [Code::SplitPatients, Code::SplitStudies, Code::SplitFramesOfReference];
    let mut groups = vec![candidates];
    for (what, code) in codes.into_iter().enumerate() {
        let before = groups.len();
        groups = groups.into_iter().flat_map(|g| split::by_key(g, |c| key(c, what))).collect();
        if groups.len() > before {
            findings.push(Finding::new(code).number("count", (groups.len() + 1 - before) as f64, 0));
        }
    }
    // Planes that look another way, or are of another size: a few beside many are localizers, else a volume of their own.
    let mut out = Vec::new();
    for group in groups {
        let all = group.len();
        let mut kinds = split::by_likeness(group, |a, b| {
            let same = |x: DVec3, y: DVec3| (x - y).abs().max_element() < 1e-4;
            same(a.orientation[0], b.orientation[0]) && same(a.orientation[1], b.orientation[1])
        });
        if kinds.len() > 1 {
            kinds.retain(|k| {
                let few = k.len() < 3 || k.len() * 20 < all;
                if few {
                    for c in k {
                        findings.push(Finding::new(Code::ExcludedLocalizer).in_file(name(c.image)));
                    }
                }
                !few || all < 3
            });
        }
        let turned = kinds.len() > 1;
        for kind in kinds {
            let all = kind.len();
            let mut sizes = split::by_likeness(kind, |a, b| {
                let size = |c: &Candidate<'_>| c.of.matrix.as_ref().map(|m| (m.rows, m.columns));
                let near = |x: f64, y: f64| (x - y).abs() <= 1e-4 * x.max(y);
                size(a) == size(b) && near(a.spacing[0], b.spacing[0]) && near(a.spacing[1], b.spacing[1])
            });
            if sizes.len() > 1 {
                sizes.retain(|k| {
                    let few = k.len() < 3 && all > 5;
                    if few {
                        for c in k {
                            findings.push(
                                Finding::new(Code::ExcludedSlice).word("why", "excluded-size").in_file(name(c.image)),
                            );
                        }
                    }
                    !few
                });
                if sizes.len() > 1 {
                    note(findings, Finding::new(Code::SplitSizes).number("count", sizes.len() as f64, 0));
                }
            }
            let several = sizes.len() > 1;
            for size in sizes {
                let label = match size.first().and_then(|c| c.of.matrix.as_ref()) {
                    Some(m) if several => format!("{} × {}", m.columns, m.rows),
                    _ => String::new(),
                };
                for mut part in split::by_time(entries, size) {
                    if part.label.is_empty() {
                        part.label.clone_from(&label);
                    }
                    out.push(Draft { planes: part.planes, label: part.label, findings: part.findings });
                }
            }
        }
        if turned {
            note(findings, Finding::new(Code::SplitAcquisitions).number("count", out.len() as f64, 0));
        }
    }
    // In the order in which they were acquired.
    out.sort_by_key(|d| {
        let least = d.planes.iter().map(|c| (c.plane.acquisition.unwrap_or(i64::MAX), c.order())).min();
        least.unwrap_or((i64::MAX, (i64::MAX, usize::MAX, 0)))
    });
    out
}

fn volume(draft: Draft<'_>, id: String, series: usize) -> (VolumeEntry, Plan) {
    let Draft { mut planes, label, mut findings } = draft;
    planes.sort_by(|a, b| a.height.total_cmp(&b.height).then(a.order().cmp(&b.order())));
    let positions: Vec<Lps> = planes.iter().map(|c| c.position).collect();
    let first = planes[0];
    let (columns, rows) = first.of.matrix.as_ref().map_or((0, 0), |m| (m.columns, m.rows));
    let laid = layout::layout(&positions, first.orientation, first.spacing, [columns, rows]);
    findings.extend(of_headers(&planes));
    let mut refusal = None;
    let mut volume = VolumeEntry {
        id: id.clone(),
        n_slices: planes.len(),
        size: [columns, rows, planes.len()],
        spacing_mm: DVec3::new(first.spacing[0], first.spacing[1], 0.0),
        origin: first.position,
        direction: glam::DMat3::from_cols(
            first.orientation[0],
            first.orientation[1],
            first.orientation[0].cross(first.orientation[1]),
        ),
        usable_for_planning: false,
        label,
        findings: Vec::new(),
    };
    let made = match laid {
        Ok(layout) => {
            findings.extend(layout.findings.iter().cloned());
            findings.extend(judge(&planes, &layout));
            volume.size = layout.grid.size;
            volume.spacing_mm = layout.grid.spacing;
            volume.origin = layout.grid.origin;
            let planes = planes.iter().map(|c| (c.image, c.frame)).collect();
            Made::Stack { planes, layout: Box::new(layout) }
        }
        Err(why) => {
            let mut why = why;
            why.severity = Severity::Error;
            findings.push(why.clone());
            refusal = Some(why);
            Made::Nothing
        }
    };
    volume.usable_for_planning = refusal.is_none() && !findings.iter().any(|f| f.severity == Severity::Error);
    volume.findings = findings;
    (volume, Plan { id, series, made, refusal })
}

/// What the headers tell of a volume.
///
/// Findings: `derived`, `lossy`, `rescale-missing`.
fn of_headers(planes: &[Candidate<'_>]) -> Vec<Finding> {
    let mut out = Vec::new();
    if planes.iter().any(|c| c.of.image_type.first().is_some_and(|t| t == "DERIVED")) {
        out.push(Finding::new(Code::Derived));
    }
    if planes.iter().any(|c| c.of.lossy) {
        out.push(Finding::new(Code::Lossy));
    }
    let lacks = |c: &Candidate<'_>| {
        c.plane.rescale.is_none() || c.of.has_lut || !matches!(c.of.rescale_type.as_str(), "" | "HU" | "US")
    };
    if planes.iter().any(lacks) {
        out.push(Finding::new(Code::RescaleMissing));
    }
    out
}

/// What the grid and the slices' thickness tell.
///
/// Findings: `thick-slices`, `overlapping-slices`, `gap-between-slices` {spacing, thickness: mm}, `oblique` {degrees}.
fn judge(planes: &[Candidate<'_>], layout: &Layout) -> Vec<Finding> {
    let mut out = Vec::new();
    let spacing = layout.grid.spacing.z;
    let told = planes[0].plane.thickness;
    let thickness = told.unwrap_or(spacing);
    // Each by itself: a test reads from the source that a finding is given what its text names.
    let thick = spacing > 5.001 || thickness > 5.001;
    let slack = 0.05 * spacing;
    if thick {
        out.push(Finding::new(Code::ThickSlices).number("spacing", spacing, 2).number("thickness", thickness, 2));
    }
    if told.is_some() && thickness > spacing + slack {
        out.push(Finding::new(Code::OverlappingSlices).number("spacing", spacing, 2).number("thickness", thickness, 2));
    }
    if told.is_some() && thickness < spacing - slack {
        out.push(Finding::new(Code::GapBetweenSlices).number("spacing", spacing, 2).number("thickness", thickness, 2));
    }
    let tilted = layout.findings.iter().any(|f| f.code == Code::GantryTilt);
    let lean = (0..3)
        .map(|a| layout.grid.axes.col(a).abs().max_element().clamp(0.0, 1.0).acos().to_degrees())
        .fold(0.0, f64::max);
    if lean > 0.5 && !tilted {
        out.push(Finding::new(Code::Oblique).number("degrees", lean, 1));
    }
    out
}
