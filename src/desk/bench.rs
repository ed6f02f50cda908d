//! Between the window and the case: runs the verbs as jobs, makes edits, saves, and puts the sight together.

use super::options::Options;
use super::sight::{
    Action, Ask, JobSight, Keeping, LesionSight, NeedleSight, PoseSight, RecentSight, RuleSight, Series, Sight,
};
use super::widgets::Mark;
use crate::case::{self, Fault, Opened, Recent, Settings};
use crate::ct::{Ct, CtError, Finding, Listing};
use crate::draw::{Shape, thumbnail};
use crate::jobs::{Job, Outcome, Progress, ThreadBudget, spawn, thread_budget};
use crate::lesion::{
    Gesture, Measurement, SegmentError, Segmentation, by_calliper, guess_site, measure, segment, side,
};
use crate::needle::{Needle, Verdict};
use crate::plan::{
    Answer, Change, CtBinding, Edit, History, Lesion, Outline, Plan, PlannedNeedle, ReaderAxes, SiteSource,
};
use crate::space::Lps;
use crate::terms::Severity;
use crate::trial::{Eligibility, EligibilityStatus, Kind, Protocol, RuleValue};
use crate::words::{Lang, Value, Words};
use eframe::egui;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long after an edit it is written, once there is a place for it.
const SAVE_AFTER: Duration = Duration::from_millis(1200);

/// What a running job gives when it has ended.
enum Given {
    Opened(Result<Box<(Opened, PathBuf)>, Fault>),
    Segmented(Box<Result<(Gesture, Segmentation, Measurement), SegmentError>>),
}

/// The case that is open.
struct Open {
    path: PathBuf,
    listing: Arc<Listing>,
    ct: Arc<Ct>,
    id: String,
    history: History,
    thumbnail: Arc<image::RgbaImage>,
    /// Outlines prepared for drawing, by tracking UID and time of acceptance.
    shapes: Vec<(String, String, Arc<Shape>)>,
    /// The folder that the plan is kept in.
    place: Option<PathBuf>,
    changed: Option<Instant>,
    cannot_save: Option<String>,
    forgotten: bool,
}

/// The bench.
pub(super) struct Bench {
    ctx: egui::Context,
    pool: Arc<Option<ThreadBudget>>,
    protocol: Option<Protocol>,
    now: Option<String>,
    settings: Settings,
    open: Option<Open>,
    job: Option<Job<Given>>,
    notice: Option<String>,
    failed: Option<String>,
    revision: u64,
}

impl Bench {
    pub(super) fn new(ctx: egui::Context, options: &Options) -> Bench {
        Bench {
            ctx,
            pool: Arc::new(thread_budget(options.threads).ok()),
            protocol: Protocol::keio().ok(),
            now: options.now.clone(),
            settings: settings_file().map(|f| Settings::load(&f)).unwrap_or_default(),
            open: None,
            job: None,
            notice: None,
            failed: None,
            revision: 0,
        }
    }

    /// Opens what the window was started with.
    pub(super) fn begin(&mut self, options: &Options) {
        if let Some(path) = &options.path {
            self.open_path(path.clone(), options.series.clone());
        }
    }

    pub(super) fn language(&self) -> Option<Lang> {
        self.settings.language.as_deref().and_then(Lang::from_name)
    }

    pub(super) fn set_language(&mut self, lang: Lang) {
        self.settings.language = Some(lang.name().to_string());
        self.keep_settings();
        self.revision += 1;
    }

    fn keep_settings(&mut self) {
        if let Some(file) = settings_file()
            && let Err(e) = self.settings.save(&file)
        {
            self.notice = Some(e.to_string());
        }
    }

    /// Counts what changes on the picture.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// Why the last opening failed.
    pub(super) fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// A notice for the footer, once.
    pub(super) fn take_notice(&mut self) -> Option<String> {
        self.notice.take()
    }

    /// The folder that the plan is kept in.
    pub(super) fn place(&self) -> Option<PathBuf> {
        self.open.as_ref().and_then(|o| o.place.clone())
    }

