//! The outlines that everything else hangs on: skin, thoracic wall, the spine's line, the diaphragm and the lung's top.
//!
//! Body frame: millimetres, x to the left, y to the back, z to the head; z = 0 at the carina (between the fourth and the
//! fifth thoracic vertebra). Measures are those of a slim adult at full breath (`choice` within textbook ranges): inner
//! thorax 262 × 170 mm above the diaphragm, lungs 245 mm high, wall 42 mm at the second space in front.

use super::canvas::{Canvas, Shape};
use super::chance;
use super::curve::{Loft, by_height};
use super::tissue::{Over, Tissue};
use glam::DVec2;

/// How wide the right half of the body is against the left.
const RIGHT: f64 = 0.985;

/// Skin, arms raised out of the way: half outlines from the front to the back midline.
#[rustfmt::skip]
const SKIN: &[(f64, &[[f64; 2]])] = &[
    (112.0, &[[0.0, -58.0], [28.0, -60.0], [72.0, -54.0], [122.0, -50.0], [160.0, -24.0], [165.0, 8.0], [136.0, 40.0], [84.0, 60.0], [36.0, 72.0], [0.0, 70.0]]),
    (90.0, &[[0.0, -62.0], [30.0, -66.0], [75.0, -66.0], [122.0, -60.0], [158.0, -30.0], [164.0, 8.0], [142.0, 46.0], [92.0, 70.0], [42.0, 82.0], [0.0, 76.0]]),
    (70.0, &[[0.0, -66.0], [31.0, -72.0], [75.0, -78.0], [120.0, -70.0], [155.0, -36.0], [163.0, 6.0], [148.0, 50.0], [102.0, 80.0], [46.0, 92.0], [0.0, 84.0]]),
    (40.0, &[[0.0, -74.0], [32.0, -83.0], [76.0, -91.0], [119.0, -80.0], [151.0, -46.0], [161.0, 2.0], [152.0, 52.0], [110.0, 90.0], [50.0, 104.0], [0.0, 96.0]]),
    (0.0, &[[0.0, -91.0], [34.0, -100.0], [78.0, -106.0], [118.0, -90.0], [146.0, -49.0], [156.0, 3.0], [150.0, 54.0], [113.0, 98.0], [53.0, 115.0], [0.0, 107.0]]),
    (-40.0, &[[0.0, -98.0], [36.0, -106.0], [80.0, -108.0], [120.0, -88.0], [148.0, -46.0], [158.0, 4.0], [152.0, 55.0], [117.0, 102.0], [54.0, 120.0], [0.0, 112.0]]),
    (-80.0, &[[0.0, -101.0], [38.0, -107.0], [82.0, -105.0], [122.0, -83.0], [151.0, -43.0], [161.0, 6.0], [155.0, 56.0], [118.0, 102.0], [54.0, 120.0], [0.0, 112.0]]),
    (-120.0, &[[0.0, -102.0], [40.0, -105.0], [84.0, -99.0], [124.0, -76.0], [153.0, -39.0], [162.0, 8.0], [155.0, 56.0], [117.0, 100.0], [52.0, 116.0], [0.0, 107.0]]),
    (-170.0, &[[0.0, -104.0], [42.0, -104.0], [86.0, -96.0], [124.0, -71.0], [151.0, -36.0], [160.0, 6.0], [152.0, 51.0], [114.0, 93.0], [50.0, 108.0], [0.0, 99.0]]),
    (-220.0, &[[0.0, -106.0], [42.0, -105.0], [86.0, -95.0], [122.0, -69.0], [147.0, -34.0], [155.0, 4.0], [147.0, 47.0], [109.0, 85.0], [48.0, 99.0], [0.0, 91.0]]),
];

/// Depth of skin and fat at each point of the skin's half outline, mm.
const FAT_DEPTH: [f64; 10] = [9.0, 12.0, 15.0, 14.0, 12.0, 13.0, 15.0, 16.0, 14.0, 10.0];

