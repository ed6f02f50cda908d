//! Taking thin things off a mask: vessels, strands, shells.

use crate::grids::components::{Components, Neighbours};
use crate::grids::distance::distance_to;
use crate::space::{Lps, Mask, Voxel};

/// Where a shape hangs: its middle and how far from it to look for the deepest place, if the seed itself falls off.
#[derive(Clone, Copy)]
pub(super) struct Hold {
    pub(super) seed: Voxel,
    pub(super) middle: Lps,
    pub(super) near_mm: f64,
}

/// The part of `mask` that holds the seed, else the one of the deepest place near the middle.
pub(super) fn part(mask: &Mask, hold: Hold) -> Option<Mask> {
    let parts = Components::of(mask, Neighbours::TwentySix);
    let mut chosen = parts.holding(hold.seed);
    if chosen.is_none() {
        let depth = distance_to(&mask.inverted(), 40.0);
        let mut best: Option<(f32, Voxel)> = None;
        mask.for_each(|v| {
            let d = depth.data[mask.grid.offset(v)];
            if mask.grid.centre(v).distance(hold.middle) < hold.near_mm && best.is_none_or(|b| d > b.0) {
                best = Some((d, v));
            }
        });
        chosen = best.and_then(|b| parts.holding(b.1));
    }
    let n = chosen?;
    Some(parts.mask(|m| m == n))
}

/// `mask` without what is thinner than twice `thin_mm` and hangs on by no more: the core that is deeper than that and
/// holds the seed, grown back within the mask by `thin_mm + rim_mm`. The mask itself where no core is left.
pub(super) fn without_tails(mask: &Mask, hold: Hold, thin_mm: f64, rim_mm: f64) -> Mask {
    let depth = distance_to(&mask.inverted(), 40.0);
    let core = Mask::from_fn(mask.grid, |o| f64::from(depth.data[o]) > thin_mm);
    let Some(core) = part(&core, hold) else { return mask.clone() };
    let back = distance_to(&core, thin_mm + rim_mm + 1.0);
    let mut out = Mask::from_fn(mask.grid, |o| f64::from(back.data[o]) <= thin_mm + rim_mm);
    out.intersect(mask);
    out
}

/// A neck under this share of the mass's own half thickness leads out of it (choice).
const NECK: f32 = 0.5;
/// … where it widens again behind the neck by this factor (choice: above what the lattice's steps make).
const WIDENS: f32 = 1.2;

