//! How long jobs run: progress, cancelling, the thread budget and the runner.
//!
//! A job is a function `fn f(inputs, &Progress) -> Result<Output>`. The window runs it with [`spawn`], the command line
//! calls it, a test calls it with [`Progress::none`].

mod pool;
mod progress;
mod runner;

pub use pool::{ThreadBudget, thread_budget};
pub use progress::{Cancelled, Progress, Stage};
pub use runner::{Job, Outcome, spawn};
