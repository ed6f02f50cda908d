//! The texts, by Fluent.

use super::lang::Lang;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::{FluentNumber, FluentNumberOptions};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::Arc;

const ENGLISH: &str = include_str!("../../assets/words/en.ftl");
const JAPANESE: &str = include_str!("../../assets/words/ja.ftl");

/// A value that a text names.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text as it is: an id, a name, a path.
    Text(String),
    /// A number, shown with that many decimals.
    Number(f64, usize),
    /// A key of `words`, shown in the language of the text.
    Word(String),
}

impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::Text(s.to_string())
    }
}
impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::Text(s)
    }
}
impl From<usize> for Value {
    fn from(n: usize) -> Value {
        Value::Number(n as f64, 0)
    }
}

/// Why a hospital's own words cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the words of {lang} cannot be read as Fluent: {why}; correct them or leave the file away", lang = .lang.name())]
pub struct WordsError {
    /// Of which language.
    pub lang: Lang,
    /// What the reader says.
    pub why: String,
}

/// All texts of one language. Cheap to clone.
#[derive(Clone)]
pub struct Words {
    lang: Lang,
    bundle: Arc<FluentBundle<FluentResource>>,
}

impl Words {
    /// The built-in texts of a language.
    pub fn new(lang: Lang) -> Words {
        Words { lang, bundle: Arc::new(bundle(lang)) }
    }

    /// The built-in texts with those of `edited` (a hospital's own Fluent file) in their place.
    ///
    /// # Errors
    /// If `edited` is not Fluent.
    pub fn with_edited(lang: Lang, edited: &str) -> Result<Words, WordsError> {
        let own = FluentResource::try_new(edited.to_string()).map_err(|(_, errors)| WordsError {
            lang,
            why: errors.first().map(ToString::to_string).unwrap_or_default(),
        })?;
        let mut bundle = bundle(lang);
        bundle.add_resource_overriding(own);
        Ok(Words { lang, bundle: Arc::new(bundle) })
    }

    /// Which language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether there is a text of that key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.get_message(key).is_some_and(|m| m.value().is_some())
    }

    /// The text of a key without values.
    pub fn get(&self, key: &str) -> String {
        self.text(key, &[])
    }

    /// The text of a key with its values. A missing key shows itself; a missing value shows as `–`.
    pub fn text(&self, key: &str, values: &[(&str, Value)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|m| m.value()) else {
            return key.to_string();
        };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, self.fluent(value));
        }
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut errors);
        if errors.is_empty() { text.into_owned() } else { without_holes(&text) }
    }

    fn fluent(&self, value: &Value) -> FluentValue<'static> {
        match value {
            Value::Text(s) => FluentValue::String(s.clone().into()),
            Value::Word(key) => FluentValue::String(self.get(key).into()),
            Value::Number(x, decimals) if x.is_finite() => {
                let options =
                    FluentNumberOptions { minimum_fraction_digits: Some(*decimals), ..FluentNumberOptions::default() };
                FluentValue::Number(FluentNumber::new(rounded(*x, *decimals), options))
            }
            Value::Number(..) => FluentValue::String("–".into()),
        }
    }
}

/// `x` to that many decimals, never minus zero.
fn rounded(x: f64, decimals: usize) -> f64 {
    let scale = 10f64.powi(decimals.min(9) as i32);
    (x * scale).round() / scale + 0.0
}

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let source = match lang {
        Lang::En => ENGLISH,
        Lang::Ja => JAPANESE,
    };
    let id = lang.name().parse::<unic_langid::LanguageIdentifier>().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // The marks are for mixed directions of writing; in a cell or a font without them they show as boxes.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(n) => {
            Some(format!("{:.*}", n.options.minimum_fraction_digits.unwrap_or(0), n.value).replace('-', "−"))
        }
        _ => None,
    }));
    let resource = match FluentResource::try_new(source.to_string()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

/// Fluent leaves `{$name}` where a value is missing; a person gets a dash.
fn without_holes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{$") {
        let Some(length) = rest[start..].find('}') else { break };
        out.push_str(&rest[..start]);
        out.push('–');
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_decimals_and_has_a_real_minus() {
        let words = Words::new(Lang::En);
        let mm = |x, d| words.text("value-mm", &[("value", Value::Number(x, d))]);
        assert_eq!(mm(3.0, 1), "3.0 mm");
        assert_eq!(mm(-20.04, 1), "−20.0 mm");
        assert_eq!(mm(-0.04, 1), "0.0 mm");
        assert_eq!(mm(f64::NAN, 1), "– mm");
        assert_eq!(mm(1234567.0, 0), "1234567 mm");
    }

    #[test]
    fn a_missing_key_shows_itself_and_a_missing_value_a_dash() {
        let words = Words::new(Lang::Ja);
        assert_eq!(words.get("no-such-key"), "no-such-key");
        assert_eq!(words.get("value-mm"), "– mm");
    }

    #[test]
    fn a_word_inside_a_text_is_in_the_language_of_the_text() {
        let text = Words::new(Lang::Ja).text("edit-undo", &[("edit", Value::Word("edit-margin".into()))]);
        assert_eq!(text, "元に戻す: 安全域");
    }

    #[test]
    fn a_hospital_may_put_its_own_word_in_place() {
        let words = Words::with_edited(Lang::En, "site-lung = pulmonary\n").unwrap();
        assert_eq!(words.get("site-lung"), "pulmonary");
        assert_eq!(words.get("site-pleura"), "pleura");
        assert!(Words::with_edited(Lang::En, "== not fluent").is_err());
    }
}
