//! The isothermal surfaces of some needles, united.

use super::ellipsoid::Ellipsoid;
use crate::needle::{Catalogue, Needle};
use crate::space::Lps;
use glam::DVec3;

/// Why there is no ice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IceError {
    /// A needle's model is not in the catalogue.
    #[error(
        "needle {number}: the model {model} is not in the catalogue; choose another, or open the plan with its own catalogue"
    )]
    UnknownModel {
        /// Which needle, from 1.
        number: usize,
        /// Its model's id.
        model: String,
    },
}

/// The surface of one temperature: what lies in any of the bodies is that cold or colder.
#[derive(Clone, Debug, PartialEq)]
pub struct Surface {
    /// °C.
    pub celsius: i32,
    /// One body per needle that has such a surface, in the order of the needles.
    pub bodies: Vec<Ellipsoid>,
    /// Whether all of their sizes are verified.
    pub verified: bool,
    /// Whether any of their sizes was derived from the 0 °C surface.
    pub derived: bool,
}

/// What some needles freeze.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Frozen {
    /// The surfaces, warmest first.
    pub surfaces: Vec<Surface>,
    /// Whether geometry and all isotherms of all models are verified.
    pub verified: bool,
    /// Minutes of freezing that the surfaces stand for; the longest where models differ.
    pub minutes: f64,
}

/// Volumes of united bodies are summed over lines this far apart, mm.
const LINE_MM: f64 = 0.25;

impl Frozen {
    /// The ice of needles: each an ellipsoid on the shaft whose centre lies the model's tip offset behind the tip.
    pub fn of(needles: &[Needle], catalogue: &Catalogue) -> Result<Frozen, IceError> {
        let mut frozen = Frozen { verified: !needles.is_empty(), ..Frozen::default() };
        for (n, needle) in needles.iter().enumerate() {
            let Some(model) = catalogue.model(&needle.model) else {
                return Err(IceError::UnknownModel { number: n + 1, model: needle.model.clone() });
            };
            let direction = needle.direction();
            // A needle without direction freezes a body that stands upright: better than none.
            let axis = if direction == DVec3::ZERO { DVec3::Z } else { direction };
            let centre = needle.tip - axis * model.tip_offset_mm;
            frozen.verified &= model.verified;
            frozen.minutes = frozen.minutes.max(model.minutes);
            for i in &model.isotherms {
                let body =
                    Ellipsoid { centre, axis, half_length_mm: i.length_mm / 2.0, half_width_mm: i.width_mm / 2.0 };
                let place = match frozen.surfaces.iter().position(|s| s.celsius == i.celsius) {
                    Some(place) => place,
                    None => {
                        let empty = Surface { celsius: i.celsius, bodies: Vec::new(), verified: true, derived: false };
                        frozen.surfaces.push(empty);
                        frozen.surfaces.len() - 1
                    }
                };
                let surface = &mut frozen.surfaces[place];
                surface.bodies.push(body);
                surface.verified &= i.verified;
                surface.derived |= i.derived;
            }
        }
        frozen.surfaces.sort_by_key(|s| -s.celsius);
        Ok(frozen)
    }

    /// The surface of a temperature, if there is any ice.
    pub fn surface(&self, celsius: i32) -> Option<&Surface> {
        self.surfaces.iter().find(|s| s.celsius == celsius)
    }

    /// mm from a point to the surface of a temperature: positive inside, negative outside; −∞ where there is no such surface.
    /// What outlines are drawn from, on any plane.
    pub fn margin_mm(&self, celsius: i32, p: Lps) -> f64 {
        self.surface(celsius).map_or(f64::NEG_INFINITY, |s| s.margin_mm(p))
    }
}

impl Surface {
    /// mm from a point to the surface: positive inside, negative outside. Exact outside of all bodies, and inside of one; in
    /// the common part of two at most the truth.
    pub fn margin_mm(&self, p: Lps) -> f64 {
        self.bodies.iter().map(|b| b.margin_mm(p)).fold(f64::NEG_INFINITY, f64::max)
    }

    /// Whether a point lies in it.
    pub fn holds(&self, p: Lps) -> bool {
        self.bodies.iter().any(|b| b.holds(p))
    }

