//! What lies between the lungs: fat, heart, great vessels, trachea and main bronchi, oesophagus.
//!
//! Calibres: ascending aorta 34, descending 24 to 26, trachea 17, main bronchi 13 and 11 mm (`facts` of the project's
//! brief: JKRS 1989;25:228 for the vessels, Weibel for the airways); pulmonary arteries 22 and 20 mm. Places by eye after
//! an atlas (choice). The heart points to the left, so that a mirrored picture is seen.

use super::canvas::{Canvas, Shape, Solid};
use super::chance;
use super::curve::Loft;
use super::tissue::{LUNG, Over, Tissue};
use super::torso::{Torso, on_wall, spine_y};
use super::tube::{Piece, Tubes, pieces_along};
use glam::{DMat3, DVec2, DVec3, dvec2, dvec3};
use std::sync::Arc;

/// Shares of the way from the front wall to the spine at which the widths stand.
const STOPS: [f64; 8] = [0.0, 0.12, 0.28, 0.44, 0.58, 0.72, 0.88, 1.0];
/// Half widths of the space between the lungs, left, by height.
#[rustfmt::skip]
const LEFT: &[(f64, [f64; 8])] = &[
    (90.0, [34.0, 36.0, 36.0, 36.0, 34.0, 32.0, 30.0, 26.0]),
    (64.0, [17.0, 22.0, 26.0, 27.0, 25.0, 21.0, 18.0, 16.0]),
    (38.0, [11.0, 23.0, 30.0, 30.0, 27.0, 22.0, 19.0, 17.0]),
    (16.0, [5.0, 14.0, 25.0, 31.0, 34.0, 34.0, 31.0, 21.0]),
    (-5.0, [3.0, 10.0, 22.0, 29.0, 31.0, 34.0, 36.0, 24.0]),
    (-26.0, [3.0, 12.0, 27.0, 34.0, 33.0, 31.0, 36.0, 25.0]),
    (-60.0, [4.0, 12.0, 24.0, 28.0, 26.0, 24.0, 36.0, 24.0]),
    (-100.0, [6.0, 13.0, 20.0, 22.0, 20.0, 20.0, 33.0, 22.0]),
    (-140.0, [6.0, 10.0, 14.0, 16.0, 17.0, 20.0, 30.0, 20.0]),
    (-225.0, [6.0, 10.0, 14.0, 15.0, 16.0, 18.0, 26.0, 18.0]),
];
/// The same, right.
#[rustfmt::skip]
const RIGHT: &[(f64, [f64; 8])] = &[
    (90.0, [34.0, 36.0, 36.0, 36.0, 34.0, 32.0, 30.0, 26.0]),
    (64.0, [18.0, 24.0, 28.0, 28.0, 24.0, 19.0, 17.0, 16.0]),
    (38.0, [9.0, 25.0, 34.0, 33.0, 27.0, 21.0, 18.0, 16.0]),
    (16.0, [3.0, 12.0, 30.0, 36.0, 30.0, 22.0, 17.0, 16.0]),
    (-5.0, [2.0, 8.0, 25.0, 37.0, 32.0, 23.0, 18.0, 16.0]),
    (-26.0, [2.0, 7.0, 22.0, 36.0, 31.0, 23.0, 18.0, 16.0]),
    (-60.0, [2.0, 7.0, 18.0, 26.0, 25.0, 19.0, 16.0, 16.0]),
    (-100.0, [3.0, 8.0, 16.0, 24.0, 25.0, 18.0, 14.0, 16.0]),
    (-140.0, [4.0, 8.0, 12.0, 16.0, 18.0, 15.0, 14.0, 16.0]),
    (-225.0, [4.0, 8.0, 12.0, 14.0, 15.0, 14.0, 13.0, 15.0]),
];

/// The fat between the lungs.
struct Space(Loft);

