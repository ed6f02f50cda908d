//! Lesions that air surrounds at least in part: solid in lung, on the pleura, on vessels.
//!
//! In a ball that grows with the result: what is denser than the level between lesion and lung, inside the lung closed
//! by a ball larger than the lesion (so that the pleura is continued across its base), opened so that vessels come off,
//! and a rim given back. Kuhnigk et al., IEEE TMI 2006;25:417 (opening), Moltz et al., IEEE JSTSP 2009;3 (pleura).

use super::chest::{Air, CELL_MM, Chest};
use super::room::{Room, lattice};
use super::shape::{Hold, part, without_tails};
use crate::ct::Ct;
use crate::grids::components::Neighbours;
use crate::grids::distance::distance_to;
use crate::grids::filter::gaussian_f32;
use crate::jobs::{Cancelled, Progress};
use crate::space::{Lps, Mask, Volume, Voxel};
use std::borrow::Cow;

/// What was found, in its box.
pub(super) struct Found {
    pub(super) room: Room,
    pub(super) mask: Mask,
    pub(super) level: f32,
    pub(super) centre: Lps,
    pub(super) radius_mm: f64,
    /// Share of the result's surface that borders on what is denser than the level: no air decided there.
    pub(super) soft_share: f64,
    /// Share of the result's surface that borders on blood with contrast or bone.
    pub(super) bright_share: f64,
    /// Share of the result's surface that lies on the ball: the result would go on.
    pub(super) on_ball: f64,
}

/// The closed lung: the nearest lung's air, closed by a ball, so that the pleura goes on across a lesion's base.
pub(super) struct Pleura {
    /// mm to its border, positive inside.
    field: Volume<f32>,
}

impl Pleura {
    /// The lung nearest to `near`, closed by a ball of `close_mm`, known within `radius_mm` of `centre`.
    pub(super) fn around(
        hu: &Volume<i16>,
        chest: &Chest,
        lung: Option<u8>,
        centre: Lps,
        radius_mm: f64,
        close_mm: f64,
    ) -> Pleura {
        let cell = (radius_mm / 6.0).clamp(0.6, 4.0);
        let around_mm = radius_mm + 2.0 * close_mm + 2.0 * cell;
        // Where cells are large the coarse map is fine enough.
        let source = if cell >= CELL_MM && !chest.crop { &chest.hu } else { hu };
        let hu = lattice(source, centre, around_mm, cell, close_mm + 3.0 * cell);
        let grid = hu.grid;
        let air = Mask::from_fn(grid, |o| {
            hu.data[o] < -400.0
                && match chest.air_at(grid.centre(grid.voxel_of(o))) {
                    Air::Outside => false,
                    Air::Lung(n) => lung.is_none_or(|l| l == n),
                    Air::None => true,
                }
        });
        let air = crate::grids::components::largest(&air, Neighbours::Six);
        let reach = distance_to(&air, close_mm + 2.0 * cell);
        let grown = Mask::from_fn(grid, |o| f64::from(reach.data[o]) <= close_mm);
        let mut field = distance_to(&grown.inverted(), close_mm + 40.0);
        for d in &mut field.data {
            *d -= close_mm as f32;
        }
        Pleura { field }
    }

    /// Whether a point lies inside the closed lung; outside of what is known: false.
    pub(super) fn holds(&self, p: Lps) -> bool {
        self.depth(p) > 0.0
    }

    /// mm from the closed lung's border, positive inside; far outside at least that negative.
    pub(super) fn depth(&self, p: Lps) -> f64 {
        self.field.sample(p).unwrap_or(-100.0)
    }
}

/// From this SD of the noise on the box is smoothed, HU: by 0.5 mm, and more in proportion (choice).
const NOISY_HU: f64 = 60.0;
/// A result is whole when less than this share of its surface lies on the ball (recipe of facts, 3.1).
pub(super) const ON_BALL: f64 = 0.2;
/// … and has tips that the ball cuts from this share on (choice: on thick slices less of a surface is tips).
const TIPS: f64 = 0.05;
/// The ball grows to this radius, mm: lesions of up to some 14 cm (choice).
const LARGEST_MM: f64 = 72.0;
/// What the opening took off the core's surface grows back by this more, mm (as the recipe of facts, 3.1).
const RIM_MM: f64 = 0.9;
/// Spicules count as lesion up to this far from the core, mm (facts, 3.1: 1 to 2 mm), …
const SPICULE_MM: f64 = 2.0;
/// … where they are thicker than twice this, mm (facts, 3.1: readers include those thicker than about 2 mm).
const SPICULE_THIN_MM: f64 = 1.0;

