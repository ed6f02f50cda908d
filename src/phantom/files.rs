//! A digital chest as files: the DICOM series, and its truth beside it.

use super::Case;
use super::{Phantom, TruthLesion};
use crate::ct::{SeriesToWrite, Syntax, WriteError, nifti, uid_from, write_series};
use crate::jobs::{Cancelled, Progress};
use crate::terms::Pose;
use crate::words::{Lang, Words};
use serde_json::{Value, json};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// Why a digital chest was not written.
#[derive(Debug, thiserror::Error)]
pub enum PhantomError {
    /// A file or folder could not be written.
    #[error("{file}: {source}; check that the folder may be written to and that the disk is not full")]
    Io {
        /// The file or folder.
        file: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// The series could not be written.
    #[error(transparent)]
    Series(#[from] WriteError),
    /// Asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// The day on which every digital chest was scanned: files must not depend on the clock.
const DATE: &str = "20260105";

/// Writes `DIR/dicom/` (one deflated file per slice), `truth.nii.gz`, `truth.labels.json` and `truth.json`; the paths of
/// all files, relative to `dir`. Folders are made where they are missing.
pub fn write(phantom: &Phantom, dir: &Path, progress: &Progress) -> Result<Vec<PathBuf>, PhantomError> {
    let dicom = dir.join("dicom");
    let failed = |file: &Path, source| PhantomError::Io { file: file.to_path_buf(), source };
    std::fs::create_dir_all(&dicom).map_err(|e| failed(&dicom, e))?;
    let case = &phantom.case;
    let seed = series_seed(&phantom.case);
    let series = SeriesToWrite {
        hu: &phantom.hu,
        seed: &seed,
        patient_id: &format!("PHANTOM-{}", case.id.to_uppercase()),
        patient_name: "Phantom^Digital Chest",
        description: &format!("Digital chest: {}", case.id),
        date: DATE,
        patient_position: if case.pose == Pose::Prone { "HFP" } else { "HFS" },
        kernel: "SOFT",
        contrast: case.contrast.then_some("IODINE"),
        syntax: Syntax::Deflated,
    };
    let mut files = write_series(&dicom, &series, &progress.part(0.0, 0.9))?;
    let path = dir.join("truth.nii.gz");
    let file = std::fs::File::create(&path).map_err(|e| failed(&path, e))?;
    nifti::write_labels(BufWriter::new(file), true, &phantom.truth).map_err(|e| failed(&path, e))?;
    files.push(path);
    let labels: serde_json::Map<String, Value> =
        phantom.names.iter().map(|(label, name)| (label.to_string(), json!(name))).collect();
    for (name, value) in [("truth.labels.json", Value::Object(labels)), ("truth.json", truth(phantom))] {
        let path = dir.join(name);
        let text = format!("{value:#}\n");
        std::fs::write(&path, text).map_err(|e| failed(&path, e))?;
        files.push(path);
    }
    progress.report("stage-writing", 1.0)?;
    Ok(files.iter().map(|f| f.strip_prefix(dir).unwrap_or(f).to_path_buf()).collect())
}

/// What the UIDs of a chest are hashed from.
fn series_seed(case: &Case) -> String {
    let [nx, ny, nz] = case.size;
    format!("phantom {} {} {nx} {ny} {nz}", case.id, case.seed)
}

/// Series Instance UID of a case as it is written.
pub(super) fn series_uid(case: &Case) -> String {
    uid_from(&series_seed(case), "series")
}

/// To a thousandth: what the shapes are exact to.
fn rounded(x: f64) -> f64 {
    (x * 1000.0).round() / 1000.0
}

fn point(p: crate::space::Lps) -> Value {
    json!([rounded(p.x), rounded(p.y), rounded(p.z)])
}

fn lesion(phantom: &Phantom, lesion: &TruthLesion) -> Value {
    let (mut sum, mut voxels) = (0.0, 0usize);
    lesion.mask.for_each(|v| {
        sum += f64::from(phantom.hu.at(v));
        voxels += 1;
    });
    json!({
        "name": lesion.name,
        "site": lesion.site.name(),
        "side": lesion.side.name(),
        "centre_lps_mm": point(lesion.centre),
        "long_axis_mm": rounded(lesion.long_mm),
        "long_axis_lps_mm": lesion.long.map(point),
        "short_axis_mm": rounded(lesion.short_mm),
        "short_axis_lps_mm": lesion.short.map(point),
        "volume_mm3": rounded(lesion.volume_mm3),
        "ellipsoid": lesion.exact,
        "voxels": voxels,
        "voxel_volume_mm3": rounded(lesion.mask.volume_mm3()),
        "mean_hu": rounded(sum / voxels.max(1) as f64),
    })
}

/// What `truth.json` says.
pub(super) fn truth(phantom: &Phantom) -> Value {
    let case = &phantom.case;
    let grid = &phantom.hu.grid;
    let teaches: serde_json::Map<String, Value> =
        Lang::ALL.iter().map(|l| (l.name().to_string(), json!(Words::new(*l).get(&case.teaches_word())))).collect();
    json!({
        "case": case.id,
        "teaches": teaches,
        "series_uid": series_uid(case),
        "pose": case.pose.name(),
        "contrast": case.contrast,
        "size": grid.size,
        "spacing_mm": case.spacing_mm,
        "origin_lps_mm": point(grid.origin),
        "carina_lps_mm": point(phantom.carina),
        "lesions": phantom.lesions.iter().map(|l| lesion(phantom, l)).collect::<Vec<_>>(),
    })
}
