//! Jobs of the bench: what is started, and what is done with what they give.

use super::{Bench, Open, key_of};
use crate::case::{self, Fault, Opened, Recent, Slot};
use crate::ct::{Ct, CtError};
use crate::draw::{Shape, thumbnail};
use crate::jobs::{Cancelled, Job, Outcome, Progress, spawn};
use crate::lesion::Gesture;
use crate::placement::{self, Proposal, Request};
use crate::plan::{Edit, History, Plan};
use crate::words::Words;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many other ways are offered beside the best.
const ALTERNATIVES: usize = 4;

/// What a job in the foreground gives when it has ended.
pub(super) enum Given {
    Opened(Result<Box<Fresh>, Fault>),
    Lesion(Result<Box<Edit>, Fault>),
    /// For the lesion of that tracking UID.
    Needles(String, Result<Box<Proposal>, String>),
}

/// A case just opened.
pub(super) struct Fresh {
    opened: Opened,
    path: PathBuf,
    plan: Option<(Plan, PathBuf)>,
}

impl Bench {
    /// Asks what runs to stop.
    pub(in crate::desk) fn cancel(&mut self) {
        if let Some(job) = &self.job {
            job.progress().cancel();
        }
        if let Some(open) = &mut self.open {
            open.wanted = None;
            open.targets.cancel();
            open.anatomy.cancel();
        }
    }

