//! Diameters, volume and doubts of a mask.

use super::border::Border;
use super::diameter::{Chord, hull, longest, longest_across, outside_mm};
use super::model::{Axis, Measurement};
use super::outline::{Outline, Plane, crossing, outlines};
use super::shape::{VESSEL_LIKE, elongation};
use crate::ct::{Ct, Finding};
use crate::space::{Bounds, Lps, Mask, PADDING};
use crate::terms::Code;
use glam::{DVec2, DVec3};
use rayon::prelude::*;

/// Measures a mask on the CT's grid; `level_hu` is the HU at which its outline borders on air. `None` for an empty mask
/// or one on another grid.
///
/// Long axis: the longest diameter of the sub-voxel outline (without a level: of its voxels' edges) over all axial slices
/// (of equals, on the larger slice); pieces that lie more than 5 mm apart on a slice are measured each for itself, never
/// across the gap, but for the ±.
/// Short axis: the longest chord perpendicular to it of the same piece. Volume: voxel sum. ± see [`diameter_pm_mm`];
/// where nothing decided the border, with what may be missing there added.
pub fn measure(ct: &Ct, mask: &Mask, level_hu: Option<f64>) -> Option<Measurement> {
    if mask.grid.size != ct.hu.grid.size {
        return None;
    }
    let extent = mask.extent()?;
    let grid = &ct.hu.grid;
    let plane = Plane::axial(grid);
    let pixel = plane.pixel(grid);
    let islands: Vec<Island> = (extent.lo[plane.w]..extent.hi[plane.w])
        .into_par_iter()
        .flat_map_iter(|w| {
            joined(outlines(&ct.hu, mask, plane, w, extent, level_hu), pixel).into_iter().filter_map(move |outline| {
                let pieces: Vec<[DVec2; 2]> = outline.pieces.iter().map(|p| p.map(|q| q * pixel)).collect();
                let points: Vec<DVec2> = pieces.iter().flatten().copied().collect();
                let long = longest(&points)?;
                Some(Island { w, pixels: outline.pixels, corners: hull(&points), pieces, long })
            })
        })
        .collect();
    let best = islands.iter().max_by(|a, b| {
        let (la, lb) = (a.long.mm(), b.long.mm());
        if (la - lb).abs() < 1e-6 { a.pixels.cmp(&b.pixels).then(b.w.cmp(&a.w)) } else { la.total_cmp(&lb) }
    })?;
    let across = longest_across(&best.pieces, &best.long)?;
    let whole = whole_slices(&islands);
    let spread = match level_hu.and_then(|level| Border::of(ct, mask, level)) {
        Some(border) => guessed_mm(&border, mask, &whole, plane, best, &across),
        None => [0.0; 2],
    };
    let axis = |c: &Chord, guessed: f64| Axis {
        ends: c.ends.map(|e| grid.point(plane.index(e / pixel, best.w as f64))),
        mm: c.mm(),
        pm_mm: diameter_pm_mm(ct, c.mm()).hypot(guessed),
    };
    let apart = whole.iter().filter_map(|s| longest(&s.1)).map(|c| c.mm() - best.long.mm()).fold(0.0, f64::max);
    let (long, short) = (axis(&best.long, spread[0].max(apart)), axis(&across, spread[1]));

    let (mut sum, mut measured) = (0f64, 0usize);
    mask.for_each(|v| {
        let hu = ct.hu.at(v);
        if hu != PADDING {
            sum += f64::from(hu);
            measured += 1;
        }
    });
    let voxels = mask.count();
    let mut findings = Vec::new();
    let spacing = slice_mm(ct);
    let held = extent.hi[plane.w] - extent.lo[plane.w];
    if long.mm < 2.0 * spacing || held < 3 {
        findings.push(
            Finding::new(Code::CoarseForLesion)
                .number("mm", spacing, 1)
                .number("slices", held as f64, 0)
                .at(long.ends[0].lerp(long.ends[1], 0.5)),
        );
    }
    if let Some(at) = edge_of_scan(ct, mask, extent) {
        findings.push(Finding::new(Code::LesionAtEdge).at(at));
    }
    // What is long and thin on its slice, if the whole did not look like a vessel already.
    if long.mm > THIN * short.mm && elongation(mask) <= VESSEL_LIKE {
        findings.push(Finding::new(Code::MayBeVessel).at(long.ends[0].lerp(long.ends[1], 0.5)));
    }
    let leaves = outside_mm(&best.pieces, &best.long);
    if leaves > 0.5 * pixel.max_element() {
        findings.push(Finding::new(Code::AxisLeavesLesion).number("mm", leaves, 1).at_slices(best.w, best.w));
    }
    Some(Measurement {
        voxels,
        volume_mm3: voxels as f64 * grid.voxel_mm3(),
        max_3d_diameter_mm: widest(ct, mask, &islands, plane, level_hu).max(long.mm),
        long,
        short,
        slice: best.w,
        centroid: mask.centroid()?,
        mean_hu: if measured > 0 { sum / measured as f64 } else { f64::NAN },
        findings,
    })
}