impl Space {
    fn new(torso: &Torso) -> Space {
        let keys = LEFT.iter().zip(RIGHT).map(|((z, left), (_, right))| {
            let front = on_wall(torso, *z, 1.0, true).0.y - 3.0;
            let back = spine_y(*z) + 4.0;
            let y = |n: usize| front + (back - front) * STOPS[n];
            let down = (0..8).map(|n| dvec2(left[n], y(n)));
            let up = (0..8).rev().map(|n| dvec2(-right[n], y(n)));
            (*z, down.chain(up).collect::<Vec<DVec2>>())
        });
        Space(Loft::closed(keys.collect()))
    }
}

impl Shape for Space {
    fn z_range(&self) -> (f64, f64) {
        (-225.0, 90.0)
    }

    fn paint(&self, canvas: &mut Canvas) {
        let outline = self.0.outline(canvas.z, 0.0);
        canvas.fill_polygon(&outline, LUNG, Tissue::MediastinalFat);
    }
}

/// An ellipsoid with its own axes.
#[derive(Clone, Copy)]
struct Chamber {
    centre: DVec3,
    /// Columns are the axes over their radii.
    scaled: DMat3,
    least: f64,
    tissue: Tissue,
}

impl Chamber {
    /// `long` is the direction of the first radius.
    fn new(centre: DVec3, long: DVec3, radii: DVec3, tissue: Tissue) -> Chamber {
        let a = long.normalize_or_zero();
        let b = a.cross(DVec3::Z).normalize_or(DVec3::X);
        let c = a.cross(b);
        Chamber {
            centre,
            scaled: DMat3::from_cols(a / radii.x, b / radii.y, c / radii.z),
            least: radii.min_element(),
            tissue,
        }
    }

    /// About the distance to its surface, mm; negative inside.
    fn distance(&self, p: DVec3) -> f64 {
        let q = self.scaled.transpose() * (p - self.centre);
        let k = q.length();
        // First order: value over gradient (the ellipsoid's own, not the ball's).
        let gradient = (self.scaled * (q / k.max(1e-9))).length();
        if k < 1e-3 { -self.least } else { (k - 1.0) / gradient }
    }
}

/// The chambers with their walls left out: blood.
fn chambers() -> Vec<Chamber> {
    use Tissue::{ArterialBlood as A, VenousBlood as V};
    vec![
        // Left ventricle, to the left, the front and down.
        Chamber::new(dvec3(40.0, -24.0, -84.0), dvec3(0.74, -0.50, -0.45), dvec3(38.0, 21.0, 21.0), A),
        // Right ventricle, in front.
        Chamber::new(dvec3(12.0, -50.0, -84.0), dvec3(0.80, -0.20, -0.55), dvec3(38.0, 17.0, 26.0), V),
        // Where both ventricles lie on the diaphragm.
        Chamber::new(dvec3(18.0, -34.0, -104.0), dvec3(0.9, -0.2, -0.2), dvec3(34.0, 22.0, 12.0), V),
        // Outflow of the right ventricle.
        Chamber::new(dvec3(16.0, -48.0, -55.0), dvec3(0.05, 0.25, 0.97), dvec3(26.0, 14.0, 14.0), V),
        // Right atrium.
        Chamber::new(dvec3(-24.0, -24.0, -72.0), dvec3(0.1, -0.1, 1.0), dvec3(30.0, 19.0, 22.0), V),
        // Left atrium, behind.
        Chamber::new(dvec3(4.0, 4.0, -54.0), dvec3(1.0, 0.0, 0.0), dvec3(32.0, 16.0, 20.0), A),
        // Its appendage.
        Chamber::new(dvec3(36.0, -20.0, -42.0), dvec3(0.3, -0.9, 0.2), dvec3(16.0, 9.0, 10.0), A),
    ]
}

/// Muscle around a chamber, mm.
fn wall_mm(n: usize) -> f64 {
    [10.0, 4.0, 4.0, 3.5, 2.5, 2.5, 2.0][n]
}

