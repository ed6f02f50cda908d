//! The spinal canal: soft tissue ringed by bone, followed from slice to slice.

use super::work::Work;
use crate::space::{Lps, Mask, Voxel};
use rayon::prelude::*;

/// Bone on the work grid: cortex of the arches, averaged over 2 mm.
const RING_HU: i16 = 160;

/// The canal holds cord, fluid and fat, and streaks of metal beside it.
const CANAL_HU: [i16; 2] = [-250, 200];

/// Rays around a candidate.
const RAYS: usize = 24;

/// The ring's nearest and farthest distance from the centre, mm (canal 15 to 18 mm across, unverified, from
/// memory; a wide lumbar one 30).
const RING_MM: [f64; 2] = [3.0, 17.0];

/// The best sum of scores up to a candidate, and the candidate (slice, place) before it.
type Path = (f64, Option<(usize, usize)>);

struct Candidate {
    i: f64,
    j: f64,
    score: f64,
}

/// The canal slice by slice on the work grid, from feet to head; `None` where the path is only guessed. Empty if no
/// canal was found.
pub(super) fn canal(work: &Work, body: &Mask) -> Vec<Option<Lps>> {
    let grid = work.grid();
    let nz = grid.size[2];
    let slices: Vec<Vec<Candidate>> = (0..nz).into_par_iter().map(|k| candidates(work, body, k)).collect();
    // The best path from bottom to top: a canal moves by less than half of the way up. A slice may have no ring.
    const GAP: f64 = 0.35;
    let (sx, sy, sz) = (grid.spacing.x, grid.spacing.y, grid.spacing.z);
    let mut best: Vec<Vec<Path>> = Vec::with_capacity(nz);
    for k in 0..nz {
        let row = slices[k].iter().map(|c| {
            let mut from = (c.score, None);
            // Back over at most 40 mm without a ring.
            let reach = ((40.0 / sz).ceil() as usize).max(2);
            for kk in k.saturating_sub(reach)..k {
                let dz = (k - kk) as f64 * sz;
                for (n, p) in slices[kk].iter().enumerate() {
                    let step = ((c.i - p.i) * sx).hypot((c.j - p.j) * sy);
                    if step > 3.0 + 0.6 * dz {
                        continue;
                    }
                    let gap = (k - kk - 1) as f64 * GAP;
                    let total = best[kk][n].0 + c.score - 0.03 * step - gap;
                    if total > from.0 {
                        from = (total, Some((kk, n)));
                    }
                }
            }
            from
        });
        let row = row.collect();
        best.push(row);
    }
    let mut end: Option<(usize, usize)> = None;
    for k in 0..nz {
        for n in 0..best[k].len() {
            if end.is_none_or(|(kk, m)| best[k][n].0 > best[kk][m].0) {
                end = Some((k, n));
            }
        }
    }
    let mut out: Vec<Option<Lps>> = vec![None; nz];
    let mut length = 0;
    while let Some((k, n)) = end {
        let c = &slices[k][n];
        out[k] = Some(grid.point(glam::DVec3::new(c.i, c.j, k as f64)));
        length += 1;
        end = best[k][n].1;
    }
    // A path of some slices is chance.
    if length * 4 < nz || (length as f64) * sz < 30.0 {
        return Vec::new();
    }
    between(&mut out);
    out
}

/// Fills slices between two rings by the straight line between them.
fn between(rings: &mut [Option<Lps>]) {
    let seen: Vec<usize> = (0..rings.len()).filter(|&k| rings[k].is_some()).collect();
    for pair in seen.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if let (Some(p), Some(q)) = (rings[a], rings[b]) {
            for k in a + 1..b {
                let t = (k - a) as f64 / (b - a) as f64;
                rings[k] = Some(p.lerp(q, t));
            }
        }
    }
}