/// A lesion whose long axis is longer than this many short ones looks like a vessel or a sliver of a border (choice).
const THIN: f64 = 4.0;

/// Islands of a slice nearer than this to each other are parts of one, mm (choice: a bronchus or a vessel through a mass is
/// as wide; readers draw across it).
const ONE_MM: f64 = 5.0;

/// Islands that lie near each other as one; `pixel` is mm per index.
fn joined(mut islands: Vec<Outline>, pixel: DVec2) -> Vec<Outline> {
    let near = |a: &Outline, b: &Outline| {
        a.pieces.iter().any(|p| b.pieces.iter().any(|q| ((p[0] - q[0]) * pixel).length_squared() < ONE_MM * ONE_MM))
    };
    let mut done = Vec::new();
    while let Some(mut one) = islands.pop() {
        while let Some(n) = islands.iter().position(|other| near(&one, other)) {
            let other = islands.swap_remove(n);
            one.pieces.extend(other.pieces);
            one.pixels += other.pixels;
        }
        done.push(one);
    }
    done
}

/// The corners of all parts of each slice, as if they were one: whether they belong together is for a reader to say, and
/// the ± of the long axis carries it.
fn whole_slices(islands: &[Island]) -> Vec<(usize, Vec<DVec2>)> {
    let mut slices: Vec<(usize, Vec<DVec2>)> = Vec::new();
    for one in islands {
        match slices.iter_mut().find(|s| s.0 == one.w) {
            Some(slice) => slice.1.extend(&one.corners),
            None => slices.push((one.w, one.corners.clone())),
        }
    }
    slices
}

/// What hangs together of the mask on one slice.
struct Island {
    w: usize,
    pixels: usize,
    /// The outline in mm.
    pieces: Vec<[DVec2; 2]>,
    /// Its hull.
    corners: Vec<DVec2>,
    long: Chord,
}

/// mm between axial slices, or the slices' thickness where that is larger.
fn slice_mm(ct: &Ct) -> f64 {
    let spacing = ct.hu.grid.spacing[Plane::axial(&ct.hu.grid).w];
    ct.acquisition.slice_thickness_mm.map_or(spacing, |t| t.max(spacing))
}

/// ± of a diameter of `mm` in an axial slice (two standard deviations), mm:
/// √((2 · 0.41 p)² + (2 · 0.447 L)² + 2 g²).
///
/// - p, the larger pixel side: both ends uniform within ± ½ pixel have a difference of SD p/√6 = 0.41 p.
/// - L = d − √(d² − s²), what a ball of diameter d loses at most in slices s apart (its equator lies up to s/2 off the
///   nearest slice; all of d where s ≥ d). The offset is uniform, the loss goes with its square: RMS L/√5 = 0.447 L.
/// - g, the ± of positions from the geometry, at each end.
pub fn diameter_pm_mm(ct: &Ct, mm: f64) -> f64 {
    let p = Plane::axial(&ct.hu.grid).pixel(&ct.hu.grid).max_element();
    let s = ct.hu.grid.spacing[Plane::axial(&ct.hu.grid).w];
    let lost = if s < mm { mm - (mm * mm - s * s).sqrt() } else { mm };
    let pixels = 2.0 * p / 6f64.sqrt();
    let slices = 2.0 * lost / 5f64.sqrt();
    (pixels * pixels + slices * slices + 2.0 * ct.position_pm_mm * ct.position_pm_mm).sqrt()
}

/// At most this share of the long axis may be missing at an end (choice: results of clicks 6 mm apart on masses in heart
/// and chest wall differ by up to that).
const MISSING: f64 = 0.25;

/// What the ± of the long and of the short axis gain where nothing decided the border, mm: how much longer they were if
/// each guessed corner of the outline lay as far out as tissue like the lesion goes on. As a share of the long axis that
/// is at most the share of the border that is a guess, and [`MISSING`] (choice: a mass cut in two lacks more than a
/// nodule whose base on the pleura was guessed).
fn guessed_mm(
    border: &Border<'_>,
    mask: &Mask,
    slices: &[(usize, Vec<DVec2>)],
    plane: Plane,
    best: &Island,
    across: &Chord,
) -> [f64; 2] {
    let grid = &mask.grid;
    let pixel = plane.pixel(grid);
    let most = border.guessed_share(mask).min(MISSING) * best.long.mm();
    if most < pixel.min_element() {
        return [0.0; 2];
    }
    let stretched = |w: usize, corners: &[DVec2]| -> Vec<DVec2> {
        let middle = corners.iter().sum::<DVec2>() / corners.len().max(1) as f64;
        let at = |p: DVec2| grid.point(plane.index(p / pixel, w as f64));
        let out = |c: &DVec2| {
            let Some(flat) = (*c - middle).try_normalize() else { return *c };
            let Some(outwards) = (at(*c + flat) - at(*c)).try_normalize() else { return *c };
            *c + flat * border.goes_on_mm(at(*c), outwards, most)
        };
        corners.iter().map(out).collect()
    };
    let longest_of = |(w, corners): &(usize, Vec<DVec2>)| longest(&stretched(*w, corners)).map(|c| c.mm());
    let long = slices.par_iter().filter_map(longest_of).reduce(|| 0.0, f64::max);
    let Some(side) = (across.ends[1] - across.ends[0]).try_normalize() else { return [0.0; 2] };
    let width = |corners: &[DVec2]| {
        let (lo, hi) =
            corners.iter().fold((f64::MAX, f64::MIN), |(lo, hi), c| (lo.min(c.dot(side)), hi.max(c.dot(side))));
        hi - lo
    };
    [(long - best.long.mm()).max(0.0), (width(&stretched(best.w, &best.corners)) - width(&best.corners)).max(0.0)]
}

