//! NIfTI-1 in and out: research volumes in HU, masks and labels. The header is 348 bytes (nifti.nimh.nih.gov,
//! nifti1.h); positions in the file are RAS, here LPS: x and y change sign.

use crate::space::{Grid, Lps, Mask, PADDING, Volume};
use flate2::read::GzDecoder;
use flate2::{Compression, write::GzEncoder};
use glam::{DMat3, DVec3};
use std::io::{self, Read, Write};
use std::path::Path;

/// Why a NIfTI file was refused.
#[derive(Debug, thiserror::Error)]
pub enum NiftiError {
    /// The system's word.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// What is wrong with the file.
    #[error("{0}")]
    Bad(String),
}

/// The most voxels a file may have: 2 × 10⁹ bytes as i16.
const MOST_VOXELS: u64 = 1 << 30;

fn bad<T>(text: impl Into<String>) -> Result<T, NiftiError> {
    Err(NiftiError::Bad(text.into()))
}

/// Values as they stand in the file, with scale and intercept applied, before any choice of type.
pub fn read(path: &Path) -> Result<Volume<f32>, NiftiError> {
    let file = std::fs::File::open(path)?;
    let mut start = [0u8; 2];
    let mut reader: Box<dyn Read> = Box::new(io::BufReader::with_capacity(1 << 20, file));
    reader.read_exact(&mut start)?;
    let joined = io::Cursor::new(start).chain(reader);
    if start == [0x1f, 0x8b] { read_from(GzDecoder::new(joined)) } else { read_from(joined) }
}

/// HU of a volume file: rounded to whole HU, below −1024 counted as padding.
pub fn read_hu(path: &Path) -> Result<Volume<i16>, NiftiError> {
    let v = read(path)?;
    let data = v
        .data
        .iter()
        .map(|x| if !x.is_finite() || *x < -1024.0 { PADDING } else { x.round().clamp(-32767.0, 32767.0) as i16 });
    Ok(Volume { grid: v.grid, data: data.collect() })
}

/// The grid of a file, from its header alone.
pub fn grid(path: &Path) -> Result<Grid, NiftiError> {
    let mut start = [0u8; 2];
    let mut reader = io::BufReader::new(std::fs::File::open(path)?);
    reader.read_exact(&mut start)?;
    let mut joined = io::Cursor::new(start).chain(reader);
    let head = if start == [0x1f, 0x8b] { head(&mut GzDecoder::new(joined)) } else { head(&mut joined) };
    Ok(head?.grid)
}

/// What the header says of the data that follow it.
struct Head {
    grid: Grid,
    big: bool,
    datatype: i16,
    width: usize,
    slope: f64,
    intercept: f64,
}

