//! A guess at a lesion's site and side.

use super::chest::Chest;
use crate::anatomy::Anatomy;
use crate::ct::Ct;
use crate::grids::distance::distance_to;
use crate::space::Mask;
use crate::terms::{Side, Site, Structure};

/// Within this of the midline a lesion has no side, mm (the needle rule's own band).
const MIDLINE_MM: f64 = 10.0;

/// A lesion with this share of its surface on the wall sits on a broad base (choice: a ball that touches the wall has
/// under a seventh there, half a ball a third).
const BASE: f64 = 0.2;

/// A guess at the site, with the key of its reason in `words` (`site-reason-…`). By what lies around the lesion's
/// surface: lung, but for a broad base on the wall → pleura; mostly lung → lung; else mostly mediastinum → mediastinum; bone or wall on both faces → chest wall; lung on
/// one face and wall on the other, flat → pleura. Without anatomy: lung where there is air around, else chest wall.
pub fn guess_site(ct: &Ct, anatomy: Option<&Anatomy>, mask: &Mask) -> (Site, &'static str) {
    let Some(extent) = mask.extent() else { return (Site::Lung, "site-reason-default") };
    let grid = &mask.grid;
    // The shell of 3 mm around the lesion.
    let room = [0, 1, 2].map(|a| (4.0 / grid.spacing[a]).ceil() as usize + 1);
    let bounds = extent.grown(room, grid);
    let part = mask.crop(bounds);
    let near = distance_to(&part, 4.0);
    let (mut all, mut air, mut lung, mut mediastinum, mut bone) = (0usize, 0usize, 0usize, 0usize, 0usize);
    let region = |s: Structure| anatomy.and_then(|a| a.region(s)).filter(|m| m.grid.size == grid.size);
    let (left, right) = (region(Structure::LeftLung), region(Structure::RightLung));
    let (middle, bones) = (region(Structure::Mediastinum), region(Structure::Bone));
    for (o, d) in near.data.iter().enumerate() {
        if *d > 0.0 && *d <= 3.0 {
            let v = part.grid.voxel_of(o);
            let v = crate::space::Voxel::new(v.i + bounds.lo[0], v.j + bounds.lo[1], v.k + bounds.lo[2]);
            all += 1;
            air += usize::from(ct.hu.at(v) < -500);
            let holds = |m: Option<&Mask>| m.is_some_and(|m| m.get(v));
            lung += usize::from(holds(left) || holds(right));
            mediastinum += usize::from(holds(middle));
            bone += usize::from(holds(bones));
        }
    }
    let share = |n: usize| n as f64 / all.max(1) as f64;
    // Only where anatomy tells lung from wall: without it vessels would count as wall.
    let wall = if left.is_some() || right.is_some() { 1.0 - share(lung) - share(mediastinum) } else { 0.0 };
    let lung = share(lung.max(air));
    if lung >= 0.4 && wall >= BASE {
        return (Site::Pleura, "site-reason-lung-on-one-face");
    }
    if lung >= 0.4 {
        return (Site::Lung, "site-reason-lung-around");
    }
    if share(mediastinum) >= 0.4 {
        return (Site::Mediastinum, "site-reason-mediastinum-around");
    }
    if lung >= 0.15 && share(bone) < 0.3 {
        return (Site::Pleura, "site-reason-lung-on-one-face");
    }
    if share(mediastinum) > share(bone) {
        return (Site::Mediastinum, "site-reason-mediastinum-around");
    }
    (Site::ChestWall, "site-reason-no-lung-around")
}

/// The side on which the lesion's centroid lies; `None` within 10 mm of the midline, or where nothing tells the midline.
/// The midline is the spinal canal's plane where anatomy saw it, else the middle of the two lungs' outer borders.
pub fn side(ct: &Ct, anatomy: Option<&Anatomy>, mask: &Mask) -> Option<Side> {
    let centre = mask.centroid()?;
    let midline = anatomy.and_then(|a| a.midline_x(centre.z)).or_else(|| Chest::of(ct).middle_x())?;
    let off = centre.x - midline;
    (off.abs() > MIDLINE_MM).then_some(if off > 0.0 { Side::Left } else { Side::Right })
}
