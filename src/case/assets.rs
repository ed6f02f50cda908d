//! What the hospital may replace: needles, rules, the trial. Built in, or read from a folder.

use super::fault::Fault;
use crate::ct::Finding;
use crate::needle::{Catalogue, Rules};
use crate::system;
use crate::terms::Code;
use crate::trial::Protocol;
use std::path::{Path, PathBuf};

/// No asset of ours comes near it (choice).
const MAX_BYTES: u64 = 1 << 20;

/// Needles, rules and the trial, with where they came from.
#[derive(Clone, Debug)]
pub struct Assets {
    /// Needle models.
    pub catalogue: Catalogue,
    /// Rules for needles.
    pub rules: Rules,
    /// The trial.
    pub protocol: Protocol,
    /// Which files of the hospital's own are in use, by name.
    pub replaced: Vec<String>,
}

impl Assets {
    /// The built-in assets, each replaced by the file of its name in `folder` where there is one: `needles.toml`,
    /// `rules.toml`, `trial.toml`.
    ///
    /// # Errors
    /// [`Fault::Given`] names the file and what is wrong in it: a broken file never falls back silently.
    pub fn load(folder: Option<&Path>) -> Result<Assets, Fault> {
        let mut replaced = Vec::new();
        let mut own = |name: &str| -> Result<Option<(PathBuf, String)>, Fault> {
            let Some(path) = folder.map(|f| f.join(name)).filter(|p| p.exists()) else { return Ok(None) };
            let bytes =
                system::read_capped(&path, MAX_BYTES).map_err(|t| Fault::Given(format!("{}: {t}", path.display())))?;
            let text =
                String::from_utf8(bytes).map_err(|_| Fault::Given(format!("{}: not UTF-8 text", path.display())))?;
            replaced.push(name.to_string());
            Ok(Some((path, text)))
        };
        let wrong = |path: &Path, why: String| Fault::Given(format!("{}: {why}", path.display()));
        let fault = |why: String| Fault::Given(why);
        let catalogue = match own("needles.toml")? {
            Some((path, text)) => Catalogue::parse(&text).map_err(|e| wrong(&path, e.to_string()))?,
            None => Catalogue::built_in().map_err(|e| fault(e.to_string()))?,
        };
        let rules = match own("rules.toml")? {
            Some((path, text)) => Rules::parse(&text).map_err(|e| wrong(&path, e.to_string()))?,
            None => Rules::built_in().map_err(|e| fault(e.to_string()))?,
        };
        let protocol = match own("trial.toml")? {
            Some((path, text)) => Protocol::read(&text).map_err(|e| wrong(&path, e.to_string()))?,
            None => Protocol::keio().map_err(|e| fault(e.to_string()))?,
        };
        if folder.is_some_and(|f| !f.is_dir()) {
            let name = folder.map(|f| f.display().to_string()).unwrap_or_default();
            return Err(Fault::Given(format!("{name}: no such folder of assets")));
        }
        Ok(Assets { catalogue, rules, protocol, replaced })
    }

    /// The finding that a hospital's own files are in use, named in every report.
    pub fn finding(&self) -> Option<Finding> {
        (!self.replaced.is_empty()).then(|| Finding::new(Code::AssetsReplaced).text("files", self.replaced.join(", ")))
    }
}
