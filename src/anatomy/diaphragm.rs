//! What lies below the diaphragm: a smooth height field under the bases of the lungs, carried on beyond them.

use super::lungs::Lungs;
use crate::space::{Grid, Mask, Voxel};
use rayon::prelude::*;

/// A lung's lower face this far above a smooth dome rests on something else, the heart or a mass, mm (choice; domes differ
/// from a paraboloid by some 10 mm).
const OVER_DOME_MM: f64 = 22.0;

/// Soft tissue this thick between two parts of a lung in one column, at the dome's height, is what the dome holds, and not
/// a vessel: where the ribs narrow downwards the lung's rim lies under the liver, mm (choice).
const BETWEEN_MM: f64 = 15.0;

/// The share of the bases' heights that the field keeps below, beyond the lungs (choice).
const BEYOND_SHARE: f64 = 0.75;

/// A height over (i, j) of the work grid, in its slices: the lowest slice that is lung, or would be.
pub(super) struct Diaphragm {
    grid: Grid,
    height: Vec<f32>,
}

impl Diaphragm {
    /// From the closed lungs; `None` if no lung has a lower face in the picture.
    pub(super) fn of(lungs: &Lungs) -> Option<Diaphragm> {
        let grid = lungs.closed[0].grid;
        let [nx, ny, _] = grid.size;
        let sz = grid.spacing.z;
        let mut height = vec![f32::NAN; nx * ny];
        let mut seen = 0;
        let place = |o: usize| [(o % nx) as f64 * grid.spacing.x, (o / nx) as f64 * grid.spacing.y];
        for lung in &lungs.closed {
            let bases = bases(lung);
            let lowest: Vec<(usize, f64)> = bases.iter().map(|(o, k)| (*o, k[0] as f64 * sz)).collect();
            let Some(dome) = dome(&lowest, place) else { continue };
            for (o, starts) in &bases {
                let over = dome(place(*o)) + OVER_DOME_MM;
                // The highest start of a part that still lies at the dome.
                let Some(k) = starts.iter().rev().find(|k| **k as f64 * sz <= over) else { continue };
                height[*o] = *k as f32;
                seen += usize::from(*k > 0);
            }
        }
        if seen == 0 {
            return None;
        }
        // A lung that the picture cuts off below has no diaphragm there.
        for h in &mut height {
            if *h == 0.0 {
                *h = -1.0;
            }
        }
        // Beyond the lungs the field is no higher than most of their bases: their tongues beside the heart lie above it.
        let mut known: Vec<f32> = height.iter().copied().filter(|h| !h.is_nan()).collect();
        let share = (known.len() as f64 * BEYOND_SHARE) as usize;
        let cap = *known.select_nth_unstable_by(share, f32::total_cmp).1;
        let beyond: Vec<bool> = height.iter().map(|h| h.is_nan()).collect();
        spread(&mut height, nx, ny);
        for (h, beyond) in height.iter_mut().zip(beyond) {
            if beyond {
                *h = h.min(cap);
            }
        }
        Some(Diaphragm { grid, height })
    }

    /// What lies below it, on the CT's grid, lungs included. `height` is read between columns, so that its rim is smooth.
    pub(super) fn below(&self, full: Grid) -> Mask {
        let [nx, ny, _] = self.grid.size;
        let index = |i: usize, j: usize, k: usize| self.grid.index(full.centre(Voxel::new(i, j, k)));
        let columns: Vec<f32> = (0..full.size[0] * full.size[1])
            .into_par_iter()
            .map(|o| {
                let x = index(o % full.size[0], o / full.size[0], 0);
                let (x, y) = (x.x.clamp(0.0, nx as f64 - 1.0), x.y.clamp(0.0, ny as f64 - 1.0));
                let (i, j) = (x.floor() as usize, y.floor() as usize);
                let at = |i: usize, j: usize| f64::from(self.height[j.min(ny - 1) * nx + i.min(nx - 1)]);
                let (t, u) = (x.fract(), y.fract());
                let near = at(i, j) * (1.0 - t) + at(i + 1, j) * t;
                let far = at(i, j + 1) * (1.0 - t) + at(i + 1, j + 1) * t;
                (near * (1.0 - u) + far * u) as f32
            })
            .collect();
        let top = columns.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        Mask::from_rows(full, |j, k, row| {
            let z = index(0, 0, k).z as f32;
            if z >= top {
                return;
            }
            for i in 0..full.size[0] {
                if z < columns[j * full.size[0] + i] - 0.5 {
                    row[i >> 6] |= 1 << (i & 63);
                }
            }
        })
    }
}

/// For each column with lung: where its parts begin, from below; parts with less than [`BETWEEN_MM`] between them are one.
fn bases(lung: &Mask) -> Vec<(usize, Vec<usize>)> {
    let [nx, ny, nz] = lung.grid.size;
    let mut starts: Vec<Vec<usize>> = vec![Vec::new(); nx * ny];
    let mut last = vec![0usize; nx * ny];
    for k in 0..nz {
        for j in 0..ny {
            for (a, b) in lung.runs(j, k) {
                for o in j * nx + a..j * nx + b {
                    let gap = (k - last[o]) as f64 - 1.0;
                    if starts[o].is_empty() || gap * lung.grid.spacing.z > BETWEEN_MM {
                        starts[o].push(k);
                    }
                    last[o] = k;
                }
            }
        }
    }
    starts.into_iter().enumerate().filter(|(_, s)| !s.is_empty()).collect()
}

