//! What is needed at the table for one needle, as lines for people.

use crate::anatomy::Anatomy;
use crate::ct::{Ct, Row};
use crate::needle::Verdict;
use crate::plan::{Lesion, PlannedNeedle};
use crate::space::Voxel;
use crate::words::{Value, Words};
use glam::DVec3;

/// The numbers of a needle at the table. All are of the planning CT.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Model's id.
    pub model: String,
    /// Key of the pose's name in `words`.
    pub pose: String,
    /// The slice that holds the entry, counted from 1 at the feet, and of how many.
    pub entry_slice: Option<(usize, usize)>,
    /// That slice's Instance Number (0020,0013), which is what other viewers call it.
    pub image_number: Option<i64>,
    /// z of the entry, LPS mm: the scanner's table position where it is told in patient coordinates.
    pub entry_z_mm: f64,
    /// mm from the lesion's measuring slice to the entry, positive towards the head.
    pub from_lesion_mm: f64,
    /// mm from the carina to the entry, positive towards the head; `None` if the carina was not seen.
    pub from_carina_mm: Option<f64>,
    /// mm from the sagittal plane through the spinal canal to the entry, positive to the patient's left; `None` if the
    /// canal was not seen.
    pub from_midline_mm: Option<f64>,
    /// atan2(d · patient's left, d · down in the pose), degrees.
    pub in_plane_angle_deg: f64,
    /// asin(d · head), degrees.
    pub craniocaudal_angle_deg: f64,
    /// mm from skin to pleura along the needle; `None` if it meets no lung.
    pub pleura_depth_mm: Option<f64>,
    /// mm from skin to tip.
    pub tip_depth_mm: f64,
    /// When the planning CT was taken, YYYY-MM-DD.
    pub ct_date: Option<String>,
}

impl Sheet {
    /// The sheet of a needle for a lesion; `down` is the direction of gravity in its pose, LPS.
    pub fn of(
        ct: &Ct,
        anatomy: Option<&Anatomy>,
        lesion: &Lesion,
        planned: &PlannedNeedle,
        verdict: &Verdict,
        down: DVec3,
    ) -> Sheet {
        let (n, grid) = (&planned.needle, ct.hu.grid);
        let k = grid.index(n.entry).z.round();
        let entry_slice = (k >= 0.0 && k < grid.size[2] as f64).then(|| (k as usize + 1, grid.size[2]));
        let measured = grid.centre(Voxel::new(grid.size[0] / 2, grid.size[1] / 2, lesion.axes().slice));
        let image_number = match entry_slice.and_then(|(n, _)| ct.rows.get(n - 1)) {
            Some(Row::Measured(source)) => ct.slices.get(*source).and_then(|s| s.instance_number),
            _ => None,
        };
        Sheet {
            model: n.model.clone(),
            pose: format!("pose-{}", n.pose.name()),
            entry_slice,
            image_number,
            entry_z_mm: n.entry.z,
            from_lesion_mm: n.entry.z - measured.z,
            from_carina_mm: anatomy.and_then(|a| a.landmarks.carina).map(|c| n.entry.z - c.z),
            from_midline_mm: anatomy.and_then(|a| a.midline_x(n.entry.z)).map(|x| n.entry.x - x),
            in_plane_angle_deg: n.in_plane_angle_deg(down),
            craniocaudal_angle_deg: n.craniocaudal_angle_deg(),
            pleura_depth_mm: verdict.pleura_depth_mm,
            tip_depth_mm: n.depth_mm(),
            ct_date: ct.acquisition.date.clone(),
        }
    }

    /// Label and value of each line, in the order in which they are needed.
    pub fn lines(&self, words: &Words) -> Vec<(String, String)> {
        let mm = |x: f64| words.text("value-mm", &[("value", Value::Number(x, 1))]);
        let degree = |x: f64| words.text("value-degree", &[("value", Value::Number(x, 1))]);
        let away = |x: f64, (positive, negative): (&str, &str)| {
            let key = if x >= 0.0 { positive } else { negative };
            words.text(key, &[("mm", Value::Number(x.abs(), 1))])
        };
        let head = ("report-towards-head", "report-towards-feet");
        let left = ("report-to-left", "report-to-right");
        let z = Value::Number(self.entry_z_mm, 1);
        let slice = match self.entry_slice {
            Some((n, of)) => {
                let values = [("n", n.into()), ("of", of.into()), ("z", z)];
                let slice = words.text("report-slice-of", &values);
                let image = self.image_number.map(|i| Value::Number(i as f64, 0));
                image.map_or(slice.clone(), |i| format!("{slice}; {}", words.text("report-image-number", &[("n", i)])))
            }
            None => words.text("value-mm", &[("value", z)]),
        };
        let line = |key: &str, value: String| (words.get(key), value);
        vec![
            line("report-model", self.model.clone()),
            line("report-pose", words.get(&self.pose)),
            line("report-entry-slice", slice),
            line("report-entry-from-lesion", away(self.from_lesion_mm, head)),
            line(
                "report-entry-from-carina",
                self.from_carina_mm.map_or_else(|| words.get("report-carina-not-seen"), |x| away(x, head)),
            ),
            line(
                "report-entry-from-midline",
                self.from_midline_mm.map_or_else(|| words.get("report-canal-not-seen"), |x| away(x, left)),
            ),
            line("report-in-plane-angle", degree(self.in_plane_angle_deg)),
            line("report-craniocaudal-angle", degree(self.craniocaudal_angle_deg)),
            line("report-depth-pleura", self.pleura_depth_mm.map_or_else(|| words.get("report-no-pleura"), mm)),
            line("report-depth-tip", mm(self.tip_depth_mm)),
        ]
    }