/// About the distance to the heart's surface (muscle), mm; negative inside.
pub(super) fn heart_distance(chambers: &[(DVec3, DMat3, f64, f64)], p: DVec3) -> f64 {
    let mut d = f64::MAX;
    for (centre, scaled, least, wall) in chambers {
        let c = Chamber { centre: *centre, scaled: *scaled, least: *least, tissue: Tissue::HeartMuscle };
        let e = c.distance(p) - wall;
        // Smooth union, so that grooves between chambers are filled with fat and look grown.
        let k = 9.0;
        let h = (k - (d - e).abs()).max(0.0) / k;
        d = d.min(e) - h * h * k * 0.25;
    }
    d
}

fn heart() -> Box<dyn Shape> {
    let chambers = chambers();
    let outer: Vec<_> = chambers.iter().enumerate().map(|(n, c)| (c.centre, c.scaled, c.least, wall_mm(n))).collect();
    let over = Over::only(&[
        Tissue::LungLeft,
        Tissue::LungRight,
        Tissue::MediastinalFat,
        Tissue::Diaphragm,
        Tissue::AbdominalFat,
    ]);
    Box::new(Solid {
        low: dvec3(-56.0, -84.0, -128.0),
        high: dvec3(96.0, 32.0, -22.0),
        over,
        tissue: move |p| {
            let d = heart_distance(&outer, p);
            // Fat under the pericardium: more on the right and in front, little over the left ventricle.
            let fat = 2.6 + 2.8 * chance::slow(0xFA7, p.x / 26.0 + 50.0, p.y / 26.0 + 50.0, p.z / 30.0 + 50.0)
                - 2.2 * ((p.x - 40.0) / 60.0).clamp(0.0, 1.0);
            if d > fat + 1.2 || p.z < -127.0 {
                return None;
            }
            if d > fat {
                return Some(Tissue::MediastinalSoft); // the pericardium
            }
            if d > 0.0 {
                return Some(Tissue::MediastinalFat);
            }
            let blood = chambers.iter().find(|c| c.distance(p) <= 0.0);
            Some(blood.map_or(Tissue::HeartMuscle, |c| c.tissue))
        },
    })
}

/// A vessel outside the lungs: blood with a thin wall.
fn vessel(points: &[[f64; 3]], radii: &[f64], wall_mm: f64, blood: Tissue, shapes: &mut Vec<Box<dyn Shape>>) {
    let points: Vec<DVec3> = points.iter().map(|p| DVec3::from_array(*p)).collect();
    let outer: Vec<f64> = radii.iter().map(|r| r + wall_mm).collect();
    let over = Over::only(&[
        Tissue::LungLeft,
        Tissue::LungRight,
        Tissue::MediastinalFat,
        Tissue::MediastinalSoft,
        Tissue::HeartMuscle,
        Tissue::Fat,
        Tissue::Muscle,
        Tissue::AbdominalFat,
        Tissue::Diaphragm,
    ]);
    shapes.push(Tubes::along(&points, &outer, over, Tissue::MediastinalSoft));
    shapes.push(Tubes::along(&points, radii, Over::ALL, blood));
}

