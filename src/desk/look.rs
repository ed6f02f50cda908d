//! How the window looks: fonts, colours and measures of `draw::theme`, given to egui.

use crate::draw::theme::{self, Colour};
use crate::draw::{JAPANESE, JAPANESE_BOLD, LATIN, LATIN_SEMIBOLD};
use eframe::egui::{
    self, Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Stroke, TextStyle, Vec2,
};
use std::sync::Arc;

/// Height of the bar, points.
pub(super) const BAR: f32 = 44.0;
/// Height of the footer.
pub(super) const FOOTER: f32 = 28.0;
/// Width of the side panel.
pub(super) const PANEL: f32 = 320.0;
/// Space inside the panel.
pub(super) const INSIDE: f32 = 16.0;
/// Between panes.
pub(super) const GAP: f32 = 2.0;
/// Height of a button.
pub(super) const BUTTON: f32 = 30.0;
/// Height of a row of numbers.
pub(super) const ROW: f32 = 26.0;
/// Corners.
pub(super) const CORNER: u8 = 6;

/// A colour of the theme as egui has it.
pub(super) fn colour(c: Colour) -> Color32 {
    Color32::from_rgba_unmultiplied(c.0, c.1, c.2, c.3)
}

/// The text sizes.
pub(super) fn body() -> FontId {
    FontId::new(13.0, FontFamily::Proportional)
}

/// Numbers and what is chosen.
pub(super) fn strong(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("strong".into()))
}

/// Small text.
pub(super) fn small() -> FontId {
    FontId::new(12.0, FontFamily::Proportional)
}

/// Faces, colours and measures. Called once, before the first frame.
pub(super) fn apply(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    ctx.set_theme(egui::ThemePreference::Dark);
    ctx.options_mut(|o| o.zoom_with_keyboard = false);
    ctx.all_styles_mut(|style| {
        for (name, font) in [
            (TextStyle::Body, body()),
            (TextStyle::Button, body()),
            (TextStyle::Small, small()),
            (TextStyle::Heading, strong(15.0)),
            (TextStyle::Monospace, body()),
        ] {
            style.text_styles.insert(name, font);
        }
        style.spacing.item_spacing = Vec2::new(8.0, 4.0);
        style.spacing.button_padding = Vec2::new(12.0, 4.0);
        style.spacing.interact_size = Vec2::new(24.0, BUTTON);
        style.spacing.window_margin = Margin::same(16);
        style.spacing.menu_margin = Margin::same(8);
        style.animation_time = 0.0;
        // A label that can be selected takes the click away from the row that it stands in.
        style.interaction.selectable_labels = false;
        let v = &mut style.visuals;
        v.dark_mode = true;
        v.override_text_color = Some(colour(theme::TEXT));
        v.hyperlink_color = colour(theme::ACCENT);
        v.panel_fill = colour(theme::PANEL);
        v.window_fill = colour(theme::RAISED);
        v.window_stroke = Stroke::new(1.0, colour(theme::LINE));
        v.window_shadow = egui::Shadow::NONE;
        v.popup_shadow = egui::Shadow::NONE;
        v.extreme_bg_color = colour(theme::GROUND);
        v.faint_bg_color = colour(theme::RAISED);
        v.selection.bg_fill = colour(theme::STEP);
        v.selection.stroke = Stroke::new(1.0, colour(theme::ACCENT));
        let corner = CornerRadius::same(CORNER);
        for (w, fill, line) in [
            (&mut v.widgets.noninteractive, theme::PANEL, theme::LINE),
            (&mut v.widgets.inactive, theme::RAISED, theme::LINE),
            (&mut v.widgets.hovered, theme::HOVERED, theme::SOFT),
            (&mut v.widgets.active, theme::HOVERED, theme::ACCENT),
            (&mut v.widgets.open, theme::RAISED, theme::ACCENT),
        ] {
            w.bg_fill = colour(fill);
            w.weak_bg_fill = colour(fill);
            w.bg_stroke = Stroke::new(1.0, colour(line));
            w.fg_stroke = Stroke::new(1.0, colour(theme::TEXT));
            w.corner_radius = corner;
            w.expansion = 0.0;
        }
        v.window_corner_radius = corner;
        v.menu_corner_radius = corner;
    });
}

/// Latin first, Japanese behind it, egui's own for what is left.
pub(super) fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let rest: Vec<String> = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (name, bytes) in
        [("latin", LATIN), ("latin-strong", LATIN_SEMIBOLD), ("japanese", JAPANESE), ("japanese-strong", JAPANESE_BOLD)]
    {
        fonts.font_data.insert(name.into(), Arc::new(FontData::from_static(bytes)));
    }
    let family = |own: [&str; 2]| own.into_iter().map(String::from).chain(rest.iter().cloned()).collect();
    fonts.families.insert(FontFamily::Proportional, family(["latin", "japanese"]));
    fonts.families.insert(FontFamily::Monospace, family(["latin", "japanese"]));
    fonts.families.insert(FontFamily::Name("strong".into()), family(["latin-strong", "japanese-strong"]));
    fonts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::widgets::Mark;
    use eframe::egui;

    /// No text of the program, in either language, shows a box in the place of a sign.
    #[test]
    fn every_sign_of_every_text_has_a_face() {
        let ctx = egui::Context::default();
        apply(&ctx);
        for _ in 0..2 {
            ctx.run_ui(egui::RawInput::default(), |_| {}).textures_delta.clear();
        }
        let texts = [include_str!("../../assets/words/en.ftl"), include_str!("../../assets/words/ja.ftl")];
        let said: Vec<char> = texts.iter().flat_map(|t| t.chars()).filter(|c| !c.is_control()).collect();
        let signs = [Mark::Good, Mark::Warning, Mark::Broken, Mark::Unknown].map(Mark::sign).concat();
        let drawn = "±≤≥−×·°…→–".chars().chain(signs.chars());
        ctx.fonts_mut(|fonts| {
            for c in said.into_iter().chain(drawn) {
                for font in [body(), strong(13.0)] {
                    assert!(fonts.has_glyph(&font, c), "no face of {:?} has '{c}'", font.family);
                }
            }
        });
    }
}
