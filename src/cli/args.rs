//! What may stand on the command line.

use crate::case::now_iso;
use crate::space::Lps;
use crate::system::Folders;
use crate::terms::{Pose, Site};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A planning desk for CT-guided chest cryoablation. Research use, not for clinical decisions.
///
/// Without a command it opens the window on PATH, or on the sample scan.
#[derive(Debug, Parser)]
#[command(name = "icepath", version, args_conflicts_with_subcommands = true, subcommand_precedence_over_arg = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Folder, zip, DICOM file, DICOMDIR, NIfTI, NRRD or plan to open in the window.
    pub(crate) path: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options of every command.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Common {
    /// One JSON document on stdout; words for people on stderr.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Nothing on stderr.
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Worker threads; one per core if not given.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    /// A folder with the hospital's own needles.toml, rules.toml and trials.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) assets: Option<PathBuf>,
    /// Language of texts and pictures: en or ja.
    #[arg(long, global = true, value_name = "LANG", value_parser = ["en", "ja"])]
    pub(crate) lang: Option<String>,
    /// The time that goes into plans, CRF and UIDs (ISO 8601); now if not given.
    #[arg(long, global = true, value_name = "ISO8601", value_parser = time)]
    pub(crate) now: Option<String>,
    /// Which series of PATH, by its UID (UID#1, UID#2 where a series holds several volumes).
    #[arg(long, global = true, value_name = "UID")]
    pub(crate) series: Option<String>,
}

impl Common {
    /// The time that goes into what is made.
    pub(crate) fn time(&self) -> String {
        self.now.clone().unwrap_or_else(now_iso)
    }

