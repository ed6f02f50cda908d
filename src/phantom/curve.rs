//! Smooth closed outlines that change with height, and smooth lines in space.

use glam::{DVec2, DVec3};

/// Points between two given points of a closed outline.
const FINE: usize = 10;

/// A closed outline at some heights, with smooth outlines in between. All outlines have the same number of points.
pub(super) struct Loft {
    heights: Vec<f64>,
    outlines: Vec<Vec<DVec2>>,
}

impl Loft {
    /// From half outlines (x ≥ 0, front midline to back midline) by height, from the head down; mirrored to the other
    /// side, which is `right` as wide (no body is symmetric).
    pub(super) fn mirrored(keys: &[(f64, &[[f64; 2]])], right: f64) -> Loft {
        let whole = |half: &[[f64; 2]]| {
            let left = half.iter().map(|p| DVec2::new(p[0], p[1]));
            // The midline points are not doubled.
            let inner = half.len().saturating_sub(1).max(1);
            let mirrored = half[1..inner].iter().rev().map(|p| DVec2::new(-p[0] * right, p[1]));
            left.chain(mirrored).collect()
        };
        Loft::closed(keys.iter().map(|(z, half)| (*z, whole(half))).collect())
    }

    /// From whole outlines by height, from the head down.
    pub(super) fn closed(mut keys: Vec<(f64, Vec<DVec2>)>) -> Loft {
        keys.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (heights, outlines) = keys.into_iter().unzip();
        Loft { heights, outlines }
    }

    /// The given points at height z.
    fn points(&self, z: f64) -> Vec<DVec2> {
        let h = &self.heights;
        let last = h.len() - 1;
        let z = z.clamp(h[0], h[last]);
        let n = h.partition_point(|x| *x <= z).clamp(1, last) - 1;
        let width = h[n + 1] - h[n];
        let t = (z - h[n]) / width;
        let slope = |m: usize, p: usize| {
            let (a, b) = (m.saturating_sub(1), (m + 1).min(last));
            (self.outlines[b][p] - self.outlines[a][p]) / (h[b] - h[a])
        };
        (0..self.outlines[n].len())
            .map(|p| {
                hermite(self.outlines[n][p], self.outlines[n + 1][p], slope(n, p) * width, slope(n + 1, p) * width, t)
            })
            .collect()
    }

    /// The smooth outline at height z, moved outwards by `offset` mm (inwards where negative).
    pub(super) fn outline(&self, z: f64, offset: f64) -> Vec<DVec2> {
        let fine = smooth_closed(&self.points(z), FINE);
        if offset == 0.0 { fine } else { moved(&fine, |_| offset) }
    }

    /// The smooth outline at height z, moved inwards by a depth per given point.
    pub(super) fn outline_inset(&self, z: f64, depths: &[f64]) -> Vec<DVec2> {
        let given = self.points(z);
        let fine = smooth_closed(&given, FINE);
        let n = given.len();
        moved(&fine, |m| {
            let (a, t) = (m / FINE, (m % FINE) as f64 / FINE as f64);
            // Depths are given for one half; the other half mirrors them.
            let depth = |p: usize| depths[if p < depths.len() { p } else { n - p }];
            -(depth(a) * (1.0 - t) + depth((a + 1) % n) * t)
        })
    }
}

fn hermite(a: DVec2, b: DVec2, da: DVec2, db: DVec2, t: f64) -> DVec2 {
    let (t2, t3) = (t * t, t * t * t);
    a * (2.0 * t3 - 3.0 * t2 + 1.0) + da * (t3 - 2.0 * t2 + t) + b * (3.0 * t2 - 2.0 * t3) + db * (t3 - t2)
}

