//! Key images: the pictures that go with a plan. A caption above, the slice, its marks, letters and a scale bar.

use super::canvas::Canvas;
use super::outline::{Shape, field_at};
use super::plane::{Plane, View, along, fit};
use super::slice::{Window, paint};
use super::text::{Anchor, Weight, width, write};
use super::theme::{self, Colour};
use crate::lesion::Measurement;
use crate::needle::Needle;
use crate::space::{Lps, Mask, Volume};
use image::{Rgba, RgbaImage};

/// Side of the picture proper, pixels.
const SIDE: usize = 900;
/// Height of the caption, pixels.
const CAPTION: u32 = 92;
/// How far outside of the skin the hub is drawn, mm.
const HUB_MM: f64 = 20.0;
/// Em of the text on the image, pixels.
const EM: f64 = 19.0;

/// A surface of one temperature: a field in mm (or any unit) that is below `level` inside.
pub struct Isotherm<'a> {
    /// °C.
    pub celsius: i32,
    /// The value on the surface.
    pub level: f64,
    /// The field.
    pub field: &'a (dyn Fn(Lps) -> f64 + Sync),
}

/// How a needle stands with the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Breaks none.
    Free,
    /// Breaks one: drawn in vermilion.
    Broken,
}

/// A mark with words at a place: a broken rule with a cross, or a clearance with a dot.
pub struct Note {
    /// Where.
    pub at: Lps,
    /// What it says.
    pub text: String,
    /// Whether a rule is broken there.
    pub broken: bool,
}

/// What the picture of a lesion shows.
pub struct LesionPicture<'a> {
    /// HU.
    pub hu: &'a Volume<i16>,
    /// The lesion, on the grid of `hu`.
    pub mask: &'a Mask,
    /// Its measurement.
    pub measurement: &'a Measurement,
    /// First line of the caption.
    pub title: &'a str,
    /// Second line of the caption.
    pub subtitle: &'a str,
    /// Beside the long axis: its value.
    pub long_label: &'a str,
    /// Beside the short axis: its value.
    pub short_label: &'a str,
    /// The window; text of it in the lower left corner.
    pub window: (Window, &'a str),
}

/// What the picture of a needle shows.
pub struct NeedlePicture<'a> {
    /// HU.
    pub hu: &'a Volume<i16>,
    /// The lesions, on the grid of `hu`.
    pub lesions: &'a [&'a Mask],
    /// The needle.
    pub needle: &'a Needle,
    /// Its number.
    pub number: usize,
    /// Length of the part that freezes, from the tip, mm.
    pub active_mm: f64,
    /// How it stands with the rules.
    pub standing: Standing,
    /// Isotherms of all needles together.
    pub isotherms: &'a [Isotherm<'a>],
    /// Marks with words.
    pub notes: &'a [Note],
    /// First line of the caption.
    pub title: &'a str,
    /// Second line of the caption.
    pub subtitle: &'a str,
    /// The window; text of it in the lower left corner.
    pub window: (Window, &'a str),
}

/// A round length that fills about a quarter of `mm_across`: 10, 20, 50, 100, 200 mm.
pub fn scale_bar_mm(mm_across: f64) -> f64 {
    let most = mm_across * 0.35;
    [200.0, 100.0, 50.0, 20.0, 10.0, 5.0].into_iter().find(|l| *l <= most).unwrap_or(2.0)
}

/// The measuring slice with outline, callipers and their values.
pub fn key_image_lesion(p: &LesionPicture<'_>) -> RgbaImage {
    let m = p.measurement;
    let [a, b] = m.long.ends;
    let reach = (m.long.mm * 2.6).clamp(70.0, 300.0);
    let plane = Plane::around(a.lerp(b, 0.5), View::Axial.directions(), reach / SIDE as f64, [SIDE, SIDE]);
    let mut canvas = painted(p.hu, &plane, p.window.0);
    if let Some(shape) = Shape::of(p.mask) {
        outline(&mut canvas, &shape, &plane);
    }
    calliper(&mut canvas, &plane, m.short.ends, scaled(theme::SHORT_AXIS), p.short_label);
    calliper(&mut canvas, &plane, m.long.ends, scaled(theme::LONG_AXIS), p.long_label);
    frame(&mut canvas, &plane, p.window.1);
    captioned(canvas, p.title, p.subtitle)
}

