//! The screening: one walk over raw bytes that finds where every element stands, and trusts nothing on its way.
//!
//! Every length is held against the bytes that are there, depth and counts are capped, nothing is allocated by what a
//! file announces. No other code of this program reads DICOM structure; values are taken from the places found here.
//! Structure: PS3.5 chapter 7 (elements, sequences), PS3.10 chapter 7 (preamble, meta group).

use super::syntax::{Coding, Syntax};

/// Sequences within sequences; structured reports rarely pass 15 (choice: 32).
const DEEPEST: usize = 32;
/// Elements and items in one header (choice): an enhanced CT of 4,000 frames with 60 elements each has a quarter.
const MOST_ELEMENTS: usize = 1_000_000;
/// Bytes of a header before the pixel data (choice).
pub(super) const LARGEST_HEADER: usize = 32 << 20;
const UNDEFINED: u32 = 0xFFFF_FFFF;

const ITEM: u32 = 0xFFFE_E000;
const ITEM_END: u32 = 0xFFFE_E00D;
const SEQUENCE_END: u32 = 0xFFFE_E0DD;

/// Why the walk stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// More of the file is needed: at least up to this byte.
    More(usize),
    /// Not a DICOM file.
    NotDicom,
    /// The file ends before its data do.
    Truncated,
    /// The structure makes no sense.
    Corrupt,
    /// Over a cap of ours.
    Limit,
}

/// One element, item or sequence, in the order of the file; children follow their parent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    /// Group in the upper, element in the lower half.
    pub(super) tag: u32,
    /// First byte of the value.
    pub(super) start: usize,
    /// Bytes of the value; 0 for what has children.
    pub(super) len: usize,
    /// Place, in the list, of the first element that is no child of this one.
    pub(super) next: usize,
}

/// Where the pixel data stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PixelPlace {
    /// First byte of the value (native) or of the first item (encapsulated).
    pub(super) offset: u64,
    /// Bytes announced; `None` for encapsulated.
    pub(super) len: Option<u64>,
    /// (7FE0,0010), not the float kinds.
    pub(super) integer: bool,
}

/// What the walk found.
#[derive(Debug)]
pub(super) struct Map {
    /// Elements of the data set up to the pixel data.
    pub(super) elements: Vec<Element>,
    /// Pixel data, if there are any.
    pub(super) pixels: Option<PixelPlace>,
    /// Byte order of the data set.
    pub(super) big_endian: bool,
}

/// What stands before the data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Preface {
    /// Where the data set begins.
    pub(super) start: usize,
    /// How it is coded.
    pub(super) syntax: Syntax,
    /// Whether preamble, meta group or transfer syntax were missing or wrong, so that the coding was guessed.
    pub(super) guessed: bool,
}

/// Reads preamble and meta group at the start of a file of `total` bytes, of which `head` is the beginning.
pub(super) fn preface(head: &[u8], total: u64) -> Result<Preface, Stop> {
    let enough = (total.min(1024)) as usize;
    if head.len() < enough {
        return Err(Stop::More(enough));
    }
    let has_preamble = head.len() >= 132 && &head[128..132] == b"DICM";
    let start = if has_preamble { 132 } else { 0 };
    if !has_preamble && !looks_like_dicom(head) {
        return Err(Stop::NotDicom);
    }
    if has_preamble && total == 132 {
        return Err(Stop::Truncated);
    }
    // The meta group: always explicit little endian, ends where another group begins whatever its length says.
    let mut walk = Walk::new(head, total, Coding::EXPLICIT);
    walk.at = start;
    let mut uid: Option<String> = None;
    loop {
        if walk.at as u64 == total {
            break;
        }
        let tag = walk.peek_tag(walk.at)?;
        if tag >> 16 != 0x0002 {
            break;
        }
        let (tag, _, len) = walk.element_head(false)?;
        if len == UNDEFINED {
            return Err(Stop::Corrupt);
        }
        let from = walk.at;
        walk.skip(len as usize, total as usize)?;
        if tag == 0x0002_0010 {
            walk.bytes(from, len as usize)?;
            let text = &head[from..from + len as usize];
            uid = Some(String::from_utf8_lossy(text).trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned());
        }
    }
    let at = walk.at;
    if at as u64 >= total {
        return Err(Stop::Truncated);
    }
    walk.bytes(at, 8.min((total as usize).saturating_sub(at)))?;
    let first = &head[at..head.len().min(at + 8)];
    let seen = Coding::guess(first);
    let (syntax, guessed) = match uid {
        Some(uid) => {
            let told = Syntax::from_uid(&uid);
            match seen {
                // The first element contradicts: some writers name the wrong one.
                Some(b) if b != told.coding() && !told.deflated() => (told.recoded(b), true),
                _ => (told, !has_preamble),
            }
        }
        None => (Syntax::native(seen.ok_or(if has_preamble { Stop::Corrupt } else { Stop::NotDicom })?), true),
    };
    Ok(Preface { start: at, syntax, guessed })
}

