//! The window without a screen: what stands on it, whether texts are whole and apart, what the hands do.
#![cfg(feature = "window")]
// In a test a panic is the message.
#![allow(clippy::unwrap_used)]

use glam::{DMat3, DVec3};
use icepath::desk::{Options, Rehearsal, Seen};
use icepath::space::{Grid, Lps, Volume};
use icepath::words::{Lang, Words};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A block of tissue with lung in it and a ball of 12 mm radius in the lung, as a research volume.
fn scan(folder: &Path) -> PathBuf {
    let grid = Grid {
        size: [110, 90, 40],
        spacing: DVec3::new(1.6, 1.6, 3.0),
        origin: Lps::new(-87.0, -71.0, -58.0),
        axes: DMat3::IDENTITY,
    };
    let data = (0..grid.len()).map(|o| {
        let p = grid.centre(grid.voxel_of(o));
        let body = (p.x / 78.0).powi(2) + (p.y / 62.0).powi(2) < 1.0;
        let lung = [-1.0, 1.0].iter().any(|s| ((p.x - s * 36.0) / 28.0).powi(2) + (p.y / 44.0).powi(2) < 1.0);
        match (p.distance(Lps::new(36.0, 0.0, 2.0)) < 12.0, lung, body) {
            (true, ..) => 30,
            (_, true, _) => -850,
            (_, _, true) => 40,
            _ => -1000,
        }
    });
    let path = folder.join("chest.nii.gz");
    let file = std::fs::File::create(&path).unwrap();
    icepath::ct::nifti::write_hu(file, true, &Volume { grid, data: data.collect() }).unwrap();
    path
}

fn window(folder: &Path, path: Option<PathBuf>, lang: Lang, size: [f32; 2]) -> Rehearsal {
    std::fs::create_dir_all(folder.join("config")).unwrap();
    // Something was open before: the start page is shown, not the sample.
    let settings = r#"{"recent":[{"path":"gone","subject":"S-001","scan":"Chest","opened":"2026-01-05T00:00:00Z"}]}"#;
    std::fs::write(folder.join("config/settings.json"), settings).unwrap();
    let options = Options {
        path,
        lang: Some(lang),
        config: Some(folder.join("config")),
        now: Some("2026-01-05T10:00:00Z".into()),
        threads: Some(1),
        ..Options::default()
    };
    let mut r = Rehearsal::new(options, size);
    r.settle(Duration::from_secs(60));
    r
}

/// No text is cut off by an edge, none lies on another, every sign has a face, and no key of `words` shows itself.
fn tidy(seen: &[Seen], what: &str) {
    for s in seen {
        assert!(s.cut < 1.0, "{what}: '{}' is cut off by {} points", s.text, s.cut);
        let bare = s.text.starts_with("desk-") || s.text.starts_with("error-") || s.text.starts_with("finding-");
        assert!(!bare, "{what}: the key '{}' has no text", s.text);
        assert_eq!(s.boxed, None, "{what}: no face has this sign in '{}'", s.text);
    }
    for (n, a) in seen.iter().enumerate() {
        for b in &seen[n + 1..] {
            let wide = a.rect[2].min(b.rect[2]) - a.rect[0].max(b.rect[0]);
            let high = a.rect[3].min(b.rect[3]) - a.rect[1].max(b.rect[1]);
            assert!(wide < 2.0 || high < 4.0, "{what}: '{}' and '{}' lie on each other", a.text, b.text);
        }
    }
}

const SIZES: [[f32; 2]; 2] = [[1366.0, 768.0], [1920.0, 1080.0]];

#[test]
fn the_start_page_is_whole_in_both_languages() {
    let dir = tempfile::tempdir().unwrap();
    for lang in Lang::ALL {
        for size in SIZES {
            let r = window(dir.path(), None, lang, size);
            assert!(r.shows("S-001"), "recent cases are shown by subject id");
            assert!(!r.shows("gone"), "never by path");
            tidy(r.seen(), &format!("start page, {}, {size:?}", lang.name()));
        }
    }
}

#[test]
fn a_path_that_holds_no_scan_is_answered_by_a_sentence_on_the_start_page() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("readme.txt"), "no scan").unwrap();
    let r = window(dir.path(), Some(dir.path().join("readme.txt")), Lang::En, SIZES[0]);
    assert!(r.shows("No DICOM image") || r.shows("Not a DICOM file"), "{:?}", r.seen());
}

#[test]
fn every_step_is_whole_with_a_lesion_in_both_languages() {
    let dir = tempfile::tempdir().unwrap();
    let scan = scan(dir.path());
    for lang in Lang::ALL {
        let words = Words::new(lang);
        for size in SIZES {
            let mut r = window(dir.path(), Some(scan.clone()), lang, size);
            assert!(r.shows(&words.get("desk-axial")), "the scan is open");
            tidy(r.seen(), &format!("open, {}, {size:?}", lang.name()));
            mark(&mut r, &words);
            for step in ["desk-lesion", "desk-anatomy", "desk-needles", "desk-ice", "desk-report"] {
                assert!(r.click_on(&words.get(step)));
                r.settle(Duration::from_secs(60));
                tidy(r.seen(), &format!("{step}, {}, {size:?}", lang.name()));
            }
        }
    }
}

