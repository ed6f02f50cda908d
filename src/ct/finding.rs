//! A finding: what was doubtful about a scan, a measurement or a plan. Data, not text: `words` makes the text by code.

use crate::space::Lps;
use crate::terms::{Code, Severity};
use crate::words::{Value, Words};
use std::borrow::Cow;
use std::path::PathBuf;

/// A value that a finding's text names.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A word or an id.
    Text(String),
    /// A number with its decimals as shown.
    Number(f64, usize),
    /// A key of `words`, translated when the text is made.
    Word(String),
}

/// Where a finding points.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Where {
    /// The file, relative to the path that was opened.
    pub file: Option<PathBuf>,
    /// First and last slice, counted from 0 at the feet.
    pub slices: Option<(usize, usize)>,
    /// A place in the patient.
    pub lps_mm: Option<Lps>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is.
    pub code: Code,
    /// How much it weighs; the code's own unless said otherwise.
    pub severity: Severity,
    /// The values that its text names, by name.
    pub args: Vec<(Cow<'static, str>, Arg)>,
    /// Where.
    pub place: Where,
}

impl Finding {
    /// A finding of that code, with the code's severity.
    pub fn new(code: Code) -> Finding {
        Finding { code, severity: code.severity(), args: Vec::new(), place: Where::default() }
    }

    /// Names a text in the finding's sentence.
    pub fn text(mut self, name: &'static str, value: impl Into<String>) -> Finding {
        self.args.push((name.into(), Arg::Text(value.into())));
        self
    }

    /// Names a number in the finding's sentence, shown with that many decimals.
    pub fn number(mut self, name: &'static str, value: f64, decimals: usize) -> Finding {
        self.args.push((name.into(), Arg::Number(value, decimals)));
        self
    }

    /// Names a key of `words` in the finding's sentence.
    pub fn word(mut self, name: &'static str, key: impl Into<String>) -> Finding {
        self.args.push((name.into(), Arg::Word(key.into())));
        self
    }

    /// Points at a file.
    pub fn in_file(mut self, file: impl Into<PathBuf>) -> Finding {
        self.place.file = Some(file.into());
        self
    }

    /// Points at slices, first and last.
    pub fn at_slices(mut self, first: usize, last: usize) -> Finding {
        self.place.slices = Some((first, last));
        self
    }

    /// Points at a place in the patient.
    pub fn at(mut self, p: Lps) -> Finding {
        self.place.lps_mm = Some(p);
        self
    }
}

impl Finding {
    /// The finding as a person reads it: what, what to do, and where it points.
    pub fn sentence(&self, words: &Words) -> String {
        let values: Vec<(&str, Value)> = self.args.iter().map(|(name, arg)| (name.as_ref(), arg.value())).collect();
        let mut sentence = words.text(&format!("finding-{}", self.code.name()), &values);
        let mut places = Vec::new();
        if let Some(file) = &self.place.file {
            places.push(words.text("where-file", &[("file", file.display().to_string().into())]));
        }
        if let Some((first, last)) = self.place.slices {
            // Slices are counted from 1 wherever a person reads them.
            let values = [("first", Value::from(first + 1)), ("last", Value::from(last + 1))];
            places.push(words.text(if first == last { "where-slice" } else { "where-slices" }, &values));
        }
        if let Some(p) = self.place.lps_mm {
            let values = [("x", p.x), ("y", p.y), ("z", p.z)].map(|(n, x)| (n, Value::Number(x, 1)));
            places.push(words.text("where-point", &values));
        }
        if !places.is_empty() {
            sentence.push_str(&format!(" ({})", places.join("; ")));
        }
        sentence
    }
}

impl Arg {
    fn value(&self) -> Value {
        match self {
            Arg::Text(s) => Value::Text(s.clone()),
            Arg::Number(x, decimals) => Value::Number(*x, *decimals),
            Arg::Word(key) => Value::Word(key.clone()),
        }
    }
}
