//! One click and one stroke on real nodules, held against their readers.

use crate::shared;
use glam::DVec3;
use icepath::case;
use icepath::ct::{Acquisition, Ct, Identity, Source, nifti};
use icepath::jobs::Progress;
use icepath::lesion::{Gesture, measure, segment};
use icepath::space::{Lps, Mask};
use icepath::terms::Code;
use std::collections::BTreeMap;
use std::path::Path;

fn research(path: &Path) -> Ct {
    Ct {
        hu: nifti::read_hu(path).unwrap(),
        source: Source::Research,
        slices: Vec::new(),
        rows: Vec::new(),
        position_pm_mm: 0.0,
        identity: Identity::default(),
        acquisition: Acquisition::default(),
        findings: Vec::new(),
    }
}

fn dice(a: &Mask, b: &Mask) -> f64 {
    let mut both = a.clone();
    both.intersect(b);
    2.0 * both.count() as f64 / (a.count() + b.count()).max(1) as f64
}

/// Every twelfth of the 482: click and stroke stay above a reader against the others (0.80).
#[test]
fn click_and_stroke_agree_with_the_readers_as_a_reader_does() {
    let Some(folder) = shared("data/lidc-voi") else { return };
    let mut index = csv::Reader::from_path(folder.join("index.csv")).unwrap();
    let rows: Vec<BTreeMap<String, String>> = index.deserialize().map(Result::unwrap).collect();
    let mut sums = [0f64; 2];
    let mut n = 0;
    for row in rows.iter().step_by(12) {
        let number = |key: String| row[&key].parse::<f64>().unwrap();
        let point = |a: &str, b: &str| {
            let [x, y, z] = ["x", "y", "z"].map(|c| number(format!("{a}{c}{b}")));
            Lps::new(x, y, z)
        };
        let case = folder.join(&row["case"]);
        let ct = research(&case.join("image.nii.gz"));
        let truth = Mask::of(&nifti::read(&case.join("consensus.nii.gz")).unwrap(), |v| v > 0.5);
        let gestures =
            [Gesture::Click(point("click_", "")), Gesture::Stroke(point("stroke_", "0"), point("stroke_", "1"))];
        for (sum, gesture) in sums.iter_mut().zip(gestures) {
            *sum += segment(&ct, gesture, &Progress::none()).map_or(0.0, |s| dice(&s.mask, &truth));
        }
        n += 1;
    }
    let [click, stroke] = sums.map(|s| s / f64::from(n));
    println!("Dice of {n} nodules: click {click:.3}, stroke {stroke:.3}");
    assert!(click > 0.805 && stroke > 0.815, "click {click:.3}, stroke {stroke:.3}");
}

/// The nodule that four readers outlined: within 2 mm of their 31.4 to 32.7, within 15 % of their 5702 to 7298 mm³.
#[test]
fn the_spiculated_mass_measures_what_its_readers_measured() {
    let Some(folder) = shared("data/lidc-voi/lidc-0001-n01") else { return };
    let ct = research(&folder.join("image.nii.gz"));
    let s = segment(&ct, Gesture::Click(Lps::new(56.0, 86.0, -116.0)), &Progress::none()).unwrap();
    let m = measure(&ct, &s.mask, s.level_hu).unwrap();
    println!("long {:.1} mm, volume {:.0} mm³", m.long.mm, m.volume_mm3);
    assert!((29.4..=34.7).contains(&m.long.mm), "{}", m.long.mm);
    assert!((5702.0 * 0.85..=7298.0 * 1.15).contains(&m.volume_mm3), "{}", m.volume_mm3);
}

/// Every second slice of it, as if they were 5 mm apart: within 2 mm of the readers still.
#[test]
fn the_spiculated_mass_keeps_its_tips_on_slices_5_mm_apart() {
    let Some(folder) = shared("data/lidc-voi/lidc-0001-n01") else { return };
    let whole = research(&folder.join("image.nii.gz"));
    let [nx, ny, nz] = whole.hu.grid.size;
    for first in [0, 1] {
        let mut ct = whole.clone();
        let kept = (first..nz).step_by(2);
        ct.hu.grid.size[2] = kept.len();
        ct.hu.grid.spacing.z *= 2.0;
        ct.hu.grid.origin = whole.hu.grid.point(DVec3::new(0.0, 0.0, first as f64));
        ct.hu.data = kept.flat_map(|k| whole.hu.slice(k).iter().copied()).collect();
        assert_eq!(ct.hu.data.len(), nx * ny * ct.hu.grid.size[2]);
        let s = segment(&ct, Gesture::Click(Lps::new(56.0, 86.0, -116.0)), &Progress::none()).unwrap();
        let m = measure(&ct, &s.mask, s.level_hu).unwrap();
        println!("from slice {first}: {:.1} ± {:.1} mm", m.long.mm, m.long.pm_mm);
        assert!((29.4..=34.7).contains(&m.long.mm), "from slice {first}: {}", m.long.mm);
    }
}

