//! What lies around a target, made ready once, so that a needle is judged in a fraction of a frame.

use super::far::Cells;
use super::reach::{ReachMap, box_around};
use super::rules::{Kind, Rules};
use crate::anatomy::Anatomy;
use crate::ct::Ct;
use crate::grids::components::{Components, Neighbours};
use crate::jobs::{Cancelled, Progress};
use crate::space::{Grid, Lps, Mask, PADDING, Volume};
use crate::terms::{Pose, Site, Structure};
use glam::DVec3;
use rayon::prelude::*;

/// A clearance rule made ready: rule, structure, mm, only warns, seen, voxels.
type Planned = (String, Structure, f64, bool, bool, Mask);

/// Why there are no surroundings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SurroundingsError {
    /// There is no lesion of that number, or it holds no voxel.
    #[error("lesion {0} has no voxels: segment it first")]
    NoTarget(usize),
    /// A mask lies on another grid than the CT.
    #[error("lesion {0} lies on another grid than the CT: segment it again on this CT")]
    OtherGrid(usize),
    /// Asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A structure that the shaft must stay away from.
#[derive(Clone, Debug)]
pub(super) struct Obstacle {
    /// The rule's id.
    pub(super) rule: String,
    /// Which structure.
    pub(super) structure: Structure,
    /// mm between surfaces.
    pub(super) allowed_mm: f64,
    /// Whether it only warns here.
    pub(super) warns: bool,
    /// Whether the structure was seen. If not, keeping clear of what is in `mask` does not mean that the rule is kept.
    pub(super) seen: bool,
    /// Its voxels.
    pub(super) mask: Mask,
    /// Lower bounds of the distance to them.
    pub(super) map: ReachMap,
    /// Where they are, for what is farther than the map tells.
    pub(super) cells: Cells,
}

/// HU of what may stand in the way, in steps: exact in sign, clamped far from the threshold.
#[derive(Clone, Debug)]
pub(super) struct Solid {
    /// Steps of [`Solid::STEP_HU`] above the threshold; [`Solid::MISSING`] where nothing was measured.
    pub(super) steps: Volume<i8>,
}

impl Solid {
    const STEP_HU: f64 = 4.0;
    pub(super) const MISSING: i8 = i8::MIN;
    /// What is solid by its name and not by its HU.
    const THROUGHOUT: i8 = 127;

    /// `table` is solid throughout: its foam is as thin as air, and no needle goes through it.
    fn of(hu: &Volume<i16>, above_hu: f64, table: Option<&Mask>) -> Solid {
        let data = hu
            .data
            .par_iter()
            .map(|v| {
                if *v == PADDING {
                    return Solid::MISSING;
                }
                // Away from zero, so that the sign is that of the difference.
                let d = (f64::from(*v) - above_hu) / Solid::STEP_HU;
                let d = if d > 0.0 { d.ceil() } else { d.floor() };
                d.clamp(-127.0, 127.0) as i8
            })
            .collect();
        let mut steps = Volume { grid: hu.grid, data };
        if let Some(table) = table {
            table.for_each(|v| steps.data[hu.grid.offset(v)] = Solid::THROUGHOUT);
        }
        Solid { steps }
    }
}

/// A target's surroundings: masks, lower bounds of distances, what was not seen, and the rules that hold here.
#[derive(Clone, Debug)]
pub struct Surroundings {
    pub(super) rules: Rules,
    pub(super) grid: Grid,
    pub(super) site: Site,
    /// Gravity on the scanner's table.
    pub(super) scan_down: DVec3,
    pub(super) contrast: bool,
    pub(super) target: Mask,
    pub(super) target_centre: Lps,
    /// A ball round the centre that holds the target, mm.
    pub(super) target_radius_mm: f64,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) body: Option<Mask>,
    pub(super) outside: Mask,
    pub(super) outside_map: ReachMap,
    pub(super) skin_cut: Mask,
    pub(super) table: Option<Mask>,
    /// How high the table reaches, mm along gravity ([`Surroundings::scan_down`]); beyond the picture it goes on.
    pub(super) table_top_mm: Option<f64>,
    pub(super) lungs: Option<Mask>,
    pub(super) solid: Solid,
}

