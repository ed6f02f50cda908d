//! The cheapest surface on a lattice: a continuous minimal cut by total variation with a weight per place.
//!
//! Chan, Esedoglu & Nikolova, SIAM J Appl Math 2006;66:1632 (the cut); Chambolle & Pock, J Math Imaging Vis 2011;40:120
//! (primal-dual steps). Rows are worked on whole, without branches, so that the compiler can widen them.

use crate::jobs::{Cancelled, Progress};
use crate::space::{Grid, Volume};
use rayon::prelude::*;

/// Steps at most; every [`LOOK`] steps it is seen whether the surface still moves.
const STEPS: usize = 240;
/// See [`STEPS`].
const LOOK: usize = 20;
/// The surface stands when fewer than this share of the cells inside have changed sides since the last look (choice).
const STANDS: f32 = 5e-4;
/// Both step sizes: their product times |∇|² ≤ 12 must not exceed 1.
const STEP: f32 = 0.28;

/// Minimises Σ cost·u·h + Σ weight·|∇u| over 0 ≤ u ≤ 1 (h the cell; both per h²). Infinite cost: surely outside, minus
/// infinite: surely inside. The lattice's border counts as outside.
pub(super) fn cheapest(
    grid: &Grid,
    cost: &[f32],
    weight: &[f32],
    progress: &Progress,
) -> Result<Volume<f32>, Cancelled> {
    let cell = grid.spacing.x as f32;
    let mut out = Volume::filled(*grid, 0f32);
    // Only the box of what is not surely outside, with a border of one cell.
    let (mut lo, mut hi) = ([usize::MAX; 3], [0usize; 3]);
    for (o, c) in cost.iter().enumerate() {
        if *c < f32::INFINITY {
            let v = grid.voxel_of(o);
            for (a, x) in [v.i, v.j, v.k].into_iter().enumerate() {
                lo[a] = lo[a].min(x);
                hi[a] = hi[a].max(x);
            }
        }
    }
    if lo[0] > hi[0] {
        return Ok(out);
    }
    let n: [usize; 3] = [0, 1, 2].map(|a| hi[a] - lo[a] + 3);
    let [nx, ny, nz] = n;
    let plane = nx * ny;
    // Where the box's cell lies on the lattice.
    let place =
        |i: usize, j: usize, k: usize| ((k + lo[2] - 1) * grid.size[1] + j + lo[1] - 1) * grid.size[0] + i + lo[0] - 1;
    let mut rate = vec![0f32; plane * nz];
    let mut least = vec![0f32; plane * nz];
    let mut most = vec![0f32; plane * nz];
    let mut limit = vec![1f32; plane * nz];
    for k in 1..nz - 1 {
        for j in 1..ny - 1 {
            for i in 1..nx - 1 {
                let (at, o) = (place(i, j, k), (k * ny + j) * nx + i);
                limit[o] = weight[at];
                let c = cost[at];
                if c == f32::NEG_INFINITY {
                    (least[o], most[o]) = (1.0, 1.0);
                } else if c < f32::INFINITY {
                    most[o] = 1.0;
                    rate[o] = STEP * cell * c;
                }
            }
        }
    }
    let mut u: Vec<f32> = (0..rate.len()).map(|o| if rate[o] < 0.0 { most[o] } else { least[o] }).collect();
    let mut lead = u.clone();
    let mut flow = [0; 3].map(|_| vec![0f32; u.len()]);
    let mut sides: Vec<bool> = u.iter().map(|v| *v > 0.5).collect();
    for step in 1..=STEPS {
        let [fx, fy, fz] = &mut flow;
        let planes = fx.par_chunks_mut(plane).zip(fy.par_chunks_mut(plane)).zip(fz.par_chunks_mut(plane));
        planes.enumerate().take(nz - 1).for_each(|(k, ((fx, fy), fz))| {
            for j in 0..ny - 1 {
                let (q, o) = (j * nx, k * plane + j * nx);
                let m = nx - 1;
                let here = &lead[o..o + m];
                let right = &lead[o + 1..o + 1 + m];
                let down = &lead[o + nx..o + nx + m];
                let up = &lead[o + plane..o + plane + m];
                let w = &limit[o..o + m];
                let (fx, fy, fz) = (&mut fx[q..q + m], &mut fy[q..q + m], &mut fz[q..q + m]);
                for i in 0..m {
                    let x = fx[i] + STEP * (right[i] - here[i]);
                    let y = fy[i] + STEP * (down[i] - here[i]);
                    let z = fz[i] + STEP * (up[i] - here[i]);
                    let s = w[i] / (x * x + y * y + z * z).sqrt().max(w[i]);
                    (fx[i], fy[i], fz[i]) = (x * s, y * s, z * s);
                }
            }
        });
        let [fx, fy, fz] = &flow;
        let planes = u.par_chunks_mut(plane).zip(lead.par_chunks_mut(plane));
        planes.enumerate().skip(1).take(nz - 2).for_each(|(k, (u, lead))| {
            for j in 1..ny - 1 {
                let (q, o) = (j * nx + 1, k * plane + j * nx + 1);
                let m = nx - 2;
                let (u, lead) = (&mut u[q..q + m], &mut lead[q..q + m]);
                let (x, x0) = (&fx[o..o + m], &fx[o - 1..o - 1 + m]);
                let (y, y0) = (&fy[o..o + m], &fy[o - nx..o - nx + m]);
                let (z, z0) = (&fz[o..o + m], &fz[o - plane..o - plane + m]);
                let (r, lo, hi) = (&rate[o..o + m], &least[o..o + m], &most[o..o + m]);
                for i in 0..m {
                    let out = x[i] - x0[i] + y[i] - y0[i] + z[i] - z0[i];
                    let new = (u[i] + STEP * out - r[i]).max(lo[i]).min(hi[i]);
                    lead[i] = 2.0 * new - u[i];
                    u[i] = new;
                }
            }
        });
        if step % LOOK == 0 {
            progress.check()?;
            let (mut inside, mut changed) = (0usize, 0usize);
            for (side, v) in sides.iter_mut().zip(&u) {
                let now = *v > 0.5;
                inside += usize::from(now);
                changed += usize::from(now != *side);
                *side = now;
            }
            if (changed as f32) < STANDS * inside as f32 {
                break;
            }
        }
    }
    for k in 1..nz - 1 {
        for j in 1..ny - 1 {
            for i in 1..nx - 1 {
                out.data[place(i, j, k)] = u[(k * ny + j) * nx + i];
            }
        }
    }
    Ok(out)
}
