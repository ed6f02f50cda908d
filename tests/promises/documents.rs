//! What the command line prints is what `docs/cli.md` says.

use icepath::ct::{self, Finding, SeriesToWrite, Syntax, Where};
use icepath::export::result::*;
use icepath::export::{ErrorDocument, FindingDocument, PickedDocument, SeriesDocument, VolumeDocument, crf_csv};
use icepath::jobs::Progress;
use icepath::lesion::{Axis, Measurement};
use icepath::needle::{Clearance, Needle, Status, Verdict, Violation};
use icepath::plan::PlannedNeedle;
use icepath::space::{Grid, Lps, Volume};
use icepath::terms::{Code, Pose};
use icepath::trial::{COLUMNS, LesionFacts, Protocol, judge};
use icepath::words::{Lang, Words};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn finding() -> FindingDocument {
    let place = Where { file: Some("a/b.dcm".into()), slices: Some((2, 5)), lps_mm: Some(Lps::new(1.0, 2.0, 3.0)) };
    FindingDocument::of(&Finding { place, ..Finding::new(Code::SoftBorder) }, &Words::new(Lang::En))
}

fn lesion() -> LesionOut {
    let axis = |mm| Axis { ends: [Lps::default(), Lps::new(mm, 0.0, 0.0)], mm, pm_mm: 0.7 };
    let measured = Measurement {
        voxels: 10,
        volume_mm3: 12.4,
        long: axis(31.4),
        short: axis(24.9),
        slice: 3,
        max_3d_diameter_mm: 35.0,
        centroid: Lps::new(1.0, 2.0, 3.0),
        mean_hu: -77.0,
        findings: Vec::new(),
    };
    LesionOut::of(&measured, Some("1.2.3"), "solid-in-air/1")
}

fn needle() -> NeedleOut {
    let planned = PlannedNeedle {
        needle: Needle {
            model: "icesphere".into(),
            entry: Lps::new(0.0, 100.0, 0.0),
            tip: Lps::new(0.0, 0.0, 0.0),
            pose: Pose::Prone,
        },
        lesion: "2.25.1".into(),
    };
    let clearance = |status, measured| Clearance {
        rule: "bone".into(),
        structure: "bone".into(),
        measured,
        allowed: 2.0,
        status,
        at: None,
    };
    let verdict = Verdict {
        clearances: vec![
            clearance(Status::Broken, Some(1.0)),
            clearance(Status::Unknown, None),
            clearance(Status::Warning, Some(1.5)),
        ],
        violations: Vec::new(),
        pleura_depth_mm: Some(30.0),
        findings: Vec::new(),
    };
    NeedleOut::of(&planned, &verdict, glam::DVec3::NEG_Y)
}

/// The documents of `series` and `volume` of a small series on disk.
fn scan_documents() -> (Value, Value, Option<PickedDocument>) {
    let grid = Grid {
        size: [16, 16, 8],
        spacing: glam::DVec3::new(1.0, 1.0, 2.0),
        origin: Lps::default(),
        axes: glam::DMat3::IDENTITY,
    };
    let hu = Volume::filled(grid, 40i16);
    let folder = tempfile::tempdir().unwrap();
    let series = SeriesToWrite {
        hu: &hu,
        seed: "documents",
        patient_id: "7",
        patient_name: "Test^Nobody",
        description: "synthetic",
        date: "20260105",
        patient_position: "HFS",
        kernel: "STANDARD",
        contrast: None,
        syntax: Syntax::ExplicitLittleEndian,
    };
    ct::write_series(folder.path(), &series, &Progress::none()).unwrap();
    let words = Words::new(Lang::En);
    let listing = ct::scan(folder.path(), &Progress::none()).unwrap();
    let ct = ct::load(&listing, None, &Progress::none()).unwrap();
    let picked = || PickedDocument::of(&listing, &words);
    let volume = VolumeDocument::of(&ct, picked(), 0.5, &listing.findings, vec![], &words);
    let value = |d: String| serde_json::from_str::<Value>(&d).unwrap();
    (value(to_json(&SeriesDocument::of(&listing, true, &words))), value(to_json(&volume)), picked())
}

