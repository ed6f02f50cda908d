//! Everything that a plan leaves in a folder: document, result, CRF, masks, pictures.

use super::assets::Assets;
use super::fault::Fault;
use super::follow::{Consequences, Targets, data_verified};
use super::results::Results;
use super::whole::Alternative;
use crate::ct::{Ct, Finding, Source};
use crate::draw::{
    Isotherm, LesionPicture, NeedlePicture, Note, PRESETS, Standing, key_image_lesion, key_image_needle,
};
use crate::export::result::{
    AlternativeOut, ByTemperature, CoverageOut, IceOut, IsothermOut, NeedleOut, PlanDocument, PlanLesionOut, Stages,
    ViolationOut, to_json,
};
use crate::export::{FindingDocument, PickedDocument, crf_csv};
use crate::ice::Coverage;
use crate::jobs::Progress;
use crate::lesion::Measurement;
use crate::needle::Status;
use crate::plan::{self, Lesion, Plan, PlanFileError, PlannedNeedle};
use crate::space::Mask;
use crate::system::{self, Trouble};
use crate::terms::Code;
use crate::trial::{self, Known};
use crate::words::Words;
use std::path::Path;

/// What is reported.
pub struct Report<'a> {
    /// The CT.
    pub ct: &'a Ct,
    /// The plan.
    pub plan: &'a Plan,
    /// What lies around its lesions.
    pub targets: &'a Targets,
    /// What follows from it.
    pub follows: &'a Consequences,
    /// Other needles that were found.
    pub alternatives: &'a [Alternative],
    /// Of the scan, the anatomy and the search: what does not follow from the plan alone.
    pub findings: &'a [Finding],
    /// Needles, rules, trial.
    pub assets: &'a Assets,
    /// Texts.
    pub words: &'a Words,
    /// The picker's choice, where none was named.
    pub picked: Option<PickedDocument>,
}

