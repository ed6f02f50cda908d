//! Compressed frames, behind checks of what their codestreams announce: no decoder is started on a codestream whose size
//! is not that of the header. RLE is unpacked here; JPEG and JPEG 2000 by the decoders of the dicom-rs
//! registry, 12-bit JPEG and JPEG-LS by decoders of our own.

use super::header::{Image, Matrix};
use super::pixels::Fault;
use super::source::Entry;
use super::syntax::Packing;
use crate::terms::Code;
use dicom_encoding::adapters::{PixelDataObject, RawPixelData};
use dicom_encoding::{Codec, TransferSyntaxIndex};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes of one compressed frame (choice).
const LARGEST_FRAME: u64 = 1 << 30;

/// What a codestream says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) samples: u16,
    pub(super) bits: u8,
}

/// Decodes one compressed frame; little-endian values of BitsAllocated.
pub(super) fn frame(entry: &Entry, image: &Image, frame: usize, to: &mut Vec<u8>) -> Result<(), Fault> {
    let matrix = image.matrix.as_ref().ok_or(Fault::Code(Code::Corrupt))?;
    let stream = codestream(entry, image, matrix, frame)?;
    to.clear();
    match image.syntax.packing {
        Packing::Rle => rle(&stream, matrix, to),
        Packing::Jpeg | Packing::Jpeg2000 => registry(stream, image, matrix, to),
        Packing::JpegExtended => super::jpeg_extended::decode(&stream, matrix, to),
        Packing::JpegLs => super::jpeg_ls::decode(&stream, matrix, to),
        Packing::JpegXl => jpeg_xl(&stream, matrix, to),
        Packing::Native | Packing::Unsupported => Err(Fault::Code(Code::TransferSyntaxUnsupported)),
    }
}

/// The bytes of one frame's fragments (PS3.5 A.4): one fragment a frame, or all of one frame, or as the offset table says.
fn codestream(entry: &Entry, image: &Image, matrix: &Matrix, frame: usize) -> Result<Vec<u8>, Fault> {
    let all = image.fragments.as_slice();
    let mine: &[(u64, u64)] = if matrix.frames == 1 {
        all
    } else if all.len() == matrix.frames {
        all.get(frame..=frame).unwrap_or_default()
    } else if image.offsets.len() == matrix.frames {
        let base = all.first().map_or(0, |f| f.0);
        let place = |o: Option<&u32>| o.map(|o| all.partition_point(|f| f.0 - base < u64::from(*o)));
        let from = place(image.offsets.get(frame)).unwrap_or(all.len());
        let to = place(image.offsets.get(frame + 1)).unwrap_or(all.len());
        all.get(from..to).unwrap_or_default()
    } else {
        return Err(Fault::Code(Code::Corrupt));
    };
    let total: u64 = mine.iter().map(|f| f.1).sum();
    if mine.is_empty() || total == 0 {
        return Err(Fault::Code(Code::Truncated));
    }
    if total > LARGEST_FRAME {
        return Err(Fault::Code(Code::LimitExceeded));
    }
    let mut stream = Vec::new();
    let mut piece = Vec::new();
    for (at, len) in mine {
        entry.range(*at, *len as usize, &mut piece)?;
        if stream.is_empty() {
            std::mem::swap(&mut stream, &mut piece);
        } else {
            stream.extend_from_slice(&piece);
        }
    }
    Ok(stream)
}

