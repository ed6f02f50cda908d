//! Needles proposed on real scans, held by a stranger against the slices: HU along the shaft's disc and along the line 100 mm
//! outwards, read by nothing but the volume itself.

use super::shared;
use icepath::ct::Ct;
use icepath::jobs::Progress;
use icepath::lesion::{Gesture, guess_site, segment};
use icepath::needle::{Catalogue, Needle, Rules, Surroundings};
use icepath::placement::{Request, propose};
use icepath::space::{Lps, Mask};
use icepath::terms::Pose;
use std::time::Instant;

/// HU from this on is bone, metal or contrast, whatever it is called.
const DENSE_HU: i16 = 200;

/// Dense samples in a row, 0.5 mm apart, that count: less is noise of one voxel.
const RUN: usize = 3;

/// What a stranger finds too near; empty if nothing.
fn held(ct: &Ct, lesion: &Mask, n: &Needle) -> Vec<String> {
    let mut wrong = Vec::new();
    let grid = ct.hu.grid;
    let mut voxels = Vec::new();
    lesion.for_each(|v| voxels.push(grid.centre(v)));
    let d = n.direction();
    let a = d.any_orthonormal_vector();
    let b = d.cross(a);
    let near = |p: Lps| voxels.iter().any(|l| l.distance(p) <= 3.0);
    // Lines along the shaft, on rings up to 2 mm from its surface.
    for ring in 0..=5 {
        for turn in 0..16 {
            let (r, t) = (2.7 * f64::from(ring) / 5.0, f64::from(turn) * std::f64::consts::TAU / 16.0);
            let side = (a * t.cos() + b * t.sin()) * r;
            let mut run = 0;
            let mut s = 0.0;
            while s <= n.depth_mm() {
                let p = n.entry + d * s;
                let dense = ct.hu.nearest(p + side).is_some_and(|v| v > DENSE_HU);
                run = if dense && !near(p) { run + 1 } else { 0 };
                if run == RUN {
                    let q = p + side;
                    wrong.push(format!("dense {r:.1} mm from the axis at {:.0}, {:.0}, {:.0}", q.x, q.y, q.z));
                }
                s += 0.5;
            }
        }
    }
    let mut run = 0.0;
    for s in 1..=400 {
        let q = n.entry - d * (f64::from(s) * 0.25);
        run = if ct.hu.nearest(q).is_some_and(|v| v > -200) { run + 0.25 } else { 0.0 };
        if run > 1.0 {
            wrong.push(format!("solid on the way in at {:.0}, {:.0}, {:.0}", q.x, q.y, q.z));
            break;
        }
    }
    if n.depth_mm() > 150.0 {
        wrong.push("too deep".into());
    }
    wrong
}

fn case(path: &str, at: Lps) -> Option<Vec<String>> {
    let path = shared(path)?;
    let quiet = Progress::none();
    let mut now = Instant::now();
    let mut lap = |what: &str| {
        let s = now.elapsed().as_secs_f64();
        now = Instant::now();
        format!("{what} {s:.2} s")
    };
    let listing = icepath::ct::scan(&path, &quiet).unwrap();
    let ct = icepath::ct::load(&listing, None, &quiet).unwrap();
    let mut times = vec![lap("load")];
    let anatomy = icepath::anatomy::find(&ct, &quiet).unwrap();
    times.push(lap("anatomy"));
    let lesion = segment(&ct, Gesture::Click(at), &quiet).unwrap().mask;
    let (site, why) = guess_site(&ct, Some(&anatomy), &lesion);
    times.push(lap("lesion"));
    let rules = Rules::built_in().unwrap();
    let around = Surroundings::of(&ct, &anatomy, &[&lesion], 0, site, &rules, &quiet).unwrap();
    times.push(lap("maps"));
    let catalogue = Catalogue::built_in().unwrap();
    let request =
        Request { model: "icesphere".into(), pose: Pose::AsScanned, needles: 1, margin_mm: 5.0, alternatives: 4 };
    let p = propose(&around, &catalogue, &request, &quiet).unwrap();
    times.push(lap("search"));
    println!(
        "{}: site {site:?} ({why}), {} entries, {} lines; {}",
        path.display(),
        p.entries,
        p.tried,
        times.join(", ")
    );
    let mut wrong = Vec::new();
    for o in p.needles.iter().chain(&p.alternatives) {
        let (n, m) = (&o.needle, &o.merits);
        println!(
            "  {} entry {:.1} {:.1} {:.1} tip {:.1} {:.1} {:.1} depth {:.0} clearance {:.1} margin {:.1} inside {:.2} lung {:.0} passes {} unknown {}",
            o.reason.key,
            n.entry.x,
            n.entry.y,
            n.entry.z,
            n.tip.x,
            n.tip.y,
            n.tip.z,
            m.depth_mm,
            m.clearance_mm,
            m.margin_mm,
            m.fraction_inside,
            m.lung_mm,
            m.passes,
            m.unknown
        );
        let start = Instant::now();
        for _ in 0..10 {
            around.judge(n, catalogue.default_model());
        }
        println!("    judged in {:.2} ms", start.elapsed().as_secs_f64() * 100.0);
        let found = held(&ct, &lesion, n);
        found.iter().take(3).for_each(|w| println!("    {w}"));
        wrong.extend(found);
    }
    for s in p.stopped.iter().take(5) {
        println!("  {} stops {:.0} %", s.rule, 100.0 * s.share);
    }
    if let Some(m) = &p.nearest_miss {
        println!("  nearest miss by {:.1} mm: {:?} {:?}", m.shortfall_mm, m.needle, m.verdict.violations);
    }
    Some(wrong)
}

#[test]
fn needles_on_lidc_idri_0001_are_free_when_a_stranger_looks() {
    if let Some(wrong) = case("data/ct/lidc-idri-0001", Lps::new(56.0, 86.0, -116.0)) {
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[test]
fn needles_on_lung_dx_a0001_are_free_when_a_stranger_looks() {
    if let Some(wrong) = case("data/ct/lung-dx-a0001", Lps::new(42.0, 203.0, -204.0)) {
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[test]
fn needles_on_lung_dx_a0002_are_free_when_a_stranger_looks() {
    if let Some(wrong) = case("data/ct/lung-dx-a0002.zip", Lps::new(-62.0, -104.0, 200.0)) {
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[test]
fn needles_on_4d_lung_113_are_free_when_a_stranger_looks() {
    if let Some(wrong) = case("data/ct/4d-lung-113.zip", Lps::new(60.0, 150.0, -937.0)) {
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[test]
fn needles_on_the_ibsi_phantom_are_free_when_a_stranger_looks() {
    if let Some(wrong) = case("data/ct/ibsi-ct-phantom.zip", Lps::new(-75.0, 16.0, -19.0)) {
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
