//! Stored values → HU. Reads one frame's bytes, unpacks it where it is compressed, takes BitsStored out of what is there
//! (PS3.5 8.1.1: nothing may be assumed of unused bits), rescales (PS3.3 C.11.1) and marks padding.

use super::checksum::Checksum;
use super::header::{Image, Matrix};
use super::source::Entry;
use super::unpack;
use crate::space::PADDING;
use crate::terms::Code;
use std::io;

/// Why a frame could not be decoded.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    Code(Code),
}
impl From<io::Error> for Fault {
    fn from(e: io::Error) -> Fault {
        if e.kind() == io::ErrorKind::UnexpectedEof { Fault::Code(Code::Truncated) } else { Fault::Io(e) }
    }
}

/// Buffers and tables that a thread keeps from slice to slice.
#[derive(Default)]
pub(super) struct Scratch {
    bytes: Vec<u8>,
    table: Vec<i16>,
    made_for: Option<Key>,
}

#[derive(Clone, Copy, PartialEq)]
struct Key {
    slope: f64,
    intercept: f64,
    stored: u16,
    high_bit: u16,
    signed: bool,
    big: bool,
    padding: Option<(i64, i64)>,
}

/// What is worth knowing of a decoded frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Decoded {
    /// 128 bits over the stored values, masked to BitsStored.
    pub(super) checksum: [u64; 2],
    /// Some pixel is padding.
    pub(super) padded: bool,
    /// The HU value around the field of view, where it is no air: constant in all four corners and below −1024.
    pub(super) surround: Option<i16>,
}

/// The bytes of one uncompressed frame, as stored.
fn frame_bytes(entry: &Entry, image: &Image, frame: usize, to: &mut Vec<u8>) -> Result<bool, Fault> {
    let (Some(matrix), Some(place)) = (&image.matrix, image.pixels) else {
        return Err(Fault::Code(Code::Truncated));
    };
    let one = Matrix { frames: 1, ..matrix.clone() }.bytes().ok_or(Fault::Code(Code::LimitExceeded))?;
    let len = usize::try_from(one).map_err(|_| Fault::Code(Code::LimitExceeded))?;
    if place.len.is_none() {
        unpack::frame(entry, image, frame, to)?;
        // Unpacked values come in little endian.
        return if to.len() >= len { Ok(false) } else { Err(Fault::Code(Code::Truncated)) };
    }
    let offset = place.offset + one * frame as u64;
    match image.deflated_at {
        Some(stream) => stream.range(entry, offset, len, to)?,
        None => entry.range(offset, len, to)?,
    }
    Ok(image.big_endian)
}

/// Decodes one frame into `out`, rows × columns HU.
pub(super) fn decode(
    entry: &Entry,
    image: &Image,
    frame: usize,
    scratch: &mut Scratch,
    out: &mut [i16],
) -> Result<Decoded, Fault> {
    let matrix = image.matrix.as_ref().ok_or(Fault::Code(Code::Corrupt))?;
    let mut bytes = std::mem::take(&mut scratch.bytes);
    let big = frame_bytes(entry, image, frame, &mut bytes)?;
    let (slope, intercept) = image.planes.get(frame).and_then(|p| p.rescale).unwrap_or((1.0, 0.0));
    let key = Key {
        slope,
        intercept,
        stored: matrix.stored,
        high_bit: matrix.high_bit,
        signed: matrix.signed,
        big,
        padding: matrix.padding,
    };
    let mut decoded = Decoded::default();
    let mut sum = Checksum::new();
    let one = |raw: u32| hu(&key, raw);
    match matrix.allocated {
        16 => match Plain::of(&key) {
            Some(plain) => plain.decode(&bytes, out, &mut sum),
            None => {
                if scratch.made_for != Some(key) || scratch.table.len() != 1 << 16 {
                    scratch.table = (0..1u32 << 16).map(one).collect();
                    scratch.made_for = Some(key);
                }
                by_table(&key, &scratch.table, &bytes, out, &mut sum);
            }
        },
        8 => {
            let table: Vec<i16> = (0..256u32).map(one).collect();
            let shift = u32::from(matrix.high_bit + 1 - matrix.stored);
            let mask = mask(matrix.stored);
            for (to, b) in out.chunks_mut(4).zip(bytes.chunks(4)) {
                let mut word = 0u64;
                for (n, (t, v)) in to.iter_mut().zip(b).enumerate() {
                    *t = table[usize::from(*v)];
                    word |= u64::from(u32::from(*v) >> shift & mask) << (16 * n);
                }
                sum.add(word);
            }
        }
        32 => {
            let shift = u32::from(matrix.high_bit + 1 - matrix.stored);
            for (to, b) in out.iter_mut().zip(bytes.chunks_exact(4)) {
                let b = [b[0], b[1], b[2], b[3]];
                let raw = if big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) };
                *to = one(raw);
                sum.add(u64::from(raw >> shift & mask(matrix.stored)));
            }
        }
        _ => return Err(Fault::Code(Code::Corrupt)),
    }
    scratch.bytes = bytes;
    decoded.checksum = sum.end();
    decoded.padded = matrix.padding.is_some() && out.contains(&PADDING);
    decoded.surround = super::padding::surround(out, matrix.columns);
    Ok(decoded)
}