    /// What is not saved may be lost: the hand said so.
    pub(super) fn forget(&mut self) {
        if let Some(open) = &mut self.open {
            open.forgotten = true;
        }
    }

    /// In how long something is to be done that no event will remind of.
    pub(super) fn due(&self) -> Option<Duration> {
        if self.job.is_some() {
            return Some(Duration::from_millis(100));
        }
        let open = self.open.as_ref()?;
        open.place.as_ref()?;
        Some(SAVE_AFTER.saturating_sub(open.changed?.elapsed()) + Duration::from_millis(20))
    }

    fn time(&self) -> String {
        self.now.clone().unwrap_or_else(case::now_iso)
    }

    pub(super) fn cancel(&mut self) {
        if let Some(job) = &self.job {
            job.progress().cancel();
        }
    }

    fn start(&mut self, work: impl FnOnce(&Progress) -> Given + Send + 'static) {
        self.cancel();
        let ctx = self.ctx.clone();
        let pool = self.pool.clone();
        let run = move |p: &Progress| {
            Ok(match pool.as_ref() {
                Some(pool) => pool.run(|| work(p)),
                None => work(p),
            })
        };
        self.job = Some(spawn(Progress::none(), move || ctx.request_repaint(), run));
    }

    fn open_path(&mut self, path: PathBuf, id: Option<String>) {
        self.failed = None;
        self.start(move |p| Given::Opened(case::open(&path, id.as_deref(), p).map(|o| Box::new((o, path)))));
    }

    /// Takes in what jobs have done; whether anything changed.
    pub(super) fn poll(&mut self, words: &Words) -> bool {
        let mut changed = false;
        if let Some(outcome) = self.job.as_ref().and_then(Job::poll) {
            self.job = None;
            changed = true;
            match outcome {
                Outcome::Done(given) => self.given(given, words),
                Outcome::Cancelled => self.notice = Some(words.get("error-cancelled")),
                Outcome::Failed(_) => self.notice = Some(words.get("error-fault")),
            }
        } else if self.job.is_some() {
            changed = true;
        }
        if let Some(open) = &mut self.open
            && open.place.is_some()
            && open.changed.is_some_and(|c| c.elapsed() >= SAVE_AFTER)
        {
            self.save(words);
            changed = true;
        }
        changed
    }

    fn given(&mut self, given: Given, words: &Words) {
        match given {
            Given::Opened(Ok(opened)) => {
                let (o, path) = *opened;
                self.opened(o, path);
            }
            Given::Opened(Err(Fault::Cancelled(_) | Fault::Ct { error: CtError::Cancelled(_), .. })) => {
                self.notice = Some(words.get("error-cancelled"));
            }
            Given::Opened(Err(fault)) => {
                let text = fault.sentence(words);
                if self.open.is_some() {
                    self.notice = Some(text.clone());
                }
                self.failed = Some(text);
            }
            Given::Segmented(result) => match *result {
                Ok((gesture, segmentation, measurement)) => {
                    self.add_lesion(gesture, &segmentation, &measurement, words);
                }
                Err(SegmentError::Cancelled(_)) => self.notice = Some(words.get("error-cancelled")),
                Err(e) => self.notice = Some(Fault::Segment(e).sentence(words)),
            },
        }
    }

    fn opened(&mut self, o: Opened, path: PathBuf) {
        let binding = CtBinding::of(&o.ct, Some(o.id.clone()), Some(path.clone()));
        let mut plan = Plan::new(binding, false);
        plan.reader = self.settings.reader.clone().unwrap_or_default();
        self.settings.remember(Recent {
            path: path.clone(),
            subject: None,
            scan: scan_name(&o.ct),
            opened: self.time(),
        });
        self.keep_settings();
        self.open = Some(Open {
            thumbnail: Arc::new(thumbnail(&o.ct.hu, [128, 96])),
            path,
            listing: o.listing,
            ct: o.ct,
            id: o.id,
            history: History::new(plan),
            shapes: Vec::new(),
            place: None,
            changed: None,
            cannot_save: None,
            forgotten: false,
        });
        self.failed = None;
        self.revision += 1;
    }

