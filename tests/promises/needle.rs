//! What a user is promised of needles: each rule is kept, and a proposed needle keeps them all when somebody else looks.

use glam::{DMat3, DVec3};
use icepath::anatomy::{Anatomy, Landmarks, Region};
use icepath::ct::{Acquisition, Ct, Identity, Source};
use icepath::ice::{Frozen, TargetPoints, coverage};
use icepath::jobs::{Progress, thread_budget};
use icepath::needle::{Catalogue, Clearance, Model, Needle, Rules, Status, Surroundings, Verdict, at_table};
use icepath::placement::{Proposal, Request, propose};
use icepath::space::{Grid, Lps, Mask, Volume};
use icepath::terms::{Code, Pose, Site, Structure};
use std::sync::OnceLock;

/// A chest of simple shapes: an elliptic body on a table, two lungs, ribs as rings in the wall (z 0 to 10 of every 25 mm),
/// a lung vessel, a mediastinum, something below the diaphragm, an arm at the patient's left, a lesion in the left lung.
struct Chest {
    ct: Ct,
    anatomy: Anatomy,
    lesion: Mask,
}

const LESION: Lps = Lps::new(80.0, 10.0, 15.0);

fn shape(p: Lps, scale: f64) -> bool {
    (p.x / (150.0 * scale)).powi(2) + (p.y / (100.0 * scale)).powi(2) <= 1.0
}

fn lung(p: Lps, side: f64) -> bool {
    ((p.x - side * 72.0) / 52.0).powi(2) + (p.y / 75.0).powi(2) <= 1.0 && p.z > -52.0
}

fn build(contrast: bool, with_bone: bool) -> Chest {
    build_with(contrast, with_bone, 9.0)
}

fn build_with(contrast: bool, with_bone: bool, radius: f64) -> Chest {
    let grid = Grid {
        size: [230, 170, 60],
        spacing: DVec3::new(1.6, 1.6, 2.5),
        origin: Lps::new(-183.2, -135.2, -75.0),
        axes: DMat3::IDENTITY,
    };
    let mask = |f: &(dyn Fn(Lps) -> bool + Sync)| Mask::from_fn(grid, |o| f(grid.centre(grid.voxel_of(o))));
    let arm = |p: Lps| (p.x - 168.0).hypot(p.y + 40.0) < 14.0;
    let body = mask(&|p| shape(p, 1.0));
    let ring = |p: Lps| shape(p, 0.88) && !shape(p, 0.82) && p.z.rem_euclid(25.0) < 10.0;
    let spine = |p: Lps| p.x.hypot(p.y - 72.0) < 14.0;
    let bone = mask(&|p| ring(p) || spine(p));
    let vessel = mask(&|p| (p.x - 60.0).hypot(p.y + 15.0) <= 3.0 && lung(p, 1.0));
    let wall_vessel = mask(&|p| (p.x - 118.0).hypot(p.y + 52.0) <= 3.0);
    let mediastinum = mask(&|p| p.x.abs() < 18.0 && p.y.abs() < 60.0 && p.z > -52.0);
    let below = mask(&|p| shape(p, 0.8) && p.z < -52.0);
    let table = mask(&|p| p.y > 112.0 && p.y < 120.0 && p.x.abs() < 150.0);
    let left = mask(&|p| lung(p, 1.0));
    let right = mask(&|p| lung(p, -1.0));
    let lesion = mask(&|p| p.distance(LESION) <= radius);
    let data = (0..grid.len())
        .map(|o| {
            let p = grid.centre(grid.voxel_of(o));
            if bone.at(o) && with_bone {
                400
            } else if lesion.at(o) {
                40
            } else if contrast && wall_vessel.at(o) {
                250
            } else if (left.at(o) || right.at(o)) && !vessel.at(o) {
                -850
            } else if body.at(o) || arm(p) {
                40
            } else if table.at(o) {
                -100
            } else {
                -1000
            }
        })
        .collect();
    let mut regions = vec![
        Region { structure: Structure::Body, mask: body.clone() },
        Region { structure: Structure::Table, mask: table },
        Region { structure: Structure::LeftLung, mask: left },
        Region { structure: Structure::RightLung, mask: right },
        Region { structure: Structure::LungVessels, mask: vessel },
        Region { structure: Structure::Mediastinum, mask: mediastinum },
        Region { structure: Structure::BelowDiaphragm, mask: below },
    ];
    if with_bone {
        regions.push(Region { structure: Structure::Bone, mask: bone });
    }
    if contrast {
        regions.push(Region { structure: Structure::ContrastVessels, mask: wall_vessel });
    }
    let skin_cut = Mask::from_fn(grid, |o| {
        let v = grid.voxel_of(o);
        body.at(o) && (v.k == 0 || v.k + 1 == grid.size[2])
    });
    let canal = (0..grid.size[2]).map(|k| Lps::new(0.0, 72.0, -75.0 + 2.5 * k as f64)).collect();
    let landmarks = Landmarks { canal, carina: Some(Lps::new(1.0, 0.0, 40.0)) };
    let ct = Ct {
        hu: Volume { grid, data },
        source: Source::Research,
        slices: Vec::new(),
        rows: Vec::new(),
        position_pm_mm: 0.0,
        identity: Identity::default(),
        acquisition: Acquisition { patient_position: "HFS".into(), ..Acquisition::default() },
        findings: Vec::new(),
    };
    Chest { ct, anatomy: Anatomy { grid, regions, landmarks, skin_cut, contrast, findings: Vec::new() }, lesion }
}

