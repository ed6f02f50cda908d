//! How much of a lesion is frozen, and with what margin.

use super::frozen::Frozen;
use crate::space::{Lps, Mask, Voxel};

/// The points of a lesion that coverage is told from: its voxels' centres, and the corners of the voxel faces on its surface.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TargetPoints {
    centres: Vec<Lps>,
    corners: Vec<Lps>,
}

/// How a lesion is covered at one temperature.
#[derive(Clone, Debug, PartialEq)]
pub struct Covered {
    /// °C.
    pub celsius: i32,
    /// Share of the lesion's voxels (by their centres) inside of the surface; less than 1 wherever the margin is negative.
    pub fraction_inside: f64,
    /// Least distance from the lesion's surface (voxel edges) to the isotherm, mm; negative where the lesion sticks out, and
    /// then how far. Exact outside of the ice; where needles' ice overlaps at most the truth.
    pub least_margin_mm: f64,
    /// Where that is.
    pub at: Lps,
}

/// How a lesion is covered, warmest first.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Coverage {
    /// Temperature by temperature.
    pub list: Vec<Covered>,
}

impl Coverage {
    /// How the lesion is covered at a temperature.
    pub fn at(&self, celsius: i32) -> Option<&Covered> {
        self.list.iter().find(|c| c.celsius == celsius)
    }
}

impl TargetPoints {
    /// The points of a mask.
    pub fn of(mask: &Mask) -> TargetPoints {
        let grid = &mask.grid;
        let mut centres = Vec::new();
        let mut corners: Vec<[usize; 3]> = Vec::new();
        mask.for_each(|v| {
            centres.push(grid.centre(v));
            let x = [v.i, v.j, v.k];
            for axis in 0..3 {
                for up in [false, true] {
                    let mut n = x;
                    let beyond = if up { n[axis] + 1 >= grid.size[axis] } else { n[axis] == 0 };
                    if !beyond {
                        n[axis] = if up { n[axis] + 1 } else { n[axis] - 1 };
                        if mask.get(Voxel::new(n[0], n[1], n[2])) {
                            continue;
                        }
                    }
                    for c in 0..4 {
                        let mut corner = x;
                        corner[axis] += usize::from(up);
                        corner[(axis + 1) % 3] += c & 1;
                        corner[(axis + 2) % 3] += c >> 1;
                        corners.push(corner);
                    }
                }
            }
        });
        // By place, so that each corner stands there once and in an order of its own.
        corners.sort_unstable_by_key(|c| [c[2], c[1], c[0]]);
        corners.dedup();
        let half = glam::DVec3::splat(0.5);
        let corner = |c: &[usize; 3]| grid.point(Voxel::new(c[0], c[1], c[2]).centre() - half);
        TargetPoints { centres, corners: corners.iter().map(corner).collect() }
    }

    /// Fewer points, evenly taken: for what follows a hand. Some hundreds of each are enough to see what is covered.
    pub fn thinned(&self, at_most: usize) -> TargetPoints {
        let thin = |points: &[Lps]| {
            let n = points.len();
            if n <= at_most || at_most == 0 {
                return points.to_vec();
            }
            (0..at_most).map(|i| points[i * n / at_most]).collect()
        };
        TargetPoints { centres: thin(&self.centres), corners: thin(&self.corners) }
    }

    /// Centres of the voxels.
    pub fn centres(&self) -> &[Lps] {
        &self.centres
    }

    /// Corners of the surface's voxel faces.
    pub fn corners(&self) -> &[Lps] {
        &self.corners
    }
}

/// How a lesion is covered by what is frozen. Under 4 ms for points [`TargetPoints::thinned`] to 2000; a few ms more for
/// all points of a large mass. Empty where nothing is frozen or the lesion has no voxel.
pub fn coverage(target: &TargetPoints, frozen: &Frozen) -> Coverage {
    let mut list = Vec::new();
    for surface in &frozen.surfaces {
        let (Some(first), false) = (target.corners.first(), target.centres.is_empty()) else { continue };
        let inside = target.centres.iter().filter(|p| surface.holds(**p)).count();
        let (mut least_margin_mm, mut at) = (f64::INFINITY, *first);
        for p in &target.corners {
            let margin = surface.margin_mm(*p);
            if margin < least_margin_mm {
                (least_margin_mm, at) = (margin, *p);
            }
        }
        let n = target.centres.len() as f64;
        // Where only corners stick out, half a voxel counts as outside.
        let all = if least_margin_mm < 0.0 { 1.0 - 0.5 / n } else { 1.0 };
        list.push(Covered {
            celsius: surface.celsius,
            fraction_inside: (inside as f64 / n).min(all),
            least_margin_mm,
            at,
        });
    }
    Coverage { list }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needle::{Catalogue, Needle};
    use crate::space::Grid;
    use crate::terms::Pose;
    use glam::{DMat3, DVec3};

    fn ball(r: f64) -> Mask {
        let grid = Grid {
            size: [60, 60, 30],
            spacing: DVec3::new(0.7, 0.7, 1.5),
            origin: Lps::new(-20.65, -20.65, -21.75),
            axes: DMat3::IDENTITY,
        };
        Mask::from_fn(grid, |o| grid.centre(grid.voxel_of(o)).vec().length() <= r)
    }

    fn frozen(tip: Lps) -> Frozen {
        let needle = Needle { model: "icesphere".into(), entry: tip - DVec3::Y * 80.0, tip, pose: Pose::AsScanned };
        Frozen::of(&[needle], &Catalogue::built_in().unwrap()).unwrap()
    }

    #[test]
    fn a_ball_in_the_middle_of_the_ice_has_the_margin_of_the_formula() {
        let target = TargetPoints::of(&ball(6.0));
        let c = coverage(&target, &frozen(Lps::new(0.0, 11.0, 0.0)));
        let cold = c.at(-20).unwrap();
        assert_eq!(cold.fraction_inside, 1.0);
        // Half width 10.16 less 6 mm; corners of voxels stick out of the ball by less than half a diagonal.
        assert!((3.2..4.2).contains(&cold.least_margin_mm), "{}", cold.least_margin_mm);
        assert!(c.at(0).unwrap().least_margin_mm > cold.least_margin_mm);
        assert!(cold.at.y.abs() < 5.0);
    }

    #[test]
    fn a_lesion_that_sticks_out_has_a_negative_margin_there() {
        let target = TargetPoints::of(&ball(6.0));
        // The ice's centre 10 mm to the patient's left: the lesion sticks out to the right.
        let c = coverage(&target, &frozen(Lps::new(10.0, 11.0, 0.0)));
        let cold = c.at(-20).unwrap();
        assert!((-6.5..-5.4).contains(&cold.least_margin_mm), "{}", cold.least_margin_mm);
        assert!(cold.at.x < -5.0);
        assert!(cold.fraction_inside > 0.2 && cold.fraction_inside < 0.8);
        let fast = coverage(&target.thinned(500), &frozen(Lps::new(10.0, 11.0, 0.0)));
        assert!((fast.at(-20).unwrap().fraction_inside - cold.fraction_inside).abs() < 0.05);
    }

    #[test]
    fn an_empty_lesion_has_no_coverage() {
        let mut mask = ball(6.0);
        mask.subtract(&mask.clone());
        assert!(coverage(&TargetPoints::of(&mask), &frozen(Lps::default())).list.is_empty());
    }
}
