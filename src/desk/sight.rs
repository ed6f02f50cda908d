//! What there is to see: the case as the panels and panes show it, put together anew when something has changed.

use super::painter::Surface;
use super::widgets::Mark;
use crate::anatomy::Anatomy;
use crate::ct::{Ct, Finding};
use crate::draw::Shape;
use crate::lesion::{Axis, Measurement};
use crate::needle::{Needle, Verdict};
use crate::space::Lps;
use crate::terms::{Pose, Site, Structure};
use std::path::PathBuf;
use std::sync::Arc;

/// All of it.
#[derive(Clone, Default)]
pub(super) struct Sight {
    pub(super) ct: Option<Arc<Ct>>,
    /// Subject id, else empty.
    pub(super) subject: String,
    pub(super) reader: String,
    /// The synthetic scan.
    pub(super) sample: bool,
    /// While a series comes in: one slice of it (counted from 0) of so many.
    pub(super) preview: Option<(Arc<Ct>, usize, usize)>,
    pub(super) series: Vec<Series>,
    /// Another kernel of the same acquisition, shown in the place of the first where the hand asks for it.
    pub(super) other: Option<Arc<Ct>>,
    /// Why the picker chose the series that is shown, if it was its choice.
    pub(super) picked_why: Option<String>,
    /// About files and the scan.
    pub(super) findings: Vec<Finding>,
    pub(super) lesions: Vec<LesionSight>,
    pub(super) needles: Vec<NeedleSight>,
    pub(super) proposals: Vec<Proposal>,
    /// Why a proposal found nothing.
    pub(super) no_proposal: Option<String>,
    pub(super) anatomy: Option<Arc<Anatomy>>,
    pub(super) anatomy_failed: Option<String>,
    pub(super) ice: Vec<IceSight>,
    /// Minutes of freezing that the ice is of.
    pub(super) freeze_minutes: f64,
    pub(super) coverage: Vec<CoverageSight>,
    pub(super) margin_mm: f64,
    pub(super) pose: PoseSight,
    pub(super) models: Vec<(String, String)>,
    pub(super) saved: Keeping,
    pub(super) undo: Option<String>,
    pub(super) redo: Option<String>,
    pub(super) job: Option<JobSight>,
    pub(super) recent: Vec<RecentSight>,
    pub(super) samples: Vec<SampleSight>,
    /// Where the plan's files are, if they were written.
    pub(super) written: Option<PathBuf>,
}

/// A pose with a default, so that [`Sight`] has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PoseSight(pub(super) Pose);

impl Default for PoseSight {
    fn default() -> Self {
        PoseSight(Pose::AsScanned)
    }
}

#[derive(Clone)]
pub(super) struct Series {
    pub(super) uid: String,
    pub(super) description: String,
    pub(super) size: [usize; 3],
    pub(super) spacing: [f64; 3],
    pub(super) usable: bool,
    pub(super) picked: bool,
    /// Whether its slices lie where those of the open one lie: another kernel of one acquisition.
    pub(super) alike: bool,
    pub(super) kernel: String,
    pub(super) thumbnail: Option<Arc<image::RgbaImage>>,
    /// The worst of its findings, as a sentence.
    pub(super) doubt: Option<String>,
}

#[derive(Clone)]
pub(super) struct LesionSight {
    pub(super) site: Site,
    pub(super) site_guessed: bool,
    pub(super) side: Option<crate::terms::Side>,
    pub(super) shape: Option<Arc<Shape>>,
    pub(super) measurement: Measurement,
    pub(super) by_reader: Option<[Axis; 2]>,
    pub(super) findings: Vec<Finding>,
    pub(super) rules: Vec<RuleSight>,
}

impl LesionSight {
    /// Long and short axis that count: the reader's if there are any.
    pub(super) fn axes(&self) -> [Axis; 2] {
        self.by_reader.unwrap_or([self.measurement.long, self.measurement.short])
    }
}

/// A rule of the trial.
#[derive(Clone)]
pub(super) struct RuleSight {
    pub(super) id: String,
    pub(super) mark: Mark,
    pub(super) name: String,
    pub(super) measured: String,
    pub(super) allowed: String,
    /// How it can be answered by hand.
    pub(super) asks: Option<Ask>,
}