/// Reads the header, up to the first byte of the data.
fn head(mut r: &mut impl Read) -> Result<Head, NiftiError> {
    let mut h = [0u8; 348];
    r.read_exact(&mut h)?;
    let big = match i32::from_le_bytes([h[0], h[1], h[2], h[3]]) {
        348 => false,
        x if x.swap_bytes() == 348 => true,
        _ => return bad("not a NIfTI-1 header"),
    };
    let bytes2 = |o: usize| [h[o], h[o + 1]];
    let bytes4 = |o: usize| [h[o], h[o + 1], h[o + 2], h[o + 3]];
    let short = |o: usize| if big { i16::from_be_bytes(bytes2(o)) } else { i16::from_le_bytes(bytes2(o)) };
    let float = |o: usize| f64::from(if big { f32::from_be_bytes(bytes4(o)) } else { f32::from_le_bytes(bytes4(o)) });
    if &h[344..347] != b"n+1" {
        return bad("not a single-file NIfTI-1 (n+1)");
    }
    let dims = short(40);
    if !(3..=7).contains(&dims) {
        return bad(format!("{dims} dimensions, three are needed"));
    }
    let mut size = [0usize; 3];
    for a in 0..3 {
        let n = short(42 + 2 * a);
        if n < 1 {
            return bad(format!("dimension {} is {n}", a + 1));
        }
        size[a] = n as usize;
    }
    for a in 3..dims as usize {
        if short(42 + 2 * a) > 1 {
            return bad("more than one volume in the file");
        }
    }
    let voxels = size.iter().map(|n| *n as u64).product::<u64>();
    if voxels > MOST_VOXELS {
        return bad(format!("{voxels} voxels, {MOST_VOXELS} are the most"));
    }
    // Columns of the affine, RAS.
    let (columns, origin) = if short(254) > 0 {
        let row = |r: usize, c: usize| float(280 + 16 * r + 4 * c);
        let col = |c: usize| DVec3::new(row(0, c), row(1, c), row(2, c));
        ([col(0), col(1), col(2)], col(3))
    } else if short(252) > 0 {
        let (b, c, d) = (float(256), float(260), float(264));
        let a = (1.0 - b * b - c * c - d * d).max(0.0).sqrt();
        let q = glam::DQuat::from_xyzw(b, c, d, a);
        let m = DMat3::from_quat(q);
        let flip = if float(76) < 0.0 { -1.0 } else { 1.0 };
        let columns = [m.x_axis * float(80), m.y_axis * float(84), m.z_axis * float(88) * flip];
        (columns, DVec3::new(float(268), float(272), float(276)))
    } else {
        return bad("neither sform nor qform: the place in the patient is unknown");
    };
    // The unit of space (xyzt_units): metre, millimetre, micrometre; files that tell none mean mm.
    let mm = match h[123] & 7 {
        1 => 1000.0,
        0 | 2 => 1.0,
        3 => 0.001,
        unit => return bad(format!("unit of space {unit} is not known")),
    };
    let (columns, origin) = (columns.map(|c| c * mm), origin * mm);
    let to_lps = DVec3::new(-1.0, -1.0, 1.0);
    let spacing = DVec3::new(columns[0].length(), columns[1].length(), columns[2].length());
    if !(spacing.is_finite() && spacing.min_element() > 1e-6 && origin.is_finite()) {
        return bad("spacing or origin is not a number");
    }
    let axes = DMat3::from_cols(
        to_lps * columns[0] / spacing.x,
        to_lps * columns[1] / spacing.y,
        to_lps * columns[2] / spacing.z,
    );
    let skew = (axes.transpose() * axes - DMat3::IDENTITY).to_cols_array().iter().fold(0f64, |m, x| m.max(x.abs()));
    if skew > 1e-3 {
        return bad("axes are not perpendicular");
    }
    let grid = Grid { size, spacing, origin: Lps::from(to_lps * origin), axes };
    let skip = float(108).max(352.0) as u64 - 348;
    io::copy(&mut (&mut r).take(skip), &mut io::sink())?;
    let width = match short(70) {
        2 | 256 => 1,
        4 | 512 => 2,
        8 | 16 | 768 => 4,
        64 => 8,
        t => return bad(format!("data type {t} is not read")),
    };
    let mut slope = float(112);
    let mut intercept = float(116);
    if !slope.is_finite() || slope == 0.0 || !intercept.is_finite() {
        (slope, intercept) = (1.0, 0.0);
    }
    Ok(Head { grid, big, datatype: short(70), width, slope, intercept })
}

fn read_from(mut r: impl Read) -> Result<Volume<f32>, NiftiError> {
    let Head { grid, big, datatype, width, slope, intercept } = head(&mut r)?;
    let size = grid.size;
    let plane = size[0] * size[1];
    let mut bytes = vec![0u8; plane * width];
    let mut data: Vec<f32> = Vec::new();
    for _ in 0..size[2] {
        r.read_exact(&mut bytes)?;
        data.extend(bytes.chunks_exact(width).map(|c| {
            let mut b = [0u8; 8];
            if big {
                for (to, from) in b.iter_mut().zip(c.iter().rev()) {
                    *to = *from;
                }
            } else {
                b[..width].copy_from_slice(c);
            }
            let raw = match datatype {
                2 => f64::from(b[0]),
                256 => f64::from(b[0] as i8),
                4 => f64::from(i16::from_le_bytes([b[0], b[1]])),
                512 => f64::from(u16::from_le_bytes([b[0], b[1]])),
                8 => f64::from(i32::from_le_bytes([b[0], b[1], b[2], b[3]])),
                768 => f64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])),
                16 => f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
                _ => f64::from_le_bytes(b),
            };
            (raw * slope + intercept) as f32
        }));
    }
    to_its_end(&mut r)?;
    Ok(Volume { grid, data })
}