/// Blood with contrast and bone are brighter, HU; solid lesions that enhance reach some 100 (choice).
const BRIGHT_HU: f32 = 150.0;
/// Lung where it cannot be measured, HU.
const LUNG_HU: f32 = -860.0;
/// The outline lies where HU have risen by this share from lung to lesion (readers draw a solid nodule of 30 HU in lung of
/// −860 near −500: facts, 3.1; the same share serves faint, calcified and emphysematous surroundings).
const RISE: f32 = 0.4;
/// A click on a calcification must not raise the level above soft tissue's before the whole lesion is known, HU.
const FIRST_CORE_HU: f32 = 100.0;

/// HU at which readers draw the outline between a lesion's core and the lung around it.
pub(super) fn level_for(core: f32, lung: f32) -> f32 {
    lung + RISE * (core - lung)
}

/// The level to begin with: the HU at the click against the lung around it.
pub(super) fn first_level(core: f32, lung: f32) -> f32 {
    level_for(core.min(FIRST_CORE_HU), lung)
}

/// HU of the lung within 15 mm of a point: the median of what is air there, but no air of the room.
pub(super) fn lung_around(hu: &Volume<i16>, p: Lps) -> f32 {
    let b = hu.grid.bounds_around(p, 15.0);
    let mut values = Vec::new();
    for k in b.lo[2]..b.hi[2] {
        for j in b.lo[1]..b.hi[1] {
            for i in b.lo[0]..b.hi[0] {
                let v = hu.at(Voxel::new(i, j, k));
                if (-980..-650).contains(&v) {
                    values.push(v);
                }
            }
        }
    }
    if values.len() < 50 {
        return LUNG_HU;
    }
    let middle = values.len() / 2;
    f32::from(*values.select_nth_unstable(middle).1)
}

/// The level for a lesion that was found: from the HU of its inner half, by depth.
fn level_of(found: &Found, depth: &Volume<f32>, lung: f32) -> f32 {
    let deepest = depth.data.iter().copied().fold(0f32, f32::max);
    let mut inner: Vec<f32> =
        (0..depth.data.len()).filter(|o| depth.data[*o] >= 0.5 * deepest).map(|o| found.room.hu.data[o]).collect();
    if inner.is_empty() {
        return found.level;
    }
    let middle = inner.len() / 2;
    level_for(*inner.select_nth_unstable_by(middle, f32::total_cmp).1, lung)
}

/// One round: the lesion at `seed` inside the ball of 1.05 `radius_mm` + 1 around `centre`.
fn round(
    hu: &Volume<i16>,
    chest: &Chest,
    lung: Option<u8>,
    seed: Lps,
    centre: Lps,
    radius_mm: f64,
    level: f32,
) -> Option<Found> {
    let r = radius_mm;
    let ball = 1.05 * r + 1.0;
    // Half the thickness of what counts as a vessel (choice of the recipe, facts 3.1).
    let cut = if r < 9.0 { 0.35 * r.min(6.0) } else { 0.2 * r }.min(2.2);
    let room = Room::around(hu, centre, ball + cut + 2.0);
    let grid = *room.grid();
    let pleura = Pleura::around(hu, chest, lung, centre, ball, 2.5 * r + 1.0);
    let hu = calmed(&room.hu);
    let dense = Mask::from_fn(grid, |o| {
        let v = grid.voxel_of(o);
        let p = grid.centre(v);
        hu.data[o] > level && p.distance(centre) <= ball && pleura.holds(p)
    });
    let hold = Hold { seed: grid.voxel(seed)?, middle: centre, near_mm: 3f64.max(0.6 * r) };
    let whole = part(&dense, hold)?;
    let core = without_tails(&whole, hold, cut, RIM_MM);
    // Readers take in spicules that are no hairs: what is near the core and not thin comes back.
    let near = distance_to(&core, SPICULE_MM + 1.0);
    let thick = crate::grids::morphology::open(&whole, SPICULE_THIN_MM);
    let mut mask = Mask::from_fn(grid, |o| f64::from(near.data[o]) <= SPICULE_MM && thick.at(o));
    mask.unite(&core);
    let mask = part(&mask, hold).unwrap_or(core);
    // How much of the surface lies on the ball.
    let rim = ball - (1.05 * grid.spacing.x.min(grid.spacing.y)).max(1.0);
    let (mut skin, mut on_ball, mut soft, mut bright) = (0usize, 0usize, 0usize, 0usize);
    mask.for_each(|v| {
        if !room.in_scan(v) {
            return;
        }
        let x = [v.i, v.j, v.k];
        let (mut open, mut dense_beside, mut bright_beside) = (false, false, false);
        for a in 0..3 {
            for y in [x[a].wrapping_sub(1), x[a] + 1] {
                let mut n = x;
                n[a] = y;
                let n = Voxel::new(n[0], n[1], n[2]);
                if y < grid.size[a] && !mask.get(n) && room.in_scan(n) {
                    open = true;
                    dense_beside |= room.hu.at(n) > level;
                    bright_beside |= room.hu.at(n) > BRIGHT_HU;
                }
            }
        }
        if open {
            skin += 1;
            soft += usize::from(dense_beside);
            bright += usize::from(bright_beside);
            on_ball += usize::from(grid.centre(v).distance(centre) > rim);
        }
    });
    let share = |n: usize| n as f64 / skin.max(1) as f64;
    Some(Found {
        room,
        level,
        centre,
        radius_mm: r,
        soft_share: share(soft),
        bright_share: share(bright),
        on_ball: share(on_ball),
        mask,
    })
}