/// Arms the click tool and clicks the ball in the axial view.
fn mark(r: &mut Rehearsal, words: &Words) {
    r.key("L", false, false);
    assert!(r.shows(&words.get("desk-hint-click")), "L arms the tool, and the panel says what to do");
    // The ball lies 36 mm to the patient's left of the middle, which is the crosshair's place.
    let letters: Vec<[f32; 4]> = r.seen().iter().filter(|s| s.text == "L").map(|s| s.rect).collect();
    let axial = r.find(&words.get("desk-axial")).unwrap().rect;
    let coronal = r.find(&words.get("desk-coronal")).unwrap().rect;
    let sagittal = r.find(&words.get("desk-sagittal")).unwrap().rect;
    let (left, right) = (axial[0] - 10.0, coronal[0] - 12.0);
    let (top, bottom) = (axial[1] - 8.0, sagittal[1] - 10.0);
    assert!(!letters.is_empty());
    // The scan of 176 × 144 mm is fitted into the pane.
    let per_mm = ((right - left) / 176.0).min((bottom - top) / 144.0);
    r.click((left + right) / 2.0 + 36.0 * per_mm, (top + bottom) / 2.0);
    r.settle(Duration::from_secs(60));
}

#[test]
fn a_click_marks_a_lesion_and_undo_takes_it_back_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let scan = scan(dir.path());
    let words = Words::new(Lang::En);
    let mut r = window(dir.path(), Some(scan), Lang::En, SIZES[0]);
    mark(&mut r, &words);
    let target = words.text("desk-target-n", &[("n", 1usize.into())]);
    assert!(r.shows(&target), "{:?}", r.seen());
    // 24 mm across, from a ball of radius 12.
    let long = r.seen().iter().find(|s| s.text.ends_with("mm") && s.text.contains('±')).unwrap().text.clone();
    let mm: f64 = long.split(' ').next().unwrap().parse().unwrap();
    assert!((mm - 24.0).abs() < 2.5, "{long}");
    assert!(r.shows("add lesion 1"), "the bar names what undo would take back");
    assert!(r.shows(&words.get("desk-not-saved")));
    r.key("Z", true, false);
    r.settle(Duration::from_secs(20));
    assert!(r.shows(&words.get("desk-no-lesion")));
    r.key("Z", true, true);
    r.settle(Duration::from_secs(20));
    assert!(r.shows(&target), "redo brings it back with its numbers");
    r.key("L", true, false);
    let ja = Words::new(Lang::Ja);
    assert!(r.shows(&ja.text("desk-target-n", &[("n", 1usize.into())])), "Ctrl+L changes every text at once");
}

#[test]
fn the_wheel_goes_through_slices_to_the_feet_and_digits_choose_windows() {
    let dir = tempfile::tempdir().unwrap();
    let scan = scan(dir.path());
    let mut r = window(dir.path(), Some(scan), Lang::En, SIZES[0]);
    let slice = |r: &Rehearsal| -> i64 {
        let text = &r.seen().iter().find(|s| s.text.starts_with("z ") && s.text.contains('/')).unwrap().text;
        text.rsplit('·').next().unwrap().trim().split('/').next().unwrap().parse().unwrap()
    };
    let before = slice(&r);
    r.wheel([560.0, 200.0], -1.0, false);
    assert_eq!(slice(&r), before - 1, "a turn down is a slice to the feet");
    r.wheel([560.0, 200.0], 3.0, false);
    assert_eq!(slice(&r), before + 2);
    r.key("2", false, false);
    assert!(r.shows("Mediastinum W 400 L 40"));
    r.drag([480.0, 300.0], [520.0, 300.0]);
    assert!(!r.shows("Mediastinum W 400 L 40") && r.shows("L 40"), "a drag to the right widens the window");
    r.key("F1", false, false);
    r.settle(Duration::from_secs(5));
    assert!(r.shows("Ctrl+S"), "F1 shows keys and mouse");
}

#[test]
fn what_is_dropped_on_the_window_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let scan = scan(dir.path());
    let words = Words::new(Lang::En);
    let mut r = window(dir.path(), None, Lang::En, SIZES[0]);
    assert!(r.shows(&words.get("desk-drop-title")));
    r.drop(&scan);
    r.settle(Duration::from_secs(60));
    assert!(r.shows(&words.get("desk-axial")), "{:?}", r.seen());
    // With a decision that is not saved, another drop asks first.
    mark(&mut r, &words);
    r.drop(&scan);
    r.settle(Duration::from_secs(20));
    assert!(r.shows(&words.get("desk-unsaved-title")));
    r.key("Escape", false, false);
    r.settle(Duration::from_secs(20));
    assert!(r.shows(&words.text("desk-target-n", &[("n", 1usize.into())])), "nothing is lost by a drop");
}