fn chest() -> &'static Chest {
    static CHEST: OnceLock<Chest> = OnceLock::new();
    CHEST.get_or_init(|| build(true, true))
}

fn around(chest: &Chest, site: Site) -> Surroundings {
    let rules = Rules::built_in().unwrap();
    Surroundings::of(&chest.ct, &chest.anatomy, &[&chest.lesion], 0, site, &rules, &Progress::none()).unwrap()
}

fn ready() -> &'static Surroundings {
    static AROUND: OnceLock<Surroundings> = OnceLock::new();
    AROUND.get_or_init(|| around(chest(), Site::Lung))
}

fn model() -> Model {
    Catalogue::built_in().unwrap().default_model().clone()
}

/// A needle from the skin along the line through `through` and `from` (outside), its tip `beyond` mm beyond `through`.
fn needle(around: &Surroundings, through: Lps, from: Lps, beyond: f64, pose: Pose) -> Needle {
    let d = (through - from).normalize();
    let entry = around.entry_on_skin(from, through).unwrap();
    Needle { model: "icesphere".into(), entry, tip: through + d * beyond, pose }
}

fn rule<'a>(v: &'a Verdict, id: &str) -> &'a Clearance {
    v.clearances.iter().find(|c| c.rule == id).unwrap_or_else(|| panic!("no {id} in {v:?}"))
}

/// In front of the lesion and to its left: the free way of this chest, between the ribs.
fn free_way(z: f64) -> (Lps, Lps) {
    let through = Lps::new(LESION.x, LESION.y, z);
    (through, through + DVec3::new(0.2, -0.98, 0.0) * 250.0)
}

fn judged(through: Lps, from: Lps, beyond: f64, pose: Pose) -> Verdict {
    ready().judge(&needle(ready(), through, from, beyond, pose), &model())
}

#[test]
fn a_needle_between_the_ribs_breaks_nothing_and_tells_its_distances() {
    let (through, from) = free_way(15.0);
    let v = judged(through, from, 8.0, Pose::AsScanned);
    assert!(v.is_free(), "{:?}", v.violations);
    // Voxels of 2.5 mm: the lower rib ends at 8.75, the upper begins at 23.75. The shaft's radius is 0.75.
    let bone = rule(&v, "bone").measured.unwrap();
    assert!((5.35..=5.5).contains(&bone), "{bone}");
    // The wall is some 8 mm thick there.
    assert!((3.0..20.0).contains(&v.pleura_depth_mm.unwrap()), "{:?}", v.pleura_depth_mm);
    assert!(v.findings.iter().all(|f| f.code == Code::NeedleUnverified), "{:?}", v.findings);
}