    /// The sentence that belongs under every sheet: of which CT its positions are.
    pub fn footnote(&self, words: &Words) -> String {
        match &self.ct_date {
            Some(date) => words.text("report-positions-of", &[("date", words.lang().date(date).into())]),
            None => words.get("report-positions-of-undated"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ct::{Acquisition, Identity, Source};
    use crate::lesion::{Axis, Gesture};
    use crate::needle::Needle;
    use crate::plan::{Measured, Outline, PackedMask, SiteSource};
    use crate::space::{Grid, Lps, Mask, Volume};
    use crate::terms::{Pose, Site};
    use crate::words::Lang;

    #[test]
    fn directions_at_the_table_are_the_patient_s() {
        let grid = Grid {
            size: [4, 4, 60],
            spacing: DVec3::new(1.0, 1.0, 2.5),
            origin: Lps::new(0.0, 0.0, -340.0),
            axes: glam::DMat3::IDENTITY,
        };
        let ct = Ct {
            hu: Volume::filled(grid, 0),
            source: Source::Dicom,
            slices: Vec::new(),
            rows: Vec::new(),
            position_pm_mm: 0.0,
            identity: Identity::default(),
            acquisition: Acquisition { date: Some("2026-01-05".into()), ..Acquisition::default() },
            findings: Vec::new(),
        };
        let anatomy = Anatomy {
            grid,
            regions: Vec::new(),
            landmarks: crate::anatomy::Landmarks {
                canal: vec![Lps::new(3.0, 90.0, -300.0)],
                carina: Some(Lps::new(0.0, 20.0, -250.0)),
            },
            skin_cut: Mask::empty(grid),
            contrast: false,
            findings: Vec::new(),
        };
        let axis = Axis { ends: [Lps::default(); 2], mm: 1.0, pm_mm: 0.1 };
        let lesion = Lesion {
            tracking_uid: "2.25.1".into(),
            site: Site::Lung,
            site_source: SiteSource::Given,
            outline: Outline {
                gesture: Gesture::Click(Lps::default()),
                mask: PackedMask::pack(&Mask::empty(grid)),
                method: String::new(),
                software: String::new(),
                level_hu: None,
                measured: Measured {
                    long: axis,
                    short: axis,
                    slice: 10,
                    sop_instance_uid: None,
                    voxels: 0,
                    volume_mm3: 0.0,
                    max_3d_diameter_mm: 0.0,
                    centroid: Lps::default(),
                    mean_hu: 0.0,
                },
                accepted_at: String::new(),
                findings: Vec::new(),
            },
            by_reader: None,
        };
        let needle = Needle {
            model: "icesphere".into(),
            entry: Lps::new(-47.0, 100.0, -300.0),
            tip: Lps::new(-47.0, 20.0, -300.0),
            pose: Pose::Prone,
        };
        let planned = PlannedNeedle { needle, lesion: "2.25.1".into() };
        let sheet = Sheet::of(&ct, Some(&anatomy), &lesion, &planned, &Verdict::default(), DVec3::NEG_Y);
        assert_eq!(sheet.entry_slice, Some((17, 60)));
        assert_eq!((sheet.from_lesion_mm, sheet.from_carina_mm), (15.0, Some(-50.0)));
        assert_eq!(sheet.from_midline_mm, Some(-50.0));
        assert_eq!((sheet.tip_depth_mm, sheet.craniocaudal_angle_deg), (80.0, 0.0));
        let said = |lang| sheet.lines(&Words::new(lang)).into_iter().map(|l| l.1).collect::<Vec<_>>();
        let en = said(Lang::En);
        assert!(en.contains(&"50.0 mm to the patient's right".to_string()), "{en:?}");
        assert!(en.contains(&"50.0 mm towards the feet".to_string()) && en.contains(&"meets no lung".to_string()));
        assert!(said(Lang::Ja).contains(&"患者の右へ 50.0 mm".to_string()));
        assert_eq!(sheet.footnote(&Words::new(Lang::Ja)), "位置は 2026年1月5日 撮影の計画 CT によるものです。");
    }
}
