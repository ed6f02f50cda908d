//! Trachea and bronchi: found as a round pipe of air from the top, then grown until the growth would leak into the lung.

use super::work::Work;
use crate::grids::components::{Components, Neighbours};
use crate::space::{Grid, Lps, Mask, Volume, Voxel};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Air in the trachea, averaged over a work voxel, is below this (lumen −1000 to −950; walls and blur in thick slices).
const LUMEN_HU: i16 = -700;

/// Cross-section of a trachea, mm² (usual in the field, unverified).
const TRACHEA_MM2: [f64; 2] = [60.0, 600.0];

/// A pipe of air that is shorter is no trachea, mm (choice: the trachea is 100 to 120 mm long).
const PIPE_MM: f64 = 25.0;

/// The same where the picture's top cuts it, mm: most of it lies above (choice).
const CUT_PIPE_MM: f64 = 10.0;

/// Cross-section of a main bronchus where the trachea divides, mm²: 11 to 14 mm wide; below, where a mass may narrow it
/// (choice).
const BRONCHUS_MM2: [f64; 2] = [25.0, 12.0];

/// What a trachea with its bronchi holds at most, mm³ (trachea and bronchi to the segments are 40 to 100 ml; choice).
const MOST_MM3: f64 = 130_000.0;

/// Around a trachea's centre all is lumen within this, mm (half of the narrowest radius).
const LUMEN_MM: f64 = 2.5;

/// A pipe of air: centre and area slice by slice, downwards.
struct Pipe {
    slices: Vec<(Voxel, f64)>,
}

/// Where the trachea was found: its centres from the head down.
pub(super) struct Trachea {
    /// One per slice of the work volume, from the head down.
    pub(super) centres: Vec<Voxel>,
}

/// Looks for the trachea: the longest round pipe of air inside of the body.
pub(super) fn trachea(work: &Work, body: &Mask) -> Option<Trachea> {
    let grid = work.grid();
    let [nx, ny, nz] = grid.size;
    let pixel = grid.spacing.x * grid.spacing.y;
    let centre = body.centroid().map(|c| grid.index(c))?;
    let mut open: Vec<Pipe> = Vec::new();
    let mut done: Vec<Pipe> = Vec::new();
    for k in (0..nz).rev() {
        let mut air = Mask::empty(Grid { size: [nx, ny, 1], ..grid });
        for j in 0..ny {
            for i in 0..nx {
                let v = Voxel::new(i, j, k);
                if work.hu.at(v) < LUMEN_HU && body.get(v) {
                    air.set(Voxel::new(i, j, 0), true);
                }
            }
        }
        let components = Components::of(&air, Neighbours::Six);
        let mut sum = vec![(0usize, 0usize); components.list.len()];
        components.for_each_run(|c, a, b, j, _| {
            sum[c].0 += (a..b).sum::<usize>();
            sum[c].1 += j * (b - a);
        });
        let mut next: Vec<Pipe> = Vec::new();
        for (c, component) in components.list.iter().enumerate() {
            let area = component.voxels as f64 * pixel;
            let size = component.bounds.size();
            let (w, h) = (size[0] as f64 * grid.spacing.x, size[1] as f64 * grid.spacing.y);
            let round = w.max(h) < 2.5 * w.min(h) && area > 0.45 * w * h && w.max(h) < 35.0;
            if !(0.7 * TRACHEA_MM2[0]..=TRACHEA_MM2[1]).contains(&area) || !round {
                continue;
            }
            let n = component.voxels;
            let at = Voxel::new((sum[c].0 + n / 2) / n, (sum[c].1 + n / 2) / n, k);
            // The nearest pipe of the slice above, of similar size, goes on.
            let best = open.iter().enumerate().filter_map(|(n, p)| {
                let (last, a) = p.slices.last()?;
                let d = (grid.centre(*last) - grid.centre(at)).truncate().length();
                (d < 4.0 + 0.8 * grid.spacing.z && area < 1.9 * a && *a < 1.9 * area).then_some((d, n))
            });
            let best = best.min_by(|a, b| a.0.total_cmp(&b.0));
            let mut pipe = match best {
                Some((_, n)) => open.swap_remove(n),
                None => Pipe { slices: Vec::new() },
            };
            pipe.slices.push((at, area));
            next.push(pipe);
        }
        done.append(&mut open);
        open = next;
    }
    done.append(&mut open);
    let length = |p: &Pipe| p.slices.len() as f64 * grid.spacing.z;
    let score = |p: &Pipe| {
        let off = p.slices.iter().map(|(v, _)| (v.i as f64 - centre.x).abs()).sum::<f64>() / p.slices.len() as f64;
        // Long, near the middle, high: a colon is neither.
        let high = p.slices.iter().map(|(v, _)| v.k as f64).sum::<f64>() / p.slices.len() as f64 / nz as f64;
        length(p).min(100.0) * (0.3 + high) - 0.3 * off * grid.spacing.x
    };
    let cut = |p: &Pipe| p.slices.first().is_some_and(|(v, _)| v.k + 1 == nz);
    let least = |p: &Pipe| if cut(p) { CUT_PIPE_MM } else { PIPE_MM };
    let best = done.into_iter().filter(|p| length(p) >= least(p) && p.slices.len() >= 3);
    let best = best.max_by(|a, b| score(a).total_cmp(&score(b)))?;
    Some(Trachea { centres: best.slices.into_iter().map(|(v, _)| v).collect() })
}

