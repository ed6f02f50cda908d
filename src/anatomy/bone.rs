//! Bone with its marrow, and the contrast-filled vessels that are as bright as bone: told apart by place and shape.

use super::lungs::Lungs;
use super::work::Work;
use crate::grids::components::{Components, Neighbours};
use crate::grids::filter::gaussian;
use crate::grids::morphology::{close, dilate, erode, open};
use crate::jobs::{Cancelled, Progress};
use crate::space::{Grid, Lps, Mask, PADDING, Volume, Voxel};
use rayon::prelude::*;

/// Bone begins in voxels above this and grows down to [`GROWN_HU`] (usual in the field, unverified, ribs: 200, and 120 to 150).
const SEED_HU: i16 = 200;
/// See [`SEED_HU`].
const GROWN_HU: i16 = 140;
/// Width of the smoothing within slices before thresholds, mm (the same source: 1 mm; less, since cortex is thin).
const SMOOTH_MM: f64 = 0.7;
/// Gaps in the cortex up to twice this are closed, and marrow with them, mm (the same source).
const MARROW_MM: f64 = 3.0;
/// Fragments below are noise, calcified nodes or clips, mm³ (choice).
const LEAST_MM3: f64 = 150.0;
/// Blobs thicker than twice this, of one brightness, are blood or an organ, not bone, mm: a rib is 6 to 8 mm thick, a
/// sternum 10 to 12.
const CORE_MM: f64 = 6.5;

/// Smoothed within slices by repeated (1 2 1)/4 along rows and columns, each of variance half a voxel.
pub(super) fn smoothed(ct: &Volume<i16>, progress: &Progress) -> Result<Volume<i16>, Cancelled> {
    let grid = ct.grid;
    let [nx, ny, _] = grid.size;
    let times = |a: usize| (2.0 * (SMOOTH_MM / grid.spacing[a]).powi(2)).round() as usize;
    let (along_i, along_j) = (times(0).min(8), times(1).min(8));
    let mut out = ct.clone();
    out.data.par_chunks_mut(nx * ny).try_for_each(|slice| {
        progress.check()?;
        for v in slice.iter_mut() {
            if *v == PADDING {
                *v = -1000;
            }
        }
        let mut line = vec![0i16; nx];
        for row in slice.chunks_mut(nx) {
            for _ in 0..along_i {
                line.copy_from_slice(row);
                for i in 1..nx.saturating_sub(1) {
                    row[i] = ((i32::from(line[i - 1]) + 2 * i32::from(line[i]) + i32::from(line[i + 1])) >> 2) as i16;
                }
            }
        }
        for _ in 0..along_j {
            let mut above = slice[..nx].to_vec();
            for j in 1..ny.saturating_sub(1) {
                let (before, rest) = slice.split_at_mut((j + 1) * nx);
                let row = &mut before[j * nx..];
                line.copy_from_slice(row);
                for i in 0..nx {
                    row[i] = ((i32::from(above[i]) + 2 * i32::from(line[i]) + i32::from(rest[i])) >> 2) as i16;
                }
                std::mem::swap(&mut above, &mut line);
            }
        }
        Ok(())
    })?;
    Ok(out)
}

/// Smoothing before blood is looked for, sigma in mm (choice: noise of 20 HU falls to 3).
const EVEN_MM: f64 = 2.0;
/// Blood with contrast, and nothing else but bone and enhancing organs (muscle 60 to 80, liver 60 to 110; choice).
const BLOOD_HU: f32 = 110.0;

/// Less blood with contrast than this is a calcified node or valve, mm³ (choice).
const LEAST_BLOOD_MM3: f64 = 10_000.0;
/// A breastbone of even brightness looks like blood: no thicker than twice this, outside of the lungs' hull, and with skin
/// this near on one side, mm (choice).
const BREASTBONE_MM: f64 = 10.0;
const UNDER_SKIN_MM: f64 = 45.0;

/// What is known about where bone may be, on the work grid.
pub(super) struct Frame {
    /// Within the lungs' hull.
    hull: Mask,
    /// Between the lungs, away from spine and front: what is bright in there is no bone.
    central: Mask,
    /// The vertebral bodies themselves.
    vertebrae: Mask,
    /// The lungs, less what a rib may indent: contrast in their vessels is no bone.
    lung: Mask,
}