impl Report<'_> {
    /// Every finding: of the scan, of the lesions, of the plan.
    pub fn all_findings(&self) -> Vec<Finding> {
        let mut all: Vec<Finding> = Vec::new();
        let lesions = self.plan.lesions.iter().flat_map(|l| &l.outline.findings);
        for f in self.findings.iter().chain(lesions).chain(&self.follows.findings) {
            // The anatomy and each needle's verdict may say the same of the vessels: once is enough.
            let said = f.code == Code::WallVesselsNotSeen && all.iter().any(|other| other.code == f.code);
            if !said && !all.contains(f) {
                all.push(f.clone());
            }
        }
        all
    }

    /// What concerns the lesion at a place of the plan: of the scan, of its own outline and needles, of the plan as a whole.
    fn findings_of(&self, at: usize) -> Vec<Finding> {
        let Some(lesion) = self.plan.lesions.get(at) else { return Vec::new() };
        let name = Plan::lesion_id(at);
        let outlines = self.plan.lesions.iter().filter(|l| l.tracking_uid != lesion.tracking_uid);
        let others: Vec<&Finding> = outlines.flat_map(|l| &l.outline.findings).collect();
        let needles = self.plan.needles.iter().zip(&self.follows.verdicts);
        let (own, foreign): (Vec<_>, Vec<_>) = needles.partition(|(n, _)| n.lesion == lesion.tracking_uid);
        let said = |list: &[(&PlannedNeedle, &crate::needle::Verdict)], f: &Finding| {
            list.iter().any(|(_, v)| v.findings.contains(f))
        };
        let concerns = |f: &Finding| match f.args.iter().find(|(key, _)| key == "lesion") {
            Some((_, crate::ct::Arg::Text(of))) => *of == name,
            _ => {
                let elsewhere = others.contains(&f) || said(&foreign, f);
                !elsewhere || lesion.outline.findings.contains(f) || said(&own, f)
            }
        };
        self.all_findings().into_iter().filter(concerns).collect()
    }

    /// Writes everything into the folder: `plan.json`, `crf.csv`, masks, pictures.
    ///
    /// # Errors
    /// [`Fault::Write`], [`Fault::Cancelled`].
    pub fn write(&self, results: &mut Results, progress: &Progress) -> Result<(), Fault> {
        let steps = 2 + self.targets.len() + self.plan.lesions.len() + self.plan.needles.len();
        let mut done = 0;
        let mut step = || {
            done += 1;
            progress.report("stage-writing", (done - 1) as f32 / steps as f32)
        };
        step()?;
        let path = results.folder().join("plan.json");
        keep_earlier(results.folder(), &self.plan.ct.hash, &plan::file::to_bytes(self.plan, results.folder()))?;
        plan::file::save(self.plan, &path).map_err(|t| Fault::write(&path, t))?;
        results.announce("plan.json");
        for (at, target) in self.targets.iter().enumerate() {
            step()?;
            results.put_mask(&mask_name(at), &target.mask)?;
        }
        step()?;
        let rows = self.crf_rows();
        if self.ct.source == Source::Dicom {
            results.put("crf.csv", &crf_csv(&rows))?;
        }
        for (at, lesion) in self.plan.lesions.iter().enumerate() {
            step()?;
            results.put_picture(&format!("lesion-{}.png", at + 1), &self.lesion_picture(at, lesion))?;
        }
        for (at, needle) in self.plan.needles.iter().enumerate() {
            step()?;
            results.put_picture(&format!("needle-{}.png", at + 1), &self.needle_picture(at, needle))?;
        }
        Ok(())
    }

    /// Writes `result.json`, and gives what it says.
    ///
    /// # Errors
    /// [`Fault::Write`].
    pub fn write_result(&self, results: &mut Results, seconds: Vec<(String, f64)>) -> Result<PlanDocument, Fault> {
        results.announce("result.json");
        let document = self.document(results.files().to_vec(), seconds);
        results.put("result.json", to_json(&document).as_bytes())?;
        results.take_away_earlier()?;
        Ok(document)
    }

    /// The rows of the CRF, one per lesion; none for research input.
    pub fn crf_rows(&self) -> Vec<trial::CrfRow> {
        let rows = (0..self.plan.lesions.len()).filter_map(|at| {
            let findings = self.findings_of(at);
            let known = Known {
                eligibility: self.follows.eligibility.get(at)?,
                side: self.follows.sides.get(at).copied().flatten(),
                lobe: None,
                findings: &findings,
                least_margin_minus20_mm: self.coverage(at).and_then(|c| c.at(-20)).map(|c| c.least_margin_mm),
                needle_data_verified: data_verified(self.plan, self.assets),
            };
            trial::row(self.ct, self.plan, at, &known)
        });
        rows.collect()
    }

    fn coverage(&self, at: usize) -> Option<&Coverage> {
        self.follows.coverage.get(at).and_then(Option::as_ref)
    }

    fn down(&self, needle: &PlannedNeedle) -> glam::DVec3 {
        crate::needle::down(needle.needle.pose, self.ct.down())
    }

    /// The document of `plan`.
    pub fn document(&self, files: Vec<String>, seconds: Vec<(String, f64)>) -> PlanDocument {
        let lesions = self.plan.lesions.iter().zip(&self.follows.eligibility).enumerate();
        PlanDocument {
            series_uid: self.ct.identity.series_uid.clone(),
            sample: self.plan.sample,
            lesions: lesions.map(|(at, (l, e))| PlanLesionOut::of(l, at, e)).collect(),
            needles: self.needles(),
            alternatives: self
                .alternatives
                .iter()
                .map(|a| {
                    let planned = PlannedNeedle { needle: a.offer.needle.clone(), lesion: a.lesion.clone() };
                    AlternativeOut {
                        lesion: a.lesion.clone(),
                        needle: NeedleOut::of(&planned, &a.offer.verdict, self.down(&planned)),
                        reason: a.offer.reason.key.to_string(),
                    }
                })
                .collect(),
            ice: self.ice(),
            coverage: self.coverages(),
            violations: self.violations(),
            findings: FindingDocument::all(&self.all_findings(), self.words),
            seconds: Stages(seconds),
            files,
            picked: self.picked.clone(),
        }
    }

    /// The needles with their verdicts.
    pub fn needles(&self) -> Vec<NeedleOut> {
        let pairs = self.plan.needles.iter().zip(&self.follows.verdicts);
        pairs.map(|(n, v)| NeedleOut::of(n, v, self.down(n))).collect()
    }

    /// The broken hard rules.
    pub fn violations(&self) -> Vec<ViolationOut> {
        let numbered = self.follows.verdicts.iter().enumerate();
        numbered.flat_map(|(at, v)| v.violations.iter().map(move |x| ViolationOut::of(at + 1, x))).collect()
    }

    /// How the lesions are covered.
    pub fn coverages(&self) -> Vec<CoverageOut> {
        let lesions = self.plan.lesions.iter().enumerate();
        let known = lesions.filter_map(|(at, lesion)| Some((lesion, self.coverage(at)?)));
        known
            .map(|(lesion, c)| {
                let by = |f: &dyn Fn(&crate::ice::Covered) -> f64| ByTemperature {
                    zero: c.at(0).map(f),
                    minus20: c.at(-20).map(f),
                    minus40: c.at(-40).map(f),
                };
                CoverageOut {
                    lesion: lesion.tracking_uid.clone(),
                    fraction_inside: by(&|c| c.fraction_inside),
                    least_margin_mm: by(&|c| c.least_margin_mm),
                }
            })
            .collect()
    }

    fn ice(&self) -> IceOut {
        let frozen = self.follows.frozen.as_ref();
        let surfaces = frozen.map(|f| f.surfaces.as_slice()).unwrap_or_default();
        IceOut {
            isotherms: surfaces
                .iter()
                .map(|s| IsothermOut { celsius: f64::from(s.celsius), volume_ml: s.volume_ml() })
                .collect(),
            verified: frozen.is_some_and(|f| f.verified),
        }
    }

    fn title(&self) -> String {
        let subject =
            if self.plan.subject.is_empty() { self.words.get("caption-no-subject") } else { self.plan.subject.clone() };
        let sample = if self.plan.sample { format!(" · {}", self.words.get("sample")) } else { String::new() };
        format!("{subject}{sample} · {}", self.words.get("research-use"))
    }

    fn lesion_picture(&self, at: usize, lesion: &Lesion) -> image::RgbaImage {
        let axes = lesion.axes();
        let auto = &lesion.outline.measured;
        let measurement = Measurement {
            voxels: auto.voxels,
            volume_mm3: auto.volume_mm3,
            long: axes.long,
            short: axes.short,
            slice: axes.slice,
            max_3d_diameter_mm: auto.max_3d_diameter_mm,
            centroid: auto.centroid,
            mean_hu: auto.mean_hu,
            findings: Vec::new(),
        };
        let value = |a: &crate::lesion::Axis| format!("{:.1} ± {:.1} mm", a.mm, a.pm_mm);
        let site = self.words.get(&format!("site-{}", lesion.site.name()));
        let subtitle = format!(
            "{} · {site} · {} {} · {} {} · {:.2} ml",
            Plan::lesion_id(at),
            self.words.get("long-axis"),
            value(&axes.long),
            self.words.get("short-axis"),
            value(&axes.short),
            auto.volume_mm3 / 1000.0
        );
        let empty;
        let mask: &Mask = match self.targets.get(at) {
            Some(t) => &t.mask,
            None => {
                empty = Mask::empty(self.ct.hu.grid);
                &empty
            }
        };
        let (preset, window) = PRESETS[usize::from(lesion.site != crate::terms::Site::Lung)];
        key_image_lesion(&LesionPicture {
            hu: &self.ct.hu,
            mask,
            measurement: &measurement,
            title: &self.title(),
            subtitle: &subtitle,
            long_label: &value(&axes.long),
            short_label: &format!("{:.1} mm", axes.short.mm),
            window: (window, &self.words.get(preset)),
        })
    }

    fn needle_picture(&self, at: usize, planned: &PlannedNeedle) -> image::RgbaImage {
        let needle = &planned.needle;
        let verdict = self.follows.verdicts.get(at);
        let broken = verdict.is_some_and(|v| !v.is_free());
        let mut notes: Vec<Note> = Vec::new();
        if let Some(v) = verdict {
            for x in &v.violations {
                let rule = self.words.get(&format!("rule-short-{}", x.rule));
                notes.push(Note { at: x.at, text: format!("{rule} {:.1} mm", x.measured), broken: true });
            }
            let nearest = v.clearances.iter().filter(|c| c.status == Status::Ok);
            let nearest =
                nearest.filter(|c| ["bone", "lung-vessels", "wall-vessels", "mediastinum"].contains(&c.rule.as_str()));
            let nearest = nearest.filter_map(|c| Some((c, c.measured?, c.at?))).min_by(|a, b| a.1.total_cmp(&b.1));
            if let (Some((c, mm, at)), false) = (nearest, broken) {
                let rule = self.words.get(&format!("rule-short-{}", c.rule));
                notes.push(Note { at, text: format!("{rule} {mm:.1} mm"), broken: false });
            }
        }
        let model = self.assets.catalogue.model(&needle.model);
        let frozen = self.follows.frozen.as_ref();
        let surfaces = frozen.map(|f| f.surfaces.as_slice()).unwrap_or_default();
        let fields: Vec<_> = surfaces.iter().map(|s| (s.celsius, move |p| -s.margin_mm(p))).collect();
        let isotherms: Vec<Isotherm<'_>> =
            fields.iter().map(|(celsius, field)| Isotherm { celsius: *celsius, level: 0.0, field }).collect();
        let lesions: Vec<&Mask> = self.targets.iter().map(|t| &t.mask).collect();
        let unverified = if model.is_some_and(|m| m.verified) {
            String::new()
        } else {
            format!(" · {}", self.words.get("unverified"))
        };
        let subtitle = format!(
            "{} · {} · {} {:.1} mm{unverified}",
            at + 1,
            model.map_or(needle.model.as_str(), |m| m.name.as_str()),
            self.words.get("depth"),
            needle.depth_mm()
        );
        let (preset, window) = PRESETS[0];
        key_image_needle(&NeedlePicture {
            hu: &self.ct.hu,
            lesions: &lesions,
            needle,
            number: at + 1,
            active_mm: model.map_or(0.0, |m| 2.0 * m.tip_offset_mm),
            standing: if broken { Standing::Broken } else { Standing::Free },
            isotherms: &isotherms,
            notes: &notes,
            title: &self.title(),
            subtitle: &subtitle,
            window: (window, &self.words.get(preset)),
        })
    }
}

