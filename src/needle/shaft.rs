//! Walks along a needle: how near the shaft comes to what, and where.

use super::near::{Extent, nearest};
use super::reach::ReachMap;
use super::surroundings::{Solid, Surroundings};
use crate::space::{Lps, Mask};
use glam::DVec3;

/// Distances along a shaft are exact to this, mm, or to this share of them where they are long; what is reported is never
/// more than the truth.
const TOLERANCE_MM: f64 = 0.05;
const TOLERANCE: f64 = 0.02;

/// Farther than this is told as this, mm: less than what the maps can promise from any place of a cell.
pub(super) const FAR_MM: f64 = 20.0;

/// Along the shaft, what is asked voxel by voxel is asked this often, mm.
pub(super) const STEP_MM: f64 = 0.1;

/// A straight line from a point along a unit direction, of a length in mm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) from: Lps,
    pub(super) direction: DVec3,
    pub(super) length_mm: f64,
}

impl Line {
    /// From one point to another; `None` if they are the same or not finite.
    pub(super) fn between(from: Lps, to: Lps) -> Option<Line> {
        let length_mm = from.distance(to);
        (length_mm.is_finite() && length_mm > 1e-6).then(|| Line {
            from,
            direction: (to - from) / length_mm,
            length_mm,
        })
    }

    /// The point at `s` mm.
    pub(super) fn at(&self, s: f64) -> Lps {
        self.from + self.direction * s
    }

    /// Number of samples [`STEP_MM`] apart, both ends included.
    pub(super) fn samples(&self) -> usize {
        // Lines are cut to lengths that a scan can hold.
        (self.length_mm.min(2000.0) / STEP_MM).ceil() as usize + 1
    }

    /// The place of a sample, mm.
    pub(super) fn sample(&self, n: usize) -> f64 {
        (n as f64 * STEP_MM).min(self.length_mm)
    }

    /// The least distance from the line between `from` and `to` mm to the voxels of `mask`, and where; never more than the
    /// truth, less than it by at most 0.05 mm or a fiftieth; (cap, `from`) if it is more than `cap_mm`.
    ///
    /// The distance to a structure changes by at most 1 mm per mm (it is 1-Lipschitz), so that from a point at distance D
    /// the next D − best mm cannot come nearer than the best so far.
    pub(super) fn least(&self, mask: &Mask, map: &ReachMap, from: f64, to: f64, cap_mm: f64) -> (f64, f64) {
        let (mut best, mut at) = (cap_mm, from);
        // Where the map promises least is a good guess: a small best makes all later steps long.
        let (mut s, mut least, mut guess) = (from, f64::INFINITY, from);
        while s <= to {
            let free = map.free_mm(self.at(s));
            if free < least {
                (least, guess) = (free, s);
            }
            s += (0.5 * free).max(1.0);
        }
        if least > cap_mm {
            // The samples were half of the promised way apart: nothing between them is nearer than half of the least.
            if 0.5 * least > cap_mm {
                return (cap_mm, from);
            }
        } else if let Some(d) = nearest(mask, self.at(guess), cap_mm, Extent::Box) {
            (best, at) = (d, guess);
        }
        let mut s = from;
        while s <= to && best > 0.0 {
            let tolerance = TOLERANCE_MM.max(TOLERANCE * best);
            let p = self.at(s);
            let free = map.free_mm(p);
            if free > best {
                s += free - best + tolerance;
                continue;
            }
            // Looking a little farther than the best makes the next step long.
            let within = best + 1.0 + 0.1 * best;
            let d = nearest(mask, p, within, Extent::Box).unwrap_or(within);
            if d < best {
                (best, at) = (d, s);
            }
            s += d - best + tolerance;
        }
        if best < cap_mm { ((best - TOLERANCE_MM.max(TOLERANCE * best)).max(0.0), at) } else { (cap_mm, from) }
    }

    /// Where clearances count: the parts of the line whose points are farther than `near_mm` from every centre of a voxel of
    /// `mask`, as (from, to) in mm. `centre` and `radius` describe a ball that holds the mask.
    pub(super) fn away_from(&self, mask: &Mask, near_mm: f64, centre: Lps, radius: f64) -> Vec<(f64, f64)> {
        let mut parts = Vec::new();
        let mut start: Option<f64> = Some(0.0);
        let mut last_far = 0.0;
        for n in 0..self.samples() {
            let s = self.sample(n);
            let p = self.at(s);
            let is_near =
                p.distance(centre) <= radius + near_mm + 1e-6 && nearest(mask, p, near_mm, Extent::Centre).is_some();
            match (is_near, start) {
                (true, Some(from)) => {
                    // Up to this first exempt sample: what lies between two samples counts.
                    if n > 0 {
                        parts.push((from, s));
                    }
                    start = None;
                }
                (false, None) => start = Some(last_far),
                _ => {}
            }
            last_far = s;
        }
        if let Some(from) = start {
            parts.push((from, self.length_mm));
        }
        parts
    }

