//! What branches in the lungs: airways with the arteries beside them, and veins; lobes and their fissures.
//!
//! Trees grow into a cloud of points (Tawhai et al., Ann Biomed Eng 2000;28:793): a branch runs 40 % of the way to the
//! centroid of its points, which are then halved across their widest spread. Calibres follow Murray's law upwards with
//! exponent 2.6 (2.33 near the heart to 3 at the periphery, PMC3966250).

use super::canvas::{Canvas, Shape, Solid};
use super::chance;
use super::tissue::{LUNG, Over, Tissue};
use super::tube::{Piece, Tubes, pieces_along};
use glam::{DMat3, DVec2, DVec3, dvec3};
use rayon::prelude::*;

/// Exponent of the law of calibres.
const MURRAY: f64 = 2.6;
/// Share of the way to the centroid that a branch runs (Tawhai: 0.4).
const REACH: f64 = 0.40;
/// A branch turns by this much at most from its parent, cosine.
const MOST_TURN: f64 = 0.35;
/// Edge of the cells of which each has one point, mm: sets how fine the trees are.
const CELL_MM: f64 = 6.6;
/// From this diameter on a vessel counts as one in the truth, mm (the project's rule for needles).
const VESSEL_MM: f64 = 3.0;
/// Airways are drawn down to this radius of the lumen, mm.
const LEAST_AIRWAY_MM: f64 = 0.85;
/// No vessel is drawn thinner than this radius, mm: below it the blur swallows it.
const LEAST_VESSEL_MM: f64 = 0.40;
/// Branches that begin farther than this from where the lobar bronchus ends grow through lung only, mm.
const HILUM_MM: f64 = 24.0;

/// The five lobes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lobe {
    RightUpper,
    RightMiddle,
    RightLower,
    LeftUpper,
    LeftLower,
}

/// Signed height over the major fissure of a side, mm; positive in the upper (and middle) lobe.
fn over_major(p: DVec3) -> f64 {
    let (base, slope, x) = if p.x > 0.0 { (-46.0, 1.10, p.x - 60.0) } else { (-52.0, 1.04, -p.x - 60.0) };
    // Bent over the side, and hollow upwards from front to back.
    let bend = 0.0035 * x * x - 0.0016 * (p.y - 5.0) * (p.y - 5.0);
    (p.z - base - slope * p.y + bend) / (1.0 + slope * slope).sqrt()
}

/// Signed height over the minor fissure of the right lung, mm.
fn over_minor(p: DVec3) -> f64 {
    p.z + 44.0 + 0.10 * (p.y + 30.0) - 0.0018 * (p.x + 62.0).powi(2)
}

/// The lobe of a point of a lung.
pub(super) fn lobe(p: DVec3) -> Lobe {
    match (p.x > 0.0, over_major(p) > 0.0) {
        (true, true) => Lobe::LeftUpper,
        (true, false) => Lobe::LeftLower,
        (false, false) => Lobe::RightLower,
        (false, true) if over_minor(p) > 0.0 => Lobe::RightUpper,
        (false, true) => Lobe::RightMiddle,
    }
}

/// The fissures: sheets 0.9 mm thick between the lobes, incomplete towards the hilum as most are.
pub(super) fn fissures() -> Box<dyn Shape> {
    Box::new(Solid {
        low: dvec3(-140.0, -95.0, -175.0),
        high: dvec3(140.0, 95.0, 78.0),
        over: LUNG,
        tissue: |p: DVec3| {
            if p.x.abs() < 42.0 {
                return None;
            }
            let major = over_major(p);
            let near = major.abs() < 0.45 || (p.x < 0.0 && major > 0.0 && over_minor(p).abs() < 0.45);
            if !near {
                return None;
            }
            Some(if p.x > 0.0 { Tissue::FissureLeft } else { Tissue::FissureRight })
        },
    })
}

