//! Masses that lie on tissue like themselves: aorta, heart, diaphragm, chest wall, mediastinum.
//!
//! No level separates them there, so the outline is the cheapest surface around the click: cheap where HU change, dear
//! where they do not, with what is surely no lesion (air, bone and the cage it spans, fat, brighter vessels, vessels that
//! run along the body, the space far outside of the closed lung) as hard background. The surface is found on a lattice of
//! some 60 cells across; what hangs on by a neck goes; towards air the voxels themselves decide.

use super::chest::Chest;
use super::cut::cheapest;
use super::in_lung::{Pleura, noise_hu};
use super::room::{Room, lattice};
use super::shape::{Hold, without_necks, without_tails};
use super::tubes::Tubes;
use crate::ct::Ct;
use crate::grids::components::{Components, Neighbours, connected_to, fill_holes};
use crate::grids::distance::distance_to;
use crate::grids::filter::gaussian_f32;
use crate::grids::morphology::{close, open};
use crate::jobs::{Cancelled, Progress};
use crate::space::{Lps, Mask, Volume, Voxel};
use rayon::prelude::*;

/// A mass as found.
pub(super) struct Cut {
    pub(super) room: Room,
    pub(super) mask: Mask,
    /// Share of the surface that lies on the ball in which it was looked for.
    pub(super) on_ball: f64,
    /// Share of the surface where no edge decided: it borders on tissue like itself.
    pub(super) soft_share: f64,
}

/// What is known before: where, how large, at which HU it borders on air.
pub(super) struct Guess {
    /// A point inside.
    pub(super) seed: Lps,
    /// The ends of a stroke over it.
    pub(super) ends: Option<[Lps; 2]>,
    /// About its middle.
    pub(super) centre: Lps,
    /// About its radius, mm.
    pub(super) radius_mm: f64,
    /// Nothing of it lies farther than this from the centre, mm.
    pub(super) reach_mm: f64,
    /// HU of its border on air.
    pub(super) level: f32,
}

impl Guess {
    /// Whether a point lies within `mm` of the stroke; its last tenths may stick out.
    fn on_stroke(&self, p: Lps, mm: f64) -> bool {
        self.ends.is_some_and(|[a, b]| {
            let along = b - a;
            let t = ((p - a).dot(along) / along.length_squared().max(1e-9)).clamp(0.1, 0.9);
            p.distance(a.lerp(b, t)) <= mm
        })
    }
}

/// Bone, HU, on means over cells of 1 to 2.5 mm (choice; cancellous rib 150 to 300, muscle under 80).
const BONE_HU: f32 = 200.0;
/// Fat, HU (facts, section 3.1: fat < −30).
const FAT_HU: f32 = -30.0;
/// A vessel with contrast is brighter than the mass by this at least, HU (choice; masses take up 20 to 60).
const BRIGHT_HU: f32 = 70.0;
/// A bright place of at least this volume is no noise, mm³ (choice: a vessel of 2 mm along 3 mm).
const BRIGHT_MM3: f64 = 10.0;
/// Half of the widest gap between ribs that the cage spans, mm (intercostal spaces are 10 to 20 mm; choice).
const CAGE_MM: f64 = 11.0;
/// HU by which tissue differs from the mass so that an edge is half as dear (noise after smoothing is 5 to 10; choice).
const EDGE_HU: f32 = 12.0;
/// Parts of under this share of a mass's half thickness are thin (choice).
const THIN: f64 = 0.5;
/// Faint tissue counts as the mass's own this far from it, mm (as spicules do; choice).
const HALO_MM: f32 = 2.0;
/// So far inside of a tube's disc it is surely no mass, mm (a vessel is no exact disc; choice).
const TUBE_WALL_MM: f64 = 0.0;

