//! The real series are what their description says: geometry, HU, and which of them is picked.

use crate::shared;
use icepath::ct::{Ct, Listing, load, scan};
use icepath::jobs::Progress;
use icepath::space::PADDING;
use icepath::terms::Code;
use std::path::Path;

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

#[test]
fn lung_dx_a0001_is_what_its_description_says() {
    let Some(ct) = open("data/ct/lung-dx-a0001") else { return };
    let (size, spacing) = ([512, 512, 64], [0.841796875, 0.841796875, 5.0]);
    holds(&ct, size, spacing, [-228.036842, -93.0631599, -439.0], (-1024.0, 2976.0, -681.09));
}

#[test]
fn of_two_kernels_in_a_zip_the_soft_one_is_picked_and_the_other_can_be_chosen() {
    let Some(path) = shared("data/ct/lung-dx-a0002.zip") else { return };
    let listing = scan(&path, &Progress::none()).unwrap();
    let picked = listing.picked.clone().unwrap();
    assert_eq!(picked.reason, "picked-soft-kernel");
    let (size, spacing) = ([512, 512, 30], [0.646484375, 0.646484375, 8.0]);
    let origin = [-173.17675781, -294.17675781, 80.0];
    let soft = load(&listing, None, &Progress::none()).unwrap();
    assert_eq!(soft.acquisition.kernel, "B40f");
    assert!(soft.has(Code::ThickSlices));
    holds(&soft, size, spacing, origin, (-1024.0, 1548.0, -535.67));
    let other = listing.series.iter().find(|s| s.id != picked.id).unwrap();
    assert!(listing.of_one_acquisition(&picked.id, &other.id));
    let sharp = load(&listing, Some(&other.id), &Progress::none()).unwrap();
    holds(&sharp, size, spacing, origin, (-1024.0, 1904.0, -536.10));
}

#[test]
fn a_structure_set_beside_a_ct_is_listed_and_never_loaded() {
    let Some(path) = shared("data/ct/4d-lung-113.zip") else { return };
    let listing = scan(&path, &Progress::none()).unwrap();
    let plan = listing.series.iter().find(|s| s.modality == "RTSTRUCT").unwrap();
    assert!(!plan.usable_for_planning);
    let ct = load(&listing, None, &Progress::none()).unwrap();
    holds(&ct, [512, 512, 99], [0.9766, 0.9766, 3.0], [-250.0, -163.019, -1132.0], (-1000.0, 2976.0, -704.02));
}

#[test]
fn a_cut_out_with_float_noise_in_its_positions_loads_as_even() {
    let Some(ct) = open("data/ct/ibsi-ct-phantom.zip") else { return };
    let spacing = [0.97699999809265, 0.97699999809265, 3.0];
    let origin = [-174.39450073, -79.62550354, -100.40000153];
    holds(&ct, [204, 201, 60], spacing, origin, (-1000.0, 3065.0, -266.47));
    assert!(!ct.has(Code::UnevenSpacing) && ct.position_pm_mm < 1e-4);
}

/// What came of a file that stands alone: the codes of all findings, and whether something is listed, or loadable.
fn outcome(path: &Path) -> (Vec<&'static str>, Option<Listing>) {
    match scan(path, &Progress::none()) {
        Err(e) => (vec![e.code()], None),
        Ok(listing) => {
            let of_series =
                listing.series.iter().flat_map(|s| s.findings.iter().chain(s.volumes.iter().flat_map(|v| &v.findings)));
            let mut codes: Vec<_> = listing.findings.iter().chain(of_series).map(|f| f.code.name()).collect();
            // Whatever is there, loading it ends in a volume or a reason.
            if let Err(e) = load(&listing, None, &Progress::none()) {
                codes.push(e.code());
            }
            (codes, Some(listing))
        }
    }
}

/// Reasons why one good slice is not planned on; anything else is a refusal of the file itself.
const HARMLESS: [&str; 12] = [
    "too-few-slices",
    "nothing-usable",
    "no-image",
    "no-preamble",
    "padding",
    "derived",
    "oblique",
    "lossy",
    "missing-file",
    "thick-slices",
    "excluded-secondary-capture",
    "excluded-localizer",
];

#[test]
fn every_odd_and_hostile_file_ends_as_it_must() {
    let Some(root) = shared("data/robustness") else { return };
    let mut wrong = Vec::new();
    for (folder, base) in [("hostile", "hostile"), ("pydicom", "")] {
        let text = std::fs::read_to_string(root.join(folder).join("expected.json")).unwrap();
        let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        for case in cases {
            let file = case["file"].as_str().unwrap();
            let allowed: Vec<&str> = case["codes"].as_array().unwrap().iter().filter_map(|c| c.as_str()).collect();
            let (codes, listing) = outcome(&root.join(base).join(file));
            let refused: Vec<_> = codes.iter().copied().filter(|c| !HARMLESS.contains(c)).collect();
            let listed = listing.as_ref().is_some_and(|l| !l.series.is_empty());
            let as_allowed = codes.iter().any(|c| allowed.contains(c));
            // Flipped bytes may hit the transfer syntax; an image without pixels is cut, whatever else is odd.
            let also = refused.iter().all(|c| ["transfer-syntax-unsupported", "truncated"].contains(c));
            let fine = match case["must"].as_str().unwrap() {
                "ignored" => !listed || refused.is_empty(),
                "refused" => as_allowed,
                "loads" => listed && refused.is_empty(),
                "listed" => listed,
                _ => also || as_allowed,
            };
            if !fine {
                wrong.push(format!("{file}: must be {} {allowed:?}, is {codes:?}, listed {listed}", case["must"]));
            }
            if let (Some(series), Some(rows)) = (listing.as_ref().and_then(|l| l.series.first()), case["Rows"].as_u64())
            {
                let size = series.size.map(|s| [s[1] as u64, s[0] as u64]);
                if size != Some([rows, case["Columns"].as_u64().unwrap()]) && case["must"] == "listed" {
                    wrong.push(format!("{file}: size {size:?}"));
                }
                let modality = case["modality"].as_str().unwrap_or_default();
                if series.modality != modality {
                    wrong.push(format!("{file}: modality {} for {modality}", series.modality));
                }
                let p = &series.patient;
                let parts = [p.alphabetic.as_str(), &p.ideographic, &p.phonetic].join("=");
                let name = case["PatientName"].as_str().unwrap_or_default().trim_end_matches('=');
                if parts.trim_end_matches('=') != name {
                    wrong.push(format!("{file}: name {parts:?} for {name:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
