//! What was found at a path: series, volumes, the one best for planning.

use super::finding::Finding;
use super::header::Image;
use super::layout::Layout;
use super::source::Entry;
use crate::space::Lps;
use glam::{DMat3, DVec3};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A patient's name and id, decoded. For showing on request only; never in files, logs or errors.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Patient {
    /// Alphabetic representation, `family^given^middle^prefix^suffix`.
    pub alphabetic: String,
    /// Ideographic representation.
    pub ideographic: String,
    /// Phonetic representation.
    pub phonetic: String,
    /// Patient ID.
    pub id: String,
    /// The character set was not declared: what is shown is a guess.
    pub guessed: bool,
}

/// One volume that a series holds.
#[derive(Clone, Debug)]
pub struct VolumeEntry {
    /// What [`crate::ct::load`] takes: the series UID, or `UID#n` where the series holds several.
    pub id: String,
    /// Source slices.
    pub n_slices: usize,
    /// Voxels along i, j, k of the volume.
    pub size: [usize; 3],
    /// mm.
    pub spacing_mm: DVec3,
    /// Centre of the first voxel.
    pub origin: Lps,
    /// Columns are the axes.
    pub direction: DMat3,
    /// Values are HU, geometry is sound.
    pub usable_for_planning: bool,
    /// What tells it from the series' other volumes: acquisition number, time, …; empty if it is the only one.
    pub label: String,
    /// What was doubtful about this volume.
    pub findings: Vec<Finding>,
}

/// One series.
#[derive(Clone, Debug)]
pub struct SeriesEntry {
    /// What [`crate::ct::load`] takes: the series UID (of a series with several volumes: the best of them).
    pub id: String,
    /// Series Instance UID; empty for research volumes and where the file has none.
    pub series_uid: String,
    /// Series Description, decoded, without control characters.
    pub description: String,
    /// Modality.
    pub modality: String,
    /// Files or frames that belong to it.
    pub n_slices: usize,
    /// Voxels of the best volume; for other images columns, rows, frames.
    pub size: Option<[usize; 3]>,
    /// mm, of the best volume.
    pub spacing_mm: Option<DVec3>,
    /// Centre of the first voxel of the best volume.
    pub origin: Option<Lps>,
    /// Columns are the axes of the best volume.
    pub direction: Option<DMat3>,
    /// Patient Position (0018,5100).
    pub patient_position: String,
    /// Convolution Kernel.
    pub kernel: String,
    /// Slice Thickness, mm.
    pub slice_thickness_mm: Option<f64>,
    /// Contrast agent, if told.
    pub contrast: Option<String>,
    /// YYYY-MM-DD, if told.
    pub date: Option<String>,
    /// A planning CT: modality CT, a sound volume in HU.
    pub usable_for_planning: bool,
    /// What was doubtful about it, and why it is not usable.
    pub findings: Vec<Finding>,
    /// The volumes in it.
    pub volumes: Vec<VolumeEntry>,
    /// Whose it is; show only on request.
    pub patient: Patient,
}

/// The picker's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// Id for [`crate::ct::load`].
    pub id: String,
    /// Its Series Instance UID.
    pub series_uid: String,
    /// Why: a key of `words` (`picked-only`, `picked-thin`, `picked-soft-kernel`, `picked-long`, `picked-original`,
    /// `picked-contrast`, `picked-first`).
    pub reason: &'static str,
}

/// What a path holds.
#[derive(Debug)]
pub struct Listing {
    /// What was opened.
    pub root: PathBuf,
    /// Series in the order of their UIDs' first files.
    pub series: Vec<SeriesEntry>,
    /// The best for planning.
    pub picked: Option<Picked>,
    /// About files that belong to no series.
    pub findings: Vec<Finding>,
    pub(super) entries: Vec<Entry>,
    pub(super) images: Vec<Image>,
    pub(super) plans: Vec<Plan>,
}

/// How a volume of the listing is loaded.
#[derive(Debug)]
pub(super) struct Plan {
    /// Its id.
    pub(super) id: String,
    /// Place of its series in the listing.
    pub(super) series: usize,
    pub(super) made: Made,
    /// Why it cannot be loaded.
    pub(super) refusal: Option<Finding>,
}

#[derive(Debug)]
pub(super) enum Made {
    /// From planes, in order along the normal: image and frame.
    Stack { planes: Vec<(usize, usize)>, layout: Box<Layout> },
    /// From a research file.
    Research(PathBuf),
    /// Not at all.
    Nothing,
}

impl Listing {
    /// The series of an id (`UID` or `UID#n`).
    pub fn series_of(&self, id: &str) -> Option<&SeriesEntry> {
        self.plans
            .iter()
            .find(|p| p.id == id)
            .and_then(|p| self.series.get(p.series))
            .or_else(|| self.series.iter().find(|s| s.id == id))
    }

    /// Whether two volumes were reconstructed from one acquisition, so that they lie in one space and show one moment: of
    /// one study and one frame of reference, with the same acquisition numbers where both tell them, else with acquisition
    /// times that overlap where both tell them.
    ///
    /// Breath-holds share a frame of reference and not a moment: it alone is not enough.
    pub fn of_one_acquisition(&self, a: &str, b: &str) -> bool {
        let (Some(a), Some(b)) = (self.moment(a), self.moment(b)) else { return false };
        let told = |x: &str| !x.is_empty();
        if a.image.study != b.image.study || a.image.date != b.image.date {
            return false;
        }
        if !told(&a.image.frame_of_reference) || a.image.frame_of_reference != b.image.frame_of_reference {
            return false;
        }
        match (&a.numbers, &b.numbers) {
            (Some(x), Some(y)) => x == y,
            _ => match (&a.times, &b.times) {
                (Some(x), Some(y)) => x[0] <= y[1] && y[0] <= x[1],
                _ => true,
            },
        }
    }

    /// When a volume was acquired, as far as all its slices tell.
    fn moment(&self, id: &str) -> Option<Moment<'_>> {
        let Made::Stack { planes, .. } = &self.plans.iter().find(|p| p.id == id)?.made else { return None };
        let image = &self.images[planes.first()?.0];
        let of = || planes.iter().map(|&(image, frame)| (&self.images[image], frame));
        let numbers: Option<BTreeSet<i64>> =
            of().map(|(image, frame)| image.planes.get(frame).and_then(|p| p.acquisition)).collect();
        let times = of().map(|(image, _)| image.acquisition_time.as_str());
        let told = of().all(|(image, _)| !image.acquisition_time.is_empty());
        let times = told.then(|| Some([times.clone().min()?, times.clone().max()?])).flatten();
        Some(Moment { image, numbers, times })
    }
}

/// When a volume was acquired.
struct Moment<'a> {
    image: &'a Image,
    /// Acquisition Number (0020,0012) of its slices, where all have one.
    numbers: Option<BTreeSet<i64>>,
    /// Least and greatest Acquisition Time (0008,0032), where all slices have one.
    times: Option<[&'a str; 2]>,
}