#[test]
fn bone_must_be_two_mm_away_on_either_side() {
    for (z, ok, mm) in [(10.75, false, 1.25), (12.0, true, 2.5), (20.5, true, 2.5), (21.25, false, 1.75)] {
        let (through, from) = free_way(z);
        let v = judged(through, from, 4.0, Pose::AsScanned);
        let c = rule(&v, "bone");
        assert_eq!(c.status == Status::Ok, ok, "z {z}: {c:?}");
        assert!((mm - 0.1..=mm + 1e-6).contains(&c.measured.unwrap()), "z {z}: {c:?}");
        if !ok {
            let at = v.violations.iter().find(|v| v.rule == "bone").unwrap();
            assert!(shape(at.at, 0.9) && !shape(at.at, 0.8), "{at:?}");
            assert!(at.depth_mm > 5.0 && at.depth_mm < 40.0);
            assert!(v.findings.iter().any(|f| f.code == Code::RuleBroken));
        }
    }
}

#[test]
fn a_lung_vessel_on_the_way_is_seen_and_one_beside_it_is_measured() {
    let vessel = Lps::new(60.0, -15.0, 15.0);
    let past = |off: f64| {
        let d = (vessel - LESION).normalize();
        let side = DVec3::new(-d.y, d.x, 0.0);
        let shift = side * off;
        let from = LESION + shift + d * 250.0;
        judged(LESION + shift, from, 2.0, Pose::AsScanned)
    };
    assert_eq!(rule(&past(0.0), "lung-vessels").status, Status::Broken);
    assert_eq!(rule(&past(4.0), "lung-vessels").status, Status::Broken);
    assert_eq!(rule(&past(-8.5), "lung-vessels").status, Status::Ok);
}

#[test]
fn a_vessel_in_the_wall_counts_with_contrast_and_is_unknown_without() {
    let wall = Lps::new(118.0, -52.0, 15.0);
    let d = (wall - LESION).normalize();
    let v = judged(LESION, LESION + d * 200.0, 2.0, Pose::AsScanned);
    assert_eq!(rule(&v, "wall-vessels").status, Status::Broken);
    let plain = build(false, true);
    let around = around(&plain, Site::Lung);
    let v = around.judge(&needle(&around, LESION, LESION + d * 200.0, 2.0, Pose::AsScanned), &model());
    let c = rule(&v, "wall-vessels");
    assert_eq!((c.status, c.measured), (Status::Unknown, None));
    assert!(v.violations.iter().all(|v| v.rule != "wall-vessels"));
    assert!(v.findings.iter().any(|f| f.code == Code::WallVesselsNotSeen));
}

#[test]
fn the_mediastinum_forbids_except_for_a_lesion_of_its_own() {
    // From the front, near the midline: past the mediastinum's corner (18, −60).
    let from = LESION + (Lps::new(20.0, -58.0, 15.0) - LESION).normalize() * 300.0;
    let v = judged(LESION, from, 2.0, Pose::AsScanned);
    let c = rule(&v, "mediastinum");
    assert_eq!(c.status, Status::Broken);
    assert!(c.measured.unwrap() < 5.0);
    let own = around(chest(), Site::Mediastinum);
    let v = own.judge(&needle(&own, LESION, from, 2.0, Pose::AsScanned), &model());
    assert_eq!(rule(&v, "mediastinum").status, Status::Warning);
    assert!(v.violations.iter().all(|v| v.rule != "mediastinum"));
    let (through, from) = free_way(15.0);
    assert_eq!(rule(&judged(through, from, 8.0, Pose::AsScanned), "mediastinum").status, Status::Ok);
}

#[test]
fn the_other_lung_is_not_a_way_but_for_a_lesion_at_the_midline() {
    let from = LESION + DVec3::new(-1.0, -0.15, 0.0).normalize() * 300.0;
    assert_eq!(rule(&judged(LESION, from, 2.0, Pose::AsScanned), "other-lung").status, Status::Broken);
    let (through, free) = free_way(15.0);
    assert_eq!(rule(&judged(through, free, 2.0, Pose::AsScanned), "other-lung").status, Status::Ok);
    // The same chest with its canal under the lesion: within 10 mm of the midline there is no such rule.
    let mut near = build(true, true);
    near.anatomy.landmarks.canal.iter_mut().for_each(|c| c.x = LESION.x - 8.0);
    let around = around(&near, Site::Lung);
    let v = around.judge(&needle(&around, LESION, from, 2.0, Pose::AsScanned), &model());
    assert!(v.clearances.iter().all(|c| c.rule != "other-lung"));
}

