//! What is shown of all that is free, and why.

use super::merits::Merits;
use super::search::Free;
use crate::needle::{Needle, Verdict};

/// Why a needle is offered: a key of `words` with its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The key.
    pub key: &'static str,
    /// The values that the text names: name, number, decimals.
    pub values: Vec<(&'static str, f64, usize)>,
}

/// A needle that breaks no rule, with what speaks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The needle.
    pub needle: Needle,
    /// What the rules say of it.
    pub verdict: Verdict,
    /// What it is ranked by.
    pub merits: Merits,
    /// Why it is offered.
    pub reason: Reason,
}

/// Two ways are truly different if their directions differ by this, degrees, or their entries by this, mm
/// (algorithms of published planners show no nearer ones; choice).
const DIFFERENT_DEG: f64 = 15.0;
const DIFFERENT_MM: f64 = 20.0;

/// An alternative must be better in its own respect by at least this: mm of margin, clearance, depth, lung; degrees (choice).
const BETTER: f64 = 2.0;

pub(super) struct Offers {
    pub(super) needles: Vec<Offer>,
    pub(super) alternatives: Vec<Offer>,
}

/// Whether two needles are truly different ways.
pub(super) fn differ(a: &Needle, b: &Needle) -> bool {
    let angle = a.direction().dot(b.direction()).clamp(-1.0, 1.0).acos().to_degrees();
    angle >= DIFFERENT_DEG || a.entry.distance(b.entry) >= DIFFERENT_MM
}

/// The chosen needles, and up to `most` alternatives to the first: the best in one respect each, then the next best ways.
/// `pool` is sorted, the best first.
pub(super) fn choose(pool: &[Free], chosen: &[usize], most: usize) -> Offers {
    let offer = |free: &Free, reason: Reason| Offer {
        needle: free.needle.clone(),
        verdict: free.verdict.clone(),
        merits: free.merits,
        reason,
    };
    let needles: Vec<Offer> = chosen
        .iter()
        .filter_map(|i| pool.get(*i))
        .map(|f| {
            let m = &f.merits;
            offer(
                f,
                Reason {
                    key: "alternative-best",
                    values: vec![("margin", m.margin_mm, 1), ("clearance", m.clearance_mm, 1)],
                },
            )
        })
        .collect();
    let Some(first) = needles.first().map(|o| o.merits) else { return Offers { needles, alternatives: Vec::new() } };
    let mut alternatives: Vec<Offer> = Vec::new();
    type Respect = (fn(&Merits) -> f64, &'static str, &'static str);
    // Each respect so that more is better; the sign is put right for the text.
    let respects: [Respect; 5] = [
        (|m| m.margin_mm, "alternative-coverage", "margin"),
        (|m| -m.depth_mm, "alternative-short", "depth"),
        (|m| m.clearance_mm, "alternative-clearance", "clearance"),
        (|m| -m.lung_mm, "alternative-lung", "lung"),
        (|m| -m.out_of_plane_deg, "alternative-in-plane", "angle"),
    ];
    let is_new =
        |f: &Free, alternatives: &[Offer]| needles.iter().chain(alternatives).all(|o| differ(&f.needle, &o.needle));
    // One of the places is for the next best way as such.
    for (respect, key, name) in respects {
        if alternatives.len() + 1 >= most {
            break;
        }
        // The pool is sorted: of equally good ones the first is the best all in all. A way that is hopeless otherwise is no
        // alternative (choice: half of the distance between the best and the worst score).
        let worst = pool.last().map_or(0.0, |f| f.merits.score);
        let enough = (first.score + worst) / 2.0;
        let mut best: Option<&Free> = None;
        for f in pool.iter().filter(|f| f.merits.score >= enough && is_new(f, &alternatives)) {
            if best.is_none_or(|b| respect(&f.merits) > respect(&b.merits) + 1e-9) {
                best = Some(f);
            }
        }
        if let Some(f) = best
            && respect(&f.merits) >= respect(&first) + BETTER
        {
            let value = respect(&f.merits);
            let value = if matches!(name, "margin" | "clearance") { value } else { -value };
            alternatives.push(offer(f, Reason { key, values: vec![(name, value, 1)] }));
        }
    }
    for f in pool {
        if alternatives.len() >= most {
            break;
        }
        if is_new(f, &alternatives) {
            let m = &f.merits;
            let values = vec![("margin", m.margin_mm, 1), ("clearance", m.clearance_mm, 1), ("depth", m.depth_mm, 0)];
            alternatives.push(offer(f, Reason { key: "alternative-next", values }));
        }
    }
    Offers { needles, alternatives }
}
