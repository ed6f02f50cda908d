//! A needle held against every rule.

use super::catalogue::Model;
use super::model::{Clearance, Needle, Status, Verdict, Violation};
use super::near::{Extent, nearest};
use super::rules::{Kind, Rule};
use super::shaft::{FAR_MM, Line, STEP_MM};
use super::surroundings::Surroundings;
use crate::ct::Finding;
use crate::space::Lps;
use crate::terms::Code;
use glam::DVec3;

/// What a rule measured: the value, where along the shaft (negative: before the entry), and how it came out.
struct Answer {
    structure: String,
    measured: Option<f64>,
    allowed: f64,
    status: Status,
    at: Option<f64>,
}

impl Answer {
    fn at_least(structure: impl Into<String>, measured: f64, allowed: f64, at: f64) -> Answer {
        let status = if measured >= allowed - 1e-9 { Status::Ok } else { Status::Broken };
        Answer { structure: structure.into(), measured: Some(measured), allowed, status, at: Some(at) }
    }

    fn at_most(structure: impl Into<String>, measured: f64, allowed: f64, at: f64) -> Answer {
        let status = if measured <= allowed + 1e-9 { Status::Ok } else { Status::Broken };
        Answer { structure: structure.into(), measured: Some(measured), allowed, status, at: Some(at) }
    }

    fn unknown(structure: impl Into<String>, allowed: f64) -> Answer {
        Answer { structure: structure.into(), measured: None, allowed, status: Status::Unknown, at: None }
    }

    fn warn_only(mut self, warns: bool) -> Answer {
        if warns && self.status == Status::Broken {
            self.status = Status::Warning;
        }
        self
    }
}

/// Measures what is farther than the maps tell: (mm, where along the line), of an obstacle over parts of the line.
type Far = fn(&Surroundings, &Line, &[(f64, f64)], usize) -> (f64, f64);

impl Surroundings {
    /// Holds a needle against every rule. Distances are never more than the truth, and less by at most 0.05 mm or a fiftieth.
    /// A few milliseconds; made for every frame of a drag.
    pub fn judge(&self, needle: &Needle, model: &Model) -> Verdict {
        self.judge_as_far(needle, model, Surroundings::far_distance)
    }

    /// As [`Surroundings::judge`], but farther than 20 mm is told as 20 less the shaft's radius: about a millisecond, for a
    /// search.
    pub fn judge_near(&self, needle: &Needle, model: &Model) -> Verdict {
        self.judge_as_far(needle, model, |_, _, _, _| (FAR_MM, 0.0))
    }

    fn judge_as_far(&self, needle: &Needle, model: &Model, far: Far) -> Verdict {
        let Some(line) = Line::between(needle.entry, needle.tip) else { return self.nothing(needle) };
        let parts = self.counted(&line);
        let normal = self.normal_at(needle.entry);
        let mut verdict = Verdict { pleura_depth_mm: self.pleura_depth(&line), ..Verdict::default() };
        let mut obstacle = 0;
        for rule in &self.rules.list {
            let answer = match &rule.kind {
                Kind::Clearance { .. } | Kind::OtherLung { .. } => {
                    // Obstacles stand in the order of the rules; one that does not hold here has none.
                    if self.obstacles.get(obstacle).is_none_or(|o| o.rule != rule.id) {
                        continue;
                    }
                    obstacle += 1;
                    self.clearance(&line, &parts, obstacle - 1, model, far)
                }
                Kind::Depth => Answer::at_most("shaft", line.length_mm, model.usable_shaft_mm, line.length_mm),
                Kind::TipBeyond { at_most_mm } => {
                    Answer::at_most("tip", self.tip_beyond(&line), *at_most_mm, line.length_mm)
                }
                Kind::RealSkin { within_mm, from_cut_mm } => self.real_skin(needle.entry, *within_mm, *from_cut_mm),
                Kind::SkinAngle { at_least_deg, .. } => match normal {
                    Some(n) => Answer::at_least("skin", meets_deg(line.direction, n), *at_least_deg, 0.0),
                    None => Answer::unknown("skin", *at_least_deg),
                },
                Kind::WayIn { reach_mm, at_most_mm, .. } => self.way_in(&line, needle, *reach_mm, *at_most_mm),
                Kind::StaysInside { at_most_mm, from_entry_mm } => match &self.body {
                    Some(body) => {
                        let (run, at) = line.longest_run(*from_entry_mm, |p| !body.holds(p));
                        Answer::at_most("skin", run, *at_most_mm, at)
                    }
                    None => Answer::unknown("skin", *at_most_mm),
                },
                Kind::LiesOn { at_least_deg } => {
                    if !self.differs(needle.pose) {
                        continue;
                    }
                    match normal {
                        Some(n) => {
                            let angle = n.dot(self.down(needle.pose)).clamp(-1.0, 1.0).acos().to_degrees();
                            Answer::at_least("skin", angle, *at_least_deg, 0.0)
                        }
                        None => Answer::unknown("skin", *at_least_deg),
                    }
                }
            };
            verdict.add(rule, answer, &line);
        }
        verdict.finish(self, needle, model)
    }

