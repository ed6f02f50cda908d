//! The exact truth about a lesion: measured on its shape, sampled four times as finely as the scan, not on voxels.

use super::canvas::{Canvas, Shape};
use super::case::LesionSpec;
use super::scene::{lesion_axes, lesion_reach};
use super::tissue::Tissue;
use crate::grids::components::{Components, Neighbours};
use crate::space::{LabelMap, Lps, Mask};
use crate::terms::{Side, Site, Structure};
use glam::{DVec2, DVec3};
use rayon::prelude::*;
use std::f64::consts::PI;

/// The ridge between the main bronchi: the middle lines of the tubes part at `parting`, their lumens below it. On the slice
/// where two lumens of a bronchus' size are first apart, at the place of the parting; the parting itself if there is none.
pub(super) fn carina(truth: &LabelMap, parting: Lps) -> Lps {
    /// The lumens part within this, mm.
    const BELOW_MM: f64 = 30.0;
    /// A lumen of less is no main bronchus, mm².
    const LUMEN_MM2: f64 = 30.0;
    let grid = &truth.grid;
    let axis = grid.axis_along(DVec3::Z);
    let airways = Mask::of(truth, |l| l == Structure::Airways.label());
    let near = grid.bounds_around(parting, BELOW_MM);
    let air = airways.crop(near);
    // From the head on: against the axis where it runs to the head.
    let up = (grid.axes.col(axis)).z > 0.0;
    let n = air.grid.size[axis];
    let area = grid.voxel_mm3() / grid.spacing[axis];
    for step in 0..n {
        let at = if up { n - 1 - step } else { step };
        let slice = Mask::from_fn(air.grid, |o| {
            let v = air.grid.voxel_of(o);
            [v.i, v.j, v.k][axis] == at && air.at(o)
        });
        let z = air.grid.point(DVec3::from([0, 1, 2].map(|a| if a == axis { at as f64 } else { 0.0 }))).z;
        let lumens = Components::of(&slice, Neighbours::Six);
        let large = lumens.list.iter().filter(|c| c.voxels as f64 * area >= LUMEN_MM2).count();
        if large >= 2 && z <= parting.z + grid.spacing[axis] {
            return Lps::new(parting.x, parting.y, z);
        }
    }
    parting
}

/// What is true about a lesion.
#[derive(Clone, Debug)]
pub struct TruthLesion {
    /// `lesion 1`, …
    pub name: String,
    /// Where it sits.
    pub site: Site,
    /// The side of its centre.
    pub side: Side,
    /// The ellipsoid's centre: inside the lesion, and where to click.
    pub centre: Lps,
    /// Volume of the shape, mm³; exact for an ellipsoid that touches nothing, else to 0.5 %.
    pub volume_mm3: f64,
    /// Longest diameter in an axial plane, mm, and its ends.
    pub long_mm: f64,
    /// The ends of the long axis.
    pub long: [Lps; 2],
    /// Longest chord across it in the same plane, mm.
    pub short_mm: f64,
    /// The ends of the short axis.
    pub short: [Lps; 2],
    /// Whether the shape is an ellipsoid that touches nothing.
    pub exact: bool,
    /// Its voxels on the CT's grid: those of which most is lesion.
    pub mask: Mask,
}

/// mm between samples in the plane and between planes.
const FINE_MM: f64 = 0.25;

/// Area, long and short axis of the lesion in one plane: body positions.
struct Section {
    samples: usize,
    long: [DVec2; 2],
    short: [DVec2; 2],
    z: f64,
}

