//! What is needed at the table for one needle, as lines for people.

use crate::needle::TableSide;
use crate::words::{Value, Words};

/// Label and value of each line, in the order in which they are needed. `model` is the needle's name for people.
pub fn sheet(t: &TableSide, model: &str, words: &Words) -> Vec<(String, String)> {
    let mm = |x: f64| words.text("value-mm", &[("value", Value::Number(x, 1))]);
    let away = |x: f64, (positive, negative): (&str, &str)| {
        words.text(if x >= 0.0 { positive } else { negative }, &[("mm", Value::Number(x.abs(), 1))])
    };
    let head = ("report-towards-head", "report-towards-feet");
    let left = ("report-to-left", "report-to-right");
    let z = Value::Number(t.entry_z_mm, 1);
    let slice = match t.entry_slice {
        Some(n) => {
            let values = [("n", n.into()), ("of", t.slices.into()), ("z", z)];
            let slice = words.text("report-slice-of", &values);
            let image = t.image_number.map(|i| words.text("report-image-number", &[("n", Value::Number(i as f64, 0))]));
            image.map_or(slice.clone(), |image| format!("{slice}; {image}"))
        }
        None => words.text("value-mm", &[("value", z)]),
    };
    let line = |key: &str, value: String| (words.get(key), value);
    vec![
        line("report-model", model.to_string()),
        line("report-pose", words.get(&format!("pose-{}", t.pose.name()))),
        line("report-entry-slice", slice),
        line("report-entry-from-lesion", away(t.from_measuring_slice_mm, head)),
        line(
            "report-entry-from-carina",
            t.from_carina_mm.map_or_else(|| words.get("report-carina-not-seen"), |x| away(x, head)),
        ),
        line(
            "report-entry-from-midline",
            t.from_midline_mm.map_or_else(|| words.get("report-canal-not-seen"), |x| away(x, left)),
        ),
        line("report-in-plane-angle", in_plane(t.in_plane_angle_deg, words)),
        line("report-craniocaudal-angle", craniocaudal(t.craniocaudal_angle_deg, words)),
        line("report-depth-pleura", t.pleura_depth_mm.map_or_else(|| words.get("report-no-pleura"), mm)),
        line("report-depth-tip", mm(t.depth_mm)),
    ]
}

/// An in-plane angle ([`crate::needle::Needle::in_plane_angle_deg`]) in words: how far from straight down, to which side.
pub fn in_plane(degrees: f64, words: &Words) -> String {
    let key = if degrees >= 0.0 { "report-angle-left" } else { "report-angle-right" };
    words.text(key, &[("deg", Value::Number(degrees.abs(), 1))])
}

/// A cranio-caudal angle ([`crate::needle::Needle::craniocaudal_angle_deg`]) in words.
pub fn craniocaudal(degrees: f64, words: &Words) -> String {
    let key = if degrees >= 0.0 { "report-angle-head" } else { "report-angle-feet" };
    words.text(key, &[("deg", Value::Number(degrees.abs(), 1))])
}

/// The sentence that belongs under every sheet: of which CT its positions are.
pub fn positions_of(ct_date: Option<&str>, words: &Words) -> String {
    match ct_date {
        Some(date) => words.text("report-positions-of", &[("date", words.lang().date(date).into())]),
        None => words.get("report-positions-of-undated"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Pose;
    use crate::words::Lang;

    #[test]
    fn directions_at_the_table_are_the_patient_s() {
        let t = TableSide {
            model: "icesphere".into(),
            pose: Pose::Prone,
            entry_slice: Some(17),
            slices: 60,
            image_number: Some(44),
            entry_z_mm: -300.0,
            from_measuring_slice_mm: 15.0,
            from_carina_mm: Some(-50.0),
            from_midline_mm: Some(-50.0),
            in_plane_angle_deg: -30.0,
            craniocaudal_angle_deg: 12.0,
            pleura_depth_mm: None,
            depth_mm: 80.0,
            ct_date: Some("2026-01-05".into()),
        };
        let said = |lang| sheet(&t, "IceSphere", &Words::new(lang)).into_iter().map(|l| l.1).collect::<Vec<_>>();
        let en = said(Lang::En);
        for text in [
            "IceSphere",
            "17 of 60 (from the feet), z −300.0 mm; image number 44",
            "15.0 mm towards the head",
            "50.0 mm towards the feet",
            "50.0 mm to the patient's right",
            "30.0° to the patient's right",
            "12.0° to the head",
            "meets no lung",
        ] {
            assert!(en.contains(&text.to_string()), "{text}: {en:?}");
        }
        assert!(said(Lang::Ja).contains(&"患者の右へ 50.0 mm".to_string()));
        let under = positions_of(t.ct_date.as_deref(), &Words::new(Lang::Ja));
        assert_eq!(under, "位置は 2026年1月5日 撮影の計画 CT によるものです。");
    }
}
