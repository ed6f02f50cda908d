//! What a needle is worth: one number from what can be measured of it.
//!
//! The weights are choices; their proportions follow odds ratios for pneumothorax of a meta-analysis of 36 biopsy studies
//! (PMC7362905): more than one pleural puncture 2.43; depth 1.71 per cm (PMC5116566). One unit of ln(odds) counts as 10.

use crate::ice::Ellipsoid;
use crate::needle::{Model, Needle, Status, Surroundings, Verdict};
use crate::space::Lps;

/// Per mm of least margin at −20 °C, up to the margin asked for.
const PER_MARGIN_MM: f64 = 2.0;
/// For the whole lesion inside of −20 °C.
const PER_INSIDE: f64 = 20.0;
/// Per mm of clearance beyond the rules', up to 10 mm.
const PER_SLACK_MM: f64 = 0.8;
/// Per mm in lung: 10 · ln 1.71 / 10 mm.
const PER_LUNG_MM: f64 = -0.54;
/// Per pleural puncture beyond the first: 10 · ln 2.43.
const PER_PASS: f64 = -8.9;
/// Per mm of depth: a needle that goes 3.6° astray (5 mm at 80 mm; choice) loses 0.063 mm of margin per mm of depth.
const PER_DEPTH_MM: f64 = -PER_MARGIN_MM * 0.063;
/// Per mm of depth beyond this: a shaft's last fifth is kept in reserve (choice; the usable length is unverified).
const PER_LONG_MM: f64 = -0.5;
const LONG_MM: f64 = 120.0;
/// Per degree out of the axial plane.
const PER_DEGREE: f64 = -0.1;
/// Per rule that cannot be judged. What no needle can have judged weighs on all alike; else a way that is known goes before
/// one that may be barred, unless it is much worse (choice: as 12 mm of margin).
const PER_UNKNOWN: f64 = -25.0;
/// Per rule that warns.
const PER_WARNING: f64 = -5.0;

/// The temperature that must reach beyond the lesion, °C (`Request::margin_mm`).
pub(super) const COLD: i32 = -20;

/// What a needle is ranked by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merits {
    /// Least margin at −20 °C of this needle alone, mm; negative where the lesion sticks out.
    pub margin_mm: f64,
    /// Share of the lesion inside of −20 °C of this needle alone.
    pub fraction_inside: f64,
    /// Least clearance of the shaft from anything that a rule keeps it away from by a distance, mm; at most 20 less the shaft's radius.
    pub clearance_mm: f64,
    /// The same less what the rules ask, mm.
    pub slack_mm: f64,
    /// mm in lung outside of the lesion.
    pub lung_mm: f64,
    /// How often it goes through the pleura into a lung.
    pub passes: usize,
    /// mm from skin to tip.
    pub depth_mm: f64,
    /// Degrees out of the axial plane.
    pub out_of_plane_deg: f64,
    /// Rules that could not be judged.
    pub unknown: usize,
    /// Rules that warn.
    pub warnings: usize,
    /// All in all: more is better.
    pub score: f64,
}

impl Merits {
    /// The weighted sum.
    fn scored(mut self, margin_asked_mm: f64) -> Merits {
        let ice = PER_MARGIN_MM * self.margin_mm.clamp(-100.0, margin_asked_mm) + PER_INSIDE * self.fraction_inside;
        self.score = ice + self.way();
        self
    }

    /// The part of the sum that is the needle's way, whatever its ice covers.
    pub(super) fn way(&self) -> f64 {
        PER_SLACK_MM * self.slack_mm.clamp(0.0, 10.0)
            + PER_LUNG_MM * self.lung_mm
            + PER_PASS * self.passes.saturating_sub(1) as f64
            + PER_DEPTH_MM * self.depth_mm
            + PER_LONG_MM * (self.depth_mm - LONG_MM).max(0.0)
            + PER_DEGREE * self.out_of_plane_deg
            + PER_UNKNOWN * self.unknown as f64
            + PER_WARNING * self.warnings as f64
    }

