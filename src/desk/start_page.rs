//! Nothing is open yet: what to drop here, samples, recent cases.

use super::app::Hand;
use super::command::{Command, key_text};
use super::look::{self, body, colour, small, strong};
use super::sight::{Action, Sight};
use super::widgets::{Weight, button, note, one_line};
use crate::draw::theme::{self, Dash};
use crate::words::Words;
use eframe::egui::{self, CornerRadius, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2};

/// Height of a sample's card, points: its picture, its name and up to six lines of what it teaches.
const CARD_HEIGHT: f32 = 252.0;

/// What the start page remembers.
#[derive(Default)]
pub(super) struct StartPage {
    pictures: Vec<Option<egui::TextureHandle>>,
}

impl StartPage {
    /// Shows it; `failed` is why the last opening failed.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        sight: &Sight,
        failed: Option<&str>,
        w: &Words,
    ) -> Vec<Hand> {
        let mut hands = Vec::new();
        let width = 1180.0f32.min(rect.width() - 64.0);
        let left = rect.center().x - width / 2.0;
        let side = (width * 0.28).max(240.0);
        let main = width - side - 48.0;
        let top = (rect.top() + (rect.height() - 490.0) * 0.42).max(rect.top() + 24.0);
        let hovering = ui.input(|i| !i.raw.hovered_files.is_empty());
        let drop = Rect::from_min_size(Pos2::new(left, top), Vec2::new(main, 180.0));
        let edge = if hovering { theme::ACCENT } else { theme::SOFT };
        dashed_frame(ui, drop, colour(edge));
        let mut inside = ui.new_child(UiBuilder::new().max_rect(drop.shrink2(Vec2::new(32.0, 34.0))).id_salt("drop"));
        inside.label(egui::RichText::new(w.get("desk-drop-title")).font(strong(20.0)));
        inside.add_space(4.0);
        inside.label(egui::RichText::new(w.get("desk-drop-about")).font(body()).color(colour(theme::SOFT)));
        inside.add_space(10.0);
        inside.horizontal_wrapped(|ui| {
            if button(ui, Weight::Primary, &w.get("desk-command-open-folder"), &key_text(Command::OpenFolder)).clicked()
            {
                hands.push(Hand::Do(Command::OpenFolder));
            }
            if button(ui, Weight::Plain, &w.get("desk-command-open-file"), "").clicked() {
                hands.push(Hand::Do(Command::OpenFile));
            }
        });
        let mut below = drop.bottom() + 20.0;
        if let Some(why) = failed {
            let area = Rect::from_min_size(Pos2::new(left, below), Vec2::new(main, 60.0));
            let mut ui = ui.new_child(UiBuilder::new().max_rect(area).id_salt("failed"));
            super::widgets::verdict(&mut ui, super::widgets::Mark::Broken, why, "");
            below = ui.min_rect().bottom() + 12.0;
        }
        self.samples(ui, Pos2::new(left, below), main, sight, w, &mut hands);
        let right =
            Rect::from_min_max(Pos2::new(left + main + 48.0, top), Pos2::new(left + width, rect.bottom() - 16.0));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(right).id_salt("recent"));
        ui.label(egui::RichText::new(w.get("desk-recent")).font(strong(12.0)).color(colour(theme::SOFT)));
        ui.add_space(6.0);
        if sight.recent.is_empty() {
            note(&mut ui, &w.get("desk-recent-none"));
        }
        for recent in sight.recent.iter().take(6) {
            let (area, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 46.0), Sense::click());
            if response.hovered() {
                ui.painter().rect_filled(
                    area.expand2(Vec2::new(8.0, 0.0)),
                    CornerRadius::same(look::CORNER),
                    colour(theme::PANEL),
                );
            }
            let p = ui.painter().clone();
            let name = one_line(&p, &recent.name, body(), colour(theme::TEXT), area.width());
            let about = one_line(&p, &recent.about, small(), colour(theme::SOFT), area.width());
            p.galley(area.min + Vec2::new(0.0, 4.0), name, colour(theme::TEXT));
            p.galley(area.min + Vec2::new(0.0, 23.0), about, colour(theme::SOFT));
            if response.clicked() {
                hands.push(Hand::Act(Action::Open(recent.path.clone())));
            }
        }
        ui.add_space(20.0);
        ui.label(egui::RichText::new(w.get("desk-what-this-is")).font(strong(12.0)).color(colour(theme::SOFT)));
        ui.add_space(6.0);
        ui.label(w.get("desk-what-this-is-text"));
        hands
    }

    fn samples(&mut self, ui: &mut Ui, at: Pos2, width: f32, sight: &Sight, w: &Words, hands: &mut Vec<Hand>) {
        if sight.samples.is_empty() {
            return;
        }
        let p = ui.painter().clone();
        p.text(at, egui::Align2::LEFT_TOP, w.get("desk-samples"), strong(12.0), colour(theme::SOFT));
        self.pictures.resize_with(sight.samples.len(), || None);
        let gap = 12.0;
        let each = (width - gap * (sight.samples.len() as f32 - 1.0)) / sight.samples.len() as f32;
        let card = Vec2::new(each.clamp(120.0, 240.0), CARD_HEIGHT);
        for (n, sample) in sight.samples.iter().enumerate() {
            let area = Rect::from_min_size(at + Vec2::new(n as f32 * (card.x + gap), 24.0), card);
            let response = ui.interact(area, ui.scope_id().with(("sample", n)), Sense::click());
            let edge = if response.hovered() { theme::ACCENT } else { theme::LINE };
            p.rect(
                area,
                CornerRadius::same(look::CORNER),
                colour(theme::PANEL),
                Stroke::new(1.0, colour(edge)),
                StrokeKind::Inside,
            );
            let mut y = 12.0;
            if let Some(image) = &sample.picture {
                let size = Vec2::new(card.x - 20.0, (card.x - 20.0) / 1.5);
                let picture = Rect::from_min_size(area.min + Vec2::splat(10.0), size);
                p.rect_filled(picture, CornerRadius::same(3), colour(theme::GROUND));
                y = 18.0 + size.y;
                let texture = self.pictures[n].get_or_insert_with(|| {
                    let size = [image.width() as usize, image.height() as usize];
                    let image = egui::ColorImage::from_rgba_unmultiplied(size, image.as_raw());
                    ui.ctx().load_texture(format!("sample-{n}"), image, egui::TextureOptions::LINEAR)
                });
                let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
                p.with_clip_rect(picture).image(
                    texture.id(),
                    fitted(picture, texture.size_vec2()),
                    uv,
                    egui::Color32::WHITE,
                );
            }
            let name = one_line(&p, &sample.name, strong(13.0), colour(theme::TEXT), card.x - 24.0);
            p.galley(area.min + Vec2::new(12.0, y), name, colour(theme::TEXT));
            let about = p.layout(sample.about.clone(), small(), colour(theme::SOFT), card.x - 24.0);
            p.galley(area.min + Vec2::new(12.0, y + 19.0), about, colour(theme::SOFT));
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, sample.name.clone()));
            if response.clicked() {
                hands.push(Hand::Act(Action::OpenSample(sample.case)));
            }
        }
    }
}