    /// A needle without length keeps no rule.
    fn nothing(&self, needle: &Needle) -> Verdict {
        let at = if needle.entry.is_finite() { needle.entry } else { self.target_centre };
        let id = self.rules.list.iter().find(|r| r.kind == Kind::Depth).map_or("depth", |r| r.id.as_str()).to_string();
        let shaft = "shaft".to_string();
        Verdict {
            clearances: vec![Clearance {
                rule: id.clone(),
                structure: shaft.clone(),
                measured: Some(0.0),
                allowed: 0.0,
                status: Status::Broken,
                at: Some(at),
            }],
            violations: vec![Violation { rule: id, structure: shaft, measured: 0.0, allowed: 0.0, at, depth_mm: 0.0 }],
            ..Verdict::default()
        }
    }

    fn clearance(&self, line: &Line, parts: &[(f64, f64)], obstacle: usize, model: &Model, far: Far) -> Answer {
        let o = &self.obstacles[obstacle];
        let (mut axis, mut at) = self.axis_distance(line, parts, obstacle);
        if axis >= FAR_MM {
            (axis, at) = far(self, line, parts, obstacle);
        }
        let name = o.structure.name();
        let answer = Answer::at_least(name, axis - model.radius_mm(), o.allowed_mm, at).warn_only(o.warns);
        // What was not seen may still be in part: what is near is near.
        if !o.seen && answer.status == Status::Ok { Answer::unknown(name, o.allowed_mm) } else { answer }
    }

    /// The skin's outward normal at the entry, smoothed as the rule of the skin's angle says.
    fn normal_at(&self, entry: Lps) -> Option<DVec3> {
        let over_mm = self.rules.list.iter().find_map(|r| match r.kind {
            Kind::SkinAngle { over_mm, .. } => Some(over_mm),
            _ => None,
        })?;
        self.skin_normal(entry, over_mm)
    }

    /// mm along the shaft from the last place in the lesion to the tip; where the shaft misses it, from the place nearest to
    /// the lesion's centre.
    fn tip_beyond(&self, line: &Line) -> f64 {
        let near = self.target_radius_mm + self.grid.spacing.max_element();
        for n in (0..line.samples()).rev() {
            let s = line.sample(n);
            let p = line.at(s);
            if p.distance(self.target_centre) <= near && self.target.holds(p) {
                return line.length_mm - s;
            }
        }
        let nearest = (self.target_centre - line.from).dot(line.direction);
        (line.length_mm - nearest).max(0.0)
    }

    fn real_skin(&self, entry: Lps, within_mm: f64, from_cut_mm: f64) -> Answer {
        let Some(body) = &self.body else { return Answer::unknown("skin", within_mm) };
        if let Some(d) = nearest(&self.skin_cut, entry, from_cut_mm + 1e-6, Extent::Box) {
            return Answer::at_least("cut-skin", d.min(from_cut_mm - 1e-3), from_cut_mm, 0.0);
        }
        let other = if body.holds(entry) { &self.outside } else { body };
        let off = nearest(other, entry, 200.0, Extent::Box).unwrap_or(200.0);
        Answer::at_most("skin", off, within_mm, 0.0)
    }

    fn way_in(&self, line: &Line, needle: &Needle, reach_mm: f64, at_most_mm: f64) -> Answer {
        let out = Line { from: line.from, direction: -line.direction, length_mm: reach_mm };
        let differs = self.differs(needle.pose);
        let lifted = self.table.as_ref().filter(|_| differs);
        let mut left = false;
        let mut lowest = f64::NEG_INFINITY;
        let (run, at) = out.longest_run(0.0, |p| match self.solid.at(p, lifted) {
            Some(solid) => solid,
            None => {
                left = true;
                lowest = lowest.max((p - Lps::default()).dot(self.scan_down));
                false
            }
        });
        let answer = Answer::at_most("way-in", run, at_most_mm, -at);
        // Towards what the patient lay on, only what the scan shows is known: there is always a table.
        let downwards = out.direction.dot(self.scan_down) > 0.5;
        // A table is wider than most pictures: what leaves the picture and is lower than the table's top may meet it.
        let beside = left && self.table_top_mm.is_some_and(|top| lowest > top);
        if answer.status == Status::Ok && !differs && (beside || downwards && (left || self.table.is_none())) {
            let unseen = if self.table.is_some() { "beyond the picture" } else { "table" };
            return Answer::unknown(unseen, at_most_mm);
        }
        answer
    }