/// Size, samples and bits that a JPEG, JPEG-LS or JPEG 2000 codestream announces in its first bytes; `None` where there
/// is no such header.
pub(super) fn announced(stream: &[u8]) -> Option<Announced> {
    let be16 = |at: usize| Some(u16::from_be_bytes([*stream.get(at)?, *stream.get(at + 1)?]));
    let be32 = |at: usize| Some(u32::from(be16(at)?) << 16 | u32::from(be16(at + 2)?));
    match be16(0)? {
        // JPEG: frame header SOF (ITU T.81, B.2.2), JPEG-LS SOF55 (T.87).
        0xFFD8 => {
            let mut at = 2;
            loop {
                let marker = be16(at)?;
                if marker == 0xFFFF {
                    at += 1;
                    continue;
                }
                if marker & 0xFF00 != 0xFF00 {
                    return None;
                }
                let low = marker & 0xFF;
                let frame_header = matches!(low, 0xC0..=0xCF if !matches!(low, 0xC4 | 0xC8 | 0xCC)) || low == 0xF7;
                if frame_header {
                    let bits = *stream.get(at + 4)?;
                    let (rows, columns) = (u32::from(be16(at + 5)?), u32::from(be16(at + 7)?));
                    return Some(Announced { columns, rows, samples: u16::from(*stream.get(at + 9)?), bits });
                }
                if matches!(low, 0xD9 | 0xDA) {
                    return None;
                }
                at += 2 + usize::from(be16(at + 2)?.max(2));
            }
        }
        // JPEG 2000: SOC, then SIZ (ITU T.800, A.5.1).
        0xFF4F => {
            if be16(2)? != 0xFF51 {
                return None;
            }
            let (x1, y1, x0, y0) = (be32(8)?, be32(12)?, be32(16)?, be32(20)?);
            let (tile_x, tile_y) = (be32(24)?, be32(28)?);
            let samples = be16(40)?;
            let (dx, dy) = (*stream.get(43)?, *stream.get(44)?);
            if tile_x == 0 || tile_y == 0 || dx != 1 || dy != 1 {
                return None;
            }
            let bits = (*stream.get(42)? & 0x7F) + 1;
            // Tiles: as many as there can be, and never a million.
            let tiles = u64::from(x1.div_ceil(tile_x)) * u64::from(y1.div_ceil(tile_y));
            (tiles <= 65_535).then_some(())?;
            Some(Announced { columns: x1.checked_sub(x0)?, rows: y1.checked_sub(y0)?, samples, bits })
        }
        _ => None,
    }
}

/// Whether a codestream is of the size that the header tells.
pub(super) fn fits(a: Announced, matrix: &Matrix) -> bool {
    a.columns as usize == matrix.columns
        && a.rows as usize == matrix.rows
        && a.samples == matrix.samples
        && (1..=16).contains(&a.bits)
        && u16::from(a.bits) <= matrix.allocated
}

/// JPEG and JPEG 2000 through the registry's decoders.
fn registry(stream: Vec<u8>, image: &Image, matrix: &Matrix, to: &mut Vec<u8>) -> Result<(), Fault> {
    let corrupt = Fault::Code(Code::Corrupt);
    let a = announced(&stream).ok_or(Fault::Code(Code::Corrupt))?;
    if !fits(a, matrix) || !matches!(matrix.allocated, 8 | 16) || matrix.samples != 1 {
        return Err(corrupt);
    }
    let Some(syntax) = TransferSyntaxRegistry.get(&image.syntax.uid) else {
        return Err(Fault::Code(Code::TransferSyntaxUnsupported));
    };
    let Codec::EncapsulatedPixelData(Some(reader), _) = syntax.codec() else {
        return Err(Fault::Code(Code::TransferSyntaxUnsupported));
    };
    // JPEG hands out bytes where the codestream has 8 bits, whatever the header allocates.
    let narrow = image.syntax.packing == Packing::Jpeg && a.bits <= 8 && matrix.allocated == 16;
    let one = OneFrame { image, matrix, bits: if narrow { 8 } else { matrix.allocated }, stream };
    let mut out = Vec::new();
    // The decoders are others' code: a panic in one is a file that cannot be read.
    let done = catch_unwind(AssertUnwindSafe(|| reader.decode_frame(&one, 0, &mut out)));
    match done {
        Ok(Ok(())) => {}
        _ => return Err(corrupt),
    }
    if narrow {
        to.extend(out.iter().flat_map(|v| [*v, 0]));
    } else {
        *to = out;
    }
    Ok(())
}

