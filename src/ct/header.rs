//! What one DICOM file says in its header, taken from the places that the screening found. Values that make no sense
//! count as absent; what follows from that is decided in `series`.

use super::screen::{self, Element, Map, PixelPlace, Stop};
use super::source::Entry;
use super::syntax::Syntax;
use crate::space::Lps;
use glam::DVec3;

/// A value's bytes in a header that was screened.
pub(super) struct Values<'a> {
    head: &'a [u8],
    map: &'a Map,
}

impl<'a> Values<'a> {
    pub(super) fn new(head: &'a [u8], map: &'a Map) -> Values<'a> {
        Values { head, map }
    }

    fn whole(&self) -> (usize, usize) {
        (0, self.map.elements.len())
    }

    fn find(&self, within: (usize, usize), tag: u32) -> Option<(usize, &'a Element)> {
        let mut at = within.0;
        while at < within.1 {
            let e = self.map.elements.get(at)?;
            if e.tag == tag {
                return Some((at, e));
            }
            at = e.next;
        }
        None
    }

    fn bytes_in(&self, within: (usize, usize), tag: u32) -> Option<&'a [u8]> {
        let (_, e) = self.find(within, tag)?;
        self.head.get(e.start..e.start.checked_add(e.len)?)
    }

    /// The raw bytes of a value of the data set.
    pub(super) fn bytes(&self, tag: u32) -> Option<&'a [u8]> {
        self.bytes_in(self.whole(), tag)
    }

    /// The items of a sequence, as ranges of the list.
    fn items(&self, within: (usize, usize), tag: u32) -> Vec<(usize, usize)> {
        let mut items = Vec::new();
        if let Some((place, e)) = self.find(within, tag) {
            let mut at = place + 1;
            while at < e.next {
                let item = self.map.elements[at];
                items.push((at + 1, item.next));
                at = item.next;
            }
        }
        items
    }

    fn text_in(&self, within: (usize, usize), tag: u32) -> Option<String> {
        let text = String::from_utf8_lossy(self.bytes_in(within, tag)?);
        let text: String = text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).chars().take(1024).collect();
        (!text.is_empty()).then_some(text)
    }

    /// Text in the default repertoire (codes, UIDs, dates); `None` if absent or empty.
    pub(super) fn text(&self, tag: u32) -> Option<String> {
        self.text_in(self.whole(), tag)
    }

    /// A UID or code: as `text`, only printable ASCII without separators of paths, at most 64 characters.
    pub(super) fn uid(&self, tag: u32) -> Option<String> {
        let uid: String = self
            .text(tag)?
            .chars()
            .filter(|c| c.is_ascii_graphic() && !matches!(c, '/' | '\\' | ':' | '#' | '"'))
            .take(64)
            .collect();
        (!uid.is_empty()).then_some(uid)
    }

    /// Decimal strings; `None` if one of them is no finite number.
    fn decimals_in(&self, within: (usize, usize), tag: u32) -> Option<Vec<f64>> {
        let text = self.text_in(within, tag)?;
        text.split('\\').map(|s| s.trim().parse::<f64>().ok().filter(|v| v.is_finite())).collect()
    }

    fn decimal_in(&self, within: (usize, usize), tag: u32) -> Option<f64> {
        self.decimals_in(within, tag).and_then(|v| v.first().copied())
    }

    pub(super) fn decimal(&self, tag: u32) -> Option<f64> {
        self.decimal_in(self.whole(), tag)
    }

    /// An integer string.
    pub(super) fn integer(&self, tag: u32) -> Option<i64> {
        self.text(tag)?.split('\\').next()?.trim().parse().ok()
    }

    /// An unsigned short (US, SS as its bits).
    pub(super) fn short(&self, tag: u32) -> Option<u16> {
        self.short_in(self.whole(), tag)
    }

    fn short_in(&self, within: (usize, usize), tag: u32) -> Option<u16> {
        let b = self.bytes_in(within, tag)?;
        let b = [*b.first()?, *b.get(1)?];
        Some(if self.map.big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) })
    }

    fn long_in(&self, within: (usize, usize), tag: u32) -> Option<u32> {
        let b: [u8; 4] = self.bytes_in(within, tag)?.get(..4)?.try_into().ok()?;
        Some(if self.map.big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) })
    }
}

