//! What follows from a plan: verdicts on its needles, ice, coverage, eligibility, what is needed at the table.

use super::assets::Assets;
use super::fault::Fault;
use super::lesions::masks;
use crate::anatomy::Anatomy;
use crate::ct::{Ct, Finding};
use crate::ice::{Coverage, Frozen, TargetPoints, coverage};
use crate::jobs::Progress;
use crate::lesion;
use crate::needle::{Needle, Surroundings, TableSide, Verdict, at_table};
use crate::plan::{Lesion, Plan};
use crate::space::Mask;
use crate::terms::{Code, Side};
use crate::trial::{Eligibility, EligibilityStatus};
use std::sync::Arc;

/// A lesion with what is around it, made ready once.
pub struct Target {
    /// Its voxels.
    pub mask: Mask,
    /// Points that coverage is judged by.
    pub points: TargetPoints,
    /// What its needles must keep away from.
    pub surroundings: Surroundings,
    /// On which of the patient's sides its centroid lies.
    pub side: Option<Side>,
}

/// All lesions of a plan, in its order.
pub type Targets = Vec<Arc<Target>>;

/// Makes ready what lies around the lesions of a plan.
///
/// # Errors
/// [`Fault::OtherCt`] if a mask does not fit the CT; cancelled.
pub fn targets(
    ct: &Ct,
    anatomy: &Anatomy,
    plan: &Plan,
    assets: &Assets,
    progress: &Progress,
) -> Result<Targets, Fault> {
    let masks = masks(ct, plan)?;
    let all: Vec<&Mask> = masks.iter().collect();
    let n = masks.len().max(1) as f32;
    let mut out = Vec::new();
    for (at, lesion) in plan.lesions.iter().enumerate() {
        let part = progress.part(at as f32 / n, 1.0 / n);
        let surroundings = Surroundings::of(ct, anatomy, &all, at, lesion.site, &assets.rules, &part)?;
        out.push(Arc::new(Target {
            points: TargetPoints::of(&masks[at]),
            side: lesion::side(ct, Some(anatomy), &masks[at]),
            mask: masks[at].clone(),
            surroundings,
        }));
    }
    Ok(out)
}

/// What follows from a plan.
#[derive(Clone, Debug)]
pub struct Consequences {
    /// On each needle of the plan, in its order.
    pub verdicts: Vec<Verdict>,
    /// For the table, likewise.
    pub table: Vec<TableSide>,
    /// The ice of all needles; `None` without needles.
    pub frozen: Option<Frozen>,
    /// Of each lesion, in the plan's order; `None` without ice.
    pub coverage: Vec<Option<Coverage>>,
    /// Of each lesion.
    pub eligibility: Vec<Eligibility>,
    /// Of each lesion.
    pub sides: Vec<Option<Side>>,
    /// What is doubtful about the plan.
    pub findings: Vec<Finding>,
}

