//! The whole job: lesions, anatomy, needles, ice: from clicks to a plan.

use super::assets::Assets;
use super::fault::Fault;
use super::follow::{Consequences, Targets, follow, targets};
use super::lesions::mark_lesion;
use super::open::Opened;
use super::sample::is_sample;
use crate::anatomy::{self, Anatomy};
use crate::ct::Finding;
use crate::jobs::Progress;
use crate::lesion::Gesture;
use crate::needle::Needle;
use crate::placement::{self, Offer, Proposal, Request};
use crate::plan::{Change, CtBinding, Edit, History, Plan, PlannedNeedle};
use crate::space::Lps;
use crate::terms::{Code, Pose, Site};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// What the whole job is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeRequest {
    /// A gesture per lesion, up to three.
    pub gestures: Vec<Gesture>,
    /// The lesions' site; guessed if not given.
    pub site: Option<Site>,
    /// How the patient will lie.
    pub pose: Pose,
    /// The needle's model; the catalogue's default if not given.
    pub model: Option<String>,
    /// Needles per lesion.
    pub needles: usize,
    /// Margin at −20 °C, mm.
    pub margin_mm: f64,
    /// The subject's id in the trial.
    pub subject: Option<String>,
    /// Who reads.
    pub reader: Option<String>,
}

impl WholeRequest {
    /// A click per lesion, and the defaults for everything else: as scanned, one needle of the catalogue's default model
    /// per lesion, 5 mm at −20 °C.
    pub fn clicks(at: &[Lps]) -> WholeRequest {
        WholeRequest {
            gestures: at.iter().map(|p| Gesture::Click(*p)).collect(),
            site: None,
            pose: Pose::AsScanned,
            model: None,
            needles: 1,
            margin_mm: 5.0,
            subject: None,
            reader: None,
        }
    }
}

/// A needle that was not taken but could have been.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Tracking UID of its lesion.
    pub lesion: String,
    /// The needle, its verdict and what speaks for it.
    pub offer: Offer,
}

/// What came of the whole job.
pub struct Whole {
    /// The plan with its way of coming about.
    pub history: History,
    /// What was found in the CT.
    pub anatomy: Arc<Anatomy>,
    /// What lies around the lesions.
    pub targets: Targets,
    /// What follows from the plan.
    pub follows: Consequences,
    /// Other needles that were found.
    pub alternatives: Vec<Alternative>,
    /// What the search had to say.
    pub findings: Vec<Finding>,
    /// Whether some lesion got no needle.
    pub no_free_needle: bool,
    /// Seconds by stage.
    pub seconds: Vec<(String, f64)>,
}

/// Measures stages by the clock on the wall.
pub(super) struct Stopwatch {
    last: Instant,
    pub(super) stages: Vec<(String, f64)>,
}

impl Stopwatch {
    pub(super) fn start() -> Stopwatch {
        Stopwatch { last: Instant::now(), stages: Vec::new() }
    }

    pub(super) fn lap(&mut self, stage: &str) {
        self.stages.push((stage.to_string(), self.last.elapsed().as_secs_f64()));
        self.last = Instant::now();
    }
}

