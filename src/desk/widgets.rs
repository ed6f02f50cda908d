//! The few things that every panel is made of.

use super::look::{self, body, colour, small, strong};
use crate::draw::theme;
use eframe::egui::{
    self, Align, Align2, Color32, CornerRadius, FontId, Layout, Pos2, Rect, Response, Sense, Stroke, Ui, Vec2,
};

/// How something stands: told by a sign as well as by a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// In order.
    Good,
    /// Look before you trust.
    Warning,
    /// Broken.
    Broken,
    /// Not known.
    Unknown,
}

impl Mark {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Mark::Good => "✓",
            Mark::Warning => "!",
            // The multiplication sign: the faces have no ballot cross.
            Mark::Broken => "×",
            Mark::Unknown => "?",
        }
    }

    pub(super) fn colour(self) -> Color32 {
        colour(match self {
            Mark::Good => theme::GOOD,
            Mark::Warning | Mark::Unknown => theme::WARNING,
            Mark::Broken => theme::BROKEN_TEXT,
        })
    }
}

/// A panel's heading.
pub(super) fn heading(ui: &mut Ui, text: &str) {
    ui.label(egui::RichText::new(text).font(strong(15.0)));
    ui.add_space(8.0);
}

/// A section's name.
pub(super) fn section(ui: &mut Ui, text: &str) {
    ui.add_space(12.0);
    ui.label(egui::RichText::new(text).font(strong(12.0)).color(colour(theme::SOFT)));
    ui.add_space(2.0);
}

/// Soft running text.
pub(super) fn note(ui: &mut Ui, text: &str) {
    ui.label(egui::RichText::new(text).font(small()).color(colour(theme::SOFT)));
}

/// A name on the left, a value on the right.
pub(super) fn row(ui: &mut Ui, name: &str, value: &str) -> Response {
    row_of(ui, name, |ui| {
        ui.label(egui::RichText::new(value).font(strong(13.0)));
    })
}

/// A name on the left, a soft value on the right.
pub(super) fn row_soft(ui: &mut Ui, name: &str, value: &str) -> Response {
    row_of(ui, name, |ui| {
        ui.label(value);
    })
}

/// A name on the left, anything on the right. The whole row can be clicked.
pub(super) fn row_of(ui: &mut Ui, name: &str, right: impl FnOnce(&mut Ui)) -> Response {
    let row = ui.horizontal_top(|ui| {
        let width = ui.available_width();
        let galley = ui.painter().layout(name.to_string(), body(), colour(theme::SOFT), width * 0.55);
        ui.label(galley);
        ui.with_layout(Layout::right_to_left(Align::Min).with_main_wrap(true), right);
    });
    ui.add_space(2.0);
    row.response.interact(Sense::click())
}

/// A name on the left, something to choose from on the right.
pub(super) fn row_pick(ui: &mut Ui, name: &str, right: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(name).color(colour(theme::SOFT)));
        ui.with_layout(Layout::right_to_left(Align::Center), right);
    });
}

/// A number held against its limit.
pub(super) struct Limit<'a> {
    pub(super) mark: Mark,
    pub(super) name: &'a str,
    pub(super) measured: &'a str,
    pub(super) allowed: &'a str,
}

/// Sign, name, measured and allowed in columns; the whole row can be clicked.
pub(super) fn limit(ui: &mut Ui, l: &Limit<'_>) -> Response {
    let width = ui.available_width();
    let (name_x, measured_x) = (20.0, width - 72.0);
    let plain = l.mark == Mark::Good;
    let tint = if plain { colour(theme::TEXT) } else { l.mark.colour() };
    let painter = ui.painter().clone();
    let measured = painter.layout_no_wrap(l.measured.into(), strong(13.0), tint);
    let allowed = painter.layout(l.allowed.into(), body(), colour(theme::SOFT), 66.0);
    let room = measured_x - measured.size().x - name_x - 8.0;
    let name = painter.layout(l.name.into(), body(), tint, room.max(60.0));
    let height = (name.size().y + 9.0).max(look::ROW);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::click());
    if response.hovered() {
        painter.rect_filled(rect.expand2(Vec2::new(6.0, 0.0)), CornerRadius::same(4), colour(theme::RAISED));
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
    }
    let top = rect.top() + 4.0;
    painter.text(Pos2::new(rect.left() + 1.0, top), Align2::LEFT_TOP, l.mark.sign(), strong(13.0), l.mark.colour());
    painter.galley(Pos2::new(rect.left() + name_x, top), name, tint);
    painter.galley(Pos2::new(rect.left() + measured_x - measured.size().x, top), measured, tint);
    painter.galley(Pos2::new(rect.right() - allowed.size().x, top), allowed, tint);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{} {}", l.name, l.measured)));
    response
}

/// A sentence with a coloured edge: the verdict, what was left out, what is doubtful.
pub(super) fn verdict(ui: &mut Ui, mark: Mark, first: &str, more: &str) {
    let width = ui.available_width() - 14.0;
    let painter = ui.painter().clone();
    let first = painter.layout(first.into(), body(), colour(theme::TEXT), width);
    let more = (!more.is_empty()).then(|| painter.layout(more.into(), small(), colour(theme::SOFT), width));
    let height = first.size().y + more.as_ref().map_or(0.0, |m| m.size().y + 3.0) + 6.0;
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    let edge = if mark == Mark::Broken { colour(theme::BROKEN) } else { mark.colour() };
    painter.rect_filled(Rect::from_min_size(rect.min, Vec2::new(3.0, height)), CornerRadius::ZERO, edge);
    let x = rect.left() + 13.0;
    let y = rect.top() + 3.0;
    let below = y + first.size().y + 3.0;
    let said = first.text().to_string();
    painter.galley(Pos2::new(x, y), first, colour(theme::TEXT));
    if let Some(more) = more {
        painter.galley(Pos2::new(x, below), more, colour(theme::SOFT));
    }
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, said.clone()));
    ui.add_space(4.0);
}

