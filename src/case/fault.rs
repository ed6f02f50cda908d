//! Why a verb failed: for a person what, where and what to do; for machines a code.

use crate::ct::{CtError, Finding};
use crate::jobs::Cancelled;
use crate::lesion::SegmentError;
use crate::needle::SurroundingsError;
use crate::phantom::PhantomError;
use crate::placement::PlacementError;
use crate::plan::{OtherCt, PlanFileError};
use crate::system::Trouble;
use crate::terms::Code;
use crate::words::{Value, Words};
use std::path::{Path, PathBuf};

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No CT came of a path.
    #[error("{error}")]
    Ct {
        /// Why.
        error: CtError,
        /// What was opened.
        path: PathBuf,
        /// What was found on the way.
        findings: Vec<Finding>,
    },
    /// A click found no lesion.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// A plan could not be read.
    #[error("{error}")]
    Plan {
        /// Why.
        error: PlanFileError,
        /// Which file.
        path: PathBuf,
    },
    /// The CT is not the one that the plan was made on.
    #[error("this CT is not the plan's: {what} differs")]
    OtherCt {
        /// What differs.
        what: &'static str,
    },
    /// The plan's CT is nowhere to be found.
    #[error("the plan's CT was not found; say where it is with --ct")]
    CtNotFound,
    /// A file or folder could not be written.
    #[error("{} cannot be written: {trouble}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        trouble: Trouble,
    },
    /// A plan of another CT, or something that is no plan, lies where a plan is to be written.
    #[error("{} is there already and is not a plan of this CT", path.display())]
    PlanThere {
        /// Which.
        path: PathBuf,
    },
    /// Something given was not usable.
    #[error("{0}")]
    Given(String),
    /// What lies around a lesion could not be made ready.
    #[error("{0}")]
    Around(String),
    /// Asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<SurroundingsError> for Fault {
    fn from(e: SurroundingsError) -> Fault {
        match e {
            SurroundingsError::Cancelled(c) => Fault::Cancelled(c),
            e => Fault::Around(e.to_string()),
        }
    }
}

impl From<PlacementError> for Fault {
    fn from(e: PlacementError) -> Fault {
        match e {
            PlacementError::Cancelled(c) => Fault::Cancelled(c),
            e => Fault::Given(e.to_string()),
        }
    }
}

impl Fault {
    /// There is nothing at a path that was given.
    pub fn nothing_at(path: &Path) -> Fault {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        let path = path.to_path_buf();
        Fault::Ct { error: CtError::Unreadable { path: path.clone(), source }, path, findings: Vec::new() }
    }

    /// Could not write.
    pub fn write(path: &Path, why: impl Into<Trouble>) -> Fault {
        Fault::Write { path: path.to_path_buf(), trouble: why.into() }
    }

    /// A phantom could not be written to a folder.
    pub fn phantom(folder: &Path, error: PhantomError) -> Fault {
        match error {
            PhantomError::Cancelled(c) => Fault::Cancelled(c),
            PhantomError::Io { file, source } => Fault::write(&file, source),
            PhantomError::Series(e) => Fault::write(folder, Trouble::Other(e.to_string())),
        }
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Fault::Ct { error, .. } => error.code(),
            Fault::Segment(SegmentError::InAir(_)) => Code::ClickInAir.name(),
            Fault::Segment(SegmentError::Outside(_)) => Code::ClickInAir.name(),
            Fault::Segment(SegmentError::Nothing(_)) => "no-lesion",
            Fault::Segment(SegmentError::Cancelled(_)) | Fault::Cancelled(_) => "cancelled",
            Fault::Plan { .. } => "plan-unreadable",
            Fault::OtherCt { .. } => "other-ct",
            Fault::CtNotFound => "ct-not-found",
            Fault::Write { .. } => "not-writable",
            Fault::PlanThere { .. } => "plan-there",
            Fault::Given(_) => "usage",
            Fault::Around(_) => "surroundings",
        }
    }

    /// The sentence that a person reads.
    pub fn sentence(&self, words: &Words) -> String {
        match self {
            Fault::Ct { error, path, .. } => match error.finding() {
                Some(f) => f.sentence(words),
                None => {
                    let why = match error {
                        CtError::Unreadable { source, .. } => reading(source, words),
                        CtError::NoSuchSeries(id) => id.clone(),
                        _ => String::new(),
                    };
                    let path = if let CtError::Unreadable { path, .. } = error { path } else { path };
                    let values = [("path", Value::from(path.display().to_string())), ("why", why.into())];
                    words.text(&format!("error-{}", error.code()), &values)
                }
            },
            Fault::Plan { error, path } => error.sentence(words, &path.display().to_string()),
            Fault::Segment(SegmentError::InAir(p)) => Finding::new(Code::ClickInAir).at(*p).sentence(words),
            Fault::Segment(SegmentError::Outside(_)) => words.get("error-click-outside"),
            Fault::Segment(SegmentError::Nothing(_)) => words.get("error-no-lesion"),
            Fault::Segment(SegmentError::Cancelled(_)) | Fault::Cancelled(_) => words.get("error-cancelled"),
            Fault::OtherCt { what } => words.text("error-other-ct", &[("what", Value::Word(OtherCt { what }.word()))]),
            Fault::CtNotFound => words.get("error-ct-not-found"),
            Fault::Write { path, trouble } => {
                let why = words.text(trouble.word(), &[("why", trouble.to_string().into())]);
                words.text("error-not-writable", &[("path", path.display().to_string().into()), ("why", why.into())])
            }
            Fault::PlanThere { path } => words.text("error-plan-there", &[("path", path.display().to_string().into())]),
            Fault::Given(text) | Fault::Around(text) => text.clone(),
        }
    }

    /// Where: a file, a place, or nothing.
    pub fn place(&self) -> String {
        match self {
            Fault::Ct { path, .. }
            | Fault::Plan { path, .. }
            | Fault::Write { path, .. }
            | Fault::PlanThere { path } => path.display().to_string(),
            Fault::Segment(SegmentError::InAir(p) | SegmentError::Outside(p) | SegmentError::Nothing(p)) => {
                format!("{}, {}, {}", p.x, p.y, p.z)
            }
            _ => String::new(),
        }
    }

    /// Findings made on the way.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Fault::Ct { findings, .. } => findings,
            _ => &[],
        }
    }
}

/// Why something could not be read, as a person reads it.
fn reading(error: &std::io::Error, words: &Words) -> String {
    let kind = std::io::Error::from(error.kind());
    let trouble = match Trouble::from(kind) {
        Trouble::Other(_) => Trouble::Other(error.to_string()),
        known => known,
    };
    words.text(trouble.reading_word(), &[("why", trouble.to_string().into())])
}
