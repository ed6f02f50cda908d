//! Where the program keeps its own things.

use std::ffi::OsString;
use std::path::PathBuf;

/// The kinds of system whose customs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux, the BSDs and their like: XDG base directories.
    Unix,
    /// macOS: `~/Library`.
    Mac,
    /// Windows: `%APPDATA%`, `%LOCALAPPDATA%`.
    Windows,
}

impl Platform {
    /// The one that this program was built for.
    pub const HERE: Platform = if cfg!(target_os = "windows") {
        Platform::Windows
    } else if cfg!(target_os = "macos") {
        Platform::Mac
    } else {
        Platform::Unix
    };
}

/// The user's own folders for this program. None of them need exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Settings, and a hospital's edited copies of needles, rules, trials, words.
    pub config: PathBuf,
    /// What the program made and should keep: the sample scan, plans of a headless run.
    pub data: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
}

impl Folders {
    /// This user's folders; `None` where the system tells of no home.
    pub fn here() -> Option<Folders> {
        Folders::by(Platform::HERE, |name| std::env::var_os(name))
    }

    /// The folders by the customs of `platform`, with the environment as `env` tells it.
    ///
    /// XDG Base Directory Specification: a relative path in the variables is ignored.
    pub fn by(platform: Platform, env: impl Fn(&str) -> Option<OsString>) -> Option<Folders> {
        let set = |name: &str| env(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        match platform {
            Platform::Unix => {
                let home = set("HOME");
                let folder = |variable: &str, below_home: &str| {
                    let given = set(variable).filter(|p| p.is_absolute());
                    given.or_else(|| home.as_ref().map(|h| h.join(below_home))).map(|p| p.join("icepath"))
                };
                Some(Folders {
                    config: folder("XDG_CONFIG_HOME", ".config")?,
                    data: folder("XDG_DATA_HOME", ".local/share")?,
                    cache: folder("XDG_CACHE_HOME", ".cache")?,
                })
            }
            Platform::Mac => {
                let library = set("HOME")?.join("Library");
                let support = library.join("Application Support").join("IcePath");
                Some(Folders {
                    config: support.join("config"),
                    data: support.join("data"),
                    cache: library.join("Caches").join("IcePath"),
                })
            }
            Platform::Windows => {
                let roaming = set("APPDATA").or_else(|| Some(set("USERPROFILE")?.join("AppData").join("Roaming")))?;
                let local = set("LOCALAPPDATA").or_else(|| Some(set("USERPROFILE")?.join("AppData").join("Local")))?;
                Some(Folders {
                    config: roaming.join("IcePath"),
                    data: local.join("IcePath").join("data"),
                    cache: local.join("IcePath").join("cache"),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<OsString> {
        |name| pairs.iter().find(|p| p.0 == name).map(|p| OsString::from(p.1))
    }

    #[test]
    fn xdg_folders_are_used_if_absolute_and_else_the_customary_ones() {
        let pairs = &[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "/etc/u"), ("XDG_CACHE_HOME", "not/absolute")];
        let f = Folders::by(Platform::Unix, env(pairs)).unwrap();
        assert_eq!(f.config, PathBuf::from("/etc/u/icepath"));
        assert_eq!(f.data, PathBuf::from("/home/u/.local/share/icepath"));
        assert_eq!(f.cache, PathBuf::from("/home/u/.cache/icepath"));
    }

    #[test]
    fn a_user_without_a_home_has_no_folders() {
        for platform in [Platform::Unix, Platform::Mac, Platform::Windows] {
            assert_eq!(Folders::by(platform, env(&[("HOME", "")])), None);
        }
    }

    #[test]
    fn windows_keeps_settings_with_the_user_and_data_on_the_machine() {
        let f = Folders::by(Platform::Windows, env(&[("APPDATA", "R"), ("LOCALAPPDATA", "L")])).unwrap();
        assert!(f.config.starts_with("R") && f.data.starts_with("L") && f.cache.starts_with("L"));
    }
}
