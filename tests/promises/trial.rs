//! The CRF's rows say what was decided and measured, and nothing that is not known.

use icepath::ct::{Acquisition, Ct, Finding, Identity, Source};
use icepath::export::crf_csv;
use icepath::lesion::{Axis, Gesture};
use icepath::needle::Needle;
use icepath::plan::{
    Answer, Change, CtBinding, Edit, Lesion, Measured, Outline, PackedMask, Plan, PlannedNeedle, ReaderAxes, SiteSource,
};
use icepath::space::{Grid, Lps, Mask, Volume, Voxel};
use icepath::terms::{Code, Pose, Side, Site};
use icepath::trial::{COLUMNS, Eligibility, Known, Protocol, row};
use std::collections::BTreeMap;

const NOW: &str = "2026-01-05T10:00:00Z";

fn ct() -> Ct {
    let grid = Grid {
        size: [20, 20, 10],
        spacing: glam::DVec3::new(0.703125, 0.703125, 2.5),
        origin: Lps::new(0.0, 0.0, -340.0),
        axes: glam::DMat3::IDENTITY,
    };
    Ct {
        hu: Volume::filled(grid, 0),
        source: Source::Dicom,
        slices: Vec::new(),
        rows: Vec::new(),
        position_pm_mm: 0.0,
        identity: Identity { series_uid: "1.2.3".into(), hash: "ab".into(), ..Identity::default() },
        acquisition: Acquisition {
            date: Some("2025-12-24".into()),
            slice_thickness_mm: Some(2.5),
            kernel: "STANDARD".into(),
            ..Acquisition::default()
        },
        findings: Vec::new(),
    }
}

fn axis(mm: f64) -> Axis {
    Axis { ends: [Lps::default(), Lps::new(mm, 0.0, 0.0)], mm, pm_mm: 0.7 }
}

fn plan(ct: &Ct) -> Plan {
    let mut mask = Mask::empty(ct.hu.grid);
    mask.set(Voxel::new(5, 5, 4), true);
    let mut plan = Plan::new(CtBinding::of(ct, None, None), false);
    let lesion = Lesion {
        tracking_uid: plan.new_tracking_uid(NOW),
        site: Site::Lung,
        site_source: SiteSource::Guessed,
        outline: Outline {
            gesture: Gesture::Click(Lps::default()),
            mask: PackedMask::pack(&mask),
            method: "solid-in-air/1".into(),
            software: "0".into(),
            level_hu: None,
            measured: Measured {
                long: axis(31.456),
                short: axis(24.9),
                slice: 4,
                sop_instance_uid: Some("1.2.3.4".into()),
                voxels: 1,
                volume_mm3: 6708.82,
                max_3d_diameter_mm: 33.0,
                centroid: Lps::default(),
                mean_hu: -76.94,
            },
            accepted_at: NOW.into(),
            findings: Vec::new(),
        },
        by_reader: None,
    };
    let add = Change::AddLesion { at: 0, lesion: Box::new(lesion), needles: vec![] };
    Edit::new(NOW, add).apply(&mut plan).unwrap();
    plan
}

fn cells(ct: &Ct, plan: &Plan, findings: &[Finding], margin: Option<f64>) -> BTreeMap<String, String> {
    let eligibility = Eligibility::of(&Protocol::keio().unwrap(), plan, &plan.lesions[0]);
    let known = Known {
        eligibility: &eligibility,
        side: Some(Side::Left),
        lobe: None,
        findings,
        least_margin_minus20_mm: margin,
        needle_data_verified: margin.map(|_| false),
    };
    let bytes = crf_csv(&[row(ct, plan, 0, &known).unwrap()]);
    let mut reader = csv::Reader::from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_string).collect();
    assert_eq!(header, COLUMNS);
    let record = reader.records().next().unwrap().unwrap();
    header.into_iter().zip(record.iter().map(str::to_string)).collect()
}

