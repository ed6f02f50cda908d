//! Bones: ribs with their cartilages, spine with canal and discs, sternum, clavicles, scapulae, heads of the arms.

use super::canvas::{Shape, Solid, solid};
use super::curve::{by_height, smooth_line};
use super::tissue::{Over, Tissue};
use super::torso::{Torso, on_wall, spine_y};
use super::tube::{Bar, Station, Tubes};
use glam::{DVec3, dvec3};

/// Middle of each vertebral body from C6 to L2, mm above the carina; bodies grow from 16 to 22 mm, discs from 2.7 to 5.4
/// (heights of vertebrae and discs after JASI 2019;68:110 and Eur Spine J 2015, s00586-015-3925-y).
const VERTEBRAE: [f64; 16] =
    [106.0, 89.0, 71.0, 51.5, 31.0, 10.5, -10.7, -32.5, -54.7, -77.5, -101.0, -125.5, -151.0, -177.5, -205.0, -234.0];
/// Place of the first thoracic vertebra in it.
const T1: usize = 2;

/// What is known of each rib: how far its front end lies below its head (mm), the share of the way round the wall at which
/// bone ends, and the height at which its cartilage reaches the sternum or the arch (`None`: ends free).
/// Shapes by eye after an atlas (choice); the true ribs reach the sternum, 8 to 10 the arch, 11 and 12 end free.
#[rustfmt::skip]
const RIBS: [(f64, f64, Option<f64>); 12] = [
    (33.0, 0.84, Some(30.0)), (52.0, 0.855, Some(-6.0)), (66.0, 0.85, Some(-30.0)), (77.0, 0.835, Some(-52.0)),
    (88.0, 0.815, Some(-70.0)), (97.0, 0.79, Some(-86.0)), (103.0, 0.755, Some(-97.0)), (104.0, 0.71, Some(-118.0)),
    (98.0, 0.66, Some(-142.0)), (84.0, 0.60, Some(-166.0)), (56.0, 0.45, None), (36.0, 0.30, None),
];

/// Section of a rib: half its height and half its thickness, mm (height 11 to 16, thickness 6 to 8).
const RIB_HALF: [f64; 2] = [6.3, 3.6];
/// Cortex of a rib, mm (0.5 to 2, mean maximum 1.4 on the pleural side, J Anat 2019;235:883).
const RIB_CORTEX_MM: f64 = 1.1;
/// Middle of a rib outwards from the wall's inner surface, mm.
const RIB_OUT_MM: f64 = 5.6;

/// The line of rib `n` (1 to 12), from the tubercle to the front end of the bone; each point with the wall's normal.
pub(super) fn rib_line(torso: &Torso, n: usize, left: bool) -> Vec<(DVec3, DVec3)> {
    let (drop, end, _) = RIBS[n - 1];
    let head = VERTEBRAE[T1 + n - 1] + 8.0;
    let start = 0.13;
    let steps = 40;
    (0..=steps)
        .map(|s| {
            let u = s as f64 / steps as f64;
            let share = start + (end - start) * u;
            // Flat at the angle behind, steep at the side, a little flatter again in front.
            let z = head - 4.0 - (drop - 4.0) * (0.35 * u + 0.65 * u * u * (3.0 - 2.0 * u));
            let (at, normal) = on_wall(torso, z, share, left);
            // Upper ribs lie flat: they look up and outwards.
            let normal = normal.extend(0.0);
            (at.extend(z) + normal * RIB_OUT_MM, normal)
        })
        .collect()
}

/// Stations with the section across the line and the given outward normals.
fn stations(line: &[(DVec3, DVec3)], half: [f64; 2]) -> Vec<Station> {
    (0..line.len())
        .map(|m| {
            let along = (line[(m + 1).min(line.len() - 1)].0 - line[m.saturating_sub(1)].0).normalize_or_zero();
            let normal = line[m].1;
            let thick = (normal - along * normal.dot(along)).normalize_or_zero();
            let broad = along.cross(thick);
            Station { at: line[m].0, broad: broad * half[0], thick: thick * half[1] }
        })
        .collect()
}

