//! `icepath phantom`.

use super::FINE;
use super::talk::Talk;
use crate::case::{Fault, Results};
use crate::phantom::{self, Case};
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct CaseDocument {
    case: &'static str,
    name: String,
    teaches: String,
}

#[derive(Serialize)]
struct ListDocument {
    cases: Vec<CaseDocument>,
}

#[derive(Serialize)]
struct MadeDocument {
    case: &'static str,
    files: Vec<String>,
}

pub(super) fn phantom(case: Option<&str>, list: bool, out: Option<&Path>, talk: &Talk) -> Result<u8, Fault> {
    if list {
        let cases = phantom::cases().iter().map(|c| CaseDocument {
            case: c.id,
            name: talk.words.get(&c.word()),
            teaches: talk.words.get(&c.teaches_word()),
        });
        let document = ListDocument { cases: cases.collect() };
        let lines: Vec<String> =
            document.cases.iter().map(|c| format!("{}  {}: {}", c.case, c.name, c.teaches)).collect();
        talk.document(&document, &lines);
        return Ok(FINE);
    }
    let (Some(id), Some(out)) = (case, out) else {
        return Err(Fault::Given(talk.words.get("error-phantom-needs")));
    };
    let case = Case::by_id(id).ok_or_else(|| {
        let known: Vec<&str> = phantom::cases().iter().map(|c| c.id).collect();
        let values = [("case", id.into()), ("known", known.join(", ").into())];
        Fault::Given(talk.words.text("error-no-such-phantom", &values))
    })?;
    let results = Results::begin(out)?;
    let progress = talk.progress();
    let made = phantom::make(case, &progress.part(0.0, 0.7))?;
    let files =
        phantom::write(&made, results.folder(), &progress.part(0.7, 0.3)).map_err(|e| Fault::phantom(out, e))?;
    let document = MadeDocument { case: case.id, files: files.iter().map(|f| f.display().to_string()).collect() };
    talk.document(&document, &[format!("→ {}", out.display())]);
    Ok(FINE)
}