impl Frame {
    /// From lungs and canal.
    pub(super) fn of(work: &Work, lungs: &Lungs, rings: &[Option<Lps>]) -> Frame {
        let grid = work.grid();
        let [nx, ny, nz] = grid.size;
        let hulls: Vec<Option<Vec<(f64, f64)>>> = (0..nz).map(|k| hull(lungs, k)).collect();
        let inside = Mask::from_rows(grid, |j, k, row| {
            let Some(hull) = &hulls[k] else { return };
            if let Some((a, b)) = chord(hull, j as f64) {
                for i in a.ceil().max(0.0) as usize..=(b.floor().max(0.0) as usize).min(nx - 1) {
                    row[i >> 6] |= 1 << (i & 63);
                }
            }
        });
        let mut lung = lungs.closed[0].clone();
        lung.unite(&lungs.closed[1]);
        let lung = erode(&lung, 4.0);
        let mut central = erode(&inside, 10.0);
        central.subtract(&lungs.closed[0]);
        central.subtract(&lungs.closed[1]);
        let about = |front: f64, half: f64, round: bool| {
            Mask::from_rows(grid, |j, k, row| {
                let Some(Some(ring)) = rings.get(k) else { return };
                let c = grid.index(*ring);
                for i in 0..nx {
                    let dx = (i as f64 - c.x) * grid.spacing.x;
                    let dy = (j as f64 - c.y) * grid.spacing.y;
                    let on = if round {
                        // A vertebral body: 36 wide and 34 deep, its back 7 mm before the canal's centre.
                        (dx / half).powi(2) + ((dy + 7.0 + front / 2.0) / (front / 2.0 + 2.0)).powi(2) <= 1.0
                    } else {
                        dx.abs() <= 45.0 && dy >= -8.0 || dx.abs() <= half && dy >= -front
                    };
                    if on && j < ny {
                        row[i >> 6] |= 1 << (i & 63);
                    }
                }
            })
        };
        central.subtract(&about(38.0, 30.0, false));
        Frame { hull: inside, central, vertebrae: about(32.0, 20.0, true), lung }
    }
}

/// Bone and contrast-filled vessels on the CT's grid.
pub(super) struct Bright {
    /// Bone, marrow filled.
    pub(super) bone: Mask,
    /// Vessels and heart chambers with contrast, outside of the lungs.
    pub(super) vessels: Mask,
    /// Whether there is contrast.
    pub(super) contrast: bool,
}

/// Tells bone from blood.
pub(super) fn bright(
    work: &Work,
    ct: &Volume<i16>,
    body: &Mask,
    body_work: &Mask,
    frame: &Frame,
    canal: &Mask,
    progress: &Progress,
) -> Result<Bright, Cancelled> {
    let grid = ct.grid;
    let smooth = smoothed(ct, progress)?;
    let mut bright = Mask::of(&smooth, |v| v > GROWN_HU);
    bright.intersect(body);
    progress.check()?;

    let blood = blood(work, body_work, frame);
    let contrast = blood.volume_mm3() > LEAST_BLOOD_MM3;
    let mut vessels = Mask::empty(grid);
    if contrast {
        // From the thick parts on into what is joined to them within reach; a rib beside the spleen is not.
        let mut reach = dilate(&blood, 8.0);
        reach.subtract(&frame.vertebrae);
        vessels = work.up(&reach);
        vessels.intersect(&bright);
        let thick = work.up(&blood);
        vessels.unite(&thick);
        let components = Components::of(&vessels, Neighbours::Six);
        let mut joined = vec![false; components.list.len()];
        components.for_each_run(|c, a, b, j, k| {
            joined[c] = joined[c] || (a..b).any(|i| thick.get(Voxel::new(i, j, k)));
        });
        vessels = components.mask(|c| joined[c]);
    }
    // What is bright between the lungs is blood or a calcified valve or node.
    let mut central = work.up(&frame.central);
    central.intersect(&bright);
    vessels.unite(&central);
    let lung = work.up(&frame.lung);
    vessels.subtract(&lung);
    progress.check()?;

    let mut rest = bright;
    rest.subtract(&vessels);
    rest.subtract(&lung);
    let components = Components::of(&rest, Neighbours::TwentySix);
    let mut seeded = vec![false; components.list.len()];
    components.for_each_run(|c, a, b, j, k| {
        if !seeded[c] {
            let start = grid.offset(Voxel::new(0, j, k));
            seeded[c] = smooth.data[start + a..start + b].iter().any(|v| *v > SEED_HU);
        }
    });
    let least = (LEAST_MM3 / grid.voxel_mm3()).ceil() as usize;
    let shell = components.mask(|c| seeded[c] && components.list[c].voxels >= least);
    progress.check()?;
    let mut bone = marrow(&shell, &work.up(canal));
    bone.intersect(body);
    bone.subtract(&vessels);
    if !contrast {
        vessels = Mask::empty(grid);
    }
    Ok(Bright { bone, vessels, contrast })
}

