//! Runs a job on a thread of its own, and keeps its panic from becoming an exit.

use super::progress::{Cancelled, Progress};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// How a job ended.
#[derive(Debug)]
pub enum Outcome<T> {
    /// With what it returned.
    Done(T),
    /// It was asked to stop and did.
    Cancelled,
    /// It panicked: a fault of ours. The text names the place, never the data.
    Failed(String),
}

/// A job that runs or has run.
pub struct Job<T> {
    progress: Progress,
    receiver: Receiver<Outcome<T>>,
}

impl<T> Job<T> {
    /// The job's progress; cancel through it.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The outcome, once, as soon as there is one.
    pub fn poll(&self) -> Option<Outcome<T>> {
        match self.receiver.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => None,
        }
    }

    /// Waits for the outcome. For tests and the command line; the window polls.
    pub fn wait(self) -> Outcome<T> {
        self.receiver.recv().unwrap_or_else(|_| Outcome::Failed("the job's thread is gone".into()))
    }
}

/// Starts `work` on a thread of its own. `wake` is called when it has ended, so that a sleeping window looks.
pub fn spawn<T: Send + 'static>(
    progress: Progress,
    wake: impl FnOnce() + Send + 'static,
    work: impl FnOnce(&Progress) -> Result<T, Cancelled> + Send + 'static,
) -> Job<T> {
    let (sender, receiver) = channel();
    let inner = progress.clone();
    let refused = sender.clone();
    let thread = std::thread::Builder::new().name("icepath-job".into()).stack_size(8 << 20).spawn(move || {
        let outcome = match catch_unwind(AssertUnwindSafe(|| work(&inner))) {
            Ok(Ok(value)) => Outcome::Done(value),
            Ok(Err(Cancelled)) => Outcome::Cancelled,
            Err(_) => Outcome::Failed("the job stopped by a fault of the program; nothing was changed".into()),
        };
        // The receiver may be gone when nobody waits any more.
        sender.send(outcome).ok();
        wake();
    });
    if let Err(e) = thread {
        refused.send(Outcome::Failed(format!("no thread could be started: {e}"))).ok();
    }
    Job { progress, receiver }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_panics_is_a_message_not_an_exit() {
        let job = spawn(Progress::none(), || (), |_| -> Result<u8, Cancelled> { panic!("on purpose") });
        assert!(matches!(job.wait(), Outcome::Failed(_)));
    }

    #[test]
    fn a_cancelled_job_stops_at_its_next_look() {
        let progress = Progress::none();
        progress.cancel();
        let job = spawn(
            progress,
            || (),
            |p| {
                p.check()?;
                Ok(1)
            },
        );
        assert!(matches!(job.wait(), Outcome::Cancelled));
    }
}
