//! Points and voxels: types of their own, so that a place in the patient and an index cannot be mixed up.

use glam::DVec3;
use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};

/// A point in the patient: LPS, millimetres. The difference of two points is a `DVec3` in mm.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "[f64; 3]", into = "[f64; 3]")]
pub struct Lps {
    /// To the patient's left.
    pub x: f64,
    /// To the patient's back.
    pub y: f64,
    /// To the patient's head.
    pub z: f64,
}

impl Lps {
    /// The point at x, y, z.
    pub const fn new(x: f64, y: f64, z: f64) -> Lps {
        Lps { x, y, z }
    }

    /// From the origin to this point.
    pub fn vec(self) -> DVec3 {
        DVec3::new(self.x, self.y, self.z)
    }

    /// mm between two points.
    pub fn distance(self, other: Lps) -> f64 {
        (self - other).length()
    }

    /// The point at share `t` of the way to `other`; 0 is here, 1 there.
    pub fn lerp(self, other: Lps, t: f64) -> Lps {
        self + (other - self) * t
    }

    /// Whether all three are finite.
    pub fn is_finite(self) -> bool {
        self.vec().is_finite()
    }
}

impl From<DVec3> for Lps {
    fn from(v: DVec3) -> Lps {
        Lps::new(v.x, v.y, v.z)
    }
}
impl From<[f64; 3]> for Lps {
    fn from(v: [f64; 3]) -> Lps {
        Lps::new(v[0], v[1], v[2])
    }
}
impl From<Lps> for [f64; 3] {
    fn from(p: Lps) -> [f64; 3] {
        [p.x, p.y, p.z]
    }
}
impl Sub for Lps {
    type Output = DVec3;
    fn sub(self, other: Lps) -> DVec3 {
        self.vec() - other.vec()
    }
}
impl Add<DVec3> for Lps {
    type Output = Lps;
    fn add(self, v: DVec3) -> Lps {
        (self.vec() + v).into()
    }
}
impl Sub<DVec3> for Lps {
    type Output = Lps;
    fn sub(self, v: DVec3) -> Lps {
        (self.vec() - v).into()
    }
}

/// A voxel's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Voxel {
    /// Along the row.
    pub i: usize,
    /// Along the column.
    pub j: usize,
    /// Along the slices.
    pub k: usize,
}

impl Voxel {
    /// The voxel i, j, k.
    pub const fn new(i: usize, j: usize, k: usize) -> Voxel {
        Voxel { i, j, k }
    }

    /// The index as a continuous one: the centre of the voxel.
    pub fn centre(self) -> DVec3 {
        DVec3::new(self.i as f64, self.j as f64, self.k as f64)
    }
}
