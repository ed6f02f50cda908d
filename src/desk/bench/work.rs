//! Jobs of the bench: what is started, and what is done with what they give.

use super::{Bench, Open, Preview, key_of, view};
use crate::case::{self, Alternative, Fault, Opened, Recent, Report, Results, Slot};
use crate::ct::{Ct, CtError, Finding, Listing, picture};
use crate::draw::Shape;
use crate::jobs::{Cancelled, Job, Outcome, Progress, spawn};
use crate::lesion::Gesture;
use crate::placement::{self, Offer, Proposal, Request};
use crate::plan::{Edit, History, Plan};
use crate::words::Words;
use eframe::egui;
use image::RgbaImage;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

/// How many other ways are offered beside the best.
const ALTERNATIVES: usize = 4;

/// What a job in the foreground gives when it has ended.
pub(super) enum Given {
    Opened {
        /// Where from; of a plan, the plan.
        path: PathBuf,
        /// Whether the hand has shown where the plan's CT is.
        shown: bool,
        opened: Result<Box<Fresh>, Fault>,
    },
    Lesion(Result<Box<Edit>, Fault>),
    /// Another kernel of the open acquisition.
    Other(Box<Result<Ct, CtError>>),
    /// For the lesion of that tracking UID.
    Needles(String, Result<Box<Proposal>, String>),
    /// Everything was written into that folder.
    Exported(PathBuf, Result<(), Fault>),
}

/// A case just opened.
pub(super) struct Fresh {
    opened: Opened,
    path: PathBuf,
    plan: Option<(Plan, PathBuf)>,
    /// What is doubtful about the plan as it was saved.
    doubts: Vec<Finding>,
}

impl Bench {
    /// Asks what runs to stop.
    pub(in crate::desk) fn cancel(&mut self) {
        for job in [&self.job, &self.writing].into_iter().flatten() {
            job.progress().cancel();
        }
        if let Some(open) = &mut self.open {
            open.wanted = None;
            open.targets.cancel();
            open.anatomy.cancel();
        }
    }

    /// Starts what the hand waits for, in the place of what it waited for before.
    fn start(&mut self, work: impl FnOnce(&Progress) -> Given + Send + 'static) {
        if let Some(job) = &self.job {
            job.progress().cancel();
        }
        self.job = Some(self.job(work));
    }

    fn job(&self, work: impl FnOnce(&Progress) -> Given + Send + 'static) -> Job<Given> {
        let ctx = self.ctx.clone();
        let pool = self.pool.clone();
        let run = move |p: &Progress| {
            Ok(match pool.as_ref() {
                Some(pool) => pool.run(|| work(p)),
                None => work(p),
            })
        };
        spawn(Progress::none(), move || ctx.request_repaint(), run)
    }

    /// Opens a path; `ct` is where a plan's CT is, if the hand has said so.
    pub(super) fn open_path(&mut self, path: PathBuf, id: Option<String>, ct: Option<PathBuf>) {
        // Remembered, and opened again from another working folder.
        let path = std::path::absolute(&path).unwrap_or(path);
        self.failed = None;
        let shown = ct.is_some();
        let (sender, listed) = channel();
        let ctx = self.ctx.clone();
        self.start(move |p| {
            let tell = |listing: &Arc<Listing>, id: Option<&str>| {
                // The window may have turned to something else.
                sender.send(Preview { listing: listing.clone(), id: id.map(str::to_string), slice: None }).ok();
                ctx.request_repaint();
            };
            let opened = open_any(&path, id.as_deref(), ct.as_deref(), p, tell).map(Box::new);
            Given::Opened { path, shown, opened }
        });
        (self.listed, self.preview) = (Some(listed), None);
    }

    pub(super) fn open_sample(&mut self, id: &'static str) {
        self.failed = None;
        self.start(move |p| {
            let opened = case::sample(id, &p.part(0.0, 0.6))
                .and_then(|s| open_any(&s.folder, None, None, &p.part(0.6, 0.4), |_, _| {}).map(Box::new));
            Given::Opened { path: PathBuf::new(), shown: false, opened }
        });
    }

    /// Loads another kernel of the open acquisition.
    pub(super) fn show_over(&mut self, id: String) {
        let Some(open) = &self.open else { return };
        let listing = open.listing.clone();
        self.start(move |p| Given::Other(Box::new(crate::ct::load(&listing, Some(&id), p))));
    }

