//! The outline of a mask in one slice, to a fraction of a voxel.

use crate::space::{Bounds, Grid, Mask, PADDING, Volume, Voxel};
use glam::{DVec2, DVec3};

/// How slices lie in a grid: which index axis counts the slices, and which two span one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plane {
    pub(super) u: usize,
    pub(super) v: usize,
    pub(super) w: usize,
}

impl Plane {
    /// The axial slices of a grid: perpendicular to the index axis nearest to the patient's z.
    pub(super) fn axial(grid: &Grid) -> Plane {
        match grid.axis_along(DVec3::Z) {
            0 => Plane { u: 1, v: 2, w: 0 },
            1 => Plane { u: 0, v: 2, w: 1 },
            _ => Plane { u: 0, v: 1, w: 2 },
        }
    }

    pub(super) fn voxel(&self, u: usize, v: usize, w: usize) -> Voxel {
        let mut x = [0; 3];
        (x[self.u], x[self.v], x[self.w]) = (u, v, w);
        Voxel::new(x[0], x[1], x[2])
    }

    /// The continuous index of a place (u, v) in slice w.
    pub(super) fn index(&self, p: DVec2, w: f64) -> DVec3 {
        let mut x = [0.0; 3];
        (x[self.u], x[self.v], x[self.w]) = (p.x, p.y, w);
        DVec3::from(x)
    }

    /// mm per step in u and v.
    pub(super) fn pixel(&self, grid: &Grid) -> DVec2 {
        DVec2::new(grid.spacing[self.u], grid.spacing[self.v])
    }
}

/// The outline of one island of a mask in a slice, its holes with it, as pieces of straight line, in continuous voxel
/// indices (u, v). The pieces close.
#[derive(Default)]
pub(super) struct Outline {
    pub(super) pieces: Vec<[DVec2; 2]>,
    /// Pixels of the island.
    pub(super) pixels: usize,
}

/// SD of the Gaussian that smooths the mask where no image edge is, in voxels (facts: 0.7 takes the steps off a mask).
const SMOOTH: f64 = 0.7;

/// Share of the way from a voxel in to its neighbour out at which the outline runs. Where the HU fall through `level`
/// between the two it is the linear crossing; else the smoothed mask's 0.5, else half-way (the voxel's edge).
pub(super) fn crossing(hu: [i16; 2], soft: [f32; 2], level: Option<f64>) -> f64 {
    let [inside, outside] = hu.map(f64::from);
    if let Some(level) = level
        && hu[0] != PADDING
        && hu[1] != PADDING
        && inside > level
        && outside < level
    {
        return (inside - level) / (inside - outside);
    }
    if soft[0] > 0.5 && soft[1] < 0.5 {
        return f64::from((soft[0] - 0.5) / (soft[0] - soft[1]));
    }
    0.5
}

/// The outlines of `mask` in slice `w`, one for each island of pixels that share sides: by marching squares whose crossings
/// lie at `level` HU; without a level the outer edges of its pixels.
pub(super) fn outlines(
    hu: &Volume<i16>,
    mask: &Mask,
    plane: Plane,
    w: usize,
    extent: Bounds,
    level: Option<f64>,
) -> Vec<Outline> {
    // A raster with two pixels of room on each side; raster (0, 0) is pixel (u0 − 2, v0 − 2).
    const ROOM: usize = 2;
    let size = mask.grid.size;
    let (u0, v0) = (extent.lo[plane.u], extent.lo[plane.v]);
    let width = extent.hi[plane.u] - u0 + 2 * ROOM;
    let height = extent.hi[plane.v] - v0 + 2 * ROOM;
    let at = |x: usize, y: usize| -> Option<Voxel> {
        let (u, v) = ((u0 + x).checked_sub(ROOM)?, (v0 + y).checked_sub(ROOM)?);
        (u < size[plane.u] && v < size[plane.v]).then(|| plane.voxel(u, v, w))
    };
    let mut inside = vec![false; width * height];
    let mut values = vec![PADDING; width * height];
    for y in 0..height {
        for x in 0..width {
            if let Some(voxel) = at(x, y) {
                values[y * width + x] = hu.at(voxel);
                inside[y * width + x] = mask.get(voxel);
            }
        }
    }
    let (island, mut out) = islands(&inside, width);
    if level.is_none() {
        pixel_edges(&inside, &island, width, height, DVec2::new(u0 as f64, v0 as f64) - ROOM as f64, &mut out);
        return out;
    }
    let soft = smoothed(&inside, width, height);
    let place = |a: usize, b: usize| -> DVec2 {
        let (i, o) = if inside[a] { (a, b) } else { (b, a) };
        let t = crossing([values[i], values[o]], [soft[i], soft[o]], level);
        let p = |n: usize| DVec2::new((n % width + u0) as f64, (n / width + v0) as f64) - ROOM as f64;
        p(i).lerp(p(o), t)
    };
    for y in 0..height - 1 {
        for x in 0..width - 1 {
            let a = y * width + x;
            let corner = [a, a + 1, a + width + 1, a + width];
            let case = (0..4).fold(0, |c, n| c | usize::from(inside[corner[n]]) << n);
            // Edges 0 to 3: top, right, bottom, left; a saddle keeps its two corners apart, as faces do.
            let joins: &[[usize; 2]] = match case {
                0 | 15 => &[],
                1 | 14 => &[[3, 0]],
                2 | 13 => &[[0, 1]],
                4 | 11 => &[[1, 2]],
                8 | 7 => &[[2, 3]],
                3 | 12 => &[[3, 1]],
                6 | 9 => &[[0, 2]],
                5 => &[[3, 0], [1, 2]],
                _ => &[[0, 1], [2, 3]],
            };
            for [e, f] in joins {
                let ends = |n: usize| (corner[n], corner[(n + 1) % 4]);
                let edge = |n: usize| place(ends(n).0, ends(n).1);
                let (a, b) = ends(*e);
                out[island[if inside[a] { a } else { b }]].pieces.push([edge(*e), edge(*f)]);
            }
        }
    }
    out
}