#[rustfmt::skip]
fn great_vessels(shapes: &mut Vec<Box<dyn Shape>>) {
    use Tissue::{ArterialBlood as A, VenousBlood as V};
    // Veins first: where they meet the aorta, the aorta is in front.
    vessel(&[[-27.0, -26.0, 30.0], [-29.0, -24.0, 5.0], [-29.0, -21.0, -25.0], [-26.0, -20.0, -56.0]], &[8.5, 9.0, 9.5, 10.0], 0.6, V, shapes);
    vessel(&[[-58.0, -14.0, 66.0], [-40.0, -22.0, 56.0], [-31.0, -27.0, 42.0], [-27.0, -26.0, 28.0]], &[6.0, 6.5, 7.0, 8.0], 0.6, V, shapes);
    vessel(&[[60.0, -14.0, 66.0], [38.0, -28.0, 54.0], [8.0, -38.0, 40.0], [-18.0, -31.0, 31.0], [-27.0, -26.0, 26.0]], &[6.0, 6.5, 6.5, 7.0, 7.5], 0.6, V, shapes);
    for (side, r) in [(1.0, 5.0), (-1.0, 6.5)] {
        // Jugular veins.
        vessel(&[[side * 30.0, -26.0, 58.0], [side * 27.0, -26.0, 80.0], [side * 28.0, -28.0, 116.0]], &[r], 0.5, V, shapes);
    }
    vessel(&[[-23.0, -4.0, -98.0], [-22.0, 0.0, -125.0], [-20.0, 0.0, -170.0], [-18.0, 0.0, -226.0]], &[11.0, 11.5, 12.0, 11.0], 0.6, V, shapes);
    // Azygos, up the right front of the spine and over the right main bronchus into the superior vena cava.
    vessel(&[[-10.0, 20.0, -170.0], [-11.0, 22.0, -90.0], [-12.0, 19.0, -20.0], [-16.0, 14.0, 10.0], [-25.0, 0.0, 15.0], [-29.0, -14.0, 9.0]], &[2.6, 3.0, 3.6, 4.2, 4.4, 4.6], 0.4, V, shapes);
    // Pulmonary trunk and its branches.
    vessel(&[[16.0, -46.0, -48.0], [18.0, -44.0, -34.0], [21.0, -34.0, -22.0], [23.0, -22.0, -15.0]], &[13.0, 13.5, 13.0, 11.5], 0.8, V, shapes);
    vessel(&[[21.0, -26.0, -19.0], [2.0, -16.0, -23.0], [-18.0, -11.0, -23.0], [-36.0, -8.0, -24.0]], &[11.0, 11.0, 10.8, 9.5], 0.7, V, shapes);
    vessel(&[[21.0, -30.0, -18.0], [29.0, -14.0, -10.0], [37.0, -1.0, -10.0], [41.0, 9.0, -18.0]], &[11.5, 10.5, 10.0, 8.8], 0.7, V, shapes);
    // Pulmonary veins into the left atrium.
    vessel(&[[-40.0, -12.0, -40.0], [-28.0, -4.0, -46.0], [-14.0, 3.0, -52.0]], &[5.5, 6.5, 7.5], 0.4, A, shapes);
    vessel(&[[-37.0, 20.0, -64.0], [-26.0, 14.0, -62.0], [-12.0, 8.0, -58.0]], &[5.5, 6.5, 7.5], 0.4, A, shapes);
    vessel(&[[44.0, -10.0, -34.0], [34.0, -4.0, -42.0], [22.0, 2.0, -50.0]], &[5.5, 6.0, 7.0], 0.4, A, shapes);
    vessel(&[[43.0, 18.0, -62.0], [34.0, 13.0, -60.0], [20.0, 7.0, -58.0]], &[5.5, 6.0, 7.0], 0.4, A, shapes);
    // Aorta: root, arch, descending left of the spine, then in front of it.
    vessel(&[
        [6.0, -30.0, -62.0], [-6.0, -33.0, -46.0], [-13.0, -34.0, -22.0], [-14.0, -32.0, 0.0], [-10.0, -24.0, 15.0], [1.0, -9.0, 21.0],
        [13.0, 8.0, 17.0], [20.0, 19.0, 3.0], [22.0, 22.0, -20.0], [22.0, 24.0, -60.0], [19.0, 21.0, -100.0], [13.0, 13.0, -140.0],
        [7.0, 3.0, -180.0], [5.0, -4.0, -226.0],
    ], &[15.0, 16.0, 16.5, 16.0, 14.8, 13.8, 13.2, 12.8, 12.4, 12.2, 11.6, 11.0, 10.5, 9.5], 1.2, A, shapes);
    // Branches of the arch.
    vessel(&[[-9.0, -21.0, 18.0], [-12.0, -18.0, 34.0], [-22.0, -12.0, 52.0], [-40.0, -6.0, 68.0], [-62.0, 2.0, 70.0]], &[6.5, 6.0, 5.5, 4.6, 4.2], 0.7, A, shapes);
    vessel(&[[-20.0, -13.0, 50.0], [-21.0, -16.0, 70.0], [-22.0, -20.0, 116.0]], &[4.0, 3.6, 3.4], 0.6, A, shapes);
    vessel(&[[0.0, -12.0, 22.0], [8.0, -14.0, 40.0], [17.0, -16.0, 66.0], [21.0, -20.0, 116.0]], &[4.2, 3.8, 3.6, 3.4], 0.6, A, shapes);
    vessel(&[[10.0, 2.0, 22.0], [18.0, 3.0, 42.0], [28.0, 2.0, 60.0], [46.0, -2.0, 70.0], [66.0, 2.0, 70.0]], &[5.0, 4.8, 4.6, 4.4, 4.2], 0.6, A, shapes);
    // Internal mammary vessels, 13 mm beside the sternum.
    for side in [1.0, -1.0] {
        let line = [[side * 29.0, -47.0, 40.0], [side * 28.0, -63.0, 10.0], [side * 27.0, -71.0, -25.0], [side * 29.0, -77.0, -70.0], [side * 30.0, -79.0, -105.0]];
        vessel(&line, &[1.2, 1.1, 1.1, 1.0, 0.8], 0.0, A, shapes);
    }
}

