//! Transfer syntaxes (PS3.5 chapter 10): how a data set is coded and how its pixels are packed.

/// How elements are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    /// No VR in the file.
    pub(super) implicit: bool,
    /// Big endian.
    pub(super) big: bool,
}

impl Coding {
    /// Explicit VR little endian.
    pub(super) const EXPLICIT: Coding = Coding { implicit: false, big: false };
    /// Implicit VR little endian.
    pub(super) const IMPLICIT: Coding = Coding { implicit: true, big: false };
    /// Explicit VR big endian (retired 2006).
    pub(super) const BIG: Coding = Coding { implicit: false, big: true };

    /// The coding that the first 8 bytes of a data set show: its first group is small, a VR is two capitals.
    pub(super) fn guess(first: &[u8]) -> Option<Coding> {
        let b: &[u8; 8] = first.try_into().ok()?;
        let explicit = b[4].is_ascii_uppercase() && b[5].is_ascii_uppercase();
        let small = |low: u8, high: u8| high == 0 && low > 0 && low <= 0x50;
        if small(b[0], b[1]) {
            if explicit {
                return Some(Coding::EXPLICIT);
            }
            // An implicit length of a first element is short.
            let len = u32::from_le_bytes([b[4], b[5], b[6], b[7]]);
            return (len < 1 << 16).then_some(Coding::IMPLICIT);
        }
        (small(b[1], b[0]) && explicit).then_some(Coding::BIG)
    }
}

/// How pixels are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// As they are.
    Native,
    /// RLE lossless (PS3.5 annex G).
    Rle,
    /// JPEG: baseline 8 bit and lossless.
    Jpeg,
    /// JPEG extended: 12 bit by DCT.
    JpegExtended,
    /// JPEG 2000 and high-throughput JPEG 2000.
    Jpeg2000,
    /// JPEG-LS, lossless and near-lossless.
    JpegLs,
    /// JPEG XL.
    JpegXl,
    /// Known by name but not decoded here, or not known at all.
    Unsupported,
}

/// A transfer syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Syntax {
    /// Its UID, cleaned for showing.
    pub(super) uid: String,
    coding: Coding,
    /// How pixels are packed.
    pub(super) packing: Packing,
    /// Lossy by its definition.
    pub(super) lossy: bool,
}

const DICOM: &str = "1.2.840.10008.1.2";

impl Syntax {
    /// The syntax of that UID; an unknown one counts as explicit little endian with pixels that cannot be decoded.
    pub(super) fn from_uid(uid: &str) -> Syntax {
        let tail = uid.strip_prefix(DICOM).unwrap_or("?");
        let (coding, packing, lossy) = match tail {
            "" => (Coding::IMPLICIT, Packing::Native, false),
            ".1" | ".1.99" => (Coding::EXPLICIT, Packing::Native, false),
            ".2" => (Coding::BIG, Packing::Native, false),
            ".5" => (Coding::EXPLICIT, Packing::Rle, false),
            ".4.50" => (Coding::EXPLICIT, Packing::Jpeg, true),
            ".4.57" | ".4.70" => (Coding::EXPLICIT, Packing::Jpeg, false),
            ".4.90" | ".4.201" | ".4.202" => (Coding::EXPLICIT, Packing::Jpeg2000, false),
            ".4.91" | ".4.203" => (Coding::EXPLICIT, Packing::Jpeg2000, true),
            ".4.80" => (Coding::EXPLICIT, Packing::JpegLs, false),
            ".4.81" => (Coding::EXPLICIT, Packing::JpegLs, true),
            ".4.110" => (Coding::EXPLICIT, Packing::JpegXl, false),
            ".4.111" | ".4.112" => (Coding::EXPLICIT, Packing::JpegXl, true),
            ".4.51" => (Coding::EXPLICIT, Packing::JpegExtended, true),
            _ => (Coding::EXPLICIT, Packing::Unsupported, false),
        };
        let uid: String = uid.chars().filter(|c| c.is_ascii_graphic()).take(64).collect();
        Syntax { uid, coding, packing, lossy }
    }

    /// Uncompressed pixels in a data set of that coding.
    pub(super) fn native(coding: Coding) -> Syntax {
        let tail = if coding.big {
            ".2"
        } else if coding.implicit {
            ""
        } else {
            ".1"
        };
        Syntax::from_uid(&format!("{DICOM}{tail}"))
    }

    /// The same packing in a data set that turned out to be coded otherwise.
    pub(super) fn recoded(mut self, coding: Coding) -> Syntax {
        if self.packing == Packing::Native {
            return Syntax::native(coding);
        }
        self.coding = coding;
        self
    }

    /// How the data set is coded.
    pub(super) fn coding(&self) -> Coding {
        self.coding
    }

    /// Whether the data set is deflated (PS3.5 A.5).
    pub(super) fn deflated(&self) -> bool {
        self.uid == "1.2.840.10008.1.2.1.99"
    }

    /// What people call it.
    pub(super) fn name(&self) -> &'static str {
        match self.uid.strip_prefix(DICOM).unwrap_or("?") {
            "" => "implicit VR little endian",
            ".1" => "explicit VR little endian",
            ".1.99" => "deflated",
            ".2" => "explicit VR big endian",
            ".5" => "RLE",
            ".4.50" => "JPEG baseline",
            ".4.51" => "JPEG extended, 12 bit",
            ".4.57" | ".4.70" => "JPEG lossless",
            ".4.80" | ".4.81" => "JPEG-LS",
            ".4.90" | ".4.91" => "JPEG 2000",
            ".4.100" | ".4.101" | ".4.102" | ".4.103" | ".4.104" | ".4.105" | ".4.106" | ".4.107" | ".4.108" => "video",
            ".4.110" | ".4.111" | ".4.112" => "JPEG XL",
            ".4.201" | ".4.202" | ".4.203" => "HTJ2K",
            _ => "unknown",
        }
    }
}