/// `mask` without what hangs on by a neck and widens again behind it: of the hills of its depth map, split where they
/// meet, those that meet the rest at less than [`NECK`] of the main hill's height and rise again by [`WIDENS`] go. The main
/// hills are those that hold one of `held`. What tapers off, as spicules and tails do, has no hill and stays.
pub(super) fn without_necks(mask: &Mask, held: &[Voxel]) -> Mask {
    let grid = mask.grid;
    let depth = distance_to(&mask.inverted(), 60.0);
    let mut order: Vec<u32> = Vec::new();
    mask.for_each(|v| order.push(grid.offset(v) as u32));
    order.sort_by(|a, b| depth.data[*b as usize].total_cmp(&depth.data[*a as usize]).then(a.cmp(b)));
    const NONE: u32 = u32::MAX;
    // The hill of each voxel; hills joined so far (a forest); their tops.
    let mut hill = vec![NONE; grid.len()];
    let (mut joined, mut top): (Vec<u32>, Vec<f32>) = (Vec::new(), Vec::new());
    let mut cuts: Vec<(u32, u32, f32)> = Vec::new();
    fn root(joined: &[u32], mut n: u32) -> u32 {
        while joined[n as usize] != n {
            n = joined[n as usize];
        }
        n
    }
    let size = grid.size;
    let step = [1, size[0], size[0] * size[1]];
    for o in order {
        let v = grid.voxel_of(o as usize);
        let x = [v.i, v.j, v.k];
        let d = depth.data[o as usize];
        let mut mine = NONE;
        for a in 0..3 {
            for (there, n) in
                [(x[a] > 0, (o as usize).wrapping_sub(step[a])), (x[a] + 1 < size[a], o as usize + step[a])]
            {
                if !there || hill[n] == NONE {
                    continue;
                }
                let other = root(&joined, hill[n]);
                if mine == NONE || mine == other {
                    mine = other;
                    continue;
                }
                let (high, low) = if top[mine as usize] >= top[other as usize] { (mine, other) } else { (other, mine) };
                if top[low as usize] > WIDENS * d + grid.spacing.x as f32 * 0.5 {
                    cuts.push((high, low, d));
                    mine = high;
                } else {
                    joined[low as usize] = high;
                    mine = high;
                }
            }
        }
        if mine == NONE {
            mine = joined.len() as u32;
            joined.push(mine);
            top.push(d);
        }
        hill[o as usize] = mine;
    }
    // From the hills that are held over all passes that are wide enough for them.
    let mut kept = vec![false; joined.len()];
    let mut widest = 0f32;
    for v in held {
        let n = hill[grid.offset(*v)];
        if n != NONE {
            let n = root(&joined, n) as usize;
            kept[n] = true;
            widest = widest.max(top[n]);
        }
    }
    if widest == 0.0 {
        return mask.clone();
    }
    loop {
        let mut grew = false;
        for (a, b, d) in &cuts {
            let (a, b) = (root(&joined, *a), root(&joined, *b));
            if kept[a as usize] != kept[b as usize] && *d >= NECK * widest {
                kept[a as usize] = true;
                kept[b as usize] = true;
                widest = widest.max(top[a as usize]).max(top[b as usize]);
                grew = true;
            }
        }
        if !grew {
            break;
        }
    }
    Mask::from_fn(grid, |o| hill[o] != NONE && kept[root(&joined, hill[o]) as usize])
}

/// From this elongation on a result is said to look like a vessel (choice: 1 in 100 real nodules is longer, half of the
/// results of clicks on vessels are).
pub(super) const VESSEL_LIKE: f64 = 1.8;

/// How many times longer a mask is than it is wide: of its three half axes of inertia the largest by the second. 1 for a
/// ball and for a disc; 0 for an empty mask.
pub(super) fn elongation(mask: &Mask) -> f64 {
    let grid = &mask.grid;
    let Some(middle) = mask.centroid() else { return 0.0 };
    let (mut n, mut sum) = (0f64, [[0f64; 3]; 3]);
    mask.for_each(|v| {
        let d = grid.axes.transpose() * (grid.centre(v) - middle);
        n += 1.0;
        for (a, row) in sum.iter_mut().enumerate() {
            for (b, x) in row.iter_mut().enumerate() {
                *x += d[a] * d[b];
            }
        }
    });
    for (a, row) in sum.iter_mut().enumerate() {
        row.iter_mut().for_each(|x| *x /= n);
        // A voxel is no point: its own spread along an axis is a twelfth of its side squared.
        row[a] += grid.spacing[a] * grid.spacing[a] / 12.0;
    }
    let [_, second, first] = eigenvalues(sum);
    if second > 0.0 { (first / second).sqrt() } else { 0.0 }
}

