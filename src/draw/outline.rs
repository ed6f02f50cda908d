//! Outlines on a plane: where a mask, or any field, is cut by it. Smooth lines, not the steps of voxels.

use super::plane::Plane;
use crate::grids::contour::{Polyline, isolines};
use crate::grids::distance::signed_distance;
use crate::grids::filter::gaussian_f32;
use crate::space::{Grid, Lps, Mask, Volume, Voxel};
use glam::DVec3;
use rayon::prelude::*;

/// Beyond this the distance is not kept, mm.
const CAP_MM: f64 = 4.0;

/// A small mask prepared for outlines on any plane: its signed distance in a box around it, smoothed by 0.7 voxel so
/// that the line runs between the voxels. Made once per mask.
#[derive(Clone, Debug)]
pub struct Shape {
    distance: Volume<f32>,
}

impl Shape {
    /// Prepares a mask; `None` if it is empty.
    pub fn of(mask: &Mask) -> Option<Shape> {
        let extent = mask.extent()?;
        let margin = [0, 1, 2].map(|a| (CAP_MM / mask.grid.spacing[a]).ceil() as usize + 1);
        let bounds = extent.grown(margin, &mask.grid);
        let distance = signed_distance(&mask.crop(bounds), CAP_MM);
        let sigma = 0.7 * mask.grid.spacing.x.min(mask.grid.spacing.y);
        Some(Shape { distance: gaussian_f32(&distance, sigma) })
    }

    /// mm to the edge: negative inside, `CAP_MM` far away.
    pub fn distance(&self, p: Lps) -> f64 {
        self.distance.sample(p).unwrap_or(CAP_MM)
    }

    /// Its outline on a plane, in pixels of the plane.
    pub fn lines(&self, plane: &Plane) -> Vec<Polyline> {
        let grid = &self.distance.grid;
        field_lines(plane, window_of(grid, plane), step_for(grid, plane), 0.0, CAP_MM, |p| self.distance(p))
    }
}

/// The outline of a large mask on a plane, in pixels of the plane: the mask between voxel centres, averaged over three
/// steps of the raster, at one half.
pub fn mask_lines(mask: &Mask, plane: &Plane) -> Vec<Polyline> {
    let grid = mask.grid;
    let step = step_for(&grid, plane).max(2);
    let Some(([x0, y0], [w, h])) = raster(window_of(&grid, plane), step) else { return Vec::new() };
    let place = |n: usize| {
        let (x, y) = (x0 + (n % w * step) as f64, y0 + (n / w * step) as f64);
        grid.index(plane.point(x, y))
    };
    let raw: Vec<f32> = (0..w * h).into_par_iter().map(|n| occupancy(mask, place(n))).collect();
    if raw.iter().all(|v| *v == raw[0]) {
        return Vec::new();
    }
    let smooth = binomial(&raw, w, h);
    let mut lines = isolines(&smooth, w, h, 0.5, Some(0.0));
    to_pixels(&mut lines, [x0, y0], step);
    lines
}

/// The lines on which `field` equals `level`, in pixels of the plane; `outside` is its value where nothing is known.
pub fn field_at(plane: &Plane, step: usize, level: f64, field: impl Fn(Lps) -> f64 + Sync) -> Vec<Polyline> {
    let whole = Some(([0.0, 0.0], [plane.size[0] as f64, plane.size[1] as f64]));
    field_lines(plane, whole, step.max(1), level, f64::INFINITY, field)
}

fn field_lines(
    plane: &Plane,
    window: Option<([f64; 2], [f64; 2])>,
    step: usize,
    level: f64,
    outside: f64,
    field: impl Fn(Lps) -> f64 + Sync,
) -> Vec<Polyline> {
    let Some(([x0, y0], [w, h])) = raster(window, step) else { return Vec::new() };
    let values: Vec<f32> = (0..w * h)
        .into_par_iter()
        .map(|n| field(plane.point(x0 + (n % w * step) as f64, y0 + (n / w * step) as f64)) as f32)
        .collect();
    let low = values.iter().fold(f32::INFINITY, |a, b| a.min(*b));
    if f64::from(low) > level {
        return Vec::new();
    }
    let outside = outside.is_finite().then_some(outside as f32);
    let mut lines = isolines(&values, w, h, level as f32, outside);
    to_pixels(&mut lines, [x0, y0], step);
    lines
}

fn to_pixels(lines: &mut [Polyline], [x0, y0]: [f64; 2], step: usize) {
    for p in lines.iter_mut().flat_map(|l| l.points.iter_mut()) {
        *p = [x0 + p[0] * step as f64, y0 + p[1] * step as f64];
    }
}

/// Pixels per step of the raster: about half a voxel, so that small steps of the mask are caught and large zooms stay
/// cheap.
fn step_for(grid: &Grid, plane: &Plane) -> usize {
    ((0.5 * grid.spacing.min_element() / plane.mm).floor() as usize).clamp(1, 16)
}

