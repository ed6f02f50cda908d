//! Lesion: the targets, their size with ±, the trial's rules, and the tools that change an outline.

use super::Desk;
use crate::desk::app::Hand;
use crate::desk::command::{Command, key_text};
use crate::desk::look::colour;
use crate::desk::sight::{Action, Ask, LesionSight, RuleSight};
use crate::desk::stage::Tool;
use crate::desk::widgets::{self, Item, Limit, Mark, Weight};
use crate::draw::theme;
use crate::lesion::Axis;
use crate::terms::Site;
use crate::words::{Value, Words};
use eframe::egui::{self, Ui};

/// The most target lesions of the trial.
const MOST: usize = crate::plan::MAX_LESIONS;

/// A diameter with its ±.
pub(super) fn axis_text(a: &Axis, w: &Words) -> String {
    w.text("value-mm-pm", &[("value", Value::Number(a.mm, 1)), ("pm", Value::Number(a.pm_mm, 1))])
}

/// A volume in ml; small ones with more decimals.
pub(super) fn volume_text(mm3: f64, w: &Words) -> String {
    let decimals = if mm3 < 995.0 { 2 } else { 1 };
    w.text("value-ml", &[("value", Value::Number(mm3 / 1000.0, decimals))])
}

pub(super) fn site_text(l: &LesionSight, w: &Words) -> String {
    let site = w.get(&format!("site-{}", l.site.name()));
    let mut parts = Vec::new();
    if let Some(side) = l.side {
        parts.push(w.get(&format!("side-{}", side.name())));
    }
    parts.push(site);
    let text = if w.lang() == crate::words::Lang::Ja { parts.concat() } else { parts.join(" ") };
    if l.site_guessed { format!("{text} · {}", w.get("site-source-guessed")) } else { text }
}

pub(super) fn show(ui: &mut Ui, desk: &mut Desk<'_>) {
    widgets::heading(ui, &desk.w("desk-lesion"));
    let lesions = desk.sight.lesions.clone();
    for (n, l) in lesions.iter().enumerate() {
        let w = desk.words;
        let item = Item {
            chosen: n == desk.stage.chosen.lesion,
            dot: Some(colour(theme::LESION)),
            number: None,
            name: &w.text("desk-target-n", &[("n", (n + 1).into())]),
            about: &site_text(l, w),
            value: &w.text("value-mm", &[("value", Value::Number(l.axes()[0].mm, 1))]),
            value_colour: colour(theme::TEXT),
        };
        if widgets::item(ui, &item).clicked() {
            desk.stage.chosen.lesion = n;
            let ends = l.axes()[0].ends;
            desk.stage.go_to(ends[0].lerp(ends[1], 0.5));
        }
    }
    if lesions.is_empty() {
        widgets::note(ui, &desk.w("desk-no-lesion"));
        ui.add_space(10.0);
    } else if lesions.len() < MOST {
        ui.horizontal(|ui| {
            ui.add_space(11.0);
            let add = desk.words.text("desk-add-lesion", &[("n", (MOST - lesions.len()).into())]);
            if widgets::link(ui, &format!("+  {add}")).clicked() {
                desk.stage.tool = Tool::LesionClick;
            }
        });
    }
    let chosen = desk.stage.chosen.lesion.min(lesions.len().saturating_sub(1));
    if let Some(l) = lesions.get(chosen) {
        size(ui, desk, l);
        site(ui, desk, chosen, l);
        trial(ui, desk, l);
        for f in &l.findings {
            ui.add_space(4.0);
            super::finding(ui, f, desk.words);
        }
    }
    tools(ui, desk, chosen, lesions.get(chosen));
}

fn size(ui: &mut Ui, desk: &mut Desk<'_>, l: &LesionSight) {
    let w = desk.words;
    widgets::section(ui, &w.get("desk-size"));
    let [long, short] = l.axes();
    let middle = long.ends[0].lerp(long.ends[1], 0.5);
    let mut go = widgets::row(ui, &w.get("desk-long-axis"), &axis_text(&long, w)).clicked();
    go |= widgets::row(ui, &w.get("desk-short-axis"), &axis_text(&short, w)).clicked();
    let m = &l.measurement;
    widgets::row(ui, &w.get("desk-volume"), &volume_text(m.volume_mm3, w));
    widgets::row_soft(
        ui,
        &w.get("desk-max-3d"),
        &w.text("value-mm", &[("value", Value::Number(m.max_3d_diameter_mm, 1))]),
    );
    let z = format!("z {:.1} mm", middle.z).replace('-', "−");
    go |= widgets::row_soft(ui, &w.get("desk-measured-on"), &z).clicked();
    let by = if l.by_reader.is_some() { "desk-by-reader" } else { "desk-by-automatic" };
    widgets::row_soft(ui, &w.get("desk-by"), &w.get(by));
    if l.by_reader.is_some() {
        let auto = w.text("value-mm", &[("value", Value::Number(m.long.mm, 1))]);
        let auto2 = w.text("value-mm", &[("value", Value::Number(m.short.mm, 1))]);
        widgets::row_soft(ui, &w.get("desk-automatic-value"), &format!("{auto} × {auto2}"));
    }
    if go {
        desk.stage.go_to(middle);
    }
}

fn site(ui: &mut Ui, desk: &mut Desk<'_>, at: usize, l: &LesionSight) {
    let name = desk.w("desk-site");
    let words = desk.words;
    let mut chosen = None;
    widgets::row_pick(ui, &name, |ui| {
        egui::ComboBox::from_id_salt("site")
            .selected_text(words.get(&format!("site-{}", l.site.name())))
            .width(140.0)
            .show_ui(ui, |ui| {
                for s in Site::ALL {
                    if ui.selectable_label(s == l.site, words.get(&format!("site-{}", s.name()))).clicked() {
                        chosen = Some(s);
                    }
                }
            });
    });
    if let Some(site) = chosen {
        desk.hands.push(Hand::Act(Action::SetSite { lesion: at, site }));
    }
}

