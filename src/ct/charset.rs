//! Text of any DICOM character set (PS3.3 C.12.1.1.2, PS3.5 6.1, annexes H to K).

use super::listing::Patient;

/// The text of a value's bytes.
pub(super) fn decode(_charset: &[u8], bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// A patient's name in its three parts, and id.
pub(super) fn patient(charset: &[u8], name: &[u8], id: &[u8]) -> Patient {
    let name = decode(charset, name);
    let clean = |t: &str| -> String { t.chars().filter(|c| !c.is_control()).take(256).collect() };
    let mut parts = name.split('=').map(clean);
    let mut next = || parts.next().unwrap_or_default();
    Patient {
        alphabetic: next(),
        ideographic: next(),
        phonetic: next(),
        id: clean(&decode(charset, id)),
        guessed: false,
    }
}
