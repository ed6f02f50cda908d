//! A `Ct`, its `Plan`, and what follows from them: the verbs that both fronts call.
//!
//! `open` from a path to a `Ct` · `slot` derived values that know what they came from · `settings` what is remembered
//! between starts · `clock` the time, for the fronts.

mod clock;
mod fault;
mod open;
mod results;
mod settings;
mod slot;

pub use clock::now_iso;
pub use fault::Fault;
pub use open::{Opened, open};
pub use results::Results;
pub use settings::{Recent, Settings};
pub use slot::{Slot, State};
