//! The body: what lies inside the skin, without table, mattress and blankets; and where its skin is cut by the field of
//! view.

use super::work::{Work, keep};
use crate::grids::components::{Components, Neighbours};
use crate::grids::morphology::{dilate, erode, open};
use crate::space::{Bounds, Mask, PADDING, Volume, Voxel};
use glam::DVec3;
use rayon::prelude::*;

/// HU above which a voxel is tissue rather than air, blanket or foam (usual in the field, unverified: blankets −900 to −200,
/// foam −950 to −800; half-way from air to skin is −500).
pub(super) const TISSUE_HU: i16 = -300;

/// Sheets thinner than twice this are table, blankets and tubes, not body, in mm (the same source: 2 to 3 mm).
const OPENING_MM: f64 = 3.0;

/// A region that reaches the picture's edge is outside only if its mean is that of air; a lung that the edge cuts is
/// above (emphysema on average too; choice).
const OUTSIDE_HU: f64 = -930.0;

/// An arm in the picture that is not joined to the trunk there holds at least this, mm³ (choice).
const ARM_MM3: f64 = 50_000.0;

/// The body on the work grid, interior air included. `blank` is what was not measured at the scan's ends, `down` the
/// direction that was down, LPS.
pub(super) fn body(work: &Work, blank: &Mask, down: DVec3) -> Mask {
    let tissue = Mask::of(&work.hu, |v| v > TISSUE_HU);
    let core = trunk_and_arms(&open(&tissue, OPENING_MM), down);
    // What the opening rounded off at corners of the skin.
    let mut body = dilate(&core, 1.25 * OPENING_MM);
    body.intersect(&tissue);
    body.unite(&core);
    fill(&body, blank, &work.hu)
}

/// The largest part, and others that may be arms: large, and not under the trunk as a table's pads are.
fn trunk_and_arms(parts: &Mask, down: DVec3) -> Mask {
    let grid = parts.grid;
    let d = (grid.axes.transpose() * down) * grid.spacing;
    let components = Components::of(parts, Neighbours::TwentySix);
    let mut height = vec![(0f64, f64::NEG_INFINITY); components.list.len()];
    components.for_each_run(|c, a, b, j, k| {
        let at = |i: usize| Voxel::new(i, j, k).centre().dot(d);
        height[c].0 += (at(a) + at(b - 1)) / 2.0 * (b - a) as f64;
        height[c].1 = height[c].1.max(at(a)).max(at(b - 1));
    });
    components.mask(|c| {
        let n = components.list[c].voxels as f64;
        c == 0 || n * grid.voxel_mm3() >= ARM_MM3 && height[c].0 / n < height[0].1 - 15.0
    })
}

/// Fills what lies inside of the body slice by slice: lungs, bowel gas, windpipe; not the gap between arm and chest
/// where that is open to the outside above or below.
fn fill(body: &Mask, blank: &Mask, hu: &Volume<i16>) -> Mask {
    let grid = body.grid;
    let [nx, ny, nz] = grid.size;
    let mut holes = Mask::empty(grid);
    for k in 0..nz {
        let blank = blank.crop_slice(k);
        let cut = !blank.is_empty();
        let mut open = body.crop_slice(k).inverted();
        open.subtract(&blank);
        let components = Components::of(&open, Neighbours::Six);
        let mut sum = vec![(0f64, 0usize, false); components.list.len()];
        components.for_each_run(|c, first, end, j, _| {
            sum[c].2 |= cut && (first..end).any(|i| blank.beside(Voxel::new(i, j, 0)));
            for v in &hu.slice(k)[j * nx + first..j * nx + end] {
                if *v != PADDING {
                    sum[c].0 += f64::from(*v);
                    sum[c].1 += 1;
                }
            }
        });
        let hole = components.mask(|c| {
            let b: Bounds = components.list[c].bounds;
            let (s, m, at_cut) = sum[c];
            let enclosed = !at_cut && b.lo[0] > 0 && b.lo[1] > 0 && b.hi[0] < nx && b.hi[1] < ny;
            // Padding alone is never lung.
            enclosed && m > 0 || m > 0 && s / m as f64 > OUTSIDE_HU && 2 * m > components.list[c].voxels
        });
        for j in 0..ny {
            holes.row_mut(j, k).copy_from_slice(hole.row(j, 0));
        }
    }
    // Air that is joined to the outside by a passage wider than 12 mm is outside, though a slice encloses it: the gap
    // beside an arm. Mouth and nose are narrower (choice).
    const PASSAGE_MM: f64 = 6.0;
    let mut air = erode(&body.inverted(), PASSAGE_MM);
    air.subtract(blank);
    let components = Components::of(&air, Neighbours::Six);
    let mut outside = vec![false; components.list.len()];
    components.for_each_run(|c, first, end, j, k| {
        outside[c] |= (first..end).any(|i| !holes.get(Voxel::new(i, j, k)));
    });
    let reached = dilate(&components.mask(|c| outside[c]), PASSAGE_MM);
    holes.subtract(&reached);
    let mut out = body.clone();
    out.unite(&holes);
    out
}