    /// What a judged needle is worth.
    pub(super) fn judged(
        needle: &Needle,
        verdict: &Verdict,
        around: &Surroundings,
        model: &Model,
        points: &Points,
        margin_mm: f64,
    ) -> Merits {
        let (lung_mm, passes) = around.lung_path(needle);
        let (least, inside) = points.covered(body(model, needle.tip, needle), true);
        // Distances to structures only: angles and depths have limits of their own.
        let named = |s: &str| crate::terms::Structure::ALL.iter().any(|t| t.name() == s);
        let distances = verdict.clearances.iter().filter(|c| named(&c.structure) && c.status != Status::Warning);
        let (mut clearance_mm, mut slack_mm) = (f64::INFINITY, f64::INFINITY);
        for c in distances {
            if let Some(m) = c.measured {
                clearance_mm = clearance_mm.min(m);
                slack_mm = slack_mm.min(m - c.allowed);
            }
        }
        let count = |status: Status| verdict.clearances.iter().filter(|c| c.status == status).count();
        Merits {
            margin_mm: least,
            fraction_inside: inside,
            clearance_mm: if clearance_mm.is_finite() { clearance_mm } else { 0.0 },
            slack_mm: if slack_mm.is_finite() { slack_mm } else { 0.0 },
            lung_mm,
            passes,
            depth_mm: needle.depth_mm(),
            out_of_plane_deg: needle.craniocaudal_angle_deg().abs(),
            unknown: count(Status::Unknown),
            warnings: count(Status::Warning),
            score: 0.0,
        }
        .scored(margin_mm)
    }

    /// What a needle that was only scouted seems worth.
    pub(super) fn guessed(
        needle: &Needle,
        slack_mm: f64,
        lung_mm: f64,
        model: &Model,
        points: &Points,
        margin_mm: f64,
    ) -> Merits {
        let (margin, inside) = points.covered(body(model, needle.tip, needle), false);
        Merits {
            margin_mm: margin,
            fraction_inside: inside,
            clearance_mm: slack_mm,
            slack_mm,
            lung_mm,
            passes: usize::from(lung_mm > 0.0),
            depth_mm: needle.depth_mm(),
            out_of_plane_deg: needle.craniocaudal_angle_deg().abs(),
            unknown: 0,
            warnings: 0,
            score: 0.0,
        }
        .scored(margin_mm)
    }
}

/// The −20 °C body of a needle; a point where the catalogue has none.
pub(super) fn body(model: &Model, tip: Lps, needle: &Needle) -> Ellipsoid {
    let axis = needle.direction();
    let (length, width) = model.isotherm(COLD).map_or((0.1, 0.1), |i| (i.length_mm, i.width_mm));
    Ellipsoid {
        centre: tip - axis * model.tip_offset_mm,
        axis,
        half_length_mm: length / 2.0,
        half_width_mm: width / 2.0,
    }
}

/// Some points of a lesion.
pub(super) struct Points {
    pub(super) inner: Vec<Lps>,
    pub(super) rim: Vec<Lps>,
}

impl Points {
    /// (least margin, share inside) of one body.
    pub(super) fn covered(&self, body: Ellipsoid, exact: bool) -> (f64, f64) {
        let inside = self.inner.iter().filter(|p| body.holds(**p)).count();
        let least = self.rim.iter().map(|p| margin(&body, *p, exact)).fold(f64::INFINITY, f64::min);
        let least = if least.is_finite() { least } else { 0.0 };
        (least, inside as f64 / self.inner.len().max(1) as f64)
    }
}

/// mm to a body's surface, positive inside. Not exact: along the ray from the centre, which is at least the distance.
pub(super) fn margin(body: &Ellipsoid, p: Lps, exact: bool) -> f64 {
    if exact {
        return body.margin_mm(p);
    }
    let d = p - body.centre;
    let along = d.dot(body.axis);
    let across2 = (d.length_squared() - along * along).max(0.0);
    let q = (along * along / body.half_length_mm.powi(2) + across2 / body.half_width_mm.powi(2)).sqrt();
    if q < 1e-6 {
        return body.half_width_mm.min(body.half_length_mm);
    }
    // d / q is the point of the surface on the same ray.
    d.length() * (1.0 / q - 1.0)
}
