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
