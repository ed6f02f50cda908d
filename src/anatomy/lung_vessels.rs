//! Vessels inside the lungs of 3 mm and more: what is dense, thick enough and long; nodules are not.

use super::work::keep;
use crate::grids::components::{Components, Neighbours};
use crate::grids::morphology::{dilate, open};
use crate::jobs::{Cancelled, Progress};
use crate::space::{Mask, PADDING, Volume, Voxel};
use glam::{DMat3, DVec3};

/// Half-way between lung and blood (usual in the field, unverified: −600 to −500).
const VESSEL_HU: i16 = -500;

/// Blood, and not the hilum's fat (fat −100, blood without contrast 30 to 50).
const BLOOD_HU: i16 = 0;

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

/// The vessels on the CT's grid. `lungs` are both, closed; `hilum` what lies between
/// them and the mediastinum; `rim` where pleura and atelectasis look like vessels; `medial`
/// the lungs' parts beside the mediastinum, where trunks come in.
pub(super) fn lung_vessels(
    ct: &Volume<i16>,
    lungs: &Mask,
    hilum: Mask,
    rim: &Mask,
    medial: &Mask,
    airways: &Mask,
    progress: &Progress,
) -> Result<Mask, Cancelled> {
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
    let mut vessels = components.mask(|c| components.list[c].voxels as f64 * voxel >= LEAST_MM3);
    for level in LEVELS_MM {
        progress.check()?;
        remove_blobs(&mut vessels, medial, level);
    }
    Ok(vessels)
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
        // The length of a rod of that greatest variance, against the diameter of a ball of that volume.
        let length = (12.0 * greatest_eigenvalue(spread)).sqrt();
        let ball = 2.0 * (3.0 * count * grid.voxel_mm3() / (4.0 * std::f64::consts::PI)).cbrt();
        if level < MASS_MM && length > 1.5 * ball {
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
        if level < (if touches[c] { MASS_MM } else { TRUNK_MM }) && shell.count() as f64 > 0.6 * count {
            continue;
        }
        let mut gone = dilate(&part, 1.5 + 0.4 * level);
        gone.intersect(&around);
        removed.unite(&gone.placed_in(grid, bounds.lo));
    }
    vessels.subtract(&removed);
}

/// One component in a box.
fn crop_component(components: &Components, c: usize, bounds: crate::space::Bounds, grid: crate::space::Grid) -> Mask {
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

/// Greatest eigenvalue of a symmetric matrix, by squaring it.
fn greatest_eigenvalue(m: DMat3) -> f64 {
    let trace = m.x_axis.x + m.y_axis.y + m.z_axis.z;
    if trace <= 0.0 {
        return 0.0;
    }
    let mut p = m * (1.0 / trace);
    for _ in 0..6 {
        p = p * p;
        let t = p.x_axis.x + p.y_axis.y + p.z_axis.z;
        p *= 1.0 / t;
    }
    // p is now nearly the projector on the greatest axis.
    let q = m * p;
    q.x_axis.x + q.y_axis.y + q.z_axis.z
}