/// The box, smoothed as far as its noise asks: much noise breaks up what a level finds.
fn calmed(hu: &Volume<f32>) -> Cow<'_, Volume<f32>> {
    let noise = noise_hu(hu);
    if noise < NOISY_HU {
        return Cow::Borrowed(hu);
    }
    Cow::Owned(gaussian_f32(hu, (0.5 * noise / NOISY_HU).min(1.2)))
}

/// SD of the noise, HU: from the median of second differences along rows, which structures hardly touch
/// (x₋₁ − 2 x₀ + x₁ of white noise has SD √6).
pub(super) fn noise_hu(hu: &Volume<f32>) -> f64 {
    let nx = hu.grid.size[0];
    let mut d: Vec<f32> =
        hu.data.chunks(nx).flat_map(|row| row.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs())).collect();
    if d.is_empty() {
        return 0.0;
    }
    let middle = d.len() / 2;
    let (_, m, _) = d.select_nth_unstable_by(middle, f32::total_cmp);
    f64::from(*m) * 1.4826 / 6f64.sqrt()
}

/// One click: the ball grows and follows the result half-way until less than a fifth of the result's surface lies on it.
pub(super) fn from_click(
    ct: &Ct,
    chest: &Chest,
    seed: Lps,
    level: f32,
    air_hu: f32,
    progress: &Progress,
) -> Result<Option<Found>, Cancelled> {
    let lung = chest.nearest_lung(seed).map(|l| l.0);
    let (mut centre, mut r) = (seed, 2.5);
    let mut best: Option<Found> = None;
    while r < LARGEST_MM {
        progress.report("stage-lesion", (r / LARGEST_MM) as f32)?;
        if let Some(found) = round(&ct.hu, chest, lung, seed, centre, r, level) {
            let done = found.on_ball < ON_BALL;
            let middle = found.mask.centroid().unwrap_or(centre);
            best = Some(found);
            if done {
                break;
            }
            centre = centre.lerp(middle, 0.5);
        }
        r *= 1.25;
    }
    let Some(found) = best else { return Ok(None) };
    // Settle: once more from the result's own middle, so that the click's place is forgotten, where tips
    // lie on the ball in a somewhat larger one; where that runs on, in the same.
    let tips = found.on_ball > TIPS;
    let count = found.mask.count().max(1) as f64;
    for wider in [1.2, 1.0].into_iter().skip(usize::from(!tips)) {
        progress.check()?;
        let Some(mut settled) = settle(ct, chest, lung, air_hu, &found, wider) else { break };
        // A ball with more room for tips is no larger lesion.
        settled.radius_mm = found.radius_mm;
        let ratio = settled.mask.count() as f64 / count;
        if (0.6..1.4).contains(&ratio) && settled.on_ball < ON_BALL {
            return Ok(Some(settled));
        }
    }
    Ok(Some(found))
}

/// One more round, `wider` times as large, around the result's middle, from its deepest place and with the level of its
/// own inner half.
fn settle(ct: &Ct, chest: &Chest, lung: Option<u8>, air_hu: f32, found: &Found, wider: f64) -> Option<Found> {
    let grid = found.room.grid();
    let middle = found.mask.centroid()?;
    let depth = distance_to(&found.mask.inverted(), 60.0);
    let mut deepest: Option<(f32, Lps)> = None;
    found.mask.for_each(|v| {
        let d = depth.data[grid.offset(v)];
        if deepest.is_none_or(|b| d > b.0) {
            deepest = Some((d, grid.centre(v)));
        }
    });
    round(&ct.hu, chest, lung, deepest?.1, middle, wider * found.radius_mm, level_of(found, &depth, air_hu))
}

/// A stroke over the longest diameter: the ball is given; once more with the level of what was found.
pub(super) fn from_stroke(ct: &Ct, chest: &Chest, seed: Lps, ends: [Lps; 2], level: f32, air_hu: f32) -> Option<Found> {
    let lung = chest.nearest_lung(seed).map(|l| l.0);
    let again = |level: f32| {
        round(&ct.hu, chest, lung, seed, ends[0].lerp(ends[1], 0.5), ends[0].distance(ends[1]) / 2.0, level)
    };
    let found = again(level)?;
    let depth = distance_to(&found.mask.inverted(), 60.0);
    again(level_of(&found, &depth, air_hu)).or(Some(found))
}
