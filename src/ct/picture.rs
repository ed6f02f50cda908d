//! A small picture of a volume's middle slice, for lists of series.

use super::error::CtError;
use super::listing::{Listing, Made};
use super::load::choose;
use super::pixels::{self, Fault, Scratch};
use super::{padding, research};
use crate::space::PADDING;

/// HU shown black and white: from air to bone marrow, so that lungs and soft tissue can be told apart (choice).
const BLACK: f64 = -1050.0;
const WHITE: f64 = 450.0;

/// Grey values, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels along a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width` × `height` values; 0 is black.
    pub grey: Vec<u8>,
}

/// The middle slice of the volume of that id, at most `longest` pixels wide and high, in its true proportions. What is no
/// CT volume has no picture.
pub fn picture(listing: &Listing, id: &str, longest: usize) -> Result<Picture, CtError> {
    let plan = choose(listing, Some(id))?;
    let (slice, size, spacing) = match &plan.made {
        Made::Nothing => return Err(CtError::NothingUsable),
        Made::Research(path) => {
            let hu = research::read(path)?;
            let g = hu.grid;
            (hu.slice(g.size[2] / 2).to_vec(), [g.size[0], g.size[1]], [g.spacing.x, g.spacing.y])
        }
        Made::Stack { planes, layout } => {
            let (image, frame) = planes[planes.len() / 2];
            let image = &listing.images[image];
            let (columns, rows) = image.matrix.as_ref().map_or((0, 0), |m| (m.columns, m.rows));
            let mut slice = vec![0i16; columns * rows];
            let entry = listing.entries.get(image.entry).ok_or(CtError::NothingUsable)?;
            let decoded = pixels::decode(entry, image, frame, &mut Scratch::default(), &mut slice);
            match decoded {
                Ok(d) => {
                    if let Some(value) = d.surround {
                        padding::mark(&mut slice, value);
                    }
                }
                Err(Fault::Code(code)) => return Err(CtError::refused(super::Finding::new(code))),
                Err(Fault::Io(_)) => return Err(CtError::NothingUsable),
            }
            (slice, [columns, rows], [layout.grid.spacing.x, layout.grid.spacing.y])
        }
    };
    Ok(shrunk(&slice, size, spacing, longest.clamp(8, 1024)))
}

/// Averages over what each small pixel covers.
fn shrunk(slice: &[i16], [nx, ny]: [usize; 2], spacing: [f64; 2], longest: usize) -> Picture {
    let (wide, high) = (nx as f64 * spacing[0], ny as f64 * spacing[1]);
    let scale = longest as f64 / wide.max(high);
    let width = ((wide * scale).round() as usize).clamp(1, longest);
    let height = ((high * scale).round() as usize).clamp(1, longest);
    let span = |n: usize, of: usize, all: usize| {
        let from = n * all / of;
        from..((n + 1) * all / of).clamp(from + 1, all.max(from + 1))
    };
    let mut grey = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (mut sum, mut count) = (0.0, 0usize);
            for j in span(y, height, ny) {
                for i in span(x, width, nx) {
                    match slice.get(j * nx + i) {
                        Some(v) if *v != PADDING => {
                            sum += f64::from(*v);
                            count += 1;
                        }
                        _ => {}
                    }
                }
            }
            let share = if count > 0 { (sum / count as f64 - BLACK) / (WHITE - BLACK) } else { 0.0 };
            grey.push((255.0 * share.clamp(0.0, 1.0)).round() as u8);
        }
    }
    Picture { width, height, grey }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_those_of_the_patient() {
        let p = shrunk(&vec![0i16; 64 * 32], [64, 32], [1.0, 4.0], 64);
        assert_eq!((p.width, p.height), (32, 64));
        assert!(p.grey.iter().all(|g| *g == p.grey[0] && *g > 100));
    }
}
