//! Report: who, what is needed at the table, and where the files go.

use super::Desk;
use crate::desk::app::Hand;
use crate::desk::command::{Command, key_text};
use crate::desk::look::colour;
use crate::desk::sight::{Action, Keeping, RuleSight};
use crate::desk::widgets::{self, Mark, Weight};
use crate::draw::theme;
use crate::trial::EligibilityStatus;
use crate::words::Value;
use eframe::egui::{self, Ui};

pub(super) fn show(ui: &mut Ui, desk: &mut Desk<'_>) {
    let w = desk.words;
    widgets::heading(ui, &w.get("desk-report"));
    let subject = desk.sight.subject.clone();
    let reader = desk.sight.reader.clone();
    if let Some(id) = field(ui, &w.get("report-subject"), &subject, &mut desk.memory.subject) {
        desk.hands.push(Hand::Act(Action::SetSubject(id)));
    }
    if let Some(name) = field(ui, &w.get("report-reader"), &reader, &mut desk.memory.reader) {
        desk.hands.push(Hand::Act(Action::SetReader(name)));
    }
    if subject.is_empty() {
        widgets::verdict(ui, Mark::Warning, &w.get("finding-subject-missing"), "");
    }
    if !desk.sight.lesions.is_empty() {
        widgets::section(ui, &w.get("desk-lesion"));
    }
    for (n, l) in desk.sight.lesions.iter().enumerate() {
        let [long, short] = l.axes();
        let name = w.text("desk-target-n", &[("n", (n + 1).into())]);
        widgets::row(ui, &name, &super::lesion::site_text(l, w));
        widgets::row(ui, &w.get("desk-long-axis"), &super::lesion::axis_text(&long, w));
        widgets::row(ui, &w.get("desk-short-axis"), &super::lesion::axis_text(&short, w));
        let by = if l.by_reader.is_some() { "desk-by-reader" } else { "desk-by-automatic" };
        widgets::row(ui, &w.get("desk-by"), &w.get(by));
        let volume = super::lesion::volume_text(l.measurement.volume_mm3, w);
        widgets::row(ui, &w.get("desk-volume"), &volume);
        let (mark, key) = standing(&l.rules);
        widgets::row_of(ui, &w.get("trial-eligibility"), |ui| {
            ui.label(egui::RichText::new(format!("{} {}", mark.sign(), w.get(key))).color(mark.colour()));
        });
        if let Some((_, share, least)) =
            desk.sight.coverage.iter().find(|c| c.lesion == n).and_then(|c| c.rows.iter().find(|r| r.0 == -20))
        {
            let percent = super::share_text(*share, w);
            let mm = w.text("value-mm", &[("value", Value::Number(*least, 1))]);
            let name = w.text("value-celsius", &[("value", Value::Number(-20.0, 0))]);
            let value = format!("{percent} · {} {mm}", w.get("desk-least-margin"));
            widgets::row(ui, &name, &value);
        }
        ui.add_space(4.0);
    }
    if desk.sight.needles.iter().any(|n| !n.verified) {
        widgets::note(ui, &format!("{} {}", Mark::Warning.sign(), w.get("desk-data-unverified")));
    }
    for (n, needle) in desk.sight.needles.iter().enumerate() {
        let name = w.text("desk-needle-n", &[("n", (n + 1).into())]);
        widgets::section(ui, &name);
        let (sign, tint) = super::needles::standing(needle.verdict.as_ref(), w);
        widgets::row_of(ui, &w.get("desk-verdict"), |ui| {
            ui.label(egui::RichText::new(sign).color(tint));
        });
        for (name, value) in &needle.table {
            widgets::row(ui, name, value);
        }
    }
    if let Some(ct) = &desk.sight.ct
        && !desk.sight.needles.is_empty()
    {
        ui.add_space(4.0);
        widgets::note(ui, &crate::export::positions_of(ct.acquisition.date.as_deref(), w));
    }
    ui.add_space(12.0);
    ui.horizontal_wrapped(|ui| {
        let weight = if desk.sight.saved == Keeping::Kept { Weight::Plain } else { Weight::Primary };
        if widgets::button(ui, weight, &w.get("desk-command-save"), &key_text(Command::Save)).clicked() {
            desk.hands.push(Hand::Do(Command::Save));
        }
        if widgets::button(ui, Weight::Plain, &w.get("desk-command-export"), &key_text(Command::Export)).clicked() {
            desk.hands.push(Hand::Do(Command::Export));
        }
    });
    if let Some(folder) = &desk.sight.written {
        ui.add_space(6.0);
        let text = w.text("desk-written", &[("folder", folder.display().to_string().into())]);
        ui.label(egui::RichText::new(text).color(colour(theme::GOOD)));
    }
}

/// How a lesion stands with the trial: the worst of its rules, and the word for it.
fn standing(rules: &[RuleSight]) -> (Mark, &'static str) {
    let any = |mark: Mark| rules.iter().any(|r| r.mark == mark);
    if any(Mark::Broken) {
        (Mark::Broken, EligibilityStatus::NotMet.word())
    } else if any(Mark::Warning) {
        (Mark::Warning, EligibilityStatus::Borderline.word())
    } else if any(Mark::Unknown) {
        (Mark::Unknown, EligibilityStatus::Unknown.word())
    } else {
        (Mark::Good, EligibilityStatus::Met.word())
    }
}

/// Width of a field, points.
const FIELD: f32 = 160.0;

/// After this pause in typing a text is taken over, s: well within the two seconds in which a plan is saved.
const PAUSE: f64 = 0.7;

/// A field whose text is taken over when typing pauses, when it is left or when Enter is pressed.
fn field(ui: &mut Ui, name: &str, value: &str, memory: &mut Option<String>) -> Option<String> {
    let mut taken = None;
    let mut text = memory.clone().unwrap_or_else(|| value.to_string());
    widgets::row_pick(ui, name, |ui| {
        let edit =
            ui.add(egui::TextEdit::singleline(&mut text).desired_width(FIELD).margin(egui::Margin::symmetric(8, 5)));
        if edit.lost_focus() {
            *memory = None;
            if text.trim() != value {
                taken = Some(text.trim().to_string());
            }
        } else if edit.has_focus() {
            *memory = Some(text.clone());
            let now = ui.input(|i| i.time);
            if edit.changed() {
                ui.data_mut(|d| d.insert_temp(edit.id, now));
            }
            if text.trim() != value {
                let since = now - ui.data(|d| d.get_temp(edit.id)).unwrap_or(now);
                if since >= PAUSE {
                    taken = Some(text.trim().to_string());
                } else {
                    ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(PAUSE - since));
                }
            }
        }
    });
    ui.add_space(4.0);
    taken
}