    /// The folder of the hospital's own assets: the one given, else the user's configuration folder if it is there.
    pub(crate) fn assets_folder(&self) -> Option<PathBuf> {
        self.assets.clone().or_else(|| Some(Folders::here()?.config).filter(|f| f.is_dir()))
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What is in a folder, file or zip.
    Series {
        /// Folder, zip, DICOM file or DICOMDIR.
        path: PathBuf,
        /// Shows the patient's names and id.
        #[arg(long)]
        show_patient: bool,
    },
    /// The series as one volume in HU.
    Volume {
        /// What to read.
        path: PathBuf,
        /// Where to write it: .nii, .nii.gz or .nrrd.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Body, lungs, bones, vessels, ….
    Anatomy {
        /// What to read.
        path: PathBuf,
        /// Folder for the results; made if absent.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Segments a lesion at a click, or along a stroke over its longest diameter, and measures it.
    Lesion {
        /// What to read.
        path: PathBuf,
        /// The click, or the stroke's start: LPS mm.
        #[arg(long, value_name = "X,Y,Z", allow_hyphen_values = true, value_parser = point)]
        at: Lps,
        /// The stroke's end: LPS mm.
        #[arg(long, value_name = "X,Y,Z", allow_hyphen_values = true, value_parser = point)]
        to: Option<Lps>,
        /// Folder for the results; made if absent.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// The whole job: lesion, needles, ice; plan, CRF, pictures.
    Plan(PlanArgs),
    /// Judges a saved plan again from the CT.
    Check {
        /// plan.json.
        plan: PathBuf,
        /// Where the CT is, if it is no longer where the plan remembers it.
        #[arg(long, value_name = "PATH")]
        ct: Option<PathBuf>,
    },
    /// All exports again from a plan.
    Export {
        /// plan.json.
        plan: PathBuf,
        /// Where the CT is, if it is no longer where the plan remembers it.
        #[arg(long, value_name = "PATH")]
        ct: Option<PathBuf>,
        /// Folder for the results; made if absent.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// A synthetic chest with exact truth, as a DICOM series.
    Phantom {
        /// The case's name.
        #[arg(required_unless_present = "list")]
        case: Option<String>,
        /// Names the cases.
        #[arg(long)]
        list: bool,
        /// Folder for the results; made if absent.
        #[arg(long, value_name = "DIR", required_unless_present = "list")]
        out: Option<PathBuf>,
    },
}

/// What `plan` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlanArgs {
    /// What to read.
    pub(crate) path: PathBuf,
    /// A click in a lesion: LPS mm. Up to three.
    #[arg(long, value_name = "X,Y,Z", required = true, allow_hyphen_values = true, value_parser = point)]
    pub(crate) at: Vec<Lps>,
    /// Folder for the results; made if absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The lesions' site; guessed if not given.
    #[arg(long, value_parser = site)]
    pub(crate) site: Option<Site>,
    /// How the patient lies for the procedure.
    #[arg(long, value_parser = pose, default_value = "as-scanned")]
    pub(crate) pose: Pose,
    /// The needle's model.
    #[arg(long, value_name = "MODEL")]
    pub(crate) needle: Option<String>,
    /// Needles per lesion.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) needles: u8,
    /// Margin at −20 °C, mm.
    #[arg(long, value_name = "MM", default_value_t = 5.0, value_parser = margin)]
    pub(crate) margin: f64,
    /// The subject's id in the trial; never taken from the DICOM header.
    #[arg(long, value_name = "ID")]
    pub(crate) subject: Option<String>,
    /// Who reads.
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,
}

fn point(text: &str) -> Result<Lps, String> {
    let parts: Vec<&str> = text.split(',').collect();
    let [x, y, z] = parts.as_slice() else {
        return Err("three numbers X,Y,Z in mm are needed, e.g. 56,86,-116".into());
    };
    let number = |s: &str| {
        s.trim()
            .parse::<f64>()
            .ok()
            .filter(|v| v.is_finite() && v.abs() < 1e5)
            .ok_or(format!("'{s}' is not a position in mm"))
    };
    Ok(Lps::new(number(x)?, number(y)?, number(z)?))
}

fn site(text: &str) -> Result<Site, String> {
    Site::from_name(text).ok_or_else(|| format!("one of {}", Site::ALL.map(Site::name).join(", ")))
}

fn pose(text: &str) -> Result<Pose, String> {
    Pose::from_name(text).ok_or_else(|| format!("one of {}", Pose::ALL.map(Pose::name).join(", ")))
}

fn margin(text: &str) -> Result<f64, String> {
    text.parse::<f64>().ok().filter(|v| (0.0..=50.0).contains(v)).ok_or_else(|| "0 to 50 mm".into())
}

/// ISO 8601 as `2026-11-25T20:15:00Z`, or a date alone, or with an offset; kept as given.
fn time(text: &str) -> Result<String, String> {
    let b = text.as_bytes();
    let digits = |r: std::ops::Range<usize>| b.get(r).is_some_and(|s| s.iter().all(u8::is_ascii_digit));
    let date = digits(0..4) && digits(5..7) && digits(8..10) && b[4] == b'-' && b[7] == b'-';
    let rest = b.len() == 10
        || (b.len() >= 16 && b.len() <= 35 && b[10] == b'T' && digits(11..13) && b[13] == b':' && digits(14..16));
    let number = |r: std::ops::Range<usize>| text.get(r).and_then(|s| s.parse::<u32>().ok()).unwrap_or(0);
    let days = match number(5..7) {
        4 | 6 | 9 | 11 => 30,
        2 if number(0..4) % 4 == 0 && (number(0..4) % 100 != 0 || number(0..4) % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    };
    let possible = (1..=12).contains(&number(5..7))
        && (1..=days).contains(&number(8..10))
        && number(11..13) < 24
        && number(14..16) < 60
        && number(17..19) < 61;
    let clean = b.iter().all(|c| c.is_ascii_digit() || b"-:T.Z+".contains(c));
    if date && rest && clean && possible {
        Ok(text.into())
    } else {
        Err("ISO 8601 is needed, e.g. 2026-11-25T20:15:00Z".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(args: &[&str]) -> Lps {
        let cli = Cli::try_parse_from(args).unwrap();
        match cli.command {
            Some(Command::Lesion { at, .. }) => at,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn negative_coordinates_parse_in_both_spellings() {
        let want = Lps::new(-57.0, 131.0, -520.5);
        assert_eq!(at(&["icepath", "lesion", "ct", "--at", "-57,131,-520.5", "--out", "o"]), want);
        assert_eq!(at(&["icepath", "lesion", "ct", "--at=-57,131,-520.5", "--out", "o"]), want);
    }

    #[test]
    fn a_path_alone_is_the_window_and_a_command_is_a_command() {
        let cli = Cli::try_parse_from(["icepath", "/data/ct"]).unwrap();
        assert!(cli.command.is_none() && cli.path.is_some());
        let cli = Cli::try_parse_from(["icepath", "series", "/data/ct", "--json"]).unwrap();
        assert!(matches!(cli.command, Some(Command::Series { .. })) && cli.common.json);
    }

    #[test]
    fn nonsense_is_refused_at_the_door() {
        for at in ["1,2", "1,2,x", "1,2,nan", "1,2,inf", "", "1;2;3"] {
            assert!(Cli::try_parse_from(["icepath", "lesion", "ct", "--at", at, "--out", "o"]).is_err(), "{at}");
        }
        for now in [
            "yesterday",
            "2026-1-1",
            "2026-11-25T99",
            "2026-11-25T10:00\u{7}",
            "2025-13-01",
            "2025-02-29",
            "2025-12-01T24:00:00Z",
            "2025-12-01T10:60:00Z",
        ] {
            assert!(Cli::try_parse_from(["icepath", "--now", now]).is_err(), "{now}");
        }
    }
}