/// JPEG XL (ISO/IEC 18181), grey; memory capped by the size that the header tells.
fn jpeg_xl(stream: &[u8], matrix: &Matrix, to: &mut Vec<u8>) -> Result<(), Fault> {
    let corrupt = || Fault::Code(Code::Corrupt);
    if matrix.samples != 1 || !matches!(matrix.allocated, 8 | 16) {
        return Err(corrupt());
    }
    let pixels = matrix.rows * matrix.columns;
    // The decoder works in f32, on a few copies, with tables besides (choice).
    let most = pixels.saturating_mul(64).saturating_add(64 << 20);
    // The decoder is others' code: a panic in it is a file that cannot be read.
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        let image = jxl_oxide::JxlImage::builder()
            .pool(jxl_oxide::JxlThreadPool::none())
            .alloc_tracker(jxl_oxide::AllocTracker::with_limit(most))
            .read(stream)
            .ok()?;
        let fits = image.width() as usize == matrix.columns && image.height() as usize == matrix.rows;
        let depth = image.image_header().metadata.bit_depth;
        if !fits || !image.pixel_format().is_grayscale() || image.pixel_format().channels() != 1 {
            return None;
        }
        let frame = image.render_frame(0).ok()?.image_all_channels();
        Some((depth.bits_per_sample(), frame))
    }));
    let Ok(Some((bits, frame))) = decoded else { return Err(corrupt()) };
    if !(1..=u32::from(matrix.allocated)).contains(&bits) || frame.buf().len() != pixels {
        return Err(corrupt());
    }
    // Whole numbers of up to 16 bits come back as they were: f32 holds 24.
    let most = ((1u32 << bits) - 1) as f32;
    let values = frame.buf().iter().map(|v| (v * most).round().clamp(0.0, most) as u16);
    if matrix.allocated == 8 {
        to.extend(values.map(|v| v as u8))
    } else {
        to.extend(values.flat_map(u16::to_le_bytes))
    }
    Ok(())
}

/// One frame as the registry's decoders want to see it.
struct OneFrame<'a> {
    image: &'a Image,
    matrix: &'a Matrix,
    bits: u16,
    stream: Vec<u8>,
}

impl PixelDataObject for OneFrame<'_> {
    fn transfer_syntax_uid(&self) -> &str {
        &self.image.syntax.uid
    }
    fn rows(&self) -> Option<u16> {
        u16::try_from(self.matrix.rows).ok()
    }
    fn cols(&self) -> Option<u16> {
        u16::try_from(self.matrix.columns).ok()
    }
    fn samples_per_pixel(&self) -> Option<u16> {
        Some(self.matrix.samples)
    }
    fn bits_allocated(&self) -> Option<u16> {
        Some(self.bits)
    }
    fn bits_stored(&self) -> Option<u16> {
        Some(self.matrix.stored)
    }
    fn photometric_interpretation(&self) -> Option<&str> {
        Some(&self.image.photometric)
    }
    fn number_of_frames(&self) -> Option<u32> {
        Some(1)
    }
    fn number_of_fragments(&self) -> Option<u32> {
        Some(1)
    }
    fn fragment(&self, fragment: usize) -> Option<Cow<'_, [u8]>> {
        (fragment == 0).then_some(Cow::Borrowed(self.stream.as_slice()))
    }
    fn offset_table(&self) -> Option<Cow<'_, [u32]>> {
        None
    }
    fn raw_pixel_data(&self) -> Option<RawPixelData> {
        Some(RawPixelData { fragments: vec![self.stream.clone()].into(), offset_table: Vec::new().into() })
    }
}