/// The body on the CT's grid: its skin is where HU crosses [`TISSUE_HU`].
pub(super) fn at_full(work: &Work, body: &Mask, ct: &Volume<i16>) -> Mask {
    let reach = 1.01 * work.grid().spacing.x.max(work.grid().spacing.y);
    let mut rim = dilate(body, reach);
    let inside = erode(body, 2.0 * reach);
    rim.subtract(&inside);
    let mut full = work.refine(ct, &rim, |v| v > TISSUE_HU);
    full.unite(&work.up(&inside));
    let components = Components::of(&full, Neighbours::TwentySix);
    let least = (0.5 * ARM_MM3 / ct.grid.voxel_mm3()) as usize;
    components.mask(|c| c == 0 || components.list[c].voxels >= least)
}

/// The voxels of the body where the field of view or the picture ends: there is no skin there.
pub(super) fn skin_cut(body: &Mask, ct: &Volume<i16>) -> Mask {
    let grid = body.grid;
    let [nx, ny, nz] = grid.size;
    let missing = missing(ct);
    let mut cut = dilate(&missing, 1.5 * grid.spacing.max_element().min(2.0 * grid.spacing.min_element()));
    let last = nx - 1;
    cut = Mask::from_rows(grid, |j, k, row| {
        row.copy_from_slice(cut.row(j, k));
        if j == 0 || j + 1 == ny || k == 0 || k + 1 == nz {
            row.fill(u64::MAX);
        } else {
            row[0] |= 1;
            row[last >> 6] |= 1 << (last & 63);
        }
        row.iter_mut().zip(body.row(j, k)).for_each(|(c, b)| *c &= b);
    });
    cut
}

/// First and last slice in which more than some twenty voxels of skin are cut (the outermost slices, which are cut all
/// over, left out); `None` if there is none.
pub(super) fn cut_slices(cut: &Mask) -> Option<(usize, usize)> {
    const FEW: usize = 20;
    let nz = cut.grid.size[2];
    let many = |k: &usize| cut.crop_slice(*k).count() > FEW;
    let slices: Vec<usize> = (1..nz.saturating_sub(1)).filter(many).collect();
    // The outermost slices go with their neighbours.
    let (first, last) = (*slices.first()?, *slices.last()?);
    Some((if first == 1 { 0 } else { first }, if last + 2 == nz { nz - 1 } else { last }))
}

/// Where nothing was measured: padding, and a constant value outside of the round field of view.
fn missing(ct: &Volume<i16>) -> Mask {
    let mut missing = Mask::of(ct, |v| v == PADDING);
    let grid = ct.grid;
    let [nx, ny, _] = grid.size;
    // Some scanners write air's value outside of the circle. If all four corners hold one value everywhere beyond the
    // circle that the picture encloses, nothing was measured there.
    let centre = [(nx as f64 - 1.0) / 2.0, (ny as f64 - 1.0) / 2.0];
    let radius = nx.min(ny) as f64 / 2.0 + 1.0;
    let Some(&value) = ct.data.first() else { return missing };
    if value > -900 || value == PADDING || nx != ny {
        return missing;
    }
    let beyond = |v: Voxel| (v.i as f64 - centre[0]).hypot(v.j as f64 - centre[1]) > radius;
    // What lies beyond the circle in each row: the same for every slice.
    let edges: Vec<(usize, usize)> = (0..ny)
        .map(|j| {
            let on: Vec<usize> = (0..nx).filter(|&i| !beyond(Voxel::new(i, j, 0))).collect();
            (on.first().copied().unwrap_or(nx), on.last().map_or(nx, |l| l + 1))
        })
        .collect();
    let constant = ct.data.par_chunks(nx * ny).all(|slice| {
        edges.iter().enumerate().all(|(j, (a, b))| {
            let row = &slice[j * nx..(j + 1) * nx];
            row[..*a].iter().chain(&row[*b..]).all(|v| *v == value)
        })
    });
    if constant {
        let circle = Mask::from_rows(grid, |j, _, row| {
            for i in (0..edges[j].0).chain(edges[j].1..nx) {
                row[i >> 6] |= 1 << (i & 63);
            }
        });
        missing.unite(&circle);
    }
    missing
}

