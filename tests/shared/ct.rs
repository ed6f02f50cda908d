//! The real series are what their description says: geometry, HU, and which of them is picked.

use crate::shared;
use icepath::ct::{Ct, load, scan};
use icepath::jobs::Progress;
use icepath::space::PADDING;

fn open(path: &str) -> Option<Ct> {
    let path = shared(path)?;
    let listing = scan(&path, &Progress::none()).unwrap();
    Some(load(&listing, None, &Progress::none()).unwrap())
}

/// Size, spacing, origin; least, greatest and mean HU, padding counted as −2048.
fn holds(ct: &Ct, size: [usize; 3], spacing: [f64; 3], origin: [f64; 3], hu: (f64, f64, f64)) {
    assert_eq!(ct.hu.grid.size, size);
    for a in 0..3 {
        assert!((ct.hu.grid.spacing[a] - spacing[a]).abs() < 1e-5, "spacing {:?}", ct.hu.grid.spacing);
        assert!((<[f64; 3]>::from(ct.hu.grid.origin)[a] - origin[a]).abs() < 1e-4, "origin {:?}", ct.hu.grid.origin);
    }
    let values = || ct.hu.data.iter().map(|v| if *v == PADDING { -2048.0 } else { f64::from(*v) });
    let (least, most) = values().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(v), b.max(v)));
    let mean = values().sum::<f64>() / ct.hu.data.len() as f64;
    assert_eq!((least, most), (hu.0, hu.1));
    assert!((mean - hu.2).abs() < 0.01, "mean {mean}");
}

#[test]
fn lidc_idri_0001_is_what_its_description_says() {
    let Some(ct) = open("data/ct/lidc-idri-0001") else { return };
    let (size, spacing) = ([512, 512, 133], [0.703125, 0.703125, 2.5]);
    holds(&ct, size, spacing, [-166.0, -171.699997, -340.0], (-2048.0, 3071.0, -826.94));
    // What surrounds the field of view is not air: without it the mean is another.
    let measured: Vec<f64> = ct.hu.data.iter().filter(|v| **v != PADDING).map(|v| f64::from(*v)).collect();
    assert!((measured.iter().sum::<f64>() / measured.len() as f64 + 496.95).abs() < 0.01);
    assert_eq!(ct.acquisition.patient_position, "FFS");
    assert_eq!(ct.slices.len(), 133);
}