/// Which island of pixels that share sides each pixel in belongs to, and of each island as yet only its pixels.
fn islands(inside: &[bool], width: usize) -> (Vec<usize>, Vec<Outline>) {
    let mut island = vec![usize::MAX; inside.len()];
    let mut out = Vec::new();
    let mut next = Vec::new();
    for first in 0..inside.len() {
        if !inside[first] || island[first] != usize::MAX {
            continue;
        }
        let mut pixels = 0;
        next.push(first);
        island[first] = out.len();
        while let Some(o) = next.pop() {
            pixels += 1;
            // The raster has room all around: no pixel in lies on its border.
            for n in [o - 1, o + 1, o - width, o + width] {
                if inside[n] && island[n] == usize::MAX {
                    island[n] = out.len();
                    next.push(n);
                }
            }
        }
        out.push(Outline { pieces: Vec::new(), pixels });
    }
    (island, out)
}

/// The sides of pixels in that border on pixels out; `origin` is the place of pixel (0, 0) of the raster.
fn pixel_edges(inside: &[bool], island: &[usize], width: usize, height: usize, origin: DVec2, out: &mut [Outline]) {
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let o = y * width + x;
            if !inside[o] {
                continue;
            }
            let corner = |dx: f64, dy: f64| origin + DVec2::new(x as f64 + dx, y as f64 + dy);
            for (neighbour, a, b) in [
                (o - 1, corner(-0.5, -0.5), corner(-0.5, 0.5)),
                (o + 1, corner(0.5, -0.5), corner(0.5, 0.5)),
                (o - width, corner(-0.5, -0.5), corner(0.5, -0.5)),
                (o + width, corner(-0.5, 0.5), corner(0.5, 0.5)),
            ] {
                if !inside[neighbour] {
                    out[island[o]].pieces.push([a, b]);
                }
            }
        }
    }
}

fn smoothed(inside: &[bool], width: usize, height: usize) -> Vec<f32> {
    let kernel: Vec<f32> = {
        let raw: Vec<f64> = (0..3).map(|t| (-0.5 * (f64::from(t) / SMOOTH).powi(2)).exp()).collect();
        let sum = raw[0] + 2.0 * (raw[1] + raw[2]);
        raw.iter().map(|v| (v / sum) as f32).collect()
    };
    let pass = |from: &[f32], step: usize, n: usize, lines: usize, line_step: usize| -> Vec<f32> {
        let mut to = vec![0f32; from.len()];
        for l in 0..lines {
            for i in 0..n {
                let value = |x: isize| -> f32 {
                    if x < 0 || x >= n as isize { 0.0 } else { from[l * line_step + x as usize * step] }
                };
                let i_ = i as isize;
                to[l * line_step + i * step] = kernel[0] * value(i_)
                    + kernel[1] * (value(i_ - 1) + value(i_ + 1))
                    + kernel[2] * (value(i_ - 2) + value(i_ + 2));
            }
        }
        to
    };
    let raw: Vec<f32> = inside.iter().map(|b| f32::from(u8::from(*b))).collect();
    let rows = pass(&raw, 1, width, height, width);
    pass(&rows, width, height, width, 1)
}