#[test]
fn nothing_goes_below_the_diaphragm() {
    let from = LESION + DVec3::new(0.0, -1.0, -1.3).normalize() * 300.0;
    let d = (LESION - from).normalize();
    let n = Needle { model: "icesphere".into(), entry: LESION - d * 110.0, tip: LESION, pose: Pose::AsScanned };
    assert_eq!(rule(&ready().judge(&n, &model()), "below-diaphragm").status, Status::Broken);
    let (through, free) = free_way(15.0);
    assert_eq!(rule(&judged(through, free, 2.0, Pose::AsScanned), "below-diaphragm").status, Status::Ok);
}

#[test]
fn depth_and_tip_have_their_limits() {
    let (through, from) = free_way(15.0);
    let d = (through - from).normalize();
    // The lesion ends 9 mm behind its centre: 16 mm is 7 beyond, 19 is 10 beyond.
    assert_eq!(rule(&judged(through, from, 16.0, Pose::AsScanned), "tip-beyond").status, Status::Ok);
    let far = rule(&judged(through, from, 19.0, Pose::AsScanned), "tip-beyond").clone();
    assert_eq!(far.status, Status::Broken);
    assert!((8.8..=11.2).contains(&far.measured.unwrap()), "{far:?}");
    let mut n = needle(ready(), through, from, 5.0, Pose::AsScanned);
    n.entry = n.tip - d * 150.5;
    assert_eq!(rule(&ready().judge(&n, &model()), "depth").status, Status::Broken);
    n.entry = n.tip - d * 149.5;
    assert_eq!(rule(&ready().judge(&n, &model()), "depth").status, Status::Ok);
}

#[test]
fn the_entry_lies_on_skin_that_the_scan_shows() {
    let (through, from) = free_way(15.0);
    let mut n = needle(ready(), through, from, 5.0, Pose::AsScanned);
    assert_eq!(rule(&ready().judge(&n, &model()), "real-skin").status, Status::Ok);
    n.entry = n.entry + (from - through).normalize() * 6.0;
    assert_eq!(rule(&ready().judge(&n, &model()), "real-skin").status, Status::Broken);
    // The scan's lowest slice: the body goes on there, that is no skin.
    let top = Lps::new(LESION.x, LESION.y - 20.0, -75.0);
    let n = Needle { model: "icesphere".into(), entry: top, tip: LESION, pose: Pose::AsScanned };
    let c = ready().judge(&n, &model());
    assert_eq!((rule(&c, "real-skin").status, rule(&c, "real-skin").structure.as_str()), (Status::Broken, "cut-skin"));
}

#[test]
fn the_skin_is_met_at_thirty_degrees_or_more() {
    // At the front of the ellipse the normal is nearly −y; in the sagittal plane the angle is that of the needle with z.
    let through = Lps::new(20.0, 10.0, 15.0);
    let front = |up: f64| {
        let from = through + DVec3::new(0.0, -up.to_radians().sin(), up.to_radians().cos()) * 300.0;
        let entry = through + (from - through).normalize() * (108.5 / up.to_radians().sin());
        let n = Needle { model: "icesphere".into(), entry, tip: through, pose: Pose::AsScanned };
        rule(&ready().judge(&n, &model()), "skin-angle").measured
    };
    let steep = front(80.0).unwrap();
    assert!((steep - 80.0).abs() < 6.0, "{steep}");
    let (through, from) = free_way(15.0);
    let v = judged(through, from, 2.0, Pose::AsScanned);
    assert!(rule(&v, "skin-angle").measured.unwrap() > 45.0);
    // Along the body: flat.
    let entry = ready().entry_on_skin(Lps::new(20.0, -200.0, -20.0), Lps::new(20.0, 0.0, -20.0)).unwrap();
    let flat = Needle {
        model: "icesphere".into(),
        entry,
        tip: entry + DVec3::new(0.0, 0.35, 1.0) * 60.0,
        pose: Pose::AsScanned,
    };
    let c = ready().judge(&flat, &model());
    assert_eq!(rule(&c, "skin-angle").status, Status::Broken);
    assert!((rule(&c, "skin-angle").measured.unwrap() - 19.3).abs() < 6.0);
}

