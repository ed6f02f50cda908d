//! Tries lines by the hundred thousand: nearly exact, so that a search knows what is worth the exact judge.
//!
//! From the target outwards: where the maps promise room the walk leaps as far as they promise (sphere marching); where they
//! do not, one bit tells: every structure is grown once by what must be kept free of it. Growing goes from centre to centre of
//! voxels, so that a line that the scout lets pass may still break a rule by part of a voxel: the judge decides.

use super::catalogue::Model;
use super::reach::ReachMap;
use super::rules::Kind;
use super::shaft::Line;
use super::surroundings::Surroundings;
use crate::grids::morphology::dilate;
use crate::space::{Lps, Mask, Voxel};
use crate::terms::Pose;
use glam::DVec3;
use rayon::prelude::*;

/// A line that the scout let pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scouted {
    /// Where it comes through the skin.
    pub entry: Lps,
    /// How far beyond the aim the tip may go, mm: at most the model's tip offset.
    pub beyond_mm: f64,
    /// Least distance to anything, beyond what the rules ask, mm; at most the truth, at most 10.
    pub slack_mm: f64,
    /// mm in lung outside of the lesion, in steps of 2.
    pub lung_mm: f64,
}

/// One model of needle in one pose, ready to try lines.
#[derive(Debug)]
pub struct Scout<'a> {
    around: &'a Surroundings,
    body: &'a Mask,
    /// How far one may go before anything is too near, the skin included.
    free: ReachMap,
    /// Where the shaft's axis is too near to something, by voxels' centres; not near the lesion.
    blocked: Mask,
    usable_mm: f64,
    tip_offset_mm: f64,
    most_beyond_mm: f64,
    skin_over_mm: f64,
    skin_least_deg: f64,
    lies_on: Option<(DVec3, f64)>,
    way_in: (f64, f64),
    lifted: Option<&'a Mask>,
}

/// Slack beyond this is as good as this, mm (choice).
const SLACK_MM: f64 = 10.0;

/// A step where the maps do not promise room, mm.
const SMALL_MM: f64 = 0.4;

/// A smoothed normal taken some mm away on the skin differs by some degrees: what is flatter by less is left to the judge
/// (choice).
const NORMAL_DEG: f64 = 10.0;

impl Surroundings {
    /// A scout for needles of that model in that pose; `None` if the body was not seen.
    pub fn scout(&self, model: &Model, pose: Pose) -> Option<Scout<'_>> {
        let body = self.body.as_ref()?;
        let radius_mm = model.radius_mm();
        let mut maps = vec![(&self.outside_map, 0.0)];
        maps.extend(self.obstacles.iter().filter(|o| !o.warns).map(|o| (&o.map, o.allowed_mm + radius_mm)));
        // Half a voxel within the slice stands for the voxels' boxes.
        let half = self.grid.spacing.min_element() / 2.0;
        let mut blocked = self
            .obstacles
            .par_iter()
            .filter(|o| !o.warns)
            .map(|o| dilate(&o.mask, o.allowed_mm + radius_mm + half))
            .reduce(
                || Mask::empty(self.grid),
                |mut a, b| {
                    a.unite(&b);
                    a
                },
            );
        blocked.subtract(&dilate(&self.target, self.rules.near_lesion_mm));
        let mut scout = Scout {
            around: self,
            body,
            free: ReachMap::least_of(&maps)?,
            blocked,
            usable_mm: model.usable_shaft_mm,
            tip_offset_mm: model.tip_offset_mm,
            most_beyond_mm: f64::INFINITY,
            skin_over_mm: 10.0,
            skin_least_deg: 0.0,
            lies_on: None,
            way_in: (0.0, 0.0),
            lifted: self.table.as_ref().filter(|_| self.differs(pose)),
        };
        for rule in &self.rules.list {
            match rule.kind {
                Kind::TipBeyond { at_most_mm } => scout.most_beyond_mm = at_most_mm,
                Kind::SkinAngle { at_least_deg, over_mm } => {
                    (scout.skin_least_deg, scout.skin_over_mm) = (at_least_deg, over_mm);
                }
                Kind::LiesOn { at_least_deg } if self.differs(pose) => {
                    scout.lies_on = Some((self.down(pose), at_least_deg));
                }
                Kind::WayIn { reach_mm, at_most_mm, .. } => scout.way_in = (reach_mm, at_most_mm),
                _ => {}
            }
        }
        Some(scout)
    }
}

