//! One pane: where its plane lies, and from millimetres to the screen and back.

use super::look;
use crate::ct::Ct;
use crate::draw::theme::Line;
use crate::draw::{Plane, View, along, fit};
use crate::grids::contour::Polyline;
use crate::space::Lps;
use eframe::egui::{Pos2, Rect, TextureHandle, Vec2};
use glam::DVec3;

/// What a pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A plane of the patient through the crosshair.
    Fixed(View),
    /// Along the needle; before there is one, the lesion's calliper slice.
    Along,
}

/// What the fourth pane is laid along.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Guide {
    /// Nothing yet.
    None,
    /// The slice of the callipers, around its middle.
    Callipers(Lps),
    /// A needle, from entry to tip.
    Needle(Lps, Lps),
}

/// One pane.
pub(super) struct Pane {
    pub(super) kind: Kind,
    /// The point in the middle, up to its depth.
    middle: Lps,
    /// mm per point of the screen; 0 until the pane was fitted.
    mm: f64,
    /// The shorter side that `mm` was chosen for, points.
    side: f32,
    /// How far the fourth pane was scrolled off its guide, mm.
    pub(super) offset_mm: f64,
    pub(super) guide: Guide,
    pub(super) texture: Option<TextureHandle>,
    pub(super) painted: Option<(Plane, Vec<(Polyline, Line)>)>,
    /// Stamp of the newest request.
    pub(super) asked: u64,
}

/// A pane as it lies on the screen in this frame.
#[derive(Clone, Copy)]
pub(super) struct Laid {
    pub(super) rect: Rect,
    pub(super) plane: Plane,
    /// Pixels per point.
    pub(super) scale: f32,
}

/// mm of a needle that are drawn outside of the skin, up to its hub.
pub(super) const HUB_MM: f64 = 24.0;
/// mm that are shown beyond its tip at least.
const BEYOND_MM: f64 = 30.0;

/// The middle of what is shown along a needle: from its hub to beyond its tip.
fn middle_of(entry: Lps, tip: Lps) -> Lps {
    entry.lerp(tip, 0.5) + (tip - entry).normalize_or_zero() * ((BEYOND_MM - HUB_MM) / 2.0)
}

impl Pane {
    pub(super) fn new(kind: Kind) -> Pane {
        Pane {
            kind,
            middle: Lps::default(),
            mm: 0.0,
            side: 0.0,
            offset_mm: 0.0,
            guide: Guide::None,
            texture: None,
            painted: None,
            asked: 0,
        }
    }

    /// Forgets its place, so that it is fitted again.
    pub(super) fn refit(&mut self) {
        self.mm = 0.0;
        self.offset_mm = 0.0;
    }

    /// Follows the guide of the fourth pane; the zoom is chosen anew only when it changes its nature.
    pub(super) fn follow(&mut self, guide: Guide) {
        if self.guide == guide {
            return;
        }
        let same = std::mem::discriminant(&self.guide) == std::mem::discriminant(&guide);
        if !same {
            self.refit();
        } else if let (Guide::Needle(..), Guide::Needle(entry, tip)) = (self.guide, guide) {
            self.middle = middle_of(entry, tip);
        } else if let Guide::Callipers(p) = guide {
            self.middle = p;
        }
        self.guide = guide;
    }

    /// Directions to the right and down.
    pub(super) fn directions(&self) -> [DVec3; 2] {
        match (self.kind, self.guide) {
            (Kind::Fixed(view), _) => view.directions(),
            (Kind::Along, Guide::Needle(entry, tip)) => along(entry, tip),
            (Kind::Along, _) => View::Axial.directions(),
        }
    }

    /// Lays the pane out on `rect`. `cross` is what the fixed planes go through.
    pub(super) fn lay(&mut self, rect: Rect, scale: f32, ct: &Ct, cross: Lps) -> Laid {
        let rect = Rect::from_min_max(
            Pos2::new((rect.min.x * scale).round() / scale, (rect.min.y * scale).round() / scale),
            Pos2::new((rect.max.x * scale).round() / scale, (rect.max.y * scale).round() / scale),
        );
        let size = [rect.width() * scale, rect.height() * scale].map(|v| (v.round() as usize).clamp(1, 8192));
        let directions = self.directions();
        // A pane that is made larger or smaller keeps showing the same part.
        let side = rect.width().min(rect.height()).max(1.0);
        if self.mm > 0.0 {
            self.mm *= f64::from(self.side / side);
        }
        self.side = side;
        if self.mm <= 0.0 {
            let points = [rect.width() as usize, rect.height() as usize];
            let (centre, mm) = fit(&ct.hu.grid, directions, points);
            match (self.kind, self.guide) {
                (Kind::Along, Guide::Needle(entry, tip)) => {
                    self.middle = middle_of(entry, tip);
                    // Hub and tip stay clear of the letters at the edges.
                    let across = (f64::from(rect.width()) - 90.0).max(50.0);
                    self.mm =
                        ((entry.distance(tip) + HUB_MM + BEYOND_MM) / across).max(140.0 / f64::from(rect.height()));
                }
                (Kind::Along, Guide::Callipers(p)) => {
                    self.middle = p;
                    self.mm = 110.0 / f64::from(rect.height());
                }
                _ => {
                    self.middle = centre;
                    self.mm = mm;
                }
            }
        }
        let through = match (self.kind, self.guide) {
            (Kind::Fixed(_), _) => self.on_slice(ct, cross),
            (Kind::Along, Guide::Needle(entry, _)) => entry + self.normal() * self.offset_mm,
            (Kind::Along, Guide::Callipers(p)) => self.on_slice(ct, p + self.normal() * self.offset_mm),
            (Kind::Along, Guide::None) => cross,
        };
        let n = self.normal();
        let centre = self.middle + n * (through - self.middle).dot(n);
        let plane = Plane::around(centre, directions, self.mm / f64::from(scale), size);
        Laid { rect, plane, scale }
    }

