//! The mediastinum as one no-go region: between the lungs, in front of the spine, behind sternum and ribs, above the
//! diaphragm.

use super::diaphragm::Diaphragm;
use super::lungs::Lungs;
use super::work::Work;
use crate::grids::morphology::{close, open};
use crate::space::{Lps, Mask, Voxel};

/// The lungs' medial faces are closed by a ball of this radius, so that a lesion on them up to twice as wide is not taken
/// for mediastinum, mm (usual in the field, unverified: 20).
const CLOSING_MM: f64 = 20.0;

/// No mediastinum beyond this from the spinal canal's plane to the right and to the left, mm: the heart's borders
/// (choice; recall first, but a lesion out there is not mediastinum).
const REACH_MM: [f64; 2] = [70.0, 115.0];

/// Its back, from the canal's centre forward: the middle of the vertebral body up to 36 mm to either side (the aorta lies
/// beside it), from there slanting forward, mm and mm per mm (choice).
const BACK_MM: f64 = 22.0;
const BESIDE_MM: f64 = 36.0;
const SLANT: f64 = 1.5;

/// The region, and the lungs closed so far as it begins, right then left.
pub(super) struct Between {
    /// The no-go region.
    pub(super) region: Mask,
    /// The lungs closed over the hila.
    pub(super) wide: [Mask; 2],
}

/// The region on the work grid. `canal` is the canal's centre slice by slice; where it was not seen the middle between
/// the lungs stands for it.
pub(super) fn mediastinum(
    work: &Work,
    body: &Mask,
    lungs: &Lungs,
    bone: &Mask,
    canal: &[Option<Lps>],
    diaphragm: Option<&Diaphragm>,
) -> Between {
    let grid = work.grid();
    let [nx, ny, nz] = grid.size;
    let (sx, sy, sz) = (grid.spacing.x, grid.spacing.y, grid.spacing.z);
    let wide = [0, 1].map(|n| close(&lungs.closed[n], CLOSING_MM));
    let mut out = Mask::empty(grid);
    let seen = [0, 1].map(|n| !wide[n].is_empty());
    if !seen[0] && !seen[1] {
        return Between { region: out, wide };
    }
    let window = (12.0 / sz).ceil() as usize;
    // The nearest slice in which the canal was seen.
    let centre_of = |k: usize| -> Option<(f64, f64)> {
        let near = (0..canal.len()).filter(|&n| canal[n].is_some()).min_by_key(|&n| n.abs_diff(k))?;
        canal[near].map(|p| {
            let x = grid.index(p);
            (x.x, x.y)
        })
    };
    for k in 0..nz {
        // First and last row with lung, and the medial edges row by row.
        let mut edges: [Vec<Option<usize>>; 2] = [vec![None; ny], vec![None; ny]];
        let (mut top, mut bottom) = (usize::MAX, 0);
        let mut sides = [false; 2];
        for j in 0..ny {
            let right = wide[0].runs(j, k).last().map(|r| r.1);
            let left = wide[1].runs(j, k).first().map(|r| r.0);
            edges[0][j] = right;
            edges[1][j] = left;
            sides[0] |= right.is_some();
            sides[1] |= left.is_some();
            if right.is_some() || left.is_some() {
                top = top.min(j);
                bottom = bottom.max(j);
            }
        }
        // Both lungs, or the only one there is.
        if (0..2).any(|n| seen[n] && !sides[n]) {
            continue;
        }
        let middle = centre_of(k).unwrap_or_else(|| {
            let mean = |e: &[Option<usize>]| {
                let v: Vec<usize> = e.iter().flatten().copied().collect();
                (!v.is_empty()).then(|| v.iter().sum::<usize>() as f64 / v.len() as f64)
            };
            let (a, b) = (mean(&edges[0]), mean(&edges[1]));
            ((a.or(b).unwrap_or(0.0) + b.or(a).unwrap_or(0.0)) / 2.0, bottom as f64)
        });
        // Rows without lung on one side go on with the nearest row's edge.
        let held = [0, 1].map(|side| hold(&edges[side]));
        let front = chest_wall(bone, k, window, (top + bottom) / 2, nz);
        let limit =
            [(middle.0 - REACH_MM[0] / sx).max(0.0) as usize, ((middle.0 + REACH_MM[1] / sx) as usize).min(nx - 1)];
        for j in top.saturating_sub((30.0 / sy) as usize)..=bottom {
            let a = held[0][j].unwrap_or(0).max(limit[0]);
            let b = held[1][j].unwrap_or(nx).min(limit[1] + 1);
            for i in a..b.max(a) {
                let dx = (i as f64 - middle.0).abs() * sx;
                let back = -BACK_MM - SLANT * (dx - BESIDE_MM).max(0.0);
                if (j as f64 - middle.1) * sy > back {
                    continue;
                }
                let wall = match front[i] {
                    Some(f) => j > f,
                    None => j >= top,
                };
                let v = Voxel::new(i, j, k);
                if wall && body.get(v) && !diaphragm.is_some_and(|d| d.is_below(v)) {
                    out.set(v, true);
                }
            }
        }
    }
    out.subtract(&lungs.closed[0]);
    out.subtract(&lungs.closed[1]);
    out.subtract(bone);
    // Slivers along the lungs' faces are pleura.
    Between { region: open(&out, 3.0), wide }
}

/// Row by row the edge, or that of the nearest row which has one.
fn hold(edges: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut out = edges.to_vec();
    let mut last: Option<(usize, usize)> = None;
    let mut from_above = vec![None; edges.len()];
    for j in 0..edges.len() {
        if let Some(e) = edges[j] {
            last = Some((j, e));
        }
        from_above[j] = last;
    }
    last = None;
    for j in (0..edges.len()).rev() {
        if let Some(e) = edges[j] {
            last = Some((j, e));
        }
        out[j] = match (from_above[j], last) {
            (Some((a, x)), Some((b, y))) => Some(if j - a <= b - j { x } else { y }),
            (Some((_, x)), None) | (None, Some((_, x))) => Some(x),
            (None, None) => None,
        };
    }
    out
}

/// Column by column the innermost bone of the front wall within some slices, between bones by the straight line.
fn chest_wall(bone: &Mask, k: usize, window: usize, middle_row: usize, nz: usize) -> Vec<Option<usize>> {
    let nx = bone.grid.size[0];
    let mut front: Vec<Option<usize>> = vec![None; nx];
    for kk in k.saturating_sub(window)..(k + window + 1).min(nz) {
        for j in 0..middle_row {
            for (a, b) in bone.runs(j, kk) {
                for f in &mut front[a..b] {
                    *f = Some(f.map_or(j, |x| x.max(j)));
                }
            }
        }
    }
    let seen: Vec<usize> = (0..nx).filter(|&i| front[i].is_some()).collect();
    for pair in seen.windows(2) {
        if let (Some(p), Some(q)) = (front[pair[0]], front[pair[1]]) {
            let n = pair[1] - pair[0];
            for i in pair[0] + 1..pair[1] {
                let t = (i - pair[0]) as f64 / n as f64;
                front[i] = Some((p as f64 + (q as f64 - p as f64) * t) as usize);
            }
        }
    }
    front
}
