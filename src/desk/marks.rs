//! What is drawn over the slices by the window's own lines: needle, callipers, crosshair, letters, corner texts.

use super::look::{self, colour, strong};
use super::pane::{HUB_MM, Laid};
use super::sight::NeedleSight;
use crate::draw::theme::{self, Dash, Line};
use crate::draw::{dashes, scale_bar_mm};
use crate::lesion::Axis;
use crate::space::Lps;
use eframe::egui::{self, Align2, Color32, FontId, Painter, Pos2, Shape, Stroke, Vec2};

/// Text with a halo instead of a box.
pub(super) fn text(p: &Painter, at: Pos2, anchor: Align2, text: &str, font: FontId, tint: Color32) -> egui::Rect {
    let galley = p.layout_no_wrap(text.to_string(), font, tint);
    let rect = anchor.anchor_size(at, galley.size());
    let halo = Color32::from_black_alpha(165);
    for (dx, dy) in
        [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (0.0, 1.4), (0.0, -1.4), (1.4, 0.0), (-1.4, 0.0)]
    {
        p.galley_with_override_text_color(rect.min + Vec2::new(dx, dy), galley.clone(), halo);
    }
    p.galley(rect.min, galley, tint);
    rect
}

/// A line with its halo.
pub(super) fn line(p: &Painter, points: &[Pos2], line: Line) {
    let halo = Stroke::new(line.width as f32 + 1.6, Color32::from_black_alpha(150));
    let ink = Stroke::new(line.width as f32, colour(line.colour));
    if line.dash == Dash::Solid {
        p.add(Shape::line(points.to_vec(), halo));
        p.add(Shape::line(points.to_vec(), ink));
        return;
    }
    let raw: Vec<[f64; 2]> = points.iter().map(|q| [f64::from(q.x), f64::from(q.y)]).collect();
    let pieces = dashes(&raw, line.dash, line.width / 1.6);
    let pos = |q: [f64; 2]| Pos2::new(q[0] as f32, q[1] as f32);
    if line.dash == Dash::Dotted {
        for (a, b) in &pieces {
            let c = pos(*a) + (pos(*b) - pos(*a)) * 0.5;
            p.circle_filled(c, line.width as f32 / 2.0 + 1.0, Color32::from_black_alpha(150));
            p.circle_filled(c, line.width as f32 / 2.0 + 0.2, colour(line.colour));
        }
        return;
    }
    for stroke in [halo, ink] {
        p.extend(pieces.iter().map(|(a, b)| Shape::line_segment([pos(*a), pos(*b)], stroke)));
    }
}

/// The crosshair, with a gap round its centre.
pub(super) fn crosshair(p: &Painter, laid: &Laid, cross: Lps) {
    let c = laid.screen(cross);
    let r = laid.rect;
    let gap = theme::CROSSHAIR_GAP as f32;
    let stroke = Stroke::new(theme::CROSSHAIR_LINE.width as f32, colour(theme::CROSSHAIR));
    let whole = |v: f32| (v * laid.scale).floor() / laid.scale + 0.5 / laid.scale;
    let (x, y) = (whole(c.x), whole(c.y));
    for (a, b) in [
        (Pos2::new(r.left(), y), Pos2::new(c.x - gap, y)),
        (Pos2::new(c.x + gap, y), Pos2::new(r.right(), y)),
        (Pos2::new(x, r.top()), Pos2::new(x, c.y - gap)),
        (Pos2::new(x, c.y + gap), Pos2::new(x, r.bottom())),
    ] {
        p.line_segment([a, b], stroke);
    }
}

