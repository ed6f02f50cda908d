//! The road from a CT to its anatomy: each part helps the next.

use super::cage::Cage;
use super::diaphragm::Diaphragm;
use super::lung_vessels::Beside;
use super::model::{Anatomy, Landmarks, Region};
use super::turn::Turn;
use super::work::Work;
use super::{airways, body, bone, cartilage, lung_vessels, lungs, mediastinum, spine};
use crate::ct::{Ct, Finding};
use crate::grids::blank::blank;
use crate::grids::morphology::{dilate, erode};
use crate::jobs::{Cancelled, Progress};
use crate::space::{Lps, Mask};
use crate::terms::{Code, Structure};

/// What lies this deep within the belly is no rib, mm (choice).
const DEEP_MM: f64 = 6.0;

/// Blood with contrast, averaged over a work voxel; masses enhance to 40 to 100 (choice).
const FILLED_HU: i16 = 120;

/// Finds what can be found. Never fails but when asked to stop: what is not seen is listed as a finding.
pub fn find(ct: &Ct, progress: &Progress) -> Result<Anatomy, Cancelled> {
    let grid = ct.hu.grid;
    if grid.is_empty() {
        let seen = |s: &Structure| Finding::new(Code::NotSeen).word("structure", s.word());
        return Ok(Anatomy {
            grid,
            regions: Vec::new(),
            landmarks: Landmarks::default(),
            skin_cut: Mask::empty(grid),
            contrast: false,
            findings: Structure::ALL.iter().map(seen).collect(),
        });
    }
    progress.report("stage-body", 0.0)?;
    let turn = Turn::of(&ct.hu.grid);
    let hu = turn.volume(&ct.hu);
    let grid = hu.grid;
    let work = Work::of(&hu, progress)?;
    let blank = work.down(&blank(&hu, 2), 0.5);
    let body_work = body::body(&work, &blank, ct.down());
    progress.check()?;
    let body = body::at_full(&work, &body_work, &hu);
    progress.check()?;
    let skin_cut = body::skin_cut(&body, &hu);
    let table = body::table_at_full(&work, &body::table(&work, &body_work, ct.down()), &body, &hu);

    progress.report("stage-airways", 0.2)?;
    let trachea = airways::trachea(&work, &body_work);
    let tree = trachea.as_ref().map(|t| airways::grow(&work, t, &body, &hu));
    let tree_work = tree.as_ref().map_or(Mask::empty(work.grid()), |t| work.down_any(t));
    let carina = trachea.as_ref().and_then(|t| airways::carina(t, &tree_work));

    progress.report("stage-canal", 0.3)?;
    let rings = spine::canal(&work, &body_work);
    let canal_work = spine::mask(&work, &rings);
    progress.report("stage-lungs", 0.35)?;
    let walls = dilate(&tree_work, 2.1);
    let air = lungs::air(&work, &body_work, &walls);
    let lungs = lungs::closed(lungs::part(&air, middle_x(&rings, &body_work)), &walls);
    let [right, left] = lungs::at_full(&work, &lungs, &hu, &body, tree.as_ref());

    progress.report("stage-bone", 0.55)?;
    let frame = bone::Frame::of(&work, &lungs, &rings);
    let mut bright = bone::bright(&work, &hu, &body, &body_work, &frame, &canal_work, progress)?;
    let mut not_wall = dilate(&work.down(&bright.vessels, 0.3), 4.0);
    not_wall.unite(&lungs.closed[0]);
    not_wall.unite(&lungs.closed[1]);
    let bone_work = work.down(&bright.bone, 0.4);
    let middle = body_work.centroid().map_or(0.0, |c| work.grid().index(c).y).max(0.0) as usize;
    let cartilage = cartilage::cartilage(&work, &body_work, &bone_work, &not_wall, middle);
    bright.bone.unite(&work.up(&cartilage));
    let mut canal = work.up(&canal_work);
    canal.subtract(&bright.bone);
    canal.intersect(&body);

    progress.report("stage-mediastinum", 0.75)?;
    let bone_work = work.down_any(&bright.bone);
    let cage = Cage::of(&work, &bone_work, &body_work, &lungs.closed);
    let mut below = Diaphragm::of(&lungs).map_or(Mask::empty(grid), |d| d.below(grid));
    below.intersect(&body);
    // Beside the belly the chest wall is free: a needle may come through it from below.
    if let Some(cage) = &cage {
        below = cage.keep_inside(&below);
    }
    let deep = erode(&work.down(&below, 0.5), DEEP_MM);
    bone::remove_organs(&mut bright.bone, |v| deep.get(work.voxel_at(v)), &hu);
    for part in [&right, &left, &bright.bone] {
        below.subtract(part);
    }
    let within = cage.as_ref().map(|c| c.keep_inside(&body_work));
    let between = mediastinum::mediastinum(&work, &body_work, &lungs, &bone_work, &rings, within.as_ref());
    let mut mediastinum = work.up(&between.region);
    mediastinum.intersect(&body);
    for part in [&bright.bone, &below] {
        mediastinum.subtract(part);
    }

    progress.report("stage-vessels", 0.85)?;
    let mut both = lungs.closed[0].clone();
    both.unite(&lungs.closed[1]);
    let medial = dilate(&between.region, 14.0);
    let mut rim = both.clone();
    rim.subtract(&erode(&both, 3.5));
    rim.subtract(&medial);
    let mut both_full = right.clone();
    both_full.unite(&left);
    let mut hilum = between.wide[0].clone();
    hilum.unite(&between.wide[1]);
    hilum.subtract(&both);
    hilum.intersect(&dilate(&between.region, 25.0));
    hilum.intersect(&body_work);
    hilum.subtract(&bone_work);
    let (rim, medial) = (work.up(&rim), work.up(&medial));
    let none = Mask::empty(grid);
    let beside = Beside {
        lungs: &both_full,
        hilum: work.up(&hilum),
        rim: &rim,
        medial: &medial,
        airways: tree.as_ref().unwrap_or(&none),
        filled: bright.contrast.then(|| {
            let mut filled = Mask::of(&work.hu, |v| v > FILLED_HU);
            let [mut wide, left] = between.wide;
            wide.unite(&left);
            filled.intersect(&wide);
            work.up(&filled)
        }),
    };
    let mut vessels = lung_vessels::lung_vessels(&hu, beside, progress)?;
    vessels.intersect(&body);
    vessels.subtract(&bright.bone);

    let mut findings = Vec::new();
    let mut regions = Vec::new();
    let found = [
        (Structure::Body, body),
        (Structure::Table, table),
        (Structure::LeftLung, left),
        (Structure::RightLung, right),
        (Structure::Airways, tree.unwrap_or(Mask::empty(grid))),
        (Structure::LungVessels, vessels),
        (Structure::Bone, bright.bone),
        (Structure::Mediastinum, mediastinum),
        (Structure::BelowDiaphragm, below),
        (Structure::SpinalCanal, canal),
        (Structure::ContrastVessels, bright.vessels),
    ];
    let skin_cut = turn.back(skin_cut);
    if let Some((first, last)) = body::cut_slices(&skin_cut) {
        findings.push(Finding::new(Code::SkinCut).at_slices(first, last));
    }
    if !bright.contrast {
        findings.push(Finding::new(Code::WallVesselsNotSeen));
    }
    for (structure, mask) in found {
        if mask.is_empty() && structure == Structure::ContrastVessels {
            continue;
        }
        if mask.is_empty() {
            findings.push(Finding::new(Code::NotSeen).word("structure", structure.word()));
        } else {
            regions.push(Region { structure, mask: turn.back(mask) });
        }
    }
    let landmarks = Landmarks { canal: rings.iter().flatten().copied().collect(), carina };
    Ok(Anatomy { grid: ct.hu.grid, regions, landmarks, skin_cut, contrast: bright.contrast, findings })
}

/// LPS x of the patient's middle: the canal's, else the body's.
fn middle_x(rings: &[Option<Lps>], body: &Mask) -> Option<f64> {
    let mut x: Vec<f64> = rings.iter().flatten().map(|p| p.x).collect();
    x.sort_by(f64::total_cmp);
    x.get(x.len() / 2).copied().or_else(|| body.centroid().map(|c| c.x))
}
