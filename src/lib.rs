//! IcePath: a planning desk for CT-guided chest cryoablation. Research use, not for clinical decisions.
//!
//! The rooms, from the ground up; imports go down only (`ARCHITECTURE.md`, kept by `tests/architecture.rs`).

pub mod jobs;
pub mod system;
pub mod terms;
pub mod words;
pub mod space;
pub mod grids;
pub mod ct;
pub mod anatomy;
pub mod phantom;
pub mod lesion;
pub mod needle;
pub mod ice;
pub mod placement;
pub mod plan;
pub mod trial;
pub mod draw;
pub mod export;
pub mod case;
#[cfg(feature = "window")]
pub mod desk;
pub mod cli;
