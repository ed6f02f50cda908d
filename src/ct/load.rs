//! From a listing's plan to a [`Ct`]: slices decoded in parallel straight into the volume.

use super::error::CtError;
use super::finding::Finding;
use super::header::{Image, printable};
use super::layout::{Fill, Layout};
use super::listing::{Listing, Made, Plan};
use super::model::{Acquisition, Ct, Identity, Row, Slice, Source};
use super::pixels::{self, Decoded, Fault, Scratch};
use super::source::Entry;
use super::{padding, pick, research};
use crate::jobs::Progress;
use crate::space::{Bounds, Grid, PADDING, Volume};
use crate::terms::Code;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Loads a volume of the listing: the one of that id, else the picker's choice. The id of a series that holds several
/// volumes gives the one best for planning.
///
/// Findings of the `Ct`: those of its series and volume, and `padding` {share: % of voxels}.
pub fn load(listing: &Listing, id: Option<&str>, progress: &Progress) -> Result<Ct, CtError> {
    let plan = choose(listing, id)?;
    if let Some(why) = &plan.refusal {
        return Err(CtError::refused(why.clone()));
    }
    match &plan.made {
        Made::Nothing => Err(CtError::NothingUsable),
        Made::Research(path) => {
            progress.report("stage-decoding", 0.0)?;
            let hu = research::read(path)?;
            Ok(from_research(hu, listing, plan))
        }
        Made::Stack { planes, layout } => stack(listing, plan, planes, layout, progress),
    }
}

/// How many slices [`load`] would give, and which [`slice()`] can give at once; 0 where only the whole can be read.
pub fn slices(listing: &Listing, id: Option<&str>) -> usize {
    match choose(listing, id) {
        Ok(Plan { made: Made::Stack { layout, .. }, refusal: None, .. }) => layout.grid.size[2],
        _ => 0,
    }
}

/// Slice `k` alone of what [`load`] would give, for a look while the rest is read: HU and place are those of the whole
/// (between two slices those of the nearer one). It takes as long as decoding one slice, and has no findings.
///
/// # Errors
/// As [`load`]; [`CtError::NothingUsable`] for what can be read as a whole only.
pub fn slice(listing: &Listing, id: Option<&str>, k: usize) -> Result<Ct, CtError> {
    let plan = choose(listing, id)?;
    let Made::Stack { planes, layout } = &plan.made else { return Err(CtError::NothingUsable) };
    let grid = layout.grid;
    let k = k.min(grid.size[2].saturating_sub(1));
    let nearest = (0..layout.rows.len()).filter_map(|row| match layout.rows[row] {
        Fill::Slice(n) => Some((row.abs_diff(k), n)),
        Fill::Between(a, b, t) => Some((row.abs_diff(k), if t < 0.5 { a } else { b })),
        Fill::Gap => None,
    });
    let Some((_, n)) = nearest.min_by_key(|(far, _)| *far) else { return Err(CtError::NothingUsable) };
    let image = |n: usize| &listing.images[planes[n].0];
    let (columns, rows) = image(n).matrix.as_ref().map_or((0, 0), |m| (m.columns, m.rows));
    let mut hu = vec![0i16; columns * rows];
    let decoded = decode_all(listing, &planes[n..=n], &mut hu, columns * rows, &Progress::none())?;
    mark_padding(&mut hu, &decoded, columns * rows);
    let bounds = Bounds { lo: [0, 0, k], hi: [grid.size[0], grid.size[1], k + 1] };
    let mut data = hu;
    if [columns, rows] != [grid.size[0], grid.size[1]] || layout.shifts.is_some() {
        let place = layout.shifts.as_ref().and_then(|s| s.get(n)).copied().unwrap_or([0.0; 2]);
        let mut laid = vec![PADDING; grid.size[0] * grid.size[1]];
        lay(&data, [columns, rows], place, &mut laid, grid.size[0]);
        data = laid;
    }
    Ok(Ct {
        hu: Volume { grid: grid.crop(bounds), data },
        source: Source::Dicom,
        slices: slice_of(image(n), planes[n].1).into_iter().collect(),
        rows: vec![Row::Interpolated(0, 0)],
        position_pm_mm: layout.position_pm_mm,
        identity: Identity { series_uid: image(n).series.clone(), ..Identity::default() },
        acquisition: acquisition(image(n), &description_of(listing, plan)),
        findings: Vec::new(),
    })
}

