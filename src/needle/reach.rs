//! Coarse maps that say how far one may go without meeting a structure: never more than the truth.
//!
//! A cell of some voxels counts as structure if any of its voxels is; the distance runs from a cell's centre to the
//! nearest such cell's *box*, rounded down to tenths of a mm, capped. What a map cannot decide, [`super::near`] does
//! voxel by voxel. Separable in three passes of minima over neighbouring rows, which vectorise; one byte per cell.

use crate::space::{Bounds, Grid, Lps, Mask};
use rayon::prelude::*;

/// Farther than this is "at least this", mm: what a byte holds in tenths.
pub(super) const CAP_MM: f64 = 25.5;

/// Cells are as large as fits into this, mm per side (choice: coarse enough to be made in a tenth of a second).
const CELL_MM: f64 = 2.0;

const FAR: f32 = 1e12;

/// Lower bounds of the distance to a structure.
#[derive(Clone, Debug)]
pub(super) struct ReachMap {
    grid: Grid,
    tenths: Vec<u8>,
}

impl ReachMap {
    /// The map of `mask` in a box of its grid.
    pub(super) fn of(mask: &Mask, bounds: Bounds) -> ReachMap {
        let fine = mask.grid;
        let f = [0, 1, 2].map(|a| ((CELL_MM / fine.spacing[a] + 1e-9).floor() as usize).max(1));
        let size = [0, 1, 2].map(|a| (bounds.hi[a] - bounds.lo[a]).div_ceil(f[a]));
        let first = [0, 1, 2].map(|a| bounds.lo[a] as f64 + (f[a] as f64 - 1.0) / 2.0);
        let grid = Grid {
            size,
            spacing: fine.spacing * glam::DVec3::from(f.map(|n| n as f64)),
            origin: fine.point(first.into()),
            axes: fine.axes,
        };
        let [nx, ny, nz] = size;
        let mut tenths = vec![0u8; grid.len()];
        if grid.is_empty() {
            return ReachMap { grid, tenths };
        }
        let plane = nx * ny;
        let mut flat = vec![FAR; grid.len()];
        let reached: Vec<bool> = flat
            .par_chunks_mut(plane)
            .enumerate()
            .map(|(k, slice)| {
                let mut any = false;
                for (j, row) in slice.chunks_mut(nx).enumerate() {
                    any |= mark(mask, &bounds, f, j, k, row);
                }
                if any {
                    for row in slice.chunks_mut(nx) {
                        along_row(row, grid.spacing.x as f32);
                    }
                    along_columns(slice, nx, ny, grid.spacing.y);
                }
                any
            })
            .collect();
        let reach = (CAP_MM / grid.spacing.z + 0.5).ceil() as usize;
        tenths.par_chunks_mut(plane).enumerate().for_each(|(k, out)| {
            let mut line = flat[k * plane..(k + 1) * plane].to_vec();
            for other in k.saturating_sub(reach)..(k + reach + 1).min(nz) {
                if other != k && reached[other] {
                    let gap = ((k.abs_diff(other) as f64 - 0.5) * grid.spacing.z).powi(2) as f32;
                    lower(&mut line, &flat[other * plane..(other + 1) * plane], gap);
                }
            }
            for (o, d) in out.iter_mut().zip(&line) {
                // A hair less than the truth, so that rounding of f32 never makes it more.
                *o = (d.sqrt() * 10.0 - 0.01).clamp(0.0, 255.0) as u8;
            }
        });
        ReachMap { grid, tenths }
    }

    /// The least of several maps of one box, each less what must be kept free there, mm: how far one may go before the first
    /// of them is too near. `None` if there is no map.
    pub(super) fn least_of(maps: &[(&ReachMap, f64)]) -> Option<ReachMap> {
        let (first, _) = maps.first()?;
        let mut out = ReachMap { grid: first.grid, tenths: vec![u8::MAX; first.tenths.len()] };
        for (map, keep_mm) in maps {
            let keep = (keep_mm * 10.0).ceil().clamp(0.0, 255.0) as u8;
            for (o, t) in out.tenths.iter_mut().zip(&map.tenths) {
                *o = (*o).min(t.saturating_sub(keep));
            }
        }
        Some(out)
    }

    /// mm that one may go from `p` in any direction without meeting the structure: at most the truth. 0 where the map
    /// does not know.
    pub(super) fn free_mm(&self, p: Lps) -> f64 {
        let Some(v) = self.grid.voxel(p) else { return 0.0 };
        let off = (self.grid.index(p) - v.centre()) * self.grid.spacing;
        f64::from(self.tenths[self.grid.offset(v)]) * 0.1 - off.length()
    }
}

