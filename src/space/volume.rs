//! A value per voxel.

use super::grid::{Bounds, Grid};
use super::point::{Lps, Voxel};
use glam::DVec3;

/// The HU value that stands for "no measurement here" (outside the field of view, or a gap). Skipped by every sampler
/// and every statistic; written out as −2048.
pub const PADDING: i16 = i16::MIN;

/// A value for every voxel of a grid; i fastest, then j, then k.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume<T> {
    /// Where the voxels are.
    pub grid: Grid,
    /// The values; `grid.len()` of them.
    pub data: Vec<T>,
}

impl<T: Copy> Volume<T> {
    /// Every voxel has `value`.
    pub fn filled(grid: Grid, value: T) -> Volume<T> {
        Volume { grid, data: vec![value; grid.len()] }
    }

    /// The value of a voxel of the grid.
    pub fn at(&self, v: Voxel) -> T {
        self.data[self.grid.offset(v)]
    }

    /// The value of the voxel that holds a point; `None` outside.
    pub fn nearest(&self, p: Lps) -> Option<T> {
        self.grid.voxel(p).map(|v| self.at(v))
    }

    /// The voxels of slice k.
    pub fn slice(&self, k: usize) -> &[T] {
        let n = self.grid.size[0] * self.grid.size[1];
        &self.data[k * n..(k + 1) * n]
    }

    /// A copy of a box.
    pub fn crop(&self, b: Bounds) -> Volume<T> {
        let grid = self.grid.crop(b);
        let mut data = Vec::with_capacity(grid.len());
        for k in b.lo[2]..b.hi[2] {
            for j in b.lo[1]..b.hi[1] {
                let row = self.grid.offset(Voxel::new(b.lo[0], j, k));
                data.extend_from_slice(&self.data[row..row + b.hi[0] - b.lo[0]]);
            }
        }
        Volume { grid, data }
    }

    /// Eight neighbours of a continuous index with their weights; indices are clamped at the border. `None` more than
    /// half a voxel outside.
    fn corners(&self, x: DVec3) -> Option<([usize; 8], [f64; 8])> {
        let size = self.grid.size;
        let mut lo = [0usize; 3];
        let mut f = [0f64; 3];
        for a in 0..3 {
            let n = size[a] as f64;
            if !(x[a] >= -0.5 && x[a] <= n - 0.5) {
                return None;
            }
            let c = x[a].clamp(0.0, n - 1.0);
            lo[a] = (c.floor() as usize).min(size[a].saturating_sub(2));
            f[a] = c - lo[a] as f64;
        }
        let step = [1.min(size[0] - 1), 1.min(size[1] - 1), 1.min(size[2] - 1)];
        let mut place = [0usize; 8];
        let mut weight = [0f64; 8];
        for n in 0..8 {
            let d = [n & 1, n >> 1 & 1, n >> 2];
            let v = Voxel::new(lo[0] + d[0] * step[0], lo[1] + d[1] * step[1], lo[2] + d[2] * step[2]);
            place[n] = self.grid.offset(v);
            weight[n] = (0..3).map(|a| if d[a] == 1 { f[a] } else { 1.0 - f[a] }).product();
        }
        Some((place, weight))
    }
}

impl Volume<i16> {
    /// Trilinear HU at a point; padding is left out of the mean, and `None` comes back outside, or where less than half
    /// of the weight is measured.
    pub fn sample(&self, p: Lps) -> Option<f64> {
        let (place, weight) = self.corners(self.grid.index(p))?;
        let (mut sum, mut total) = (0.0, 0.0);
        for n in 0..8 {
            let value = self.data[place[n]];
            if value != PADDING {
                sum += weight[n] * f64::from(value);
                total += weight[n];
            }
        }
        (total >= 0.5).then(|| sum / total)
    }
}

impl Volume<f32> {
    /// Trilinear value at a point; `None` outside.
    pub fn sample(&self, p: Lps) -> Option<f64> {
        let (place, weight) = self.corners(self.grid.index(p))?;
        Some((0..8).map(|n| weight[n] * f64::from(self.data[place[n]])).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::DMat3;

    fn ramp() -> Volume<i16> {
        let grid = Grid {
            size: [8, 6, 5],
            spacing: DVec3::new(1.0, 2.0, 3.0),
            origin: Lps::new(5.0, 6.0, 7.0),
            axes: DMat3::IDENTITY,
        };
        let data = (0..grid.len()).map(|o| {
            let v = grid.voxel_of(o);
            (10 * v.i + 100 * v.j + 1000 * v.k) as i16
        });
        Volume { grid, data: data.collect() }
    }

    #[test]
    fn sampling_a_linear_field_is_exact_between_voxels() {
        let v = ramp();
        let p = v.grid.point(DVec3::new(2.25, 3.5, 1.75));
        assert!((v.sample(p).unwrap() - (22.5 + 350.0 + 1750.0)).abs() < 1e-9);
    }

    #[test]
    fn padding_never_enters_a_sample() {
        let mut v = ramp();
        let o = v.grid.offset(Voxel::new(3, 3, 2));
        v.data[o] = PADDING;
        let got = v.sample(v.grid.point(DVec3::new(2.4, 3.0, 2.0))).unwrap();
        assert!((got - v.at(Voxel::new(2, 3, 2)) as f64).abs() < 1e-9);
        assert_eq!(v.sample(v.grid.point(DVec3::new(3.0, 3.0, 2.0))), None);
    }
}
