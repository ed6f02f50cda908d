//! A whole digital chest: all shapes of a case in the order in which they are painted.

use super::canvas::{Shape, Solid};
use super::case::{Case, LesionSpec};
use super::tissue::{Over, Tissue, WITHIN_LUNGS};
use super::torso::{Hull, Torso};
use super::{abdomen, mediastinum, skeleton, trees};
use crate::terms::Pose;
use glam::{DVec3, dvec3};
use std::sync::Arc;

/// The shapes of a case, bottom first.
pub(super) fn shapes(case: &Case) -> Vec<Box<dyn Shape>> {
    let torso = Arc::new(Torso::new());
    let down = if case.pose == Pose::Prone { -1.0 } else { 1.0 };
    let mut shapes: Vec<Box<dyn Shape>> = vec![table(down)];
    shapes.extend(Hull(&torso).shapes());
    shapes.extend(abdomen::shapes(&torso, down > 0.0));
    shapes.extend(mediastinum::shapes(&torso));
    let grown = trees::shapes(&shapes, case.seed);
    shapes.push(trees::fissures());
    shapes.extend(grown);
    shapes.extend(skeleton::shapes(&torso));
    shapes.extend(case.lesions.iter().enumerate().map(|(n, spec)| lesion(n, spec)));
    shapes
}

/// The table: a hollow shell 2 mm thick, curved as a cradle, with a mattress on it. `down`: +1 behind the patient, −1
/// before him.
fn table(down: f64) -> Box<dyn Shape> {
    // Where the body rests: the back's lowest 120 mm behind the origin, the front's 108 mm before it.
    let rest = if down > 0.0 { 127.0 } else { 116.0 };
    Box::new(Solid {
        low: dvec3(-230.0, if down > 0.0 { 60.0 } else { -220.0 }, f64::MIN),
        high: dvec3(230.0, if down > 0.0 { 220.0 } else { -60.0 }, f64::MAX),
        over: Over::ALL,
        tissue: move |p: DVec3| {
            let y = p.y * down;
            let top = rest - p.x * p.x / 1400.0;
            let bottom = rest + 34.0 - p.x * p.x / 900.0;
            if y >= top && y <= bottom {
                let shell = y < top + 2.0 || y > bottom - 2.0 || p.x.abs() > 205.0;
                return Some(if shell { Tissue::TableShell } else { Tissue::TableCore });
            }
            (y < top && y > top - 9.0 && p.x.abs() < 190.0).then_some(Tissue::Mattress)
        },
    })
}

/// How far the surface of a lesion lies out in a direction, as a share of the ellipsoid's.
fn bulge(u: DVec3, lobulation: f64) -> f64 {
    1.0 + lobulation * ((4.0 * u.x + 1.3).sin() * (5.0 * u.y + 0.4).sin() + 0.6 * (6.0 * u.z + 2.1 * u.x).sin())
}

/// The axes of a lesion in the body's frame.
pub(super) fn lesion_axes(spec: &LesionSpec) -> [DVec3; 3] {
    let (s, c) = spec.turn_degrees.to_radians().sin_cos();
    [dvec3(c, s, 0.0), dvec3(-s, c, 0.0), DVec3::Z]
}

/// How far a lesion reaches from its centre at most, mm.
pub(super) fn lesion_reach(spec: &LesionSpec) -> f64 {
    DVec3::from_array(spec.half_mm).max_element() * (1.0 + 1.6 * spec.lobulation) + 0.5
}

/// A lesion: fills what it meets in the lung, and stops at the pleura.
fn lesion(n: usize, spec: &LesionSpec) -> Box<dyn Shape> {
    let centre = DVec3::from_array(spec.centre_mm);
    let half = DVec3::from_array(spec.half_mm);
    let axes = lesion_axes(spec);
    let lobulation = spec.lobulation;
    let reach = DVec3::splat(lesion_reach(spec));
    Box::new(Solid {
        low: centre - reach,
        high: centre + reach,
        over: WITHIN_LUNGS,
        tissue: move |p: DVec3| {
            let q = p - centre;
            let r = dvec3(q.dot(axes[0]), q.dot(axes[1]), q.dot(axes[2])) / half;
            let length = r.length();
            let surface = if lobulation == 0.0 { 1.0 } else { bulge(r / length.max(1e-9), lobulation) };
            (length <= surface).then(|| Tissue::lesion(n))
        },
    })
}
