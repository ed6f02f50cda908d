//! The one way to change a plan: edits as values, each with its inverse.

use super::model::{Answer, Lesion, Outline, Plan, PlannedNeedle, ReaderAxes, SiteSource};
use crate::terms::{Pose, Site};
use crate::words::{Value, Words};

/// A change of the plan, with when it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// When, ISO 8601; from the front, never from a clock in here.
    pub at: String,
    /// What.
    pub change: Change,
}

/// What can change. Needles and lesions are told by place in their list, lesions later by tracking UID.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Puts a lesion at a place in the list, with needles (at their places, ascending) that go with it.
    AddLesion {
        /// Place in the list, at most its length.
        at: usize,
        /// The lesion.
        lesion: Box<Lesion>,
        /// Needles for it; empty but where a deletion is undone.
        needles: Vec<(usize, PlannedNeedle)>,
    },
    /// Takes a lesion out, and its needles with it.
    DeleteLesion {
        /// Which.
        tracking_uid: String,
    },
    /// Another outline for a lesion.
    SetOutline {
        /// Which.
        tracking_uid: String,
        /// The new one.
        outline: Box<Outline>,
    },
    /// Diameters by a reader; `None` goes back to the automatic ones.
    SetReaderAxes {
        /// Which lesion.
        tracking_uid: String,
        /// The diameters.
        axes: Option<ReaderAxes>,
    },
    /// Where a lesion sits.
    SetSite {
        /// Which lesion.
        tracking_uid: String,
        /// Where.
        site: Site,
        /// Who says so.
        source: SiteSource,
    },
    /// Puts a needle at a place in the list.
    AddNeedle {
        /// Place in the list, at most its length.
        at: usize,
        /// The needle.
        needle: PlannedNeedle,
    },
    /// Takes a needle out.
    DeleteNeedle {
        /// Its place in the list.
        at: usize,
    },
    /// Another needle in the place of one: moved, of another model, in another pose, for another lesion.
    SetNeedle {
        /// Its place in the list.
        at: usize,
        /// The new one.
        needle: PlannedNeedle,
    },
    /// How the patient will lie, for new needles.
    SetPose(Pose),
    /// Margin at −20 °C, mm.
    SetMargin(f64),
    /// The subject's id.
    SetSubject(String),
    /// Who reads.
    SetReader(String),
    /// Notes.
    SetNotes(String),
    /// The answer to a question of the trial; `None` takes it back.
    SetAnswer {
        /// The rule's id.
        rule: String,
        /// The answer.
        answer: Option<Answer>,
    },
    /// Several changes that are one step to the user.
    Several(Vec<Change>),
}

/// Why an edit was not made. The plan is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such lesion.
    #[error("that lesion is not in the plan any more")]
    NoLesion,
    /// There is no such needle.
    #[error("that needle is not in the plan any more")]
    NoNeedle,
    /// Three are the most.
    #[error("the plan has three target lesions already, the most that the trial allows; delete one first")]
    TooManyLesions,
    /// The mask is empty or not on the CT's grid.
    #[error("the outline does not fit onto the plan's CT")]
    Mask,
    /// A value that cannot be.
    #[error("that value is not possible: {what}")]
    Value {
        /// Of what.
        what: &'static str,
    },
}

impl EditError {
    /// The error as a person reads it.
    pub fn sentence(&self, words: &Words) -> String {
        match self {
            EditError::NoLesion => words.get("error-edit-no-lesion"),
            EditError::NoNeedle => words.get("error-edit-no-needle"),
            EditError::TooManyLesions => words.get("error-edit-too-many-lesions"),
            EditError::Mask => words.get("error-edit-mask"),
            EditError::Value { what } => {
                words.text("error-edit-value", &[("what", Value::Word(super::model::what_word(what)))])
            }
        }
    }
}

/// What an edit is called in the undo menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EditName {
    /// Key in `words`: `edit-…`.
    pub key: &'static str,
    /// Which lesion or needle, from 1.
    pub n: Option<usize>,
}

impl EditName {
    /// The name as a person reads it.
    pub fn sentence(&self, words: &Words) -> String {
        let n: Vec<_> = self.n.map(|n| ("n", Value::from(n))).into_iter().collect();
        words.text(self.key, &n)
    }
}

impl Edit {
    /// An edit made at a time.
    pub fn new(at: impl Into<String>, change: Change) -> Edit {
        Edit { at: at.into(), change }
    }

    /// Makes the change. The edit that comes back takes it back exactly.
    ///
    /// # Errors
    /// [`EditError`] if the plan would be impossible afterwards; it is as before then.
    pub fn apply(&self, plan: &mut Plan) -> Result<Edit, EditError> {
        let inverse = self.change.clone().make(plan)?;
        match plan.check() {
            Ok(()) => Ok(Edit { at: self.at.clone(), change: inverse }),
            Err(e) => {
                inverse.make(plan)?;
                Err(e)
            }
        }
    }

    /// What it is called, told from the plan before it is made.
    pub fn name(&self, plan: &Plan) -> EditName {
        self.change.name(plan)
    }
}

