//! `icepath check` and `icepath export`: a saved plan, again from its CT.

use super::args::Common;
use super::talk::Talk;
use super::{BROKEN, FINE};
use crate::case::{self, Assets, Fault, Reopened, Report, Results};
use crate::ct::Finding;
use crate::export::FindingDocument;
use crate::export::result::CheckDocument;
use std::path::Path;
use std::time::Instant;

pub(super) fn check(plan: &Path, ct: Option<&Path>, common: &Common, talk: &Talk) -> Result<u8, Fault> {
    let assets = Assets::load(common.assets_folder().as_deref())?;
    let again = case::reopen(plan, ct, &assets, &talk.progress())?;
    let findings = findings(&again);
    let report = report(&again, &findings, &assets, talk);
    let document = CheckDocument {
        needles: report.needles(),
        coverage: report.coverages(),
        violations: report.violations(),
        findings: FindingDocument::all(&report.all_findings(), &talk.words),
        differences: again.differences.clone(),
    };
    talk.findings(&report.all_findings());
    let mut lines: Vec<String> = document
        .violations
        .iter()
        .map(|v| format!("✕ {} {}: {:.1} / {:.1}", v.needle, v.rule, v.distance_mm, v.allowed_mm))
        .collect();
    lines.extend(document.differences.iter().map(|d| format!("≠ {}: {} → {}", d.what, d.saved, d.now)));
    if lines.is_empty() {
        lines.push(talk.words.get("check-fine"));
    }
    talk.document(&document, &lines);
    Ok(if document.violations.is_empty() { FINE } else { BROKEN })
}

pub(super) fn export(plan: &Path, ct: Option<&Path>, out: &Path, common: &Common, talk: &Talk) -> Result<u8, Fault> {
    let mut results = Results::begin(out)?;
    let start = Instant::now();
    let assets = Assets::load(common.assets_folder().as_deref())?;
    let again = case::reopen(plan, ct, &assets, &talk.progress())?;
    let findings = findings(&again);
    let report = report(&again, &findings, &assets, talk);
    report.write(&mut results, &talk.progress())?;
    let document = report.write_result(&mut results, vec![("total".into(), start.elapsed().as_secs_f64())])?;
    talk.findings(&report.all_findings());
    talk.document(&document, &[format!("→ {}", out.display())]);
    Ok(if document.violations.is_empty() { FINE } else { BROKEN })
}

fn findings(again: &Reopened) -> Vec<Finding> {
    let differences = case::difference_findings(&again.differences, &again.plan);
    [&again.opened.listing.findings, &again.opened.ct.findings, &again.anatomy.findings, &differences]
        .map(Vec::as_slice)
        .concat()
}

fn report<'a>(again: &'a Reopened, findings: &'a [Finding], assets: &'a Assets, talk: &'a Talk) -> Report<'a> {
    Report {
        ct: &again.opened.ct,
        plan: &again.plan,
        targets: &again.targets,
        follows: &again.follows,
        alternatives: &[],
        findings,
        assets,
        words: &talk.words,
        picked: None,
    }
}
