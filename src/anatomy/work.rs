//! The work volume: the CT averaged to about 2 mm, turned so that i runs to the patient's left, j to his back, k to his
//! head, whatever the order in which the CT is stored.

use crate::jobs::{Cancelled, Progress};
use crate::space::{Grid, Mask, PADDING, Volume, Voxel};
use glam::{DMat3, DVec3};
use rayon::prelude::*;

/// Voxels of the work volume are about this wide, in mm (choice: a rib is 6 mm thick, a lung septum at the lung's edge
/// does not matter). Axes that are coarser than 1.4 mm stay as they are.
const WORK_MM: f64 = 2.0;

/// The work volume and the way to it and back.
pub(super) struct Work {
    /// HU, averaged over what was measured; padding where less than half was.
    pub(super) hu: Volume<i16>,
    /// The CT's grid.
    full: Grid,
    /// Axis of the CT along each axis of the work volume.
    axis: [usize; 3],
    /// For each axis of the CT, the work index at each of its indices (along the work axis that runs on it).
    place: [Vec<u32>; 3],
}

impl Work {
    /// Averages `ct`.
    pub(super) fn of(ct: &Volume<i16>, progress: &Progress) -> Result<Work, Cancelled> {
        let full = ct.grid;
        let (axis, flip) = canonical(&full);
        let mut factor = [1usize; 3];
        let mut grid = full;
        for a in 0..3 {
            let s = full.spacing[axis[a]];
            factor[a] = if s > 1.4 { 1 } else { (WORK_MM / s).round().max(1.0) as usize };
            grid.size[a] = full.size[axis[a]].div_ceil(factor[a]);
            grid.spacing[a] = s * factor[a] as f64;
        }
        let sign = |a: usize| if flip[a] { -1.0 } else { 1.0 };
        let columns = [0, 1, 2].map(|a| full.axes.col(axis[a]) * sign(a));
        grid.axes = DMat3::from_cols(columns[0], columns[1], columns[2]);
        // The centre of the first block: half a block less half a voxel from the outermost voxel.
        let mut first = DVec3::ZERO;
        let mut place: [Vec<u32>; 3] = Default::default();
        for a in 0..3 {
            let n = full.size[axis[a]];
            let middle = (factor[a] as f64 - 1.0) / 2.0;
            first[axis[a]] = if flip[a] { n as f64 - 1.0 - middle } else { middle };
            place[axis[a]] = (0..n).map(|x| (if flip[a] { n - 1 - x } else { x } / factor[a]) as u32).collect();
        }
        grid.origin = full.point(first);

        let mut hu = Volume::filled(grid, PADDING);
        let [nx, ny, _] = grid.size;
        let step = [1, full.size[0], full.size[0] * full.size[1]];
        // Offsets in the CT of each index along a work axis.
        let offsets: [Vec<usize>; 3] = [0, 1, 2].map(|a| {
            let n = full.size[axis[a]];
            (0..n).map(|x| if flip[a] { n - 1 - x } else { x } * step[axis[a]]).collect()
        });
        hu.data.par_chunks_mut(nx * ny).enumerate().try_for_each(|(k, slice)| {
            progress.check()?;
            let mut sum = vec![0i32; nx];
            let mut count = vec![0i32; nx];
            let block = |a: usize, x: usize| &offsets[a][x * factor[a]..((x + 1) * factor[a]).min(offsets[a].len())];
            for j in 0..ny {
                sum.fill(0);
                count.fill(0);
                let (mut lines, mut all) = (0, 0);
                for ok in block(2, k) {
                    for oj in block(1, j) {
                        lines += 1;
                        for i in 0..nx {
                            for oi in block(0, i) {
                                let v = ct.data[ok + oj + oi];
                                let measured = i32::from(v != PADDING);
                                sum[i] += i32::from(v) * measured;
                                count[i] += measured;
                            }
                        }
                    }
                }
                for i in 0..nx {
                    all = all.max(lines * block(0, i).len() as i32);
                    if count[i] > 0 && 2 * count[i] >= lines * block(0, i).len() as i32 {
                        slice[j * nx + i] = (sum[i] / count[i]) as i16;
                    }
                }
            }
            Ok(())
        })?;
        Ok(Work { hu, full, axis, place })
    }

    /// The grid of the work volume.
    pub(super) fn grid(&self) -> Grid {
        self.hu.grid
    }

    /// The work voxel that holds a voxel of the CT.
    pub(super) fn voxel_at(&self, v: Voxel) -> Voxel {
        let x = [v.i, v.j, v.k];
        let w = [0, 1, 2].map(|a| self.place[self.axis[a]][x[self.axis[a]]] as usize);
        Voxel::new(w[0], w[1], w[2])
    }

