//! What the window is started with.

use crate::words::Lang;
use std::path::PathBuf;

/// What the window is started with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What to open at once.
    pub path: Option<PathBuf>,
    /// Which series of it.
    pub series: Option<String>,
    /// The language; the setting's if not given.
    pub lang: Option<Lang>,
    /// A folder with the hospital's own tables.
    pub assets: Option<PathBuf>,
    /// A fixed time for what carries one; for tests.
    pub now: Option<String>,
    /// Where settings are kept; the user's own folder if not given.
    pub config: Option<PathBuf>,
    /// Worker threads; one per core if not given.
    pub threads: Option<usize>,
}
