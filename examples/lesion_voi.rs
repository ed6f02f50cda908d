//! Holds one click and one stroke against the readers of a folder of nodule volumes.
//!
//! ```text
//! cargo run --example lesion_voi --no-default-features -- FOLDER [every] [cases.csv]
//! ```
//!
//! FOLDER holds `index.csv` (a row per nodule: `case`, `click_x`…, `stroke_x0`…, `long_axis_mm`, classes) and per case
//! `image.nii.gz` (HU) and `consensus.nii.gz`. Prints Dice with the consensus (mean, median, how many under 0.5) and the
//! error of the long axis, for all and by class. Beyond a volume's border nothing is known.

use icepath::ct::{Acquisition, Ct, Identity, Source, nifti};
use icepath::jobs::Progress;
use icepath::lesion::{Gesture, measure, segment};
use icepath::space::{Lps, Mask};
use std::collections::BTreeMap;
use std::path::Path;

type Anything = Box<dyn std::error::Error>;

struct Score {
    dice: f64,
    axis_error_mm: Option<f64>,
    seconds: f64,
    classes: Vec<String>,
}

fn main() -> Result<(), Anything> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("say the folder that holds index.csv")?;
    let every: usize = args.next().map_or(Ok(1), |n| n.parse())?;
    let mut cases = args.next().map(csv::Writer::from_path).transpose()?;
    let folder = Path::new(&folder);
    let mut index = csv::Reader::from_path(folder.join("index.csv"))?;
    let rows: Vec<BTreeMap<String, String>> = index.deserialize().collect::<Result<_, _>>()?;
    let mut scores: [Vec<Score>; 2] = [Vec::new(), Vec::new()];
    if let Some(w) = &mut cases {
        w.write_record([
            "case",
            "size",
            "texture",
            "attachment",
            "truth_mm3",
            "click_dice",
            "click_mm3",
            "click_method",
            "stroke_dice",
            "stroke_mm3",
            "stroke_method",
        ])?;
    }
    for row in rows.iter().step_by(every.max(1)) {
        let number =
            |key: &str| -> Result<f64, Anything> { Ok(row.get(key).ok_or(format!("no column {key}"))?.parse()?) };
        let point = |a: &str, b: &str| -> Result<Lps, Anything> {
            Ok(Lps::new(number(&format!("{a}x{b}"))?, number(&format!("{a}y{b}"))?, number(&format!("{a}z{b}"))?))
        };
        let case = row.get("case").ok_or("no column case")?;
        let hu = nifti::read_hu(&folder.join(case).join("image.nii.gz"))?;
        let truth = Mask::of(&nifti::read(&folder.join(case).join("consensus.nii.gz"))?, |v| v > 0.5);
        let ct = Ct {
            hu,
            source: Source::Research,
            slices: Vec::new(),
            rows: Vec::new(),
            position_pm_mm: 0.0,
            identity: Identity::default(),
            acquisition: Acquisition::default(),
            findings: Vec::new(),
        };
        let gestures =
            [Gesture::Click(point("click_", "")?), Gesture::Stroke(point("stroke_", "0")?, point("stroke_", "1")?)];
        let text = |key: &str| row.get(key).cloned().unwrap_or_default();
        let mut record =
            vec![case.clone(), text("size_class"), text("texture_class"), text("attachment"), text("volume_mm3")];
        for (n, gesture) in gestures.into_iter().enumerate() {
            let start = std::time::Instant::now();
            let found = segment(&ct, None, gesture, &Progress::none());
            let seconds = start.elapsed().as_secs_f64();
            let (dice, axis, mm3, method) = match &found {
                Ok(s) => {
                    let mut both = s.mask.clone();
                    both.intersect(&truth);
                    let dice = 2.0 * both.count() as f64 / (s.mask.count() + truth.count()) as f64;
                    let axis = measure(&ct, &s.mask, s.level_hu)
                        .map(|m| m.long.mm - number("long_axis_mm").unwrap_or(f64::NAN));
                    (dice, axis, s.mask.volume_mm3(), s.method.clone())
                }
                Err(e) => (0.0, None, 0.0, e.to_string()),
            };
            record.extend([format!("{dice:.4}"), format!("{mm3:.1}"), method]);
            let classes = vec!["all".into(), text("size_class"), text("texture_class"), text("attachment")];
            scores[n].push(Score { dice, axis_error_mm: axis, seconds, classes });
        }
        if let Some(w) = &mut cases {
            w.write_record(&record)?;
        }
    }
    for (name, scores) in ["click", "stroke"].iter().zip(&scores) {
        println!("{name}: class, n, Dice mean, median, < 0.5; long axis |error| mean, bias (mm); seconds median");
        for class in [
            "all",
            "<6",
            "6-10",
            "10-20",
            ">=20",
            "solid",
            "part-solid",
            "ground-glass",
            "isolated",
            "juxtapleural",
            "juxtavascular",
        ] {
            let of: Vec<&Score> = scores.iter().filter(|s| s.classes.iter().any(|c| c == class)).collect();
            if of.is_empty() {
                continue;
            }
            let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len().max(1) as f64;
            let median = |mut v: Vec<f64>| {
                v.sort_by(f64::total_cmp);
                v[v.len() / 2]
            };
            let dice: Vec<f64> = of.iter().map(|s| s.dice).collect();
            let axis: Vec<f64> = of.iter().filter_map(|s| s.axis_error_mm).collect();
            let size: Vec<f64> = axis.iter().map(|a| a.abs()).collect();
            println!(
                "  {class:14} {:4}  {:.3}  {:.3}  {:3}   {:.2}  {:+.2}   {:.3}",
                of.len(),
                mean(&dice),
                median(dice.clone()),
                dice.iter().filter(|d| **d < 0.5).count(),
                mean(&size),
                mean(&axis),
                median(of.iter().map(|s| s.seconds).collect())
            );
        }
    }
    Ok(())
}
