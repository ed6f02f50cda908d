//! The trial: its protocol as data, who is eligible, and the rows of the case report form.
//!
//! In: a [`Protocol`] (from `assets/trials/`), a plan and its CT. Out: an [`Eligibility`] per lesion, with each rule's
//! status, measured value, limit and reason; [`CrfRow`]s of plain values. What was not asked or not answered is unknown,
//! never met. Research volumes give no row.

mod crf;
mod eligibility;
mod protocol;

pub use crf::{COLUMNS, Cell, CrfRow, Known, row};
pub use eligibility::{Eligibility, EligibilityStatus, LesionFacts, Outcome, RuleValue, Why, judge};
pub use protocol::{Group, Kind, Protocol, ProtocolError, Rule, Text};
