//! Diameters of a plane outline: the longest, and the longest chord perpendicular to it.

use glam::DVec2;

/// A diameter in the plane, mm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chord {
    pub(super) ends: [DVec2; 2],
}

impl Chord {
    pub(super) fn mm(&self) -> f64 {
        self.ends[0].distance(self.ends[1])
    }
}

/// The convex hull, counter-clockwise, without points on its edges (Andrew's monotone chain).
pub(super) fn hull(points: &[DVec2]) -> Vec<DVec2> {
    let mut p = points.to_vec();
    p.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    p.dedup();
    if p.len() < 3 {
        return p;
    }
    let half = |points: &mut dyn Iterator<Item = DVec2>| {
        let mut chain: Vec<DVec2> = Vec::new();
        for q in points {
            while chain.len() >= 2 {
                let n = chain.len();
                if (chain[n - 1] - chain[n - 2]).perp_dot(q - chain[n - 2]) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(q);
        }
        chain.pop();
        chain
    };
    let mut lower = half(&mut p.iter().copied());
    let upper = half(&mut p.iter().rev().copied());
    lower.extend(upper);
    lower
}

/// The farthest pair of the hull of `points`, by rotating callipers (Shamos): exact.
pub(super) fn longest(points: &[DVec2]) -> Option<Chord> {
    let h = hull(points);
    let n = h.len();
    let pair = |a: usize, b: usize| Chord { ends: [h[a], h[b]] };
    match n {
        0 => return None,
        1 | 2 => return Some(pair(0, n - 1)),
        _ => {}
    }
    let mut best = pair(0, 1);
    let mut far = 1;
    for i in 0..n {
        let next = (i + 1) % n;
        let edge = h[next] - h[i];
        // The vertex farthest from this edge only moves on as the edge turns.
        while edge.perp_dot(h[(far + 1) % n] - h[far]) > 0.0 {
            far = (far + 1) % n;
        }
        for (a, b) in [(i, far), (next, far), (i, (far + 1) % n), (next, (far + 1) % n)] {
            let chord = pair(a, b);
            if chord.mm() > best.mm() {
                best = chord;
            }
        }
    }
    Some(best)
}

/// The longest chord perpendicular to `long`, from the first to the last crossing of the outline. Between two corners
/// of the outline a chord's length is linear, so that the longest one passes through a corner: exact.
pub(super) fn longest_across(pieces: &[[DVec2; 2]], long: &Chord) -> Option<Chord> {
    let along = (long.ends[1] - long.ends[0]).try_normalize()?;
    let across = along.perp();
    let turned: Vec<[DVec2; 2]> = pieces
        .iter()
        .map(|p| p.map(|q| DVec2::new((q - long.ends[0]).dot(along), (q - long.ends[0]).dot(across))))
        .collect();
    let mut best: Option<(f64, f64, f64)> = None;
    let mut corners: Vec<f64> = turned.iter().flat_map(|p| [p[0].x, p[1].x]).collect();
    corners.sort_by(f64::total_cmp);
    corners.dedup();
    for s in corners {
        let (mut lo, mut hi) = (f64::MAX, f64::MIN);
        for [a, b] in &turned {
            if s < a.x.min(b.x) || s > a.x.max(b.x) {
                continue;
            }
            let ys = if a.x == b.x { [a.y, b.y] } else { [a.y + (b.y - a.y) * (s - a.x) / (b.x - a.x); 2] };
            for y in ys {
                lo = lo.min(y);
                hi = hi.max(y);
            }
        }
        if hi >= lo && best.is_none_or(|(_, l, h)| hi - lo > h - l) {
            best = Some((s, lo, hi));
        }
    }
    let (s, lo, hi) = best?;
    let base = long.ends[0] + along * s;
    Some(Chord { ends: [base + across * lo, base + across * hi] })
}

/// mm of a chord that lie outside of the outline.
pub(super) fn outside_mm(pieces: &[[DVec2; 2]], chord: &Chord) -> f64 {
    let d = chord.ends[1] - chord.ends[0];
    let length = d.length();
    if length == 0.0 {
        return 0.0;
    }
    // Half-open pieces, so that a corner on the chord counts once.
    let mut cuts: Vec<f64> = pieces
        .iter()
        .filter_map(|[a, b]| {
            let (sa, sb) = (d.perp_dot(*a - chord.ends[0]), d.perp_dot(*b - chord.ends[0]));
            ((sa >= 0.0) != (sb >= 0.0)).then(|| (a.lerp(*b, sa / (sa - sb)) - chord.ends[0]).dot(d) / length)
        })
        .filter(|t| *t > 0.0 && *t < length)
        .collect();
    cuts.extend([0.0, length]);
    cuts.sort_by(f64::total_cmp);
    cuts.windows(2)
        .filter(|w| !holds(pieces, chord.ends[0] + d * ((w[0] + w[1]) / 2.0 / length)))
        .map(|w| w[1] - w[0])
        .sum()
}

/// Whether a point lies inside the outline: a ray along +x crosses it an odd number of times.
fn holds(pieces: &[[DVec2; 2]], p: DVec2) -> bool {
    let crossings = pieces
        .iter()
        .filter(|[a, b]| (a.y > p.y) != (b.y > p.y) && a.x + (b.x - a.x) * (p.y - a.y) / (b.y - a.y) > p.x);
    crossings.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Callipers find what trying every pair finds.
        #[test]
        fn the_longest_diameter_is_the_longest_of_all_pairs(p in prop::collection::vec((-9.0..9.0f64, -9.0..9.0f64), 2..60)) {
            let points: Vec<DVec2> = p.iter().map(|(x, y)| DVec2::new(*x, *y)).collect();
            let truth = points.iter().flat_map(|a| points.iter().map(|b| a.distance(*b))).fold(0.0, f64::max);
            prop_assert!((longest(&points).unwrap().mm() - truth).abs() < 1e-9);
        }
    }

    #[test]
    fn the_short_axis_of_an_l_is_a_chord_not_its_shadow() {
        let corners = [(0.0, 0.0), (10.0, 0.0), (10.0, 1.0), (1.0, 1.0), (1.0, 2.0), (0.0, 2.0)].map(DVec2::from);
        let pieces: Vec<[DVec2; 2]> = (0..6).map(|n| [corners[n], corners[(n + 1) % 6]]).collect();
        let long = Chord { ends: [corners[1], corners[0]] };
        let short = longest_across(&pieces, &long).unwrap();
        assert!((short.mm() - 2.0).abs() < 1e-12);
        let leaving = Chord { ends: [corners[5], corners[2]] };
        assert!(outside_mm(&pieces, &leaving) > 1.0);
    }
}
