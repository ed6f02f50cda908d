//! Open: the series, what was left out, what this scan is.

use super::Desk;
use crate::desk::app::Hand;
use crate::desk::command::{Command, key_text};
use crate::desk::look::{self, body, colour, small, strong};
use crate::desk::sight::{Action, Series};
use crate::desk::start_page::fitted;
use crate::desk::widgets::{self, Mark, Weight};
use crate::draw::theme;
use crate::terms::{Pose, Severity};
use crate::words::Value;
use eframe::egui::{self, Color32, CornerRadius, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2};

pub(super) fn show(ui: &mut Ui, desk: &mut Desk<'_>) {
    widgets::heading(ui, &desk.w("desk-series"));
    let series = desk.sight.series.clone();
    for s in &series {
        if entry(ui, desk, s).clicked() && !s.picked {
            desk.hands.push(Hand::Act(Action::ChooseSeries(s.uid.clone())));
        }
    }
    if let Some(alike) = series.iter().find(|s| s.alike) {
        let flipped = desk.sight.other.is_some() && desk.stage.show_other;
        let next = series.iter().find(|s| s.picked).filter(|_| flipped).unwrap_or(alike);
        let name = if next.kernel.is_empty() { next.description.clone() } else { next.kernel.clone() };
        let word = desk.words.text("desk-show-over", &[("name", name.into())]);
        ui.horizontal(|ui| {
            if widgets::button(ui, Weight::Plain, &word, &key_text(Command::OtherKernel)).clicked() {
                desk.hands.push(Hand::Do(Command::OtherKernel));
            }
        });
        ui.add_space(4.0);
    }
    if let Some(why) = &desk.sight.picked_why {
        widgets::note(ui, &desk.words.text("desk-picked-why", &[("why", why.clone().into())]));
    }
    ui.add_space(8.0);
    let mut findings: Vec<_> = desk.sight.findings.iter().collect();
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    findings.dedup_by(|a, b| a.code == b.code);
    for f in findings.iter().filter(|f| f.severity != Severity::Info).take(6) {
        super::finding(ui, f, desk.words);
    }
    let Some(ct) = desk.sight.ct.clone() else { return };
    widgets::section(ui, &desk.w("desk-this-series"));
    let a = &ct.acquisition;
    let mut scanner = a.scanner.clone();
    if let Some(kvp) = a.kvp {
        scanner = format!("{scanner}{}{kvp:.0} kV", if scanner.is_empty() { "" } else { ", " });
    }
    if !scanner.is_empty() {
        widgets::row_soft(ui, &desk.w("desk-scanner"), &scanner);
    }
    if !a.kernel.is_empty() {
        widgets::row_soft(ui, &desk.w("desk-kernel"), &a.kernel);
    }
    let pose = Pose::from_patient_position(&a.patient_position);
    let pose = pose.map_or(desk.w("value-unknown"), |p| desk.w(&format!("pose-{}", p.name())));
    widgets::row_soft(ui, &desk.w("desk-pose"), &pose);
    let g = &ct.hu.grid;
    let spacing =
        desk.words.text("desk-slices-apart", &[("n", g.size[2].into()), ("mm", Value::Number(g.spacing.z, 1))]);
    widgets::row_soft(ui, &desk.w("desk-slices"), &spacing);
    if let Some(mm) = a.slice_thickness_mm {
        let mm = desk.words.text("value-mm", &[("value", Value::Number(mm, 1))]);
        widgets::row_soft(ui, &desk.w("desk-thickness"), &mm);
    }
    let contrast = if a.contrast.is_some() { "desk-contrast-yes" } else { "desk-not-told" };
    widgets::row_soft(ui, &desk.w("desk-contrast"), &desk.w(contrast));
    if let Some(date) = &a.date {
        widgets::row_soft(ui, &desk.w("desk-date"), &desk.words.lang().date(date));
    }
    let pm = desk.words.text("desk-pm-in-plane", &[("mm", Value::Number(g.spacing.x.max(g.spacing.y), 1))]);
    widgets::row(ui, &desk.w("desk-measures-to"), &pm);
    let infos: Vec<_> = desk.sight.findings.iter().filter(|f| f.severity == Severity::Info).collect();
    for f in infos.iter().take(4) {
        widgets::note(ui, &f.sentence(desk.words));
    }
    ui.add_space(12.0);
    ui.horizontal_wrapped(|ui| {
        if widgets::button(ui, Weight::Primary, &desk.w("desk-next-lesion"), "").clicked() {
            desk.hands.push(Hand::Do(Command::GoTo(crate::desk::step::Step::Lesion)));
        }
        if widgets::button(ui, Weight::Plain, &desk.w("desk-command-open-folder"), &key_text(Command::OpenFolder))
            .clicked()
        {
            desk.hands.push(Hand::Do(Command::OpenFolder));
        }
        if widgets::button(ui, Weight::Plain, &desk.w("desk-command-open-file"), "").clicked() {
            desk.hands.push(Hand::Do(Command::OpenFile));
        }
        if widgets::button(ui, Weight::Plain, &desk.w("desk-command-close"), &key_text(Command::CloseCase)).clicked() {
            desk.hands.push(Hand::Do(Command::CloseCase));
        }
    });
}

