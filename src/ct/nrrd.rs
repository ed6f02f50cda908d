//! NRRD in and out: research volumes in HU (teem's format, NRRD0004 and its kin; attached data, raw or gzip).

use super::nifti::NiftiError;
use crate::space::{Grid, Lps, PADDING, Volume};
use flate2::read::MultiGzDecoder;
use glam::{DMat3, DVec3};
use std::io::{self, BufRead, Read, Seek, Write};
use std::path::Path;

/// The most voxels a file may have: 2 × 10⁹ bytes as i16.
const MOST_VOXELS: u64 = 1 << 30;
/// Bytes of the header (choice).
const LONGEST_HEADER: u64 = 1 << 20;

fn bad<T>(text: impl Into<String>) -> Result<T, NiftiError> {
    Err(NiftiError::Bad(text.into()))
}

struct Head {
    grid: Grid,
    kind: &'static str,
    big: bool,
    gzip: bool,
    skip: Skip,
}

/// What lies between the header and the data (`line skip`, `byte skip`).
#[derive(Clone, Copy)]
struct Skip {
    /// Lines of the file as it is.
    lines: u64,
    /// Bytes of the data, unpacked; `None`: whatever there is before them.
    bytes: Option<u64>,
}

/// Lines and bytes skipped at most (choice).
const MOST_SKIPPED: u64 = 1 << 30;

/// The grid of a file, from its header alone.
pub(super) fn grid(path: &Path) -> Result<Grid, NiftiError> {
    Ok(head(&mut io::BufReader::new(std::fs::File::open(path)?))?.grid)
}

/// HU of a file: rounded to whole HU; below −1024 and what is no number counts as padding.
pub(super) fn read_hu(path: &Path) -> Result<Volume<i16>, NiftiError> {
    let mut file = io::BufReader::with_capacity(1 << 20, std::fs::File::open(path)?);
    let Head { grid, kind, big, gzip, skip } = head(&mut file)?;
    for _ in 0..skip.lines {
        file.skip_until(b'\n')?;
    }
    let width = match kind {
        "i8" | "u8" => 1,
        "i16" | "u16" => 2,
        "i32" | "u32" | "f32" => 4,
        _ => 8,
    };
    let total = (grid.len() * width) as u64;
    if skip.bytes.is_none() {
        let end = file.get_ref().metadata()?.len();
        let Some(start) = end.checked_sub(total) else { return bad("the file is shorter than its data") };
        file.seek(io::SeekFrom::Start(start))?;
    }
    let mut data: Box<dyn Read> = if gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    io::copy(&mut (&mut data).take(skip.bytes.unwrap_or(0)), &mut io::sink())?;
    let mut plane = vec![0u8; grid.size[0] * grid.size[1] * width];
    let mut out = Vec::new();
    for _ in 0..grid.size[2] {
        data.read_exact(&mut plane)?;
        out.extend(plane.chunks_exact(width).map(|c| {
            let mut b = [0u8; 8];
            b[..width].copy_from_slice(c);
            if big {
                b[..width].reverse();
            }
            let four = [b[0], b[1], b[2], b[3]];
            let v = match kind {
                "i8" => f64::from(b[0] as i8),
                "u8" => f64::from(b[0]),
                "i16" => f64::from(i16::from_le_bytes([b[0], b[1]])),
                "u16" => f64::from(u16::from_le_bytes([b[0], b[1]])),
                "i32" => f64::from(i32::from_le_bytes(four)),
                "u32" => f64::from(u32::from_le_bytes(four)),
                "f32" => f64::from(f32::from_le_bytes(four)),
                "i64" => i64::from_le_bytes(b) as f64,
                "u64" => u64::from_le_bytes(b) as f64,
                _ => f64::from_le_bytes(b),
            };
            if !v.is_finite() || v < -1024.0 { PADDING } else { v.round().clamp(-32767.0, 32767.0) as i16 }
        }));
    }
    super::nifti::to_its_end(&mut data)?;
    Ok(Volume { grid, data: out })
}

