//! The command palette and the help page, both made from the table of commands.

use super::command::{Command, Group, TABLE, chord};
use super::look::{body, colour, small, strong};
use crate::draw::theme;
use crate::words::Words;
use eframe::egui::{self, Align2, CornerRadius, Key, Pos2, Rect, Sense, Stroke, Ui, UiBuilder, Vec2};

/// The palette: type a few letters, Enter does it.
#[derive(Default)]
pub(super) struct Palette {
    typed: String,
    at: usize,
}

/// Whether the letters of `wanted` come in `text` in their order.
fn fits(text: &str, wanted: &str) -> bool {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    wanted.chars().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).all(|c| letters.any(|l| l == c))
}

/// Whether a name begins with what was typed.
fn begins(name: &str, typed: &str) -> bool {
    !typed.trim().is_empty() && name.to_lowercase().starts_with(&typed.trim().to_lowercase())
}

impl Palette {
    /// Shows it over the window. `Some(None)`: closed; `Some(Some(command))`: chosen.
    pub(super) fn show(&mut self, ctx: &egui::Context, w: &Words) -> Option<Option<Command>> {
        let mut answer = None;
        if ctx.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Escape)) {
            return Some(None);
        }
        let all: Vec<(Command, String, String)> = TABLE
            .iter()
            .map(|r| (r, w.get(r.word), r.keys.first().map(chord).unwrap_or_default()))
            // Its group finds a command too: "needle" finds Propose.
            .filter(|(r, name, _)| fits(name, &self.typed) || begins(&w.get(r.group.word()), &self.typed))
            .map(|(r, name, keys)| (r.command, name, keys))
            .collect();
        self.at = self.at.min(all.len().saturating_sub(1));
        ctx.input_mut(|i| {
            if i.consume_key(egui::Modifiers::NONE, Key::ArrowDown) {
                self.at = (self.at + 1).min(all.len().saturating_sub(1));
            }
            if i.consume_key(egui::Modifiers::NONE, Key::ArrowUp) {
                self.at = self.at.saturating_sub(1);
            }
            if i.consume_key(egui::Modifiers::NONE, Key::Enter) {
                answer = Some(all.get(self.at).map(|c| c.0));
            }
        });
        let screen = ctx.content_rect();
        if sheet(ctx, "palette-sheet") {
            answer = Some(None);
        }
        egui::Area::new(egui::Id::unique("palette"))
            .order(egui::Order::Foreground)
            .fixed_pos(Pos2::new(screen.center().x - 240.0, screen.top() + 72.0))
            .show(ctx, |ui| {
                egui::Frame::window(ui.style()).show(ui, |ui| {
                    ui.set_width(448.0);
                    let field = ui.add(
                        egui::TextEdit::singleline(&mut self.typed)
                            .hint_text(w.get("desk-palette-hint"))
                            .desired_width(f32::INFINITY),
                    );
                    field.request_focus();
                    ui.add_space(6.0);
                    let first = self.at.saturating_sub(11);
                    for (n, (command, name, keys)) in all.iter().enumerate().skip(first).take(12) {
                        let (rect, response) =
                            ui.allocate_exact_size(Vec2::new(ui.available_width(), 28.0), Sense::click());
                        if n == self.at || response.hovered() {
                            ui.painter().rect_filled(rect, CornerRadius::same(4), colour(theme::STEP));
                        }
                        ui.painter().text(
                            rect.left_center() + Vec2::new(10.0, 0.0),
                            Align2::LEFT_CENTER,
                            name,
                            body(),
                            colour(theme::TEXT),
                        );
                        ui.painter().text(
                            rect.right_center() - Vec2::new(10.0, 0.0),
                            Align2::RIGHT_CENTER,
                            keys,
                            small(),
                            colour(theme::SOFT),
                        );
                        if response.clicked() {
                            answer = Some(Some(*command));
                        }
                    }
                    if all.is_empty() {
                        super::widgets::note(ui, &w.get("desk-palette-none"));
                    }
                });
            });
        answer
    }
}

/// The hands: what the mouse does, in `words`.
const MOUSE: [(&str, &str); 11] = [
    ("desk-mouse-click", "desk-mouse-click-does"),
    ("desk-mouse-drag", "desk-mouse-drag-does"),
    ("desk-mouse-handle", "desk-mouse-handle-does"),
    ("desk-mouse-right-drag", "desk-mouse-right-drag-does"),
    ("desk-mouse-middle-drag", "desk-mouse-middle-drag-does"),
    ("desk-mouse-shift-move", "desk-mouse-shift-move-does"),
    ("desk-mouse-wheel", "desk-mouse-wheel-does"),
    ("desk-mouse-shift-wheel", "desk-mouse-shift-wheel-does"),
    ("desk-mouse-ctrl-wheel", "desk-mouse-ctrl-wheel-does"),
    ("desk-mouse-double", "desk-mouse-double-does"),
    ("desk-mouse-right", "desk-mouse-right-does"),
];

