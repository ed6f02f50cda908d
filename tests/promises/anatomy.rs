//! Anatomy on a chest drawn here: no symmetry that could hide a swapped side, and the truth is known.

use glam::{DMat3, DVec3};
use icepath::anatomy::{Anatomy, find};
use icepath::ct::{Acquisition, Ct, Identity, Source};
use icepath::jobs::Progress;
use icepath::space::{Grid, Lps, Mask, Volume, Voxel};
use icepath::terms::{Code, Structure};

/// What is drawn besides skin, spine, ribs and the right lung.
#[derive(Clone, Copy)]
struct Chest {
    left_lung: bool,
    contrast: bool,
    prone: bool,
}

fn inside(p: Lps, centre: [f64; 3], radii: [f64; 3]) -> bool {
    let d = (p - Lps::from(centre)) / DVec3::from(radii);
    d.length_squared() <= 1.0
}

fn right_lung(p: Lps) -> bool {
    inside(p, [-72.0, 0.0, 0.0], [52.0, 78.0, 118.0]) && p.z > dome(p.x + 72.0, p.y)
}

fn left_lung(p: Lps) -> bool {
    inside(p, [74.0, 4.0, 4.0], [44.0, 70.0, 108.0]) && p.z > dome(p.x - 74.0, p.y)
}

fn dome(x: f64, y: f64) -> f64 {
    -40.0 - 0.006 * (x * x + y * y)
}

fn tube(p: Lps, from: [f64; 3], to: [f64; 3], radius: f64) -> bool {
    let (a, b) = (Lps::from(from), Lps::from(to));
    let d = b - a;
    let t = ((p - a).dot(d) / d.length_squared()).clamp(0.0, 1.0);
    (p - (a + d * t)).length() <= radius
}

fn aorta(p: Lps) -> bool {
    (p.x - 26.0).hypot(p.y - 30.0) <= 12.0
}

/// Ribs: hoops around both lungs, 7 mm thick and 12 mm high, sinking to the front.
fn rib(p: Lps) -> bool {
    let r = (p.x / 136.0).hypot(p.y / 98.0);
    let thick = (r - 1.0) * 115.0;
    let level = (p.z + 0.25 * (98.0 - p.y)).rem_euclid(26.0);
    thick.abs() <= 3.5 && level < 12.0 && p.y.abs() < 94.0 && p.z < 100.0
}

/// HU of the drawn chest at a point.
fn hu(p: Lps, chest: Chest) -> f64 {
    let bed = if chest.prone { -p.y - 8.0 } else { p.y };
    if (p.x / 165.0).powi(2) + (p.y / 122.0).powi(2) > 1.0 {
        // A table 20 mm from the skin.
        return if (142.0..150.0).contains(&bed) { -350.0 } else { -1000.0 };
    }
    let trachea = tube(p, [2.0, -2.0, 135.0], [2.0, 6.0, 40.0], 8.5);
    let bronchi =
        tube(p, [2.0, 6.0, 40.0], [-44.0, 6.0, 10.0], 6.5) || tube(p, [2.0, 6.0, 40.0], [46.0, 8.0, 2.0], 6.0);
    if trachea || bronchi {
        return -985.0;
    }
    // Vertebrae: body, arch and spinous process around a canal at x = 4, y = 78.
    let (dx, dy) = (p.x - 4.0, p.y - 78.0);
    let ring = dx.hypot(dy);
    if ring <= 8.5 {
        return 25.0;
    }
    let body = (dx / 19.0).powi(2) + ((dy + 25.0) / 16.0).powi(2);
    if body <= 1.0 {
        return if body > 0.75 { 600.0 } else { 170.0 };
    }
    if ring <= 12.0 || dx.abs() < 4.0 && (0.0..32.0).contains(&dy) {
        return 500.0;
    }
    if rib(p) || dx.abs() < 18.0 && (-101.0..-91.0).contains(&p.y) && p.z > -60.0 {
        return 420.0;
    }
    if aorta(p) {
        return if chest.contrast { 320.0 } else { 42.0 };
    }
    // A vessel of 6 mm and a nodule of 9 mm in the right lung.
    if right_lung(p) {
        if tube(p, [-30.0, 0.0, 10.0], [-100.0, 30.0, 40.0], 3.0) {
            return 40.0;
        }
        return if inside(p, NODULE, [9.0; 3]) { 35.0 } else { -840.0 };
    }
    if chest.left_lung && left_lung(p) {
        return -850.0;
    }
    if p.z > -70.0 && inside(p, [22.0, -30.0, -20.0], [52.0, 45.0, 60.0]) && chest.contrast {
        return 250.0;
    }
    50.0
}

