//! How far a point is from the nearest voxel of a mask, exactly: voxels are boxes, not points.
//!
//! A mask's rows are bits, so that the nearest voxel of a row is found a word at a time; rows farther than what is known
//! already are left out. Some tens of nanoseconds to a few microseconds, by radius.

use crate::space::{Lps, Mask};

/// What of a voxel is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Extent {
    /// The whole box.
    Box,
    /// Its centre.
    Centre,
}

/// mm from `p` to the nearest voxel in `mask` (0 inside its box), if that is less than `within_mm`.
pub(super) fn nearest(mask: &Mask, p: Lps, within_mm: f64, extent: Extent) -> Option<f64> {
    let grid = &mask.grid;
    let x = grid.index(p);
    if !x.is_finite() || grid.is_empty() {
        return None;
    }
    let half = if extent == Extent::Box { 0.5 } else { 0.0 };
    let s = grid.spacing;
    let mut best = within_mm * within_mm;
    let mut found = false;
    let gap = |i: isize, x: f64, s: f64| {
        let d = ((i as f64 - x).abs() - half).max(0.0) * s;
        d * d
    };
    // Casts cut off and saturate: cheaper than rounding by a call.
    let mid = |x: f64, n: usize| (((x + 0.5).max(0.0) as usize).min(n - 1)) as isize;
    let (j0, k0) = (mid(x.y, grid.size[1]), mid(x.z, grid.size[2]));
    // Slices, and rows within them, from the nearest outwards.
    each_outwards(k0, grid.size[2], |k| {
        let dz = gap(k, x.z, s.z);
        if dz >= best {
            return false;
        }
        each_outwards(j0, grid.size[1], |j| {
            let dy = dz + gap(j, x.y, s.y);
            if dy >= best {
                return false;
            }
            let reach = (best - dy).sqrt() / s.x + half;
            if let Some(d) = in_row(mask.row(j as usize, k as usize), grid.size[0], x.x, reach) {
                let d = ((d - half).max(0.0) * s.x).powi(2) + dy;
                if d < best {
                    best = d;
                    found = true;
                }
            }
            true
        });
        true
    });
    found.then(|| best.sqrt())
}

/// Calls `f` with `from`, `from` ± 1, … inside 0..n; a side ends where `f` says no.
fn each_outwards(from: isize, n: usize, mut f: impl FnMut(isize) -> bool) {
    let mut i = from;
    while i < n as isize && f(i) {
        i += 1;
    }
    i = from - 1;
    while i >= 0 && f(i) {
        i -= 1;
    }
}

/// |i − x| of the set bit of a row nearest to x, if there is one within about `reach`.
fn in_row(row: &[u64], nx: usize, x: f64, reach: f64) -> Option<f64> {
    if x + reach < 0.0 || x - reach > nx as f64 - 1.0 {
        return None;
    }
    // One voxel more at the lower end does not hurt: the caller compares distances.
    let lo = (x - reach).max(0.0) as usize;
    let hi = ((x + reach) as usize).min(nx - 1);
    let mid = ((x + 0.5).max(0.0) as usize).clamp(lo, hi);
    let mut best: Option<f64> = None;
    // The first set bit from mid upwards.
    let mut w = mid >> 6;
    let mut word = row[w] >> (mid & 63) << (mid & 63);
    loop {
        if word != 0 {
            let i = (w << 6) + word.trailing_zeros() as usize;
            if i <= hi {
                best = Some((i as f64 - x).abs());
            }
            break;
        }
        w += 1;
        if w << 6 > hi {
            break;
        }
        word = row[w];
    }
    // The first set bit below mid.
    if mid > lo {
        let top = mid - 1;
        let mut w = top >> 6;
        let mut word = row[w] << (63 - (top & 63)) >> (63 - (top & 63));
        loop {
            if word != 0 {
                let i = (w << 6) + 63 - word.leading_zeros() as usize;
                if i >= lo {
                    let d = (i as f64 - x).abs();
                    best = Some(best.map_or(d, |b| b.min(d)));
                }
                break;
            }
            if w == 0 || w << 6 <= lo {
                break;
            }
            w -= 1;
            word = row[w];
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Grid, Voxel};
    use glam::{DMat3, DVec3};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        /// Held against the definition, over word borders, in a turned grid, inside and outside of it.
        #[test]
        fn distances_to_boxes_and_centres_are_exact(
            points in prop::collection::vec((0usize..150, 0usize..9, 0usize..7), 0..10),
            x in -10.0..160.0f64, y in -4.0..12.0f64, z in -4.0..10.0f64, within in 0.5..60.0f64, angle in -3.0..3.0f64
        ) {
            let axes = DMat3::from_axis_angle(DVec3::new(0.3, -0.5, 0.8).normalize(), angle);
            let grid = Grid { size: [150, 9, 7], spacing: DVec3::new(0.7, 0.9, 2.5), origin: Lps::new(3.0, -8.0, 1.0), axes };
            let mut mask = Mask::empty(grid);
            for &(i, j, k) in &points { mask.set(Voxel::new(i, j, k), true); }
            let p = grid.point(DVec3::new(x, y, z));
            for (extent, half) in [(Extent::Box, 0.5), (Extent::Centre, 0.0)] {
                let truth = points.iter().map(|&(i, j, k)| {
                    let d = (DVec3::new(i as f64, j as f64, k as f64) - DVec3::new(x, y, z)).abs() - half;
                    (d.max(DVec3::ZERO) * grid.spacing).length()
                }).fold(f64::INFINITY, f64::min);
                let got = nearest(&mask, p, within, extent);
                if truth < within - 1e-9 { prop_assert!((got.unwrap() - truth).abs() < 1e-6); }
                else if truth > within + 1e-9 { prop_assert_eq!(got, None); }
            }
        }
    }
}
