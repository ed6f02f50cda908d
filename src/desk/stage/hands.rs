//! The hands on a pane: wheel, drags, clicks, the menu of the right button.

use super::{Drag, Grip, Overlays, Scene, Stage, Tool, inside};
use crate::ct::Ct;
use crate::desk::pane::{Guide, Kind, Laid};
use crate::desk::sight::Action;
use crate::desk::step::Step;
use crate::draw::View;
use crate::needle::Needle;
use eframe::egui::{self, Pos2, Sense, Ui, Vec2};

impl Stage {
    /// The hands on a pane.
    pub(super) fn hands(
        &mut self,
        ui: &mut Ui,
        n: usize,
        laid: &Laid,
        ct: &Ct,
        scene: &Scene<'_>,
        actions: &mut Vec<Action>,
    ) {
        let id = ui.scope_id().with(("pane", n));
        let response = ui.interact(laid.rect, id, Sense::click_and_drag());
        let name = match n {
            0 => "desk-axial",
            1 => "desk-coronal",
            2 => "desk-sagittal",
            _ => "desk-along-needle",
        };
        let label = scene.words.get(name);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, label.clone()));
        if n == 3 && self.panes[3].guide == Guide::None {
            return;
        }
        let (modifiers, pointer, origin) =
            ui.input(|i| (i.modifiers, i.pointer.latest_pos(), i.pointer.press_origin()));
        if response.hovered() {
            self.wheel(ui, n, laid, ct);
            if modifiers.shift
                && !modifiers.command
                && self.drag.is_none()
                && self.tool == Tool::None
                && ui.input(|i| i.pointer.delta() != Vec2::ZERO && !i.pointer.any_down())
                && let Some(at) = pointer
            {
                self.cross = inside(ct, laid.lps(at));
            }
            self.cursor(ui, laid, pointer, scene);
        }
        if response.double_clicked() && self.tool == Tool::None {
            self.maximised = if self.maximised == Some(n) { None } else { Some(n) };
            return;
        }
        if response.drag_started()
            && let Some(from) = origin
        {
            self.begin(ui, n, laid, from, scene, &response);
        }
        if let Some((pane, drag)) = self.drag.clone()
            && pane == n
        {
            self.go_on(ui, n, laid, drag, pointer, scene);
            if response.drag_stopped() {
                self.end(laid, pointer, ct, actions, n);
            }
        }
        if response.clicked()
            && let Some(at) = pointer
        {
            self.click(laid, at, ct, scene, actions);
        }
        self.menu(&response, laid, scene, actions);
    }

    fn wheel(&mut self, ui: &Ui, n: usize, laid: &Laid, ct: &Ct) {
        let events: Vec<(egui::MouseWheelUnit, Vec2, egui::Modifiers)> = ui.input(|i| {
            i.events
                .iter()
                .filter_map(|e| match e {
                    egui::Event::MouseWheel { unit, delta, modifiers, .. } => Some((*unit, *delta, *modifiers)),
                    _ => None,
                })
                .collect()
        });
        for (unit, delta, modifiers) in events {
            let delta = if delta.y != 0.0 { delta.y } else { delta.x };
            let lines = match unit {
                egui::MouseWheelUnit::Line => delta,
                egui::MouseWheelUnit::Point => delta / 20.0,
                egui::MouseWheelUnit::Page => delta * 10.0,
            };
            if modifiers.command {
                if let Some(at) = ui.input(|i| i.pointer.latest_pos()) {
                    let fixed = laid.lps(at);
                    self.panes[n].zoom(1.15f64.powf(f64::from(lines)), fixed);
                }
            } else {
                let times = if modifiers.shift { 5.0 } else { 1.0 };
                self.scroll(ct, n, f64::from(-lines) * times);
            }
        }
        let pinch =
            ui.input(|i| i.events.iter().fold(1.0, |f, e| if let egui::Event::Zoom(z) = e { f * z } else { f }));
        if pinch != 1.0
            && let Some(at) = ui.input(|i| i.pointer.latest_pos())
        {
            let fixed = laid.lps(at);
            self.panes[n].zoom(f64::from(pinch), fixed);
        }
    }

    fn grip(&self, laid: &Laid, at: Pos2, scene: &Scene<'_>) -> Option<(usize, Grip)> {
        if !matches!(scene.step, Step::Needles | Step::Ice | Step::Report) || self.overlays == Overlays::None {
            return None;
        }
        let order = std::iter::once(self.chosen.needle).chain(0..scene.sight.needles.len());
        for k in order {
            let Some(n) = scene.sight.needles.get(k) else { continue };
            let (entry, tip) = (laid.screen(n.needle.entry), laid.screen(n.needle.tip));
            if at.distance(tip) <= 9.0 {
                return Some((k, Grip::Tip));
            }
            if at.distance(entry) <= 10.0 {
                return Some((k, Grip::Entry));
            }
            let v = tip - entry;
            let t = ((at - entry).dot(v) / v.length_sq().max(1.0)).clamp(0.0, 1.0);
            if at.distance(entry + v * t) <= 6.0 {
                return Some((k, Grip::Shaft));
            }
        }
        None
    }

    fn cursor(&self, ui: &Ui, laid: &Laid, pointer: Option<Pos2>, scene: &Scene<'_>) {
        let icon = if self.tool != Tool::None {
            egui::CursorIcon::Crosshair
        } else if pointer.is_some_and(|at| self.grip(laid, at, scene).is_some()) {
            egui::CursorIcon::Grab
        } else {
            return;
        };
        ui.ctx().set_cursor_icon(icon);
    }

    fn begin(&mut self, ui: &Ui, n: usize, laid: &Laid, from: Pos2, scene: &Scene<'_>, r: &egui::Response) {
        let m = ui.input(|i| i.modifiers);
        let start = laid.lps(from);
        let drag = if r.dragged_by(egui::PointerButton::Middle) || m.shift {
            Drag::Pan
        } else if r.dragged_by(egui::PointerButton::Secondary) || m.command {
            Drag::Zoom { fixed: start }
        } else if self.tool.draws_a_line() {
            Drag::Stroke { from: start }
        } else if let Some((at, grip)) = self.grip(laid, from, scene) {
            self.chosen.needle = at;
            Drag::Needle { at, grip, from: scene.sight.needles[at].needle.clone(), start }
        } else {
            Drag::Window
        };
        self.drag = Some((n, drag));
    }

    fn go_on(&mut self, ui: &Ui, n: usize, laid: &Laid, drag: Drag, pointer: Option<Pos2>, scene: &Scene<'_>) {
        let delta = ui.input(|i| i.pointer.delta());
        match drag {
            Drag::Pan => self.panes[n].pan(delta),
            Drag::Zoom { fixed } => {
                self.panes[n].zoom(1.008f64.powf(f64::from(-delta.y)), fixed);
            }
            Drag::Window if delta != Vec2::ZERO => {
                // Right is wider, up is a lower level (brighter); a wide window moves faster.
                let step = (self.window.width / 300.0).max(0.5);
                self.window.width = (self.window.width + f64::from(delta.x) * step).clamp(1.0, 8000.0);
                self.window.level = (self.window.level + f64::from(delta.y) * step).clamp(-2000.0, 4000.0);
                self.preset = None;
            }
            Drag::Needle { at, grip, from, start } => {
                if let Some(p) = pointer {
                    let by = laid.lps(p) - start;
                    let mut moved = from.clone();
                    if grip != Grip::Tip {
                        moved.entry = from.entry + by;
                    }
                    if grip != Grip::Entry {
                        moved.tip = from.tip + by;
                    }
                    if by.length() > 1e-6 {
                        let lesion = scene.sight.needles.get(at).map_or(0, |n| n.lesion);
                        if grip != Grip::Tip {
                            moved = (scene.seat)(moved, lesion);
                        }
                        let verdict = (scene.judge)(&moved, lesion);
                        self.ghost = Some((at, moved, verdict));
                    }
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, laid: &Laid, pointer: Option<Pos2>, ct: &Ct, actions: &mut Vec<Action>, pane: usize) {
        let Some((_, drag)) = self.drag.take() else { return };
        match drag {
            Drag::Needle { .. } => {
                if let Some((at, needle, _)) = self.ghost.take() {
                    actions.push(Action::MoveNeedle { at, needle });
                }
            }
            Drag::Stroke { from } => {
                let Some(to) = pointer.map(|p| inside(ct, laid.lps(p))) else { return };
                if from.distance(to) < 1.0 {
                    return;
                }
                match self.tool {
                    Tool::LesionStroke => {
                        actions.push(Action::Segment { at: from, to: Some(to) });
                    }
                    Tool::Callipers(None) if flat(self.panes[pane].kind, self.panes[pane].guide) => {
                        self.tool = Tool::Callipers(Some([from, to]));
                    }
                    Tool::Callipers(Some(first)) if flat(self.panes[pane].kind, self.panes[pane].guide) => {
                        actions.push(Action::Callipers {
                            lesion: self.chosen.lesion,
                            first,
                            second: [from, to],
                            point_mm: laid.plane.mm * f64::from(laid.scale),
                        });
                        self.tool = Tool::None;
                    }
                    Tool::Callipers(_) => actions.push(Action::Say("desk-callipers-axial")),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn click(&mut self, laid: &Laid, at: Pos2, ct: &Ct, scene: &Scene<'_>, actions: &mut Vec<Action>) {
        let p = laid.lps(at);
        if ct.hu.grid.voxel(p).is_none() {
            return;
        }
        match self.tool {
            Tool::LesionClick => {
                // The tool is put down when the lesion is there: a miss can be tried again.
                actions.push(Action::Segment { at: p, to: None });
                self.cross = p;
            }
            Tool::NeedleNew(None) => self.tool = Tool::NeedleNew(Some(p)),
            Tool::NeedleNew(Some(entry)) => {
                actions.push(Action::AddNeedle { lesion: self.chosen.lesion, entry, tip: p });
                self.chosen.needle = scene.sight.needles.len();
                self.tool = Tool::None;
            }
            Tool::Entry | Tool::Tip => {
                if let Some(n) = scene.sight.needles.get(self.chosen.needle) {
                    let mut needle = n.needle.clone();
                    if self.tool == Tool::Entry {
                        needle.entry = p;
                        needle = (scene.seat)(needle, n.lesion);
                    } else {
                        needle.tip = p;
                    }
                    actions.push(Action::MoveNeedle { at: self.chosen.needle, needle });
                }
                self.tool = Tool::None;
            }
            Tool::LesionStroke | Tool::Callipers(_) => {}
            Tool::None => {
                if let Some((k, _)) = self.grip(laid, at, scene) {
                    self.chosen.needle = k;
                } else {
                    if let Some(k) = scene.sight.lesion_at(p) {
                        self.chosen.lesion = k;
                    }
                    self.cross = p;
                }
            }
        }
    }

    /// The two or three verbs that make sense where the right button was clicked.
    fn menu(&mut self, response: &egui::Response, laid: &Laid, scene: &Scene<'_>, actions: &mut Vec<Action>) {
        let w = scene.words;
        response.context_menu(|ui| {
            let id = ui.scope_id().with("menu-at");
            let fresh = response.secondary_clicked();
            if fresh && let Some(at) = response.interact_pointer_pos() {
                ui.data_mut(|d| d.insert_temp(id, at));
            }
            let Some(at) = ui.data(|d| d.get_temp::<Pos2>(id)).or(response.interact_pointer_pos()) else { return };
            let p = laid.lps(at);
            if ui.button(w.get("desk-menu-segment")).clicked() {
                actions.push(Action::Segment { at: p, to: None });
                self.cross = p;
                ui.close();
            }
            if !scene.sight.needles.is_empty() && ui.button(w.get("desk-menu-entry")).clicked() {
                if let Some(n) = scene.sight.needles.get(self.chosen.needle) {
                    let needle = (scene.seat)(Needle { entry: p, ..n.needle.clone() }, n.lesion);
                    actions.push(Action::MoveNeedle { at: self.chosen.needle, needle });
                }
                ui.close();
            }
            if let Some(k) = scene.sight.lesion_at(p)
                && ui.button(w.text("desk-menu-delete-lesion", &[("n", (k + 1).into())])).clicked()
            {
                actions.push(Action::DeleteLesion(k));
                ui.close();
            }
            if ui.button(w.get("desk-command-fit")).clicked() {
                for pane in &mut self.panes {
                    pane.refit();
                }
                ui.close();
            }
        });
    }
}

/// Whether callipers can be drawn: they lie on an axial slice.
fn flat(kind: Kind, guide: Guide) -> bool {
    kind == Kind::Fixed(View::Axial) || kind == Kind::Along && matches!(guide, Guide::Callipers(_))
}
