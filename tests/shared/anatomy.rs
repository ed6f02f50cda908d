//! Structures of the real scans: plausible in size, on the right side, and right at points that were looked at.

use crate::shared;
use icepath::anatomy::{Anatomy, find};
use icepath::ct::{Ct, load, scan};
use icepath::jobs::Progress;
use icepath::space::{Lps, PADDING};
use icepath::terms::{Code, Structure};

fn found(path: &str) -> Option<(Ct, Anatomy)> {
    let path = shared(path)?;
    let ct = load(&scan(&path, &Progress::none()).unwrap(), None, &Progress::none()).unwrap();
    let anatomy = find(&ct, &Progress::none()).unwrap();
    Some((ct, anatomy))
}

fn ml(anatomy: &Anatomy, structure: Structure) -> f64 {
    anatomy.region(structure).map_or(0.0, |m| m.volume_mm3() / 1000.0)
}

fn holds(anatomy: &Anatomy, structure: Structure, points: &[[f64; 3]]) {
    let mask = anatomy.region(structure).unwrap();
    for p in points {
        assert!(mask.holds(Lps::from(*p)), "{} at {p:?}", structure.name());
    }
}

fn spares(anatomy: &Anatomy, structures: &[Structure], points: &[[f64; 3]]) {
    for structure in structures {
        for p in points {
            let held = anatomy.region(*structure).is_some_and(|m| m.holds(Lps::from(*p)));
            assert!(!held, "{} at {p:?}", structure.name());
        }
    }
}

/// What must be true of every chest.
fn is_a_chest(ct: &Ct, anatomy: &Anatomy) {
    let body = anatomy.region(Structure::Body).unwrap();
    for region in &anatomy.regions {
        if !matches!(region.structure, Structure::Table) {
            let mut out = region.mask.clone();
            out.subtract(body);
            assert!(out.is_empty(), "{} outside of the body", region.structure.name());
        }
        let mut padded = 0;
        region.mask.for_each(|v| padded += usize::from(ct.hu.at(v) == PADDING));
        assert!(padded * 1000 <= region.mask.count(), "{} in padding", region.structure.name());
    }
    if let Some(table) = anatomy.region(Structure::Table) {
        let mut both = table.clone();
        both.intersect(body);
        assert!(both.is_empty(), "table and body overlap");
    }
    if let (Some(l), Some(r)) = (anatomy.region(Structure::LeftLung), anatomy.region(Structure::RightLung)) {
        assert!(l.centroid().unwrap().x > r.centroid().unwrap().x + 60.0, "left is left");
        let mut both = l.clone();
        both.intersect(r);
        assert!(both.is_empty(), "lungs overlap");
    }
    // No vessel full of contrast is bone.
    if let (Some(v), Some(b)) = (anatomy.region(Structure::ContrastVessels), anatomy.region(Structure::Bone)) {
        let mut both = v.clone();
        both.intersect(b);
        assert!(both.count() * 50 < v.count(), "vessels in bone");
    }
}

#[test]
fn lidc_idri_0001_has_contrast_and_both_lungs() {
    let Some((ct, a)) = found("data/ct/lidc-idri-0001") else { return };
    is_a_chest(&ct, &a);
    assert!(a.contrast);
    assert!((1500.0..2300.0).contains(&ml(&a, Structure::LeftLung)));
    assert!((1700.0..2500.0).contains(&ml(&a, Structure::RightLung)));
    assert!((400.0..1200.0).contains(&ml(&a, Structure::Mediastinum)));
    // Aorta and heart are vessels, not bone; ribs on both sides are bone.
    let blood = [[20.0, 53.0, -145.0], [20.0, -20.0, -202.0]];
    holds(&a, Structure::ContrastVessels, &blood);
    spares(&a, &[Structure::Bone], &blood);
    let ribs = [[-113.0, 12.0, -242.0], [129.0, 60.0, -242.0], [-108.0, 6.0, -208.0], [130.0, 48.0, -208.0]];
    holds(&a, Structure::Bone, &ribs);
    holds(&a, Structure::Bone, &[[132.0, -13.0, -175.0], [-110.0, 49.0, -175.0], [-97.0, 70.0, -142.0]]);
    // The lesion is neither a vessel nor mediastinum.
    let lesion = [[56.0, 86.0, -116.0]];
    spares(&a, &[Structure::LungVessels, Structure::Mediastinum, Structure::Bone, Structure::ContrastVessels], &lesion);
    let carina = a.landmarks.carina.unwrap();
    assert!((carina.z + 117.5).abs() < 8.0 && carina.x.abs() < 12.0, "{carina:?}");
    assert!((a.midline_x(-116.0).unwrap() - 1.0).abs() < 6.0);
    assert!(!a.skin_cut.is_empty() && a.findings.iter().any(|f| f.code == Code::SkinCut));
}

