//! A derived value that knows what it came from.

use crate::jobs::{Cancelled, Job, Outcome, Progress, spawn};
use std::sync::Arc;

/// How a slot's value stands against what it should come from now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing was computed yet, and nothing runs.
    Empty,
    /// It comes from just these inputs.
    Fresh,
    /// It comes from other inputs; shown as stale.
    Stale,
    /// It is being computed from these inputs.
    Running,
    /// It could not be computed from these inputs: why.
    Failed(String),
}

/// Holds a derived value `T` with the key `K` of the inputs that it came from. The newest generation wins: starting a
/// job for another key cancels the one that runs.
pub struct Slot<K, T> {
    value: Option<(K, Arc<T>)>,
    job: Option<(K, Job<Result<T, String>>)>,
    failed: Option<(K, String)>,
}

impl<K, T> Default for Slot<K, T> {
    fn default() -> Self {
        Slot { value: None, job: None, failed: None }
    }
}

impl<K: Clone + PartialEq, T: Send + 'static> Slot<K, T> {
    /// How the value stands for inputs of that key.
    pub fn state(&self, key: &K) -> State {
        if self.job.as_ref().is_some_and(|(k, _)| k == key) {
            return State::Running;
        }
        if let Some((k, why)) = &self.failed
            && k == key
        {
            return State::Failed(why.clone());
        }
        match &self.value {
            None => State::Empty,
            Some((k, _)) if k == key => State::Fresh,
            Some(_) => State::Stale,
        }
    }

    /// The value, fresh or stale.
    pub fn latest(&self) -> Option<Arc<T>> {
        self.value.as_ref().map(|(_, v)| v.clone())
    }

    /// The value if it comes from inputs of that key.
    pub fn fresh(&self, key: &K) -> Option<Arc<T>> {
        self.value.as_ref().filter(|(k, _)| k == key).map(|(_, v)| v.clone())
    }

    /// Lays in a value computed just now.
    pub fn set(&mut self, key: K, value: Arc<T>) {
        self.cancel();
        self.failed = None;
        self.value = Some((key, value));
    }

    /// Starts computing for `key`, unless that is what runs already.
    pub fn start(
        &mut self,
        key: K,
        wake: impl FnOnce() + Send + 'static,
        work: impl FnOnce(&Progress) -> Result<Result<T, String>, Cancelled> + Send + 'static,
    ) {
        if self.job.as_ref().is_some_and(|(k, _)| *k == key) {
            return;
        }
        self.cancel();
        self.failed = None;
        self.job = Some((key, spawn(Progress::none(), wake, work)));
    }

    /// Takes in the outcome of the job, if it has ended; whether anything changed.
    pub fn poll(&mut self) -> bool {
        let Some(outcome) = self.job.as_ref().and_then(|(_, job)| job.poll()) else { return false };
        let Some((key, _)) = self.job.take() else { return false };
        match outcome {
            Outcome::Done(Ok(value)) => self.value = Some((key, Arc::new(value))),
            Outcome::Done(Err(why)) | Outcome::Failed(why) => self.failed = Some((key, why)),
            Outcome::Cancelled => {}
        }
        true
    }

    /// The progress of what runs.
    pub fn progress(&self) -> Option<&Progress> {
        self.job.as_ref().map(|(_, job)| job.progress())
    }

    /// Asks what runs to stop, and forgets it.
    pub fn cancel(&mut self) {
        if let Some((_, job)) = self.job.take() {
            job.progress().cancel();
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.cancel();
        self.value = None;
        self.failed = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn settle(slot: &mut Slot<u8, u8>) {
        for _ in 0..500 {
            if slot.poll() {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("the job never ended");
    }

    #[test]
    fn a_value_is_stale_as_soon_as_its_inputs_changed_and_stays_readable() {
        let mut slot = Slot::default();
        assert_eq!(slot.state(&1), State::Empty);
        slot.start(1, || (), |_| Ok(Ok(10)));
        settle(&mut slot);
        assert_eq!(slot.state(&1), State::Fresh);
        assert_eq!(slot.state(&2), State::Stale);
        assert_eq!((slot.latest().as_deref(), slot.fresh(&2)), (Some(&10), None));
    }

    #[test]
    fn the_newest_generation_wins() {
        let mut slot = Slot::default();
        slot.start(
            1,
            || (),
            |p| {
                while p.check().is_ok() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Ok(Ok(1))
            },
        );
        slot.start(2, || (), |_| Ok(Ok(2)));
        settle(&mut slot);
        assert_eq!(slot.fresh(&2).as_deref(), Some(&2));
    }

    #[test]
    fn a_fault_is_a_state_not_an_exit() {
        let mut slot: Slot<u8, u8> = Slot::default();
        slot.start(1, || (), |_| Ok(Err("no lungs".into())));
        settle(&mut slot);
        assert_eq!(slot.state(&1), State::Failed("no lungs".into()));
    }
}