/// The longest shaft for which maps are made; a longer one is judged too, but slower.
const SHAFT_MM: f64 = 160.0;

/// Dense spots smaller than this are noise, mm³ (choice: a voxel of thick slices is 1 to 2 mm³).
const DENSE_MM3: f64 = 10.0;

impl Surroundings {
    /// Makes ready what lies around lesion `target` (counted from 0) of `lesions`, masks on the CT's grid. `site` is that
    /// lesion's.
    pub fn of(
        ct: &Ct,
        anatomy: &Anatomy,
        lesions: &[&Mask],
        target: usize,
        site: Site,
        rules: &Rules,
        progress: &Progress,
    ) -> Result<Surroundings, SurroundingsError> {
        progress.report("stage-distances", 0.0)?;
        let grid = ct.hu.grid;
        for (n, lesion) in lesions.iter().enumerate() {
            if lesion.grid != grid {
                return Err(SurroundingsError::OtherGrid(n + 1));
            }
        }
        let Some(lesion) = lesions.get(target).copied() else { return Err(SurroundingsError::NoTarget(target + 1)) };
        let (Some(target_centre), Some(bounds)) =
            (lesion.centroid(), box_around(lesion, SHAFT_MM + super::reach::CAP_MM))
        else {
            return Err(SurroundingsError::NoTarget(target + 1));
        };
        let mut target_radius_mm: f64 = 0.0;
        lesion.for_each(|v| target_radius_mm = target_radius_mm.max(grid.centre(v).distance(target_centre)));

        // What the rules speak of, before the maps.
        let mut planned: Vec<Planned> = Vec::new();
        let mut above_hu = -200.0;
        for rule in &rules.list {
            match &rule.kind {
                Kind::Clearance { structure, at_least_mm, or_above_hu, needs_contrast, warns_for } => {
                    let seen = anatomy.region(*structure).is_some() && (!needs_contrast || anatomy.contrast);
                    let mut mask = anatomy.region(*structure).cloned().unwrap_or(Mask::empty(grid));
                    if let Some(hu) = or_above_hu {
                        mask.unite(&dense(ct, anatomy, lesions, *structure, *hu));
                    }
                    mask.subtract(lesion);
                    let warns = warns_for.contains(&site);
                    planned.push((rule.id.clone(), *structure, *at_least_mm, warns, seen, mask));
                }
                Kind::OtherLung { at_least_mm, free_within_mm } => {
                    let midline = anatomy.midline_x(target_centre.z);
                    let off = midline.map(|x| target_centre.x - x);
                    if off.is_some_and(|d| d.abs() <= *free_within_mm) {
                        continue;
                    }
                    let other =
                        if off.unwrap_or(target_centre.x) > 0.0 { Structure::RightLung } else { Structure::LeftLung };
                    let seen = midline.is_some() && anatomy.region(other).is_some();
                    let mut mask =
                        anatomy.region(other).filter(|_| midline.is_some()).cloned().unwrap_or(Mask::empty(grid));
                    mask.subtract(lesion);
                    planned.push((rule.id.clone(), other, *at_least_mm, false, seen, mask));
                }
                Kind::WayIn { above_hu: hu, .. } => above_hu = *hu,
                _ => {}
            }
            progress.check()?;
        }
        progress.report("stage-distances", 0.3)?;
        let body = anatomy.region(Structure::Body).cloned();
        let outside = body.as_ref().map_or(Mask::empty(grid), Mask::inverted);
        let outside_map = ReachMap::of(&outside, bounds);
        let total = planned.len() as f32 + 1.0;
        let mut obstacles = Vec::new();
        for (rule, structure, allowed_mm, warns, seen, mask) in planned {
            let map = ReachMap::of(&mask, bounds);
            let cells = Cells::of(&mask);
            obstacles.push(Obstacle { rule, structure, allowed_mm, warns, seen, mask, map, cells });
            progress.report("stage-distances", 0.3 + 0.7 * obstacles.len() as f32 / total)?;
        }
        let lungs = [Structure::LeftLung, Structure::RightLung].into_iter().filter_map(|s| anatomy.region(s)).fold(
            None,
            |all: Option<Mask>, lung| {
                let mut all = all.unwrap_or(Mask::empty(grid));
                all.unite(lung);
                Some(all)
            },
        );
        Ok(Surroundings {
            rules: rules.clone(),
            grid,
            site,
            scan_down: ct.down(),
            contrast: anatomy.contrast,
            target: lesion.clone(),
            target_centre,
            target_radius_mm,
            obstacles,
            body,
            outside,
            outside_map,
            skin_cut: anatomy.skin_cut.clone(),
            table: anatomy.region(Structure::Table).cloned(),
            table_top_mm: anatomy.region(Structure::Table).and_then(|table| highest(table, ct.down())),
            lungs,
            solid: Solid::of(&ct.hu, above_hu, anatomy.region(Structure::Table)),
        })
    }