    fn edit(&mut self, change: Change, words: &Words) {
        let at = self.time();
        let Some(open) = &mut self.open else { return };
        match open.history.apply(Edit::new(at, change)) {
            Ok(()) => {
                open.changed = Some(Instant::now());
                open.forgotten = false;
                self.revision += 1;
            }
            Err(e) => self.notice = Some(e.sentence(words)),
        }
    }

    fn add_lesion(&mut self, gesture: Gesture, s: &Segmentation, m: &Measurement, words: &Words) {
        let time = self.time();
        let Some(open) = &mut self.open else { return };
        let plan = open.history.plan();
        let (site, _) = guess_site(&open.ct, None, &s.mask);
        let uid = plan.new_tracking_uid(&time);
        let outline = Outline::accepted(&open.ct, gesture, s, m, &time);
        if let Some(shape) = Shape::of(&s.mask) {
            open.shapes.push((uid.clone(), time.clone(), Arc::new(shape)));
        }
        let lesion = Lesion { tracking_uid: uid, site, site_source: SiteSource::Guessed, outline, by_reader: None };
        let change = Change::AddLesion { at: plan.lesions.len(), lesion: Box::new(lesion), needles: Vec::new() };
        self.edit(change, words);
    }

    /// What the rules say of a needle, within a frame.
    pub(super) fn judge(&self, _needle: &Needle, _lesion: usize) -> Option<Verdict> {
        None
    }

    fn uid(&self, lesion: usize) -> Option<String> {
        Some(self.open.as_ref()?.history.plan().lesions.get(lesion)?.tracking_uid.clone())
    }

    pub(super) fn act(&mut self, action: Action, words: &Words) {
        match action {
            Action::Open(path) => self.open_path(path, None),
            Action::ChooseSeries(id) => {
                if let Some(open) = &self.open {
                    self.open_path(open.path.clone(), Some(id));
                }
            }
            Action::OpenSample => {}
            Action::Close => {
                self.cancel();
                self.open = None;
                self.revision += 1;
            }
            Action::Undo | Action::Redo => {
                if let Some(open) = &mut self.open {
                    let undo = matches!(action, Action::Undo);
                    let name = if undo { open.history.undo() } else { open.history.redo() };
                    if let Some(name) = name {
                        open.changed = Some(Instant::now());
                        self.revision += 1;
                        let key = if undo { "desk-undone" } else { "desk-redone" };
                        self.notice = Some(words.text(key, &[("edit", name.sentence(words).into())]));
                    }
                }
            }
            Action::Segment { at, to } => {
                let Some(ct) = self.open.as_ref().map(|o| o.ct.clone()) else { return };
                let gesture = to.map_or(Gesture::Click(at), |to| Gesture::Stroke(at, to));
                self.start(move |p| {
                    let found = segment(&ct, None, gesture, p).and_then(|s| {
                        let m = measure(&ct, &s.mask, s.level_hu).ok_or(SegmentError::Nothing(at))?;
                        Ok((gesture, s, m))
                    });
                    Given::Segmented(Box::new(found))
                });
            }
            Action::Callipers { lesion, first, second } => self.callipers(lesion, first, second, words),
            Action::AutomaticAxes { lesion } => {
                if let Some(tracking_uid) = self.uid(lesion) {
                    self.edit(Change::SetReaderAxes { tracking_uid, axes: None }, words);
                }
            }
            Action::SetSite { lesion, site } => {
                if let Some(tracking_uid) = self.uid(lesion) {
                    self.edit(Change::SetSite { tracking_uid, site, source: SiteSource::Given }, words);
                }
            }
            Action::DeleteLesion(lesion) => {
                if let Some(tracking_uid) = self.uid(lesion) {
                    self.edit(Change::DeleteLesion { tracking_uid }, words);
                }
            }
            Action::AddNeedle { lesion, entry, tip } => {
                let Some(uid) = self.uid(lesion) else { return };
                let Some(plan) = self.open.as_ref().map(|o| o.history.plan()) else { return };
                let needle = Needle { model: "icesphere".into(), entry, tip, pose: plan.pose };
                let at = plan.needles.len();
                self.edit(Change::AddNeedle { at, needle: PlannedNeedle { needle, lesion: uid } }, words);
            }
            Action::MoveNeedle { at, needle } => {
                let old = self.open.as_ref().and_then(|o| o.history.plan().needles.get(at)).cloned();
                if let Some(old) = old {
                    self.edit(Change::SetNeedle { at, needle: PlannedNeedle { needle, ..old } }, words);
                }
            }
            Action::DeleteNeedle(at) => self.edit(Change::DeleteNeedle { at }, words),
            Action::FindAnatomy | Action::Propose { .. } | Action::TakeProposal { .. } => {}
            Action::SetMargin(mm) => self.edit(Change::SetMargin(mm), words),
            Action::SetSubject(id) => self.edit(Change::SetSubject(id), words),
            Action::SetReader(name) => {
                self.settings.reader = Some(name.clone());
                self.keep_settings();
                self.edit(Change::SetReader(name), words);
            }
            Action::Answer { rule, answer } => self.answer(rule, answer, words),
            Action::SaveTo(place) => {
                if let Some(open) = &mut self.open {
                    open.place = Some(place);
                    self.save(words);
                }
            }
            Action::Export(_) => {}
        }
    }

