//! Chooses a front: the window or the command line.

use icepath::cli::{self, Ran, Wanted};
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ran::Ended(code) => code,
        Ran::Window(wanted) => window(*wanted),
    }
}

#[cfg(feature = "window")]
fn window(wanted: Wanted) -> ExitCode {
    use icepath::desk;
    let options = desk::Options {
        path: wanted.path.clone(),
        series: wanted.series.clone(),
        lang: wanted.lang,
        assets: wanted.assets.clone(),
        now: wanted.now.clone(),
        threads: wanted.threads,
        config: None,
    };
    if !icepath::system::display_present() {
        return wanted.without_window();
    }
    match desk::run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why @ desk::StartError::Fault) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
        Err(why) => {
            eprintln!("{why}");
            wanted.without_window()
        }
    }
}

#[cfg(not(feature = "window"))]
fn window(wanted: Wanted) -> ExitCode {
    wanted.without_window()
}
