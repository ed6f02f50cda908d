//! How near a line comes to a structure that is far from it, exactly: by cells of some voxels, those that cannot be nearest
//! left out unseen.

use super::shaft::Line;
use crate::space::{Lps, Mask};
use glam::DVec3;

/// Voxels of a cell along a row; a byte of the mask's bits.
const ALONG: usize = 8;

/// The cells of a mask that hold a voxel.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    /// Voxels of a cell along i, j, k.
    size: [usize; 3],
    /// First voxel of each.
    list: Vec<[u32; 3]>,
    /// No point of a cell is farther from its middle, mm.
    half_mm: f64,
}

impl Cells {
    /// The cells of `mask`, about as deep as wide.
    pub(super) fn of(mask: &Mask) -> Cells {
        let grid = &mask.grid;
        let s = grid.spacing;
        let like = |mm: f64| ((ALONG as f64 * s.x / mm).round() as usize).clamp(1, 16);
        let size = [ALONG, like(s.y), like(s.z)];
        let [nx, ny, nz] = grid.size;
        let across = nx.div_ceil(ALONG);
        let mut list = Vec::new();
        let mut full = vec![false; across];
        for k0 in (0..nz).step_by(size[2]) {
            for j0 in (0..ny).step_by(size[1]) {
                full.fill(false);
                for k in k0..(k0 + size[2]).min(nz) {
                    for j in j0..(j0 + size[1]).min(ny) {
                        for (w, word) in mask.row(j, k).iter().enumerate().filter(|(_, word)| **word != 0) {
                            for (b, byte) in word.to_le_bytes().into_iter().enumerate() {
                                if byte != 0 {
                                    full[w * 8 + b] = true;
                                }
                            }
                        }
                    }
                }
                let cells = full.iter().enumerate().filter(|(_, f)| **f);
                list.extend(cells.map(|(n, _)| [(n * ALONG) as u32, j0 as u32, k0 as u32]));
            }
        }
        let half = DVec3::from(size.map(|n| n as f64)) * s / 2.0;
        Cells { size, list, half_mm: half.length() }
    }

    /// The least distance from the parts of a line (from, to in mm) to the voxels of `mask`, of which these are the cells:
    /// (mm, where along the line). Never less than the truth, and for what is farther than the maps tell exact to some
    /// hundredths of a mm. `None` if there is no voxel or no part.
    pub(super) fn least(&self, mask: &Mask, line: &Line, parts: &[(f64, f64)]) -> Option<(f64, f64)> {
        let grid = &mask.grid;
        let middle = DVec3::from(self.size.map(|n| (n as f64 - 1.0) / 2.0));
        let mut near: Vec<(f64, usize)> = Vec::with_capacity(self.list.len());
        let mut least_most = f64::INFINITY;
        for (n, cell) in self.list.iter().enumerate() {
            let centre = grid.point(DVec3::from(cell.map(f64::from)) + middle);
            let (mm, _) = on_parts(line, parts, centre)?;
            near.push((mm - self.half_mm, n));
            least_most = least_most.min(mm + self.half_mm);
        }
        near.retain(|(least, _)| *least <= least_most);
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut best: Option<(f64, f64)> = None;
        for (least, n) in near {
            if best.is_some_and(|b| least >= b.0) {
                break;
            }
            let [i0, j0, k0] = self.list[n].map(|x| x as usize);
            for k in k0..(k0 + self.size[2]).min(grid.size[2]) {
                for j in j0..(j0 + self.size[1]).min(grid.size[1]) {
                    let byte = mask.row(j, k)[i0 >> 6] >> (i0 & 63) & 0xff;
                    for b in (0..ALONG).filter(|b| byte >> b & 1 == 1) {
                        let x = DVec3::new((i0 + b) as f64, j as f64, k as f64);
                        if let Some(d) = to_box(mask, line, parts, x)
                            && best.is_none_or(|b| d.0 < b.0)
                        {
                            best = Some(d);
                        }
                    }
                }
            }
        }
        best
    }
}

/// Distance of a point from the parts of a line, and where.
fn on_parts(line: &Line, parts: &[(f64, f64)], p: Lps) -> Option<(f64, f64)> {
    let s = (p - line.from).dot(line.direction);
    let each = parts.iter().map(|(from, to)| {
        let at = s.clamp(*from, *to);
        (line.at(at).distance(p), at)
    });
    each.min_by(|a, b| a.0.total_cmp(&b.0))
}

/// Distance of the voxel with its middle at index `x`, a box, from the parts of a line, and where: projections from the one
/// onto the other in turn, which both are convex (Cheney & Goldstein, Proc AMS 1959;10:448).
fn to_box(mask: &Mask, line: &Line, parts: &[(f64, f64)], x: DVec3) -> Option<(f64, f64)> {
    let grid = &mask.grid;
    let mut p = grid.point(x);
    let mut found = None;
    for _ in 0..3 {
        let (_, at) = on_parts(line, parts, p)?;
        let y = grid.index(line.at(at));
        p = grid.point(y.clamp(x - 0.5, x + 0.5));
        found = Some((line.at(at).distance(p), at));
    }
    found
}
