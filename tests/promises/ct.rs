//! What comes in is what was written, or a reason; whatever the bytes.

use glam::{DMat3, DVec3};
use icepath::ct::{Row, SeriesToWrite, Syntax, load, picture, scan, slice, slices, uid_from, write_series};
use icepath::draw::{Plane, View, Window, paint};
use icepath::jobs::Progress;
use icepath::space::{Grid, Lps, PADDING, Volume, Voxel};
use icepath::terms::Code;
use proptest::prelude::*;
use std::io::Write;
use std::path::{Path, PathBuf};

fn volume(axes: DMat3, slices: usize) -> Volume<i16> {
    let spacing = DVec3::new(0.75, 0.8125, 2.5);
    let grid = Grid { size: [18, 13, slices], spacing, origin: Lps::new(-101.25, 40.5, -300.0), axes };
    let value = |o: usize| if o % 13 == 3 { PADDING } else { (o * 37 % 4000) as i16 - 1000 };
    Volume { grid, data: (0..grid.len()).map(value).collect() }
}

fn written(dir: &Path, hu: &Volume<i16>, seed: &str, syntax: Syntax) -> Vec<PathBuf> {
    written_lying(dir, hu, seed, syntax, "HFS")
}

fn written_lying(dir: &Path, hu: &Volume<i16>, seed: &str, syntax: Syntax, patient_position: &str) -> Vec<PathBuf> {
    let series = SeriesToWrite {
        hu,
        seed,
        patient_id: "NOBODY",
        patient_name: "Nobody^At All",
        description: "made for a test",
        date: "20260102",
        patient_position,
        kernel: "B30f",
        contrast: None,
        syntax,
    };
    write_series(dir, &series, &Progress::none()).unwrap()
}

fn poses() -> [DMat3; 3] {
    let feet_first = DMat3::from_cols(DVec3::NEG_X, DVec3::Y, DVec3::NEG_Z);
    let oblique = DMat3::from_axis_angle(DVec3::new(1.0, 0.3, -0.5).normalize(), 0.4);
    [DMat3::IDENTITY, feet_first, oblique]
}

#[test]
fn a_series_comes_back_voxel_for_voxel_in_any_pose_and_syntax() {
    for axes in poses() {
        for syntax in [Syntax::ExplicitLittleEndian, Syntax::Deflated] {
            let dir = tempfile::tempdir().unwrap();
            let hu = volume(axes, 7);
            written(dir.path(), &hu, "round", syntax);
            let listing = scan(dir.path(), &Progress::none()).unwrap();
            assert_eq!(listing.picked.as_ref().unwrap().reason, "picked-only");
            let ct = load(&listing, None, &Progress::none()).unwrap();
            assert_eq!(ct.hu.data, hu.data);
            assert!(ct.hu.grid.origin.distance(hu.grid.origin) < 1e-6);
            assert!(ct.hu.grid.axes.abs_diff_eq(axes, 1e-6));
            assert!((ct.hu.grid.spacing - hu.grid.spacing).length() < 1e-6);
            assert!(ct.rows.iter().enumerate().all(|(k, r)| *r == Row::Measured(k)));
            assert_eq!(ct.acquisition.date.as_deref(), Some("2026-01-02"));
        }
    }
}

/// Row and column of a picture in each patient position, as scanners write them: the column runs to the table, the slices
/// from the feet or from the head (PS3.3 C.7.3.1.1.2).
const LYING: [(&str, DVec3, DVec3); 8] = [
    ("HFS", DVec3::X, DVec3::Y),
    ("HFP", DVec3::NEG_X, DVec3::NEG_Y),
    ("HFDR", DVec3::Y, DVec3::NEG_X),
    ("HFDL", DVec3::NEG_Y, DVec3::X),
    ("FFS", DVec3::NEG_X, DVec3::Y),
    ("FFP", DVec3::X, DVec3::NEG_Y),
    ("FFDR", DVec3::NEG_Y, DVec3::NEG_X),
    ("FFDL", DVec3::Y, DVec3::X),
];

