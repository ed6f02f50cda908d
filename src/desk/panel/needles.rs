//! Needles: the list, the verdict, each rule's measured and allowed value, the path, proposals.

use super::Desk;
use crate::desk::app::Hand;
use crate::desk::command::{Command, key_text};
use crate::desk::look::colour;
use crate::desk::sight::{Action, NeedleSight};
use crate::desk::stage::{Tool, rule_unit, rule_word};
use crate::desk::widgets::{self, Item, Limit, Mark, Weight};
use crate::draw::theme;
use crate::export;
use crate::needle::{Clearance, Status, Verdict};
use crate::terms::Pose;
use crate::words::{Value, Words};
use eframe::egui::{self, Ui};

pub(super) fn show(ui: &mut Ui, desk: &mut Desk<'_>) {
    widgets::heading(ui, &desk.w("desk-needles"));
    let needles: Vec<NeedleSight> = shown(desk);
    for (n, needle) in needles.iter().enumerate() {
        let w = desk.words;
        let (value, tint) = standing(needle.verdict.as_ref(), w);
        let mut about = w.text("desk-target-n", &[("n", (needle.lesion + 1).into())]);
        if !needle.verified {
            about = format!("{about} · {}", w.get("desk-data-unverified"));
        }
        let item = Item {
            chosen: n == desk.stage.chosen.needle,
            dot: None,
            number: Some(n + 1),
            name: &needle.model_name,
            about: &about,
            value: &value,
            value_colour: tint,
        };
        if widgets::item(ui, &item).clicked() {
            desk.stage.chosen.needle = n;
            desk.stage.go_to(needle.needle.tip);
        }
    }
    if desk.sight.lesions.is_empty() {
        widgets::note(ui, &desk.w("desk-needles-no-lesion"));
        ui.add_space(8.0);
        if widgets::button(ui, Weight::Primary, &desk.w("desk-next-lesion"), "").clicked() {
            desk.hands.push(Hand::Do(Command::GoTo(crate::desk::step::Step::Lesion)));
        }
        return;
    }
    if needles.is_empty() {
        widgets::note(ui, &desk.w("desk-no-needle"));
        ui.add_space(8.0);
    }
    let chosen = desk.stage.chosen.needle.min(needles.len().saturating_sub(1));
    if let Some(needle) = needles.get(chosen) {
        ui.add_space(8.0);
        rules(ui, desk, needle);
    }
    buttons(ui, desk, chosen, needles.is_empty());
    proposals(ui, desk, chosen, &needles);
    if let Some(needle) = needles.get(chosen) {
        path(ui, desk, chosen, needle);
    }
}

/// The needles with the one in the hand in its place.
fn shown(desk: &Desk<'_>) -> Vec<NeedleSight> {
    let mut needles = desk.sight.needles.clone();
    if let Some((at, needle, verdict)) = &desk.stage.ghost
        && let Some(n) = needles.get_mut(*at)
    {
        n.needle = needle.clone();
        n.verdict = verdict.clone();
    }
    needles
}

/// Sign and word of a verdict, for a list.
pub(super) fn standing(v: Option<&Verdict>, w: &Words) -> (String, egui::Color32) {
    let Some(v) = v else { return (Mark::Unknown.sign().into(), Mark::Unknown.colour()) };
    if let Some(worst) = v.violations.first() {
        return (format!("{} {}", Mark::Broken.sign(), w.get(&rule_word(&worst.structure))), Mark::Broken.colour());
    }
    let doubtful = v.clearances.iter().any(|c| c.status != Status::Ok);
    let mark = if doubtful { Mark::Warning } else { Mark::Good };
    (mark.sign().into(), mark.colour())
}

fn mark_of(status: Status) -> Mark {
    match status {
        Status::Ok => Mark::Good,
        Status::Broken => Mark::Broken,
        Status::Warning => Mark::Warning,
        Status::Unknown => Mark::Unknown,
    }
}