/// What kind of answer a question of the trial takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Number,
    YesNo,
}

#[derive(Clone)]
pub(super) struct NeedleSight {
    pub(super) needle: Needle,
    pub(super) model_name: String,
    pub(super) verified: bool,
    pub(super) lesion: usize,
    pub(super) active_mm: f64,
    pub(super) verdict: Option<Verdict>,
    pub(super) in_plane_deg: f64,
    pub(super) tilt_deg: f64,
    /// What is needed at the table: name and value.
    pub(super) table: Vec<(String, String)>,
    pub(super) findings: Vec<Finding>,
}

#[derive(Clone)]
pub(super) struct Proposal {
    pub(super) needle: Needle,
    pub(super) reason: String,
    pub(super) verdict: Option<Verdict>,
}

#[derive(Clone)]
pub(super) struct IceSight {
    pub(super) celsius: i32,
    pub(super) surface: Surface,
    pub(super) volume_ml: f64,
    pub(super) derived: bool,
}

#[derive(Clone)]
pub(super) struct CoverageSight {
    pub(super) lesion: usize,
    /// °C, share inside 0..=1, least margin mm.
    pub(super) rows: Vec<(i32, f64, f64)>,
    pub(super) worst_at: Option<Lps>,
}

#[derive(Clone, Debug, Default, PartialEq)]
/// Whether the plan is kept.
pub(super) enum Keeping {
    /// Nothing to save.
    #[default]
    Nothing,
    Kept,
    Open,
    Cannot(String),
}

#[derive(Clone)]
pub(super) struct JobSight {
    pub(super) stage: String,
    pub(super) fraction: f32,
}

#[derive(Clone)]
pub(super) struct RecentSight {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) about: String,
}

#[derive(Clone)]
pub(super) struct SampleSight {
    pub(super) case: &'static str,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) picture: Option<Arc<image::RgbaImage>>,
}

/// Everything that the window can ask of the case.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Open(PathBuf),
    /// A plan, with its CT at another place than the plan remembers.
    OpenOnCt {
        plan: PathBuf,
        ct: PathBuf,
    },
    OpenSample(&'static str),
    ChooseSeries(String),
    Close,
    Undo,
    Redo,
    Segment {
        at: Lps,
        to: Option<Lps>,
    },
    Callipers {
        lesion: usize,
        first: [Lps; 2],
        second: [Lps; 2],
        /// mm per point of the screen that they were drawn on.
        point_mm: f64,
    },
    AutomaticAxes {
        lesion: usize,
    },
    SetSite {
        lesion: usize,
        site: Site,
    },
    DeleteLesion(usize),
    FindAnatomy,
    AddNeedle {
        lesion: usize,
        entry: Lps,
        tip: Lps,
    },
    MoveNeedle {
        at: usize,
        needle: Needle,
    },
    /// So many mm deeper; several in a row are one decision.
    NudgeNeedle {
        at: usize,
        mm: f64,
    },
    DeleteNeedle(usize),
    Propose {
        lesion: usize,
    },
    TakeProposal {
        at: usize,
        replace: Option<usize>,
    },
    /// Loads another kernel of the open acquisition.
    ShowOver(String),
    /// Another slice of what is coming in.
    Preview(usize),
    /// Tells the hand something: a key of `words`.
    Say(&'static str),
    SetMargin(f64),
    SetSubject(String),
    SetReader(String),
    Answer {
        rule: String,
        answer: Option<String>,
    },
    SaveTo(PathBuf),
    Export(PathBuf),
}

impl Action {
    /// Whether it takes the open case away.
    pub(super) fn leaves(&self) -> bool {
        matches!(
            self,
            Action::Open(_) | Action::OpenOnCt { .. } | Action::OpenSample(_) | Action::ChooseSeries(_) | Action::Close
        )
    }
}

impl Sight {
    /// The name of what lies at a point: the most specific structure, or a lesion.
    pub(super) fn structure_at(&self, p: Lps) -> Option<Structure> {
        self.anatomy.as_ref()?.structure_at(p)
    }

    /// Which lesion lies at a point.
    pub(super) fn lesion_at(&self, p: Lps) -> Option<usize> {
        self.lesions.iter().position(|l| l.shape.as_ref().is_some_and(|s| s.distance(p) < 0.0))
    }
}
