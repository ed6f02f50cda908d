//! JSON about scans: the documents of `series` and `volume`, findings, errors. Field names are the contract of
//! `docs/cli.md`: fields are added, never renamed.

use crate::ct::{Ct, CtError, Finding, Listing, SeriesEntry, VolumeEntry};
use crate::space::{Lps, PADDING};
use crate::words::Words;
use glam::{DMat3, DVec3};
use serde::Serialize;

/// A finding: `{code, severity, text, where}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingDocument {
    code: &'static str,
    severity: &'static str,
    text: String,
    #[serde(rename = "where")]
    place: WhereDocument,
}

#[derive(Clone, Debug, PartialEq, Default, Serialize)]
struct WhereDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slices: Option<[usize; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lps_mm: Option<Lps>,
}

impl FindingDocument {
    /// The finding with its text in the words' language.
    pub fn of(finding: &Finding, words: &Words) -> FindingDocument {
        FindingDocument {
            code: finding.code.name(),
            severity: finding.severity.name(),
            text: finding.sentence(words),
            place: WhereDocument {
                file: finding.place.file.as_ref().map(|f| f.display().to_string()),
                slices: finding.place.slices.map(|(a, b)| [a, b]),
                lps_mm: finding.place.lps_mm,
            },
        }
    }

    /// All of a list.
    pub fn all(findings: &[Finding], words: &Words) -> Vec<FindingDocument> {
        findings.iter().map(|f| FindingDocument::of(f, words)).collect()
    }
}

/// What exit 2 prints with `--json`: `{error {code, text, where}, findings[]}`.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorDocument {
    error: ErrorBody,
    findings: Vec<FindingDocument>,
}

#[derive(Clone, Debug, Serialize)]
struct ErrorBody {
    code: String,
    text: String,
    #[serde(rename = "where")]
    place: String,
}

impl ErrorDocument {
    /// An error with its code, its sentence and where it happened.
    pub fn new(code: &str, text: &str, place: &str, findings: Vec<FindingDocument>) -> ErrorDocument {
        ErrorDocument { error: ErrorBody { code: code.into(), text: text.into(), place: place.into() }, findings }
    }
}

/// The patient, only where asked for.
#[derive(Clone, Debug, Serialize)]
pub struct PatientDocument {
    alphabetic: String,
    ideographic: String,
    phonetic: String,
    id: String,
}

/// The picker's choice.
#[derive(Clone, Debug, Serialize)]
pub struct PickedDocument {
    series_uid: String,
    id: String,
    reason: &'static str,
    text: String,
}

impl PickedDocument {
    /// The choice of a listing, if there is one.
    pub fn of(listing: &Listing, words: &Words) -> Option<PickedDocument> {
        let p = listing.picked.as_ref()?;
        Some(PickedDocument {
            series_uid: p.series_uid.clone(),
            id: p.id.clone(),
            reason: p.reason,
            text: words.get(p.reason),
        })
    }
}

/// The document of `series`.
#[derive(Clone, Debug, Serialize)]
pub struct SeriesDocument {
    series: Vec<OneSeries>,
    picked: Option<PickedDocument>,
    findings: Vec<FindingDocument>,
}

#[derive(Clone, Debug, Serialize)]
struct OneSeries {
    series_uid: String,
    id: String,
    description: String,
    modality: String,
    n_slices: usize,
    size: Option<[usize; 3]>,
    spacing_mm: Option<[f64; 3]>,
    origin_lps_mm: Option<Lps>,
    direction: Option<[[f64; 3]; 3]>,
    patient_position: String,
    kernel: String,
    slice_thickness_mm: Option<f64>,
    contrast: Option<String>,
    date: Option<String>,
    usable_for_planning: bool,
    findings: Vec<FindingDocument>,
    volumes: Vec<OneVolume>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<PatientDocument>,
}

#[derive(Clone, Debug, Serialize)]
struct OneVolume {
    id: String,
    label: String,
    n_slices: usize,
    size: [usize; 3],
    spacing_mm: [f64; 3],
    origin_lps_mm: Lps,
    direction: [[f64; 3]; 3],
    usable_for_planning: bool,
    findings: Vec<FindingDocument>,
}

/// Rows of a matrix whose columns are the axes.
fn rows(m: DMat3) -> [[f64; 3]; 3] {
    m.transpose().to_cols_array_2d()
}