/// The plan of an id, else of the picker's choice.
pub(super) fn choose<'a>(listing: &'a Listing, id: Option<&str>) -> Result<&'a Plan, CtError> {
    let wanted = match (id, &listing.picked) {
        (Some(id), _) => id,
        (None, Some(p)) => p.id.as_str(),
        (None, None) => {
            // One reason, if there is only one.
            let mut reasons = listing.plans.iter().filter_map(|p| p.refusal.clone());
            return Err(match (reasons.next(), listing.series.is_empty()) {
                (Some(why), _) => CtError::refused(why),
                (None, true) => match listing.findings.iter().find(|f| f.code != Code::NotDicom) {
                    Some(f) => CtError::refused(f.clone()),
                    None => CtError::NoImage,
                },
                (None, false) => {
                    let errors = listing
                        .series
                        .iter()
                        .flat_map(|s| s.findings.iter().chain(s.volumes.iter().flat_map(|v| &v.findings)));
                    match errors.into_iter().find(|f| f.severity == crate::terms::Severity::Error) {
                        Some(f) => CtError::refused(f.clone()),
                        None => CtError::NothingUsable,
                    }
                }
            });
        }
    };
    if let Some(plan) = listing.plans.iter().find(|p| p.id == wanted) {
        return Ok(plan);
    }
    let series =
        listing.series.iter().find(|s| s.id == wanted).ok_or_else(|| CtError::NoSuchSeries(printable(wanted)))?;
    let best = pick::best_volume(series).and_then(|n| series.volumes.get(n)).ok_or(CtError::NothingUsable)?;
    listing.plans.iter().find(|p| p.id == best.id).ok_or(CtError::NothingUsable)
}

fn findings_of(listing: &Listing, plan: &Plan) -> Vec<Finding> {
    let Some(series) = listing.series.get(plan.series) else { return Vec::new() };
    let mut out = series.findings.clone();
    if series.volumes.len() > 1
        && let Some(v) = series.volumes.iter().find(|v| v.id == plan.id)
    {
        out.extend(v.findings.iter().cloned());
    }
    out
}

fn from_research(hu: Volume<i16>, listing: &Listing, plan: &Plan) -> Ct {
    let nz = hu.grid.size[2];
    let mut sum = Sha256::new();
    for k in 0..nz {
        for v in hu.slice(k) {
            sum.update(v.to_le_bytes());
        }
    }
    Ct {
        rows: (0..nz).map(Row::Measured).collect(),
        slices: Vec::new(),
        source: Source::Research,
        position_pm_mm: 0.0,
        identity: Identity { hash: hex(&sum.finalize()), ..Identity::default() },
        acquisition: Acquisition { modality: "CT".into(), ..Acquisition::default() },
        findings: findings_of(listing, plan),
        hu,
    }
}

fn stack(
    listing: &Listing,
    plan: &Plan,
    planes: &[(usize, usize)],
    layout: &Layout,
    progress: &Progress,
) -> Result<Ct, CtError> {
    progress.report("stage-decoding", 0.0)?;
    let image = |n: usize| &listing.images[planes[n].0];
    let (columns, rows) = image(0).matrix.as_ref().map_or((0, 0), |m| (m.columns, m.rows));
    let straight = layout.shifts.is_none()
        && layout.rows.len() == planes.len()
        && layout.rows.iter().enumerate().all(|(k, f)| *f == Fill::Slice(k));
    let plane = columns * rows;
    let mut hu = vec![0i16; plane * planes.len()];
    let decoded = decode_all(listing, planes, &mut hu, plane, progress)?;
    let padded = mark_padding(&mut hu, &decoded, plane);
    let data = if straight { hu } else { assemble(&hu, [columns, rows], layout, progress)? };
    let hu = Volume { grid: layout.grid, data };

    let mut findings = findings_of(listing, plan);
    // No value decodes to padding: it is marked, or comes in where slices are put together.
    if padded || !straight && hu.data.par_chunks(1 << 16).any(|c| c.contains(&PADDING)) {
        let count: usize = hu.data.par_chunks(1 << 16).map(|c| c.iter().filter(|v| **v == PADDING).count()).sum();
        let share = 100.0 * count as f64 / hu.data.len().max(1) as f64;
        findings.push(Finding::new(Code::Padding).number("share", share, 1));
    }
    let mut sum = Sha256::new();
    for d in &decoded {
        sum.update(d.checksum[0].to_le_bytes());
        sum.update(d.checksum[1].to_le_bytes());
    }
    let first = image(0);
    let rows = layout
        .rows
        .iter()
        .map(|f| match *f {
            Fill::Slice(n) if layout.shifts.is_none() => Row::Measured(n),
            // Moved within its plane: measured there, but not pixel for pixel.
            Fill::Slice(n) => Row::Interpolated(n, n),
            Fill::Between(a, b, _) => Row::Interpolated(a, b),
            Fill::Gap => Row::Gap,
        })
        .collect();
    progress.report("stage-decoding", 1.0)?;
    Ok(Ct {
        hu,
        source: Source::Dicom,
        slices: planes.iter().filter_map(|(n, frame)| slice_of(&listing.images[*n], *frame)).collect(),
        rows,
        position_pm_mm: layout.position_pm_mm,
        identity: Identity {
            series_uid: first.series.clone(),
            study_uid: first.study.clone(),
            frame_of_reference_uid: first.frame_of_reference.clone(),
            hash: hex(&sum.finalize()),
        },
        acquisition: acquisition(first, &description_of(listing, plan)),
        findings,
    })
}

