//! Between the window and the case: runs the verbs as jobs, makes edits, saves, and puts the sight together.
//!
//! `work` starts jobs and takes in what they give; `view` makes the sight; this file acts and keeps.

mod view;
mod work;

/// A number as typed, with a decimal point or comma.
pub(super) fn number(typed: &str) -> Option<f64> {
    typed.trim().replace(',', ".").parse::<f64>().ok().filter(|v| v.is_finite())
}

use super::options::Options;
use super::sight::Action;
use crate::anatomy::Anatomy;
use crate::case::{self, Assets, Consequences, Settings, Slot, Targets};
use crate::ct::{Ct, Finding, Listing};
use crate::draw::Shape;
use crate::ice::Frozen;
use crate::jobs::{Job, ThreadBudget, thread_budget};
use crate::lesion::{Gesture, by_calliper};
use crate::needle::{Needle, Verdict};
use crate::phantom;
use crate::placement::Offer;
use crate::plan::{Answer, Change, Edit, History, Lesion, PlannedNeedle, ReaderAxes, SiteSource};
use crate::space::Lps;
use crate::system::Trouble;
use crate::trial::Kind;
use crate::words::{Lang, Words};
use eframe::egui;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// How long after an edit it is written, once there is a place for it.
const SAVE_AFTER: Duration = Duration::from_millis(1200);

/// What `targets` is made from: of each lesion who it is, which outline it has, where it sits.
type TargetKey = Vec<(String, OutlineKey, &'static str)>;

/// Which outline: when it was accepted, and, since two may be within one second, its voxels and their middle to the bit.
type OutlineKey = (String, usize, [u64; 3]);

fn outline_key(l: &Lesion) -> OutlineKey {
    let c = l.outline.measured.centroid;
    (l.outline.accepted_at.clone(), l.outline.measured.voxels, [c.x, c.y, c.z].map(f64::to_bits))
}

/// Nudges of a needle that follow each other within this time are one decision.
const ONE_NUDGE: Duration = Duration::from_millis(1500);

/// Why a plan is not saved.
#[derive(Clone, Debug)]
enum CannotSave {
    /// The system would not.
    Trouble(Trouble),
    /// Another program has changed the file.
    Changed,
}

/// A digest of a file's bytes; `None` where there is none.
fn digest_of(file: &Path) -> Option<u64> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let bytes = std::fs::read(file).ok()?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Some(hasher.finish())
}

/// The last nudge of a needle.
#[derive(Clone, Copy)]
struct Nudged {
    at: usize,
    /// The plan's state that it led to.
    state: u64,
    when: Instant,
}

/// A series that comes in, with the slice of it that can be looked at already.
struct Preview {
    listing: Arc<Listing>,
    id: Option<String>,
    slice: Option<(Arc<Ct>, usize, usize)>,
}

impl Preview {
    /// Brings in slice `k`; some milliseconds.
    fn show(&mut self, k: usize) {
        let n = crate::ct::slices(&self.listing, self.id.as_deref());
        let k = k.min(n.saturating_sub(1));
        // What cannot be read is told by the job that reads it all.
        if n > 0
            && let Ok(ct) = crate::ct::slice(&self.listing, self.id.as_deref(), k)
        {
            self.slice = Some((Arc::new(ct), k, n));
        }
    }
}

/// The case that is open.
struct Open {
    path: PathBuf,
    listing: Arc<Listing>,
    ct: Arc<Ct>,
    id: String,
    history: History,
    /// A small picture of each volume, by its id; they come in one after the other.
    thumbnails: HashMap<String, Arc<image::RgbaImage>>,
    thumbnails_made: Receiver<(String, Arc<image::RgbaImage>)>,
    /// Outlines prepared for drawing, by tracking UID.
    shapes: Vec<(String, OutlineKey, Option<Arc<Shape>>)>,
    anatomy: Slot<u8, Anatomy>,
    targets: Slot<TargetKey, Targets>,
    /// What follows from the plan, with the number of the state and the targets it follows from.
    follows: Option<(u64, TargetKey, Arc<Consequences>)>,
    frozen: Option<Arc<Frozen>>,
    /// Another kernel of the same acquisition.
    other: Option<Arc<Ct>>,
    /// What is doubtful about the plan as it was saved.
    doubts: Vec<Finding>,
    /// Needles found for a lesion.
    offers: Option<(String, Vec<Offer>)>,
    nothing_found: Option<(String, Vec<Finding>)>,
    /// A lesion for which needles are wanted as soon as its surroundings are ready.
    wanted: Option<usize>,
    /// The folder that the plan is kept in.
    place: Option<PathBuf>,
    /// What its file held when it was last read or written here.
    kept: Option<u64>,
    written: Option<PathBuf>,
    changed: Option<Instant>,
    cannot_save: Option<CannotSave>,
    forgotten: bool,
    nudged: Option<Nudged>,
}