fn section(shapes: &[Box<dyn Shape>], spec: &LesionSpec, n: usize, z: f64) -> Option<Section> {
    let reach = lesion_reach(spec) + 2.0 * FINE_MM;
    let wide = (2.0 * reach / FINE_MM) as usize;
    let first = DVec2::new(spec.centre_mm[0] - reach, spec.centre_mm[1] - reach);
    let mut canvas = Canvas::new(first, DVec2::splat(FINE_MM), [wide, wide], z);
    canvas.paint(shapes);
    let wanted = Tissue::lesion(n) as u8;
    let at = |i: f64, j: f64| first + DVec2::new(i, j) * FINE_MM;
    let mut samples = 0;
    // The corners of the first and last sample of each row hold the hull.
    let mut corners = Vec::new();
    for (j, row) in canvas.samples.chunks(wide).enumerate() {
        samples += row.iter().filter(|s| **s == wanted).count();
        let a = row.iter().position(|s| *s == wanted);
        let b = row.iter().rposition(|s| *s == wanted);
        if let (Some(a), Some(b)) = (a, b) {
            for (x, y) in [(a as f64 - 0.5, 0.0), (b as f64 + 0.5, 0.0)] {
                corners.push(at(x, j as f64 + y));
            }
        }
    }
    let mut long = [*corners.first()?; 2];
    for (m, a) in corners.iter().enumerate() {
        for b in &corners[m + 1..] {
            if a.distance_squared(*b) > long[0].distance_squared(long[1]) {
                long = [*a, *b];
            }
        }
    }
    let along = (long[1] - long[0]).normalize_or(DVec2::X);
    let across = along.perp();
    let bins = (long[0].distance(long[1]) / (2.0 * FINE_MM)) as usize + 2;
    let mut spans = vec![(f64::MAX, f64::MIN); bins];
    for (o, s) in canvas.samples.iter().enumerate() {
        if *s == wanted {
            let p = at((o % wide) as f64, (o / wide) as f64) - long[0];
            let bin = ((p.dot(along) / (2.0 * FINE_MM)).max(0.0) as usize).min(bins - 1);
            let v = p.dot(across);
            spans[bin] = (spans[bin].0.min(v), spans[bin].1.max(v));
        }
    }
    let (bin, span) = spans.iter().enumerate().max_by(|a, b| (a.1.1 - a.1.0).total_cmp(&(b.1.1 - b.1.0)))?;
    let foot = long[0] + along * (bin as f64 + 0.5) * 2.0 * FINE_MM;
    // Half a sample on either side belongs to it.
    let short = [foot + across * (span.0 - FINE_MM / 2.0), foot + across * (span.1 + FINE_MM / 2.0)];
    Some(Section { samples, long, short, z })
}

/// The truth about lesion `n` of a scene. `shift` leads from the body's frame to LPS.
pub(super) fn measure(shapes: &[Box<dyn Shape>], spec: &LesionSpec, n: usize, shift: DVec3, mask: Mask) -> TruthLesion {
    let reach = lesion_reach(spec);
    let planes = (2.0 * reach / FINE_MM) as usize + 1;
    let sections: Vec<Section> = (0..planes)
        .into_par_iter()
        .filter_map(|m| section(shapes, spec, n, spec.centre_mm[2] - reach + m as f64 * FINE_MM))
        .collect();
    let sampled = sections.iter().map(|s| s.samples).sum::<usize>() as f64 * FINE_MM.powi(3);
    let [a, b, c] = spec.half_mm;
    let whole = 4.0 / 3.0 * PI * a * b * c;
    let exact = spec.lobulation == 0.0 && (sampled / whole - 1.0).abs() < 0.003;
    let centre = DVec3::from_array(spec.centre_mm);
    let lps = |p: DVec3| Lps::from(p + shift);
    let (mut long, mut short) = ([centre; 2], [centre; 2]);
    if exact {
        let axes = lesion_axes(spec);
        let (l, s) = if a >= b { ((axes[0], a), (axes[1], b)) } else { ((axes[1], b), (axes[0], a)) };
        long = [centre - l.0 * l.1, centre + l.0 * l.1];
        short = [centre - s.0 * s.1, centre + s.0 * s.1];
    } else if let Some(best) = sections
        .iter()
        .max_by(|x, y| x.long[0].distance_squared(x.long[1]).total_cmp(&y.long[0].distance_squared(y.long[1])))
    {
        long = best.long.map(|p| p.extend(best.z));
        short = best.short.map(|p| p.extend(best.z));
    }
    TruthLesion {
        name: format!("lesion {}", n + 1),
        site: spec.site,
        side: if centre.x > 0.0 { Side::Left } else { Side::Right },
        centre: lps(centre),
        volume_mm3: if exact { whole } else { sampled },
        long_mm: long[0].distance(long[1]),
        long: long.map(lps),
        short_mm: short[0].distance(short[1]),
        short: short.map(lps),
        exact,
        mask,
    }
}