/// Reads up to and with the blank line.
fn head(file: &mut impl BufRead) -> Result<Head, NiftiError> {
    let mut lines = file.take(LONGEST_HEADER);
    let mut line = String::new();
    let mut magic = [0u8; 8];
    lines.read_exact(&mut magic)?;
    if !magic.starts_with(b"NRRD000") {
        return bad("not an NRRD header");
    }
    lines.read_line(&mut line)?;
    let mut fields: Vec<(String, String)> = Vec::new();
    loop {
        let mut bytes = Vec::new();
        if lines.read_until(b'\n', &mut bytes)? == 0 {
            return bad("the header does not end");
        }
        line = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
        if line.is_empty() {
            break;
        }
        if line.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_lowercase(), value.trim_start_matches('=').trim().to_owned()));
        }
    }
    let field = |name: &str| fields.iter().find(|f| f.0 == name).map(|f| f.1.as_str());
    if field("data file").or(field("datafile")).is_some() {
        return bad("data in another file are not read");
    }
    if field("dimension") != Some("3") {
        return bad("three dimensions are needed");
    }
    let sizes: Vec<usize> = field("sizes").unwrap_or("").split_whitespace().filter_map(|s| s.parse().ok()).collect();
    let Ok(size) = <[usize; 3]>::try_from(sizes) else { return bad("sizes are not three numbers") };
    let voxels = size.iter().try_fold(1u64, |p, n| p.checked_mul(*n as u64)).unwrap_or(u64::MAX);
    if voxels == 0 || voxels > MOST_VOXELS {
        return bad(format!("{voxels} voxels, {MOST_VOXELS} are the most"));
    }
    let kind = match field("type").unwrap_or("") {
        "signed char" | "int8" | "int8_t" => "i8",
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => "u8",
        "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => "i16",
        "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => "u16",
        "int" | "signed int" | "int32" | "int32_t" => "i32",
        "uint" | "unsigned int" | "uint32" | "uint32_t" => "u32",
        "longlong" | "long long" | "long long int" | "int64" | "int64_t" => "i64",
        "ulonglong" | "unsigned long long" | "uint64" | "uint64_t" => "u64",
        "float" => "f32",
        "double" => "f64",
        other => return bad(format!("data type {other} is not read")),
    };
    let gzip = match field("encoding").unwrap_or("") {
        "raw" => false,
        "gzip" | "gz" => true,
        other => return bad(format!("encoding {other} is not read")),
    };
    // To LPS, by the space's name.
    let to_lps = match field("space").unwrap_or("").to_lowercase().as_str() {
        "left-posterior-superior" | "lps" => DVec3::ONE,
        "right-anterior-superior" | "ras" => DVec3::new(-1.0, -1.0, 1.0),
        "left-anterior-superior" | "las" => DVec3::new(1.0, -1.0, 1.0),
        other => return bad(format!("space {other:?}: the place in the patient is unknown")),
    };
    let vectors = |text: &str| -> Vec<DVec3> {
        text.split('(')
            .filter_map(|part| part.split_once(')'))
            .filter_map(|(v, _)| {
                let x: Vec<f64> = v.split(',').filter_map(|n| n.trim().parse().ok()).collect();
                <[f64; 3]>::try_from(x).ok().map(|x| to_lps * DVec3::from(x))
            })
            .collect()
    };
    let (columns, origin) = match (field("space directions"), field("space origin")) {
        (Some(d), Some(o)) => (vectors(d), vectors(o)),
        _ => return bad("neither space directions nor space origin: the place in the patient is unknown"),
    };
    let mm = match field("space units") {
        None => 1.0,
        Some(text) => units(text)?,
    };
    let (Ok(columns), [origin]) = (<[DVec3; 3]>::try_from(columns), origin.as_slice()) else {
        return bad("space directions or space origin are not vectors of three numbers");
    };
    let (columns, origin) = (columns.map(|c| c * mm), *origin * mm);
    let spacing = DVec3::new(columns[0].length(), columns[1].length(), columns[2].length());
    if !(spacing.is_finite() && spacing.min_element() > 1e-6 && origin.is_finite()) {
        return bad("spacing or origin is not a number");
    }
    let axes = DMat3::from_cols(columns[0] / spacing.x, columns[1] / spacing.y, columns[2] / spacing.z);
    let skew = (axes.transpose() * axes - DMat3::IDENTITY).to_cols_array().iter().fold(0f64, |m, x| m.max(x.abs()));
    if skew > 1e-3 {
        return bad("axes are not perpendicular");
    }
    let big = field("endian") == Some("big");
    let number = |names: [&str; 2]| -> Result<i64, NiftiError> {
        let Some(text) = field(names[0]).or(field(names[1])) else { return Ok(0) };
        text.parse().or_else(|_| bad(format!("{} {text:?} is no number", names[0])))
    };
    let (lines, bytes) = (number(["line skip", "lineskip"])?, number(["byte skip", "byteskip"])?);
    let skip = Skip { lines: lines.max(0) as u64, bytes: (bytes != -1).then_some(bytes.max(0) as u64) };
    if lines < 0 || bytes < -1 || skip.lines.max(skip.bytes.unwrap_or(0)) > MOST_SKIPPED || bytes == -1 && gzip {
        return bad("what is to be skipped makes no sense");
    }
    Ok(Head { grid: Grid { size, spacing, origin: Lps::from(origin), axes }, kind, big, gzip, skip })
}