/// Letters on the four edges.
pub(super) fn letters(p: &Painter, laid: &Laid) {
    let [left, right, up, down] = laid.plane.letters();
    let r = laid.rect;
    let white = colour(theme::WHITE);
    let font = || strong(13.0);
    text(p, Pos2::new(r.left() + 12.0, r.center().y), Align2::LEFT_CENTER, &left, font(), white);
    text(p, Pos2::new(r.right() - 12.0, r.center().y), Align2::RIGHT_CENTER, &right, font(), white);
    text(p, Pos2::new(r.center().x, r.top() + 7.0), Align2::CENTER_TOP, &up, font(), white);
    text(p, Pos2::new(r.center().x, r.bottom() - 7.0), Align2::CENTER_BOTTOM, &down, font(), white);
}

/// The scale bar at the lower right.
pub(super) fn scale_bar(p: &Painter, laid: &Laid) {
    let r = laid.rect;
    let per_point = laid.plane.mm * f64::from(laid.scale);
    let mm = scale_bar_mm(f64::from(r.width()) * per_point);
    let (x1, y) = (r.right() - 14.0, r.bottom() - 14.0);
    let x0 = x1 - (mm / per_point) as f32;
    let bar = Line { colour: theme::WHITE, width: 1.2, dash: Dash::Solid };
    line(p, &[Pos2::new(x0, y), Pos2::new(x1, y)], bar);
    line(p, &[Pos2::new(x0, y - 4.0), Pos2::new(x0, y + 4.0)], bar);
    line(p, &[Pos2::new(x1, y - 4.0), Pos2::new(x1, y + 4.0)], bar);
    let at = Pos2::new((x0 + x1) / 2.0, y - 4.0);
    text(p, at, Align2::CENTER_BOTTOM, &format!("{mm:.0} mm"), look::small(), colour(theme::WHITE));
}

/// At which end of a calliper its label stands: two on one lesion have theirs at different ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LabelAt {
    /// The upper end.
    Upper,
    /// The lower end.
    Lower,
}

/// A calliper on the plane that it was drawn on; `taken` is where labels stand already.
pub(super) fn calliper(
    p: &Painter,
    laid: &Laid,
    axis: &Axis,
    style: Line,
    (label, at): (&str, LabelAt),
    taken: &mut Vec<egui::Rect>,
) {
    let [a, b] = axis.ends.map(|q| laid.screen(q));
    line(p, &[a, b], style);
    for end in [a, b] {
        p.circle_filled(end, 4.0, Color32::from_black_alpha(190));
        p.circle_filled(end, 3.0, colour(theme::WHITE));
    }
    if label.is_empty() {
        return;
    }
    let upper = at == LabelAt::Upper;
    let (end, other) = if (a.y <= b.y) == upper { (a, b) } else { (b, a) };
    let away = (end - other).normalized() * 9.0;
    let (anchor, down) = match (end.x >= other.x, upper) {
        (true, true) => (Align2::LEFT_BOTTOM, 5.0),
        (false, true) => (Align2::RIGHT_BOTTOM, 5.0),
        (true, false) => (Align2::LEFT_TOP, -5.0),
        (false, false) => (Align2::RIGHT_TOP, -5.0),
    };
    taken.push(text(p, end + away + Vec2::new(0.0, down), anchor, label, strong(13.0), colour(theme::WHITE)));
}

/// How strongly what lies so far off the plane is drawn: fully within 4 mm, then paler, beyond 25 mm hardly (choices).
fn presence(depth_mm: f64) -> f32 {
    const ON_MM: f64 = 4.0;
    const FAR_MM: f64 = 25.0;
    let d = depth_mm.abs();
    if d <= ON_MM { 1.0 } else { (0.6 - 0.5 * (d - ON_MM) / (FAR_MM - ON_MM)).max(0.1) as f32 }
}