#[test]
fn left_is_left_front_is_front_and_the_table_is_below_in_every_patient_position_and_oblique() {
    let lean = DMat3::from_axis_angle(DVec3::new(0.4, 1.0, 0.2).normalize(), 0.3);
    for (position, row, column) in LYING {
        for turn in [DMat3::IDENTITY, lean] {
            let axes = DMat3::from_cols(turn * row, turn * column, turn * row.cross(column));
            let (size, spacing) = ([22, 18, 16], DVec3::new(3.0, 4.0, 5.0));
            let centre = Lps::new(12.0, -20.0, 250.0);
            let half = DVec3::from(size.map(|n| n as f64 - 1.0)) * spacing / 2.0;
            let grid = Grid { size, spacing, origin: centre - axes * half, axes };
            // One bright voxel to the patient's left, at the front, towards the head: by no symmetry in another place.
            let away = DVec3::new(20.0, -13.0, 22.0);
            let mut hu = Volume::filled(grid, -800);
            let at = grid.voxel(centre + away).unwrap();
            hu.data[grid.offset(at)] = 900;
            let dir = tempfile::tempdir().unwrap();
            written_lying(dir.path(), &hu, position, Syntax::ExplicitLittleEndian, position);
            let ct = load(&scan(dir.path(), &Progress::none()).unwrap(), None, &Progress::none()).unwrap();
            let grid = ct.hu.grid;
            let found = ct.hu.data.iter().position(|v| *v == 900).unwrap();
            let k = found / (grid.size[0] * grid.size[1]);
            let (i, j) = (found % grid.size[0], found / grid.size[0] % grid.size[1]);
            let lps = grid.centre(Voxel::new(i, j, k));
            let off = lps - (centre + away);
            assert!(off.abs().max_element() < 4.0, "{position}: {lps:?}");
            assert_eq!(ct.hu.nearest(lps), Some(900), "{position}: under the pointer");
            // The table does not lean with the slices.
            assert_eq!(ct.down(), column, "{position}: the table");
            // On the axial picture, seen from the feet, the patient's left is on the right and the front above; on the
            // coronal one the head is above.
            for (view, right, below) in
                [(View::Axial, true, false), (View::Coronal, true, false), (View::Sagittal, false, false)]
            {
                let plane = Plane::around(lps, view.directions(), 1.0, [101, 101]);
                let mut rgba = vec![0; 101 * 101 * 4];
                paint(&ct.hu, &plane, Window::new(1000.0, 0.0), &mut rgba);
                assert!(rgba[(50 * 101 + 50) * 4] > 200, "{position}: {view:?} is bright where it lies");
                let ([x, y], _) = plane.pixel(centre);
                assert_eq!((x < 50.0, y < 50.0), (right, below), "{position}: {view:?}");
            }
        }
    }
}

#[test]
fn the_hash_is_of_the_pixels_and_not_of_how_they_are_packed_or_named() {
    let hash = |syntax, seed: &str, change: usize| {
        let dir = tempfile::tempdir().unwrap();
        let mut hu = volume(DMat3::IDENTITY, 5);
        hu.data[700] += change as i16;
        written(dir.path(), &hu, seed, syntax);
        let listing = scan(dir.path(), &Progress::none()).unwrap();
        load(&listing, None, &Progress::none()).unwrap().identity.hash
    };
    let plain = hash(Syntax::ExplicitLittleEndian, "a", 0);
    assert_eq!(plain, hash(Syntax::Deflated, "b", 0));
    assert_ne!(plain, hash(Syntax::ExplicitLittleEndian, "a", 1));
}

