//! The panes and the hands on them.

use super::look::{self, colour, strong};
use super::marks;
use super::painter::{AsMask, Outlined, Painter, Request};
use super::pane::{Guide, Kind, Laid, Pane, quarters};
use super::sight::{Action, NeedleSight, Sight};
use super::step::Step;
use crate::anatomy::Anatomy;
use crate::ct::Ct;
use crate::draw::theme::{self, Dash, Line};
use crate::draw::{PRESETS, View, Window};
use crate::needle::{Needle, Verdict};
use crate::space::{Lps, Mask};
use crate::terms::Structure;
use crate::words::{Value, Words};
use eframe::egui::{self, Align2, Color32, Pos2, Rect, Sense, TextureOptions, Ui, Vec2};
use std::sync::Arc;

/// A tool that stays armed until Esc.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Tool {
    None,
    LesionClick,
    LesionStroke,
    /// With the first diameter, once it was drawn.
    Callipers(Option<[Lps; 2]>),
    Entry,
    Tip,
    /// Both, entry first.
    NeedleNew(Option<Lps>),
}

impl Tool {
    /// Key of what to do now, in `words`.
    pub(super) fn hint(self) -> Option<&'static str> {
        Some(match self {
            Tool::None => return None,
            Tool::LesionClick => "desk-hint-click",
            Tool::LesionStroke => "desk-hint-stroke",
            Tool::Callipers(None) => "desk-hint-callipers-first",
            Tool::Callipers(Some(_)) => "desk-hint-callipers-second",
            Tool::Entry | Tool::NeedleNew(None) => "desk-hint-entry",
            Tool::Tip | Tool::NeedleNew(Some(_)) => "desk-hint-tip",
        })
    }

    fn draws_a_line(self) -> bool {
        matches!(self, Tool::LesionStroke | Tool::Callipers(_))
    }
}

/// Which part of a needle the hand has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grip {
    Entry,
    Tip,
    Shaft,
}

/// What a drag does until the button is let go.
#[derive(Clone, Debug)]
enum Drag {
    Window,
    Pan,
    Zoom { fixed: Lps },
    Needle { at: usize, grip: Grip, from: Needle, start: Lps },
    Stroke { from: Lps },
}

/// How much is written and drawn over the slices: Space goes round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlays {
    All,
    Few,
    None,
}

/// What is chosen in the lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) lesion: usize,
    pub(super) needle: usize,
}

/// The panes with all that they share.
pub(super) struct Stage {
    pub(super) panes: [Pane; 4],
    /// The pane that fills the stage, if one does.
    pub(super) maximised: Option<usize>,
    /// The pane that keys act on: the one under the pointer, else the last one.
    pub(super) active: usize,
    pub(super) cross: Lps,
    pub(super) window: Window,
    /// The preset that the window is, if it is one: its word.
    pub(super) preset: Option<&'static str>,
    pub(super) tool: Tool,
    pub(super) overlays: Overlays,
    pub(super) show_cross: bool,
    pub(super) show_structures: bool,
    pub(super) show_ice: bool,
    pub(super) hidden: Vec<Structure>,
    pub(super) chosen: Chosen,
    /// The point under the pointer.
    pub(super) under: Option<Lps>,
    /// A needle in the hand, with its verdict, in place of the one in the plan.
    pub(super) ghost: Option<(usize, Needle, Option<Verdict>)>,
    drag: Option<(usize, Drag)>,
    stamp: u64,
    /// What the outlines were made of: another number, other outlines.
    revision: u64,
}

/// A region of the anatomy, without copying it.
struct RegionOf(Arc<Anatomy>, Structure);

impl AsMask for RegionOf {
    fn mask(&self) -> Option<&Mask> {
        self.0.region(self.1)
    }
}

