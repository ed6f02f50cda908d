//! Exact Euclidean distance maps.
//!
//! Separable lower envelopes of parabolas, Felzenszwalb & Huttenlocher, Theory of Computing 2012;8:415, with the
//! grid's spacing; first pass along i as two scans.

use crate::space::{Mask, Volume};
use rayon::prelude::*;

/// Squares of distances beyond this are "far".
const FAR: f32 = 1e20;

/// mm from every voxel's centre to the nearest centre of a voxel in `mask` (0 inside), at most `cap_mm`. Where the mask
/// is empty everything is at `cap_mm`.
pub fn distance_to(mask: &Mask, cap_mm: f64) -> Volume<f32> {
    let mut volume = squared(mask);
    let cap = cap_mm as f32;
    volume.data.par_iter_mut().for_each(|d| *d = d.sqrt().min(cap));
    volume
}

/// mm to the mask's edge: positive outside, negative inside; the edge lies half-way between a voxel in and a voxel out,
/// measured along the line between their centres. At most `cap_mm` either way.
pub fn signed_distance(mask: &Mask, cap_mm: f64) -> Volume<f32> {
    let mut out = distance_to(mask, cap_mm);
    let inside = distance_to(&mask.inverted(), cap_mm);
    let half = mask.grid.spacing.min_element() as f32 / 2.0;
    out.data.par_iter_mut().zip(&inside.data).for_each(|(o, i)| {
        *o = if *o > 0.0 { *o - half } else { half - *i };
    });
    out
}

/// Squared mm to the nearest voxel centre in `mask`.
fn squared(mask: &Mask) -> Volume<f32> {
    let grid = mask.grid;
    let [nx, ny, nz] = grid.size;
    let mut v = Volume::filled(grid, FAR);
    if grid.is_empty() {
        return v;
    }
    let (sx, sy, sz) = (grid.spacing.x as f32, grid.spacing.y as f32, grid.spacing.z as f32);
    // Along i: distance to the nearest set bit of the row; then along j within the slice.
    v.data.par_chunks_mut(nx * ny).enumerate().for_each(|(k, slice)| {
        let mut any = false;
        for j in 0..ny {
            let row = &mut slice[j * nx..(j + 1) * nx];
            let runs = mask.runs(j, k);
            any |= !runs.is_empty();
            row_pass(row, &runs, sx);
        }
        if any {
            columns(slice, nx, ny, sy);
        }
    });
    if nz > 1 {
        // Along k: blocks of columns are gathered so that each line of memory is used whole.
        let mut planes: Vec<&mut [f32]> = v.data.chunks_mut(nx * ny).collect();
        let rows: Vec<Vec<&mut [f32]>> = {
            let mut rows: Vec<Vec<&mut [f32]>> = (0..ny).map(|_| Vec::with_capacity(nz)).collect();
            for plane in planes.drain(..) {
                for (j, row) in plane.chunks_mut(nx).enumerate() {
                    rows[j].push(row);
                }
            }
            rows
        };
        rows.into_par_iter().for_each(|mut lines| {
            let mut envelope = Envelope::new(nz);
            let mut column = vec![0f32; nz];
            for i in 0..nx {
                let mut any = false;
                for k in 0..nz {
                    column[k] = lines[k][i];
                    any |= column[k] < FAR;
                }
                if any && column.iter().any(|c| *c > 0.0) {
                    envelope.transform(&mut column, sz);
                    for k in 0..nz {
                        lines[k][i] = column[k];
                    }
                }
            }
        });
    }
    v
}

fn row_pass(row: &mut [f32], runs: &[(usize, usize)], sx: f32) {
    for (n, &(a, b)) in runs.iter().enumerate() {
        row[a..b].fill(0.0);
        let before = if n == 0 { 0 } else { (runs[n - 1].1 + a) / 2 };
        for i in before..a {
            let d = (a - i) as f32 * sx;
            row[i] = row[i].min(d * d);
        }
        let after = runs.get(n + 1).map_or(row.len(), |r| (b + r.0) / 2 + 1);
        for i in b..after {
            let d = (i + 1 - b) as f32 * sx;
            row[i] = row[i].min(d * d);
        }
    }
}

