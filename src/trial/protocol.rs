//! A protocol's criteria as data, checked when read.

use crate::terms::Site;
use crate::words::{Lang, Words};
use serde::Deserialize;
use std::collections::BTreeSet;

const KEIO: &str = include_str!("../../assets/trials/keio-chest-cryo.toml");

/// A trial's criteria.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    /// Stable name.
    pub id: String,
    /// Its name as people say it.
    pub title: Text,
    /// Which version of the protocol.
    pub version: String,
    /// Where the criteria are from.
    pub source: String,
    /// Whether the public source names all criteria; if not, "met" means "met as far as listed".
    pub list_complete: bool,
    /// Slices thicker than this measure only lesions of at least twice their thickness, mm.
    pub thickest_slice_mm: f64,
    /// The criteria in the order in which they are shown.
    pub rules: Vec<Rule>,
}

/// A text that a protocol brings along in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

/// One criterion.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Stable name; answers are kept under it.
    pub id: String,
    /// Inclusion or exclusion.
    pub group: Group,
    /// What it looks at.
    pub kind: Kind,
    /// Its own text; else `trial-rule-<id>` of the words.
    pub text: Option<Text>,
    /// Where it is from.
    pub source: String,
}

/// Which list a criterion stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Must hold.
    Inclusion,
    /// Must not hold.
    Exclusion,
}

/// What a criterion looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The number of target lesions of the plan.
    Count {
        /// Most.
        at_most: f64,
    },
    /// The largest diameter (axial long axis) of a lesion in one of these sites.
    LargestDiameter {
        /// For which sites.
        sites: Vec<Site>,
        /// Most, mm, inclusive.
        at_most: f64,
    },
    /// A number that is asked.
    Number {
        /// Least, inclusive.
        at_least: Option<f64>,
        /// Most, inclusive.
        at_most: Option<f64>,
        /// Counted in whole units that are completed, as years of age.
        whole: bool,
        /// A grade: no answer between whole numbers is possible.
        only_whole: bool,
        /// Answers outside of these are slips of the hand.
        possible: Option<(f64, f64)>,
    },
    /// A question.
    YesNo {
        /// The answer that meets the criterion.
        met_by: bool,
    },
}

/// Why a protocol cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// Not the form of a protocol.
    #[error("the trial's file cannot be read: {0}; correct it or leave it away")]
    Form(String),
    /// A rule that cannot be.
    #[error("rule {rule} of the trial's file: {what}; correct it")]
    Rule {
        /// Its id.
        rule: String,
        /// What is wrong.
        what: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtocolFile {
    id: String,
    title: Text,
    version: String,
    source: String,
    list_complete: bool,
    #[serde(default = "recist_slice_mm")]
    thickest_slice_mm: f64,
    rule: Vec<RuleFile>,
}

/// RECIST 1.1: 5 mm.
fn recist_slice_mm() -> f64 {
    5.0
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: String,
    group: Group,
    kind: String,
    #[serde(default)]
    text: Option<Text>,
    source: String,
    #[serde(default)]
    sites: Vec<Site>,
    at_least: Option<f64>,
    at_most: Option<f64>,
    #[serde(default)]
    whole: bool,
    #[serde(default)]
    only_whole: bool,
    possible: Option<(f64, f64)>,
    met_by: Option<bool>,
    /// For people.
    #[serde(default, rename = "unit")]
    _unit: Option<String>,
}

impl Protocol {
    /// The built-in protocol of the Keio trial.
    ///
    /// # Errors
    /// Never, as a test of this room keeps.
    pub fn keio() -> Result<Protocol, ProtocolError> {
        Protocol::read(KEIO)
    }

    /// The protocol in a TOML text.
    ///
    /// # Errors
    /// [`ProtocolError`] says which rule and what is wrong with it.
    pub fn read(text: &str) -> Result<Protocol, ProtocolError> {
        let file: ProtocolFile = toml::from_str(text).map_err(|e| ProtocolError::Form(e.message().to_string()))?;
        let mut ids = BTreeSet::new();
        let mut rules = Vec::with_capacity(file.rule.len());
        for rule in file.rule {
            let id = rule.id.clone();
            let wrong = |what| ProtocolError::Rule { rule: id.clone(), what };
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
                return Err(wrong("its id is not of small letters, digits and hyphens"));
            }
            if !ids.insert(id.clone()) {
                return Err(wrong("its id is there twice"));
            }
            rules.push(rule.into_rule().map_err(wrong)?);
        }
        if !(file.thickest_slice_mm > 0.0 && file.thickest_slice_mm.is_finite()) {
            return Err(ProtocolError::Form("thickest_slice_mm is no thickness".into()));
        }
        Ok(Protocol {
            id: file.id,
            title: file.title,
            version: file.version,
            source: file.source,
            list_complete: file.list_complete,
            thickest_slice_mm: file.thickest_slice_mm,
            rules,
        })
    }

    /// The rule of that id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.id == id)
    }
}