/// The reslice along a needle with lesions, needle, isotherms and marks.
pub fn key_image_needle(p: &NeedlePicture<'_>) -> RgbaImage {
    let n = p.needle;
    let hub = n.entry - n.direction() * HUB_MM;
    let middle = n.tip.lerp(hub, 0.42);
    let reach = ((n.depth_mm() + HUB_MM) * 1.4).clamp(120.0, 420.0);
    let plane = Plane::around(middle, along(n.entry, n.tip), reach / SIDE as f64, [SIDE, SIDE]);
    let mut canvas = painted(p.hu, &plane, p.window.0);
    for mask in p.lesions {
        if let Some(shape) = Shape::of(mask) {
            outline(&mut canvas, &shape, &plane);
        }
    }
    for isotherm in p.isotherms {
        for line in field_at(&plane, 3, isotherm.level, isotherm.field) {
            canvas.polyline(&line, scaled(theme::isotherm(isotherm.celsius)));
        }
    }
    needle(&mut canvas, &plane, p);
    for note in p.notes {
        let (at, _) = plane.pixel(note.at);
        let colour = if note.broken { theme::BROKEN_TEXT } else { theme::WHITE };
        if note.broken {
            canvas.cross(at, 9.0, scaled(theme::NEEDLE_BROKEN));
        } else {
            canvas.dot(at, 3.0, theme::WHITE);
        }
        let right = at[0] + 18.0 + width(&note.text, EM, Weight::Strong) < SIDE as f64;
        let (x, anchor) = if right { (at[0] + 14.0, Anchor::Left) } else { (at[0] - 14.0, Anchor::Right) };
        write(&mut canvas, [x, at[1] - 10.0], anchor, &note.text, EM, Weight::Strong, colour);
    }
    legend(&mut canvas, p.isotherms);
    frame(&mut canvas, &plane, p.window.1);
    captioned(canvas, p.title, p.subtitle)
}

/// A small picture of a volume's axial slice through `at`, in the lung window.
pub fn thumbnail(hu: &Volume<i16>, at: Lps, size: [usize; 2]) -> RgbaImage {
    let (centre, mm) = fit(&hu.grid, View::Axial.directions(), size);
    let plane = Plane::around(Lps { z: at.z, ..centre }, View::Axial.directions(), mm, size);
    painted(hu, &plane, super::PRESETS[0].1).image
}

/// A line of the theme at the size of these pictures.
fn scaled(line: theme::Line) -> theme::Line {
    theme::Line { width: line.width * 1.4, ..line }
}

fn painted(hu: &Volume<i16>, plane: &Plane, window: Window) -> Canvas {
    let [w, h] = plane.size;
    let mut rgba = vec![0u8; w * h * 4];
    paint(hu, plane, window, &mut rgba);
    let image = RgbaImage::from_raw(w as u32, h as u32, rgba);
    Canvas::new(image.unwrap_or_else(|| RgbaImage::new(w as u32, h as u32)))
}

fn outline(canvas: &mut Canvas, shape: &Shape, plane: &Plane) {
    for line in shape.lines(plane) {
        canvas.polyline(&line, scaled(theme::LESION_LINE));
    }
}

fn calliper(canvas: &mut Canvas, plane: &Plane, ends: [Lps; 2], line: theme::Line, label: &str) {
    let [a, b] = ends.map(|p| plane.pixel(p).0);
    canvas.line(&[a, b], line);
    canvas.dot(a, 4.0, theme::WHITE);
    canvas.dot(b, 4.0, theme::WHITE);
    // The label stands outside of the lesion, beyond the upper end.
    let (end, other) = if a[1] <= b[1] { (a, b) } else { (b, a) };
    let (dx, dy) = (end[0] - other[0], end[1] - other[1]);
    let length = dx.hypot(dy).max(1.0);
    let at = [end[0] + dx / length * 16.0, end[1] + dy / length * 16.0];
    let anchor = if dx >= 0.0 { Anchor::Left } else { Anchor::Right };
    write(canvas, at, anchor, label, EM, Weight::Strong, theme::WHITE);
}

