//! Every colour and width of the picture and of the window, in one place.
//!
//! Measures are points at scale 1. The colours of isotherms, lesion and a broken rule are chosen together: they stay
//! apart for normal sight and for the three dichromacies, and each is doubled by a line style, a number or a word.

use crate::terms::Structure;

/// A colour, sRGB with straight alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8, pub u8);

impl Colour {
    /// An opaque colour.
    pub const fn rgb(r: u8, g: u8, b: u8) -> Colour {
        Colour(r, g, b, 255)
    }

    /// The same with another opacity, 0..=255.
    pub const fn with_alpha(self, alpha: u8) -> Colour {
        Colour(self.0, self.1, self.2, alpha)
    }
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Unbroken.
    Solid,
    /// 7 on, 4 off.
    Dashed,
    /// Dots: 0.6 on, 4.2 off.
    Dotted,
}

impl Dash {
    /// Lengths of what is drawn and what is left out; `None` for an unbroken line.
    pub fn pattern(self) -> Option<(f64, f64)> {
        match self {
            Dash::Solid => None,
            Dash::Dashed => Some((7.0, 4.0)),
            Dash::Dotted => Some((0.6, 4.2)),
        }
    }
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Its colour.
    pub colour: Colour,
    /// Its width, points.
    pub width: f64,
    /// How it is broken.
    pub dash: Dash,
}

/// Behind the views.
pub const GROUND: Colour = Colour::rgb(0x0b, 0x0d, 0x10);
/// Panels, bar and footer.
pub const PANEL: Colour = Colour::rgb(0x14, 0x18, 0x1d);
/// Raised: buttons, the chosen row.
pub const RAISED: Colour = Colour::rgb(0x1b, 0x20, 0x27);
/// Raised, under the pointer.
pub const HOVERED: Colour = Colour::rgb(0x25, 0x2c, 0x35);
/// Lines between things.
pub const LINE: Colour = Colour::rgb(0x2a, 0x31, 0x3a);
/// Text.
pub const TEXT: Colour = Colour::rgb(0xdf, 0xe5, 0xea);
/// Soft text: 7.5 : 1 on the panel.
pub const SOFT: Colour = Colour::rgb(0x9a, 0xa7, 0xb2);
/// The accent: links, focus.
pub const ACCENT: Colour = Colour::rgb(0x5b, 0x9d, 0xff);
/// The one button that leads on.
pub const BUTTON: Colour = Colour::rgb(0x2f, 0x6f, 0xd0);
/// The step that is shown.
pub const STEP: Colour = Colour::rgb(0x22, 0x3d, 0x5c);
/// A broken rule, as a mark.
pub const BROKEN: Colour = Colour::rgb(0xd5, 0x5e, 0x00);
/// A broken rule, as text.
pub const BROKEN_TEXT: Colour = Colour::rgb(0xff, 0x9a, 0x5c);
/// A warning, or what is unknown.
pub const WARNING: Colour = Colour::rgb(0xe0, 0xb0, 0x50);
/// Ground of the warning strip above the views.
pub const WARNING_GROUND: Colour = Colour::rgb(0x3a, 0x2c, 0x0c);
/// In order.
pub const GOOD: Colour = Colour::rgb(0x7f, 0xb5, 0x8a);

/// The lesion on the image.
pub const LESION: Colour = Colour::rgb(230, 159, 0);
/// Needle, callipers and text on the image.
pub const WHITE: Colour = Colour::rgb(255, 255, 255);
/// The halo round everything drawn on the image.
pub const HALO: Colour = Colour(0, 0, 0, 190);
/// The crosshair: 45 % of the accent's hue.
pub const CROSSHAIR: Colour = Colour(0x8a, 0xb4, 0xf8, 115);

/// Width of the halo beyond a line or glyph, points.
pub const HALO_WIDTH: f64 = 1.5;
/// The lesion's outline.
pub const LESION_LINE: Line = Line { colour: LESION, width: 1.6, dash: Dash::Solid };
/// The long axis.
pub const LONG_AXIS: Line = Line { colour: WHITE, width: 1.5, dash: Dash::Solid };
/// The short axis.
pub const SHORT_AXIS: Line = Line { colour: WHITE, width: 1.5, dash: Dash::Dashed };
/// The needle's shaft.
pub const NEEDLE: Line = Line { colour: WHITE, width: 1.8, dash: Dash::Solid };
/// The part of the shaft that freezes.
pub const ACTIVE: Line = Line { colour: WHITE, width: 3.4, dash: Dash::Solid };
/// A needle that breaks a rule.
pub const NEEDLE_BROKEN: Line = Line { colour: BROKEN, width: 2.4, dash: Dash::Solid };
/// Crosshair.
pub const CROSSHAIR_LINE: Line = Line { colour: CROSSHAIR, width: 1.0, dash: Dash::Solid };
/// Gap of the crosshair round its centre, points.
pub const CROSSHAIR_GAP: f64 = 14.0;

/// The line of an isotherm, by its temperature: 0 dashed, −20 solid, −40 and below dotted.
pub fn isotherm(celsius: i32) -> Line {
    match celsius {
        -10..=i32::MAX => Line { colour: Colour::rgb(0, 226, 255), width: 1.6, dash: Dash::Dashed },
        -30..=-11 => Line { colour: Colour::rgb(240, 228, 66), width: 1.6, dash: Dash::Solid },
        _ => Line { colour: Colour::rgb(120, 60, 200), width: 1.8, dash: Dash::Dotted },
    }
}

/// The line of a structure's outline: the usual colours of the field (3D Slicer's GenericAnatomyColors).
pub fn structure(structure: Structure) -> Line {
    let colour = match structure {
        Structure::Body => Colour::rgb(177, 122, 101),
        Structure::Table => Colour::rgb(120, 128, 136),
        Structure::LeftLung | Structure::RightLung => Colour::rgb(197, 165, 145),
        Structure::Airways => Colour::rgb(182, 228, 255),
        Structure::LungVessels => Colour::rgb(0, 151, 206),
        Structure::Bone => Colour::rgb(241, 214, 145),
        Structure::Mediastinum => Colour::rgb(206, 110, 84),
        Structure::BelowDiaphragm => Colour::rgb(221, 130, 101),
        Structure::SpinalCanal => Colour::rgb(244, 214, 49),
        Structure::ContrastVessels => Colour::rgb(224, 97, 76),
    };
    Line { colour, width: 1.2, dash: Dash::Solid }
}

/// The colour that goes with a plane: axial red, coronal green, sagittal yellow, as in 3D Slicer and OHIF.
pub fn plane(view: super::View) -> Colour {
    match view {
        super::View::Axial => Colour::rgb(0xe0, 0x6c, 0x60),
        super::View::Coronal => Colour::rgb(0x7f, 0xb5, 0x8a),
        super::View::Sagittal => Colour::rgb(0xe0, 0xc8, 0x50),
        super::View::Oblique => SOFT,
    }
}
