//! A grid: size, spacing, origin and axes of a volume.

use super::point::{Lps, Voxel};
use glam::{DMat3, DVec3};

/// A rectangular grid of voxels in the patient. P(i, j, k) = origin + axes · (spacing ∘ (i, j, k)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Voxels along i, j, k.
    pub size: [usize; 3],
    /// mm between voxel centres along i, j, k; positive.
    pub spacing: DVec3,
    /// Centre of voxel (0, 0, 0).
    pub origin: Lps,
    /// Columns are the unit directions of i, j, k; orthonormal.
    pub axes: DMat3,
}

/// A box of voxels: `lo` inside, `hi` one past the last, per axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// First voxel.
    pub lo: [usize; 3],
    /// One past the last voxel.
    pub hi: [usize; 3],
}

impl Grid {
    /// Number of voxels.
    pub fn len(&self) -> usize {
        self.size[0] * self.size[1] * self.size[2]
    }

    /// Whether there is no voxel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Position of a continuous index (voxel centres are whole numbers).
    pub fn point(&self, index: DVec3) -> Lps {
        self.origin + self.axes * (self.spacing * index)
    }

    /// Position of a voxel's centre.
    pub fn centre(&self, v: Voxel) -> Lps {
        self.point(v.centre())
    }

    /// Continuous index of a point; may lie outside.
    pub fn index(&self, p: Lps) -> DVec3 {
        self.axes.transpose() * (p - self.origin) / self.spacing
    }

    /// The voxel that holds a point, if one does.
    pub fn voxel(&self, p: Lps) -> Option<Voxel> {
        let x = self.index(p).round();
        let inside = |v: f64, n: usize| v >= 0.0 && v < n as f64;
        (inside(x.x, self.size[0]) && inside(x.y, self.size[1]) && inside(x.z, self.size[2]))
            .then(|| Voxel::new(x.x as usize, x.y as usize, x.z as usize))
    }

    /// Place of a voxel in the data.
    pub fn offset(&self, v: Voxel) -> usize {
        (v.k * self.size[1] + v.j) * self.size[0] + v.i
    }

    /// The voxel at a place in the data.
    pub fn voxel_of(&self, offset: usize) -> Voxel {
        let [nx, ny, _] = self.size;
        Voxel::new(offset % nx, offset / nx % ny, offset / (nx * ny))
    }

    /// Volume of one voxel, mm³.
    pub fn voxel_mm3(&self) -> f64 {
        self.spacing.x * self.spacing.y * self.spacing.z
    }

    /// All of it as a box.
    pub fn bounds(&self) -> Bounds {
        Bounds { lo: [0; 3], hi: self.size }
    }

    /// The box of voxels around `centre` that holds every point within `radius_mm`, cut to the grid.
    pub fn bounds_around(&self, centre: Lps, radius_mm: f64) -> Bounds {
        let c = self.index(centre);
        let r = DVec3::splat(radius_mm) / self.spacing;
        let mut b = self.bounds();
        for a in 0..3 {
            let n = self.size[a] as f64;
            b.lo[a] = (c[a] - r[a]).floor().clamp(0.0, n) as usize;
            b.hi[a] = ((c[a] + r[a]).ceil() + 1.0).clamp(b.lo[a] as f64, n) as usize;
        }
        b
    }

    /// The grid of a box of this grid.
    pub fn crop(&self, b: Bounds) -> Grid {
        Grid { size: b.size(), origin: self.centre(Voxel::new(b.lo[0], b.lo[1], b.lo[2])), ..*self }
    }

    /// Which index axis (0, 1, 2) runs most nearly along a direction in the patient.
    pub fn axis_along(&self, direction: DVec3) -> usize {
        let d = self.axes.transpose() * direction;
        let a = d.abs();
        if a.x >= a.y && a.x >= a.z {
            0
        } else if a.y >= a.z {
            1
        } else {
            2
        }
    }
}

impl Bounds {
    /// Voxels along each axis.
    pub fn size(&self) -> [usize; 3] {
        [0, 1, 2].map(|a| self.hi[a].saturating_sub(self.lo[a]))
    }

    /// Whether a voxel lies in it.
    pub fn contains(&self, v: Voxel) -> bool {
        let x = [v.i, v.j, v.k];
        (0..3).all(|a| x[a] >= self.lo[a] && x[a] < self.hi[a])
    }

    /// Grown by `voxels` per axis on every side, cut to `grid`.
    pub fn grown(&self, voxels: [usize; 3], grid: &Grid) -> Bounds {
        Bounds {
            lo: [0, 1, 2].map(|a| self.lo[a].saturating_sub(voxels[a])),
            hi: [0, 1, 2].map(|a| (self.hi[a] + voxels[a]).min(grid.size[a])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A voxel's centre is found again in any pose of the grid.
        #[test]
        fn centre_and_voxel_are_inverse(
            angle in -3.0..3.0f64, x in -1.0..1.0f64, y in -1.0..1.0f64, i in 0usize..20, j in 0usize..30, k in 0usize..40
        ) {
            let axis = DVec3::new(x, y, 0.7).normalize();
            let grid = Grid {
                size: [20, 30, 40],
                spacing: DVec3::new(0.7, 0.8, 2.5),
                origin: Lps::new(-100.0, 50.0, -700.0),
                axes: DMat3::from_axis_angle(axis, angle),
            };
            let v = Voxel::new(i, j, k);
            prop_assert_eq!(grid.voxel(grid.centre(v)), Some(v));
            prop_assert_eq!(grid.voxel_of(grid.offset(v)), v);
        }
    }
}
