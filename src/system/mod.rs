//! What differs between Linux, Windows and macOS, and nothing else: folders, replacing a file, showing a folder, whether
//! there is a display.
//!
//! In: paths and bytes. Out: paths, or a [`Trouble`] that says what happened and what to do.

mod display;
mod files;
mod folders;

pub use display::{display_present, show_folder};
pub use files::{Trouble, make_folder, read_capped, replace};
pub use folders::{Folders, Platform};