/// First pixel and count of a raster over a window of the plane.
fn raster(window: Option<([f64; 2], [f64; 2])>, step: usize) -> Option<([f64; 2], [usize; 2])> {
    let (lo, hi) = window?;
    let n = |a: usize| ((hi[a] - lo[a]) / step as f64).ceil() as usize + 1;
    let count = [n(0), n(1)];
    (count[0] > 1 && count[1] > 1 && count[0] * count[1] <= 1 << 24).then_some((lo, count))
}

/// The part of the plane that a grid's box covers, in pixels: lower and upper corner; `None` if it misses the plane.
fn window_of(grid: &Grid, plane: &Plane) -> Option<([f64; 2], [f64; 2])> {
    let n = grid.size.map(|n| n as f64 - 0.5);
    let (mut lo, mut hi) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let (mut near, mut far) = (f64::INFINITY, f64::NEG_INFINITY);
    for corner in 0..8 {
        let pick = |a: usize| if corner >> a & 1 == 1 { n[a] } else { -0.5 };
        let (p, depth) = plane.pixel(grid.point(DVec3::new(pick(0), pick(1), pick(2))));
        for a in 0..2 {
            lo[a] = lo[a].min(p[a]);
            hi[a] = hi[a].max(p[a]);
        }
        near = near.min(depth);
        far = far.max(depth);
    }
    for a in 0..2 {
        lo[a] = lo[a].floor().max(0.0);
        hi[a] = hi[a].ceil().min(plane.size[a] as f64);
    }
    (near <= 0.0 && far >= 0.0 && lo[0] < hi[0] && lo[1] < hi[1]).then_some((lo, hi))
}

/// The mask between its voxel centres, 0..=1; 0 outside.
fn occupancy(mask: &Mask, x: DVec3) -> f32 {
    let n = mask.grid.size;
    let lo = x.floor();
    let f = x - lo;
    let mut sum = 0.0;
    for corner in 0..8 {
        let mut v = [0usize; 3];
        let mut weight = 1.0;
        let mut inside = true;
        for a in 0..3 {
            let up = corner >> a & 1;
            let at = lo[a] + up as f64;
            weight *= if up == 1 { f[a] } else { 1.0 - f[a] };
            inside &= at >= 0.0 && at < n[a] as f64;
            v[a] = at.max(0.0) as usize;
        }
        if inside && weight > 0.0 && mask.get(Voxel::new(v[0], v[1], v[2])) {
            sum += weight;
        }
    }
    sum as f32
}

/// 1-2-1 along both directions; the border repeats.
fn binomial(raw: &[f32], w: usize, h: usize) -> Vec<f32> {
    let mut across = vec![0f32; raw.len()];
    for (from, to) in raw.chunks_exact(w).zip(across.chunks_exact_mut(w)) {
        for x in 0..w {
            to[x] = (from[x.saturating_sub(1)] + 2.0 * from[x] + from[(x + 1).min(w - 1)]) / 4.0;
        }
    }
    let mut out = vec![0f32; raw.len()];
    for y in 0..h {
        let (a, b, c) = (y.saturating_sub(1) * w, y * w, (y + 1).min(h - 1) * w);
        for x in 0..w {
            out[b + x] = (across[a + x] + 2.0 * across[b + x] + across[c + x]) / 4.0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::View;
    use crate::grids::contour::area;
    use glam::DMat3;

    fn ball(radius: f64) -> Mask {
        let grid = Grid {
            size: [64, 60, 30],
            spacing: DVec3::new(0.7, 0.7, 1.5),
            origin: Lps::new(-22.0, -21.0, -22.0),
            axes: DMat3::IDENTITY,
        };
        Mask::from_fn(grid, |o| grid.centre(grid.voxel_of(o)).vec().length() < radius)
    }

    #[test]
    fn a_balls_outline_has_the_balls_area_on_every_plane() {
        let (mask, r) = (ball(12.0), 12.0);
        let shape = Shape::of(&mask).expect("not empty");
        let oblique = [DVec3::new(0.6, 0.8, 0.0), DVec3::new(0.0, 0.0, -1.0)];
        for directions in [View::Axial.directions(), View::Coronal.directions(), oblique] {
            let plane = Plane::around(Lps::default(), directions, 0.25, [200, 200]);
            for lines in [shape.lines(&plane), mask_lines(&mask, &plane)] {
                assert_eq!(lines.len(), 1);
                assert!(lines[0].closed);
                let got = area(&lines[0]) * plane.mm * plane.mm;
                let want = std::f64::consts::PI * r * r;
                assert!((got / want - 1.0).abs() < 0.03, "{got} instead of {want}");
            }
        }
    }

    #[test]
    fn a_plane_that_misses_the_mask_shows_no_outline() {
        let mask = ball(8.0);
        let plane = Plane::around(Lps::new(0.0, 0.0, 15.0), View::Axial.directions(), 0.5, [90, 90]);
        assert!(Shape::of(&mask).expect("not empty").lines(&plane).is_empty());
        assert!(mask_lines(&mask, &plane).is_empty());
        assert!(Shape::of(&Mask::empty(mask.grid)).is_none());
    }
}
