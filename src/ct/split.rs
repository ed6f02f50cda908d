//! Slices of one series that are more than one volume: phases, acquisitions, duplicates.

use super::finding::Finding;
use super::series::Candidate;
use super::source::Entry;
use crate::terms::Code;

/// Positions nearer than this along the normal are the same, mm (half of the finest rounding met; choice).
const SAME_MM: f64 = 0.005;

/// One volume's slices.
pub(super) struct Part<'a> {
    pub(super) planes: Vec<Candidate<'a>>,
    pub(super) label: String,
    pub(super) findings: Vec<Finding>,
}

/// Groups of equal key, in the order of first appearance.
pub(super) fn by_key<T, K: PartialEq>(items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<Vec<T>> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for item in items {
        let k = key(&item);
        match groups.iter_mut().find(|g| g.0 == k) {
            Some(g) => g.1.push(item),
            None => groups.push((k, vec![item])),
        }
    }
    groups.into_iter().map(|g| g.1).collect()
}

/// Groups whose members are like the group's first.
pub(super) fn by_likeness<T>(items: Vec<T>, like: impl Fn(&T, &T) -> bool) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for item in items {
        match groups.iter_mut().find(|g| like(&g[0], &item)) {
            Some(g) => g.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}

/// Divides slices of one size and orientation into volumes.
///
/// A duplicate is the same position with the same pixels, whatever the UIDs: one is kept. Slices are divided by
/// acquisition only where positions repeat or interleave; where nothing tells them apart, the first by number is kept.
/// Findings: `duplicate-slices` {count}, `duplicate-conflict` {count}, `split-acquisitions` {count, by: word}.
pub(super) fn by_time<'a>(entries: &[Entry], planes: Vec<Candidate<'a>>) -> Vec<Part<'a>> {
    let mut findings = Vec::new();
    let mut planes = planes;
    planes.sort_by(|a, b| a.height.total_cmp(&b.height).then(a.order().cmp(&b.order())));
    let before = planes.len();
    let repeats = collisions(&planes);
    // Where headers tell phases apart, slices that happen to agree are no duplicates, unless all of them do.
    if repeats > 0 && (divided(&planes, repeats).is_none() || alike(entries, &planes)) {
        planes = without_duplicates(entries, planes);
    }
    if planes.len() < before {
        findings.push(Finding::new(Code::DuplicateSlices).number("count", (before - planes.len()) as f64, 0));
    }
    let repeats = collisions(&planes);
    if let Some((parts, by)) = divided(&planes, repeats) {
        let count = parts.len() as f64;
        return parts
            .into_iter()
            .map(|(label, planes)| {
                let mut findings = findings.clone();
                findings.push(Finding::new(Code::SplitAcquisitions).number("count", count, 0).word("by", by));
                Part { planes, label, findings }
            })
            .collect();
    }
    if repeats > 0 {
        let before = planes.len();
        planes.dedup_by(|later, first| same_place(first, later));
        findings.push(Finding::new(Code::DuplicateConflict).number("count", (before - planes.len()) as f64, 0));
    }
    vec![Part { planes, label: String::new(), findings }]
}

fn same_place(a: &Candidate<'_>, b: &Candidate<'_>) -> bool {
    (a.height - b.height).abs() <= SAME_MM
}

/// How many slices stand where another one does already.
fn collisions(sorted: &[Candidate<'_>]) -> usize {
    sorted.windows(2).filter(|w| same_place(&w[0], &w[1])).count()
}

/// Whether all slices that share a place have the same pixels: a series sent twice. Looks no further than to the first
/// that differ; two phases may well agree on some slices.
fn alike(entries: &[Entry], sorted: &[Candidate<'_>]) -> bool {
    sorted.windows(2).filter(|w| same_place(&w[0], &w[1])).all(|w| {
        let (a, b) = (&w[0], &w[1]);
        super::pixels::same(entries, (a.of, a.frame), (b.of, b.frame))
    })
}

/// Takes out slices that repeat one at their own position pixel for pixel.
fn without_duplicates<'a>(entries: &[Entry], planes: Vec<Candidate<'a>>) -> Vec<Candidate<'a>> {
    let mut out: Vec<Candidate<'a>> = Vec::with_capacity(planes.len());
    let mut start = 0;
    for c in planes {
        if out.last().is_some_and(|last| !same_place(last, &c)) {
            start = out.len();
        }
        let repeated = out[start..].iter().any(|kept| {
            kept.position.distance(c.position) < 0.01
                && super::pixels::same(entries, (kept.of, kept.frame), (c.of, c.frame))
        });
        if !repeated {
            out.push(c);
        }
    }
    out
}

