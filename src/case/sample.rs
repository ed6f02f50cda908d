//! The sample scan: found near the program, else made.

use super::fault::Fault;
use crate::jobs::Progress;
use crate::phantom;
use crate::space::Lps;
use crate::system;
use std::path::{Path, PathBuf};

/// The folder of samples.
const FOLDER: &str = "sample-dicom";
/// The case that is opened where nothing else is said.
pub const DEFAULT_SAMPLE: &str = "nodule";

/// A picture of a case, as PNG, made by `examples/sample_pictures.rs`.
const PICTURES: [(&str, &[u8]); 4] = [
    ("nodule", include_bytes!("../../assets/samples/nodule.png")),
    ("pleural", include_bytes!("../../assets/samples/pleural.png")),
    ("heart", include_bytes!("../../assets/samples/heart.png")),
    ("prone", include_bytes!("../../assets/samples/prone.png")),
];

/// A sample scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The folder of its slices.
    pub folder: PathBuf,
    /// A point in its lesion.
    pub click: Lps,
}

/// A small picture of a sample: the axial slice through its lesion, in the lung window.
pub fn sample_picture(case: &str) -> Option<image::RgbaImage> {
    let bytes = PICTURES.iter().find(|p| p.0 == case)?.1;
    Some(image::load_from_memory(bytes).ok()?.to_rgba8())
}

/// The sample scan of that case in the working folder, beside the program or in its three parents; else made with `phantom` in the
/// user's data folder (or a fresh temporary folder where there is none).
///
/// # Errors
/// [`Fault::Given`] for an unknown case; [`Fault::Write`] if it had to be made and could not be written.
pub fn sample(id: &str, progress: &Progress) -> Result<Sample, Fault> {
    let case = phantom::Case::by_id(id).ok_or_else(|| Fault::Given(format!("the phantom has no case {id}")))?;
    let here = std::env::current_dir().ok();
    let beside = std::env::current_exe().ok();
    let near =
        here.into_iter().chain(beside.iter().flat_map(|exe| exe.ancestors().skip(1).take(4).map(Path::to_path_buf)));
    let mut places: Vec<PathBuf> = near.map(|folder| folder.join(FOLDER).join(id)).collect();
    let own = system::Folders::here().map(|f| f.data.join(FOLDER).join(id));
    places.extend(own.clone());
    let click = case.click(0).ok_or_else(|| Fault::Given(format!("the case {id} has no lesion")))?;
    if let Some(folder) = places.into_iter().map(|p| p.join("dicom")).find(|p| holds_slices(p)) {
        return Ok(Sample { folder, click });
    }
    let to = own.unwrap_or_else(|| std::env::temp_dir().join(format!("icepath-{}", std::process::id())).join(id));
    let made = phantom::make(case, &progress.part(0.0, 0.7))?;
    phantom::write(&made, &to, &progress.part(0.7, 0.3)).map_err(|e| Fault::phantom(&to, e))?;
    Ok(Sample { folder: to.join("dicom"), click })
}

fn holds_slices(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

/// Whether a path is a sample of ours: said on every screen and in every file.
pub fn is_sample(series_uid: &str) -> bool {
    phantom::cases().iter().any(|c| c.series_uid() == series_uid)
}
