//! The window's frame: lays out bar, panel, panes and footer, hands keys and buttons on, asks before closing.

use super::bench::Bench;
use super::command::{self, Command};
use super::look;
use super::options::Options;
use super::painter::Painter;
use super::palette::{self, Palette};
use super::panel::{self, Desk, Memory};
use super::places::{self, Asking, Want};
use super::sight::{Action, Keeping, Sight};
use super::stage::{Overlays, Scene, Stage, Tool};
use super::start_page::StartPage;
use super::step::Step;
use super::widgets::{self, Mark};
use super::{bar, pane};
use crate::draw::theme;
use crate::needle::Status;
use crate::terms::{Code, Severity};
use crate::words::{Lang, Value, Words};
use eframe::egui::{self, Pos2, Rect, Ui, UiBuilder, Vec2, ViewportCommand};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What the hand did to a panel, the bar or the start page.
#[derive(Clone, Debug)]
pub(super) enum Hand {
    Do(Command),
    Act(Action),
    Cancel,
}

/// How long a notice stays in the footer.
const NOTICE: Duration = Duration::from_secs(8);

/// A question in the middle of the window.
enum Question {
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
enum After {
    Quit,
    Do(Action),
}

/// The window.
pub(super) struct App {
    bench: Bench,
    painter: Painter,
    words: Words,
    sight: Sight,
    stage: Stage,
    /// The one pane of a series that is coming in.
    early: Option<Stage>,
    step: Step,
    memory: Memory,
    start_page: StartPage,
    palette: Option<Palette>,
    help: bool,
    asking: Option<Asking>,
    question: Option<Question>,
    /// What was asked for and waits until the plan is saved.
    after_save: Option<After>,
    /// The plan whose CT is asked for.
    lost: Option<PathBuf>,
    notice: Option<(String, Instant)>,
    quitting: bool,
    /// Whether the window was asked to fill the screen: window managers forget what is asked before they show it.
    filled: bool,
    /// The CT that the stage was set for.
    shown: usize,
    /// Revision of the sight that the outlines were made of.
    outlined: u64,
}

impl App {
    pub(super) fn new(ctx: &egui::Context, options: Options) -> App {
        look::apply(ctx);
        let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()));
        let bench = Bench::new(ctx.clone(), &options);
        let words = Words::new(options.lang.or(bench.language()).unwrap_or(Lang::En));
        let mut app = App {
            painter: Painter::new(ctx.clone(), threads),
            words,
            sight: Sight::default(),
            stage: Stage::new(),
            early: None,
            step: Step::Open,
            memory: Memory::default(),
            start_page: StartPage::default(),
            palette: None,
            help: false,
            asking: None,
            question: None,
            after_save: None,
            lost: None,
            notice: None,
            quitting: false,
            filled: false,
            shown: 0,
            outlined: u64::MAX,
            bench,
        };
        app.bench.begin(&options);
        app.sight = app.bench.sight(&app.words);
        app
    }

    /// Whether anything is being worked on.
    pub(super) fn busy(&self) -> bool {
        self.bench.busy()
    }

    /// One frame.
    pub(super) fn frame(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        if self.bench.poll(&self.words) {
            self.look_again();
        } else {
            self.sight.job = self.bench.running(&self.words);
        }
        if self.bench.take_marked() && matches!(self.stage.tool, Tool::LesionClick | Tool::LesionStroke) {
            self.stage.tool = Tool::None;
        }
        if let Some(plan) = self.bench.take_lost() {
            self.question = Some(Question::LostCt(plan));
        }
        if let Some(text) = self.bench.take_notice() {
            self.notice = Some((text, Instant::now()));
            ctx.request_repaint_after(NOTICE);
        }
        if self.notice.as_ref().is_some_and(|n| n.1.elapsed() >= NOTICE) {
            self.notice = None;
        }
        if !self.filled {
            self.filled = true;
            ctx.send_viewport_cmd(ViewportCommand::Maximized(true));
        }
        self.closing(&ctx);
        self.dropped(&ctx);
        self.answers(&ctx);
        let mut hands: Vec<Hand> = Vec::new();
        if self.asking.is_some() {
            // What is typed now is meant for the dialog that is about to open.
            palette::sheet(&ctx, "asking-sheet");
            ctx.memory_mut(|m| {
                if let Some(id) = m.focused() {
                    m.surrender_focus(id);
                }
            });
        } else if self.question.is_none() && self.palette.is_none() {
            // An open list has the arrow keys for itself.
            let pressed = if self.help || egui::Popup::is_any_open(&ctx) { Vec::new() } else { command::pressed(&ctx) };
            hands.extend(pressed.into_iter().map(Hand::Do));
        }
        let whole = ctx.content_rect();
        let top = Rect::from_min_max(whole.min, Pos2::new(whole.right(), whole.top() + look::BAR));
        let foot = Rect::from_min_max(Pos2::new(whole.left(), whole.bottom() - look::FOOTER), whole.max);
        let between = Rect::from_min_max(Pos2::new(whole.left(), top.bottom()), Pos2::new(whole.right(), foot.top()));
        let marks = self.marks();
        let open = self.sight.ct.is_some();
        if self.help {
            if palette::help(ui, between, &self.words) {
                self.help = false;
            }
        } else if self.sight.preview.is_some() {
            self.preview(ui, between, &mut hands);
        } else if open {
            self.work(ui, between, &mut hands);
        } else {
            let failed = self.bench.failed().map(str::to_string);
            hands.extend(self.start_page.show(ui, between, &self.sight, failed.as_deref(), &self.words));
        }
        hands.extend(bar::bar(ui, top, &self.sight, self.step, &marks, &self.words));
        let notice = self.notice.as_ref().map(|n| n.0.clone());
        hands.extend(bar::footer(ui, foot, &self.sight, self.stage.under, notice.as_deref(), &self.words));
        if let Some(palette) = &mut self.palette
            && let Some(answer) = palette.show(&ctx, &self.words)
        {
            self.palette = None;
            hands.extend(answer.map(Hand::Do));
        }
        self.ask(&ctx);
        let mut changed = false;
        for hand in hands {
            changed |= self.hand(&ctx, hand);
        }
        if changed {
            self.look_again();
            ctx.request_repaint();
        }
        if let Some(wait) = self.bench.due() {
            ctx.request_repaint_after(wait);
        }
    }

    /// A series that is coming in: its slices one at a time, until the views are there.
    fn preview(&mut self, ui: &mut Ui, between: Rect, hands: &mut Vec<Hand>) {
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
    fn preview_command(&self, command: Command) -> Option<Action> {
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

    /// Panel, warning strip and panes.
    fn work(&mut self, ui: &mut Ui, between: Rect, hands: &mut Vec<Hand>) {
        let side = Rect::from_min_max(between.min, Pos2::new(between.left() + look::PANEL, between.bottom()));
        let mut stage = Rect::from_min_max(Pos2::new(side.right(), between.top()), between.max);
        let doubt = self.sight.ct.as_ref().and_then(|ct| {
            let serious = ct.findings.iter().filter(|f| f.severity >= Severity::Warning);
            serious.max_by_key(|f| f.severity).map(|f| f.sentence(&self.words))
        });
        // What is doubtful about the geometry stays on the picture at every step; anything else is told once.
        let first = if self.sight.sample { Some(self.words.get("desk-sample-line")) } else { doubt };
        if let Some(text) = self.geometry().or(first.filter(|_| self.step == Step::Open)) {
            let strip = Rect::from_min_size(stage.min, Vec2::new(stage.width(), 36.0));
            let p = ui.painter();
            p.rect_filled(strip, 0, look::colour(theme::WARNING_GROUND));
            let tint = look::colour(theme::WARNING);
            let line = widgets::one_line(p, &text, look::body(), tint, strip.width() - 28.0);
            p.galley(strip.left_center() + Vec2::new(14.0, -line.size().y / 2.0), line, tint);
            ui.interact(strip, ui.scope_id().with("banner"), egui::Sense::hover()).on_hover_text(&text);
            stage.min.y = strip.bottom();
        }
        let bench = &self.bench;
        let scene = Scene {
            sight: &self.sight,
            words: &self.words,
            step: self.step,
            judge: &|needle, lesion| bench.judge(needle, lesion),
            seat: &|needle, lesion| bench.seat(needle, lesion),
        };
        let mut panes = ui.new_child(UiBuilder::new().max_rect(stage).id_salt("stage"));
        panes.set_clip_rect(stage.intersect(ui.clip_rect()));
        let actions = self.stage.show(&mut panes, stage, &scene, &self.painter);
        hands.extend(actions.into_iter().map(Hand::Act));
        let mut desk = Desk {
            sight: &self.sight,
            stage: &mut self.stage,
            words: &self.words,
            memory: &mut self.memory,
            hands: Vec::new(),
        };
        panel::show(ui, side, self.step, &mut desk);
        hands.append(&mut desk.hands);
    }

    /// What of the scan's geometry puts every length in doubt, with its ±; nothing where it is sound.
    fn geometry(&self) -> Option<String> {
        const CODES: [Code; 5] =
            [Code::UnevenSpacing, Code::GantryTilt, Code::ThickSlices, Code::MissingSlices, Code::GapBetweenSlices];
        let ct = self.sight.ct.as_ref()?;
        let said: Vec<String> =
            ct.findings.iter().filter(|f| CODES.contains(&f.code)).map(|f| f.sentence(&self.words)).collect();
        if said.is_empty() {
            return None;
        }
        let mm = ct.position_pm_mm;
        let pm = (mm > 0.0).then(|| self.words.text("desk-geometry-pm", &[("mm", Value::Number(mm, 1))]));
        Some(pm.into_iter().chain(said).collect::<Vec<_>>().join(" "))
    }

    /// The sight anew, after something has changed.
    fn look_again(&mut self) {
        let lesions = self.sight.lesions.len();
        self.sight = self.bench.sight(&self.words);
        if self.sight.lesions.len() > lesions {
            self.stage.chosen.lesion = self.sight.lesions.len() - 1;
        }
        let ct = self.sight.ct.as_ref().map_or(0, |c| std::sync::Arc::as_ptr(c) as usize);
        let coming = self.sight.preview.is_some();
        if ct != self.shown {
            self.shown = ct;
            self.memory = Memory::default();
            if let Some(ct) = self.sight.ct.clone() {
                self.stage.reset(&ct);
                self.step = Step::Open;
                // What was looked at while the series came in stays in view.
                if let Some(early) = &self.early {
                    self.stage.cross = early.cross;
                    (self.stage.window, self.stage.preset) = (early.window, early.preset);
                }
                // A plan is opened where its lesion was measured.
                if let Some(l) = self.sight.lesions.first() {
                    let ends = l.axes()[0].ends;
                    self.stage.cross = ends[0].lerp(ends[1], 0.5);
                }
            }
        }
        if !coming {
            self.early = None;
        }
        if self.bench.revision() != self.outlined {
            self.outlined = self.bench.revision();
            self.stage.touch();
        }
        let last = |n: usize| n.saturating_sub(1);
        self.stage.chosen.lesion = self.stage.chosen.lesion.min(last(self.sight.lesions.len()));
        self.stage.chosen.needle = self.stage.chosen.needle.min(last(self.sight.needles.len()));
    }

    /// How each step stands.
    fn marks(&self) -> [Option<Mark>; 6] {
        let s = &self.sight;
        if s.ct.is_none() {
            return [None; 6];
        }
        let doubtful = s.findings.iter().any(|f| f.severity >= Severity::Warning);
        let open = if doubtful { Mark::Warning } else { Mark::Good };
        let lesion = (!s.lesions.is_empty()).then(|| {
            let rules = || s.lesions.iter().flat_map(|l| &l.rules);
            if rules().any(|r| r.mark == Mark::Broken) {
                Mark::Broken
            } else if rules().any(|r| r.mark == Mark::Warning) {
                Mark::Warning
            } else if rules().any(|r| r.mark == Mark::Unknown) {
                Mark::Unknown
            } else {
                Mark::Good
            }
        });
        let anatomy = match (&s.anatomy, &s.anatomy_failed) {
            (_, Some(_)) => Some(Mark::Broken),
            (Some(a), None) => Some(if a.findings.iter().any(|f| f.severity >= Severity::Warning) {
                Mark::Warning
            } else {
                Mark::Good
            }),
            _ => None,
        };
        let needles = (!s.needles.is_empty()).then(|| {
            let verdicts = || s.needles.iter().filter_map(|n| n.verdict.as_ref());
            if verdicts().any(|v| !v.is_free()) {
                Mark::Broken
            } else if s.needles.iter().any(|n| n.verdict.is_none())
                || verdicts().any(|v| v.clearances.iter().any(|c| c.status != Status::Ok))
            {
                Mark::Warning
            } else {
                Mark::Good
            }
        });
        let ice = (!s.coverage.is_empty()).then(|| {
            let judged = || s.coverage.iter().flat_map(|c| c.rows.iter().filter(|r| r.0 == -20));
            if judged().any(|r| r.1 < 0.9995) {
                Mark::Broken
            } else if judged().any(|r| r.2 < s.margin_mm) {
                Mark::Warning
            } else {
                Mark::Good
            }
        });
        let report = (s.saved == Keeping::Kept).then_some(Mark::Good);
        [Some(open), lesion, anatomy, needles, ice, report]
    }

    fn hand(&mut self, ctx: &egui::Context, hand: Hand) -> bool {
        match hand {
            Hand::Cancel => {
                self.bench.cancel();
                true
            }
            Hand::Act(action) if action.leaves() => {
                self.leave(ctx, After::Do(action));
                true
            }
            Hand::Act(action) => {
                self.bench.act(action, &self.words);
                true
            }
            Hand::Do(command) => self.command(ctx, command),
        }
    }

    /// Leaves the open case, asking first where something would be lost.
    fn leave(&mut self, ctx: &egui::Context, after: After) {
        if matches!(self.sight.saved, Keeping::Open | Keeping::Cannot(_)) {
            self.question = Some(Question::Unsaved(after));
        } else {
            self.left(ctx, after);
        }
    }

    /// Goes on with what waited for the plan to be saved, once it is.
    fn saved(&mut self, ctx: &egui::Context) {
        self.look_again();
        if let Some(after) = self.after_save.take()
            && self.sight.saved == Keeping::Kept
        {
            self.left(ctx, after);
            self.look_again();
        }
    }

    fn left(&mut self, ctx: &egui::Context, after: After) {
        match after {
            After::Quit => {
                self.quitting = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            After::Do(action) => self.bench.act(action, &self.words),
        }
    }

    fn command(&mut self, ctx: &egui::Context, command: Command) -> bool {
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
            Command::Undo => self.bench.act(Action::Undo, &self.words),
            Command::Redo => self.bench.act(Action::Redo, &self.words),
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

    fn ask_place(&mut self, ctx: &egui::Context, want: Want) {
        if self.asking.is_none() {
            self.asking = Some(places::ask(ctx, want, self.words.get(title_of(want))));
        }
    }

    fn answers(&mut self, ctx: &egui::Context) {
        let Some(asking) = &self.asking else { return };
        let want = asking.want;
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
            Want::CtFolder | Want::CtFile => {
                if let Some(plan) = self.lost.take() {
                    self.leave(ctx, After::Do(Action::OpenOnCt { plan, ct: path }));
                }
            }
        }
        self.look_again();
    }

    /// Questions in the middle of the window.
    fn ask(&mut self, ctx: &egui::Context) {
        let Some(question) = &mut self.question else { return };
        let w = &self.words;
        match question {
            Question::Path(want, typed) => {
                let want = *want;
                let opens = !matches!(want, Want::SaveFolder | Want::ExportFolder);
                let go = w.get(if opens { "desk-open" } else { "desk-save" });
                let answer = palette::question(
                    ctx,
                    &w.get(title_of(want)),
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
                if let Some(n @ 0..=1) = answer {
                    self.lost = Some(plan);
                    self.ask_place(ctx, if n == 0 { Want::CtFolder } else { Want::CtFile });
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

    fn dropped(&mut self, ctx: &egui::Context) {
        let dropped: Vec<PathBuf> = ctx.input(|i| i.raw.dropped_files.iter().map(|f| f.path().to_path_buf()).collect());
        if let Some(first) = dropped.into_iter().next() {
            self.leave(ctx, After::Do(Action::Open(first)));
            self.look_again();
        }
    }

    fn closing(&mut self, ctx: &egui::Context) {
        if ctx.input(|i| i.viewport().close_requested()) && !self.quitting {
            if matches!(self.sight.saved, Keeping::Open | Keeping::Cannot(_)) {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                self.question = Some(Question::Unsaved(After::Quit));
            } else {
                self.quitting = true;
            }
        }
    }
}

fn title_of(want: Want) -> &'static str {
    match want {
        Want::Folder => "desk-command-open-folder",
        Want::File => "desk-command-open-file",
        Want::SaveFolder => "desk-command-save",
        Want::ExportFolder => "desk-command-export",
        Want::CtFolder => "desk-lost-ct-folder",
        Want::CtFile => "desk-lost-ct-file",
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.frame(ui);
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        look::colour(theme::GROUND).to_normalized_gamma_f32()
    }
}
