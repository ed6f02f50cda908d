//! A volume in HU → a DICOM CT series, one file per slice: how a digital chest leaves the house.
//!
//! CT Image Storage (PS3.3 A.3) with every attribute of type 1 and 2 of its modules. Values are stored as signed 16 bit
//! with slope 1 and intercept 0, so that every HU comes back as it was. UIDs follow from a seed, never from the clock.

use crate::jobs::{Cancelled, Progress};
use crate::space::{PADDING, Volume};
use dicom_core::value::PrimitiveValue;
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_encoding::text::SpecificCharacterSet;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use dicom_transfer_syntax_registry::entries::EXPLICIT_VR_LITTLE_ENDIAN;
use flate2::{Compression, write::DeflateEncoder};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// CT Image Storage, PS3.4 B.5.
const CT_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
/// What padding is written as (PS3.3 C.7.5.1.1.2, Pixel Padding Value).
const PADDING_STORED: i16 = -2048;
/// The most slices of a series: file names and Instance Number stay in four digits (choice).
const MOST_SLICES: usize = 9999;

/// How the files are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Explicit VR little endian, 1.2.840.10008.1.2.1.
    ExplicitLittleEndian,
    /// Deflated explicit VR little endian, 1.2.840.10008.1.2.1.99 (PS3.5 A.5): the whole data set as one raw deflate stream.
    Deflated,
}

impl Syntax {
    /// Its transfer syntax UID.
    pub fn uid(self) -> &'static str {
        match self {
            Syntax::ExplicitLittleEndian => "1.2.840.10008.1.2.1",
            Syntax::Deflated => "1.2.840.10008.1.2.1.99",
        }
    }
}

/// A series to write: the volume and what the headers say about it. Nothing here comes from a patient.
#[derive(Clone, Debug)]
pub struct SeriesToWrite<'a> {
    /// HU; slice k becomes one file. Axes as they are in the grid.
    pub hu: &'a Volume<i16>,
    /// What all UIDs are hashed from: same seed, same UIDs.
    pub seed: &'a str,
    /// Patient ID and, with `^`, Patient Name.
    pub patient_id: &'a str,
    /// Patient Name, `Family^Given`.
    pub patient_name: &'a str,
    /// Series Description and Study Description.
    pub description: &'a str,
    /// Study, series, acquisition and content date, `YYYYMMDD`.
    pub date: &'a str,
    /// Patient Position (0018,5100): `HFS`, `HFP`, ….
    pub patient_position: &'a str,
    /// Convolution Kernel.
    pub kernel: &'a str,
    /// Contrast/Bolus Agent; `None` for a plain scan.
    pub contrast: Option<&'a str>,
    /// How it is stored.
    pub syntax: Syntax,
}