/// Whether a plan of the CT of that hash may be written into a folder: not over the plan of another CT, nor over what cannot
/// be read.
///
/// # Errors
/// [`Fault::PlanThere`].
pub fn free_for(folder: &Path, ct_hash: &str) -> Result<(), Fault> {
    let path = folder.join("plan.json");
    match plan::file::load(&path) {
        Ok(there) if there.ct.hash == ct_hash => Ok(()),
        Err(PlanFileError::Unreadable(Trouble::NotFound)) => Ok(()),
        _ => Err(Fault::PlanThere { path }),
    }
}

/// Keeps the plan that is there as `plan-before.json` when another one of the same CT takes its place.
fn keep_earlier(folder: &Path, ct_hash: &str, new: &[u8]) -> Result<(), Fault> {
    free_for(folder, ct_hash)?;
    let (path, before) = (folder.join("plan.json"), folder.join("plan-before.json"));
    match std::fs::read(&path) {
        Ok(old) if old != new => system::replace(&before, &old).map_err(|t| Fault::write(&before, t)),
        _ => Ok(()),
    }
}

/// `lesion.nii.gz`, `lesion-2.nii.gz`, ….
fn mask_name(at: usize) -> String {
    if at == 0 { "lesion.nii.gz".into() } else { format!("lesion-{}.nii.gz", at + 1) }
}