    pub(super) fn segment(&mut self, gesture: Gesture) {
        let now = self.time();
        let Some(open) = &self.open else { return };
        let (ct, anatomy, plan) = (open.ct.clone(), open.anatomy.latest(), open.history.plan().clone());
        self.start(move |p| {
            Given::Lesion(case::mark_lesion(&ct, anatomy.as_deref(), &plan, gesture, None, &now, p).map(Box::new))
        });
    }

    /// Writes everything that a plan leaves: document, result, CRF, masks, pictures.
    pub(super) fn export(&mut self, place: PathBuf, words: &Words) {
        let (Some(open), Some(assets)) = (&self.open, self.assets.clone()) else { return };
        let (Some(targets), Some(follows)) = (open.targets.fresh(&key_of(open)), view::follows_now(open)) else {
            self.notice = Some(words.get("desk-export-waits"));
            return;
        };
        let (ct, plan, words) = (open.ct.clone(), open.history.plan().clone(), Words::new(words.lang()));
        let seen = open.anatomy.latest();
        let of_anatomy = seen.iter().flat_map(|a| &a.findings);
        let of_plan = open.doubts.iter();
        let findings: Vec<_> =
            open.listing.findings.iter().chain(&ct.findings).chain(of_anatomy).chain(of_plan).cloned().collect();
        let alternatives = other_offers(open);
        self.writing = Some(self.job(move |p| {
            let report = Report {
                ct: &ct,
                plan: &plan,
                targets: &targets,
                follows: &follows,
                alternatives: &alternatives,
                findings: &findings,
                assets: &assets,
                words: &words,
                picked: None,
            };
            let start = Instant::now();
            let written = Results::begin(&place).and_then(|mut results| {
                report.write(&mut results, p)?;
                let seconds = vec![("total".to_string(), start.elapsed().as_secs_f64())];
                report.write_result(&mut results, seconds).map(|_| ())
            });
            Given::Exported(place, written)
        }));
    }

    /// Starts finding structures, unless they are there or being found.
    pub(super) fn find_anatomy(&mut self) {
        let (ctx, pool) = (self.ctx.clone(), self.pool.clone());
        let Some(open) = &mut self.open else { return };
        if open.anatomy.latest().is_some() || open.anatomy.progress().is_some() {
            return;
        }
        let ct = open.ct.clone();
        let find = move |p: &Progress| {
            let work = || crate::anatomy::find(&ct, p);
            match pool.as_ref() {
                Some(pool) => pool.run(work).map(Ok),
                None => work().map(Ok),
            }
        };
        open.anatomy.start(0, move || ctx.request_repaint(), find);
    }

    /// Starts what the plan needs and does not have yet: the surroundings of its lesions, then needles that are wanted.
    fn go_on(&mut self) {
        let (ctx, pool) = (self.ctx.clone(), self.pool.clone());
        let (Some(open), Some(assets)) = (&mut self.open, self.assets.clone()) else { return };
        let Some(anatomy) = open.anatomy.latest() else { return };
        let key = key_of(open);
        if key.is_empty() {
            return;
        }
        if open.targets.fresh(&key).is_none() && open.targets.state(&key) != case::State::Running {
            if matches!(open.targets.state(&key), case::State::Failed(_)) {
                return;
            }
            let (ct, plan) = (open.ct.clone(), open.history.plan().clone());
            let make = move |p: &Progress| {
                let work = || match case::targets(&ct, &anatomy, &plan, &assets, p) {
                    Ok(targets) => Ok(Ok(targets)),
                    Err(Fault::Cancelled(Cancelled)) => Err(Cancelled),
                    Err(fault) => Ok(Err(fault.to_string())),
                };
                match pool.as_ref() {
                    Some(pool) => pool.run(work),
                    None => work(),
                }
            };
            open.targets.start(key, move || ctx.request_repaint(), make);
            return;
        }
        if self.job.is_none()
            && let Some(lesion) = open.wanted
            && let Some(targets) = open.targets.fresh(&key)
        {
            open.wanted = None;
            let plan = open.history.plan();
            let Some(uid) = plan.lesions.get(lesion).map(|l| l.tracking_uid.clone()) else { return };
            let model = plan
                .needles
                .first()
                .map_or_else(|| assets.catalogue.default_model().id.clone(), |n| n.needle.model.clone());
            let request =
                Request { model, pose: plan.pose, needles: 1, margin_mm: plan.margin_mm, alternatives: ALTERNATIVES };
            self.start(move |p| {
                let Some(target) = targets.get(lesion) else { return Given::Needles(uid, Err(String::new())) };
                let found = placement::propose(&target.surroundings, &assets.catalogue, &request, p);
                Given::Needles(uid, found.map(Box::new).map_err(|e| e.to_string()))
            });
        }
    }

