//! The inner face of the rib cage: how far the ribs are from the chest's middle in each direction at each height, and
//! between the ribs what their neighbours say.

use super::work::Work;
use crate::space::{Grid, Mask, PADDING, Voxel};
use rayon::prelude::*;

/// Directions around the middle, in the axial plane (3 degrees: a rib's thickness at the cage's radius).
const DIRECTIONS: usize = 120;

/// Bones this far above, below and to the side speak for a place: the ribs' spacing is 20 to 30 mm (mm, and directions
/// to either side; choice).
const NEAR_MM: f64 = 16.0;
const NEAR_DIRECTIONS: usize = 3;

/// A rib lies at most this far under the skin, mm; what is bright and deeper is none (choice; where a wall is thicker, more
/// is taken for belly than is).
const WALL_MM: f64 = 60.0;

/// Bone along a ray with less than this between is one bone, mm (choice).
const GAP_MM: f64 = 4.0;

/// At the chest's widest the outermost bones are the ribs, but for a shoulder blade outside of them: this share is nearer
/// than the face (choice).
const NEARER_SHARE: f64 = 0.3;

/// From there downwards the face is followed from slice to slice: bones count that lie at most this far inside or outside
/// of it, mm, and it moves by at most as much as down (kidneys, vessels and stones with contrast lie deeper, arms
/// farther out; choice).
const INSIDE_MM: f32 = 8.0;
const OUTSIDE_MM: f32 = 15.0;

/// The face, on the work grid.
pub(super) struct Cage {
    grid: Grid,
    /// The middle, work indices.
    middle: [f64; 2],
    /// mm from the middle, slice by slice, direction by direction; infinite where no bone is near.
    face: Vec<f32>,
}

impl Cage {
    /// From the bones; `body` and `lungs` tell where the middle is. `None` without a lung.
    pub(super) fn of(work: &Work, bone: &Mask, body: &Mask, lungs: &[Mask; 2]) -> Option<Cage> {
        let grid = work.grid();
        let [_, ny, nz] = grid.size;
        let (mut sum, mut count) = ([0f64; 2], 0f64);
        for k in 0..nz {
            if (0..ny).all(|j| lungs.iter().all(|l| l.row(j, k).iter().all(|w| *w == 0))) {
                continue;
            }
            for j in 0..ny {
                for (a, b) in body.runs(j, k) {
                    let n = (b - a) as f64;
                    sum = [sum[0] + (a + b - 1) as f64 / 2.0 * n, sum[1] + j as f64 * n];
                    count += n;
                }
            }
        }
        if count == 0.0 {
            return None;
        }
        let mut cage = Cage { grid, middle: sum.map(|s| s / count), face: Vec::new() };
        let bones = cage.rays(work, bone, body);
        let reach = (NEAR_MM / grid.spacing.z).round() as usize;
        let near = |k: usize, d: usize| {
            let slices = k.saturating_sub(reach)..(k + reach + 1).min(nz);
            slices.flat_map(move |kk| {
                (0..=2 * NEAR_DIRECTIONS)
                    .map(move |turn| kk * DIRECTIONS + (d + DIRECTIONS + turn - NEAR_DIRECTIONS) % DIRECTIONS)
            })
        };
        // The widest slice of lung; above and in it the outermost bones.
        let area = |k: usize| lungs.iter().map(|l| (0..ny).map(|j| ones(l.row(j, k))).sum::<usize>()).sum::<usize>();
        let areas: Vec<usize> = (0..nz).map(area).collect();
        let widest = (0..nz).max_by_key(|&k| areas[k]).unwrap_or(0);
        cage.face = vec![f32::INFINITY; nz * DIRECTIONS];
        for k in widest..nz {
            for d in 0..DIRECTIONS {
                let outermost = near(k, d).filter_map(|place| bones[place].last().copied());
                cage.face[k * DIRECTIONS + d] = nearer(outermost.collect());
            }
        }
        for k in (0..widest).rev() {
            for d in 0..DIRECTIONS {
                let before = cage.face[(k + 1) * DIRECTIONS + d];
                let fits = |mm: &f32| *mm > before - INSIDE_MM && *mm < before + OUTSIDE_MM;
                let now = if before.is_finite() {
                    nearer(near(k, d).flat_map(|place| bones[place].iter().copied().filter(fits)).collect())
                } else {
                    nearer(near(k, d).filter_map(|place| bones[place].last().copied()).collect())
                };
                let step = grid.spacing.z as f32;
                cage.face[k * DIRECTIONS + d] = match (before.is_finite(), now.is_finite()) {
                    (true, true) => now.clamp(before - step, before + step),
                    (true, false) => before,
                    (false, _) => now,
                };
            }
        }
        Some(cage)
    }