/// What the stage needs to know of the rest.
pub(super) struct Scene<'a> {
    pub(super) sight: &'a Sight,
    pub(super) words: &'a Words,
    pub(super) step: Step,
    /// What the rules say of a needle for a lesion, within a frame.
    pub(super) judge: &'a dyn Fn(&Needle, usize) -> Option<Verdict>,
    /// A needle for a lesion with its entry moved along its line onto the skin.
    pub(super) seat: &'a dyn Fn(Needle, usize) -> Needle,
}

impl Stage {
    pub(super) fn new() -> Stage {
        Stage {
            panes: [
                Pane::new(Kind::Fixed(View::Axial)),
                Pane::new(Kind::Fixed(View::Coronal)),
                Pane::new(Kind::Fixed(View::Sagittal)),
                Pane::new(Kind::Along),
            ],
            maximised: None,
            active: 0,
            cross: Lps::default(),
            window: PRESETS[0].1,
            preset: Some(PRESETS[0].0),
            tool: Tool::None,
            overlays: Overlays::All,
            show_cross: true,
            show_structures: false,
            show_ice: true,
            hidden: vec![Structure::Body, Structure::Table],
            chosen: Chosen::default(),
            under: None,
            ghost: None,
            drag: None,
            stamp: 0,
            revision: 0,
        }
    }

    /// Another scan: everything is fitted again.
    pub(super) fn reset(&mut self, ct: &Ct) {
        let g = &ct.hu.grid;
        let n = g.size.map(|n| n as f64 - 1.0);
        self.cross = g.point(glam::DVec3::new(n[0], n[1], n[2]) / 2.0);
        for pane in &mut self.panes {
            pane.refit();
            pane.guide = Guide::None;
            pane.painted = None;
            pane.texture = None;
        }
        self.tool = Tool::None;
        self.ghost = None;
        self.drag = None;
        self.chosen = Chosen::default();
        self.maximised = None;
        self.touch();
    }

    /// Outlines have changed.
    pub(super) fn touch(&mut self) {
        self.revision += 1;
    }

    /// Esc: lets go of the tool, the drag, the maximised pane, in turn.
    pub(super) fn escape(&mut self) {
        if self.drag.take().is_some() {
            self.ghost = None;
        } else if self.tool != Tool::None {
            self.tool = Tool::None;
        } else {
            self.maximised = None;
        }
    }

    /// Goes so many steps along the active pane's normal.
    pub(super) fn scroll(&mut self, ct: &Ct, pane: usize, steps: f64) {
        let p = &mut self.panes[pane];
        let step = p.step_mm(ct) * steps;
        let onward = p.onward();
        if p.kind == Kind::Along {
            let along_normal = onward.dot(p.normal());
            p.offset_mm = (p.offset_mm + step * along_normal).clamp(-400.0, 400.0);
            return;
        }
        self.cross = inside(ct, self.cross + onward * step);
    }

    /// Goes to the first or last slice of the active pane.
    pub(super) fn scroll_to_end(&mut self, ct: &Ct, pane: usize, last: bool) {
        self.scroll(ct, pane, if last { 1e5 } else { -1e5 });
    }

    /// Brings every pane to a place.
    pub(super) fn go_to(&mut self, p: Lps) {
        self.cross = p;
        for pane in &mut self.panes {
            if pane.kind != Kind::Along {
                pane.centre_on(p);
            }
        }
    }

    /// A window preset.
    pub(super) fn preset(&mut self, n: usize) {
        if let Some((word, window)) = PRESETS.get(n) {
            self.window = Window { inverted: self.window.inverted, ..*window };
            self.preset = Some(word);
        }
    }

    fn guide(&self, sight: &Sight) -> Guide {
        if let Some((_, n, _)) = &self.ghost {
            return Guide::Needle(n.entry, n.tip);
        }
        if let Some(n) = sight.needles.get(self.chosen.needle).or(sight.needles.first()) {
            return Guide::Needle(n.needle.entry, n.needle.tip);
        }
        match sight.lesions.get(self.chosen.lesion).or(sight.lesions.first()) {
            Some(l) => Guide::Callipers(l.axes()[0].ends[0].lerp(l.axes()[0].ends[1], 0.5)),
            None => Guide::None,
        }
    }

