//! Which series is best for planning, and why.

use super::listing::{Picked, SeriesEntry, VolumeEntry};
use crate::terms::Code;
use std::cmp::Ordering;

/// Distances up to this serve a lesion of a centimetre equally well; thinner is no reason by itself (choice), mm.
const THIN_MM: f64 = 1.25;

/// The best volume of those that can be planned on. Asked in this order: original before derived, long before short,
/// thin before thick, soft kernel before sharp, contrast before none, more slices, first found.
pub(super) fn pick(series: &[SeriesEntry]) -> Option<Picked> {
    let mut all: Vec<(&SeriesEntry, &VolumeEntry)> = series
        .iter()
        .flat_map(|s| s.volumes.iter().map(move |v| (s, v)))
        .filter(|(_, v)| v.usable_for_planning)
        .collect();
    let longest = all.iter().map(|(_, v)| length(v)).fold(0.0, f64::max);
    // A stable sort: what is equal in all keeps its order.
    all.sort_by(|a, b| compare(*a, *b, longest).0);
    let (s, v) = *all.first()?;
    let reason = match all.get(1) {
        None => "picked-only",
        Some(second) => compare((s, v), *second, longest).1,
    };
    Some(Picked { id: v.id.clone(), series_uid: s.series_uid.clone(), reason })
}

/// Place, in its series, of the best volume.
pub(super) fn best_volume(series: &SeriesEntry) -> Option<usize> {
    let longest = series.volumes.iter().map(length).fold(0.0, f64::max);
    (0..series.volumes.len()).min_by(|a, b| {
        let (a, b) = (&series.volumes[*a], &series.volumes[*b]);
        b.usable_for_planning.cmp(&a.usable_for_planning).then(compare((series, a), (series, b), longest).0)
    })
}

fn length(v: &VolumeEntry) -> f64 {
    v.size[2] as f64 * v.spacing_mm.z
}

fn compare(a: (&SeriesEntry, &VolumeEntry), b: (&SeriesEntry, &VolumeEntry), longest: f64) -> (Ordering, &'static str) {
    let has =
        |x: (&SeriesEntry, &VolumeEntry), code: Code| x.1.findings.iter().chain(&x.0.findings).any(|f| f.code == code);
    let axial = |x: (&SeriesEntry, &VolumeEntry)| x.1.direction.z_axis.z.abs() > 0.8 && !has(x, Code::Derived);
    let long = |x: (&SeriesEntry, &VolumeEntry)| length(x.1) >= 0.8 * longest;
    // In classes a quarter apart, so that a hair's breadth decides nothing.
    let thin = |x: (&SeriesEntry, &VolumeEntry)| (x.1.spacing_mm.z.max(THIN_MM).ln() / 1.25f64.ln()).round() as i64;
    let orders = [
        (axial(b).cmp(&axial(a)), "picked-original"),
        (long(b).cmp(&long(a)), "picked-long"),
        (thin(a).cmp(&thin(b)), "picked-thin"),
        (sharp(&a.0.kernel).cmp(&sharp(&b.0.kernel)), "picked-soft-kernel"),
        (b.0.contrast.is_some().cmp(&a.0.contrast.is_some()), "picked-contrast"),
        (b.1.n_slices.cmp(&a.1.n_slices), "picked-long"),
    ];
    orders.into_iter().find(|o| o.0 != Ordering::Equal).unwrap_or((Ordering::Equal, "picked-first"))
}

/// Whether a kernel is one for lungs or bones. Siemens B50 and up (also I, Br, Bl, Bv, Hr, …), GE by name, Philips by
/// letter, Canon FC30 and FC50 and up; unknown ones count as soft.
pub(super) fn sharp(kernel: &str) -> bool {
    let k = kernel.trim().to_ascii_uppercase();
    let number: Option<u32> = {
        let digits: String = k.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let letters: String = k.chars().take_while(char::is_ascii_alphabetic).collect();
    match (letters.as_str(), number) {
        ("LUNG" | "BONE" | "BONEPLUS" | "EDGE" | "ULTRA" | "HD", _) => true,
        ("YA" | "YB" | "YC" | "YD" | "YE" | "L" | "D" | "E", None) => true,
        ("FC", Some(n)) => n == 30 || n == 31 || n >= 50,
        ("B" | "I" | "J" | "U" | "H" | "BR" | "BL" | "BV" | "BF" | "HR" | "HF", Some(n)) => n >= 50,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::sharp;

    #[test]
    fn kernels_are_told_apart_by_maker() {
        for soft in ["B31f", "B40f", "STANDARD", "SOFT", "B", "FC08", "Br40d", "", "I30f\\2"] {
            assert!(!sharp(soft), "{soft}");
        }
        for hard in ["B70f", "LUNG", "BONEPLUS", "YA", "FC52", "Bl57f", "I70f\\3"] {
            assert!(sharp(hard), "{hard}");
        }
    }
}