/// RLE lossless (PS3.5 annex G): a header of 16 longs, then one PackBits segment per byte of a sample, high byte first.
fn rle(stream: &[u8], matrix: &Matrix, to: &mut Vec<u8>) -> Result<(), Fault> {
    let corrupt = || Fault::Code(Code::Corrupt);
    let long = |n: usize| -> Option<usize> {
        let b: [u8; 4] = stream.get(4 * n..4 * n + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(b)).ok()
    };
    let width = usize::from(matrix.allocated / 8);
    let segments = width * usize::from(matrix.samples);
    if long(0) != Some(segments) || !(1..=15).contains(&segments) || matrix.samples != 1 {
        return Err(corrupt());
    }
    let pixels = matrix.rows * matrix.columns;
    to.resize(pixels * width, 0);
    for s in 0..segments {
        let from = long(1 + s).ok_or_else(corrupt)?;
        let end = if s + 1 < segments { long(2 + s).ok_or_else(corrupt)? } else { stream.len() };
        let mut packed = stream.get(from..end).ok_or_else(corrupt)?.iter().copied();
        // Little endian out: the first segment is the highest byte.
        let mut places = to[width - 1 - s..].iter_mut().step_by(width);
        let mut left = pixels;
        while left > 0 {
            let n = packed.next().ok_or(Fault::Code(Code::Truncated))? as i8;
            match n {
                0.. => {
                    for _ in 0..(n as usize + 1).min(left) {
                        let v = packed.next().ok_or(Fault::Code(Code::Truncated))?;
                        if let Some(p) = places.next() {
                            *p = v;
                        }
                    }
                    left -= (n as usize + 1).min(left);
                }
                -128 => {}
                _ => {
                    let count = ((1 - isize::from(n)) as usize).min(left);
                    let v = packed.next().ok_or(Fault::Code(Code::Truncated))?;
                    for p in places.by_ref().take(count) {
                        *p = v;
                    }
                    left -= count;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zune_core::bit_depth::BitDepth;
    use zune_core::colorspace::ColorSpace;
    use zune_core::options::EncoderOptions;

    fn matrix() -> Matrix {
        Matrix {
            rows: 2,
            columns: 3,
            samples: 1,
            allocated: 16,
            stored: 16,
            high_bit: 15,
            signed: false,
            frames: 1,
            padding: None,
        }
    }

    #[test]
    fn runs_and_literals_come_apart_into_samples() {
        let mut stream = vec![0u8; 64];
        stream[0] = 2;
        stream[4] = 64;
        stream[8] = 66;
        // High bytes: six times 1. Low bytes: 10 11 12 as they are, then three times 7.
        stream.extend([251, 1, 2, 10, 11, 12, 254, 7]);
        let mut out = Vec::new();
        rle(&stream, &matrix(), &mut out).unwrap();
        assert_eq!(out, [10, 1, 11, 1, 12, 1, 7, 1, 7, 1, 7, 1]);
        // Cut anywhere, it is an error and nothing worse.
        for n in 0..stream.len() - 1 {
            assert!(rle(&stream[..n], &matrix(), &mut Vec::new()).is_err());
        }
    }

    #[test]
    fn a_jpeg_xl_comes_back_bit_for_bit_and_one_of_another_size_is_refused() {
        let (columns, rows) = (61, 47);
        let values: Vec<u16> = (0..columns * rows).map(|n| (n * 7919 % 65_536) as u16).collect();
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
        let options = EncoderOptions::new(columns, rows, ColorSpace::Luma, BitDepth::Sixteen);
        let mut stream = Vec::new();
        zune_jpegxl::JxlSimpleEncoder::new(&bytes, options).encode(&mut stream).unwrap();
        let matrix = Matrix { rows, columns, ..matrix() };
        let mut out = Vec::new();
        jpeg_xl(&stream, &matrix, &mut out).unwrap();
        let back: Vec<u16> = out.chunks(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
        assert_eq!(back, values);
        let other = Matrix { columns: rows, rows: columns, ..matrix.clone() };
        assert!(jpeg_xl(&stream, &other, &mut Vec::new()).is_err());
        for n in (0..stream.len()).step_by(97) {
            assert!(jpeg_xl(&stream[..n], &matrix, &mut Vec::new()).is_err(), "cut at {n}");
        }
    }

    #[test]
    fn a_codestream_tells_its_size_before_any_decoder_sees_it() {
        let sof = [0xFF, 0xD8, 0xFF, 0xC3, 0, 11, 12, 2, 0, 2, 0, 1, 1, 0x11, 0];
        assert_eq!(announced(&sof), Some(Announced { columns: 512, rows: 512, samples: 1, bits: 12 }));
        assert_eq!(announced(&sof[..7]), None);
    }
}
