//! From a gesture to a lesion of the plan.

use super::fault::Fault;
use crate::anatomy::Anatomy;
use crate::ct::Ct;
use crate::jobs::Progress;
use crate::lesion::{self, Gesture, SegmentError};
use crate::plan::{Change, Edit, Lesion, Outline, Plan, SiteSource};
use crate::space::Mask;
use crate::terms::Site;

/// Two outlines that share at least this part of the smaller one are of one lesion (choice).
const SAME_LESION: f64 = 0.5;

/// The edit for the lesion that a gesture meant: another outline for the lesion of the plan that it meets, else a new
/// lesion. `site` if it was given, else it is guessed.
///
/// # Errors
/// [`Fault::Segment`] where there is no lesion.
pub fn mark_lesion(
    ct: &Ct,
    anatomy: Option<&Anatomy>,
    plan: &Plan,
    gesture: Gesture,
    site: Option<Site>,
    now: &str,
    progress: &Progress,
) -> Result<Edit, Fault> {
    let outline = outline(ct, gesture, now, progress)?;
    let mask = outline.mask.unpack(ct.hu.grid);
    let known = plan.lesions.iter().find(|l| {
        let (Some(new), Some(old)) = (&mask, l.mask(ct.hu.grid)) else { return false };
        same_lesion(new, &old)
    });
    if let Some(known) = known {
        let tracking_uid = known.tracking_uid.clone();
        return Ok(Edit::new(now, Change::SetOutline { tracking_uid, outline: Box::new(outline) }));
    }
    let (site, site_source) = match (site, &mask) {
        (Some(site), _) => (site, SiteSource::Given),
        (None, Some(mask)) => (lesion::guess_site(ct, anatomy, mask).0, SiteSource::Guessed),
        (None, None) => (Site::Lung, SiteSource::Guessed),
    };
    let tracking_uid = plan.new_tracking_uid(now);
    let lesion = Lesion { tracking_uid, site, site_source, outline, by_reader: None };
    let change = Change::AddLesion { at: plan.lesions.len(), lesion: Box::new(lesion), needles: Vec::new() };
    Ok(Edit::new(now, change))
}

fn same_lesion(a: &Mask, b: &Mask) -> bool {
    let mut both = a.clone();
    both.intersect(b);
    both.count() as f64 >= SAME_LESION * a.count().min(b.count()).max(1) as f64
}

/// The outline that a gesture meant, measured.
///
/// # Errors
/// [`Fault::Segment`] where there is no lesion.
pub fn outline(ct: &Ct, gesture: Gesture, now: &str, progress: &Progress) -> Result<Outline, Fault> {
    let segmentation = lesion::segment(ct, gesture, progress)?;
    let (Gesture::Click(at) | Gesture::Stroke(at, _)) = gesture;
    let measurement =
        lesion::measure(ct, &segmentation.mask, segmentation.level_hu).ok_or(SegmentError::Nothing(at))?;
    Ok(Outline::accepted(ct, gesture, &segmentation, &measurement, now))
}

/// The masks of all lesions of a plan, on the CT's grid.
///
/// # Errors
/// [`Fault::OtherCt`] if one does not fit.
pub fn masks(ct: &Ct, plan: &Plan) -> Result<Vec<Mask>, Fault> {
    plan.lesions.iter().map(|l| l.mask(ct.hu.grid).ok_or(Fault::OtherCt { what: "the place of the slices" })).collect()
}