/// The mass at the guess's seed. `None` if the seed itself is background.
#[allow(clippy::too_many_arguments, reason = "all that is known around the click, and only one caller")]
pub(super) fn cut(
    ct: &Ct,
    chest: &Chest,
    lung: Option<u8>,
    tubes: &Tubes,
    guess: &Guess,
    in_air: Option<&Mask>,
    progress: &Progress,
) -> Result<Option<Cut>, Cancelled> {
    let (r, reach) = (guess.radius_mm, guess.reach_mm);
    let cell = (reach / 30.0).clamp(0.8, 2.5);
    let raw = lattice(&ct.hu, guess.centre, reach + 2.0 * cell, cell, 2.0 * reach);
    let grid = raw.grid;
    let Some(at) = grid.voxel(guess.seed) else { return Ok(None) };
    let smooth = gaussian_f32(&raw, 0.8f64.max(0.5 * cell));
    progress.check()?;
    let pleura = Pleura::around(&ct.hu, chest, lung, guess.centre, reach, 2.5 * r + 1.0);
    let inside: Vec<f32> =
        (0..grid.len()).into_par_iter().map(|o| pleura.depth(grid.centre(grid.voxel_of(o))) as f32).collect();
    progress.check()?;

    // The mass's own HU: around the seed.
    let (own, spread) = own_hu(&smooth, guess.seed, (0.35 * r).max(2.0), guess.level);
    // Within this of air HU are blurred by it.
    let blur = (cell + 0.7) as f32;
    // Hard background.
    let bone = Mask::from_fn(grid, |o| raw.data[o] > BONE_HU.max(own + 120.0));
    let mut cage = close(&bone, CAGE_MM);
    cage.subtract(&Mask::from_fn(grid, |o| inside[o] > 0.0 && raw.data[o] <= BONE_HU));
    let air = Mask::from_fn(grid, |o| raw.data[o] < guess.level);
    let to_air = distance_to(&air, 10.0);
    // Smoothing would hide vessels of few cells' width; what noise makes has no such volume.
    let bright = own + (4.0 * spread).max(BRIGHT_HU);
    let bright_raw = own + (4.0 * noise_hu(&raw) as f32).max(BRIGHT_HU);
    let thin = Components::of(&Mask::from_fn(grid, |o| raw.data[o] > bright_raw), Neighbours::TwentySix);
    let mut vessels = thin.mask(|n| thin.list[n].voxels as f64 * cell.powi(3) >= BRIGHT_MM3);
    vessels.unite(&Mask::from_fn(grid, |o| smooth.data[o] > bright));
    // Between a bright vessel and air the HU fall through the mass's own: that is vessel too.
    let to_bright = distance_to(&vessels, 10.0);
    let from_seed = distance_to(&single(&grid, at), reach);
    let free = (own - 60.0).min(FAT_HU);
    let allowed = (0.25 * r).clamp(3.0, 15.0) as f32;
    let hard = Mask::from_fn(grid, |o| {
        let v = grid.voxel_of(o);
        let p = grid.centre(v);
        air.at(o)
            || bone.at(o)
            || cage.at(o)
            || p.distance(guess.centre) > reach
            // Fat, but not the blur between mass and lung.
            || (smooth.data[o] < free && to_air.data[o] > blur)
            || vessels.at(o)
            || tubes.depth(p) > TUBE_WALL_MM
            || (lung.is_some() && inside[o] < -2.0 * allowed)
    });
    if hard.get(at) && from_seed.data[grid.offset(at)] > 0.0 {
        return Ok(None);
    }
    let room_around = distance_to(&hard, 40.0);
    let core_mm = (0.7 * f64::from(room_around.data[grid.offset(at)])).max(cell);
    // Half the mass's thickness: the deepest place near the seed that is neither background nor outside of the lung.
    let bulk = distance_to(&Mask::from_fn(grid, |o| hard.at(o) || (lung.is_some() && inside[o] < 0.0)), 40.0);
    let thickness = (0..grid.len())
        .filter(|o| f64::from(from_seed.data[*o]) < 0.5 * r)
        .map(|o| f64::from(bulk.data[o]))
        .fold(3.0, f64::max);
    // The cost of taking a cell in, per mm; the surface costs 1 per mm² where nothing changes. A surface under pressure
    // `push` passes necks wider than 4 / push: the mass does not run on through what is narrower than itself.
    let push = (1.5 / thickness.min(r)) as f32;
    let own_lung = lung.is_some();
    let cost: Vec<f32> = (0..grid.len())
        .into_par_iter()
        .map(|o| {
            if hard.at(o) {
                return f32::INFINITY;
            }
            let p = grid.centre(grid.voxel_of(o));
            if p.distance(guess.seed) <= core_mm || guess.on_stroke(p, 0.5 * cell) {
                return f32::NEG_INFINITY;
            }
            let place = if own_lung { (inside[o] / allowed + 0.25).clamp(-2.0, 1.0) } else { 0.5 };
            let far = (p.distance(guess.centre) / r) as f32;
            // Beyond the guessed radius being lesion grows unlikely.
            let away = (far - 1.3).max(0.0);
            // Darker parts are common inside a mass (necrosis, air); towards what lies around it they count against.
            let darker = own_lung && smooth.data[o] < own && inside[o] > 0.0;
            let off = if darker { 0.0 } else { ((smooth.data[o] - own).abs() / (2.0 * spread) - 1.0).clamp(0.0, 2.0) };
            let blurred = to_air.data[o] <= blur && smooth.data[o] < own;
            push * if blurred { 0.5 } else { -place + away + off }
        })
        .collect();
    let weight: Vec<f32> = edges(&smooth, cell as f32);
    let mut share = cheapest(&grid, &cost, &weight, progress)?;
    let mut held = vec![at];
    if let Some([a, b]) = guess.ends {
        held.extend((1..10).filter_map(|n| grid.voxel(a.lerp(b, f64::from(n) / 10.0))));
    }
    // The surface tightens around thin parts, such as tails to the pleura; between air on both sides the level knows them.
    let soft = Mask::from_fn(grid, |o| raw.data[o] > guess.level);
    let thick = open(&soft, THIN * thickness);
    let whole = Mask::from_fn(grid, |o| {
        share.data[o] > 0.5
            || !hard.at(o)
                && to_bright.data[o] > blur
                && soft.at(o)
                && !thick.at(o)
                && in_air.is_some_and(|m| m.holds(grid.centre(grid.voxel_of(o))))
    });
    let kept = without_necks(&whole, &held);
    for (o, s) in share.data.iter_mut().enumerate() {
        *s = if kept.at(o) { s.max(0.75) } else { s.min(0.25) };
    }
    Ok(finish(ct, share, &to_bright, guess, in_air, own, cell, thickness))
}