#[test]
fn lung_dx_a0001_spares_the_mass_on_the_wall() {
    let Some((ct, a)) = found("data/ct/lung-dx-a0001") else { return };
    is_a_chest(&ct, &a);
    assert!(!a.contrast && a.findings.iter().any(|f| f.code == Code::WallVesselsNotSeen));
    assert!((1900.0..2800.0).contains(&ml(&a, Structure::LeftLung)));
    assert!((2700.0..3800.0).contains(&ml(&a, Structure::RightLung)));
    let ribs = [[-147.0, 188.0, -344.0], [112.0, 201.0, -344.0], [119.0, 135.0, -314.0], [93.0, 243.0, -249.0]];
    holds(&a, Structure::Bone, &ribs);
    let mass = [[42.0, 203.0, -204.0]];
    spares(&a, &[Structure::LungVessels, Structure::Mediastinum, Structure::Bone, Structure::BelowDiaphragm], &mass);
    assert!(ml(&a, Structure::Table) > 500.0);
}

#[test]
fn lung_dx_a0002_is_read_in_slices_of_8_mm() {
    let Some((ct, a)) = found("data/ct/lung-dx-a0002.zip") else { return };
    is_a_chest(&ct, &a);
    assert!((1300.0..1900.0).contains(&ml(&a, Structure::LeftLung)));
    assert!((900.0..1500.0).contains(&ml(&a, Structure::RightLung)));
    let ribs = [[103.0, -192.0, 152.0], [-117.0, -82.0, 152.0], [111.0, -151.0, 176.0], [-107.0, -85.0, 200.0]];
    holds(&a, Structure::Bone, &ribs);
    let others = [Structure::Mediastinum, Structure::Bone, Structure::BelowDiaphragm, Structure::LungVessels];
    spares(&a, &others, &[[-62.0, -104.0, 200.0]]);
    // Both main bronchi are seen from z 232 down, the windpipe down to 240.
    let carina = a.landmarks.carina.unwrap();
    assert!((carina.z - 236.0).abs() < 9.0 && (carina.x + 14.0).abs() < 10.0, "{carina:?}");
}

#[test]
fn a_spine_with_metal_keeps_its_canal() {
    let Some((ct, a)) = found("data/ct/4d-lung-113.zip") else { return };
    is_a_chest(&ct, &a);
    assert!((700.0..1200.0).contains(&ml(&a, Structure::LeftLung)));
    assert!((1200.0..1800.0).contains(&ml(&a, Structure::RightLung)));
    holds(&a, Structure::Bone, &[[-123.0, 84.0, -1015.0], [-102.0, 136.0, -1015.0], [-95.0, 143.0, -955.0]]);
    for z in [-1100.0, -1000.0, -900.0] {
        let x = a.midline_x(z).unwrap();
        assert!((-12.0..16.0).contains(&x), "canal at {x} for z {z}");
    }
    spares(&a, &[Structure::Mediastinum, Structure::BelowDiaphragm], &[[60.0, 150.0, -937.0]]);
}

#[test]
fn a_cut_out_with_one_lung_says_so() {
    let Some((ct, a)) = found("data/ct/ibsi-ct-phantom.zip") else { return };
    is_a_chest(&ct, &a);
    assert!(a.contrast);
    assert!((900.0..1600.0).contains(&ml(&a, Structure::RightLung)));
    assert!(a.region(Structure::LeftLung).is_none());
    assert!(a.findings.iter().any(|f| f.code == Code::NotSeen));
    let blood = [[5.0, -40.0, 65.0], [5.0, -20.0, 5.0]];
    holds(&a, Structure::ContrastVessels, &blood);
    spares(&a, &[Structure::Bone], &blood);
    holds(&a, Structure::Bone, &[[-132.0, -14.0, -46.0], [-89.0, 93.0, -46.0], [-123.0, 36.0, -10.0]]);
    // The picture's top cuts the windpipe: 15 mm of it are enough.
    let carina = a.landmarks.carina.unwrap();
    assert!((carina.z - 50.0).abs() < 9.0 && (carina.x + 2.0).abs() < 12.0, "{carina:?}");
    holds(&a, Structure::BelowDiaphragm, &[[-60.0, -20.0, -80.0], [-20.0, -40.0, -90.0]]);
    spares(&a, &[Structure::Mediastinum, Structure::LungVessels, Structure::Bone], &[[-75.0, 16.0, -19.0]]);
}