    /// Takes in what jobs have done; whether anything changed.
    pub(in crate::desk) fn poll(&mut self, words: &Words) -> bool {
        let before = self.revision;
        let mut changed = false;
        let ended = [&mut self.job, &mut self.writing].map(|slot| {
            let outcome = slot.as_ref().and_then(Job::poll);
            if outcome.is_some() {
                *slot = None;
            }
            outcome
        });
        if let Some(mut preview) = self.listed.as_ref().and_then(|l| l.try_recv().ok()) {
            preview.show(crate::ct::slices(&preview.listing, preview.id.as_deref()) / 2);
            self.preview = Some(preview);
            changed = true;
        }
        if self.job.is_none() && self.listed.take().is_some() {
            self.preview = None;
            changed = true;
        }
        for outcome in ended.into_iter().flatten() {
            changed = true;
            match outcome {
                Outcome::Done(given) => self.given(given, words),
                Outcome::Cancelled => self.notice = Some(words.get("error-cancelled")),
                Outcome::Failed(_) => self.notice = Some(words.get("error-fault")),
            }
        }
        if let Some(open) = &mut self.open {
            while let Ok((id, image)) = open.thumbnails_made.try_recv() {
                open.thumbnails.insert(id, image);
                changed = true;
            }
        }
        if let Some(open) = &mut self.open
            && open.anatomy.poll() | open.targets.poll()
        {
            self.revision += 1;
        }
        self.go_on();
        self.follow();
        changed |= self.revision != before;
        let due = self
            .open
            .as_ref()
            .is_some_and(|o| o.place.is_some() && o.changed.is_some_and(|c| c.elapsed() >= super::SAVE_AFTER));
        if due {
            self.save();
            changed = true;
        }
        changed
    }

    /// What follows from the plan as it is now: milliseconds, so it is done at once.
    fn follow(&mut self) {
        let (Some(open), Some(assets)) = (&mut self.open, &self.assets) else { return };
        let (state, key) = (open.history.state(), key_of(open));
        if open.follows.as_ref().is_some_and(|f| f.0 == state && f.1 == key) {
            return;
        }
        let (Some(anatomy), Some(targets)) = (open.anatomy.latest(), open.targets.fresh(&key)) else { return };
        match case::follow(&open.ct, &anatomy, open.history.plan(), &targets, assets) {
            Ok(follows) => {
                open.frozen = follows.frozen.clone().map(Arc::new);
                open.follows = Some((state, key, Arc::new(follows)));
                self.revision += 1;
            }
            Err(fault) => self.notice = Some(fault.to_string()),
        }
    }

    fn given(&mut self, given: Given, words: &Words) {
        let cancelled = words.get("error-cancelled");
        match given {
            Given::Opened { opened: Ok(fresh), .. } => self.opened(*fresh),
            Given::Opened {
                opened: Err(Fault::Cancelled(_) | Fault::Ct { error: CtError::Cancelled(_), .. }), ..
            } => self.notice = Some(cancelled),
            Given::Opened { path, shown, opened: Err(fault) } => {
                // Where a plan's CT was asked for, it is asked for until it is found.
                let lost = matches!(fault, Fault::CtNotFound | Fault::OtherCt { .. });
                if lost || shown && matches!(fault, Fault::Ct { .. }) {
                    self.lost = Some(path);
                }
                let text = fault.sentence(words);
                if self.open.is_some() {
                    self.notice = Some(text.clone());
                }
                self.failed = Some(text);
            }
            Given::Other(loaded) => match *loaded {
                Ok(ct) => {
                    if let Some(open) = &mut self.open {
                        open.other = Some(Arc::new(ct));
                        self.revision += 1;
                    }
                }
                Err(CtError::Cancelled(_)) => self.notice = Some(cancelled),
                Err(error) => {
                    let path = self.open.as_ref().map(|o| o.path.clone()).unwrap_or_default();
                    self.notice = Some(Fault::Ct { error, path, findings: Vec::new() }.sentence(words));
                }
            },
            Given::Lesion(Ok(edit)) => {
                self.apply(*edit, words);
                self.marked = true;
            }
            Given::Lesion(Err(Fault::Cancelled(_))) => self.notice = Some(cancelled),
            Given::Lesion(Err(fault)) => self.notice = Some(fault.sentence(words)),
            Given::Needles(_, Err(why)) => self.notice = Some(if why.is_empty() { cancelled } else { why }),
            Given::Needles(uid, Ok(found)) => self.found(uid, *found, words),
            Given::Exported(place, Ok(())) => {
                self.notice = Some(words.text("desk-written", &[("folder", place.display().to_string().into())]));
                if let Some(open) = &mut self.open {
                    if open.place.as_ref() == Some(&place) {
                        open.kept = super::digest_of(&place.join("plan.json"));
                    }
                    open.written = Some(place);
                }
            }
            Given::Exported(_, Err(Fault::Cancelled(_))) => self.notice = Some(cancelled),
            Given::Exported(_, Err(fault)) => self.notice = Some(fault.sentence(words)),
        }
    }

