//! Several needles for one lesion: greedy from several starts, then exchanges.
//!
//! What is maximised is the mean over the lesion's surface and inner points of the margin at −20 °C of the best body, up to
//! the margin asked for, and with it the least of these margins: a second needle must not leave a worse one than the first
//! alone. Greedy choice is within 1 − 1/e of the best for such means; exchanging one needle at a time against the pool mends
//! its first choice.

use super::merits::{Points, body, margin};
use super::search::Free;
use crate::needle::{Model, Needle};
use crate::space::Lps;
use rayon::prelude::*;

/// Shafts away from the ice, and entries, are at least this far apart, mm (choice: hubs and hands need room).
const ROOM_MM: f64 = 5.0;

/// A point this far outside is as bad as one farther outside, mm (choice).
const WORST_MM: f64 = 20.0;

/// What the least margin counts for beside the mean (choice).
const LEAST: f32 = 0.25;

/// What a needle's way (`Merits::way`) counts for beside the coverage, mm per point (choice: 25 points, as of a
/// rule that cannot be judged, are worth 0.1 mm of the mean margin, which one needle seldom raises by more than 2 mm).
const OWN: f64 = 0.004;

/// A further needle must add at least this much to the mean margin, mm (choice).
const GAIN_MM: f64 = 0.05;

/// How many ways to begin, their tips this far apart, mm; how often needles are exchanged (choices: some tens of
/// milliseconds).
const STARTS: usize = 16;
const START_MM: f64 = 3.0;
const ROUNDS: usize = 3;

/// Places in `pool` (the best alone first) of at most `wanted` needles.
pub(super) fn together(
    pool: &[Free],
    wanted: usize,
    model: &Model,
    points: &Points,
    margin_mm: f64,
    spacing_mm: f64,
) -> Vec<usize> {
    let all: Vec<Lps> = points.inner.iter().chain(&points.rim).copied().collect();
    let margins: Vec<Vec<f32>> = pool
        .par_iter()
        .map(|f| {
            let b = body(model, f.needle.tip, &f.needle);
            all.iter().map(|p| margin(&b, *p, false).clamp(-WORST_MM, margin_mm) as f32).collect()
        })
        .collect();
    let joined = |a: &[f32], b: &[f32]| -> f64 {
        let each = a.iter().zip(b).map(|(a, b)| a.max(*b));
        let (sum, least) = each.fold((0f64, f32::INFINITY), |(sum, least), m| (sum + f64::from(m), least.min(m)));
        if a.is_empty() { 0.0 } else { sum / a.len() as f64 + f64::from(LEAST * least) }
    };
    let value_of = |v: &[f32]| joined(v, v);
    let ice_mm = 2.0 * model.tip_offset_mm;
    let fits = |i: usize, chosen: &[usize]| {
        chosen.iter().all(|c| apart(&pool[i].needle, &pool[*c].needle, ice_mm, spacing_mm))
    };
    let worth = |i: usize| pool[i].merits.way() * OWN;
    let of = |chosen: &[usize]| {
        let mut best = vec![-WORST_MM as f32; all.len()];
        for c in chosen {
            for (b, m) in best.iter_mut().zip(&margins[*c]) {
                *b = b.max(*m);
            }
        }
        best
    };
    let pick = |now: &[f32], chosen: &[usize]| {
        let scored: Vec<(usize, f64)> = (0..pool.len())
            .into_par_iter()
            .filter(|i| !chosen.contains(i) && fits(*i, chosen))
            .map(|i| (i, joined(now, &margins[i]) + worth(i)))
            .collect();
        scored.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    };
    // A first needle in the middle leaves no room for a second in a small lesion: every way to begin is tried, one per
    // place of the tip.
    let mut starts: Vec<usize> = Vec::new();
    for i in 0..pool.len() {
        if starts.len() < STARTS && starts.iter().all(|s| pool[*s].needle.tip.distance(pool[i].needle.tip) >= START_MM)
        {
            starts.push(i);
        }
    }
    let mut best: Option<(Vec<usize>, f64)> = None;
    for start in starts {
        let mut chosen = vec![start];
        while chosen.len() < wanted {
            let Some((next, _)) = pick(&of(&chosen), &chosen) else { break };
            chosen.push(next);
        }
        for _ in 0..ROUNDS {
            let mut better = false;
            for n in 0..chosen.len() {
                let mut others = chosen.clone();
                let old = others.remove(n);
                let now = of(&others);
                let before = joined(&now, &margins[old]) + worth(old);
                if let Some((next, value)) = pick(&now, &others)
                    && value > before + 1e-6
                {
                    chosen[n] = next;
                    better = true;
                }
            }
            if !better {
                break;
            }
        }
        let value = value_of(&of(&chosen)) + chosen.iter().map(|c| worth(*c)).sum::<f64>() / chosen.len() as f64;
        if best.as_ref().is_none_or(|b| value > b.1 + 1e-9) {
            best = Some((chosen, value));
        }
    }
    let mut chosen = best.unwrap_or_default().0;
    let mut value = value_of(&of(&chosen));
    // A needle that adds next to nothing is one too many.
    while chosen.len() > 1 {
        let without = |n: usize| {
            let mut rest = chosen.clone();
            rest.remove(n);
            let value = value_of(&of(&rest));
            (rest, value)
        };
        let Some((rest, less)) = (0..chosen.len()).map(without).max_by(|a, b| a.1.total_cmp(&b.1)) else { break };
        if less + GAIN_MM <= value {
            break;
        }
        (chosen, value) = (rest, less);
    }
    chosen
}

