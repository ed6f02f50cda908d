//! What is at a path: the kind is told by content, never by name; headers only.

use super::error::CtError;
use super::finding::Finding;
use super::header::{self, Image, Refused};
use super::listing::{Listing, Made, Plan, SeriesEntry, VolumeEntry};
use super::screen::Stop;
use super::source::{self, Contents, Entry};
use super::{pick, series};
use crate::jobs::Progress;
use crate::space::Grid;
use crate::terms::Code;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lists what is at `path`: a folder (searched through), a zip, one DICOM file, a DICOMDIR (its folder), or a volume as
/// NIfTI or NRRD. Reads headers only. `Ok` with no series where nothing is an image; findings say what was left out.
///
/// Findings at the top, each `in_file`: `not-dicom`, `truncated`, `corrupt` {what: word}, `limit-exceeded` {what: word},
/// `unreadable` {why: text}, `unsafe-archive` {what: word}, `missing-file`.
pub fn scan(path: &Path, progress: &Progress) -> Result<Listing, CtError> {
    progress.report("stage-screening", 0.0)?;
    let unreadable = |e| CtError::Unreadable { path: path.to_owned(), source: e };
    let kind = std::fs::metadata(path).map_err(unreadable)?;
    if kind.is_dir() {
        return contents(path, source::folder(path)?, progress);
    }
    if !kind.is_file() {
        // A pipe would be waited for without end.
        return Err(unreadable(std::io::ErrorKind::Unsupported.into()));
    }
    let name = path.file_name().map(PathBuf::from).unwrap_or_default();
    let entry = Entry::file(path, &name).map_err(unreadable)?;
    let head = entry.head(352).map_err(unreadable)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return contents(path, source::archive(path)?, progress);
    }
    if is_research(&head, path) {
        return research(path);
    }
    let one = Contents { entries: vec![entry], findings: Vec::new() };
    let listing = contents(path, one, progress)?;
    // A media directory stands for its folder, even one that cannot be read itself.
    let by_name = name.to_string_lossy().to_uppercase().starts_with("DICOMDIR") && listing.images.is_empty();
    let directory = by_name || listing.images.first().is_some_and(|i| i.directory.is_some());
    match path.parent() {
        Some(folder) if directory => {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let mut listing = contents(folder, source::folder(folder)?, progress)?;
            listing.root = path.to_owned();
            Ok(listing)
        }
        _ => Ok(listing),
    }
}

fn is_research(head: &[u8], path: &Path) -> bool {
    let lower = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let nifti = head.len() >= 348 && &head[344..347] == b"n+1";
    nifti || head.starts_with(b"NRRD000") || head.starts_with(&[0x1f, 0x8b]) && lower.ends_with(".nii.gz")
}

fn research(path: &Path) -> Result<Listing, CtError> {
    let grid = super::research::grid(path)?;
    let finding = Finding::new(Code::ResearchVolume);
    let id = "research".to_owned();
    let volume = VolumeEntry {
        id: id.clone(),
        n_slices: grid.size[2],
        size: grid.size,
        spacing_mm: grid.spacing,
        origin: grid.origin,
        direction: grid.axes,
        usable_for_planning: true,
        label: String::new(),
        findings: Vec::new(),
    };
    let series = research_series(&id, &grid, finding, volume);
    let picked = pick::pick(std::slice::from_ref(&series));
    Ok(Listing {
        root: path.to_owned(),
        series: vec![series],
        picked,
        findings: Vec::new(),
        entries: Vec::new(),
        images: Vec::new(),
        plans: vec![Plan { id, series: 0, made: Made::Research(path.to_owned()), refusal: None }],
    })
}

fn research_series(id: &str, grid: &Grid, finding: Finding, volume: VolumeEntry) -> SeriesEntry {
    SeriesEntry {
        id: id.to_owned(),
        series_uid: String::new(),
        description: String::new(),
        modality: "CT".into(),
        n_slices: grid.size[2],
        size: Some(grid.size),
        spacing_mm: Some(grid.spacing),
        origin: Some(grid.origin),
        direction: Some(grid.axes),
        patient_position: String::new(),
        kernel: String::new(),
        slice_thickness_mm: None,
        contrast: None,
        date: None,
        usable_for_planning: true,
        findings: vec![finding],
        volumes: vec![volume],
        patient: Default::default(),
    }
}

/// Headers of all entries, in parallel; results in the order of the entries.
fn contents(root: &Path, contents: Contents, progress: &Progress) -> Result<Listing, CtError> {
    let Contents { entries, mut findings } = contents;
    let done = AtomicUsize::new(0);
    let count = entries.len().max(1);
    let read: Vec<Option<Result<Image, Refused>>> = entries
        .par_iter()
        .enumerate()
        .map(|(n, entry)| {
            progress.check().ok()?;
            let image = header::read(entry, n);
            let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
            if so_far.is_multiple_of(64) {
                progress.report("stage-screening", so_far as f32 / count as f32).ok()?;
            }
            Some(image)
        })
        .collect();
    progress.check()?;
    let mut images = Vec::new();
    for (result, entry) in read.into_iter().zip(&entries) {
        match result {
            Some(Ok(image)) => images.push(image),
            Some(Err(why)) => findings.push(refused(why).in_file(entry.name.clone())),
            None => {}
        }
    }
    findings.extend(missing_files(root, &entries, &images));
    let (series, plans) = series::arrange(&entries, &images);
    let picked = pick::pick(&series);
    progress.report("stage-screening", 1.0)?;
    Ok(Listing { root: root.to_owned(), series, picked, findings, entries, images, plans })
}

fn refused(why: Refused) -> Finding {
    match why {
        Refused::Stop(Stop::NotDicom) => Finding::new(Code::NotDicom),
        Refused::Stop(Stop::Truncated | Stop::More(_)) => Finding::new(Code::Truncated),
        Refused::Stop(Stop::Corrupt) => Finding::new(Code::Corrupt).word("what", "corrupt-structure"),
        Refused::Stop(Stop::Limit) => Finding::new(Code::LimitExceeded).word("what", "limit-structure"),
        Refused::Io(e) if e.kind() == std::io::ErrorKind::InvalidData => {
            Finding::new(Code::Corrupt).word("what", "corrupt-packing")
        }
        Refused::Io(e) => Finding::new(Code::Unreadable).text("why", e.kind().to_string()),
    }
}

/// What the media directories name and is not there. A name that leads out of the folder counts as missing: it is never
/// followed.
fn missing_files(root: &Path, entries: &[Entry], images: &[Image]) -> Vec<Finding> {
    let mut out = Vec::new();
    for image in images {
        let (Some(names), Some(entry)) = (&image.directory, entries.get(image.entry)) else { continue };
        let folder = entry.name.parent().unwrap_or(Path::new(""));
        // Names on a medium are capitals; what lies on a disk may not be.
        let there: std::collections::BTreeSet<String> =
            entries.iter().map(|e| e.name.to_string_lossy().to_lowercase().replace('\\', "/")).collect();
        if entries.len() == 1 && root.is_file() {
            continue;
        }
        for name in names.iter().take(100_000) {
            let full = folder.join(name).to_string_lossy().to_lowercase().replace('\\', "/");
            if !there.contains(&full) && out.len() < 1000 {
                out.push(Finding::new(Code::MissingFile).in_file(header::printable(name)));
            }
        }
    }
    out
}