    /// Shows the panes on `rect`; what the hand asked for comes back.
    pub(super) fn show(&mut self, ui: &mut Ui, rect: Rect, scene: &Scene<'_>, painter: &Painter) -> Vec<Action> {
        let mut actions = Vec::new();
        let Some(ct) = scene.sight.ct.clone() else { return actions };
        let guide = self.guide(scene.sight);
        // While a needle is dragged its reslice would turn under the hand: it follows when the hand lets go.
        if self.ghost.is_none() {
            self.panes[3].follow(guide);
        }
        for done in painter.take() {
            self.take_in(ui, done);
        }
        let whole = rect;
        let rects = quarters(rect);
        let scale = ui.ctx().pixels_per_point();
        let mut under = None;
        for n in 0..4 {
            let rect = match self.maximised {
                Some(m) if m == n => whole,
                Some(_) => continue,
                None => rects[n],
            };
            let laid = self.panes[n].lay(rect, scale, &ct, self.cross);
            self.hands(ui, n, &laid, &ct, scene, &mut actions);
            // Laid again: the hand may have moved it, and the answer belongs into this very frame.
            let laid = self.panes[n].lay(rect, scale, &ct, self.cross);
            self.paint(ui, n, &laid, &ct, scene, painter);
            if let Some(at) = ui.ctx().pointer_hover_pos()
                && rect.contains(at)
                && ui.ctx().layer_id_at(at).is_none_or(|l| l.order == egui::Order::Background || l == ui.layer_id())
            {
                self.active = n;
                if !(n == 3 && self.panes[3].guide == Guide::None) {
                    under = Some(laid.lps(at));
                }
            }
        }
        if self.maximised.is_none() {
            let ground = colour(theme::GROUND);
            let c = rects[0].max + Vec2::splat(look::GAP / 2.0);
            let p = ui.painter();
            p.rect_filled(
                Rect::from_center_size(Pos2::new(whole.center().x, c.y), Vec2::new(whole.width(), look::GAP)),
                0,
                ground,
            );
            p.rect_filled(
                Rect::from_center_size(Pos2::new(c.x, whole.center().y), Vec2::new(look::GAP, whole.height())),
                0,
                ground,
            );
        }
        self.under = under;
        actions
    }

    fn take_in(&mut self, ui: &Ui, done: super::painter::Painted) {
        let pane = &mut self.panes[done.pane];
        match &mut pane.texture {
            Some(t) => t.set(done.image, TextureOptions::NEAREST),
            None => {
                pane.texture =
                    Some(ui.ctx().load_texture(format!("pane-{}", done.pane), done.image, TextureOptions::NEAREST))
            }
        }
        pane.painted = Some((done.plane, done.lines));
        let _ = done.stamp;
    }

