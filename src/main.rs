//! Chooses a front: the window or the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    icepath::cli::run()
}
