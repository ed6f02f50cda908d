//! Vessels that run along the body beside a mass: the aorta and its like, of which no level tells a mass apart.
//!
//! In each axial slice every edge votes for the centres of discs that it could bound (radial symmetry: Loy & Zelinsky,
//! IEEE TPAMI 2003;25:959); a disc that persists from slice to slice, hardly moving, is a tube. The best path through the
//! slices is found by dynamic programming; where a mass hides half of the disc the path is held by what is seen above
//! and below. (Cylinders tracked from slice to slice find the aorta without contrast: Xie et al., Proc SPIE 2014;9034.)

use super::chest::averaged;
use super::outline::Plane;
use crate::ct::Ct;
use crate::grids::filter::gaussian;
use crate::jobs::{Cancelled, Progress};
use crate::space::{Grid, Lps, Volume};
use glam::DVec2;
use rayon::prelude::*;

/// Radii of discs looked for, mm: from a wide vena cava to a wide aorta (normal descending aorta 10 to 15; choice).
const RADII_MM: [f64; 8] = [9.0, 10.5, 12.0, 13.5, 15.0, 16.5, 18.0, 19.5];
/// HU per mm at which an edge counts half (noise after smoothing gives 2 to 4 per mm; choice).
const EDGE_PER_MM: f32 = 8.0;
/// Share of a disc's rim that must be seen so that a slice speaks for a tube rather than against (choice).
const SEEN: f32 = 0.35;
/// A tube is one when it is seen along this beyond the mass, mm (choice: over twice a vessel's width) …
const BEYOND_MM: f64 = 30.0;
/// … with this share of its rim on the mean (choice).
const SEEN_WELL: f32 = 0.6;
/// What a step sideways or in radius costs, in shares of the rim: a tube runs straight (choice).
const TURN: f32 = 0.04;
/// Where less of the rim than this is seen along [`LOST_MM`], the tube is lost (choice).
const LOST: f32 = 0.25;
/// See [`LOST`], mm.
const LOST_MM: f64 = 10.0;
/// Tubes are looked for this far aside of the reach of a mass, mm (a vessel's width; choice).
const ASIDE_MM: f64 = 20.0;
/// At most so many tubes are looked for (descending and ascending aorta, two venae cavae, oesophagus).
const MOST: usize = 4;

/// The tubes around a mass.
pub(super) struct Tubes {
    grid: Grid,
    plane: Plane,
    list: Vec<Tube>,
}

/// A tube: per slice of the lattice its disc, u and v in cells, radius in mm.
struct Tube {
    first: usize,
    discs: Vec<(f64, f64, f64)>,
}

impl Tubes {
    /// Looks for tubes within `reach_mm` of `centre`, and as far beyond as it takes to tell a tube from a mass of
    /// `radius_mm`. A tube that holds `seed` is the lesion itself, and none.
    pub(super) fn around(
        ct: &Ct,
        seed: Lps,
        centre: Lps,
        radius_mm: f64,
        reach_mm: f64,
        progress: &Progress,
    ) -> Result<Tubes, Cancelled> {
        let hu = cells(ct, centre, reach_mm);
        let grid = hu.grid;
        let plane = Plane::axial(&grid);
        let (cell, slice) = (plane.pixel(&grid).max_element(), grid.spacing[plane.w]);
        let n = [grid.size[plane.u], grid.size[plane.v], grid.size[plane.w]];
        let mut tubes = Tubes { grid, plane, list: Vec::new() };
        if n.iter().any(|n| *n < 5) {
            return Ok(tubes);
        }
        progress.check()?;
        let smooth = gaussian(&hu, 1.0);
        let mut seen: Vec<Vec<f32>> = (0..n[2]).into_par_iter().map(|w| discs(&smooth, plane, w, cell)).collect();
        progress.check()?;
        for _ in 0..MOST {
            let Some(path) = best_path(&seen, n) else { break };
            // Whatever comes of it, it is not looked for again.
            path.forget(&mut seen, n, cell);
            for piece in path.pieces(slice) {
                let tube = piece.tube();
                let best = piece.best_beyond(&tube, &grid, plane, centre, 1.2 * radius_mm);
                let holds = depth(&tube, &grid, plane, seed) > 0.0;
                if best >= SEEN_WELL && !holds {
                    tubes.list.push(tube);
                }
            }
        }
        Ok(tubes)
    }