    /// Away from who looks.
    pub(super) fn normal(&self) -> DVec3 {
        let [right, down] = self.directions();
        right.cross(down)
    }

    /// The point moved onto the nearest slice, where the plane lies along the slices: pixels as they were acquired.
    fn on_slice(&self, ct: &Ct, p: Lps) -> Lps {
        let grid = &ct.hu.grid;
        if grid.axes.col(2).dot(self.normal()).abs() < 0.9999 {
            return p;
        }
        let mut x = grid.index(p);
        x.z = x.z.round().clamp(0.0, (grid.size[2] as f64 - 1.0).max(0.0));
        grid.point(x)
    }

    /// One step of the wheel, mm: a slice where the plane lies along the voxels, else the smallest spacing.
    pub(super) fn step_mm(&self, ct: &Ct) -> f64 {
        let grid = &ct.hu.grid;
        let n = self.normal();
        let axis = grid.axis_along(n);
        if grid.axes.col(axis).dot(n).abs() > 0.9999 { grid.spacing[axis] } else { grid.spacing.min_element() }
    }

    /// The way a wheel's turn down goes.
    pub(super) fn onward(&self) -> DVec3 {
        match self.kind {
            Kind::Fixed(view) => view.onward(),
            Kind::Along => -self.normal(),
        }
    }

    /// Moves the picture by so many points.
    pub(super) fn pan(&mut self, by: Vec2) {
        let [right, down] = self.directions();
        self.middle = self.middle - right * (f64::from(by.x) * self.mm) - down * (f64::from(by.y) * self.mm);
    }

    /// Zooms by a factor, so that `fixed` stays where it is.
    pub(super) fn zoom(&mut self, factor: f64, fixed: Lps) {
        let mm = (self.mm / factor).clamp(0.02, 5.0);
        self.middle = fixed + (self.middle - fixed) * (mm / self.mm);
        self.mm = mm;
    }

    /// Brings a point into the middle.
    pub(super) fn centre_on(&mut self, p: Lps) {
        self.middle = p;
    }
}

impl Laid {
    /// Where a point of the patient lies on the screen, projected onto the plane.
    pub(super) fn screen(&self, p: Lps) -> Pos2 {
        let ([x, y], _) = self.plane.pixel(p);
        self.pixel(x, y)
    }

    /// Where a pixel of the plane lies on the screen.
    pub(super) fn pixel(&self, x: f64, y: f64) -> Pos2 {
        let s = f64::from(self.scale);
        self.rect.min + Vec2::new(((x + 0.5) / s) as f32, ((y + 0.5) / s) as f32)
    }

    /// mm of a point behind (or, negative, before) the plane.
    pub(super) fn depth(&self, p: Lps) -> f64 {
        self.plane.pixel(p).1
    }

    /// The point of the plane under a place of the screen.
    pub(super) fn lps(&self, at: Pos2) -> Lps {
        let v = at - self.rect.min;
        let s = f64::from(self.scale);
        self.plane.point(f64::from(v.x) * s - 0.5, f64::from(v.y) * s - 0.5)
    }

    /// Where a picture painted on another plane of the same directions lies now.
    pub(super) fn place_of(&self, painted: &Plane) -> Rect {
        let far = |n: usize| n as f64 - 0.5;
        let lo = self.plane.pixel(painted.point(-0.5, -0.5)).0;
        let hi = self.plane.pixel(painted.point(far(painted.size[0]), far(painted.size[1]))).0;
        let at = |p: [f64; 2]| self.pixel(p[0], p[1]);
        Rect::from_min_max(at(lo), at(hi))
    }
}

/// The four panes of a raster with a gap between them.
pub(super) fn quarters(rect: Rect) -> [Rect; 4] {
    let g = look::GAP / 2.0;
    let c = Pos2::new(rect.center().x.round(), rect.center().y.round());
    let at = |x0, y0, x1, y1| Rect::from_min_max(Pos2::new(x0, y0), Pos2::new(x1, y1));
    [
        at(rect.left(), rect.top(), c.x - g, c.y - g),
        at(c.x + g, rect.top(), rect.right(), c.y - g),
        at(rect.left(), c.y + g, c.x - g, rect.bottom()),
        at(c.x + g, c.y + g, rect.right(), rect.bottom()),
    ]
}