#[test]
fn a_second_gesture_on_a_lesion_outlines_it_anew_instead_of_counting_it_twice() {
    let dir = tempfile::tempdir().unwrap();
    let scan = scan(dir.path());
    let words = Words::new(Lang::En);
    let mut r = window(dir.path(), Some(scan), Lang::En, SIZES[0]);
    mark(&mut r, &words);
    mark(&mut r, &words);
    assert!(!r.shows(&words.text("desk-target-n", &[("n", 2usize.into())])), "{:?}", r.seen());
}

/// The text of a corner that begins like this.
fn corner(r: &Rehearsal, start: &str) -> String {
    r.seen().iter().find(|s| s.text.starts_with(start)).map(|s| s.text.clone()).unwrap_or_default()
}

#[test]
fn a_question_takes_the_hands_off_everything_below_it() {
    let dir = tempfile::tempdir().unwrap();
    let scan = scan(dir.path());
    let words = Words::new(Lang::En);
    let mut r = window(dir.path(), Some(scan), Lang::En, SIZES[0]);
    mark(&mut r, &words);
    let (x, z) = (corner(&r, "x "), corner(&r, "z "));
    r.key("Q", true, false);
    r.settle(Duration::from_secs(20));
    assert!(r.shows(&words.get("desk-unsaved-title")));
    r.click(440.0, 180.0);
    r.wheel([440.0, 180.0], -3.0, false);
    r.key("M", false, false);
    r.key("Escape", false, false);
    r.settle(Duration::from_secs(20));
    assert!(!r.shows(&words.get("desk-unsaved-title")));
    assert_eq!((corner(&r, "x "), corner(&r, "z ")), (x, z), "neither crosshair nor slice has moved");
    assert!(!r.shows(&words.get("desk-hint-callipers-first")), "no tool was taken up");
}

#[test]
fn what_was_typed_into_a_field_and_not_left_is_not_lost_on_leaving() {
    let dir = tempfile::tempdir().unwrap();
    let scan = scan(dir.path());
    let words = Words::new(Lang::En);
    let mut r = window(dir.path(), Some(scan), Lang::En, SIZES[0]);
    r.key("6", true, false);
    r.settle(Duration::from_secs(20));
    let label = r.find(&words.get("report-subject")).expect("the report has the subject's id").rect;
    r.click(label[2] + 100.0, (label[1] + label[3]) / 2.0);
    r.write("S-77");
    r.key("Q", true, false);
    r.settle(Duration::from_secs(20));
    assert!(r.shows(&words.get("desk-unsaved-title")), "{:?}", r.seen());
    // Keys are the question's now, not the field's.
    r.write("8");
    r.key("Escape", false, false);
    r.settle(Duration::from_secs(20));
    assert!(r.shows("S-77"), "{:?}", r.seen());
}

#[test]
fn a_miss_keeps_the_tool_in_the_hand_and_a_row_of_sizes_leads_back_to_its_slice() {
    let dir = tempfile::tempdir().unwrap();
    let scan = scan(dir.path());
    let words = Words::new(Lang::En);
    let mut r = window(dir.path(), Some(scan), Lang::En, SIZES[0]);
    r.key("L", false, false);
    r.click(380.0, 80.0);
    r.settle(Duration::from_secs(20));
    assert!(r.shows(&words.get("desk-hint-click")), "outside of the body there is no lesion: try again");
    r.key("L", false, false);
    mark(&mut r, &words);
    assert!(!r.shows(&words.get("desk-hint-click")), "the tool is put down when it has done its work");
    assert!(r.click_on(&words.get("desk-long-axis")));
    let there = corner(&r, "z ");
    r.wheel([560.0, 200.0], -7.0, false);
    assert_ne!(corner(&r, "z "), there);
    assert!(r.click_on(&words.get("desk-long-axis")));
    assert_eq!(corner(&r, "z "), there);
}

#[test]
fn a_plan_whose_ct_was_moved_asks_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let scan = scan(dir.path());
    let opened = icepath::case::open(&scan, None, &icepath::jobs::Progress::none()).unwrap();
    let plan = icepath::case::empty_plan(&opened, &scan);
    let file = dir.path().join("case/plan.json");
    std::fs::create_dir_all(dir.path().join("case")).unwrap();
    icepath::plan::file::save(&plan, &file).unwrap();
    std::fs::rename(&scan, dir.path().join("elsewhere.nii.gz")).unwrap();
    for lang in Lang::ALL {
        let words = Words::new(lang);
        let mut r = window(dir.path(), Some(file.clone()), lang, SIZES[0]);
        assert!(r.shows(&words.get("desk-lost-ct-title")), "{:?}", r.seen());
        assert!(r.shows(&words.get("desk-lost-ct-folder")));
        r.key("Escape", false, false);
        r.settle(Duration::from_secs(5));
        assert!(!r.shows(&words.get("desk-lost-ct-title")));
    }
}