/// A needle, projected onto the plane; the paler the farther it lies off it. `taken` is where labels stand already.
pub(super) fn needle(
    p: &Painter,
    laid: &Laid,
    n: &NeedleSight,
    number: usize,
    chosen: bool,
    broken_text: &dyn Fn(&crate::needle::Violation) -> String,
    taken: &mut Vec<egui::Rect>,
) {
    let shaft = &n.needle;
    let violations = n.verdict.as_ref().map(|v| v.violations.as_slice()).unwrap_or_default();
    let style = if violations.is_empty() { theme::NEEDLE } else { theme::NEEDLE_BROKEN };
    let d = shaft.direction();
    let hub = shaft.entry - d * HUB_MM;
    let length = shaft.depth_mm();
    let pieces = 32usize;
    let active = shaft.tip - d * n.active_mm.min(length);
    let lines = [
        (hub, shaft.entry, 1.0),
        (shaft.entry, shaft.tip, style.width as f32),
        (active, shaft.tip, theme::ACTIVE.width as f32),
    ];
    // Halos first, so that no piece's halo darkens the piece before it.
    for halo in [true, false] {
        for (from, to, width) in lines {
            for k in 0..pieces {
                let t = |k: usize| k as f64 / pieces as f64;
                let (a, b) = (from.lerp(to, t(k)), from.lerp(to, t(k + 1)));
                let here = presence(laid.depth(a.lerp(b, 0.5)));
                let ink = colour(style.colour).gamma_multiply(here);
                let stroke = match halo {
                    true => Stroke::new(width + 1.8, Color32::from_black_alpha((170.0 * here * here) as u8)),
                    false => Stroke::new(width, ink),
                };
                p.line_segment([laid.screen(a), laid.screen(b)], stroke);
            }
        }
    }
    let here = [hub, shaft.entry, shaft.tip].map(|q| presence(laid.depth(q)));
    let tint = here.map(|h| colour(style.colour).gamma_multiply(h));
    let dark = |n: usize| Color32::from_black_alpha((185.0 * here[n] * here[n]) as u8);
    let [hub, entry, tip] = [hub, shaft.entry, shaft.tip].map(|q| laid.screen(q));
    p.circle_stroke(entry, 5.0, Stroke::new(4.0, dark(1)));
    p.circle_stroke(entry, 5.0, Stroke::new(1.8, tint[1]));
    p.circle_filled(tip, 4.6, dark(2));
    p.circle_filled(tip, 3.4, tint[2]);
    p.circle_filled(hub, 10.0, Color32::from_rgb(10, 12, 15).gamma_multiply(here[0]));
    p.circle_stroke(hub, 9.0, Stroke::new(if chosen { 2.0 } else { 1.2 }, tint[0]));
    p.text(hub, Align2::CENTER_CENTER, number, strong(12.0), colour(theme::WHITE).gamma_multiply(here[0].max(0.35)));
    // What is broken is told where the plane comes near it; the panel tells it everywhere.
    for v in violations.iter().take(1).filter(|v| presence(laid.depth(v.at)) > 0.35) {
        let c = laid.screen(v.at);
        let cross = Line { width: 2.6, ..theme::NEEDLE_BROKEN };
        line(p, &[c - Vec2::splat(6.0), c + Vec2::splat(6.0)], cross);
        line(p, &[c + Vec2::new(-6.0, 6.0), c + Vec2::new(6.0, -6.0)], cross);
        let words = broken_text(v);
        let size = p.layout_no_wrap(words.clone(), strong(13.0), colour(theme::BROKEN_TEXT)).size();
        // Above the shaft, which may run level, or below it; where there is room, and no other label.
        let sides = [
            (Vec2::new(10.0, -8.0), Align2::LEFT_BOTTOM),
            (Vec2::new(-10.0, -8.0), Align2::RIGHT_BOTTOM),
            (Vec2::new(10.0, 8.0), Align2::LEFT_TOP),
            (Vec2::new(-10.0, 8.0), Align2::RIGHT_TOP),
        ];
        let free = |side: &&(Vec2, Align2)| {
            let rect = side.1.anchor_size(c + side.0, size);
            laid.rect.contains_rect(rect) && taken.iter().all(|t| !t.intersects(rect))
        };
        let (off, anchor) = *sides.iter().find(free).unwrap_or(&sides[0]);
        taken.push(text(p, c + off, anchor, &words, strong(13.0), colour(theme::BROKEN_TEXT)));
    }
}
