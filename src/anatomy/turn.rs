//! The CT turned so that i runs to the patient's left, j to his back, k to his head, whatever the order in which it is
//! stored: what is found does not depend on that order.

use crate::space::{Grid, Mask, Volume, Voxel};
use glam::{DMat3, DVec3};
use rayon::prelude::*;
use std::borrow::Cow;

/// How a stored grid is turned, and back.
pub(super) struct Turn {
    stored: Grid,
    /// The stored axis along each axis of the upright grid, and whether it runs the other way.
    axis: [usize; 3],
    flip: [bool; 3],
}

impl Turn {
    /// For left, back and head the stored axis that runs most nearly along it.
    pub(super) fn of(stored: &Grid) -> Turn {
        // The best of the six orders, so that no axis is taken twice however oblique the grid is.
        const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let along = |order: &[usize; 3]| (0..3).map(|a| stored.axes.col(order[a])[a].abs()).sum::<f64>();
        let mut axis = ORDERS[0];
        for order in &ORDERS[1..] {
            if along(order) > along(&axis) + 1e-9 {
                axis = *order;
            }
        }
        Turn { stored: *stored, axis, flip: [0, 1, 2].map(|a| stored.axes.col(axis[a])[a] < 0.0) }
    }

    fn is_upright(&self) -> bool {
        self.axis == [0, 1, 2] && self.flip == [false; 3]
    }

    /// The upright grid.
    fn upright(&self) -> Grid {
        let s = &self.stored;
        let mut first = DVec3::ZERO;
        let mut columns = [DVec3::ZERO; 3];
        for a in 0..3 {
            let b = self.axis[a];
            first[b] = if self.flip[a] { s.size[b] as f64 - 1.0 } else { 0.0 };
            columns[a] = s.axes.col(b) * if self.flip[a] { -1.0 } else { 1.0 };
        }
        Grid {
            size: self.axis.map(|b| s.size[b]),
            spacing: DVec3::from(self.axis.map(|b| s.spacing[b])),
            origin: s.point(first),
            axes: DMat3::from_cols(columns[0], columns[1], columns[2]),
        }
    }

    /// A stored volume, turned upright.
    pub(super) fn volume<'a>(&self, stored: &'a Volume<i16>) -> Cow<'a, Volume<i16>> {
        if self.is_upright() {
            return Cow::Borrowed(stored);
        }
        let grid = self.upright();
        let [nx, ny, _] = grid.size;
        let step = [1, self.stored.size[0], self.stored.size[0] * self.stored.size[1]];
        let place = |a: usize, x: usize| {
            let x = if self.flip[a] { grid.size[a] - 1 - x } else { x };
            x * step[self.axis[a]]
        };
        let mut turned = Volume::filled(grid, 0i16);
        turned.data.par_chunks_mut(nx * ny).enumerate().for_each(|(k, slice)| {
            for (j, row) in slice.chunks_mut(nx).enumerate() {
                let start = place(2, k) + place(1, j);
                for (i, v) in row.iter_mut().enumerate() {
                    *v = stored.data[start + place(0, i)];
                }
            }
        });
        Cow::Owned(turned)
    }

    /// An upright mask, as it lies in the stored volume.
    pub(super) fn back(&self, upright: Mask) -> Mask {
        if self.is_upright() {
            return upright;
        }
        let mut out = Mask::empty(self.stored);
        upright.for_each(|v| {
            let x = [v.i, v.j, v.k];
            let mut at = [0; 3];
            for a in 0..3 {
                at[self.axis[a]] = if self.flip[a] { upright.grid.size[a] - 1 - x[a] } else { x[a] };
            }
            out.set(Voxel::new(at[0], at[1], at[2]), true);
        });
        out
    }
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
            spacing: DVec3::new(1.0, 1.5, 2.5),
            origin: Lps::new(3.0, 4.0, 5.0),
            axes: DMat3::from_cols(DVec3::Z, -DVec3::X, -DVec3::Y),
        };
        let hu = Volume { grid, data: (0..grid.len()).map(|o| o as i16).collect() };
        let turn = Turn::of(&grid);
        let upright = turn.volume(&hu);
        let g = upright.grid;
        assert_eq!(g.size, [8, 6, 12]);
        assert!((g.axes - DMat3::IDENTITY).to_cols_array().iter().all(|x| x.abs() < 1e-12));
        for o in 0..grid.len() {
            assert_eq!(upright.nearest(grid.centre(grid.voxel_of(o))), Some(o as i16));
        }
        let mask = Mask::of(&hu, |v| v % 7 == 3);
        assert_eq!(turn.back(Mask::of(&upright, |v| v % 7 == 3)), mask);
    }
}