/// The pass along j of one slice, eight columns at a time through a small buffer.
fn columns(slice: &mut [f32], nx: usize, ny: usize, sy: f32) {
    const WIDE: usize = 16;
    let mut envelope = Envelope::new(ny);
    let mut block = vec![0f32; WIDE * ny];
    for i0 in (0..nx).step_by(WIDE) {
        let w = WIDE.min(nx - i0);
        for j in 0..ny {
            let row = &slice[j * nx + i0..j * nx + i0 + w];
            for (c, value) in row.iter().enumerate() {
                block[c * ny + j] = *value;
            }
        }
        for c in 0..w {
            envelope.transform(&mut block[c * ny..(c + 1) * ny], sy);
        }
        for j in 0..ny {
            for c in 0..w {
                slice[j * nx + i0 + c] = block[c * ny + j];
            }
        }
    }
}

/// Scratch of one line's lower envelope.
struct Envelope {
    place: Vec<usize>,
    start: Vec<f32>,
    value: Vec<f32>,
}

impl Envelope {
    fn new(n: usize) -> Envelope {
        Envelope { place: vec![0; n], start: vec![0.0; n + 1], value: vec![0.0; n] }
    }

    /// line[q] becomes min over p of line[p] + (spacing·(q − p))².
    fn transform(&mut self, line: &mut [f32], spacing: f32) {
        let n = line.len();
        let s2 = spacing * spacing;
        let mut top = 0usize;
        let mut some = false;
        self.value[..n].copy_from_slice(line);
        for q in 0..n {
            let f = line[q];
            if f >= FAR {
                continue;
            }
            if !some {
                some = true;
                self.place[0] = q;
                self.start[0] = f32::NEG_INFINITY;
                continue;
            }
            loop {
                let p = self.place[top];
                // Where the parabola of q goes below that of p, in voxels.
                let (qf, pf) = (q as f32, p as f32);
                let cross = ((f - self.value[p]) / s2 + (qf * qf - pf * pf)) / (2.0 * (qf - pf));
                if cross <= self.start[top] {
                    if top == 0 {
                        self.place[0] = q;
                        self.start[0] = f32::NEG_INFINITY;
                        break;
                    }
                    top -= 1;
                } else {
                    top += 1;
                    self.place[top] = q;
                    self.start[top] = cross;
                    break;
                }
            }
        }
        if !some {
            return;
        }
        let mut m = 0;
        for q in 0..n {
            while m < top && self.start[m + 1] < q as f32 {
                m += 1;
            }
            let d = (q as f32 - self.place[m] as f32) * spacing;
            line[q] = d * d + self.value[self.place[m]];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Grid, Lps};
    use glam::{DMat3, DVec3};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// Held against the definition, voxel by voxel.
        #[test]
        fn distances_are_exact(points in prop::collection::vec((0usize..13, 0usize..9, 0usize..7), 0..12)) {
            let grid = Grid { size: [13, 9, 7], spacing: DVec3::new(0.7, 0.9, 2.5), origin: Lps::default(), axes: DMat3::IDENTITY };
            let mut mask = Mask::empty(grid);
            let voxels: Vec<_> = points.iter().map(|&(i, j, k)| crate::space::Voxel::new(i, j, k)).collect();
            for v in &voxels { mask.set(*v, true); }
            let map = distance_to(&mask, 12.0);
            for o in 0..grid.len() {
                let p = grid.centre(grid.voxel_of(o));
                let truth = voxels.iter().map(|v| grid.centre(*v).distance(p)).fold(12.0f64, f64::min);
                prop_assert!((f64::from(map.data[o]) - truth).abs() < 1e-4);
            }
        }
    }
}