    /// Asks for the slice if what is wanted differs from what was asked for last, and draws what there is.
    fn paint(&mut self, ui: &mut Ui, n: usize, laid: &Laid, ct: &Arc<Ct>, scene: &Scene<'_>, painter: &Painter) {
        let p = ui.painter().with_clip_rect(laid.rect);
        if n == 3 && self.panes[3].guide == Guide::None {
            p.rect_filled(laid.rect, 0, colour(theme::GROUND));
            let galley = p.layout(
                scene.words.get("desk-along-empty"),
                look::body(),
                colour(theme::SOFT),
                (laid.rect.width() - 64.0).min(360.0),
            );
            p.galley(laid.rect.center() - galley.size() / 2.0, galley, colour(theme::SOFT));
            marks::text(
                &p,
                laid.rect.min + Vec2::new(10.0, 8.0),
                Align2::LEFT_TOP,
                &scene.words.get("desk-along-needle"),
                strong(13.0),
                colour(theme::TEXT),
            );
            return;
        }
        let outlines = self.outlines(scene);
        let key = (laid.plane, self.window, self.revision, outlines.len(), Arc::as_ptr(ct) as usize);
        let stamp = stamp_of(&format!("{key:?}"));
        if self.panes[n].asked != stamp {
            self.panes[n].asked = stamp;
            self.stamp += 1;
            painter.ask(
                n,
                Request { ct: ct.clone(), plane: laid.plane, window: self.window, outlines, stamp: self.stamp },
            );
        }
        let pane = &self.panes[n];
        if let (Some(texture), Some((plane, lines))) = (&pane.texture, &pane.painted) {
            let place = laid.place_of(plane);
            if !place.contains_rect(laid.rect.shrink(1.0)) {
                p.rect_filled(laid.rect, 0, Color32::BLACK);
            }
            let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
            p.image(texture.id(), place, uv, Color32::WHITE);
            if self.overlays != Overlays::None {
                // Outlines belong to the plane that they were painted on.
                let near = laid.depth(plane.centre()).abs() < 0.01;
                for (l, style) in lines.iter().filter(|_| near) {
                    let mut points: Vec<Pos2> = l.points.iter().map(|q| laid.screen(plane.point(q[0], q[1]))).collect();
                    if l.closed
                        && let Some(first) = points.first().copied()
                    {
                        points.push(first);
                    }
                    marks::line(&p, &points, *style);
                }
            }
        } else {
            p.rect_filled(laid.rect, 0, Color32::BLACK);
        }
        if self.overlays != Overlays::None {
            self.marks(&p, n, laid, ct, scene);
        }
        if self.overlays == Overlays::All {
            self.corners(&p, n, laid, ct, scene);
        }
        if self.overlays != Overlays::None {
            marks::letters(&p, laid);
            marks::scale_bar(&p, laid);
        }
    }

    fn outlines(&self, scene: &Scene<'_>) -> Vec<(Outlined, Line)> {
        let mut out = Vec::new();
        if (self.show_structures || scene.step == Step::Anatomy)
            && let Some(anatomy) = &scene.sight.anatomy
        {
            for region in &anatomy.regions {
                if !self.hidden.contains(&region.structure) {
                    let holder = Arc::new(RegionOf(anatomy.clone(), region.structure));
                    out.push((Outlined::Mask(holder), theme::structure(region.structure)));
                }
            }
        }
        for lesion in &scene.sight.lesions {
            if let Some(shape) = &lesion.shape {
                out.push((Outlined::Shape(shape.clone()), theme::LESION_LINE));
            }
        }
        if self.show_ice && matches!(scene.step, Step::Needles | Step::Ice | Step::Report) && self.ghost.is_none() {
            for ice in &scene.sight.ice {
                if scene.step != Step::Needles || ice.celsius == -20 {
                    out.push((Outlined::Surface(ice.surface.clone()), theme::isotherm(ice.celsius)));
                }
            }
        }
        out
    }