/// Grows the airways on the CT's grid from the trachea: always on at the darkest voxel of the border, so that the level
/// that has to be passed is known for each volume; stops before a step of level that lets the lung in.
pub(super) fn grow(work: &Work, trachea: &Trachea, body: &Mask, ct: &Volume<i16>) -> Mask {
    let full = ct.grid;
    let grid = work.grid();
    let mut out = Mask::empty(full);
    // The darkest full voxel near a centre in the middle of the pipe is the seed.
    let Some(seed) = trachea.centres.get(trachea.centres.len() / 2).and_then(|v| full.voxel(grid.centre(*v))) else {
        return out;
    };
    let voxel = full.voxel_mm3();
    let most = (MOST_MM3 / voxel) as usize;
    let [nx, ny, nz] = full.size;
    // Levels in steps of 10 HU: a bucket queue.
    let level = |v: i16| ((i32::from(v) + 1024).clamp(0, 2047) / 10) as u16;
    let top = level(-700);
    // The lumen's own noise is no leak: its level is what nine tenths of the voxels around the centres stay below.
    let mut lumen: Vec<i16> = Vec::new();
    let reach = [0, 1].map(|a| (LUMEN_MM / full.spacing[a]) as usize);
    for v in trachea.centres.iter().filter_map(|v| full.voxel(grid.centre(*v))) {
        for j in v.j.saturating_sub(reach[1])..=(v.j + reach[1]).min(ny - 1) {
            for i in v.i.saturating_sub(reach[0])..=(v.i + reach[0]).min(nx - 1) {
                lumen.push(ct.at(Voxel::new(i, j, v.k)));
            }
        }
    }
    lumen.sort_unstable();
    let own_level = lumen.get(lumen.len() * 9 / 10).map_or(0, |v| level(v.saturating_add(10)));
    let mut seen = Mask::empty(full);
    let mut heap: BinaryHeap<Reverse<(u16, u32)>> = BinaryHeap::new();
    let mut order: Vec<u32> = Vec::new();
    let mut ends: Vec<(u16, usize)> = Vec::new();
    seen.set(seed, true);
    heap.push(Reverse((level(ct.at(seed)), full.offset(seed) as u32)));
    let mut now = 0u16;
    while let Some(Reverse((l, o))) = heap.pop() {
        if l > now {
            ends.push((now, order.len()));
            now = l;
        }
        if l > top || order.len() > most {
            break;
        }
        order.push(o);
        let v = full.voxel_of(o as usize);
        let mut visit = |w: Voxel| {
            if !seen.get(w) && body.get(w) {
                seen.set(w, true);
                heap.push(Reverse((level(ct.at(w)), full.offset(w) as u32)));
            }
        };
        if v.i > 0 {
            visit(Voxel { i: v.i - 1, ..v });
        }
        if v.i + 1 < nx {
            visit(Voxel { i: v.i + 1, ..v });
        }
        if v.j > 0 {
            visit(Voxel { j: v.j - 1, ..v });
        }
        if v.j + 1 < ny {
            visit(Voxel { j: v.j + 1, ..v });
        }
        if v.k > 0 {
            visit(Voxel { k: v.k - 1, ..v });
        }
        if v.k + 1 < nz {
            visit(Voxel { k: v.k + 1, ..v });
        }
    }
    ends.push((now, order.len()));
    // The lumen's own volume first: then any step that adds more than 8 ml or a quarter is the lung.
    let mut keep = 0;
    for n in 0..ends.len() {
        let size = ends[n].1;
        let grown = (size - keep) as f64 * voxel;
        let own = keep as f64 * voxel;
        if size > most || (ends[n].0 > own_level && own > 8_000.0 && grown > (0.25 * own).max(8_000.0)) {
            break;
        }
        keep = size;
    }
    for o in &order[..keep] {
        out.set(full.voxel_of(*o as usize), true);
    }
    out
}