fn bone(stations: Vec<Station>, cortex_mm: f64, core: Tissue) -> Box<dyn Shape> {
    Box::new(Bar { stations, shell_mm: cortex_mm, shell: Tissue::Cortex, core, over: Over::ALL })
}

/// A straight bony strut with round section.
fn strut(points: &[DVec3], half: [f64; 2], cortex_mm: f64, normal: DVec3) -> Box<dyn Shape> {
    let line: Vec<_> = smooth_line(points, 6).into_iter().map(|p| (p, normal)).collect();
    bone(stations(&line, half), cortex_mm, Tissue::RibMarrow)
}

fn ribs(torso: &Torso, shapes: &mut Vec<Box<dyn Shape>>) {
    for left in [true, false] {
        let side = if left { 1.0 } else { -1.0 };
        for n in 1..=12 {
            let (_, end, cartilage) = RIBS[n - 1];
            let wall = rib_line(torso, n, left);
            let z = VERTEBRAE[T1 + n - 1];
            let y = spine_y(z);
            // Head at the body's upper edge, neck outwards and back, then along the wall.
            let head = dvec3(side * 15.0, y + 5.0, z + 8.0);
            let neck = dvec3(side * 25.0, y + 17.0, z + 6.0);
            let size = if n >= 11 {
                0.8
            } else if n == 1 {
                0.9
            } else {
                1.0
            };
            let half = [RIB_HALF[0] * size, RIB_HALF[1] * size];
            let points: Vec<DVec3> = [head, neck].into_iter().chain(wall.iter().map(|w| w.0)).collect();
            let smooth = smooth_line(&points[..4], 5);
            let mut line: Vec<(DVec3, DVec3)> = smooth[..smooth.len() - 1].iter().map(|p| (*p, wall[0].1)).collect();
            line.extend_from_slice(&wall[1..]);
            let mut bar = stations(&line, half);
            // The neck is rounder and thinner than the body of the rib.
            for (m, s) in bar.iter_mut().enumerate().take(14) {
                let t = 0.72 + 0.28 * m as f64 / 14.0;
                s.broad *= t;
            }
            // A first rib lies flat, its faces up and down.
            if n == 1 {
                for s in &mut bar {
                    let (b, t) = (s.broad, s.thick);
                    s.broad = t.normalize_or_zero() * b.length();
                    s.thick = b.normalize_or_zero() * t.length();
                }
            }
            shapes.push(bone(bar, RIB_CORTEX_MM, Tissue::RibMarrow));
            if let Some(target) = cartilage {
                let last = wall[wall.len() - 1].0.z;
                let goal = if n <= 7 { 0.945 } else { end + 0.11 };
                let line: Vec<(DVec3, DVec3)> = (0..=16)
                    .map(|s| {
                        let u = s as f64 / 16.0;
                        let share = end - 0.004 + (goal - end + 0.004) * u;
                        let bend = if n <= 3 { u } else { u * u * (3.0 - 2.0 * u) };
                        let z = last + (target - last) * bend;
                        let (at, normal) = on_wall(torso, z, share, left);
                        (at.extend(z) + normal.extend(0.0) * RIB_OUT_MM, normal.extend(0.0))
                    })
                    .collect();
                shapes.push(Box::new(Bar {
                    stations: stations(&line, [RIB_HALF[0] * 0.95, RIB_HALF[1] * 1.05]),
                    shell_mm: 0.0,
                    shell: Tissue::Cartilage,
                    core: Tissue::Cartilage,
                    over: Over::only(&[Tissue::Muscle, Tissue::Fat, Tissue::Skin]),
                }));
            }
        }
    }
}

