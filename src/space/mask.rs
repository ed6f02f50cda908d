//! A yes or no per voxel, as bits: 512 × 512 × 400 is 13 MB.

use super::grid::{Bounds, Grid};
use super::point::{Lps, Voxel};
use super::volume::Volume;

/// A set of voxels of a grid. Each row (fixed j, k) is padded to whole 64-bit words; the padding bits are zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    /// Where the voxels are.
    pub grid: Grid,
    words_per_row: usize,
    bits: Vec<u64>,
}

impl Mask {
    /// No voxel.
    pub fn empty(grid: Grid) -> Mask {
        let words_per_row = grid.size[0].div_ceil(64);
        Mask { grid, words_per_row, bits: vec![0; words_per_row * grid.size[1] * grid.size[2]] }
    }

    /// A mask whose rows `fill(j, k, words)` makes from zeros; computed in parallel, slice by slice. Bits from `size[0]` on
    /// must stay zero.
    pub fn from_rows(grid: Grid, fill: impl Fn(usize, usize, &mut [u64]) + Sync) -> Mask {
        use rayon::prelude::*;
        let mut mask = Mask::empty(grid);
        let ny = grid.size[1];
        let wpr = mask.words_per_row;
        if wpr * ny > 0 {
            mask.bits.par_chunks_mut(wpr * ny).enumerate().for_each(|(k, slice)| {
                for (j, row) in slice.chunks_mut(wpr).enumerate() {
                    fill(j, k, row);
                }
            });
        }
        mask
    }

    /// The voxels for which `inside(offset)` holds; computed in parallel, slice by slice.
    pub fn from_fn(grid: Grid, inside: impl Fn(usize) -> bool + Sync) -> Mask {
        use rayon::prelude::*;
        let mut mask = Mask::empty(grid);
        let (nx, ny) = (grid.size[0], grid.size[1]);
        let wpr = mask.words_per_row;
        if wpr * ny > 0 {
            mask.bits.par_chunks_mut(wpr * ny).enumerate().for_each(|(k, slice)| {
                for j in 0..ny {
                    let start = (k * ny + j) * nx;
                    let row = &mut slice[j * wpr..(j + 1) * wpr];
                    for i in 0..nx {
                        if inside(start + i) {
                            row[i >> 6] |= 1 << (i & 63);
                        }
                    }
                }
            });
        }
        mask
    }

    /// The voxels of `volume` for which `inside` holds.
    pub fn of<T: Copy + Sync>(volume: &Volume<T>, inside: impl Fn(T) -> bool + Sync) -> Mask {
        Mask::from_fn(volume.grid, |o| inside(volume.data[o]))
    }

    /// Words of a row: bit i & 63 of word i >> 6.
    pub fn row(&self, j: usize, k: usize) -> &[u64] {
        let start = (k * self.grid.size[1] + j) * self.words_per_row;
        &self.bits[start..start + self.words_per_row]
    }

    /// Words of a row, to change. Bits from `size[0]` on must stay zero.
    pub fn row_mut(&mut self, j: usize, k: usize) -> &mut [u64] {
        let start = (k * self.grid.size[1] + j) * self.words_per_row;
        &mut self.bits[start..start + self.words_per_row]
    }

    /// Whether a voxel of the grid is in.
    pub fn get(&self, v: Voxel) -> bool {
        self.row(v.j, v.k)[v.i >> 6] >> (v.i & 63) & 1 == 1
    }

    /// Whether the voxel at a place in the data is in.
    pub fn at(&self, offset: usize) -> bool {
        self.get(self.grid.voxel_of(offset))
    }

    /// Whether the voxel that holds a point is in; false outside.
    pub fn holds(&self, p: Lps) -> bool {
        self.grid.voxel(p).is_some_and(|v| self.get(v))
    }

    /// Whether a voxel that shares a face with `v` is in.
    pub fn beside(&self, v: Voxel) -> bool {
        let x = [v.i, v.j, v.k];
        (0..3).any(|a| {
            [x[a].wrapping_sub(1), x[a] + 1].into_iter().any(|y| {
                let mut n = x;
                n[a] = y;
                y < self.grid.size[a] && self.get(Voxel::new(n[0], n[1], n[2]))
            })
        })
    }

    /// Takes a voxel in or out.
    pub fn set(&mut self, v: Voxel, inside: bool) {
        let word = &mut self.row_mut(v.j, v.k)[v.i >> 6];
        if inside {
            *word |= 1 << (v.i & 63);
        } else {
            *word &= !(1 << (v.i & 63));
        }
    }

