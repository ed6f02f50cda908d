//! Connected components by runs and union-find: no label volume, statistics on the fly.

use crate::space::{Bounds, Mask, Voxel};

/// Which voxels count as neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// Those that share a face.
    Six,
    /// Those that share a face, an edge or a corner.
    TwentySix,
}

/// A component of a mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Voxels in it.
    pub voxels: usize,
    /// The box that holds it.
    pub bounds: Bounds,
    /// Its first voxel in the order of the data; tells components apart.
    pub first: Voxel,
}

struct Run {
    start: u32,
    end: u32,
    row: u32,
}

/// The components of a mask, with what is needed to take one out as a mask of its own.
pub struct Components {
    grid: crate::space::Grid,
    runs: Vec<Run>,
    component_of_run: Vec<u32>,
    row_start: Vec<u32>,
    /// The components, largest first; equal ones in the order of the data.
    pub list: Vec<Component>,
}

impl Components {
    /// Finds the components of `mask`.
    pub fn of(mask: &Mask, neighbours: Neighbours) -> Components {
        let grid = mask.grid;
        let [_, ny, nz] = grid.size;
        let mut runs: Vec<Run> = Vec::new();
        let mut row_start = Vec::with_capacity(ny * nz + 1);
        let mut parent: Vec<u32> = Vec::new();
        // A run [a, b) touches [c, d) by a face if they overlap, by an edge or corner too if they overlap when grown by one.
        let reach = if neighbours == Neighbours::TwentySix { 1 } else { 0 };
        let rows_before: &[(isize, isize)] = match neighbours {
            Neighbours::Six => &[(-1, 0), (0, -1)],
            Neighbours::TwentySix => &[(-1, 0), (-1, -1), (0, -1), (1, -1)],
        };
        for k in 0..nz {
            for j in 0..ny {
                row_start.push(runs.len() as u32);
                let row = (k * ny + j) as u32;
                let first_new = runs.len();
                for (a, b) in mask.runs(j, k) {
                    parent.push(runs.len() as u32);
                    runs.push(Run { start: a as u32, end: b as u32, row });
                }
                for &(dj, dk) in rows_before {
                    let (jj, kk) = (j as isize + dj, k as isize + dk);
                    if jj < 0 || jj >= ny as isize || kk < 0 {
                        continue;
                    }
                    let other = kk as usize * ny + jj as usize;
                    let mut o = row_start[other] as usize;
                    let end = row_start[other + 1] as usize;
                    for n in first_new..runs.len() {
                        while o < end && runs[o].end + reach <= runs[n].start {
                            o += 1;
                        }
                        let mut m = o;
                        while m < end && runs[m].start < runs[n].end + reach {
                            unite(&mut parent, n as u32, m as u32);
                            m += 1;
                        }
                    }
                }
            }
        }
        row_start.push(runs.len() as u32);

        let mut component_of_root = std::collections::HashMap::new();
        let mut list: Vec<Component> = Vec::new();
        let mut component_of_run = vec![0u32; runs.len()];
        for n in 0..runs.len() {
            let root = find(&mut parent, n as u32);
            let run = &runs[n];
            let (j, k) = (run.row as usize % ny, run.row as usize / ny);
            let c = *component_of_root.entry(root).or_insert_with(|| {
                list.push(Component {
                    voxels: 0,
                    bounds: Bounds { lo: [usize::MAX; 3], hi: [0; 3] },
                    first: Voxel::new(run.start as usize, j, k),
                });
                list.len() as u32 - 1
            });
            component_of_run[n] = c;
            let component = &mut list[c as usize];
            component.voxels += (run.end - run.start) as usize;
            for (a, lo, hi) in [(0, run.start as usize, run.end as usize), (1, j, j + 1), (2, k, k + 1)] {
                component.bounds.lo[a] = component.bounds.lo[a].min(lo);
                component.bounds.hi[a] = component.bounds.hi[a].max(hi);
            }
        }
        // Largest first; the sort is stable, so equal ones stay in the order of the data.
        let mut order: Vec<usize> = (0..list.len()).collect();
        order.sort_by_key(|&c| std::cmp::Reverse(list[c].voxels));
        let mut rank = vec![0u32; list.len()];
        for (r, &c) in order.iter().enumerate() {
            rank[c] = r as u32;
        }
        for c in &mut component_of_run {
            *c = rank[*c as usize];
        }
        let list = order.into_iter().map(|c| list[c].clone()).collect();
        Components { grid, runs, component_of_run, row_start, list }
    }

    /// The voxels of the components for which `keep(place in the list)` holds.
    pub fn mask(&self, keep: impl Fn(usize) -> bool) -> Mask {
        let mut out = Mask::empty(self.grid);
        let ny = self.grid.size[1];
        for (n, run) in self.runs.iter().enumerate() {
            if keep(self.component_of_run[n] as usize) {
                let row = out.row_mut(run.row as usize % ny, run.row as usize / ny);
                for i in run.start as usize..run.end as usize {
                    row[i >> 6] |= 1 << (i & 63);
                }
            }
        }
        out
    }