/// The bench.
pub(super) struct Bench {
    ctx: egui::Context,
    pool: Arc<Option<ThreadBudget>>,
    assets: Option<Arc<Assets>>,
    now: Option<String>,
    settings: Settings,
    settings_file: Option<PathBuf>,
    open: Option<Open>,
    /// What the hand waits for.
    job: Option<Job<work::Given>>,
    /// What a path holds, told by the job that opens it.
    listed: Option<Receiver<Preview>>,
    preview: Option<Preview>,
    /// Files being written, whatever else is done meanwhile.
    writing: Option<Job<work::Given>>,
    notice: Option<String>,
    failed: Option<String>,
    /// A plan whose CT was not where it should be.
    lost: Option<PathBuf>,
    /// Whether a gesture has just become a lesion.
    marked: bool,
    revision: u64,
    sample_pictures: HashMap<&'static str, Arc<image::RgbaImage>>,
}

impl Bench {
    pub(super) fn new(ctx: egui::Context, options: &Options) -> Bench {
        let assets = Assets::load(options.assets.as_deref());
        let failed = assets.as_ref().err().map(ToString::to_string);
        let settings_file = options.config.as_deref().map(Settings::file_in).or_else(Settings::file);
        Bench {
            ctx,
            pool: Arc::new(thread_budget(options.threads).ok()),
            assets: assets.ok().map(Arc::new),
            now: options.now.clone(),
            settings: settings_file.as_deref().map(Settings::load).unwrap_or_default(),
            settings_file,
            open: None,
            job: None,
            listed: None,
            preview: None,
            writing: None,
            notice: None,
            failed,
            lost: None,
            marked: false,
            revision: 0,
            sample_pictures: phantom::cases()
                .iter()
                .filter_map(|c| Some((c.id, Arc::new(case::sample_picture(c.id)?))))
                .collect(),
        }
    }

