//! What each command does.

use super::App;
use super::asking::After;
use crate::desk::command::Command;
use crate::desk::palette::Palette;
use crate::desk::pane;
use crate::desk::places::Want;
use crate::desk::sight::{Action, Keeping};
use crate::desk::stage::{Overlays, Tool};
use crate::desk::step::Step;
use crate::words::{Lang, Words};
use eframe::egui::{self, ViewportCommand};

impl App {
    /// Does a command; whether anything may have changed.
    pub(super) fn command(&mut self, ctx: &egui::Context, command: Command) -> bool {
        if let Some(action) = self.preview_command(command) {
            self.bench.act(action, &self.words);
            return true;
        }
        if let (Some(early), Command::Preset(n)) = (&mut self.early, command) {
            early.preset(n);
            return true;
        }
        let ct = self.sight.ct.clone();
        let active = self.stage.active;
        match command {
            Command::OpenFolder => self.ask_place(ctx, Want::Folder),
            Command::OpenFile => self.ask_place(ctx, Want::File),
            Command::Palette => self.palette = Some(Palette::default()),
            Command::Help => self.help = !self.help,
            Command::Language => {
                let lang = if self.words.lang() == Lang::En { Lang::Ja } else { Lang::En };
                self.words = Words::new(lang);
                self.bench.set_language(lang);
                return true;
            }
            Command::Quit => self.leave(ctx, After::Quit),
            Command::FullScreen => {
                let full = ctx.input(|i| i.viewport().fullscreen.unwrap_or(false));
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
            }
            _ => {}
        }
        let Some(ct) = ct else { return true };
        match command {
            Command::Save => match self.bench.place().filter(|_| !matches!(self.sight.saved, Keeping::Cannot(_))) {
                Some(place) => self.bench.act(Action::SaveTo(place), &self.words),
                None => self.ask_place(ctx, Want::SaveFolder),
            },
            Command::SaveAs => self.ask_place(ctx, Want::SaveFolder),
            Command::Export => self.ask_place(ctx, Want::ExportFolder),
            Command::CloseCase => self.leave(ctx, After::Do(Action::Close)),
            Command::Undo | Command::Redo => {
                // What stands in a field is what the plan says then.
                (self.memory.subject, self.memory.reader) = (None, None);
                let action = if command == Command::Undo { Action::Undo } else { Action::Redo };
                self.bench.act(action, &self.words);
            }
            Command::GoTo(step) => {
                self.help = false;
                if step != self.step {
                    self.step = step;
                    self.stage.tool = Tool::None;
                    self.stage.touch();
                }
            }
            Command::OnePane => self.stage.maximised = Some(active),
            Command::FourPanes => self.stage.maximised = None,
            Command::NeedlePane => self.stage.maximised = Some(3),
            Command::Escape => self.stage.escape(),
            Command::SliceOn => self.stage.scroll(&ct, active, 1.0),
            Command::SliceBack => self.stage.scroll(&ct, active, -1.0),
            Command::SliceOnTen => self.stage.scroll(&ct, active, 10.0),
            Command::SliceBackTen => self.stage.scroll(&ct, active, -10.0),
            Command::SliceFirst => self.stage.scroll_to_end(&ct, active, false),
            Command::SliceLast => self.stage.scroll_to_end(&ct, active, true),
            Command::Preset(n) => self.stage.preset(n),
            Command::PresetFile => {
                if let Some((centre, width)) = ct.acquisition.window {
                    self.stage.window.width = width.max(1.0);
                    self.stage.window.level = centre;
                    self.stage.preset = Some("preset-file");
                }
            }
            Command::Invert => self.stage.window.inverted = !self.stage.window.inverted,
            Command::Fit => self.stage.panes[active].refit(),
            Command::Reset => {
                self.stage.panes.iter_mut().for_each(pane::Pane::refit);
                self.stage.window.inverted = false;
                self.stage.preset(0);
            }
            Command::Overlays => {
                self.stage.overlays = match self.stage.overlays {
                    Overlays::All => Overlays::Few,
                    Overlays::Few => Overlays::None,
                    Overlays::None => Overlays::All,
                };
            }
            Command::Crosshair => self.stage.show_cross = !self.stage.show_cross,
            Command::Structures => {
                self.stage.show_structures = !self.stage.show_structures;
                self.stage.touch();
            }
            Command::IceLines => {
                self.stage.show_ice = !self.stage.show_ice;
                self.stage.touch();
            }
            Command::OtherKernel => match (&self.sight.other, self.sight.series.iter().find(|s| s.alike)) {
                (Some(_), _) => self.stage.show_other = !self.stage.show_other,
                (None, Some(alike)) => {
                    self.stage.show_other = true;
                    let id = alike.uid.clone();
                    self.bench.act(Action::ShowOver(id), &self.words);
                }
                (None, None) => self.bench.act(Action::Say("desk-no-other-kernel"), &self.words),
            },
            Command::CentreSelection => {
                let chosen = self.stage.chosen;
                let on_needles = matches!(self.step, Step::Needles | Step::Ice);
                let needle = self.sight.needles.get(chosen.needle).filter(|_| on_needles).map(|n| n.needle.tip);
                let lesion = self.sight.lesions.get(chosen.lesion).map(|l| l.measurement.centroid);
                if let Some(p) = needle.or(lesion) {
                    self.stage.go_to(p);
                }
            }
            Command::LesionClick => self.arm(Step::Lesion, Tool::LesionClick),
            Command::LesionStroke => self.arm(Step::Lesion, Tool::LesionStroke),
            Command::Callipers if !self.sight.lesions.is_empty() => self.arm(Step::Lesion, Tool::Callipers(None)),
            Command::NeedleNew if !self.sight.lesions.is_empty() => self.arm(Step::Needles, Tool::NeedleNew(None)),
            Command::NeedleEntry if !self.sight.needles.is_empty() => self.arm(Step::Needles, Tool::Entry),
            Command::NeedleTip if !self.sight.needles.is_empty() => self.arm(Step::Needles, Tool::Tip),
            Command::Propose if !self.sight.lesions.is_empty() => {
                self.step = Step::Needles;
                self.bench.act(Action::Propose { lesion: self.stage.chosen.lesion }, &self.words);
            }
            Command::NeedleNext | Command::NeedlePrevious => {
                let n = self.sight.needles.len();
                if n > 0 {
                    let by = if command == Command::NeedleNext { 1 } else { n - 1 };
                    self.stage.chosen.needle = (self.stage.chosen.needle + by) % n;
                }
            }
            Command::Deeper | Command::Shallower => {
                let at = self.stage.chosen.needle;
                let mm = if command == Command::Deeper { 1.0 } else { -1.0 };
                self.bench.act(Action::NudgeNeedle { at, mm }, &self.words);
            }
            Command::Delete => match self.step {
                Step::Needles | Step::Ice if !self.sight.needles.is_empty() => {
                    self.bench.act(Action::DeleteNeedle(self.stage.chosen.needle), &self.words);
                }
                Step::Lesion if !self.sight.lesions.is_empty() => {
                    self.bench.act(Action::DeleteLesion(self.stage.chosen.lesion), &self.words);
                }
                _ => {}
            },
            _ => {}
        }
        true
    }

    fn arm(&mut self, step: Step, tool: Tool) {
        if self.step != step {
            self.step = step;
            self.stage.touch();
        }
        self.stage.tool = if self.stage.tool == tool { Tool::None } else { tool };
    }
}