    fn callipers(&mut self, lesion: usize, first: [Lps; 2], second: [Lps; 2], words: &Words) {
        let Some(tracking_uid) = self.uid(lesion) else { return };
        let time = self.time();
        let Some(open) = &self.open else { return };
        let Some((long, short)) = by_calliper(&open.ct, first, second) else { return };
        let k = open.ct.hu.grid.index(long.ends[0]).z.round().max(0.0) as usize;
        let slice = k.min(open.ct.hu.grid.size[2].saturating_sub(1));
        let axes = ReaderAxes {
            long,
            short,
            slice,
            sop_instance_uid: open.ct.sop_instance_uid(slice).map(str::to_string),
            reader: open.history.plan().reader.clone(),
            measured_at: time,
        };
        self.edit(Change::SetReaderAxes { tracking_uid, axes: Some(axes) }, words);
    }

    fn answer(&mut self, rule: String, answer: Option<String>, words: &Words) {
        let kind = self.protocol.as_ref().and_then(|p| p.rule(&rule)).map(|r| r.kind.clone());
        let answer = match (answer, kind) {
            (None, _) => None,
            (Some(a), Some(Kind::YesNo { .. })) => Some(Answer::Yes(a == "yes")),
            (Some(a), _) => match a.trim().replace(',', ".").parse::<f64>() {
                Ok(v) if v.is_finite() => Some(Answer::Number(v)),
                _ => {
                    self.notice = Some(words.get("desk-number-needed"));
                    return;
                }
            },
        };
        self.edit(Change::SetAnswer { rule, answer }, words);
    }

    fn save(&mut self, words: &Words) {
        let Some(open) = &mut self.open else { return };
        let Some(place) = open.place.clone() else { return };
        open.changed = None;
        let state = open.history.state();
        match crate::plan::file::save(open.history.plan(), &place.join("plan.json")) {
            Ok(()) => {
                open.history.mark_saved(state);
                open.cannot_save = None;
            }
            Err(e) => {
                let why = words.text(e.word(), &[("why", e.to_string().into())]);
                open.cannot_save = Some(why);
            }
        }
    }

