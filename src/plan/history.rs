//! Undo and redo by name, and whether the plan is saved.

use super::edit::{Edit, EditError, EditName};
use super::model::Plan;

/// How many steps can be undone; the oldest is forgotten (choice).
const DEPTH: usize = 1000;

struct Step {
    name: EditName,
    /// Makes the change again.
    forth: Edit,
    /// Takes it back.
    back: Edit,
    /// Number of the state after it.
    after: u64,
}

/// A plan with the way that it took. The only one that writes to it.
pub struct History {
    plan: Plan,
    done: Vec<Step>,
    undone: Vec<Step>,
    /// Number of the state before the oldest step that is remembered.
    oldest: u64,
    next: u64,
    saved: Option<u64>,
}

impl History {
    /// A plan that was not saved yet.
    pub fn new(plan: Plan) -> History {
        History { plan, done: Vec::new(), undone: Vec::new(), oldest: 0, next: 1, saved: None }
    }

    /// A plan as it was read from its file.
    pub fn opened(plan: Plan) -> History {
        History { saved: Some(0), ..History::new(plan) }
    }

    /// The plan as it is now.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A number that is another one after each change, the same one again after undo and redo.
    pub fn state(&self) -> u64 {
        self.done.last().map_or(self.oldest, |s| s.after)
    }

    /// Makes an edit; what was undone can then not be redone any more. An edit that changes nothing is no step.
    ///
    /// # Errors
    /// [`EditError`]; nothing was changed then.
    pub fn apply(&mut self, edit: Edit) -> Result<(), EditError> {
        let name = edit.name(&self.plan);
        let back = edit.apply(&mut self.plan)?;
        if back.change == edit.change {
            return Ok(());
        }
        self.undone.clear();
        self.done.push(Step { name, forth: edit, back, after: self.next });
        self.next += 1;
        if self.done.len() > DEPTH {
            self.oldest = self.done.remove(0).after;
        }
        Ok(())
    }

    /// Takes the last step back; its name, or `None` if there is none.
    pub fn undo(&mut self) -> Option<EditName> {
        let step = self.done.pop()?;
        if step.back.apply(&mut self.plan).is_err() {
            // The inverse of a step fits onto what the step left: this cannot be, and losing the step would be worse.
            self.done.push(step);
            return None;
        }
        let name = step.name;
        self.undone.push(step);
        Some(name)
    }

    /// Makes the last step that was taken back again; its name, or `None` if there is none.
    pub fn redo(&mut self) -> Option<EditName> {
        let step = self.undone.pop()?;
        if step.forth.apply(&mut self.plan).is_err() {
            self.undone.push(step);
            return None;
        }
        let name = step.name;
        self.done.push(step);
        Some(name)
    }

    /// What undo would take back.
    pub fn undo_name(&self) -> Option<EditName> {
        self.done.last().map(|s| s.name)
    }

    /// What redo would make again.
    pub fn redo_name(&self) -> Option<EditName> {
        self.undone.last().map(|s| s.name)
    }

    /// Says that the state with that number ([`History::state`]) is in the file.
    pub fn mark_saved(&mut self, state: u64) {
        self.saved = Some(state);
    }

    /// Whether the plan as it is now is in the file.
    pub fn is_saved(&self) -> bool {
        self.saved == Some(self.state())
    }

    /// Whether anything was ever decided: an untouched plan need not be asked about on closing.
    pub fn is_untouched(&self) -> bool {
        self.state() == 0 && self.saved.is_none()
    }

    /// Remembers where the CT lies now: no decision, no step.
    pub fn found_ct_at(&mut self, place: std::path::PathBuf) {
        self.plan.ct.place = Some(std::path::absolute(&place).unwrap_or(place));
    }
}
