//! `icepath plan`, and the whole job on the sample where there is no display.

use super::args::{Common, PlanArgs};
use super::talk::Talk;
use super::{BROKEN, FINE};
use crate::case::{self, Assets, Fault, Report, Results, Whole, WholeRequest};
use crate::ct::Finding;
use crate::export::result::PlanDocument;
use crate::lesion::Gesture;
use crate::plan::MAX_LESIONS;
use crate::system::Trouble;
use crate::terms::Code;
use crate::words::{Value, Words};
use std::path::{Path, PathBuf};
use std::time::Instant;

pub(super) fn plan(args: &PlanArgs, common: &Common, talk: &Talk) -> Result<u8, Fault> {
    if args.at.len() > MAX_LESIONS {
        return Err(Fault::Given(talk.words.text("error-too-many-at", &[("most", MAX_LESIONS.into())])));
    }
    let request = WholeRequest {
        gestures: args.at.iter().map(|p| Gesture::Click(*p)).collect(),
        site: args.site,
        pose: args.pose,
        model: args.needle.clone(),
        needles: usize::from(args.needles),
        margin_mm: args.margin,
        subject: args.subject.clone(),
        reader: args.reader.clone(),
    };
    run(&args.path, &args.out, &request, common, talk)
}

/// The whole job on the sample scan, into a fresh folder.
pub(super) fn sample(common: &Common, talk: &Talk) -> Result<u8, Fault> {
    let sample = case::sample(case::DEFAULT_SAMPLE, &talk.progress())?;
    talk.say(&talk.words.get("headless-sample"));
    let request = WholeRequest::clicks(&[sample.click]);
    let out = fresh_folder()?;
    // What the sample's plan breaks, if anything, stands in its files; showing it has worked.
    run(&sample.folder, &out, &request, common, talk)?;
    talk.say(&talk.words.text("headless-results", &[("folder", out.display().to_string().into())]));
    Ok(FINE)
}

/// A folder that is not there yet: `icepath-sample`, `icepath-sample-2`, … in the working folder if it can be written to,
/// else in the temporary one.
fn fresh_folder() -> Result<PathBuf, Fault> {
    let places = [std::env::current_dir().unwrap_or_default(), std::env::temp_dir()];
    let mut why = Trouble::NotFound;
    for place in &places {
        for n in 1..1000 {
            let name = if n == 1 { "icepath-sample".to_string() } else { format!("icepath-sample-{n}") };
            let folder = place.join(name);
            if folder.exists() {
                continue;
            }
            match std::fs::create_dir(&folder) {
                Ok(()) => return Ok(folder),
                Err(e) => why = e.into(),
            }
            break;
        }
    }
    Err(Fault::write(&places[1], why))
}

fn run(path: &Path, out: &Path, request: &WholeRequest, common: &Common, talk: &Talk) -> Result<u8, Fault> {
    let mut results = Results::begin(out)?;
    let assets = Assets::load(common.assets_folder().as_deref())?;
    let start = Instant::now();
    let progress = talk.progress();
    let opened = case::open(path, common.series.as_deref(), &progress.part(0.0, 0.2))?;
    let opening = start.elapsed().as_secs_f64();
    case::free_for(out, &opened.ct.identity.hash)?;
    let whole = case::whole(&opened, path, request, &assets, &common.time(), &progress.part(0.2, 0.7))?;
    let writing = Instant::now();
    let findings: Vec<Finding> =
        [&opened.listing.findings, &opened.ct.findings, &whole.anatomy.findings, &whole.findings]
            .map(Vec::as_slice)
            .concat();
    let report = Report {
        ct: &opened.ct,
        plan: whole.history.plan(),
        targets: &whole.targets,
        follows: &whole.follows,
        alternatives: &whole.alternatives,
        findings: &findings,
        assets: &assets,
        words: &talk.words,
        picked: opened.picked_document(&talk.words),
    };
    progress.report("stage-writing", 0.9)?;
    report.write(&mut results, &talk.progress())?;
    let mut seconds = vec![("open".to_string(), opening)];
    seconds.extend(whole.seconds.iter().cloned());
    seconds.push(("write".into(), writing.elapsed().as_secs_f64()));
    seconds.push(("total".into(), start.elapsed().as_secs_f64()));
    let document = report.write_result(&mut results, seconds)?;
    talk.findings(&report.all_findings());
    talk.document(&document, &people(&document, &whole, out, &talk.words));
    let broken = !document.violations.is_empty() || whole.no_free_needle;
    Ok(if broken { BROKEN } else { FINE })
}

/// The plan in a few lines.
fn people(document: &PlanDocument, whole: &Whole, out: &Path, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    for lesion in &document.lesions {
        let m = &lesion.measured;
        lines.push(format!(
            "{} {}: {} {:.1} ± {:.1} mm, {} {:.1} ± {:.1} mm, {:.2} ml; {}",
            lesion.lesion_id,
            words.get(&format!("site-{}", lesion.site)),
            words.get("long-axis"),
            m.long_axis_mm,
            m.long_axis_pm_mm,
            words.get("short-axis"),
            m.short_axis_mm,
            m.short_axis_pm_mm,
            m.volume_mm3 / 1000.0,
            words.get(lesion.eligibility.status.word()),
        ));
    }
    for (n, (needle, verdict)) in document.needles.iter().zip(&whole.follows.verdicts).enumerate() {
        let standing = words.get(if verdict.is_free() { "needle-free" } else { "needle-broken" });
        lines.push(format!("{} {}: {} {:.1} mm; {standing}", n + 1, needle.model, words.get("depth"), needle.depth_mm));
    }
    for c in &document.coverage {
        if let (Some(share), Some(margin)) = (c.fraction_inside.minus20, c.least_margin_mm.minus20) {
            // Cut, not rounded: 99.96 % is not all of it.
            let percent = (share * 1000.0).floor() / 10.0;
            let mm = words.text("value-mm", &[("value", Value::Number(margin, 1))]);
            lines.push(format!("−20 °C: {percent} %, {} {mm}", words.get("least-margin")));
        }
    }
    if whole.no_free_needle {
        lines.push(
            whole
                .findings
                .iter()
                .find(|f| f.code == Code::NoFreeNeedle)
                .map_or_else(String::new, |f| f.sentence(words)),
        );
    }
    lines.push(format!("→ {}", out.display()));
    lines
}