    /// How many voxels are in.
    pub fn count(&self) -> usize {
        self.bits.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether none is in.
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|w| *w == 0)
    }

    /// Voxels in, in mm³.
    pub fn volume_mm3(&self) -> f64 {
        self.count() as f64 * self.grid.voxel_mm3()
    }

    fn combine(&mut self, other: &Mask, f: impl Fn(u64, u64) -> u64) {
        assert_eq!(self.grid.size, other.grid.size, "masks of one grid");
        for (a, b) in self.bits.iter_mut().zip(&other.bits) {
            *a = f(*a, *b);
        }
    }

    /// Takes in what is in `other`, a mask on the same grid.
    pub fn unite(&mut self, other: &Mask) {
        self.combine(other, |a, b| a | b);
    }

    /// Keeps what is in `other` too, a mask on the same grid.
    pub fn intersect(&mut self, other: &Mask) {
        self.combine(other, |a, b| a & b);
    }

    /// Takes out what is in `other`, a mask on the same grid.
    pub fn subtract(&mut self, other: &Mask) {
        self.combine(other, |a, b| a & !b);
    }

    /// The other voxels of the grid.
    pub fn inverted(&self) -> Mask {
        let mut out = self.clone();
        let nx = self.grid.size[0];
        let tail = if nx.is_multiple_of(64) { u64::MAX } else { (1 << (nx % 64)) - 1 };
        for row in out.bits.chunks_mut(self.words_per_row.max(1)) {
            for w in row.iter_mut() {
                *w = !*w;
            }
            if let Some(last) = row.last_mut() {
                *last &= tail;
            }
        }
        out
    }

    /// Calls `f` for every voxel in, i fastest.
    pub fn for_each(&self, mut f: impl FnMut(Voxel)) {
        for k in 0..self.grid.size[2] {
            for j in 0..self.grid.size[1] {
                for (n, word) in self.row(j, k).iter().enumerate() {
                    let mut w = *word;
                    while w != 0 {
                        f(Voxel::new(n * 64 + w.trailing_zeros() as usize, j, k));
                        w &= w - 1;
                    }
                }
            }
        }
    }

    /// The runs of a row: (first, one past last), ascending.
    pub fn runs(&self, j: usize, k: usize) -> Vec<(usize, usize)> {
        let row = self.row(j, k);
        let nx = self.grid.size[0];
        let mut runs = Vec::new();
        let mut i = 0;
        // Next index ≥ i whose bit is `bit`, or nx.
        let next = |mut i: usize, bit: bool| -> usize {
            while i < nx {
                let word = if bit { row[i >> 6] } else { !row[i >> 6] } >> (i & 63);
                if word != 0 {
                    return (i + word.trailing_zeros() as usize).min(nx);
                }
                i = (i | 63) + 1;
            }
            nx
        };
        loop {
            let start = next(i, true);
            if start >= nx {
                return runs;
            }
            let end = next(start, false);
            runs.push((start, end));
            i = end;
        }
    }

    /// The smallest box that holds every voxel in; `None` if none is.
    pub fn extent(&self) -> Option<Bounds> {
        let mut b = Bounds { lo: [usize::MAX; 3], hi: [0; 3] };
        self.for_each(|v| {
            for (a, x) in [v.i, v.j, v.k].into_iter().enumerate() {
                b.lo[a] = b.lo[a].min(x);
                b.hi[a] = b.hi[a].max(x + 1);
            }
        });
        (b.hi[0] > 0).then_some(b)
    }

    /// A copy of a box.
    pub fn crop(&self, b: Bounds) -> Mask {
        let mut out = Mask::empty(self.grid.crop(b));
        for k in b.lo[2]..b.hi[2] {
            for j in b.lo[1]..b.hi[1] {
                for i in b.lo[0]..b.hi[0] {
                    if self.get(Voxel::new(i, j, k)) {
                        out.set(Voxel::new(i - b.lo[0], j - b.lo[1], k - b.lo[2]), true);
                    }
                }
            }
        }
        out
    }

    /// Slice k as a mask of one slice.
    pub fn crop_slice(&self, k: usize) -> Mask {
        let b = Bounds { lo: [0, 0, k], hi: [self.grid.size[0], self.grid.size[1], k + 1] };
        let n = self.words_per_row * self.grid.size[1];
        Mask {
            grid: self.grid.crop(b),
            words_per_row: self.words_per_row,
            bits: self.bits[k * n..(k + 1) * n].to_vec(),
        }
    }

    /// This mask, made in a crop at `lo`, laid into the whole `grid` it was cut from.
    pub fn placed_in(&self, grid: Grid, lo: [usize; 3]) -> Mask {
        let mut out = Mask::empty(grid);
        self.for_each(|v| out.set(Voxel::new(v.i + lo[0], v.j + lo[1], v.k + lo[2]), true));
        out
    }

    /// Mean position of the voxels in; `None` if none is.
    pub fn centroid(&self) -> Option<Lps> {
        let (mut sum, mut n) = (glam::DVec3::ZERO, 0usize);
        self.for_each(|v| {
            sum += v.centre();
            n += 1;
        });
        (n > 0).then(|| self.grid.point(sum / n as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Lps;
    use glam::{DMat3, DVec3};
    use proptest::prelude::*;

    fn grid(nx: usize) -> Grid {
        Grid { size: [nx, 3, 2], spacing: DVec3::ONE, origin: Lps::default(), axes: DMat3::IDENTITY }
    }

    proptest! {
        #[test]
        fn runs_tell_the_same_as_bits(nx in 1usize..200, seed in any::<u64>()) {
            let g = grid(nx);
            let on = |o: usize| (seed.rotate_left((o % 61) as u32) ^ o as u64).is_multiple_of(3);
            let m = Mask::from_fn(g, on);
            let mut n = 0;
            for k in 0..2 { for j in 0..3 { for (a, b) in m.runs(j, k) {
                for i in a..b { prop_assert!(on(g.offset(Voxel::new(i, j, k)))); n += 1; }
            }}}
            prop_assert_eq!(n, m.count());
            prop_assert_eq!(m.inverted().count(), g.len() - n);
        }
    }
}