/// How many mm the unit of space has: `"mm" "mm" "mm"` and its kin.
fn units(text: &str) -> Result<f64, NiftiError> {
    let names: Vec<&str> = text.split('"').map(str::trim).filter(|t| !t.is_empty()).collect();
    let of = |name: &str| match name {
        "mm" | "millimeter" | "millimeters" | "millimetre" => Some(1.0),
        "cm" | "centimeter" | "centimeters" => Some(10.0),
        "m" | "meter" | "meters" => Some(1000.0),
        "um" | "µm" | "micron" | "microns" => Some(0.001),
        _ => None,
    };
    match names.as_slice() {
        [first, rest @ ..] if rest.iter().all(|n| n == first) && of(first).is_some() => Ok(of(first).unwrap_or(1.0)),
        _ => bad(format!("space units {text} are not read")),
    }
}

/// Writes HU as little-endian int16, uncompressed; padding becomes −2048.
pub fn write_nrrd(mut to: impl Write, volume: &Volume<i16>) -> io::Result<()> {
    let g = &volume.grid;
    let vector = |v: DVec3| format!("({},{},{})", v.x, v.y, v.z);
    let directions = [0, 1, 2].map(|a| vector(g.axes.col(a) * g.spacing[a])).join(" ");
    write!(
        to,
        "NRRD0005\ntype: int16\ndimension: 3\nspace: left-posterior-superior\nsizes: {} {} {}\nspace directions: \
         {directions}\nkinds: domain domain domain\nendian: little\nencoding: raw\nspace origin: {}\n\n",
        g.size[0],
        g.size[1],
        g.size[2],
        vector(g.origin.vec())
    )?;
    for k in 0..g.size[2] {
        let bytes: Vec<u8> =
            volume.slice(k).iter().flat_map(|v| if *v == PADDING { -2048i16 } else { *v }.to_le_bytes()).collect();
        to.write_all(&bytes)?;
    }
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume() -> Volume<i16> {
        let axes = DMat3::from_cols(DVec3::NEG_X, DVec3::Y, DVec3::NEG_Z);
        let spacing = DVec3::new(0.703125, 0.75, 2.5);
        let grid = Grid { size: [5, 4, 3], spacing, origin: Lps::new(10.5, -20.0, 30.25), axes };
        let data = (0..grid.len()).map(|o| if o == 7 { PADDING } else { o as i16 * 10 - 300 }).collect();
        Volume { grid, data }
    }

    #[test]
    fn a_volume_comes_back_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.nrrd");
        write_nrrd(std::fs::File::create(&path).unwrap(), &volume()).unwrap();
        assert_eq!(read_hu(&path).unwrap(), volume());
        assert_eq!(grid(&path).unwrap(), volume().grid);
    }

    #[test]
    fn a_header_that_announces_too_much_is_refused_before_anything_is_taken() {
        let text = b"NRRD0004\ntype: short\ndimension: 3\nspace: lps\nsizes: 99999999 99999999 99999999\n\
            space directions: (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\nencoding: raw\n\n";
        assert!(matches!(head(&mut text.as_slice()), Err(NiftiError::Bad(_))));
    }

    #[test]
    fn what_is_skipped_and_the_unit_of_space_are_as_the_header_says() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.nrrd");
        let mut plain = Vec::new();
        write_nrrd(&mut plain, &volume()).unwrap();
        let at = plain.windows(2).position(|w| w == b"\n\n").unwrap();
        let with = |field: &str, between: &[u8]| {
            let head = [&plain[..at], b"\n", field.as_bytes(), b"\n\n"].concat();
            std::fs::write(&path, [&head, between, &plain[at + 2..]].concat()).unwrap();
            read_hu(&path)
        };
        for (field, between) in [
            ("byte skip: 11", &b"eleven of b"[..]),
            ("byteskip: -1", b"whatever is here"),
            ("line skip: 2", b"one line\nand a second\n"),
            ("lineskip: 1\nbyte skip: 3", b"a line\nabc"),
            ("space units: \"mm\" \"mm\" \"mm\"", b""),
        ] {
            assert_eq!(with(field, between).unwrap(), volume(), "{field}");
        }
        let far = with("space units: \"cm\" \"cm\" \"cm\"", b"").unwrap().grid;
        assert!((far.spacing - volume().grid.spacing * 10.0).length() < 1e-9);
        assert!((far.origin.vec() - volume().grid.origin.vec() * 10.0).length() < 1e-9);
        for field in ["byte skip: -2", "byte skip: many", "line skip: -1", "space units: \"mm\" \"mm\" \"s\""] {
            assert!(with(field, b"").is_err(), "{field}");
        }
        assert!(with("byte skip: 9", b"").is_err(), "data that end too soon");
    }
}
