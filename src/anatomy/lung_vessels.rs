//! Vessels inside the lungs of 3 mm and more: what is dense, thick enough and long; nodules are not.

use super::work::keep;
use crate::grids::components::{Components, Neighbours};
use crate::grids::filter::gaussian_f32;
use crate::grids::morphology::{dilate, open};
use crate::jobs::{Cancelled, Progress};
use crate::space::{Grid, Mask, PADDING, Volume, Voxel};
use glam::{DMat3, DVec3};

/// Half-way between lung and blood (usual in the field, unverified: −600 to −500).
const VESSEL_HU: i16 = -500;

/// Blood, and not the hilum's fat (fat −100, blood without contrast 30 to 50).
const BLOOD_HU: i16 = 0;

/// Vessels take up a tenth of a lung away from the hilum; where they seem to take up more than this within some
/// [`AROUND_MM`] it is consolidation, mm (choice).
const SPONGE_SHARE: f32 = 0.3;
const AROUND_MM: f64 = 8.0;

/// Radius of the opening, mm: a vessel of 3 mm stays whatever its place among the voxels.
const OPENING_MM: f64 = 1.1;

/// Walls of bronchi, mm.
const WALL_MM: f64 = 1.6;

/// Fragments below are no vessel of that calibre, mm³ (3 mm × 3 mm × 4 mm; choice).
const LEAST_MM3: f64 = 36.0;

/// Radii at which thick parts are looked at one by one, mm.
const LEVELS_MM: [f64; 6] = [9.0, 6.5, 4.5, 3.2, 2.3, 1.7];

/// Thicker than twice this, away from the hilum, is no vessel, mm (the interlobar artery is 16 mm).
const MASS_MM: f64 = 9.0;

/// From this radius on a compact part away from the hilum is a lesion even if much goes on from it, mm (arteries of the
/// lower lobes are 8 mm wide; choice).
const TRUNK_MM: f64 = 4.5;

/// A part as large as a mass is one if it is this many times as wide as it is thick (choice).
const WIDE: f64 = 2.0;

/// What the vessels lie in and beside, on the CT's grid.
pub(super) struct Beside<'a> {
    /// Both lungs, closed.
    pub(super) lungs: &'a Mask,
    /// What lies between them and the mediastinum.
    pub(super) hilum: Mask,
    /// Where pleura and atelectasis look like vessels.
    pub(super) rim: &'a Mask,
    /// The lungs' parts beside the mediastinum, where trunks come in.
    pub(super) medial: &'a Mask,
    /// Windpipe and bronchi.
    pub(super) airways: &'a Mask,
    /// What is as bright as blood with contrast and not as noise; `None` without contrast.
    pub(super) filled: Option<Mask>,
}

/// The vessels on the CT's grid.
pub(super) fn lung_vessels(ct: &Volume<i16>, beside: Beside<'_>, progress: &Progress) -> Result<Mask, Cancelled> {
    let Beside { lungs, hilum, rim, medial, airways, filled } = beside;
    let mut dense = lungs.clone();
    keep(&mut dense, ct, |v| v > VESSEL_HU && v != PADDING);
    let mut hilum = hilum;
    keep(&mut hilum, ct, |v| v > BLOOD_HU);
    dense.unite(&hilum);
    dense.subtract(rim);
    dense.subtract(&dilate(airways, WALL_MM));
    progress.check()?;
    let thick = open(&dense, OPENING_MM);
    let voxel = ct.grid.voxel_mm3();
    let components = Components::of(&thick, Neighbours::TwentySix);
    let all = components.mask(|c| components.list[c].voxels as f64 * voxel >= LEAST_MM3);
    let mut vessels = all.clone();
    for level in LEVELS_MM {
        progress.check()?;
        remove_blobs(&mut vessels, medial, level);
    }
    remove_sponge(&mut vessels, lungs, medial);
    if let Some(mut filled) = filled {
        // Filled blood is a vessel whatever its shape; a mass does not become so bright.
        filled.intersect(&all);
        vessels.unite(&filled);
    }
    Ok(vessels)
}

/// Takes out what fills the lung around it, away from the hilum: half-aired lung is no net of vessels.
fn remove_sponge(vessels: &mut Mask, lungs: &Mask, medial: &Mask) {
    let coarse = Coarse::of(&vessels.grid);
    let share = |mask: &Mask| gaussian_f32(&coarse.count(mask), AROUND_MM);
    let (filled, lung) = (share(vessels), share(lungs));
    let dense = Mask::from_fn(filled.grid, |o| filled.data[o] > SPONGE_SHARE * lung.data[o] && lung.data[o] > 0.0);
    if dense.is_empty() {
        return;
    }
    let mut sponge = vessels.clone();
    sponge.subtract(medial);
    let mut gone = Mask::empty(vessels.grid);
    sponge.for_each(|v| {
        if dense.get(coarse.voxel_at(v)) {
            gone.set(v, true);
        }
    });
    vessels.subtract(&gone);
}

/// A grid of voxels of about 4 mm over another.
struct Coarse {
    grid: Grid,
    factor: [usize; 3],
}

