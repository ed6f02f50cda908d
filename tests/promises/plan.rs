//! What a user decides is kept, can be taken back, and comes back from its file as it was.

use icepath::ct::{Acquisition, Ct, Finding, Identity, Source};
use icepath::lesion::{Axis, Gesture};
use icepath::needle::Needle;
use icepath::plan::{
    Answer, Change, CtBinding, Edit, EditError, History, Lesion, Measured, Outline, PackedMask, Plan, PlanFileError,
    PlannedNeedle, ReaderAxes, SiteSource, file,
};
use icepath::space::{Grid, Lps, Mask, Volume, Voxel};
use icepath::terms::{Code, Pose, Site};
use icepath::words::{Lang, Words};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

const NOW: &str = "2026-01-05T10:00:00Z";

fn ct() -> Ct {
    let grid = Grid {
        size: [20, 18, 9],
        spacing: glam::DVec3::new(0.703125, 0.703125, 2.5),
        origin: Lps::new(-166.0, -171.699997, -340.0),
        axes: glam::DMat3::IDENTITY,
    };
    Ct {
        hu: Volume::filled(grid, 0),
        source: Source::Dicom,
        slices: Vec::new(),
        rows: Vec::new(),
        position_pm_mm: 0.0,
        identity: Identity {
            series_uid: "1.2.3".into(),
            study_uid: "1.2".into(),
            frame_of_reference_uid: "1.2.9".into(),
            hash: "ab".repeat(32),
        },
        acquisition: Acquisition { date: Some("2025-12-24".into()), ..Acquisition::default() },
        findings: Vec::new(),
    }
}

fn empty_plan() -> Plan {
    Plan::new(CtBinding::of(&ct(), Some("1.2.3#1".into()), Some(PathBuf::from("/data/ct/one"))), false)
}

fn axis(x: f64, mm: f64) -> Axis {
    Axis { ends: [Lps::new(x, -2.0, -330.0), Lps::new(x + mm, -2.0, -330.0)], mm, pm_mm: 0.7 }
}

fn outline(seed: u64) -> Outline {
    let grid = ct().hu.grid;
    let mut mask = Mask::from_fn(grid, |o| (seed.rotate_left((o % 61) as u32) ^ o as u64).is_multiple_of(4));
    mask.set(Voxel::new(1, 2, 3), true);
    let x = seed as f64 / 7.0;
    Outline {
        gesture: if seed.is_multiple_of(2) {
            Gesture::Click(Lps::new(x, 1.5, -2.0))
        } else {
            Gesture::Stroke(Lps::new(x, 0.1, 0.2), Lps::new(1.0 / 3.0, x, -0.3))
        },
        method: "solid-in-air/1".into(),
        software: "0.1.0".into(),
        level_hu: seed.is_multiple_of(3).then_some(-424.5),
        measured: Measured {
            long: axis(x, 31.4 + x),
            short: axis(-x, 24.9),
            slice: 4,
            sop_instance_uid: seed.is_multiple_of(5).then(|| "1.2.3.4".to_string()),
            voxels: mask.count(),
            volume_mm3: mask.volume_mm3(),
            max_3d_diameter_mm: 35.2 + x,
            centroid: Lps::new(x, x / 3.0, -330.0),
            mean_hu: -76.9,
        },
        mask: PackedMask::pack(&mask),
        accepted_at: NOW.into(),
        findings: vec![
            Finding::new(Code::SoftBorder).number("percent", 0.1 + x, 1).text("what", "x").at(Lps::new(x, 2.0, 3.0)),
            Finding::new(Code::NotSeen).word("structure", "structure-bone").at_slices(2, 5).in_file("a/b"),
        ],
    }
}

fn lesion(plan: &Plan, seed: u64) -> Lesion {
    Lesion {
        tracking_uid: plan.new_tracking_uid(NOW),
        site: Site::ALL[seed as usize % 4],
        site_source: if seed.is_multiple_of(2) { SiteSource::Guessed } else { SiteSource::Given },
        outline: outline(seed),
        by_reader: None,
    }
}