/// Catmull-Rom through the points of a closed outline, `fine` points per given one.
fn smooth_closed(points: &[DVec2], fine: usize) -> Vec<DVec2> {
    let n = points.len();
    let mut out = Vec::with_capacity(n * fine);
    for m in 0..n {
        let [p, a, b, q] = [points[(m + n - 1) % n], points[m], points[(m + 1) % n], points[(m + 2) % n]];
        for s in 0..fine {
            out.push(hermite(a, b, (b - p) * 0.5, (q - a) * 0.5, s as f64 / fine as f64));
        }
    }
    out
}

/// A closed outline with each point moved along the outward normal.
fn moved(outline: &[DVec2], distance: impl Fn(usize) -> f64) -> Vec<DVec2> {
    let n = outline.len();
    let area: f64 = (0..n).map(|m| outline[m].perp_dot(outline[(m + 1) % n])).sum();
    let sign = if area > 0.0 { 1.0 } else { -1.0 };
    (0..n)
        .map(|m| {
            let along = (outline[(m + 1) % n] - outline[(m + n - 1) % n]).normalize_or_zero();
            outline[m] + DVec2::new(along.y, -along.x) * sign * distance(m)
        })
        .collect()
}

/// Whether a point lies inside a closed outline (even-odd).
#[cfg(test)]
pub(super) fn inside(outline: &[DVec2], p: DVec2) -> bool {
    let mut odd = false;
    let mut a = outline[outline.len() - 1];
    for &b in outline {
        if (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x) {
            odd = !odd;
        }
        a = b;
    }
    odd
}

/// Catmull-Rom through points in space, `fine` pieces per span; the ends are kept.
pub(super) fn smooth_line(points: &[DVec3], fine: usize) -> Vec<DVec3> {
    let n = points.len();
    if n < 2 {
        return points.to_vec();
    }
    let mut out = Vec::with_capacity((n - 1) * fine + 1);
    for m in 0..n - 1 {
        let (a, b) = (points[m], points[m + 1]);
        let p = if m == 0 { a + (a - b) } else { points[m - 1] };
        let q = if m + 2 < n { points[m + 2] } else { b + (b - a) };
        for s in 0..fine {
            let t = s as f64 / fine as f64;
            let (t2, t3) = (t * t, t * t * t);
            let (da, db) = ((b - p) * 0.5, (q - a) * 0.5);
            out.push(
                a * (2.0 * t3 - 3.0 * t2 + 1.0) + da * (t3 - 2.0 * t2 + t) + b * (3.0 * t2 - 2.0 * t3) + db * (t3 - t2),
            );
        }
    }
    out.push(points[n - 1]);
    out
}

/// A value by height, straight between the given ones (from the head down) and constant beyond them.
pub(super) fn by_height(keys: &[(f64, f64)], z: f64) -> f64 {
    for pair in keys.windows(2) {
        let ((za, a), (zb, b)) = (pair[0], pair[1]);
        if z >= zb {
            return if z >= za { a } else { b + (a - b) * (z - zb) / (za - zb) };
        }
    }
    keys.last().map_or(0.0, |k| k.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loft_keeps_its_given_outlines_and_an_offset_grows_it() {
        let square: &[[f64; 2]] = &[[0.0, -10.0], [10.0, -10.0], [10.0, 10.0], [0.0, 10.0]];
        let loft = Loft::mirrored(&[(10.0, square), (0.0, square)], 1.0);
        assert!(inside(&loft.outline(5.0, 0.0), DVec2::new(9.0, 0.0)));
        assert!(!inside(&loft.outline(5.0, -3.0), DVec2::new(9.0, 0.0)));
        assert!(inside(&loft.outline(5.0, 3.0), DVec2::new(12.0, 0.0)));
    }

    #[test]
    fn values_by_height_are_straight_in_between() {
        let keys = [(10.0, 1.0), (0.0, 3.0)];
        assert_eq!([20.0, 10.0, 5.0, 0.0, -9.0].map(|z| by_height(&keys, z)), [1.0, 1.0, 2.0, 3.0, 3.0]);
    }
}