/// Points scattered evenly in the lungs of a scene, one per cell of `CELL_MM`.
fn scattered(scene: &[Box<dyn Shape>], seed: u64) -> Vec<DVec3> {
    const FINE: usize = 4;
    let step = CELL_MM / FINE as f64;
    let cells = [(300.0 / CELL_MM) as usize, (200.0 / CELL_MM) as usize, (256.0 / CELL_MM) as usize];
    let first = DVec2::new(-150.0, -100.0);
    let planes: Vec<Vec<DVec3>> = (0..cells[2])
        .into_par_iter()
        .map(|k| {
            let z = -176.0 + (k as f64 + 0.5) * CELL_MM;
            let size = [cells[0] * FINE, cells[1] * FINE];
            let mut canvas = Canvas::new(first, DVec2::splat(step), size, z);
            canvas.paint(scene);
            let mut points = Vec::new();
            for cell in 0..cells[0] * cells[1] {
                let n = (k * cells[0] * cells[1] + cell) as u64;
                let bits = chance::mixed(seed, n);
                let i = cell % cells[0] * FINE + (bits & 3) as usize;
                let j = cell / cells[0] * FINE + (bits >> 2 & 3) as usize;
                if LUNG.allows(canvas.samples[j * size[0] + i]) {
                    let up = (chance::unit(seed, n + 1_000_003) - 0.5) * CELL_MM;
                    points.push(dvec3(first.x + i as f64 * step, first.y + j as f64 * step, z + up));
                }
            }
            points
        })
        .collect();
    planes.concat()
}

/// A branch of a growing tree.
struct Branch {
    from: DVec3,
    to: DVec3,
    parent: Option<usize>,
    radius: f64,
}

struct Tree {
    branches: Vec<Branch>,
}

impl Tree {
    /// Grows from a trunk into points; the trunk gets `radius`.
    fn grown(from: DVec3, to: DVec3, radius: f64, mut points: Vec<DVec3>) -> Tree {
        let mut tree = Tree { branches: vec![Branch { from, to, parent: None, radius: 0.0 }] };
        if !points.is_empty() {
            let middle = centroid(&points);
            tree.fork(0, &mut points, middle);
        }
        tree.calibrate(radius);
        tree
    }

    /// Halves the points across their widest spread and grows a branch to each half.
    fn fork(&mut self, parent: usize, points: &mut [DVec3], middle: DVec3) {
        let along = (self.branches[parent].to - self.branches[parent].from).normalize_or(DVec3::Z);
        let across = widest_across(points, middle, along);
        let side = |p: &DVec3| (*p - middle).dot(across);
        points.sort_by(|a, b| side(a).total_cmp(&side(b)));
        let at = points.partition_point(|p| side(p) < 0.0);
        let (one, two) = points.split_at_mut(at);
        for half in [one, two] {
            if !half.is_empty() {
                self.branch(parent, along, half);
            }
        }
    }

    fn branch(&mut self, parent: usize, along: DVec3, points: &mut [DVec3]) {
        let from = self.branches[parent].to;
        let middle = centroid(points);
        let way = middle - from;
        let mut direction = way.normalize_or(along);
        let straight = direction.dot(along);
        if straight < MOST_TURN {
            // Bent back to the most that a branch may turn.
            let aside = (direction - along * straight).normalize_or(along.any_orthonormal_vector());
            direction = along * MOST_TURN + aside * (1.0 - MOST_TURN * MOST_TURN).sqrt();
        }
        let length = way.length() * if points.len() == 1 { 0.8 } else { REACH };
        let to = from + direction * length;
        let n = self.branches.len();
        self.branches.push(Branch { from, to, parent: Some(parent), radius: 0.0 });
        if points.len() > 1 && length > 1.0 {
            self.fork(n, points, middle);
        }
    }

