//! Text of any DICOM character set (PS3.3 C.12.1.1.2, PS3.5 6.1 and annexes H to K): single-byte sets, UTF-8, GB18030, GBK,
//! and ISO 2022 with its escapes, whose state falls back to the first set at every delimiter.

use super::listing::Patient;
use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7,
    ISO_8859_8, ISO_8859_15, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};

/// Bytes of a text that are decoded; what is longer is cut (choice).
const LONGEST: usize = 4096;

/// A set that an escape can designate.
#[derive(Clone, Copy, PartialEq)]
enum Set {
    /// ASCII, or JIS X 0201 Roman, which differs in two characters that no name holds.
    Ascii,
    /// One byte a character, upper half.
    Single(&'static Encoding),
    /// Half-width katakana of JIS X 0201.
    Katakana,
    Jis0208,
    Jis0212,
    Ksx1001,
    Gb2312,
}

/// How a whole value is coded.
enum Coding {
    /// One encoding for all of it.
    Whole(&'static Encoding),
    /// ISO 2022, starting with that upper half.
    Escapes(Set),
    /// Nothing was declared.
    Undeclared,
}

/// Specific Character Set (0008,0005).
fn coding(charset: &[u8]) -> Coding {
    let text = String::from_utf8_lossy(charset).to_uppercase();
    let mut terms = text.split('\\').map(|t| t.trim_matches(|c: char| c == '\0' || c.is_whitespace()));
    let first = terms.next().unwrap_or_default();
    match first {
        "GB18030" => return Coding::Whole(GB18030),
        "GBK" => return Coding::Whole(GBK),
        "" if terms.next().is_none() => return Coding::Undeclared,
        _ => {}
    }
    // `ISO_IR 100`, `ISO 2022 IR 100` and their misspellings.
    let number = first.rsplit("IR").next().unwrap_or_default().trim_matches(|c: char| !c.is_ascii_digit());
    match number {
        "192" => Coding::Whole(UTF_8),
        "13" => Coding::Escapes(Set::Katakana),
        "149" => Coding::Escapes(Set::Ksx1001),
        "58" => Coding::Escapes(Set::Gb2312),
        n => Coding::Escapes(single(n).map_or(Set::Ascii, Set::Single)),
    }
}

/// The single-byte set of an ISO registration number.
fn single(number: &str) -> Option<&'static Encoding> {
    Some(match number {
        "100" => WINDOWS_1252,
        "101" => ISO_8859_2,
        "109" => ISO_8859_3,
        "110" => ISO_8859_4,
        "144" => ISO_8859_5,
        "127" => ISO_8859_6,
        "126" => ISO_8859_7,
        "138" => ISO_8859_8,
        "148" => WINDOWS_1254,
        "166" => WINDOWS_874,
        "203" => ISO_8859_15,
        _ => return None,
    })
}

/// What an escape (without its ESC) designates: its length, whether it goes to G1, the set.
fn designation(rest: &[u8]) -> Option<(usize, bool, Set)> {
    Some(match rest {
        [b'(', b'B' | b'J', ..] => (2, false, Set::Ascii),
        [b'(', b'I', ..] => (2, false, Set::Katakana),
        [b')', b'I', ..] => (2, true, Set::Katakana),
        [b')', b'B' | b'J', ..] => (2, true, Set::Ascii),
        [b'$', b'B' | b'@', ..] => (2, false, Set::Jis0208),
        [b'$', b'(', b'D', ..] => (3, false, Set::Jis0212),
        [b'$', b')', b'C', ..] => (3, true, Set::Ksx1001),
        [b'$', b')', b'A', ..] => (3, true, Set::Gb2312),
        [b'-', letter, ..] => {
            let number = match letter {
                b'A' => "100",
                b'B' => "101",
                b'C' => "109",
                b'D' => "110",
                b'F' => "126",
                b'G' => "127",
                b'H' => "138",
                b'L' => "144",
                b'M' => "148",
                b'T' => "166",
                b'b' => "203",
                _ => return None,
            };
            (2, true, Set::Single(single(number)?))
        }
        _ => return None,
    })
}

/// The text of a value's bytes, and whether its coding had to be guessed.
fn text(charset: &[u8], bytes: &[u8]) -> (String, bool) {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let whole = |e: &'static Encoding| e.decode_without_bom_handling(bytes).0.into_owned();
    match coding(charset) {
        Coding::Whole(encoding) => (whole(encoding), false),
        Coding::Undeclared if bytes.is_ascii() && !bytes.contains(&0x1B) => (whole(UTF_8), false),
        Coding::Undeclared if bytes.contains(&0x1B) => (escapes(Set::Ascii, bytes), true),
        Coding::Undeclared => {
            let fits = |e: &'static Encoding| !e.decode_without_bom_handling(bytes).1;
            let guess = [UTF_8, SHIFT_JIS].into_iter().find(|e| fits(e)).unwrap_or(WINDOWS_1252);
            (whole(guess), true)
        }
        // Shift-JIS under the name of its little brother: lead bytes that JIS X 0201 does not have.
        Coding::Escapes(Set::Katakana) if bytes.iter().any(|b| matches!(b, 0x81..=0x9F | 0xE0..=0xFC)) => {
            (whole(SHIFT_JIS), true)
        }
        Coding::Escapes(first) => (escapes(first, bytes), false),
    }
}

/// ISO 2022, from the state of ASCII below and `first` above.
fn escapes(first: Set, bytes: &[u8]) -> String {
    let (mut g0, mut g1) = (Set::Ascii, first);
    let mut out = String::new();
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let pair = bytes.get(at + 1).copied();
        at += 1;
        match (b, g0, g1) {
            (0x1B, _, _) => {
                if let Some((len, upper, set)) = designation(&bytes[at..]) {
                    at += len;
                    if upper {
                        g1 = set;
                    } else {
                        g0 = set;
                    }
                }
            }
            (0x21..=0x7E, Set::Jis0208 | Set::Jis0212, _) => {
                let Some(second) = pair else { break };
                at += 1;
                let euc = [0x8F, b | 0x80, second | 0x80];
                push(&mut out, EUC_JP, if g0 == Set::Jis0212 { &euc } else { &euc[1..] });
            }
            (0x21..=0x5F, Set::Katakana, _) => push(&mut out, SHIFT_JIS, &[b | 0x80]),
            (0x80.., _, Set::Ksx1001 | Set::Gb2312) => {
                let Some(second) = pair else { break };
                at += 1;
                push(&mut out, if g1 == Set::Ksx1001 { EUC_KR } else { GBK }, &[b, second]);
            }
            (0x80.., _, Set::Katakana) => push(&mut out, SHIFT_JIS, &[b]),
            (0x80.., _, Set::Single(encoding)) => push(&mut out, encoding, &[b]),
            (0x80.., _, _) => out.push(char::REPLACEMENT_CHARACTER),
            _ => {
                if matches!(b, b'\\' | b'^' | b'=' | b'\r' | b'\n' | 0x0C | b'\t') {
                    (g0, g1) = (Set::Ascii, first);
                }
                out.push(char::from(b));
            }
        }
    }
    out
}