/// The carina: going down the trachea, the first slice below which its cross-section stays in two parts, side by side.
/// Works on the airways on the work grid.
pub(super) fn carina(trachea: &Trachea, airways: &Mask) -> Option<Lps> {
    let grid = airways.grid;
    let mut run: Option<(Lps, usize)> = None;
    let start = trachea.centres.first()?;
    let mut near = grid.centre(*start);
    let need = (10.0 / grid.spacing.z).ceil().max(2.0) as usize;
    for k in (0..=start.k).rev() {
        let components = Components::of(&airways.crop_slice(k), Neighbours::TwentySix);
        let mut sum = vec![(0f64, 0f64); components.list.len()];
        components.for_each_run(|c, a, b, j, _| {
            sum[c].0 += (a..b).map(|i| i as f64).sum::<f64>();
            sum[c].1 += (j * (b - a)) as f64;
        });
        let mut parts: Vec<(f64, Lps)> = Vec::new();
        for (c, component) in components.list.iter().enumerate() {
            let n = component.voxels as f64;
            let p = grid.point(glam::DVec3::new(sum[c].0 / n, sum[c].1 / n, k as f64));
            let area = n * grid.spacing.x * grid.spacing.y;
            // Main bronchi stay near the trachea's line.
            if area >= BRONCHUS_MM2[1] && (p - near).truncate().length() < 50.0 {
                parts.push((area, p));
            }
        }
        // The two main bronchi lie to both sides of where the trachea was: the pair whose middle is nearest to that.
        let away = |p: Lps| (p - near).truncate().length();
        let mut between: Option<Lps> = None;
        let least = BRONCHUS_MM2[usize::from(run.is_some())];
        for (n, (a, p)) in parts.iter().enumerate() {
            for (b, q) in &parts[n + 1..] {
                let (apart, middle) = ((p.x - q.x).abs(), p.lerp(*q, 0.5));
                let nearer = between.is_none_or(|b| away(middle) < away(b));
                if a.min(*b) >= least && apart > 10.0 && apart < 70.0 && away(middle) < 20.0 && nearer {
                    between = Some(middle);
                }
            }
        }
        parts.sort_by(|a, b| away(a.1).total_cmp(&away(b.1)));
        if let Some(between) = between {
            run = Some(run.map_or((between, 1), |(p, n)| (p, n + 1)));
            if let Some((p, n)) = run
                && n >= need
            {
                return Some(p);
            }
        } else {
            run = None;
            match parts.first() {
                Some(p) => near = p.1,
                None => return None,
            }
        }
    }
    None
}
