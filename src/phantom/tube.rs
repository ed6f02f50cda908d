//! Round tubes (vessels, airways) and bars with an elliptic section (ribs, clavicles): chains of short pieces.

use super::canvas::{Canvas, Shape};
use super::tissue::{Over, Tissue};
use glam::{DVec2, DVec3};

/// A piece of a tube: a cone between two balls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) from: DVec3,
    pub(super) to: DVec3,
    /// Radii at both ends, mm.
    pub(super) radii: [f64; 2],
    pub(super) tissue: Tissue,
}

/// Height of the drawers that pieces are kept in, mm.
const DRAWER_MM: f64 = 4.0;

/// Many pieces, painted in their order.
pub(super) struct Tubes {
    pieces: Vec<Piece>,
    over: Over,
    low: f64,
    high: f64,
    /// For each drawer of heights the pieces that reach into it.
    drawers: Vec<Vec<u32>>,
}

impl Tubes {
    /// The pieces as one shape.
    pub(super) fn new(pieces: Vec<Piece>, over: Over) -> Tubes {
        let reach = |p: &Piece| {
            let low = (p.from.z - p.radii[0]).min(p.to.z - p.radii[1]);
            let high = (p.from.z + p.radii[0]).max(p.to.z + p.radii[1]);
            (low, high)
        };
        let low = pieces.iter().map(|p| reach(p).0).fold(f64::MAX, f64::min);
        let high = pieces.iter().map(|p| reach(p).1).fold(f64::MIN, f64::max);
        let n = if pieces.is_empty() { 0 } else { ((high - low) / DRAWER_MM) as usize + 1 };
        let mut drawers = vec![Vec::new(); n];
        for (m, piece) in pieces.iter().enumerate() {
            let (a, b) = reach(piece);
            let first = ((a - low) / DRAWER_MM) as usize;
            let last = (((b - low) / DRAWER_MM) as usize).min(n - 1);
            for drawer in &mut drawers[first..=last] {
                drawer.push(m as u32);
            }
        }
        Tubes { pieces, over, low, high, drawers }
    }

    /// A smooth tube through points with radii.
    pub(super) fn along(points: &[DVec3], radii: &[f64], over: Over, tissue: Tissue) -> Box<dyn Shape> {
        Box::new(Tubes::new(pieces_along(points, radii, tissue), over))
    }
}

/// Pieces of a smooth tube through points with radii (the last radius holds for all further points).
pub(super) fn pieces_along(points: &[DVec3], radii: &[f64], tissue: Tissue) -> Vec<Piece> {
    const FINE: usize = 6;
    let line = super::curve::smooth_line(points, FINE);
    let radius = |m: usize| {
        let (a, t) = (m / FINE, (m % FINE) as f64 / FINE as f64);
        let at = |n: usize| radii[n.min(radii.len() - 1)];
        at(a) * (1.0 - t) + at(a + 1) * t
    };
    (1..line.len())
        .map(|m| Piece { from: line[m - 1], to: line[m], radii: [radius(m - 1), radius(m)], tissue })
        .collect()
}

impl Shape for Tubes {
    fn z_range(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    fn paint(&self, canvas: &mut Canvas) {
        let z = canvas.z;
        let Some(drawer) = self.drawers.get(((z - self.low) / DRAWER_MM) as usize) else { return };
        for piece in drawer.iter().map(|n| &self.pieces[*n as usize]) {
            let reach = piece.radii[0].max(piece.radii[1]);
            if z < piece.from.z.min(piece.to.z) - reach || z > piece.from.z.max(piece.to.z) + reach {
                continue;
            }
            // Only the part of the axis within reach of the plane matters: a long thin piece costs what it shows.
            let along = piece.to - piece.from;
            let (mut a, mut b) = (0.0, 1.0);
            if along.z.abs() > 1e-9 {
                let (s, t) = ((z - reach - piece.from.z) / along.z, (z + reach - piece.from.z) / along.z);
                (a, b) = (s.min(t).clamp(0.0, 1.0), s.max(t).clamp(0.0, 1.0));
            }
            let (p, q) = (piece.from + along * a, piece.from + along * b);
            let low = p.truncate().min(q.truncate()) - reach;
            let high = p.truncate().max(q.truncate()) + reach;
            let length2 = along.length_squared().max(1e-12);
            canvas.fill_box(low, high, self.over, |x, y| {
                let at = DVec3::new(x, y, z) - piece.from;
                let t = (at.dot(along) / length2).clamp(0.0, 1.0);
                let radius = piece.radii[0] + (piece.radii[1] - piece.radii[0]) * t;
                ((at - along * t).length_squared() <= radius * radius).then_some(piece.tissue)
            });
        }
    }
}

/// A point of a bar: where, and half its section across (`broad`, as a vector with that length) and through (`thick`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Station {
    pub(super) at: DVec3,
    pub(super) broad: DVec3,
    pub(super) thick: DVec3,
}

