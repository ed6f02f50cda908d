//! The window without a screen, for tests: the same frames, driven by clicks and keys, read by the texts they show.

use super::app::App;
use super::options::Options;
use eframe::egui::{self, Event, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, Shape, Vec2};
use std::time::{Duration, Instant};

/// A text as it stands on the screen: points from the upper left corner.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The text.
    pub text: String,
    /// Left, top, right, bottom of what of it can be seen: a list that scrolls hides the rest.
    pub rect: [f32; 4],
    /// What of it is cut off at the left or right edge of its panel, pane or window, points; 0 for a text that is whole.
    pub cut: f32,
    /// Whether it was shortened with an ellipsis.
    pub shortened: bool,
    /// The first character that no face has, shown as a box.
    pub boxed: Option<char>,
}

/// The window, rehearsed.
pub struct Rehearsal {
    ctx: egui::Context,
    app: App,
    size: [f32; 2],
    clock: f64,
    seen: Vec<Seen>,
}

impl Rehearsal {
    /// A window of that size in points at scale 1.
    pub fn new(options: Options, size: [f32; 2]) -> Rehearsal {
        let ctx = egui::Context::default();
        let app = App::new(&ctx, options);
        let mut r = Rehearsal { ctx, app, size, clock: 0.0, seen: Vec::new() };
        // Fonts act from the second pass on.
        r.frame(Vec::new());
        r.frame(Vec::new());
        r
    }

    fn frame(&mut self, events: Vec<Event>) {
        self.clock += 0.1;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, Vec2::from(self.size))),
            time: Some(self.clock),
            events,
            focused: true,
            ..RawInput::default()
        };
        self.run(input);
    }

    fn run(&mut self, input: RawInput) {
        let ctx = self.ctx.clone();
        let app = &mut self.app;
        let mut output = ctx.run_ui(input, |ui| app.frame(ui));
        output.textures_delta.clear();
        self.seen.clear();
        for clipped in &output.shapes {
            collect(&ctx, &clipped.shape, clipped.clip_rect, &mut self.seen);
        }
    }

    /// Runs frames until nothing is being worked on any more, at most so long; whether it came to rest.
    pub fn settle(&mut self, at_most: Duration) -> bool {
        let start = Instant::now();
        let mut quiet = 0;
        while start.elapsed() < at_most {
            self.frame(Vec::new());
            quiet = if self.app.busy() { 0 } else { quiet + 1 };
            // Slices are painted on another thread: a few more frames bring them in.
            if quiet > 8 {
                return true;
            }
            std::thread::sleep(Duration::from_millis(15));
        }
        false
    }

    /// Every text of the last frame.
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// The first text that is, or else begins with, `text`.
    pub fn find(&self, text: &str) -> Option<&Seen> {
        let exact = self.seen.iter().find(|s| s.text == text);
        exact.or_else(|| self.seen.iter().find(|s| s.text.starts_with(text)))
    }

    /// Whether a text stands anywhere on the screen.
    pub fn shows(&self, text: &str) -> bool {
        self.seen.iter().any(|s| s.text.contains(text))
    }

    /// Clicks at a place.
    pub fn click(&mut self, x: f32, y: f32) {
        let pos = Pos2::new(x, y);
        let press =
            |pressed| Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
        self.frame(vec![Event::PointerMoved(pos)]);
        self.frame(vec![press(true)]);
        self.frame(vec![press(false)]);
        self.clock += 1.0;
        self.frame(Vec::new());
    }

    /// Clicks on a text; whether it was there.
    pub fn click_on(&mut self, text: &str) -> bool {
        let Some([x0, y0, x1, y1]) = self.find(text).map(|s| s.rect) else { return false };
        self.click((x0 + x1) / 2.0, (y0 + y1) / 2.0);
        true
    }

    /// Drags with the left button from a place to another.
    pub fn drag(&mut self, from: [f32; 2], to: [f32; 2]) {
        let (from, to) = (Pos2::from(from), Pos2::from(to));
        let press = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(from)]);
        self.frame(vec![press(from, true)]);
        for k in 1..=4 {
            self.frame(vec![Event::PointerMoved(from + (to - from) * (k as f32 / 4.0))]);
        }
        self.frame(vec![press(to, false)]);
        self.clock += 1.0;
        self.frame(Vec::new());
    }

    /// Turns the wheel at a place, a line per step; positive is up.
    pub fn wheel(&mut self, at: [f32; 2], lines: f32, ctrl: bool) {
        let modifiers = if ctrl { Modifiers::COMMAND | Modifiers::CTRL } else { Modifiers::NONE };
        self.frame(vec![Event::PointerMoved(Pos2::from(at))]);
        self.frame(vec![Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: Vec2::new(0.0, lines),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers,
        }]);
        self.frame(Vec::new());
    }

    /// Presses a key by its name (`L`, `F1`, `Escape`), with Ctrl or Shift; whether there is such a key.
    pub fn key(&mut self, name: &str, ctrl: bool, shift: bool) -> bool {
        let Some(key) = Key::from_name(name) else { return false };
        let modifiers = Modifiers { ctrl, command: ctrl, shift, ..Modifiers::NONE };
        let press = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
        self.frame(vec![Event::ModifiersChanged(modifiers), press(true)]);
        self.frame(vec![press(false), Event::ModifiersChanged(Modifiers::NONE)]);
        true
    }

    /// Drops a file or folder on the window.
    pub fn drop(&mut self, path: &std::path::Path) {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, Vec2::from(self.size))),
            dropped_files: vec![std::sync::Arc::new(Dropped(path.to_path_buf()))],
            ..RawInput::default()
        };
        self.run(input);
    }

    /// Types text into the field that has the focus.
    pub fn write(&mut self, text: &str) {
        self.frame(vec![Event::Text(text.to_string())]);
        self.frame(Vec::new());
    }
}

/// A file in the hand.
#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

fn collect(ctx: &egui::Context, shape: &Shape, clip: Rect, out: &mut Vec<Seen>) {
    match shape {
        Shape::Vec(list) => list.iter().for_each(|s| collect(ctx, s, clip, out)),
        Shape::Text(t) => {
            // Halos are the same text again in another colour.
            let text = t.galley.text();
            if t.override_text_color.is_some_and(|c| c.r() == 0) || text.trim().is_empty() {
                return;
            }
            let rect = t.galley.rect.translate(t.pos.to_vec2());
            if !rect.intersects(clip) {
                return;
            }
            // Above and below, a panel scrolls.
            let cut = [clip.left() - rect.left(), rect.right() - clip.right()];
            let shown = rect.intersect(clip);
            out.push(Seen {
                text: text.to_string(),
                rect: [shown.left(), shown.top(), shown.right(), shown.bottom()],
                cut: cut.into_iter().fold(0.0, f32::max),
                shortened: t.galley.elided,
                boxed: boxed(ctx, &t.galley.job),
            });
        }
        _ => {}
    }
}

/// The first character of a text that its faces do not have.
fn boxed(ctx: &egui::Context, job: &egui::text::LayoutJob) -> Option<char> {
    ctx.fonts_mut(|fonts| {
        job.sections.iter().find_map(|section| {
            let text = job.text.get(section.byte_range.start.0..section.byte_range.end.0).unwrap_or_default();
            text.chars().filter(|c| !c.is_control()).find(|c| !fonts.has_glyph(&section.format.font_id, *c))
        })
    })
}
