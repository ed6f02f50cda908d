//! Who is eligible: each rule of a protocol held against what was measured and answered.

use super::protocol::{Kind, Protocol, Rule};
use crate::plan::{Answer, Lesion, Plan};
use crate::terms::Site;
use crate::words::Words;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a rule, or the whole, came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EligibilityStatus {
    /// It holds.
    Met,
    /// It does not.
    NotMet,
    /// The limit lies within the measuring error.
    Borderline,
    /// Not measured, not asked or not answered.
    Unknown,
}

impl EligibilityStatus {
    /// The stable name: `met`, `not_met`, `borderline`, `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            EligibilityStatus::Met => "met",
            EligibilityStatus::NotMet => "not_met",
            EligibilityStatus::Borderline => "borderline",
            EligibilityStatus::Unknown => "unknown",
        }
    }

    /// The key of its name in `words`.
    pub fn word(self) -> &'static str {
        match self {
            EligibilityStatus::Met => "trial-met",
            EligibilityStatus::NotMet => "trial-not-met",
            EligibilityStatus::Borderline => "trial-borderline",
            EligibilityStatus::Unknown => "trial-unknown",
        }
    }
}

/// What is measured or allowed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum RuleValue {
    /// Yes or no.
    Yes(bool),
    /// A number, in the rule's unit.
    Number(f64),
}

/// Why a rule came out so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Within the limit.
    WithinLimit,
    /// Within the limit on the axial slice, though the largest 3-D diameter is above it.
    #[serde(rename = "within-limit-3d-over")]
    WithinLimit3dOver,
    /// Above the limit.
    OverLimit,
    /// Below the limit.
    UnderLimit,
    /// The limit lies within the measuring error.
    LimitWithinError,
    /// Nobody answered yet.
    NotAnswered,
    /// The answer cannot be: a slip of the hand.
    AnswerNotPossible,
    /// Answered as the criterion demands.
    AsRequired,
    /// Answered otherwise.
    NotAsRequired,
}

impl Why {
    /// All reasons.
    pub const ALL: [Why; 9] = [
        Why::WithinLimit,
        Why::WithinLimit3dOver,
        Why::OverLimit,
        Why::UnderLimit,
        Why::LimitWithinError,
        Why::NotAnswered,
        Why::AnswerNotPossible,
        Why::AsRequired,
        Why::NotAsRequired,
    ];

    /// The stable name, as in files.
    pub fn name(self) -> &'static str {
        match self {
            Why::WithinLimit => "within-limit",
            Why::WithinLimit3dOver => "within-limit-3d-over",
            Why::OverLimit => "over-limit",
            Why::UnderLimit => "under-limit",
            Why::LimitWithinError => "limit-within-error",
            Why::NotAnswered => "not-answered",
            Why::AnswerNotPossible => "answer-not-possible",
            Why::AsRequired => "as-required",
            Why::NotAsRequired => "not-as-required",
        }
    }

    /// The reason as a person reads it.
    pub fn sentence(self, words: &Words) -> String {
        words.get(&format!("trial-why-{}", self.name()))
    }
}

/// One rule's outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The rule's id.
    pub rule: String,
    /// How it came out.
    pub status: EligibilityStatus,
    /// Measured or answered; `None` if unknown.
    pub measured: Option<RuleValue>,
    /// ± of what was measured, mm.
    pub pm: Option<f64>,
    /// The limit that was or would be broken first, or the answer that is required.
    pub limit: Option<RuleValue>,
    /// Why.
    pub why: Why,
}

/// Whether a lesion may be treated within the trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Eligibility {
    /// not_met if any rule is, else borderline if any is, else unknown if any is, else met.
    pub status: EligibilityStatus,
    /// Every rule that concerns this lesion, in the protocol's order.
    pub rules: Vec<Outcome>,
}

/// What the picture says of a lesion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LesionFacts {
    /// Where it sits.
    pub site: Site,
    /// Axial long axis that counts, mm, unrounded.
    pub long_axis_mm: f64,
    /// Its ±, mm.
    pub long_axis_pm_mm: f64,
    /// Largest diameter in three dimensions, mm.
    pub max_3d_diameter_mm: f64,
}

impl LesionFacts {
    /// Of a lesion of a plan; the reader's diameter where there is one.
    pub fn of(lesion: &Lesion) -> LesionFacts {
        let long = lesion.axes().long;
        LesionFacts {
            site: lesion.site,
            long_axis_mm: long.mm,
            long_axis_pm_mm: long.pm_mm,
            max_3d_diameter_mm: lesion.outline.measured.max_3d_diameter_mm,
        }
    }
}

impl Eligibility {
    /// A lesion of a plan, held against a protocol.
    pub fn of(protocol: &Protocol, plan: &Plan, lesion: &Lesion) -> Eligibility {
        judge(protocol, &LesionFacts::of(lesion), plan.lesions.len(), &plan.answers)
    }

