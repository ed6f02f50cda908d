//! The bar on top and the footer.

use super::app::Hand;
use super::command::{Command, key_text};
use super::look::{self, body, colour, strong};
use super::sight::{Keeping, Sight};
use super::step::Step;
use super::widgets::Mark;
use crate::ct::Ct;
use crate::draw::theme;
use crate::space::Lps;
use crate::words::{Lang, Value, Words};
use eframe::egui::{self, Align2, Color32, CornerRadius, FontId, Pos2, Rect, Response, Sense, Stroke, Ui, Vec2};

/// A word on the bar that can be clicked; `at` is its left (or, with `RIGHT_CENTER`, its right) end.
fn word(ui: &mut Ui, at: Pos2, anchor: Align2, text: &str, font: FontId, tint: Color32, tip: &str) -> (Rect, Response) {
    let galley = ui.painter().layout_no_wrap(text.to_string(), font, tint);
    let rect = anchor.anchor_size(at, galley.size());
    let response =
        ui.interact(rect.expand2(Vec2::new(5.0, 8.0)), ui.scope_id().with(("bar", text, at.x as i32)), Sense::click());
    let tint = if response.hovered() { colour(theme::WHITE) } else { tint };
    ui.painter().galley_with_override_text_color(rect.min, galley, tint);
    let label = text.to_string();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, label.clone()));
    let response = if tip.is_empty() { response } else { response.on_hover_text(tip) };
    (rect, response)
}

/// An arrow that turns back (undo) or on (redo), drawn.
fn turn(p: &egui::Painter, centre: Pos2, back: bool, tint: Color32) {
    let s = if back { 1.0 } else { -1.0 };
    let at = |x: f32, y: f32| centre + Vec2::new(x * s, y);
    let arc: Vec<Pos2> = (0..=12)
        .map(|n| {
            let a = std::f32::consts::PI * (0.5 - n as f32 / 12.0);
            at(0.5 + 4.0 * a.cos(), 1.0 + 3.5 * a.sin())
        })
        .collect();
    let stroke = Stroke::new(1.5, tint);
    p.line(arc, stroke);
    p.line_segment([at(0.5, -2.5), at(-4.5, -2.5)], stroke);
    p.line_segment([at(0.5, 4.5), at(-2.5, 4.5)], stroke);
    p.line_segment([at(-4.5, -2.5), at(-2.0, -5.0)], stroke);
    p.line_segment([at(-4.5, -2.5), at(-2.0, 0.0)], stroke);
}

/// Less room than this is no use to a text, points.
const LEAST_ROOM: f32 = 44.0;