    /// Radii by Murray's law from equal ends, so that the trunk has `radius`.
    fn calibrate(&mut self, radius: f64) {
        let mut weight: Vec<f64> = vec![0.0; self.branches.len()];
        // Children stand behind their parents.
        for n in (0..self.branches.len()).rev() {
            if weight[n] == 0.0 {
                weight[n] = 1.0;
            }
            if let Some(parent) = self.branches[n].parent {
                weight[parent] += weight[n];
            }
        }
        for (branch, w) in self.branches.iter_mut().zip(&weight) {
            branch.radius = (radius * (w / weight[0]).powf(1.0 / MURRAY)).max(LEAST_VESSEL_MM);
        }
    }
}

fn centroid(points: &[DVec3]) -> DVec3 {
    points.iter().sum::<DVec3>() / points.len().max(1) as f64
}

/// The direction across `along` in which the points spread most.
fn widest_across(points: &[DVec3], middle: DVec3, along: DVec3) -> DVec3 {
    let u = along.any_orthonormal_vector();
    let v = along.cross(u);
    let (mut uu, mut uv, mut vv) = (0.0, 0.0, 0.0);
    for p in points {
        let (a, b) = ((*p - middle).dot(u), (*p - middle).dot(v));
        uu += a * a;
        uv += a * b;
        vv += b * b;
    }
    let angle = 0.5 * (2.0 * uv).atan2(uu - vv);
    u * angle.cos() + v * angle.sin()
}

/// Where a lobe's bronchus, artery and vein enter it: trunk of the bronchus, place on the artery that its branch leaves
/// from, end of the pulmonary vein; radii of the three, mm (lobar bronchi 7 to 9 across).
struct Gate {
    lobe: Lobe,
    bronchus: [DVec3; 2],
    artery: DVec3,
    vein: DVec3,
    radii: [f64; 3],
}

#[rustfmt::skip]
fn gates() -> [Gate; 5] {
    use Lobe::*;
    let gate = |lobe, a: [f64; 3], b: [f64; 3], artery: [f64; 3], vein: [f64; 3], radii| Gate {
        lobe, bronchus: [DVec3::from_array(a), DVec3::from_array(b)], artery: DVec3::from_array(artery), vein: DVec3::from_array(vein), radii,
    };
    [
        gate(RightUpper, [-21.0, 1.5, -17.0], [-41.0, 4.0, -9.0], [-36.0, -8.0, -21.0], [-40.0, -12.0, -40.0], [4.3, 5.2, 4.6]),
        gate(RightMiddle, [-31.0, 6.0, -43.0], [-45.0, -10.0, -54.0], [-44.0, 1.0, -38.0], [-40.0, -12.0, -41.0], [3.3, 3.6, 3.4]),
        gate(RightLower, [-31.5, 6.5, -45.0], [-38.0, 17.0, -62.0], [-44.0, 10.0, -52.0], [-37.0, 20.0, -64.0], [4.4, 6.0, 5.4]),
        gate(LeftUpper, [39.0, 8.0, -30.5], [54.0, 0.0, -25.0], [42.0, 4.0, -13.0], [44.0, -10.0, -34.0], [4.5, 5.8, 5.2]),
        gate(LeftLower, [39.0, 8.0, -30.5], [45.0, 20.0, -50.0], [48.0, 19.0, -46.0], [43.0, 18.0, -62.0], [4.4, 5.8, 5.2]),
    ]
}

/// Arteries between the mediastinum and the gates: interlobar right, descending left.
#[rustfmt::skip]
fn hilar_arteries() -> Vec<Piece> {
    let line = |points: &[[f64; 3]], radii: &[f64]| {
        let points: Vec<DVec3> = points.iter().map(|p| DVec3::from_array(*p)).collect();
        pieces_along(&points, radii, Tissue::Vessel)
    };
    let mut pieces = line(&[[-34.0, -8.5, -24.0], [-44.0, -2.0, -32.0], [-45.0, 7.0, -46.0], [-44.0, 11.0, -54.0]], &[9.4, 8.6, 7.4, 6.2]);
    pieces.extend(line(&[[40.0, 7.0, -16.0], [47.0, 14.0, -29.0], [49.0, 20.0, -46.0], [48.0, 22.0, -52.0]], &[9.0, 8.2, 7.0, 6.0]));
    pieces
}