    /// mm from the nearest tube's wall, positive inside; far from all negative.
    pub(super) fn depth(&self, p: Lps) -> f64 {
        self.list.iter().map(|t| depth(t, &self.grid, self.plane, p)).fold(-100.0, f64::max)
    }
}

/// The scan around a mass in cells of about 2 mm in the slice and 4 mm across.
fn cells(ct: &Ct, centre: Lps, reach_mm: f64) -> Volume<i16> {
    let grid = &ct.hu.grid;
    let plane = Plane::axial(grid);
    let mut bounds = grid.bounds_around(centre, reach_mm + ASIDE_MM);
    let along = grid.bounds_around(centre, reach_mm + 2.0 * BEYOND_MM);
    (bounds.lo[plane.w], bounds.hi[plane.w]) = (along.lo[plane.w], along.hi[plane.w]);
    let mut mm = [2.0; 3];
    mm[plane.w] = 4.0;
    averaged(&ct.hu.crop(bounds), mm)
}

fn depth(tube: &Tube, grid: &Grid, plane: Plane, p: Lps) -> f64 {
    let x = grid.index(p);
    let cell = plane.pixel(grid).max_element();
    let last = tube.first + tube.discs.len() - 1;
    let w = x[plane.w].round().clamp(tube.first as f64, last as f64);
    let (u, v, r) = tube.discs[w as usize - tube.first];
    let flat = (x[plane.u] - u).hypot(x[plane.v] - v) * cell;
    let along = ((x[plane.w] - w).abs() - 0.5).max(0.0) * grid.spacing[plane.w];
    // Beyond its ends the tube is closed by half a ball.
    if along >= r { -along.max(flat - r) } else { (r * r - along * along).sqrt() - flat }
}

/// Per radius and cell of a slice: the share of the rim whose edges point to it, 0 where the disc is no even soft tissue.
fn discs(smooth: &Volume<f32>, plane: Plane, w: usize, cell: f64) -> Vec<f32> {
    let grid = &smooth.grid;
    let (nu, nv) = (grid.size[plane.u], grid.size[plane.v]);
    let flat: Vec<f32> = (0..nu * nv).map(|o| smooth.at(plane.voxel(o % nu, o / nu, w)).clamp(-100.0, 400.0)).collect();
    let mut votes = vec![0f32; RADII_MM.len() * nu * nv];
    for v in 1..nv - 1 {
        for u in 1..nu - 1 {
            let o = v * nu + u;
            let gu = (flat[o + 1] - flat[o - 1]) / (2.0 * cell as f32);
            let gv = (flat[o + nu] - flat[o - nu]) / (2.0 * cell as f32);
            let size = gu.hypot(gv);
            if size < 0.25 * EDGE_PER_MM {
                continue;
            }
            let vote = size / (size + EDGE_PER_MM);
            for (n, r) in RADII_MM.iter().enumerate() {
                let step = (*r / cell) as f32 / size;
                let (x, y) = ((u as f32 + gu * step).round(), (v as f32 + gv * step).round());
                if x >= 0.0 && y >= 0.0 && (x as usize) < nu && (y as usize) < nv {
                    votes[n * nu * nv + y as usize * nu + x as usize] += vote;
                }
            }
        }
    }
    for (n, r) in RADII_MM.iter().enumerate() {
        let part = &mut votes[n * nu * nv..(n + 1) * nu * nv];
        spread(part, nu, nv);
        // A whole rim's votes in one place, spread by a Gaussian of one cell, give 1.
        let whole = (r / cell) as f32;
        for o in 0..nu * nv {
            part[o] = (part[o] / whole).min(1.0);
            if part[o] > 0.5 * SEEN && !even(&flat, nu, nv, o, 0.7 * r / cell) {
                part[o] = 0.0;
            }
        }
    }
    votes
}

