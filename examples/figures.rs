//! Makes `docs/accuracy.md` and `docs/performance.md` from runs on real scans:
//!
//! `cargo run --release --example figures -- DATA_FOLDER docs`, DATA_FOLDER holding `ct/` with the public scans named
//! below. Nothing of the scans goes into the documents but what was measured.

use icepath::case::{self, Assets, WholeRequest};
use icepath::jobs::Progress;
use icepath::space::Lps;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

/// A scan, a click in its lesion, and what readers say of it.
struct Scan {
    name: &'static str,
    path: &'static str,
    series: Option<&'static str>,
    click: Lps,
    truth: &'static str,
}

/// The scans of public collections (The Cancer Imaging Archive; IBSI), with what their annotations measure.
const SCANS: [Scan; 5] = [
    Scan {
        name: "LIDC-IDRI-0001",
        path: "ct/lidc-idri-0001",
        series: None,
        click: Lps::new(56.0, 86.0, -116.0),
        truth: "four readers: long axis 31.4 to 32.7 mm, volume 5702 to 7298 mm³",
    },
    Scan {
        name: "Lung_Dx-A0001",
        path: "ct/lung-dx-a0001",
        series: None,
        click: Lps::new(42.0, 203.0, -204.0),
        truth: "boxes together 63 × 86 mm",
    },
    Scan {
        name: "Lung_Dx-A0002",
        path: "ct/lung-dx-a0002.zip",
        series: None,
        click: Lps::new(-62.0, -104.0, 200.0),
        truth: "boxes together 82 × 67 mm; slices of 8 mm",
    },
    Scan {
        name: "4D-Lung 113",
        path: "ct/4d-lung-113.zip",
        series: None,
        click: Lps::new(60.0, 150.0, -937.0),
        truth: "generous contour: long axis 83.1 mm, volume 67 557 mm³",
    },
    Scan {
        name: "IBSI CT phantom (a cut-out)",
        path: "ct/ibsi-ct-phantom.zip",
        series: None,
        click: Lps::new(-75.0, 16.0, -19.0),
        truth: "generous contour: long axis 104.3 mm, above −400 HU 320 106 mm³",
    },
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(data), Some(docs)) = (args.next(), args.next()) else {
        return Err("usage: figures DATA_FOLDER DOCS_FOLDER".into());
    };
    let assets = Assets::load(None)?;
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let made = format!(
        "Made by `cargo run --release --example figures -- DATA_FOLDER docs` on {cores} cores, {}.",
        &case::now_iso()[..10]
    );
    let mut accuracy = format!(
        "# How right it is\n\n{made}\n\n## One click, on real scans\n\n\
         | scan | long axis mm | short axis mm | volume mm³ | what is known |\n| --- | --- | --- | --- | --- |\n"
    );
    let mut needles = String::from(
        "\n## The needle proposed\n\nJudged by the exact rules; what a rule could not see is `unknown`, never free.\n\n\
         | scan | needles | broken rules | unknown rules | nearest | −20 °C inside | least margin mm |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut performance = format!(
        "# How fast it is\n\n{made} Wall seconds of the whole job by stage.\n\n\
         | scan | open | anatomy | lesion | distances | needles | ice | all | a needle judged, ms |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    for scan in &SCANS {
        let path = Path::new(&data).join(scan.path);
        eprintln!("{}", scan.name);
        let start = Instant::now();
        let opened = match case::open(&path, scan.series, &Progress::none()) {
            Ok(opened) => opened,
            Err(e) => {
                writeln!(accuracy, "| {} | not opened: {e} | | | {} |", scan.name, scan.truth)?;
                continue;
            }
        };
        let opening = start.elapsed().as_secs_f64();
        let request = WholeRequest::clicks(&[scan.click]);
        let whole = match case::whole(&opened, &path, &request, &assets, "2000-01-01", &Progress::none()) {
            Ok(whole) => whole,
            Err(e) => {
                writeln!(accuracy, "| {} | no lesion: {e} | | | {} |", scan.name, scan.truth)?;
                continue;
            }
        };
        let lesion = &whole.history.plan().lesions[0];
        let m = &lesion.outline.measured;
        writeln!(
            accuracy,
            "| {} | {:.1} ± {:.1} | {:.1} ± {:.1} | {:.0} | {} |",
            scan.name, m.long.mm, m.long.pm_mm, m.short.mm, m.short.pm_mm, m.volume_mm3, scan.truth
        )?;
        match whole.follows.verdicts.first() {
            Some(v) => {
                let unknown: Vec<&str> = v
                    .clearances
                    .iter()
                    .filter(|c| c.status == icepath::needle::Status::Unknown)
                    .map(|c| c.rule.as_str())
                    .collect();
                let near = v
                    .clearances
                    .iter()
                    .filter(|c| ["bone", "lung-vessels", "wall-vessels", "mediastinum"].contains(&c.rule.as_str()));
                let near = near.filter_map(|c| Some((c.rule.as_str(), c.measured?))).min_by(|a, b| a.1.total_cmp(&b.1));
                let near = near.map_or_else(String::new, |(rule, mm)| format!("{rule} {mm:.1} mm"));
                let cover = whole.follows.coverage.first().and_then(Option::as_ref).and_then(|c| c.at(-20).cloned());
                let (share, margin) =
                    cover.map_or((f64::NAN, f64::NAN), |c| (c.fraction_inside * 100.0, c.least_margin_mm));
                writeln!(
                    needles,
                    "| {} | {} | {} | {} | {near} | {share:.0} % | {margin:+.1} |",
                    scan.name,
                    whole.follows.verdicts.len(),
                    v.violations.len(),
                    unknown.join(", ")
                )?;
            }
            None => writeln!(needles, "| {} | none free | | | | | |", scan.name)?,
        }
        let all = start.elapsed().as_secs_f64();
        let judging = judged_ms(&whole, &assets);
        let stage = |name: &str| whole.seconds.iter().find(|(s, _)| s == name).map_or(0.0, |(_, t)| *t);
        writeln!(
            performance,
            "| {} | {opening:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {all:.1} | {judging:.1} |",
            scan.name,
            stage("anatomy"),
            stage("lesion"),
            stage("distances"),
            stage("needles"),
            stage("ice")
        )?;
    }
    accuracy.push_str(&needles);
    accuracy.push_str(&several(&data, &assets)?);
    accuracy.push_str(ELSEWHERE);
    std::fs::create_dir_all(&docs)?;
    std::fs::write(Path::new(&docs).join("accuracy.md"), accuracy)?;
    performance.push_str(ELSEWHERE_FAST);
    std::fs::write(Path::new(&docs).join("performance.md"), performance)?;
    Ok(())
}