impl Change {
    /// Makes the change without looking whether the plan is possible afterwards; gives the inverse.
    fn make(self, plan: &mut Plan) -> Result<Change, EditError> {
        use std::mem::replace;
        Ok(match self {
            Change::AddLesion { at, lesion, needles } => {
                if at > plan.lesions.len() {
                    return Err(EditError::NoLesion);
                }
                // Places are checked before the first is taken, so that nothing is half done.
                if needles.iter().enumerate().any(|(done, (at, _))| *at > plan.needles.len() + done) {
                    return Err(EditError::NoNeedle);
                }
                let tracking_uid = lesion.tracking_uid.clone();
                if needles.iter().any(|(_, n)| n.lesion != tracking_uid) || plan.lesion(&tracking_uid).is_some() {
                    return Err(EditError::Value { what: "tracking UID" });
                }
                plan.lesions.insert(at, *lesion);
                for (at, needle) in needles {
                    plan.needles.insert(at, needle);
                }
                Change::DeleteLesion { tracking_uid }
            }
            Change::DeleteLesion { tracking_uid } => {
                let at = plan.lesion(&tracking_uid).ok_or(EditError::NoLesion)?.0;
                let lesion = Box::new(plan.lesions.remove(at));
                let (gone, kept): (Vec<_>, Vec<_>) =
                    plan.needles.drain(..).enumerate().partition(|(_, n)| n.lesion == tracking_uid);
                plan.needles = kept.into_iter().map(|(_, n)| n).collect();
                Change::AddLesion { at, lesion, needles: gone }
            }
            Change::SetOutline { tracking_uid, mut outline } => {
                std::mem::swap(&mut lesion_mut(plan, &tracking_uid)?.outline, &mut *outline);
                Change::SetOutline { tracking_uid, outline }
            }
            Change::SetReaderAxes { tracking_uid, axes } => {
                let axes = replace(&mut lesion_mut(plan, &tracking_uid)?.by_reader, axes);
                Change::SetReaderAxes { tracking_uid, axes }
            }
            Change::SetSite { tracking_uid, site, source } => {
                let lesion = lesion_mut(plan, &tracking_uid)?;
                let site = replace(&mut lesion.site, site);
                let source = replace(&mut lesion.site_source, source);
                Change::SetSite { tracking_uid, site, source }
            }
            Change::AddNeedle { at, needle } => {
                if at > plan.needles.len() {
                    return Err(EditError::NoNeedle);
                }
                plan.needles.insert(at, needle);
                Change::DeleteNeedle { at }
            }
            Change::DeleteNeedle { at } => {
                if at >= plan.needles.len() {
                    return Err(EditError::NoNeedle);
                }
                Change::AddNeedle { at, needle: plan.needles.remove(at) }
            }
            Change::SetNeedle { at, needle } => {
                let old = plan.needles.get_mut(at).ok_or(EditError::NoNeedle)?;
                Change::SetNeedle { at, needle: replace(old, needle) }
            }
            Change::SetPose(pose) => Change::SetPose(replace(&mut plan.pose, pose)),
            Change::SetMargin(mm) => Change::SetMargin(replace(&mut plan.margin_mm, mm)),
            Change::SetSubject(id) => Change::SetSubject(replace(&mut plan.subject, id)),
            Change::SetReader(name) => Change::SetReader(replace(&mut plan.reader, name)),
            Change::SetNotes(text) => Change::SetNotes(replace(&mut plan.notes, text)),
            Change::SetAnswer { rule, answer } => {
                let before = match answer {
                    Some(a) => plan.answers.insert(rule.clone(), a),
                    None => plan.answers.remove(&rule),
                };
                Change::SetAnswer { rule, answer: before }
            }
            Change::Several(changes) => {
                let mut inverses = Vec::with_capacity(changes.len());
                for change in changes {
                    match change.make(plan) {
                        Ok(inverse) => inverses.push(inverse),
                        Err(e) => {
                            for inverse in inverses.into_iter().rev() {
                                inverse.make(plan)?;
                            }
                            return Err(e);
                        }
                    }
                }
                inverses.reverse();
                Change::Several(inverses)
            }
        })
    }

    fn name(&self, plan: &Plan) -> EditName {
        let lesion = |key, uid: &str| EditName { key, n: plan.lesion(uid).map(|(at, _)| at + 1) };
        let needle = |key, at: usize| EditName { key, n: Some(at + 1) };
        let plain = |key| EditName { key, n: None };
        match self {
            Change::AddLesion { at, .. } => needle("edit-lesion-add", *at),
            Change::DeleteLesion { tracking_uid } => lesion("edit-lesion-delete", tracking_uid),
            Change::SetOutline { tracking_uid, .. } => lesion("edit-lesion-outline", tracking_uid),
            Change::SetReaderAxes { tracking_uid, .. } => lesion("edit-lesion-axes", tracking_uid),
            Change::SetSite { tracking_uid, .. } => lesion("edit-lesion-site", tracking_uid),
            Change::AddNeedle { at, .. } => needle("edit-needle-add", *at),
            Change::DeleteNeedle { at } => needle("edit-needle-delete", *at),
            Change::SetNeedle { at, needle: new } => {
                let key = match plan.needles.get(*at) {
                    Some(old) if old.lesion != new.lesion => "edit-needle-lesion",
                    Some(old) if old.needle.model != new.needle.model => "edit-needle-model",
                    Some(old) if old.needle.pose != new.needle.pose => "edit-needle-pose",
                    _ => "edit-needle-move",
                };
                needle(key, *at)
            }
            Change::SetPose(_) => plain("edit-pose"),
            Change::SetMargin(_) => plain("edit-margin"),
            Change::SetSubject(_) => plain("edit-subject"),
            Change::SetReader(_) => plain("edit-reader"),
            Change::SetNotes(_) => plain("edit-notes"),
            Change::SetAnswer { .. } => plain("edit-answer"),
            // Several changes are called by the first, which is what the user did; the rest follows from it.
            Change::Several(changes) => changes.first().map_or(plain("edit-several"), |c| c.name(plan)),
        }
    }
}

fn lesion_mut<'a>(plan: &'a mut Plan, tracking_uid: &str) -> Result<&'a mut Lesion, EditError> {
    plan.lesions.iter_mut().find(|l| l.tracking_uid == tracking_uid).ok_or(EditError::NoLesion)
}
