//! Key and arguments → text, English and Japanese, from `assets/words/`.
//!
//! In: a key, named [`Value`]s. Out: one sentence in the chosen [`Lang`]. Used by screen, report and findings alike, so
//! that the same thing has the same word everywhere. Codes, keys and CSV headers are never translated.
//!
//! A key that is missing shows itself; `tests/promises/words.rs` keeps that from happening.

mod lang;
mod text;

pub use lang::Lang;
pub use text::{Value, Words, WordsError};