const NODULE: [f64; 3] = [-85.0, -30.0, 40.0];

/// Noise of ± 20 HU, the same at the same place of the patient.
fn noise(p: Lps) -> f64 {
    let mut h = 0x9e37_79b9_7f4a_7c15u64;
    for c in [p.x, p.y, p.z] {
        h = (h ^ ((c * 8.0).round() as i64 as u64)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        h ^= h >> 32;
    }
    ((h % 4001) as f64 / 4000.0 - 0.5) * 40.0
}

fn grid() -> Grid {
    Grid {
        size: [150, 130, 100],
        spacing: DVec3::new(2.4, 2.4, 2.5),
        origin: Lps::new(-179.0, -155.0, -118.0),
        axes: DMat3::IDENTITY,
    }
}

fn draw(grid: Grid, chest: Chest) -> Ct {
    let data = (0..grid.len()).map(|o| {
        let p = grid.centre(grid.voxel_of(o));
        (hu(p, chest) + noise(p)).round() as i16
    });
    Ct {
        hu: Volume { grid, data: data.collect() },
        source: Source::Research,
        slices: Vec::new(),
        rows: Vec::new(),
        position_pm_mm: 0.0,
        identity: Identity::default(),
        acquisition: Acquisition {
            patient_position: if chest.prone { "HFP" } else { "HFS" }.into(),
            ..Acquisition::default()
        },
        findings: Vec::new(),
    }
}

fn anatomy(chest: Chest) -> Anatomy {
    find(&draw(grid(), chest), &Progress::none()).unwrap()
}

const BOTH: Chest = Chest { left_lung: true, contrast: true, prone: false };

/// 2 |A ∩ B| / (|A| + |B|).
fn dice(mask: &Mask, truth: impl Fn(Lps) -> bool) -> f64 {
    let grid = mask.grid;
    let (mut both, mut sum) = (0usize, 0usize);
    for o in 0..grid.len() {
        let v = grid.voxel_of(o);
        let (a, b) = (mask.get(v), truth(grid.centre(v)));
        both += usize::from(a && b);
        sum += usize::from(a) + usize::from(b);
    }
    2.0 * both as f64 / sum as f64
}

#[test]
fn a_drawn_chest_is_found_as_it_was_drawn() {
    let a = anatomy(BOTH);
    let region = |s| a.region(s).unwrap_or_else(|| panic!("{s:?} not seen"));
    // Overlap with what was drawn.
    assert!(dice(region(Structure::RightLung), right_lung) > 0.96);
    assert!(dice(region(Structure::LeftLung), left_lung) > 0.96);
    assert!(dice(region(Structure::Body), |p| (p.x / 165.0).powi(2) + (p.y / 122.0).powi(2) <= 1.0) > 0.99);
    // Every rib's middle is bone; the aorta and the heart are vessels and not bone.
    let bone = region(Structure::Bone);
    for o in (0..bone.grid.len()).step_by(7) {
        let p = bone.grid.centre(bone.grid.voxel_of(o));
        if rib(p) && rib(p + DVec3::Z * 3.0) && rib(p - DVec3::Z * 3.0) {
            assert!(bone.holds(p), "rib at {p:?}");
        }
        if aorta(p) {
            assert!(!bone.holds(p) || (p.y - 78.0).abs() < 45.0, "aorta taken for bone at {p:?}");
        }
    }
    for z in [-90.0, -20.0, 60.0] {
        let p = Lps::new(26.0, 30.0, z);
        assert!(region(Structure::ContrastVessels).holds(p) && !bone.holds(p), "aorta at {p:?}");
    }
    assert!(a.contrast);
    // The canal, the carina, what lies between and below.
    assert!((a.midline_x(0.0).unwrap() - 4.0).abs() < 3.0);
    let carina = a.landmarks.carina.unwrap();
    assert!(carina.distance(Lps::new(2.0, 6.0, 34.0)) < 12.0, "{carina:?}");
    assert!(region(Structure::SpinalCanal).holds(Lps::new(4.0, 78.0, 0.0)));
    assert!(region(Structure::Mediastinum).holds(Lps::new(5.0, -20.0, 10.0)));
    assert!(!region(Structure::Mediastinum).holds(Lps::new(-72.0, 0.0, 0.0)));
    let below = region(Structure::BelowDiaphragm);
    assert!(below.holds(Lps::new(-72.0, 0.0, -60.0)) && !below.holds(Lps::new(-72.0, 0.0, 0.0)));
    assert!(region(Structure::Airways).holds(Lps::new(2.0, 2.0, 80.0)));
    // The vessel is one, the nodule is not.
    let vessels = region(Structure::LungVessels);
    assert!(vessels.holds(Lps::new(-72.0, 18.0, 28.0)));
    assert!(!vessels.holds(Lps::from(NODULE)));
    assert!(region(Structure::RightLung).holds(Lps::from(NODULE)));
    // Outside is nothing but the table.
    assert!(region(Structure::Table).holds(Lps::new(0.0, 146.0, 0.0)));
    assert_eq!(a.labels().nearest(Lps::new(-170.0, -150.0, 0.0)), Some(0));
}

#[test]
fn sides_do_not_depend_on_the_order_in_which_the_volume_is_stored() {
    let upright = anatomy(BOTH);
    let g = grid();
    // Slices from head to feet, rows from left to right, seen from the front: coronal.
    let turned = Grid {
        size: [g.size[0], g.size[2], g.size[1]],
        spacing: DVec3::new(g.spacing.x, g.spacing.z, g.spacing.y),
        origin: g.centre(Voxel::new(g.size[0] - 1, 0, g.size[2] - 1)),
        axes: DMat3::from_cols(DVec3::NEG_X, DVec3::NEG_Z, DVec3::Y),
    };
    let a = find(&draw(turned, BOTH), &Progress::none()).unwrap();
    for structure in [Structure::LeftLung, Structure::RightLung, Structure::Bone, Structure::Mediastinum] {
        let (m, n) = (upright.region(structure).unwrap(), a.region(structure).unwrap());
        assert!(m.centroid().unwrap().distance(n.centroid().unwrap()) < 2.0, "{}", structure.name());
        let (x, y) = (m.volume_mm3(), n.volume_mm3());
        assert!((x - y).abs() < 0.08 * x, "{}: {x} and {y}", structure.name());
    }
}

#[test]
fn what_is_not_there_is_not_seen_and_never_guessed() {
    let a = anatomy(Chest { left_lung: false, contrast: false, prone: false });
    assert!(a.region(Structure::LeftLung).is_none());
    assert!(a.region(Structure::RightLung).is_some(), "a single lung is named by the spine");
    let left = icepath::ct::Arg::Word("structure-left-lung".into());
    assert!(a.findings.iter().any(|f| f.code == Code::NotSeen && f.args.iter().any(|(_, v)| *v == left)));
    assert!(!a.contrast && a.findings.iter().any(|f| f.code == Code::WallVesselsNotSeen));
    assert!(a.region(Structure::ContrastVessels).is_none());
}

#[test]
fn a_patient_on_the_belly_has_the_table_in_front() {
    let a = anatomy(Chest { prone: true, ..BOTH });
    assert!(a.region(Structure::Table).unwrap().centroid().unwrap().y < -130.0);
    assert!(a.region(Structure::LeftLung).unwrap().centroid().unwrap().x > 50.0);
    assert!((a.midline_x(0.0).unwrap() - 4.0).abs() < 3.0);
}

#[test]
fn a_volume_with_no_chest_in_it_is_no_panic() {
    let g = Grid { size: [40, 30, 3], ..grid() };
    let mut ct = draw(g, BOTH);
    for value in [-1000i16, 40, i16::MIN] {
        ct.hu.data.fill(value);
        let a = find(&ct, &Progress::none()).unwrap();
        assert!(a.region(Structure::LeftLung).is_none() && a.landmarks.carina.is_none());
    }
    let tiny = Grid { size: [1, 1, 1], ..grid() };
    assert!(find(&draw(tiny, BOTH), &Progress::none()).is_ok());
}
