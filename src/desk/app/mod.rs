//! The window's frame: lays out bar, panel, panes and footer, hands keys and buttons on.
//!
//! `commands` does what keys and buttons ask for, `asking` asks for places and before anything is left, `coming` shows a
//! series while it comes in.

mod asking;
mod coming;
mod commands;

use self::asking::{After, Question};
use super::bar;
use super::bench::Bench;
use super::command::{self, Command};
use super::look;
use super::options::Options;
use super::painter::Painter;
use super::palette::{self, Palette};
use super::panel::{self, Desk, Memory};
use super::places::Asking;
use super::sight::{Action, Keeping, Sight};
use super::stage::{Scene, Stage, Tool};
use super::start_page::StartPage;
use super::step::Step;
use super::widgets::{self, Mark};
use crate::draw::theme;
use crate::needle::Status;
use crate::terms::{Code, Severity};
use crate::words::{Lang, Value, Words};
use eframe::egui::{self, Pos2, Rect, Ui, UiBuilder, Vec2, ViewportCommand};
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
            palette::let_go(&ctx);
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
        let under = self.stage.shown(&self.sight).map(|ct| &**ct).zip(self.stage.under);
        hands.extend(bar::footer(ui, foot, &self.sight, under, notice.as_deref(), &self.words));
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
        // What would be shown as ± 0.0 mm says nothing.
        let pm = (mm >= 0.05).then(|| self.words.text("desk-geometry-pm", &[("mm", Value::Number(mm, 1))]));
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
            if judged().any(|r| r.1 < 1.0) {
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
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.frame(ui);
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        look::colour(theme::GROUND).to_normalized_gamma_f32()
    }
}
