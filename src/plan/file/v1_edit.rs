//! Version 1 of an edit, as one line of a journal.

use super::PlanFileError;
use super::v1::{Lesion, Needle, Outline, ReaderAxes, Source, YesOrNumber};
use crate::plan::edit;
use crate::terms::{Pose, Site};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct Edit {
    at: String,
    #[serde(flatten)]
    change: Change,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Change {
    AddLesion { place: usize, lesion: Box<Lesion>, needles: Vec<(usize, Needle)> },
    DeleteLesion { lesion: String },
    SetOutline { lesion: String, outline: Box<Outline> },
    SetReaderAxes { lesion: String, axes: Option<ReaderAxes> },
    SetSite { lesion: String, site: Site, source: Source },
    AddNeedle { place: usize, needle: Needle },
    DeleteNeedle { place: usize },
    SetNeedle { place: usize, needle: Needle },
    SetPose(Pose),
    SetMargin(f64),
    SetSubject(String),
    SetReader(String),
    SetNotes(String),
    SetAnswer { rule: String, answer: Option<YesOrNumber> },
    Several(Vec<Change>),
}

impl Edit {
    pub(super) fn of(edit: &edit::Edit) -> Edit {
        Edit { at: edit.at.clone(), change: Change::of(&edit.change) }
    }

    pub(super) fn into_edit(self) -> Result<edit::Edit, PlanFileError> {
        Ok(edit::Edit { at: self.at, change: self.change.into_change()? })
    }
}

impl Change {
    fn of(change: &edit::Change) -> Change {
        use edit::Change as C;
        match change {
            C::AddLesion { at, lesion, needles } => Change::AddLesion {
                place: *at,
                lesion: Box::new(Lesion::of(lesion)),
                needles: needles.iter().map(|(at, n)| (*at, Needle::of(n))).collect(),
            },
            C::DeleteLesion { tracking_uid } => Change::DeleteLesion { lesion: tracking_uid.clone() },
            C::SetOutline { tracking_uid, outline } => {
                Change::SetOutline { lesion: tracking_uid.clone(), outline: Box::new(Outline::of(outline)) }
            }
            C::SetReaderAxes { tracking_uid, axes } => {
                Change::SetReaderAxes { lesion: tracking_uid.clone(), axes: axes.as_ref().map(ReaderAxes::of) }
            }
            C::SetSite { tracking_uid, site, source } => {
                Change::SetSite { lesion: tracking_uid.clone(), site: *site, source: Source::of(*source) }
            }
            C::AddNeedle { at, needle } => Change::AddNeedle { place: *at, needle: Needle::of(needle) },
            C::DeleteNeedle { at } => Change::DeleteNeedle { place: *at },
            C::SetNeedle { at, needle } => Change::SetNeedle { place: *at, needle: Needle::of(needle) },
            C::SetPose(pose) => Change::SetPose(*pose),
            C::SetMargin(mm) => Change::SetMargin(*mm),
            C::SetSubject(id) => Change::SetSubject(id.clone()),
            C::SetReader(name) => Change::SetReader(name.clone()),
            C::SetNotes(text) => Change::SetNotes(text.clone()),
            C::SetAnswer { rule, answer } => {
                Change::SetAnswer { rule: rule.clone(), answer: answer.as_ref().map(YesOrNumber::of) }
            }
            C::Several(changes) => Change::Several(changes.iter().map(Change::of).collect()),
        }
    }

    fn into_change(self) -> Result<edit::Change, PlanFileError> {
        use edit::Change as C;
        Ok(match self {
            Change::AddLesion { place, lesion, needles } => C::AddLesion {
                at: place,
                lesion: Box::new(lesion.into_lesion()?),
                needles: needles.into_iter().map(|(at, n)| (at, n.into_needle())).collect(),
            },
            Change::DeleteLesion { lesion } => C::DeleteLesion { tracking_uid: lesion },
            Change::SetOutline { lesion, outline } => {
                C::SetOutline { tracking_uid: lesion, outline: Box::new(outline.into_outline()?) }
            }
            Change::SetReaderAxes { lesion, axes } => {
                C::SetReaderAxes { tracking_uid: lesion, axes: axes.map(ReaderAxes::into_axes) }
            }
            Change::SetSite { lesion, site, source } => {
                C::SetSite { tracking_uid: lesion, site, source: source.into_source() }
            }
            Change::AddNeedle { place, needle } => C::AddNeedle { at: place, needle: needle.into_needle() },
            Change::DeleteNeedle { place } => C::DeleteNeedle { at: place },
            Change::SetNeedle { place, needle } => C::SetNeedle { at: place, needle: needle.into_needle() },
            Change::SetPose(pose) => C::SetPose(pose),
            Change::SetMargin(mm) => C::SetMargin(mm),
            Change::SetSubject(id) => C::SetSubject(id),
            Change::SetReader(name) => C::SetReader(name),
            Change::SetNotes(text) => C::SetNotes(text),
            Change::SetAnswer { rule, answer } => C::SetAnswer { rule, answer: answer.map(YesOrNumber::into_answer) },
            Change::Several(changes) => {
                C::Several(changes.into_iter().map(Change::into_change).collect::<Result<_, _>>()?)
            }
        })
    }
}
