//! Under the diaphragm: liver on the right, stomach with its bubble and spleen on the left, tops of the kidneys.

use super::canvas::{Shape, Solid, ellipsoid, solid};
use super::tissue::{Over, Tissue};
use super::torso::Torso;
use super::tube::Tubes;
use glam::{DVec3, dvec3};
use std::sync::Arc;

/// Fat of the belly and what grew into it.
const BELLY: Over =
    Over::only(&[Tissue::AbdominalFat, Tissue::Liver, Tissue::Spleen, Tissue::Kidney, Tissue::StomachWall]);
const FAT: Over = Over::only(&[Tissue::AbdominalFat]);

/// Whether a point lies under the diaphragm and its muscle.
fn under(torso: &Torso, p: DVec3) -> bool {
    p.z < torso.diaphragm.surfaces(p.x, p.y)[1]
}

/// The organs in the order in which they are painted. `air_in_front`: air in the stomach rises to the front (supine) or
/// to the back (prone).
pub(super) fn shapes(torso: &Arc<Torso>, air_in_front: bool) -> Vec<Box<dyn Shape>> {
    let [one, two, three] = [0; 3].map(|_| torso.clone());
    let mut shapes: Vec<Box<dyn Shape>> = Vec::new();
    // Right lobe under the whole right dome, left lobe reaching over the midline in front.
    shapes.push(Box::new(Solid {
        low: dvec3(-140.0, -90.0, -230.0),
        high: dvec3(72.0, 100.0, -100.0),
        over: FAT,
        tissue: move |p: DVec3| {
            let right = ((p - dvec3(-64.0, -2.0, -158.0)) / dvec3(84.0, 92.0, 90.0)).length_squared();
            let left = ((p - dvec3(16.0, -46.0, -146.0)) / dvec3(52.0, 34.0, 34.0)).length_squared();
            let lobe = right < 1.0 && p.x < 6.0 + 0.35 * (-p.y).max(-20.0);
            ((lobe || left < 1.0) && under(&one, p)).then_some(Tissue::Liver)
        },
    }));
    // Veins of the liver towards the inferior vena cava, and its portal trunk.
    let liver = Over::only(&[Tissue::Liver]);
    for (end, r) in [([-96.0, -20.0, -150.0], 3.4), ([-52.0, -52.0, -150.0], 3.2), ([4.0, -42.0, -138.0], 2.8)] {
        let end = DVec3::from_array(end);
        let start = dvec3(-23.0, -2.0, -124.0);
        let middle = start.lerp(end, 0.5) + dvec3(0.0, 0.0, 5.0);
        shapes.push(Tubes::along(&[start, middle, end], &[r + 2.0, r, r * 0.5], liver, Tissue::VenousBlood));
    }
    shapes.push(Tubes::along(
        &[dvec3(-14.0, -14.0, -212.0), dvec3(-36.0, -20.0, -190.0), dvec3(-70.0, -10.0, -178.0)],
        &[6.0, 5.5, 3.0],
        liver,
        Tissue::VenousBlood,
    ));
    // Spleen behind on the left, kidneys.
    shapes.push(solid(dvec3(98.0, 44.0, -158.0), dvec3(40.0, 50.0, 46.0), FAT, Tissue::Spleen, move |p| {
        let outer = ((p - dvec3(98.0, 44.0, -158.0)) / dvec3(30.0, 46.0, 42.0)).length_squared();
        let hollow = ((p - dvec3(66.0, 20.0, -165.0)) / dvec3(34.0, 44.0, 60.0)).length_squared();
        outer < 1.0 && hollow > 1.0 && under(&two, p)
    }));
    shapes.push(ellipsoid(dvec3(56.0, 44.0, -214.0), dvec3(25.0, 24.0, 40.0), FAT, Tissue::Kidney));
    shapes.push(ellipsoid(dvec3(-58.0, 44.0, -232.0), dvec3(25.0, 24.0, 40.0), BELLY, Tissue::Kidney));
    // Stomach: wall, then fluid with a level and the bubble above it, under the left dome.
    let (centre, radii) = (dvec3(58.0, -14.0, -158.0), dvec3(38.0, 44.0, 40.0));
    let wall = dvec3(4.0, 4.0, 4.0);
    shapes.push(Box::new(Solid {
        low: centre - radii,
        high: centre + radii,
        over: BELLY,
        tissue: move |p: DVec3| {
            if ((p - centre) / radii).length_squared() > 1.0 || !under(&three, p) {
                return None;
            }
            if ((p - centre) / (radii - wall)).length_squared() > 1.0 || !under(&three, p + dvec3(0.0, 0.0, 4.0)) {
                return Some(Tissue::StomachWall);
            }
            let front = p.y < centre.y - 2.0;
            Some(if front == air_in_front { Tissue::StomachAir } else { Tissue::StomachFluid })
        },
    }));
    // The crura of the diaphragm beside the aorta.
    for side in [1.0, -1.0] {
        let points = [
            dvec3(side * 11.0, 0.0, -132.0),
            dvec3(side * 15.0, 6.0, -160.0),
            dvec3(side * 14.0, 8.0, -195.0),
            dvec3(side * 11.0, 6.0, -225.0),
        ];
        shapes.push(Tubes::along(&points, &[2.5, 3.5, 4.0, 4.0], BELLY, Tissue::Diaphragm));
    }
    shapes
}
