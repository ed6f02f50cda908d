//! Holds one click and one stroke against the readers of a folder of nodule volumes.
//!
//! ```text
//! cargo run --example lesion_voi --no-default-features -- FOLDER [every[+first]] [cases.csv] [--again]
//! ```
//!
//! FOLDER holds `index.csv` (a row per nodule: `case`, `click_x`…, `stroke_x0`…, `long_axis_mm`, classes) and per case
//! `image.nii.gz` (HU) and `consensus.nii.gz`. Prints Dice with the consensus (mean, median, how many under 0.5) and the
//! error of the long axis, for all and by class; with `--again` also how like the
//! results of eight more clicks are. Beyond a volume's border nothing is known.

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
    let again_too = std::env::args().any(|a| a == "--again");
    let mut args = std::env::args().skip(1).filter(|a| a != "--again");
    let folder = args.next().ok_or("say the folder that holds index.csv")?;
    // `2+1`: every second row from the second on, the half on which nothing was tried out.
    let every = args.next().unwrap_or_else(|| "1".into());
    let (every, first) = every.split_once('+').unwrap_or((&every, "0"));
    let (every, first): (usize, usize) = (every.parse()?, first.parse()?);
    let mut cases = args.next().map(csv::Writer::from_path).transpose()?;
    let folder = Path::new(&folder);
    let mut index = csv::Reader::from_path(folder.join("index.csv"))?;
    let rows: Vec<BTreeMap<String, String>> = index.deserialize().collect::<Result<_, _>>()?;
    let mut scores: [Vec<Score>; 2] = [Vec::new(), Vec::new()];
    let mut again: Vec<f64> = Vec::new();
    let mut longer: Vec<f64> = Vec::new();
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
    for row in rows.iter().skip(first).step_by(every.max(1)) {
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
            let found = segment(&ct, gesture, &Progress::none());
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
        // Eight clicks about the first one, three tenths of the half axis away: how like are their results to the first?
        if again_too && let Ok(first) = segment(&ct, gestures[0], &Progress::none()) {
            let (centre, half) = (point("click_", "")?, number("long_axis_mm")? / 2.0);
            for n in 0..8 {
                let side = |bit: i32| if n & bit == 0 { -1.0 } else { 1.0 };
                let to = glam::DVec3::new(side(1), side(2), side(4)).normalize() * 0.3 * half;
                if !truth.holds(centre + to) {
                    continue;
                }
                let long = |s: &icepath::lesion::Segmentation| measure(&ct, &s.mask, s.level_hu).map(|m| m.long.mm);
                let dice = segment(&ct, Gesture::Click(centre + to), &Progress::none()).map_or(0.0, |s| {
                    let mut both = s.mask.clone();
                    both.intersect(&first.mask);
                    longer.extend(long(&s).zip(long(&first)).map(|(a, b)| (a - b).abs()));
                    2.0 * both.count() as f64 / (s.mask.count() + first.mask.count()) as f64
                });
                again.push(dice);
            }
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
    let near = again.iter().filter(|d| **d >= 0.95).count() as f64 / again.len().max(1) as f64;
    if again_too {
        println!(
            "{} clicks again: Dice with the first result {:.3}, 0.95 and more in {:.0} %; long axis differs by {:.2} mm, by more than 1 mm in {:.0} %",
            again.len(),
            again.iter().sum::<f64>() / again.len().max(1) as f64,
            100.0 * near,
            longer.iter().sum::<f64>() / longer.len().max(1) as f64,
            100.0 * longer.iter().filter(|mm| **mm > 1.0).count() as f64 / longer.len().max(1) as f64,
        );
    }
    Ok(())
}
