//! Anatomy: which structures were seen, which are outlined.

use super::Desk;
use crate::desk::app::Hand;
use crate::desk::look::{self, body, colour, strong};
use crate::desk::sight::Action;
use crate::desk::widgets::{self, Mark, Weight};
use crate::draw::theme;
use crate::terms::Structure;
use crate::words::Value;
use eframe::egui::{self, Align2, CornerRadius, Pos2, Rect, Sense, Ui, Vec2};

pub(super) fn show(ui: &mut Ui, desk: &mut Desk<'_>) {
    widgets::heading(ui, &desk.w("desk-anatomy"));
    let Some(anatomy) = desk.sight.anatomy.clone() else {
        if let Some(why) = &desk.sight.anatomy_failed {
            widgets::verdict(ui, Mark::Broken, why, "");
        }
        let running = desk.sight.job.is_some();
        widgets::note(ui, &desk.w(if running { "desk-anatomy-running" } else { "desk-anatomy-none" }));
        ui.add_space(10.0);
        if !running && widgets::button(ui, Weight::Primary, &desk.w("desk-find-anatomy"), "").clicked() {
            desk.hands.push(Hand::Act(Action::FindAnatomy));
        }
        return;
    };
    let mut changed = false;
    let w = desk.words;
    for structure in Structure::ALL {
        let region = anatomy.region(structure);
        let shown = region.is_some() && !desk.stage.hidden.contains(&structure);
        let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), look::ROW), Sense::click());
        let p = ui.painter().clone();
        if response.hovered() && region.is_some() {
            p.rect_filled(rect.expand2(Vec2::new(6.0, 0.0)), CornerRadius::same(4), colour(theme::RAISED));
        }
        let y = rect.center().y;
        let swatch = Rect::from_center_size(Pos2::new(rect.left() + 7.0, y), Vec2::new(13.0, 13.0));
        let tint = colour(theme::structure(structure).colour);
        if shown {
            p.rect_filled(swatch, CornerRadius::same(3), tint);
            p.text(swatch.center(), Align2::CENTER_CENTER, "✓", strong(11.0), colour(theme::GROUND));
        } else {
            let line = egui::Stroke::new(1.5, if region.is_some() { tint } else { colour(theme::LINE) });
            p.rect_stroke(swatch, CornerRadius::same(3), line, egui::StrokeKind::Inside);
        }
        let name = w.get(&structure.word());
        let text = if region.is_some() { colour(theme::TEXT) } else { colour(theme::SOFT) };
        p.text(Pos2::new(rect.left() + 24.0, y), Align2::LEFT_CENTER, &name, body(), text);
        let (value, tint) = match region {
            Some(m) => {
                let ml = m.volume_mm3() / 1000.0;
                let decimals = usize::from(ml < 100.0);
                (w.text("value-ml", &[("value", Value::Number(ml, decimals))]), colour(theme::SOFT))
            }
            None => (format!("{} {}", Mark::Unknown.sign(), w.get("desk-not-seen")), Mark::Unknown.colour()),
        };
        p.text(Pos2::new(rect.right(), y), Align2::RIGHT_CENTER, value, body(), tint);
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, shown, &name));
        if response.clicked() && region.is_some() {
            changed = true;
            if shown {
                desk.stage.hidden.push(structure);
            } else {
                desk.stage.hidden.retain(|s| *s != structure);
            }
        }
    }
    if changed {
        desk.stage.touch();
    }
    ui.add_space(10.0);
    if let Some(carina) = anatomy.landmarks.carina {
        let text = format!("z {:.1} mm", carina.z).replace('-', "−");
        if widgets::row_soft(ui, &w.get("desk-carina"), &text).clicked() {
            desk.stage.go_to(carina);
        }
    }
    let contrast = if anatomy.contrast { "desk-contrast-yes" } else { "desk-contrast-no" };
    widgets::row_soft(ui, &w.get("desk-contrast-seen"), &w.get(contrast));
    for f in &anatomy.findings {
        ui.add_space(4.0);
        super::finding(ui, f, w);
    }
}