impl RuleFile {
    fn into_rule(self) -> Result<Rule, &'static str> {
        let limits = [self.at_least, self.at_most];
        if limits.iter().flatten().any(|x| !x.is_finite()) {
            return Err("a limit is not a number");
        }
        if let [Some(least), Some(most)] = limits
            && least > most
        {
            return Err("its least is above its most");
        }
        let kind = match self.kind.as_str() {
            "count" => Kind::Count { at_most: self.at_most.ok_or("at_most is missing")? },
            "largest-diameter" if self.sites.is_empty() => return Err("sites are missing"),
            "largest-diameter" => {
                Kind::LargestDiameter { sites: self.sites, at_most: self.at_most.ok_or("at_most is missing")? }
            }
            "number" if self.at_least.is_none() && self.at_most.is_none() => return Err("it has no limit"),
            "number" => Kind::Number {
                at_least: self.at_least,
                at_most: self.at_most,
                whole: self.whole,
                only_whole: self.only_whole,
                possible: self.possible,
            },
            "yes-no" => Kind::YesNo { met_by: self.met_by.ok_or("met_by is missing")? },
            _ => return Err("its kind is not known; one of count, largest-diameter, number, yes-no"),
        };
        Ok(Rule { id: self.id, group: self.group, kind, text: self.text, source: self.source })
    }
}

impl Text {
    /// In that language.
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }
}

impl Rule {
    /// The criterion as a person reads it.
    pub fn sentence(&self, words: &Words) -> String {
        match &self.text {
            Some(text) => text.of(words.lang()).to_string(),
            None => words.get(&format!("trial-rule-{}", self.id)),
        }
    }

    /// Whether its answer comes from a person, not from the picture.
    pub fn is_asked(&self) -> bool {
        matches!(self.kind, Kind::Number { .. } | Kind::YesNo { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_protocol_is_whole() {
        let keio = Protocol::keio().unwrap();
        assert_eq!(keio.rules.len(), 14);
        assert!(!keio.list_complete);
        for site in Site::ALL {
            let limits: Vec<f64> = keio
                .rules
                .iter()
                .filter_map(|r| match &r.kind {
                    Kind::LargestDiameter { sites, at_most } if sites.contains(&site) => Some(*at_most),
                    _ => None,
                })
                .collect();
            assert_eq!(limits, [if site == Site::Lung { 35.0 } else { 100.0 }], "{site:?}");
        }
        for lang in Lang::ALL {
            let words = Words::new(lang);
            for rule in &keio.rules {
                assert!(!rule.sentence(&words).starts_with("trial-rule-"), "{} has no text", rule.id);
            }
        }
    }

    #[test]
    fn a_rule_that_cannot_be_is_named() {
        let head = "id=\"x\"\ntitle={en=\"\",ja=\"\"}\nversion=\"\"\nsource=\"\"\nlist_complete=true\n";
        let with =
            |rule: &str| Protocol::read(&format!("{head}[[rule]]\nid=\"r\"\ngroup=\"inclusion\"\nsource=\"\"\n{rule}"));
        assert!(with("kind=\"yes-no\"\nmet_by=true").is_ok());
        for wrong in [
            "kind=\"yes-no\"",
            "kind=\"number\"",
            "kind=\"number\"\nat_most=nan",
            "kind=\"number\"\nat_least=3\nat_most=2",
            "kind=\"largest-diameter\"\nat_most=35",
            "kind=\"largest-diameter\"\nat_most=35\nsites=[\"liver\"]",
            "kind=\"guess\"",
            "kind=\"count\"\nat_mots=3",
            "kind=\"yes-no\"\nmet_by=true\n[[rule]]\nid=\"r\"\ngroup=\"inclusion\"\nsource=\"\"\nkind=\"yes-no\"\nmet_by=true",
        ] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }
}