fn single(grid: &crate::space::Grid, v: Voxel) -> Mask {
    let mut m = Mask::empty(*grid);
    m.set(v, true);
    m
}

/// Median and spread (1.48 × the median deviation, at least 12 HU) of the tissue within `mm` of a point.
fn own_hu(smooth: &Volume<f32>, p: Lps, mm: f64, level: f32) -> (f32, f32) {
    let grid = &smooth.grid;
    let b = grid.bounds_around(p, mm);
    let mut values = Vec::new();
    for k in b.lo[2]..b.hi[2] {
        for j in b.lo[1]..b.hi[1] {
            for i in b.lo[0]..b.hi[0] {
                let v = Voxel::new(i, j, k);
                if grid.centre(v).distance(p) <= mm && smooth.at(v) > level {
                    values.push(smooth.at(v));
                }
            }
        }
    }
    let median = |v: &mut Vec<f32>| {
        v.sort_by(f32::total_cmp);
        v.get(v.len() / 2).copied()
    };
    let Some(own) = median(&mut values) else { return (30.0, 20.0) };
    let mut off: Vec<f32> = values.iter().map(|v| (v - own).abs()).collect();
    (own, (1.48 * median(&mut off).unwrap_or(0.0)).max(12.0))
}

/// What a surface through a place costs, 0.02 to 1: less the more HU change there.
fn edges(smooth: &Volume<f32>, cell: f32) -> Vec<f32> {
    let grid = smooth.grid;
    let n = grid.size;
    (0..grid.len())
        .into_par_iter()
        .map(|o| {
            let v = grid.voxel_of(o);
            let x = [v.i, v.j, v.k];
            let step = [1, n[0], n[0] * n[1]];
            let mut g2 = 0f32;
            for a in 0..3 {
                let lo = if x[a] > 0 { o - step[a] } else { o };
                let hi = if x[a] + 1 < n[a] { o + step[a] } else { o };
                // HU per 2 mm.
                let d = (smooth.data[hi] - smooth.data[lo]) / (cell * ((hi - lo) / step[a]).max(1) as f32) * 2.0;
                g2 += d * d;
            }
            0.02 + 0.98 / (1.0 + g2 / (EDGE_HU * EDGE_HU))
        })
        .collect()
}

