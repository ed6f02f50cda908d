//! The command line: parse, call `case`, print. The contract is `docs/cli.md`.

mod args;
mod phantom;
mod plan;
mod saved;
mod scan;
mod structures;
mod talk;

use crate::case::{Fault, Settings};
use crate::export::result::to_json;
use crate::export::{ErrorDocument, FindingDocument};
use crate::jobs::thread_budget;
use crate::words::Lang;
use args::{Cli, Command, Common};
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use talk::Talk;

/// Fine.
const FINE: u8 = 0;
/// The plan breaks a hard needle rule, or no needle was found that breaks none.
const BROKEN: u8 = 1;
/// Failed or refused.
const FAILED: u8 = 2;

/// How a run of the command line ended.
pub enum Ran {
    /// With an exit code.
    Ended(ExitCode),
    /// It was no command: a window is wanted.
    Window(Box<Wanted>),
}

/// The window that was asked for; or what is done without it.
pub struct Wanted {
    /// What to open at once.
    pub path: Option<PathBuf>,
    /// Which series of it.
    pub series: Option<String>,
    /// The language, if it was given.
    pub lang: Option<Lang>,
    /// A folder with the hospital's own tables.
    pub assets: Option<PathBuf>,
    /// A fixed time, if it was given.
    pub now: Option<String>,
    /// Worker threads, if it was given.
    pub threads: Option<usize>,
    common: Common,
}

/// Runs the command that the process was started with, if it is one.
pub fn run() -> Ran {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are no errors.
            let code = if e.use_stderr() { FAILED } else { FINE };
            e.print().ok();
            if e.use_stderr() && std::env::args().any(|a| a == "--json") {
                let text = e.to_string();
                // What is wrong and what would be right; how the command is used stands in the help.
                let told = text.lines().map(str::trim);
                let told = told.take_while(|l| !l.starts_with("Usage:") && !l.starts_with("For more information"));
                let said = told.filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ");
                let said = said.trim_start_matches("error: ");
                print!("{}", to_json(&ErrorDocument::new("arguments", said, "", Vec::new())));
            }
            return Ran::Ended(ExitCode::from(code));
        }
    };
    match &cli.command {
        Some(command) => Ran::Ended(inside(&cli.common, |talk| dispatch(command, &cli.common, talk))),
        None => Ran::Window(Box::new(Wanted {
            path: cli.path,
            series: cli.common.series.clone(),
            lang: cli.common.lang.as_deref().and_then(Lang::from_name),
            assets: cli.common.assets.clone(),
            now: cli.common.now.clone(),
            threads: cli.common.threads.map(usize::from),
            common: cli.common,
        })),
    }
}

impl Wanted {
    /// What is done where no window can be opened: with a PATH the headless command is named (exit 2); without one the
    /// whole job is done on the sample scan.
    pub fn without_window(&self) -> ExitCode {
        inside(&self.common, |talk| match &self.path {
            // A command that is spelled wrongly arrives here as a path.
            Some(path) if !path.exists() => Err(Fault::nothing_at(path)),
            Some(_) => Err(Fault::Given(talk.words.get("error-no-display"))),
            None => plan::sample(&self.common, talk),
        })
    }
}

/// The language asked for, else the one that was chosen in the window, else English.
fn language(common: &Common) -> Lang {
    let asked = common.lang.as_deref().and_then(Lang::from_name);
    let chosen = || {
        let settings = Settings::load(&Settings::file()?);
        settings.language.as_deref().and_then(Lang::from_name)
    };
    asked.or_else(chosen).unwrap_or(Lang::En)
}

/// Runs `work` with its threads and its way to talk, and makes an exit code of how it ends.
fn inside(common: &Common, work: impl FnOnce(&Talk) -> Result<u8, Fault> + Send) -> ExitCode {
    let talk = Talk::new(common, language(common));
    let budget = match thread_budget(common.threads.map(usize::from)) {
        Ok(budget) => budget,
        Err(why) => {
            talk.say(&why);
            return ExitCode::from(FAILED);
        }
    };
    let code = match budget.run(|| work(&talk)) {
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

fn dispatch(command: &Command, common: &Common, talk: &Talk) -> Result<u8, Fault> {
    match command {
        Command::Series { path, show_patient } => scan::series(path, *show_patient, talk),
        Command::Volume { path, out } => scan::volume(path, out.as_deref(), common, talk),
        Command::Lesion { path, at, to, out } => structures::lesion(path, *at, *to, out, common, talk),
        Command::Anatomy { path, out } => structures::anatomy(path, out, common, talk),
        Command::Plan(args) => plan::plan(args, common, talk),
        Command::Check { plan, ct } => saved::check(plan, ct.as_deref(), common, talk),
        Command::Export { plan, ct, out } => saved::export(plan, ct.as_deref(), out, common, talk),
        Command::Phantom { case, list, out } => phantom::phantom(case.as_deref(), *list, out.as_deref(), talk),
    }
}
