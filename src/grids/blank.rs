//! Where the ends of a stack were not measured.

use crate::space::{Mask, PADDING, Volume, Voxel};
use rayon::prelude::*;

/// A slice in which nothing is denser than this holds nobody, HU (choice: half-way from air to skin is −500).
const NOBODY_HU: i16 = -500;

/// What was not measured at the ends of a stack of slices along the index axis `across`: padding at places that at least
/// half of the slices measured (a stack that was sheared upright is cut on the slant), and whole slices without anything
/// but air or padding before the first and after the last slice that holds something.
///
/// Air on its two sides does not hang together by it: a lung that ends there is not the room. What is padding in most
/// slices, beyond a round field of view, is not in it.
pub fn blank(hu: &Volume<i16>, across: usize) -> Mask {
    let grid = hu.grid;
    let [nx, ny, _] = grid.size;
    let count = grid.size[across];
    let place = |i: usize, j: usize, k: usize| match across {
        0 => k * ny + j,
        1 => k * nx + i,
        _ => j * nx + i,
    };
    let mut padded = vec![0u32; grid.len().checked_div(count).unwrap_or(0)];
    for (row, values) in hu.data.chunks(nx.max(1)).enumerate() {
        if values.contains(&PADDING) {
            for (i, v) in values.iter().enumerate() {
                padded[place(i, row % ny, row / ny)] += u32::from(*v == PADDING);
            }
        }
    }
    let empty: Vec<bool> = (0..count)
        .into_par_iter()
        .map(|w| {
            let mut sizes = grid.size;
            sizes[across] = 1;
            (0..sizes[2]).all(|k| {
                (0..sizes[1]).all(|j| {
                    (0..sizes[0]).all(|i| {
                        let mut x = [i, j, k];
                        x[across] = w;
                        hu.at(Voxel::new(x[0], x[1], x[2])) <= NOBODY_HU
                    })
                })
            })
        })
        .collect();
    let (Some(first), Some(last)) = (empty.iter().position(|e| !e), empty.iter().rposition(|e| !e)) else {
        return Mask::empty(grid);
    };
    let slanted = padded.iter().any(|n| *n > 0 && 2 * *n as usize <= count);
    if !slanted && first == 0 && last + 1 == count {
        return Mask::empty(grid);
    }
    Mask::from_fn(grid, |o| {
        let v = grid.voxel_of(o);
        let w = [v.i, v.j, v.k][across];
        let n = padded[place(v.i, v.j, v.k)] as usize;
        !(first..=last).contains(&w) || hu.data[o] == PADDING && 2 * n <= count
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Grid, Lps};
    use glam::{DMat3, DVec3};

    fn volume(across: usize, hu: impl Fn([usize; 2], usize) -> i16) -> Volume<i16> {
        let mut size = [12; 3];
        size[across] = 9;
        let grid = Grid { size, spacing: DVec3::ONE, origin: Lps::default(), axes: DMat3::IDENTITY };
        let data = (0..grid.len())
            .map(|o| {
                let v = grid.voxel_of(o);
                let mut x = vec![v.i, v.j, v.k];
                let w = x.remove(across);
                hu([x[0], x[1]], w)
            })
            .collect();
        Volume { grid, data }
    }

    #[test]
    fn beyond_a_round_field_of_view_nothing_is_blank() {
        for across in 0..3 {
            let round = volume(across, |[u, v], _| if u + v < 4 { PADDING } else { 40 });
            assert!(blank(&round, across).is_empty());
        }
    }

    #[test]
    fn slanted_ends_and_slices_that_hold_nobody_are_blank() {
        for across in 0..3 {
            let cut = |[_, v]: [usize; 2], w: usize| 2 * w + v > 22;
            let ct = volume(across, |p, w| match () {
                () if w == 0 => -1000,
                () if cut(p, w) => PADDING,
                () if p == [0, 0] => PADDING,
                () => 40,
            });
            let expected = volume(across, |p, w| i16::from(w == 0 || cut(p, w)));
            assert_eq!(blank(&ct, across), Mask::of(&expected, |v| v == 1), "{across}");
        }
    }

    #[test]
    fn a_volume_of_air_alone_has_no_ends() {
        assert!(blank(&volume(2, |_, _| -1000), 2).is_empty());
    }
}