/// Any 16-bit values, each looked up.
fn by_table(key: &Key, table: &[i16], bytes: &[u8], out: &mut [i16], sum: &mut Checksum) {
    let shift = u32::from(key.high_bit + 1 - key.stored);
    let mask = mask(key.stored) as u16;
    let raw = |b: &[u8]| if key.big { u16::from_be_bytes([b[0], b[1]]) } else { u16::from_le_bytes([b[0], b[1]]) };
    let (quads, rest) = out.as_chunks_mut::<4>();
    let (eights, tail) = bytes.as_chunks::<8>();
    for (to, b) in quads.iter_mut().zip(eights) {
        let v = [raw(&b[..2]), raw(&b[2..4]), raw(&b[4..6]), raw(&b[6..])];
        let mut word = 0u64;
        for n in 0..4 {
            to[n] = table[usize::from(v[n])];
            word |= u64::from(v[n] >> shift & mask) << (16 * n);
        }
        sum.add(word);
    }
    let mut word = 0u64;
    for (n, (to, b)) in rest.iter_mut().zip(tail.chunks_exact(2)).enumerate() {
        let v = raw(b);
        *to = table[usize::from(v)];
        word |= u64::from(v >> shift & mask) << (16 * n);
    }
    if !rest.is_empty() {
        sum.add(word);
    }
}

/// The usual case: little endian, the stored bits lowest, slope 1 and a whole intercept. Sums of 16 bits instead of a table:
/// the compiler makes whole vectors of them.
struct Plain {
    /// Unused bits above the stored ones.
    unused: u32,
    signed: bool,
    intercept: i16,
    /// Least and largest stored value that is padding; the least above the largest where none is.
    padding: (i16, i16),
}

impl Plain {
    /// `None` where a stored value or the intercept does not fit into 16 bits with its sign.
    fn of(key: &Key) -> Option<Plain> {
        let stored = if key.signed { 1..=16 } else { 1..=15 };
        let intercept = key.intercept.round().clamp(-32_768.0, 32_767.0);
        if key.slope != 1.0
            || intercept != key.intercept
            || key.big
            || key.high_bit + 1 != key.stored
            || !stored.contains(&key.stored)
        {
            return None;
        }
        let padding = match key.padding {
            // What lies wholly beyond is met by no value.
            Some((a, b)) if b >= -32_768 && a <= 32_767 => (a.max(-32_768) as i16, b.min(32_767) as i16),
            _ => (1, 0),
        };
        Some(Plain { unused: 16 - u32::from(key.stored), signed: key.signed, intercept: intercept as i16, padding })
    }

    fn decode(&self, bytes: &[u8], out: &mut [i16], sum: &mut Checksum) {
        /// Values that are worked on at once: they stay in the nearest cache.
        const BLOCK: usize = 4096;
        let mask = u64::from(u16::MAX >> self.unused) * 0x0001_0001_0001_0001;
        for (to, from) in out.chunks_mut(BLOCK).zip(bytes.chunks(2 * BLOCK)) {
            let (pairs, _) = from.as_chunks::<2>();
            if self.signed {
                self.each(pairs, to, |v| ((v << self.unused) as i16) >> self.unused);
            } else {
                self.each(pairs, to, |v| (v << self.unused >> self.unused) as i16);
            }
            let used = &from[..from.len().min(2 * to.len())];
            let (lines, rest) = used.as_chunks::<32>();
            for line in lines {
                let (words, _) = line.as_chunks::<8>();
                sum.add_all([0, 1, 2, 3].map(|n| u64::from_le_bytes(words[n]) & mask));
            }
            let (eights, tail) = rest.as_chunks::<8>();
            for b in eights {
                sum.add(u64::from_le_bytes(*b) & mask);
            }
            if !tail.is_empty() {
                let mut last = [0u8; 8];
                last[..tail.len() & !1].copy_from_slice(&tail[..tail.len() & !1]);
                sum.add(u64::from_le_bytes(last) & mask);
            }
        }
    }