/// Does the whole job on an opened CT. `place` is the path that it was opened from, `now` the time of all edits.
///
/// # Errors
/// [`Fault`] where there is no lesion at a gesture, an unknown model, cancelled.
pub fn whole(
    opened: &Opened,
    place: &Path,
    request: &WholeRequest,
    assets: &Assets,
    now: &str,
    progress: &Progress,
) -> Result<Whole, Fault> {
    let ct = &opened.ct;
    let mut watch = Stopwatch::start();
    let mut history = History::new(empty_plan(opened, place));
    let edit = |history: &mut History, change: Change| {
        history.apply(Edit::new(now, change)).map_err(|e| Fault::Given(e.to_string()))
    };
    for (change, differs) in [
        (Change::SetPose(request.pose), request.pose != history.plan().pose),
        (Change::SetMargin(request.margin_mm), request.margin_mm != history.plan().margin_mm),
        (Change::SetSubject(request.subject.clone().unwrap_or_default()), request.subject.is_some()),
        (Change::SetReader(request.reader.clone().unwrap_or_default()), request.reader.is_some()),
    ] {
        if differs {
            edit(&mut history, change)?;
        }
    }
    let model = match &request.model {
        Some(id) => assets.catalogue.model(id).ok_or_else(|| {
            let known: Vec<&str> = assets.catalogue.models().iter().map(|m| m.id.as_str()).collect();
            Fault::Given(format!("the catalogue has no needle '{id}'; it has {}", known.join(", ")))
        })?,
        None => assets.catalogue.default_model(),
    };

    let anatomy = Arc::new(anatomy::find(ct, &progress.part(0.0, 0.4))?);
    watch.lap("anatomy");
    let n = request.gestures.len().max(1) as f32;
    for (at, gesture) in request.gestures.iter().enumerate() {
        let part = progress.part(0.4 + 0.15 * at as f32 / n, 0.15 / n);
        let added = mark_lesion(ct, Some(&anatomy), history.plan(), *gesture, request.site, now, &part)?;
        history.apply(added).map_err(|e| Fault::Given(e.to_string()))?;
    }
    let mut findings = Vec::new();
    let places = 1 + request.gestures.len() - history.plan().lesions.len();
    if places > 1 {
        findings.push(Finding::new(Code::SameLesion).number("times", places as f64, 0));
    }
    watch.lap("lesion");
    let targets = targets(ct, &anatomy, history.plan(), assets, &progress.part(0.55, 0.15))?;
    watch.lap("distances");
    let mut alternatives = Vec::new();
    let mut no_free_needle = false;
    for (at, target) in targets.iter().enumerate() {
        let search = Request {
            model: model.id.clone(),
            pose: request.pose,
            needles: request.needles,
            margin_mm: request.margin_mm,
            alternatives: 4,
        };
        let part = progress.part(0.7 + 0.25 * at as f32 / n, 0.25 / n);
        let proposal = placement::propose(&target.surroundings, &assets.catalogue, &search, &part)?;
        let lesion = history.plan().lesions[at].tracking_uid.clone();
        no_free_needle |= proposal.needles.is_empty();
        let Proposal { needles, alternatives: others, findings: said, .. } = proposal;
        if needles.len() < request.needles && !needles.is_empty() {
            let (placed, asked) = (needles.len() as f64, request.needles as f64);
            findings.push(
                Finding::new(Code::FewerNeedles)
                    .number("placed", placed, 0)
                    .number("asked", asked, 0)
                    .text("lesion", Plan::lesion_id(at)),
            );
        }
        for offer in needles {
            let change = add_needle(history.plan(), offer.needle, &lesion);
            edit(&mut history, change)?;
        }
        alternatives.extend(others.into_iter().map(|offer| Alternative { lesion: lesion.clone(), offer }));
        findings.extend(said.into_iter().map(|f| f.text("lesion", Plan::lesion_id(at))));
    }
    watch.lap("needles");
    let follows = follow(ct, &anatomy, history.plan(), &targets, assets)?;
    // What the plan as a whole has said need not be said by the search again.
    findings.retain(|f| matches!(f.code, Code::NoFreeNeedle | Code::SameLesion | Code::FewerNeedles));
    watch.lap("ice");
    Ok(Whole { history, anatomy, targets, follows, alternatives, findings, no_free_needle, seconds: watch.stages })
}

/// A plan without decisions on an opened CT.
pub fn empty_plan(opened: &Opened, place: &Path) -> Plan {
    let volume = Some(opened.id.clone()).filter(|id| !id.is_empty());
    let binding = CtBinding::of(&opened.ct, volume, Some(absolute(place)));
    Plan::new(binding, is_sample(&opened.ct.identity.series_uid))
}

/// The change that adds a needle for a lesion at the end of the list.
pub fn add_needle(plan: &Plan, needle: Needle, lesion: &str) -> Change {
    Change::AddNeedle { at: plan.needles.len(), needle: PlannedNeedle { needle, lesion: lesion.to_string() } }
}

/// The path from the root, so that a plan finds its CT from wherever the program is started.
fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