fn description_of(listing: &Listing, plan: &Plan) -> String {
    listing.series.get(plan.series).map(|s| s.description.clone()).unwrap_or_default()
}

fn slice_of(image: &Image, frame: usize) -> Option<Slice> {
    let plane = image.planes.get(frame)?;
    Some(Slice {
        sop_instance_uid: image.sop_instance.clone(),
        sop_class_uid: image.sop_class.clone(),
        frame: (image.planes.len() > 1).then_some(frame as u32 + 1),
        position: plane.position?,
        orientation: plane.orientation?,
        spacing: plane.spacing?,
        instance_number: image.instance_number,
    })
}

fn acquisition(image: &Image, description: &str) -> Acquisition {
    Acquisition {
        description: description.to_owned(),
        modality: image.modality.clone(),
        patient_position: image.patient_position.clone(),
        kernel: image.kernel.clone(),
        contrast: image.contrast.clone(),
        slice_thickness_mm: image.planes.first().and_then(|p| p.thickness),
        date: image.date.clone(),
        scanner: image.scanner.clone(),
        kvp: image.kvp,
        window: image.window,
    }
}

/// Decodes every plane into its place; the first fault in slice order is the error, whichever thread met it first.
fn decode_all(
    listing: &Listing,
    planes: &[(usize, usize)],
    hu: &mut [i16],
    plane: usize,
    progress: &Progress,
) -> Result<Vec<Decoded>, CtError> {
    let held = held(listing, planes)?;
    let done = AtomicUsize::new(0);
    let spare: Mutex<Vec<Scratch>> = Mutex::new(Vec::new());
    let results: Vec<Option<Result<Decoded, Fault>>> = hu
        .par_chunks_mut(plane.max(1))
        .zip(planes.par_iter())
        .map(|(out, (n, frame))| {
            progress.check().ok()?;
            let mut scratch = spare.lock().ok().and_then(|mut s| s.pop()).unwrap_or_default();
            let image = &listing.images[*n];
            let result = match (held.get(n), listing.entries.get(image.entry)) {
                (Some((entry, image)), _) => pixels::decode(entry, image, *frame, &mut scratch, out),
                (None, Some(entry)) => pixels::decode(entry, image, *frame, &mut scratch, out),
                (None, None) => Err(Fault::Code(Code::Corrupt)),
            };
            if let Ok(mut s) = spare.lock() {
                s.push(scratch);
            }
            let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress.report("stage-decoding", 0.95 * so_far as f32 / planes.len() as f32).ok()?;
            Some(result)
        })
        .collect();
    progress.check()?;
    let mut decoded = Vec::with_capacity(planes.len());
    for (result, (n, _)) in results.into_iter().zip(planes) {
        let image = &listing.images[*n];
        let entry = listing.entries.get(image.entry);
        let name = entry.map(|e| e.name.clone()).unwrap_or_default();
        match result {
            Some(Ok(d)) => decoded.push(d),
            Some(Err(Fault::Io(e))) if e.kind() == std::io::ErrorKind::InvalidData => {
                return Err(CtError::refused(
                    Finding::new(Code::Corrupt).word("what", "corrupt-packing").in_file(name),
                ));
            }
            Some(Err(Fault::Io(source))) => return Err(CtError::Unreadable { path: name, source }),
            Some(Err(Fault::Code(code))) => {
                let why = match code {
                    Code::TransferSyntaxUnsupported => {
                        Finding::new(code).text("uid", image.syntax.uid.clone()).text("name", image.syntax.name())
                    }
                    Code::Corrupt => Finding::new(code).word("what", "corrupt-image"),
                    Code::LimitExceeded => Finding::new(code).word("what", "limit-matrix"),
                    _ => Finding::new(code),
                };
                return Err(CtError::refused(why.in_file(name)));
            }
            None => return Err(crate::jobs::Cancelled.into()),
        }
    }
    Ok(decoded)
}