/// Why a series was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file or folder could not be written.
    #[error("{file}: {source}; check that the folder exists, that it may be written to and that the disk is not full")]
    Io {
        /// The file or folder.
        file: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// The volume does not fit a CT series.
    #[error("a CT series cannot hold this volume: {0}")]
    Shape(String),
    /// The headers could not be encoded: a fault of ours.
    #[error("slice {slice} could not be encoded: {text}")]
    Encode {
        /// The slice, from 0.
        slice: usize,
        /// The encoder's word.
        text: String,
    },
    /// Asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// `2.25.` and a 128-bit number in decimal, hashed from a seed and a name (PS3.5 B.2: a UUID; here version 8, RFC 9562).
pub fn uid_from(seed: &str, name: &str) -> String {
    let hash = Sha256::digest(format!("icepath\u{0}{seed}\u{0}{name}").as_bytes());
    let mut b = [0u8; 16];
    b.copy_from_slice(&hash[..16]);
    b[6] = (b[6] & 0x0f) | 0x80;
    b[8] = (b[8] & 0x3f) | 0x80;
    format!("2.25.{}", u128::from_be_bytes(b))
}

/// Writes `ct-0001.dcm`, … into `dir`, which must exist; the paths in the order of the slices, feet first where k runs to
/// the head. Instance numbers run from the last slice to the first, as most scanners count from the head. Slices are
/// encoded in parallel; the bytes do not depend on the number of threads.
pub fn write_series(dir: &Path, series: &SeriesToWrite<'_>, progress: &Progress) -> Result<Vec<PathBuf>, WriteError> {
    let [columns, rows, n] = series.hu.grid.size;
    if columns == 0 || rows == 0 || n == 0 {
        return Err(WriteError::Shape("it is empty".into()));
    }
    if columns > usize::from(u16::MAX) || rows > usize::from(u16::MAX) || n > MOST_SLICES {
        return Err(WriteError::Shape(format!("{columns} × {rows} × {n} voxels are too many")));
    }
    let padded = series.hu.data.contains(&PADDING);
    let done = AtomicUsize::new(0);
    (0..n)
        .into_par_iter()
        .map(|k| {
            let number = n - k;
            let path = dir.join(format!("ct-{number:04}.dcm"));
            let bytes = file_bytes(series, k, number, padded).map_err(|text| WriteError::Encode { slice: k, text })?;
            std::fs::write(&path, bytes).map_err(|source| WriteError::Io { file: path.clone(), source })?;
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress.report("stage-writing", done as f32 / n as f32)?;
            Ok(path)
        })
        .collect()
}

/// One slice as a DICOM file.
fn file_bytes(series: &SeriesToWrite<'_>, k: usize, number: usize, padded: bool) -> Result<Vec<u8>, String> {
    let object = header(series, k, number, padded);
    let instance = instance_uid(series, number);
    let meta = FileMetaTableBuilder::new()
        .media_storage_sop_class_uid(CT_IMAGE_STORAGE)
        .media_storage_sop_instance_uid(instance)
        .transfer_syntax(series.syntax.uid())
        .implementation_class_uid(uid_from("implementation", "icepath"))
        .implementation_version_name("ICEPATH")
        .build()
        .map_err(|e| e.to_string())?;
    let mut bytes = vec![0u8; 128];
    bytes.extend_from_slice(b"DICM");
    meta.write(&mut bytes).map_err(|e| e.to_string())?;
    let mut data_set = Vec::with_capacity(4096 + 2 * series.hu.grid.size[0] * series.hu.grid.size[1]);
    let utf8 = SpecificCharacterSet::from_code("ISO_IR 192").unwrap_or_default();
    object
        .write_dataset_with_ts_cs(&mut data_set, &EXPLICIT_VR_LITTLE_ENDIAN.erased(), utf8)
        .map_err(|e| e.to_string())?;
    match series.syntax {
        Syntax::ExplicitLittleEndian => bytes.extend_from_slice(&data_set),
        Syntax::Deflated => {
            let mut deflate = DeflateEncoder::new(Vec::new(), Compression::new(6));
            deflate.write_all(&data_set).map_err(|e| e.to_string())?;
            let stream = deflate.finish().map_err(|e| e.to_string())?;
            bytes.extend_from_slice(&stream);
            if stream.len() % 2 == 1 {
                bytes.push(0);
            }
        }
    }
    Ok(bytes)
}

fn instance_uid(series: &SeriesToWrite<'_>, number: usize) -> String {
    uid_from(series.seed, &format!("instance {number}"))
}

/// A number as DS: at most 16 characters (PS3.5 6.2), as exact as these allow.
fn ds(x: f64) -> String {
    let x = if x == 0.0 { 0.0 } else { x };
    let mut text = format!("{x}");
    let mut decimals = 15;
    while text.len() > 16 && decimals > 0 {
        decimals -= 1;
        text = format!("{x:.decimals$}");
    }
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

/// The data set of slice k, pixels included.
fn header(series: &SeriesToWrite<'_>, k: usize, number: usize, padded: bool) -> InMemDicomObject {
    let grid = &series.hu.grid;
    let position = grid.point(glam::DVec3::new(0.0, 0.0, k as f64));
    let (row, column) = (grid.axes.x_axis, grid.axes.y_axis);
    let list = |values: &[f64]| values.iter().map(|v| ds(*v)).collect::<Vec<_>>().join("\\");
    // Slice Location: along the normal of the slices, from the patient's origin.
    let location = row.cross(column).dot(position.vec());
    let time = "120000";
    let mut o = InMemDicomObject::new_empty();
    let mut text = |tag: Tag, vr: VR, value: &str| {
        let value = match vr {
            // A list of values for those VRs in which the backslash parts them.
            VR::CS | VR::DS | VR::IS if value.contains('\\') => {
                PrimitiveValue::Strs(value.split('\\').map(str::to_owned).collect())
            }
            _ if value.is_empty() => PrimitiveValue::Empty,
            _ => PrimitiveValue::from(value),
        };
        o.put(DataElement::new(tag, vr, value));
    };
    text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
    text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL");
    text(tags::SOP_CLASS_UID, VR::UI, CT_IMAGE_STORAGE);
    text(tags::SOP_INSTANCE_UID, VR::UI, &instance_uid(series, number));
    for tag in [tags::STUDY_DATE, tags::SERIES_DATE, tags::ACQUISITION_DATE, tags::CONTENT_DATE] {
        text(tag, VR::DA, series.date);
    }
    for tag in [tags::STUDY_TIME, tags::SERIES_TIME, tags::ACQUISITION_TIME, tags::CONTENT_TIME] {
        text(tag, VR::TM, time);
    }
    text(tags::ACCESSION_NUMBER, VR::SH, "");
    text(tags::MODALITY, VR::CS, "CT");
    text(tags::MANUFACTURER, VR::LO, "IcePath");
    text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, "");
    text(tags::STUDY_DESCRIPTION, VR::LO, series.description);
    text(tags::SERIES_DESCRIPTION, VR::LO, series.description);
    text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "digital chest");
    text(tags::PATIENT_NAME, VR::PN, series.patient_name);
    text(tags::PATIENT_ID, VR::LO, series.patient_id);
    text(tags::PATIENT_BIRTH_DATE, VR::DA, "");
    text(tags::PATIENT_SEX, VR::CS, "O");
    text(tags::BODY_PART_EXAMINED, VR::CS, "CHEST");
    text(tags::SLICE_THICKNESS, VR::DS, &ds(grid.spacing.z));
    text(tags::KVP, VR::DS, "120");
    text(tags::SPACING_BETWEEN_SLICES, VR::DS, &ds(grid.spacing.z));
    text(tags::SOFTWARE_VERSIONS, VR::LO, env!("CARGO_PKG_VERSION"));
    text(tags::CONVOLUTION_KERNEL, VR::SH, series.kernel);
    text(tags::PATIENT_POSITION, VR::CS, series.patient_position);
    text(tags::STUDY_INSTANCE_UID, VR::UI, &uid_from(series.seed, "study"));
    text(tags::SERIES_INSTANCE_UID, VR::UI, &uid_from(series.seed, "series"));
    text(tags::STUDY_ID, VR::SH, "1");
    text(tags::SERIES_NUMBER, VR::IS, "1");
    text(tags::ACQUISITION_NUMBER, VR::IS, "1");
    text(tags::INSTANCE_NUMBER, VR::IS, &number.to_string());
    text(tags::IMAGE_POSITION_PATIENT, VR::DS, &list(&[position.x, position.y, position.z]));
    text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, &list(&[row.x, row.y, row.z, column.x, column.y, column.z]));
    text(tags::FRAME_OF_REFERENCE_UID, VR::UI, &uid_from(series.seed, "frame of reference"));
    text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, "");
    text(tags::SLICE_LOCATION, VR::DS, &ds(location));
    text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
    // Between rows first, then between columns (PS3.3 10.7.1.3).
    text(tags::PIXEL_SPACING, VR::DS, &list(&[grid.spacing.y, grid.spacing.x]));
    text(tags::WINDOW_CENTER, VR::DS, "-500\\40");
    text(tags::WINDOW_WIDTH, VR::DS, "1500\\400");
    text(tags::RESCALE_INTERCEPT, VR::DS, "0");
    text(tags::RESCALE_SLOPE, VR::DS, "1");
    text(tags::RESCALE_TYPE, VR::LO, "HU");
    if let Some(agent) = series.contrast {
        text(tags::CONTRAST_BOLUS_AGENT, VR::LO, agent);
    }
    let mut number_of = |tag: Tag, value: u16| {
        o.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
    };
    number_of(tags::SAMPLES_PER_PIXEL, 1);
    number_of(tags::ROWS, grid.size[1] as u16);
    number_of(tags::COLUMNS, grid.size[0] as u16);
    number_of(tags::BITS_ALLOCATED, 16);
    number_of(tags::BITS_STORED, 16);
    number_of(tags::HIGH_BIT, 15);
    number_of(tags::PIXEL_REPRESENTATION, 1);
    if padded {
        o.put(DataElement::new(tags::PIXEL_PADDING_VALUE, VR::SS, PrimitiveValue::from(PADDING_STORED)));
    }
    let stored = series.hu.slice(k).iter().map(|v| if *v == PADDING { PADDING_STORED } else { *v } as u16);
    o.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(stored.collect())));
    o
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Grid, Lps};
    use glam::{DMat3, DVec3};

    fn volume() -> Volume<i16> {
        let grid = Grid {
            size: [6, 5, 3],
            spacing: DVec3::new(0.7, 0.8, 2.5),
            origin: Lps::new(-100.25, 20.125, -712.4),
            axes: DMat3::IDENTITY,
        };
        let data = (0..grid.len()).map(|o| if o == 3 { PADDING } else { o as i16 * 37 - 1024 }).collect();
        Volume { grid, data }
    }

    fn series(hu: &Volume<i16>, syntax: Syntax) -> SeriesToWrite<'_> {
        SeriesToWrite {
            hu,
            seed: "test",
            patient_id: "PHANTOM-TEST",
            patient_name: "Phantom^Test",
            description: "Digital chest",
            date: "20260105",
            patient_position: "HFS",
            kernel: "STANDARD",
            contrast: None,
            syntax,
        }
    }

    #[test]
    fn what_is_written_reads_back_voxel_by_voxel_with_its_place() {
        let hu = volume();
        let dir = tempfile::tempdir().unwrap();
        let paths = write_series(dir.path(), &series(&hu, Syntax::ExplicitLittleEndian), &Progress::none()).unwrap();
        for (k, path) in paths.iter().enumerate() {
            let object = dicom_object::open_file(path).unwrap();
            let value = |tag| object.element(tag).unwrap().to_multi_float64().unwrap();
            assert_eq!(value(tags::IMAGE_POSITION_PATIENT), [-100.25, 20.125, -712.4 + 2.5 * k as f64]);
            assert_eq!(value(tags::PIXEL_SPACING), [0.8, 0.7]);
            let bytes = object.element(tags::PIXEL_DATA).unwrap().to_bytes().unwrap();
            let values: Vec<i16> = bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
            let wanted: Vec<i16> =
                hu.slice(k).iter().map(|v| if *v == PADDING { PADDING_STORED } else { *v }).collect();
            assert_eq!(values, wanted);
        }
    }

    #[test]
    fn a_deflated_file_holds_the_same_data_set_as_a_plain_one() {
        use std::io::Read;
        let hu = volume();
        let plain = file_bytes(&series(&hu, Syntax::ExplicitLittleEndian), 1, 2, true).unwrap();
        let deflated = file_bytes(&series(&hu, Syntax::Deflated), 1, 2, true).unwrap();
        // The meta group's length stands in its first element, at byte 140; the data set follows.
        let after_meta = |b: &[u8]| 144 + u32::from_le_bytes([b[140], b[141], b[142], b[143]]) as usize;
        let mut inflated = Vec::new();
        flate2::read::DeflateDecoder::new(&deflated[after_meta(&deflated)..]).read_to_end(&mut inflated).unwrap();
        assert_eq!(inflated, plain[after_meta(&plain)..]);
    }

    #[test]
    fn uids_are_legal_and_follow_from_the_seed() {
        assert_eq!(uid_from("a", "b"), uid_from("a", "b"));
        assert_ne!(uid_from("a", "b"), uid_from("b", "a"));
        for n in 0..100 {
            let uid = uid_from("seed", &n.to_string());
            assert!(uid.len() <= 64 && uid.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        }
    }

    #[test]
    fn numbers_fit_into_sixteen_characters() {
        for x in [0.0, -0.0, -123.456789012345, 1.1, 1e-7, -1.0 / 3.0, 12345.678901234567] {
            assert!(ds(x).len() <= 16, "{}", ds(x));
            assert!((ds(x).parse::<f64>().unwrap() - x).abs() < 1e-9);
        }
    }
}
