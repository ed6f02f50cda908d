//! Anatomy on a chest drawn here: no symmetry that could hide a swapped side, and the truth is known.

use glam::{DMat3, DVec3};
use icepath::anatomy::{Anatomy, find};
use icepath::ct::{Acquisition, Ct, Identity, Source};
use icepath::jobs::Progress;
use icepath::phantom::{Case, make};
use icepath::space::{Grid, Lps, Mask, PADDING, Volume, Voxel};
use icepath::terms::{Code, Structure};

/// How the patient lies on the table.
#[derive(Clone, Copy, PartialEq)]
enum Lying {
    Back,
    Belly,
    LeftSide,
}

/// What is drawn besides skin, spine, ribs and the right lung.
#[derive(Clone, Copy)]
struct Chest {
    left_lung: bool,
    /// Above this height the left lung holds no air.
    left_top: f64,
    contrast: bool,
    lying: Lying,
    /// A mass at the right hilum.
    mass: bool,
    /// Kidneys and an artery in the belly, as bright as the aorta.
    kidneys: bool,
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
    let thick = (cage(p) - 1.0) * 115.0;
    let level = (p.z + 0.25 * (98.0 - p.y)).rem_euclid(26.0);
    thick.abs() <= 3.5 && level < 12.0 && p.y.abs() < 94.0 && p.z < 100.0
}

/// Above 1 outside of the body.
fn skin(p: Lps) -> f64 {
    (p.x / 165.0).powi(2) + (p.y / 122.0).powi(2)
}

/// 1 at the ribs' middle, in the axial plane.
fn cage(p: Lps) -> f64 {
    (p.x / 136.0).hypot(p.y / 98.0)
}

const MASS: [f64; 3] = [-46.0, -22.0, 46.0];
const KIDNEYS: [[f64; 3]; 2] = [[-58.0, 40.0, -92.0], [62.0, 44.0, -96.0]];

fn mass(p: Lps) -> bool {
    inside(p, MASS, [23.0; 3])
}

fn kidney(p: Lps) -> bool {
    KIDNEYS.iter().any(|c| inside(p, *c, [20.0, 17.0, 24.0]))
}

/// HU of the drawn chest at a point.
fn hu(p: Lps, chest: Chest) -> f64 {
    let bed = match chest.lying {
        Lying::Back => p.y,
        Lying::Belly => -p.y - 8.0,
        Lying::LeftSide => p.x - 35.0,
    };
    if skin(p) > 1.0 {
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
    if chest.kidneys && kidney(p) {
        return 230.0;
    }
    if chest.kidneys && tube(p, [20.0, 10.0, -100.0], [-30.0, -20.0, -85.0], 4.0) {
        return 300.0;
    }
    if chest.mass && mass(p) {
        return 45.0;
    }
    // A vessel of 6 mm and a nodule of 9 mm in the right lung.
    if right_lung(p) {
        if tube(p, [-30.0, 0.0, 10.0], [-100.0, 30.0, 40.0], 3.0) {
            return 40.0;
        }
        return if inside(p, NODULE, [9.0; 3]) { 35.0 } else { -840.0 };
    }
    if chest.left_lung && left_lung(p) && p.z < chest.left_top {
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
            patient_position: match chest.lying {
                Lying::Back => "HFS",
                Lying::Belly => "HFP",
                Lying::LeftSide => "HFDL",
            }
            .into(),
            ..Acquisition::default()
        },
        findings: Vec::new(),
    }
}

fn anatomy(chest: Chest) -> Anatomy {
    find(&draw(grid(), chest), &Progress::none()).unwrap()
}

const BOTH: Chest =
    Chest { left_lung: true, left_top: f64::INFINITY, contrast: true, lying: Lying::Back, mass: false, kidneys: false };