    /// The rules that hold here.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The lesion that the needles are for.
    pub fn target(&self) -> &Mask {
        &self.target
    }

    /// Mean position of the lesion's voxels.
    pub fn target_centre(&self) -> Lps {
        self.target_centre
    }

    /// The lesion's site.
    pub fn site(&self) -> Site {
        self.site
    }

    /// The body with everything in it; `None` if it was not seen.
    pub fn body(&self) -> Option<&Mask> {
        self.body.as_ref()
    }

    /// Both lungs; `None` if neither was seen.
    pub fn lungs(&self) -> Option<&Mask> {
        self.lungs.as_ref()
    }

    /// The direction of gravity in a pose, LPS.
    pub fn down(&self, pose: Pose) -> DVec3 {
        down(pose, self.scan_down)
    }

    /// Whether the patient lies otherwise in that pose than he was scanned.
    pub fn differs(&self, pose: Pose) -> bool {
        self.down(pose).dot(self.scan_down) < 0.99
    }
}

/// The least position along `down` of a mask's voxels, mm; `None` if it has none.
fn highest(mask: &Mask, down: DVec3) -> Option<f64> {
    let mut top = f64::INFINITY;
    mask.for_each(|v| top = top.min((mask.grid.centre(v) - Lps::default()).dot(down)));
    top.is_finite().then_some(top)
}

/// The direction of gravity in a pose, LPS: supine to the back, prone to the front, left decubitus to the left, right
/// decubitus to the right; as scanned `scan_down`, the CT's own.
pub fn down(pose: Pose, scan_down: DVec3) -> DVec3 {
    match pose {
        Pose::AsScanned => scan_down,
        Pose::Supine => DVec3::Y,
        Pose::Prone => DVec3::NEG_Y,
        Pose::LeftDecubitus => DVec3::X,
        Pose::RightDecubitus => DVec3::NEG_X,
    }
}

/// Whatever in the body is denser than `hu`, in lumps and not as noise, and is not a vessel or a lesion: those have rules
/// of their own.
fn dense(ct: &Ct, anatomy: &Anatomy, lesions: &[&Mask], structure: Structure, hu: f64) -> Mask {
    let mut mask = Mask::of(&ct.hu, |v| v != PADDING && f64::from(v) > hu);
    let Some(body) = anatomy.region(Structure::Body) else { return Mask::empty(ct.hu.grid) };
    mask.intersect(body);
    for other in [Structure::ContrastVessels, Structure::LungVessels] {
        if let Some(m) = anatomy.region(other).filter(|_| other != structure) {
            mask.subtract(m);
        }
    }
    for lesion in lesions {
        mask.subtract(lesion);
    }
    let least = (DENSE_MM3 / ct.hu.grid.voxel_mm3()).ceil().max(2.0) as usize;
    let lumps = Components::of(&mask, Neighbours::TwentySix);
    lumps.mask(|c| lumps.list[c].voxels >= least)
}
