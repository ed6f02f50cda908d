//! Contours of a field on a plane raster, by marching squares.

/// A closed or open polyline in raster coordinates: pixel centres are whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Polyline {
    /// The points, (x, y).
    pub points: Vec<[f64; 2]>,
    /// Whether the last point joins the first.
    pub closed: bool,
}

/// The lines where `field` (row-major, `width` × `height`) equals `level`, linear between pixel centres. A saddle is
/// decided by the mean of its four corners. With `outside`, a border of that value is laid around the raster, so that
/// contours close at its edge.
pub fn isolines(field: &[f32], width: usize, height: usize, level: f32, outside: Option<f32>) -> Vec<Polyline> {
    use std::collections::HashMap;
    if let Some(value) = outside {
        let (w, h) = (width + 2, height + 2);
        let mut padded = vec![value; w * h];
        for y in 0..height {
            padded[(y + 1) * w + 1..(y + 1) * w + 1 + width].copy_from_slice(&field[y * width..(y + 1) * width]);
        }
        let mut lines = isolines(&padded, w, h, level, None);
        for line in &mut lines {
            for p in &mut line.points {
                p[0] -= 1.0;
                p[1] -= 1.0;
            }
        }
        return lines;
    }
    if width < 2 || height < 2 {
        return Vec::new();
    }
    // An edge of the raster: its lower pixel, and whether it goes down (1) or right (0).
    type Edge = (usize, u8);
    let point = |e: Edge| -> [f64; 2] {
        let (o, down) = e;
        let other = if down == 1 { o + width } else { o + 1 };
        let (a, b) = (f64::from(field[o]), f64::from(field[other]));
        let t = if (b - a).abs() < 1e-12 { 0.5 } else { ((f64::from(level) - a) / (b - a)).clamp(0.0, 1.0) };
        let (x, y) = ((o % width) as f64, (o / width) as f64);
        if down == 1 { [x, y + t] } else { [x + t, y] }
    };
    let mut next: HashMap<Edge, Vec<Edge>> = HashMap::new();
    let mut order: Vec<Edge> = Vec::new();
    let mut join = |a: Edge, b: Edge| {
        for (from, to) in [(a, b), (b, a)] {
            let list = next.entry(from).or_default();
            if list.is_empty() {
                order.push(from);
            }
            list.push(to);
        }
    };
    for y in 0..height - 1 {
        for x in 0..width - 1 {
            let o = y * width + x;
            let corner = [field[o], field[o + 1], field[o + width + 1], field[o + width]];
            let case = (0..4).fold(0, |c, n| c | usize::from(corner[n] > level) << n);
            let (top, right, bottom, left): (Edge, Edge, Edge, Edge) = ((o, 0), (o + 1, 1), (o + width, 0), (o, 1));
            match case {
                0 | 15 => {}
                1 | 14 => join(left, top),
                2 | 13 => join(top, right),
                4 | 11 => join(right, bottom),
                8 | 7 => join(bottom, left),
                3 | 12 => join(left, right),
                6 | 9 => join(top, bottom),
                _ => {
                    let high = corner.iter().sum::<f32>() / 4.0 > level;
                    if (case == 5) == high {
                        join(left, bottom);
                        join(top, right);
                    } else {
                        join(left, top);
                        join(right, bottom);
                    }
                }
            }
        }
    }
    let mut lines = Vec::new();
    let mut used: std::collections::HashSet<Edge> = std::collections::HashSet::new();
    // Open lines first, from their ends, then the closed ones.
    let ends: Vec<Edge> = order.iter().copied().filter(|e| next[e].len() == 1).collect();
    for start in ends.into_iter().chain(order.iter().copied()) {
        if used.contains(&start) {
            continue;
        }
        let closed = next[&start].len() == 2;
        let mut edges = vec![start];
        used.insert(start);
        let mut at = start;
        while let Some(&to) = next[&at].iter().find(|e| !used.contains(*e)) {
            used.insert(to);
            edges.push(to);
            at = to;
        }
        lines.push(Polyline { points: edges.into_iter().map(point).collect(), closed });
    }
    lines
}

/// Area inside a closed polyline, by the shoelace formula, in raster units squared.
pub fn area(line: &Polyline) -> f64 {
    let n = line.points.len();
    (0..n)
        .map(|i| {
            let (a, b) = (line.points[i], line.points[(i + 1) % n]);
            a[0] * b[1] - b[0] * a[1]
        })
        .sum::<f64>()
        .abs()
        / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_has_its_area_and_is_closed() {
        let (w, h) = (60, 50);
        let field: Vec<f32> = (0..w * h)
            .map(|o| {
                let (x, y) = ((o % w) as f32 - 29.3, (o / w) as f32 - 24.8);
                15.0 - x.hypot(y)
            })
            .collect();
        let lines = isolines(&field, w, h, 0.0, None);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].closed);
        let truth = std::f64::consts::PI * 15.0 * 15.0;
        assert!((area(&lines[0]) / truth - 1.0).abs() < 0.003);
    }

    #[test]
    fn a_blob_at_the_edge_is_closed_by_the_border() {
        let field = vec![1.0f32; 12];
        let lines = isolines(&field, 4, 3, 0.5, Some(0.0));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].closed);
    }
}
