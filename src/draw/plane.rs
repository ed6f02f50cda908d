//! A plane through the patient as a raster of pixels.

use crate::space::{Grid, Lps};
use glam::DVec3;

/// Which way a plane lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// Seen from the feet.
    Axial,
    /// Seen from the front.
    Coronal,
    /// Seen from the patient's left.
    Sagittal,
    /// Any other way.
    Oblique,
}

/// A raster in the patient. Pixel (x, y) has its centre at origin + right · mm · x + down · mm · y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    /// Centre of the upper left pixel.
    pub origin: Lps,
    /// Unit direction to the right on the screen.
    pub right: DVec3,
    /// Unit direction down on the screen; perpendicular to `right`.
    pub down: DVec3,
    /// Side of a pixel, mm.
    pub mm: f64,
    /// Pixels across and down.
    pub size: [usize; 2],
}

impl View {
    /// Directions to the right and down on the screen: the patient's right is on the screen's left, the head above, the
    /// front above (axial) or left (sagittal).
    pub fn directions(self) -> [DVec3; 2] {
        match self {
            View::Axial | View::Oblique => [DVec3::X, DVec3::Y],
            View::Coronal => [DVec3::X, DVec3::NEG_Z],
            View::Sagittal => [DVec3::Y, DVec3::NEG_Z],
        }
    }

    /// The way a wheel's turn down goes: to the feet, to the back, to the left.
    pub fn onward(self) -> DVec3 {
        match self {
            View::Axial | View::Oblique => DVec3::NEG_Z,
            View::Coronal => DVec3::Y,
            View::Sagittal => DVec3::X,
        }
    }
}

impl Plane {
    /// The raster whose middle is `centre`.
    pub fn around(centre: Lps, [right, down]: [DVec3; 2], mm: f64, size: [usize; 2]) -> Plane {
        let half = |n: usize| (n as f64 - 1.0) / 2.0 * mm;
        Plane { origin: centre - right * half(size[0]) - down * half(size[1]), right, down, mm, size }
    }

    /// Position of a pixel; fractions allowed.
    pub fn point(&self, x: f64, y: f64) -> Lps {
        self.origin + self.right * (x * self.mm) + self.down * (y * self.mm)
    }

    /// Pixel of a point, and its distance behind the plane in mm (along `normal`).
    pub fn pixel(&self, p: Lps) -> ([f64; 2], f64) {
        let v = p - self.origin;
        ([v.dot(self.right) / self.mm, v.dot(self.down) / self.mm], v.dot(self.normal()))
    }

    /// Away from who looks.
    pub fn normal(&self) -> DVec3 {
        self.right.cross(self.down)
    }

    /// The middle of the raster.
    pub fn centre(&self) -> Lps {
        self.point((self.size[0] as f64 - 1.0) / 2.0, (self.size[1] as f64 - 1.0) / 2.0)
    }

    /// Orientation letters at the left, right, upper and lower edge, from the geometry.
    pub fn letters(&self) -> [String; 4] {
        [letters(-self.right), letters(self.right), letters(-self.down), letters(self.down)]
    }
}

/// The letters of a direction: R L A P H F by its largest component, a second one where the direction is more than 20°
/// off the axis (DICOM PS3.3, C.7.6.1.1.1, Patient Orientation).
pub fn letters(direction: DVec3) -> String {
    let d = direction.normalize_or_zero();
    let mut parts = [
        (d.x.abs(), if d.x > 0.0 { 'L' } else { 'R' }),
        (d.y.abs(), if d.y > 0.0 { 'P' } else { 'A' }),
        (d.z.abs(), if d.z > 0.0 { 'H' } else { 'F' }),
    ];
    parts.sort_by(|a, b| b.0.total_cmp(&a.0));
    let least = 20f64.to_radians().sin();
    parts.iter().enumerate().filter(|(n, p)| *n == 0 && p.0 > 0.0 || *n == 1 && p.0 > least).map(|(_, p)| p.1).collect()
}

/// Directions of the reslice along a needle: the shaft lies level on the screen, and of all planes through it the one
/// nearest to axial is taken (for a shaft along the body's axis: nearest to coronal). Never mirrored: seen from the
/// feet, as an axial slice is, with the patient's right on the left where the needle allows it.
pub fn along(entry: Lps, tip: Lps) -> [DVec3; 2] {
    let d = (tip - entry).try_normalize().unwrap_or(DVec3::NEG_Y);
    let right = if d.x + 0.5 * d.y + 0.25 * d.z >= 0.0 { d } else { -d };
    let up_to = if d.z.abs() < 0.95 { DVec3::Z } else { DVec3::Y };
    let normal = (up_to - d * up_to.dot(d)).normalize_or(DVec3::Z);
    [right, normal.cross(right)]
}

/// mm per pixel at which the whole grid fits into a view of that size, and the grid's centre.
pub fn fit(grid: &Grid, [right, down]: [DVec3; 2], size: [usize; 2]) -> (Lps, f64) {
    let n = grid.size.map(|n| n as f64);
    let extent = grid.spacing * DVec3::new(n[0], n[1], n[2]);
    let span = |v: DVec3| (0..3).map(|a| (grid.axes.col(a).dot(v) * extent[a]).abs()).sum::<f64>();
    let mm = (span(right) / size[0].max(1) as f64).max(span(down) / size[1].max(1) as f64);
    (grid.point((DVec3::new(n[0], n[1], n[2]) - 1.0) / 2.0), mm.max(1e-3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patients_right_is_on_the_screens_left() {
        for (view, want) in [
            (View::Axial, ["R", "L", "A", "P"]),
            (View::Coronal, ["R", "L", "H", "F"]),
            (View::Sagittal, ["A", "P", "H", "F"]),
        ] {
            let plane = Plane::around(Lps::default(), view.directions(), 1.0, [10, 10]);
            assert_eq!(plane.letters(), want.map(String::from));
        }
    }

    #[test]
    fn a_needle_lies_level_in_its_reslice_and_the_picture_is_not_mirrored() {
        let (entry, tip) = (Lps::new(90.0, 120.0, 30.0), Lps::new(40.0, 60.0, 45.0));
        let plane = Plane::around(tip, along(entry, tip), 0.5, [400, 300]);
        let (a, off) = plane.pixel(entry);
        let (b, none) = plane.pixel(tip);
        assert!((a[1] - b[1]).abs() < 1e-9 && off.abs() < 1e-9 && none.abs() < 1e-9);
        assert!(plane.normal().z > 0.9);
        assert!(a[0] > b[0], "a needle from the left stands on the screen's right");
    }

    #[test]
    fn pixel_and_point_are_inverse() {
        let plane = Plane::around(Lps::new(3.0, 4.0, 5.0), View::Sagittal.directions(), 0.7, [101, 51]);
        let ([x, y], depth) = plane.pixel(plane.point(12.5, 40.25));
        assert!((x - 12.5).abs() < 1e-9 && (y - 40.25).abs() < 1e-9 && depth.abs() < 1e-9);
        assert!(plane.centre().distance(Lps::new(3.0, 4.0, 5.0)) < 1e-9);
    }
}