/// Where other figures stand.
const ELSEWHERE: &str = "
## Elsewhere

[nodules.md](nodules.md): one click and one stroke on 482 small nodules (`scripts/nodules.sh FOLDER`). \
[loading.md](loading.md): geometry and HU of what is read (`scripts/loading.sh`). \
[fuzzing.md](fuzzing.md): what was thrown at the readers (`scripts/fuzz.sh`).
";

/// Where other times stand.
const ELSEWHERE_FAST: &str = "
## Elsewhere

[loading.md](loading.md): loading beside other readers, with ratios and memory (`scripts/loading.sh`). \
[first-picture.md](first-picture.md): from the start of the program to the first picture (`scripts/first_picture.sh`). \
[nodules.md](nodules.md): one click on a small nodule (`scripts/nodules.sh`).
";

/// What the rules take for the plan's first needle, ms: made for every frame of a drag.
fn judged_ms(whole: &case::Whole, assets: &Assets) -> f64 {
    const TIMES: u32 = 20;
    let (Some(target), Some(needle)) = (whole.targets.first(), whole.history.plan().needles.first()) else {
        return f64::NAN;
    };
    let start = Instant::now();
    for _ in 0..TIMES {
        target.surroundings.judge(&needle.needle, assets.catalogue.default_model());
    }
    start.elapsed().as_secs_f64() * 1000.0 / f64::from(TIMES)
}

/// One, two and three needles for the same lesions.
fn several(data: &str, assets: &Assets) -> Result<String, Box<dyn Error>> {
    let mut out = String::from(
        "\n## Several needles\n\nInside of −20 °C, with the least margin in mm, by the number of needles asked for.\n\n\
         | scan | 1 | 2 | 3 | broken rules |\n| --- | --- | --- | --- | --- |\n",
    );
    for scan in &SCANS {
        let path = Path::new(data).join(scan.path);
        let Ok(opened) = case::open(&path, scan.series, &Progress::none()) else { continue };
        write!(out, "| {} |", scan.name)?;
        let mut broken = 0;
        for needles in 1..=3 {
            let request = WholeRequest { needles, ..WholeRequest::clicks(&[scan.click]) };
            let whole = case::whole(&opened, &path, &request, assets, "2000-01-01", &Progress::none())?;
            broken += whole.follows.verdicts.iter().map(|v| v.violations.len()).sum::<usize>();
            let cover = whole.follows.coverage.first().and_then(Option::as_ref).and_then(|c| c.at(-20).cloned());
            match cover {
                Some(c) => write!(
                    out,
                    " {:.0} %, {:+.1} ({}) |",
                    c.fraction_inside * 100.0,
                    c.least_margin_mm,
                    whole.history.plan().needles.len()
                )?,
                None => write!(out, " none free |")?,
            }
        }
        writeln!(out, " {broken} |")?;
    }
    out.push_str("\nIn brackets: how many were placed.\n");
    Ok(out)
}
