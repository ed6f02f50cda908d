//! Why there is no CT.

use super::finding::Finding;
use crate::jobs::Cancelled;
use crate::terms::Code;
use std::io;
use std::path::PathBuf;

/// Why nothing could be listed or loaded.
#[derive(Debug, thiserror::Error)]
pub enum CtError {
    /// The job was asked to stop.
    #[error("cancelled")]
    Cancelled(#[from] Cancelled),
    /// The system would not give the bytes.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// There is no image in what was opened.
    #[error("no DICOM image and no volume was found")]
    NoImage,
    /// There are images, but none that can be planned on; `Listing::series` says why for each.
    #[error("no series here can be planned on")]
    NothingUsable,
    /// No series or volume of that id.
    #[error("there is no series {0}")]
    NoSuchSeries(String),
    /// Refused: the finding says why.
    #[error("refused: {}", .0.code.name())]
    Refused(Box<Finding>),
}

impl CtError {
    /// A refusal for that reason.
    pub fn refused(why: Finding) -> CtError {
        CtError::Refused(Box::new(why))
    }

    /// The stable code: a finding's, or `cancelled`, `unreadable`, `no-image`, `nothing-usable`, `no-such-series`.
    pub fn code(&self) -> &'static str {
        match self {
            CtError::Cancelled(_) => "cancelled",
            CtError::Unreadable { .. } => Code::Unreadable.name(),
            CtError::NoImage => "no-image",
            CtError::NothingUsable => "nothing-usable",
            CtError::NoSuchSeries(_) => "no-such-series",
            CtError::Refused(f) => f.code.name(),
        }
    }

    /// The finding behind a refusal.
    pub fn finding(&self) -> Option<&Finding> {
        match self {
            CtError::Refused(f) => Some(f),
            _ => None,
        }
    }
}