fn trial(ui: &mut Ui, desk: &mut Desk<'_>, l: &LesionSight) {
    if l.rules.is_empty() {
        return;
    }
    widgets::section(ui, &desk.w("trial-eligibility"));
    let (measured, asked): (Vec<&RuleSight>, Vec<&RuleSight>) =
        l.rules.iter().partition(|r| r.asks.is_none() || r.mark != Mark::Unknown);
    for r in &measured {
        let row = Limit { mark: r.mark, name: &r.name, measured: &r.measured, allowed: &r.allowed };
        if widgets::limit(ui, &row).clicked() && r.asks.is_some() {
            desk.memory.answering = Some((r.id.clone(), String::new()));
        }
        answer(ui, desk, r);
    }
    if desk.memory.all_rules {
        for r in &asked {
            ask(ui, desk, r);
        }
    }
    if !asked.is_empty() {
        let word = if desk.memory.all_rules {
            desk.w("desk-fewer-questions")
        } else {
            desk.words.text("desk-more-questions", &[("n", asked.len().into())])
        };
        ui.horizontal(|ui| {
            ui.add_space(1.0);
            ui.label(egui::RichText::new(Mark::Unknown.sign()).color(Mark::Unknown.colour()));
            ui.add_space(3.0);
            if widgets::link(ui, &word).clicked() {
                desk.memory.all_rules = !desk.memory.all_rules;
            }
        });
    }
}

fn ask(ui: &mut Ui, desk: &mut Desk<'_>, r: &RuleSight) {
    let row = Limit { mark: Mark::Unknown, name: &r.name, measured: "", allowed: &desk.w("desk-enter") };
    if widgets::limit(ui, &row).clicked() {
        desk.memory.answering = Some((r.id.clone(), String::new()));
    }
    answer(ui, desk, r);
}

/// The field in which a rule is answered, under its row.
fn answer(ui: &mut Ui, desk: &mut Desk<'_>, r: &RuleSight) {
    let Some((id, mut typed)) = desk.memory.answering.clone() else { return };
    if id != r.id {
        return;
    }
    let mut done: Option<Option<String>> = None;
    ui.horizontal(|ui| {
        ui.add_space(20.0);
        match r.asks {
            Some(Ask::YesNo) => {
                for (word, value) in [("desk-yes", "yes"), ("desk-no", "no")] {
                    if widgets::button(ui, Weight::Plain, &desk.w(word), "").clicked() {
                        done = Some(Some(value.to_string()));
                    }
                }
            }
            _ => {
                let field = ui.add(
                    egui::TextEdit::singleline(&mut typed).desired_width(70.0).margin(egui::Margin::symmetric(8, 6)),
                );
                let entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
                if !entered && ui.memory(|m| m.focused().is_none()) {
                    field.request_focus();
                }
                if widgets::button(ui, Weight::Plain, &desk.w("desk-enter"), "").clicked() || entered {
                    done = Some(Some(typed.clone()));
                }
            }
        }
        if widgets::link(ui, &desk.w("desk-clear")).clicked() {
            done = Some(None);
        }
    });
    match done {
        Some(answer) => {
            // What is no number stays in the field, to be mended.
            let kept =
                answer.as_deref().filter(|a| r.asks == Some(Ask::Number) && crate::desk::bench::number(a).is_none());
            desk.memory.answering = kept.map(|typed| (id, typed.to_string()));
            desk.hands.push(Hand::Act(Action::Answer { rule: r.id.clone(), answer }));
        }
        None => desk.memory.answering = Some((id, typed)),
    }
}

fn tools(ui: &mut Ui, desk: &mut Desk<'_>, at: usize, lesion: Option<&LesionSight>) {
    widgets::section(ui, &desk.w(if lesion.is_some() { "desk-change-it" } else { "desk-mark-it" }));
    let tool = desk.stage.tool;
    ui.horizontal_wrapped(|ui| {
        let armed = |on: bool, first: bool| match (on, first) {
            (true, _) => Weight::Armed,
            (false, true) => Weight::Primary,
            _ => Weight::Plain,
        };
        let arm = |ui: &mut Ui, desk: &mut Desk<'_>, command: Command, word: &str, weight: Weight| {
            if widgets::button(ui, weight, &desk.w(word), &key_text(command)).clicked() {
                desk.hands.push(Hand::Do(command));
            }
        };
        let weight = armed(tool == Tool::LesionClick, lesion.is_none());
        arm(ui, desk, Command::LesionClick, "desk-tool-click", weight);
        let weight = armed(tool == Tool::LesionStroke, false);
        arm(ui, desk, Command::LesionStroke, "desk-tool-stroke", weight);
        if lesion.is_some() {
            let weight = armed(matches!(tool, Tool::Callipers(_)), false);
            arm(ui, desk, Command::Callipers, "desk-tool-callipers", weight);
        }
        if lesion.is_some_and(|l| l.by_reader.is_some())
            && widgets::button(ui, Weight::Plain, &desk.w("desk-automatic-again"), "").clicked()
        {
            desk.hands.push(Hand::Act(Action::AutomaticAxes { lesion: at }));
        }
        if lesion.is_some()
            && widgets::button(ui, Weight::Plain, &desk.w("desk-delete"), &key_text(Command::Delete)).clicked()
        {
            desk.hands.push(Hand::Act(Action::DeleteLesion(at)));
        }
    });
}
