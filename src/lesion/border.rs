//! What decided a lesion's border: air, an edge to other tissue, or nothing, where it meets tissue like itself.

use crate::ct::Ct;
use crate::grids::filter::median_around;
use crate::space::{Lps, Mask, PADDING, Voxel};
use glam::DVec3;

/// HU by which a median over 3 × 3 × 3 voxels differs at most from the lesion's own where no edge decided (choice:
/// such a median of a noise of 30 HU has an SD under 10; fat, bone and contrast are at least 60 off soft tissue, and half
/// of the median's voxels lie across the border).
const LIKE_HU: f32 = 45.0;

/// The blur of an edge is at most that of voxels so large, mm (choice: thick slices hardly count in an axial diameter).
const BLUR_MM: f64 = 1.0;

/// A lesion's own HU and which parts of its border nothing decided.
pub(super) struct Border<'a> {
    ct: &'a Ct,
    level: f32,
    own: f32,
}

impl<'a> Border<'a> {
    /// Of `mask`, whose border on air lies at `level`. `None` for an empty mask or one on another grid.
    pub(super) fn of(ct: &'a Ct, mask: &Mask, level: f64) -> Option<Border<'a>> {
        if mask.grid.size != ct.hu.grid.size {
            return None;
        }
        let mut values: Vec<i16> = Vec::new();
        mask.for_each(|v| {
            let deep = neighbours(v, mask.grid.size).all(|n| mask.get(n));
            if deep && ct.hu.at(v) != PADDING {
                values.push(ct.hu.at(v));
            }
        });
        if values.is_empty() {
            mask.for_each(|v| values.push(ct.hu.at(v)));
        }
        if values.is_empty() {
            return None;
        }
        let middle = values.len() / 2;
        let own = f32::from(*values.select_nth_unstable(middle).1);
        Some(Border { ct, level: level as f32, own })
    }

    /// Whether what lies at a voxel outside is tissue like the lesion itself.
    fn like(&self, v: Voxel) -> bool {
        let hu = self.ct.hu.at(v);
        hu != PADDING
            && f32::from(hu) > self.level
            && median_around(&self.ct.hu, v, 1).is_some_and(|m| (f32::from(m) - self.own).abs() < LIKE_HU)
    }

    /// mm by which tissue like the lesion goes on from a point of the border along `outwards` (a unit vector), at most
    /// `most_mm`: the border could lie anywhere on the way. 0 where air or an edge decided.
    pub(super) fn goes_on_mm(&self, from: Lps, outwards: DVec3, most_mm: f64) -> f64 {
        let grid = &self.ct.hu.grid;
        let step = 0.5 * grid.spacing.min_element();
        // The blur of an edge reaches a voxel and a half beyond the outline; what goes on no farther is an edge.
        let blur = 1.5 * grid.spacing.max_element().min(BLUR_MM);
        let mut mm = 0.0;
        while mm < blur + most_mm {
            let at = from + outwards * (mm + step);
            if !grid.voxel(at).is_some_and(|v| self.like(v)) {
                break;
            }
            mm += step;
        }
        if mm <= blur { 0.0 } else { mm.min(most_mm) }
    }

    /// Share of the surface of `mask` where nothing decided it, 0 to 1.
    pub(super) fn guessed_share(&self, mask: &Mask) -> f64 {
        let s = mask.grid.spacing;
        let (mut skin, mut guessed) = (0f64, 0f64);
        mask.for_each(|v| {
            for n in neighbours(v, mask.grid.size).filter(|n| !mask.get(*n)) {
                let face = if n.i != v.i {
                    s.y * s.z
                } else if n.j != v.j {
                    s.x * s.z
                } else {
                    s.x * s.y
                };
                skin += face;
                if self.like(n) {
                    guessed += face;
                }
            }
        });
        if skin > 0.0 { guessed / skin } else { 0.0 }
    }
}

/// The up to six voxels that share a face with `v`.
fn neighbours(v: Voxel, size: [usize; 3]) -> impl Iterator<Item = Voxel> {
    let x = [v.i, v.j, v.k];
    (0..6).filter_map(move |n| {
        let a = n / 2;
        let mut y = x;
        y[a] = if n % 2 == 0 { x[a].checked_sub(1)? } else { x[a] + 1 };
        (y[a] < size[a]).then(|| Voxel::new(y[0], y[1], y[2]))
    })
}
