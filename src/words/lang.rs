//! The languages.

use serde::{Deserialize, Serialize};

/// A language of screen and paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// All languages in the order in which they are offered.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Ja];

    /// The stable name: `en`, `ja`.
    pub fn name(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ja => "ja",
        }
    }

    /// The language of that stable name.
    pub fn from_name(name: &str) -> Option<Lang> {
        Self::ALL.into_iter().find(|l| l.name() == name)
    }

    /// A date as the language writes it (`2026-01-05`, `2026年1月5日`), from ISO 8601; anything else comes back as it is.
    pub fn date(self, iso: &str) -> String {
        let part = |range: std::ops::Range<usize>| iso.get(range).and_then(|s| s.parse::<u32>().ok());
        match (self, part(0..4), part(5..7), part(8..10)) {
            (Lang::Ja, Some(y), Some(m), Some(d)) => format!("{y}年{m}月{d}日"),
            _ => iso.get(0..10).unwrap_or(iso).to_string(),
        }
    }
}