    /// The reasons in one field: `rule=why`, joined by `;`, of all rules that are not simply met.
    pub fn why(&self) -> String {
        let simply = |o: &&Outcome| !(o.status == EligibilityStatus::Met && o.why != Why::WithinLimit3dOver);
        let reasons: Vec<String> =
            self.rules.iter().filter(simply).map(|o| format!("{}={}", o.rule, o.why.name())).collect();
        reasons.join(";")
    }
}

/// Holds what is known of a lesion against a protocol. `targets`: how many lesions are to be treated.
pub fn judge(
    protocol: &Protocol,
    lesion: &LesionFacts,
    targets: usize,
    answers: &BTreeMap<String, Answer>,
) -> Eligibility {
    let rules: Vec<Outcome> =
        protocol.rules.iter().filter_map(|rule| outcome(rule, lesion, targets, answers.get(&rule.id))).collect();
    let any = |status| rules.iter().any(|o| o.status == status);
    let worst = [EligibilityStatus::NotMet, EligibilityStatus::Borderline, EligibilityStatus::Unknown];
    let status = worst.into_iter().find(|s| any(*s)).unwrap_or(EligibilityStatus::Met);
    Eligibility { status, rules }
}

/// `None` if the rule does not concern the lesion's site.
fn outcome(rule: &Rule, lesion: &LesionFacts, targets: usize, answer: Option<&Answer>) -> Option<Outcome> {
    use EligibilityStatus::{Borderline, Met, NotMet, Unknown};
    let number = |x: f64| Some(RuleValue::Number(x));
    let (status, measured, pm, limit, why) = match &rule.kind {
        Kind::Count { at_most } => {
            let n = targets as f64;
            let (status, why) = if n <= *at_most { (Met, Why::WithinLimit) } else { (NotMet, Why::OverLimit) };
            (status, number(n), None, number(*at_most), why)
        }
        Kind::LargestDiameter { sites, .. } if !sites.contains(&lesion.site) => return None,
        Kind::LargestDiameter { at_most, .. } => {
            let (mm, pm) = (lesion.long_axis_mm, lesion.long_axis_pm_mm);
            // Unrounded: 35.0 is in, 35.04 is not, and both are borderline with any honest ±.
            let (status, why) = if !mm.is_finite() || !pm.is_finite() {
                (Unknown, Why::AnswerNotPossible)
            } else if (mm - at_most).abs() <= pm {
                (Borderline, Why::LimitWithinError)
            } else if mm > *at_most {
                (NotMet, Why::OverLimit)
            } else if lesion.max_3d_diameter_mm > *at_most {
                (Met, Why::WithinLimit3dOver)
            } else {
                (Met, Why::WithinLimit)
            };
            (status, number(mm), Some(pm), number(*at_most), why)
        }
        Kind::Number { at_least, at_most, whole, only_whole, possible } => {
            let broken_first = at_most.or(*at_least);
            match answer {
                Some(Answer::Number(x))
                    if possible.is_none_or(|(lo, hi)| (lo..=hi).contains(x)) && !(*only_whole && x.fract() != 0.0) =>
                {
                    let counted = if *whole { x.floor() } else { *x };
                    let (status, limit, why) = match (at_least, at_most) {
                        (Some(least), _) if counted < *least => (NotMet, Some(*least), Why::UnderLimit),
                        (_, Some(most)) if counted > *most => (NotMet, Some(*most), Why::OverLimit),
                        _ => (Met, broken_first, Why::WithinLimit),
                    };
                    (status, number(*x), None, limit.and_then(number), why)
                }
                Some(Answer::Number(x)) => {
                    (Unknown, number(*x), None, broken_first.and_then(number), Why::AnswerNotPossible)
                }
                _ => (Unknown, None, None, broken_first.and_then(number), Why::NotAnswered),
            }
        }
        Kind::YesNo { met_by } => {
            let limit = Some(RuleValue::Yes(*met_by));
            match answer {
                Some(Answer::Yes(yes)) if yes == met_by => {
                    (Met, Some(RuleValue::Yes(*yes)), None, limit, Why::AsRequired)
                }
                Some(Answer::Yes(yes)) => (NotMet, Some(RuleValue::Yes(*yes)), None, limit, Why::NotAsRequired),
                _ => (Unknown, None, None, limit, Why::NotAnswered),
            }
        }
    };
    Some(Outcome { rule: rule.id.clone(), status, measured, pm, limit, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(site: Site, mm: f64, pm: f64) -> LesionFacts {
        LesionFacts { site, long_axis_mm: mm, long_axis_pm_mm: pm, max_3d_diameter_mm: mm }
    }

    fn size(site: Site, mm: f64, pm: f64) -> (EligibilityStatus, Option<RuleValue>) {
        let e = judge(&Protocol::keio().unwrap(), &facts(site, mm, pm), 1, &BTreeMap::new());
        let o = e.rules.iter().find(|o| o.rule.starts_with("size-")).unwrap();
        assert_eq!(e.rules.iter().filter(|o| o.rule.starts_with("size-")).count(), 1, "one size rule for one site");
        (o.status, o.limit)
    }

    /// Every question answered as the trial demands.
    fn all_answered() -> BTreeMap<String, Answer> {
        let keio = Protocol::keio().unwrap();
        let answer = |kind: &Kind| match kind {
            Kind::YesNo { met_by } => Some(Answer::Yes(*met_by)),
            Kind::Number { at_most, .. } => at_most.map(Answer::Number),
            _ => None,
        };
        keio.rules.iter().filter_map(|r| Some((r.id.clone(), answer(&r.kind)?))).collect()
    }

    #[test]
    fn the_limit_is_of_the_site_and_borderline_within_the_error() {
        use EligibilityStatus::*;
        assert_eq!(size(Site::Lung, 32.0, 0.7), (Met, Some(RuleValue::Number(35.0))));
        assert_eq!(size(Site::Lung, 34.4, 0.7).0, Borderline);
        assert_eq!(size(Site::Lung, 35.0, 0.0).0, Borderline);
        assert_eq!(size(Site::Lung, 35.6, 0.7).0, Borderline);
        assert_eq!(size(Site::Lung, 36.0, 0.7).0, NotMet);
        assert_eq!(size(Site::Pleura, 36.0, 0.7), (Met, Some(RuleValue::Number(100.0))));
        assert_eq!(size(Site::ChestWall, 104.3, 1.5).0, NotMet);
    }

    #[test]
    fn what_was_not_answered_is_unknown_and_never_met() {
        let keio = Protocol::keio().unwrap();
        let e = judge(&keio, &facts(Site::Lung, 20.0, 0.7), 1, &BTreeMap::new());
        assert_eq!(e.status, EligibilityStatus::Unknown);
        for o in &e.rules {
            let asked = keio.rule(&o.rule).unwrap().is_asked();
            assert_eq!(o.status == EligibilityStatus::Unknown, asked, "{}", o.rule);
            assert_eq!(o.measured.is_none(), asked);
        }
    }

    #[test]
    fn the_whole_is_as_bad_as_its_worst_rule() {
        use EligibilityStatus::*;
        let keio = Protocol::keio().unwrap();
        let with = |mm: f64, change: &[(&str, Answer)], drop: &[&str]| {
            let mut answers = all_answered();
            answers.extend(change.iter().map(|(r, a)| (r.to_string(), *a)));
            for rule in drop {
                answers.remove(*rule);
            }
            judge(&keio, &facts(Site::Lung, mm, 0.7), 1, &answers).status
        };
        assert_eq!(with(20.0, &[], &[]), Met);
        assert_eq!(with(20.0, &[], &["age"]), Unknown);
        assert_eq!(with(35.0, &[], &["age"]), Borderline);
        assert_eq!(with(35.0, &[("infection", Answer::Yes(true))], &["age"]), NotMet);
        assert_eq!(with(20.0, &[("performance-status", Answer::Number(3.0))], &[]), NotMet);
        // A grade between two grades is a slip of the hand, not an answer.
        assert_eq!(with(20.0, &[("performance-status", Answer::Number(1.5))], &[]), Unknown);
    }

    #[test]
    fn seventy_nine_years_and_364_days_is_in_and_a_slip_of_the_hand_is_unknown() {
        use EligibilityStatus::*;
        let keio = Protocol::keio().unwrap();
        let age = |years: f64| {
            let answers = [("age".to_string(), Answer::Number(years))].into();
            let e = judge(&keio, &facts(Site::Lung, 20.0, 0.7), 1, &answers);
            let o = e.rules.into_iter().find(|o| o.rule == "age").unwrap();
            (o.status, o.limit, o.why)
        };
        assert_eq!(age(17.9), (NotMet, Some(RuleValue::Number(18.0)), Why::UnderLimit));
        assert_eq!(age(18.0).0, Met);
        assert_eq!(age(79.99).0, Met);
        assert_eq!(age(80.0), (NotMet, Some(RuleValue::Number(79.0)), Why::OverLimit));
        assert_eq!(age(720.0).0, Unknown);
    }

    #[test]
    fn a_fourth_lesion_is_one_too_many() {
        let keio = Protocol::keio().unwrap();
        let count = |n| judge(&keio, &facts(Site::Lung, 20.0, 0.7), n, &all_answered()).status;
        assert_eq!(count(3), EligibilityStatus::Met);
        assert_eq!(count(4), EligibilityStatus::NotMet);
    }

    #[test]
    fn reasons_are_codes_joined_by_semicolons() {
        let keio = Protocol::keio().unwrap();
        let mut answers = all_answered();
        answers.remove("age");
        let e = judge(&keio, &facts(Site::Lung, 40.0, 0.7), 1, &answers);
        assert_eq!(e.why(), "size-lung=over-limit;age=not-answered");
    }
}