fn needle(lesion: &str, seed: u64) -> PlannedNeedle {
    let x = seed as f64 / 11.0;
    let needle = Needle {
        model: ["icesphere", "iceseed"][seed as usize % 2].into(),
        entry: Lps::new(x, 80.0, -330.0),
        tip: Lps::new(x / 3.0, 0.1, -331.7),
        pose: Pose::ALL[seed as usize % 5],
    };
    PlannedNeedle { needle, lesion: lesion.into() }
}

/// A change as a hand at random would make it; now and then an impossible one.
fn change(plan: &Plan, kind: u8, seed: u64) -> Change {
    let n = plan.lesions.len().max(1);
    let tracking_uid = plan.lesions.get(seed as usize % n).map_or("none".to_string(), |l| l.tracking_uid.clone());
    let at = seed as usize % (plan.needles.len() + 1);
    match kind % 14 {
        0 | 1 => Change::AddLesion {
            at: seed as usize % (plan.lesions.len() + 1),
            lesion: Box::new(lesion(plan, seed)),
            needles: Vec::new(),
        },
        2 => Change::DeleteLesion { tracking_uid },
        3 => Change::SetOutline { tracking_uid, outline: Box::new(outline(seed)) },
        4 => {
            let axes = ReaderAxes {
                long: axis(1.0, 30.0 + seed as f64),
                short: axis(2.0, 20.0),
                slice: 3,
                sop_instance_uid: None,
                reader: "R1".into(),
                measured_at: NOW.into(),
            };
            Change::SetReaderAxes { tracking_uid, axes: (!seed.is_multiple_of(3)).then_some(axes) }
        }
        5 => Change::SetSite { tracking_uid, site: Site::ALL[seed as usize % 4], source: SiteSource::Given },
        6 | 7 => Change::AddNeedle { at, needle: needle(&tracking_uid, seed) },
        8 => Change::DeleteNeedle { at },
        9 => Change::SetNeedle { at, needle: needle(&tracking_uid, seed) },
        10 => Change::SetMargin(if seed.is_multiple_of(5) { f64::NAN } else { seed as f64 / 9.0 }),
        11 => Change::SetAnswer {
            rule: ["age", "ps"][seed as usize % 2].into(),
            answer: [None, Some(Answer::Number(seed as f64)), Some(Answer::Yes(true))][seed as usize % 3],
        },
        12 => Change::Several(vec![
            Change::SetNotes(format!("被験者 {seed}")),
            change(plan, seed as u8 % 12, seed / 3),
            Change::SetSubject(format!("S-{seed}")),
            Change::SetPose(Pose::ALL[seed as usize % 5]),
        ]),
        _ => Change::SetReader(format!("reader {seed}")),
    }
}

fn planned(steps: &[(u8, u64)]) -> Plan {
    let mut plan = empty_plan();
    for (kind, seed) in steps {
        Edit::new(NOW, change(&plan, *kind, *seed)).apply(&mut plan).ok();
    }
    plan
}