/// Centre lines of trachea and larger bronchi with radii of the lumen, mm: trachea, right and left main, intermediate.
#[rustfmt::skip]
const AIRWAYS: &[(&[[f64; 3]], &[f64])] = &[
    (&[[1.0, -38.0, 118.0], [1.0, -32.0, 90.0], [0.5, -22.0, 60.0], [-1.0, -10.0, 28.0], [-1.0, -3.0, 4.0], [-1.0, -1.0, -3.0]], &[8.6, 8.6, 8.5, 8.3, 8.6, 6.5]),
    (&[[-2.0, -2.0, 2.0], [-13.0, 0.0, -11.0], [-24.0, 2.0, -20.0]], &[7.2, 6.6, 6.3]),
    (&[[0.0, -2.0, 2.0], [14.0, 2.0, -13.0], [29.0, 6.0, -25.0], [40.0, 8.0, -31.0]], &[7.0, 6.0, 5.5, 5.3]),
    (&[[-24.0, 2.0, -20.0], [-29.0, 4.0, -32.0], [-32.0, 7.0, -46.0]], &[5.8, 5.0, 4.6]),
];

/// Trachea and bronchi outside the lungs: walls first, then the air of all.
fn airways(shapes: &mut Vec<Box<dyn Shape>>) {
    let all = |grow: f64, tissue: Tissue| -> Vec<Piece> {
        AIRWAYS
            .iter()
            .flat_map(|(points, radii)| {
                let points: Vec<DVec3> = points.iter().map(|p| DVec3::from_array(*p)).collect();
                let radii: Vec<f64> = radii.iter().map(|r| r + grow).collect();
                pieces_along(&points, &radii, tissue)
            })
            .collect()
    };
    shapes.push(Box::new(Tubes::new(all(1.4, Tissue::MediastinalSoft), Over::ALL)));
    shapes.push(Box::new(Tubes::new(all(0.0, Tissue::BronchusAir), Over::ALL)));
}

