//! The sight, put together from the plan and what follows from it.

use super::{Bench, CannotSave, Open, key_of};
use crate::case::{Assets, Consequences, Recent, State};
use crate::desk::painter::Surface;
use crate::desk::sight::{
    Ask, CoverageSight, IceSight, JobSight, Keeping, LesionSight, NeedleSight, PoseSight, Proposal, RecentSight,
    RuleSight, SampleSight, Series, Sight,
};
use crate::desk::widgets::Mark;
use crate::export;
use crate::lesion::Measurement;
use crate::phantom;
use crate::plan::{Lesion, Plan, SiteSource};
use crate::terms::Severity;
use crate::trial::{Eligibility, EligibilityStatus, Kind, Protocol, RuleValue};
use crate::words::{Value, Words};
use std::sync::Arc;

/// What follows from the plan, if it follows from the plan as it is now.
pub(super) fn follows_now(open: &Open) -> Option<Arc<Consequences>> {
    let f = open.follows.as_ref()?;
    (f.0 == open.history.state() && f.1 == key_of(open)).then(|| f.2.clone())
}

impl Bench {
    /// The sight of all that is.
    pub(in crate::desk) fn sight(&mut self, w: &Words) -> Sight {
        if let Some(open) = &mut self.open {
            Bench::prepare_shapes(open);
        }
        let mut s = Sight {
            job: self.running(w),
            recent: self
                .settings
                .recent
                .iter()
                .map(|r| RecentSight { path: r.path.clone(), name: r.title().to_string(), about: recent_about(r, w) })
                .collect(),
            samples: phantom::cases()
                .iter()
                .map(|c| SampleSight {
                    case: c.id,
                    name: w.get(&c.word()),
                    about: w.get(&c.teaches_word()),
                    picture: self.sample_pictures.get(c.id).cloned(),
                })
                .collect(),
            ..Sight::default()
        };
        s.preview = self.preview.as_ref().and_then(|p| p.slice.clone());
        let Some(open) = &self.open else { return s };
        let plan = open.history.plan();
        let follows = follows_now(open);
        s.ct = Some(open.ct.clone());
        s.subject = plan.subject.clone();
        s.reader = plan.reader.clone();
        s.sample = plan.sample;
        s.series = series(open, w);
        s.findings = open.doubts.iter().chain(&open.ct.findings).chain(&open.listing.findings).cloned().collect();
        s.other = open.other.clone();
        s.picked_why = open.listing.picked.as_ref().filter(|p| p.id == open.id).map(|p| w.get(p.reason));
        s.margin_mm = plan.margin_mm;
        s.pose = PoseSight(plan.pose);
        s.undo = open.history.undo_name().map(|n| n.sentence(w));
        s.redo = open.history.redo_name().map(|n| n.sentence(w));
        s.written = open.written.clone();
        s.saved = match (&open.cannot_save, open.history.is_saved(), open.history.is_untouched()) {
            _ if open.forgotten => Keeping::Nothing,
            (Some(why), ..) => Keeping::Cannot(match why {
                CannotSave::Changed => w.get("desk-changed-outside"),
                CannotSave::Trouble(t) => {
                    let why = w.text(t.word(), &[("why", t.to_string().into())]);
                    let file = open.place.as_ref().map(|p| p.join("plan.json").display().to_string());
                    format!("{why} ({})", file.unwrap_or_default())
                }
            }),
            (None, true, _) => Keeping::Kept,
            (None, false, true) => Keeping::Nothing,
            (None, false, false) => Keeping::Open,
        };
        s.anatomy = open.anatomy.latest();
        if let State::Failed(why) = open.anatomy.state(&0) {
            s.anatomy_failed = Some(why);
        }
        let Some(assets) = &self.assets else { return s };
        s.models = assets.catalogue.models().iter().map(|m| (m.id.clone(), m.name.clone())).collect();
        s.lesions = plan
            .lesions
            .iter()
            .enumerate()
            .map(|(at, l)| {
                lesion(open, assets, l, follows.as_ref().and_then(|f| f.sides.get(at).copied().flatten()), w)
            })
            .collect();
        s.needles = (0..plan.needles.len()).map(|at| needle(open, assets, plan, at, follows.as_deref(), w)).collect();
        if let Some((uid, offers)) = &open.offers
            && plan.lesion(uid).is_some()
        {
            s.proposals = offers
                .iter()
                .map(|o| {
                    let values: Vec<(&str, Value)> =
                        o.reason.values.iter().map(|(n, v, d)| (*n, Value::Number(*v, *d))).collect();
                    Proposal {
                        needle: o.needle.clone(),
                        reason: w.text(o.reason.key, &values),
                        verdict: Some(o.verdict.clone()),
                    }
                })
                .collect();
        }
        if let Some((uid, findings)) = &open.nothing_found
            && plan.lesion(uid).is_some()
        {
            let text: Vec<String> = findings.iter().map(|f| f.sentence(w)).collect();
            s.no_proposal = Some(text.join(" "));
        }
        if !plan.needles.is_empty()
            && let Some(frozen) = &open.frozen
        {
            s.freeze_minutes = frozen.minutes;
            s.ice = frozen
                .surfaces
                .iter()
                .map(|surface| {
                    let (all, celsius) = (frozen.clone(), surface.celsius);
                    let field = Arc::new(move |p| -all.margin_mm(celsius, p));
                    IceSight {
                        celsius,
                        surface: Surface { field, level: 0.0 },
                        volume_ml: surface.volume_ml(),
                        derived: surface.derived,
                    }
                })
                .collect();
        }
        if let Some(f) = &follows {
            s.coverage = f
                .coverage
                .iter()
                .enumerate()
                .filter_map(|(lesion, c)| {
                    let c = c.as_ref()?;
                    Some(CoverageSight {
                        lesion,
                        rows: c.list.iter().map(|r| (r.celsius, r.fraction_inside, r.least_margin_mm)).collect(),
                        worst_at: c.at(-20).map(|r| r.at),
                    })
                })
                .collect();
        }
        s
    }

