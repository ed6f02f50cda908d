//! A digital chest is what it says: its truth is exact, left is left, and it comes back from its own files as it was.

use icepath::ct;
use icepath::jobs::{Progress, thread_budget};
use icepath::phantom::{Case, Phantom, cases, make, write};
use icepath::space::Mask;
use icepath::terms::{Side, Structure};
use icepath::words::{Lang, Words};

/// A case on a coarse grid: the same chest, made in a fraction of the time.
fn coarse(id: &str) -> Case {
    Case { size: [80, 80, 40], spacing_mm: [4.4, 4.4, 8.0], ..Case::by_id(id).unwrap().clone() }
}

fn made(case: &Case) -> Phantom {
    make(case, &Progress::none()).unwrap()
}

fn region(phantom: &Phantom, structure: Structure) -> Mask {
    Mask::of(&phantom.truth, |l| l == structure.label())
}

#[test]
fn the_same_chest_has_the_same_bytes_on_one_thread_and_on_two() {
    let case = coarse("nodule");
    let [one, two] = [1, 2].map(|n| thread_budget(Some(n)).unwrap().run(|| made(&case)));
    assert!(one.hu.data == two.hu.data, "HU differ");
    assert!(one.truth.data == two.truth.data, "labels differ");
    assert_eq!(one.lesions[0].volume_mm3, two.lesions[0].volume_mm3);
}

#[test]
fn left_is_left_and_back_is_back_supine_and_prone() {
    for id in ["nodule", "prone"] {
        let p = made(&coarse(id));
        let x = |s| region(&p, s).centroid().unwrap().x - p.carina.x;
        assert!(x(Structure::LeftLung) > 40.0 && x(Structure::RightLung) < -40.0, "{id}");
        assert!(
            region(&p, Structure::RightLung).count() > region(&p, Structure::LeftLung).count(),
            "the heart lies left"
        );
        assert!(x(Structure::Mediastinum) > 3.0, "{id}: the heart lies left");
        let y = |s| region(&p, s).centroid().unwrap().y;
        assert!(y(Structure::SpinalCanal) > y(Structure::Mediastinum) + 30.0, "{id}: the spine lies behind");
        let behind = y(Structure::Table) > y(Structure::Body);
        assert_eq!(behind, id == "nodule", "the table lies behind a patient on his back, before one on his belly");
        let z = |s| region(&p, s).centroid().unwrap().z;
        assert!(z(Structure::BelowDiaphragm) < z(Structure::Mediastinum), "{id}");
        // The stomach's bubble: air under the left dome, none under the right.
        let mut air = [0, 0];
        region(&p, Structure::BelowDiaphragm).for_each(|v| {
            if p.hu.at(v) < -700 {
                air[usize::from(p.hu.grid.centre(v).x > p.carina.x)] += 1;
            }
        });
        assert!(air[1] > 20 && air[0] * 10 < air[1], "{id}: {air:?}");
    }
}

#[test]
fn every_tissue_has_the_hu_that_it_has_in_a_patient() {
    let p = made(&coarse("nodule"));
    let mean = |s| {
        let (mut sum, mut n) = (0.0, 0.0);
        region(&p, s).for_each(|v| {
            sum += f64::from(p.hu.at(v));
            n += 1.0;
        });
        sum / n
    };
    // Of whole regions, edges and partial volume included.
    for (structure, low, high) in [
        (Structure::LeftLung, -880.0, -760.0),
        (Structure::RightLung, -880.0, -760.0),
        (Structure::BelowDiaphragm, -80.0, 60.0),
        (Structure::Mediastinum, -60.0, 60.0),
        (Structure::SpinalCanal, 0.0, 150.0),
        (Structure::Bone, 150.0, 500.0),
        (Structure::Body, -80.0, 40.0),
    ] {
        let m = mean(structure);
        assert!(m > low && m < high, "{structure:?}: {m}");
    }
    // Litres of lung at full breath, of a body of that size.
    let litres = |s| region(&p, s).volume_mm3() / 1e6;
    let lungs = litres(Structure::LeftLung) + litres(Structure::RightLung) + litres(Structure::LungVessels);
    assert!((3.0..7.0).contains(&lungs), "{lungs} l");
}

/// The sample's own chest, as fine as it is; made once.
fn sample() -> &'static Phantom {
    static SAMPLE: std::sync::OnceLock<Phantom> = std::sync::OnceLock::new();
    SAMPLE.get_or_init(|| made(Case::by_id("nodule").unwrap()))
}

#[test]
fn the_sample_in_the_repository_is_what_the_program_makes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-dicom/nodule");
    let listing = ct::scan(&folder.join("dicom"), &Progress::none()).unwrap();
    let stored = ct::load(&listing, None, &Progress::none()).unwrap();
    let made = sample();
    assert_eq!(stored.hu.grid.size, made.hu.grid.size);
    assert!(stored.hu.grid.origin.distance(made.hu.grid.origin) < 1e-6);
    // Another system's sine may round otherwise, which may move a sample across an edge here and there.
    let other = stored.hu.data.iter().zip(&made.hu.data).filter(|(a, b)| (**a - **b).abs() > 1).count();
    assert!(other * 10_000 < made.hu.data.len(), "{other} voxels differ: write the sample again");
    let truth: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("truth.json")).unwrap()).unwrap();
    assert_eq!(truth["series_uid"], stored.identity.series_uid);
    let volume = truth["lesions"][0]["volume_mm3"].as_f64().unwrap();
    assert!((volume - made.lesions[0].volume_mm3).abs() < 0.01);
    let mut bytes = 0;
    for file in std::fs::read_dir(folder.join("dicom")).unwrap() {
        bytes += file.unwrap().metadata().unwrap().len();
    }
    assert!(bytes < 20_000_000, "{bytes} bytes");
}