#[test]
fn the_way_in_is_free_of_table_and_arm() {
    let back = LESION + DVec3::new(0.1, 1.0, 0.0) * 300.0;
    let v = judged(LESION, back, 2.0, Pose::AsScanned);
    assert_eq!(rule(&v, "way-in").status, Status::Broken);
    assert!(rule(&v, "way-in").measured.unwrap() > 5.0);
    // Lying on the belly the table does not count, and a finding says that organs shift.
    let v = judged(LESION, back, 2.0, Pose::Prone);
    assert_eq!(rule(&v, "way-in").status, Status::Ok);
    assert!(v.findings.iter().any(|f| f.code == Code::PoseDiffers));
    let arm = LESION + (Lps::new(168.0, -40.0, 15.0) - LESION).normalize() * 250.0;
    let d = (LESION - arm).normalize();
    let skin = ready().entry_on_skin(LESION - d * 78.0, LESION).unwrap();
    let n = Needle { model: "icesphere".into(), entry: skin, tip: LESION, pose: Pose::AsScanned };
    assert_eq!(rule(&ready().judge(&n, &model()), "way-in").status, Status::Broken);
    let (through, from) = free_way(15.0);
    assert_eq!(rule(&judged(through, from, 2.0, Pose::AsScanned), "way-in").status, Status::Ok);
}

#[test]
fn the_shaft_does_not_leave_the_body_again() {
    // Skin at the left side, tip outside behind the back corner: the shaft goes through air.
    let entry = ready().entry_on_skin(Lps::new(148.0, 200.0, 15.0), Lps::new(140.0, 0.0, 15.0));
    let entry = entry.unwrap();
    let out = Needle { model: "icesphere".into(), entry, tip: Lps::new(149.0, 0.0, 15.0), pose: Pose::AsScanned };
    let around = ready();
    let c = rule(&around.judge(&out, &model()), "stays-inside").clone();
    assert!(c.status == Status::Ok || c.measured.unwrap() > 0.0);
    let gone = Needle { tip: entry + DVec3::new(60.0, -20.0, 0.0), ..out };
    assert_eq!(rule(&around.judge(&gone, &model()), "stays-inside").status, Status::Broken);
    let (through, from) = free_way(15.0);
    assert_eq!(rule(&judged(through, from, 2.0, Pose::AsScanned), "stays-inside").status, Status::Ok);
}

#[test]
fn skin_that_is_lain_on_is_no_entry() {
    let (through, from) = free_way(15.0);
    // The entry is at the front: lain on when prone, free when lying on the right side.
    assert_eq!(rule(&judged(through, from, 2.0, Pose::Prone), "lies-on").status, Status::Broken);
    assert_eq!(rule(&judged(through, from, 2.0, Pose::RightDecubitus), "lies-on").status, Status::Ok);
    // Left side down: the flank is lain on.
    let flank = LESION + DVec3::new(1.0, 0.1, 0.0) * 200.0;
    let d = (LESION - flank).normalize();
    let entry = ready().entry_on_skin(LESION - d * 75.0, LESION).unwrap();
    let n = |pose| Needle { model: "icesphere".into(), entry, tip: LESION, pose };
    assert_eq!(rule(&ready().judge(&n(Pose::LeftDecubitus), &model()), "lies-on").status, Status::Broken);
    assert_eq!(rule(&ready().judge(&n(Pose::RightDecubitus), &model()), "lies-on").status, Status::Ok);
    // Supine is how the scan was made: no such rule.
    assert!(ready().judge(&n(Pose::Supine), &model()).clearances.iter().all(|c| c.rule != "lies-on"));
}

#[test]
fn near_the_lesion_the_shaft_is_exempt_and_only_there() {
    // A calcified spot 2 mm in front of the lesion's far side would forbid any needle; one 12 mm before it still does.
    let with_spot = |off: f64| {
        let mut c = build(true, true);
        let grid = c.ct.hu.grid;
        let (through, from) = free_way(15.0);
        let spot = through + (from - through).normalize() * (9.0 + off);
        let extra = Mask::from_fn(grid, |o| grid.centre(grid.voxel_of(o)).distance(spot) < 1.8);
        assert!(!extra.is_empty());
        for r in &mut c.anatomy.regions {
            if r.structure == Structure::Bone {
                r.mask.unite(&extra);
            }
        }
        let around = around(&c, Site::Lung);
        let v = around.judge(&needle(&around, through, from, 2.0, Pose::AsScanned), &model());
        rule(&v, "bone").status
    };
    assert_eq!(with_spot(20.0), Status::Broken);
    assert_eq!(with_spot(-3.0), Status::Ok);
}