    /// The job to show: the one in the foreground, else what is computed behind it.
    pub(in crate::desk) fn running(&self, w: &Words) -> Option<JobSight> {
        let behind = || {
            let open = self.open.as_ref()?;
            open.targets.progress().or(open.anatomy.progress())
        };
        let job = self.job.as_ref().or(self.writing.as_ref());
        let progress = job.map(|j| j.progress()).or_else(behind)?;
        let stage = if progress.stage().is_empty() { "stage-opening" } else { progress.stage() };
        Some(JobSight { stage: w.get(stage), fraction: progress.fraction() })
    }
}

fn series(open: &Open, w: &Words) -> Vec<Series> {
    let mut out = Vec::new();
    for entry in &open.listing.series {
        let several = entry.volumes.len() > 1;
        for (n, v) in entry.volumes.iter().enumerate() {
            let picked = v.id == open.id
                || entry.id == open.id && n == 0
                || entry.volumes.len() == 1 && entry.series_uid == open.id;
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
                alike: !picked && v.usable_for_planning && open.listing.of_one_acquisition(&open.id, &v.id),
                kernel: entry.kernel.clone(),
                thumbnail: open.thumbnails.get(&v.id).cloned(),
                doubt: worst.map(|f| f.sentence(w)),
            });
        }
    }
    out
}

fn lesion(open: &Open, assets: &Assets, l: &Lesion, side: Option<crate::terms::Side>, w: &Words) -> LesionSight {
    let m = &l.outline.measured;
    let plan = open.history.plan();
    let shape = open.shapes.iter().find(|s| s.0 == l.tracking_uid && s.1 == super::outline_key(l));
    LesionSight {
        site: l.site,
        site_guessed: l.site_source == SiteSource::Guessed,
        side,
        shape: shape.and_then(|s| s.2.clone()),
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
        rules: rules(&assets.protocol, plan, l, w),
    }
}

fn needle(
    open: &Open,
    assets: &Assets,
    plan: &Plan,
    at: usize,
    follows: Option<&Consequences>,
    w: &Words,
) -> NeedleSight {
    let planned = &plan.needles[at];
    let n = &planned.needle;
    let model = assets.catalogue.model(&n.model);
    let model_name = model.map_or_else(|| n.model.clone(), |m| m.name.clone());
    let down = crate::needle::down(n.pose, open.ct.down());
    NeedleSight {
        in_plane_deg: n.in_plane_angle_deg(down),
        tilt_deg: n.craniocaudal_angle_deg(),
        needle: n.clone(),
        model_name: model_name.clone(),
        verified: model.is_some_and(|m| m.verified),
        lesion: plan.lesion(&planned.lesion).map_or(0, |l| l.0),
        // The ice's centre lies half the active length behind the tip.
        active_mm: model.map_or(0.0, |m| 2.0 * m.tip_offset_mm),
        verdict: follows.and_then(|f| f.verdicts.get(at).cloned()),
        table: follows.and_then(|f| f.table.get(at)).map(|t| export::sheet(t, &model_name, w)).unwrap_or_default(),
        findings: Vec::new(),
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

fn recent_about(r: &Recent, w: &Words) -> String {
    let mut when = w.lang().date(&r.opened);
    if r.path.extension().is_some_and(|e| e == "json") {
        when = format!("{when} · {}", w.get("desk-recent-plan"));
    }
    if r.subject.as_deref().is_some_and(|s| !s.is_empty()) { format!("{} · {when}", r.scan) } else { when }
}

/// A number in its shortest form.
fn number(x: f64) -> String {
    if x.fract() == 0.0 { format!("{x:.0}") } else { format!("{x:.1}") }
}