/// Bone below the diaphragm has cortex: an organ or a vessel with contrast, all of it deep within the belly, has not, HU
/// (nine tenths of a kidney or an artery are darker; choice).
const CORTEX_HU: i16 = 400;

/// Takes out of `bone` the components that lie where `belly` holds, below the diaphragm and deep within the ribs, and have
/// no cortex: kidneys, bowel and vessels with contrast.
pub(super) fn remove_organs(bone: &mut Mask, belly: impl Fn(Voxel) -> bool, ct: &Volume<i16>) {
    let components = Components::of(bone, Neighbours::TwentySix);
    let [nx, ny, _] = bone.grid.size;
    let mut inside = vec![0usize; components.list.len()];
    let mut cortex = vec![0usize; components.list.len()];
    components.for_each_run(|c, a, b, j, k| {
        let hu = &ct.data[(k * ny + j) * nx..][..nx];
        for i in a..b {
            inside[c] += usize::from(belly(Voxel::new(i, j, k)));
            cortex[c] += usize::from(hu[i] > CORTEX_HU);
        }
    });
    let organ = |c: usize| {
        let all = components.list[c].voxels;
        10 * inside[c] > 9 * all && 10 * cortex[c] < all
    };
    *bone = components.mask(|c| !organ(c));
}

/// Thick blobs of one brightness, on the work grid: blood with contrast, and organs as bright. Bone is rough within:
/// cortex beside marrow.
fn blood(work: &Work, body: &Mask, frame: &Frame) -> Mask {
    let grid = work.grid();
    let even = gaussian(&work.hu, EVEN_MM);
    let mut thick = open(&Mask::of(&even, |v| v > BLOOD_HU && v < 900.0), CORE_MM);
    thick.intersect(body);
    thick.subtract(&frame.vertebrae);
    // How far HU lie from their surroundings' mean, as a share of that mean; at edges this says nothing.
    let deep = erode(&thick, 3.0);
    let rough = |v: Voxel| {
        let e = even.at(v);
        (f32::from(work.hu.at(v)) - e).abs() / e
    };
    let components = Components::of(&open(&thick, 4.0), Neighbours::Six);
    let mut values: Vec<Vec<f32>> = vec![Vec::new(); components.list.len()];
    let bulky = open(&thick, BREASTBONE_MM);
    let mut stout = vec![false; components.list.len()];
    // Voxels in the lungs' hull, and voxels outside of it that are near to the skin.
    let (mut within, mut shallow) = (vec![0usize; components.list.len()], vec![0usize; components.list.len()]);
    let reach = [0, 1].map(|a| (UNDER_SKIN_MM / grid.spacing[a]) as usize);
    let near_skin = |v: Voxel| {
        let out = |i: usize, j: usize| !body.get(Voxel::new(i, j, v.k));
        v.i >= reach[0] && out(v.i - reach[0], v.j)
            || v.i + reach[0] < grid.size[0] && out(v.i + reach[0], v.j)
            || v.j >= reach[1] && out(v.i, v.j - reach[1])
            || v.j + reach[1] < grid.size[1] && out(v.i, v.j + reach[1])
    };
    components.for_each_run(|c, a, b, j, k| {
        for v in (a..b).map(|i| Voxel::new(i, j, k)) {
            stout[c] |= bulky.get(v);
            within[c] += usize::from(frame.hull.get(v));
            shallow[c] += usize::from(!frame.hull.get(v) && near_skin(v));
        }
        values[c].extend((a..b).map(|i| Voxel::new(i, j, k)).filter(|v| deep.get(*v)).map(rough));
    });
    let even_inside: Vec<bool> = (0..components.list.len())
        .map(|c| {
            let ml = components.list[c].voxels as f64 * grid.voxel_mm3() / 1000.0;
            let place = values[c].len() * 3 / 4;
            let breastbone =
                !stout[c] && 2 * within[c] < components.list[c].voxels && 2 * shallow[c] > components.list[c].voxels;
            if values[c].is_empty() || ml < 1.5 || breastbone {
                return false;
            }
            let (_, quartile, _) = values[c].select_nth_unstable_by(place, f32::total_cmp);
            *quartile < if ml > 15.0 { 0.25 } else { 0.17 }
        })
        .collect();
    components.mask(|c| even_inside[c])
}