/// How stored values lie in the pixel data.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Matrix {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) samples: u16,
    pub(super) allocated: u16,
    pub(super) stored: u16,
    pub(super) high_bit: u16,
    pub(super) signed: bool,
    pub(super) frames: usize,
    /// Least and largest stored value that is padding.
    pub(super) padding: Option<(i64, i64)>,
}

impl Matrix {
    /// Bytes of all frames, uncompressed; `None` over 64 bits.
    pub(super) fn bytes(&self) -> Option<u64> {
        let pixels = (self.rows as u64).checked_mul(self.columns as u64)?.checked_mul(u64::from(self.samples))?;
        let bits = pixels.checked_mul(self.frames as u64)?.checked_mul(u64::from(self.allocated))?;
        Some(bits.div_ceil(8))
    }
}

/// One frame's place and values.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Plane {
    pub(super) position: Option<Lps>,
    pub(super) orientation: Option<[DVec3; 2]>,
    /// mm along the row, along the column.
    pub(super) spacing: Option<[f64; 2]>,
    /// Slope and intercept.
    pub(super) rescale: Option<(f64, f64)>,
    pub(super) thickness: Option<f64>,
    pub(super) acquisition: Option<i64>,
    pub(super) temporal: Option<i64>,
    /// Any of the frame's image type values is LOCALIZER.
    pub(super) localizer: bool,
}

/// What one file says.
#[derive(Clone, Debug)]
pub(super) struct Image {
    /// Place in the list of entries.
    pub(super) entry: usize,
    pub(super) syntax: Syntax,
    /// Preamble, meta group or syntax were missing or wrong.
    pub(super) guessed: bool,
    pub(super) big_endian: bool,
    pub(super) sop_class: String,
    pub(super) sop_instance: String,
    pub(super) study: String,
    pub(super) series: String,
    pub(super) frame_of_reference: String,
    pub(super) patient_id: Vec<u8>,
    pub(super) patient_name: Vec<u8>,
    pub(super) charset: Vec<u8>,
    pub(super) description: Vec<u8>,
    pub(super) modality: String,
    pub(super) image_type: Vec<String>,
    pub(super) kernel: String,
    pub(super) patient_position: String,
    pub(super) contrast: Option<String>,
    pub(super) date: Option<String>,
    pub(super) scanner: String,
    pub(super) kvp: Option<f64>,
    pub(super) window: Option<(f64, f64)>,
    pub(super) instance_number: Option<i64>,
    pub(super) acquisition_time: String,
    pub(super) content_time: String,
    pub(super) photometric: String,
    pub(super) rescale_type: String,
    pub(super) lossy: bool,
    pub(super) has_lut: bool,
    /// `None`: no image, or one whose description makes no sense (`broken`).
    pub(super) matrix: Option<Matrix>,
    /// The matrix is told but makes no sense.
    pub(super) broken: bool,
    pub(super) pixels: Option<PixelPlace>,
    /// Start and length of each fragment, for encapsulated pixels.
    pub(super) fragments: Vec<(u64, u64)>,
    /// Basic offset table.
    pub(super) offsets: Vec<u32>,
    /// One per frame.
    pub(super) planes: Vec<Plane>,
    /// What is wrong with the pixel data.
    pub(super) fault: Option<crate::terms::Code>,
    /// Bytes of the data set, inflated where it is deflated.
    pub(super) total: u64,
    /// Where the deflated stream begins.
    pub(super) deflated_at: Option<super::deflated::Stream>,
    /// Directory records of a DICOMDIR: the file names.
    pub(super) directory: Option<Vec<String>>,
}

