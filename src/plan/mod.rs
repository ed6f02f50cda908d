//! The one document: every decision of the user, and the one way to change it.
//!
//! In: [`Edit`]s. Out: a [`Plan`], the edits' inverses (undo), a file. What follows from a plan (verdicts, ice,
//! coverage) is not in it and not known here; what a person has accepted (an outline, axes) is, and is never computed
//! again silently.
//!
//! `model` what is decided · `packed` masks as runs · `edit` changes and their inverses · `history` undo and redo ·
//! `identity` tracking UIDs, normalised ids · `file` the file format, one module per version.

mod edit;
pub mod file;
mod history;
mod identity;
mod model;
mod packed;

pub use edit::{Change, Edit, EditError, EditName};
pub use file::PlanFileError;
pub use history::History;
pub use identity::{normalised_id, tracking_uid};
pub use model::{
    Answer, CtBinding, Lesion, MAX_LESIONS, MAX_NEEDLES, Measured, OtherCt, Outline, Plan, PlannedNeedle, ReaderAxes,
    SiteSource, UsedAxes,
};
pub use packed::PackedMask;
