//! What a user is promised, a module per promise.

mod anatomy;
mod ct;
mod lesion;
mod needle;
mod phantom;
mod plan;
mod cli;
mod words;
