//! The side panel: a file per step. Each answers in this order: what do I have, is it all right, what can I do.

mod anatomy;
mod ice;
mod lesion;
mod needles;
mod open;
mod report;

use super::app::Hand;
use super::look::{self, colour};
use super::sight::Sight;
use super::stage::Stage;
use super::step::Step;
use super::widgets::{Mark, verdict};
use crate::ct::Finding;
use crate::draw::theme;
use crate::terms::Severity;
use crate::words::{Value, Words};
use eframe::egui::{self, Rect, Stroke, Ui, UiBuilder, Vec2};

/// What the panels remember between frames: texts in fields, lists that are opened.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) subject: Option<String>,
    pub(super) reader: Option<String>,
    /// The trial's rule that is being answered, and what was typed.
    pub(super) answering: Option<(String, String)>,
    pub(super) all_rules: bool,
    /// Whether rules that are merely kept are listed too.
    pub(super) all_clearances: bool,
    pub(super) thumbnails: Vec<(String, egui::TextureHandle)>,
}

/// What a panel has to work with.
pub(super) struct Desk<'a> {
    pub(super) sight: &'a Sight,
    pub(super) stage: &'a mut Stage,
    pub(super) words: &'a Words,
    pub(super) memory: &'a mut Memory,
    pub(super) hands: Vec<Hand>,
}

impl Desk<'_> {
    pub(super) fn w(&self, key: &str) -> String {
        self.words.get(key)
    }
}

/// The panel beside a series that is coming in.
pub(super) fn coming(ui: &mut Ui, rect: Rect, sight: &Sight, w: &Words) {
    let Some((ct, _, n)) = &sight.preview else { return };
    let p = ui.painter().clone();
    p.rect_filled(rect, 0, colour(theme::PANEL));
    p.vline(rect.right() - 0.5, rect.y_range(), Stroke::new(1.0, colour(theme::LINE)));
    let mut ui = ui.new_child(UiBuilder::new().max_rect(rect.shrink(look::INSIDE)).id_salt("coming"));
    super::widgets::heading(&mut ui, &w.get("desk-coming"));
    let name = &ct.acquisition.description;
    let name = if name.is_empty() { w.get("desk-no-description") } else { name.clone() };
    super::widgets::row(&mut ui, &w.get("desk-series"), &name);
    super::widgets::row(&mut ui, &w.get("desk-slices"), &n.to_string());
    ui.add_space(8.0);
    super::widgets::note(&mut ui, &w.get("desk-coming-about"));
}

/// Shows the panel of a step.
pub(super) fn show(ui: &mut Ui, rect: Rect, step: Step, desk: &mut Desk<'_>) {
    let p = ui.painter().clone();
    p.rect_filled(rect, 0, colour(theme::PANEL));
    p.vline(rect.right() - 0.5, rect.y_range(), Stroke::new(1.0, colour(theme::LINE)));
    let inside = rect.shrink2(Vec2::new(0.0, 2.0));
    let hint = hint(step, desk);
    let foot = hint.map(|text| p.layout(text, look::small(), colour(theme::SOFT), rect.width() - 2.0 * look::INSIDE));
    let foot_height = foot.as_ref().map_or(0.0, |g| g.size().y + 20.0);
    let mut scroll = inside;
    scroll.max.y -= foot_height;
    if let Some(g) = foot {
        let at = egui::Pos2::new(rect.left() + look::INSIDE, rect.bottom() - g.size().y - 10.0);
        p.galley(at, g, colour(theme::SOFT));
    }
    let mut ui = ui.new_child(UiBuilder::new().max_rect(scroll).id_salt(("panel", step.word())));
    ui.set_clip_rect(scroll.intersect(ui.clip_rect()));
    egui::ScrollArea::vertical().auto_shrink(false).show(&mut ui, |ui| {
        egui::Frame::NONE.inner_margin(egui::Margin { left: 16, right: 16, top: 16, bottom: 8 }).show(ui, |ui| {
            ui.set_width(rect.width() - 2.0 * look::INSIDE);
            match step {
                Step::Open => open::show(ui, desk),
                Step::Lesion => lesion::show(ui, desk),
                Step::Anatomy => anatomy::show(ui, desk),
                Step::Needles => needles::show(ui, desk),
                Step::Ice => ice::show(ui, desk),
                Step::Report => report::show(ui, desk),
            }
        });
    });
}

/// The line at the foot: what the armed tool wants, else what the hand can do here.
fn hint(step: Step, desk: &Desk<'_>) -> Option<String> {
    if let Some(key) = desk.stage.tool.hint() {
        return Some(desk.w(key));
    }
    let key = match step {
        Step::Open => "desk-foot-open",
        Step::Lesion => "desk-foot-lesion",
        Step::Anatomy => "desk-foot-anatomy",
        Step::Needles => "desk-foot-needles",
        Step::Ice => "desk-foot-ice",
        Step::Report => "desk-foot-report",
    };
    Some(desk.w(key))
}

/// A finding as a sentence with an edge in the colour of its weight.
pub(super) fn finding(ui: &mut Ui, f: &Finding, w: &Words) {
    let mark = match f.severity {
        Severity::Info => Mark::Good,
        Severity::Warning => Mark::Warning,
        Severity::Error => Mark::Broken,
    };
    verdict(ui, mark, &f.sentence(w), "");
}

/// A share in percent. Only the whole is 100 %.
pub(super) fn share_text(share: f64, w: &Words) -> String {
    let percent = (share * 1000.0).floor() / 10.0;
    w.text("value-percent", &[("value", Value::Number(percent, usize::from(share < 1.0)))])
}