fn steps() -> impl Strategy<Value = Vec<(u8, u64)>> {
    prop::collection::vec((any::<u8>(), 0u64..60), 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_edit_and_its_inverse_leave_the_plan_exactly_as_it_was(steps in steps()) {
        let mut plan = empty_plan();
        for (kind, seed) in steps {
            let before = plan.clone();
            match Edit::new(NOW, change(&plan, kind, seed)).apply(&mut plan) {
                Ok(inverse) => {
                    let after = plan.clone();
                    let again = inverse.apply(&mut plan).unwrap();
                    prop_assert_eq!(&plan, &before);
                    again.apply(&mut plan).unwrap();
                    prop_assert_eq!(&plan, &after);
                }
                Err(_) => prop_assert_eq!(&plan, &before, "a refused edit changed something"),
            }
        }
    }

    #[test]
    fn undoing_everything_and_redoing_everything_are_inverse(steps in steps()) {
        let mut history = History::new(empty_plan());
        for (kind, seed) in steps {
            let change = change(history.plan(), kind, seed);
            history.apply(Edit::new(NOW, change)).ok();
        }
        let last = history.plan().clone();
        let state = history.state();
        while history.undo().is_some() {}
        prop_assert_eq!(history.plan(), &empty_plan());
        prop_assert!(history.is_untouched());
        while history.redo().is_some() {}
        prop_assert_eq!(history.plan(), &last);
        prop_assert_eq!(history.state(), state);
    }

    #[test]
    fn a_plan_comes_back_from_its_file_as_it_was(steps in steps()) {
        let plan = planned(&steps);
        let bytes = file::to_bytes(&plan, Path::new("/data/plans"));
        prop_assert_eq!(file::from_bytes(&bytes, Path::new("/data/plans")).unwrap(), plan);
    }

    #[test]
    fn an_edit_comes_back_from_its_line_as_it_was(kind in any::<u8>(), seed in 0u64..60, before in steps()) {
        let plan = planned(&before);
        let edit = Edit::new(NOW, change(&plan, kind, seed));
        let line = file::edit_to_json(&edit);
        prop_assert!(!line.contains('\n'));
        match file::edit_from_json(&line) {
            Ok(again) => prop_assert_eq!(again, edit),
            // Not a number is not in JSON; such an edit is refused by the plan as well.
            Err(_) => prop_assert!(edit.apply(&mut plan.clone()).is_err()),
        }
    }

    /// Whatever is done to the bytes of a plan: it is a possible plan or an error, and never a crash.
    #[test]
    fn a_plan_damaged_anywhere_is_read_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let plan = planned(&[(0, 4), (6, 2), (4, 7), (11, 1)]);
        let mut bytes = file::to_bytes(&plan, Path::new("/"));
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(read) = file::from_bytes(&bytes, Path::new("/")) {
            for lesion in &read.lesions {
                prop_assert!(lesion.mask(read.ct.grid).is_some());
            }
        }
    }
}

#[test]
fn a_version_1_plan_is_read_for_ever() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let golden = std::fs::read(folder.join("plan-v1.json")).unwrap();
    let read = file::from_bytes(&golden, Path::new("/data/plans")).unwrap();
    let mut plan = empty_plan();
    for change in [
        Change::AddLesion { at: 0, lesion: Box::new(lesion(&plan, 15)), needles: Vec::new() },
        Change::SetSubject("S-001".into()),
        Change::SetReader("山田 太郎".into()),
        Change::SetNotes("二行の\nメモ".into()),
        Change::SetAnswer { rule: "age".into(), answer: Some(Answer::Number(72.0)) },
        Change::SetAnswer { rule: "consent".into(), answer: Some(Answer::Yes(true)) },
    ] {
        Edit::new(NOW, change).apply(&mut plan).unwrap();
    }
    let uid = plan.lesions[0].tracking_uid.clone();
    Edit::new(NOW, Change::AddNeedle { at: 0, needle: needle(&uid, 4) }).apply(&mut plan).unwrap();
    Edit::new(NOW, change(&plan, 4, 1)).apply(&mut plan).unwrap();
    assert_eq!(read, plan);
    assert!(file::is_plan(&golden));
}

#[test]
fn a_plan_refuses_another_ct_and_says_what_differs() {
    let plan = empty_plan();
    assert_eq!(plan.ct.check(&ct()), Ok(()));
    let mut other = ct();
    other.identity.hash = "cd".repeat(32);
    assert_eq!(plan.ct.check(&other).unwrap_err().what, "the image");
    let mut other = ct();
    other.identity.series_uid.push('4');
    let error = plan.ct.check(&other).unwrap_err();
    assert_eq!(error.what, "the series UID");
    assert_eq!(Words::new(Lang::Ja).get(&error.word()), "シリーズ UID");
    let mut other = ct();
    other.hu.grid.origin.z += 1.0;
    assert_eq!(plan.ct.check(&other).unwrap_err().what, "the place of the slices");
}

#[test]
fn the_bar_says_saved_only_while_the_file_has_the_plan_as_it_is() {
    let mut history = History::new(empty_plan());
    assert!(!history.is_saved() && history.is_untouched());
    history.apply(Edit::new(NOW, Change::SetMargin(7.0))).unwrap();
    history.mark_saved(history.state());
    assert!(history.is_saved());
    history.apply(Edit::new(NOW, Change::SetMargin(7.0))).unwrap();
    assert!(history.is_saved(), "an edit that changes nothing");
    history.apply(Edit::new(NOW, Change::SetMargin(8.0))).unwrap();
    assert!(!history.is_saved());
    history.undo();
    assert!(history.is_saved(), "back at what the file has");
    history.undo();
    assert!(!history.is_saved());
    history.redo();
    assert!(history.is_saved());
}