fn documents() -> Vec<(&'static str, Value)> {
    let violation = Violation {
        rule: "bone".into(),
        structure: "bone".into(),
        measured: 1.0,
        allowed: 2.0,
        at: Lps::default(),
        depth_mm: 40.0,
    };
    let facts = LesionFacts {
        site: icepath::terms::Site::Lung,
        long_axis_mm: 31.4,
        long_axis_pm_mm: 0.7,
        max_3d_diameter_mm: 36.0,
    };
    let eligibility = judge(&Protocol::keio().unwrap(), &facts, 1, &BTreeMap::new());
    let by = ByTemperature { zero: Some(1.0), minus20: Some(0.9), minus40: None };
    let coverage = CoverageOut { lesion: "2.25.1".into(), fraction_inside: by, least_margin_mm: by };
    let (series, volume, picked) = scan_documents();
    let plan = PlanDocument {
        series_uid: "1.2".into(),
        sample: true,
        lesions: vec![PlanLesionOut {
            measured: lesion(),
            measured_by: "automatic",
            lesion_id: "T01".into(),
            tracking_uid: "2.25.1".into(),
            site: "lung",
            site_source: "guessed",
            eligibility: EligibilityOut::of(&eligibility),
        }],
        needles: vec![needle()],
        alternatives: vec![AlternativeOut { lesion: "2.25.1".into(), needle: needle(), reason: "shortest".into() }],
        ice: IceOut { isotherms: vec![IsothermOut { celsius: -20.0, volume_ml: 4.0 }], verified: false },
        coverage: vec![coverage.clone()],
        violations: vec![ViolationOut::of(1, &violation)],
        findings: vec![finding()],
        seconds: Stages(vec![]),
        files: vec!["plan.json".into()],
        picked,
    };
    let error = ErrorDocument::new("click-in-air", "text", "1, 2, 3", vec![finding()]);
    let value = |d: String| serde_json::from_str::<Value>(&d).unwrap();
    vec![
        ("series", series),
        ("volume", volume),
        (
            "lesion",
            value(to_json(&LesionDocument {
                lesion: lesion(),
                findings: vec![],
                seconds: 0.5,
                files: vec![],
                picked: None,
            })),
        ),
        (
            "anatomy",
            value(to_json(&AnatomyDocument {
                structures: vec![StructureOut { name: "body".into(), label: 1, seen: true, volume_ml: 1.0, voxels: 3 }],
                findings: vec![],
                seconds: 0.5,
                files: vec![],
                picked: None,
            })),
        ),
        ("plan", value(to_json(&plan))),
        (
            "check",
            value(to_json(&CheckDocument {
                needles: vec![needle()],
                coverage: vec![coverage],
                violations: vec![],
                findings: vec![],
                differences: vec![DifferenceOut {
                    lesion: "2.25.1".into(),
                    what: "volume_mm3".into(),
                    saved: 1.0,
                    now: 2.0,
                }],
            })),
        ),
        ("error", value(to_json(&error))),
    ]
}

fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                found.insert(name.clone());
                names(inner, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| names(inner, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_every_document_is_in_the_contract() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cli.md")).unwrap();
    for (document, value) in documents() {
        let mut found = BTreeSet::new();
        names(&value, &mut found);
        for name in found {
            let told = page.contains(&format!("`{name}`")) || page.contains(&format!("`\"{name}\"`"));
            assert!(told, "docs/cli.md does not name `{name}` of {document}");
        }
    }
    for column in COLUMNS {
        assert!(page.contains(&format!("`{column}`")), "docs/cli.md does not name the column {column}");
    }
}

/// The fields that others read. This list only ever grows.
#[test]
fn no_promised_field_is_gone() {
    let documents: BTreeMap<_, _> = documents().into_iter().collect();
    let has = |document: &str, pointer: &str, fields: &str| {
        let object = documents[document].pointer(pointer).unwrap_or_else(|| panic!("{document}{pointer}"));
        for field in fields.split_whitespace() {
            assert!(object.get(field).is_some(), "{document}{pointer} has no {field}");
        }
    };
    has(
        "series",
        "/series/0",
        "series_uid description modality n_slices size spacing_mm origin_lps_mm direction patient_position
         usable_for_planning findings volumes patient",
    );
    has("series", "/series/0/volumes/0", "id n_slices size spacing_mm");
    has("series", "/picked", "series_uid reason");
    has("plan", "/findings/0", "code severity text where");
    has("plan", "/findings/0/where", "file slices lps_mm");
    has("volume", "/picked", "series_uid reason");
    has("series", "/series/0/patient", "alphabetic ideographic phonetic id");
    has("volume", "", "series_uid size spacing_mm origin_lps_mm direction hu_min hu_max hu_mean seconds findings");
    let lesion = "volume_mm3 voxels long_axis_mm long_axis_pm_mm short_axis_mm short_axis_pm_mm long_axis_lps_mm
         short_axis_lps_mm axial_sop_instance_uid max_3d_diameter_mm centroid_lps_mm mean_hu method";
    has("lesion", "/lesion", lesion);
    has("lesion", "", "lesion findings seconds files");
    has("anatomy", "/structures/0", "name label seen volume_ml voxels");
    has("anatomy", "", "structures findings seconds files");
    has("plan", "", "lesions needles alternatives ice coverage violations findings seconds files");
    has("plan", "/lesions/0", lesion);
    has("plan", "/lesions/0", "tracking_uid site site_source eligibility");
    has("plan", "/lesions/0/eligibility/rules/0", "id status measured limit why");
    let needle =
        "lesion model pose entry_lps_mm tip_lps_mm depth_mm in_plane_angle_deg craniocaudal_angle_deg clearances";
    has("plan", "/needles/0", needle);
    has("plan", "/alternatives/0/needle", needle);
    has("plan", "/needles/0/clearances/0", "rule structure distance_mm allowed_mm status");
    has("plan", "/ice", "isotherms verified");
    has("plan", "/ice/isotherms/0", "celsius volume_ml");
    has("plan", "/coverage/0/fraction_inside", "0 -20 -40");
    has("plan", "/coverage/0/least_margin_mm", "0 -20 -40");
    has("plan", "/violations/0", "needle rule structure distance_mm allowed_mm at_lps_mm depth_mm");
    has("check", "", "needles coverage violations findings");
    has("error", "", "error findings");
    has("error", "/error", "code text where");
}

#[test]
fn statuses_are_the_promised_words() {
    let documents: BTreeMap<_, _> = documents().into_iter().collect();
    let plan = &documents["plan"];
    let status = |n: usize| plan.pointer(&format!("/needles/0/clearances/{n}/status")).unwrap().as_str().unwrap();
    assert_eq!([status(0), status(1), status(2)], ["broken", "unknown", "ok"]);
    assert_eq!(plan.pointer("/needles/0/clearances/1/distance_mm"), Some(&Value::Null));
    assert_eq!(plan.pointer("/needles/0/clearances/2/warns"), Some(&Value::Bool(true)));
    assert_eq!(plan.pointer("/lesions/0/eligibility/status").unwrap(), "unknown");
    assert_eq!(plan.pointer("/lesions/0/eligibility/rules/3/status").unwrap(), "met");
}

#[test]
fn the_crf_header_is_the_contract_s_to_the_letter() {
    let bytes = crf_csv(&[]);
    let header = "subject_id,visit,lesion_id,tracking_uid,role,site,site_source,side,lobe,scan_date,series_uid,slice_thickness_mm,\
        slice_spacing_mm,kernel,contrast,measured_sop_instance_uid,measured_z_mm,long_axis_mm,long_axis_pm_mm,long_axis_auto_mm,\
        long_axis_reader_mm,short_axis_mm,short_axis_pm_mm,short_axis_auto_mm,short_axis_reader_mm,max_3d_diameter_mm,volume_mm3,\
        mean_hu,method,measured_by,reader,measured_at,eligibility,eligibility_why,findings,needles,least_margin_minus20_mm,\
        needle_data_verified,software_version\r\n";
    assert_eq!(bytes, format!("\u{feff}{header}").into_bytes());
}