    fn each(&self, pairs: &[[u8; 2]], out: &mut [i16], value: impl Fn(u16) -> i16) {
        let (c, (least, most)) = (self.intercept, self.padding);
        for (to, b) in out.iter_mut().zip(pairs) {
            let v = value(u16::from_le_bytes(*b));
            let hu = v.saturating_add(c).max(-32_767);
            *to = if (v >= least) & (v <= most) { PADDING } else { hu };
        }
    }
}

fn mask(stored: u16) -> u32 {
    if stored >= 32 { u32::MAX } else { (1 << stored) - 1 }
}

/// HU of one raw value, rounded to whole HU and kept within what i16 holds; [`PADDING`] for padding values.
fn hu(key: &Key, raw: u32) -> i16 {
    let bits = raw >> (key.high_bit + 1 - key.stored) & mask(key.stored);
    let value = if key.signed && bits >> (key.stored - 1) & 1 == 1 {
        i64::from(bits) - (1i64 << key.stored)
    } else {
        i64::from(bits)
    };
    if key.padding.is_some_and(|(a, b)| (a..=b).contains(&value)) {
        return PADDING;
    }
    (value as f64 * key.slope + key.intercept).round().clamp(-32767.0, 32767.0) as i16
}

/// Whether two frames have the same pixels in the same coding, read piece by piece until they differ.
pub(super) fn same(entries: &[Entry], a: (&Image, usize), b: (&Image, usize)) -> bool {
    if a.0.matrix != b.0.matrix {
        return false;
    }
    let rescale = |x: (&Image, usize)| x.0.planes.get(x.1).and_then(|p| p.rescale);
    if rescale(a) != rescale(b) {
        return false;
    }
    let (mut p, mut q) = (Vec::new(), Vec::new());
    let read = |x: (&Image, usize), to: &mut Vec<u8>| match entries.get(x.0.entry) {
        Some(entry) => frame_bytes(entry, x.0, x.1, to),
        None => Err(Fault::Code(Code::Corrupt)),
    };
    match (read(a, &mut p), read(b, &mut q)) {
        (Ok(x), Ok(y)) => x == y && p == q,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(stored: u16, signed: bool) -> Key {
        Key { slope: 1.0, intercept: 0.0, stored, high_bit: stored - 1, signed, big: false, padding: None }
    }

    proptest! {
        /// The fast way gives what the table gives, and the same checksum.
        #[test]
        fn sums_and_table_agree(
            values in prop::collection::vec(any::<u16>(), 1..70), stored in 1u16..=16, signed in any::<bool>(),
            intercept in -40_000i32..40_000, padding in prop::option::of((-40_000i64..40_000, 0i64..40_000))
        ) {
            let padding = padding.map(|(a, n)| (a, a + n));
            let key = Key { intercept: f64::from(intercept), padding, ..key(stored, signed) };
            let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            let table: Vec<i16> = (0..1u32 << 16).map(|raw| hu(&key, raw)).collect();
            let (mut a, mut b) = (vec![0i16; values.len()], vec![0i16; values.len()]);
            let (mut p, mut q) = (Checksum::new(), Checksum::new());
            by_table(&key, &table, &bytes, &mut a, &mut p);
            // Unsigned values of 16 bits go by the table.
            let Some(plain) = Plain::of(&key) else { return Ok(()) };
            plain.decode(&bytes, &mut b, &mut q);
            prop_assert_eq!(a, b);
            prop_assert_eq!(p.end(), q.end());
        }
    }

    #[test]
    fn rubbish_in_unused_bits_never_shows() {
        assert_eq!(hu(&key(12, true), 0xA7FF), 2047);
        assert_eq!(hu(&key(12, true), 0x3FFF), -1);
        assert_eq!(hu(&key(12, false), 0xFFFF), 4095);
    }

    #[test]
    fn padding_is_told_by_the_stored_value_before_rescale() {
        let k = Key { intercept: -1024.0, padding: Some((1044, 1044)), ..key(12, false) };
        assert_eq!(hu(&k, 1044), PADDING);
        assert_eq!(hu(&k, 1045), 21);
    }
}