    /// The inner ends of the bones in the wall along each ray, slice by slice, direction by direction, from the middle
    /// outwards; none where the picture cuts the wall off.
    fn rays(&self, work: &Work, bone: &Mask, body: &Mask) -> Vec<Vec<f32>> {
        let mut all: Vec<Vec<f32>> = vec![Vec::new(); self.grid.size[2] * DIRECTIONS];
        bone.for_each(|v| {
            let (direction, mm) = self.polar(v.i as f64, v.j as f64);
            all[v.k * DIRECTIONS + direction as usize % DIRECTIONS].push(mm as f32);
        });
        for (place, ray) in all.iter_mut().enumerate() {
            if ray.is_empty() {
                continue;
            }
            let Some(skin) = self.skin(work, body, place / DIRECTIONS, place % DIRECTIONS) else {
                ray.clear();
                continue;
            };
            ray.sort_unstable_by(f32::total_cmp);
            ray.retain(|mm| f64::from(*mm) > skin - WALL_MM);
            let mut last = f32::NEG_INFINITY;
            ray.retain(|mm| {
                let begins = mm - last > GAP_MM as f32;
                last = *mm;
                begins
            });
        }
        all
    }

    /// mm from the middle to where a ray leaves the body for the last time; `None` where the picture ends before.
    fn skin(&self, work: &Work, body: &Mask, k: usize, direction: usize) -> Option<f64> {
        let [nx, ny, _] = self.grid.size;
        let turn = (direction as f64 + 0.5) / DIRECTIONS as f64 * std::f64::consts::TAU;
        let step_mm = self.grid.spacing.x.min(self.grid.spacing.y);
        let (mut skin, mut mm) = (0.0, 0.0);
        // Whether the last place in the body had a measured one behind it.
        let mut ends = false;
        loop {
            let i = (self.middle[0] + mm * turn.cos() / self.grid.spacing.x).round();
            let j = (self.middle[1] + mm * turn.sin() / self.grid.spacing.y).round();
            if i < 0.0 || j < 0.0 || i >= nx as f64 || j >= ny as f64 {
                return ends.then_some(skin);
            }
            let v = Voxel::new(i as usize, j as usize, k);
            if body.get(v) {
                (skin, ends) = (mm, false);
            } else {
                ends |= work.hu.at(v) != PADDING;
            }
            mm += step_mm;
        }
    }

    /// The direction (in steps of the table) and the distance of a place in a slice from the middle.
    fn polar(&self, i: f64, j: f64) -> (f64, f64) {
        let x = (i - self.middle[0]) * self.grid.spacing.x;
        let y = (j - self.middle[1]) * self.grid.spacing.y;
        let turn = y.atan2(x) / std::f64::consts::TAU;
        ((turn + 1.0).fract() * DIRECTIONS as f64, x.hypot(y))
    }

    /// What of `mask` lies inside of the face; its grid is the work grid or one that divides it evenly.
    pub(super) fn keep_inside(&self, mask: &Mask) -> Mask {
        let full = mask.grid;
        let [nx, ny, _] = full.size;
        let index = |i: usize, j: usize, k: usize| self.grid.index(full.centre(Voxel::new(i, j, k)));
        // Direction and distance of each column: the same in all slices of an upright grid.
        let columns: Vec<(f32, f32)> = (0..nx * ny)
            .into_par_iter()
            .map(|o| {
                let x = index(o % nx, o / nx, 0);
                let (direction, mm) = self.polar(x.x, x.y);
                (direction as f32, mm as f32)
            })
            .collect();
        let last = self.grid.size[2] - 1;
        Mask::from_rows(full, |j, k, row| {
            let source = mask.row(j, k);
            if source.iter().all(|w| *w == 0) {
                return;
            }
            let z = index(0, 0, k).z.clamp(0.0, last as f64);
            let (low, high) = (z.floor() as usize, z.ceil() as usize);
            let t = (z - z.floor()) as f32;
            for (n, word) in source.iter().enumerate() {
                let mut rest = *word;
                while rest != 0 {
                    let bit = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    let (direction, mm) = columns[j * nx + n * 64 + bit];
                    // A place of the table stands for the middle of its step.
                    let step = direction + DIRECTIONS as f32 - 0.5;
                    let (a, b) = (step as usize % DIRECTIONS, (step as usize + 1) % DIRECTIONS);
                    let u = step.fract();
                    let at = |k: usize| mix(self.face[k * DIRECTIONS + a], self.face[k * DIRECTIONS + b], u);
                    if mm < mix(at(low), at(high), t) {
                        row[n] |= 1 << bit;
                    }
                }
            }
        })
    }
}

/// How many bits are set.
fn ones(row: &[u64]) -> usize {
    row.iter().map(|w| w.count_ones() as usize).sum()
}

/// The value that [`NEARER_SHARE`] of them lie below; infinite without any.
fn nearer(mut values: Vec<f32>) -> f32 {
    if values.is_empty() {
        return f32::INFINITY;
    }
    let place = (values.len() as f64 * NEARER_SHARE) as usize;
    *values.select_nth_unstable_by(place, f32::total_cmp).1
}

/// Between two values; infinite only where both are, so that a face ends at the last bone that was seen.
fn mix(a: f32, b: f32, t: f32) -> f32 {
    match (a.is_finite(), b.is_finite()) {
        (true, true) => a + (b - a) * t,
        (true, false) => a,
        (false, _) => b,
    }
}