fn vessel_tissue(at: DVec3, radius: f64) -> Tissue {
    if 2.0 * radius >= VESSEL_MM {
        Tissue::Vessel
    } else if at.x > 0.0 {
        Tissue::SmallVesselLeft
    } else {
        Tissue::SmallVesselRight
    }
}

/// A branch as two pieces with a slight bend, so that no tree is made of sticks.
fn bent(from: DVec3, to: DVec3, radii: [f64; 2], seed: u64, tissue: Tissue) -> [Piece; 2] {
    let along = to - from;
    let aside = DMat3::from_axis_angle(along.normalize_or(DVec3::Z), chance::unit(seed, 1) * std::f64::consts::TAU)
        * along.normalize_or(DVec3::Z).any_orthonormal_vector();
    let middle = from + along * 0.5 + aside * along.length() * 0.07;
    let radius = (radii[0] + radii[1]) / 2.0;
    [
        Piece { from, to: middle, radii: [radii[0], radius], tissue },
        Piece { from: middle, to, radii: [radius, radii[1]], tissue },
    ]
}

/// The trees of both lungs, grown into what the scene shows as lung; in the order in which they are painted.
pub(super) fn shapes(scene: &[Box<dyn Shape>], seed: u64) -> Vec<Box<dyn Shape>> {
    let for_arteries = scattered(scene, seed);
    let for_veins = scattered(scene, seed ^ 0x5EED);
    let of = |points: &[DVec3], l: Lobe| points.iter().copied().filter(|p| lobe(*p) == l).collect::<Vec<_>>();
    let parts: Vec<[Vec<Piece>; 4]> = gates()
        .par_iter()
        .map(|gate| {
            let [r_air, r_artery, r_vein] = gate.radii;
            let tree = Tree::grown(gate.bronchus[0], gate.bronchus[1], r_artery, of(&for_arteries, gate.lobe));
            let (mut vessels, mut walls, mut lumens) = (Vec::new(), Vec::new(), Vec::new());
            let side = gate.bronchus[1].x.signum();
            // The artery runs beside its bronchus, above and to the side, as far away as both are thick.
            let beside = |p: DVec3, radius: f64| {
                let apart = radius + r_air / r_artery * radius + 1.0;
                p + dvec3(side * 0.55, -0.25, 0.80) * if radius > 0.9 { apart } else { radius }
            };
            for (n, b) in tree.branches.iter().enumerate() {
                let chance_of_branch = chance::mixed(seed, (gate.lobe as u64) << 32 | n as u64);
                let parent = b.parent.map_or(b.radius, |p| tree.branches[p].radius);
                let from = if n == 0 { gate.artery } else { beside(b.from, parent.min(b.radius * 1.6)) };
                let to = beside(b.to, b.radius);
                // A child leaves the wall of its parent: its first end is no thicker than itself.
                let radii = [b.radius.min(parent), b.radius];
                vessels.extend(bent(from, to, radii, chance_of_branch, vessel_tissue(b.to, b.radius)));
                let air = b.radius * r_air / r_artery;
                if air >= LEAST_AIRWAY_MM {
                    let wall = 0.45 + 0.16 * air;
                    let lung = if b.to.x > 0.0 { Tissue::BronchusWallLeft } else { Tissue::BronchusWallRight };
                    walls.extend(bent(b.from, b.to, [air + wall; 2], chance_of_branch, lung));
                    lumens.extend(bent(b.from, b.to, [air; 2], chance_of_branch, Tissue::BronchusAir));
                }
            }
            let away = (gate.bronchus[1] - gate.bronchus[0]).normalize_or(DVec3::X);
            let vein = Tree::grown(gate.vein, gate.vein + away * 8.0, r_vein, of(&for_veins, gate.lobe));
            let mut veins = Vec::new();
            for (n, b) in vein.branches.iter().enumerate() {
                let chance_of_branch = chance::mixed(seed ^ 0xF00D, (gate.lobe as u64) << 32 | n as u64);
                veins.extend(bent(b.from, b.to, [b.radius; 2], chance_of_branch, vessel_tissue(b.to, b.radius)));
            }
            [vessels, veins, walls, lumens]
        })
        .collect();
    let joined = |n: usize| parts.iter().flat_map(|p| p[n].iter().copied()).collect::<Vec<_>>();
    let mut arteries = joined(0);
    arteries.extend(hilar_arteries());
    // Thick ones last, so that a vessel of 3 mm stays one where a twig leaves it.
    let mut vessels = [arteries, joined(1)].concat();
    vessels.sort_by(|a, b| a.radii[1].total_cmp(&b.radii[1]));
    let mut shapes = Vec::new();
    for (pieces, kind) in [(joined(2), Kind::Wall), (vessels, Kind::Vessel), (joined(3), Kind::Lumen)] {
        let gates = gates();
        let (near, far): (Vec<Piece>, Vec<Piece>) =
            pieces.into_iter().partition(|p| gates.iter().any(|g| p.from.distance(g.bronchus[1]) < HILUM_MM));
        shapes.push(Box::new(Tubes::new(far, kind.ground(false))) as Box<dyn Shape>);
        shapes.push(Box::new(Tubes::new(near, kind.ground(true))) as Box<dyn Shape>);
    }
    shapes
}