/// Inner surface of the thoracic wall, same manner.
#[rustfmt::skip]
const WALL: &[(f64, &[[f64; 2]])] = &[
    (112.0, &[[0.0, -22.0], [8.0, -22.0], [16.0, -18.0], [24.0, -10.0], [27.0, -1.0], [25.0, 7.0], [20.0, 11.0], [14.0, 13.0], [8.0, 10.0], [0.0, 8.0]]),
    (84.0, &[[0.0, -26.0], [13.0, -27.0], [28.0, -22.0], [41.0, -10.0], [46.0, 4.0], [43.0, 17.0], [35.0, 25.0], [24.0, 28.0], [13.0, 22.0], [0.0, 16.0]]),
    (66.0, &[[0.0, -36.0], [18.0, -38.0], [39.0, -32.0], [56.0, -16.0], [63.0, 3.0], [59.0, 22.0], [47.0, 34.0], [32.0, 38.0], [17.0, 30.0], [0.0, 22.0]]),
    (40.0, &[[0.0, -52.0], [25.0, -53.0], [55.0, -45.0], [77.0, -24.0], [86.0, 4.0], [81.0, 30.0], [63.0, 50.0], [40.0, 56.0], [20.0, 44.0], [0.0, 35.0]]),
    (15.0, &[[0.0, -64.0], [31.0, -64.0], [66.0, -54.0], [91.0, -31.0], [101.0, 2.0], [95.0, 34.0], [74.0, 60.0], [45.0, 68.0], [22.0, 53.0], [0.0, 43.0]]),
    (-20.0, &[[0.0, -73.0], [37.0, -72.0], [78.0, -61.0], [107.0, -36.0], [118.0, 1.0], [111.0, 39.0], [87.0, 69.0], [52.0, 79.0], [24.0, 62.0], [0.0, 51.0]]),
    (-60.0, &[[0.0, -79.0], [41.0, -77.0], [85.0, -65.0], [115.0, -37.0], [127.0, 2.0], [120.0, 42.0], [94.0, 74.0], [55.0, 85.0], [25.0, 67.0], [0.0, 55.0]]),
    (-100.0, &[[0.0, -82.0], [44.0, -80.0], [90.0, -66.0], [120.0, -37.0], [131.0, 4.0], [124.0, 44.0], [97.0, 76.0], [56.0, 86.0], [25.0, 67.0], [0.0, 55.0]]),
    (-140.0, &[[0.0, -81.0], [44.0, -79.0], [90.0, -65.0], [120.0, -35.0], [131.0, 4.0], [124.0, 44.0], [97.0, 75.0], [56.0, 82.0], [25.0, 61.0], [0.0, 49.0]]),
    (-180.0, &[[0.0, -78.0], [42.0, -76.0], [87.0, -62.0], [115.0, -33.0], [126.0, 3.0], [119.0, 40.0], [93.0, 68.0], [54.0, 74.0], [24.0, 55.0], [0.0, 42.0]]),
    (-220.0, &[[0.0, -76.0], [42.0, -74.0], [85.0, -60.0], [111.0, -31.0], [121.0, 2.0], [114.0, 37.0], [88.0, 62.0], [52.0, 68.0], [24.0, 49.0], [0.0, 36.0]]),
];

/// y of the middle of the vertebral bodies by height: the thoracic kyphosis.
#[rustfmt::skip]
const SPINE_Y: &[(f64, f64)] = &[
    (112.0, -6.0), (90.0, 2.0), (71.0, 10.0), (50.0, 18.5), (30.0, 25.5), (10.0, 31.0), (-10.0, 35.0), (-33.0, 38.5), (-55.0, 40.0),
    (-78.0, 40.5), (-101.0, 39.0), (-126.0, 35.5), (-151.0, 31.0), (-178.0, 26.0), (-205.0, 21.0), (-225.0, 18.0),
];

/// Outermost layer of the wall (intercostal muscle and ribs), outwards from its inner surface, mm.
const WALL_MM: f64 = 11.0;
/// Fat between the wall and the muscles on it, mm.
const PLANE_MM: f64 = 1.6;

/// The body's outlines.
pub(super) struct Torso {
    skin: Loft,
    wall: Loft,
    pub(super) diaphragm: Diaphragm,
}

impl Torso {
    pub(super) fn new() -> Torso {
        Torso { skin: Loft::mirrored(SKIN, RIGHT), wall: Loft::mirrored(WALL, RIGHT), diaphragm: Diaphragm::new() }
    }

    /// Inner surface of the thoracic wall at height z, moved outwards by `offset` mm.
    pub(super) fn wall(&self, z: f64, offset: f64) -> Vec<DVec2> {
        self.wall.outline(z, offset)
    }

    /// The skin at height z.
    pub(super) fn skin(&self, z: f64) -> Vec<DVec2> {
        self.skin.outline(z, 0.0)
    }
}

/// Middle of the vertebral bodies at height z.
pub(super) fn spine_y(z: f64) -> f64 {
    by_height(SPINE_Y, z)
}

/// Below this height nothing of the lungs is cut off by their tops, mm.
const LUNG_TOP_FROM_MM: f64 = 30.0;

/// Height of the lung's top over (x, y): two domes.
pub(super) fn lung_top(x: f64, y: f64) -> f64 {
    // The right one a little lower: 73 and 76 mm above the carina.
    let (top, cx) = if x > 0.0 { (76.0, 33.0) } else { (73.0, -32.0) };
    let (u, v) = ((x - cx) / 60.0, (y - 2.0) / 58.0);
    let q = u * u + v * v;
    // Only the tip is rounded here; further down the wall itself narrows.
    top - 24.0 * q * q
}

