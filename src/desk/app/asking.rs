//! Questions in the middle of the window, and what waits for their answers.

use super::App;
use crate::desk::command::Command;
use crate::desk::palette;
use crate::desk::places::{self, Want};
use crate::desk::sight::{Action, Keeping};
use eframe::egui::{self, ViewportCommand};
use std::path::PathBuf;

/// A question in the middle of the window.
pub(super) enum Question {
    /// A place typed by hand, where no dialog answers.
    Path(Want, String),
    /// Close although something is not saved; what then.
    Unsaved(After),
    /// A plan's CT is not where it should be.
    LostCt(PathBuf),
    /// Another plan lies where this one is to be saved.
    PlanThere(PathBuf),
}

/// What leaves the open case.
#[derive(Clone, Debug)]
pub(super) enum After {
    Quit,
    Do(Action),
}

impl App {
    /// Takes over what stands in a field of the report and was not left yet: nothing typed is lost.
    fn take_typed(&mut self) {
        let changed = |typed: &Option<String>, now: &str| {
            typed.as_ref().map(|t| t.trim().to_string()).filter(|t| self.sight.ct.is_some() && t != now)
        };
        let subject = changed(&self.memory.subject, &self.sight.subject).map(Action::SetSubject);
        let reader = changed(&self.memory.reader, &self.sight.reader).map(Action::SetReader);
        for action in subject.into_iter().chain(reader) {
            self.bench.act(action, &self.words);
            self.look_again();
        }
    }

    /// Leaves the open case, asking first where something would be lost.
    pub(super) fn leave(&mut self, ctx: &egui::Context, after: After) {
        self.take_typed();
        if matches!(self.sight.saved, Keeping::Open | Keeping::Cannot(_)) {
            palette::let_go(ctx);
            self.question = Some(Question::Unsaved(after));
        } else {
            self.left(ctx, after);
        }
    }

    /// Goes on with what waited for the plan to be saved, once it is.
    pub(super) fn saved(&mut self, ctx: &egui::Context) {
        self.look_again();
        if let Some(after) = self.after_save.take()
            && self.sight.saved == Keeping::Kept
        {
            self.left(ctx, after);
            self.look_again();
        }
    }