impl Coarse {
    fn of(full: &Grid) -> Coarse {
        let factor = [0, 1, 2].map(|a| (4.0 / full.spacing[a]).floor().max(1.0) as usize);
        let mut grid = *full;
        for a in 0..3 {
            grid.size[a] = full.size[a].div_ceil(factor[a]);
            grid.spacing[a] *= factor[a] as f64;
        }
        Coarse { grid, factor }
    }

    fn voxel_at(&self, v: Voxel) -> Voxel {
        Voxel::new(v.i / self.factor[0], v.j / self.factor[1], v.k / self.factor[2])
    }

    fn count(&self, mask: &Mask) -> Volume<f32> {
        let mut count = Volume::filled(self.grid, 0f32);
        for k in 0..mask.grid.size[2] {
            for j in 0..mask.grid.size[1] {
                let start = self.grid.offset(self.voxel_at(Voxel::new(0, j, k)));
                for (a, b) in mask.runs(j, k) {
                    for i in a..b {
                        count.data[start + i / self.factor[0]] += 1.0;
                    }
                }
            }
        }
        count
    }
}

/// Takes out parts that are as thick as 2 · `level`, compact, and not the middle of branches of their own calibre.
fn remove_blobs(vessels: &mut Mask, medial: &Mask, level: f64) {
    let grid = vessels.grid;
    let parts = open(vessels, level);
    let components = Components::of(&parts, Neighbours::TwentySix);
    let n = components.list.len();
    let mut sum = vec![DVec3::ZERO; n];
    let mut square = vec![DMat3::ZERO; n];
    let mut touches = vec![false; n];
    components.for_each_run(|c, a, b, j, k| {
        for i in a..b {
            let v = Voxel::new(i, j, k);
            touches[c] |= medial.get(v);
            let p = v.centre() * grid.spacing;
            sum[c] += p;
            square[c] += DMat3::from_cols(p * p.x, p * p.y, p * p.z);
        }
    });
    let mut removed = Mask::empty(grid);
    for (c, component) in components.list.iter().enumerate() {
        if touches[c] && level < TRUNK_MM {
            continue;
        }
        let count = component.voxels as f64;
        let mean = sum[c] / count;
        let spread = square[c] * (1.0 / count) - DMat3::from_cols(mean * mean.x, mean * mean.y, mean * mean.z);
        // The length of a rod of that greatest variance, against the diameter of a ball of that volume; a trunk is not
        // much wider than thick, a mass cut by thick slices is.
        let (greatest, middle) = greatest_eigenvalues(spread);
        let (length, width) = ((12.0 * greatest).sqrt(), (12.0 * middle).sqrt());
        let ball = 2.0 * (3.0 * count * grid.voxel_mm3() / (4.0 * std::f64::consts::PI)).cbrt();
        let is_mass = ball > 2.0 * MASS_MM && width > WIDE * 2.0 * level;
        if level < MASS_MM && length > 1.5 * ball && !is_mass {
            continue;
        }
        // What goes on from it within one and a half of its radius.
        let radius = ball / 2.0;
        let reach = 1.5 * radius;
        let margin = [0, 1, 2].map(|a| ((reach + 2.0 + level) / grid.spacing[a]).ceil() as usize);
        let bounds = component.bounds.grown(margin, &grid);
        let part = crop_component(&components, c, bounds, grid);
        let around = vessels.crop(bounds);
        let near = dilate(&part, 1.0);
        let mut shell = dilate(&part, reach);
        shell.subtract(&near);
        shell.intersect(&around);
        let goes_on = shell.count() as f64 > 0.6 * count;
        if level < (if touches[c] { MASS_MM } else { TRUNK_MM }) && goes_on && !is_mass {
            continue;
        }
        let mut gone = dilate(&part, 1.5 + 0.4 * level);
        gone.intersect(&around);
        removed.unite(&gone.placed_in(grid, bounds.lo));
    }
    vessels.subtract(&removed);
}

/// One component in a box.
fn crop_component(components: &Components, c: usize, bounds: crate::space::Bounds, grid: Grid) -> Mask {
    let mut out = Mask::empty(grid.crop(bounds));
    components.for_each_run(|n, a, b, j, k| {
        if n == c {
            for i in a..b {
                out.set(Voxel::new(i - bounds.lo[0], j - bounds.lo[1], k - bounds.lo[2]), true);
            }
        }
    });
    out
}

/// The two greatest eigenvalues of a symmetric matrix that has none below 0, by squaring it.
fn greatest_eigenvalues(m: DMat3) -> (f64, f64) {
    let trace = |m: DMat3| m.x_axis.x + m.y_axis.y + m.z_axis.z;
    let greatest = |m: DMat3| {
        let t = trace(m);
        if t <= 0.0 {
            return (0.0, DMat3::ZERO);
        }
        let mut p = m * (1.0 / t);
        for _ in 0..6 {
            p = p * p;
            p *= 1.0 / trace(p);
        }
        // p is now nearly the projector on the greatest axis.
        (trace(m * p), p)
    };
    let (first, p) = greatest(m);
    (first, greatest(m - p * first).0.max(0.0))
}