    /// Needles were found, or none: the best goes into the plan if its lesion has none yet.
    fn found(&mut self, uid: String, found: Proposal, words: &Words) {
        let Some(open) = &mut self.open else { return };
        if found.needles.is_empty() {
            open.offers = None;
            open.nothing_found = Some((uid, found.findings));
            return;
        }
        let mut offers = found.needles;
        offers.extend(found.alternatives);
        open.offers = Some((uid.clone(), offers));
        open.nothing_found = None;
        if open.history.plan().needles_of(&uid).next().is_none() {
            self.take(0, None, words);
        }
    }

    fn opened(&mut self, fresh: Fresh) {
        let Fresh { opened, path, plan, doubts } = fresh;
        // A plan that was opened under another name is not what is saved as plan.json.
        let named = plan.as_ref().is_some_and(|(_, file)| file.ends_with("plan.json"));
        let (history, place) = match plan {
            Some((plan, file)) => (History::opened(plan), file.parent().map(Path::to_path_buf)),
            None => {
                let mut plan = case::empty_plan(&opened, &path);
                plan.reader = self.settings.reader.clone().unwrap_or_default();
                (History::new(plan), None)
            }
        };
        self.open = Some(Open {
            thumbnails: HashMap::new(),
            thumbnails_made: thumbnails(&opened.listing, &self.ctx),
            path,
            listing: opened.listing,
            ct: opened.ct,
            id: opened.id,
            history,
            shapes: Vec::new(),
            anatomy: Slot::default(),
            targets: Slot::default(),
            follows: None,
            frozen: None,
            other: None,
            doubts,
            offers: None,
            nothing_found: None,
            wanted: None,
            kept: place.as_ref().filter(|_| named).and_then(|p| super::digest_of(&p.join("plan.json"))),
            place,
            written: None,
            changed: None,
            cannot_save: None,
            forgotten: false,
            nudged: None,
        });
        self.failed = None;
        self.revision += 1;
        self.remember();
        // A click never waits for it: structures are found while the first slices are looked at.
        self.find_anatomy();
    }

    /// Puts the case first among the recent ones: by subject id, else by description and date.
    pub(super) fn remember(&mut self) {
        let opened = self.time();
        let Some(open) = &self.open else { return };
        let plan = open.history.plan();
        if plan.sample {
            return;
        }
        let kept = open.place.as_ref().map(|p| p.join("plan.json")).filter(|p| p.exists());
        let subject = Some(plan.subject.clone()).filter(|s| !s.is_empty());
        if kept.is_some() {
            // The plan stands for its scan.
            self.settings.recent.retain(|r| r.path != open.path);
        }
        let recent =
            Recent { path: kept.unwrap_or_else(|| open.path.clone()), subject, scan: scan_name(&open.ct), opened };
        self.settings.remember(recent);
        self.keep_settings();
    }

    /// The outline of each lesion, prepared for drawing; made when first asked for.
    pub(super) fn prepare_shapes(open: &mut Open) {
        for l in &open.history.plan().lesions {
            let key = super::outline_key(l);
            let known = open.shapes.iter().any(|s| s.0 == l.tracking_uid && s.1 == key);
            if !known {
                let shape = l.mask(open.ct.hu.grid).and_then(|m| Shape::of(&m)).map(Arc::new);
                open.shapes.push((l.tracking_uid.clone(), key, shape));
            }
        }
    }
}

