//! Digital chests with exact truth: made, not scanned, so that everything about them is known and nobody is in them.
//!
//! In: a [`Case`]. Out: a [`Phantom`]: HU as a scanner would give them, the structure of every voxel, and each lesion's
//! true volume and axes; [`write()`] lays it down as a DICOM series with its truth beside it. The same case gives the same
//! bytes on any number of threads (and within 1 HU on another system, whose sine may round otherwise).
//!
//! `case` lists the chests; `torso`, `skeleton`, `mediastinum`, `abdomen`, `trees` hold the shapes, `scene` their order;
//! `canvas`, `tube`, `curve` paint; `tissue` says what is what; `scanner` makes HU and labels; `truth` measures lesions.
//! This room does not know the methods that are tested on it.

mod abdomen;
mod canvas;
mod case;
mod chance;
mod curve;
mod files;
mod mediastinum;
mod scanner;
mod scene;
mod skeleton;
mod tissue;
mod torso;
mod trees;
mod truth;
mod tube;

pub use case::{Case, LesionSpec, cases};
pub use files::{PhantomError, write};
pub use truth::TruthLesion;

use crate::jobs::{Cancelled, Progress};
use crate::space::{LabelMap, Lps, Mask, Volume};
use crate::terms::Structure;
use glam::DVec3;

/// A digital chest.
#[derive(Clone, Debug)]
pub struct Phantom {
    /// Which.
    pub case: Case,
    /// HU, as scanned.
    pub hu: Volume<i16>,
    /// The truth of every voxel: the structure of most of it; disjoint, 0 is air outside.
    pub truth: LabelMap,
    /// What the labels of `truth` mean, in ascending order: structures' stable names, `lesion 1`, ….
    pub names: Vec<(u8, String)>,
    /// What is true about the lesions.
    pub lesions: Vec<TruthLesion>,
    /// The carina: the ridge between the main bronchi, on the first slice from the head on which their lumens are apart.
    pub carina: Lps,
}

impl Case {
    /// A point in its lesion number `n`, counted from 0: the lesion's centre.
    pub fn click(&self, n: usize) -> Option<Lps> {
        let spec = self.lesions.get(n)?;
        Some(Lps::from(DVec3::from(spec.centre_mm) + scanner::Frame::of(self).shift))
    }

    /// Series Instance UID of the series that [`write()`] makes of it.
    pub fn series_uid(&self) -> String {
        files::series_uid(self)
    }
}

/// Makes a digital chest; a few seconds on two cores.
pub fn make(case: &Case, progress: &Progress) -> Result<Phantom, Cancelled> {
    progress.report("stage-phantom", 0.0)?;
    let shapes = scene::shapes(case);
    let (hu, truth) = scanner::scan(case, &shapes, progress)?;
    let shift = scanner::Frame::of(case).shift;
    let lesions = case
        .lesions
        .iter()
        .enumerate()
        .map(|(n, spec)| {
            progress.check()?;
            let label = scanner::FIRST_LESION_LABEL + n as u8;
            Ok(truth::measure(&shapes, spec, n, shift, Mask::of(&truth, |l| l == label)))
        })
        .collect::<Result<Vec<_>, Cancelled>>()?;
    let mut names: Vec<(u8, String)> = Structure::ALL.iter().map(|s| (s.label(), s.name().to_string())).collect();
    names.extend(lesions.iter().enumerate().map(|(n, l)| (scanner::FIRST_LESION_LABEL + n as u8, l.name.clone())));
    let carina = truth::carina(&truth, Lps::from(shift));
    progress.report("stage-phantom", 1.0)?;
    Ok(Phantom { case: case.clone(), hu, truth, names, lesions, carina })
}