/// Reads the header of one file, or says why not.
pub(super) fn read(entry: &Entry, number: usize) -> Result<Image, Refused> {
    let mut want = 1 << 15;
    let mut head = entry.head(want)?;
    let preface = loop {
        match screen::preface(&head, entry.size) {
            Err(Stop::More(to)) => want = grow(&mut head, entry, want, to)?,
            other => break other?,
        }
    };
    let coding = preface.syntax.coding();
    if preface.syntax.deflated() {
        return super::deflated::read(entry, number, preface);
    }
    let map = loop {
        match screen::walk(&head, entry.size, preface.start, coding) {
            Err(Stop::More(to)) => want = grow(&mut head, entry, want, to)?,
            other => break other?,
        }
    };
    let mut image = extract(&head, &map, number, preface.syntax, preface.guessed, entry.size);
    super::fragments::find(entry, &mut image)?;
    Ok(image)
}

fn grow(head: &mut Vec<u8>, entry: &Entry, have: usize, to: usize) -> Result<usize, Refused> {
    if have as u64 >= entry.size && head.len() as u64 >= entry.size || have > screen::LARGEST_HEADER {
        return Err(Refused::Stop(Stop::Limit));
    }
    let want = (have * 4).max(to + (1 << 14)).min(screen::LARGEST_HEADER + (1 << 14));
    *head = entry.head(want)?;
    // A file that became shorter since it was listed.
    if head.len() < to { Err(Refused::Stop(Stop::Truncated)) } else { Ok(want) }
}

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum Refused {
    Stop(Stop),
    Io(std::io::Error),
}
impl From<Stop> for Refused {
    fn from(s: Stop) -> Refused {
        Refused::Stop(s)
    }
}
impl From<std::io::Error> for Refused {
    fn from(e: std::io::Error) -> Refused {
        Refused::Io(e)
    }
}

/// Takes the values out of a screened header.
pub(super) fn extract(head: &[u8], map: &Map, entry: usize, syntax: Syntax, guessed: bool, total: u64) -> Image {
    let v = Values::new(head, map);
    let (matrix, broken) = matrix(&v);
    let frames = matrix.as_ref().map_or(0, |m| m.frames);
    let image_type: Vec<String> =
        v.text(0x0008_0008).unwrap_or_default().split('\\').map(|s| s.trim().to_owned()).collect();
    let text = |tag| v.text(tag).unwrap_or_default();
    let raw = |tag| v.bytes(tag).unwrap_or_default().to_vec();
    let first = |tags: [u32; 3]| tags.into_iter().find_map(|t| v.text(t).and_then(|d| date(&d)));
    let lut = |tag| v.find(v.whole(), tag).is_some();
    let window = match (v.decimal(0x0028_1050), v.decimal(0x0028_1051)) {
        (Some(c), Some(w)) if w > 0.0 => Some((c, w)),
        _ => None,
    };
    Image {
        entry,
        lossy: syntax.lossy || v.text(0x0028_2110).as_deref() == Some("01"),
        syntax,
        guessed,
        big_endian: map.big_endian,
        sop_class: v.uid(0x0008_0016).unwrap_or_default(),
        sop_instance: v.uid(0x0008_0018).unwrap_or_default(),
        study: v.uid(0x0020_000D).unwrap_or_default(),
        series: v.uid(0x0020_000E).unwrap_or_default(),
        frame_of_reference: v.uid(0x0020_0052).unwrap_or_default(),
        patient_id: raw(0x0010_0020),
        patient_name: raw(0x0010_0010),
        charset: raw(0x0008_0005),
        description: raw(0x0008_103E),
        modality: printable(&text(0x0008_0060)),
        kernel: printable(&kernel(&v)),
        patient_position: printable(&text(0x0018_5100)),
        contrast: v.text(0x0018_0010).map(|c| printable(&c)),
        date: first([0x0008_0022, 0x0008_0021, 0x0008_0020]),
        scanner: printable(format!("{} {}", text(0x0008_0070), text(0x0008_1090)).trim()),
        kvp: v.decimal(0x0018_0060),
        window,
        instance_number: v.integer(0x0020_0013),
        acquisition_time: text(0x0008_0032),
        content_time: text(0x0008_0033),
        photometric: text(0x0028_0004),
        rescale_type: text(0x0028_1054),
        has_lut: lut(0x0028_3000),
        planes: planes(&v, frames, &image_type),
        image_type,
        matrix,
        broken,
        pixels: map.pixels,
        fragments: Vec::new(),
        offsets: Vec::new(),
        fault: None,
        total,
        deflated_at: None,
        directory: v.find(v.whole(), 0x0004_1220).map(|_| directory(&v)),
    }
}

