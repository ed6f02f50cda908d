//! Pictures: what is drawn is where it is.

use glam::{DMat3, DVec3};
use icepath::draw::{LesionPicture, PRESETS, Plane, Shape, View, Window, key_image_lesion, paint};
use icepath::lesion::{Axis, Measurement};
use icepath::space::{Grid, Lps, Mask, Volume};

fn chest() -> Volume<i16> {
    let grid = Grid {
        size: [80, 80, 30],
        spacing: DVec3::new(0.8, 0.8, 2.0),
        origin: Lps::new(-32.0, -32.0, -30.0),
        axes: DMat3::IDENTITY,
    };
    let data = (0..grid.len()).map(|o| {
        let p = grid.centre(grid.voxel_of(o));
        if p.vec().length() < 10.0 { 30 } else { -850 }
    });
    Volume { grid, data: data.collect() }
}

fn measured() -> Measurement {
    let axis = |a: Lps, b: Lps| Axis { ends: [a, b], mm: a.distance(b), pm_mm: 0.5 };
    Measurement {
        voxels: 1,
        volume_mm3: 4189.0,
        long: axis(Lps::new(-10.0, 0.0, 0.0), Lps::new(10.0, 0.0, 0.0)),
        short: axis(Lps::new(0.0, -10.0, 0.0), Lps::new(0.0, 10.0, 0.0)),
        slice: 15,
        max_3d_diameter_mm: 20.0,
        centroid: Lps::default(),
        mean_hu: 30.0,
        findings: Vec::new(),
    }
}

#[test]
fn a_bright_ball_is_bright_where_it_lies_and_its_outline_runs_round_it() {
    let hu = chest();
    let plane = Plane::around(Lps::new(4.0, -3.0, 0.0), View::Sagittal.directions(), 0.5, [90, 70]);
    let mut rgba = vec![0; 90 * 70 * 4];
    paint(&hu, &plane, PRESETS[0].1, &mut rgba);
    let grey = |p: Lps| {
        let ([x, y], _) = plane.pixel(p);
        rgba[(y.round() as usize * 90 + x.round() as usize) * 4]
    };
    assert!(grey(Lps::new(4.0, 0.0, 0.0)) > 180);
    assert!(grey(Lps::new(4.0, 14.0, 0.0)) < 100);
    let mask = Mask::of(&hu, |v| v > -400);
    let lines = Shape::of(&mask).unwrap().lines(&plane);
    let radius = (100.0f64 - 16.0).sqrt();
    for p in &lines[0].points {
        let q = plane.point(p[0], p[1]);
        assert!((q.distance(Lps::new(4.0, 0.0, 0.0)) - radius).abs() < 1.0);
    }
}

#[test]
fn pictures_do_not_depend_on_the_number_of_threads() {
    let hu = chest();
    let mask = Mask::of(&hu, |v| v > -400);
    let measurement = measured();
    let picture = |threads| {
        icepath::jobs::thread_budget(Some(threads)).unwrap().run(|| {
            key_image_lesion(&LesionPicture {
                hu: &hu,
                mask: &mask,
                measurement: &measurement,
                title: "病変 1",
                subtitle: "20.0 mm",
                long_label: "20.0 mm ± 0.5",
                short_label: "20.0 mm",
                window: (Window::new(1500.0, -600.0), "W 1500 L −600"),
            })
        })
    };
    assert!(picture(1) == picture(3));
}