/// What is painted of a tree.
#[derive(Clone, Copy)]
enum Kind {
    Wall,
    Vessel,
    Lumen,
}

impl Kind {
    /// What it may be painted over, in the lung and at the hilum.
    fn ground(self, hilum: bool) -> Over {
        use Tissue::*;
        const AIR: Over =
            Over::only(&[LungLeft, LungRight, FissureLeft, FissureRight, SmallVesselLeft, SmallVesselRight]);
        const HILUM: Over = AIR.and(&[MediastinalFat]);
        match (self, hilum) {
            (Kind::Wall | Kind::Vessel, false) => AIR,
            (Kind::Wall | Kind::Vessel, true) => HILUM,
            (Kind::Lumen, false) => AIR.and(&[BronchusWallLeft, BronchusWallRight]),
            (Kind::Lumen, true) => HILUM.and(&[BronchusWallLeft, BronchusWallRight, MediastinalSoft]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibres_follow_murray_s_law_at_every_fork() {
        let points: Vec<DVec3> = (0..500)
            .map(|n| {
                let u = |m: u64| chance::unit(3, 10 * n + m) * 60.0;
                dvec3(u(0), u(1), u(2))
            })
            .collect();
        let tree = Tree::grown(dvec3(-10.0, 30.0, 30.0), dvec3(-2.0, 30.0, 30.0), 5.0, points);
        assert!((tree.branches[0].radius - 5.0).abs() < 1e-9);
        for (n, b) in tree.branches.iter().enumerate() {
            let children: f64 =
                tree.branches.iter().filter(|c| c.parent == Some(n)).map(|c| c.radius.powf(MURRAY)).sum();
            let thin = tree.branches.iter().any(|c| c.parent == Some(n) && c.radius == LEAST_VESSEL_MM);
            assert!(children == 0.0 || thin || (children / b.radius.powf(MURRAY) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn every_lobe_is_somewhere() {
        use Lobe::*;
        let at = |x, y, z| lobe(dvec3(x, y, z));
        assert_eq!(at(60.0, 0.0, 40.0), LeftUpper);
        assert_eq!(at(60.0, 60.0, -60.0), LeftLower);
        assert_eq!(at(-60.0, 0.0, 40.0), RightUpper);
        assert_eq!(at(-60.0, -60.0, -80.0), RightMiddle);
        assert_eq!(at(-60.0, 60.0, -60.0), RightLower);
    }
}
