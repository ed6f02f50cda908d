//! A coarse look at the whole scan, some milliseconds: which air is outside, which is lung, and of which side.
//!
//! A click works in a box; but whether the air at the box's edge is lung, the other lung or the room, only the whole
//! scan tells. The box's finer work asks this map.

use crate::ct::Ct;
use crate::grids::blank::blank;
use crate::grids::components::{Components, Neighbours};
use crate::grids::distance::distance_to;
use crate::space::{Grid, Lps, Mask, PADDING, Volume, Voxel};
use rayon::prelude::*;

/// What the air of a coarse cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Air {
    /// No air, or air that is neither (bowel, trachea).
    None,
    /// Outside of the patient.
    Outside,
    /// A lung; the number tells lungs apart.
    Lung(u8),
}

/// The coarse map.
pub(super) struct Chest {
    /// HU, averaged.
    pub(super) hu: Volume<i16>,
    /// 0 none, 1 outside, 2 and up the lungs.
    air: Volume<u8>,
    /// Whether the scan is so small a crop that there is no outside in it.
    pub(super) crop: bool,
}

/// Side of a coarse cell, mm: bronchi below the segmental ones vanish, the septum between the lungs does not (choice).
pub(super) const CELL_MM: f64 = 3.0;
/// Air below this, HU (facts, section 2: lungs).
const AIR_HU: i16 = -400;
/// Air that touches the border of the scan and is darker than this on the mean is the room, not a lung cut by the field
/// of view (lung −900 to −700, emphysema seldom below −940; room air −1000; choice).
const ROOM_HU: f64 = -940.0;
/// Scans narrower than this in both directions are crops inside the chest, mm (choice: a chest is over 250 mm wide).
const CROP_MM: f64 = 120.0;

impl Chest {
    pub(super) fn of(ct: &Ct) -> Chest {
        let hu = averaged(&ct.hu, [CELL_MM; 3]);
        let grid = hu.grid;
        let mm = |a: usize| ct.hu.grid.size[a] as f64 * ct.hu.grid.spacing[a];
        let plane = super::outline::Plane::axial(&ct.hu.grid);
        let crop = mm(plane.u).max(mm(plane.v)) < CROP_MM;
        let mut air = Volume::filled(grid, 0u8);
        let mut dark = Mask::of(&hu, |v| v < AIR_HU);
        if crop {
            for (a, v) in air.data.iter_mut().zip(&hu.data) {
                *a = if *v < AIR_HU { 2 } else { 0 };
            }
            return Chest { hu, air, crop };
        }
        let blank = halves(&blank(&ct.hu, plane.w), grid);
        let cut = !blank.is_empty();
        dark.subtract(&blank);
        let parts = Components::of(&dark, Neighbours::Six);
        let mut sums = vec![(0f64, false); parts.list.len()];
        let mut part_of = Volume::filled(grid, u32::MAX);
        for (n, part) in parts.list.iter().enumerate() {
            if part.voxels < 4 {
                break;
            }
            let b = part.bounds;
            sums[n].1 = b.lo[plane.u] == 0
                || b.lo[plane.v] == 0
                || b.hi[plane.u] == grid.size[plane.u]
                || b.hi[plane.v] == grid.size[plane.v];
        }
        for k in 0..grid.size[2] {
            for j in 0..grid.size[1] {
                for i in 0..grid.size[0] {
                    let v = Voxel::new(i, j, k);
                    if dark.get(v)
                        && let Some(n) = parts.holding(v)
                    {
                        part_of.data[grid.offset(v)] = n as u32;
                        sums[n].1 |= cut && blank.beside(v);
                        sums[n].0 += f64::from(hu.at(v).max(-1024));
                    }
                }
            }
        }
        let outside: Vec<bool> =
            parts.list.iter().zip(&sums).map(|(p, s)| s.1 && s.0 / p.voxels as f64 <= ROOM_HU).collect();
        for (a, n) in air.data.iter_mut().zip(&part_of.data) {
            *a = u8::from(*n != u32::MAX && outside[*n as usize]);
        }
        blank.for_each(|v| air.data[grid.offset(v)] = 1);
        let lungs = parts.mask(|n| !outside[n]);
        for (n, lung) in lungs_of(&lungs).into_iter().enumerate() {
            lung.for_each(|v| air.data[grid.offset(v)] = 2 + n as u8);
        }
        Chest { hu, air, crop }
    }

