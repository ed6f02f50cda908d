//! NIfTI and NRRD volumes in HU: research input, without slices' UIDs.

use super::error::CtError;
use super::finding::Finding;
use super::nifti::{self, NiftiError};
use super::nrrd;
use crate::space::{Grid, PADDING, Volume};
use crate::terms::Code;
use std::io::Read;
use std::path::Path;

fn refuse(path: &Path, e: NiftiError) -> CtError {
    match e {
        NiftiError::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            CtError::refused(Finding::new(Code::Truncated))
        }
        NiftiError::Io(e) if matches!(e.kind(), std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData) => {
            CtError::refused(Finding::new(Code::Corrupt).word("what", "corrupt-packing"))
        }
        NiftiError::Io(e) => CtError::Unreadable { path: path.to_owned(), source: e },
        NiftiError::Bad(why) => CtError::refused(Finding::new(Code::Corrupt).text("what", why)),
    }
}

/// HU of a research file.
pub(super) fn read(path: &Path) -> Result<Volume<i16>, CtError> {
    let hu = if is_nrrd(path) { nrrd::read_hu(path) } else { nifti::read_hu(path) }.map_err(|e| refuse(path, e))?;
    if nothing_is_air(&hu) {
        return Err(CtError::refused(Finding::new(Code::NotHu)));
    }
    Ok(hu)
}

/// Whether nothing that was measured is as dark as lung or air: a mask, labels, grey values, or HU with 1024 added. A
/// chest has both.
fn nothing_is_air(hu: &Volume<i16>) -> bool {
    const LUNG_HU: i16 = -300;
    !hu.data.iter().any(|v| *v != PADDING && *v < LUNG_HU)
}

/// Its grid.
pub(super) fn grid(path: &Path) -> Result<Grid, CtError> {
    if is_nrrd(path) { nrrd::grid(path) } else { nifti::grid(path) }.map_err(|e| refuse(path, e))
}

fn is_nrrd(path: &Path) -> bool {
    let mut magic = [0u8; 4];
    let read = std::fs::File::open(path).and_then(|mut f| f.read_exact(&mut magic));
    read.is_ok() && &magic == b"NRRD"
}
