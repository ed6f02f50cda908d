//! Ice: how much of each lesion the surfaces cover, with the least margin.

use super::Desk;
use crate::desk::app::Hand;
use crate::desk::command::Command;
use crate::desk::look::{self, body, colour, strong};
use crate::desk::sight::Action;
use crate::desk::step::Step;
use crate::desk::widgets::{self, Mark, Weight};
use crate::draw::theme::{self, Dash};
use crate::words::{Value, Words};
use eframe::egui::{self, Align2, Pos2, Sense, Shape, Stroke, Ui, Vec2};

/// The surface that plans are judged by.
const JUDGED: i32 = -20;

pub(super) fn show(ui: &mut Ui, desk: &mut Desk<'_>) {
    let w = desk.words;
    widgets::heading(ui, &w.get("desk-ice"));
    if desk.sight.needles.is_empty() {
        widgets::note(ui, &w.get("desk-ice-no-needle"));
        ui.add_space(8.0);
        if widgets::button(ui, Weight::Primary, &w.get("desk-next-needles"), "").clicked() {
            desk.hands.push(Hand::Do(Command::GoTo(Step::Needles)));
        }
        return;
    }
    let margin = desk.sight.margin_mm;
    for c in desk.sight.coverage.clone() {
        let judged = c.rows.iter().find(|r| r.0 == JUDGED);
        if let Some((_, share, least)) = judged {
            let mm = |v: f64| w.text("value-mm", &[("value", Value::Number(v, 1))]);
            let (mark, key) = if *share < 1.0 {
                (Mark::Broken, "desk-ice-short")
            } else if *least < margin {
                (Mark::Warning, "desk-ice-thin")
            } else {
                (Mark::Good, "desk-ice-enough")
            };
            let more = w.text("desk-ice-least", &[("mm", mm(*least).into())]);
            widgets::verdict(ui, mark, &w.get(key), &more);
        }
        let name = w.text("desk-target-inside", &[("n", (c.lesion + 1).into())]);
        head(ui, &name, w);
        for (celsius, share, least) in &c.rows {
            let judged = *celsius == JUDGED;
            let mark = if !judged {
                Mark::Good
            } else if *share < 1.0 {
                Mark::Broken
            } else if *least < margin {
                Mark::Warning
            } else {
                Mark::Good
            };
            if isotherm(ui, *celsius, *share, *least, mark, judged, w).clicked()
                && let Some(at) = c.worst_at
            {
                desk.stage.go_to(at);
            }
        }
        ui.add_space(4.0);
    }
    let mut mm = margin;
    widgets::row_pick(ui, &w.get("desk-margin-asked"), |ui| {
        let field = ui.add(egui::DragValue::new(&mut mm).range(0.0..=50.0).speed(0.1).fixed_decimals(1).suffix(" mm"));
        let done =
            field.drag_stopped() || field.lost_focus() || field.changed() && !field.dragged() && !field.has_focus();
        if done && (mm - margin).abs() > 1e-9 {
            desk.hands.push(Hand::Act(Action::SetMargin(mm)));
        }
    });
    let minutes = Value::Number(desk.sight.freeze_minutes, 0);
    widgets::section(ui, &w.text("desk-ice-size", &[("minutes", minutes)]));
    for ice in &desk.sight.ice {
        let name = celsius_text(ice.celsius, w);
        let mut value = w.text("value-ml", &[("value", Value::Number(ice.volume_ml, 1))]);
        if ice.derived {
            value = format!("{value} · {}", w.get("report-derived"));
        }
        widgets::row_soft(ui, &name, &value);
    }
    ui.add_space(6.0);
    let mut unverified: Vec<&str> =
        desk.sight.needles.iter().filter(|n| !n.verified).map(|n| n.model_name.as_str()).collect();
    unverified.dedup();
    if !unverified.is_empty() {
        let more = w.text("finding-needle-unverified", &[("model", unverified.join(", ").into())]);
        widgets::verdict(ui, Mark::Warning, &w.get("desk-unverified"), &more);
    }
}

fn celsius_text(celsius: i32, w: &Words) -> String {
    w.text("value-celsius", &[("value", Value::Number(f64::from(celsius), 0))])
}

fn head(ui: &mut Ui, name: &str, w: &Words) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 26.0), Sense::hover());
    let p = ui.painter();
    let soft = colour(theme::SOFT);
    let y = rect.center().y + 2.0;
    p.text(Pos2::new(rect.left(), y), Align2::LEFT_CENTER, name, strong(12.0), soft);
    p.text(Pos2::new(rect.right() - 84.0, y), Align2::RIGHT_CENTER, w.get("desk-inside"), look::small(), soft);
    p.text(Pos2::new(rect.right(), y), Align2::RIGHT_CENTER, w.get("desk-least-margin"), look::small(), soft);
}

fn isotherm(ui: &mut Ui, celsius: i32, share: f64, least: f64, mark: Mark, judged: bool, w: &Words) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), look::ROW), Sense::click());
    let p = ui.painter();
    let line = theme::isotherm(celsius);
    let y = rect.center().y;
    let (x0, x1) = (rect.left(), rect.left() + 26.0);
    let stroke = Stroke::new(2.2, colour(line.colour));
    match line.dash {
        Dash::Solid => {
            p.line_segment([Pos2::new(x0, y), Pos2::new(x1, y)], stroke);
        }
        Dash::Dashed => p.extend(Shape::dashed_line(&[Pos2::new(x0, y), Pos2::new(x1, y)], stroke, 6.0, 3.5)),
        Dash::Dotted => {
            p.extend(Shape::dotted_line(&[Pos2::new(x0, y), Pos2::new(x1, y)], colour(line.colour), 4.6, 1.5))
        }
    }
    let font = if judged { strong(13.0) } else { body() };
    let tint = if mark == Mark::Good { colour(theme::TEXT) } else { mark.colour() };
    p.text(Pos2::new(x1 + 10.0, y), Align2::LEFT_CENTER, celsius_text(celsius, w), font, colour(theme::TEXT));
    let percent = super::share_text(share, w);
    p.text(Pos2::new(rect.right() - 84.0, y), Align2::RIGHT_CENTER, percent, strong(13.0), tint);
    let mm = w.text("value-mm", &[("value", Value::Number(least, 1))]);
    let soft = if mark == Mark::Good { colour(theme::SOFT) } else { mark.colour() };
    p.text(Pos2::new(rect.right(), y), Align2::RIGHT_CENTER, mm, body(), soft);
    response
}
