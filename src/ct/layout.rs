//! From the places of slices to one rectangular grid: even, gapped, uneven or sheared stacks. Pure geometry; nothing but
//! positions and orientation is asked (PS3.3 C.7.6.2.1.1), never slice thickness, slice location or tilt tags.

use super::finding::Finding;
use crate::space::{Grid, Lps};
use crate::terms::Code;
use glam::{DMat3, DVec3};

/// A slice's distance may differ from the even one by this, mm, or by 1 % of it, whichever is more: what a scanner's
/// rounding does, and too little to change a diameter (choice).
const EVEN_MM: f64 = 0.01;
const EVEN_SHARE: f64 = 0.01;
/// Slices lean against each other from this angle on (facts of gantry tilt; choice).
const TILT_DEGREES: f64 = 0.1;
/// Gaps up to this are filled by interpolation, and a single missing slice always; wider ones stay empty (choice).
const BRIDGED_MM: f64 = 10.0;
/// More rows than this share missing: refused (choice).
const MOST_MISSING: f64 = 0.5;
/// Bytes of the volume as i16 (choice): 8 GiB.
const LARGEST_VOLUME: u64 = 8 << 30;

/// What row k of the grid is made of; numbers are places in the list of positions, in order along the normal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fill {
    /// That slice.
    Slice(usize),
    /// Between two slices: share `t` of the second.
    Between(usize, usize, f64),
    /// Nothing.
    Gap,
}

/// How slices become a volume.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) grid: Grid,
    /// One per k.
    pub(super) rows: Vec<Fill>,
    /// Where each slice's first pixel lies in the grid, in pixels; `None` if all lie at 0, 0.
    pub(super) shifts: Option<Vec<[f64; 2]>>,
    /// ± of positions, mm.
    pub(super) position_pm_mm: f64,
    /// What was doubtful.
    pub(super) findings: Vec<Finding>,
}

/// How far a distance may be from `spacing` and still count as even.
pub(super) fn tolerance(spacing: f64) -> f64 {
    EVEN_MM.max(EVEN_SHARE * spacing)
}

/// Lays slices of `size` pixels, `spacing` mm apart in the plane, at `positions` (first pixels, ascending along
/// row × column, no two alike) on a grid.
///
/// Findings: `gantry-tilt` {degrees}, `uneven-spacing` {least, most: mm}, `missing-slices` {count, from, to: mm along
/// the normal}, `limit-exceeded` {what: word}, `too-few-slices` {count: number, or `none`}.
pub(super) fn layout(
    positions: &[Lps],
    orientation: [DVec3; 2],
    spacing: [f64; 2],
    size: [usize; 2],
) -> Result<Layout, Finding> {
    let [row, column] = orientation;
    let normal = row.cross(column);
    let n = positions.len();
    if n < 3 {
        return Err(Finding::new(Code::TooFewSlices).number("count", n as f64, 0));
    }
    let d: Vec<f64> = positions.iter().map(|p| p.vec().dot(normal)).collect();
    let mut findings = Vec::new();
    let rows = heights(&d, &mut findings)?;

    // In-plane places against the first slice, mm.
    let lean: Vec<[f64; 2]> = positions
        .iter()
        .map(|p| {
            let q = *p - positions[0];
            [q.dot(row), q.dot(column)]
        })
        .collect();
    let length = d[n - 1] - d[0];
    let slope = [lean[n - 1][0] / length, lean[n - 1][1] / length];
    let degrees = slope[0].hypot(slope[1]).atan().to_degrees();
    let off_line = (0..n).map(|k| (0..2).map(|a| (lean[k][a] - slope[a] * (d[k] - d[0])).abs()).fold(0.0, f64::max));
    let off_line = off_line.fold(0.0, f64::max);
    let tilted = degrees > TILT_DEGREES;
    let wandering = off_line > 0.5 * spacing[0].min(spacing[1]);
    if tilted {
        findings.push(Finding::new(Code::GantryTilt).number("degrees", degrees, 1));
    }
    let mut origin = positions[0];
    let mut size = size;
    let mut shifts = None;
    let mut pm = rows.pm;
    if tilted || wandering {
        // Slices stay in their planes and are moved within them; the grid grows to hold all.
        let pixels: Vec<[f64; 2]> = lean.iter().map(|l| [l[0] / spacing[0], l[1] / spacing[1]]).collect();
        let mut lo = [0f64; 2];
        for a in 0..2 {
            lo[a] = pixels.iter().map(|p| p[a]).fold(0.0, f64::min).floor();
            let hi = pixels.iter().map(|p| p[a]).fold(0.0, f64::max).ceil();
            if hi - lo[a] > 8192.0 {
                return Err(Finding::new(Code::Corrupt).word("what", "corrupt-positions"));
            }
            size[a] += (hi - lo[a]) as usize;
        }
        origin = origin + row * (lo[0] * spacing[0]) + column * (lo[1] * spacing[1]);
        shifts = Some(pixels.iter().map(|p| [p[0] - lo[0], p[1] - lo[1]]).collect());
    } else {
        let worst = lean.iter().map(|l| l[0].hypot(l[1])).fold(0.0, f64::max);
        pm = pm.max(worst);
    }
    let grid = Grid {
        size: [size[0], size[1], rows.fill.len()],
        spacing: DVec3::new(spacing[0], spacing[1], rows.spacing),
        origin,
        axes: DMat3::from_cols(row, column, normal),
    };
    let bytes = grid.size.iter().try_fold(2u64, |b, n| b.checked_mul(*n as u64));
    if bytes.is_none_or(|b| b > LARGEST_VOLUME) {
        return Err(Finding::new(Code::LimitExceeded).word("what", "limit-volume"));
    }
    Ok(Layout { grid, rows: rows.fill, shifts, position_pm_mm: pm, findings })
}