/// The help page, in the place of the panes; whether it was closed.
pub(super) fn help(ui: &mut Ui, rect: Rect, w: &Words) -> bool {
    ui.painter().rect_filled(rect, 0, colour(theme::GROUND));
    let mut closed = ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Escape));
    let mut ui = ui.new_child(UiBuilder::new().max_rect(rect.shrink(24.0)).id_salt("help"));
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(w.get("desk-command-help")).font(strong(18.0)));
        ui.add_space(16.0);
        closed |= super::widgets::button(ui, super::widgets::Weight::Plain, &w.get("desk-close"), "Esc").clicked();
    });
    ui.add_space(12.0);
    egui::ScrollArea::vertical().auto_shrink(false).show(&mut ui, |ui| {
        let columns = ((ui.available_width() / 340.0) as usize).clamp(1, 3);
        ui.columns(columns, |cols| {
            table(&mut cols[0], &w.get("desk-mouse"), MOUSE.iter().map(|(a, b)| (w.get(a), w.get(b))));
            for (n, group) in Group::ALL.iter().enumerate() {
                let ui =
                    &mut cols[if columns == 1 { 0 } else { (n * columns / 7 + usize::from(n > 0)).min(columns - 1) }];
                let rows = TABLE.iter().filter(|r| r.group == *group).map(|r| {
                    let keys: Vec<String> = r.keys.iter().map(chord).collect();
                    (keys.join(" / "), w.get(r.word))
                });
                table(ui, &w.get(group.word()), rows);
            }
        });
    });
    closed
}

fn table(ui: &mut Ui, name: &str, rows: impl Iterator<Item = (String, String)>) {
    super::widgets::section(ui, name);
    for (key, does) in rows {
        let width = ui.available_width();
        let p = ui.painter().clone();
        let key = p.layout(key, strong(12.0), colour(theme::TEXT), 128.0);
        let does = p.layout(does, small(), colour(theme::SOFT), width - 144.0);
        let height = key.size().y.max(does.size().y) + 6.0;
        let (rect, _) = ui.allocate_exact_size(Vec2::new(width, height), Sense::hover());
        p.galley(rect.min + Vec2::new(0.0, 3.0), key, colour(theme::TEXT));
        p.galley(rect.min + Vec2::new(136.0, 3.0), does, colour(theme::SOFT));
    }
}

/// A sheet over the whole window that takes every hand away from what lies below; painted a little dark. Whether it was
/// clicked.
pub(super) fn sheet(ctx: &egui::Context, id: &'static str) -> bool {
    let screen = ctx.content_rect();
    egui::Area::new(egui::Id::unique(id))
        .order(egui::Order::Middle)
        .fixed_pos(screen.min)
        .show(ctx, |ui| {
            let (rect, response) = ui.allocate_exact_size(screen.size(), Sense::click_and_drag());
            ui.painter().rect_filled(rect, 0, egui::Color32::from_black_alpha(110));
            response.clicked()
        })
        .inner
}

/// Takes the focus from whatever field has it.
pub(super) fn let_go(ctx: &egui::Context) {
    ctx.memory_mut(|m| {
        if let Some(id) = m.focused() {
            m.surrender_focus(id);
        }
    });
}

/// A question in the middle of the window with its buttons; which was pressed.
pub(super) fn question(
    ctx: &egui::Context,
    title: &str,
    text: &str,
    buttons: &[&str],
    field: Option<&mut String>,
) -> Option<usize> {
    let mut pressed = None;
    let screen = ctx.content_rect();
    let has_field = field.is_some();
    sheet(ctx, "question-sheet");
    egui::Area::new(egui::Id::unique("question"))
        .order(egui::Order::Foreground)
        .fixed_pos(Pos2::new(screen.center().x - 260.0, screen.top() + screen.height() * 0.28))
        .show(ctx, |ui| {
            egui::Frame::window(ui.style()).stroke(Stroke::new(1.0, colour(theme::SOFT))).show(ui, |ui| {
                ui.set_width(488.0);
                ui.label(egui::RichText::new(title).font(strong(15.0)));
                ui.add_space(6.0);
                ui.label(egui::RichText::new(text).color(colour(theme::SOFT)));
                ui.add_space(8.0);
                if let Some(typed) = field {
                    let edit = ui.add(
                        egui::TextEdit::singleline(typed)
                            .desired_width(f32::INFINITY)
                            .margin(egui::Margin::symmetric(8, 6)),
                    );
                    // Enter takes the focus away: asked before it is given back.
                    if edit.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
                        pressed = Some(0);
                    }
                    if ui.memory(|m| m.focused().is_none()) {
                        edit.request_focus();
                    }
                    ui.add_space(10.0);
                }
                ui.horizontal(|ui| {
                    for (n, word) in buttons.iter().enumerate() {
                        let weight =
                            if n == 0 { super::widgets::Weight::Primary } else { super::widgets::Weight::Plain };
                        if super::widgets::button(ui, weight, word, "").clicked() {
                            pressed = Some(n);
                        }
                    }
                });
            });
        });
    if !has_field && ctx.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Enter)) {
        pressed = Some(0);
    }
    if ctx.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::Escape)) {
        pressed = Some(buttons.len() - 1);
    }
    pressed
}