    /// The sight of all that is.
    pub(super) fn sight(&self, w: &Words) -> Sight {
        let mut s = Sight {
            job: self.job.as_ref().map(|j| JobSight {
                stage: w.get(if j.progress().stage().is_empty() { "stage-opening" } else { j.progress().stage() }),
                fraction: j.progress().fraction(),
            }),
            recent: self
                .settings
                .recent
                .iter()
                .map(|r| RecentSight { path: r.path.clone(), name: r.title().to_string(), about: recent_about(r, w) })
                .collect(),
            ..Sight::default()
        };
        let Some(open) = &self.open else { return s };
        let plan = open.history.plan();
        s.ct = Some(open.ct.clone());
        s.subject = plan.subject.clone();
        s.reader = plan.reader.clone();
        s.sample = plan.sample;
        s.series = self.series(open, w);
        s.findings = open.ct.findings.iter().chain(&open.listing.findings).cloned().collect();
        s.margin_mm = plan.margin_mm;
        s.pose = PoseSight(plan.pose);
        s.undo = open.history.undo_name().map(|n| n.sentence(w));
        s.redo = open.history.redo_name().map(|n| n.sentence(w));
        s.saved = match (&open.cannot_save, open.history.is_saved(), open.history.is_untouched()) {
            _ if open.forgotten => Keeping::Nothing,
            (Some(why), ..) => Keeping::Cannot(why.clone()),
            (None, true, _) => Keeping::Kept,
            (None, false, true) => Keeping::Nothing,
            (None, false, false) => Keeping::Open,
        };
        s.lesions = plan.lesions.iter().map(|l| self.lesion(open, l, w)).collect();
        s.needles = plan
            .needles
            .iter()
            .map(|n| NeedleSight {
                in_plane_deg: n.needle.in_plane_angle_deg(open.ct.down()),
                tilt_deg: n.needle.craniocaudal_angle_deg(),
                needle: n.needle.clone(),
                model_name: n.needle.model.clone(),
                verified: false,
                lesion: plan.lesion(&n.lesion).map_or(0, |l| l.0),
                active_mm: 22.0,
                verdict: None,
                table: Vec::new(),
                findings: Vec::new(),
            })
            .collect();
        s
    }

    fn series(&self, open: &Open, w: &Words) -> Vec<Series> {
        let mut out = Vec::new();
        for entry in &open.listing.series {
            let several = entry.volumes.len() > 1;
            for v in &entry.volumes {
                let picked = v.id == open.id || entry.id == open.id && !several;
                let worst = entry
                    .findings
                    .iter()
                    .chain(&v.findings)
                    .filter(|f| f.severity > Severity::Info)
                    .max_by_key(|f| f.severity);
                let mut description = entry.description.clone();
                if several && !v.label.is_empty() {
                    description = format!("{description} · {}", v.label);
                }
                out.push(Series {
                    uid: v.id.clone(),
                    description,
                    size: v.size,
                    spacing: v.spacing_mm.into(),
                    usable: v.usable_for_planning,
                    picked,
                    thumbnail: picked.then(|| open.thumbnail.clone()),
                    doubt: worst.map(|f| f.sentence(w)),
                });
            }
        }
        out
    }

    fn lesion(&self, open: &Open, l: &Lesion, w: &Words) -> LesionSight {
        let m = &l.outline.measured;
        let plan = open.history.plan();
        let shape = open.shapes.iter().find(|s| s.0 == l.tracking_uid && s.1 == l.outline.accepted_at);
        let mask = || l.mask(open.ct.hu.grid);
        LesionSight {
            site: l.site,
            site_guessed: l.site_source == SiteSource::Guessed,
            side: mask().and_then(|m| side(&open.ct, None, &m)),
            shape: shape.map(|s| s.2.clone()),
            measurement: Measurement {
                voxels: m.voxels,
                volume_mm3: m.volume_mm3,
                long: m.long,
                short: m.short,
                slice: m.slice,
                max_3d_diameter_mm: m.max_3d_diameter_mm,
                centroid: m.centroid,
                mean_hu: m.mean_hu,
                findings: Vec::new(),
            },
            by_reader: l.by_reader.as_ref().map(|r| [r.long, r.short]),
            findings: l.outline.findings.clone(),
            rules: self.protocol.as_ref().map(|p| rules(p, plan, l, w)).unwrap_or_default(),
        }
    }
}

