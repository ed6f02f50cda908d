//! The window: panes, panels, hands, keys. Reads the case, asks it to do things; computes nothing.
//!
//! `start` opens it and chooses the renderer; `app` lays it out; `command` is the one table of keys and words; `stage`
//! has the panes and the hands on them, `pane` one pane's geometry, `painter` paints slices on a thread of its own;
//! `panel` has a file per step; `rehearsal` is the window without a screen; `bench` stands between the window and the case.

mod app;
mod bar;
mod bench;
mod command;
mod look;
mod marks;
mod options;
mod painter;
mod palette;
mod pane;
mod panel;
mod places;
mod rehearsal;
mod sight;
mod stage;
mod start;
mod start_page;
mod step;
mod widgets;

pub use options::Options;
pub use rehearsal::{Rehearsal, Seen};
pub use start::{StartError, run};