/// A dome of the diaphragm: its top and how fast it falls.
struct Dome {
    x: f64,
    y: f64,
    top: f64,
    rx: f64,
    ry: f64,
}

/// Right over the liver, left over the stomach (lower), and the middle that carries the heart.
const DOMES: [Dome; 3] = [
    Dome { x: -66.0, y: -6.0, top: -104.0, rx: 64.0, ry: 74.0 },
    Dome { x: 68.0, y: 0.0, top: -117.0, rx: 62.0, ry: 72.0 },
    Dome { x: 18.0, y: -34.0, top: -124.0, rx: 66.0, ry: 50.0 },
];

/// Height of the diaphragm's upper surface over (x, y), at full breath; it ends in the recess behind at −172.
fn diaphragm(x: f64, y: f64) -> f64 {
    let dome = |d: &Dome| {
        let (u, v) = ((x - d.x) / d.rx, (y - d.y) / d.ry);
        let q = u * u + v * v;
        d.top - 12.0 * q - 27.0 * q * q
    };
    // Attached in front at the ribs' arch, behind at the twelfth rib.
    let rim = by_height(&[(75.0, -174.0), (20.0, -158.0), (-40.0, -140.0), (-80.0, -126.0)], y);
    let smooth_max = |a: f64, b: f64, k: f64| {
        let h = (k - (a - b).abs()).max(0.0) / k;
        a.max(b) + h * h * k * 0.25
    };
    let domes = smooth_max(smooth_max(dome(&DOMES[0]), dome(&DOMES[1]), 8.0), dome(&DOMES[2]), 10.0);
    smooth_max(domes, rim, 5.0)
}

/// The diaphragm's upper and lower surface, kept on a grid of 1 mm: it is asked for millions of samples.
pub(super) struct Diaphragm {
    heights: Vec<[f32; 2]>,
}

/// First column and row of the diaphragm's grid, mm, and how many there are.
const GRID: ([f64; 2], [usize; 2]) = ([-150.0, -110.0], [301, 221]);
/// How thick the diaphragm is across, mm.
const DIAPHRAGM_MM: f64 = 2.8;

impl Diaphragm {
    pub(super) fn new() -> Diaphragm {
        const H: f64 = 0.5;
        let ([x0, y0], [nx, ny]) = GRID;
        let heights = (0..nx * ny).map(|o| {
            let (x, y) = (x0 + (o % nx) as f64, y0 + (o / nx) as f64);
            let dx = (diaphragm(x + H, y) - diaphragm(x - H, y)) / (2.0 * H);
            let dy = (diaphragm(x, y + H) - diaphragm(x, y - H)) / (2.0 * H);
            let top = diaphragm(x, y);
            [top as f32, (top - DIAPHRAGM_MM * (1.0 + dx * dx + dy * dy).sqrt()) as f32]
        });
        Diaphragm { heights: heights.collect() }
    }

    /// Heights of its upper and lower surface over (x, y), mm.
    pub(super) fn surfaces(&self, x: f64, y: f64) -> [f64; 2] {
        let ([x0, y0], [nx, ny]) = GRID;
        let (u, v) = ((x - x0).clamp(0.0, nx as f64 - 1.001), (y - y0).clamp(0.0, ny as f64 - 1.001));
        let (i, j) = (u as usize, v as usize);
        let (s, t) = (u - i as f64, v - j as f64);
        [0, 1].map(|n| {
            let at = |o: usize| f64::from(self.heights[o][n]);
            let o = j * nx + i;
            (at(o) * (1.0 - s) + at(o + 1) * s) * (1.0 - t) + (at(o + nx) * (1.0 - s) + at(o + nx + 1) * s) * t
        })
    }
}

/// Skin, fat and muscle.
pub(super) struct Hull<'a>(pub(super) &'a std::sync::Arc<Torso>);

impl Hull<'_> {
    /// The layers as shapes, outside first.
    pub(super) fn shapes(&self) -> Vec<Box<dyn Shape>> {
        vec![Box::new(Layers(self.0.clone())), Box::new(Cavity(self.0.clone()))]
    }
}

/// Whether a point of the muscles is the fat between two of them: the sheets in which a slow noise passes its middle,
/// stretched along the body as muscles are, wider in the armpits.
fn septum(x: f64, y: f64, z: f64) -> bool {
    let n = chance::slow(0x5E97, x / 24.0 + 50.0, y / 21.0 + 50.0, z / 70.0 + 50.0);
    let (u, v, w) = ((x.abs() - 124.0) / 26.0, (y + 2.0) / 30.0, (z - 34.0) / 60.0);
    let armpit = (-(u * u + v * v + w * w)).exp();
    (n - 0.5).abs() < 0.016 + 0.14 * armpit
}