/// The trial's rules held against a lesion, as rows.
fn rules(protocol: &Protocol, plan: &Plan, lesion: &Lesion, w: &Words) -> Vec<RuleSight> {
    let value = |v: &RuleValue| match v {
        RuleValue::Yes(yes) => w.get(if *yes { "desk-yes" } else { "desk-no" }),
        RuleValue::Number(x) => number(*x),
    };
    Eligibility::of(protocol, plan, lesion)
        .rules
        .iter()
        .filter_map(|o| {
            let rule = protocol.rule(&o.rule)?;
            let asks = match rule.kind {
                Kind::Number { .. } => Some(Ask::Number),
                Kind::YesNo { .. } => Some(Ask::YesNo),
                _ => None,
            };
            let unit = if matches!(rule.kind, Kind::LargestDiameter { .. }) { " mm" } else { "" };
            let measured = match (&rule.kind, &o.measured) {
                (Kind::LargestDiameter { .. }, Some(RuleValue::Number(x))) => format!("{x:.1}"),
                (_, Some(v)) => value(v),
                (_, None) => String::new(),
            };
            let allowed = match (&rule.kind, &o.limit) {
                (Kind::Number { at_least: Some(a), at_most: Some(b), .. }, _) => {
                    format!("{}–{}", number(*a), number(*b))
                }
                (Kind::YesNo { .. }, Some(v)) => value(v),
                (Kind::Number { at_least: Some(a), .. }, _) => {
                    w.text("value-at-least", &[("value", number(*a).into())])
                }
                (_, Some(v)) => w.text("value-at-most", &[("value", format!("{}{unit}", value(v)).into())]),
                (_, None) => String::new(),
            };
            Some(RuleSight {
                id: o.rule.clone(),
                mark: match o.status {
                    EligibilityStatus::Met => Mark::Good,
                    EligibilityStatus::NotMet => Mark::Broken,
                    EligibilityStatus::Borderline => Mark::Warning,
                    EligibilityStatus::Unknown => Mark::Unknown,
                },
                name: rule.sentence(w),
                measured,
                allowed,
                asks,
            })
        })
        .collect()
}

/// Where a finding points, as text.
pub(super) fn place_text(f: &Finding, w: &Words) -> String {
    let mut parts = Vec::new();
    if let Some(file) = f.place.file.as_ref().and_then(|f| f.file_name()) {
        parts.push(w.text("where-file", &[("file", file.to_string_lossy().into_owned().into())]));
    }
    match f.place.slices {
        Some((a, b)) if a == b => parts.push(w.text("where-slice", &[("first", (a + 1).into())])),
        Some((a, b)) => parts.push(w.text("where-slices", &[("first", (a + 1).into()), ("last", (b + 1).into())])),
        None => {}
    }
    if let Some(p) = f.place.lps_mm {
        let n = |v: f64| Value::Number(v, 0);
        parts.push(w.text("where-point", &[("x", n(p.x)), ("y", n(p.y)), ("z", n(p.z))]));
    }
    parts.join(", ")
}

/// What a scan is called where there is no subject id: description and date.
fn scan_name(ct: &Ct) -> String {
    let a = &ct.acquisition;
    let parts: Vec<&str> =
        [a.description.as_str(), a.date.as_deref().unwrap_or("")].into_iter().filter(|s| !s.is_empty()).collect();
    if parts.is_empty() { format!("CT, {} slices", ct.hu.grid.size[2]) } else { parts.join(", ") }
}

fn recent_about(r: &Recent, w: &Words) -> String {
    let when = w.lang().date(&r.opened);
    if r.subject.as_deref().is_some_and(|s| !s.is_empty()) { format!("{} · {when}", r.scan) } else { when }
}

fn settings_file() -> Option<PathBuf> {
    crate::system::Folders::here().map(|f| f.config.join("settings.json"))
}

/// A number in its shortest form.
fn number(x: f64) -> String {
    if x.fract() == 0.0 { format!("{x:.0}") } else { format!("{x:.1}") }
}
