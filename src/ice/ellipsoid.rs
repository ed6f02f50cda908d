//! An ellipsoid of revolution and the exact distance to it.

use crate::space::Lps;
use glam::DVec3;

/// An ellipsoid of revolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ellipsoid {
    /// Its centre.
    pub centre: Lps,
    /// Unit direction of its axis of revolution.
    pub axis: DVec3,
    /// Half of its length along the axis, mm.
    pub half_length_mm: f64,
    /// Half of its width across the axis, mm.
    pub half_width_mm: f64,
}

impl Ellipsoid {
    /// Where a point lies as seen from the centre: along the axis and across it, both not negative, mm.
    fn along_across(&self, p: Lps) -> (f64, f64) {
        let d = p - self.centre;
        let along = d.dot(self.axis);
        (along.abs(), (d.length_squared() - along * along).max(0.0).sqrt())
    }

    /// Whether a point lies in it.
    pub fn holds(&self, p: Lps) -> bool {
        let (u, r) = self.along_across(p);
        let (u, r) = (u / self.half_length_mm, r / self.half_width_mm);
        u * u + r * r <= 1.0
    }

    /// mm to its surface: positive inside, negative outside; exact.
    pub fn margin_mm(&self, p: Lps) -> f64 {
        let (u, r) = self.along_across(p);
        let d = if self.half_length_mm >= self.half_width_mm {
            to_ellipse(self.half_length_mm, self.half_width_mm, u, r)
        } else {
            to_ellipse(self.half_width_mm, self.half_length_mm, r, u)
        };
        if self.holds(p) { d } else { -d }
    }

    /// Its volume, mm³.
    pub fn volume_mm3(&self) -> f64 {
        4.0 / 3.0 * std::f64::consts::PI * self.half_length_mm * self.half_width_mm * self.half_width_mm
    }

    /// The stretch of the line `p` + t · `d` (d a unit vector) inside, as (first t, last t).
    pub(super) fn stretch(&self, p: Lps, d: DVec3) -> Option<(f64, f64)> {
        // With A = scaling to the unit ball: |A(p − c) + t A d|² = 1.
        let scale = |v: DVec3| {
            let along = v.dot(self.axis);
            (v - self.axis * along) / self.half_width_mm + self.axis * (along / self.half_length_mm)
        };
        let (q, e) = (scale(p - self.centre), scale(d));
        let (a, b, c) = (e.dot(e), q.dot(e), q.dot(q) - 1.0);
        let under = b * b - a * c;
        (under > 0.0 && a > 0.0).then(|| ((-b - under.sqrt()) / a, (-b + under.sqrt()) / a))
    }
}

/// Distance from (y0, y1), both ≥ 0, to the ellipse with half axes e0 ≥ e1 along them. Eberly, "Distance from a point to an
/// ellipse" (geometrictools.com), with Newton's steps instead of bisection: the function is convex and falls, and the start
/// lies left of its root, so that the steps run up to it without overshooting.
fn to_ellipse(e0: f64, e1: f64, y0: f64, y1: f64) -> f64 {
    if y1 <= 0.0 {
        let (numer, denom) = (e0 * y0, e0 * e0 - e1 * e1);
        if numer < denom {
            let x = numer / denom;
            return (e0 * x - y0).hypot(e1 * (1.0 - x * x).max(0.0).sqrt());
        }
        return (y0 - e0).abs();
    }
    if y0 <= 0.0 {
        return (y1 - e1).abs();
    }
    let (z0, z1) = (y0 / e0, y1 / e1);
    let r0 = (e0 / e1).powi(2);
    let mut s = z1 - 1.0;
    for _ in 0..60 {
        let (a, b) = (r0 * z0 / (s + r0), z1 / (s + 1.0));
        let g = a * a + b * b - 1.0;
        let slope = -2.0 * (a * a / (s + r0) + b * b / (s + 1.0));
        if g <= 0.0 || slope >= 0.0 {
            break;
        }
        let step = -g / slope;
        s += step;
        if step < 1e-13 {
            break;
        }
    }
    let (x0, x1) = (r0 * y0 / (s + r0), y1 / (s + 1.0));
    (x0 - y0).hypot(x1 - y1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Held against the nearest of many points of the surface.
        #[test]
        fn the_distance_is_the_distance(
            a in 2.0..20.0f64, b in 2.0..20.0f64, x in -30.0..30.0f64, y in -30.0..30.0f64, z in -30.0..30.0f64
        ) {
            let axis = DVec3::new(0.3, -0.4, 0.8).normalize();
            let e = Ellipsoid { centre: Lps::new(1.0, 2.0, 3.0), axis, half_length_mm: a, half_width_mm: b };
            let p = Lps::new(x, y, z);
            let d = p - e.centre;
            let (u, r) = (d.dot(axis), (d - axis * d.dot(axis)).length());
            let truth = (0..40_000)
                .map(|n| { let t = f64::from(n) * std::f64::consts::TAU / 40_000.0; (u - a * t.cos()).hypot(r - b * t.sin()) })
                .fold(f64::INFINITY, f64::min);
            prop_assert!((e.margin_mm(p).abs() - truth).abs() < 2e-3, "{} {}", e.margin_mm(p), truth);
            prop_assert_eq!(e.margin_mm(p) > 0.0, (u / a).powi(2) + (r / b).powi(2) < 1.0);
        }
    }

    #[test]
    fn the_centre_and_the_axis_are_no_special_places() {
        let e = Ellipsoid { centre: Lps::default(), axis: DVec3::Z, half_length_mm: 10.0, half_width_mm: 4.0 };
        assert!((e.margin_mm(Lps::default()) - 4.0).abs() < 1e-9);
        assert!((e.margin_mm(Lps::new(0.0, 0.0, 12.0)) + 2.0).abs() < 1e-9);
        assert!((e.margin_mm(Lps::new(0.0, -6.5, 0.0)) + 2.5).abs() < 1e-9);
        let flat = Ellipsoid { half_length_mm: 4.0, half_width_mm: 10.0, ..e };
        assert!((flat.margin_mm(Lps::default()) - 4.0).abs() < 1e-9);
    }
}