#[test]
fn the_straight_way_to_the_sample_s_nodule_is_barred_by_a_rib() {
    let p = sample();
    let centre = p.lesions[0].centre;
    let bone = Structure::Bone.label();
    let (mut nearest, mut barred) = (f64::MAX, false);
    for n in 0..360 {
        let angle = f64::from(n).to_radians();
        let (mut mm, mut met) = (0.0, false);
        loop {
            let at = centre + glam::DVec3::new(angle.cos(), angle.sin(), 0.0) * mm;
            match p.truth.nearest(at) {
                None | Some(0) => break,
                Some(l) if l == Structure::Table.label() => break,
                Some(l) => met |= l == bone,
            }
            mm += 0.5;
        }
        if mm < nearest {
            (nearest, barred) = (mm, met);
        }
    }
    assert!(barred && nearest < 90.0, "{nearest}");
}

#[test]
fn the_voxels_of_a_lesion_add_up_to_its_exact_volume() {
    let p = sample();
    let lesion = &p.lesions[0];
    assert!(lesion.exact);
    assert!((lesion.volume_mm3 - 4.0 / 3.0 * std::f64::consts::PI * 7.5 * 6.5 * 7.0).abs() < 1e-6);
    assert!((lesion.long_mm - 15.0).abs() < 1e-9 && (lesion.short_mm - 13.0).abs() < 1e-9);
    assert_eq!(lesion.side, Side::Right);
    let voxels = lesion.mask.volume_mm3();
    assert!((voxels / lesion.volume_mm3 - 1.0).abs() < 0.03, "{voxels} of {}", lesion.volume_mm3);
    assert!(lesion.mask.centroid().unwrap().distance(lesion.centre) < 0.3);
    assert!(lesion.mask.holds(lesion.centre));
    // Its inside is soft tissue, whatever the noise.
    let inside = p.hu.sample(lesion.centre).unwrap();
    assert!((-30.0..100.0).contains(&inside), "{inside}");
    // Blood that outweighs blur: HU above the middle between lung and lesion are about the lesion.
    let mut bright = 0;
    for (o, hu) in p.hu.data.iter().enumerate() {
        let c = p.hu.grid.centre(p.hu.grid.voxel_of(o));
        bright += usize::from(*hu > -410 && c.distance(lesion.centre) < 8.5);
    }
    let bright = bright as f64 * p.hu.grid.voxel_mm3();
    assert!((bright / lesion.volume_mm3 - 1.0).abs() < 0.12, "{bright} of {}", lesion.volume_mm3);
}

#[test]
fn every_case_has_its_lesions_where_it_says_and_teaches_something() {
    let words = Words::new(Lang::En);
    for case in cases() {
        assert!(words.has(&case.word()) && words.has(&case.teaches_word()), "{}", case.id);
        let p = made(&coarse(case.id));
        assert_eq!(p.lesions.len(), case.lesions.len());
        for lesion in &p.lesions {
            assert!(lesion.volume_mm3 > 500.0 && lesion.long_mm >= lesion.short_mm, "{}", case.id);
            let ends = lesion.long[0].distance(lesion.long[1]);
            assert!((ends - lesion.long_mm).abs() < 1e-6);
        }
    }
}

#[test]
fn a_written_chest_comes_back_by_the_door_of_real_scans() {
    for id in ["heart", "prone"] {
        let p = made(&coarse(id));
        let dir = tempfile::tempdir().unwrap();
        let files = write(&p, dir.path(), &Progress::none()).unwrap();
        for name in ["truth.nii.gz", "truth.labels.json", "truth.json"] {
            assert!(files.iter().any(|f| f.as_os_str() == name) && dir.path().join(name).is_file());
        }
        let listing = ct::scan(&dir.path().join("dicom"), &Progress::none()).unwrap();
        let back = ct::load(&listing, None, &Progress::none()).unwrap();
        assert!(back.hu.data.iter().zip(&p.hu.data).filter(|(a, b)| a != b).count() == 0 || id == "prone");
        // Prone, the loader may turn the volume: the same place must hold the same HU.
        for o in (0..p.hu.data.len()).step_by(997) {
            let at = p.hu.grid.centre(p.hu.grid.voxel_of(o));
            assert_eq!(back.hu.nearest(at), Some(p.hu.data[o]), "{id} at {at:?}");
        }
        assert_eq!(back.acquisition.contrast.is_some(), id == "heart");
        let serious: Vec<_> = back.findings.iter().filter(|f| f.severity != icepath::terms::Severity::Info).collect();
        // Slices of 8 mm are thick; nothing else is doubtful.
        assert!(serious.iter().all(|f| f.code == icepath::terms::Code::ThickSlices), "{id}: {serious:?}");
    }
}
