//! Padding that no header declares: the constant value that some scanners write around the round field of view.

use crate::space::PADDING;

/// No tissue and no air: what is below is either padding or an artefact (12-bit scanners end here).
const LEAST_AIR: i16 = -1024;
/// Share of the pixels outside of the circle that must carry the value, and the most that may just inside of it, where air
/// has noise even if some of it is clipped (choice).
const OUTSIDE: f64 = 0.995;
const INSIDE: f64 = 0.6;

/// The value around the field of view of a decoded slice, if there is one: the same in all four corners, and either below
/// −1024, or filling all that lies outside of the circle that touches the picture's edges, and ending there.
pub(super) fn surround(slice: &[i16], columns: usize) -> Option<i16> {
    let rows = slice.len().checked_div(columns)?;
    if rows < 8 || columns < 8 {
        return None;
    }
    let corner = slice[0];
    let last = slice.len() - 1;
    let corners = [slice[columns - 1], slice[last + 1 - columns], slice[last]];
    if corner == PADDING || corners.iter().any(|c| *c != corner) {
        return None;
    }
    if corner < LEAST_AIR {
        return Some(corner);
    }
    if corner > -900 || rows != columns {
        return None;
    }
    // Air without noise would go on inside.
    let centre = (columns as f64 - 1.0) / 2.0;
    let radius = columns as f64 / 2.0;
    let (mut out, mut out_same, mut inside, mut inside_same) = (0usize, 0usize, 0usize, 0usize);
    for (j, row) in slice.chunks_exact(columns).enumerate() {
        let y = j as f64 - centre;
        let half = |r: f64| (r * r - y * y).max(0.0).sqrt();
        let (wide, narrow, inner) = (half(radius + 1.0), half(radius - 2.0), half(radius - 6.0));
        for (i, v) in row.iter().enumerate() {
            let x = (i as f64 - centre).abs();
            let same = usize::from(*v == corner);
            if x > wide {
                out += 1;
                out_same += same;
            } else if x < narrow && x >= inner {
                inside += 1;
                inside_same += same;
            }
        }
    }
    let round = out_same as f64 >= OUTSIDE * out as f64 && inside_same as f64 <= INSIDE * inside as f64;
    round.then_some(corner)
}

/// Marks the surround in a slice: below −1024 wherever it stands, else only outside of the circle.
pub(super) fn mark(slice: &mut [i16], columns: usize, value: i16) {
    if value < LEAST_AIR {
        for v in slice.iter_mut().filter(|v| **v == value) {
            *v = PADDING;
        }
        return;
    }
    let centre = (columns as f64 - 1.0) / 2.0;
    let radius = columns as f64 / 2.0 - 2.0;
    for (j, row) in slice.chunks_exact_mut(columns).enumerate() {
        let y = j as f64 - centre;
        let half = (radius * radius - y * y).max(0.0).sqrt();
        for (i, v) in row.iter_mut().enumerate() {
            if *v == value && (i as f64 - centre).abs() >= half {
                *v = PADDING;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(f: impl Fn(f64, usize) -> i16) -> Vec<i16> {
        (0..64 * 64)
            .map(|o| {
                let (x, y) = ((o % 64) as f64 - 31.5, (o / 64) as f64 - 31.5);
                f(x.hypot(y), o)
            })
            .collect()
    }

    #[test]
    fn a_constant_ring_around_noisy_air_is_padding() {
        let s = slice(|r, o| if r > 32.0 { -1000 } else { -990 - (o * 7 % 23) as i16 });
        assert_eq!(surround(&s, 64), Some(-1000));
        let low = slice(|r, o| if r > 32.0 { -2048 } else { -990 - (o * 7 % 23) as i16 });
        assert_eq!(surround(&low, 64), Some(-2048));
    }

    #[test]
    fn air_without_noise_is_air() {
        let s = slice(|r, _| if r > 20.0 { -1000 } else { 40 });
        assert_eq!(surround(&s, 64), None);
    }
}
