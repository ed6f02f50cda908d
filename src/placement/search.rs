//! Every voxel of the skin against several aims in the lesion.

use super::aims::aims;
use super::merits::{Merits, Points};
use super::miss::{Miss, Stopped, miss};
use super::offer::{Offer, choose};
use super::several::together;
use crate::ct::Finding;
use crate::ice::TargetPoints;
use crate::jobs::{Cancelled, Progress};
use crate::needle::{Catalogue, Model, Needle, Scout, Surroundings, Verdict};
use crate::space::Lps;
use crate::terms::{Code, Pose};
use glam::DVec3;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The model's id in the catalogue.
    pub model: String,
    /// How the patient will lie.
    pub pose: Pose,
    /// How many needles for this lesion; at least 1, at most 10.
    pub needles: usize,
    /// mm that −20 °C should reach beyond the lesion; more is worth nothing.
    pub margin_mm: f64,
    /// How many alternatives to the first needle at most.
    pub alternatives: usize,
}

/// Why there is no proposal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    /// The model is not in the catalogue.
    #[error("the needle model {0} is not in the catalogue; choose one that is")]
    UnknownModel(String),
    /// Asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// What the search found.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Proposal {
    /// The needles that are proposed, all of them free of violations. As many as were asked for, or fewer: more could not be
    /// placed with the least spacing, or would not have covered more. Empty if no free needle was found.
    pub needles: Vec<Offer>,
    /// Truly different ways for the first needle, each with its reason.
    pub alternatives: Vec<Offer>,
    /// How many voxels of the skin were tried.
    pub entries: usize,
    /// How many lines were tried: entries × aims.
    pub tried: usize,
    /// If no needle is free: which rules stop the entries, the one that stops most first.
    pub stopped: Vec<Stopped>,
    /// If no needle is free: the one whose violations are smallest.
    pub nearest_miss: Option<Miss>,
    /// What must be said: `no-free-needle`. How far the ice reaches is said of the plan, not of the search.
    pub findings: Vec<Finding>,
}

/// A needle that passed the exact judge.
#[derive(Clone, Debug)]
pub(super) struct Free {
    pub(super) needle: Needle,
    pub(super) verdict: Verdict,
    pub(super) merits: Merits,
}

/// What every step of one search looks at.
struct Search<'a> {
    around: &'a Surroundings,
    model: &'a Model,
    request: &'a Request,
    aims: &'a [Lps],
    points: &'a Points,
}

/// A line that the scout let pass.
struct Candidate {
    needle: Needle,
    score: f64,
}

/// Entries whose needles are much alike are judged together: cells of the skin of this size, mm (choice); of each cell (with
/// several needles: of each cell and aim) the best few are held before the judge until one is free.
const CELL_MM: f64 = 6.0;
const TRIES: usize = 4;

/// With several needles there are more aims: larger cells.
const WIDE_CELL_MM: f64 = 10.0;

/// Searches needles for the target of `around`.
pub fn propose(
    around: &Surroundings,
    catalogue: &Catalogue,
    request: &Request,
    progress: &Progress,
) -> Result<Proposal, PlacementError> {
    progress.report("stage-needles", 0.0)?;
    let Some(model) = catalogue.model(&request.model) else {
        return Err(PlacementError::UnknownModel(request.model.clone()));
    };
    let wanted = request.needles.clamp(1, 10);
    let target = TargetPoints::of(around.target()).thinned(300);
    let points = Points { inner: target.centres().to_vec(), rim: target.corners().to_vec() };
    let aims = aims(around.target(), wanted);
    let search = Search { around, model, request, aims: &aims, points: &points };
    let Some(scout) = around.scout(model, request.pose) else {
        return Ok(search.nothing(Proposal::default(), &[], progress)?);
    };
    let skin = scout.skin(model.usable_shaft_mm);
    let mut proposal = Proposal { entries: skin.len(), tried: skin.len() * aims.len(), ..Proposal::default() };
    let cell_mm = if wanted > 1 { WIDE_CELL_MM } else { CELL_MM };
    let cells = search.candidates(&scout, &skin, cell_mm, &progress.part(0.0, 0.6))?;
    progress.report("stage-needles", 0.6)?;
    let pool = search.judged(cells, &progress.part(0.6, 0.3))?;
    if pool.is_empty() {
        return Ok(search.nothing(proposal, &skin, progress)?);
    }
    progress.report("stage-needles", 0.9)?;
    let chosen = if wanted > 1 {
        together(&pool, wanted, model, &points, request.margin_mm, around.rules().spacing_mm)
    } else {
        vec![0]
    };
    let offers = choose(&pool, &chosen, request.alternatives);
    proposal.needles = offers.needles;
    proposal.alternatives = offers.alternatives;
    // The search has looked only as far as the rules reach, and at some points of the lesion; what is shown is measured.
    let target = TargetPoints::of(around.target());
    let points = Points { inner: target.centres().to_vec(), rim: target.corners().to_vec() };
    for offer in proposal.needles.iter_mut().chain(&mut proposal.alternatives) {
        offer.verdict = around.judge(&offer.needle, model);
        offer.merits = Merits::judged(&offer.needle, &offer.verdict, around, model, &points, request.margin_mm);
        let margin = offer.merits.margin_mm;
        offer.reason.values.iter_mut().filter(|v| v.0 == "margin").for_each(|v| v.1 = margin);
    }
    Ok(proposal)
}