    fn marks(&self, p: &egui::Painter, n: usize, laid: &Laid, ct: &Ct, scene: &Scene<'_>) {
        if self.show_cross && self.panes[n].kind != Kind::Along {
            marks::crosshair(p, laid, self.cross);
        }
        let reach = ct.hu.grid.spacing.max_element() / 2.0 + 0.01;
        let mm = |v: f64| scene.words.text("value-mm", &[("value", Value::Number(v, 1))]);
        for lesion in &scene.sight.lesions {
            let [long, short] = lesion.axes();
            let on = |a: &crate::lesion::Axis| a.ends.iter().all(|q| laid.depth(*q).abs() <= reach);
            if !matches!(scene.step, Step::Lesion | Step::Report | Step::Open) {
                continue;
            }
            if on(&short) {
                marks::calliper(p, laid, &short, theme::SHORT_AXIS, &mm(short.mm));
            }
            if on(&long) {
                let label = scene
                    .words
                    .text("value-mm-pm", &[("value", Value::Number(long.mm, 1)), ("pm", Value::Number(long.pm_mm, 1))]);
                marks::calliper(p, laid, &long, theme::LONG_AXIS, &label);
            }
        }
        let broken = |v: &crate::needle::Violation| {
            let name = scene.words.get(&rule_word(&v.structure));
            let measured = scene.words.text(rule_unit(&v.rule), &[("value", Value::Number(v.measured, 1))]);
            format!("{name} {measured}")
        };
        for (k, needle) in scene.sight.needles.iter().enumerate() {
            let mut shown: NeedleSight = needle.clone();
            if let Some((at, ghost, verdict)) = &self.ghost
                && *at == k
            {
                shown.needle = ghost.clone();
                shown.verdict = verdict.clone();
            }
            marks::needle(p, laid, &shown, k + 1, k == self.chosen.needle, &broken);
        }
        if let Some((at, ghost, verdict)) = &self.ghost
            && *at >= scene.sight.needles.len()
        {
            let new = NeedleSight {
                needle: ghost.clone(),
                model_name: String::new(),
                verified: false,
                lesion: self.chosen.lesion,
                active_mm: 22.0,
                verdict: verdict.clone(),
                in_plane_deg: 0.0,
                tilt_deg: 0.0,
                table: Vec::new(),
                findings: Vec::new(),
            };
            marks::needle(p, laid, &new, at + 1, true, &broken);
        }
        // What is being drawn now, with its length at the pointer.
        let pointer = p.ctx().pointer_latest_pos();
        let drawn = Line { colour: theme::WHITE, width: 1.5, dash: Dash::Solid };
        if let Tool::Callipers(Some(first)) = self.tool
            && first.iter().all(|q| laid.depth(*q).abs() <= reach)
        {
            marks::line(p, &first.map(|q| laid.screen(q)), drawn);
        }
        if let (Some((pane, Drag::Stroke { from })), Some(at)) = (&self.drag, pointer)
            && *pane == n
        {
            let to = laid.lps(at);
            marks::line(p, &[laid.screen(*from), at], drawn);
            at_pointer(p, laid, at, &mm(from.distance(to)));
        }
        if let (Some((pane, drag)), Some(at)) = (&self.drag, pointer)
            && *pane == n
        {
            match drag {
                Drag::Window => at_pointer(
                    p,
                    laid,
                    at,
                    &format!("W {:.0}  L {:.0}", self.window.width, self.window.level).replace('-', "−"),
                ),
                Drag::Needle { .. } => {
                    if let Some((_, ghost, _)) = &self.ghost {
                        at_pointer(p, laid, at, &mm(ghost.depth_mm()));
                    }
                }
                _ => {}
            }
        }
    }

