//! The panes and the hands on them: this file holds what the panes share and paints the slices; `over` draws over them,
//! `hands` are the hands.

mod hands;
mod over;

use crate::anatomy::Anatomy;
use crate::ct::Ct;
use crate::desk::look::{self, colour, strong};
use crate::desk::marks;
use crate::desk::painter::{AsMask, Outlined, Painter, Request};
use crate::desk::pane::{Guide, Kind, Laid, Pane, quarters};
use crate::desk::sight::{Action, Sight};
use crate::desk::step::Step;
use crate::draw::theme::{self, Line};
use crate::draw::{PRESETS, View, Window};
use crate::needle::{Needle, Verdict};
use crate::space::{Lps, Mask};
use crate::terms::Structure;
use crate::words::Words;
use eframe::egui::{self, Align2, Color32, Pos2, Rect, TextureOptions, Ui, Vec2};
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
    /// Whether the other kernel stands in the place of the first.
    pub(super) show_other: bool,
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
            show_other: false,
            hidden: vec![Structure::Body, Structure::Table],
            chosen: Chosen::default(),
            under: None,
            ghost: None,
            drag: None,
            stamp: 0,
            revision: 0,
        }
    }

    /// The CT whose voxels are shown: the open one, or another kernel of it.
    pub(super) fn shown<'a>(&self, sight: &'a Sight) -> Option<&'a Arc<Ct>> {
        sight.other.as_ref().filter(|_| self.show_other).or(sight.ct.as_ref())
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
        self.show_other = false;
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

    /// What the fourth pane lies along: at the step of the lesion its calliper slice, else the needle.
    fn guide(&self, sight: &Sight, step: Step) -> Guide {
        let callipers = sight.lesions.get(self.chosen.lesion).or(sight.lesions.first());
        let callipers = callipers.map(|l| Guide::Callipers(l.axes()[0].ends[0].lerp(l.axes()[0].ends[1], 0.5)));
        if let (Step::Lesion, None, Some(guide)) = (step, &self.ghost, callipers) {
            return guide;
        }
        if let Some((_, n, _)) = &self.ghost {
            return Guide::Needle(n.entry, n.tip);
        }
        if let Some(n) = sight.needles.get(self.chosen.needle).or(sight.needles.first()) {
            return Guide::Needle(n.needle.entry, n.needle.tip);
        }
        callipers.unwrap_or(Guide::None)
    }

    /// Shows the panes on `rect`; what the hand asked for comes back.
    pub(super) fn show(&mut self, ui: &mut Ui, rect: Rect, scene: &Scene<'_>, painter: &Painter) -> Vec<Action> {
        let mut actions = Vec::new();
        let Some(ct) = scene.sight.ct.clone() else { return actions };
        let guide = self.guide(scene.sight, scene.step);
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

    fn take_in(&mut self, ui: &Ui, done: crate::desk::painter::Painted) {
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
        // Both lie in one space: the plane is painted from the other's voxels; outlines and measures are the first one's.
        let ct = self.shown(scene.sight).unwrap_or(ct);
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
}

/// The nearest point inside of the scan.
fn inside(ct: &Ct, p: Lps) -> Lps {
    let g = &ct.hu.grid;
    let n = g.size.map(|n| (n as f64 - 1.0).max(0.0));
    g.point(g.index(p).clamp(glam::DVec3::ZERO, glam::DVec3::new(n[0], n[1], n[2])))
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
