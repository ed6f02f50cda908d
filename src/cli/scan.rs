//! `icepath series` and `icepath volume`.

use super::FINE;
use super::args::Common;
use super::talk::Talk;
use crate::case::{self, Fault};
use crate::ct::{self, CtError, nifti};
use crate::export::{SeriesDocument, VolumeDocument};
use crate::system::make_folder;
use std::path::Path;
use std::time::Instant;

pub(super) fn series(path: &Path, show_patient: bool, talk: &Talk) -> Result<u8, Fault> {
    let fault = |error| Fault::Ct { error, path: path.to_path_buf(), findings: Vec::new() };
    let listing = ct::scan(path, &talk.progress()).map_err(fault)?;
    talk.findings(&listing.findings);
    if listing.series.is_empty() {
        return Err(Fault::Ct { error: CtError::NoImage, path: path.to_path_buf(), findings: listing.findings });
    }
    let mut lines = Vec::new();
    for s in &listing.series {
        let size = s.size.map_or("–".into(), |[x, y, z]| format!("{x} × {y} × {z}"));
        let spacing = s.spacing_mm.map_or("–".into(), |v| format!("{:.3} × {:.3} × {:.3} mm", v.x, v.y, v.z));
        let usable = talk.words.get(if s.usable_for_planning { "series-usable" } else { "series-not-usable" });
        lines.push(format!("{}  {}  {}  {size}  {spacing}  {usable}", s.id, s.modality, s.description));
        if show_patient {
            lines.push(format!("    {}  {}", s.patient.alphabetic, s.patient.id));
        }
        for f in &s.findings {
            lines.push(format!("    {}: {}", f.code.name(), f.sentence(&talk.words)));
        }
    }
    if let Some(p) = &listing.picked {
        lines.push(format!("→ {}  {}", p.id, talk.words.get(p.reason)));
    }
    talk.document(&SeriesDocument::of(&listing, show_patient, &talk.words), &lines);
    Ok(FINE)
}

pub(super) fn volume(path: &Path, out: Option<&Path>, common: &Common, talk: &Talk) -> Result<u8, Fault> {
    let start = Instant::now();
    let opened = case::open(path, common.series.as_deref(), &talk.progress())?;
    let seconds = start.elapsed().as_secs_f64();
    let mut files = Vec::new();
    if let Some(out) = out {
        write(out, &opened.ct)?;
        files.push(out.display().to_string());
    }
    talk.findings(&opened.listing.findings);
    talk.findings(&opened.ct.findings);
    let picked = opened.picked_document(&talk.words);
    let document = VolumeDocument::of(&opened.ct, picked, seconds, &opened.listing.findings, files, &talk.words);
    let grid = opened.ct.hu.grid;
    let lines = [
        format!("{} × {} × {}", grid.size[0], grid.size[1], grid.size[2]),
        format!("{:.4} × {:.4} × {:.4} mm", grid.spacing.x, grid.spacing.y, grid.spacing.z),
        format!("{seconds:.2} s"),
    ];
    talk.document(&document, &lines);
    Ok(FINE)
}

fn write(out: &Path, ct: &ct::Ct) -> Result<(), Fault> {
    let name = out.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let fault = |e: std::io::Error| Fault::write(out, e);
    if let Some(folder) = out.parent().filter(|f| !f.as_os_str().is_empty()) {
        make_folder(folder).map_err(|e| Fault::Write { path: folder.to_owned(), trouble: e })?;
    }
    let create = || std::fs::File::create(out).map(std::io::BufWriter::new).map_err(fault);
    if name.ends_with(".nii.gz") {
        nifti::write_hu(create()?, true, &ct.hu).map_err(fault)
    } else if name.ends_with(".nii") {
        nifti::write_hu(create()?, false, &ct.hu).map_err(fault)
    } else if name.ends_with(".nrrd") {
        ct::write_nrrd(create()?, &ct.hu).map_err(fault)
    } else {
        Err(Fault::Given(format!("{}: the name must end in .nii, .nii.gz or .nrrd", out.display())))
    }
}