/// The largest place of a picture inside of `room`.
pub(super) fn fitted(room: Rect, size: Vec2) -> Rect {
    let k = (room.width() / size.x.max(1.0)).min(room.height() / size.y.max(1.0));
    Rect::from_center_size(room.center(), size * k)
}

fn dashed_frame(ui: &Ui, rect: Rect, tint: egui::Color32) {
    let r = f64::from(look::CORNER);
    let (x0, y0, x1, y1) =
        (f64::from(rect.left()), f64::from(rect.top()), f64::from(rect.right()), f64::from(rect.bottom()));
    let mut points = Vec::new();
    for (cx, cy, from) in
        [(x1 - r, y0 + r, -90.0), (x1 - r, y1 - r, 0.0), (x0 + r, y1 - r, 90.0), (x0 + r, y0 + r, 180.0f64)]
    {
        for k in 0..=6 {
            let a = (from + 15.0 * f64::from(k)).to_radians();
            points.push([cx + r * a.cos(), cy + r * a.sin()]);
        }
    }
    if let Some(first) = points.first().copied() {
        points.push(first);
    }
    for (a, b) in crate::draw::dashes(&points, Dash::Dashed, 0.6) {
        let pos = |q: [f64; 2]| Pos2::new(q[0] as f32, q[1] as f32);
        ui.painter().line_segment([pos(a), pos(b)], Stroke::new(1.0, tint.gamma_multiply(0.7)));
    }
}
