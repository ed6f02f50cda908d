//! What is drawn over the slices: crosshair, callipers, needles, what the hand draws just now, and the corners' words.

use super::{Drag, Scene, Stage, Tool, rule_unit, rule_word};
use crate::ct::Ct;
use crate::desk::look::{self, colour, strong};
use crate::desk::marks::{self, LabelAt};
use crate::desk::pane::{Guide, Kind, Laid};
use crate::desk::sight::NeedleSight;
use crate::desk::step::Step;
use crate::draw::View;
use crate::draw::theme::{self, Dash, Line};
use crate::plan::Plan;
use crate::words::Value;
use eframe::egui::{self, Align2, Pos2, Vec2};

impl Stage {
    pub(super) fn marks(&self, p: &egui::Painter, n: usize, laid: &Laid, ct: &Ct, scene: &Scene<'_>) {
        if self.show_cross && self.panes[n].kind != Kind::Along {
            marks::crosshair(p, laid, self.cross);
        }
        let reach = ct.hu.grid.spacing.max_element() / 2.0 + 0.01;
        let mm = |v: f64| scene.words.text("value-mm", &[("value", Value::Number(v, 1))]);
        let mut taken: Vec<egui::Rect> = Vec::new();
        let several = scene.sight.lesions.len() > 1;
        for (k, lesion) in scene.sight.lesions.iter().enumerate() {
            let [long, short] = lesion.axes();
            let on = |a: &crate::lesion::Axis| a.ends.iter().all(|q| laid.depth(*q).abs() <= reach);
            if !matches!(scene.step, Step::Lesion | Step::Report | Step::Open) {
                continue;
            }
            // Of several only the chosen one is told in full, so that labels of neighbours do not lie on each other.
            let chosen = k == self.chosen.lesion;
            if on(&short) {
                let label = if chosen { mm(short.mm) } else { String::new() };
                marks::calliper(p, laid, &short, theme::SHORT_AXIS, (&label, LabelAt::Lower), &mut taken);
            }
            if on(&long) && !chosen {
                marks::calliper(p, laid, &long, theme::LONG_AXIS, (&Plan::lesion_id(k), LabelAt::Upper), &mut taken);
            } else if on(&long) {
                let label = scene
                    .words
                    .text("value-mm-pm", &[("value", Value::Number(long.mm, 1)), ("pm", Value::Number(long.pm_mm, 1))]);
                let label = if several { format!("{} · {label}", Plan::lesion_id(k)) } else { label };
                marks::calliper(p, laid, &long, theme::LONG_AXIS, (&label, LabelAt::Upper), &mut taken);
            }
        }
        let broken = |v: &crate::needle::Violation| {
            let name = scene.words.get(&rule_word(&v.structure));
            let measured = scene.words.text(rule_unit(&v.rule), &[("value", Value::Number(v.measured, 1))]);
            format!("{name} {measured}")
        };
        for (k, needle) in scene.sight.needles.iter().enumerate() {
            let mut shown: NeedleSight = needle.clone();
            if let Some((at, ghost, verdict)) = &self.ghost
                && *at == k
            {
                shown.needle = ghost.clone();
                shown.verdict = verdict.clone();
            }
            marks::needle(p, laid, &shown, k + 1, k == self.chosen.needle, &broken, &mut taken);
        }
        if let Some((at, ghost, verdict)) = &self.ghost
            && *at >= scene.sight.needles.len()
        {
            let new = NeedleSight {
                needle: ghost.clone(),
                model_name: String::new(),
                verified: false,
                lesion: self.chosen.lesion,
                active_mm: 22.0,
                verdict: verdict.clone(),
                in_plane_deg: 0.0,
                tilt_deg: 0.0,
                table: Vec::new(),
                findings: Vec::new(),
            };
            marks::needle(p, laid, &new, at + 1, true, &broken, &mut taken);
        }
        // What is being drawn now, with its length at the pointer.
        let pointer = p.ctx().pointer_latest_pos();
        let drawn = Line { colour: theme::WHITE, width: 1.5, dash: Dash::Solid };
        if let Tool::Callipers(Some(first)) = self.tool
            && first.iter().all(|q| laid.depth(*q).abs() <= reach)
        {
            marks::line(p, &first.map(|q| laid.screen(q)), drawn);
        }
        if let Tool::NeedleNew(Some(entry)) = self.tool {
            let c = laid.screen(entry);
            p.circle_stroke(c, 5.0, egui::Stroke::new(4.0, egui::Color32::from_black_alpha(185)));
            p.circle_stroke(c, 5.0, egui::Stroke::new(1.8, colour(theme::NEEDLE.colour)));
            if let Some(at) = pointer.filter(|at| laid.rect.contains(*at)) {
                let style = Line { colour: theme::NEEDLE.colour, width: 1.5, dash: Dash::Dashed };
                marks::line(p, &[c, at], style);
                at_pointer(p, laid, at, &mm(entry.distance(laid.lps(at))));
            }
        }
        if let (Some((pane, Drag::Stroke { from })), Some(at)) = (&self.drag, pointer)
            && *pane == n
        {
            let to = laid.lps(at);
            marks::line(p, &[laid.screen(*from), at], drawn);
            at_pointer(p, laid, at, &mm(from.distance(to)));
        }
        if let (Some((pane, drag)), Some(at)) = (&self.drag, pointer)
            && *pane == n
        {
            match drag {
                Drag::Window => at_pointer(
                    p,
                    laid,
                    at,
                    &format!("W {:.0}  L {:.0}", self.window.width, self.window.level).replace('-', "−"),
                ),
                Drag::Needle { .. } => {
                    if let Some((_, ghost, _)) = &self.ghost {
                        at_pointer(p, laid, at, &mm(ghost.depth_mm()));
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn corners(&self, p: &egui::Painter, n: usize, laid: &Laid, ct: &Ct, scene: &Scene<'_>) {
        let w = scene.words;
        let r = laid.rect;
        let white = colour(theme::WHITE);
        let number = |v: f64| format!("{v:.1}").replace('-', "−");
        let c = laid.plane.centre();
        let (name, place) = match (self.panes[n].kind, self.panes[n].guide) {
            (Kind::Fixed(View::Axial), _) => {
                let whole = (ct.hu.grid.index(c).z.round().max(0.0) as usize, ct.hu.grid.size[2]);
                let (k, of) = scene.sight.preview.as_ref().map_or(whole, |p| (p.1, p.2));
                (w.get("desk-axial"), format!("z {} mm · {}/{of}", number(c.z), k + 1))
            }
            (Kind::Fixed(View::Coronal), _) => (w.get("desk-coronal"), format!("y {} mm", number(c.y))),
            (Kind::Fixed(_), _) => (w.get("desk-sagittal"), format!("x {} mm", number(c.x))),
            (Kind::Along, Guide::Needle(entry, tip)) => {
                let tilt = (tip - entry).normalize_or_zero().z.clamp(-1.0, 1.0).asin().to_degrees();
                let number = self.ghost.as_ref().map_or(self.chosen.needle, |g| g.0) + 1;
                let key = if tilt >= 0.0 { "desk-tilt-head" } else { "desk-tilt-feet" };
                let mut tilt = w.text(key, &[("deg", Value::Number(tilt.abs(), 0))]);
                if self.panes[n].offset_mm.abs() > 0.05 {
                    tilt.push_str(&format!(" · {:+.1} mm", self.panes[n].offset_mm).replace('-', "−"));
                }
                (w.text("desk-along-needle-n", &[("n", number.into())]), tilt)
            }
            (Kind::Along, _) => {
                let n = self.chosen.lesion + 1;
                (w.text("desk-calliper-slice", &[("n", n.into())]), format!("z {} mm", number(c.z)))
            }
        };
        let at = r.min + Vec2::new(10.0, 8.0);
        marks::text(p, at, Align2::LEFT_TOP, &name, strong(13.0), white);
        marks::text(p, at + Vec2::new(0.0, 18.0), Align2::LEFT_TOP, &place, look::small(), white);
        if n == 0 {
            let a = &self.shown(scene.sight).map_or(ct, |shown| &**shown).acquisition;
            let mut parts = Vec::new();
            if !a.kernel.is_empty() {
                parts.push(a.kernel.clone());
            }
            if let Some(mm) = a.slice_thickness_mm {
                parts.push(w.text("value-mm", &[("value", Value::Number(mm, 1))]));
            }
            if let Some(date) = &a.date {
                parts.push(w.lang().date(date));
            }
            // Beside the letter in the middle; where there is no room for all, the date and the thickness come first.
            let room = r.width() / 2.0 - 30.0;
            let wide = |parts: &[String]| p.layout_no_wrap(parts.join(" · "), look::small(), white).size().x;
            while parts.len() > 1 && wide(&parts) > room {
                parts.remove(0);
            }
            let at = Pos2::new(r.right() - 10.0, r.top() + 8.0);
            marks::text(p, at, Align2::RIGHT_TOP, &parts.join(" · "), look::small(), white);
        }
        let preset = self.preset.map(|k| w.get(k) + " ").unwrap_or_default();
        let window = format!("{preset}W {:.0} L {:.0}", self.window.width, self.window.level).replace('-', "−");
        let at = Pos2::new(r.left() + 10.0, r.bottom() - 8.0);
        marks::text(p, at, Align2::LEFT_BOTTOM, &window, look::small(), white);
    }
}

fn at_pointer(p: &egui::Painter, laid: &Laid, at: Pos2, text: &str) {
    let (by, anchor) = if at.x + 120.0 > laid.rect.right() {
        (Vec2::new(-14.0, -14.0), Align2::RIGHT_BOTTOM)
    } else {
        (Vec2::new(14.0, -14.0), Align2::LEFT_BOTTOM)
    };
    marks::text(p, at + by, anchor, text, strong(13.0), colour(theme::WHITE));
}