fn entry(ui: &mut Ui, desk: &mut Desk<'_>, s: &Series) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 70.0), Sense::click());
    let p = ui.painter().clone();
    if s.picked || response.hovered() {
        let edge = if s.picked { colour(theme::LINE) } else { Color32::TRANSPARENT };
        p.rect(
            rect,
            CornerRadius::same(look::CORNER),
            colour(theme::RAISED),
            Stroke::new(1.0, edge),
            StrokeKind::Inside,
        );
    }
    let picture = Rect::from_min_size(rect.min + Vec2::new(10.0, 11.0), Vec2::new(64.0, 48.0));
    p.rect_filled(picture, 0, Color32::BLACK);
    if let Some(image) = &s.thumbnail {
        let found = desk.memory.thumbnails.iter().position(|t| t.0 == s.uid);
        let at = found.unwrap_or_else(|| {
            let size = [image.width() as usize, image.height() as usize];
            let image = egui::ColorImage::from_rgba_unmultiplied(size, image.as_raw());
            let texture = ui.ctx().load_texture("thumbnail", image, egui::TextureOptions::LINEAR);
            desk.memory.thumbnails.push((s.uid.clone(), texture));
            desk.memory.thumbnails.len() - 1
        });
        let texture = &desk.memory.thumbnails[at].1;
        let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
        p.image(texture.id(), fitted(picture, texture.size_vec2()), uv, Color32::WHITE);
    }
    let x = picture.right() + 10.0;
    let room = rect.right() - x - 8.0;
    let name = if s.description.is_empty() { desk.w("desk-no-description") } else { s.description.clone() };
    let font = if s.picked { strong(13.0) } else { body() };
    let text = if s.usable { colour(theme::TEXT) } else { colour(theme::SOFT) };
    let name = widgets::one_line(&p, &name, font, text, room);
    p.galley(Pos2::new(x, rect.top() + 8.0), name, text);
    let soft = colour(theme::SOFT);
    let [nx, ny, nz] = s.size;
    let size = format!("{nx} × {ny} × {nz}");
    p.text(Pos2::new(x, rect.top() + 27.0), egui::Align2::LEFT_TOP, size, small(), soft);
    let (last, tint) = match &s.doubt {
        Some(doubt) => (doubt.clone(), Mark::Warning.colour()),
        None => (format!("{:.2} × {:.2} × {:.1} mm", s.spacing[0], s.spacing[1], s.spacing[2]), soft),
    };
    let last = widgets::one_line(&p, &last, small(), tint, room);
    p.galley(Pos2::new(x, rect.top() + 45.0), last, tint);
    let label = s.description.clone();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, label.clone()));
    match &s.doubt {
        Some(doubt) => response.on_hover_text(doubt),
        None => response,
    }
}
