//! From a gesture to a mask: looks at the surroundings and chooses the method.

use super::border::Border;
use super::chest::Chest;
use super::in_lung;
use super::mass;
use super::model::{Gesture, SegmentError, Segmentation};
use super::shape::{VESSEL_LIKE, elongation};
use super::tubes::Tubes;
use crate::ct::{Ct, Finding};
use crate::grids::filter::median_around;
use crate::jobs::Progress;
use crate::space::{Lps, Mask, Voxel};
use crate::terms::Code;

/// Denser than this a 3 × 3 × 3 median is no air, HU (the command line's contract).
const AIR_HU: i16 = -800;
/// So far from a click such a median must be, mm (the same).
const REACH_MM: f64 = 5.0;

/// The lesion that `gesture` means, on the CT's grid. It looks at the picture alone, never at the anatomy: a click does not
/// wait for it, and the same click gives the same outline before and after the anatomy is there.
pub fn segment(ct: &Ct, gesture: Gesture, progress: &Progress) -> Result<Segmentation, SegmentError> {
    progress.report("stage-lesion", 0.0)?;
    let chest = Chest::of(ct);
    let (point, ends) = match gesture {
        Gesture::Click(p) => (p, None),
        Gesture::Stroke(a, b) => (a.lerp(b, 0.5), Some([a, b])),
    };
    if ends.is_some_and(|[a, b]| !(a.is_finite() && b.is_finite() && a.distance(b) <= LONGEST_STROKE_MM)) {
        return Err(SegmentError::Nothing(point));
    }
    let at = in_tissue(ct, &chest, point)?;
    // A stroke's middle may lie in a cavity: the stroke stands, the seed is the nearest tissue.
    let seed = ct.hu.grid.centre(at);
    let air_hu = in_lung::lung_around(&ct.hu, seed);
    let level = in_lung::first_level(core_hu(ct, at), air_hu);
    let massive = |f: &in_lung::Found| {
        let mm = if f.bright_share > MASS_BRIGHT { MASS_BRIGHT_MM } else { MASS_MM };
        f.radius_mm >= mm && f.soft_share > MASS_SOFT || guessed(ct, &f.room.in_whole(&f.mask), f.level) > CUT
    };
    let found = match ends {
        Some(ends) => in_lung::from_stroke(ct, &chest, seed, ends, level, air_hu),
        None => in_lung::from_click(ct, &chest, seed, level, air_hu, &progress.part(0.0, 0.5))?,
    };
    let on_like = found.as_ref().is_none_or(massive);
    let result = match &found {
        Some(found) if !on_like => from_lung(ct, found),
        _ => {
            let mass = from_mass(ct, &chest, seed, ends, level, found.as_ref(), progress)?;
            // A surface that shrank away from the gesture was no answer; the first look may be one.
            match mass {
                Some(m) if meant(&m.mask, gesture) => Some(m),
                mass => found.as_ref().and_then(|f| from_lung(ct, f)).filter(|s| meant(&s.mask, gesture)).or(mass),
            }
        }
    };
    match result {
        // What lies elsewhere is not what the hand meant.
        Some(s) if !meant(&s.mask, gesture) => Err(SegmentError::Nothing(point)),
        Some(mut s) if !s.mask.is_empty() => {
            if elongation(&s.mask) > VESSEL_LIKE {
                s.findings.push(Finding::new(Code::MayBeVessel).at(seed));
            }
            Ok(s)
        }
        _ => Err(SegmentError::Nothing(point)),
    }
}

/// Strokes longer than this are a slip of the hand, mm (choice; the trial's limit is 100).
const LONGEST_STROKE_MM: f64 = 200.0;
/// From this radius on, mm, a lesion whose surface is not free in air is looked at as a mass (choice: on 482 real
/// nodules the lung method is better below).
const MASS_MM: f64 = 16.0;
/// … where this share of its surface borders on tissue (choice).
const MASS_SOFT: f64 = 0.1;
/// Where this share of the surface borders on blood with contrast, or on bone, …
const MASS_BRIGHT: f64 = 0.02;
/// … from this radius on, mm: only the mass method tells vessels from the lesion (choices, made on the sample `heart`,
/// where veins join the nodule).
const MASS_BRIGHT_MM: f64 = 13.0;
/// A result of which nothing decided more than this share of the border is a piece cut out of something larger (choice:
/// the flat base of half a ball is a third of its surface, and mostly an edge to fat or bone; of 482 real nodules none
/// comes near).
const CUT: f64 = 0.3;
/// From this share on a border is called a guess (choice: 1 in 14 of real nodules, which lie broadly on the wall).
const GUESSED: f64 = 0.1;
/// A mass that touches the ball it was looked for in by more than this share is looked for in a larger one (choice).
const MASS_ON_BALL: f64 = 0.02;

/// A stroke is over the longest diameter: what spans less than this share of it was not meant (choice: a slice's distance at
/// either end of a small lesion, and a trembling hand).
const SPANS: f64 = 0.4;