fn xyz(v: DVec3) -> [f64; 3] {
    v.to_array()
}

impl SeriesDocument {
    /// What a listing holds; the patient only if `show_patient`.
    pub fn of(listing: &Listing, show_patient: bool, words: &Words) -> SeriesDocument {
        SeriesDocument {
            series: listing.series.iter().map(|s| OneSeries::of(s, show_patient, words)).collect(),
            picked: PickedDocument::of(listing, words),
            findings: FindingDocument::all(&listing.findings, words),
        }
    }
}

impl OneSeries {
    fn of(s: &SeriesEntry, show_patient: bool, words: &Words) -> OneSeries {
        OneSeries {
            series_uid: s.series_uid.clone(),
            id: s.id.clone(),
            description: s.description.clone(),
            modality: s.modality.clone(),
            n_slices: s.n_slices,
            size: s.size,
            spacing_mm: s.spacing_mm.map(xyz),
            origin_lps_mm: s.origin,
            direction: s.direction.map(rows),
            patient_position: s.patient_position.clone(),
            kernel: s.kernel.clone(),
            slice_thickness_mm: s.slice_thickness_mm,
            contrast: s.contrast.clone(),
            date: s.date.clone(),
            usable_for_planning: s.usable_for_planning,
            findings: FindingDocument::all(&s.findings, words),
            volumes: s.volumes.iter().map(|v| OneVolume::of(v, words)).collect(),
            patient: show_patient.then(|| PatientDocument {
                alphabetic: s.patient.alphabetic.clone(),
                ideographic: s.patient.ideographic.clone(),
                phonetic: s.patient.phonetic.clone(),
                id: s.patient.id.clone(),
            }),
        }
    }
}

impl OneVolume {
    fn of(v: &VolumeEntry, words: &Words) -> OneVolume {
        OneVolume {
            id: v.id.clone(),
            label: v.label.clone(),
            n_slices: v.n_slices,
            size: v.size,
            spacing_mm: xyz(v.spacing_mm),
            origin_lps_mm: v.origin,
            direction: rows(v.direction),
            usable_for_planning: v.usable_for_planning,
            findings: FindingDocument::all(&v.findings, words),
        }
    }
}

/// The document of `volume`.
#[derive(Clone, Debug, Serialize)]
pub struct VolumeDocument {
    series_uid: String,
    picked: Option<PickedDocument>,
    size: [usize; 3],
    spacing_mm: [f64; 3],
    origin_lps_mm: Lps,
    direction: [[f64; 3]; 3],
    hu_min: Option<i16>,
    hu_max: Option<i16>,
    hu_mean: Option<f64>,
    hash: String,
    seconds: f64,
    findings: Vec<FindingDocument>,
    files: Vec<String>,
}

impl VolumeDocument {
    /// What a loaded CT is; `seconds` from opening the path to the finished volume; `scan_findings` those of the scan.
    pub fn of(
        ct: &Ct,
        picked: Option<PickedDocument>,
        seconds: f64,
        scan_findings: &[Finding],
        files: Vec<String>,
        words: &Words,
    ) -> VolumeDocument {
        let measured = || ct.hu.data.iter().filter(|v| **v != PADDING);
        let n = measured().count();
        let sum: i64 = measured().map(|v| i64::from(*v)).sum();
        let grid = ct.hu.grid;
        let mut findings = FindingDocument::all(scan_findings, words);
        findings.extend(FindingDocument::all(&ct.findings, words));
        VolumeDocument {
            series_uid: ct.identity.series_uid.clone(),
            picked,
            size: grid.size,
            spacing_mm: xyz(grid.spacing),
            origin_lps_mm: grid.origin,
            direction: rows(grid.axes),
            hu_min: measured().min().copied(),
            hu_max: measured().max().copied(),
            hu_mean: (n > 0).then(|| sum as f64 / n as f64),
            hash: ct.identity.hash.clone(),
            seconds,
            findings,
            files,
        }
    }
}

impl ErrorDocument {
    /// Why there is no CT.
    pub fn of_ct(error: &CtError, place: &str, scan_findings: &[Finding], words: &Words) -> ErrorDocument {
        let text = error.finding().map_or_else(|| error.to_string(), |f| f.sentence(words));
        ErrorDocument::new(error.code(), &text, place, FindingDocument::all(scan_findings, words))
    }
}
