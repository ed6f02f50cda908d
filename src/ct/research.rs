//! NIfTI and NRRD volumes in HU: research input, without slices' UIDs.

use super::error::CtError;
use super::finding::Finding;
use super::nifti::{self, NiftiError};
use crate::space::{Grid, Volume};
use crate::terms::Code;
use std::path::Path;

fn refuse(path: &Path, e: NiftiError) -> CtError {
    match e {
        NiftiError::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            CtError::refused(Finding::new(Code::Truncated))
        }
        NiftiError::Io(e) => CtError::Unreadable { path: path.to_owned(), source: e },
        NiftiError::Bad(why) => CtError::refused(Finding::new(Code::Corrupt).text("what", why)),
    }
}

/// HU of a research file.
pub(super) fn read(path: &Path) -> Result<Volume<i16>, CtError> {
    nifti::read_hu(path).map_err(|e| refuse(path, e))
}

/// Its grid.
pub(super) fn grid(path: &Path) -> Result<Grid, CtError> {
    read(path).map(|v| v.grid)
}