    pub(super) fn left(&mut self, ctx: &egui::Context, after: After) {
        match after {
            After::Quit => {
                self.quitting = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            After::Do(action) => self.bench.act(action, &self.words),
        }
    }

    pub(super) fn ask_place(&mut self, ctx: &egui::Context, want: Want) {
        if self.asking.is_none() {
            self.take_typed();
            // What is typed now is meant for what opens.
            palette::let_go(ctx);
            let title = self.words.get(title_of(&want));
            self.asking = Some(places::ask(ctx, want, title));
        }
    }

    pub(super) fn answers(&mut self, ctx: &egui::Context) {
        let Some(asking) = &self.asking else { return };
        let want = asking.want.clone();
        match asking.look() {
            places::Answer::Waiting => {}
            places::Answer::Nothing => {
                self.asking = None;
                self.after_save = None;
            }
            places::Answer::NoDialog => {
                self.asking = None;
                self.question = Some(Question::Path(want, String::new()));
            }
            places::Answer::Place(path) => {
                self.asking = None;
                self.place(ctx, want, path);
            }
        }
    }

    fn place(&mut self, ctx: &egui::Context, want: Want, path: PathBuf) {
        match want {
            Want::Folder | Want::File => self.leave(ctx, After::Do(Action::Open(path))),
            Want::SaveFolder if self.bench.occupied(&path) => self.question = Some(Question::PlanThere(path)),
            Want::SaveFolder => {
                self.bench.act(Action::SaveTo(path), &self.words);
                self.saved(ctx);
            }
            Want::ExportFolder => self.bench.act(Action::Export(path), &self.words),
            Want::CtFolder(plan) | Want::CtFile(plan) => {
                self.leave(ctx, After::Do(Action::OpenOnCt { plan, ct: path }));
            }
        }
        self.look_again();
    }

    /// Questions in the middle of the window.
    pub(super) fn ask(&mut self, ctx: &egui::Context) {
        let Some(question) = &mut self.question else { return };
        let w = &self.words;
        match question {
            Question::Path(want, typed) => {
                let want = want.clone();
                let opens = !matches!(want, Want::SaveFolder | Want::ExportFolder);
                let go = w.get(if opens { "desk-open" } else { "desk-save" });
                let answer = palette::question(
                    ctx,
                    &w.get(title_of(&want)),
                    &w.get(if opens { "desk-path-about-open" } else { "desk-path-about-save" }),
                    &[&go, &w.get("desk-cancel")],
                    Some(typed),
                );
                match answer {
                    Some(0) => {
                        if let Some(path) = places::typed(typed) {
                            self.question = None;
                            self.place(ctx, want, path);
                        }
                    }
                    Some(_) => {
                        self.question = None;
                        self.after_save = None;
                    }
                    None => {}
                }
            }
            Question::LostCt(plan) => {
                let plan = plan.clone();
                let answer = palette::question(
                    ctx,
                    &w.get("desk-lost-ct-title"),
                    &w.get("desk-lost-ct-about"),
                    &[&w.get("desk-lost-ct-folder"), &w.get("desk-lost-ct-file"), &w.get("desk-cancel")],
                    None,
                );
                if answer.is_some() {
                    self.question = None;
                }
                match answer {
                    Some(0) => self.ask_place(ctx, Want::CtFolder(plan)),
                    Some(1) => self.ask_place(ctx, Want::CtFile(plan)),
                    _ => {}
                }
            }
            Question::PlanThere(folder) => {
                let folder = folder.clone();
                let answer = palette::question(
                    ctx,
                    &w.get("desk-plan-there-title"),
                    &w.get("desk-plan-there-about"),
                    &[&w.get("desk-plan-there-other"), &w.get("desk-plan-there-replace"), &w.get("desk-cancel")],
                    None,
                );
                if answer.is_some() {
                    self.question = None;
                }
                match answer {
                    Some(0) => self.ask_place(ctx, Want::SaveFolder),
                    Some(1) => {
                        self.bench.replace(folder, &self.words);
                        self.saved(ctx);
                    }
                    Some(_) => self.after_save = None,
                    None => {}
                }
            }
            Question::Unsaved(after) => {
                let after = after.clone();
                // It was saved by itself meanwhile: nothing is left to ask.
                if self.sight.saved == Keeping::Kept {
                    self.question = None;
                    self.left(ctx, after);
                    self.look_again();
                    return;
                }
                let answer = palette::question(
                    ctx,
                    &w.get("desk-unsaved-title"),
                    &w.get("desk-unsaved-about"),
                    &[&w.get("desk-command-save"), &w.get("desk-unsaved-leave"), &w.get("desk-cancel")],
                    None,
                );
                match answer {
                    Some(0) => {
                        self.question = None;
                        self.after_save = Some(after);
                        self.command(ctx, Command::Save);
                        if self.asking.is_none() && self.question.is_none() {
                            self.saved(ctx);
                        }
                    }
                    Some(1) => {
                        self.question = None;
                        self.bench.forget();
                        self.left(ctx, after);
                        self.look_again();
                    }
                    Some(_) => self.question = None,
                    None => {}
                }
            }
        }
    }

    pub(super) fn dropped(&mut self, ctx: &egui::Context) {
        let dropped: Vec<PathBuf> = ctx.input(|i| i.raw.dropped_files.iter().map(|f| f.path().to_path_buf()).collect());
        if let Some(first) = dropped.into_iter().next() {
            self.leave(ctx, After::Do(Action::Open(first)));
            self.look_again();
        }
    }

    pub(super) fn closing(&mut self, ctx: &egui::Context) {
        if ctx.input(|i| i.viewport().close_requested()) && !self.quitting {
            self.take_typed();
            if matches!(self.sight.saved, Keeping::Open | Keeping::Cannot(_)) {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                palette::let_go(ctx);
                self.question = Some(Question::Unsaved(After::Quit));
            } else {
                self.quitting = true;
            }
        }
    }
}

fn title_of(want: &Want) -> &'static str {
    match want {
        Want::Folder => "desk-command-open-folder",
        Want::File => "desk-command-open-file",
        Want::SaveFolder => "desk-command-save",
        Want::ExportFolder => "desk-command-export",
        Want::CtFolder(_) => "desk-lost-ct-folder",
        Want::CtFile(_) => "desk-lost-ct-file",
    }
}
