//! Times loading: `loading load|scan|first PATH [RUNS]` prints one JSON line: seconds (least and median), CPU seconds, and
//! how much memory was taken beyond what the program had before.
//!
//! `load`: from a folder to a checked, sorted volume in HU. `scan`: headers of all files. `first`: scan, and the middle
//! slice alone. CPU seconds and memory are read from Linux's /proc; elsewhere they are left out.

use icepath::ct;
use icepath::jobs::{Progress, thread_budget};
use std::path::Path;
use std::time::Instant;

type Anything = Box<dyn std::error::Error>;

/// User and system seconds of this process so far (clock ticks of 1/100 s).
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let rest = stat.rsplit(')').next()?;
    let ticks = |n: usize| rest.split_whitespace().nth(n)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

/// A line of /proc/self/status in MB.
fn memory_mb(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with(name))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

fn main() -> Result<(), Anything> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(what), Some(path)) = (args.first(), args.get(1)) else {
        return Err("say load, scan or first, and a path".into());
    };
    let runs: usize = args.get(2).map_or(Ok(3), |n| n.parse())?;
    let path = Path::new(path);
    let before = memory_mb("VmRSS");
    let work = || -> Result<usize, ct::CtError> {
        let listing = ct::scan(path, &Progress::none())?;
        match what.as_str() {
            "load" => ct::load(&listing, None, &Progress::none()).map(|c| c.hu.data.len() * 2),
            "first" => ct::slice(&listing, None, ct::slices(&listing, None) / 2).map(|c| c.hu.data.len() * 2),
            _ => Ok(listing.series.len()),
        }
    };
    let mut walls = Vec::new();
    let mut least_cpu = f64::INFINITY;
    let mut bytes = 0;
    for _ in 0..runs.max(1) {
        let (start, cpu) = (Instant::now(), cpu_seconds());
        bytes = thread_budget(None)?.run(work)?;
        walls.push(start.elapsed().as_secs_f64());
        if let (Some(a), Some(b)) = (cpu, cpu_seconds()) {
            least_cpu = least_cpu.min(b - a);
        }
    }
    walls.sort_by(f64::total_cmp);
    let mut out = serde_json::json!({
        "peer": "icepath",
        "task": what,
        "runs": runs,
        "seconds_median": walls[walls.len() / 2],
        "seconds_min": walls[0],
        "result": bytes,
    });
    if least_cpu.is_finite() {
        out["cpu_seconds_min"] = least_cpu.into();
    }
    if let (Some(before), Some(peak)) = (before, memory_mb("VmHWM")) {
        out["peak_mb"] = (peak - before).into();
        out["peak_of_volume"] = ((peak - before) * 1048576.0 / bytes.max(1) as f64).into();
    }
    println!("{out}");
    Ok(())
}
