//! Growing and shrinking by millimetres. Balls are round on any spacing: a ball is a set of rows of voxels, and a row of
//! a mask is shifted 64 voxels at a time, so that no distance map is needed.

use crate::space::{Bounds, Grid, Mask, Voxel};

/// Rows of a ball: for each (dj, dk) how far it reaches along i, in voxels. The widest first.
fn ball(grid: &Grid, mm: f64) -> Vec<(isize, isize, usize)> {
    let s = grid.spacing;
    let (rj, rk) = ((mm / s.y).floor() as isize, (mm / s.z).floor() as isize);
    let mut rows = Vec::new();
    for dk in -rk..=rk {
        for dj in -rj..=rj {
            let rest = mm * mm - (dj as f64 * s.y).powi(2) - (dk as f64 * s.z).powi(2);
            if rest >= 0.0 {
                rows.push((dj, dk, (rest.sqrt() / s.x + 1e-9).floor() as usize));
            }
        }
    }
    rows
}

/// `out` = `row` moved by `by` voxels (positive: to higher i), united with what is there.
fn or_shifted(out: &mut [u64], row: &[u64], by: isize) {
    let n = row.len();
    let (words, bits) = (by.unsigned_abs() / 64, by.unsigned_abs() % 64);
    if by >= 0 {
        for w in words..n {
            let mut v = row[w - words] << bits;
            if bits > 0 && w > words {
                v |= row[w - words - 1] >> (64 - bits);
            }
            out[w] |= v;
        }
    } else {
        for w in 0..n.saturating_sub(words) {
            let mut v = row[w + words] >> bits;
            if bits > 0 && w + words + 1 < n {
                v |= row[w + words + 1] << (64 - bits);
            }
            out[w] |= v;
        }
    }
}

/// `row` grown by `reach` voxels to both sides, by doubling.
fn widen(row: &[u64], reach: usize, scratch: &mut Vec<u64>, out: &mut Vec<u64>) {
    out.clear();
    out.extend_from_slice(row);
    let mut done = 0;
    while done < reach {
        // What has grown by `done` and is moved by up to done + 1 either way leaves no gap, at the row's ends too.
        let step = (done + 1).min(reach - done);
        scratch.clear();
        scratch.extend_from_slice(out);
        or_shifted(out, scratch, step as isize);
        or_shifted(out, scratch, -(step as isize));
        done += step;
    }
}

/// Every voxel whose centre is within `mm` of a voxel centre in.
pub fn dilate(mask: &Mask, mm: f64) -> Mask {
    let grid = mask.grid;
    let [nx, ny, nz] = grid.size;
    let mut rows = ball(&grid, mm);
    // Rows of one width lie together, so that each source row is widened once per width.
    rows.sort_by_key(|r| r.2);
    let tail = if nx.is_multiple_of(64) { u64::MAX } else { (1u64 << (nx % 64)) - 1 };
    let filled: Vec<bool> = (0..ny * nz).map(|r| mask.row(r % ny, r / ny).iter().any(|w| *w != 0)).collect();
    Mask::from_rows(grid, |j, k, out| {
        let (mut gathered, mut wide, mut scratch) = (vec![0u64; out.len()], Vec::new(), Vec::new());
        let mut n = 0;
        while n < rows.len() {
            let reach = rows[n].2;
            gathered.fill(0);
            let mut any = false;
            while n < rows.len() && rows[n].2 == reach {
                let (jj, kk) = (j as isize + rows[n].0, k as isize + rows[n].1);
                n += 1;
                if jj < 0 || kk < 0 || jj >= ny as isize || kk >= nz as isize {
                    continue;
                }
                let (jj, kk) = (jj as usize, kk as usize);
                if filled[kk * ny + jj] {
                    any = true;
                    for (g, w) in gathered.iter_mut().zip(mask.row(jj, kk)) {
                        *g |= *w;
                    }
                }
            }
            if any {
                widen(&gathered, reach, &mut scratch, &mut wide);
                for (o, w) in out.iter_mut().zip(&wide) {
                    *o |= *w;
                }
            }
        }
        if let Some(last) = out.last_mut() {
            *last &= tail;
        }
    })
}

/// Every voxel in whose centre is farther than `mm` from each voxel centre out; outside of the grid counts as in.
pub fn erode(mask: &Mask, mm: f64) -> Mask {
    dilate(&mask.inverted(), mm).inverted()
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
        room.set(
            Voxel::new(v.i - extent.lo[0] + pad[0], v.j - extent.lo[1] + pad[1], v.k - extent.lo[2] + pad[2]),
            true,
        );
    });
    let closed = erode(&dilate(&room, mm), mm);
    let mut out = mask.clone();
    let back = Bounds { lo: pad, hi: [0, 1, 2].map(|a| size[a] - pad[a]) };
    closed.for_each(|v| {
        if back.contains(v) {
            let at = Voxel::new(v.i - pad[0] + extent.lo[0], v.j - pad[1] + extent.lo[1], v.k - pad[2] + extent.lo[2]);
            out.set(at, true);
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grids::distance::distance_to;
    use crate::space::{Grid, Lps};
    use glam::{DMat3, DVec3};
    use proptest::prelude::*;

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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// Held against exact distances, voxel by voxel, over word borders.
        #[test]
        fn growing_is_a_threshold_of_the_distance(
            points in prop::collection::vec((0usize..150, 0usize..9, 0usize..7), 0..12), mm in 0.3..40.0f64
        ) {
            let grid = Grid { size: [150, 9, 7], spacing: DVec3::new(0.7, 0.9, 2.5), origin: Lps::default(), axes: DMat3::IDENTITY };
            let mut mask = Mask::empty(grid);
            for (i, j, k) in points { mask.set(Voxel::new(i, j, k), true); }
            let map = distance_to(&mask, mm + 1.0);
            let grown = dilate(&mask, mm);
            for o in 0..grid.len() {
                let d = f64::from(map.data[o]);
                if (d - mm).abs() > 1e-3 { prop_assert_eq!(grown.at(o), d <= mm); }
            }
        }
    }
}