/// Half width and half depth of a vertebral body: width 25 to 45, depth 15 to 32 from T1 to T12 (after Panjabi).
fn body_half(n: usize) -> [f64; 2] {
    let t = (n as f64 - T1 as f64).max(0.0) / 12.0;
    [14.0 + 6.0 * t * t + 1.0 * t, 9.5 + 6.0 * t]
}

fn vertebrae(shapes: &mut Vec<Box<dyn Shape>>) {
    for n in 0..VERTEBRAE.len() {
        let z = VERTEBRAE[n];
        let y = spine_y(z);
        let above = if n == 0 { z + 17.0 } else { VERTEBRAE[n - 1] };
        let height = (above - z).min(27.0);
        let disc = 3.0 + 0.17 * n as f64;
        let half_height = (height - disc) / 2.0;
        let [half_width, half_depth] = body_half(n);
        let tilt = (spine_y(z + 8.0) - spine_y(z - 8.0)) / 16.0;
        // Body and disc above it, in the tilted frame of the vertebra.
        let reach = dvec3(half_width + 2.0, half_depth + 6.0, half_height + disc + 6.0);
        shapes.push(Box::new(Solid {
            low: dvec3(0.0, y, z) - reach,
            high: dvec3(0.0, y, z) + reach,
            over: Over::ALL,
            tissue: move |p: DVec3| {
                let h = p.z - z + tilt * (p.y - y);
                let d = p.y - y - tilt * h;
                let v = h / half_height;
                if (1.0..=1.0 + disc / half_height).contains(&v) {
                    let (u, w) = (p.x / (half_width * 0.98), d / (half_depth * 0.98));
                    return (u * u + w * w <= 1.0).then_some(Tissue::Disc);
                }
                if v.abs() > 1.0 {
                    return None;
                }
                // Waisted, and hollow towards the canal.
                let waist = 0.88 + 0.12 * v * v;
                let (a, b) = (half_width * waist, half_depth * waist);
                let hollow = if d > 0.0 { 0.10 * (1.0 - (p.x / a).powi(2)).max(0.0) } else { 0.0 };
                let radius = |cut: f64| {
                    let (u, w) = ((p.x / (a - cut)).abs(), (d / (b - cut)).abs() + hollow);
                    u.powf(2.4) + w.powf(2.4)
                };
                if radius(0.0) > 1.0 {
                    return None;
                }
                let plate = half_height - h.abs() < 1.0;
                Some(if plate || radius(0.9) > 1.0 { Tissue::Cortex } else { Tissue::VertebraMarrow })
            },
        }));
        let back = y + half_depth;
        let up = DVec3::Z;
        for side in [1.0, -1.0] {
            let x = |mm: f64| side * mm;
            // Pedicle, lamina, transverse process, joint processes.
            let pedicle = [dvec3(x(half_width * 0.62), back - 3.0, z + 4.0), dvec3(x(12.5), back + 10.0, z + 3.0)];
            shapes.push(strut(&pedicle, [3.6, 5.2], 1.0, up));
            let lamina = [dvec3(x(12.0), back + 11.0, z + 2.0), dvec3(x(1.5), back + 20.0, z - 5.0)];
            shapes.push(strut(&lamina, [3.0, 7.5], 1.0, up));
            let reach = if n < T1 { 22.0 } else { 33.0 - 0.7 * (n - T1) as f64 };
            let process = [dvec3(x(11.0), back + 11.0, z + 4.0), dvec3(x(reach), back + 20.0, z + 6.0)];
            shapes.push(strut(&process, [4.2, 4.6], 0.9, up));
            let joint = [dvec3(x(12.5), back + 13.5, z + 12.0), dvec3(x(12.5), back + 14.5, z - 12.0)];
            shapes.push(strut(&joint, [4.4, 3.4], 1.0, DVec3::Y));
        }
        // Spinous process, slanting down in the middle of the chest.
        let slant = by_height(&[(60.0, 10.0), (0.0, 24.0), (-80.0, 26.0), (-150.0, 12.0), (-200.0, 4.0)], z);
        let spinous = [
            dvec3(0.0, back + 20.0, z - 4.0),
            dvec3(0.0, back + 34.0, z - 4.0 - slant * 0.55),
            dvec3(0.0, back + 46.0, z - 4.0 - slant),
        ];
        shapes.push(strut(&spinous, [3.0, 6.5], 0.9, up));
    }
    canal(shapes);
}