    /// Calls `f(place in the list, first i, one past the last i, j, k)` for every run of every component, in the order of
    /// the data: for statistics without a label volume.
    pub fn for_each_run(&self, mut f: impl FnMut(usize, usize, usize, usize, usize)) {
        let ny = self.grid.size[1];
        for (n, run) in self.runs.iter().enumerate() {
            let c = self.component_of_run[n] as usize;
            f(c, run.start as usize, run.end as usize, run.row as usize % ny, run.row as usize / ny);
        }
    }

    /// The place in the list of the component that holds a voxel, if one does.
    pub fn holding(&self, v: Voxel) -> Option<usize> {
        let row = v.k * self.grid.size[1] + v.j;
        (self.row_start[row] as usize..self.row_start[row + 1] as usize)
            .find(|&n| (self.runs[n].start as usize..self.runs[n].end as usize).contains(&v.i))
            .map(|n| self.component_of_run[n] as usize)
    }
}

/// The largest component; empty if the mask is.
pub fn largest(mask: &Mask, neighbours: Neighbours) -> Mask {
    Components::of(mask, neighbours).mask(|c| c == 0)
}

/// The component that holds a voxel; empty if the voxel is not in.
pub fn connected_to(mask: &Mask, seed: Voxel, neighbours: Neighbours) -> Mask {
    let components = Components::of(mask, neighbours);
    let seed = components.holding(seed);
    components.mask(|c| Some(c) == seed)
}

/// The mask with its holes filled: what is out and not connected by faces to the border of the grid.
pub fn fill_holes(mask: &Mask) -> Mask {
    let out = mask.inverted();
    let components = Components::of(&out, Neighbours::Six);
    let size = mask.grid.size;
    let mut filled = components.mask(|c| {
        let b = components.list[c].bounds;
        (0..3).all(|a| b.lo[a] > 0 && b.hi[a] < size[a])
    });
    filled.unite(mask);
    filled
}

/// The mask with the holes of every slice filled: what is out and not connected within the slice to its border.
pub fn fill_holes_in_slices(mask: &Mask) -> Mask {
    use rayon::prelude::*;
    let grid = mask.grid;
    let slices: Vec<Mask> = (0..grid.size[2])
        .into_par_iter()
        .map(|k| {
            let b = Bounds { lo: [0, 0, k], hi: [grid.size[0], grid.size[1], k + 1] };
            let out = mask.crop_slice(k).inverted();
            debug_assert_eq!(out.grid.size, grid.crop(b).size);
            let components = Components::of(&out, Neighbours::Six);
            components.mask(|c| {
                let b = components.list[c].bounds;
                (0..2).all(|a| b.lo[a] > 0 && b.hi[a] < grid.size[a])
            })
        })
        .collect();
    let mut filled = mask.clone();
    for (k, holes) in slices.iter().enumerate() {
        for j in 0..grid.size[1] {
            for (a, b) in filled.row_mut(j, k).iter_mut().zip(holes.row(j, 0)) {
                *a |= *b;
            }
        }
    }
    filled
}

fn find(parent: &mut [u32], mut n: u32) -> u32 {
    while parent[n as usize] != n {
        parent[n as usize] = parent[parent[n as usize] as usize];
        n = parent[n as usize];
    }
    n
}

fn unite(parent: &mut [u32], a: u32, b: u32) {
    let (a, b) = (find(parent, a), find(parent, b));
    // The earlier run is the root, so that the result does not depend on the order of unions.
    parent[a.max(b) as usize] = a.min(b);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Grid, Lps};
    use glam::{DMat3, DVec3};
    use proptest::prelude::*;

    fn flood(mask: &Mask, seed: Voxel, corners: bool) -> Mask {
        let mut seen = Mask::empty(mask.grid);
        let mut todo = vec![seed];
        seen.set(seed, true);
        while let Some(v) = todo.pop() {
            for n in 0..27isize {
                let d = [n % 3 - 1, n / 3 % 3 - 1, n / 9 - 1];
                if !corners && d.iter().map(|x| x.abs()).sum::<isize>() != 1 {
                    continue;
                }
                let x = [v.i as isize + d[0], v.j as isize + d[1], v.k as isize + d[2]];
                if (0..3).all(|a| x[a] >= 0 && x[a] < mask.grid.size[a] as isize) {
                    let w = Voxel::new(x[0] as usize, x[1] as usize, x[2] as usize);
                    if mask.get(w) && !seen.get(w) {
                        seen.set(w, true);
                        todo.push(w);
                    }
                }
            }
        }
        seen
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn components_are_what_a_flood_reaches(bits in prop::collection::vec(any::<bool>(), 9 * 6 * 5), corners in any::<bool>()) {
            let grid = Grid { size: [9, 6, 5], spacing: DVec3::ONE, origin: Lps::default(), axes: DMat3::IDENTITY };
            let mask = Mask::from_fn(grid, |o| bits[o]);
            let neighbours = if corners { Neighbours::TwentySix } else { Neighbours::Six };
            let components = Components::of(&mask, neighbours);
            prop_assert_eq!(components.list.iter().map(|c| c.voxels).sum::<usize>(), mask.count());
            for (n, c) in components.list.iter().enumerate() {
                prop_assert_eq!(components.mask(|m| m == n), flood(&mask, c.first, corners));
            }
        }
    }
}