    /// The longest run of samples from `from` mm on for which `f` holds: (its length, where it begins).
    pub(super) fn longest_run(&self, from: f64, mut f: impl FnMut(Lps) -> bool) -> (f64, f64) {
        let (mut longest, mut at, mut run, mut start) = (0.0, from, 0usize, from);
        for n in (from / STEP_MM).ceil() as usize..self.samples() {
            let s = self.sample(n);
            if f(self.at(s)) {
                if run == 0 {
                    start = s;
                }
                run += 1;
                if run as f64 * STEP_MM > longest {
                    (longest, at) = (run as f64 * STEP_MM, start);
                }
            } else {
                run = 0;
            }
        }
        (longest, at)
    }
}

impl Solid {
    /// Whether a point is solid, read both ways in which a picture is read: nearest voxel, and trilinear. `None` where
    /// nothing was measured. `lifted` holds voxels that do not count.
    pub(super) fn at(&self, p: Lps, lifted: Option<&Mask>) -> Option<bool> {
        let grid = &self.steps.grid;
        let nearest = grid.voxel(p)?;
        let value = self.steps.at(nearest);
        if value == Solid::MISSING {
            return None;
        }
        let counts = |v| lifted.is_none_or(|m: &Mask| !m.get(v));
        if value > 0 && counts(nearest) {
            return Some(true);
        }
        let x = grid.index(p);
        let mut lo = [0usize; 3];
        let mut f = [0f64; 3];
        for a in 0..3 {
            let top = grid.size[a] - 1;
            let c = x[a].clamp(0.0, top as f64);
            lo[a] = (c.floor() as usize).min(top.saturating_sub(1));
            f[a] = c - lo[a] as f64;
        }
        let mut sum = 0.0;
        for n in 0..8 {
            let d = [n & 1, n >> 1 & 1, n >> 2];
            let at = [0, 1, 2].map(|a| (lo[a] + d[a]).min(grid.size[a] - 1));
            let v = crate::space::Voxel::new(at[0], at[1], at[2]);
            let value = self.steps.at(v);
            let w: f64 = (0..3).map(|a| if d[a] == 1 { f[a] } else { 1.0 - f[a] }).product();
            // What was not measured, or does not count, is air.
            let air = value == Solid::MISSING || (value > 0 && !counts(v));
            sum += w * if air { -127.0 } else { f64::from(value) };
        }
        Some(sum > 0.0)
    }
}

impl Surroundings {
    /// The skin's outward unit normal at a point of the body's surface, smoothed over a ball of `over_mm`; `None` away from
    /// the surface. The centroid of what is inside of a ball round a surface point lies straight inwards.
    pub fn skin_normal(&self, p: Lps, over_mm: f64) -> Option<DVec3> {
        let body = self.body.as_ref()?;
        let grid = &self.grid;
        let x = grid.index(p);
        let reach = DVec3::splat(over_mm) / grid.spacing;
        let range = |a: usize| ((x[a] - reach[a]).ceil() as i64, (x[a] + reach[a]).floor() as i64);
        let [(i0, i1), (j0, j1), (k0, k1)] = [0, 1, 2].map(range);
        let clamp = |v: i64, a: usize| v.clamp(0, grid.size[a] as i64 - 1) as usize;
        let mut sum = DVec3::ZERO;
        let (mut inside, mut all) = (0usize, 0usize);
        for k in k0..=k1 {
            for j in j0..=j1 {
                // Beyond the picture's edge the last row goes on.
                let row = body.row(clamp(j, 1), clamp(k, 2));
                for i in i0..=i1 {
                    let d = (DVec3::new(i as f64, j as f64, k as f64) - x) * grid.spacing;
                    if d.length_squared() <= over_mm * over_mm {
                        let i = clamp(i, 0);
                        let is_in = row[i >> 6] >> (i & 63) & 1 == 1;
                        all += 1;
                        inside += usize::from(is_in);
                        sum += if is_in { -d } else { d };
                    }
                }
            }
        }
        // All of it in, or all of it out: no surface here.
        if inside == 0 || inside == all {
            return None;
        }
        let n = grid.axes * sum;
        (n.length() > 1e-9).then(|| n.normalize())
    }

    /// The place on the skin where a needle from outside along the line from `from` towards `tip` enters the body for the
    /// last time before the tip; moved outwards by the skin's own blur, so that the way in is free of it. `None` if the tip
    /// does not lie in the body, or the line comes from inside of it.
    pub fn entry_on_skin(&self, from: Lps, tip: Lps) -> Option<Lps> {
        let body = self.body.as_ref()?;
        let line = Line::between(tip, from)?;
        if !body.holds(tip) {
            return None;
        }
        // Beyond the hand's point too: it may lie a little under the skin.
        let line = Line { length_mm: line.length_mm + 60.0, ..line };
        self.leave_body(&line, body).map(|s| line.at(s))
    }