/// Canal 17 mm across with fat, dura's liquor and cord, and the way out between the pedicles filled with fat.
fn canal(shapes: &mut Vec<Box<dyn Shape>>) {
    let parts = [([8.6, 7.6], Tissue::EpiduralFat), ([7.2, 6.4], Tissue::Liquor), ([4.6, 3.7], Tissue::Cord)];
    for (half, tissue) in parts {
        shapes.push(solid(dvec3(0.0, 45.0, -60.0), dvec3(10.0, 60.0, 200.0), Over::ALL, tissue, move |p| {
            let (u, v) = (p.x / half[0], (p.y - canal_y(p.z)) / half[1]);
            u * u + v * v <= 1.0
        }));
    }
}

/// y of the middle of the canal.
pub(super) fn canal_y(z: f64) -> f64 {
    let t = ((71.0 - z) / 248.0).clamp(0.0, 1.0);
    spine_y(z) + 9.5 + 6.0 * t + 8.2
}

/// Half width of the sternum by height: manubrium, body, xiphoid.
const STERNUM: &[(f64, f64)] = &[
    (40.0, 24.0),
    (34.0, 30.0),
    (20.0, 27.0),
    (-4.0, 18.0),
    (-9.0, 16.0),
    (-20.0, 15.0),
    (-60.0, 17.0),
    (-84.0, 19.0),
    (-98.0, 14.0),
    (-103.0, 8.0),
    (-120.0, 6.0),
    (-126.0, 4.0),
];

fn sternum(torso: &Torso, shapes: &mut Vec<Box<dyn Shape>>) {
    let front: Vec<(f64, f64)> = (0..=34)
        .map(|n| {
            let z = 44.0 - 5.0 * f64::from(n);
            (z, on_wall(torso, z, 1.0, true).0.y)
        })
        .collect();
    shapes.push(Box::new(Solid {
        low: dvec3(-34.0, -104.0, -126.0),
        high: dvec3(34.0, -30.0, 40.0),
        over: Over::ALL,
        tissue: move |p: DVec3| {
            let half = by_height(STERNUM, p.z);
            let back = by_height(&front, p.z) - 1.5;
            let thick = if p.z < -101.0 { 6.0 } else { 11.5 - 1.5 * (p.z + 100.0) / 140.0 };
            // A jugular notch on top.
            if p.z > 40.0 - 7.0 * (1.0 - (p.x / 16.0).powi(2)).max(0.0) {
                return None;
            }
            let w = (p.y - (back - thick / 2.0)) / (thick / 2.0);
            let u = p.x / half;
            let r = u.abs().powf(4.0) + w.abs().powf(3.0);
            if r > 1.0 {
                return None;
            }
            // Joint of the manubrium at the second ribs.
            if (-8.5..-5.5).contains(&p.z) {
                return Some(Tissue::Cartilage);
            }
            let edge = (1.0 - w.abs()) * thick / 2.0 < 1.1 || (1.0 - u.abs()) * half < 1.2;
            Some(if edge { Tissue::Cortex } else { Tissue::RibMarrow })
        },
    }));
}

