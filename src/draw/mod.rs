//! Pixels from volumes: slices, outlines, marks, key images. On the CPU, the same everywhere, testable by picture.
//!
//! In: HU, a [`Plane`], a [`Window`], masks, fields, points in mm. Out: RGBA pixels, and outlines as polylines in pixels
//! of the plane. `theme` holds every colour and width, also the window's. Knows no screen and no words: texts come in.

mod canvas;
mod fonts;
mod key;
mod outline;
mod plane;
mod slice;
mod text;
pub mod theme;

pub use canvas::{Canvas, dashes};
pub use fonts::{JAPANESE, JAPANESE_BOLD, LATIN, LATIN_SEMIBOLD};
pub use key::{
    Isotherm, LesionPicture, NeedlePicture, Note, Standing, key_image_lesion, key_image_needle, scale_bar_mm, thumbnail,
};
pub use outline::{Shape, field_at, mask_lines};
pub use plane::{Plane, View, along, fit, letters};
pub use slice::{Window, paint};
pub use text::{Anchor, Weight, width, write};

/// The window presets on the digit keys 1 to 8: word key, width, level (HU). Values are those of common viewers.
pub const PRESETS: [(&str, Window); 8] = [
    ("preset-lung", Window::new(1500.0, -600.0)),
    ("preset-mediastinum", Window::new(400.0, 40.0)),
    ("preset-bone", Window::new(2000.0, 350.0)),
    ("preset-soft", Window::new(350.0, 50.0)),
    ("preset-air", Window::new(1000.0, -426.0)),
    ("preset-vessels", Window::new(600.0, 100.0)),
    ("preset-narrow", Window::new(150.0, 90.0)),
    ("preset-brain", Window::new(80.0, 40.0)),
];