/// How a button looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// The one that leads on.
    Primary,
    /// Any other.
    Plain,
    /// A tool that is armed.
    Armed,
}

/// A button with its key beside the word.
pub(super) fn button(ui: &mut Ui, weight: Weight, word: &str, key: &str) -> Response {
    let painter = ui.painter().clone();
    let font = if weight == Weight::Plain { body() } else { strong(13.0) };
    let (fill, edge) = match weight {
        Weight::Plain => (theme::RAISED, theme::LINE),
        Weight::Primary => (theme::BUTTON, theme::BUTTON),
        Weight::Armed => (theme::STEP, theme::ACCENT),
    };
    let enabled = ui.is_enabled();
    let text_colour = if enabled { colour(theme::TEXT) } else { colour(theme::SOFT) };
    let soft = if weight == Weight::Primary { colour(theme::TEXT.with_alpha(220)) } else { colour(theme::SOFT) };
    let word_galley = painter.layout_no_wrap(word.into(), font, text_colour);
    let key_galley = (!key.is_empty()).then(|| painter.layout_no_wrap(key.into(), small(), soft));
    let width = 24.0 + word_galley.size().x + key_galley.as_ref().map_or(0.0, |k| k.size().x + 8.0);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, look::BUTTON), Sense::click());
    let fill = match (enabled, response.hovered(), weight) {
        (false, ..) => colour(theme::PANEL),
        (true, true, Weight::Primary) => colour(theme::ACCENT).gamma_multiply(0.8),
        (true, true, _) => colour(theme::HOVERED),
        _ => colour(fill),
    };
    let edge = if response.has_focus() { colour(theme::ACCENT) } else { colour(edge) };
    painter.rect(rect, CornerRadius::same(look::CORNER), fill, Stroke::new(1.0, edge), egui::StrokeKind::Inside);
    let y = rect.center().y;
    let x = rect.left() + 12.0;
    let after = x + word_galley.size().x + 8.0;
    painter.galley(Pos2::new(x, y - word_galley.size().y / 2.0), word_galley, text_colour);
    if let Some(k) = key_galley {
        painter.galley(Pos2::new(after, y - k.size().y / 2.0), k, soft);
    }
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, enabled, word));
    response
}

/// A word that can be clicked.
pub(super) fn link(ui: &mut Ui, word: &str) -> Response {
    let response =
        ui.add(egui::Label::new(egui::RichText::new(word).color(colour(theme::ACCENT))).sense(Sense::click()));
    if response.hovered() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
    }
    response
}

/// A row of the list on top of a panel: sign or number, name, what it is, a value at the right.
pub(super) struct Item<'a> {
    pub(super) chosen: bool,
    pub(super) dot: Option<Color32>,
    pub(super) number: Option<usize>,
    pub(super) name: &'a str,
    pub(super) about: &'a str,
    pub(super) value: &'a str,
    pub(super) value_colour: Color32,
}

/// Paints an item; the whole of it can be clicked.
pub(super) fn item(ui: &mut Ui, i: &Item<'_>) -> Response {
    let width = ui.available_width();
    let painter = ui.painter().clone();
    let text = colour(theme::TEXT);
    let soft = colour(theme::SOFT);
    let value = painter.layout_no_wrap(i.value.into(), strong(13.0), i.value_colour);
    let room = (width - 32.0 - 12.0 - value.size().x - 12.0).max(60.0);
    let name = one_line(&painter, i.name, body(), text, room);
    let mut job = egui::text::LayoutJob::simple(i.about.into(), small(), soft, room);
    job.wrap.max_rows = 2;
    let about = painter.layout_job(job);
    let height = 36.0 + about.size().y;
    let (rect, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::click());
    if i.chosen || response.hovered() {
        let edge = if i.chosen { colour(theme::LINE) } else { Color32::TRANSPARENT };
        let fill = colour(theme::RAISED);
        painter.rect(rect, CornerRadius::same(look::CORNER), fill, Stroke::new(1.0, edge), egui::StrokeKind::Inside);
    }
    let centre = rect.left() + 16.0;
    if let Some(dot) = i.dot {
        painter.circle_filled(Pos2::new(centre, rect.center().y), 5.0, dot);
    }
    if let Some(n) = i.number {
        painter.text(Pos2::new(centre, rect.center().y), Align2::CENTER_CENTER, n, strong(13.0), text);
    }
    painter.galley(Pos2::new(rect.left() + 32.0, rect.top() + 8.0), name, text);
    painter.galley(Pos2::new(rect.left() + 32.0, rect.top() + 27.0), about, soft);
    let at = Pos2::new(rect.right() - 12.0 - value.size().x, rect.center().y - value.size().y / 2.0);
    painter.galley(at, value, i.value_colour);
    let info = format!("{} {}", i.name, i.value);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, info.clone()));
    response
}

/// Text on one line, cut with an ellipsis where it is too long.
pub(super) fn one_line(
    painter: &egui::Painter,
    text: &str,
    font: FontId,
    colour: Color32,
    room: f32,
) -> std::sync::Arc<egui::Galley> {
    let mut job = egui::text::LayoutJob::single_section(text.to_string(), egui::TextFormat::simple(font, colour));
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    painter.layout_job(job)
}
