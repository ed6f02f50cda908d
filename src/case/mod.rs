//! A `Ct`, its `Plan`, and what follows from them: the verbs that both fronts call.
//!
//! `open` from a path to a `Ct` · `sample` the sample scan · `lesions` from a gesture to a lesion · `follow` what follows
//! from a plan · `whole` the whole job · `reopen` a saved plan · `report` what a plan leaves in a folder, through `results`
//! · `assets` needles, rules, trial · `slot` derived values that know what they came from · `settings` what is remembered
//! between starts · `clock` the time, for the fronts · `fault` why a verb failed.

mod assets;
mod clock;
mod fault;
mod follow;
mod lesions;
mod open;
mod reopen;
mod report;
mod results;
mod sample;
mod settings;
mod slot;
mod whole;

pub use assets::Assets;
pub use clock::now_iso;
pub use fault::Fault;
pub use follow::{Consequences, Target, Targets, data_verified, follow, targets};
pub use lesions::{mark_lesion, masks, outline};
pub use open::{Opened, open, open_listed};
pub use reopen::{Reopened, difference_findings, differences, open_ct_of, read_plan, reopen};
pub use report::{Report, free_for};
pub use results::Results;
pub use sample::{DEFAULT_SAMPLE, Sample, is_sample, sample, sample_picture};
pub use settings::{Recent, Settings};
pub use slot::{Slot, State};
pub use whole::{Alternative, Whole, WholeRequest, add_needle, empty_plan, whole};