/// Whether a mask is what a gesture meant: it comes within 5 mm of a click, or spans a stroke.
fn meant(mask: &Mask, gesture: Gesture) -> bool {
    let grid = &mask.grid;
    match gesture {
        Gesture::Click(p) => {
            let mut near = mask.holds(p);
            mask.for_each(|v| near |= grid.centre(v).distance(p) <= REACH_MM);
            near
        }
        Gesture::Stroke(a, b) => {
            let length = a.distance(b);
            let Some(along) = (b - a).try_normalize() else { return false };
            let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
            mask.for_each(|v| {
                let t = (grid.centre(v) - a).dot(along);
                (least, most) = (least.min(t), most.max(t));
            });
            let voxel = grid.spacing.max_element();
            most.min(length) - least.max(0.0) + voxel >= SPANS * length
        }
    }
}

/// Share of a mask's border that nothing decided.
fn guessed(ct: &Ct, mask: &Mask, level: f32) -> f64 {
    Border::of(ct, mask, f64::from(level)).map_or(0.0, |b| b.guessed_share(mask))
}

/// Says how much of a border is a guess, if it is.
fn doubt(share: f64, at: Lps) -> Option<Finding> {
    (share > GUESSED).then(|| Finding::new(Code::SoftBorder).number("percent", 100.0 * share, 0).at(at))
}

fn from_lung(ct: &Ct, found: &in_lung::Found) -> Option<Segmentation> {
    let mask = found.room.in_whole(&found.mask);
    let mut findings: Vec<Finding> = doubt(guessed(ct, &mask, found.level), found.centre).into_iter().collect();
    if found.on_ball >= in_lung::ON_BALL {
        findings.push(Finding::new(Code::MayHaveLeaked).at(found.centre));
    }
    Some(Segmentation { mask, method: "solid-in-air/2".into(), level_hu: Some(f64::from(found.level)), findings })
}

#[allow(clippy::too_many_arguments)]
fn from_mass(
    ct: &Ct,
    chest: &Chest,
    seed: Lps,
    ends: Option<[Lps; 2]>,
    level: f32,
    found: Option<&in_lung::Found>,
    progress: &Progress,
) -> Result<Option<Segmentation>, SegmentError> {
    let (centre, radius_mm) = match (ends, found) {
        (Some([a, b]), _) => (a.lerp(b, 0.5), (a.distance(b) / 2.0).max(3.0)),
        (None, Some(f)) => (f.mask.centroid().unwrap_or(f.centre), f.radius_mm),
        (None, None) => (seed, 10.0),
    };
    // A stroke spans the lesion; a click's first guess may be short.
    let reach_mm = radius_mm * if ends.is_some() { 1.25 } else { 1.5 } + 4.0;
    let mut guess = mass::Guess { seed, ends, centre, radius_mm, reach_mm, level };
    let lung = chest.nearest_lung(seed).filter(|l| l.1 < 40.0).map(|l| l.0);
    let in_air = found.map(|f| &f.mask);
    let tubes = Tubes::around(ct, seed, centre, radius_mm, reach_mm, &progress.part(0.5, 0.1))?;
    let mut best: Option<mass::Cut> = None;
    for n in 0..3 {
        let part = progress.part(0.5 + n as f32 / 6.0, 1.0 / 6.0);
        part.report("stage-lesion", 0.0)?;
        let Some(cut) = mass::cut(ct, chest, lung, &tubes, &guess, in_air, &part)? else { break };
        let whole = ends.is_some() || cut.on_ball <= MASS_ON_BALL;
        let middle = cut.mask.centroid().unwrap_or(guess.centre);
        best = Some(cut);
        if whole {
            break;
        }
        guess.centre = guess.centre.lerp(middle, 0.5);
        guess.reach_mm *= 1.25;
    }
    let Some(cut) = best else { return Ok(found.and_then(|f| from_lung(ct, f))) };
    let mask = cut.room.in_whole(&cut.mask);
    let share = cut.soft_share.max(guessed(ct, &mask, level));
    let mut findings: Vec<Finding> = doubt(share, guess.centre).into_iter().collect();
    if cut.on_ball > MASS_ON_BALL {
        findings.push(Finding::new(Code::MayHaveLeaked).at(guess.centre));
    }
    Ok(Some(Segmentation { mask, method: "soft-on-soft/2".into(), level_hu: Some(f64::from(level)), findings }))
}

/// The voxel of a point that is no air; the nearest within 5 mm where the point itself is.
fn in_tissue(ct: &Ct, chest: &Chest, p: Lps) -> Result<Voxel, SegmentError> {
    if !p.is_finite() {
        return Err(SegmentError::Outside(p));
    }
    let grid = &ct.hu.grid;
    let at = grid.voxel(p).ok_or(SegmentError::Outside(p))?;
    if chest.outside_body(p) {
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

/// The median of the 3 × 3 × 3 voxels at a voxel.
fn core_hu(ct: &Ct, v: Voxel) -> f32 {
    median_around(&ct.hu, v, 1).map_or(-1000.0, f32::from)
}