/// The scanner's table and what lies on it, on the work grid: outside of the body on the side that was down, and the
/// same along z. `down` is in LPS.
pub(super) fn table(work: &Work, body: &Mask, down: DVec3) -> Mask {
    let grid = work.grid();
    let [nx, ny, nz] = grid.size;
    let around = dilate(body, 2.0 * WORK_RIM_MM);
    let d = grid.axes.transpose() * down;
    let Some(centre) = body.centroid().map(|c| grid.index(c)) else { return Mask::empty(grid) };
    let mut lasting = vec![false; nx * ny];
    for j in 0..ny {
        for i in 0..nx {
            let side = (i as f64 - centre.x) * d.x * grid.spacing.x + (j as f64 - centre.y) * d.y * grid.spacing.y;
            if side <= 0.0 {
                continue;
            }
            let (mut seen, mut solid) = (0, 0);
            for k in 0..nz {
                let v = work.hu.data[(k * ny + j) * nx + i];
                if v != PADDING && !around.get(Voxel::new(i, j, k)) {
                    seen += 1;
                    solid += usize::from(v > FOAM_HU);
                }
            }
            lasting[j * nx + i] = 5 * solid >= 4 * seen && 2 * seen >= nz;
        }
    }
    // Beyond the table's first lasting voxel on the way down everything solid belongs to it: struts and boxes that do
    // not last along z.
    let (axis, sign) = if d.y.abs() >= d.x.abs() { (1, d.y.signum()) } else { (0, d.x.signum()) };
    let (across, along) = if axis == 1 { (nx, ny) } else { (ny, nx) };
    let mut below = vec![false; nx * ny];
    for a in 0..across {
        let mut under = false;
        for step in 0..along {
            let b = if sign > 0.0 { step } else { along - 1 - step };
            let o = if axis == 1 { b * nx + a } else { a * nx + b };
            under |= lasting[o];
            below[o] = under;
        }
    }
    let mut table = Mask::from_rows(grid, |j, k, row| {
        for i in 0..nx {
            let p = j * nx + i;
            let v = work.hu.data[k * nx * ny + p];
            if v != PADDING && v > FOAM_HU && (lasting[p] || below[p]) && !body.get(Voxel::new(i, j, k)) {
                row[i >> 6] |= 1 << (i & 63);
            }
        }
    });
    table.unite(&shells(work, &around, centre, d));
    table
}

/// Solid things outside of the body that run along half of the scan or more, on the side that was down: a table that
/// sinks or is tilted does not stay in place.
fn shells(work: &Work, around: &Mask, centre: DVec3, down: DVec3) -> Mask {
    let mut solid = Mask::of(&work.hu, |v| v > SHELL_HU);
    solid.subtract(around);
    let components = Components::of(&solid, Neighbours::TwentySix);
    let mut side = vec![0f64; components.list.len()];
    components.for_each_run(|c, a, b, j, _| {
        let x = (a..b).map(|i| i as f64 - centre.x).sum::<f64>();
        side[c] += x * down.x + (b - a) as f64 * (j as f64 - centre.y) * down.y;
    });
    components.mask(|c| side[c] > 0.0 && 2 * components.list[c].bounds.size()[2] >= work.grid().size[2])
}

/// A table's shell, averaged over a work voxel (thin carbon fibre; choice).
const SHELL_HU: i16 = -700;

/// Above this the outside is not air (foam is −950 to −800, usual in the field, unverified; air's noise after averaging is
/// some 20 HU).
const FOAM_HU: i16 = -900;

/// Half a voxel of the work grid and the blur of the skin, mm (choice).
const WORK_RIM_MM: f64 = 2.0;

/// The table on the CT's grid.
pub(super) fn table_at_full(work: &Work, table: &Mask, body: &Mask, ct: &Volume<i16>) -> Mask {
    let mut full = work.up(&dilate(table, 1.01 * work.grid().spacing.x));
    keep(&mut full, ct, |v| v != PADDING && v > FOAM_HU);
    full.subtract(body);
    full
}
