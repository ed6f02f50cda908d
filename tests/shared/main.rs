//! What needs the real scans of `../shared`; skips with a printed reason where they are absent.

// In a test a panic is the message.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

/// A file or folder of `../shared`, or a printed reason to skip.
fn shared(path: &str) -> Option<PathBuf> {
    let full = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: ../shared/{path} is not here");
    None
}

mod anatomy;
mod ct;
mod lesion;
mod needle;
mod phantom;
mod plan;
mod cli;