    fn kind(&self, v: Voxel) -> Air {
        match self.air.at(v) {
            0 => Air::None,
            1 => Air::Outside,
            n => Air::Lung(n - 2),
        }
    }

    /// What the air nearest to a point, within a cell's reach of it, is; the room where nothing else is near.
    pub(super) fn air_at(&self, p: Lps) -> Air {
        let grid = &self.air.grid;
        let x = grid.index(p).round();
        let c = [0, 1, 2].map(|a| x[a].clamp(0.0, grid.size[a] as f64 - 1.0) as usize);
        let here = self.kind(Voxel::new(c[0], c[1], c[2]));
        if here != Air::None {
            return here;
        }
        let mut best = (f64::MAX, Air::None);
        for n in 0..27 {
            let d = [n % 3, n / 3 % 3, n / 9];
            let mut y = [0usize; 3];
            if !(0..3).all(|a| {
                y[a] = (c[a] + d[a]).wrapping_sub(1);
                y[a] < grid.size[a]
            }) {
                continue;
            }
            let v = Voxel::new(y[0], y[1], y[2]);
            let (kind, mm) = (self.kind(v), grid.centre(v).distance(p));
            if kind != Air::None && mm < best.0 {
                best = (mm, kind);
            }
        }
        best.1
    }

    /// The lung nearest to a point, and how far its air is, mm.
    pub(super) fn nearest_lung(&self, p: Lps) -> Option<(u8, f64)> {
        let grid = &self.air.grid;
        let mut best: Option<(u8, f64)> = None;
        for (o, label) in self.air.data.iter().enumerate() {
            if *label >= 2 {
                let mm = grid.centre(grid.voxel_of(o)).distance(p);
                if best.is_none_or(|b| mm < b.1) {
                    best = Some((*label - 2, mm));
                }
            }
        }
        best
    }

    /// x of the middle between the outermost borders of two lungs, LPS mm; `None` where two were not told apart.
    pub(super) fn middle_x(&self) -> Option<f64> {
        let grid = &self.air.grid;
        let (mut lo, mut hi, mut lungs) = (f64::MAX, f64::MIN, [0usize; 2]);
        for (o, label) in self.air.data.iter().enumerate() {
            if *label == 2 || *label == 3 {
                let x = grid.centre(grid.voxel_of(o)).x;
                lo = lo.min(x);
                hi = hi.max(x);
                lungs[usize::from(*label - 2)] += 1;
            }
        }
        (!self.crop && lungs.iter().all(|n| *n > 0)).then(|| (lo + hi) / 2.0)
    }

    /// Whether a point lies outside of the body: in the room, or in something loose in it, as table or blanket.
    pub(super) fn outside_body(&self, p: Lps) -> bool {
        if self.crop {
            return false;
        }
        let grid = self.hu.grid;
        let plane = super::outline::Plane::axial(&grid);
        let Some(at) = grid.voxel(p) else { return true };
        let w = [at.i, at.j, at.k][plane.w];
        // The body in this slice: what is no room, opened so that the table comes off, the largest piece.
        let (nu, nv) = (grid.size[plane.u], grid.size[plane.v]);
        let flat = Grid {
            size: [nu, nv, 1],
            spacing: glam::DVec3::new(grid.spacing[plane.u], grid.spacing[plane.v], 1.0),
            origin: Lps::default(),
            axes: glam::DMat3::IDENTITY,
        };
        let dense = Mask::from_fn(flat, |o| self.hu.at(plane.voxel(o % nu, o / nu, w)) > -300);
        let opened = crate::grids::morphology::open(&dense, 1.5 * CELL_MM);
        let body = crate::grids::components::largest(&opened, Neighbours::Six);
        let room = Mask::from_fn(flat, |o| self.air.at(plane.voxel(o % nu, o / nu, w)) == 1);
        let x = [at.i, at.j, at.k];
        let here = Voxel::new(x[plane.u], x[plane.v], 0);
        if body.get(here) || body.is_empty() {
            return false;
        }
        // Not in the body's tissue: inside it only if the way to the picture's edge is barred by the body.
        let mut free = body.inverted();
        if room.is_empty() {
            return false;
        }
        free.unite(&room);
        let parts = Components::of(&free, Neighbours::Six);
        let mine = parts.holding(here);
        let in_lung = matches!(self.air_at(p), Air::Lung(_));
        !in_lung
            && mine.is_some_and(|m| {
                let mut hit = false;
                room.for_each(|v| hit |= parts.holding(v) == Some(m));
                hit
            })
    }
}

