//! The room around a click: a box of the scan that may stick out of the scan, where its last voxels are repeated.

use crate::space::{Grid, Lps, Mask, PADDING, Volume, Voxel};
use glam::DVec3;
use rayon::prelude::*;

/// A box of a volume on its own grid's lattice. Beyond the scan the nearest voxel is repeated: what lies there is
/// unknown, and a lesion cut by the border must not look rounded there.
pub(super) struct Room {
    /// HU as f32; padding counts as −1000.
    pub(super) hu: Volume<f32>,
    /// Index of the box's first voxel in the volume; may be negative.
    lo: [isize; 3],
    size: [usize; 3],
    whole: Grid,
}

/// So far beyond the scan a box reaches, mm: more than any opening takes off (choice).
const BEYOND_MM: f64 = 6.0;

fn value(v: i16) -> f32 {
    if v == PADDING { -1000.0 } else { f32::from(v) }
}

impl Room {
    /// The box of all voxels whose centres lie within `radius_mm` of `centre` per axis.
    pub(super) fn around(hu: &Volume<i16>, centre: Lps, radius_mm: f64) -> Room {
        let g = hu.grid;
        let c = g.index(centre);
        let mut lo = [0isize; 3];
        let mut size = [0usize; 3];
        for a in 0..3 {
            let r = radius_mm / g.spacing[a];
            // No farther beyond the scan than what shapes at its border need.
            let beyond = (BEYOND_MM / g.spacing[a]).ceil();
            let first = (c[a] - r).max(-beyond).ceil();
            let last = (c[a] + r).min(g.size[a] as f64 - 1.0 + beyond).floor();
            lo[a] = first as isize;
            size[a] = ((last - first) as isize + 1).max(1) as usize;
        }
        let grid = Grid { size, origin: g.point(DVec3::from(lo.map(|x| x as f64))), ..g };
        let clamp = |x: isize, a: usize| x.clamp(0, g.size[a] as isize - 1) as usize;
        let mut out = Volume::filled(grid, 0f32);
        out.data.par_chunks_mut(size[0] * size[1]).enumerate().for_each(|(k, slice)| {
            let kk = clamp(lo[2] + k as isize, 2);
            for j in 0..size[1] {
                let jj = clamp(lo[1] + j as isize, 1);
                let row = (kk * g.size[1] + jj) * g.size[0];
                for i in 0..size[0] {
                    slice[j * size[0] + i] = value(hu.data[row + clamp(lo[0] + i as isize, 0)]);
                }
            }
        });
        Room { hu: out, lo, size: g.size, whole: g }
    }

    pub(super) fn grid(&self) -> &Grid {
        &self.hu.grid
    }

    /// Whether a voxel of the box is one of the scan.
    pub(super) fn in_scan(&self, v: Voxel) -> bool {
        let x = [v.i, v.j, v.k];
        (0..3).all(|a| {
            let y = x[a] as isize + self.lo[a];
            y >= 0 && y < self.size[a] as isize
        })
    }

    /// A mask of the box on the grid of the volume that the box is of.
    pub(super) fn in_whole(&self, mask: &Mask) -> Mask {
        let mut out = Mask::empty(self.whole);
        mask.for_each(|v| {
            if self.in_scan(v) {
                let at = |x: usize, a: usize| (x as isize + self.lo[a]) as usize;
                out.set(Voxel::new(at(v.i, 0), at(v.j, 1), at(v.k, 2)), true);
            }
        });
        out
    }
}

/// HU on a lattice of cubes of `cell_mm` within `radius_mm` of `centre` per axis, along the CT's own axes: trilinear;
/// where the cells are larger than voxels, means over the cell. Beyond the scan the last voxels are repeated, but the
/// lattice ends `beyond_mm` from it.
pub(super) fn lattice(hu: &Volume<i16>, centre: Lps, radius_mm: f64, cell_mm: f64, beyond_mm: f64) -> Volume<f32> {
    let g = hu.grid;
    let middle = g.index(centre) * g.spacing;
    let (mut lo, mut n) = ([0f64; 3], [0usize; 3]);
    for a in 0..3 {
        let half = (radius_mm / cell_mm).ceil();
        let end = (g.size[a] as f64 - 1.0) * g.spacing[a] - middle[a];
        let first = (-half).max(((-middle[a] - beyond_mm) / cell_mm).floor()).min(0.0);
        let last = half.min(((end + beyond_mm) / cell_mm).ceil()).max(0.0);
        lo[a] = first * cell_mm;
        n[a] = (last - first) as usize + 1;
    }
    let origin = centre + g.axes * DVec3::from(lo);
    let grid = Grid { size: n, spacing: DVec3::splat(cell_mm), origin, axes: g.axes };
    // Per axis the lower neighbours and weights of every sample; samples per cell so that none is skipped.
    let taps: Vec<Vec<Vec<(usize, f32)>>> = (0..3)
        .map(|a| {
            let per = (cell_mm / g.spacing[a]).round().max(1.0) as usize;
            let start = g.index(origin)[a];
            let top = g.size[a] as f64 - 1.0;
            (0..n[a])
                .map(|c| {
                    let mut list: Vec<(usize, f32)> = Vec::new();
                    for s in 0..per {
                        let shift = ((s as f64 + 0.5) / per as f64 - 0.5) * cell_mm / g.spacing[a];
                        let x = (start + c as f64 * cell_mm / g.spacing[a] + shift).clamp(0.0, top);
                        let i = (x.floor() as usize).min(g.size[a].saturating_sub(2));
                        let f = (x - i as f64) as f32;
                        list.push((i, (1.0 - f) / per as f32));
                        if g.size[a] > 1 {
                            list.push((i + 1, f / per as f32));
                        }
                    }
                    list
                })
                .collect()
        })
        .collect();
    let mut out = Volume::filled(grid, 0f32);
    let (nx, ny) = (g.size[0], g.size[1]);
    out.data.par_chunks_mut(n[0] * n[1]).enumerate().for_each(|(k, slice)| {
        // First along i into rows of the needed (j, k), then along j and k.
        let mut row = vec![0f32; n[0]];
        for j in 0..n[1] {
            row.fill(0.0);
            for &(kk, wk) in &taps[2][k] {
                for &(jj, wj) in &taps[1][j] {
                    let w = wk * wj;
                    if w == 0.0 {
                        continue;
                    }
                    let source = &hu.data[(kk * ny + jj) * nx..(kk * ny + jj + 1) * nx];
                    for i in 0..n[0] {
                        row[i] += w * taps[0][i].iter().map(|(ii, wi)| wi * value(source[*ii])).sum::<f32>();
                    }
                }
            }
            slice[j * n[0]..(j + 1) * n[0]].copy_from_slice(&row);
        }
    });
    Volume { grid, data: out.data }
}