    /// Volume of the union, ml. One body by its formula; several by exact stretches along lines 0.25 mm apart.
    pub fn volume_ml(&self) -> f64 {
        match self.bodies.as_slice() {
            [] => return 0.0,
            [one] => return one.volume_mm3() / 1000.0,
            _ => {}
        }
        let reach = |b: &Ellipsoid| b.half_length_mm.max(b.half_width_mm);
        let lo = |f: &dyn Fn(Lps) -> f64| self.bodies.iter().map(|b| f(b.centre) - reach(b)).fold(f64::MAX, f64::min);
        let hi = |f: &dyn Fn(Lps) -> f64| self.bodies.iter().map(|b| f(b.centre) + reach(b)).fold(f64::MIN, f64::max);
        let (y0, y1) = (lo(&|p| p.y), hi(&|p| p.y));
        let (z0, z1) = (lo(&|p| p.z), hi(&|p| p.z));
        let lines = |from: f64, to: f64| ((to - from) / LINE_MM).ceil().clamp(0.0, 4000.0) as usize;
        let mut mm3 = 0.0;
        let mut stretches: Vec<(f64, f64)> = Vec::new();
        for k in 0..lines(z0, z1) {
            for j in 0..lines(y0, y1) {
                let p = Lps::new(0.0, y0 + (j as f64 + 0.5) * LINE_MM, z0 + (k as f64 + 0.5) * LINE_MM);
                stretches.clear();
                stretches.extend(self.bodies.iter().filter_map(|b| b.stretch(p, DVec3::X)));
                stretches.sort_by(|a, b| a.0.total_cmp(&b.0));
                let mut end = f64::MIN;
                for (from, to) in &stretches {
                    mm3 += (to - from.max(end)).max(0.0) * LINE_MM * LINE_MM;
                    end = end.max(*to);
                }
            }
        }
        mm3 / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Pose;

    fn needle(x: f64) -> Needle {
        Needle {
            model: "icesphere".into(),
            entry: Lps::new(x, -100.0, 0.0),
            tip: Lps::new(x, 0.0, 0.0),
            pose: Pose::AsScanned,
        }
    }

    #[test]
    fn the_ice_lies_on_the_shaft_behind_the_tip_in_the_catalogues_sizes() {
        let f = Frozen::of(&[needle(5.0)], &Catalogue::built_in().unwrap()).unwrap();
        let s = f.surface(0).unwrap();
        assert_eq!(s.bodies[0].centre, Lps::new(5.0, -11.0, 0.0));
        assert!((f.margin_mm(0, Lps::new(5.0, -11.0 + 18.5, 0.0))).abs() < 1e-9);
        assert!((f.margin_mm(0, Lps::new(5.0 - 16.0, -11.0, 0.0))).abs() < 1e-9);
        assert!((s.volume_ml() - 4.0 / 3.0 * std::f64::consts::PI * 18.5 * 16.0 * 16.0 / 1000.0).abs() < 1e-9);
        assert!(!f.verified && !s.verified && !s.derived && f.surface(-20).unwrap().derived);
    }

    #[test]
    fn united_volumes_count_the_common_part_once() {
        let c = Catalogue::built_in().unwrap();
        let one = Frozen::of(&[needle(0.0)], &c).unwrap().surface(-20).unwrap().volume_ml();
        let volume = |x: f64| Frozen::of(&[needle(0.0), needle(x)], &c).unwrap().surface(-20).unwrap().volume_ml();
        assert!((volume(0.0) - one).abs() < 0.002 * one);
        assert!((volume(40.0) - 2.0 * one).abs() < 0.002 * one);
        // Two spheroids shifted across their axis: the lens between them, scaled to unit balls: π(4 + d)(2 − d)²/12.
        let d: f64 = 10.0 / 10.16;
        let lens = std::f64::consts::PI * (4.0 + d) * (2.0 - d).powi(2) / 12.0 * 14.65 * 10.16 * 10.16 / 1000.0;
        assert!((volume(10.0) - (2.0 * one - lens)).abs() < 0.003 * one);
    }

    #[test]
    fn a_model_that_is_not_in_the_catalogue_is_an_error() {
        let mut n = needle(0.0);
        n.model = "gone".into();
        assert!(Frozen::of(&[n], &Catalogue::built_in().unwrap()).is_err());
    }
}