#[test]
fn what_was_not_seen_is_unknown_and_what_is_as_dense_as_bone_counts_all_the_same() {
    let mut none = build(true, false);
    let (through, from) = free_way(11.0);
    let of = |c: &Chest| {
        let a = around(c, Site::Lung);
        let v = a.judge(&needle(&a, through, from, 2.0, Pose::AsScanned), &model());
        (rule(&v, "bone").clone(), v.findings)
    };
    let (c, findings) = of(&none);
    assert_eq!((c.status, c.measured), (Status::Unknown, None));
    assert!(findings.iter().any(|f| f.code == Code::RuleUnknown));
    none.ct.hu = chest().ct.hu.clone();
    assert_eq!(of(&none).0.status, Status::Broken);
}

fn request(needles: usize) -> Request {
    Request { model: "icesphere".into(), pose: Pose::AsScanned, needles, margin_mm: 5.0, alternatives: 4 }
}

fn proposed(around: &Surroundings, request: &Request) -> Proposal {
    propose(around, &Catalogue::built_in().unwrap(), request, &Progress::none()).unwrap()
}

/// Holds a needle against the chest's voxels, without any of the code that proposed it.
fn hold(chest: &Chest, n: &Needle, around_mm: &[(Structure, f64)]) {
    let grid = chest.ct.hu.grid;
    let lesion: Vec<Lps> = {
        let mut list = Vec::new();
        chest.lesion.for_each(|v| list.push(grid.centre(v)));
        list
    };
    let d = n.direction();
    let a = d.any_orthonormal_vector();
    let b = d.cross(a);
    let steps = (n.depth_mm() / 0.5) as usize;
    let body = chest.anatomy.region(Structure::Body).unwrap();
    for s in 0..=steps {
        let p = n.entry + d * (s as f64 * 0.5);
        if s > 4 {
            assert!(body.holds(p), "outside of the body at {p:?}");
        }
        if lesion.iter().any(|l| l.distance(p) <= 3.0) {
            continue;
        }
        for (structure, mm) in around_mm {
            let Some(mask) = chest.anatomy.region(*structure) else { continue };
            let most = 0.75 + mm - 0.02;
            for ring in 0..=8 {
                for turn in 0..24 {
                    let (r, t) = (most * f64::from(ring) / 8.0, f64::from(turn) * std::f64::consts::TAU / 24.0);
                    let q = p + (a * t.cos() + b * t.sin()) * r;
                    let on_lesion = grid.voxel(q).is_some_and(|v| chest.lesion.get(v));
                    assert!(on_lesion || !mask.holds(q), "{structure:?} {r} mm from the axis at {q:?}");
                }
            }
        }
    }
    let mut run = 0.0;
    for s in 1..=400 {
        let q = n.entry - d * (f64::from(s) * 0.25);
        run = if chest.ct.hu.nearest(q).is_some_and(|v| v > -200) { run + 0.25 } else { 0.0 };
        assert!(run <= 1.0, "something solid on the way in at {q:?}");
    }
    assert!(n.depth_mm() <= 150.0);
}

const KEEP: [(Structure, f64); 6] = [
    (Structure::Bone, 2.0),
    (Structure::LungVessels, 2.0),
    (Structure::ContrastVessels, 2.0),
    (Structure::Mediastinum, 5.0),
    (Structure::RightLung, 0.0),
    (Structure::BelowDiaphragm, 0.0),
];

#[test]
fn proposed_needles_keep_every_rule_when_somebody_else_looks_and_are_truly_different() {
    let start = std::time::Instant::now();
    let p = proposed(ready(), &request(1));
    println!("{} entries, {} lines, {:?}", p.entries, p.tried, start.elapsed());
    assert_eq!(p.needles.len(), 1);
    assert!(p.alternatives.len() >= 2, "{}", p.alternatives.len());
    let all: Vec<_> = p.needles.iter().chain(&p.alternatives).collect();
    for (i, o) in all.iter().enumerate() {
        println!("{:?} {:?} {:?}", o.reason, o.needle, o.merits);
        assert!(o.verdict.is_free());
        hold(chest(), &o.needle, &KEEP);
        for other in &all[..i] {
            let angle = o.needle.direction().dot(other.needle.direction()).clamp(-1.0, 1.0).acos().to_degrees();
            assert!(angle >= 15.0 || o.needle.entry.distance(other.needle.entry) >= 20.0);
        }
    }
    // A lesion of 18 mm lies inside of −20 °C as far as 20.3 mm allow.
    assert!(p.needles[0].merits.fraction_inside > 0.95, "{:?}", p.needles[0].merits);
}