/// The share of a click's result that lies outside of what `inside` says of a voxel's centre, and its volume in ml.
fn outside(ct: &Ct, click: Lps, inside: impl Fn(Lps) -> bool) -> (f64, f64) {
    let s = segment(ct, Gesture::Click(click), &Progress::none()).unwrap();
    let mut out = 0usize;
    s.mask.for_each(|v| out += usize::from(!inside(s.mask.grid.centre(v))));
    (out as f64 / s.mask.count() as f64, s.mask.volume_mm3() / 1000.0)
}

/// A mass against aortic arch, hilum and chest wall: nearly all of it lies within the boxes drawn around it, slice by slice.
#[test]
fn a_mass_on_the_arch_does_not_run_into_it() {
    let Some(folder) = shared("data/ct/lung-dx-a0001") else { return };
    let boxes = std::fs::read_to_string(folder.with_file_name("truth").join("lung-dx-a0001/boxes.json")).unwrap();
    let boxes: serde_json::Value = serde_json::from_str(&boxes).unwrap();
    let boxes: Vec<[f64; 5]> = boxes["series"][0]["boxes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| {
            let side = |key: &str, axis: usize| b[key][axis].as_f64().unwrap();
            let (lo, hi) = ("min_lps_mm", "max_lps_mm");
            [b["z_lps_mm"].as_f64().unwrap(), side(lo, 0), side(hi, 0), side(lo, 1), side(hi, 1)]
        })
        .collect();
    let opened = case::open(&folder, None, &Progress::none()).unwrap();
    // Slices are 5 mm apart; a box's sides are the centres of its outermost pixels.
    let (share, ml) = outside(&opened.ct, Lps::new(42.0, 203.0, -204.0), |p| {
        boxes.iter().any(|[z, x0, x1, y0, y1]| {
            (p.z - z).abs() < 2.5 && p.x > x0 - 0.5 && p.x < x1 + 0.5 && p.y > y0 - 0.5 && p.y < y1 + 0.5
        })
    });
    println!("{share:.3} outside of the boxes, {ml:.1} ml");
    assert!(share < 0.14 && (60.0..100.0).contains(&ml), "{share:.3}, {ml:.1} ml");
}

/// A mass along the descending aorta, without contrast: within the contour drawn around it, but for a rim.
#[test]
fn a_mass_on_the_aorta_does_not_swallow_it() {
    let Some(path) = shared("data/ct/4d-lung-113.zip") else { return };
    let tumour =
        Mask::of(&nifti::read(&path.with_file_name("truth").join("4d-lung-113/tumor.nii.gz")).unwrap(), |v| v > 0.5);
    let opened = case::open(&path, None, &Progress::none()).unwrap();
    let (share, ml) = outside(&opened.ct, Lps::new(60.0, 150.0, -937.0), |p| tumour.holds(p));
    println!("{share:.3} outside of the contour, {ml:.1} ml");
    assert!(share < 0.23 && (45.0..75.0).contains(&ml), "{share:.3}, {ml:.1} ml");
}

/// A mass of 82 mm against heart and hilum: clicks 6 mm apart do not end in a piece of it, and none is without doubt.
#[test]
fn neighbouring_clicks_in_a_mass_on_the_heart_do_not_give_a_piece_of_it() {
    let Some(path) = shared("data/ct/lung-dx-a0002.zip") else { return };
    let opened = case::open(&path, None, &Progress::none()).unwrap();
    for (x, y, z) in [(-62.0, -104.0, 200.0), (-58.5, -100.5, 203.5), (-65.5, -107.5, 203.5), (-65.5, -100.5, 196.5)] {
        let s = segment(&opened.ct, Gesture::Click(Lps::new(x, y, z)), &Progress::none()).unwrap();
        let m = measure(&opened.ct, &s.mask, s.level_hu).unwrap();
        println!("long {:.1} ± {:.1} mm, {:.1} ml", m.long.mm, m.long.pm_mm, m.volume_mm3 / 1000.0);
        assert!(m.long.mm > 50.0 && m.long.pm_mm > 5.0, "{:.1} ± {:.1} mm", m.long.mm, m.long.pm_mm);
        assert!(s.findings.iter().any(|f| f.code == Code::SoftBorder));
    }
}