#[test]
fn undo_names_what_it_takes_back() {
    let mut history = History::new(empty_plan());
    let lesion = Box::new(lesion(history.plan(), 2));
    history.apply(Edit::new(NOW, Change::AddLesion { at: 0, lesion, needles: vec![] })).unwrap();
    let uid = history.plan().lesions[0].tracking_uid.clone();
    history.apply(Edit::new(NOW, Change::AddNeedle { at: 0, needle: needle(&uid, 2) })).unwrap();
    let mut moved = needle(&uid, 2);
    moved.needle.tip.z += 3.0;
    history.apply(Edit::new(NOW, Change::SetNeedle { at: 0, needle: moved })).unwrap();
    let name = |n: Option<icepath::plan::EditName>| n.unwrap().sentence(&Words::new(Lang::En));
    assert_eq!(name(history.undo_name()), "move needle 1");
    history.undo();
    assert_eq!(name(history.redo_name()), "move needle 1");
    assert_eq!(name(history.undo_name()), "add needle 1");
    history.apply(Edit::new(NOW, Change::DeleteLesion { tracking_uid: uid })).unwrap();
    assert!(history.plan().needles.is_empty(), "its needles go with it");
    assert_eq!(name(history.undo()), "delete lesion 1");
    assert_eq!(history.plan().needles.len(), 1);
    assert_eq!(history.undo_name().unwrap().sentence(&Words::new(Lang::Ja)), "凍結針 1 の追加");
}

#[test]
fn a_fourth_target_lesion_is_refused_with_the_reason() {
    let mut plan = planned(&[(0, 0), (0, 1), (0, 2)]);
    let fourth = Change::AddLesion { at: 3, lesion: Box::new(lesion(&plan, 3)), needles: vec![] };
    assert_eq!(Edit::new(NOW, fourth).apply(&mut plan), Err(EditError::TooManyLesions));
    assert_eq!(plan.lesions.len(), 3);
    let error = Edit::new(NOW, Change::SetMargin(f64::INFINITY)).apply(&mut plan).unwrap_err();
    assert_eq!(error.sentence(&Words::new(Lang::Ja)), "指定できない値です: 安全域。");
}

#[test]
fn saving_moves_with_the_plan_and_never_leaves_half_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let mut plan = planned(&[(0, 4), (6, 2)]);
    plan.ct.place = Some(root.join("ct/one"));
    std::fs::create_dir(root.join("plans")).unwrap();
    let path = root.join("plans/plan.json");
    file::save(&plan, &path).unwrap();
    assert_eq!(file::load(&path).unwrap(), plan);
    assert!(String::from_utf8(std::fs::read(&path).unwrap()).unwrap().contains("\"place\": \"../ct/one\""));
    assert!(file::save(&plan, &root.join("no/plan.json")).is_err());
    assert!(matches!(file::load(&root.join("none.json")), Err(PlanFileError::Unreadable(_))));
}

#[test]
fn a_plan_of_another_ct_and_what_is_no_plan_are_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("plan.json");
    let plan = empty_plan();
    assert!(icepath::case::free_for(dir.path(), &plan.ct.hash).is_ok(), "an empty folder is free");
    icepath::plan::file::save(&plan, &file).unwrap();
    assert!(icepath::case::free_for(dir.path(), &plan.ct.hash).is_ok(), "the same CT's plan may be made again");
    let other = icepath::case::free_for(dir.path(), "another");
    assert_eq!(other.unwrap_err().code(), "plan-there");
    std::fs::write(&file, "somebody's notes").unwrap();
    assert_eq!(icepath::case::free_for(dir.path(), &plan.ct.hash).unwrap_err().code(), "plan-there");
    assert_eq!(std::fs::read(&file).unwrap(), b"somebody's notes");
}