/// A bar with an elliptic section, with a shell of `shell_mm` around a core.
pub(super) struct Bar {
    pub(super) stations: Vec<Station>,
    pub(super) shell_mm: f64,
    pub(super) shell: Tissue,
    pub(super) core: Tissue,
    pub(super) over: Over,
}

impl Bar {
    fn reach(s: &Station) -> f64 {
        s.broad.length().max(s.thick.length())
    }
}

impl Shape for Bar {
    fn z_range(&self) -> (f64, f64) {
        let low = self.stations.iter().map(|s| s.at.z - Bar::reach(s)).fold(f64::MAX, f64::min);
        let high = self.stations.iter().map(|s| s.at.z + Bar::reach(s)).fold(f64::MIN, f64::max);
        (low, high)
    }

    fn paint(&self, canvas: &mut Canvas) {
        // The shell of all pieces first, then the core of all, or each joint would show as a wall of shell.
        for inner in [0.0, self.shell_mm] {
            let tissue = if inner == 0.0 { self.shell } else { self.core };
            if inner > 0.0 && self.shell == self.core {
                continue;
            }
            let over = if inner == 0.0 { self.over } else { Over::only(&[self.shell]) };
            for pair in self.stations.windows(2) {
                paint_piece(canvas, &pair[0], &pair[1], inner, over, tissue);
            }
        }
    }
}

fn paint_piece(canvas: &mut Canvas, a: &Station, b: &Station, inner: f64, over: Over, tissue: Tissue) {
    let z = canvas.z;
    let reach = Bar::reach(a).max(Bar::reach(b));
    if z < a.at.z.min(b.at.z) - reach || z > a.at.z.max(b.at.z) + reach {
        return;
    }
    let along = b.at - a.at;
    let length2 = along.length_squared().max(1e-12);
    let low: DVec2 = a.at.truncate().min(b.at.truncate()) - reach;
    let high: DVec2 = a.at.truncate().max(b.at.truncate()) + reach;
    canvas.fill_box(low, high, over, |x, y| {
        let p = DVec3::new(x, y, z) - a.at;
        let t = (p.dot(along) / length2).clamp(0.0, 1.0);
        let q = p - along * t;
        let broad = a.broad + (b.broad - a.broad) * t;
        let thick = a.thick + (b.thick - a.thick) * t;
        let (h, w) = (broad.length(), thick.length());
        let (hi, wi) = (h - inner, w - inner);
        if hi <= 0.0 || wi <= 0.0 {
            return None;
        }
        let u = q.dot(broad) / (h * hi);
        let v = q.dot(thick) / (w * wi);
        // What sticks out along the axis counts too: the ends are rounded, not endless.
        let e = q.dot(along) * q.dot(along) / (length2 * wi * wi);
        (u * u + v * v + e <= 1.0).then_some(tissue)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tube_has_the_volume_of_a_cylinder_with_round_ends() {
        let axis = DVec3::new(12.0, 9.0, 20.0);
        let piece = Piece { from: -axis, to: axis, radii: [4.0, 4.0], tissue: Tissue::Vessel };
        let tubes = Tubes::new(vec![piece], Over::ALL);
        let mut volume = 0.0;
        for n in 0..120 {
            let z = -30.0 + f64::from(n) * 0.5;
            let mut canvas = Canvas::new(DVec2::splat(-25.0), DVec2::splat(0.5), [101, 101], z);
            let (low, high) = tubes.z_range();
            if z >= low && z <= high {
                tubes.paint(&mut canvas);
            }
            volume += canvas.samples.iter().filter(|s| **s == Tissue::Vessel as u8).count() as f64 * 0.125;
        }
        let pi = std::f64::consts::PI;
        let wanted = pi * 16.0 * 50.0 + 4.0 / 3.0 * pi * 64.0;
        assert!((volume / wanted - 1.0).abs() < 0.005, "{volume} {wanted}");
    }
}