/// From the lattice back to voxels: what the cut took, and towards air what is above the level.
#[allow(clippy::too_many_arguments, reason = "the end of `cut`, with what `cut` has found")]
fn finish(
    ct: &Ct,
    share: Volume<f32>,
    to_bright: &Volume<f32>,
    guess: &Guess,
    in_air: Option<&Mask>,
    own: f32,
    cell: f64,
    thickness: f64,
) -> Option<Cut> {
    let room = Room::around(&ct.hu, guess.centre, guess.reach_mm + 2.0);
    let fine = *room.grid();
    let values: Vec<f32> = (0..fine.len())
        .into_par_iter()
        .map(|o| share.sample(fine.centre(fine.voxel_of(o))).unwrap_or(0.0) as f32)
        .collect();
    let taken = Mask::from_fn(fine, |o| values[o] > 0.5 && room.hu.data[o] > guess.level);
    let near = distance_to(&taken, 3.0 * cell + 1.0);
    let air = Mask::from_fn(fine, |o| room.hu.data[o] <= guess.level);
    let to_air = distance_to(&air, 6.0);
    let blur = (1.5 * cell).max(2.0) as f32;
    let halo = cell as f32 + HALO_MM;
    let dark = own - 60.0;
    let mut mask = Mask::from_fn(fine, |o| {
        let hu = room.hu.data[o];
        if hu <= guess.level {
            return false;
        }
        if taken.at(o) {
            return true;
        }
        // What is darker than the mass lies between it and air: there the level decides, not the lattice.
        let p = fine.centre(fine.voxel_of(o));
        hu < dark
            && p.distance(guess.centre) <= guess.reach_mm
            && to_bright.sample(p).is_none_or(|mm| mm > f64::from(blur))
            && (near.data[o] <= blur && to_air.data[o] <= 2.5
                || near.data[o] <= halo && in_air.is_some_and(|m| m.holds(p)))
    });
    let at = fine.voxel(guess.seed)?;
    let seed = if mask.get(at) {
        at
    } else {
        let mut best: Option<(f64, Voxel)> = None;
        mask.for_each(|v| {
            let mm = fine.centre(v).distance(guess.seed);
            if best.is_none_or(|b| mm < b.0) {
                best = Some((mm, v));
            }
        });
        best?.1
    };
    mask = connected_to(&mask, seed, Neighbours::Six);
    let hold = Hold { seed, middle: guess.centre, near_mm: 0.6 * guess.radius_mm };
    mask = without_tails(&mask, hold, (0.15 * thickness).clamp(1.2, 3.0), 1.5);
    mask = fill_holes(&mask);
    let (mut skin, mut soft, mut rim) = (0usize, 0usize, 0usize);
    mask.for_each(|v| {
        let x = [v.i, v.j, v.k];
        for a in 0..3 {
            for y in [x[a].wrapping_sub(1), x[a] + 1] {
                let mut n = x;
                n[a] = y;
                if y >= fine.size[a] || mask.get(Voxel::new(n[0], n[1], n[2])) {
                    continue;
                }
                skin += 1;
                soft += usize::from((room.hu.at(Voxel::new(n[0], n[1], n[2])) - own).abs() < 45.0);
                rim += usize::from(fine.centre(v).distance(guess.centre) > guess.reach_mm - 2.0 * cell);
            }
        }
    });
    let part = |n: usize| n as f64 / skin.max(1) as f64;
    Some(Cut { room, mask, on_ball: part(rim), soft_share: part(soft) })
}