impl Search<'_> {
    /// The lines that the scout lets pass, the best few of each cell and aim, best first.
    fn candidates(
        &self,
        scout: &Scout<'_>,
        skin: &[Lps],
        cell_mm: f64,
        progress: &Progress,
    ) -> Result<Vec<Vec<Candidate>>, Cancelled> {
        let Search { model, request, aims, points, .. } = *self;
        // The skin's normal changes slowly: one per 4 mm.
        const NORMAL_MM: f64 = 4.0;
        let cell = |p: Lps, mm: f64| [p.x, p.y, p.z].map(|x| (x / mm).floor() as i32);
        let mut seeds: BTreeMap<[i32; 3], Lps> = BTreeMap::new();
        for p in skin {
            seeds.entry(cell(*p, NORMAL_MM)).or_insert(*p);
        }
        let seeds: Vec<_> = seeds.into_iter().collect();
        let normals: BTreeMap<[i32; 3], Option<DVec3>> =
            seeds.par_iter().map(|(key, p)| (*key, scout.normal(*p))).collect::<Vec<_>>().into_iter().collect();
        progress.report("stage-needles", 0.2)?;
        let passed: Vec<Vec<([i32; 4], Candidate)>> = skin
            .par_chunks(256)
            .map(|chunk| {
                progress.check()?;
                let mut out = Vec::new();
                for p in chunk {
                    let normal = normals.get(&cell(*p, NORMAL_MM)).copied().flatten();
                    for (n, aim) in aims.iter().enumerate() {
                        let Some(found) = scout.try_line(*aim, *p, normal) else { continue };
                        let inwards = (*aim - found.entry).normalize_or_zero();
                        let needle = Needle {
                            model: model.id.clone(),
                            entry: found.entry,
                            tip: *aim + inwards * found.beyond_mm,
                            pose: request.pose,
                        };
                        let guess =
                            Merits::guessed(&needle, found.slack_mm, found.lung_mm, model, points, request.margin_mm);
                        let [x, y, z] = cell(found.entry, cell_mm);
                        // For one needle the aims of a cell compete; several need needles to every part of the lesion.
                        let part = if request.needles > 1 { n as i32 } else { 0 };
                        out.push(([x, y, z, part], Candidate { needle, score: guess.score }));
                    }
                }
                Ok(out)
            })
            .collect::<Result<_, Cancelled>>()?;
        let mut cells: BTreeMap<[i32; 4], Vec<Candidate>> = BTreeMap::new();
        for (key, candidate) in passed.into_iter().flatten() {
            cells.entry(key).or_default().push(candidate);
        }
        Ok(cells
            .into_values()
            .map(|mut list| {
                // A stable sort: what is equally good stays in the grid's order.
                list.sort_by(|a, b| b.score.total_cmp(&a.score));
                list
            })
            .collect())
    }

    /// Of each cell the best candidate that the judge finds free; the best of all first.
    fn judged(&self, cells: Vec<Vec<Candidate>>, progress: &Progress) -> Result<Vec<Free>, Cancelled> {
        let Search { around, model, request, points, .. } = *self;
        let found: Vec<Option<Free>> = cells
            .par_iter()
            .map(|list| {
                progress.check()?;
                // The best few, then some evenly from the rest: a cell is given up only when all kinds of it fail.
                let rest = list.len().saturating_sub(TRIES);
                let spread = (1..=TRIES).map(|n| TRIES + rest * n / (TRIES + 1)).filter(|i| *i < list.len());
                for i in (0..TRIES.min(list.len())).chain(spread) {
                    let needle = &list[i].needle;
                    let verdict = around.judge_near(needle, model);
                    if verdict.is_free() {
                        let merits = Merits::judged(needle, &verdict, around, model, points, request.margin_mm);
                        return Ok(Some(Free { needle: needle.clone(), verdict, merits }));
                    }
                }
                Ok(None)
            })
            .collect::<Result<_, Cancelled>>()?;
        let mut pool: Vec<Free> = found.into_iter().flatten().collect();
        pool.sort_by(|a, b| b.merits.score.total_cmp(&a.merits.score));
        Ok(pool)
    }

    /// What is said where nothing is free.
    fn nothing(&self, mut proposal: Proposal, skin: &[Lps], progress: &Progress) -> Result<Proposal, Cancelled> {
        let (stopped, nearest_miss) = miss(self.around, self.model, self.request, skin, self.aims, progress)?;
        // Without skin in reach there is no entry.
        let (rule, share) = stopped.first().map_or(("real-skin", 1.0), |s| (s.rule.as_str(), s.share));
        let mut finding =
            Finding::new(Code::NoFreeNeedle).word("rule", format!("rule-{rule}")).number("percent", 100.0 * share, 0);
        if let Some(m) = &nearest_miss
            && let Some(v) = m.verdict.violations.first()
        {
            finding = finding.at(v.at);
        }
        proposal.findings.push(finding);
        (proposal.stopped, proposal.nearest_miss) = (stopped, nearest_miss);
        Ok(proposal)
    }
}