fn girdle(shapes: &mut Vec<Box<dyn Shape>>) {
    for side in [1.0, -1.0] {
        let p = |x: f64, y: f64, z: f64| dvec3(side * x, y, z);
        // Arms raised: the clavicle points up and back, the shoulder blade turns outwards.
        let clavicle = [
            p(22.0, -59.0, 43.0),
            p(52.0, -62.0, 54.0),
            p(88.0, -46.0, 72.0),
            p(122.0, -14.0, 94.0),
            p(134.0, 2.0, 102.0),
        ];
        shapes.push(strut(&clavicle, [5.6, 5.0], 1.5, DVec3::Z));
        let upper = p(80.0, 62.0, 62.0);
        let lower = p(122.0, 72.0, -50.0);
        let socket = p(133.0, 12.0, 72.0);
        shapes.push(blade(upper, lower, socket));
        // Its borders, spine, acromion and coracoid.
        shapes.push(strut(&[socket, p(138.0, 50.0, 12.0), lower], [3.4, 5.0], 1.1, DVec3::Y));
        shapes.push(strut(&[upper, p(94.0, 76.0, 10.0), lower], [2.2, 3.0], 0.9, DVec3::Y));
        shapes.push(strut(
            &[p(88.0, 74.0, 44.0), p(118.0, 58.0, 74.0), p(142.0, 34.0, 100.0)],
            [7.0, 2.8],
            1.0,
            DVec3::Z,
        ));
        shapes.push(strut(&[socket, p(124.0, -16.0, 78.0), p(120.0, -30.0, 70.0)], [4.6, 4.0], 1.2, DVec3::Z));
        shapes.push(ball(socket, dvec3(10.0, 12.0, 15.0), 1.4));
        shapes.push(ball(p(140.0, 2.0, 96.0), dvec3(20.0, 20.0, 20.0), 1.6));
    }
}

/// A rounded bone with cortex.
fn ball(centre: DVec3, radii: DVec3, cortex_mm: f64) -> Box<dyn Shape> {
    Box::new(Solid {
        low: centre - radii,
        high: centre + radii,
        over: Over::ALL,
        tissue: move |p: DVec3| {
            let r = |cut: f64| ((p - centre) / (radii - cut)).length_squared();
            (r(0.0) <= 1.0).then(|| if r(cortex_mm) > 1.0 { Tissue::Cortex } else { Tissue::RibMarrow })
        },
    })
}

/// The flat of a shoulder blade: a plate 3 mm thick, bent around the chest.
fn blade(upper: DVec3, lower: DVec3, socket: DVec3) -> Box<dyn Shape> {
    let (e, f) = (lower - upper, socket - upper);
    let normal = e.cross(f).normalize_or_zero();
    let normal = if normal.y < 0.0 { -normal } else { normal };
    let low = upper.min(lower).min(socket) - 12.0;
    let high = upper.max(lower).max(socket) + 12.0;
    let (ee, ef, ff) = (e.dot(e), e.dot(f), f.dot(f));
    let det = ee * ff - ef * ef;
    Box::new(Solid {
        low,
        high,
        over: Over::ALL,
        tissue: move |p: DVec3| {
            let q = p - upper;
            let (a, b) = (q.dot(e), q.dot(f));
            let (u, v) = ((a * ff - b * ef) / det, (b * ee - a * ef) / det);
            if u < 0.0 || v < 0.0 || u + v > 1.0 {
                return None;
            }
            let bend = 60.0 * u * v + 16.0 * (u + v) * (1.0 - u - v);
            ((q.dot(normal) - bend * 0.45).abs() < 1.5).then_some(Tissue::Cortex)
        },
    })
}

/// All bones, in the order in which they are painted.
pub(super) fn shapes(torso: &Torso) -> Vec<Box<dyn Shape>> {
    let mut shapes = Vec::new();
    ribs(torso, &mut shapes);
    sternum(torso, &mut shapes);
    girdle(&mut shapes);
    vertebrae(&mut shapes);
    // The long muscles beside the spine are part of the hull; the psoas begins at the last thoracic vertebra.
    for side in [1.0, -1.0] {
        let points = [dvec3(side * 22.0, 26.0, -176.0), dvec3(side * 28.0, 22.0, -225.0)];
        shapes.insert(0, Tubes::along(&points, &[5.0, 13.0], Over::only(&[Tissue::AbdominalFat]), Tissue::Muscle));
    }
    shapes
}
