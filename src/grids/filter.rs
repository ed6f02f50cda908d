//! Smoothing and rank filters.

use crate::space::{PADDING, Volume, Voxel};
use rayon::prelude::*;

/// Gaussian of `sigma_mm` in all three directions, as f32; padding counts as −1000 (air). Kernels reach 3 sigma; the
/// border repeats.
pub fn gaussian(volume: &Volume<i16>, sigma_mm: f64) -> Volume<f32> {
    let grid = volume.grid;
    let data: Vec<f32> = volume.data.par_iter().map(|v| if *v == PADDING { -1000.0 } else { f32::from(*v) }).collect();
    gaussian_f32(&Volume { grid, data }, sigma_mm)
}

/// Gaussian of `sigma_mm` in all three directions; kernels reach 3 sigma, the border repeats.
pub fn gaussian_f32(volume: &Volume<f32>, sigma_mm: f64) -> Volume<f32> {
    let grid = volume.grid;
    let [nx, ny, nz] = grid.size;
    if grid.is_empty() {
        return volume.clone();
    }
    let kernels = [0, 1, 2].map(|a| kernel(sigma_mm / grid.spacing[a]));
    let mut data = volume.data.clone();
    let plane = nx * ny;
    // Along i and j, slice by slice.
    data.par_chunks_mut(plane).for_each(|slice| {
        let mut line = vec![0f32; nx.max(ny)];
        let r = kernels[0].len() - 1;
        for row in slice.chunks_mut(nx) {
            line[..nx].copy_from_slice(row);
            for i in 0..nx {
                let mut s = kernels[0][0] * line[i];
                for t in 1..=r {
                    s += kernels[0][t] * (line[i.saturating_sub(t)] + line[(i + t).min(nx - 1)]);
                }
                row[i] = s;
            }
        }
        let source = slice.to_vec();
        let r = kernels[1].len() - 1;
        for j in 0..ny {
            let out = &mut slice[j * nx..(j + 1) * nx];
            for (o, s) in out.iter_mut().zip(&source[j * nx..(j + 1) * nx]) {
                *o = kernels[1][0] * s;
            }
            for t in 1..=r {
                let (a, b) = (j.saturating_sub(t), (j + t).min(ny - 1));
                for i in 0..nx {
                    out[i] += kernels[1][t] * (source[a * nx + i] + source[b * nx + i]);
                }
            }
        }
    });
    // Along k.
    let source = data.clone();
    let r = kernels[2].len() - 1;
    data.par_chunks_mut(plane).enumerate().for_each(|(k, slice)| {
        for (o, s) in slice.iter_mut().zip(&source[k * plane..(k + 1) * plane]) {
            *o = kernels[2][0] * s;
        }
        for t in 1..=r {
            let (a, b) = (k.saturating_sub(t), (k + t).min(nz - 1));
            for i in 0..plane {
                slice[i] += kernels[2][t] * (source[a * plane + i] + source[b * plane + i]);
            }
        }
    });
    Volume { grid, data }
}

/// One half of a Gaussian kernel, [0] in the middle; sums to 1 when mirrored.
fn kernel(sigma: f64) -> Vec<f32> {
    if sigma < 0.05 {
        return vec![1.0];
    }
    let reach = (3.0 * sigma).ceil() as usize;
    let half: Vec<f64> = (0..=reach).map(|t| (-0.5 * (t as f64 / sigma).powi(2)).exp()).collect();
    let sum = half[0] + 2.0 * half[1..].iter().sum::<f64>();
    half.into_iter().map(|v| (v / sum) as f32).collect()
}

/// Median of the measured values in the box of `radius` voxels around a voxel; `None` if all are padding.
pub fn median_around(volume: &Volume<i16>, v: Voxel, radius: usize) -> Option<i16> {
    let size = volume.grid.size;
    let range = |x: usize, n: usize| x.saturating_sub(radius)..(x + radius + 1).min(n);
    let mut values = Vec::new();
    for k in range(v.k, size[2]) {
        for j in range(v.j, size[1]) {
            for i in range(v.i, size[0]) {
                let value = volume.at(Voxel::new(i, j, k));
                if value != PADDING {
                    values.push(value);
                }
            }
        }
    }
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Grid, Lps};
    use glam::{DMat3, DVec3};

    #[test]
    fn smoothing_keeps_the_sum_and_spreads_by_sigma() {
        let grid = Grid {
            size: [41, 41, 41],
            spacing: DVec3::new(0.5, 1.0, 2.0),
            origin: Lps::default(),
            axes: DMat3::IDENTITY,
        };
        let mut v = Volume::filled(grid, 0f32);
        let o = grid.offset(Voxel::new(20, 20, 20));
        v.data[o] = 1000.0;
        let s = gaussian_f32(&v, 2.0);
        let sum: f64 = s.data.iter().map(|x| f64::from(*x)).sum();
        assert!((sum - 1000.0).abs() < 0.1);
        let centre = grid.centre(Voxel::new(20, 20, 20));
        for a in 0..3 {
            let var: f64 = (0..grid.len())
                .map(|o| f64::from(s.data[o]) * (grid.centre(grid.voxel_of(o)) - centre)[a].powi(2))
                .sum::<f64>()
                / sum;
            assert!((var.sqrt() - 2.0).abs() < 0.1, "axis {a}: {}", var.sqrt());
        }
    }
}