/// Key of a rule's short name; a hospital's own rule is called by its structure.
fn short_name(rule: &str) -> Option<&'static str> {
    Some(match rule {
        "bone" => "desk-rule-bone",
        "lung-vessels" => "desk-rule-lung-vessels",
        "wall-vessels" => "desk-rule-wall-vessels",
        "mediastinum" => "desk-rule-mediastinum",
        "below-diaphragm" => "desk-rule-below-diaphragm",
        "other-lung" => "desk-rule-other-lung",
        "depth" => "desk-rule-depth",
        "tip-beyond" => "desk-rule-tip-beyond",
        "real-skin" => "desk-rule-real-skin",
        "skin-angle" => "desk-rule-skin-angle",
        "way-in" => "desk-rule-way-in",
        "stays-inside" => "desk-rule-stays-inside",
        "lies-on" => "desk-rule-lies-on",
        _ => return None,
    })
}

/// What a rule is called in the table.
pub(super) fn rule_name(c: &Clearance, w: &Words) -> String {
    if let Some(key) = short_name(&c.rule) {
        return w.get(key);
    }
    let key = rule_word(&c.structure);
    if w.has(&key) { w.get(&key) } else { c.structure.clone() }
}

fn rules(ui: &mut Ui, desk: &mut Desk<'_>, needle: &NeedleSight) {
    let w = desk.words;
    let Some(v) = &needle.verdict else {
        widgets::verdict(ui, Mark::Unknown, &w.get("desk-verdict-waiting"), &w.get("desk-verdict-waiting-more"));
        return;
    };
    match v.violations.first() {
        Some(worst) => {
            let (key, mm) = match worst.rule.as_str() {
                "way-in" => ("desk-verdict-way-in", worst.depth_mm),
                "real-skin" | "skin-angle" | "lies-on" | "depth" | "tip-beyond" | "stays-inside" => {
                    ("desk-verdict-broken-rule", worst.measured)
                }
                _ if worst.measured <= 0.0 => ("desk-verdict-through", worst.depth_mm),
                _ => ("desk-verdict-broken", worst.depth_mm),
            };
            let rule = v.clearances.iter().find(|c| c.rule == worst.rule).map_or(String::new(), |c| rule_name(c, w));
            let structure = Value::Word(rule_word(&worst.structure));
            let values = [("structure", structure), ("rule", rule.into()), ("mm", Value::Number(mm, 0))];
            widgets::verdict(ui, Mark::Broken, &w.text(key, &values), &w.get("desk-verdict-broken-more"));
        }
        None => {
            let unknown = v.clearances.iter().filter(|c| c.status == Status::Unknown).count();
            let nearest = v
                .clearances
                .iter()
                .filter(|c| c.status == Status::Ok && !at_most(c) && rule_unit(&c.rule) == "value-mm")
                .filter_map(|c| c.measured.map(|m| (m, c)))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            let more = nearest.map_or(String::new(), |(m, c)| {
                let mm = w.text("value-mm", &[("value", Value::Number(m, 1))]);
                w.text("desk-verdict-nearest", &[("what", rule_name(c, w).into()), ("mm", mm.into())])
            });
            if unknown > 0 {
                widgets::verdict(ui, Mark::Unknown, &w.text("desk-verdict-unknown", &[("n", unknown.into())]), &more);
            } else {
                widgets::verdict(ui, Mark::Good, &w.get("desk-verdict-free"), &more);
            }
        }
    }
    header(ui, w);
    // What is near comes first; of what is merely kept, only the distances stand open.
    let (mut open, kept): (Vec<&Clearance>, Vec<&Clearance>) = v.clearances.iter().partition(|c| stands_open(c));
    open.sort_by(|a, b| {
        (a.status == Status::Ok).cmp(&(b.status == Status::Ok)).then_with(|| slack(a).total_cmp(&slack(b)))
    });
    let all = desk.memory.all_clearances;
    for c in open.into_iter().chain(kept.iter().copied().filter(|_| all)) {
        clearance(ui, desk, c);
    }
    if !kept.is_empty() {
        let word = if all { w.get("desk-fewer-rules") } else { w.text("desk-more-rules", &[("n", kept.len().into())]) };
        ui.horizontal(|ui| {
            ui.add_space(1.0);
            ui.label(egui::RichText::new(Mark::Good.sign()).color(Mark::Good.colour()));
            ui.add_space(3.0);
            if widgets::link(ui, &word).clicked() {
                desk.memory.all_clearances = !all;
            }
        });
    }
}