    /// A mask of the work volume on the CT's grid.
    pub(super) fn up(&self, mask: &Mask) -> Mask {
        let nx = self.full.size[0];
        Mask::from_rows(self.full, |j, k, row| {
            if self.axis[0] == 0 {
                let v = self.voxel_at(Voxel::new(0, j, k));
                let source = mask.row(v.j, v.k);
                if source.iter().all(|w| *w == 0) {
                    return;
                }
                for i in 0..nx {
                    let w = self.place[0][i] as usize;
                    row[i >> 6] |= (source[w >> 6] >> (w & 63) & 1) << (i & 63);
                }
            } else {
                for i in 0..nx {
                    row[i >> 6] |= u64::from(mask.get(self.voxel_at(Voxel::new(i, j, k)))) << (i & 63);
                }
            }
        })
    }

    /// A mask of the CT on the work grid: blocks that hold at least one voxel of it.
    pub(super) fn down_any(&self, mask: &Mask) -> Mask {
        let mut out = Mask::empty(self.grid());
        mask.for_each(|v| out.set(self.voxel_at(v), true));
        out
    }

    /// A mask of the CT on the work grid: blocks of which at least `share` is in it.
    pub(super) fn down(&self, mask: &Mask, share: f64) -> Mask {
        let mut count = Volume::filled(self.grid(), 0u16);
        mask.for_each(|v| count.data[count.grid.offset(self.voxel_at(v))] += 1);
        let block = self.full.len() as f64 / self.grid().len() as f64;
        let least = (share * block).max(1.0);
        Mask::of(&count, |n| f64::from(n) >= least)
    }

    /// The voxels of the CT for which `inside(hu)` holds, among those that lie in `within`, a mask of the work volume.
    pub(super) fn refine(&self, ct: &Volume<i16>, within: &Mask, inside: impl Fn(i16) -> bool + Sync) -> Mask {
        let mut out = self.up(within);
        keep(&mut out, ct, inside);
        out
    }
}

/// Keeps the voxels of `mask` for which `inside(hu)` holds.
pub(super) fn keep(mask: &mut Mask, ct: &Volume<i16>, inside: impl Fn(i16) -> bool + Sync) {
    let source = std::mem::replace(mask, Mask::empty(Grid { size: [0; 3], ..mask.grid }));
    let nx = source.grid.size[0];
    *mask = Mask::from_rows(source.grid, |j, k, row| {
        let hu = &ct.data[(k * source.grid.size[1] + j) * nx..][..nx];
        for (n, word) in source.row(j, k).iter().enumerate() {
            let mut w = *word;
            while w != 0 {
                let bit = w.trailing_zeros() as usize;
                if inside(hu[n * 64 + bit]) {
                    row[n] |= 1 << bit;
                }
                w &= w - 1;
            }
        }
    });
}

/// For left, back and head: the axis of `grid` that runs most nearly along it, and whether it runs the other way.
fn canonical(grid: &Grid) -> ([usize; 3], [bool; 3]) {
    // The best of the six orders, so that no axis is taken twice however oblique the grid is.
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let along = |order: &[usize; 3]| (0..3).map(|a| grid.axes.col(order[a])[a].abs()).sum::<f64>();
    let mut best = ORDERS[0];
    for order in &ORDERS[1..] {
        if along(order) > along(&best) + 1e-9 {
            best = *order;
        }
    }
    (best, [0, 1, 2].map(|a| grid.axes.col(best[a])[a] < 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Lps;

    #[test]
    fn left_is_left_and_head_is_up_however_the_volume_is_stored() {
        // Rows run to the head, columns to the right, slices to the front.
        let grid = Grid {
            size: [12, 8, 6],
            spacing: DVec3::new(1.0, 1.0, 2.5),
            origin: Lps::new(3.0, 4.0, 5.0),
            axes: DMat3::from_cols(DVec3::Z, -DVec3::X, -DVec3::Y),
        };
        let hu = Volume { grid, data: (0..grid.len()).map(|o| grid.centre(grid.voxel_of(o)).x as i16).collect() };
        let work = Work::of(&hu, &Progress::none()).unwrap();
        let g = work.grid();
        assert_eq!(g.size, [4, 6, 6]);
        assert!((g.axes.determinant() - 1.0).abs() < 1e-9 && g.axes.col(0).x > 0.9 && g.axes.col(2).z > 0.9);
        // Every voxel of the CT lies in the block that it is counted to, and blocks average x.
        for o in 0..grid.len() {
            let p = grid.centre(grid.voxel_of(o));
            let w = work.voxel_at(grid.voxel_of(o));
            let d = g.index(p) - w.centre();
            assert!(d.abs().max_element() <= 0.5, "{d}");
            assert!((f64::from(work.hu.at(w)) - g.centre(w).x).abs() <= 1.0);
        }
    }
}
