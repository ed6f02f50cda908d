//! Text on a picture, with a halo instead of a box.

use super::canvas::Canvas;
use super::fonts;
use super::theme::{Colour, HALO, HALO_WIDTH};
use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

/// Where a text hangs on its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The point is the text's left end.
    Left,
    /// The point is the text's middle.
    Middle,
    /// The point is the text's right end.
    Right,
}

/// The weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Regular.
    Regular,
    /// Semi-bold.
    Strong,
}

/// A Latin face and a Japanese one behind it.
struct Faces([FontRef<'static>; 2]);

fn faces(weight: Weight) -> Option<&'static Faces> {
    use std::sync::LazyLock;
    fn load(latin: &'static [u8], japanese: &'static [u8]) -> Option<Faces> {
        Some(Faces([FontRef::try_from_slice(latin).ok()?, FontRef::try_from_slice(japanese).ok()?]))
    }
    static REGULAR: LazyLock<Option<Faces>> = LazyLock::new(|| load(fonts::LATIN, fonts::JAPANESE));
    static STRONG: LazyLock<Option<Faces>> = LazyLock::new(|| load(fonts::LATIN_SEMIBOLD, fonts::JAPANESE_BOLD));
    match weight {
        Weight::Regular => REGULAR.as_ref(),
        Weight::Strong => STRONG.as_ref(),
    }
}

/// Glyphs laid out from x = 0 on the baseline y = 0, and the whole width, pixels.
fn layout(text: &str, size: f64, weight: Weight) -> (Vec<(usize, Glyph)>, f32) {
    let Some(faces) = faces(weight) else { return (Vec::new(), 0.0) };
    let mut x = 0.0;
    let mut glyphs = Vec::new();
    for c in text.chars() {
        let face = usize::from(faces.0[0].glyph_id(c).0 == 0);
        let font = &faces.0[face];
        // Points per em: the scale that ab_glyph wants is the height from ascent to descent.
        let scale = font.pt_to_px_scale((size * 0.75) as f32).unwrap_or(PxScale::from(size as f32));
        let id = font.glyph_id(c);
        glyphs.push((face, id.with_scale_and_position(scale, point(x, 0.0))));
        x += font.as_scaled(scale).h_advance(id);
    }
    (glyphs, x)
}

/// Width of a text in pixels; `size` is its em, pixels.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    f64::from(layout(text, size, weight).1)
}

/// Writes a text: `at` is on its baseline. `size` is its em, pixels.
pub fn write(canvas: &mut Canvas, at: [f64; 2], anchor: Anchor, text: &str, size: f64, weight: Weight, colour: Colour) {
    let Some(faces) = faces(weight) else { return };
    let (glyphs, width) = layout(text, size, weight);
    let left = match anchor {
        Anchor::Left => at[0],
        Anchor::Middle => at[0] - f64::from(width) / 2.0,
        Anchor::Right => at[0] - f64::from(width),
    };
    let mut ink = canvas.layer([left - 4.0, at[1] - size * 1.3], [left + f64::from(width) + 4.0, at[1] + size * 0.6]);
    for (face, mut glyph) in glyphs {
        glyph.position.x += left as f32;
        glyph.position.y += at[1] as f32;
        if let Some(outline) = faces.0[face].outline_glyph(glyph) {
            let b = outline.px_bounds();
            outline.draw(|x, y, c| ink.cover(b.min.x as i64 + i64::from(x), b.min.y as i64 + i64::from(y), c));
        }
    }
    canvas.blend(&ink.grown(HALO_WIDTH), HALO);
    canvas.blend(&ink, colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_one_width_so_that_numbers_do_not_dance() {
        for weight in [Weight::Regular, Weight::Strong] {
            let one = width("1", 13.0, weight);
            assert!("0123456789".chars().all(|c| (width(&c.to_string(), 13.0, weight) - one).abs() < 1e-4));
        }
    }

    #[test]
    fn a_japanese_text_has_glyphs_not_boxes() {
        let faces = faces(Weight::Regular).expect("compiled in");
        for c in "病変 長径 刺入点 −20 ℃ ≥ ± °".chars().filter(|c| *c != ' ') {
            assert!(faces.0.iter().any(|f| f.glyph_id(c).0 != 0), "no glyph for {c}");
        }
    }
}
