//! Left and right lung: air of the lung's density, parted where the lungs touch, and closed over vessels and over lesions
//! on the pleura.

use super::work::Work;
use crate::grids::components::{Components, Neighbours, fill_holes};
use crate::grids::morphology::{close, dilate, erode};
use crate::space::{Mask, PADDING, Volume, Voxel};
use std::collections::VecDeque;

/// Between lung (−870 to −800) and tissue (usual in the field, unverified: near −400).
pub(super) const LUNG_HU: i16 = -400;

/// What a lung has and gas in the bowel has not: voxels above this inside, away from the wall.
const GAS_HU: i16 = -930;

/// The share of such voxels from which a pocket of air is lung (emphysema keeps some tenths; choice).
const LUNG_SHARE: f64 = 0.1;

/// The least lung, mm³ (choice).
const LEAST_MM3: f64 = 60_000.0;

/// Radius of the closing over vessels and pleural lesions, mm (usual in the field, unverified: 8 to 12).
const CLOSING_MM: f64 = 10.0;

/// The lungs on the work grid.
pub(super) struct Lungs {
    /// Right, then left, closed; empty where not seen.
    pub(super) closed: [Mask; 2],
}

/// The air of the lungs as one: without windpipe, bowel gas.
pub(super) fn air(work: &Work, body: &Mask, airways: &Mask) -> Mask {
    let grid = work.grid();
    let mut air = Mask::of(&work.hu, |v| v < LUNG_HU);
    air.intersect(body);
    air.subtract(airways);
    let inner = erode(&air, 1.01 * grid.spacing.x);
    let components = Components::of(&air, Neighbours::Six);
    let mut dense = vec![(0usize, 0usize); components.list.len()];
    components.for_each_run(|c, a, b, j, k| {
        for i in a..b {
            let v = Voxel::new(i, j, k);
            if inner.get(v) {
                dense[c].0 += usize::from(work.hu.at(v) > GAS_HU);
                dense[c].1 += 1;
            }
        }
    });
    let lung = |c: usize| {
        let (above, all) = dense[c];
        components.list[c].voxels as f64 * grid.voxel_mm3() >= LEAST_MM3 && above as f64 > LUNG_SHARE * all as f64
    };
    let main = components.mask(lung);
    // Smaller pockets of lung's density that the main ones nearly touch: a lobe behind fluid.
    let near = dilate(&main, 6.0);
    let mut touch = vec![false; components.list.len()];
    components.for_each_run(|c, a, b, j, k| touch[c] |= (a..b).any(|i| near.get(Voxel::new(i, j, k))));
    components.mask(|c| {
        let (above, all) = dense[c];
        lung(c) || touch[c] && components.list[c].voxels as f64 * grid.voxel_mm3() > 500.0 && 5 * above > 2 * all
    })
}

/// Parts the air into right and left. `middle` is the LPS x of the patient's middle where that is known; a single lung
/// is named by it.
pub(super) fn part(air: &Mask, middle: Option<f64>) -> [Mask; 2] {
    let grid = air.grid;
    let none = Mask::empty(grid);
    for shrink in [0.0, 2.5, 5.0, 7.5, 10.0, 13.0] {
        let core = if shrink > 0.0 { erode(air, shrink) } else { air.clone() };
        let components = Components::of(&core, Neighbours::Six);
        let mut sum = vec![0f64; components.list.len()];
        components.for_each_run(|c, a, b, _, _| sum[c] += (a..b).map(|i| i as f64).sum::<f64>());
        let mean = |c: usize| sum[c] / components.list[c].voxels as f64;
        let Some(first) = components.list.first() else { break };
        // The partner: the largest one on the other side.
        let partner = (1..components.list.len()).find(|&c| {
            let apart = (mean(c) - mean(0)).abs() * grid.spacing.x;
            components.list[c].voxels * 8 > first.voxels && apart > 60.0
        });
        if let Some(partner) = partner {
            let (right, left) = if mean(0) < mean(partner) { (0, partner) } else { (partner, 0) };
            let seeds = [components.mask(|c| c == right), components.mask(|c| c == left)];
            let halfway = (mean(right) + mean(left)) / 2.0;
            return spread(air, seeds, halfway);
        }
    }
    if air.is_empty() {
        return [none.clone(), none];
    }
    let x = air.centroid().map_or(0.0, |c| c.x);
    if x < middle.unwrap_or(0.0) { [air.clone(), none] } else { [none, air.clone()] }
}

/// Every voxel of `air` goes to the seed from which it is reached first; what no seed reaches goes by its side.
fn spread(air: &Mask, seeds: [Mask; 2], halfway: f64) -> [Mask; 2] {
    let grid = air.grid;
    let mut free = air.clone();
    let mut out = seeds.clone();
    let mut queue: VecDeque<(Voxel, usize)> = VecDeque::new();
    for (side, seed) in seeds.iter().enumerate() {
        free.subtract(seed);
        let mut rim = seed.clone();
        rim.subtract(&erode(seed, 1.01 * grid.spacing.max_element()));
        rim.for_each(|v| queue.push_back((v, side)));
    }
    while let Some((v, side)) = queue.pop_front() {
        let mut visit = |w: Voxel| {
            if free.get(w) {
                free.set(w, false);
                out[side].set(w, true);
                queue.push_back((w, side));
            }
        };
        if v.i > 0 {
            visit(Voxel { i: v.i - 1, ..v });
        }
        if v.i + 1 < grid.size[0] {
            visit(Voxel { i: v.i + 1, ..v });
        }
        if v.j > 0 {
            visit(Voxel { j: v.j - 1, ..v });
        }
        if v.j + 1 < grid.size[1] {
            visit(Voxel { j: v.j + 1, ..v });
        }
        if v.k > 0 {
            visit(Voxel { k: v.k - 1, ..v });
        }
        if v.k + 1 < grid.size[2] {
            visit(Voxel { k: v.k + 1, ..v });
        }
    }
    free.for_each(|v| out[usize::from(v.i as f64 > halfway)].set(v, true));
    out
}

/// The lungs on the CT's grid: their rim is where HU crosses [`LUNG_HU`]; inside, and where they were closed, all of it.
pub(super) fn at_full(work: &Work, lungs: &Lungs, ct: &Volume<i16>, body: &Mask, airways: Option<&Mask>) -> [Mask; 2] {
    let reach = 1.01 * work.grid().spacing.x.max(work.grid().spacing.y);
    let [right, mut left] = [0, 1].map(|n| {
        let mut rim = dilate(&lungs.closed[n], reach);
        rim.subtract(&lungs.closed[n]);
        rim.subtract(&lungs.closed[1 - n]);
        let mut full = work.refine(ct, &rim, |v| v < LUNG_HU && v != PADDING);
        full.unite(&work.up(&lungs.closed[n]));
        full.intersect(body);
        if let Some(airways) = airways {
            full.subtract(airways);
        }
        full
    });
    // Where both rims reach the same voxel between the lungs.
    left.subtract(&right);
    [right, left]
}

/// Closes each lung over vessels, bronchi and small lesions on the pleura.
pub(super) fn closed(air: [Mask; 2], trachea: &Mask) -> Lungs {
    let close_one = |lung: &Mask, other: &Mask| {
        let mut out = fill_holes(&close(lung, CLOSING_MM));
        out.subtract(other);
        out.subtract(trachea);
        out
    };
    let right = close_one(&air[0], &air[1]);
    let mut left = close_one(&air[1], &air[0]);
    left.subtract(&right);
    Lungs { closed: [right, left] }
}