struct Layers(std::sync::Arc<Torso>);

impl Shape for Layers {
    fn z_range(&self) -> (f64, f64) {
        (f64::MIN, f64::MAX)
    }

    fn paint(&self, canvas: &mut Canvas) {
        let z = canvas.z;
        let torso = &self.0;
        canvas.fill_polygon(&torso.skin(z), Over::ALL, Tissue::Skin);
        canvas.fill_polygon(&torso.skin.outline(z, -2.0), Over::ALL, Tissue::Fat);
        canvas.fill_polygon(&torso.skin.outline_inset(z, &FAT_DEPTH), Over::ALL, Tissue::Muscle);
        let muscle = Over::only(&[Tissue::Muscle]);
        canvas.fill_polygon_with(&torso.skin(z), muscle, |x, y| septum(x, y, z).then_some(Tissue::Fat));
        canvas.fill_polygon(&torso.wall(z, WALL_MM + PLANE_MM), muscle, Tissue::Fat);
        canvas.fill_polygon(&torso.wall(z, WALL_MM), Over::ALL, Tissue::Muscle);
    }
}

/// Everything within the thoracic wall: lungs, diaphragm, and fat for the organs of the neck's root and of the belly.
struct Cavity(std::sync::Arc<Torso>);

impl Shape for Cavity {
    fn z_range(&self) -> (f64, f64) {
        (f64::MIN, f64::MAX)
    }

    fn paint(&self, canvas: &mut Canvas) {
        let z = canvas.z;
        canvas.fill_polygon(&self.0.wall(z, 0.0), Over::ALL, Tissue::Fat);
        canvas.fill_polygon_with(&self.0.wall(z, -0.6), Over::ALL, |x, y| {
            if z > LUNG_TOP_FROM_MM && z > lung_top(x, y) {
                return None;
            }
            // Nothing of the diaphragm reaches higher.
            if z < -95.0 {
                let [top, bottom] = self.0.diaphragm.surfaces(x, y);
                if z < top {
                    return Some(if z > bottom { Tissue::Diaphragm } else { Tissue::AbdominalFat });
                }
            }
            Some(if x > 0.0 { Tissue::LungLeft } else { Tissue::LungRight })
        });
    }
}

/// Whether a point lies inside the skin.
#[cfg(test)]
pub(super) fn in_body(torso: &Torso, p: glam::DVec3) -> bool {
    super::curve::inside(&torso.skin(p.z), p.truncate())
}

/// Position and outward normal of the wall's inner surface at height z, at a share of the way from the back midline (0)
/// to the front midline (1) on one side.
pub(super) fn on_wall(torso: &Torso, z: f64, share: f64, left: bool) -> (DVec2, DVec2) {
    let outline = torso.wall(z, 0.0);
    let n = outline.len();
    // The outline starts at the front midline and runs over the left side to the back midline at half its points.
    let half: Vec<DVec2> = if left {
        outline[..=n / 2].iter().rev().copied().collect()
    } else {
        outline[n / 2..].iter().copied().chain([outline[0]]).collect()
    };
    let lengths: Vec<f64> = half.windows(2).map(|w| w[0].distance(w[1])).collect();
    let total: f64 = lengths.iter().sum();
    let mut rest = share.clamp(0.0, 1.0) * total;
    let mut m = 0;
    while m + 1 < lengths.len() && rest > lengths[m] {
        rest -= lengths[m];
        m += 1;
    }
    let along = (half[m + 1] - half[m]).normalize_or_zero();
    let at = half[m] + along * rest;
    let normal = DVec2::new(along.y, -along.x) * if left { -1.0 } else { 1.0 };
    // From the back over the left side to the front the body lies on the one hand, over the right on the other.
    (at, normal)
}

#[cfg(test)]
mod tests {
    use super::super::curve::inside;
    use super::*;

    #[test]
    fn the_wall_s_normals_point_outwards_on_both_sides() {
        let torso = Torso::new();
        for z in [50.0, 0.0, -60.0, -150.0] {
            let outline = torso.wall(z, 0.0);
            for left in [true, false] {
                for share in [0.3, 0.5, 0.7, 0.9] {
                    let (at, normal) = on_wall(&torso, z, share, left);
                    assert!(!inside(&outline, at + normal * 2.0), "{z} {share} {left}");
                    assert!(inside(&outline, at - normal * 2.0), "{z} {share} {left}");
                    assert_eq!(at.x > 0.0, left);
                    assert!(in_body(&torso, at.extend(z)));
                }
            }
        }
    }
}