    /// Opens what the window was started with; the sample where nothing was ever open.
    pub(super) fn begin(&mut self, options: &Options) {
        match &options.path {
            Some(path) => self.open_path(path.clone(), options.series.clone(), None),
            None if self.settings.recent.is_empty() => self.open_sample(case::DEFAULT_SAMPLE),
            None => {}
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
        if let Some(file) = &self.settings_file
            && let Err(e) = self.settings.save(file)
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

    /// A plan that was opened and whose CT was not found, once.
    pub(super) fn take_lost(&mut self) -> Option<PathBuf> {
        self.lost.take()
    }

    /// Whether a gesture has become a lesion since this was last asked.
    pub(super) fn take_marked(&mut self) -> bool {
        std::mem::take(&mut self.marked)
    }

    /// The folder that the plan is kept in.
    pub(super) fn place(&self) -> Option<PathBuf> {
        self.open.as_ref().and_then(|o| o.place.clone())
    }

    /// Whether saving into a folder would put this plan in the place of one that was not seen here.
    pub(super) fn occupied(&self, folder: &Path) -> bool {
        let Some(open) = &self.open else { return false };
        let there = digest_of(&folder.join("plan.json"));
        there.is_some() && (open.place.as_deref() != Some(folder) || there != open.kept)
    }

    /// Saves into a folder although another plan lies there.
    pub(super) fn replace(&mut self, folder: PathBuf, words: &Words) {
        if let Some(open) = &mut self.open {
            open.kept = digest_of(&folder.join("plan.json"));
        }
        self.act(Action::SaveTo(folder), words);
    }

    /// What is not saved may be lost: the hand said so.
    pub(super) fn forget(&mut self) {
        if let Some(open) = &mut self.open {
            open.forgotten = true;
        }
    }

    /// Whether anything is being worked on.
    pub(super) fn busy(&self) -> bool {
        let behind = |o: &Open| o.anatomy.progress().is_some() || o.targets.progress().is_some() || o.wanted.is_some();
        self.job.is_some() || self.writing.is_some() || self.open.as_ref().is_some_and(behind)
    }

    /// In how long something is to be done that no event will remind of.
    pub(super) fn due(&self) -> Option<Duration> {
        let running =
            self.open.as_ref().is_some_and(|o| o.anatomy.progress().is_some() || o.targets.progress().is_some());
        if self.job.is_some() || self.writing.is_some() || running {
            return Some(Duration::from_millis(100));
        }
        let open = self.open.as_ref()?;
        open.place.as_ref()?;
        Some(SAVE_AFTER.saturating_sub(open.changed?.elapsed()) + Duration::from_millis(20))
    }

    fn time(&self) -> String {
        self.now.clone().unwrap_or_else(case::now_iso)
    }

    /// Makes an edit of the plan.
    fn edit(&mut self, change: Change, words: &Words) {
        let at = self.time();
        self.apply(Edit::new(at, change), words);
    }

    fn apply(&mut self, edit: Edit, words: &Words) {
        let Some(open) = &mut self.open else { return };
        match open.history.apply(edit) {
            Ok(()) => {
                open.changed = Some(Instant::now());
                open.forgotten = false;
                self.revision += 1;
            }
            Err(e) => self.notice = Some(e.sentence(words)),
        }
    }

    /// What the rules say of a needle, within a frame; `None` while its surroundings are not ready.
    pub(super) fn judge(&self, needle: &Needle, lesion: usize) -> Option<Verdict> {
        let open = self.open.as_ref()?;
        let targets = open.targets.fresh(&key_of(open))?;
        let model = self.assets.as_ref()?.catalogue.model(&needle.model)?;
        Some(targets.get(lesion)?.surroundings.judge(needle, model))
    }

    /// The needle with its entry moved along its line onto the skin; as it is while the skin is not known or the line meets
    /// none.
    pub(super) fn seat(&self, needle: Needle, lesion: usize) -> Needle {
        let seated = || {
            let open = self.open.as_ref()?;
            let targets = open.targets.fresh(&key_of(open))?;
            targets.get(lesion)?.surroundings.entry_on_skin(needle.entry, needle.tip)
        };
        match seated() {
            Some(entry) => Needle { entry, ..needle },
            None => needle,
        }
    }

    fn uid(&self, lesion: usize) -> Option<String> {
        Some(self.open.as_ref()?.history.plan().lesions.get(lesion)?.tracking_uid.clone())
    }

    /// Does what the hand asked for.
    pub(super) fn act(&mut self, action: Action, words: &Words) {
        match action {
            Action::Open(path) => self.open_path(path, None, None),
            Action::OpenOnCt { plan, ct } => self.open_path(plan, None, Some(ct)),
            Action::ChooseSeries(id) => {
                if let Some(open) = &self.open {
                    self.open_path(open.path.clone(), Some(id), None);
                }
            }
            Action::OpenSample(case) => self.open_sample(case),
            Action::Close => {
                self.cancel();
                self.open = None;
                self.revision += 1;
            }
            Action::Undo => self.step(true, words),
            Action::Redo => self.step(false, words),
            Action::Segment { at, to } => {
                self.segment(to.map_or(Gesture::Click(at), |to| Gesture::Stroke(at, to)));
            }
            Action::Callipers { lesion, first, second, point_mm } => {
                self.callipers(lesion, [first, second], point_mm, words);
            }
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
            Action::AddNeedle { lesion, entry, tip } => self.add_needle(lesion, entry, tip, words),
            Action::MoveNeedle { at, needle } => {
                let old = self.open.as_ref().and_then(|o| o.history.plan().needles.get(at)).cloned();
                if let Some(old) = old {
                    self.edit(Change::SetNeedle { at, needle: PlannedNeedle { needle, ..old } }, words);
                }
            }
            Action::NudgeNeedle { at, mm } => self.nudge(at, mm, words),
            Action::DeleteNeedle(at) => self.edit(Change::DeleteNeedle { at }, words),
            Action::FindAnatomy => self.find_anatomy(),
            Action::Propose { lesion } => {
                if let Some(open) = &mut self.open {
                    open.wanted = Some(lesion);
                    open.nothing_found = None;
                }
                self.find_anatomy();
            }
            Action::TakeProposal { at, replace } => self.take(at, replace, words),
            Action::ShowOver(id) => self.show_over(id),
            Action::Preview(k) => {
                if let Some(preview) = &mut self.preview {
                    preview.show(k);
                    self.revision += 1;
                }
            }
            Action::Say(key) => self.notice = Some(words.get(key)),
            Action::SetMargin(mm) => self.edit(Change::SetMargin(mm), words),
            Action::SetSubject(id) => {
                self.edit(Change::SetSubject(id), words);
                self.remember();
            }
            Action::SetReader(name) => {
                self.settings.reader = Some(name.clone());
                self.keep_settings();
                self.edit(Change::SetReader(name), words);
            }
            Action::Answer { rule, answer } => self.answer(rule, answer, words),
            Action::SaveTo(place) => {
                if let Some(open) = &mut self.open {
                    if open.place.as_ref() != Some(&place) {
                        open.kept = digest_of(&place.join("plan.json"));
                    }
                    open.place = Some(place);
                    self.save();
                    self.remember();
                }
            }
            Action::Export(place) => self.export(place, words),
        }
    }

    fn step(&mut self, undo: bool, words: &Words) {
        let Some(open) = &mut self.open else { return };
        let Some(name) = (if undo { open.history.undo() } else { open.history.redo() }) else { return };
        open.changed = Some(Instant::now());
        self.revision += 1;
        let key = if undo { "desk-undone" } else { "desk-redone" };
        self.notice = Some(words.text(key, &[("edit", name.sentence(words).into())]));
    }

    fn add_needle(&mut self, lesion: usize, entry: Lps, tip: Lps, words: &Words) {
        let Some(uid) = self.uid(lesion) else { return };
        let (Some(open), Some(assets)) = (&self.open, &self.assets) else { return };
        let plan = open.history.plan();
        let model =
            plan.needles.last().map_or_else(|| assets.catalogue.default_model().id.clone(), |n| n.needle.model.clone());
        let needle = self.seat(Needle { model, entry, tip, pose: plan.pose }, lesion);
        let change = case::add_needle(plan, needle, &uid);
        self.edit(change, words);
    }

    /// Moves a needle's tip along its line; nudges of one needle in a row are one step of undo.
    fn nudge(&mut self, at: usize, mm: f64, words: &Words) {
        let Some(open) = &mut self.open else { return };
        let state = open.history.state();
        let goes_on = open.nudged.is_some_and(|n| n.at == at && n.state == state && n.when.elapsed() < ONE_NUDGE);
        let Some(old) = open.history.plan().needles.get(at).cloned() else { return };
        let mut needle = old.needle.clone();
        needle.tip = needle.tip + needle.direction() * mm;
        if goes_on {
            open.history.undo();
        }
        self.edit(Change::SetNeedle { at, needle: PlannedNeedle { needle, ..old } }, words);
        if let Some(open) = &mut self.open {
            open.nudged = Some(Nudged { at, state: open.history.state(), when: Instant::now() });
        }
    }

    /// Takes an offered needle into the plan: in the place of one, or as a new one.
    fn take(&mut self, at: usize, replace: Option<usize>, words: &Words) {
        let Some(open) = &self.open else { return };
        let Some((uid, offer)) =
            open.offers.as_ref().and_then(|(uid, list)| Some((uid.clone(), list.get(at)?.clone())))
        else {
            return;
        };
        let plan = open.history.plan();
        let change = match replace.filter(|k| plan.needles.get(*k).is_some_and(|n| n.lesion == uid)) {
            Some(k) => Change::SetNeedle { at: k, needle: PlannedNeedle { needle: offer.needle, lesion: uid } },
            None => case::add_needle(plan, offer.needle, &uid),
        };
        self.edit(change, words);
    }

    fn callipers(&mut self, lesion: usize, [first, second]: [[Lps; 2]; 2], point_mm: f64, words: &Words) {
        let Some(tracking_uid) = self.uid(lesion) else { return };
        let time = self.time();
        let Some(open) = &self.open else { return };
        let Some((long, short)) = by_calliper(&open.ct, first, second, point_mm) else { return };
        if let Some(l) = open.history.plan().lesion(&tracking_uid) {
            let measured = &l.1.outline.measured;
            let middle = long.ends[0].lerp(long.ends[1], 0.5);
            if middle.distance(measured.centroid) > measured.max_3d_diameter_mm {
                self.notice = Some(words.text("desk-callipers-beside", &[("n", (l.0 + 1).into())]));
                return;
            }
        }
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
        let kind = self.assets.as_ref().and_then(|a| a.protocol.rule(&rule)).map(|r| r.kind.clone());
        let answer = match (answer, kind) {
            (None, _) => None,
            (Some(a), Some(Kind::YesNo { .. })) => Some(Answer::Yes(a == "yes")),
            (Some(a), kind) => match number(&a) {
                Some(v) => {
                    if let Some(Kind::Number { possible: Some((least, most)), .. }) = kind
                        && !(least..=most).contains(&v)
                    {
                        self.notice = Some(words.get("trial-why-answer-not-possible"));
                        return;
                    }
                    Some(Answer::Number(v))
                }
                None => {
                    self.notice = Some(words.get("desk-number-needed"));
                    return;
                }
            },
        };
        self.edit(Change::SetAnswer { rule, answer }, words);
    }

    fn save(&mut self) {
        let Some(open) = &mut self.open else { return };
        let Some(place) = open.place.clone() else { return };
        open.changed = None;
        let state = open.history.state();
        let file = place.join("plan.json");
        let there = digest_of(&file);
        if there.is_some() && there != open.kept {
            open.cannot_save = Some(CannotSave::Changed);
            return;
        }
        let done =
            crate::system::make_folder(&place).and_then(|()| crate::plan::file::save(open.history.plan(), &file));
        match done {
            Ok(()) => {
                open.history.mark_saved(state);
                open.cannot_save = None;
                open.kept = digest_of(&file);
            }
            Err(trouble) => open.cannot_save = Some(CannotSave::Trouble(trouble)),
        }
    }
}

fn key_of(open: &Open) -> TargetKey {
    let lesions = &open.history.plan().lesions;
    lesions.iter().map(|l| (l.tracking_uid.clone(), outline_key(l), l.site.name())).collect()
}