type Labelled<'a> = Vec<(String, Vec<Candidate<'a>>)>;

/// The slices divided by the first header value that gives sound stacks; `None` where they are one stack, or where
/// nothing divides them. `repeats`: how many positions are taken twice.
fn divided<'a>(planes: &[Candidate<'a>], repeats: usize) -> Option<(Labelled<'a>, &'static str)> {
    let acquisition = groups(planes, |c| c.plane.acquisition.map(|a| a.to_string()));
    if let Some(g) = &acquisition
        && (repeats > 0 || interleave(g))
        && sound(g)
    {
        return Some((acquisition?, "split-by-acquisition"));
    }
    if repeats == 0 {
        return None;
    }
    let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    let tries = [
        (groups(planes, |c| text(&c.of.acquisition_time)), "split-by-time"),
        (groups(planes, |c| text(&c.of.content_time)), "split-by-time"),
        (groups(planes, |c| c.plane.temporal.map(|t| t.to_string())), "split-by-phase"),
    ];
    for (g, by) in tries {
        if let Some(g) = g
            && sound(&g)
        {
            return Some((g, by));
        }
    }
    let runs = runs(planes)?;
    let least = runs.iter().map(|r| r.1.len()).min()?;
    (sound(&runs) && 2 * repeats >= least).then_some((runs, "split-by-number"))
}

/// Groups by a value that every slice has; `None` unless there are 2 to 64.
fn groups<'a>(planes: &[Candidate<'a>], value: impl Fn(&Candidate<'a>) -> Option<String>) -> Option<Labelled<'a>> {
    let mut out: Labelled<'a> = Vec::new();
    for c in planes {
        let v = value(c)?;
        match out.iter().position(|g| g.0 == v) {
            Some(n) => out[n].1.push(*c),
            None if out.len() >= 64 => return None,
            None => out.push((v, vec![*c])),
        }
    }
    out.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then(a.0.cmp(&b.0)));
    (out.len() > 1).then_some(out)
}

/// Whether each group is a stack of at least three slices at places of their own.
fn sound(groups: &Labelled<'_>) -> bool {
    groups.iter().all(|g| g.1.len() >= 3 && collisions(&g.1) == 0)
}

/// Whether the ranges of two groups overlap.
fn interleave(groups: &Labelled<'_>) -> bool {
    let mut ranges: Vec<(f64, f64)> =
        groups.iter().filter_map(|g| Some((g.1.first()?.height, g.1.last()?.height))).collect();
    ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut end = f64::MIN;
    ranges.into_iter().any(|(from, to)| {
        let overlaps = from < end - SAME_MM;
        end = end.max(to);
        overlaps
    })
}

/// Runs of Instance Number within which no position repeats.
fn runs<'a>(planes: &[Candidate<'a>]) -> Option<Labelled<'a>> {
    let mut sorted = planes.to_vec();
    if sorted.iter().any(|c| c.of.instance_number.is_none()) {
        return None;
    }
    sorted.sort_by_key(|c| c.order());
    let mut out: Labelled<'a> = Vec::new();
    for c in sorted {
        match out.last_mut() {
            Some(run) if !run.1.iter().any(|o| same_place(o, &c)) => run.1.push(c),
            _ => out.push((format!("{}", out.len() + 1), vec![c])),
        }
    }
    for run in &mut out {
        run.1.sort_by(|a, b| a.height.total_cmp(&b.height));
    }
    (out.len() > 1 && out.len() <= 64).then_some(out)
}