fn needle(canvas: &mut Canvas, plane: &Plane, p: &NeedlePicture<'_>) {
    let n = p.needle;
    let broken = p.standing == Standing::Broken;
    let shaft = scaled(if broken { theme::NEEDLE_BROKEN } else { theme::NEEDLE });
    let d = n.direction();
    let hub = n.entry - d * HUB_MM;
    let [hub, entry, tip, active] =
        [hub, n.entry, n.tip, n.tip - d * p.active_mm.min(n.depth_mm())].map(|q| plane.pixel(q).0);
    canvas.line(&[hub, entry], theme::Line { width: 1.4, ..shaft });
    canvas.line(&[entry, tip], shaft);
    canvas.line(&[active, tip], theme::Line { width: scaled(theme::ACTIVE).width, ..shaft });
    canvas.dot(tip, 4.5, shaft.colour);
    canvas.ring(entry, 7.0, shaft);
    canvas.dot(hub, 15.0, Colour::rgb(10, 12, 15));
    canvas.ring(hub, 15.0, shaft);
    let at = [hub[0], hub[1] + EM * 0.36];
    write(canvas, at, Anchor::Middle, &p.number.to_string(), EM, Weight::Strong, theme::WHITE);
}

fn legend(canvas: &mut Canvas, isotherms: &[Isotherm<'_>]) {
    for (n, isotherm) in isotherms.iter().enumerate() {
        let y = 40.0 + 28.0 * n as f64;
        canvas.line(&[[18.0, y], [62.0, y]], scaled(theme::isotherm(isotherm.celsius)));
        let text = format!("{} °C", isotherm.celsius).replace('-', "−");
        write(canvas, [72.0, y + 6.0], Anchor::Left, &text, EM, Weight::Regular, theme::WHITE);
    }
}

fn frame(canvas: &mut Canvas, plane: &Plane, window: &str) {
    let [w, h] = plane.size.map(|n| n as f64);
    let mid = EM * 0.36;
    let [left, right, up, down] = plane.letters();
    let strong = Weight::Strong;
    write(canvas, [12.0, h / 2.0 + mid], Anchor::Left, &left, EM, strong, theme::WHITE);
    write(canvas, [w - 12.0, h / 2.0 + mid], Anchor::Right, &right, EM, strong, theme::WHITE);
    write(canvas, [w / 2.0, EM + 6.0], Anchor::Middle, &up, EM, strong, theme::WHITE);
    write(canvas, [w / 2.0, h - 12.0], Anchor::Middle, &down, EM, strong, theme::WHITE);
    write(canvas, [14.0, h - 14.0], Anchor::Left, window, EM * 0.9, Weight::Regular, theme::WHITE);
    let mm = scale_bar_mm(w * plane.mm);
    let (x1, y) = (w - 18.0, h - 20.0);
    let x0 = x1 - mm / plane.mm;
    let line = theme::Line { colour: theme::WHITE, width: 2.0, dash: theme::Dash::Solid };
    canvas.line(&[[x0, y - 5.0], [x0, y + 5.0]], line);
    canvas.line(&[[x1, y - 5.0], [x1, y + 5.0]], line);
    canvas.line(&[[x0, y], [x1, y]], line);
    write(
        canvas,
        [(x0 + x1) / 2.0, y - 9.0],
        Anchor::Middle,
        &format!("{mm:.0} mm"),
        EM * 0.9,
        Weight::Regular,
        theme::WHITE,
    );
}

fn captioned(picture: Canvas, title: &str, subtitle: &str) -> RgbaImage {
    let (w, h) = picture.image.dimensions();
    let Colour(r, g, b, _) = theme::PANEL;
    let mut whole = RgbaImage::from_pixel(w, h + CAPTION, Rgba([r, g, b, 255]));
    image::imageops::replace(&mut whole, &picture.image, 0, i64::from(CAPTION));
    let mut canvas = Canvas::new(whole);
    let room = f64::from(w) - 36.0;
    let fitted = |text: &str, em: f64, weight| em * (room / width(text, em, weight).max(1.0)).min(1.0);
    let em = fitted(title, 24.0, Weight::Strong);
    write(&mut canvas, [18.0, 38.0], Anchor::Left, title, em, Weight::Strong, theme::TEXT);
    let em = fitted(subtitle, 19.0, Weight::Regular);
    write(&mut canvas, [18.0, 70.0], Anchor::Left, subtitle, em, Weight::Regular, theme::SOFT);
    canvas.image
}
