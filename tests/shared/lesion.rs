//! One click and one stroke on real nodules, held against their readers.

use crate::shared;
use icepath::ct::{Acquisition, Ct, Identity, Source, nifti};
use icepath::jobs::Progress;
use icepath::lesion::{Gesture, measure, segment};
use icepath::space::{Lps, Mask};
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

/// Every twelfth of the 482: click and stroke stay at the level of a reader against the others (0.80).
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
            *sum += segment(&ct, None, gesture, &Progress::none()).map_or(0.0, |s| dice(&s.mask, &truth));
        }
        n += 1;
    }
    let [click, stroke] = sums.map(|s| s / f64::from(n));
    println!("Dice of {n} nodules: click {click:.3}, stroke {stroke:.3}");
    assert!(click > 0.78 && stroke > 0.78, "click {click:.3}, stroke {stroke:.3}");
}

/// The nodule that four readers outlined: within 2 mm of their 31.4 to 32.7, within 15 % of their 5702 to 7298 mm³.
#[test]
fn the_spiculated_mass_measures_what_its_readers_measured() {
    let Some(folder) = shared("data/lidc-voi/lidc-0001-n01") else { return };
    let ct = research(&folder.join("image.nii.gz"));
    let s = segment(&ct, None, Gesture::Click(Lps::new(56.0, 86.0, -116.0)), &Progress::none()).unwrap();
    let m = measure(&ct, &s.mask, s.level_hu).unwrap();
    println!("long {:.1} mm, volume {:.0} mm³", m.long.mm, m.volume_mm3);
    assert!((29.4..=34.7).contains(&m.long.mm), "{}", m.long.mm);
    assert!((5702.0 * 0.85..=7298.0 * 1.15).contains(&m.volume_mm3), "{}", m.volume_mm3);
}