/// Makes a small picture of each volume on a thread of its own, as long as somebody takes them.
fn thumbnails(listing: &Arc<Listing>, ctx: &egui::Context) -> Receiver<(String, Arc<RgbaImage>)> {
    let (sender, made) = channel();
    let (listing, ctx) = (listing.clone(), ctx.clone());
    let make = move || {
        for id in listing.series.iter().flat_map(|s| &s.volumes).map(|v| &v.id) {
            let Ok(p) = picture(&listing, id, 128) else { continue };
            let grey = p.grey.iter().flat_map(|g| [*g, *g, *g, 255]).collect();
            let Some(image) = RgbaImage::from_raw(p.width as u32, p.height as u32, grey) else { continue };
            if sender.send((id.clone(), Arc::new(image))).is_err() {
                return;
            }
            ctx.request_repaint();
        }
    };
    // Without the thread there are no pictures, and nothing else is missing.
    std::thread::Builder::new().name("icepath-thumbnails".into()).spawn(make).ok();
    made
}

/// The needles that were offered and not taken, as far as their lesion is still in the plan.
fn other_offers(open: &Open) -> Vec<Alternative> {
    let plan = open.history.plan();
    let Some((uid, offers)) = open.offers.as_ref().filter(|(uid, _)| plan.lesion(uid).is_some()) else {
        return Vec::new();
    };
    let taken = |offer: &Offer| plan.needles_of(uid).any(|(_, n)| n.needle == offer.needle);
    let others = offers.iter().filter(|o| !taken(o)).cloned();
    others.map(|offer| Alternative { lesion: uid.clone(), offer }).collect()
}

/// Opens a folder, zip, volume or plan (whose CT is at `ct`, if the hand has said so); of a single DICOM file its whole
/// series.
/// `listed` is told what the path holds before the slow part begins.
fn open_any(
    path: &Path,
    id: Option<&str>,
    ct: Option<&Path>,
    progress: &Progress,
    listed: impl FnOnce(&Arc<Listing>, Option<&str>),
) -> Result<Fresh, Fault> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let inside = path.join("plan.json");
    let plan_file =
        if ending == "json" { Some(path.to_path_buf()) } else { Some(inside).filter(|p| id.is_none() && p.is_file()) };
    if let Some(file) = plan_file {
        let mut plan = case::read_plan(&file)?;
        let opened = case::open_ct_of(&plan, &file, ct, progress)?;
        if let Some(ct) = ct {
            // Kept with the next edit.
            plan.ct.place = Some(std::path::absolute(ct).unwrap_or_else(|_| ct.to_path_buf()));
        }
        let doubts = case::difference_findings(&case::differences(&opened.ct, &plan)?, &plan);
        let path = plan.ct.place.clone().unwrap_or_else(|| path.to_path_buf());
        return Ok(Fresh { opened, path, plan: Some((plan, file)), doubts });
    }
    let whole = ["zip", "nii", "gz", "nrrd", "dicomdir"].contains(&ending.as_str());
    let named = path.file_name().is_some_and(|n| n.eq_ignore_ascii_case("DICOMDIR"));
    if path.is_file() && !whole && !named && id.is_none() {
        let alone = crate::ct::scan(path, progress).ok();
        let series = alone.and_then(|l| l.series.first().map(|s| s.series_uid.clone())).filter(|s| !s.is_empty());
        if let (Some(series), Some(folder)) = (series, path.parent()) {
            let opened = case::open_listed(folder, Some(&series), progress, listed)?;
            return Ok(Fresh { opened, path: folder.to_path_buf(), plan: None, doubts: Vec::new() });
        }
    }
    let opened = case::open_listed(path, id, progress, listed)?;
    Ok(Fresh { opened, path: path.to_path_buf(), plan: None, doubts: Vec::new() })
}

/// What a scan is called where there is no subject id: description and date.
fn scan_name(ct: &Ct) -> String {
    let a = &ct.acquisition;
    let slices = format!("CT, {} × {:.1} mm", ct.hu.grid.size[2], ct.hu.grid.spacing.z);
    let name = if a.description.is_empty() { slices } else { a.description.clone() };
    match &a.date {
        Some(date) => format!("{name}, {date}"),
        None => name,
    }
}
