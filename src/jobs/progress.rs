//! What a running job says, and how it is asked to stop.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// The job was asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// What a job does just now: a key of `words` (`stage-…`).
pub type Stage = &'static str;

type Listener = dyn Fn(Stage, f32) + Send + Sync;

struct Shared {
    cancel: AtomicBool,
    fraction: AtomicU32,
    stage: Mutex<Stage>,
    listener: Option<Box<Listener>>,
}

/// A job's line to whoever waits for it. Cheap to clone; all clones speak of the same job.
#[derive(Clone)]
pub struct Progress {
    shared: Arc<Shared>,
    /// The part of the whole that this clone reports on: (start, length) in 0..=1.
    part: (f32, f32),
}

impl Progress {
    /// Nobody listens, nobody cancels.
    pub fn none() -> Progress {
        Progress::with(None)
    }

    /// Calls `listener` with stage and fraction (0..=1) whenever the job reports.
    pub fn listening(listener: impl Fn(Stage, f32) + Send + Sync + 'static) -> Progress {
        Progress::with(Some(Box::new(listener)))
    }

    fn with(listener: Option<Box<Listener>>) -> Progress {
        Progress {
            shared: Arc::new(Shared {
                cancel: AtomicBool::new(false),
                fraction: AtomicU32::new(0),
                stage: Mutex::new(""),
                listener,
            }),
            part: (0.0, 1.0),
        }
    }

    /// A clone whose 0..=1 is the part `start..start + length` of this one's.
    pub fn part(&self, start: f32, length: f32) -> Progress {
        Progress { shared: self.shared.clone(), part: (self.part.0 + self.part.1 * start, self.part.1 * length) }
    }

    /// Says what is done now and how far it is (0..=1); an error if the job was asked to stop.
    pub fn report(&self, stage: Stage, fraction: f32) -> Result<(), Cancelled> {
        let whole = self.part.0 + self.part.1 * fraction.clamp(0.0, 1.0);
        self.shared.fraction.store(whole.to_bits(), Ordering::Relaxed);
        if let Ok(mut s) = self.shared.stage.lock() {
            *s = stage;
        }
        if let Some(listener) = &self.shared.listener {
            listener(stage, whole);
        }
        self.check()
    }

    /// An error if the job was asked to stop. Asked per slice or per row of slices by everything that loops.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.shared.cancel.load(Ordering::Relaxed) { Err(Cancelled) } else { Ok(()) }
    }

    /// Asks the job to stop.
    pub fn cancel(&self) {
        self.shared.cancel.store(true, Ordering::Relaxed);
    }

    /// How far the job is, 0..=1.
    pub fn fraction(&self) -> f32 {
        f32::from_bits(self.shared.fraction.load(Ordering::Relaxed))
    }

    /// What the job said last that it does.
    pub fn stage(&self) -> Stage {
        self.shared.stage.lock().map(|s| *s).unwrap_or("")
    }
}
