//! The mediastinum as one no-go region: between the lungs, in front of the spine, behind sternum and ribs, above the
//! diaphragm.

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

/// The same on a side whose lung is nowhere seen (cut off, collapsed, full of a mass): nothing there says where the
/// mediastinum ends, so that it is taken to be as wide as a heart of half of the chest's width (choice).
const UNSEEN_REACH_MM: [f64; 2] = [50.0, 95.0];

/// Within this of the canal's plane, right and left, the lungs' own faces are its borders, however narrow it is there:
/// windpipe, gullet and great vessels lie in there; a lesion that reaches so far is in it, mm (choice).
const CORE_MM: [f64; 2] = [30.0, 35.0];

/// Its back, from the canal's centre forward: the middle of the vertebral body up to 36 mm to either side (the aorta lies
/// beside it), from there slanting forward, mm and mm per mm (choice).
const BACK_MM: f64 = 22.0;
const BESIDE_MM: f64 = 36.0;
const SLANT: f64 = 1.5;

/// From the canal's centre to the front of the vertebral body, mm (7 and 34 deep, and some for a spur; choice).
const VERTEBRA_MM: f64 = 46.0;

/// The region, and the lungs closed so far as it begins beside its core, right then left.
pub(super) struct Between {
    /// The no-go region.
    pub(super) region: Mask,
    /// The lungs closed over the hila.
    pub(super) wide: [Mask; 2],
}

/// The region on the work grid, down to the last slice with lung. `canal` is the canal's centre slice by slice; where it
/// was not seen the middle between the lungs stands for it. `inside` is what lies within the rib cage.
pub(super) fn mediastinum(
    work: &Work,
    body: &Mask,
    lungs: &Lungs,
    bone: &Mask,
    canal: &[Option<Lps>],
    inside: Option<&Mask>,
) -> Between {
    let grid = work.grid();
    let [nx, ny, nz] = grid.size;
    let (sx, sy, sz) = (grid.spacing.x, grid.spacing.y, grid.spacing.z);
    let wide = [0, 1].map(|n| close(&lungs.closed[n], CLOSING_MM));
    let mut out = Mask::empty(grid);
    let window = (12.0 / sz).ceil() as usize;
    // The nearest slice in which the canal was seen.
    let centre_of = |k: usize| -> Option<(f64, f64)> {
        let near = (0..canal.len()).filter(|&n| canal[n].is_some()).min_by_key(|&n| n.abs_diff(k))?;
        canal[near].map(|p| {
            let x = grid.index(p);
            (x.x, x.y)
        })
    };
    // The medial edges row by row, slice by slice: right, left.
    let edges: Vec<[Vec<Option<usize>>; 2]> = (0..nz)
        .map(|k| {
            let right = (0..ny).map(|j| wide[0].runs(j, k).last().map(|r| r.1)).collect();
            let left = (0..ny).map(|j| wide[1].runs(j, k).first().map(|r| r.0)).collect();
            [right, left]
        })
        .collect();
    // Rows without lung on one side go on with the nearest row's edge, slices without it with the nearest slice's: the
    // region goes on while either lung is seen.
    let held: [Vec<Option<Vec<Option<usize>>>>; 2] = [0, 1].map(|side| {
        let has = |k: &usize| edges[*k][side].iter().any(Option::is_some);
        let seen: Vec<usize> = (0..nz).filter(has).collect();
        (0..nz).map(|k| seen.iter().min_by_key(|n| n.abs_diff(k)).map(|n| hold(&edges[*n][side]))).collect()
    });
    for k in 0..nz {
        let rows: Vec<usize> = (0..ny).filter(|&j| edges[k].iter().any(|e| e[j].is_some())).collect();
        let (Some(&top), Some(&bottom)) = (rows.first(), rows.last()) else { continue };
        let middle = centre_of(k).unwrap_or_else(|| {
            let mean = |e: &[Option<usize>]| {
                let v: Vec<usize> = e.iter().flatten().copied().collect();
                (!v.is_empty()).then(|| v.iter().sum::<usize>() as f64 / v.len() as f64)
            };
            let (a, b) = (mean(&edges[k][0]), mean(&edges[k][1]));
            ((a.or(b).unwrap_or(0.0) + b.or(a).unwrap_or(0.0)) / 2.0, bottom as f64)
        });
        // A vertebra is not the front, though at the apex it may lie before the lungs' middle.
        let before_spine = (middle.1 - VERTEBRA_MM / sy).max(0.0) as usize;
        let front = chest_wall(bone, k, window, ((top + bottom) / 2).min(before_spine), nz);
        let reach = [0, 1].map(|n| if held[n][k].is_some() { REACH_MM[n] } else { UNSEEN_REACH_MM[n] });
        let limit = [(middle.0 - reach[0] / sx).max(0.0) as usize, ((middle.0 + reach[1] / sx) as usize).min(nx - 1)];
        let core = [(middle.0 - CORE_MM[0] / sx).max(0.0) as usize, (middle.0 + CORE_MM[1] / sx) as usize + 1];
        let edge = |side: usize, j: usize| held[side][k].as_ref().and_then(|rows| rows[j]);
        for j in top.saturating_sub((30.0 / sy) as usize)..=bottom {
            let a = edge(0, j).unwrap_or(0).min(core[0]).max(limit[0]);
            let b = edge(1, j).unwrap_or(nx).max(core[1]).min(limit[1] + 1);
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
                if wall && body.get(v) && inside.is_none_or(|m| m.get(v)) {
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
