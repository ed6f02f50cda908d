//! One needle: catalogue, geometry, rules, and the verdict on it (measured, allowed, where).
//!
//! In: the CT and its anatomy, made ready once per lesion and site as [`Surroundings`]; a [`Needle`] and its [`Model`]. Out:
//! a [`Verdict`], fast enough for every frame of a drag, and what is needed at the table ([`at_table`]). Knows nothing of
//! ice but the sizes that the catalogue lists.
//!
//! `catalogue` and `rules` read the tables (through `asset`); `surroundings` holds masks and `reach` maps of lower bounds;
//! `near` is exact; `shaft` walks along a line with both; `judge` asks rule by rule. `scout` tries lines by the hundred
//! thousand, nearly exactly, for a search that holds what it accepts before `judge`.

mod asset;
mod catalogue;
mod judge;
mod model;
mod far;
mod near;
mod reach;
mod rules;
mod scout;
mod shaft;
mod surroundings;
mod table_side;

pub use asset::AssetError;
pub use catalogue::{Catalogue, Isotherm, Model};
pub use model::{Clearance, Needle, Status, Verdict, Violation};
pub use rules::{Kind, Rule, Rules};
pub use scout::{Scout, Scouted};
pub use surroundings::{Surroundings, SurroundingsError, down};
pub use table_side::{TableSide, at_table};
