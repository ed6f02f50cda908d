//! What the program remembers between starts: language, reader, recent cases. Never a patient's name.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The most recent cases that are kept.
const MOST_RECENT: usize = 8;
/// The largest settings file that is read, bytes.
const MOST_BYTES: u64 = 1 << 20;

/// A case that was open before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recent {
    /// What is opened again: the plan if there is one, else the scan. Never shown.
    pub path: PathBuf,
    /// The subject's id in the trial, if one was given: what is shown.
    pub subject: Option<String>,
    /// Series description and date: shown where there is no subject id.
    pub scan: String,
    /// When it was last open, ISO 8601.
    pub opened: String,
}

impl Default for Recent {
    fn default() -> Self {
        Recent { path: PathBuf::new(), subject: None, scan: String::new(), opened: String::new() }
    }
}

impl Recent {
    /// What the start page calls it.
    pub fn title(&self) -> &str {
        self.subject.as_deref().filter(|s| !s.is_empty()).unwrap_or(&self.scan)
    }
}

/// The settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `en` or `ja`.
    pub language: Option<String>,
    /// Who reads, as last given.
    pub reader: Option<String>,
    /// Newest first.
    pub recent: Vec<Recent>,
}

impl Settings {
    /// Where the user's own settings are kept; `None` where there is no such folder.
    pub fn file() -> Option<PathBuf> {
        Some(Settings::file_in(&crate::system::Folders::here()?.config))
    }

    /// The file of the settings in a folder.
    pub fn file_in(folder: &Path) -> PathBuf {
        folder.join("settings.json")
    }

    /// The settings of a file; the defaults where there is none or it cannot be read as settings (an older or a broken
    /// file must never keep the program from starting).
    pub fn load(file: &Path) -> Settings {
        let small = std::fs::metadata(file).is_ok_and(|m| m.len() <= MOST_BYTES);
        let text = if small { std::fs::read(file).ok() } else { None };
        text.and_then(|t| serde_json::from_slice(&t).ok()).unwrap_or_default()
    }

    /// Writes the file, atomically.
    pub fn save(&self, file: &Path) -> std::io::Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_vec_pretty(self)?;
        crate::system::replace(file, &text).map_err(|t| std::io::Error::other(t.to_string()))
    }

    /// Puts a case first in the list of recent ones.
    pub fn remember(&mut self, recent: Recent) {
        self.recent.retain(|r| r.path != recent.path);
        self.recent.insert(0, recent);
        self.recent.truncate(MOST_RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_a_broken_file_does_not_stop_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("deep/settings.json");
        let mut s = Settings { language: Some("ja".into()), ..Settings::default() };
        s.remember(Recent { path: "a".into(), scan: "Chest, 2000-01-01".into(), ..Recent::default() });
        s.remember(Recent { path: "b".into(), subject: Some("S-002".into()), ..Recent::default() });
        s.remember(Recent { path: "a".into(), scan: "Chest, 2000-01-01".into(), ..Recent::default() });
        s.save(&file).unwrap();
        assert_eq!(Settings::load(&file), s);
        assert_eq!(s.recent.iter().map(Recent::title).collect::<Vec<_>>(), ["Chest, 2000-01-01", "S-002"]);
        std::fs::write(&file, b"{ not json").unwrap();
        assert_eq!(Settings::load(&file), Settings::default());
    }
}
