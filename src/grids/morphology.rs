//! Growing and shrinking by millimetres, through exact distance maps: balls are round on any spacing.

use super::distance::distance_to;
use crate::space::{Bounds, Mask};

/// Every voxel whose centre is within `mm` of a voxel centre in.
pub fn dilate(mask: &Mask, mm: f64) -> Mask {
    let map = distance_to(mask, mm + 1.0);
    Mask::from_fn(mask.grid, |o| f64::from(map.data[o]) <= mm)
}

/// Every voxel in whose centre is farther than `mm` from each voxel centre out; outside of the grid counts as in.
pub fn erode(mask: &Mask, mm: f64) -> Mask {
    let map = distance_to(&mask.inverted(), mm + 1.0);
    Mask::from_fn(mask.grid, |o| f64::from(map.data[o]) > mm)
}

/// Shrunk, then grown: what is thinner than twice `mm` goes.
pub fn open(mask: &Mask, mm: f64) -> Mask {
    let mut out = dilate(&erode(mask, mm), mm);
    out.intersect(mask);
    out
}

/// Grown, then shrunk: gaps narrower than twice `mm` are filled. Computed in a box with room around, so that the border
/// of the grid does not bite.
pub fn close(mask: &Mask, mm: f64) -> Mask {
    let Some(extent) = mask.extent() else { return mask.clone() };
    let pad = [0, 1, 2].map(|a| (mm / mask.grid.spacing[a]).ceil() as usize + 2);
    // A grid that may stick out of the mask's own: only sizes and spacing matter in here.
    let size = [0, 1, 2].map(|a| extent.hi[a] - extent.lo[a] + 2 * pad[a]);
    let mut grid = mask.grid;
    grid.size = size;
    let mut room = Mask::empty(grid);
    mask.for_each(|v| {
        let at = crate::space::Voxel::new(
            v.i - extent.lo[0] + pad[0],
            v.j - extent.lo[1] + pad[1],
            v.k - extent.lo[2] + pad[2],
        );
        room.set(at, true);
    });
    let closed = erode(&dilate(&room, mm), mm);
    let mut out = mask.clone();
    let back = Bounds { lo: pad, hi: [0, 1, 2].map(|a| size[a] - pad[a]) };
    closed.for_each(|v| {
        if back.contains(v) {
            let at = crate::space::Voxel::new(
                v.i - pad[0] + extent.lo[0],
                v.j - pad[1] + extent.lo[1],
                v.k - pad[2] + extent.lo[2],
            );
            out.set(at, true);
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Grid, Lps, Voxel};
    use glam::{DMat3, DVec3};

    #[test]
    fn closing_joins_two_balls_and_leaves_a_single_one_alone() {
        let grid = Grid {
            size: [40, 20, 12],
            spacing: DVec3::new(1.0, 1.0, 2.0),
            origin: Lps::default(),
            axes: DMat3::IDENTITY,
        };
        let ball =
            |c: Voxel, r: f64| Mask::from_fn(grid, |o| grid.centre(grid.voxel_of(o)).distance(grid.centre(c)) <= r);
        let one = ball(Voxel::new(10, 10, 6), 5.0);
        assert_eq!(close(&one, 4.0), one);
        let mut two = one.clone();
        two.unite(&ball(Voxel::new(23, 10, 6), 5.0));
        assert!(close(&two, 4.0).get(Voxel::new(17, 10, 6)));
    }
}
