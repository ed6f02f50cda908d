//! The plan's file: JSON with a format and a version, one module per version with types of its own.
//!
//! A file is never trusted: it is read up to a cap, each number and length is checked, and the plan that comes of it is
//! held against the same rules as after an edit. Unknown fields are ignored, a newer version is refused.

mod v1;
mod v1_edit;

use super::edit::{Edit, EditError};
use super::model::Plan;
use crate::system::{self, Trouble};
use crate::words::{Value, Words};
use serde::Deserialize;
use std::path::{Component, Path, PathBuf};

/// What stands in every plan's `format`.
const FORMAT: &str = "icepath-plan";
/// The version that is written.
const VERSION: u64 = 1;
/// No plan comes near it: masks are runs (choice).
const MAX_BYTES: u64 = 64 << 20;

/// Why a plan's file could not be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanFileError {
    /// The file could not be read.
    #[error("the plan could not be read: {0}")]
    Unreadable(#[from] Trouble),
    /// It is something else.
    #[error("this is not a plan of this program; open a plan.json")]
    NotAPlan,
    /// It was written by a newer program.
    #[error("the plan was saved by a newer version (format {version}, this program reads up to {known}); update it")]
    Newer {
        /// The file's version.
        version: u64,
        /// The newest known.
        known: u64,
    },
    /// Something in it cannot be.
    #[error("the plan is damaged: {what}; take the copy from before, or plan again")]
    Damaged {
        /// What.
        what: String,
    },
}

impl PlanFileError {
    /// The error as a person reads it; `file` is the plan's name as the user gave it.
    pub fn sentence(&self, words: &Words, file: &str) -> String {
        let file = ("file", Value::from(file));
        match self {
            PlanFileError::Unreadable(trouble) => {
                let why = words.text(trouble.reading_word(), &[("why", trouble.to_string().into())]);
                words.text("error-plan-unreadable", &[file, ("why", why.into())])
            }
            PlanFileError::NotAPlan => words.text("error-plan-not-a-plan", &[file]),
            PlanFileError::Newer { version, known } => words.text(
                "error-plan-newer",
                &[("version", (*version as usize).into()), ("known", (*known as usize).into())],
            ),
            PlanFileError::Damaged { what } => {
                words.text("error-plan-damaged", &[file, ("what", what.as_str().into())])
            }
        }
    }
}

impl From<EditError> for PlanFileError {
    fn from(e: EditError) -> PlanFileError {
        PlanFileError::Damaged { what: e.to_string() }
    }
}

/// Only what tells how to read the rest.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

/// Whether bytes look like a plan: enough to tell a plan from a scan when something is opened or dropped.
pub fn is_plan(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Head>(bytes).is_ok_and(|h| h.format == FORMAT)
}

/// The plan as the bytes of its file; the CT's place is written relative to `folder`, the folder of the file.
pub fn to_bytes(plan: &Plan, folder: &Path) -> Vec<u8> {
    let mut file = v1::File::of(plan);
    file.ct.place = plan.ct.place.as_deref().map(|place| relative(folder, place));
    // The types hold strings, numbers and lists only: nothing that JSON could not say.
    let mut bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The plan in the bytes of a file that lies in `folder`.
///
/// # Errors
/// [`PlanFileError`] says what is wrong.
pub fn from_bytes(bytes: &[u8], folder: &Path) -> Result<Plan, PlanFileError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Trouble::TooLarge(MAX_BYTES).into());
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|e| {
        // A plan that was cut off is damaged; a file that never was one is not a plan.
        let begins_as_plan = bytes.get(..200).unwrap_or(bytes).windows(FORMAT.len()).any(|w| w == FORMAT.as_bytes());
        if begins_as_plan { damaged(e) } else { PlanFileError::NotAPlan }
    })?;
    if head.format != FORMAT || head.version == 0 {
        return Err(PlanFileError::NotAPlan);
    }
    if head.version > VERSION {
        return Err(PlanFileError::Newer { version: head.version, known: VERSION });
    }
    let file: v1::File = serde_json::from_slice(bytes).map_err(damaged)?;
    let place = file.ct.place.as_deref().map(|p| resolved(folder, p));
    let mut plan = file.into_plan()?;
    plan.ct.place = place;
    plan.check()?;
    Ok(plan)
}

