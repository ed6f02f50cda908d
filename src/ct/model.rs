//! What a loaded CT is.

use super::finding::Finding;
use crate::space::{Lps, Volume};
use crate::terms::{Code, Pose};
use glam::DVec3;

/// Where a volume came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A DICOM series: slices have UIDs, a CRF row can be written.
    Dicom,
    /// A NIfTI or NRRD file: research input, no UIDs, no CRF row.
    Research,
}

/// One source slice (or frame) of the series, as it was acquired.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// SOP Instance UID (0008,0018).
    pub sop_instance_uid: String,
    /// SOP Class UID (0008,0016).
    pub sop_class_uid: String,
    /// Frame within the instance, from 1; `None` for single-frame objects.
    pub frame: Option<u32>,
    /// Image Position (Patient) (0020,0032).
    pub position: Lps,
    /// Direction of a row, then of a column: Image Orientation (Patient) (0020,0037).
    pub orientation: [DVec3; 2],
    /// mm along the row and along the column (the second, then the first value of Pixel Spacing).
    pub spacing: [f64; 2],
    /// Instance Number (0020,0013), if given.
    pub instance_number: Option<i64>,
}

/// What slice k of the volume was made from.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// The very pixels of one source slice: its place in `Ct::slices`.
    Measured(usize),
    /// Interpolated between two source slices.
    Interpolated(usize, usize),
    /// Nothing was measured here.
    Gap,
}

/// Who this CT is, for binding a plan to it. Nothing here names the patient.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Identity {
    /// Series Instance UID; empty for research input.
    pub series_uid: String,
    /// Study Instance UID; empty for research input.
    pub study_uid: String,
    /// Frame of Reference UID (0020,0052); empty if absent.
    pub frame_of_reference_uid: String,
    /// SHA-256, in hex, over the fast checksums of the decoded stored values, masked to BitsStored, in slice order.
    pub hash: String,
}

/// How it was acquired, as far as the headers tell.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Acquisition {
    /// Series Description, cleaned of control characters. May name a person in careless hospitals: never in file names.
    pub description: String,
    /// Modality.
    pub modality: String,
    /// Patient Position (0018,5100): `HFS`, ….
    pub patient_position: String,
    /// Convolution Kernel.
    pub kernel: String,
    /// Contrast agent, if the headers tell of one.
    pub contrast: Option<String>,
    /// Slice Thickness (0018,0050), mm.
    pub slice_thickness_mm: Option<f64>,
    /// Acquisition Date, else Series Date, else Study Date, as YYYY-MM-DD.
    pub date: Option<String>,
    /// Manufacturer and model.
    pub scanner: String,
    /// kVp.
    pub kvp: Option<f64>,
    /// Window centre and width of the file, if given.
    pub window: Option<(f64, f64)>,
}

/// One CT, checked and complete.
#[derive(Clone, Debug)]
pub struct Ct {
    /// HU; [`crate::space::PADDING`] where nothing was measured. The axes are row, column and row × column, slice 0 lies
    /// lowest along the last: at the feet for pictures in the usual pose. Ask the grid, not the index, what is up.
    pub hu: Volume<i16>,
    /// Where it came from.
    pub source: Source,
    /// Source slices in order of position along the normal.
    pub slices: Vec<Slice>,
    /// For each k of the volume, what it was made from.
    pub rows: Vec<Row>,
    /// ± of positions from the geometry (jitter, uneven distances), mm.
    pub position_pm_mm: f64,
    /// Who it is.
    pub identity: Identity,
    /// How it was acquired.
    pub acquisition: Acquisition,
    /// What was doubtful.
    pub findings: Vec<Finding>,
}

impl Ct {
    /// The direction that was down on the scanner's table, LPS; from Patient Position, else posterior.
    pub fn down(&self) -> DVec3 {
        match Pose::from_patient_position(&self.acquisition.patient_position) {
            Some(Pose::Prone) => DVec3::NEG_Y,
            Some(Pose::LeftDecubitus) => DVec3::X,
            Some(Pose::RightDecubitus) => DVec3::NEG_X,
            _ => DVec3::Y,
        }
    }

    /// SOP Instance UID of the source slice behind slice k of the volume, if it is one slice's own pixels.
    pub fn sop_instance_uid(&self, k: usize) -> Option<&str> {
        match self.rows.get(k)? {
            Row::Measured(n) => self.slices.get(*n).map(|s| s.sop_instance_uid.as_str()),
            _ => None,
        }
    }

    /// Whether a finding of that code was made.
    pub fn has(&self, code: Code) -> bool {
        self.findings.iter().any(|f| f.code == code)
    }
}