fn zipped(to: &Path, files: &[(String, Vec<u8>)]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    for (name, bytes) in files {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn a_zip_gives_what_its_folder_gives_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let hu = volume(DMat3::IDENTITY, 6);
    let files = written(dir.path(), &hu, "zip", Syntax::ExplicitLittleEndian);
    let mut members: Vec<_> =
        files.iter().enumerate().map(|(n, f)| (format!("a b/é/{n}"), std::fs::read(f).unwrap())).collect();
    members.push(("../../evil".into(), std::fs::read(&files[0]).unwrap()));
    members.push(("notes.dcm".into(), b"no DICOM at all, only named so".to_vec()));
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("series.zip");
    zipped(&path, &members);
    let listing = scan(&path, &Progress::none()).unwrap();
    let ct = load(&listing, None, &Progress::none()).unwrap();
    assert_eq!(ct.hu.data, hu.data);
    let codes: Vec<Code> = listing.findings.iter().map(|f| f.code).collect();
    assert!(codes.contains(&Code::UnsafeArchive) && codes.contains(&Code::NotDicom), "{codes:?}");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn one_cut_file_is_a_missing_slice_and_not_the_end_of_the_series() {
    let dir = tempfile::tempdir().unwrap();
    let hu = volume(DMat3::IDENTITY, 9);
    let files = written(dir.path(), &hu, "cut", Syntax::ExplicitLittleEndian);
    let bytes = std::fs::read(&files[4]).unwrap();
    std::fs::write(&files[4], &bytes[..bytes.len() - 10]).unwrap();
    let ct = load(&scan(dir.path(), &Progress::none()).unwrap(), None, &Progress::none()).unwrap();
    assert!(ct.has(Code::ExcludedSlice) && ct.has(Code::MissingSlices));
    assert_eq!(ct.hu.grid.size[2], 9);
    assert_eq!(ct.rows[4], Row::Interpolated(3, 4));
    assert_eq!(ct.hu.slice(5), hu.slice(5));
}

/// Writes `hu` as a series whose UID of that name is another series': both are as long, so that no length changes.
fn written_with_uids_of(dir: &Path, hu: &Volume<i16>, of: &str, names: &[&str]) {
    let seed = (0..)
        .map(|n| format!("{of} {} {n}", hu.grid.size[2]))
        .find(|seed| names.iter().all(|n| uid_from(seed, n).len() == uid_from(of, n).len()))
        .unwrap();
    for file in written(dir, hu, &seed, Syntax::ExplicitLittleEndian) {
        let mut bytes = std::fs::read(&file).unwrap();
        for name in names {
            let (from, to) = (uid_from(&seed, name), uid_from(of, name));
            let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).unwrap();
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
        std::fs::write(&file, bytes).unwrap();
    }
}

#[test]
fn another_kernel_of_the_acquisition_is_known_on_any_grid_and_another_scan_of_the_study_is_not_taken_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let [soft, sharp, later] = ["soft", "sharp", "later"].map(|d| dir.path().join(d));
    for folder in [&soft, &sharp, &later] {
        std::fs::create_dir(folder).unwrap();
    }
    written(&soft, &volume(DMat3::IDENTITY, 7), "scan", Syntax::ExplicitLittleEndian);
    written_with_uids_of(&sharp, &volume(DMat3::IDENTITY, 12), "scan", &["study", "frame of reference"]);
    written_with_uids_of(&later, &volume(DMat3::IDENTITY, 9), "scan", &["study"]);
    let listing = scan(dir.path(), &Progress::none()).unwrap();
    let of = |slices: usize| listing.series.iter().find(|s| s.n_slices == slices).unwrap().id.as_str();
    assert!(listing.of_one_acquisition(of(7), of(12)) && listing.of_one_acquisition(of(12), of(7)));
    assert!(!listing.of_one_acquisition(of(7), of(9)) && !listing.of_one_acquisition(of(7), "1.2.3"));
}

#[test]
fn a_slice_shown_before_the_rest_is_the_one_that_the_whole_has_there() {
    for axes in poses() {
        let dir = tempfile::tempdir().unwrap();
        written(dir.path(), &volume(axes, 6), "early", Syntax::ExplicitLittleEndian);
        let listing = scan(dir.path(), &Progress::none()).unwrap();
        let ct = load(&listing, None, &Progress::none()).unwrap();
        assert_eq!(slices(&listing, None), 6);
        for k in 0..6 {
            let early = slice(&listing, None, k).unwrap();
            assert_eq!(early.hu.data, ct.hu.slice(k));
            let there = ct.hu.grid.point(DVec3::new(3.0, 4.0, k as f64));
            assert!(early.hu.grid.point(DVec3::new(3.0, 4.0, 0.0)).distance(there) < 1e-9);
        }
        assert!(slice(&listing, None, 99).is_ok_and(|s| s.hu.data == ct.hu.slice(5)));
    }
}

#[test]
fn every_series_of_a_folder_can_be_chosen_and_has_its_picture() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), &volume(DMat3::IDENTITY, 5), "one", Syntax::ExplicitLittleEndian);
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    std::fs::create_dir_all(&a).unwrap();
    std::fs::create_dir_all(&b).unwrap();
    written(&a, &volume(DMat3::IDENTITY, 5), "two", Syntax::ExplicitLittleEndian);
    written(&b, &volume(poses()[2], 4), "three", Syntax::ExplicitLittleEndian);
    let listing = scan(dir.path(), &Progress::none()).unwrap();
    assert_eq!(listing.series.len(), 3);
    for s in &listing.series {
        assert!(load(&listing, Some(&s.id), &Progress::none()).is_ok());
        let small = picture(&listing, &s.id, 32).unwrap();
        assert_eq!(small.grey.len(), small.width * small.height);
    }
    let unknown = load(&listing, Some("1.2.3"), &Progress::none());
    assert_eq!(unknown.unwrap_err().code(), "no-such-series");
}

