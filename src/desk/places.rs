//! Asking for a place on the disk: the desktop's dialog where one answers, else a path field.

use eframe::egui;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// A folder to open.
    Folder,
    /// A file to open.
    File,
    /// A folder for the plan and what goes with it.
    SaveFolder,
    /// A folder for the exports.
    ExportFolder,
    /// The folder of this plan's CT.
    CtFolder(PathBuf),
    /// The file or zip of this plan's CT.
    CtFile(PathBuf),
}

/// A question that is out.
pub(super) struct Asking {
    pub(super) want: Want,
    answer: Receiver<Option<PathBuf>>,
    since: Instant,
}

/// What came of it.
pub(super) enum Answer {
    /// Not yet.
    Waiting,
    /// This place.
    Place(PathBuf),
    /// Nothing was chosen.
    Nothing,
    /// No dialog could be shown: ask with a path field.
    NoDialog,
}

/// A dialog that answers "nothing" faster than a hand could close it was never shown.
const TOO_FAST: Duration = Duration::from_millis(400);

/// Shows the desktop's dialog on a thread of its own.
pub(super) fn ask(ctx: &egui::Context, want: Want, title: String) -> Asking {
    let (sender, answer) = channel();
    let ctx = ctx.clone();
    let file = matches!(want, Want::File | Want::CtFile(_));
    let run = move || {
        let dialog = rfd::FileDialog::new().set_title(title);
        let chosen = if file { dialog.pick_file() } else { dialog.pick_folder() };
        // The window may be closed by now.
        sender.send(chosen).ok();
        ctx.request_repaint();
    };
    std::thread::Builder::new().name("icepath-dialog".into()).spawn(run).ok();
    Asking { want, answer, since: Instant::now() }
}

impl Asking {
    /// Looks whether it was answered.
    pub(super) fn look(&self) -> Answer {
        match self.answer.try_recv() {
            Ok(Some(path)) => Answer::Place(path),
            Ok(None) if self.since.elapsed() < TOO_FAST => Answer::NoDialog,
            Ok(None) => Answer::Nothing,
            Err(std::sync::mpsc::TryRecvError::Empty) => Answer::Waiting,
            Err(std::sync::mpsc::TryRecvError::Disconnected) => Answer::NoDialog,
        }
    }
}

/// A place as typed: quotes and a leading `~` are understood.
pub(super) fn typed(text: &str) -> Option<PathBuf> {
    let text = text.trim().trim_matches('"').trim_matches('\'').trim();
    if text.is_empty() {
        return None;
    }
    let text = text.strip_prefix("file://").unwrap_or(text);
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Some(PathBuf::from(home).join(rest)),
        _ => Some(PathBuf::from(text)),
    }
}