fn candidates(work: &Work, body: &Mask, k: usize) -> Vec<Candidate> {
    let grid = work.grid();
    let [nx, ny, _] = grid.size;
    let slice = work.hu.slice(k);
    let (sx, sy) = (grid.spacing.x, grid.spacing.y);
    let directions: Vec<(f64, f64)> = (0..RAYS)
        .map(|r| {
            let a = std::f64::consts::TAU * r as f64 / RAYS as f64;
            (a.cos(), a.sin())
        })
        .collect();
    let step = 0.5 * sx.min(sy).min(2.0);
    let score = |i: usize, j: usize| -> Option<f64> {
        let v = slice[j * nx + i];
        if v < CANAL_HU[0] || v > CANAL_HU[1] {
            return None;
        }
        let (mut hit, mut sum, mut sum2, mut opposite) = (0u32, 0.0, 0.0, 0u32);
        let mut reach = [0f64; RAYS];
        for (r, (dx, dy)) in directions.iter().enumerate() {
            let mut t = 0.0;
            while t < RING_MM[1] {
                t += step;
                let (x, y) = (i as f64 + t * dx / sx, j as f64 + t * dy / sy);
                if x < 0.0 || y < 0.0 || x > nx as f64 - 1.0 || y > ny as f64 - 1.0 {
                    break;
                }
                if slice[y.round() as usize * nx + x.round() as usize] > RING_HU {
                    reach[r] = t;
                    hit += 1;
                    sum += t;
                    sum2 += t * t;
                    break;
                }
            }
        }
        for r in 0..RAYS / 2 {
            opposite += u32::from(reach[r] > 0.0 && reach[r + RAYS / 2] > 0.0);
        }
        if hit < RAYS as u32 / 2 {
            return None;
        }
        let n = f64::from(hit);
        let mean = sum / n;
        if mean < RING_MM[0] {
            return None;
        }
        let spread = (sum2 / n - mean * mean).max(0.0).sqrt();
        let closed = n / RAYS as f64;
        // Closed, round, of a canal's size.
        let size = (-0.5 * ((mean - 8.5) / 3.5).powi(2)).exp();
        let round = f64::from(opposite) / (RAYS as f64 / 2.0);
        Some(closed * 0.6 + round * 0.4 - 0.06 * spread + 0.5 * (size - 1.0))
    };
    let near = bone_on_axes(slice, nx, [sx, sy]);
    let mut found: Vec<Candidate> = Vec::new();
    for j in 2..ny.saturating_sub(2) {
        for i in 2..nx.saturating_sub(2) {
            if near[j * nx + i] < 3 || !body.get(Voxel::new(i, j, k)) {
                continue;
            }
            if let Some(s) = score(i, j)
                && s > 0.3
            {
                found.push(Candidate { i: i as f64, j: j as f64, score: s });
            }
        }
    }
    // The best ones at least 6 mm apart.
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Candidate> = Vec::new();
    for c in found {
        if kept.len() >= 12 {
            break;
        }
        if kept.iter().all(|p| ((p.i - c.i) * sx).hypot((p.j - c.j) * sy) > 6.0) {
            kept.push(c);
        }
    }
    kept
}

/// For each pixel, in how many of the four directions along the axes bone lies within the ring's reach: most pixels are
/// passed over by this.
fn bone_on_axes(slice: &[i16], nx: usize, spacing: [f64; 2]) -> Vec<u8> {
    let ny = slice.len() / nx;
    let mut near = vec![0u8; slice.len()];
    let mut scan = |start: usize, step: isize, n: usize, reach: usize| {
        let mut last = usize::MAX;
        let mut o = start as isize;
        for m in 0..n {
            if slice[o as usize] > RING_HU {
                last = m;
            } else if last != usize::MAX && m - last <= reach {
                near[o as usize] += 1;
            }
            o += step;
        }
    };
    let reach = spacing.map(|s| (RING_MM[1] / s) as usize);
    for j in 0..ny {
        scan(j * nx, 1, nx, reach[0]);
        scan(j * nx + nx - 1, -1, nx, reach[0]);
    }
    for i in 0..nx {
        scan(i, nx as isize, ny, reach[1]);
        scan((ny - 1) * nx + i, -(nx as isize), ny, reach[1]);
    }
    near
}

/// The canal as a mask on the work grid: from each centre outwards to the bone, at most 10 mm.
pub(super) fn mask(work: &Work, rings: &[Option<Lps>]) -> Mask {
    let grid = work.grid();
    let mut out = Mask::empty(grid);
    for (k, ring) in rings.iter().enumerate() {
        let Some(ring) = ring else { continue };
        let c = grid.index(*ring);
        for r in 0..72 {
            let a = std::f64::consts::TAU * f64::from(r) / 72.0;
            let mut t = 0.0;
            while t < 10.0 {
                let x = (c.x + t * a.cos() / grid.spacing.x).round();
                let y = (c.y + t * a.sin() / grid.spacing.y).round();
                if x < 0.0 || y < 0.0 || x >= grid.size[0] as f64 || y >= grid.size[1] as f64 {
                    break;
                }
                let v = Voxel::new(x as usize, y as usize, k);
                if work.hu.at(v) > RING_HU {
                    break;
                }
                out.set(v, true);
                t += 0.5;
            }
        }
    }
    out
}
