//! Costal cartilage: joined to ribs and sternum, brighter than muscle and darker than bone, as thick as a finger.

use super::work::Work;
use crate::grids::components::{Components, Neighbours};
use crate::grids::filter::gaussian;
use crate::grids::morphology::{dilate, erode, open};
use crate::space::{Mask, Voxel};

/// Cartilage lies this far above the muscle around it, HU (uncalcified cartilage 80 to 130, muscle 50 to 70; choice).
const ABOVE_MUSCLE_HU: f32 = 22.0;
/// Smoothing, sigma in mm (choice).
const SMOOTH_MM: f64 = 1.5;
/// Thinner than twice this is no cartilage, mm: cartilage is 8 to 12 mm thick.
const THIN_MM: f64 = 2.2;
/// Thicker than twice this is an organ, mm.
const THICK_MM: f64 = 11.0;
/// What blur leaves of an organ's rim, mm.
const ORGAN_RIM_MM: f64 = 3.0;
/// The least piece, mm³ (choice).
const LEAST_MM3: f64 = 500.0;

/// Cartilage on the work grid. `not_wall` is what is no chest wall: lungs, blood; `front_of` the row (work index j) of the
/// body's middle: cartilage lies before it.
pub(super) fn cartilage(work: &Work, body: &Mask, bone: &Mask, not_wall: &Mask, front_of: usize) -> Mask {
    let grid = work.grid();
    let even = gaussian(&work.hu, SMOOTH_MM);
    let mut wall = dilate(bone, 20.0);
    wall.intersect(body);
    wall.subtract(&dilate(bone, 3.0));
    wall.subtract(not_wall);
    // The muscle's HU: the commonest value near the bones, in bins of 5.
    let mut bins = [0usize; 24];
    wall.for_each(|v| {
        let x = even.at(v);
        if (0.0..120.0).contains(&x) {
            bins[(x / 5.0) as usize] += 1;
        }
    });
    let commonest = (2..24).max_by_key(|&b| bins[b]).unwrap_or(11);
    let muscle = (commonest as f32 + 0.5) * 5.0;
    let low = muscle.clamp(30.0, 90.0) + ABOVE_MUSCLE_HU;
    let inner = erode(body, 4.0);
    let mut bright = Mask::of(&even, |v| v > low);
    bright.intersect(&inner);
    bright.subtract(not_wall);
    bright = Mask::from_rows(grid, |j, k, row| {
        if j < front_of {
            row.copy_from_slice(bright.row(j, k));
        }
    });
    // Liver and spleen lie near this brightness, but are thick.
    let coarse = gaussian(&work.hu, 2.0 * SMOOTH_MM);
    let mut organ = Mask::of(&coarse, |v| v > muscle + ABOVE_MUSCLE_HU / 3.0);
    organ.intersect(&inner);
    organ.subtract(bone);
    bright.subtract(&dilate(&open(&organ, THICK_MM), ORGAN_RIM_MM));
    let mut pieces = open(&bright, THIN_MM);
    pieces.subtract(bone);
    let near = dilate(bone, 3.0);
    let components = Components::of(&pieces, Neighbours::TwentySix);
    let mut touches = vec![false; components.list.len()];
    components.for_each_run(|c, a, b, j, k| {
        touches[c] = touches[c] || (a..b).any(|i| near.get(Voxel::new(i, j, k)));
    });
    components.mask(|c| touches[c] && components.list[c].voxels as f64 * grid.voxel_mm3() >= LEAST_MM3)
}
