//! Every text is there, in both languages, with the same values.

use icepath::terms::{Code, Pose, Severity, Side, Site, Structure};
use icepath::words::{Lang, Words};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Key → (its whole text, the names of its values).
fn texts(lang: Lang) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let file = root().join("assets/words").join(format!("{}.ftl", lang.name()));
    let mut texts: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    let mut key = String::new();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            let (name, text) = line.split_once(" =").unwrap_or_else(|| panic!("not `key = text`: {line}"));
            key = name.to_string();
            assert!(texts.insert(key.clone(), (text.trim().to_string(), BTreeSet::new())).is_none(), "{key} twice");
        } else if line.starts_with(' ') {
            texts.get_mut(&key).unwrap().0.push_str(line);
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "neither text nor comment: {line}");
        }
    }
    for (text, values) in texts.values_mut() {
        for part in text.split('$').skip(1) {
            values.insert(part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect());
        }
    }
    texts
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            // What stands under `#[cfg(test)]` speaks to nobody.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_string();
            found.push((path, text));
        }
    }
}

fn all_sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    sources(&root().join("src"), &mut found);
    found
}

/// The string literals of a source, comments left out. Good enough for keys, which hold no escapes.
fn literals(source: &str) -> Vec<&str> {
    source
        .lines()
        .map(|line| if line.trim_start().starts_with("//") { "" } else { line })
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect()
}

#[test]
fn both_languages_have_the_same_keys_and_the_same_values() {
    let (en, ja) = (texts(Lang::En), texts(Lang::Ja));
    let keys = |t: &BTreeMap<String, _>| t.keys().cloned().collect::<Vec<_>>();
    let missing: Vec<_> = keys(&en).into_iter().filter(|k| !ja.contains_key(k)).collect();
    assert!(missing.is_empty(), "not in ja.ftl: {missing:?}");
    let missing: Vec<_> = keys(&ja).into_iter().filter(|k| !en.contains_key(k)).collect();
    assert!(missing.is_empty(), "not in en.ftl: {missing:?}");
    for (key, (_, values)) in &en {
        assert_eq!(values, &ja[key].1, "the values of {key} differ");
    }
}

#[test]
fn every_text_can_be_read_by_the_program() {
    for lang in Lang::ALL {
        let words = Words::new(lang);
        for (key, (text, _)) in texts(lang) {
            assert!(words.has(&key), "{key} of {} is not read: a fault of its syntax", lang.name());
            assert!(!text.is_empty(), "{key} of {} is empty", lang.name());
        }
    }
}

#[test]
fn every_term_and_every_code_has_a_text() {
    let mut keys: Vec<String> = Vec::new();
    keys.extend(Code::ALL.iter().map(|c| format!("finding-{}", c.name())));
    keys.extend(Structure::ALL.iter().map(|s| s.word()));
    keys.extend(Site::ALL.iter().map(|s| format!("site-{}", s.name())));
    keys.extend(Pose::ALL.iter().map(|p| format!("pose-{}", p.name())));
    keys.extend([Side::Left, Side::Right].iter().map(|s| format!("side-{}", s.name())));
    keys.extend([Severity::Info, Severity::Warning, Severity::Error].iter().map(|s| format!("severity-{}", s.name())));
    keys.extend(Lang::ALL.iter().map(|l| format!("lang-{}", l.name())));
    let words = Words::new(Lang::En);
    let missing: Vec<_> = keys.iter().filter(|k| !words.has(k)).collect();
    assert!(missing.is_empty(), "no text: {missing:?}");
}

/// What a key begins with. A literal of that form in the sources is taken for a key.
const FAMILIES: &[&str] = &[
    "alternative",
    "archive",
    "corrupt",
    "crf",
    "desk",
    "edit",
    "error",
    "excluded",
    "finding",
    "help",
    "key",
    "lang",
    "limit",
    "picked",
    "pose",
    "reason",
    "report",
    "rule",
    "severity",
    "sheet",
    "side",
    "site",
    "split",
    "stage",
    "structure",
    "tool",
    "trial",
    "value",
    "where",
    "why",
];

#[test]
fn every_key_that_the_sources_name_has_a_text() {
    let words = Words::new(Lang::En);
    let mut missing = Vec::new();
    for (path, source) in all_sources() {
        for literal in literals(&source) {
            let Some((family, rest)) = literal.split_once('-') else { continue };
            let is_key = FAMILIES.contains(&family)
                && !rest.is_empty()
                && rest.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && !rest.ends_with('-');
            // Codes of findings and of the trial's reasons are no keys themselves.
            let is_code = Code::ALL.iter().any(|c| c.name() == literal) || words.has(&format!("trial-why-{literal}"));
            if is_key && !is_code && !words.has(literal) {
                missing.push(format!("{literal} in {}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "keys without a text:\n{}", missing.join("\n"));
}

/// The names of the values that each `Finding::new(Code::X)…` of a source gives.
fn finding_values(source: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut found = Vec::new();
    for part in source.split("Finding::new(Code::").skip(1) {
        let variant: String = part.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        // The builder's chain ends where the statement or the next finding does.
        let chain = part.split(';').next().unwrap_or_default();
        let mut values = BTreeSet::new();
        for method in [".text(", ".number(", ".word("] {
            for call in chain.split(method).skip(1) {
                if let Some(name) = call.trim_start().strip_prefix('"').and_then(|c| c.split('"').next()) {
                    values.insert(name.to_string());
                }
            }
        }
        found.push((variant, values));
    }
    found
}

#[test]
fn every_finding_is_given_the_values_that_its_text_names() {
    let texts = texts(Lang::En);
    let mut wrong = Vec::new();
    for (path, source) in all_sources() {
        for (variant, given) in finding_values(&source) {
            let Some(code) = Code::ALL.iter().find(|c| format!("{c:?}") == variant) else { continue };
            let named = &texts[&format!("finding-{}", code.name())].1;
            let lacking: Vec<_> = named.difference(&given).collect();
            if !lacking.is_empty() {
                wrong.push(format!("{variant} in {}: no {lacking:?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "findings whose text would show a dash:\n{}", wrong.join("\n"));
}
