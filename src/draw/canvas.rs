//! Lines, marks and dots on a picture, anti-aliased, each with a dark halo.

use super::theme::{Colour, Dash, HALO, HALO_WIDTH, Line};
use crate::grids::contour::Polyline;
use image::RgbaImage;

/// A picture to draw on. Coordinates are pixels; the centre of the upper left pixel is (0, 0).
pub struct Canvas {
    /// The picture.
    pub image: RgbaImage,
}

/// Coverage of a part of a picture, 0..=1 per pixel.
pub(super) struct Layer {
    x0: i64,
    y0: i64,
    width: usize,
    height: usize,
    cover: Vec<f32>,
}

impl Layer {
    fn new(x0: i64, y0: i64, x1: i64, y1: i64) -> Layer {
        let (width, height) = ((x1 - x0).max(0) as usize, (y1 - y0).max(0) as usize);
        Layer { x0, y0, width, height, cover: vec![0.0; width * height] }
    }

    /// A pixel is covered at least so much.
    pub(super) fn cover(&mut self, x: i64, y: i64, c: f32) {
        let (x, y) = (x - self.x0, y - self.y0);
        if x >= 0 && y >= 0 && (x as usize) < self.width && (y as usize) < self.height {
            let old = &mut self.cover[y as usize * self.width + x as usize];
            *old = old.max(c);
        }
    }

    /// Every pixel within `radius` of what is covered, fading over the last one.
    pub(super) fn grown(&self, radius: f64) -> Layer {
        let r = radius.ceil() as i64 + 1;
        let mut out =
            Layer::new(self.x0 - r, self.y0 - r, self.x0 + self.width as i64 + r, self.y0 + self.height as i64 + r);
        let mut brush = Vec::new();
        for dy in -r..=r {
            for dx in -r..=r {
                let d = ((dx * dx + dy * dy) as f64).sqrt();
                let c = (radius + 0.5 - d).clamp(0.0, 1.0) as f32;
                if c > 0.0 {
                    brush.push((dx, dy, c));
                }
            }
        }
        for y in 0..self.height {
            for x in 0..self.width {
                let c = self.cover[y * self.width + x];
                if c > 0.02 {
                    for (dx, dy, b) in &brush {
                        out.cover(self.x0 + x as i64 + dx, self.y0 + y as i64 + dy, c * b);
                    }
                }
            }
        }
        out
    }

    /// Covers a straight piece of that width, round at its ends.
    fn segment(&mut self, a: [f64; 2], b: [f64; 2], width: f64) {
        let r = width / 2.0;
        let v = [b[0] - a[0], b[1] - a[1]];
        let length2 = v[0] * v[0] + v[1] * v[1];
        let range = |p: f64, q: f64, from: i64, n: usize| {
            let lo = ((p.min(q) - r - 1.0).floor() as i64).max(from);
            let hi = ((p.max(q) + r + 1.0).ceil() as i64).min(from + n as i64 - 1);
            lo..=hi
        };
        for y in range(a[1], b[1], self.y0, self.height) {
            for x in range(a[0], b[0], self.x0, self.width) {
                let (px, py) = (x as f64 - a[0], y as f64 - a[1]);
                let t = if length2 > 0.0 { ((px * v[0] + py * v[1]) / length2).clamp(0.0, 1.0) } else { 0.0 };
                let d = (px - t * v[0]).hypot(py - t * v[1]);
                let c = (r + 0.5 - d).clamp(0.0, 1.0);
                if c > 0.0 {
                    self.cover(x, y, c as f32);
                }
            }
        }
    }
}

impl Canvas {
    /// A canvas of that picture.
    pub fn new(image: RgbaImage) -> Canvas {
        Canvas { image }
    }

    /// An empty layer over a part of the picture, cut to it.
    pub(super) fn layer(&self, lo: [f64; 2], hi: [f64; 2]) -> Layer {
        let clip = |v: f64, n: u32| (v as i64).clamp(0, i64::from(n));
        let (w, h) = self.image.dimensions();
        Layer::new(
            clip(lo[0].floor(), w),
            clip(lo[1].floor(), h),
            clip(hi[0].ceil() + 1.0, w),
            clip(hi[1].ceil() + 1.0, h),
        )
    }

    pub(super) fn blend(&mut self, layer: &Layer, colour: Colour) {
        let (w, h) = self.image.dimensions();
        for y in 0..layer.height {
            for x in 0..layer.width {
                let c = layer.cover[y * layer.width + x] * f32::from(colour.3) / 255.0;
                let (px, py) = (layer.x0 + x as i64, layer.y0 + y as i64);
                if c <= 0.0 || px < 0 || py < 0 || px >= i64::from(w) || py >= i64::from(h) {
                    continue;
                }
                let pixel = self.image.get_pixel_mut(px as u32, py as u32);
                for (old, new) in pixel.0.iter_mut().zip([colour.0, colour.1, colour.2]) {
                    *old = (f32::from(*old) + (f32::from(new) - f32::from(*old)) * c + 0.5) as u8;
                }
            }
        }
    }