    fn start(&mut self, work: impl FnOnce(&Progress) -> Given + Send + 'static) {
        if let Some(job) = &self.job {
            job.progress().cancel();
        }
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

    pub(super) fn open_path(&mut self, path: PathBuf, id: Option<String>) {
        self.failed = None;
        self.start(move |p| Given::Opened(open_any(&path, id.as_deref(), p).map(Box::new)));
    }

    pub(super) fn open_sample(&mut self) {
        self.failed = None;
        self.start(move |p| {
            let opened = case::sample(&p.part(0.0, 0.6))
                .and_then(|s| open_any(&s.folder, None, &p.part(0.6, 0.4)).map(Box::new));
            Given::Opened(opened)
        });
    }

    pub(super) fn segment(&mut self, gesture: Gesture) {
        let now = self.time();
        let Some(open) = &self.open else { return };
        let (ct, anatomy, plan) = (open.ct.clone(), open.anatomy.latest(), open.history.plan().clone());
        self.start(move |p| {
            Given::Lesion(case::add_lesion(&ct, anatomy.as_deref(), &plan, gesture, None, &now, p).map(Box::new))
        });
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
        let mut changed = self.job.is_some();
        if let Some(outcome) = self.job.as_ref().and_then(Job::poll) {
            self.job = None;
            match outcome {
                Outcome::Done(given) => self.given(given, words),
                Outcome::Cancelled => self.notice = Some(words.get("error-cancelled")),
                Outcome::Failed(_) => self.notice = Some(words.get("error-fault")),
            }
        }
        if let Some(open) = &mut self.open {
            changed |= open.anatomy.progress().is_some() || open.targets.progress().is_some();
            if open.anatomy.poll() | open.targets.poll() {
                self.revision += 1;
                changed = true;
            }
        }
        self.go_on();
        self.follow();
        changed |= self.revision != before;
        let due = self
            .open
            .as_ref()
            .is_some_and(|o| o.place.is_some() && o.changed.is_some_and(|c| c.elapsed() >= super::SAVE_AFTER));
        if due {
            self.save(words);
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
            Given::Opened(Ok(fresh)) => self.opened(*fresh),
            Given::Opened(Err(Fault::Cancelled(_) | Fault::Ct { error: CtError::Cancelled(_), .. })) => {
                self.notice = Some(cancelled);
            }
            Given::Opened(Err(fault)) => {
                let text = fault.sentence(words);
                if self.open.is_some() {
                    self.notice = Some(text.clone());
                }
                self.failed = Some(text);
            }
            Given::Lesion(Ok(edit)) => self.apply(*edit, words),
            Given::Lesion(Err(Fault::Cancelled(_))) => self.notice = Some(cancelled),
            Given::Lesion(Err(fault)) => self.notice = Some(fault.sentence(words)),
            Given::Needles(_, Err(why)) => self.notice = Some(if why.is_empty() { cancelled } else { why }),
            Given::Needles(uid, Ok(found)) => self.found(uid, *found, words),
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
        let Fresh { opened, path, plan } = fresh;
        let (history, place) = match plan {
            Some((plan, file)) => (History::opened(plan), file.parent().map(Path::to_path_buf)),
            None => {
                let mut plan = case::empty_plan(&opened, &path);
                plan.reader = self.settings.reader.clone().unwrap_or_default();
                (History::new(plan), None)
            }
        };
        self.open = Some(Open {
            thumbnail: Arc::new(thumbnail(&opened.ct.hu, [128, 96])),
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
            offers: None,
            nothing_found: None,
            wanted: None,
            place,
            written: None,
            changed: None,
            cannot_save: None,
            forgotten: false,
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
        let recent =
            Recent { path: kept.unwrap_or_else(|| open.path.clone()), subject, scan: scan_name(&open.ct), opened };
        self.settings.remember(recent);
        self.keep_settings();
    }

    /// The outline of each lesion, prepared for drawing; made when first asked for.
    pub(super) fn prepare_shapes(open: &mut Open) {
        for l in &open.history.plan().lesions {
            let known = open.shapes.iter().any(|s| s.0 == l.tracking_uid && s.1 == l.outline.accepted_at);
            if !known {
                let shape = l.mask(open.ct.hu.grid).and_then(|m| Shape::of(&m)).map(Arc::new);
                open.shapes.push((l.tracking_uid.clone(), l.outline.accepted_at.clone(), shape));
            }
        }
    }
}

/// Opens a folder, zip, volume or plan; of a single DICOM file its whole series.
fn open_any(path: &Path, id: Option<&str>, progress: &Progress) -> Result<Fresh, Fault> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let inside = path.join("plan.json");
    let plan_file =
        if ending == "json" { Some(path.to_path_buf()) } else { Some(inside).filter(|p| id.is_none() && p.is_file()) };
    if let Some(file) = plan_file {
        let plan = case::read_plan(&file)?;
        let opened = case::open_ct_of(&plan, &file, None, progress)?;
        let path = plan.ct.place.clone().unwrap_or_else(|| path.to_path_buf());
        return Ok(Fresh { opened, path, plan: Some((plan, file)) });
    }
    let whole = ["zip", "nii", "gz", "nrrd", "dicomdir"].contains(&ending.as_str());
    let named = path.file_name().is_some_and(|n| n.eq_ignore_ascii_case("DICOMDIR"));
    if path.is_file() && !whole && !named && id.is_none() {
        let alone = crate::ct::scan(path, progress).ok();
        let series = alone.and_then(|l| l.series.first().map(|s| s.series_uid.clone())).filter(|s| !s.is_empty());
        if let (Some(series), Some(folder)) = (series, path.parent()) {
            let opened = case::open(folder, Some(&series), progress)?;
            return Ok(Fresh { opened, path: folder.to_path_buf(), plan: None });
        }
    }
    let opened = case::open(path, id, progress)?;
    Ok(Fresh { opened, path: path.to_path_buf(), plan: None })
}

/// What a scan is called where there is no subject id: description and date.
fn scan_name(ct: &Ct) -> String {
    let a = &ct.acquisition;
    let parts: Vec<&str> =
        [a.description.as_str(), a.date.as_deref().unwrap_or("")].into_iter().filter(|s| !s.is_empty()).collect();
    if parts.is_empty() {
        format!("CT, {} × {:.1} mm", ct.hu.grid.size[2], ct.hu.grid.spacing.z)
    } else {
        parts.join(", ")
    }
}
