//! Reading a table of numbers with their sources: every field is asked for by name, and what nobody asked for is an error.

use std::ops::RangeInclusive;
use toml::{Table, Value};

/// Why a catalogue or a set of rules could not be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AssetError {
    /// Not TOML.
    #[error("{file}.toml cannot be read: {message}")]
    Syntax {
        /// Which file, without its ending.
        file: &'static str,
        /// What the parser says.
        message: String,
    },
    /// A field that must be there is not.
    #[error("{place}: {field} is missing")]
    Missing {
        /// Where.
        place: String,
        /// What.
        field: &'static str,
    },
    /// A value of the wrong kind, or outside of what can be.
    #[error("{place}: {field} must be {wanted}")]
    Bad {
        /// Where.
        place: String,
        /// What.
        field: String,
        /// What it must be.
        wanted: String,
    },
    /// A field that nothing reads: a misspelt name would otherwise be a rule that is silently not kept.
    #[error("{place}: {field} is not known")]
    Unknown {
        /// Where.
        place: String,
        /// What.
        field: String,
    },
    /// Two entries of one id.
    #[error("{file}.toml: {id} stands there twice")]
    Twice {
        /// Which file, without its ending.
        file: &'static str,
        /// The id.
        id: String,
    },
    /// A colder surface is larger than a warmer one.
    #[error("{place}: the surface of {celsius} °C does not lie inside of the next warmer one")]
    NotNested {
        /// Which needle.
        place: String,
        /// Which surface.
        celsius: i32,
    },
    /// The file is larger than any such file can be.
    #[error("{file}.toml is larger than 1 MB")]
    TooLarge {
        /// Which file, without its ending.
        file: &'static str,
    },
}

/// The fields of one table, taken out one by one.
pub(super) struct Fields {
    file: &'static str,
    place: String,
    table: Table,
}

impl Fields {
    /// The whole file.
    pub(super) fn top(file: &'static str, text: &str) -> Result<Fields, AssetError> {
        if text.len() > 1 << 20 {
            return Err(AssetError::TooLarge { file });
        }
        let table = text.parse::<Table>().map_err(|e| AssetError::Syntax { file, message: e.to_string() })?;
        Ok(Fields { file, place: format!("{file}.toml"), table })
    }

    /// Where this table stands, for messages.
    pub(super) fn place(&self) -> String {
        self.place.clone()
    }

    fn bad(&self, field: &str, wanted: impl Into<String>) -> AssetError {
        AssetError::Bad { place: self.place(), field: field.into(), wanted: wanted.into() }
    }

    fn take(&mut self, field: &'static str) -> Result<Value, AssetError> {
        let place = self.place();
        self.table.remove(field).ok_or(AssetError::Missing { place, field })
    }

    /// The tables of an array; none where the array is absent.
    pub(super) fn tables(&mut self, field: &'static str) -> Result<Vec<Fields>, AssetError> {
        let Some(value) = self.table.remove(field) else { return Ok(Vec::new()) };
        let Value::Array(list) = value else { return Err(self.bad(field, "a list of tables")) };
        let mut out = Vec::new();
        for (n, item) in list.into_iter().enumerate() {
            let Value::Table(table) = item else { return Err(self.bad(field, "a list of tables")) };
            let name = table.get("id").and_then(|v| v.as_str()).map_or(format!("{}", n + 1), str::to_string);
            let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            out.push(Fields { file: self.file, place: format!("{}, {field} {name}", self.place), table });
        }
        Ok(out)
    }

    /// A table of its own.
    pub(super) fn table(&mut self, field: &'static str) -> Result<Fields, AssetError> {
        match self.take(field)? {
            Value::Table(table) => Ok(Fields { file: self.file, place: format!("{}, {field}", self.place), table }),
            _ => Err(self.bad(field, "a table")),
        }
    }

    /// A number in a range.
    pub(super) fn number(&mut self, field: &'static str, range: RangeInclusive<f64>) -> Result<f64, AssetError> {
        let number = match self.take(field)? {
            Value::Integer(n) => n as f64,
            Value::Float(x) => x,
            _ => f64::NAN,
        };
        if range.contains(&number) {
            Ok(number)
        } else {
            Err(self.bad(field, format!("a number from {} to {}", range.start(), range.end())))
        }
    }

    /// A number in a range, or nothing.
    pub(super) fn number_if_any(
        &mut self,
        field: &'static str,
        range: RangeInclusive<f64>,
    ) -> Result<Option<f64>, AssetError> {
        if self.table.contains_key(field) { self.number(field, range).map(Some) } else { Ok(None) }
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, field: &'static str) -> Result<String, AssetError> {
        match self.take(field)? {
            Value::String(s) if !s.trim().is_empty() && s.chars().all(|c| !c.is_control()) => Ok(s),
            _ => Err(self.bad(field, "a text")),
        }
    }

    /// Texts; none where the field is absent.
    pub(super) fn texts(&mut self, field: &'static str) -> Result<Vec<String>, AssetError> {
        let Some(value) = self.table.remove(field) else { return Ok(Vec::new()) };
        let list: Option<Vec<String>> =
            value.as_array().and_then(|l| l.iter().map(|v| v.as_str().map(str::to_string)).collect());
        list.ok_or_else(|| self.bad(field, "a list of texts"))
    }

    /// Where the numbers are from.
    pub(super) fn source(&mut self) -> Result<String, AssetError> {
        self.text("source")
    }

    /// A stable name: lower-case letters, digits and hyphens.
    pub(super) fn id(&mut self) -> Result<String, AssetError> {
        let id = self.text("id")?;
        let fine = id.len() <= 40 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fine { Ok(id) } else { Err(self.bad("id", "lower-case letters, digits and hyphens, at most 40")) }
    }

    /// A yes or no.
    pub(super) fn flag(&mut self, field: &'static str) -> Result<bool, AssetError> {
        self.take(field)?.as_bool().ok_or_else(|| self.bad(field, "true or false"))
    }

    /// A yes or no; no where it is absent.
    pub(super) fn flag_if_any(&mut self, field: &'static str) -> Result<bool, AssetError> {
        if self.table.contains_key(field) { self.flag(field) } else { Ok(false) }
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), AssetError> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(field) => {
                let field: String = field.chars().filter(|c| !c.is_control()).take(60).collect();
                Err(AssetError::Unknown { place: self.place(), field })
            }
        }
    }
}