/// Eigenvalues of a symmetric matrix, the least first (O. K. Smith, Comm ACM 1961;4:168).
fn eigenvalues(m: [[f64; 3]; 3]) -> [f64; 3] {
    let mean = (m[0][0] + m[1][1] + m[2][2]) / 3.0;
    let off = m[0][1] * m[0][1] + m[0][2] * m[0][2] + m[1][2] * m[1][2];
    let spread = (0..3).map(|a| (m[a][a] - mean).powi(2)).sum::<f64>() + 2.0 * off;
    let p = (spread / 6.0).sqrt();
    if p < 1e-12 {
        return [mean; 3];
    }
    let b = |i: usize, j: usize| (m[i][j] - if i == j { mean } else { 0.0 }) / p;
    let half_det = (b(0, 0) * (b(1, 1) * b(2, 2) - b(1, 2) * b(2, 1))
        - b(0, 1) * (b(1, 0) * b(2, 2) - b(1, 2) * b(2, 0))
        + b(0, 2) * (b(1, 0) * b(2, 1) - b(1, 1) * b(2, 0)))
        / 2.0;
    let angle = half_det.clamp(-1.0, 1.0).acos() / 3.0;
    let first = mean + 2.0 * p * angle.cos();
    let least = mean + 2.0 * p * (angle + 2.0 * std::f64::consts::PI / 3.0).cos();
    [least, 3.0 * mean - first - least, first]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Grid;
    use glam::{DMat3, DVec3};

    #[test]
    fn a_rod_is_as_long_as_it_is_and_a_disc_is_not_long() {
        let grid = Grid {
            size: [60, 60, 40],
            spacing: DVec3::new(0.7, 0.7, 1.25),
            origin: Lps::new(5.0, -80.0, 30.0),
            axes: DMat3::from_axis_angle(DVec3::new(0.2, 1.0, -0.4).normalize(), 0.3),
        };
        let middle = grid.point(DVec3::new(30.0, 30.0, 20.0));
        // Half axes 16, 8, 4 mm, askew in the grid.
        let turn = DMat3::from_axis_angle(DVec3::new(1.0, 0.3, 0.5).normalize(), 0.8);
        let shape = |half: DVec3| {
            Mask::from_fn(grid, |o| {
                let d = turn.transpose() * (grid.centre(grid.voxel_of(o)) - middle);
                (d / half).length() <= 1.0
            })
        };
        assert!((elongation(&shape(DVec3::new(16.0, 8.0, 4.0))) - 2.0).abs() < 0.05);
        assert!((elongation(&shape(DVec3::new(4.0, 12.0, 12.0))) - 1.0).abs() < 0.05);
        assert_eq!(elongation(&Mask::empty(grid)), 0.0);
        assert_eq!(
            eigenvalues([[2.0, 0.0, 0.0], [0.0, 5.0, 0.0], [0.0, 0.0, 3.0]]).map(|x| (x * 1e9).round() / 1e9),
            [2.0, 3.0, 5.0]
        );
    }

    #[test]
    fn a_neck_that_widens_again_leads_out_of_a_mass_and_a_tail_does_not() {
        let grid = Grid { size: [90, 40, 40], spacing: DVec3::ONE, origin: Lps::default(), axes: DMat3::IDENTITY };
        let at = |o: usize| grid.centre(grid.voxel_of(o));
        let mass = |p: Lps| p.distance(Lps::new(20.0, 20.0, 20.0)) <= 15.0;
        let neck = |p: Lps| p.x > 20.0 && p.x < 50.0 && (p.y - 20.0).hypot(p.z - 20.0) <= 5.0;
        let lump = |p: Lps| p.distance(Lps::new(52.0, 20.0, 20.0)) <= 10.0;
        let seed = [Voxel::new(20, 20, 20)];
        let with_lump = without_necks(&Mask::from_fn(grid, |o| mass(at(o)) || neck(at(o)) || lump(at(o))), &seed);
        assert!(!with_lump.get(Voxel::new(54, 20, 20)), "the lump behind the neck is gone");
        assert!(with_lump.get(Voxel::new(8, 20, 20)) && with_lump.get(Voxel::new(36, 20, 20)));
        let tail = Mask::from_fn(grid, |o| mass(at(o)) || neck(at(o)));
        assert_eq!(without_necks(&tail, &seed).count(), tail.count(), "a tail stays");
        let both = Mask::from_fn(grid, |o| mass(at(o)) || neck(at(o)) || lump(at(o)));
        let stroked = without_necks(&both, &[seed[0], Voxel::new(54, 20, 20)]);
        assert_eq!(stroked.count(), both.count(), "what a stroke runs through stays");
    }
}