/// Whether two needles leave each other room: where they freeze the spacing asked for, elsewhere room for hubs.
fn apart(a: &Needle, b: &Needle, ice_mm: f64, spacing_mm: f64) -> bool {
    let cold = |n: &Needle| (n.tip - n.direction() * ice_mm.min(n.depth_mm()), n.tip);
    let ((a0, a1), (b0, b1)) = (cold(a), cold(b));
    between(a0, a1, b0, b1) >= spacing_mm && between(a.entry, a.tip, b.entry, b.tip) >= ROOM_MM
}

/// Least distance between two segments. Ericson, Real-Time Collision Detection (2005), 5.1.9.
fn between(p1: Lps, q1: Lps, p2: Lps, q2: Lps) -> f64 {
    let (d1, d2, r) = (q1 - p1, q2 - p2, p1 - p2);
    let (a, e, f) = (d1.dot(d1), d2.dot(d2), d2.dot(r));
    if a <= 1e-12 || e <= 1e-12 {
        return p1.distance(p2);
    }
    let (c, b) = (d1.dot(r), d1.dot(d2));
    let denom = a * e - b * b;
    let mut s = if denom > 1e-12 { ((b * f - c * e) / denom).clamp(0.0, 1.0) } else { 0.0 };
    let mut t = (b * s + f) / e;
    if t < 0.0 {
        (t, s) = (0.0, (-c / a).clamp(0.0, 1.0));
    } else if t > 1.0 {
        (t, s) = (1.0, ((b - c) / a).clamp(0.0, 1.0));
    }
    (p1 + d1 * s).distance(p2 + d2 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_as_far_apart_as_their_nearest_points() {
        let p = Lps::new;
        assert!((between(p(0., 0., 0.), p(10., 0., 0.), p(5., -5., 3.), p(5., 5., 3.)) - 3.0).abs() < 1e-12);
        assert!((between(p(0., 0., 0.), p(10., 0., 0.), p(13., 4., 0.), p(20., 4., 0.)) - 5.0).abs() < 1e-12);
        assert!((between(p(0., 0., 0.), p(10., 0., 0.), p(0., 2., 0.), p(10., 2., 0.)) - 2.0).abs() < 1e-12);
    }
}