#[test]
fn a_mask_is_not_taken_for_a_ct() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mask.nii.gz");
    let mut hu = volume(DMat3::IDENTITY, 5);
    hu.data.iter_mut().enumerate().for_each(|(o, v)| *v = i16::from(o % 7 == 0));
    icepath::ct::nifti::write_hu(std::fs::File::create(&path).unwrap(), true, &hu).unwrap();
    let listing = scan(&path, &Progress::none()).unwrap();
    assert_eq!(load(&listing, None, &Progress::none()).unwrap_err().code(), "not-hu");
}

#[test]
fn a_job_that_is_cancelled_gives_nothing() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), &volume(DMat3::IDENTITY, 5), "stop", Syntax::ExplicitLittleEndian);
    let progress = Progress::none();
    progress.cancel();
    assert_eq!(scan(dir.path(), &progress).unwrap_err().code(), "cancelled");
    let listing = scan(dir.path(), &Progress::none()).unwrap();
    assert_eq!(load(&listing, None, &progress).unwrap_err().code(), "cancelled");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Bytes set, cut, or put in: a listing or a reason, never a panic.
    #[test]
    fn whatever_the_bytes_the_answer_is_a_listing_or_a_reason(
        deflated in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
        inserted in prop::option::of((any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..40))),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let syntax = if deflated { Syntax::Deflated } else { Syntax::ExplicitLittleEndian };
        for file in written(dir.path(), &volume(DMat3::IDENTITY, 3), "fuzz", syntax) {
            let mut bytes = std::fs::read(&file).unwrap();
            for (at, value) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
            if let Some((at, more)) = &inserted {
                let at = at.index(bytes.len());
                bytes.splice(at..at, more.iter().copied());
            }
            if let Some(at) = &cut {
                bytes.truncate(at.index(bytes.len()));
            }
            std::fs::write(&file, bytes).unwrap();
        }
        if let Ok(listing) = scan(dir.path(), &Progress::none()) {
            let _ = load(&listing, None, &Progress::none());
            for s in &listing.series {
                let _ = picture(&listing, &s.id, 32);
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_scan_is_refused_and_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no mkfifo here");
        return;
    }
    assert!(matches!(scan(&pipe, &Progress::none()), Err(icepath::ct::CtError::Unreadable { .. })));
    assert!(scan(dir.path(), &Progress::none()).is_ok());
    assert!(icepath::system::read_capped(&pipe, 100).is_err());
}

#[test]
fn a_series_of_localizers_alone_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let files = written(dir.path(), &volume(DMat3::IDENTITY, 3), "localizers", Syntax::ExplicitLittleEndian);
    for file in files {
        let mut bytes = std::fs::read(&file).unwrap();
        let at = bytes.windows(5).position(|w| w == b"AXIAL").unwrap();
        bytes[at..at + 5].copy_from_slice(b"OTHER");
        // CT Image Storage becomes Secondary Capture: both UIDs are as long.
        let ct = b"1.2.840.10008.5.1.4.1.1.2\0";
        while let Some(at) = bytes.windows(ct.len()).position(|w| w == ct) {
            bytes[at..at + ct.len()].copy_from_slice(b"1.2.840.10008.5.1.4.1.1.7\0");
        }
        std::fs::write(&file, bytes).unwrap();
    }
    let listing = scan(dir.path(), &Progress::none()).unwrap();
    let refused = load(&listing, None, &Progress::none()).unwrap_err();
    let words = icepath::words::Words::new(icepath::words::Lang::En);
    let said = listing.series[0].findings.iter().map(|f| f.sentence(&words)).collect::<Vec<_>>().join(" ");
    assert!(!said.contains(" 0 ") && said.contains("localizers"), "{said} / {refused}");
}
