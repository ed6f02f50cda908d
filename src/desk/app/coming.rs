//! A series that is coming in: its slices one at a time, until the views are there.

use super::{App, Hand};
use crate::desk::command::Command;
use crate::desk::look;
use crate::desk::panel;
use crate::desk::sight::{Action, Sight};
use crate::desk::stage::{Scene, Stage};
use crate::desk::step::Step;
use eframe::egui::{self, Pos2, Rect, Ui, UiBuilder};

impl App {
    /// The slice that is there already, the wheel on it, and how far the rest is.
    pub(super) fn preview(&mut self, ui: &mut Ui, between: Rect, hands: &mut Vec<Hand>) {
        let Some((ct, k, n)) = self.sight.preview.clone() else { return };
        let side = Rect::from_min_max(between.min, Pos2::new(between.left() + look::PANEL, between.bottom()));
        let rect = Rect::from_min_max(Pos2::new(side.right(), between.top()), between.max);
        let early = self.early.get_or_insert_with(|| {
            let mut stage = Stage::new();
            stage.reset(&ct);
            stage.maximised = Some(0);
            stage.show_cross = false;
            stage
        });
        let size = ct.hu.grid.size.map(|n| n as f64 - 1.0);
        early.cross = ct.hu.grid.point(glam::DVec3::from(size) / 2.0);
        let turned = ui.input(|i| {
            let lines = i.events.iter().filter_map(|e| match e {
                egui::Event::MouseWheel { delta, modifiers, .. } if !modifiers.command => Some(delta.y),
                _ => None,
            });
            lines.sum::<f32>()
        });
        if turned != 0.0 {
            let to = (k as f64 + f64::from(turned).signum() * f64::from(turned).abs().max(1.0).round()).max(0.0);
            hands.push(Hand::Act(Action::Preview((to as usize).min(n.saturating_sub(1)))));
        }
        let sight = Sight { ct: Some(ct), preview: self.sight.preview.clone(), ..Sight::default() };
        let scene = Scene {
            sight: &sight,
            words: &self.words,
            step: Step::Open,
            judge: &|_, _| None,
            seat: &|needle, _| needle,
        };
        let mut panes = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("early"));
        panes.set_clip_rect(rect.intersect(ui.clip_rect()));
        early.show(&mut panes, rect, &scene, &self.painter);
        panel::coming(ui, side, &sight, &self.words);
    }

    /// Another slice of what is coming in, if that is what a command means now.
    pub(super) fn preview_command(&self, command: Command) -> Option<Action> {
        let (_, k, n) = self.sight.preview.as_ref()?;
        let last = n.saturating_sub(1);
        Some(Action::Preview(match command {
            // On is to the feet, as the wheel.
            Command::SliceOn => k.saturating_sub(1),
            Command::SliceBack => (k + 1).min(last),
            Command::SliceOnTen => k.saturating_sub(10),
            Command::SliceBackTen => (k + 10).min(last),
            Command::SliceFirst => last,
            Command::SliceLast => 0,
            _ => return None,
        }))
    }
}
