//! The work volume: the upright CT averaged to about 2 mm.

use crate::jobs::{Cancelled, Progress};
use crate::space::{Grid, Mask, PADDING, Volume, Voxel};
use glam::DVec3;
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
    /// Voxels of the CT along each side of a work voxel.
    factor: [usize; 3],
}

impl Work {
    /// Averages `ct`, an upright volume.
    pub(super) fn of(ct: &Volume<i16>, progress: &Progress) -> Result<Work, Cancelled> {
        let full = ct.grid;
        let factor = [0, 1, 2].map(|a| {
            let s = full.spacing[a];
            if s > 1.4 { 1 } else { (WORK_MM / s).round().max(1.0) as usize }
        });
        let mut grid = full;
        for a in 0..3 {
            grid.size[a] = full.size[a].div_ceil(factor[a]);
            grid.spacing[a] *= factor[a] as f64;
        }
        // The centre of the first block: half a block less half a voxel from the outermost voxel.
        grid.origin = full.point(DVec3::from(factor.map(|f| (f as f64 - 1.0) / 2.0)));

        let mut hu = Volume::filled(grid, PADDING);
        let [nx, ny, _] = grid.size;
        let block = |a: usize, x: usize| x * factor[a]..((x + 1) * factor[a]).min(full.size[a]);
        hu.data.par_chunks_mut(nx * ny).enumerate().try_for_each(|(k, slice)| {
            progress.check()?;
            let mut sum = vec![0i32; nx];
            let mut count = vec![0i32; nx];
            for j in 0..ny {
                sum.fill(0);
                count.fill(0);
                let mut lines = 0;
                for kk in block(2, k) {
                    for jj in block(1, j) {
                        lines += 1;
                        let row = &ct.data[(kk * full.size[1] + jj) * full.size[0]..][..full.size[0]];
                        for (i, part) in row.chunks(factor[0]).enumerate() {
                            for v in part {
                                let measured = i32::from(*v != PADDING);
                                sum[i] += i32::from(*v) * measured;
                                count[i] += measured;
                            }
                        }
                    }
                }
                for i in 0..nx {
                    if count[i] > 0 && 2 * count[i] >= lines * block(0, i).len() as i32 {
                        slice[j * nx + i] = (sum[i] / count[i]) as i16;
                    }
                }
            }
            Ok(())
        })?;
        Ok(Work { hu, full, factor })
    }

    /// The grid of the work volume.
    pub(super) fn grid(&self) -> Grid {
        self.hu.grid
    }

    /// The work voxel that holds a voxel of the CT.
    pub(super) fn voxel_at(&self, v: Voxel) -> Voxel {
        Voxel::new(v.i / self.factor[0], v.j / self.factor[1], v.k / self.factor[2])
    }

    /// A mask of the work volume on the CT's grid.
    pub(super) fn up(&self, mask: &Mask) -> Mask {
        let nx = self.full.size[0];
        Mask::from_rows(self.full, |j, k, row| {
            let v = self.voxel_at(Voxel::new(0, j, k));
            let source = mask.row(v.j, v.k);
            if source.iter().all(|w| *w == 0) {
                return;
            }
            for i in 0..nx {
                let w = i / self.factor[0];
                row[i >> 6] |= (source[w >> 6] >> (w & 63) & 1) << (i & 63);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Lps;
    use glam::DMat3;

    #[test]
    fn a_work_voxel_is_the_mean_of_the_block_that_it_stands_for() {
        let grid = Grid {
            size: [9, 8, 6],
            spacing: DVec3::new(1.0, 0.7, 2.5),
            origin: Lps::new(3.0, 4.0, 5.0),
            axes: DMat3::IDENTITY,
        };
        let hu = Volume { grid, data: (0..grid.len()).map(|o| grid.centre(grid.voxel_of(o)).x as i16).collect() };
        let work = Work::of(&hu, &Progress::none()).unwrap();
        let g = work.grid();
        assert_eq!(g.size, [5, 3, 6]);
        for o in 0..grid.len() {
            let p = grid.centre(grid.voxel_of(o));
            let w = work.voxel_at(grid.voxel_of(o));
            let d = g.index(p) - w.centre();
            assert!(d.abs().max_element() <= 0.5, "{d}");
            assert!((f64::from(work.hu.at(w)) - g.centre(w).x).abs() <= 1.0);
        }
    }
}