impl Scout<'_> {
    /// Every voxel of the skin within the needle's reach of the target: voxels of the body with a face to the outside, those
    /// that the field of view cuts left out. In the grid's order.
    pub fn skin(&self, reach_mm: f64) -> Vec<Lps> {
        let around = self.around;
        let grid = &around.grid;
        let bounds = grid.bounds_around(around.target_centre, reach_mm);
        let [_, ny, nz] = grid.size;
        let mut skin = Vec::new();
        for k in bounds.lo[2]..bounds.hi[2] {
            for j in bounds.lo[1]..bounds.hi[1] {
                let row = self.body.row(j, k);
                let cut = around.skin_cut.row(j, k);
                let beside = [
                    (j > 0).then(|| self.body.row(j - 1, k)),
                    (j + 1 < ny).then(|| self.body.row(j + 1, k)),
                    (k > 0).then(|| self.body.row(j, k - 1)),
                    (k + 1 < nz).then(|| self.body.row(j, k + 1)),
                ];
                for w in 0..row.len() {
                    let left = row[w] << 1 | if w > 0 { row[w - 1] >> 63 } else { 1 };
                    let right = row[w] >> 1 | if w + 1 < row.len() { row[w + 1] << 63 } else { 1 << 63 };
                    let mut inner = left & right;
                    for b in beside.iter().flatten() {
                        inner &= b[w];
                    }
                    let mut word = row[w] & !inner & !cut[w];
                    while word != 0 {
                        let p = grid.centre(Voxel::new((w << 6) + word.trailing_zeros() as usize, j, k));
                        if p.distance(around.target_centre) <= reach_mm {
                            skin.push(p);
                        }
                        word &= word - 1;
                    }
                }
            }
        }
        skin
    }

    /// The skin's outward normal at a place, as the rule of the skin's angle smooths it.
    pub fn normal(&self, p: Lps) -> Option<DVec3> {
        self.around.skin_normal(p, self.skin_over_mm)
    }

    /// The line from the skin at `skin` to the ice's centre `aim`, a point of the lesion. `normal` is the skin's about there.
    pub fn try_line(&self, aim: Lps, skin: Lps, normal: Option<DVec3>) -> Option<Scouted> {
        let to_skin = Line::between(aim, skin)?;
        if to_skin.length_mm > self.usable_mm {
            return None;
        }
        let out = Line { length_mm: to_skin.length_mm + 4.0, ..to_skin };
        if let Some(n) = normal {
            let meets = out.direction.dot(n).clamp(-1.0, 1.0).asin().to_degrees();
            if meets < self.skin_least_deg - NORMAL_DEG {
                return None;
            }
            if let Some((down, least)) = self.lies_on
                && n.dot(down).clamp(-1.0, 1.0).acos().to_degrees() < least - NORMAL_DEG
            {
                return None;
            }
        }
        let (exit, slack_mm) = self.to_skin(&out)?;
        if (exit - to_skin.length_mm).abs() > 4.0 {
            // It comes through the skin elsewhere: another voxel of the skin tells of that.
            return None;
        }
        let from = (exit - 1.5).max(0.0);
        let rest = Line { from: out.at(from), length_mm: 8.0, ..out };
        let entry = out.at(from + self.around.leave_body(&rest, self.body)?);
        if self.blocked_outside(entry, out.direction) {
            return None;
        }
        let beyond_mm = self.beyond(aim, -out.direction).min(self.usable_mm - entry.distance(aim) - 0.01);
        (beyond_mm >= 0.0).then(|| Scouted { entry, beyond_mm, slack_mm, lung_mm: self.lung(&out, exit) })
    }

    /// Outwards along a line that begins in the body: (mm to the outside, least slack); `None` if something is too near.
    fn to_skin(&self, out: &Line) -> Option<(f64, f64)> {
        let (mut s, mut slack) = (0.0, SLACK_MM);
        while s <= out.length_mm {
            let p = out.at(s);
            let free = self.free.free_mm(p);
            if free > SMALL_MM {
                slack = f64::min(slack, free);
                s += free;
                continue;
            }
            let v = self.around.grid.voxel(p)?;
            if !self.body.get(v) {
                return Some((s, slack));
            }
            if self.blocked.get(v) {
                return None;
            }
            slack = slack.min(free.max(0.0));
            s += SMALL_MM;
        }
        None
    }

    /// Whether something solid lies on the way in: every mm, by the nearest voxel.
    fn blocked_outside(&self, entry: Lps, direction: DVec3) -> bool {
        let (reach, at_most) = self.way_in;
        let solid = &self.around.solid.steps;
        let mut run = 0.0;
        for n in 1..=reach as usize {
            let Some(v) = solid.grid.voxel(entry + direction * n as f64) else { return false };
            let is = solid.at(v) > 0 && self.lifted.is_none_or(|m| !m.get(v));
            run = if is { run + 1.0 } else { 0.0 };
            // Two samples a mm apart in something solid: at least a mm of it.
            if run > at_most + 1.0 {
                return true;
            }
        }
        false
    }

    /// How far the tip may go beyond the aim, at most the model's tip offset.
    fn beyond(&self, aim: Lps, inwards: DVec3) -> f64 {
        let target = &self.around.target;
        let mut last = 0.0;
        let mut s = 0.0;
        while s <= self.tip_offset_mm {
            if target.holds(aim + inwards * s) {
                last = s;
            }
            s += 0.25;
        }
        let most = self.tip_offset_mm.min(last + self.most_beyond_mm - 0.1);
        s = 0.0;
        while s < most {
            let p = aim + inwards * s;
            let free = self.free.free_mm(p);
            if free > SMALL_MM {
                s += free;
                continue;
            }
            if !self.body.holds(p) || self.blocked.holds(p) {
                return s - 2.0 * SMALL_MM;
            }
            s += SMALL_MM;
        }
        most
    }

    fn lung(&self, out: &Line, exit: f64) -> f64 {
        let Some(lungs) = &self.around.lungs else { return 0.0 };
        let inside = (0..(exit / 2.0) as usize).filter(|n| {
            let p = out.at(2.0 * *n as f64);
            lungs.holds(p) && !self.around.target.holds(p)
        });
        2.0 * inside.count() as f64
    }
}