/// The marrow: gaps closed, and holes of each slice filled that are no larger than a head of humerus.
fn marrow(shell: &Mask, canal: &Mask) -> Mask {
    const LARGEST_MM2: f64 = 1800.0;
    let grid = shell.grid;
    let mut bone = close(shell, MARROW_MM);
    let pixel = grid.spacing.x * grid.spacing.y;
    let holes: Vec<Mask> = (0..grid.size[2])
        .into_par_iter()
        .map(|k| {
            let components = Components::of(&bone.crop_slice(k).inverted(), Neighbours::Six);
            components.mask(|c| {
                let b = components.list[c].bounds;
                let enclosed = (0..2).all(|a| b.lo[a] > 0 && b.hi[a] < grid.size[a]);
                enclosed && components.list[c].voxels as f64 * pixel < LARGEST_MM2
            })
        })
        .collect();
    for (k, hole) in holes.iter().enumerate() {
        for j in 0..grid.size[1] {
            bone.row_mut(j, k).iter_mut().zip(hole.row(j, 0)).for_each(|(b, h)| *b |= *h);
        }
    }
    let mut free = canal.clone();
    free.subtract(shell);
    bone.subtract(&free);
    bone
}

/// The convex hull of both lungs in slice k, in work indices, counter-clockwise; `None` if there is no lung.
fn hull(lungs: &Lungs, k: usize) -> Option<Vec<(f64, f64)>> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let grid: Grid = lungs.closed[0].grid;
    for j in 0..grid.size[1] {
        let (mut lo, mut hi) = (usize::MAX, 0);
        for lung in &lungs.closed {
            if let (Some(a), Some(b)) = (lung.runs(j, k).first(), lung.runs(j, k).last()) {
                lo = lo.min(a.0);
                hi = hi.max(b.1 - 1);
            }
        }
        if lo != usize::MAX {
            points.push((lo as f64, j as f64));
            points.push((hi as f64, j as f64));
        }
    }
    if points.len() < 6 {
        return None;
    }
    // Andrew's monotone chain.
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let cross = |o: (f64, f64), a: (f64, f64), b: (f64, f64)| (a.0 - o.0) * (b.1 - o.1) - (a.1 - o.1) * (b.0 - o.0);
    let half = |points: &mut dyn Iterator<Item = (f64, f64)>| {
        let mut h: Vec<(f64, f64)> = Vec::new();
        for p in points {
            while h.len() >= 2 && cross(h[h.len() - 2], h[h.len() - 1], p) <= 0.0 {
                h.pop();
            }
            h.push(p);
        }
        h.pop();
        h
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    Some(hull)
}

/// Where the line y = `y` crosses a convex polygon.
fn chord(hull: &[(f64, f64)], y: f64) -> Option<(f64, f64)> {
    let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
    for n in 0..hull.len() {
        let (a, b) = (hull[n], hull[(n + 1) % hull.len()]);
        if (a.1 - y) * (b.1 - y) <= 0.0 {
            let xs = if a.1 == b.1 { [a.0, b.0] } else { [a.0 + (b.0 - a.0) * (y - a.1) / (b.1 - a.1); 2] };
            for x in xs {
                lo = lo.min(x);
                hi = hi.max(x);
            }
        }
    }
    (lo <= hi).then_some((lo, hi))
}