/// Two diameters drawn by hand, each as its two ends: (the longer, the shorter), with the ± of measured ones and that of the
/// screen: a hand ends on whole points of it, `point_mm` wide. `None` if a point is not finite.
pub fn by_calliper(ct: &Ct, first: [Lps; 2], second: [Lps; 2], point_mm: f64) -> Option<(Axis, Axis)> {
    if ![first, second].iter().flatten().all(|p| p.is_finite()) {
        return None;
    }
    let axis = |ends: [Lps; 2]| {
        let mm = ends[0].distance(ends[1]);
        // As for pixels: both ends uniform within ± half a point, two standard deviations.
        let screen = 2.0 * point_mm.max(0.0) / 6f64.sqrt();
        Axis { ends, mm, pm_mm: diameter_pm_mm(ct, mm).hypot(screen) }
    };
    let (a, b) = (axis(first), axis(second));
    Some(if b.mm > a.mm { (b, a) } else { (a, b) })
}

/// Where the mask meets the edge of the scan or what was not measured, if it does.
fn edge_of_scan(ct: &Ct, mask: &Mask, extent: Bounds) -> Option<Lps> {
    let size = mask.grid.size;
    let near_border = (0..3).any(|a| size[a] > 1 && (extent.lo[a] == 0 || extent.hi[a] == size[a]));
    let mut found = None;
    let mut look = |v: crate::space::Voxel| {
        if found.is_some() {
            return;
        }
        let x = [v.i, v.j, v.k];
        for a in 0..3 {
            if size[a] > 1 && near_border && (x[a] == 0 || x[a] + 1 == size[a]) {
                found = Some(mask.grid.centre(v));
            }
            for up in [false, true] {
                let mut y = x;
                match up {
                    true if x[a] + 1 < size[a] => y[a] += 1,
                    false if x[a] > 0 => y[a] -= 1,
                    _ => continue,
                }
                if ct.hu.at(crate::space::Voxel::new(y[0], y[1], y[2])) == PADDING {
                    found = Some(mask.grid.centre(v));
                }
            }
        }
    };
    mask.for_each(&mut look);
    found
}

/// The largest distance between two points of the surface, mm: the outlines' hulls of all slices, and the places where
/// the mask ends between two slices.
fn widest(ct: &Ct, mask: &Mask, islands: &[Island], plane: Plane, level: Option<f64>) -> f64 {
    let grid = &ct.hu.grid;
    let pixel = plane.pixel(grid);
    let mut points: Vec<DVec3> = Vec::new();
    for s in islands {
        points.extend(s.corners.iter().map(|c| grid.point(plane.index(*c / pixel, s.w as f64)).vec()));
    }
    // Ends between slices: of each slice only the hull of those columns matters.
    let size = grid.size;
    let mut caps: Vec<(usize, bool, DVec2, f64)> = Vec::new();
    mask.for_each(|voxel| {
        let x = [voxel.i, voxel.j, voxel.k];
        for up in [false, true] {
            let mut y = x;
            let neighbour = match up {
                true if x[plane.w] + 1 < size[plane.w] => {
                    y[plane.w] += 1;
                    Some(crate::space::Voxel::new(y[0], y[1], y[2]))
                }
                false if x[plane.w] > 0 => {
                    y[plane.w] -= 1;
                    Some(crate::space::Voxel::new(y[0], y[1], y[2]))
                }
                _ => None,
            };
            let t = match neighbour {
                Some(n) if mask.get(n) => continue,
                Some(n) => crossing([ct.hu.at(voxel), ct.hu.at(n)], [1.0, 0.0], level),
                None => 0.5,
            };
            let at = DVec2::new(x[plane.u] as f64, x[plane.v] as f64);
            caps.push((x[plane.w], up, at, if up { t } else { -t }));
        }
    });
    caps.sort_by_key(|c| (c.0, c.1));
    for group in caps.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let flat: Vec<DVec2> = group.iter().map(|g| g.2).collect();
        let edge = hull(&flat);
        for (w, _, at, t) in group {
            if edge.contains(at) {
                points.push(grid.point(plane.index(*at, *w as f64 + t)).vec());
            }
        }
    }
    points
        .par_iter()
        .enumerate()
        .map(|(n, a)| points[n + 1..].iter().map(|b| a.distance_squared(*b)).fold(0.0, f64::max))
        .reduce(|| 0.0, f64::max)
        .sqrt()
}
