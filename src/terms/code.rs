//! The codes of findings: what was doubtful about a scan, a measurement or a plan.

use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Look before you trust.
    Warning,
    /// Not usable for what it was meant for.
    Error,
}

impl Severity {
    /// The stable name: `info`, `warning`, `error`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident;)*) => {
        /// A finding's code. The names are stable; the text a person reads is `finding-<name>` in `words`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// The severity that goes with the code.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    // About scans.
    /// Slices are sheared against each other.
    GantryTilt = "gantry-tilt", Warning;
    /// Distances between slices differ by more than the tolerance.
    UnevenSpacing = "uneven-spacing", Warning;
    /// One or more slices of an otherwise even stack are not there.
    MissingSlices = "missing-slices", Warning;
    /// Distance between slices, or slice thickness, over 5 mm.
    ThickSlices = "thick-slices", Warning;
    /// Slice thickness larger than the distance between slices.
    OverlappingSlices = "overlapping-slices", Info;
    /// Slice thickness smaller than the distance between slices.
    GapBetweenSlices = "gap-between-slices", Warning;
    /// The same slice more than once; one kept.
    DuplicateSlices = "duplicate-slices", Info;
    /// Slices at one position with different pixels.
    DuplicateConflict = "duplicate-conflict", Warning;
    /// One series holds several acquisitions or phases.
    SplitAcquisitions = "split-acquisitions", Info;
    /// Files of one series belong to different patients.
    SplitPatients = "split-patients", Warning;
    /// Files of one series belong to different studies.
    SplitStudies = "split-studies", Warning;
    /// Files of one series have different frames of reference.
    SplitFramesOfReference = "split-frames-of-reference", Warning;
    /// Images of different size or pixel spacing in one series.
    SplitSizes = "split-sizes", Warning;
    /// Localizer left out.
    ExcludedLocalizer = "excluded-localizer", Info;
    /// Secondary capture, dose screen or other non-slice left out.
    ExcludedSecondaryCapture = "excluded-secondary-capture", Info;
    /// A slice could not be placed or read and was left out.
    ExcludedSlice = "excluded-slice", Warning;
    /// Axes are not along the patient's axes.
    Oblique = "oblique", Info;
    /// Derived (reformatted) images, not the original acquisition.
    Derived = "derived", Info;
    /// Padding outside the field of view present.
    Padding = "padding", Info;
    /// Lossy compression: HU are approximate.
    Lossy = "lossy", Warning;
    /// No rescale slope and intercept: values cannot be called HU.
    RescaleMissing = "rescale-missing", Error;
    /// No pixel spacing.
    SpacingMissing = "spacing-missing", Error;
    /// No image position.
    PositionMissing = "position-missing", Error;
    /// No image orientation.
    OrientationMissing = "orientation-missing", Error;
    /// Fewer slices than a volume needs.
    TooFewSlices = "too-few-slices", Error;
    /// File lacks preamble or meta header; syntax was inferred.
    NoPreamble = "no-preamble", Info;
    /// DICOMDIR names a file that is not there.
    MissingFile = "missing-file", Warning;
    /// Cannot be decoded; the message names the transfer syntax.
    TransferSyntaxUnsupported = "transfer-syntax-unsupported", Error;
    /// A volume whose values are no HU: a mask, labels or grey values, nothing as dark as lung.
    NotHu = "not-hu", Error;
    /// File ends before its data do.
    Truncated = "truncated", Error;
    /// Not a DICOM file.
    NotDicom = "not-dicom", Info;
    /// Structure cannot be parsed.
    Corrupt = "corrupt", Error;
    /// A length, depth, ratio or count is over the stated cap.
    LimitExceeded = "limit-exceeded", Error;
    /// Archive entry would leave its folder, or ratio or count over the cap.
    UnsafeArchive = "unsafe-archive", Error;
    /// A volume from a research file (NIfTI, NRRD): no slices' UIDs, no CRF row.
    ResearchVolume = "research-volume", Warning;
    /// Skin is cut off by the field of view; no entry is proposed there.
    SkinCut = "skin-cut", Info;
    /// A file or folder could not be read.
    Unreadable = "unreadable", Error;

    // About anatomy.
    /// A structure was not found: its rules are unknown, never free.
    NotSeen = "not-seen", Warning;
    /// No contrast: vessels outside the lungs were not seen.
    WallVesselsNotSeen = "wall-vessels-not-seen", Warning;

    // About lesions.
    /// The outline is a guess where the lesion meets tissue like itself.
    SoftBorder = "soft-border", Warning;
    /// The lesion is small for the distance between slices.
    CoarseForLesion = "coarse-for-lesion", Warning;
    /// The outline reaches the edge of the scan.
    LesionAtEdge = "lesion-at-edge", Warning;
    /// The outline may have leaked into tissue around it.
    MayHaveLeaked = "may-have-leaked", Warning;
    /// The outline is long and thin, as a vessel is.
    MayBeVessel = "may-be-vessel", Warning;
    /// A click in air, or outside of the body.
    ClickInAir = "click-in-air", Error;
    /// The long axis leaves the lesion on its way.
    AxisLeavesLesion = "axis-leaves-lesion", Info;
    /// Several places that were given lie in one lesion.
    SameLesion = "same-lesion", Warning;
    /// Lesions overlap.
    LesionsOverlap = "lesions-overlap", Warning;

    // About needles, ice, plan.
    /// No needle was found that breaks no rule.
    NoFreeNeedle = "no-free-needle", Error;
    /// Fewer needles were placed than were asked for.
    FewerNeedles = "fewer-needles", Warning;
    /// A rule could not be judged since its structure was not seen.
    RuleUnknown = "rule-unknown", Warning;
    /// A hard rule is broken.
    RuleBroken = "rule-broken", Error;
    /// A rule that warns is not kept.
    RuleWarning = "rule-warning", Warning;
    /// The pose is not that of the scan: organs shift.
    PoseDiffers = "pose-differs", Warning;
    /// The needle's data are not verified.
    NeedleUnverified = "needle-unverified", Warning;
    /// The ice does not reach the whole lesion with the margin asked for.
    ShortCoverage = "short-coverage", Warning;
    /// The trial's criteria are not met.
    NotEligible = "not-eligible", Warning;
    /// Slices are too thick for measuring a lesion of that size.
    TooThickToMeasure = "too-thick-to-measure", Warning;
    /// A limit lies within the measuring error.
    EligibilityBorderline = "eligibility-borderline", Warning;
    /// No subject id was given.
    SubjectMissing = "subject-missing", Warning;
    /// A saved value differs from what is computed now.
    ValueDiffers = "value-differs", Warning;
    /// An assets folder of the hospital's own is in use.
    AssetsReplaced = "assets-replaced", Info;
    /// The sample scan: nobody's chest.
    Sample = "sample", Info;
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Code::ALL
            .iter()
            .copied()
            .find(|c| c.name() == name)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown finding code {name}")))
    }
}