/// Reads what follows the data, so that a packed stream's checksum and length at its end are held against it.
pub(super) fn to_its_end(r: &mut impl Read) -> io::Result<()> {
    /// More than this is something else.
    const MOST: u64 = 1 << 24;
    io::copy(&mut r.take(MOST), &mut io::sink()).map(|_| ())
}

fn header(grid: &Grid, datatype: i16, bits: i16) -> Vec<u8> {
    let mut h = vec![0u8; 352];
    let mut put = |o: usize, b: &[u8]| h[o..o + b.len()].copy_from_slice(b);
    put(0, &348i32.to_le_bytes());
    for (n, d) in [3, grid.size[0] as i16, grid.size[1] as i16, grid.size[2] as i16, 1, 1, 1, 1].iter().enumerate() {
        put(40 + 2 * n, &d.to_le_bytes());
    }
    put(70, &datatype.to_le_bytes());
    put(72, &bits.to_le_bytes());
    let to_ras = DVec3::new(-1.0, -1.0, 1.0);
    let columns = [0, 1, 2].map(|a| to_ras * grid.axes.col(a) * grid.spacing[a]);
    let origin = to_ras * grid.origin.vec();
    let unit = DMat3::from_cols(columns[0] / grid.spacing.x, columns[1] / grid.spacing.y, columns[2] / grid.spacing.z);
    let left = if unit.determinant() < 0.0 { -1.0 } else { 1.0 };
    let q = glam::DQuat::from_mat3(&DMat3::from_cols(unit.x_axis, unit.y_axis, unit.z_axis * left));
    let q = if q.w < 0.0 { -q } else { q };
    for (n, v) in [left, grid.spacing.x, grid.spacing.y, grid.spacing.z].iter().enumerate() {
        put(76 + 4 * n, &(*v as f32).to_le_bytes());
    }
    put(108, &352f32.to_le_bytes());
    put(112, &1f32.to_le_bytes());
    put(123, &[2]); // millimetres
    put(252, &1i16.to_le_bytes());
    put(254, &1i16.to_le_bytes());
    for (n, v) in [q.x, q.y, q.z, origin.x, origin.y, origin.z].iter().enumerate() {
        put(256 + 4 * n, &(*v as f32).to_le_bytes());
    }
    for r in 0..3 {
        for (c, v) in [columns[0][r], columns[1][r], columns[2][r], origin[r]].iter().enumerate() {
            put(280 + 16 * r + 4 * c, &(*v as f32).to_le_bytes());
        }
    }
    put(344, b"n+1\0");
    h
}

fn write(to: impl Write, gz: bool, head: &[u8], slices: impl Iterator<Item = Vec<u8>>) -> io::Result<()> {
    fn all(mut to: impl Write, head: &[u8], slices: impl Iterator<Item = Vec<u8>>) -> io::Result<()> {
        to.write_all(head)?;
        for s in slices {
            to.write_all(&s)?;
        }
        to.flush()
    }
    if gz {
        let mut z = GzEncoder::new(to, Compression::fast());
        all(&mut z, head, slices)?;
        z.finish()?.flush()
    } else {
        all(to, head, slices)
    }
}

/// Writes HU as int16; padding becomes −2048.
pub fn write_hu(to: impl Write, gz: bool, volume: &Volume<i16>) -> io::Result<()> {
    let slice = |k: usize| {
        volume.slice(k).iter().flat_map(|v| if *v == PADDING { -2048i16 } else { *v }.to_le_bytes()).collect()
    };
    write(to, gz, &header(&volume.grid, 4, 16), (0..volume.grid.size[2]).map(slice))
}