fn stands_open(c: &Clearance) -> bool {
    c.status != Status::Ok || rule_unit(&c.rule) == "value-mm" && (!at_most(c) || c.rule == "depth")
}

/// How far a rule is from being broken.
fn slack(c: &Clearance) -> f64 {
    let more = c.measured.map_or(0.0, |m| m - c.allowed);
    if at_most(c) { -more } else { more }
}

/// A rule's row; a click goes to its place.
fn clearance(ui: &mut Ui, desk: &mut Desk<'_>, c: &Clearance) {
    let w = desk.words;
    let unit = rule_unit(&c.rule);
    let measured = c.measured.map_or(w.get("value-unknown"), |m| {
        let decimals = usize::from(m < 99.95);
        w.text(unit, &[("value", Value::Number(m.min(999.0), decimals))])
    });
    let limit = if at_most(c) { "value-at-most" } else { "value-at-least" };
    let allowed = w.text(limit, &[("value", Value::Number(c.allowed, usize::from(c.allowed.fract() != 0.0)))]);
    let row = Limit { mark: mark_of(c.status), name: &rule_name(c, w), measured: &measured, allowed: &allowed };
    if widgets::limit(ui, &row).clicked()
        && let Some(at) = c.at
    {
        desk.stage.go_to(at);
    }
}

/// Whether a rule's number is a most, not a least.
fn at_most(c: &Clearance) -> bool {
    matches!(c.rule.as_str(), "depth" | "tip-beyond" | "way-in" | "stays-inside")
        || c.rule == "real-skin" && c.structure == "skin"
}

fn header(ui: &mut Ui, w: &Words) {
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(egui::Vec2::new(width, 22.0), egui::Sense::hover());
    let p = ui.painter();
    let font = crate::desk::look::strong(12.0);
    let soft = colour(theme::SOFT);
    let y = rect.center().y;
    let text = |x: f32, anchor, key: &str| p.text(egui::Pos2::new(x, y), anchor, w.get(key), font.clone(), soft);
    text(rect.left() + 20.0, egui::Align2::LEFT_CENTER, "desk-rule");
    text(rect.left() + width - 72.0, egui::Align2::RIGHT_CENTER, "desk-measured");
    text(rect.right(), egui::Align2::RIGHT_CENTER, "desk-allowed");
}

fn path(ui: &mut Ui, desk: &mut Desk<'_>, at: usize, n: &NeedleSight) {
    let w = desk.words;
    widgets::section(ui, &w.get("desk-path"));
    let mut model = None;
    if desk.sight.models.len() > 1 {
        let models = desk.sight.models.clone();
        widgets::row_pick(ui, &w.get("report-model"), |ui| {
            egui::ComboBox::from_id_salt("model").selected_text(&n.model_name).width(150.0).show_ui(ui, |ui| {
                for (id, name) in &models {
                    if ui.selectable_label(*id == n.needle.model, name).clicked() {
                        model = Some(id.clone());
                    }
                }
            });
        });
    }
    if let Some(model) = model {
        let needle = crate::needle::Needle { model, ..n.needle.clone() };
        desk.hands.push(Hand::Act(Action::MoveNeedle { at, needle }));
    }
    let mut pose = None;
    widgets::row_pick(ui, &w.get("desk-pose"), |ui| {
        egui::ComboBox::from_id_salt("pose")
            .selected_text(w.get(&format!("pose-{}", n.needle.pose.name())))
            .width(150.0)
            .show_ui(ui, |ui| {
                for p in Pose::ALL {
                    if ui.selectable_label(p == n.needle.pose, w.get(&format!("pose-{}", p.name()))).clicked() {
                        pose = Some(p);
                    }
                }
            });
    });
    if let Some(pose) = pose {
        let needle = crate::needle::Needle { pose, ..n.needle.clone() };
        desk.hands.push(Hand::Act(Action::MoveNeedle { at, needle }));
    }
    let mm = |v: f64| w.text("value-mm", &[("value", Value::Number(v, 1))]);
    widgets::row(ui, &w.get("desk-skin-to-tip"), &mm(n.needle.depth_mm()));
    let pleura = n.verdict.as_ref().and_then(|v| v.pleura_depth_mm);
    widgets::row(ui, &w.get("desk-skin-to-pleura"), &pleura.map_or("–".into(), mm));
    widgets::row(ui, &w.get("report-in-plane-angle"), &export::in_plane(n.in_plane_deg, w));
    widgets::row(ui, &w.get("report-craniocaudal-angle"), &export::craniocaudal(n.tilt_deg, w));
    for f in &n.findings {
        super::finding(ui, f, w);
    }
}