    /// mm along a line that begins in the body at which it leaves it for the first time, the skin's blur included; `None` if
    /// the line ends before, or leaves the picture.
    pub(super) fn leave_body(&self, line: &Line, body: &Mask) -> Option<f64> {
        let mut s = 0.0;
        loop {
            if s > line.length_mm {
                return None;
            }
            let p = line.at(s);
            let free = self.outside_map.free_mm(p);
            if free > STEP_MM {
                s += free;
                continue;
            }
            let v = self.grid.voxel(p)?;
            if !body.get(v) {
                break;
            }
            s += STEP_MM / 2.0;
        }
        // As long as the picture is denser than air by either reading, up to a mm and a half (choice).
        let skin = s;
        while s - skin < 1.5 && self.solid.at(line.at(s), None) == Some(true) {
            s += STEP_MM / 2.0;
        }
        Some(s)
    }

    /// Where clearances of a line count: see [`Line::away_from`].
    pub(super) fn counted(&self, line: &Line) -> Vec<(f64, f64)> {
        line.away_from(&self.target, self.rules.near_lesion_mm, self.target_centre, self.target_radius_mm)
    }

    /// As [`Surroundings::axis_distance`], also beyond [`FAR_MM`]; FAR_MM itself where there is nothing of the structure.
    pub(super) fn far_distance(&self, line: &Line, parts: &[(f64, f64)], obstacle: usize) -> (f64, f64) {
        let o = &self.obstacles[obstacle];
        let found = o.cells.least(&o.mask, line, parts);
        found.map_or((FAR_MM, 0.0), |(d, at)| ((d - TOLERANCE_MM).max(FAR_MM), at))
    }

    /// Least distance from the shaft's axis to an obstacle, over the parts that count: (mm, where along the line).
    pub(super) fn axis_distance(&self, line: &Line, parts: &[(f64, f64)], obstacle: usize) -> (f64, f64) {
        let o = &self.obstacles[obstacle];
        let mut best = (FAR_MM, 0.0);
        for (from, to) in parts {
            let got = line.least(&o.mask, &o.map, *from, *to, best.0);
            if got.0 < best.0 {
                best = got;
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::super::far::Cells;
    use super::*;
    use crate::space::{Grid, Voxel};
    use glam::DMat3;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        /// A structure across the chest is told at its true distance, not as "at least 20 mm".
        #[test]
        fn what_is_far_is_told_as_far_as_it_is(
            points in prop::collection::vec((0usize..70, 0usize..40, 0usize..30), 1..6),
            from in prop::array::uniform3(-60.0..180.0f64), to in prop::array::uniform3(-60.0..180.0f64)
        ) {
            let grid = Grid {
                size: [70, 40, 30],
                spacing: DVec3::new(0.8, 1.0, 2.5),
                origin: Lps::new(-10.0, 5.0, 0.0),
                axes: DMat3::IDENTITY,
            };
            let mut mask = Mask::empty(grid);
            for &(i, j, k) in &points { mask.set(Voxel::new(i, j, k), true); }
            let Some(line) = Line::between(Lps::from(DVec3::from(from)), Lps::from(DVec3::from(to))) else { return Ok(()) };
            let box_distance = |p: Lps| {
                let x = grid.index(p);
                points.iter().map(|&(i, j, k)| {
                    let d = (DVec3::new(i as f64, j as f64, k as f64) - x).abs() - 0.5;
                    (d.max(DVec3::ZERO) * grid.spacing).length()
                }).fold(f64::INFINITY, f64::min)
            };
            let truth = (0..line.samples()).map(|n| box_distance(line.at(line.sample(n)))).fold(f64::INFINITY, f64::min);
            // Nearer than that the maps are asked.
            prop_assume!(truth > FAR_MM);
            let (told, at) = Cells::of(&mask).least(&mask, &line, &[(0.0, line.length_mm)]).unwrap();
            // The truth is sampled: it may lie half a step beside.
            prop_assert!(told <= truth + TOLERANCE_MM, "{told} of {truth}");
            prop_assert!(told >= truth - STEP_MM, "{told} of {truth}");
            prop_assert!((box_distance(line.at(at)) - told).abs() < 1e-9);
        }
    }

    #[test]
    fn of_nothing_there_is_no_distance() {
        let grid = Grid { size: [4, 4, 4], spacing: DVec3::ONE, origin: Lps::default(), axes: DMat3::IDENTITY };
        let line = Line::between(Lps::default(), Lps::new(0.0, 0.0, 9.0)).unwrap();
        let nothing = Mask::empty(grid);
        assert_eq!(Cells::of(&nothing).least(&nothing, &line, &[(0.0, 9.0)]), None);
        let mut one = nothing.clone();
        one.set(Voxel::new(1, 1, 1), true);
        assert_eq!(Cells::of(&one).least(&one, &line, &[]), None);
    }
}
