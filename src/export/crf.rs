//! The case report form as CSV: UTF-8 with byte order mark, CRLF, RFC 4180 quotes, and no cell that Excel would take for
//! a formula (OWASP "CSV injection", CWE-1236).

use crate::trial::{COLUMNS, Cell, CrfRow};

/// The rows under their header, as the bytes of `crf.csv`.
pub fn crf_csv(rows: &[CrfRow]) -> Vec<u8> {
    // Excel on a Japanese Windows takes a file without the mark for CP932.
    let mut text = String::from("\u{feff}");
    text.push_str(&COLUMNS.join(","));
    text.push_str("\r\n");
    for row in rows {
        let cells: Vec<String> = row.cells.iter().map(field).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// A cell as it stands in the file. Numbers by type are bare, so that −850 stays a number; all else is text.
fn field(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Number(x, _) | Cell::Exact(x) if !x.is_finite() => String::new(),
        Cell::Number(x, decimals) => {
            let shown = format!("{x:.decimals$}");
            // No −0.0: it reads as a negative number.
            let is_zero = shown.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
            if is_zero { shown.trim_start_matches('-').to_string() } else { shown }
        }
        Cell::Exact(x) => format!("{x}"),
        Cell::Text(text) => quoted(&guarded(text)),
    }
}

/// Text that Excel will not evaluate: an apostrophe goes before a cell that would begin a formula, also after blanks and
/// invisible characters. Control characters but LF are dropped.
fn guarded(text: &str) -> String {
    let invisible =
        |c: char| matches!(c, ' ' | '\u{a0}' | '\u{3000}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}');
    let first = text.chars().find(|c| !invisible(*c));
    let begins_formula = first.is_some_and(|c| {
        matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '|' | '%' | '\t' | '\r' | '\n')
    });
    let kept: String = text.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    if begins_formula { format!("'{kept}") } else { kept }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(s: &str) -> String {
        field(&Cell::Text(s.into()))
    }

    #[test]
    fn numbers_are_bare_and_keep_their_sign() {
        assert_eq!(field(&Cell::Number(-850.0, 1)), "-850.0");
        assert_eq!(field(&Cell::Number(-0.001, 2)), "0.00");
        assert_eq!(field(&Cell::Exact(0.625)), "0.625");
        assert_eq!(field(&Cell::Number(f64::NAN, 2)), "");
    }

    #[test]
    fn nothing_that_begins_a_formula_is_left_bare() {
        assert_eq!(text("=1+1"), "'=1+1");
        assert_eq!(text("-5"), "'-5");
        assert_eq!(text("\u{3000}\u{feff}＝HYPERLINK(\"x\")"), "\"'\u{3000}\u{feff}＝HYPERLINK(\"\"x\"\")\"");
        assert_eq!(text("@SUM"), "'@SUM");
        assert_eq!(text("\t=1"), "'=1");
        assert_eq!(text("S-001"), "S-001");
        assert_eq!(text("1.2.840.1"), "1.2.840.1");
    }

    #[test]
    fn text_is_quoted_where_it_must_be() {
        assert_eq!(text("山田, 太郎"), "\"山田, 太郎\"");
        assert_eq!(text("two\r\nlines\0"), "\"two\nlines\"");
        assert_eq!(text(""), "");
    }

    proptest! {
        /// Any CSV reader gets the text back, but for the apostrophe and dropped control characters.
        #[test]
        fn a_reader_gets_back_what_was_written(value in "\\PC{0,20}[,\"=\n]{0,3}\\PC{0,20}") {
            let line = format!("{},{}\r\n", text(&value), field(&Cell::Number(1.5, 1)));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            let kept: String = value.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
            prop_assert_eq!(record.len(), 2);
            prop_assert_eq!(record[0].strip_prefix('\'').unwrap_or(&record[0]), kept.strip_prefix('\'').unwrap_or(&kept));
            prop_assert_eq!(&record[1], "1.5");
        }
    }
}