/// Convolution Kernel, of multi-frame images from their reconstruction group.
fn kernel(v: &Values<'_>) -> String {
    let of = |groups: u32| {
        let reconstruction = v.items(*v.items(v.whole(), groups).first()?, 0x0018_9314).first().copied()?;
        v.text_in(reconstruction, 0x0018_1210)
    };
    v.text(0x0018_1210).or_else(|| of(0x5200_9229)).or_else(|| of(0x5200_9230)).unwrap_or_default()
}

/// The image's matrix; `true` beside it if it is told and makes no sense.
fn matrix(v: &Values<'_>) -> (Option<Matrix>, bool) {
    let (Some(rows), Some(columns)) = (v.short(0x0028_0010), v.short(0x0028_0011)) else { return (None, false) };
    let frames = match v.text(0x0028_0008) {
        None => Some(1),
        Some(t) => t.parse::<u32>().ok().filter(|n| *n > 0).map(|n| n as usize),
    };
    let (Some(frames), Some(allocated)) = (frames, v.short(0x0028_0100)) else { return (None, true) };
    let stored = v.short(0x0028_0101).unwrap_or(allocated);
    let high_bit = v.short(0x0028_0102).unwrap_or(stored.wrapping_sub(1));
    let samples = v.short(0x0028_0002).unwrap_or(1);
    let sound = rows > 0
        && columns > 0
        && matches!(allocated, 1 | 8 | 16 | 32 | 64)
        && (1..=allocated).contains(&stored)
        && high_bit < allocated
        && high_bit + 1 >= stored
        && (1..=4).contains(&samples);
    if !sound {
        return (None, true);
    }
    let signed = v.short(0x0028_0103) == Some(1);
    // US or SS by pixel representation, whatever the VR says (PS3.3 C.7.5.1.1.2).
    let value = |bits: u16| if signed { i64::from(bits as i16) } else { i64::from(bits) };
    let padding = v.short(0x0028_0120).map(|a| {
        let a = value(a);
        let b = v.short(0x0028_0121).map_or(a, value);
        (a.min(b), a.max(b))
    });
    let (rows, columns) = (usize::from(rows), usize::from(columns));
    (Some(Matrix { rows, columns, samples, allocated, stored, high_bit, signed, frames, padding }), false)
}

/// Place and values of every frame: from its own groups, else the shared ones, else the data set (PS3.3 C.7.6.16).
fn planes(v: &Values<'_>, frames: usize, image_type: &[String]) -> Vec<Plane> {
    let localizer = image_type.iter().any(|t| t == "LOCALIZER");
    let whole = Plane { localizer, ..plane(v, |_| Some(v.whole())) };
    let within = |scope: (usize, usize)| plane(v, |group| v.items(scope, group).first().copied());
    let shared = v.items(v.whole(), 0x5200_9229).first().map(|scope| within(*scope)).unwrap_or_default();
    let common = shared.or(&whole);
    let own = v.items(v.whole(), 0x5200_9230);
    if own.len() == frames {
        own.into_iter().map(|scope| within(scope).or(&common)).collect()
    } else if frames == 1 {
        vec![common]
    } else {
        // Not one item per frame: the frames have no places of their own, and are never a volume.
        vec![Plane { localizer: common.localizer, ..Plane::default() }]
    }
}