/// Judges a plan. Takes milliseconds: everything slow is in `targets`.
///
/// # Errors
/// [`Fault::Given`] if a needle's model is not in the catalogue.
pub fn follow(
    ct: &Ct,
    anatomy: &Anatomy,
    plan: &Plan,
    targets: &[Arc<Target>],
    assets: &Assets,
) -> Result<Consequences, Fault> {
    let mut verdicts = Vec::new();
    let mut table = Vec::new();
    let mut findings = Vec::new();
    for planned in &plan.needles {
        let needle = &planned.needle;
        let model = assets
            .catalogue
            .model(&needle.model)
            .ok_or_else(|| Fault::Given(format!("the catalogue has no needle '{}'", needle.model)))?;
        let Some((at, lesion)) = plan.lesion(&planned.lesion) else {
            return Err(Fault::Given(format!("the plan has no lesion {}", planned.lesion)));
        };
        let target = targets.get(at).ok_or_else(|| Fault::Given("the lesion is not ready".into()))?;
        let verdict = target.surroundings.judge(needle, model);
        let measured_at = lesion.axes().long;
        let middle = measured_at.ends[0].lerp(measured_at.ends[1], 0.5);
        table.push(at_table(ct, anatomy, needle, &verdict, middle));
        for finding in &verdict.findings {
            push_once(&mut findings, finding.clone());
        }
        verdicts.push(verdict);
    }
    let needles: Vec<Needle> = plan.needles.iter().map(|p| p.needle.clone()).collect();
    let frozen = if needles.is_empty() {
        None
    } else {
        Some(Frozen::of(&needles, &assets.catalogue).map_err(|e| Fault::Given(e.to_string()))?)
    };
    let mut covered = Vec::new();
    let mut eligibility = Vec::new();
    for (at, lesion) in plan.lesions.iter().enumerate() {
        let of_lesion = frozen.as_ref().zip(targets.get(at)).map(|(f, t)| coverage(&t.points, f));
        // A lesion without needles of its own that no other's ice reaches has no margin to tell.
        let own = plan.needles.iter().any(|n| n.lesion == lesion.tracking_uid);
        let of_lesion = of_lesion.filter(|c| own || c.list.iter().any(|r| r.fraction_inside > 0.0));
        if let Some(c) = of_lesion.as_ref().and_then(|c| c.at(-20))
            && c.least_margin_mm < plan.margin_mm
        {
            let finding = Finding::new(Code::ShortCoverage)
                .text("lesion", Plan::lesion_id(at))
                .number("margin", c.least_margin_mm, 1)
                .number("asked", plan.margin_mm, 1);
            findings.push(finding.at(c.at));
        }
        let thickness = ct.acquisition.slice_thickness_mm;
        let most = assets.protocol.thickest_slice_mm;
        findings.extend(thickness.and_then(|t| too_thick(t, most, at, lesion.axes().long.mm)));
        let e = Eligibility::of(&assets.protocol, plan, lesion);
        findings.extend(eligibility_finding(&e, at, lesion));
        covered.push(of_lesion);
        eligibility.push(e);
    }
    if plan.subject.is_empty() && !plan.sample {
        findings.push(Finding::new(Code::SubjectMissing));
    }
    findings.extend(assets.finding());
    let sides = targets.iter().map(|t| t.side).collect();
    Ok(Consequences { verdicts, table, frozen, coverage: covered, eligibility, sides, findings })
}

fn push_once(findings: &mut Vec<Finding>, finding: Finding) {
    if !findings.contains(&finding) {
        findings.push(finding);
    }
}

/// Slices of that thickness are too thick for measuring a lesion of `mm`, if they are: above `most` mm it must be twice as
/// long as they are thick.
fn too_thick(thickness: f64, most: f64, at: usize, mm: f64) -> Option<Finding> {
    // Rounding of a header is no thickness.
    const SLACK_MM: f64 = 0.01;
    (thickness > most + SLACK_MM && mm < 2.0 * thickness).then(|| {
        Finding::new(Code::TooThickToMeasure)
            .text("lesion", Plan::lesion_id(at))
            .number("thickness", thickness, 1)
            .number("most", most, 1)
            .number("mm", mm, 1)
    })
}

fn eligibility_finding(e: &Eligibility, at: usize, lesion: &Lesion) -> Option<Finding> {
    let code = match e.status {
        EligibilityStatus::NotMet => Code::NotEligible,
        EligibilityStatus::Borderline => Code::EligibilityBorderline,
        _ => return None,
    };
    let long = lesion.axes().long;
    Some(Finding::new(code).text("lesion", Plan::lesion_id(at)).number("mm", long.mm, 1).number("pm", long.pm_mm, 1))
}

/// Whether every needle of the plan has verified data; `None` without needles.
pub fn data_verified(plan: &Plan, assets: &Assets) -> Option<bool> {
    let verified = |n: &crate::plan::PlannedNeedle| assets.catalogue.model(&n.needle.model).is_some_and(|m| m.verified);
    (!plan.needles.is_empty()).then(|| plan.needles.iter().all(verified))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_five_mm_a_lesion_must_be_twice_as_long_as_the_slices_are_thick() {
        let told = |thickness, mm| too_thick(thickness, 5.0, 0, mm).is_some();
        assert!(!told(5.0, 3.0), "RECIST leaves slices of 5 mm alone");
        assert!(told(8.0, 15.9) && !told(8.0, 16.0));
        assert!(!told(1.0, 1.5));
    }
}
