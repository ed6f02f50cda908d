//! A saved plan, with its CT found again and everything that follows computed anew.

use super::assets::Assets;
use super::fault::Fault;
use super::follow::{Consequences, Targets, follow, targets};
use super::lesions::masks;
use super::open::{Opened, open};
use crate::anatomy::{self, Anatomy};
use crate::ct::{Ct, Finding};
use crate::export::result::DifferenceOut;
use crate::jobs::Progress;
use crate::lesion;
use crate::plan::{self, Plan};
use crate::space::Lps;
use crate::terms::Code;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A saved plan on its CT.
pub struct Reopened {
    /// The plan.
    pub plan: Plan,
    /// Its CT.
    pub opened: Opened,
    /// What was found in the CT.
    pub anatomy: Arc<Anatomy>,
    /// What lies around the lesions.
    pub targets: Targets,
    /// What follows from the plan now.
    pub follows: Consequences,
    /// Saved values that are others when measured again.
    pub differences: Vec<DifferenceOut>,
}

/// Reads a plan's file.
///
/// # Errors
/// [`Fault::Plan`].
pub fn read_plan(path: &Path) -> Result<Plan, Fault> {
    plan::file::load(path).map_err(|error| Fault::Plan { error, path: path.to_path_buf() })
}

/// Opens the CT of a plan: in `ct` if given, else at the remembered place, else in the plan's folder.
///
/// # Errors
/// [`Fault::CtNotFound`] where there is nothing at any of these; [`Fault::OtherCt`] where there is another CT.
pub fn open_ct_of(plan: &Plan, plan_path: &Path, ct: Option<&Path>, progress: &Progress) -> Result<Opened, Fault> {
    let folder = plan_path.parent().map(Path::to_path_buf);
    let places: Vec<PathBuf> = match ct {
        Some(given) => vec![given.to_path_buf()],
        None => plan.ct.place.clone().into_iter().chain(folder).filter(|p| p.exists()).collect(),
    };
    let mut fault = Fault::CtNotFound;
    for place in &places {
        match open(place, plan.ct.volume.as_deref(), progress) {
            Ok(opened) => match plan.ct.check(&opened.ct) {
                Ok(()) => return Ok(opened),
                Err(other) => fault = Fault::OtherCt { what: other.what },
            },
            Err(Fault::Cancelled(c)) => return Err(Fault::Cancelled(c)),
            // The series is not there: an answer only where somebody said that it is.
            Err(e) if ct.is_some() => fault = e,
            Err(_) => {}
        }
    }
    Err(fault)
}

/// Reads a plan, finds its CT, and computes everything that follows.
///
/// # Errors
/// As [`read_plan`], [`open_ct_of`] and [`follow`].
pub fn reopen(path: &Path, ct: Option<&Path>, assets: &Assets, progress: &Progress) -> Result<Reopened, Fault> {
    let plan = read_plan(path)?;
    let opened = open_ct_of(&plan, path, ct, &progress.part(0.0, 0.3))?;
    let anatomy = Arc::new(anatomy::find(&opened.ct, &progress.part(0.3, 0.4))?);
    let targets = targets(&opened.ct, &anatomy, &plan, assets, &progress.part(0.7, 0.3))?;
    let follows = follow(&opened.ct, &anatomy, &plan, &targets, assets)?;
    let differences = differences(&opened.ct, &plan)?;
    Ok(Reopened { plan, opened, anatomy, targets, follows, differences })
}

/// What must be said of saved values that are others now: `value-differs`, one for each.
pub fn difference_findings(differences: &[DifferenceOut], plan: &Plan) -> Vec<Finding> {
    let name = |uid: &str| plan.lesion(uid).map_or_else(|| uid.to_string(), |(at, _)| Plan::lesion_id(at));
    let said = differences.iter().map(|d| {
        Finding::new(Code::ValueDiffers)
            .text("lesion", name(&d.lesion))
            .text("what", d.what.as_str())
            .number("saved", d.saved, 2)
            .number("now", d.now, 2)
    });
    said.collect()
}

/// Differences below this are the last digits of a file, mm.
const SAME_MM: f64 = 1e-6;

/// Saved values that are others when measured again on the saved masks.
///
/// # Errors
/// [`Fault::OtherCt`] if a mask does not fit.
pub fn differences(ct: &Ct, plan: &Plan) -> Result<Vec<DifferenceOut>, Fault> {
    let mut out = Vec::new();
    for (lesion, mask) in plan.lesions.iter().zip(masks(ct, plan)?) {
        let saved = &lesion.outline.measured;
        let Some(now) = lesion::measure(ct, &mask, lesion.outline.level_hu) else { continue };
        let pairs = [
            ("long_axis_mm", saved.long.mm, now.long.mm),
            ("long_axis_pm_mm", saved.long.pm_mm, now.long.pm_mm),
            ("short_axis_mm", saved.short.mm, now.short.mm),
            ("short_axis_pm_mm", saved.short.pm_mm, now.short.pm_mm),
            ("voxels", saved.voxels as f64, now.voxels as f64),
            ("volume_mm3", saved.volume_mm3, now.volume_mm3),
            ("max_3d_diameter_mm", saved.max_3d_diameter_mm, now.max_3d_diameter_mm),
            ("mean_hu", saved.mean_hu, now.mean_hu),
        ];
        let apart = |a: &lesion::Axis, b: &lesion::Axis| {
            let [p, q] = a.ends;
            let off = |x: Lps, y: Lps| p.distance(x).max(q.distance(y));
            off(b.ends[0], b.ends[1]).min(off(b.ends[1], b.ends[0]))
        };
        let index = |uid: Option<&str>| {
            (0..ct.hu.grid.size[2]).find(|k| ct.sop_instance_uid(*k) == uid).map_or(-1.0, |k| k as f64)
        };
        // Places are told as how far the saved one lies off, slices as they are counted from 0 (−1: none of this CT).
        let places = [
            ("long_axis_ends_lps_mm", apart(&saved.long, &now.long), 0.0),
            ("short_axis_ends_lps_mm", apart(&saved.short, &now.short), 0.0),
            ("centroid_lps_mm", saved.centroid.distance(now.centroid), 0.0),
            ("slice", saved.slice as f64, now.slice as f64),
            (
                "measured_sop_instance_uid",
                index(saved.sop_instance_uid.as_deref()),
                index(ct.sop_instance_uid(saved.slice)),
            ),
        ];
        for (what, saved, now) in pairs.into_iter().chain(places) {
            if (saved - now).abs() > SAME_MM * saved.abs().max(1.0) {
                out.push(DifferenceOut { lesion: lesion.tracking_uid.clone(), what: what.into(), saved, now });
            }
        }
    }
    Ok(out)
}