impl Plane {
    /// What is not told here is told by `common`.
    fn or(&self, common: &Plane) -> Plane {
        Plane {
            position: self.position.or(common.position),
            orientation: self.orientation.or(common.orientation),
            spacing: self.spacing.or(common.spacing),
            rescale: self.rescale.or(common.rescale),
            thickness: self.thickness.or(common.thickness),
            acquisition: self.acquisition.or(common.acquisition),
            temporal: self.temporal.or(common.temporal),
            localizer: self.localizer || common.localizer,
        }
    }
}

/// Place and values as the items of functional groups tell them; `item` gives a group's item by the group's tag.
fn plane(v: &Values<'_>, item: impl Fn(u32) -> Option<(usize, usize)>) -> Plane {
    let decimals = |group: u32, tag: u32| v.decimals_in(item(group)?, tag);
    let decimal = |group: u32, tag: u32| v.decimal_in(item(group)?, tag);
    let content = item(0x0020_9111);
    let in_group = content.filter(|c| *c != v.whole());
    let number = |tag: u32| if in_group.is_none() && content.is_some() { v.integer(tag) } else { None };
    let rescale = match (decimal(0x0028_9145, 0x0028_1053), decimal(0x0028_9145, 0x0028_1052)) {
        (Some(slope), Some(intercept)) if slope != 0.0 && slope.abs() < 1e6 && intercept.abs() < 1e9 => {
            Some((slope, intercept))
        }
        _ => None,
    };
    Plane {
        position: decimals(0x0020_9113, 0x0020_0032).and_then(|p| <[f64; 3]>::try_from(p).ok()).map(Lps::from),
        orientation: decimals(0x0020_9116, 0x0020_0037)
            .and_then(|o| <[f64; 6]>::try_from(o).ok())
            .and_then(|o| orthonormal(DVec3::new(o[0], o[1], o[2]), DVec3::new(o[3], o[4], o[5]))),
        spacing: decimals(0x0028_9110, 0x0028_0030)
            .and_then(|s| <[f64; 2]>::try_from(s).ok())
            .filter(|s| s.iter().all(|x| (0.001..1000.0).contains(x)))
            .map(|s| [s[1], s[0]]),
        rescale,
        thickness: decimal(0x0028_9110, 0x0018_0050).filter(|t| *t > 0.0),
        acquisition: in_group.and_then(|c| v.short_in(c, 0x0020_9156)).map(i64::from).or(number(0x0020_0012)),
        temporal: in_group.and_then(|c| v.long_in(c, 0x0020_9128)).map(i64::from).or(number(0x0020_0100)),
        localizer: item(0x0018_9329)
            .and_then(|g| v.text_in(g, 0x0008_9007))
            .is_some_and(|t| t.split('\\').any(|t| t == "LOCALIZER")),
    }
}

/// Row and column direction made exactly orthonormal; `None` unless they nearly are (1e-3).
fn orthonormal(row: DVec3, column: DVec3) -> Option<[DVec3; 2]> {
    let sound =
        (row.length() - 1.0).abs() < 1e-3 && (column.length() - 1.0).abs() < 1e-3 && row.dot(column).abs() < 1e-3;
    if !sound {
        return None;
    }
    let row = row.normalize();
    let column = (column - row * row.dot(column)).normalize();
    Some([row, column])
}

/// Referenced File ID (0004,1500) of every directory record, parts joined by `/`.
fn directory(v: &Values<'_>) -> Vec<String> {
    v.items(v.whole(), 0x0004_1220)
        .into_iter()
        .filter_map(|record| v.text_in(record, 0x0004_1500))
        .map(|id| id.replace('\\', "/"))
        .collect()
}

/// YYYYMMDD as YYYY-MM-DD.
fn date(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != '.').take(8).collect();
    (digits.len() == 8 && digits.chars().all(|c| c.is_ascii_digit()))
        .then(|| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]))
}

/// Without control characters.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(256).collect()
}
