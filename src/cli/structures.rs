//! `icepath lesion` and `icepath anatomy`.

use super::FINE;
use super::args::Common;
use super::talk::Talk;
use crate::anatomy;
use crate::case::{self, Fault, Results};
use crate::export::FindingDocument;
use crate::export::result::{AnatomyDocument, LesionDocument, LesionOut, StructureOut, to_json};
use crate::lesion::{self, Gesture, SegmentError};
use crate::space::Lps;
use crate::terms::Structure;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

pub(super) fn lesion(
    path: &Path,
    at: Lps,
    to: Option<Lps>,
    out: &Path,
    common: &Common,
    talk: &Talk,
) -> Result<u8, Fault> {
    let start = Instant::now();
    let mut results = Results::begin(out)?;
    let progress = talk.progress();
    let opened = case::open(path, common.series.as_deref(), &progress.part(0.0, 0.5))?;
    let ct = &opened.ct;
    let gesture = to.map_or(Gesture::Click(at), |to| Gesture::Stroke(at, to));
    let segmentation = lesion::segment(ct, gesture, &progress.part(0.5, 0.4))?;
    let measurement =
        lesion::measure(ct, &segmentation.mask, segmentation.level_hu).ok_or(SegmentError::Nothing(at))?;
    results.put_mask("lesion.nii.gz", &segmentation.mask)?;
    results.announce("result.json");

    let findings = [&opened.listing.findings, &ct.findings, &segmentation.findings, &measurement.findings]
        .map(Vec::as_slice)
        .concat();
    let document = LesionDocument {
        lesion: LesionOut::of(&measurement, ct.sop_instance_uid(measurement.slice), &segmentation.method),
        findings: FindingDocument::all(&findings, &talk.words),
        seconds: start.elapsed().as_secs_f64(),
        files: results.files().to_vec(),
        picked: opened.picked_document(&talk.words),
    };
    results.put("result.json", to_json(&document).as_bytes())?;
    talk.findings(&findings);
    let mm = |a: &lesion::Axis| format!("{:.1} ± {:.1} mm", a.mm, a.pm_mm);
    let lines = [
        format!("{}: {}", talk.words.get("long-axis"), mm(&measurement.long)),
        format!("{}: {}", talk.words.get("short-axis"), mm(&measurement.short)),
        format!("{}: {:.2} ml", talk.words.get("volume"), measurement.volume_mm3 / 1000.0),
        format!("→ {}", out.display()),
    ];
    talk.document(&document, &lines);
    Ok(FINE)
}

pub(super) fn anatomy(path: &Path, out: &Path, common: &Common, talk: &Talk) -> Result<u8, Fault> {
    let start = Instant::now();
    let mut results = Results::begin(out)?;
    let progress = talk.progress();
    let opened = case::open(path, common.series.as_deref(), &progress.part(0.0, 0.2))?;
    let found = anatomy::find(&opened.ct, &progress.part(0.2, 0.7))?;
    let labels = found.labels();
    let mut counts = [0usize; 256];
    for label in &labels.data {
        counts[usize::from(*label)] += 1;
    }
    let ml = labels.grid.voxel_mm3() / 1000.0;
    let structures: Vec<StructureOut> = Structure::ALL
        .into_iter()
        .map(|s| StructureOut {
            name: s.name().into(),
            label: s.label(),
            seen: found.region(s).is_some(),
            voxels: counts[usize::from(s.label())],
            volume_ml: counts[usize::from(s.label())] as f64 * ml,
        })
        .collect();
    let names: BTreeMap<String, &str> =
        structures.iter().filter(|s| s.seen).map(|s| (s.label.to_string(), s.name.as_str())).collect();
    results.put_labels("anatomy.nii.gz", &labels)?;
    results.put("anatomy.labels.json", to_json(&names).as_bytes())?;
    results.announce("result.json");
    let findings = [&opened.listing.findings, &opened.ct.findings, &found.findings].map(Vec::as_slice).concat();
    let document = AnatomyDocument {
        structures,
        findings: FindingDocument::all(&findings, &talk.words),
        seconds: start.elapsed().as_secs_f64(),
        files: results.files().to_vec(),
        picked: opened.picked_document(&talk.words),
    };
    results.put("result.json", to_json(&document).as_bytes())?;
    talk.findings(&findings);
    let mut lines: Vec<String> = Structure::ALL
        .into_iter()
        .zip(&document.structures)
        .map(|(s, out)| {
            let name = talk.words.get(&s.word());
            if out.seen {
                format!("{name}: {:.0} ml", out.volume_ml)
            } else {
                format!("{name}: {}", talk.words.get("not-seen"))
            }
        })
        .collect();
    lines.push(format!("→ {}", out.display()));
    talk.document(&document, &lines);
    Ok(FINE)
}