fn push(out: &mut String, encoding: &'static Encoding, bytes: &[u8]) {
    out.push_str(&encoding.decode_without_bom_handling(bytes).0);
}

/// The text of a value's bytes, without padding.
pub(super) fn decode(charset: &[u8], bytes: &[u8]) -> String {
    text(charset, bytes).0.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// A patient's name in its three parts (PS3.5 6.2, PN), and id; no control characters, at most 256 characters each.
pub(super) fn patient(charset: &[u8], name: &[u8], id: &[u8]) -> Patient {
    let (name, guessed) = text(charset, name);
    let clean = |t: &str| -> String {
        let t: String = t.chars().filter(|c| !c.is_control()).take(256).collect();
        t.trim().to_owned()
    };
    let mut parts = name.split('=').map(clean);
    let mut next = || parts.next().unwrap_or_default();
    Patient { alphabetic: next(), ideographic: next(), phonetic: next(), id: clean(&decode(charset, id)), guessed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(charset: &str, bytes: &[u8]) -> [String; 3] {
        let p = patient(charset.as_bytes(), bytes, b"");
        [p.alphabetic, p.ideographic, p.phonetic]
    }

    /// The examples of PS3.5 annexes H and I.
    #[test]
    fn japanese_and_korean_names_come_out_in_their_three_parts() {
        let h31 = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B";
        assert_eq!(name("\\ISO 2022 IR 87", h31), ["Yamada^Tarou", "山田^太郎", "やまだ^たろう"]);
        let h32 = b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J";
        assert_eq!(name("ISO 2022 IR 13\\ISO 2022 IR 87", h32), ["ﾔﾏﾀﾞ^ﾀﾛｳ", "山田^太郎", ""]);
        let i2 = b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7";
        assert_eq!(name("\\ISO 2022 IR 149", i2), ["Hong^Gildong", "洪^吉洞", ""]);
    }

    #[test]
    fn a_supplementary_kanji_is_found() {
        let bytes = b"Kou^Hana=\x1b$(D0!\x1b(B^\x1b$B2V\x1b(B";
        assert_eq!(name("\\ISO 2022 IR 87\\ISO 2022 IR 159", bytes)[1], "丂^花");
    }

    #[test]
    fn undeclared_shift_jis_is_guessed_and_says_so() {
        let p = patient(b"", b"\x8e\x52\x93\x63^\x91\xbe\x98\x59", b"7");
        assert_eq!((p.alphabetic.as_str(), p.guessed), ("山田^太郎", true));
    }

    #[test]
    fn no_control_character_of_a_name_reaches_a_terminal() {
        let p = patient(b"ISO_IR 100", b"EVIL\x1b[2J\x07^\x08X", b"\x1b]0;x\x07");
        assert!(!p.alphabetic.chars().chain(p.id.chars()).any(char::is_control));
    }
}