/// Whether bytes without preamble may be a DICOM data set or meta group: group 2 or 8 first, with a length that fits.
fn looks_like_dicom(head: &[u8]) -> bool {
    if head.len() < 16 {
        return false;
    }
    let group = if head[1] == 0 {
        head[0]
    } else if head[0] == 0 {
        head[1]
    } else {
        return false;
    };
    (group == 2 || group == 8) && Coding::guess(&head[..8]).is_some()
}

/// Walks a data set coded as `coding` from `start`, up to its pixel data. `head` is the beginning of `total` bytes.
pub(super) fn walk(head: &[u8], total: u64, start: usize, coding: Coding) -> Result<Map, Stop> {
    let mut walk = Walk::new(head, total, coding);
    walk.at = start;
    let end = usize::try_from(total).map_err(|_| Stop::Limit)?;
    let pixels = walk.data_set(end, false, coding.implicit, 0)?;
    Ok(Map { elements: walk.elements, pixels, big_endian: coding.big })
}

struct Walk<'a> {
    head: &'a [u8],
    total: u64,
    big: bool,
    at: usize,
    elements: Vec<Element>,
}

impl<'a> Walk<'a> {
    fn new(head: &'a [u8], total: u64, coding: Coding) -> Walk<'a> {
        Walk { head, total, big: coding.big, at: 0, elements: Vec::new() }
    }

    /// `n` bytes at `at`, or why not.
    fn bytes(&self, at: usize, n: usize) -> Result<&'a [u8], Stop> {
        let end = at.checked_add(n).ok_or(Stop::Corrupt)?;
        match self.head.get(at..end) {
            Some(b) => Ok(b),
            None if end as u64 > self.total => Err(Stop::Truncated),
            None if end > LARGEST_HEADER => Err(Stop::Limit),
            None => Err(Stop::More(end)),
        }
    }

    fn u16(&self, at: usize) -> Result<u16, Stop> {
        let b = self.bytes(at, 2)?;
        Ok(if self.big { u16::from_be_bytes([b[0], b[1]]) } else { u16::from_le_bytes([b[0], b[1]]) })
    }

