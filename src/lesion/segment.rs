//! From a gesture to a mask: looks at the surroundings and chooses the method.

use super::chest::Chest;
use super::in_lung;
use super::mass;
use super::model::{Gesture, SegmentError, Segmentation};
use crate::anatomy::Anatomy;
use crate::ct::{Ct, Finding};
use crate::grids::filter::median_around;
use crate::jobs::Progress;
use crate::space::{Lps, Voxel};
use crate::terms::{Code, Structure};

/// Denser than this a 3 × 3 × 3 median is no air, HU (the command line's contract).
const AIR_HU: i16 = -800;
/// So far from a click such a median must be, mm (the same).
const REACH_MM: f64 = 5.0;

/// The lesion that `gesture` means, on the CT's grid. `anatomy`, where it is there already, forbids bone and the like;
/// without it the method works alone, so that a click never waits.
pub fn segment(
    ct: &Ct,
    anatomy: Option<&Anatomy>,
    gesture: Gesture,
    progress: &Progress,
) -> Result<Segmentation, SegmentError> {
    progress.report("stage-lesion", 0.0)?;
    let chest = Chest::of(ct);
    let (seed, ends) = match gesture {
        Gesture::Click(p) => (p, None),
        Gesture::Stroke(a, b) => (a.lerp(b, 0.5), Some([a, b])),
    };
    let at = in_tissue(ct, anatomy, &chest, seed)?;
    let core = core_hu(ct, at);
    let level = in_lung::level_for(core);
    let found = match ends {
        Some(ends) => in_lung::from_stroke(ct, &chest, ends, level),
        None => in_lung::from_click(ct, &chest, seed, level, progress)?,
    };
    if let Some(found) = &found
        && !(found.radius_mm >= 12.0 && found.soft_share > 0.1)
    {
        let mut findings = Vec::new();
        if found.on_ball >= 0.2 {
            findings.push(Finding::new(Code::MayHaveLeaked).at(found.centre));
        }
        let mask = found.room.in_ct(&found.mask);
        if mask.is_empty() {
            return Err(SegmentError::Nothing(seed));
        }
        return Ok(Segmentation { mask, method: "solid-in-air/1".into(), level_hu: Some(f64::from(found.level)), findings });
    }
    let lung = chest.nearest_lung(seed).filter(|l| l.1 < 40.0).map(|l| l.0);
    let (centre, radius) = match (&ends, &found) {
        (Some(e), _) => (seed, e[0].distance(e[1]) / 2.0),
        (None, Some(f)) => (f.mask.centroid().unwrap_or(f.centre), f.radius_mm),
        (None, None) => (seed, 10.0),
    };
    let mut guess = mass::Guess { seed: grid_centre(ct, at), centre, radius_mm: radius, reach_mm: radius * 1.5 + 4.0, level };
    let mut best = None;
    for _ in 0..3 {
        progress.report("stage-lesion", 0.5)?;
        let Some(cut) = mass::cut(ct, &chest, anatomy, lung, &guess, found.as_ref().map(|f| &f.mask), progress)? else { break };
        let more = ends.is_none() && cut.on_ball > 0.02 && guess.reach_mm < 90.0;
        let middle = cut.mask.centroid().unwrap_or(guess.centre);
        if std::env::var("LESION_LOG").is_ok() { eprintln!("r {:.1} reach {:.1} on_ball {:.3} soft {:.2} vol {:.0}", guess.radius_mm, guess.reach_mm, cut.on_ball, cut.soft_share, cut.mask.volume_mm3()); }
        best = Some(cut);
        if !more {
            break;
        }
        guess.centre = guess.centre.lerp(middle, 0.5);
        guess.reach_mm *= 1.25;
    }
    let cut = best.ok_or(SegmentError::Nothing(seed))?;
    let mut findings = Vec::new();
    if cut.soft_share > 0.1 {
        findings.push(Finding::new(Code::SoftBorder).number("percent", 100.0 * cut.soft_share, 0).at(guess.centre));
    }
    if cut.on_ball > 0.02 {
        findings.push(Finding::new(Code::MayHaveLeaked).at(guess.centre));
    }
    let mask = cut.room.in_ct(&cut.mask);
    if mask.is_empty() {
        return Err(SegmentError::Nothing(seed));
    }
    Ok(Segmentation { mask, method: "soft-on-soft/1".into(), level_hu: Some(f64::from(level)), findings })
}

fn grid_centre(ct: &Ct, v: Voxel) -> Lps {
    ct.hu.grid.centre(v)
}

/// The voxel of a point that is no air; the nearest within 5 mm where the point itself is.
fn in_tissue(ct: &Ct, anatomy: Option<&Anatomy>, chest: &Chest, p: Lps) -> Result<Voxel, SegmentError> {
    if !p.is_finite() {
        return Err(SegmentError::Outside(p));
    }
    let grid = &ct.hu.grid;
    let at = grid.voxel(p).ok_or(SegmentError::Outside(p))?;
    let body = anatomy.and_then(|a| a.region(Structure::Body));
    let inside = match body {
        Some(body) => body.grid.size != grid.size || body.get(at) || in_any_region(anatomy, at),
        None => !chest.outside_body(p),
    };
    if !inside {
        return Err(SegmentError::InAir(p));
    }
    let b = grid.bounds_around(p, REACH_MM);
    let mut best: Option<(f64, Voxel)> = None;
    for k in b.lo[2]..b.hi[2] {
        for j in b.lo[1]..b.hi[1] {
            for i in b.lo[0]..b.hi[0] {
                let v = Voxel::new(i, j, k);
                let mm = if v == at { 0.0 } else { grid.centre(v).distance(p) };
                if mm <= REACH_MM
                    && best.is_none_or(|x| mm < x.0)
                    && median_around(&ct.hu, v, 1).is_some_and(|m| m > AIR_HU)
                {
                    best = Some((mm, v));
                }
            }
        }
    }
    best.map(|b| b.1).ok_or(SegmentError::InAir(p))
}

fn in_any_region(anatomy: Option<&Anatomy>, v: Voxel) -> bool {
    anatomy.is_some_and(|a| {
        a.regions.iter().any(|r| r.structure != Structure::Table && r.mask.grid.size == a.grid.size && r.mask.get(v))
    })
}

/// The median of the 3 × 3 × 3 voxels at a voxel.
fn core_hu(ct: &Ct, v: Voxel) -> f32 {
    median_around(&ct.hu, v, 1).map_or(-1000.0, f32::from)
}
