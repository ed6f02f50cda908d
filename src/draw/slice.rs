//! HU on a plane as grey values.

use super::plane::Plane;
use crate::space::{PADDING, Volume};
use glam::DVec3;
use rayon::prelude::*;

/// What HU become which grey: DICOM's linear window (PS3.3, C.11.2.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// HU from black to white; at least 1.
    pub width: f64,
    /// HU at middle grey.
    pub level: f64,
    /// White for little, black for much.
    pub inverted: bool,
}

impl Window {
    /// A window of that width and level.
    pub const fn new(width: f64, level: f64) -> Window {
        Window { width, level, inverted: false }
    }

    /// Grey, 0..=255.
    pub fn grey(&self, hu: f32) -> u8 {
        let w = (self.width - 1.0).max(1.0) as f32;
        let g = ((hu - (self.level as f32 - 0.5)) / w + 0.5).clamp(0.0, 1.0) * 255.0;
        let g = (g + 0.5) as u8;
        if self.inverted { 255 - g } else { g }
    }
}

/// Rows that one thread paints at a time.
const BAND: usize = 16;

/// Paints HU on `plane` into `rgba` (4 bytes a pixel, row by row; `plane.size` of them, else nothing is painted).
/// Trilinear between voxel centres; black where nothing was measured. In bands, on the threads of the pool it runs in.
pub fn paint(hu: &Volume<i16>, plane: &Plane, window: Window, rgba: &mut [u8]) {
    let [w, h] = plane.size;
    if w == 0 || h == 0 || rgba.len() != w * h * 4 || hu.grid.is_empty() {
        return;
    }
    let grid = &hu.grid;
    let step = |v: DVec3| grid.axes.transpose() * v * plane.mm / grid.spacing;
    let start = grid.index(plane.origin);
    let (dx, dy) = (step(plane.right), step(plane.down));
    // A slice as it was acquired: i runs along the row, j down, k stays on a slice.
    let flat = dx.y.abs() + dx.z.abs() + dy.x.abs() + dy.z.abs() < 1e-9
        && (start.z - start.z.round()).abs() < 1e-6
        && start.z.round() >= 0.0
        && start.z.round() < grid.size[2] as f64;
    rgba.par_chunks_mut(w * 4 * BAND).enumerate().for_each(|(band, out)| {
        for (row, out) in out.chunks_exact_mut(w * 4).enumerate() {
            let from = start + dy * (band * BAND + row) as f64;
            if flat {
                row_in_slice(hu, from, dx.x, window, out);
            } else {
                row_oblique(hu, from, dx, window, out);
            }
        }
    });
}

fn put(pixel: &mut [u8], hu: Option<f32>, window: Window) {
    let g = hu.map_or(0, |v| window.grey(v));
    pixel.copy_from_slice(&[g, g, g, 255]);
}

/// Weighted mean of what was measured; `None` where less than half of the weight was.
fn mean(values: &[(i16, f32)]) -> Option<f32> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (v, w) in values {
        if *v != PADDING {
            sum += f32::from(*v) * w;
            total += w;
        }
    }
    (total >= 0.5).then(|| sum / total)
}

/// Lower neighbour, distance to the upper one (0 at the border), and the weight of the upper one; `None` more than half
/// a voxel outside.
fn neighbours(x: f64, n: usize) -> Option<(usize, usize, f32)> {
    if !(x >= -0.5 && x <= n as f64 - 0.5) {
        return None;
    }
    let c = x.clamp(0.0, (n - 1) as f64);
    let lo = (c as usize).min(n.saturating_sub(2));
    Some((lo, usize::from(n > 1), (c - lo as f64) as f32))
}

fn row_in_slice(hu: &Volume<i16>, from: DVec3, dx: f64, window: Window, out: &mut [u8]) {
    let [nx, ny, _] = hu.grid.size;
    let slice = hu.slice(from.z.round() as usize);
    let Some((j, up, fy)) = neighbours(from.y, ny) else {
        out.chunks_exact_mut(4).for_each(|p| put(p, None, window));
        return;
    };
    let (upper, lower) = (&slice[j * nx..(j + 1) * nx], &slice[(j + up) * nx..(j + up + 1) * nx]);
    for (x, pixel) in out.chunks_exact_mut(4).enumerate() {
        let value = neighbours(from.x + dx * x as f64, nx).and_then(|(i, right, fx)| {
            let v = [upper[i], upper[i + right], lower[i], lower[i + right]];
            if v.contains(&PADDING) {
                let (gx, gy) = (1.0 - fx, 1.0 - fy);
                return mean(&[(v[0], gx * gy), (v[1], fx * gy), (v[2], gx * fy), (v[3], fx * fy)]);
            }
            let v = v.map(f32::from);
            let (a, b) = (v[0] + (v[1] - v[0]) * fx, v[2] + (v[3] - v[2]) * fx);
            Some(a + (b - a) * fy)
        });
        put(pixel, value, window);
    }
}

