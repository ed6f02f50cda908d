//! What a user is promised of a click: the diameters of exact shapes, and the same lesion from neighbouring clicks.

use glam::{DMat3, DVec3};
use icepath::ct::{Acquisition, Ct, Identity, Source};
use icepath::jobs::Progress;
use icepath::lesion::{Gesture, SegmentError, Segmentation, measure, segment};
use icepath::space::{Grid, Lps, Mask, Volume};

/// A research CT of that volume.
fn ct(hu: Volume<i16>) -> Ct {
    Ct {
        hu,
        source: Source::Research,
        slices: Vec::new(),
        rows: Vec::new(),
        position_pm_mm: 0.0,
        identity: Identity::default(),
        acquisition: Acquisition::default(),
        findings: Vec::new(),
    }
}

/// Lung of −860 HU with `dense(p)`, the share (0..=1) of soft tissue of 30 HU at a point; each voxel the mean of 3 × 3 × 3
/// points in it.
fn chest(size: [usize; 3], spacing: DVec3, axes: DMat3, dense: impl Fn(Lps) -> f64) -> Ct {
    let origin = Lps::default() - axes * (spacing * DVec3::from(size.map(|n| (n as f64 - 1.0) / 2.0)));
    let grid = Grid { size, spacing, origin, axes };
    let data = (0..grid.len())
        .map(|o| {
            let c = grid.voxel_of(o).centre();
            let mut share = 0.0;
            for n in 0..27 {
                let d = DVec3::new(f64::from(n % 3), f64::from(n / 3 % 3), f64::from(n / 9)) / 3.0 - 1.0 / 3.0;
                share += dense(grid.point(c + d)) / 27.0;
            }
            (-860.0 + 890.0 * share).round() as i16
        })
        .collect();
    ct(Volume { grid, data })
}

fn ball(p: Lps, c: Lps, r: f64) -> f64 {
    // A voxel's points near the surface count in part: 0.3 mm of blur.
    ((r - p.distance(c)) / 0.3 + 0.5).clamp(0.0, 1.0)
}

fn click(ct: &Ct, p: Lps) -> Segmentation {
    segment(ct, None, Gesture::Click(p), &Progress::none()).expect("a lesion is there")
}

#[test]
fn a_ball_measures_its_diameter_wherever_it_lies_between_the_voxels() {
    for (n, r) in [3.0, 5.0, 8.0, 11.0].into_iter().enumerate() {
        let c = Lps::new(0.13 * n as f64, -0.21, 0.3 * n as f64);
        let ct = chest([70, 70, 40], DVec3::new(0.7, 0.7, 1.25), DMat3::IDENTITY, |p| ball(p, c, r));
        let s = click(&ct, c);
        let m = measure(&ct, &s.mask, s.level_hu).expect("not empty");
        // The level lies outside of half height on purpose (readers draw there); hence a little more than 2 r.
        assert!((m.long.mm - 2.0 * r).abs() < 0.5, "r {r}: {}", m.long.mm);
        assert!((m.short.mm - 2.0 * r).abs() < 0.5, "r {r}: {}", m.short.mm);
        assert!((m.max_3d_diameter_mm - 2.0 * r).abs() < 0.8, "r {r}: {}", m.max_3d_diameter_mm);
        assert!(m.centroid.distance(c) < 0.3);
    }
}

#[test]
fn a_scan_stored_turned_by_180_degrees_measures_the_same() {
    let c = Lps::new(0.4, -0.3, 0.6);
    let shape = |p: Lps| {
        let d = p - c;
        ((1.0 - (DVec3::new(d.x / 9.0, d.y / 5.0, d.z / 6.0)).length()) * 20.0 + 0.5).clamp(0.0, 1.0)
    };
    let spacing = DVec3::new(0.7, 0.7, 1.25);
    let upright = chest([60, 60, 30], spacing, DMat3::IDENTITY, shape);
    let turned = chest([60, 60, 30], spacing, DMat3::from_diagonal(DVec3::new(-1.0, -1.0, 1.0)), shape);
    let [a, b] = [&upright, &turned].map(|ct| {
        let s = click(ct, c);
        measure(ct, &s.mask, s.level_hu).expect("not empty")
    });
    assert!((a.long.mm - b.long.mm).abs() < 1e-9);
    assert!((a.long.mm - 18.0).abs() < 0.7, "{}", a.long.mm);
    assert!((a.short.mm - 10.0).abs() < 0.7, "{}", a.short.mm);
    let along = (a.long.ends[1] - a.long.ends[0]).normalize();
    assert!(along.x.abs() > 0.99);
}

#[test]
fn a_click_in_air_is_refused_and_an_empty_mask_measures_nothing() {
    let c = Lps::new(-8.0, 0.0, 0.0);
    let ct = chest([60, 60, 30], DVec3::new(0.7, 0.7, 1.25), DMat3::IDENTITY, |p| ball(p, c, 4.0));
    let far = Lps::new(12.0, 0.0, 0.0);
    assert_eq!(segment(&ct, None, Gesture::Click(far), &Progress::none()).err(), Some(SegmentError::InAir(far)));
    let out = Lps::new(500.0, 0.0, 0.0);
    assert_eq!(segment(&ct, None, Gesture::Click(out), &Progress::none()).err(), Some(SegmentError::Outside(out)));
    assert!(measure(&ct, &Mask::empty(ct.hu.grid), None).is_none());
}
