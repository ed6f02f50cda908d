//! What the command line says: one JSON document on stdout, words for people on stderr, a bar on a terminal.

use super::args::Common;
use crate::ct::Finding;
use crate::export::ErrorDocument;
use crate::jobs::Progress;
use crate::words::{Lang, Words};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// How this run talks.
pub(crate) struct Talk {
    json: bool,
    quiet: bool,
    /// The language's texts.
    pub(crate) words: Words,
    bar: Option<ProgressBar>,
}

impl Talk {
    pub(crate) fn new(common: &Common, lang: Lang) -> Talk {
        let words = Words::new(lang);
        let bar = (!common.quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new(1000);
            if let Ok(style) = ProgressStyle::with_template("{bar:32} {percent:>3} % {msg}") {
                bar.set_style(style);
            }
            bar
        });
        Talk { json: common.json, quiet: common.quiet, words, bar }
    }

    /// Progress that moves the bar, or says nothing where there is no terminal.
    pub(crate) fn progress(&self) -> Progress {
        let Some(bar) = self.bar.clone() else { return Progress::none() };
        let words = self.words.clone();
        Progress::listening(move |stage, fraction| {
            bar.set_position((fraction * 1000.0) as u64);
            if !stage.is_empty() {
                bar.set_message(words.text(stage, &[]));
            }
        })
    }

    /// A sentence for people.
    pub(crate) fn say(&self, text: &str) {
        if self.quiet {
            return;
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        // A closed stderr is no reason to fail.
        writeln!(std::io::stderr(), "{text}").ok();
    }

    /// Findings for people, one line each.
    pub(crate) fn findings(&self, findings: &[Finding]) {
        for f in findings {
            self.say(&format!(
                "{}: {}",
                self.words.text(&format!("severity-{}", f.severity.name()), &[]),
                f.sentence(&self.words)
            ));
        }
    }

    /// Why nothing came of it: the JSON on stdout with `--json`, the sentence on stderr.
    pub(crate) fn failure(&self, document: &ErrorDocument, text: &str) {
        if self.json {
            self.document(document, &[]);
        }
        self.say(text);
    }

    /// The document: on stdout with `--json`; else `people` there, as lines.
    pub(crate) fn document<T: Serialize>(&self, document: &T, people: &[String]) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let mut out = std::io::stdout().lock();
        // A reader that closed the pipe early (`| head`) is no fault of ours.
        if self.json {
            if let Ok(text) = serde_json::to_string_pretty(document) {
                writeln!(out, "{text}").ok();
            }
        } else {
            for line in people {
                writeln!(out, "{line}").ok();
            }
        }
    }
}