fn damaged(e: serde_json::Error) -> PlanFileError {
    // Place and kind only: serde's text may quote the file.
    PlanFileError::Damaged { what: format!("line {}, column {}", e.line(), e.column()) }
}

/// Saves a plan: after a crash or on a full disk the file is the old one or the new one.
///
/// # Errors
/// [`Trouble`]; the old file is untouched then.
pub fn save(plan: &Plan, path: &Path) -> Result<(), Trouble> {
    let path = std::path::absolute(path)?;
    system::replace(&path, &to_bytes(plan, path.parent().unwrap_or(Path::new(""))))
}

/// Reads a plan.
///
/// # Errors
/// [`PlanFileError`] says what is wrong. Whether its CT is the right one: [`super::CtBinding::check`].
pub fn load(path: &Path) -> Result<Plan, PlanFileError> {
    let path = std::path::absolute(path).map_err(Trouble::from)?;
    let bytes = system::read_capped(&path, MAX_BYTES)?;
    from_bytes(&bytes, path.parent().unwrap_or(Path::new("")))
}

/// An edit as one line of JSON, for a journal.
pub fn edit_to_json(edit: &Edit) -> String {
    serde_json::to_string(&v1_edit::Edit::of(edit)).unwrap_or_default()
}

/// The edit in a line of JSON. Whether it fits a plan shows when it is applied.
///
/// # Errors
/// [`PlanFileError::Damaged`].
pub fn edit_from_json(line: &str) -> Result<Edit, PlanFileError> {
    serde_json::from_str::<v1_edit::Edit>(line).map_err(damaged)?.into_edit()
}

/// `place` as seen from `folder`, with `/` on every system; as it is if there is no way (another drive).
fn relative(folder: &Path, place: &Path) -> String {
    let (folder, place) = (plain(folder), plain(place));
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), place.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return place.to_string_lossy().into_owned();
    }
    let up = from[common..].iter().map(|_| "..".to_string());
    let down = to[common..].iter().map(|c| c.as_os_str().to_string_lossy().into_owned());
    let steps: Vec<String> = up.chain(down).collect();
    if steps.is_empty() { ".".to_string() } else { steps.join("/") }
}

/// The place that `relative` told, seen from `folder`.
fn resolved(folder: &Path, place: &str) -> PathBuf {
    plain(&folder.join(place))
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_from_the_plan_and_found_again() {
        let (folder, place) = (Path::new("/a/b/out"), Path::new("/a/ct/series 1"));
        assert_eq!(relative(folder, place), "../../ct/series 1");
        assert_eq!(resolved(folder, "../../ct/series 1"), place);
        assert_eq!(resolved(folder, &relative(folder, folder)), folder);
        assert_eq!(resolved(Path::new("/moved/b/out"), "../../ct/series 1"), Path::new("/moved/ct/series 1"));
        assert_eq!(relative(Path::new("/a/b/../out"), Path::new("/a/./ct")), "../ct");
    }

    #[test]
    fn what_is_no_plan_is_called_so() {
        let load = |text: &str| from_bytes(text.as_bytes(), Path::new("/"));
        assert_eq!(load(""), Err(PlanFileError::NotAPlan));
        assert_eq!(load("{\"format\": \"other\", \"version\": 1}"), Err(PlanFileError::NotAPlan));
        assert_eq!(
            load("{\"format\": \"icepath-plan\", \"version\": 7, \"more\": []}"),
            Err(PlanFileError::Newer { version: 7, known: VERSION })
        );
        assert!(matches!(load("{\"format\": \"icepath-plan\", \"version\": 1"), Err(PlanFileError::Damaged { .. })));
        assert!(matches!(load("{\"format\": \"icepath-plan\", \"version\": 1}"), Err(PlanFileError::Damaged { .. })));
        let deep = "[".repeat(100_000);
        assert_eq!(load(&deep), Err(PlanFileError::NotAPlan));
    }
}