/// Multi-frame images that lie packed in a zip or deflated, unpacked once instead of once a frame; by image.
fn held(listing: &Listing, planes: &[(usize, usize)]) -> Result<BTreeMap<usize, (Entry, Image)>, CtError> {
    let mut out = BTreeMap::new();
    for (n, _) in planes {
        let image = &listing.images[*n];
        let Some(entry) = listing.entries.get(image.entry) else { continue };
        if image.planes.len() < 2 || out.contains_key(n) || !(entry.is_packed() || image.deflated_at.is_some()) {
            continue;
        }
        let unreadable = |source| CtError::Unreadable { path: entry.name.clone(), source };
        let mut image = image.clone();
        let bytes = match image.deflated_at.take() {
            Some(stream) => stream.held(entry, image.total).map_err(unreadable)?,
            None => entry.held().map_err(unreadable)?,
        };
        out.insert(*n, (bytes, image));
    }
    Ok(out)
}

/// Marks undeclared padding. A value below −1024 that surrounds the field of view on most slices is padding on all.
fn mark_padding(hu: &mut [i16], decoded: &[Decoded], plane: usize) -> bool {
    let mut common: Vec<(i16, usize)> = Vec::new();
    for v in decoded.iter().filter_map(|d| d.surround) {
        match common.iter_mut().find(|c| c.0 == v) {
            Some(c) => c.1 += 1,
            None => common.push((v, 1)),
        }
    }
    let most = common.iter().filter(|c| 2 * c.1 > decoded.len()).map(|c| c.0).next();
    // Seen on a few slices only: chance.
    let Some(value) = most else { return decoded.iter().any(|d| d.padded) };
    hu.par_chunks_mut(plane.max(1)).for_each(|slice| padding::mark(slice, value));
    true
}

/// Puts planes where the layout has them: between two where it says so, moved within the plane where they lean.
fn assemble(hu: &[i16], size: [usize; 2], layout: &Layout, progress: &Progress) -> Result<Vec<i16>, CtError> {
    let Grid { size: [nx, ny, nz], .. } = layout.grid;
    let plane = size[0] * size[1];
    let mut out = vec![PADDING; nx * ny * nz];
    out.par_chunks_mut((nx * ny).max(1)).zip(layout.rows.par_iter()).try_for_each(|(to, fill)| {
        progress.check()?;
        let place = |n: usize| layout.shifts.as_ref().and_then(|s| s.get(n)).copied().unwrap_or([0.0; 2]);
        let source = |n: usize| &hu[n * plane..(n + 1) * plane];
        match *fill {
            Fill::Gap => {}
            Fill::Slice(n) => lay(source(n), size, place(n), to, nx),
            Fill::Between(a, b, t) => {
                let mut second = vec![PADDING; nx * ny];
                lay(source(a), size, place(a), to, nx);
                lay(source(b), size, place(b), &mut second, nx);
                for (x, y) in to.iter_mut().zip(&second) {
                    *x = if *x == PADDING || *y == PADDING {
                        PADDING
                    } else {
                        (f64::from(*x) + t * (f64::from(*y) - f64::from(*x))).round() as i16
                    };
                }
            }
        }
        Ok::<(), CtError>(())
    })?;
    Ok(out)
}

/// Lays a slice into a wider one with its first pixel at `at` (pixels), bilinear; where a neighbour is padding or
/// missing, nothing is measured.
fn lay(from: &[i16], size: [usize; 2], at: [f64; 2], to: &mut [i16], width: usize) {
    let whole = [at[0].floor(), at[1].floor()];
    let (fx, fy) = (at[0] - whole[0], at[1] - whole[1]);
    let (x0, y0) = (whole[0] as usize, whole[1] as usize);
    let [nx, ny] = size;
    let exact = fx < 1e-6 && fy < 1e-6;
    for (j, row) in to.chunks_exact_mut(width).enumerate() {
        if j < y0 || j - y0 > ny {
            continue;
        }
        for (i, v) in row.iter_mut().enumerate() {
            if i < x0 || i - x0 > nx {
                continue;
            }
            let (i, j) = (i - x0, j - y0);
            if exact {
                if i < nx && j < ny {
                    *v = from[j * nx + i];
                }
                continue;
            }
            // Pixel (i, j) of the grid lies at (i − fx, j − fy) of the slice.
            let mut sum = 0.0;
            let mut sound = true;
            for (dj, wy) in [(0usize, 1.0 - fy), (1, fy)] {
                for (di, wx) in [(0usize, 1.0 - fx), (1, fx)] {
                    let w = wx * wy;
                    if w < 1e-9 {
                        continue;
                    }
                    match (i.checked_sub(di), j.checked_sub(dj)) {
                        (Some(x), Some(y)) if x < nx && y < ny && from[y * nx + x] != PADDING => {
                            sum += w * f64::from(from[y * nx + x]);
                        }
                        _ => sound = false,
                    }
                }
            }
            if sound {
                *v = sum.round() as i16;
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