/// The bar: case, steps, undo, saved, language, more.
pub(super) fn bar(
    ui: &mut Ui,
    rect: Rect,
    sight: &Sight,
    step: Step,
    marks: &[Option<Mark>; 6],
    w: &Words,
) -> Vec<Hand> {
    let mut hands = Vec::new();
    let p = ui.painter().clone();
    p.rect_filled(rect, 0, colour(theme::PANEL));
    p.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, colour(theme::LINE)));
    let y = rect.center().y;
    // The steps stand in the middle, whatever stands beside them.
    let widths: Vec<f32> = Step::ALL
        .iter()
        .zip(marks)
        .map(|(s, m)| {
            let font = if *s == step { strong(13.0) } else { body() };
            let text = p.layout_no_wrap(w.get(s.word()), font, Color32::WHITE).size().x;
            text + 27.0 + if m.is_some() && *s != step { 17.0 } else { 0.0 }
        })
        .collect();
    let total: f32 = widths.iter().sum::<f32>() + 4.0 * 5.0;
    let side = 330.0f32.min((rect.width() - total) / 2.0);
    let middle = rect.center().x.clamp(rect.left() + side + total / 2.0 - 0.5, rect.right() - side - total / 2.0 + 0.5);
    let steps_left = if sight.ct.is_some() { middle - total / 2.0 } else { rect.center().x - total / 2.0 };
    let mut x = steps_left;
    for ((s, width), mark) in Step::ALL.iter().zip(&widths).zip(marks) {
        let chosen = *s == step && sight.ct.is_some();
        let area = Rect::from_min_size(Pos2::new(x, rect.top() + 7.0), Vec2::new(*width, rect.height() - 14.0));
        let response = ui.interact(area, ui.scope_id().with(("step", s.word())), Sense::click());
        let name = w.get(s.word());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name.clone()));
        if chosen {
            p.rect_filled(area, CornerRadius::same(look::CORNER), colour(theme::STEP));
        } else if response.hovered() {
            p.rect_filled(area, CornerRadius::same(look::CORNER), colour(theme::RAISED));
        }
        let mut tx = area.left() + 13.5;
        if let (Some(mark), false) = (mark, chosen) {
            p.text(Pos2::new(tx, y), Align2::LEFT_CENTER, mark.sign(), body(), mark.colour());
            tx += 17.0;
        }
        let (font, tint) = if chosen { (strong(13.0), theme::WHITE) } else { (body(), theme::SOFT) };
        p.text(Pos2::new(tx, y), Align2::LEFT_CENTER, &name, font, colour(tint));
        if response.on_hover_text(key_text(Command::GoTo(*s))).clicked() {
            hands.push(Hand::Do(Command::GoTo(*s)));
        }
        x += width + 4.0;
    }
    let steps_right = steps_left + total + 12.0;
    // The case, cut where the steps begin; a bar too narrow for it leaves it away.
    let mut x = rect.left() + 12.0;
    let room = steps_left - x - 16.0;
    match &sight.ct {
        Some(_) if room < LEAST_ROOM => {}
        None => {
            p.text(Pos2::new(x, y), Align2::LEFT_CENTER, w.get("desk-title"), strong(13.0), colour(theme::TEXT));
        }
        Some(ct) => {
            if sight.sample {
                let badge = p.layout_no_wrap(w.get("desk-sample-badge"), strong(11.0), colour(theme::GROUND));
                let area = Rect::from_min_size(Pos2::new(x, y - 9.0), badge.size() + Vec2::new(12.0, 4.0));
                p.rect_filled(area, CornerRadius::same(4), colour(theme::WARNING));
                p.galley(area.center() - badge.size() / 2.0, badge, colour(theme::GROUND));
                x = area.right() + 8.0;
            }
            let a = &ct.acquisition;
            let name = if sight.subject.is_empty() { String::new() } else { sight.subject.clone() };
            if !name.is_empty() {
                let g = super::widgets::one_line(&p, &name, strong(13.0), colour(theme::TEXT), room * 0.5);
                let size = g.size();
                p.galley(Pos2::new(x, y - size.y / 2.0), g, colour(theme::TEXT));
                x += size.x + 8.0;
            }
            let mut parts = Vec::new();
            if !a.description.is_empty() {
                parts.push(a.description.clone());
            }
            let g = &ct.hu.grid;
            parts.push(w.text("value-mm", &[("value", Value::Number(g.spacing.z, 1))]));
            parts.push(w.text("desk-n-slices", &[("n", g.size[2].into())]));
            let line = parts.join(" · ");
            let g = super::widgets::one_line(&p, &line, body(), colour(theme::SOFT), (steps_left - x - 16.0).max(20.0));
            p.galley(Pos2::new(x, y - g.size().y / 2.0), g, colour(theme::SOFT));
        }
    }
    // From the right: more, language, saved, redo, undo.
    let soft = colour(theme::SOFT);
    let (r, more) = word(
        ui,
        Pos2::new(rect.right() - 12.0, y),
        Align2::RIGHT_CENTER,
        "···",
        strong(13.0),
        soft,
        &format!("{}  {}", w.get("desk-command-palette"), key_text(Command::Palette)),
    );
    if more.clicked() {
        hands.push(Hand::Do(Command::Palette));
    }
    let other = if w.lang() == Lang::En { "lang-ja" } else { "lang-en" };
    let (r, language) = word(
        ui,
        Pos2::new(r.left() - 16.0, y),
        Align2::RIGHT_CENTER,
        &w.get(other),
        body(),
        soft,
        &key_text(Command::Language),
    );
    if language.clicked() {
        hands.push(Hand::Do(Command::Language));
    }
    if sight.ct.is_none() {
        return hands;
    }
    let (text, tint, tip) = match &sight.saved {
        Keeping::Nothing => (String::new(), soft, String::new()),
        Keeping::Kept => (w.get("desk-saved"), soft, String::new()),
        Keeping::Open => (w.get("desk-not-saved"), colour(theme::WARNING), key_text(Command::Save)),
        Keeping::Cannot(why) => {
            (w.text("desk-cannot-save", &[("why", why.clone().into())]), colour(theme::BROKEN_TEXT), why.clone())
        }
    };
    let mut right = r.left() - 16.0;
    if !text.is_empty() {
        // Undo and Redo need some 70 points beside it; where there is no room the sign stands for the words.
        let room = right - steps_right - 70.0;
        let sign = if sight.saved == Keeping::Kept { Mark::Good } else { Mark::Warning }.sign();
        let short = if room < LEAST_ROOM { sign } else { &text };
        let g = super::widgets::one_line(&p, short, body(), tint, room.clamp(16.0, 220.0));
        let tip = if tip.is_empty() || tip == key_text(Command::Save) { format!("{text}  {tip}") } else { tip };
        let area = Rect::from_min_size(Pos2::new(right - g.size().x, y - g.size().y / 2.0), g.size());
        let response = ui.interact(area.expand(5.0), ui.scope_id().with("saved"), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, text.clone()));
        p.galley(area.min, g, tint);
        right = area.left() - 14.0;
        if response.on_hover_text(tip.trim()).clicked() {
            hands.push(Hand::Do(Command::Save));
        }
    }
    for (name, back) in [(&sight.redo, false), (&sight.undo, true)] {
        let on = name.is_some();
        let tint = if on { colour(theme::TEXT) } else { colour(theme::LINE) };
        let label = name.clone().unwrap_or_default();
        // Only what Undo would take back is named, where there is room: the bar is short.
        let room = right - steps_right - 40.0;
        let galley = (back && on && room >= LEAST_ROOM)
            .then(|| super::widgets::one_line(&p, &label, strong(13.0), tint, room.min(190.0)));
        let width = 16.0 + galley.as_ref().map_or(0.0, |g| g.size().x + 4.0);
        let area = Rect::from_min_size(Pos2::new(right - width, y - 12.0), Vec2::new(width, 24.0));
        let response = ui.interact(area, ui.scope_id().with(("undo", back)), Sense::click());
        let info = w.get(if back { "desk-undo" } else { "desk-redo" });
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, on, info.clone()));
        turn(&p, Pos2::new(area.left() + 7.0, y), back, tint);
        if let Some(g) = galley {
            p.galley(Pos2::new(area.left() + 20.0, y - g.size().y / 2.0), g, tint);
        }
        right = area.left() - 12.0;
        if on {
            let key = key_text(if back { Command::Undo } else { Command::Redo });
            let sentence = w.text(if back { "edit-undo" } else { "edit-redo" }, &[("edit", label.into())]);
            if response.on_hover_text(format!("{sentence}  {key}")).clicked() {
                hands.push(Hand::Do(if back { Command::Undo } else { Command::Redo }));
            }
        }
    }
    hands
}