/// Oesophagus, mostly collapsed, with a little air; nodes and thymic strands for the look.
#[rustfmt::skip]
fn soft_tissue(shapes: &mut Vec<Box<dyn Shape>>) {
    let over = Over::only(&[Tissue::MediastinalFat, Tissue::Fat, Tissue::LungLeft, Tissue::LungRight, Tissue::AbdominalFat, Tissue::Diaphragm]);
    let tube = |points: &[[f64; 3]], radii: &[f64], over: Over, tissue: Tissue| {
        let points: Vec<DVec3> = points.iter().map(|p| DVec3::from_array(*p)).collect();
        Tubes::along(&points, radii, over, tissue)
    };
    let gullet = [[4.0, -16.0, 116.0], [5.0, -6.0, 80.0], [6.0, 3.0, 50.0], [5.0, 11.0, 15.0], [4.0, 16.0, -20.0], [3.0, 22.0, -50.0], [6.0, 19.0, -90.0], [14.0, 6.0, -125.0], [30.0, -4.0, -146.0]];
    shapes.push(tube(&gullet, &[6.5, 6.5, 6.6, 6.8, 6.5, 5.5, 6.5, 7.0, 8.0], over, Tissue::MediastinalSoft));
    shapes.push(tube(&gullet[1..5], &[0.8, 1.6, 1.9, 1.2], Over::ALL, Tissue::OesophagusAir));
    let fat = Over::only(&[Tissue::MediastinalFat]);
    for (at, r) in [([-10.0, -8.0, 14.0], 3.4), ([17.0, -10.0, 3.0], 4.0), ([-6.0, 4.0, -24.0], 5.0), ([-33.0, 0.0, -4.0], 3.2), ([27.0, 2.0, -26.0], 3.4), ([12.0, -6.0, 10.0], 2.6), ([-18.0, -4.0, 24.0], 2.8)] {
        let at = DVec3::from_array(at);
        shapes.push(super::canvas::ellipsoid(at, dvec3(r, r * 0.75, r * 1.4), fat, Tissue::MediastinalSoft));
    }
    // Muscles and glands of the neck's root.
    let neck = Over::only(&[Tissue::Fat]);
    for side in [1.0, -1.0] {
        shapes.push(tube(&[[side * 15.0, -34.0, 118.0], [side * 14.0, -34.0, 92.0], [side * 12.0, -33.0, 82.0]], &[8.0, 8.5, 3.0], Over::only(&[Tissue::Fat, Tissue::Muscle, Tissue::MediastinalFat]), Tissue::HeartMuscle));
        shapes.push(tube(&[[side * 12.0, 1.0, 118.0], [side * 14.0, 12.0, 60.0], [side * 12.0, 18.0, 40.0]], &[8.0, 7.0, 3.0], neck, Tissue::Muscle));
        shapes.push(tube(&[[side * 34.0, 4.0, 118.0], [side * 44.0, 0.0, 80.0], [side * 52.0, -2.0, 64.0]], &[9.0, 8.0, 5.0], neck, Tissue::Muscle));
        shapes.push(tube(&[[side * 16.0, -48.0, 100.0], [side * 14.0, -52.0, 60.0], [side * 13.0, -58.0, 44.0]], &[3.5, 3.5, 3.0], neck, Tissue::Muscle));
    }
    // Fat pads in the angles between heart and diaphragm.
    let lungs = LUNG;
    shapes.push(super::canvas::ellipsoid(dvec3(60.0, -62.0, -121.0), dvec3(17.0, 10.0, 8.0), lungs, Tissue::MediastinalFat));
    shapes.push(super::canvas::ellipsoid(dvec3(-36.0, -56.0, -116.0), dvec3(13.0, 13.0, 10.0), lungs, Tissue::MediastinalFat));
    // The ligaments that tie the lower lobes to the mediastinum are too thin to be seen.
}

/// Everything between the lungs, in the order in which it is painted.
pub(super) fn shapes(torso: &Arc<Torso>) -> Vec<Box<dyn Shape>> {
    let mut shapes: Vec<Box<dyn Shape>> = vec![Box::new(Space::new(torso))];
    shapes.push(heart());
    soft_tissue(&mut shapes);
    great_vessels(&mut shapes);
    airways(&mut shapes);
    shapes
}