/// Smooths by [1 2 1]/4 twice in both directions: nearly a Gaussian of one cell.
fn spread(part: &mut [f32], nu: usize, nv: usize) {
    let mut line = vec![0f32; nu.max(nv)];
    for _ in 0..2 {
        for v in 0..nv {
            line[..nu].copy_from_slice(&part[v * nu..(v + 1) * nu]);
            for u in 0..nu {
                part[v * nu + u] = 0.25 * (line[u.saturating_sub(1)] + 2.0 * line[u] + line[(u + 1).min(nu - 1)]);
            }
        }
        for u in 0..nu {
            for v in 0..nv {
                line[v] = part[v * nu + u];
            }
            for v in 0..nv {
                part[v * nu + u] = 0.25 * (line[v.saturating_sub(1)] + 2.0 * line[v] + line[(v + 1).min(nv - 1)]);
            }
        }
    }
}

/// Whether a disc of `cells` around a cell is soft tissue or contrast of one kind.
fn even(flat: &[f32], nu: usize, nv: usize, o: usize, cells: f64) -> bool {
    let (u, v) = ((o % nu) as isize, (o / nu) as isize);
    let r = cells.ceil() as isize;
    let (mut n, mut sum, mut squares) = (0f32, 0f32, 0f32);
    for dv in -r..=r {
        for du in -r..=r {
            let (x, y) = (u + du, v + dv);
            if ((du * du + dv * dv) as f64) <= cells * cells && x >= 0 && y >= 0 && x < nu as isize && y < nv as isize {
                let hu = flat[y as usize * nu + x as usize];
                n += 1.0;
                sum += hu;
                squares += hu * hu;
            }
        }
    }
    let mean = sum / n;
    let spread = (squares / n - mean * mean).max(0.0).sqrt();
    mean > 0.0 && spread < (0.15 * mean).max(25.0)
}

/// A path through the slices: per slice the state (radius, v, u) and how much of the rim was seen.
struct Path {
    first: usize,
    states: Vec<[usize; 3]>,
    seen: Vec<f32>,
}

/// The path of greatest Σ (share seen − [`SEEN`]); from slice to slice it moves by at most a cell and a radius.
fn best_path(seen: &[Vec<f32>], n: [usize; 3]) -> Option<Path> {
    let [nu, nv, nw] = n;
    let nr = RADII_MM.len();
    let mut sums: Vec<Vec<f32>> = Vec::with_capacity(nw);
    let mut best: Option<(f32, usize, usize)> = None;
    for w in 0..nw {
        let mut now: Vec<f32> = match sums.last() {
            None => vec![0.0; nr * nu * nv],
            Some(before) => widest_of(before, nu, nv, nr),
        };
        for (s, share) in now.iter_mut().zip(&seen[w]) {
            *s = s.max(0.0) + share - SEEN;
        }
        let top = now.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        if best.is_none_or(|b| *top.1 > b.0) {
            best = Some((*top.1, w, top.0));
        }
        sums.push(now);
    }
    let (_, last, at) = best.filter(|b| b.0 > 0.0)?;
    let unpack = |o: usize| [o / (nu * nv), o / nu % nv, o % nu];
    let (mut states, mut shares) = (vec![unpack(at)], vec![seen[last][at]]);
    let (mut w, mut here) = (last, at);
    while w > 0 && sums[w][here] - (seen[w][here] - SEEN) > 0.0 {
        let [r, v, u] = unpack(here);
        let mut from: Option<(f32, usize)> = None;
        for rr in [r, r.wrapping_sub(1), r + 1] {
            for vv in [v, v.wrapping_sub(1), v + 1] {
                for uu in [u, u.wrapping_sub(1), u + 1] {
                    if rr < nr && vv < nv && uu < nu {
                        let o = (rr * nv + vv) * nu + uu;
                        let turns = usize::from(rr != r) + usize::from(vv != v) + usize::from(uu != u);
                        let sum = sums[w - 1][o] - TURN * turns as f32;
                        if from.is_none_or(|f| sum > f.0) {
                            from = Some((sum, o));
                        }
                    }
                }
            }
        }
        let (_, o) = from?;
        w -= 1;
        here = o;
        states.push(unpack(here));
        shares.push(seen[w][here]);
    }
    states.reverse();
    shares.reverse();
    Some(Path { first: w, states, seen: shares })
}

