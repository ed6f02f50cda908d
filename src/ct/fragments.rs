//! Where the pixel data of one file stand, checked against what the header announces and the bytes that are there.

use super::header::{Image, Refused};
use super::source::Entry;
use super::syntax::Packing;
use super::unpack;
use crate::terms::Code;
use std::io::Read;

/// Pixels in one frame (choice): 16,384 × 16,384.
const MOST_PIXELS: u64 = 1 << 28;
/// Fragments of one file (choice).
const MOST_FRAGMENTS: usize = 1 << 17;

/// Finds the fragments of encapsulated pixels, and holds native ones against the file; what is wrong goes to `fault`.
pub(super) fn find(entry: &Entry, image: &mut Image) -> Result<(), Refused> {
    image.fault = check(entry, image)?;
    Ok(())
}

fn check(entry: &Entry, image: &mut Image) -> Result<Option<Code>, Refused> {
    if image.broken {
        return Ok(Some(Code::Corrupt));
    }
    let Some(matrix) = &image.matrix else {
        // A CT image without rows: the file was cut within its header.
        let ct = image.sop_class == "1.2.840.10008.5.1.4.1.1.2" && image.pixels.is_none();
        return Ok(ct.then_some(Code::Truncated));
    };
    let Some(place) = image.pixels else { return Ok(Some(Code::Truncated)) };
    let Some(expected) = matrix.bytes() else { return Ok(Some(Code::LimitExceeded)) };
    if matrix.rows as u64 * matrix.columns as u64 > MOST_PIXELS {
        return Ok(Some(Code::LimitExceeded));
    }
    match place.len {
        Some(len) => {
            let there = image.total.saturating_sub(place.offset).min(len);
            // 4:2:2 keeps two samples of three.
            let expected = if image.photometric.contains("422") { expected / 3 * 2 } else { expected };
            if there < expected {
                return Ok(Some(Code::Truncated));
            }
            // Packed pixels in a data set that says how long they are: not allowed, and nothing to decode from.
            Ok(match image.syntax.packing {
                Packing::Native => None,
                Packing::Unsupported => Some(Code::TransferSyntaxUnsupported),
                _ => Some(Code::Corrupt),
            })
        }
        None => {
            let fault = encapsulated(entry, image, place.offset)?;
            Ok(fault.or(match image.syntax.packing {
                Packing::Unsupported => Some(Code::TransferSyntaxUnsupported),
                Packing::Native => Some(Code::Corrupt),
                _ => None,
            }))
        }
    }
}

/// Walks the items of encapsulated pixel data (PS3.5 A.4) by their heads alone.
fn encapsulated(entry: &Entry, image: &mut Image, offset: u64) -> Result<Option<Code>, Refused> {
    // Encapsulated within deflated does not exist.
    if image.deflated_at.is_some() {
        return Ok(Some(Code::Corrupt));
    }
    let frames = image.matrix.as_ref().map_or(0, |m| m.frames);
    let held;
    let entry = if entry.is_packed() {
        held = entry.held()?;
        &held
    } else {
        entry
    };
    let mut reader = Heads { entry, buffer: Vec::new(), from: 0 };
    let mut at = offset;
    let mut first = true;
    loop {
        let Some(head) = reader.at(at, 8)? else {
            // Not closed: met in the field, and whole if the last fragment is.
            if image.total == at && !image.fragments.is_empty() {
                break;
            }
            return Ok(Some(Code::Truncated));
        };
        let tag = (u16::from_le_bytes([head[0], head[1]]), u16::from_le_bytes([head[2], head[3]]));
        let len = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        at += 8;
        match tag {
            (0xFFFE, 0xE0DD) => break,
            (0xFFFE, 0xE000) => {}
            _ => return Ok(Some(Code::Corrupt)),
        }
        if len > image.total.saturating_sub(at) {
            return Ok(Some(Code::Truncated));
        }
        if first {
            first = false;
            if len % 4 != 0 || len / 4 > MOST_FRAGMENTS as u64 {
                return Ok(Some(Code::Corrupt));
            }
            if len > 0 {
                let Some(table) = reader.at(at, len as usize)? else { return Ok(Some(Code::Truncated)) };
                image.offsets = table.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            }
        } else {
            if image.fragments.len() >= MOST_FRAGMENTS {
                return Ok(Some(Code::LimitExceeded));
            }
            image.fragments.push((at, len));
        }
        at += len;
    }
    if image.fragments.is_empty() || image.fragments.len() < frames {
        return Ok(Some(if image.fragments.is_empty() { Code::Corrupt } else { Code::Truncated }));
    }
    let base = image.fragments[0].0 - 8;
    let starts = |o: &u32| image.fragments.binary_search_by_key(&u64::from(*o), |f| f.0 - 8 - base).is_ok();
    if image.offsets.len() == frames && !image.offsets.iter().all(starts) {
        return Ok(Some(Code::Corrupt));
    }
    // What the first codestream says of itself, where its header is among its first bytes.
    let (at, len) = image.fragments[0];
    let start = reader.at(at, len.min(4096) as usize)?.and_then(unpack::announced);
    let packed =
        matches!(image.syntax.packing, Packing::Jpeg | Packing::JpegExtended | Packing::Jpeg2000 | Packing::JpegLs);
    if packed
        && let (Some(a), Some(m)) = (start, &image.matrix)
        && !unpack::fits(a, m)
    {
        return Ok(Some(Code::Corrupt));
    }
    Ok(None)
}

/// Small pieces of a file, read through one window.
struct Heads<'a> {
    entry: &'a Entry,
    buffer: Vec<u8>,
    from: u64,
}

impl Heads<'_> {
    fn at(&mut self, at: u64, n: usize) -> Result<Option<&[u8]>, Refused> {
        let inside = |s: &Self| at >= s.from && at + n as u64 <= s.from + s.buffer.len() as u64;
        if !inside(self) {
            self.buffer.clear();
            self.entry.reader(at)?.take(n.max(512) as u64).read_to_end(&mut self.buffer)?;
            self.from = at;
        }
        let start = (at.saturating_sub(self.from)) as usize;
        Ok(self.buffer.get(start..start + n))
    }
}