#[test]
fn a_proposal_does_not_depend_on_the_number_of_threads() {
    let of = |threads| thread_budget(Some(threads)).unwrap().run(|| proposed(ready(), &request(1)));
    assert!(of(1) == of(3));
}

#[test]
fn several_needles_cover_more_than_one_and_keep_their_distance() {
    let large = build_with(true, true, 14.0);
    let around = around(&large, Site::Lung);
    let one = proposed(&around, &request(1));
    let two = proposed(&around, &request(2));
    assert_eq!(two.needles.len(), 2);
    let catalogue = Catalogue::built_in().unwrap();
    let inside = |p: &Proposal| {
        let needles: Vec<Needle> = p.needles.iter().map(|o| o.needle.clone()).collect();
        let frozen = Frozen::of(&needles, &catalogue).unwrap();
        coverage(&TargetPoints::of(&large.lesion), &frozen).at(-20).unwrap().fraction_inside
    };
    assert!(inside(&two) > inside(&one) + 0.05, "{} {}", inside(&two), inside(&one));
    for o in &two.needles {
        hold(&large, &o.needle, &KEEP);
    }
    // Along the last 22 mm of either shaft.
    let along = |n: &Needle| (0..=22).map(|s| n.tip - n.direction() * f64::from(s)).collect::<Vec<_>>();
    let (a, b) = (along(&two.needles[0].needle), along(&two.needles[1].needle));
    let nearest = a.iter().flat_map(|p| b.iter().map(|q| p.distance(*q))).fold(f64::INFINITY, f64::min);
    assert!(nearest >= 9.9, "{nearest}");
}

#[test]
fn where_nothing_is_free_it_says_what_stops_most_and_what_comes_nearest() {
    let mut shut = build(true, true);
    let grid = shut.ct.hu.grid;
    // A wall of bone all round.
    let wall = Mask::from_fn(grid, |o| {
        let p = grid.centre(grid.voxel_of(o));
        shape(p, 0.9) && !shape(p, 0.82)
    });
    for r in &mut shut.anatomy.regions {
        if r.structure == Structure::Bone {
            r.mask.unite(&wall);
        }
    }
    let p = proposed(&around(&shut, Site::Lung), &request(1));
    assert!(p.needles.is_empty() && p.alternatives.is_empty());
    assert_eq!(p.stopped[0].rule, "bone");
    assert!(p.stopped[0].share > 0.9);
    let miss = p.nearest_miss.unwrap();
    assert_eq!(miss.verdict.violations.len(), 1, "{:?}", miss.verdict.violations);
    assert!(p.findings.iter().any(|f| f.code == Code::NoFreeNeedle));
}

#[test]
fn the_table_side_tells_where_to_put_it() {
    let (through, from) = free_way(15.0);
    let n = needle(ready(), through, from, 8.0, Pose::AsScanned);
    let v = ready().judge(&n, &model());
    let t = at_table(&chest().ct, &chest().anatomy, &n, &v, Lps::new(70.0, 10.0, 12.5));
    assert_eq!((t.entry_slice, t.slices), (Some(37), 60));
    assert!((t.from_measuring_slice_mm - 2.5).abs() < 1e-9);
    assert!((t.from_carina_mm.unwrap() + 25.0).abs() < 1e-9);
    assert!((t.from_midline_mm.unwrap() - n.entry.x).abs() < 1e-9);
    // Down is to the back when supine; the needle goes down and a little to the patient's right.
    assert!((t.in_plane_angle_deg + 11.53).abs() < 0.1, "{}", t.in_plane_angle_deg);
    assert!(t.craniocaudal_angle_deg.abs() < 1e-9);
    assert!(t.pleura_depth_mm.unwrap() < t.depth_mm);
}