/// The footer: what lies under the pointer, what runs, and what this is not for.
pub(super) fn footer(
    ui: &mut Ui,
    rect: Rect,
    sight: &Sight,
    under: Option<(&Ct, Lps)>,
    said: Option<&str>,
    w: &Words,
) -> Vec<Hand> {
    let mut hands = Vec::new();
    let p = ui.painter().clone();
    p.rect_filled(rect, 0, colour(theme::PANEL));
    p.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, colour(theme::LINE)));
    let y = rect.center().y;
    let soft = colour(theme::SOFT);
    let warn = w.get("desk-research-use");
    let disclaimer = p.layout_no_wrap(warn, look::small(), soft);
    let mut right = rect.right() - 12.0 - disclaimer.size().x;
    p.galley(Pos2::new(right, y - disclaimer.size().y / 2.0), disclaimer, soft);
    right -= 24.0;
    if let Some(job) = &sight.job {
        let (r, cancel) = word(
            ui,
            Pos2::new(right, y),
            Align2::RIGHT_CENTER,
            &w.get("desk-cancel"),
            look::small(),
            colour(theme::ACCENT),
            "",
        );
        if cancel.clicked() {
            hands.push(Hand::Cancel);
        }
        let track = Rect::from_min_size(Pos2::new(r.left() - 132.0, y - 3.0), Vec2::new(120.0, 6.0));
        p.rect_filled(track, CornerRadius::same(3), colour(theme::LINE));
        let mut done = track;
        done.set_width(track.width() * job.fraction.clamp(0.02, 1.0));
        p.rect_filled(done, CornerRadius::same(3), colour(theme::ACCENT));
        let stage = p.layout_no_wrap(job.stage.clone(), look::small(), colour(theme::TEXT));
        right = track.left() - 10.0 - stage.size().x;
        p.galley(Pos2::new(right, y - stage.size().y / 2.0), stage, colour(theme::TEXT));
        right -= 24.0;
    }
    let mut x = rect.left() + 12.0;
    let mut tell = |text: String, tint: Color32| {
        let room = (right - x).max(10.0);
        let g = super::widgets::one_line(&p, &text, look::small(), tint, room);
        let width = g.size().x;
        p.galley(Pos2::new(x, y - g.size().y / 2.0), g, tint);
        x += width + 20.0;
    };
    if let Some(said) = said {
        tell(said.to_string(), colour(theme::TEXT));
    } else if let Some((ct, at)) = under {
        if let Some(k) = sight.lesion_at(at) {
            tell(w.text("desk-target-n", &[("n", (k + 1).into())]), soft);
        } else if let Some(s) = sight.structure_at(at) {
            tell(w.get(&s.word()), soft);
        }
        if let Some(hu) = ct.hu.nearest(at).filter(|v| *v != crate::space::PADDING) {
            tell(w.text("value-hu", &[("value", Value::Number(f64::from(hu), 0))]), soft);
        }
        if ct.hu.grid.voxel(at).is_some() {
            tell(lps_text(at, w), soft);
        }
    } else if sight.ct.is_none() && sight.job.is_none() {
        tell(w.get("desk-ready"), soft);
    }
    hands
}

/// A point as the side it lies on and how far: `L 54.0  P 78.8  F 114.6 mm`.
pub(super) fn lps_text(p: Lps, w: &Words) -> String {
    let part =
        |v: f64, plus: &str, minus: &str| format!("{} {:.1}", w.get(if v >= 0.0 { plus } else { minus }), v.abs());
    let x = part(p.x, "desk-letter-l", "desk-letter-r");
    let y = part(p.y, "desk-letter-p", "desk-letter-a");
    let z = part(p.z, "desk-letter-h", "desk-letter-f");
    format!("{x}  {y}  {z} mm")
}
