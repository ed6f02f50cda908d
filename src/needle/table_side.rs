//! What is needed at the table to place a needle.

use super::model::{Needle, Verdict};
use super::surroundings::down;
use crate::anatomy::Anatomy;
use crate::ct::{Ct, Row};
use crate::space::Lps;
use crate::terms::Pose;

/// A needle as it is told at the table. Positions are those of the planning CT.
#[derive(Clone, Debug, PartialEq)]
pub struct TableSide {
    /// The model's id.
    pub model: String,
    /// How the patient lies.
    pub pose: Pose,
    /// Number of the slice on which the entry lies, counted from 1 at the first slice of the volume (the feet's end in the
    /// usual pose); `None` if the entry lies outside of the scan.
    pub entry_slice: Option<usize>,
    /// How many slices there are.
    pub slices: usize,
    /// That slice's Instance Number (0020,0013), which is what other viewers call it; `None` where no source slice lies
    /// there or it has none.
    pub image_number: Option<i64>,
    /// z of the entry, LPS mm: the scanner's table position where it is told in patient coordinates.
    pub entry_z_mm: f64,
    /// From the lesion's measuring slice to the entry along the body, mm: positive towards the head.
    pub from_measuring_slice_mm: f64,
    /// From the carina to the entry along the body, mm: positive towards the head; `None` if the carina was not seen.
    pub from_carina_mm: Option<f64>,
    /// From the midline (the sagittal plane through the spinal canal at the entry's height) to the entry, mm: positive to
    /// the patient's left; `None` if the canal was not seen.
    pub from_midline_mm: Option<f64>,
    /// atan2(d · patient's left, d · down in the pose), degrees.
    pub in_plane_angle_deg: f64,
    /// asin(d · head), degrees.
    pub craniocaudal_angle_deg: f64,
    /// mm from the skin to the pleura along the needle; `None` where it meets no lung.
    pub pleura_depth_mm: Option<f64>,
    /// mm from the skin to the tip.
    pub depth_mm: f64,
    /// The planning CT's date, YYYY-MM-DD, if its headers tell it.
    pub ct_date: Option<String>,
}

/// Tells a needle as it is needed at the table. `measured_at` is a point on the lesion's measuring slice (an end of its long
/// axis); `verdict` the one of this needle.
pub fn at_table(ct: &Ct, anatomy: &Anatomy, needle: &Needle, verdict: &Verdict, measured_at: Lps) -> TableSide {
    let down = down(needle.pose, ct.down());
    let entry = needle.entry;
    let slice = ct.hu.grid.voxel(entry).map(|v| v.k);
    let image_number = match slice.and_then(|k| ct.rows.get(k)) {
        Some(Row::Measured(source)) => ct.slices.get(*source).and_then(|s| s.instance_number),
        _ => None,
    };
    TableSide {
        model: needle.model.clone(),
        pose: needle.pose,
        entry_slice: slice.map(|k| k + 1),
        slices: ct.hu.grid.size[2],
        image_number,
        entry_z_mm: entry.z,
        from_measuring_slice_mm: entry.z - measured_at.z,
        from_carina_mm: anatomy.landmarks.carina.map(|c| entry.z - c.z),
        from_midline_mm: anatomy.midline_x(entry.z).map(|x| entry.x - x),
        in_plane_angle_deg: needle.in_plane_angle_deg(down),
        craniocaudal_angle_deg: needle.craniocaudal_angle_deg(),
        pleura_depth_mm: verdict.pleura_depth_mm,
        depth_mm: needle.depth_mm(),
        ct_date: ct.acquisition.date.clone(),
    }
}