    /// A line through points, with its halo.
    pub fn line(&mut self, points: &[[f64; 2]], line: Line) {
        let Some(first) = points.first() else { return };
        let (mut lo, mut hi) = (*first, *first);
        for p in points {
            for a in 0..2 {
                lo[a] = lo[a].min(p[a]);
                hi[a] = hi[a].max(p[a]);
            }
        }
        let pad = line.width / 2.0 + HALO_WIDTH + 1.0;
        let (lo, hi) = ([lo[0] - pad, lo[1] - pad], [hi[0] + pad, hi[1] + pad]);
        let mut halo = self.layer(lo, hi);
        let mut ink = self.layer(lo, hi);
        for (a, b) in dashes(points, line.dash, line.width / 1.6) {
            halo.segment(a, b, line.width + HALO_WIDTH);
            ink.segment(a, b, line.width);
        }
        self.blend(&halo, HALO);
        self.blend(&ink, line.colour);
    }

    /// A contour, with its halo.
    pub fn polyline(&mut self, polyline: &Polyline, line: Line) {
        let mut points = polyline.points.clone();
        if polyline.closed
            && let Some(first) = points.first().copied()
        {
            points.push(first);
        }
        self.line(&points, line);
    }

    /// A dot with a dark edge.
    pub fn dot(&mut self, at: [f64; 2], radius: f64, colour: Colour) {
        self.line(&[at], Line { colour, width: 2.0 * radius, dash: Dash::Solid });
    }

    /// A ring with a dark edge.
    pub fn ring(&mut self, at: [f64; 2], radius: f64, line: Line) {
        let points: Vec<[f64; 2]> = (0..=48)
            .map(|n| {
                let a = f64::from(n) / 48.0 * std::f64::consts::TAU;
                [at[0] + radius * a.cos(), at[1] + radius * a.sin()]
            })
            .collect();
        self.line(&points, line);
    }

    /// A cross: the place of a broken rule.
    pub fn cross(&mut self, at: [f64; 2], radius: f64, line: Line) {
        let r = radius;
        self.line(&[[at[0] - r, at[1] - r], [at[0] + r, at[1] + r]], line);
        self.line(&[[at[0] - r, at[1] + r], [at[0] + r, at[1] - r]], line);
    }
}

/// The pieces of a line that are drawn, by its dash; the pattern, `scale` times as long as in the theme, runs on through
/// the corners.
pub fn dashes(points: &[[f64; 2]], dash: Dash, scale: f64) -> Vec<([f64; 2], [f64; 2])> {
    if let [only] = points {
        return vec![(*only, *only)];
    }
    let pairs = points.windows(2).map(|p| (p[0], p[1]));
    let Some((on, off)) = dash.pattern().map(|(on, off)| (on * scale, off * scale)) else { return pairs.collect() };
    let mut out = Vec::new();
    let mut phase = 0.0;
    for (a, b) in pairs {
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let at = |s: f64| {
            let t = if length > 0.0 { s / length } else { 0.0 };
            [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
        };
        let mut s = 0.0;
        while s < length {
            let drawn = phase < on;
            let left = if drawn { on - phase } else { on + off - phase };
            let to = (s + left).min(length);
            if drawn {
                out.push((at(s), at(to)));
            }
            phase = (phase + to - s) % (on + off);
            // The rest of a pattern may be too short to move on by.
            if on + off - phase < 1e-9 || (on - phase).abs() < 1e-9 {
                phase = if drawn { on } else { 0.0 };
            }
            s = to;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::theme::WHITE;

    #[test]
    fn dashes_keep_their_share_of_the_line_through_corners() {
        let points: Vec<[f64; 2]> = (0..200).map(|n| [f64::from(n) * 0.37, (f64::from(n) * 0.1).sin()]).collect();
        let whole: f64 = dashes(&points, Dash::Solid, 1.0).iter().map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1])).sum();
        let drawn: f64 = dashes(&points, Dash::Dashed, 1.0).iter().map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1])).sum();
        assert!((drawn / whole - 7.0 / 11.0).abs() < 0.07, "{drawn} of {whole}");
    }

    #[test]
    fn drawing_beyond_the_edge_is_cut_and_not_a_fault() {
        let mut c = Canvas::new(RgbaImage::from_pixel(20, 10, image::Rgba([0, 0, 0, 255])));
        let line = Line { colour: WHITE, width: 2.0, dash: Dash::Solid };
        c.line(&[[-500.0, 5.0], [500.0, 5.0]], line);
        c.dot([1e6, -1e6], 3.0, WHITE);
        assert_eq!(c.image.get_pixel(10, 5).0, [255, 255, 255, 255]);
        assert_eq!(c.image.get_pixel(10, 0).0, [0, 0, 0, 255]);
    }
}