fn buttons(ui: &mut Ui, desk: &mut Desk<'_>, at: usize, none: bool) {
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        let busy = desk.sight.job.is_some();
        ui.add_enabled_ui(!busy, |ui| {
            if widgets::button(ui, Weight::Primary, &desk.w("desk-command-propose"), &key_text(Command::Propose))
                .clicked()
            {
                desk.hands.push(Hand::Do(Command::Propose));
            }
        });
        let armed = |on: bool| if on { Weight::Armed } else { Weight::Plain };
        let tool = desk.stage.tool;
        let new = armed(matches!(tool, Tool::NeedleNew(_)));
        if widgets::button(ui, new, &desk.w("desk-command-needle-new"), &key_text(Command::NeedleNew)).clicked() {
            desk.hands.push(Hand::Do(Command::NeedleNew));
        }
        if !none {
            for (command, on) in [(Command::NeedleEntry, tool == Tool::Entry), (Command::NeedleTip, tool == Tool::Tip)]
            {
                let word = if command == Command::NeedleEntry { "desk-tool-entry" } else { "desk-tool-tip" };
                if widgets::button(ui, armed(on), &desk.w(word), &key_text(command)).clicked() {
                    desk.hands.push(Hand::Do(command));
                }
            }
            if widgets::button(ui, Weight::Plain, &desk.w("desk-delete"), &key_text(Command::Delete)).clicked() {
                desk.hands.push(Hand::Act(Action::DeleteNeedle(at)));
            }
        }
    });
}

fn proposals(ui: &mut Ui, desk: &mut Desk<'_>, chosen: usize, needles: &[NeedleSight]) {
    let w = desk.words;
    if let Some(why) = &desk.sight.no_proposal {
        ui.add_space(8.0);
        widgets::verdict(ui, Mark::Broken, &w.get("finding-no-free-needle"), why);
    }
    if desk.sight.proposals.is_empty() {
        return;
    }
    widgets::section(ui, &w.get("desk-proposals"));
    for (n, p) in desk.sight.proposals.iter().enumerate() {
        let taken =
            needles.get(chosen).is_some_and(|x| x.needle.entry == p.needle.entry && x.needle.tip == p.needle.tip);
        let (value, tint) = standing(p.verdict.as_ref(), w);
        let item = Item {
            chosen: taken,
            dot: None,
            number: Some(n + 1),
            name: &w.text("desk-proposal-depth", &[("mm", Value::Number(p.needle.depth_mm(), 0))]),
            about: &p.reason,
            value: &value,
            value_colour: tint,
        };
        let response = widgets::item(ui, &item).on_hover_text(&p.reason);
        if response.clicked() {
            let replace = (!needles.is_empty()).then_some(chosen);
            desk.hands.push(Hand::Act(Action::TakeProposal { at: n, replace }));
        }
    }
}