    fn corners(&self, p: &egui::Painter, n: usize, laid: &Laid, ct: &Ct, scene: &Scene<'_>) {
        let w = scene.words;
        let r = laid.rect;
        let white = colour(theme::WHITE);
        let number = |v: f64| format!("{v:.1}").replace('-', "−");
        let c = laid.plane.centre();
        let (name, place) = match (self.panes[n].kind, self.panes[n].guide) {
            (Kind::Fixed(View::Axial), _) => {
                let k = ct.hu.grid.index(c).z.round() as i64 + 1;
                (w.get("desk-axial"), format!("z {} mm · {k}/{}", number(c.z), ct.hu.grid.size[2]))
            }
            (Kind::Fixed(View::Coronal), _) => (w.get("desk-coronal"), format!("y {} mm", number(c.y))),
            (Kind::Fixed(_), _) => (w.get("desk-sagittal"), format!("x {} mm", number(c.x))),
            (Kind::Along, Guide::Needle(entry, tip)) => {
                let tilt = (tip - entry).normalize_or_zero().z.clamp(-1.0, 1.0).asin().to_degrees();
                let number = self.ghost.as_ref().map_or(self.chosen.needle, |g| g.0) + 1;
                let key = if tilt >= 0.0 { "desk-tilt-head" } else { "desk-tilt-feet" };
                let mut tilt = w.text(key, &[("deg", Value::Number(tilt.abs(), 0))]);
                if self.panes[n].offset_mm.abs() > 0.05 {
                    tilt.push_str(&format!(" · {:+.1} mm", self.panes[n].offset_mm).replace('-', "−"));
                }
                (w.text("desk-along-needle-n", &[("n", number.into())]), tilt)
            }
            (Kind::Along, _) => {
                let n = self.chosen.lesion + 1;
                (w.text("desk-calliper-slice", &[("n", n.into())]), format!("z {} mm", number(c.z)))
            }
        };
        let at = r.min + Vec2::new(10.0, 8.0);
        marks::text(p, at, Align2::LEFT_TOP, &name, strong(13.0), white);
        marks::text(p, at + Vec2::new(0.0, 18.0), Align2::LEFT_TOP, &place, look::small(), white);
        if n == 0 {
            let a = &ct.acquisition;
            let mut parts = Vec::new();
            if !a.kernel.is_empty() {
                parts.push(a.kernel.clone());
            }
            if let Some(mm) = a.slice_thickness_mm {
                parts.push(w.text("value-mm", &[("value", Value::Number(mm, 1))]));
            }
            if let Some(date) = &a.date {
                parts.push(w.lang().date(date));
            }
            let at = Pos2::new(r.right() - 10.0, r.top() + 8.0);
            marks::text(p, at, Align2::RIGHT_TOP, &parts.join(" · "), look::small(), white);
        }
        let preset = self.preset.map(|k| w.get(k) + " ").unwrap_or_default();
        let window = format!("{preset}W {:.0} L {:.0}", self.window.width, self.window.level).replace('-', "−");
        let at = Pos2::new(r.left() + 10.0, r.bottom() - 8.0);
        marks::text(p, at, Align2::LEFT_BOTTOM, &window, look::small(), white);
    }

    /// The hands on a pane.
    fn hands(&mut self, ui: &mut Ui, n: usize, laid: &Laid, ct: &Ct, scene: &Scene<'_>, actions: &mut Vec<Action>) {
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
                        self.tool = Tool::None;
                    }
                    Tool::Callipers(None) if flat(self.panes[pane].kind, self.panes[pane].guide) => {
                        self.tool = Tool::Callipers(Some([from, to]));
                    }
                    Tool::Callipers(Some(first)) if flat(self.panes[pane].kind, self.panes[pane].guide) => {
                        actions.push(Action::Callipers { lesion: self.chosen.lesion, first, second: [from, to] });
                        self.tool = Tool::None;
                    }
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
                actions.push(Action::Segment { at: p, to: None });
                self.cross = p;
                self.tool = Tool::None;
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

/// The nearest point inside of the scan.
fn inside(ct: &Ct, p: Lps) -> Lps {
    let g = &ct.hu.grid;
    let n = g.size.map(|n| (n as f64 - 1.0).max(0.0));
    g.point(g.index(p).clamp(glam::DVec3::ZERO, glam::DVec3::new(n[0], n[1], n[2])))
}

fn at_pointer(p: &egui::Painter, laid: &Laid, at: Pos2, text: &str) {
    let (by, anchor) = if at.x + 120.0 > laid.rect.right() {
        (Vec2::new(-14.0, -14.0), Align2::RIGHT_BOTTOM)
    } else {
        (Vec2::new(14.0, -14.0), Align2::LEFT_BOTTOM)
    };
    marks::text(p, at + by, anchor, text, strong(13.0), colour(theme::WHITE));
}

/// Key of a rule's structure in `words`.
pub(super) fn rule_word(structure: &str) -> String {
    format!("structure-{}", structure.replace(' ', "-"))
}

/// Key of the unit that a rule measures in: degrees for the angle at the skin, else mm.
pub(super) fn rule_unit(rule: &str) -> &'static str {
    if matches!(rule, "skin-angle" | "lies-on") { "value-degree" } else { "value-mm" }
}

fn stamp_of(text: &str) -> u64 {
    // FNV-1a: a stamp, no secret.
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
