//! How far the ice reaches, and how much of the lesion it covers.
//!
//! In: needles with their models. Out: [`Frozen`], the isothermal surfaces of all of them united; of a lesion's points
//! ([`TargetPoints`]) the [`Coverage`]. In this version every isotherm is an ellipsoid on the shaft with the catalogue's
//! sizes: what a maker prints, not what a tissue does. Knows no needle rules.

mod coverage;
mod ellipsoid;
mod frozen;

pub use coverage::{Coverage, Covered, TargetPoints, coverage};
pub use ellipsoid::Ellipsoid;
pub use frozen::{Frozen, IceError, Surface};
