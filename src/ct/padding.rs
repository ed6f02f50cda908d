//! Padding that no header declares: the constant value that some scanners write around the round field of view.

use crate::space::PADDING;

/// No tissue and no air: what is below is either padding or an artefact (12-bit scanners end here).
const LEAST_AIR: i16 = -1024;
/// The value around the field of view of a decoded slice, if there is one: the same in all four corners and below −1024.
/// A surround that looks like air (−1024, −1000) stays what it is: nothing tells it from air that was measured.
pub(super) fn surround(slice: &[i16], columns: usize) -> Option<i16> {
    let (first, last) = (slice.first()?, slice.last()?);
    let others = [slice.get(columns.checked_sub(1)?)?, slice.get(slice.len().checked_sub(columns)?)?, last];
    (*first < LEAST_AIR && *first != PADDING && others.iter().all(|v| *v == first)).then_some(*first)
}

/// Marks the surround in a slice, wherever its value stands.
pub(super) fn mark(slice: &mut [i16], value: i16) {
    for v in slice.iter_mut().filter(|v| **v == value) {
        *v = PADDING;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_the_field_of_view_is_no_air() {
        let slice = |around: i16| -> Vec<i16> {
            let inside = |o: usize| (o % 64).abs_diff(32).pow(2) + (o / 64).abs_diff(32).pow(2) < 900;
            (0..64 * 64).map(|o| if inside(o) { -990 - (o * 7 % 23) as i16 } else { around }).collect()
        };
        assert_eq!(surround(&slice(-2048), 64), Some(-2048));
        assert_eq!(surround(&slice(-1000), 64), None);
    }
}