/// Writes labels as uint8.
pub fn write_labels(to: impl Write, gz: bool, labels: &Volume<u8>) -> io::Result<()> {
    write(to, gz, &header(&labels.grid, 2, 8), (0..labels.grid.size[2]).map(|k| labels.slice(k).to_vec()))
}

/// Writes a mask as uint8, 0 and 1.
pub fn write_mask(to: impl Write, gz: bool, mask: &Mask) -> io::Result<()> {
    let [nx, ny, nz] = mask.grid.size;
    let slice = |k: usize| {
        let mut bytes = vec![0u8; nx * ny];
        for j in 0..ny {
            for (a, b) in mask.runs(j, k) {
                bytes[j * nx + a..j * nx + b].fill(1);
            }
        }
        bytes
    };
    write(to, gz, &header(&mask.grid, 2, 8), (0..nz).map(slice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_file_of_which_a_bit_fell_over_is_refused() {
        let grid =
            Grid { size: [9, 8, 7], spacing: DVec3::ONE, origin: Lps::new(0.0, 0.0, 0.0), axes: DMat3::IDENTITY };
        let mut hu = Volume::filled(grid, 0);
        hu.data.iter_mut().enumerate().for_each(|(n, v)| *v = (n * 37 % 1000) as i16);
        let mut bytes = Vec::new();
        write_hu(&mut bytes, true, &hu).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.nii.gz");
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(read_hu(&path).unwrap().data, hu.data);
        // From behind the header of the packed stream to its checksum at the end.
        let mut refused = 0;
        for at in (10..bytes.len() - 4).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            std::fs::write(&path, &damaged).unwrap();
            // A bit that decides nothing may fall over.
            match read_hu(&path) {
                Ok(back) => assert_eq!(back.data, hu.data, "byte {at}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 100, "{refused}");
    }

    #[test]
    fn lengths_are_in_the_unit_that_the_header_names() {
        let grid = Grid {
            size: [3, 3, 3],
            spacing: DVec3::new(0.5, 0.75, 2.5),
            origin: Lps::new(10.0, -20.0, 30.0),
            axes: DMat3::IDENTITY,
        };
        let mut bytes = Vec::new();
        write_hu(&mut bytes, false, &Volume::filled(grid, 0)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.nii");
        let mut read = |unit: u8| {
            bytes[123] = unit;
            std::fs::write(&path, &bytes).unwrap();
            super::grid(&path)
        };
        for (unit, mm) in [(0, 1.0), (2, 1.0), (10, 1.0), (1, 1000.0), (3, 0.001)] {
            let back = read(unit).unwrap();
            assert!((back.spacing / mm - grid.spacing).length() < 1e-6, "unit {unit}");
            assert!((back.origin.vec() / mm - grid.origin.vec()).length() < 1e-4, "unit {unit}");
        }
        assert!(read(5).is_err());
    }

    #[test]
    fn a_volume_comes_back_as_it_was_written_in_any_pose() {
        let axes = DMat3::from_cols(DVec3::NEG_X, DVec3::Y, DVec3::NEG_Z);
        let grid =
            Grid { size: [5, 4, 3], spacing: DVec3::new(0.5, 0.75, 2.5), origin: Lps::new(10.0, -20.0, 30.0), axes };
        let data = (0..grid.len()).map(|o| if o == 7 { PADDING } else { o as i16 * 10 - 300 }).collect();
        let volume = Volume { grid, data };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.nii.gz");
        write_hu(std::fs::File::create(&path).unwrap(), true, &volume).unwrap();
        let back = read_hu(&path).unwrap();
        assert_eq!(back.data, volume.data);
        assert!(back.grid.origin.distance(grid.origin) < 1e-4);
        assert!(back.grid.axes.abs_diff_eq(axes, 1e-6));
    }
}