/// Of the voxels for which `truth` holds, the share that is in `mask`.
fn share(mask: &Mask, truth: impl Fn(Lps) -> bool) -> f64 {
    let grid = mask.grid;
    let (mut both, mut all) = (0usize, 0usize);
    for o in 0..grid.len() {
        let v = grid.voxel_of(o);
        if truth(grid.centre(v)) {
            all += 1;
            both += usize::from(mask.get(v));
        }
    }
    both as f64 / all.max(1) as f64
}

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
    assert!(dice(region(Structure::Body), |p| skin(p) <= 1.0) > 0.99);
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
fn labels_do_not_depend_on_the_order_in_which_the_volume_is_stored() {
    let g = grid();
    let upright = anatomy(BOTH).labels();
    let far = g.centre(Voxel::new(g.size[0] - 1, g.size[1] - 1, g.size[2] - 1));
    // Every axis the other way; coronal slices from back to front, rows from the feet upwards, seen from behind.
    let flipped = Grid { origin: far, axes: DMat3::from_diagonal(DVec3::NEG_ONE), ..g };
    let turned = Grid {
        size: [g.size[0], g.size[2], g.size[1]],
        spacing: DVec3::new(g.spacing.x, g.spacing.z, g.spacing.y),
        origin: g.centre(Voxel::new(0, g.size[1] - 1, 0)),
        axes: DMat3::from_cols(DVec3::X, DVec3::Z, DVec3::NEG_Y),
    };
    for stored in [flipped, turned] {
        let labels = find(&draw(stored, BOTH), &Progress::none()).unwrap().labels();
        assert_eq!(labels.grid, stored);
        for o in 0..g.len() {
            let p = g.centre(g.voxel_of(o));
            assert_eq!(labels.nearest(p), Some(upright.data[o]), "at {p:?}");
        }
    }
}

#[test]
fn lungs_end_where_a_scan_was_cut_on_the_slant_or_by_a_slice_of_air() {
    // The ends of a stack that was sheared upright, and a last slice that holds nothing.
    let blank = |p: Lps| p.z + 0.25 * p.y > 80.0 || p.z + 0.25 * p.y < -75.0;
    for air in [false, true] {
        let mut ct = draw(grid(), BOTH);
        let (g, last) = (grid(), grid().size[2] - 1);
        let gone = |o: usize| if air { g.voxel_of(o).k == last } else { blank(g.centre(g.voxel_of(o))) };
        for o in (0..g.len()).filter(|o| gone(*o)) {
            ct.hu.data[o] = if air { -1024 } else { PADDING };
        }
        let a = find(&ct, &Progress::none()).unwrap();
        let left = |p: Lps| g.voxel(p).is_some_and(|v| !gone(g.offset(v)));
        for (structure, lung) in
            [(Structure::RightLung, right_lung as fn(Lps) -> bool), (Structure::LeftLung, left_lung)]
        {
            let region = a.region(structure).unwrap_or_else(|| panic!("{structure:?} not seen"));
            let alike = dice(region, |p| left(p) && lung(p));
            assert!(alike > 0.95, "{structure:?}: {alike}");
        }
        let body = dice(a.region(Structure::Body).unwrap(), |p| left(p) && skin(p) <= 1.0);
        assert!(body > 0.98, "{body}");
    }
}

#[test]
fn below_the_diaphragm_is_neither_lung_nor_chest_wall_and_all_of_the_belly() {
    for chest in [BOTH, Chest { kidneys: true, ..BOTH }, Chest { contrast: false, ..BOTH }] {
        let a = anatomy(chest);
        let below = a.region(Structure::BelowDiaphragm).unwrap();
        let under = |p: Lps| {
            let right = inside(p, [-72.0, 0.0, p.z], [50.0, 74.0, 1.0]) && p.z < dome(p.x + 72.0, p.y) - 3.0;
            right || inside(p, [74.0, 4.0, p.z], [42.0, 66.0, 1.0]) && p.z < dome(p.x - 74.0, p.y) - 3.0
        };
        let belly = share(below, |p| under(p) && cage(p) < 0.93);
        assert!(belly > 0.98, "{belly} of the belly");
        let lung = share(below, |p| right_lung(p) || left_lung(p));
        assert!(lung < 0.002, "{lung} of the lungs");
        let wall = share(below, |p| cage(p) > 1.08 && skin(p) < 1.0);
        assert!(wall < 0.03, "{wall} of the chest wall");
    }
}

#[test]
fn the_mediastinum_goes_on_where_one_lung_ends() {
    // The upper half of the left lung is full of something; then all of it.
    for chest in [Chest { left_top: 0.0, ..BOTH }, Chest { left_lung: false, ..BOTH }] {
        let a = anatomy(Chest { contrast: false, ..chest });
        let region = a.region(Structure::Mediastinum).unwrap();
        for z in [20.0, 50.0, 80.0] {
            for (x, y) in [(6.0, -25.0), (26.0, 28.0), (-8.0, -10.0)] {
                assert!(region.holds(Lps::new(x, y, z)), "{x}, {y}, {z}");
            }
        }
    }
}