fn row_oblique(hu: &Volume<i16>, from: DVec3, dx: DVec3, window: Window, out: &mut [u8]) {
    let [nx, ny, nz] = hu.grid.size;
    let plane = nx * ny;
    for (x, pixel) in out.chunks_exact_mut(4).enumerate() {
        let at = from + dx * x as f64;
        let value = (|| {
            let (i, ui, fx) = neighbours(at.x, nx)?;
            let (j, uj, fy) = neighbours(at.y, ny)?;
            let (k, uk, fz) = neighbours(at.z, nz)?;
            let o = k * plane + j * nx + i;
            let (sj, sk) = (uj * nx, uk * plane);
            let d = &hu.data;
            let v = [
                d[o],
                d[o + ui],
                d[o + sj],
                d[o + sj + ui],
                d[o + sk],
                d[o + sk + ui],
                d[o + sk + sj],
                d[o + sk + sj + ui],
            ];
            if v.contains(&PADDING) {
                let w = |bit: usize, f: f32| if bit == 1 { f } else { 1.0 - f };
                let mut parts = [(0i16, 0f32); 8];
                for n in 0..8 {
                    parts[n] = (v[n], w(n & 1, fx) * w(n >> 1 & 1, fy) * w(n >> 2, fz));
                }
                return mean(&parts);
            }
            let v = v.map(f32::from);
            let lerp = |a: f32, b: f32, t: f32| a + (b - a) * t;
            let near = lerp(lerp(v[0], v[1], fx), lerp(v[2], v[3], fx), fy);
            let far = lerp(lerp(v[4], v[5], fx), lerp(v[6], v[7], fx), fy);
            Some(lerp(near, far, fz))
        })();
        put(pixel, value, window);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::View;
    use crate::space::{Grid, Lps, Voxel};
    use glam::DMat3;

    fn volume() -> Volume<i16> {
        let grid = Grid {
            size: [20, 18, 9],
            spacing: DVec3::new(0.8, 0.8, 2.5),
            origin: Lps::new(-7.0, 4.0, 100.0),
            axes: DMat3::IDENTITY,
        };
        let data = (0..grid.len()).map(|o| {
            let v = grid.voxel_of(o);
            (v.i * 3 + v.j * 5 + v.k * 11) as i16
        });
        Volume { grid, data: data.collect() }
    }

    #[test]
    fn the_fast_way_through_a_slice_paints_what_the_slow_way_paints() {
        let v = volume();
        let centre = v.grid.centre(Voxel::new(9, 8, 4));
        let plane = Plane::around(centre, View::Axial.directions(), 0.33, [70, 60]);
        let window = Window::new(300.0, 90.0);
        let mut fast = vec![0; 70 * 60 * 4];
        paint(&v, &plane, window, &mut fast);
        let mut slow = vec![0; 70 * 60 * 4];
        for (y, row) in slow.chunks_exact_mut(70 * 4).enumerate() {
            let start = v.grid.index(plane.point(0.0, y as f64));
            row_oblique(&v, start, DVec3::new(0.33 / 0.8, 0.0, 0.0), window, row);
        }
        assert!(fast.iter().zip(&slow).all(|(a, b)| a.abs_diff(*b) <= 1));
    }

    #[test]
    fn padding_and_outside_are_black_in_every_window() {
        let mut v = volume();
        v.data.fill(PADDING);
        let plane = Plane::around(v.grid.origin, View::Coronal.directions(), 1.0, [40, 40]);
        let mut out = vec![7; 40 * 40 * 4];
        paint(&v, &plane, Window { width: 1.0, level: -5000.0, inverted: true }, &mut out);
        assert!(out.chunks_exact(4).all(|p| p == [0, 0, 0, 255]));
    }

    #[test]
    fn the_middle_of_the_window_is_middle_grey_and_its_ends_are_black_and_white() {
        let w = Window::new(400.0, 40.0);
        assert_eq!(w.grey(-160.0), 0);
        assert_eq!(w.grey(240.0), 255);
        assert!(w.grey(40.0).abs_diff(128) <= 1);
    }
}