    /// mm from the entry to the first place in a lung.
    fn pleura_depth(&self, line: &Line) -> Option<f64> {
        let lungs = self.lungs.as_ref()?;
        (0..line.samples()).map(|n| line.sample(n)).find(|s| lungs.holds(line.at(*s)))
    }

    /// mm of the shaft that lie in lung outside of the lesion, and how often the shaft goes from outside into a lung.
    pub fn lung_path(&self, needle: &Needle) -> (f64, usize) {
        let (Some(lungs), Some(line)) = (&self.lungs, Line::between(needle.entry, needle.tip)) else { return (0.0, 0) };
        let (mut mm, mut passes, mut was) = (0.0, 0, false);
        for n in 0..line.samples() {
            let p = line.at(line.sample(n));
            let lesion = self.target.holds(p);
            let is = lungs.holds(p) && !lesion;
            mm += if is { STEP_MM } else { 0.0 };
            passes += usize::from(is && !was);
            // Out of the lung into the lesion and back is no pleura.
            was = is || lesion && was;
        }
        (mm, passes)
    }
}

/// Degrees between a needle's direction into the body and the skin with that outward normal; 90 is straight in, below 0
/// would come from inside.
pub(super) fn meets_deg(direction: DVec3, normal: DVec3) -> f64 {
    (-direction.dot(normal)).clamp(-1.0, 1.0).asin().to_degrees()
}

impl Verdict {
    fn add(&mut self, rule: &Rule, answer: Answer, line: &Line) {
        let at = answer.at.map(|s| line.at(s));
        if let (Status::Broken, Some(measured), Some(s)) = (answer.status, answer.measured, answer.at) {
            self.violations.push(Violation {
                rule: rule.id.clone(),
                structure: answer.structure.clone(),
                measured,
                allowed: answer.allowed,
                at: line.at(s),
                depth_mm: s.abs(),
            });
        }
        self.clearances.push(Clearance {
            rule: rule.id.clone(),
            structure: answer.structure,
            measured: answer.measured,
            allowed: answer.allowed,
            status: answer.status,
            at,
        });
    }

    /// Worst first, and what must be said besides.
    fn finish(mut self, around: &Surroundings, needle: &Needle, model: &Model) -> Verdict {
        let weight = |c: &Clearance| match c.status {
            Status::Broken => 0,
            Status::Warning => 1,
            Status::Unknown => 2,
            Status::Ok => 3,
        };
        let slack = |c: &Clearance| c.measured.map_or(0.0, |m| (m - c.allowed).abs());
        let broken_first = |c: &Clearance| if c.status == Status::Broken { -slack(c) } else { slack(c) };
        self.clearances.sort_by(|a, b| weight(a).cmp(&weight(b)).then(broken_first(a).total_cmp(&broken_first(b))));
        // What the shaft goes through or comes too near to hurts; angles, depths and ways in come after.
        let hurts =
            |v: &Violation| crate::terms::Structure::ALL.iter().any(|s| s.name() == v.structure) && v.rule != "way-in";
        let off = |v: &Violation| (v.measured - v.allowed).abs();
        self.violations.sort_by(|a, b| hurts(b).cmp(&hurts(a)).then(off(b).total_cmp(&off(a))));
        for c in &self.clearances {
            let code = match c.status {
                Status::Broken => Code::RuleBroken,
                Status::Warning => Code::RuleWarning,
                Status::Unknown if c.structure == "contrast vessels" && !around.contrast => Code::WallVesselsNotSeen,
                Status::Unknown => Code::RuleUnknown,
                Status::Ok => continue,
            };
            let mut finding = Finding::new(code)
                .word("rule", format!("rule-{}", c.rule))
                .word("structure", format!("structure-{}", c.structure.replace(' ', "-")))
                .number("allowed", c.allowed, 1);
            if let Some(measured) = c.measured {
                finding = finding.number("measured", measured, 1);
            }
            if let Some(at) = c.at {
                finding = finding.at(at);
            }
            self.findings.push(finding);
        }
        if around.differs(needle.pose) {
            self.findings.push(Finding::new(Code::PoseDiffers).word("pose", format!("pose-{}", needle.pose.name())));
        }
        if !model.verified {
            self.findings.push(Finding::new(Code::NeedleUnverified).text("model", model.name.clone()));
        }
        self
    }
}
