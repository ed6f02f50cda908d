//! What a user is promised, a module per promise.

// In a test a panic is the message.
#![allow(clippy::unwrap_used)]

mod anatomy;
mod ct;
mod lesion;
mod needle;
mod phantom;
mod plan;
mod cli;
mod words;
mod documents;
mod trial;
mod draw;