    fn u32(&self, at: usize) -> Result<u32, Stop> {
        let b = self.bytes(at, 4)?;
        let b = [b[0], b[1], b[2], b[3]];
        Ok(if self.big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) })
    }

    fn peek_tag(&self, at: usize) -> Result<u32, Stop> {
        Ok(u32::from(self.u16(at)?) << 16 | u32::from(self.u16(at + 2)?))
    }

    /// Tag, VR and length of the element here; moves on to its value. Items and delimiters have no VR.
    fn element_head(&mut self, implicit: bool) -> Result<(u32, [u8; 2], u32), Stop> {
        let tag = self.peek_tag(self.at)?;
        if implicit || tag >> 16 == 0xFFFE {
            let len = self.u32(self.at + 4)?;
            self.at += 8;
            return Ok((tag, *b"  ", len));
        }
        let vr = self.bytes(self.at + 4, 2)?;
        let vr = [vr[0], vr[1]];
        if !vr.iter().all(u8::is_ascii_uppercase) {
            return Err(Stop::Corrupt);
        }
        if is_long(vr) {
            let len = self.u32(self.at + 8)?;
            self.at += 12;
            Ok((tag, vr, len))
        } else {
            let len = self.u16(self.at + 6)?;
            self.at += 8;
            Ok((tag, vr, u32::from(len)))
        }
    }

    /// Moves over `n` bytes that must end by `end`.
    fn skip(&mut self, n: usize, end: usize) -> Result<(), Stop> {
        let to = self.at.checked_add(n).ok_or(Stop::Corrupt)?;
        if to as u64 > self.total {
            return Err(Stop::Truncated);
        }
        if to > end {
            return Err(Stop::Corrupt);
        }
        self.at = to;
        Ok(())
    }

    fn add(&mut self, tag: u32, start: usize, len: usize) -> Result<usize, Stop> {
        if self.elements.len() >= MOST_ELEMENTS {
            return Err(Stop::Limit);
        }
        let place = self.elements.len();
        self.elements.push(Element { tag, start, len, next: place + 1 });
        Ok(place)
    }

    /// Elements up to `end`, or to an item delimiter if the item is `open`. Pixel data end the walk at depth 0.
    fn data_set(&mut self, end: usize, open: bool, implicit: bool, depth: usize) -> Result<Option<PixelPlace>, Stop> {
        while self.at < end {
            if depth == 0 && self.only_zeros_follow(end) {
                return Ok(None);
            }
            let (tag, vr, len) = self.element_head(implicit)?;
            if tag == ITEM_END && open {
                return Ok(None);
            }
            if tag >> 16 == 0xFFFE {
                return Err(Stop::Corrupt);
            }
            let undefined = len == UNDEFINED;
            if depth == 0 && matches!(tag, 0x7FE0_0008..=0x7FE0_0010) {
                let len = (!undefined).then_some(u64::from(len));
                return Ok(Some(PixelPlace { offset: self.at as u64, len, integer: tag == 0x7FE0_0010 }));
            }
            let sequence = match &vr {
                b"SQ" => true,
                b"UN" => undefined || is_sequence(tag),
                b"  " => undefined || is_sequence(tag),
                // An icon's pixels, encapsulated within a sequence: passed over like a sequence of items.
                b"OB" | b"OW" => undefined && tag == 0x7FE0_0010,
                _ => false,
            };
            if sequence {
                let place = self.add(tag, self.at, 0)?;
                // UN of undefined length holds implicit little endian (PS3.5 6.2.2, note 4).
                let within = implicit || &vr == b"UN";
                let fragments = &vr == b"OB" || &vr == b"OW";
                let to = if undefined { None } else { Some(self.end_of(len, end)?) };
                self.sequence(to, end, within, fragments, depth + 1)?;
                self.elements[place].next = self.elements.len();
            } else if undefined {
                return Err(Stop::Corrupt);
            } else {
                self.add(tag, self.at, len as usize)?;
                self.skip(len as usize, end)?;
            }
        }
        if open { Err(Stop::Truncated) } else { Ok(None) }
    }

    fn end_of(&self, len: u32, end: usize) -> Result<usize, Stop> {
        let to = self.at.checked_add(len as usize).ok_or(Stop::Corrupt)?;
        if to as u64 > self.total {
            Err(Stop::Truncated)
        } else if to > end {
            Err(Stop::Corrupt)
        } else {
            Ok(to)
        }
    }

    /// Items of a sequence up to `to`, or to its delimiter; never past `limit`.
    fn sequence(
        &mut self,
        to: Option<usize>,
        limit: usize,
        implicit: bool,
        fragments: bool,
        depth: usize,
    ) -> Result<(), Stop> {
        if depth > DEEPEST {
            return Err(Stop::Limit);
        }
        let end = to.unwrap_or(limit);
        loop {
            if self.at >= end {
                return if to.is_some() { Ok(()) } else { Err(Stop::Truncated) };
            }
            let (tag, _, len) = self.element_head(implicit)?;
            if tag == SEQUENCE_END && to.is_none() {
                return Ok(());
            }
            if tag != ITEM {
                return Err(Stop::Corrupt);
            }
            let place = self.add(ITEM, self.at, 0)?;
            if fragments {
                self.skip(len as usize, end)?;
            } else {
                let open = len == UNDEFINED;
                let item_end = if open { end } else { self.end_of(len, end)? };
                self.data_set(item_end, open, implicit, depth)?;
            }
            self.elements[place].next = self.elements.len();
        }
    }

    /// Files padded to a sector are met: zeros to the end are no element.
    fn only_zeros_follow(&self, end: usize) -> bool {
        match self.head.get(self.at..self.head.len().min(end)) {
            Some(rest) if rest.len() >= 4 && rest[..4] == [0; 4] || self.head.len() >= end => {
                rest.iter().all(|b| *b == 0) && self.head.len() >= end
            }
            _ => false,
        }
    }
}

fn is_long(vr: [u8; 2]) -> bool {
    matches!(&vr, b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV")
}

/// The sequences that are read: in implicit VR nothing else tells a sequence of defined length from a value.
fn is_sequence(tag: u32) -> bool {
    matches!(
        tag,
        0x5200_9229
            | 0x5200_9230
            | 0x0028_9110
            | 0x0020_9113
            | 0x0020_9116
            | 0x0028_9145
            | 0x0020_9111
            | 0x0018_9314
            | 0x0018_9329
            | 0x0028_3000
            | 0x0004_1220
    )
}
