//! Fuzzing without a fuzzer, for stable Rust: `bounded SECONDS [SEED]` changes the seeds at random, each target for its share
//! of the time, and stops at the first panic or at an input that takes over 5 s; that input is kept in
//! `fuzz/artifacts/TARGET`. `bounded seeds` writes the seeds into `fuzz/corpus/TARGET`, where cargo-fuzz looks for them.

use icepath_fuzz::{TARGETS, Target};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// An input may take this long.
const SLOW: Duration = Duration::from_secs(5);

/// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// One change of the kinds that find faults in readers: bits, bytes, lengths, pieces doubled, cut out or taken from another.
fn change(bytes: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    if bytes.is_empty() {
        bytes.push(chance.next() as u8);
    }
    let at = chance.below(bytes.len());
    match chance.below(8) {
        0 => bytes[at] ^= 1 << chance.below(8),
        1 => bytes[at] = chance.next() as u8,
        2 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF, b'0', b'9', b'-'][chance.below(8)],
        3 => {
            let edge = [0u32, 1, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF][chance.below(7)];
            let n = [2, 4][chance.below(2)].min(bytes.len() - at);
            bytes[at..at + n].copy_from_slice(&edge.to_le_bytes()[..n]);
        }
        4 => {
            let n = 1 + chance.below(64).min(bytes.len() - at - 1);
            let piece = bytes[at..at + n].to_vec();
            let to = chance.below(bytes.len());
            bytes.splice(to..to, piece);
        }
        5 => {
            let n = 1 + chance.below(64).min(bytes.len() - at - 1);
            bytes.drain(at..at + n);
        }
        6 => bytes.truncate(at),
        _ => {
            let from = chance.below(other.len());
            let n = chance.below(128).min(other.len() - from);
            bytes.splice(at..at, other[from..from + n].iter().copied());
        }
    }
    bytes.truncate(1 << 20);
}

fn keep(target: &Target, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(target.name);
    std::fs::create_dir_all(&folder).ok();
    let name = bytes.iter().fold(0xCBF2_9CE4_8422_2325u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01B3));
    let path = folder.join(format!("{name:016x}"));
    std::fs::write(&path, bytes).ok();
    path
}

fn fuzz(target: &Target, time: Duration, seed: u64) -> Result<usize, PathBuf> {
    let seeds = (target.seeds)();
    let mut chance = Chance(seed);
    let start = Instant::now();
    let mut runs = 0;
    // The seeds themselves first.
    let mut next = seeds.clone();
    while start.elapsed() < time || !next.is_empty() {
        let bytes = next.pop().unwrap_or_else(|| {
            let mut bytes = seeds[chance.below(seeds.len())].clone();
            for _ in 0..=chance.below(6) {
                let other = &seeds[chance.below(seeds.len())];
                change(&mut bytes, other, &mut chance);
            }
            bytes
        });
        let began = Instant::now();
        let run = catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes)));
        if run.is_err() || began.elapsed() > SLOW {
            return Err(keep(target, &bytes));
        }
        runs += 1;
    }
    Ok(runs)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|a| a == "seeds") {
        for target in &TARGETS {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
            std::fs::create_dir_all(&folder).ok();
            for (n, seed) in (target.seeds)().iter().enumerate() {
                std::fs::write(folder.join(format!("seed-{n}")), seed).ok();
            }
        }
        return ExitCode::SUCCESS;
    }
    let seconds: f64 = args.first().and_then(|a| a.parse().ok()).unwrap_or(20.0);
    let seed: u64 = args.get(1).and_then(|a| a.parse().ok()).unwrap_or(1);
    let each = Duration::from_secs_f64(seconds / TARGETS.len() as f64);
    let mut code = ExitCode::SUCCESS;
    for target in &TARGETS {
        match fuzz(target, each, seed) {
            Ok(runs) => println!("{}: {runs} inputs in {:.0} s, no fault", target.name, each.as_secs_f64()),
            Err(path) => {
                println!("{}: a panic or more than {} s: {}", target.name, SLOW.as_secs(), path.display());
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