/// A paraboloid through lower faces: points above it hardly count, since there the lung rests on heart or lesion.
fn dome(points: &[(usize, f64)], place: impl Fn(usize) -> [f64; 2]) -> Option<impl Fn([f64; 2]) -> f64> {
    if points.len() < 50 {
        return None;
    }
    let centre = points.iter().map(|p| place(p.0)).fold([0.0; 2], |s, p| [s[0] + p[0], s[1] + p[1]]);
    let centre = centre.map(|c| c / points.len() as f64);
    let basis = move |p: [f64; 2]| {
        let (x, y) = ((p[0] - centre[0]) / 100.0, (p[1] - centre[1]) / 100.0);
        [1.0, x, y, x * x, x * y, y * y]
    };
    let mut c = [0f64; 6];
    for round in 0..20 {
        let mut a = [[0f64; 7]; 6];
        for (o, z) in points.iter().step_by(3) {
            let b = basis(place(*o));
            let r = z - (0..6).map(|n| c[n] * b[n]).sum::<f64>();
            // First a surface below most of it, so that a heart under a third of the base does not lift it.
            let w = match round {
                0 => 1.0,
                1..6 if r > 0.0 => 0.15,
                _ if r > 0.0 => 1.0 / (1.0 + (r / 8.0).powi(2)),
                _ => 1.0,
            };
            for n in 0..6 {
                for m in 0..6 {
                    a[n][m] += w * b[n] * b[m];
                }
                a[n][6] += w * b[n] * z;
            }
        }
        // A little weight against curvature, so that a sliver of lung gives no wild surface.
        for (n, row) in a.iter_mut().enumerate() {
            row[n] += if n < 3 { 1e-6 } else { 1.0 };
        }
        c = solve(a)?;
    }
    Some(move |p: [f64; 2]| {
        let b = basis(p);
        (0..6).map(|n| c[n] * b[n]).sum()
    })
}

/// Gauss with pivots; `None` if singular.
fn solve(mut a: [[f64; 7]; 6]) -> Option<[f64; 6]> {
    for n in 0..6 {
        let pivot = (n..6).max_by(|x, y| a[*x][n].abs().total_cmp(&a[*y][n].abs()))?;
        a.swap(n, pivot);
        if a[n][n].abs() < 1e-12 {
            return None;
        }
        for m in 0..6 {
            if m != n {
                let f = a[m][n] / a[n][n];
                for x in n..7 {
                    a[m][x] -= f * a[n][x];
                }
            }
        }
    }
    Some([0, 1, 2, 3, 4, 5].map(|n| a[n][6] / a[n][n]))
}

/// Fills what is not a number from around: wider and wider means, then smoothed where filled.
fn spread(height: &mut [f32], nx: usize, ny: usize) {
    let known: Vec<bool> = height.iter().map(|h| !h.is_nan()).collect();
    let mut reach = 1usize;
    while height.iter().any(|h| h.is_nan()) && reach < 2 * nx.max(ny) {
        let (sum, count) = box_sums(height, nx, ny, reach);
        for o in 0..height.len() {
            if height[o].is_nan() && count[o] > 0.0 {
                height[o] = (sum[o] / count[o]) as f32;
            }
        }
        reach *= 2;
    }
    for reach in [12usize, 6, 3, 3, 3] {
        let (sum, count) = box_sums(height, nx, ny, reach);
        for o in 0..height.len() {
            if !known[o] && count[o] > 0.0 {
                height[o] = (sum[o] / count[o]) as f32;
            }
        }
    }
    // A light hand over the whole, for single columns of lung at the rim; upwards only, since beside a steep dome the mean
    // would bare its flank.
    let (sum, count) = box_sums(height, nx, ny, 2);
    for o in 0..height.len() {
        height[o] = height[o].max((sum[o] / count[o].max(1.0)) as f32);
    }
}

/// Sums and counts of the numbers in the box of `reach` around each place, by running sums.
fn box_sums(values: &[f32], nx: usize, ny: usize, reach: usize) -> (Vec<f64>, Vec<f64>) {
    let w = nx + 1;
    let (mut s, mut c) = (vec![0f64; w * (ny + 1)], vec![0f64; w * (ny + 1)]);
    for j in 0..ny {
        for i in 0..nx {
            let v = values[j * nx + i];
            let (add, one) = if v.is_nan() { (0.0, 0.0) } else { (f64::from(v), 1.0) };
            let o = (j + 1) * w + i + 1;
            s[o] = add + s[o - 1] + s[o - w] - s[o - w - 1];
            c[o] = one + c[o - 1] + c[o - w] - c[o - w - 1];
        }
    }
    let mut out = (vec![0f64; nx * ny], vec![0f64; nx * ny]);
    for j in 0..ny {
        for i in 0..nx {
            let (a, b) = (i.saturating_sub(reach), (i + reach + 1).min(nx));
            let (t, u) = (j.saturating_sub(reach), (j + reach + 1).min(ny));
            let at = |x: &[f64]| x[u * w + b] - x[t * w + b] - x[u * w + a] + x[t * w + a];
            out.0[j * nx + i] = at(&s);
            out.1[j * nx + i] = at(&c);
        }
    }
    out
}
