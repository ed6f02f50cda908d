//! Masks as runs: a lesion is some hundred runs instead of 13 MB of bits.

use crate::space::{Grid, Mask, Voxel};
use std::sync::Arc;

/// A mask, run-length packed. Cheap to clone. Runs are maximal, ascending and inside the size, whatever they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedMask {
    size: [usize; 3],
    /// (first place in the data, length), i fastest.
    runs: Arc<[(usize, usize)]>,
}

impl PackedMask {
    /// Packs a mask.
    pub fn pack(mask: &Mask) -> PackedMask {
        let [nx, ny, nz] = mask.grid.size;
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for k in 0..nz {
            for j in 0..ny {
                let row = (k * ny + j) * nx;
                for (first, end) in mask.runs(j, k) {
                    match runs.last_mut() {
                        // A run that ends a row and one that begins the next are one run of the data.
                        Some(last) if last.0 + last.1 == row + first => last.1 += end - first,
                        _ => runs.push((row + first, end - first)),
                    }
                }
            }
        }
        PackedMask { size: mask.grid.size, runs: runs.into() }
    }

    /// The mask on `grid`; `None` if the grid has another size.
    pub fn unpack(&self, grid: Grid) -> Option<Mask> {
        if grid.size != self.size {
            return None;
        }
        let mut mask = Mask::empty(grid);
        let [nx, ny, _] = self.size;
        for &(first, length) in self.runs.iter() {
            for offset in first..first + length {
                mask.set(Voxel::new(offset % nx, offset / nx % ny, offset / (nx * ny)), true);
            }
        }
        Some(mask)
    }

    /// Voxels along each axis of the grid that it lies on.
    pub fn size(&self) -> [usize; 3] {
        self.size
    }

    /// How many voxels are in.
    pub fn count(&self) -> usize {
        self.runs.iter().map(|r| r.1).sum()
    }

    /// The runs as text: `gap length gap length …`, each gap counted from the end of the run before.
    pub fn to_text(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(self.runs.len() * 8);
        let mut end = 0;
        for &(first, length) in self.runs.iter() {
            if !text.is_empty() {
                text.push(' ');
            }
            write!(text, "{} {length}", first - end).ok();
            end = first + length;
        }
        text
    }

    /// The runs of a text on a grid of `size`; an error says what is wrong with it. Takes nothing that leaves the grid,
    /// and no more memory than the text is long.
    pub fn from_text(size: [usize; 3], text: &str) -> Result<PackedMask, &'static str> {
        let voxels = size.iter().try_fold(1usize, |n, s| n.checked_mul(*s)).ok_or("the grid is too large")?;
        let mut runs: Vec<(usize, usize)> = Vec::new();
        let mut end = 0usize;
        let mut numbers = text.split_ascii_whitespace().map(|n| n.parse::<usize>());
        while let Some(gap) = numbers.next() {
            let gap = gap.map_err(|_| "a run is not a number")?;
            let length = numbers.next().ok_or("a run has no length")?.map_err(|_| "a run is not a number")?;
            if length == 0 || (gap == 0 && !runs.is_empty()) {
                return Err("a run is empty or touches the one before");
            }
            let first = end.checked_add(gap).ok_or("a run leaves the grid")?;
            end = first.checked_add(length).filter(|e| *e <= voxels).ok_or("a run leaves the grid")?;
            runs.push((first, length));
        }
        Ok(PackedMask { size, runs: runs.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::Lps;
    use glam::{DMat3, DVec3};
    use proptest::prelude::*;

    fn grid(size: [usize; 3]) -> Grid {
        Grid { size, spacing: DVec3::ONE, origin: Lps::default(), axes: DMat3::IDENTITY }
    }

    proptest! {
        #[test]
        fn a_packed_mask_comes_back_bit_by_bit(nx in 1usize..90, ny in 1usize..5, seed in any::<u64>(), fill in 1u64..5) {
            let g = grid([nx, ny, 3]);
            let mask = Mask::from_fn(g, |o| (seed.rotate_left((o % 61) as u32) ^ o as u64) % 5 < fill);
            let packed = PackedMask::pack(&mask);
            prop_assert_eq!(packed.count(), mask.count());
            prop_assert_eq!(packed.unpack(g), Some(mask));
            prop_assert_eq!(PackedMask::from_text(g.size, &packed.to_text()), Ok(packed));
        }

        #[test]
        fn any_text_is_runs_inside_the_grid_or_refused(text in "[0-9 ]{0,60}") {
            if let Ok(packed) = PackedMask::from_text([7, 5, 3], &text) {
                prop_assert!(packed.unpack(grid([7, 5, 3])).is_some_and(|m| m.count() == packed.count()));
            }
        }
    }

    #[test]
    fn numbers_that_overflow_are_refused() {
        for text in ["18446744073709551615 1", "1 18446744073709551615", "99999999999999999999 1", "1", "0 106", "-1 3"]
        {
            assert!(PackedMask::from_text([7, 5, 3], text).is_err(), "{text}");
        }
        assert!(PackedMask::from_text([usize::MAX, 2, 1], "").is_err());
    }
}