struct Heights {
    spacing: f64,
    fill: Vec<Fill>,
    pm: f64,
}

/// The rows along the normal.
fn heights(d: &[f64], findings: &mut Vec<Finding>) -> Result<Heights, Finding> {
    let n = d.len();
    let steps: Vec<f64> = d.windows(2).map(|w| w[1] - w[0]).collect();
    let total = d[n - 1] - d[0];
    let (least, most) = steps.iter().fold((f64::MAX, 0f64), |(a, b), s| (a.min(*s), b.max(*s)));
    if least <= 0.0 || !total.is_finite() {
        return Err(Finding::new(Code::Corrupt).word("what", "corrupt-positions"));
    }
    let mean = total / (n - 1) as f64;
    if steps.iter().all(|s| (s - mean).abs() <= tolerance(mean)) {
        let off = (0..n).map(|k| (d[k] - d[0] - k as f64 * mean).abs()).fold(0.0, f64::max);
        if off <= 0.5 * mean {
            let fill = (0..n).map(Fill::Slice).collect();
            return Ok(Heights { spacing: mean, fill, pm: off });
        }
    }
    // An even stack with holes: the smallest distance is common, and all others are multiples of it.
    let near: Vec<f64> = steps.iter().copied().filter(|s| *s <= least + tolerance(least)).collect();
    let base = near.iter().sum::<f64>() / near.len() as f64;
    let multiples: Vec<f64> = steps.iter().map(|s| (s / base).round()).collect();
    let holes = near.len() * 3 >= steps.len()
        && steps.iter().zip(&multiples).all(|(s, m)| (s - m * base).abs() <= m.sqrt() * tolerance(base));
    if holes {
        let rows = multiples.iter().sum::<f64>() + 1.0;
        let missing = rows - n as f64;
        let first = steps.iter().position(|s| *s > 1.5 * base).unwrap_or(0);
        let last = steps.iter().rposition(|s| *s > 1.5 * base).unwrap_or(0);
        let finding = Finding::new(Code::MissingSlices).number("count", missing, 0).number("from", d[first], 1).number(
            "to",
            d[last + 1],
            1,
        );
        if missing > MOST_MISSING * rows {
            return Err(finding);
        }
        let spacing = total / (rows - 1.0);
        let mut fill = vec![Fill::Slice(0)];
        let mut off = 0f64;
        for (k, m) in multiples.iter().enumerate() {
            let m = *m as usize;
            let bridged = m == 2 || steps[k] <= BRIDGED_MM;
            for t in 1..m {
                fill.push(if bridged { Fill::Between(k, k + 1, t as f64 / m as f64) } else { Fill::Gap });
            }
            off = off.max((d[k + 1] - d[0] - fill.len() as f64 * spacing).abs());
            fill.push(Fill::Slice(k + 1));
        }
        if off <= 0.5 * spacing {
            let place = fill.iter().enumerate().filter(|(_, f)| !matches!(f, Fill::Slice(_))).map(|(k, _)| k);
            let (a, b) = place.fold((usize::MAX, 0), |(a, b), k| (a.min(k), b.max(k)));
            findings.push(finding.at_slices(a.min(b), b));
            return Ok(Heights { spacing, fill, pm: off });
        }
    }
    // Uneven: resampled to an even grid that has the same ends.
    let mut sorted = steps.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    // Slices that only jitter about their places stay as many as they are.
    let jitter = steps.iter().all(|s| (s - mean).abs() < 0.5 * mean);
    let rows = if jitter { (n - 1) as f64 } else { (total / median).round().max(2.0) };
    if rows > 100_000.0 {
        return Err(Finding::new(Code::Corrupt).word("what", "corrupt-positions"));
    }
    let spacing = total / rows;
    let bridged = BRIDGED_MM.max(3.0 * median);
    let mut fill = Vec::with_capacity(rows as usize + 1);
    let (mut k, mut gaps) = (0, 0);
    for r in 0..=rows as usize {
        let at = d[0] + r as f64 * spacing;
        while k + 2 < n && d[k + 1] <= at {
            k += 1;
        }
        let t = ((at - d[k]) / steps[k]).clamp(0.0, 1.0);
        let near = tolerance(spacing) / steps[k];
        fill.push(if t <= near {
            Fill::Slice(k)
        } else if t >= 1.0 - near {
            Fill::Slice(k + 1)
        } else if steps[k] > bridged {
            gaps += 1;
            Fill::Gap
        } else {
            Fill::Between(k, k + 1, t)
        });
    }
    if gaps as f64 > MOST_MISSING * rows {
        return Err(Finding::new(Code::UnevenSpacing).number("least", least, 2).number("most", most, 2));
    }
    findings.push(Finding::new(Code::UnevenSpacing).number("least", least, 2).number("most", most, 2));
    Ok(Heights { spacing, fill, pm: 0.5 * (most.min(bridged) - spacing).max(0.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(z: &[f64]) -> Result<Layout, Finding> {
        let p: Vec<Lps> = z.iter().map(|z| Lps::new(-100.0, -90.0, *z)).collect();
        layout(&p, [DVec3::X, DVec3::Y], [0.7, 0.8], [4, 5])
    }

    #[test]
    fn rounding_of_positions_is_no_unevenness() {
        let z: Vec<f64> = (0..30).map(|k| f64::from(k) * 3.0 + 0.01 * f64::from(k % 3 - 1)).collect();
        let l = stack(&z).unwrap();
        assert!(l.findings.is_empty());
        assert!((l.grid.spacing.z - (z[29] - z[0]) / 29.0).abs() < 1e-12);
    }

    #[test]
    fn what_lies_beyond_a_missing_slice_does_not_move() {
        let z: Vec<f64> = (0..30).filter(|k| *k != 12).map(|k| f64::from(k) * 3.0).collect();
        let l = stack(&z).unwrap();
        assert_eq!(l.grid.size[2], 30);
        assert_eq!(l.rows[12], Fill::Between(11, 12, 0.5));
        assert_eq!(l.rows[29], Fill::Slice(28));
        assert_eq!(l.findings[0].code, Code::MissingSlices);
    }

    #[test]
    fn a_wide_gap_stays_empty() {
        let z: Vec<f64> = (0..30).filter(|k| !(10..18).contains(k)).map(|k| f64::from(k) * 3.0).collect();
        let l = stack(&z).unwrap();
        assert!((10..18).all(|k| l.rows[k] == Fill::Gap));
    }

    #[test]
    fn uneven_slices_keep_their_places() {
        let mut z: Vec<f64> = (0..16).map(|k| f64::from(k) * 3.0).collect();
        z.extend((1..11).map(|k| 45.0 + 5.0 * f64::from(k)));
        let l = stack(&z).unwrap();
        assert_eq!(l.findings[0].code, Code::UnevenSpacing);
        for (k, f) in l.rows.iter().enumerate() {
            let at = k as f64 * l.grid.spacing.z;
            let made = match *f {
                Fill::Slice(a) => z[a],
                Fill::Between(a, b, t) => z[a] + t * (z[b] - z[a]),
                Fill::Gap => panic!("no gap here"),
            };
            assert!((at - made).abs() < 0.04);
        }
    }

    #[test]
    fn slices_that_jitter_stay_as_many_as_they_are() {
        // Steps of 2.9 and 2.1 mm: most are above the mean of 2.6.
        let steps = [2.9, 2.9, 2.1, 2.9, 2.9, 2.1, 2.9, 2.1];
        let z: Vec<f64> = (0..=24).map(|k| (0..k).map(|n| steps[n % 8]).sum()).collect();
        let l = stack(&z).unwrap();
        assert_eq!((l.findings[0].code, l.grid.size[2]), (Code::UnevenSpacing, 25));
    }

    #[test]
    fn a_sheared_stack_is_moved_back_within_its_planes() {
        let (s, c) = 14f64.to_radians().sin_cos();
        let column = DVec3::new(0.0, c, s);
        let p: Vec<Lps> = (0..20).map(|k| Lps::new(0.0, 0.0, 3.0 * f64::from(k))).collect();
        let l = layout(&p, [DVec3::X, column], [1.0, 1.0], [10, 10]).unwrap();
        assert_eq!(l.findings[0].code, Code::GantryTilt);
        let shifts = l.shifts.unwrap();
        for (k, p) in p.iter().enumerate() {
            let at = l.grid.point(DVec3::new(shifts[k][0], shifts[k][1], k as f64));
            assert!(at.distance(*p) < 1e-9);
        }
    }
}
