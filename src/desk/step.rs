//! The steps of the way, in order; each can be entered at any time.

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Open,
    Lesion,
    Anatomy,
    Needles,
    Ice,
    Report,
}

impl Step {
    pub(super) const ALL: [Step; 6] = [Step::Open, Step::Lesion, Step::Anatomy, Step::Needles, Step::Ice, Step::Report];

    /// Key of its name in `words`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Step::Open => "desk-open",
            Step::Lesion => "desk-lesion",
            Step::Anatomy => "desk-anatomy",
            Step::Needles => "desk-needles",
            Step::Ice => "desk-ice",
            Step::Report => "desk-report",
        }
    }
}