#[test]
fn a_row_of_a_fresh_plan_knows_what_it_measured_and_leaves_the_rest_empty() {
    let ct = ct();
    let c = cells(&ct, &plan(&ct), &[], None);
    for (column, value) in [
        ("subject_id", ""),
        ("visit", "baseline"),
        ("lesion_id", "T01"),
        ("role", "target"),
        ("site", "lung"),
        ("site_source", "guessed"),
        ("side", "left"),
        ("lobe", ""),
        ("scan_date", "2025-12-24"),
        ("slice_thickness_mm", "2.5"),
        ("slice_spacing_mm", "2.5"),
        ("contrast", ""),
        ("measured_sop_instance_uid", "1.2.3.4"),
        ("measured_z_mm", "-330.00"),
        ("long_axis_mm", "31.46"),
        ("long_axis_auto_mm", "31.46"),
        ("long_axis_reader_mm", ""),
        ("volume_mm3", "6708.8"),
        ("mean_hu", "-76.9"),
        ("measured_by", "automatic"),
        ("reader", ""),
        ("measured_at", NOW),
        ("eligibility", "unknown"),
        ("findings", ""),
        ("needles", ""),
        ("least_margin_minus20_mm", ""),
        ("needle_data_verified", ""),
    ] {
        assert_eq!(c[column], value, "{column}");
    }
    assert!(c["eligibility_why"].contains("age=not-answered") && !c["eligibility_why"].contains("size-lung"));
    assert!(c["tracking_uid"].starts_with("2.25."));
}

#[test]
fn a_reader_s_diameter_counts_and_both_are_kept() {
    let ct = ct();
    let mut plan = plan(&ct);
    let uid = plan.lesions[0].tracking_uid.clone();
    let axes = ReaderAxes {
        long: axis(36.2),
        short: axis(20.0),
        slice: 5,
        sop_instance_uid: Some("1.2.3.5".into()),
        reader: "R2".into(),
        measured_at: "2026-01-06T09:00:00Z".into(),
    };
    let needle = Needle {
        model: "icesphere".into(),
        entry: Lps::new(0.0, 80.0, -330.0),
        tip: Lps::new(0.0, 10.0, -330.0),
        pose: Pose::Prone,
    };
    for change in [
        Change::SetReaderAxes { tracking_uid: uid.clone(), axes: Some(axes) },
        Change::SetReader("=R1".into()),
        Change::SetSubject("=cmd|' /C calc'!A0".into()),
        Change::SetAnswer { rule: "infection".into(), answer: Some(Answer::Yes(false)) },
        Change::AddNeedle { at: 0, needle: PlannedNeedle { needle: needle.clone(), lesion: uid.clone() } },
        Change::AddNeedle { at: 1, needle: PlannedNeedle { needle, lesion: uid } },
    ] {
        Edit::new(NOW, change).apply(&mut plan).unwrap();
    }
    let findings = [Code::SoftBorder, Code::SubjectMissing, Code::SoftBorder].map(Finding::new);
    let c = cells(&ct, &plan, &findings, Some(-1.25));
    for (column, value) in [
        ("subject_id", "'=cmd|' /C calc'!A0"),
        ("long_axis_mm", "36.20"),
        ("long_axis_auto_mm", "31.46"),
        ("long_axis_reader_mm", "36.20"),
        ("short_axis_mm", "20.00"),
        ("short_axis_auto_mm", "24.90"),
        ("measured_sop_instance_uid", "1.2.3.5"),
        ("measured_z_mm", "-327.50"),
        ("measured_by", "reader"),
        ("reader", "R2"),
        ("measured_at", "2026-01-06T09:00:00Z"),
        ("eligibility", "not_met"),
        ("findings", "soft-border;subject-missing"),
        ("needles", "icesphere;icesphere"),
        ("least_margin_minus20_mm", "-1.25"),
        ("needle_data_verified", "false"),
    ] {
        assert_eq!(c[column], value, "{column}");
    }
    assert!(c["eligibility_why"].starts_with("malignancy=not-answered;"));
    assert!(c["eligibility_why"].contains("size-lung=over-limit"));
    assert!(!c["eligibility_why"].contains("infection"));
}

#[test]
fn a_research_volume_gives_no_row() {
    let mut ct = ct();
    let plan = plan(&ct);
    ct.source = Source::Research;
    let eligibility = Eligibility::of(&Protocol::keio().unwrap(), &plan, &plan.lesions[0]);
    let known = Known {
        eligibility: &eligibility,
        side: None,
        lobe: None,
        findings: &[],
        least_margin_minus20_mm: None,
        needle_data_verified: None,
    };
    assert_eq!(row(&ct, &plan, 0, &known), None);
    ct.source = Source::Dicom;
    assert_eq!(row(&ct, &plan, 1, &known), None, "no such lesion");
}
