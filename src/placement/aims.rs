//! Where in the lesion the ice's centre is meant to lie.

use crate::space::{Lps, Mask};
use glam::DVec3;

/// For one needle: the centroid and points towards the lesion's ends, a share of the way (choice: the ice's centre need not
/// leave the middle third for a single needle).
const SHARE: f64 = 0.3;

/// For several needles: aims this far apart, mm, at most this many (choice: half of the spacing of needles).
const APART_MM: f64 = 7.0;
const MOST: usize = 16;

/// The aims for `needles` needles; the first lies nearest to the centroid. All lie in the lesion.
pub(super) fn aims(lesion: &Mask, needles: usize) -> Vec<Lps> {
    let Some(centroid) = lesion.centroid() else { return Vec::new() };
    let points = centres(lesion);
    let nearest = |p: Lps| points.iter().copied().min_by(|a, b| a.distance(p).total_cmp(&b.distance(p)));
    let mut list: Vec<Lps> = Vec::new();
    let add = |p: Lps, apart: f64, list: &mut Vec<Lps>| {
        // The wish itself where it lies in the lesion, else the lesion's point nearest to it.
        let p = if lesion.holds(p) { Some(p) } else { nearest(p) };
        if let Some(p) = p
            && list.iter().all(|q| q.distance(p) >= apart)
        {
            list.push(p);
        }
    };
    add(centroid, 0.0, &mut list);
    if needles <= 1 {
        let axes = [DVec3::X, DVec3::Y, DVec3::Z];
        for axis in axes {
            for sign in [1.0, -1.0] {
                let reach = points.iter().map(|p| (*p - centroid).dot(axis) * sign).fold(0.0, f64::max);
                add(centroid + axis * (sign * reach * SHARE), 1.5, &mut list);
            }
        }
        return list;
    }
    // Farthest points first, so that few aims spread over all of the lesion; the rim is left out: an aim there would put
    // half of the ice outside.
    let reach = points.iter().map(|p| p.distance(centroid)).fold(0.0, f64::max);
    let inner: Vec<Lps> = points.iter().copied().filter(|p| p.distance(centroid) <= 0.75 * reach).collect();
    while list.len() < MOST {
        let far = |p: &Lps| list.iter().map(|q| q.distance(*p)).fold(f64::INFINITY, f64::min);
        let Some(next) = inner.iter().copied().max_by(|a, b| far(a).total_cmp(&far(b))) else { break };
        if far(&next) < APART_MM {
            break;
        }
        list.push(next);
    }
    list
}

/// Centres of the voxels, at most some thousands, evenly taken.
fn centres(lesion: &Mask) -> Vec<Lps> {
    const ENOUGH: usize = 4000;
    let step = lesion.count().div_ceil(ENOUGH).max(1);
    let mut points = Vec::new();
    let mut n = 0;
    lesion.for_each(|v| {
        if n % step == 0 {
            points.push(lesion.grid.centre(v));
        }
        n += 1;
    });
    points
}