/// The largest value within one step in each direction.
fn widest_of(values: &[f32], nu: usize, nv: usize, nr: usize) -> Vec<f32> {
    let pass = |line: &mut [f32], from: &[f32], step: usize, n: usize| {
        for (o, value) in line.iter_mut().enumerate() {
            let x = o / step % n;
            if x > 0 {
                *value = value.max(from[o - step] - TURN);
            }
            if x + 1 < n {
                *value = value.max(from[o + step] - TURN);
            }
        }
    };
    let mut out = values.to_vec();
    out.par_chunks_mut(nu * nv).for_each(|slice| {
        for (step, n) in [(1, nu), (nu, nv)] {
            let from = slice.to_vec();
            pass(slice, &from, step, n);
        }
    });
    let from = out.clone();
    pass(&mut out, &from, nu * nv, nr);
    out
}

impl Path {
    /// The path without the stretches where it is lost, each piece for itself.
    fn pieces(&self, slice: f64) -> Vec<Path> {
        let half = (0.5 * LOST_MM / slice).round() as usize;
        let kept: Vec<bool> = (0..self.seen.len())
            .map(|k| {
                let part = &self.seen[k.saturating_sub(half)..(k + half + 1).min(self.seen.len())];
                part.iter().sum::<f32>() / part.len() as f32 >= LOST
            })
            .collect();
        let mut pieces = Vec::new();
        let mut k = 0;
        while k < kept.len() {
            let end = (k..kept.len()).find(|m| kept[*m] != kept[k]).unwrap_or(kept.len());
            if kept[k] {
                pieces.push(Path {
                    first: self.first + k,
                    states: self.states[k..end].to_vec(),
                    seen: self.seen[k..end].to_vec(),
                });
            }
            k = end;
        }
        pieces
    }

    /// The best mean share seen along [`BEYOND_MM`] of the path farther than `beyond_mm` from `centre`; 0 if it is shorter.
    fn best_beyond(&self, tube: &Tube, grid: &Grid, plane: Plane, centre: Lps, beyond_mm: f64) -> f32 {
        let long = (BEYOND_MM / grid.spacing[plane.w]).ceil() as usize;
        let far: Vec<bool> = tube
            .discs
            .iter()
            .enumerate()
            .map(|(k, (u, v, _))| {
                grid.point(plane.index(DVec2::new(*u, *v), (self.first + k) as f64)).distance(centre) > beyond_mm
            })
            .collect();
        (0..(self.seen.len() + 1).saturating_sub(long))
            .filter(|k| far[*k..k + long].iter().all(|f| *f))
            .map(|k| self.seen[k..k + long].iter().sum::<f32>() / long as f32)
            .fold(0.0, f32::max)
    }

    /// The discs, smoothed along the path: each the mean of its neighbours, weighted by how well they are seen.
    fn tube(&self) -> Tube {
        const HALF: usize = 4;
        let discs = (0..self.states.len())
            .map(|k| {
                let (mut sum, mut total) = ((0.0, 0.0, 0.0), 0.0);
                for m in k.saturating_sub(HALF)..(k + HALF + 1).min(self.states.len()) {
                    let [r, v, u] = self.states[m];
                    let weight =
                        f64::from(self.seen[m].powi(2) + 0.01) * (1.0 - k.abs_diff(m) as f64 / (HALF + 1) as f64);
                    sum.0 += weight * u as f64;
                    sum.1 += weight * v as f64;
                    sum.2 += weight * RADII_MM[r];
                    total += weight;
                }
                (sum.0 / total, sum.1 / total, sum.2 / total)
            })
            .collect();
        Tube { first: self.first, discs }
    }

    /// Takes the path's surroundings out of what is seen.
    fn forget(&self, seen: &mut [Vec<f32>], n: [usize; 3], cell: f64) {
        let [nu, nv, _] = n;
        for (k, [r, v, u]) in self.states.iter().enumerate() {
            let reach = (RADII_MM[*r] / cell).ceil() as usize;
            let slice = &mut seen[self.first + k];
            for rr in 0..RADII_MM.len() {
                for vv in v.saturating_sub(reach)..(v + reach + 1).min(nv) {
                    let row = (rr * nv + vv) * nu;
                    slice[row + u.saturating_sub(reach)..row + (u + reach + 1).min(nu)].fill(0.0);
                }
            }
        }
    }
}
