//! What lies below the diaphragm: a smooth height field under the bases of the lungs, carried on to the skin.

use super::lungs::Lungs;
use crate::space::{Mask, Voxel};

/// A lung's lower face this far above a smooth dome rests on something else, the heart or a mass, mm (choice; domes differ
/// from a paraboloid by some 10 mm).
const OVER_DOME_MM: f64 = 22.0;

/// The share of the bases' heights that the field keeps below, beyond the lungs (choice).
const BEYOND_SHARE: f64 = 0.75;

/// A height in slices over (i, j) of the work grid.
pub(super) struct Diaphragm {
    nx: usize,
    height: Vec<f32>,
}

impl Diaphragm {
    /// From the closed lungs; `None` if no lung has a lower face in the picture.
    pub(super) fn of(lungs: &Lungs) -> Option<Diaphragm> {
        let grid = lungs.closed[0].grid;
        let [nx, ny, nz] = grid.size;
        let mut height = vec![f32::NAN; nx * ny];
        let mut seen = 0;
        for lung in &lungs.closed {
            let mut points: Vec<(usize, f64)> = Vec::new();
            let mut lowest = vec![usize::MAX; nx * ny];
            for k in (0..nz).rev() {
                for j in 0..ny {
                    for (a, b) in lung.runs(j, k) {
                        lowest[j * nx + a..j * nx + b].fill(k);
                    }
                }
            }
            for (o, k) in lowest.iter().enumerate() {
                if *k != usize::MAX {
                    points.push((o, *k as f64 * grid.spacing.z));
                    seen += usize::from(*k > 0);
                }
            }
            let place = |o: usize| [(o % nx) as f64 * grid.spacing.x, (o / nx) as f64 * grid.spacing.y];
            let Some(dome) = dome(&points, place) else { continue };
            for (o, z) in &points {
                if *z <= dome(place(*o)) + OVER_DOME_MM {
                    height[*o] = *z as f32 / grid.spacing.z as f32;
                }
            }
        }
        if seen == 0 || height.iter().all(|h| h.is_nan()) {
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
        let place = (known.len() as f64 * BEYOND_SHARE) as usize;
        let cap = *known.select_nth_unstable_by(place, f32::total_cmp).1;
        let beyond: Vec<bool> = height.iter().map(|h| h.is_nan()).collect();
        spread(&mut height, nx, ny);
        for (h, beyond) in height.iter_mut().zip(beyond) {
            if beyond {
                *h = h.min(cap);
            }
        }
        Some(Diaphragm { nx, height })
    }

    /// The voxels of the body below it, without lung.
    pub(super) fn below(&self, body: &Mask, lungs: &Lungs) -> Mask {
        let mut out = Mask::from_rows(body.grid, |j, k, row| {
            for i in 0..self.nx {
                if (k as f32) < self.height[j * self.nx + i] {
                    row[i >> 6] |= 1 << (i & 63);
                }
            }
        });
        out.intersect(body);
        out.subtract(&lungs.closed[0]);
        out.subtract(&lungs.closed[1]);
        out
    }

    /// Whether a voxel lies below it.
    pub(super) fn is_below(&self, v: Voxel) -> bool {
        (v.k as f32) < self.height[v.j * self.nx + v.i]
    }
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
            let w = match round {
                0 => 1.0,
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
    // A light hand over the whole: single columns of lung at the rim.
    let (sum, count) = box_sums(height, nx, ny, 2);
    for o in 0..height.len() {
        height[o] = (sum[o] / count[o].max(1.0)) as f32;
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