/// Sets the cells of a row that hold a voxel of the mask to 0; whether there is one.
fn mark(mask: &Mask, bounds: &Bounds, f: [usize; 3], j: usize, k: usize, row: &mut [f32]) -> bool {
    let mut any = false;
    let (j0, k0) = (bounds.lo[1] + j * f[1], bounds.lo[2] + k * f[2]);
    for kk in k0..(k0 + f[2]).min(mask.grid.size[2]) {
        for jj in j0..(j0 + f[1]).min(mask.grid.size[1]) {
            for (first, end) in mask.runs(jj, kk) {
                let first = first.max(bounds.lo[0]);
                let end = end.min(bounds.lo[0] + row.len() * f[0]);
                if first < end {
                    any = true;
                    row[(first - bounds.lo[0]) / f[0]..=(end - 1 - bounds.lo[0]) / f[0]].fill(0.0);
                }
            }
        }
    }
    any
}

/// Squared distance to the nearest marked cell's box, along a row.
fn along_row(row: &mut [f32], spacing: f32) {
    let mut since = usize::MAX;
    for value in row.iter_mut() {
        if *value == 0.0 {
            since = 0;
        } else if since != usize::MAX {
            since += 1;
            *value = ((since as f32 - 0.5) * spacing).powi(2);
        }
    }
    since = usize::MAX;
    for value in row.iter_mut().rev() {
        if *value == 0.0 {
            since = 0;
        } else if since != usize::MAX {
            since += 1;
            *value = value.min(((since as f32 - 0.5) * spacing).powi(2));
        }
    }
}

fn along_columns(slice: &mut [f32], nx: usize, ny: usize, spacing: f64) {
    let source = slice.to_vec();
    let reached: Vec<bool> = source.chunks(nx).map(|r| r.iter().any(|v| *v < FAR)).collect();
    let reach = (CAP_MM / spacing + 0.5).ceil() as usize;
    for (j, out) in slice.chunks_mut(nx).enumerate() {
        for other in j.saturating_sub(reach)..(j + reach + 1).min(ny) {
            if other != j && reached[other] {
                let gap = ((j.abs_diff(other) as f64 - 0.5) * spacing).powi(2) as f32;
                lower(out, &source[other * nx..(other + 1) * nx], gap);
            }
        }
    }
}

/// line = min(line, other + gap).
fn lower(line: &mut [f32], other: &[f32], gap: f32) {
    for (l, o) in line.iter_mut().zip(other) {
        let v = *o + gap;
        if v < *l {
            *l = v;
        }
    }
}

/// The box of `grid` that holds everything within `mm` of `mask`, if the mask holds anything.
pub(super) fn box_around(mask: &Mask, mm: f64) -> Option<Bounds> {
    let extent = mask.extent()?;
    let by = [0, 1, 2].map(|a| (mm / mask.grid.spacing[a]).ceil() as usize + 1);
    Some(extent.grown(by, &mask.grid))
}

#[cfg(test)]
mod tests {
    use super::super::near::{Extent, nearest};
    use super::*;
    use crate::space::Voxel;
    use glam::{DMat3, DVec3};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        /// Never more than the truth anywhere between the voxels, and not much less: a cell and half of its diagonal.
        #[test]
        fn the_map_never_promises_more_than_there_is(
            points in prop::collection::vec((0usize..40, 0usize..31, 0usize..12), 1..8),
            probes in prop::collection::vec((0.0..39.0f64, 0.0..30.0f64, 0.0..11.0f64), 40)
        ) {
            let axes = DMat3::from_rotation_z(0.4);
            let grid = Grid { size: [40, 31, 12], spacing: DVec3::new(0.7, 0.8, 2.5), origin: Lps::new(3.0, -8.0, 1.0), axes };
            let mut mask = Mask::empty(grid);
            for &(i, j, k) in &points { mask.set(Voxel::new(i, j, k), true); }
            let map = ReachMap::of(&mask, Bounds { lo: [3, 2, 0], hi: [40, 30, 12] });
            for &(x, y, z) in &probes {
                let p = grid.point(DVec3::new(x, y, z));
                // The map knows the voxels of its box only.
                let mut known = mask.clone();
                for &(i, j, k) in &points { if i < 3 || !(2..30).contains(&j) { known.set(Voxel::new(i, j, k), false); } }
                let truth = nearest(&known, p, CAP_MM, Extent::Box).unwrap_or(CAP_MM);
                let free = map.free_mm(p);
                prop_assert!(free <= truth + 1e-6, "{} > {}", free, truth);
                if map.grid.voxel(p).is_some() { prop_assert!(free > truth - 5.2, "{} ≪ {}", free, truth); }
            }
        }
    }
}
