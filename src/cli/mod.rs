//! The command line: parse, call `case`, print. The contract is `docs/cli.md`.

mod args;
mod phantom;
mod plan;
mod saved;
mod scan;
mod structures;
mod talk;

use crate::case::Fault;
use crate::export::{ErrorDocument, FindingDocument};
use crate::jobs::thread_budget;
use crate::words::Lang;
use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;
use talk::Talk;

/// Fine.
const FINE: u8 = 0;
/// The plan breaks a hard needle rule, or no needle was found that breaks none.
const BROKEN: u8 = 1;
/// Failed or refused.
const FAILED: u8 = 2;

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are no errors.
            let code = if e.use_stderr() { FAILED } else { FINE };
            e.print().ok();
            return ExitCode::from(code);
        }
    };
    let lang = cli.common.lang.as_deref().and_then(Lang::from_name).unwrap_or(Lang::En);
    let talk = Talk::new(&cli.common, lang);
    let budget = match thread_budget(cli.common.threads.map(usize::from)) {
        Ok(budget) => budget,
        Err(why) => {
            talk.say(&why);
            return ExitCode::from(FAILED);
        }
    };
    let code = match budget.run(|| dispatch(&cli, &talk)) {
        Ok(code) => code,
        Err(fault) => {
            let text = fault.sentence(&talk.words);
            let findings = FindingDocument::all(fault.findings(), &talk.words);
            talk.failure(&ErrorDocument::new(fault.code(), &text, &fault.place(), findings), &text);
            talk.findings(fault.findings());
            FAILED
        }
    };
    ExitCode::from(code)
}

fn dispatch(cli: &Cli, talk: &Talk) -> Result<u8, Fault> {
    match &cli.command {
        Some(Command::Series { path, show_patient }) => scan::series(path, *show_patient, talk),
        Some(Command::Volume { path, out }) => scan::volume(path, out.as_deref(), &cli.common, talk),
        Some(Command::Lesion { path, at, to, out }) => structures::lesion(path, *at, *to, out, &cli.common, talk),
        Some(Command::Anatomy { path, out }) => structures::anatomy(path, out, &cli.common, talk),
        Some(Command::Plan(args)) => plan::plan(args, &cli.common, talk),
        Some(Command::Check { plan, ct }) => saved::check(plan, ct.as_deref(), &cli.common, talk),
        Some(Command::Export { plan, ct, out }) => saved::export(plan, ct.as_deref(), out, &cli.common, talk),
        Some(Command::Phantom { case, list, out }) => phantom::phantom(case.as_deref(), *list, out.as_deref(), talk),
        None => front(cli, talk),
    }
}

/// Without a command: the window, or what is done where there is no display.
fn front(cli: &Cli, talk: &Talk) -> Result<u8, Fault> {
    match &cli.path {
        Some(_) => Err(Fault::Given(talk.words.get("error-no-display"))),
        None => plan::sample(&cli.common, talk),
    }
}
