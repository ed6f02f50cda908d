//! From a path to a CT.

use super::fault::Fault;
use crate::ct::{self, Ct, CtError, Finding, Listing};
use crate::export::PickedDocument;
use crate::jobs::Progress;
use crate::words::Words;
use std::path::Path;
use std::sync::Arc;

/// A path that was opened: what it holds, and the CT chosen.
#[derive(Clone)]
pub struct Opened {
    /// What the path holds.
    pub listing: Arc<Listing>,
    /// The CT.
    pub ct: Arc<Ct>,
    /// The id that loads this CT again: the series' UID, or `UID#n`.
    pub id: String,
    /// Whether the choice was the picker's.
    pub picked: bool,
}

impl Opened {
    /// The picker's choice as a document; `None` where the series was named.
    pub fn picked_document(&self, words: &Words) -> Option<PickedDocument> {
        if self.picked { PickedDocument::of(&self.listing, words) } else { None }
    }
}

/// Opens a path and loads the series of that id, else the picker's choice.
///
/// # Errors
/// [`Fault::Ct`] with what was found on the way.
pub fn open(path: &Path, id: Option<&str>, progress: &Progress) -> Result<Opened, Fault> {
    open_listed(path, id, progress, |_, _| {})
}

/// As [`open`]; `listed` is told what the path holds before the slow part begins.
///
/// # Errors
/// As [`open`].
pub fn open_listed(
    path: &Path,
    id: Option<&str>,
    progress: &Progress,
    listed: impl FnOnce(&Arc<Listing>, Option<&str>),
) -> Result<Opened, Fault> {
    let fault = |error: CtError, findings: Vec<Finding>| match error {
        CtError::Cancelled(c) => Fault::Cancelled(c),
        error => Fault::Ct { error, path: path.to_path_buf(), findings },
    };
    let listing = Arc::new(ct::scan(path, &progress.part(0.0, 0.3)).map_err(|e| fault(e, Vec::new()))?);
    listed(&listing, id);
    let ct = ct::load(&listing, id, &progress.part(0.3, 0.7)).map_err(|e| {
        // Why each series was not usable belongs to the answer.
        let mut findings = listing.findings.clone();
        findings.extend(listing.series.iter().flat_map(|s| s.findings.iter().cloned()));
        fault(e, findings)
    })?;
    let picked = id.is_none();
    let id = id.map(str::to_string).or_else(|| listing.picked.as_ref().map(|p| p.id.clone())).unwrap_or_default();
    Ok(Opened { listing, ct: Arc::new(ct), id, picked })
}