/// The cells of a coarse grid of which at least half is in a mask of the fine one.
fn halves(fine: &Mask, coarse: Grid) -> Mask {
    if fine.is_empty() {
        return Mask::empty(coarse);
    }
    let step = [0, 1, 2].map(|a| (coarse.spacing[a] / fine.grid.spacing[a]).round().max(1.0) as usize);
    let mut count = vec![0usize; coarse.len()];
    fine.for_each(|v| count[coarse.offset(Voxel::new(v.i / step[0], v.j / step[1], v.k / step[2]))] += 1);
    let whole = step.iter().product::<usize>();
    Mask::from_fn(coarse, |o| 2 * count[o] >= whole)
}

/// The two lungs (or the one, or more pieces where they do not hang together), largest first. Bronchi and the thin
/// septum in front join the lungs: the mask is shrunk until two large parts on two sides fall apart, and these grow back.
fn lungs_of(air: &Mask) -> Vec<Mask> {
    let grid = air.grid;
    let depth = distance_to(&air.inverted(), 30.0);
    let cell = grid.voxel_mm3();
    let mut best: Vec<Mask> = Vec::new();
    for shrink in [4.0, 6.0, 8.0, 10.0, 13.0, 16.0] {
        let core = Mask::from_fn(grid, |o| f64::from(depth.data[o]) > shrink);
        let parts = Components::of(&core, Neighbours::Six);
        let large: Vec<usize> = (0..parts.list.len())
            .filter(|&n| parts.list[n].voxels as f64 * cell > 20e3 && parts.list[n].voxels * 6 > parts.list[0].voxels)
            .collect();
        let found: Vec<Mask> = large.iter().take(6).map(|&n| parts.mask(|m| m == n)).collect();
        if best.is_empty() || found.len() >= 2 {
            best = found;
        }
        if best.len() >= 2 {
            break;
        }
    }
    if best.is_empty() {
        return if air.is_empty() { Vec::new() } else { vec![air.clone()] };
    }
    // Each air voxel belongs to the nearest core; what lies deeper outside (trachea, bowel) belongs to none.
    let maps: Vec<Volume<f32>> = best.iter().map(|m| distance_to(m, 60.0)).collect();
    (0..best.len())
        .map(|n| {
            Mask::from_fn(grid, |o| {
                let mine = maps[n].data[o];
                air.at(o)
                    && mine < 25.0
                    && (0..best.len()).all(|m| m == n || maps[m].data[o] > mine || (maps[m].data[o] == mine && m > n))
            })
        })
        .collect()
}

/// The mean of whole voxels in cells of about `mm`; padding counts as −1024.
pub(super) fn averaged(hu: &Volume<i16>, mm: [f64; 3]) -> Volume<i16> {
    let g = hu.grid;
    let step = [0, 1, 2].map(|a| ((mm[a] / g.spacing[a]).round() as usize).clamp(1, g.size[a].max(1)));
    let size = [0, 1, 2].map(|a| g.size[a].div_ceil(step[a]));
    let spacing = glam::DVec3::from([0, 1, 2].map(|a| g.spacing[a] * step[a] as f64));
    let half = glam::DVec3::from(step.map(|s| (s as f64 - 1.0) / 2.0));
    let grid = Grid { size, spacing, origin: g.point(half), axes: g.axes };
    let [nx, ny, _] = g.size;
    let mut out = Volume::filled(grid, 0i16);
    out.data.par_chunks_mut(size[0] * size[1]).enumerate().for_each(|(k, slice)| {
        let mut sum = vec![(0i32, 0i32); size[0]];
        for j in 0..size[1] {
            sum.fill((0, 0));
            for kk in k * step[2]..((k + 1) * step[2]).min(g.size[2]) {
                for jj in j * step[1]..((j + 1) * step[1]).min(ny) {
                    let row = &hu.data[(kk * ny + jj) * nx..(kk * ny + jj + 1) * nx];
                    for (cell, part) in sum.iter_mut().zip(row.chunks(step[0])) {
                        cell.0 += part.iter().map(|v| if *v == PADDING { -1024 } else { i32::from(*v) }).sum::<i32>();
                        cell.1 += part.len() as i32;
                    }
                }
            }
            for (o, s) in slice[j * size[0]..(j + 1) * size[0]].iter_mut().zip(&sum) {
                *o = (s.0 / s.1.max(1)) as i16;
            }
        }
    });
    out
}