#[test]
fn a_mass_at_the_hilum_is_no_vessel_and_the_vessel_beside_it_is() {
    for contrast in [true, false] {
        let a = anatomy(Chest { mass: true, contrast, ..BOTH });
        let vessels = a.region(Structure::LungVessels).unwrap();
        let core = |p| inside(p, MASS, [17.0; 3]) && right_lung(p);
        let taken = share(vessels, core);
        assert!(taken < 0.02, "{taken} of the mass");
        assert!(vessels.holds(Lps::new(-86.0, 24.0, 34.0)));
    }
}

#[test]
fn kidneys_and_arteries_of_the_belly_are_no_bone() {
    let a = anatomy(Chest { kidneys: true, ..BOTH });
    let bone = a.region(Structure::Bone).unwrap();
    let taken = share(bone, kidney);
    assert!(taken < 0.02, "{taken} of the kidneys");
    let ribs = share(bone, |p| rib(p) && p.z < -40.0);
    assert!(ribs > 0.93, "{ribs} of the lower ribs");
}

#[test]
fn a_patient_on_his_left_side_has_the_table_there_and_keeps_his_sides() {
    let grid = Grid { origin: Lps::new(-159.0, -155.0, -118.0), ..grid() };
    let a = find(&draw(grid, Chest { lying: Lying::LeftSide, ..BOTH }), &Progress::none()).unwrap();
    assert!(a.region(Structure::Table).unwrap().centroid().unwrap().x > 170.0);
    assert!(a.region(Structure::LeftLung).unwrap().centroid().unwrap().x > 50.0);
    assert!(a.region(Structure::RightLung).unwrap().centroid().unwrap().x < -50.0);
    assert!((a.midline_x(0.0).unwrap() - 4.0).abs() < 3.0);
    assert!(dice(a.region(Structure::RightLung).unwrap(), right_lung) > 0.96);
}

#[test]
fn what_is_not_there_is_not_seen_and_never_guessed() {
    let a = anatomy(Chest { left_lung: false, contrast: false, ..BOTH });
    assert!(a.region(Structure::LeftLung).is_none());
    assert!(a.region(Structure::RightLung).is_some(), "a single lung is named by the spine");
    let left = icepath::ct::Arg::Word("structure-left-lung".into());
    assert!(a.findings.iter().any(|f| f.code == Code::NotSeen && f.args.iter().any(|(_, v)| *v == left)));
    assert!(!a.contrast && a.findings.iter().any(|f| f.code == Code::WallVesselsNotSeen));
    assert!(a.region(Structure::ContrastVessels).is_none());
}

#[test]
fn a_patient_on_the_belly_has_the_table_in_front() {
    let a = anatomy(Chest { lying: Lying::Belly, ..BOTH });
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

#[test]
fn a_breastbone_of_even_brightness_is_no_contrast() {
    let case = Case { size: [160, 160, 80], spacing_mm: [2.2, 2.2, 4.0], ..Case::by_id("pleural").unwrap().clone() };
    let phantom = make(&case, &Progress::none()).unwrap();
    let mut ct = draw(Grid { size: [1, 1, 1], ..grid() }, BOTH);
    ct.hu = phantom.hu;
    let a = find(&ct, &Progress::none()).unwrap();
    assert!(!a.contrast);
    let carina = a.landmarks.carina.unwrap();
    // At the table its height counts: within two of these thick slices.
    assert!((carina.z - phantom.carina.z).abs() < 9.0, "{carina:?}, truly {:?}", phantom.carina);
    // Nine tenths of liver, stomach and spleen are no way; nothing of the lungs is closed.
    let truth = |s: Structure| Mask::of(&phantom.truth, |l| l == s.label());
    let below = a.region(Structure::BelowDiaphragm).unwrap();
    let mut both = truth(Structure::BelowDiaphragm);
    let all = both.count();
    both.intersect(below);
    assert!(both.count() * 10 > all * 9, "{} of {all}", both.count());
    for lung in [Structure::LeftLung, Structure::RightLung] {
        let mut both = truth(lung);
        let all = both.count();
        both.intersect(below);
        assert!(both.count() * 100 < all, "{} of {all} of the {}", both.count(), lung.name());
    }
}
