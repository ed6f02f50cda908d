//! One plane of samples, and the ways shapes are painted into it.

use super::tissue::{Over, Tissue};
use glam::{DVec2, DVec3};

/// Samples of one axial plane of the body. x runs to the left with the columns, y to the back with the rows.
pub(super) struct Canvas {
    /// Position of the first sample's centre in the plane, mm.
    first: DVec2,
    /// mm between samples.
    step: DVec2,
    size: [usize; 2],
    /// Height of the plane, mm.
    pub(super) z: f64,
    /// Tissues as bytes, x fastest.
    pub(super) samples: Vec<u8>,
}

/// Something that can be painted into planes.
pub(super) trait Shape: Send + Sync {
    /// Lowest and highest plane in which it may show, mm.
    fn z_range(&self) -> (f64, f64);
    /// Paints its cut with the canvas's plane.
    fn paint(&self, canvas: &mut Canvas);
}

impl Canvas {
    /// Air.
    pub(super) fn new(first: DVec2, step: DVec2, size: [usize; 2], z: f64) -> Canvas {
        Canvas { first, step, size, z, samples: vec![Tissue::Air as u8; size[0] * size[1]] }
    }

    /// Paints `shapes` in their order, bottom first.
    pub(super) fn paint(&mut self, shapes: &[Box<dyn Shape>]) {
        for shape in shapes {
            let (low, high) = shape.z_range();
            if self.z >= low && self.z <= high {
                shape.paint(self);
            }
        }
    }

    /// Sample columns whose centres lie in [low, high] mm.
    fn columns(&self, low: f64, high: f64) -> std::ops::Range<usize> {
        steps(low, high, self.first.x, self.step.x, self.size[0])
    }

    /// Sample rows whose centres lie in [low, high] mm.
    fn rows(&self, low: f64, high: f64) -> std::ops::Range<usize> {
        steps(low, high, self.first.y, self.step.y, self.size[1])
    }

    /// Asks `tissue` for every sample in a box that may be painted over.
    pub(super) fn fill_box(
        &mut self,
        low: DVec2,
        high: DVec2,
        over: Over,
        mut tissue: impl FnMut(f64, f64) -> Option<Tissue>,
    ) {
        let columns = self.columns(low.x, high.x);
        for j in self.rows(low.y, high.y) {
            let y = self.first.y + j as f64 * self.step.y;
            for i in columns.clone() {
                let sample = &mut self.samples[j * self.size[0] + i];
                if over.allows(*sample)
                    && let Some(t) = tissue(self.first.x + i as f64 * self.step.x, y)
                {
                    *sample = t as u8;
                }
            }
        }
    }

    /// Asks `tissue` for every sample inside a closed polygon (even-odd) that may be painted over.
    pub(super) fn fill_polygon_with(
        &mut self,
        polygon: &[DVec2],
        over: Over,
        mut tissue: impl FnMut(f64, f64) -> Option<Tissue>,
    ) {
        if polygon.len() < 3 {
            return;
        }
        let low = polygon.iter().fold(f64::MAX, |m, p| m.min(p.y));
        let high = polygon.iter().fold(f64::MIN, |m, p| m.max(p.y));
        let rows = self.rows(low, high);
        let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
        for (n, a) in polygon.iter().enumerate() {
            let b = &polygon[(n + 1) % polygon.len()];
            let (lower, upper) = if a.y <= b.y { (a, b) } else { (b, a) };
            for j in self.rows(lower.y, upper.y) {
                let y = self.first.y + j as f64 * self.step.y;
                // Half open, so that a vertex counts once.
                if y >= lower.y && y < upper.y {
                    let t = (y - lower.y) / (upper.y - lower.y);
                    crossings[j - rows.start].push(lower.x + t * (upper.x - lower.x));
                }
            }
        }
        for (n, row) in crossings.iter_mut().enumerate() {
            let j = rows.start + n;
            let y = self.first.y + j as f64 * self.step.y;
            row.sort_by(f64::total_cmp);
            for pair in row.chunks_exact(2) {
                for i in self.columns(pair[0], pair[1]) {
                    let sample = &mut self.samples[j * self.size[0] + i];
                    if over.allows(*sample)
                        && let Some(t) = tissue(self.first.x + i as f64 * self.step.x, y)
                    {
                        *sample = t as u8;
                    }
                }
            }
        }
    }

    /// Fills a closed polygon with one tissue.
    pub(super) fn fill_polygon(&mut self, polygon: &[DVec2], over: Over, tissue: Tissue) {
        self.fill_polygon_with(polygon, over, |_, _| Some(tissue));
    }
}

fn steps(low: f64, high: f64, first: f64, step: f64, n: usize) -> std::ops::Range<usize> {
    let from = ((low - first) / step).ceil().clamp(0.0, n as f64) as usize;
    let to = (((high - first) / step).floor() + 1.0).clamp(from as f64, n as f64) as usize;
    from..to
}

/// A solid in a box: `tissue` tells what lies at a point of the body.
pub(super) struct Solid<F> {
    pub(super) low: DVec3,
    pub(super) high: DVec3,
    pub(super) over: Over,
    pub(super) tissue: F,
}

impl<F: Fn(DVec3) -> Option<Tissue> + Send + Sync> Shape for Solid<F> {
    fn z_range(&self) -> (f64, f64) {
        (self.low.z, self.high.z)
    }

    fn paint(&self, canvas: &mut Canvas) {
        let z = canvas.z;
        canvas
            .fill_box(self.low.truncate(), self.high.truncate(), self.over, |x, y| (self.tissue)(DVec3::new(x, y, z)));
    }
}

/// A solid of one tissue where `inside` holds.
pub(super) fn solid(
    centre: DVec3,
    reach: DVec3,
    over: Over,
    tissue: Tissue,
    inside: impl Fn(DVec3) -> bool + Send + Sync + 'static,
) -> Box<dyn Shape> {
    Box::new(Solid { low: centre - reach, high: centre + reach, over, tissue: move |p| inside(p).then_some(tissue) })
}

/// An ellipsoid along the body's axes.
pub(super) fn ellipsoid(centre: DVec3, radii: DVec3, over: Over, tissue: Tissue) -> Box<dyn Shape> {
    solid(centre, radii, over, tissue, move |p| ((p - centre) / radii).length_squared() <= 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_painted_disc_has_the_area_of_the_disc() {
        let mut canvas = Canvas::new(DVec2::new(-20.0, -20.0), DVec2::splat(0.25), [161, 161], 0.0);
        let disc: Vec<DVec2> = (0..720).map(|n| DVec2::from_angle(f64::from(n).to_radians() / 2.0) * 15.0).collect();
        canvas.fill_polygon(&disc, Over::ALL, Tissue::Muscle);
        let area = canvas.samples.iter().filter(|s| **s == Tissue::Muscle as u8).count() as f64 * 0.0625;
        assert!((area / (std::f64::consts::PI * 225.0) - 1.0).abs() < 0.005, "{area}");
    }
}
