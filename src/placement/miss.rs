//! Why nothing is free: which rules stop the entries, and what comes nearest.

use super::search::Request;
use crate::jobs::{Cancelled, Progress};
use crate::needle::{Model, Needle, Surroundings, Verdict};
use crate::space::Lps;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// How many entries a rule stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopped {
    /// The rule's id.
    pub rule: String,
    /// Share of the entries whose needle breaks it, 0..=1. One entry may break several rules.
    pub share: f64,
}

/// The needle that comes nearest to being free.
#[derive(Clone, Debug, PartialEq)]
pub struct Miss {
    /// The needle.
    pub needle: Needle,
    /// What it breaks.
    pub verdict: Verdict,
    /// How much is missing, summed over the rules it breaks: mm, and a mm for each 3 degrees (choice).
    pub shortfall_mm: f64,
}

/// One entry per cell of the skin of this size, mm (choice: telling why needs fewer than finding).
const CELL_MM: f64 = 8.0;

/// Judges a needle from every cell of the skin to every aim.
pub(super) fn miss(
    around: &Surroundings,
    model: &Model,
    request: &Request,
    skin: &[Lps],
    aims: &[Lps],
    progress: &Progress,
) -> Result<(Vec<Stopped>, Option<Miss>), Cancelled> {
    let mut cells: BTreeMap<[i32; 3], Lps> = BTreeMap::new();
    for p in skin {
        cells.entry([p.x, p.y, p.z].map(|x| (x / CELL_MM).floor() as i32)).or_insert(*p);
    }
    let entries: Vec<Lps> = cells.into_values().collect();
    // Of each entry the needle that misses by least, over all aims.
    let judged: Vec<Option<Miss>> = entries
        .par_iter()
        .map(|skin| {
            progress.check()?;
            let mut best: Option<Miss> = None;
            for aim in aims {
                let inwards = (*aim - *skin).normalize_or_zero();
                let outside = *skin - inwards * 5.0;
                let entry = around.entry_on_skin(outside, *aim).filter(|e| e.distance(*skin) < 5.0).unwrap_or(*skin);
                for beyond in [model.tip_offset_mm.min(8.0), 0.0] {
                    let needle =
                        Needle { model: model.id.clone(), entry, tip: *aim + inwards * beyond, pose: request.pose };
                    let verdict = around.judge_near(&needle, model);
                    let shortfall_mm = shortfall(&verdict);
                    if best.as_ref().is_none_or(|b| shortfall_mm < b.shortfall_mm) {
                        best = Some(Miss { needle, verdict, shortfall_mm });
                    }
                }
            }
            Ok(best)
        })
        .collect::<Result<_, Cancelled>>()?;
    let judged: Vec<Miss> = judged.into_iter().flatten().collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for m in &judged {
        for v in &m.verdict.violations {
            *counts.entry(v.rule.as_str()).or_default() += 1;
        }
    }
    let share = |n: usize| n as f64 / judged.len().max(1) as f64;
    let mut stopped: Vec<Stopped> =
        counts.iter().map(|(rule, n)| Stopped { rule: (*rule).to_string(), share: share(*n) }).collect();
    stopped.sort_by(|a, b| b.share.total_cmp(&a.share));
    let nearest = judged
        .iter()
        .filter(|m| !m.verdict.is_free())
        .min_by(|a, b| a.shortfall_mm.total_cmp(&b.shortfall_mm))
        .cloned();
    Ok((stopped, nearest))
}

fn shortfall(verdict: &Verdict) -> f64 {
    let is_angle = |rule: &str| rule == "skin-angle" || rule == "lies-on";
    let missing = verdict.violations.iter().map(|v| {
        let d = (v.measured - v.allowed).abs();
        if is_angle(&v.rule) { d / 3.0 } else { d }
    });
    missing.sum()
}
