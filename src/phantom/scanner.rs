//! Shapes → HU and truth, as a scanner sees them: partial volume, blur, noise.
//!
//! Each voxel is sampled 2 × 2 × 2 times. HU are blurred in the plane by a Gaussian of FWHM 1.4 mm (a soft kernel,
//! choice) and along z by a slice profile wider than the slice distance; the truth of a voxel is what most of its
//! samples are. Noise is even in z and grained in the plane, 17 HU in the middle of the body.

use super::canvas::{Canvas, Shape};
use super::case::Case;
use super::chance;
use super::tissue::{LUNG, Tissue};
use crate::jobs::{Cancelled, Progress};
use crate::space::{Grid, LabelMap, Lps, Volume};
use crate::terms::{Pose, Structure};
use glam::{DMat3, DVec2, DVec3, dvec3};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// SD of the blur in the plane, mm: FWHM 1.4.
const BLUR_MM: f64 = 0.6;
/// Weights of the four half slices around a slice's middle.
const PROFILE: [f32; 4] = [0.12, 0.38, 0.38, 0.12];
/// SD of noise in the middle of the body and in the air around, HU.
const NOISE_HU: [f32; 2] = [17.0, 6.0];
/// Lung is denser where it hangs: HU per mm (about 40 HU from front to back).
const GRAVITY_HU_PER_MM: f64 = 0.28;
/// HU that scanners store: 12 bits from −1024.
const RANGE_HU: [f32; 2] = [-1024.0, 3071.0];
/// Planes are kept in eighths of a HU.
const EIGHTHS: f32 = 8.0;
/// Label of the first lesion in the truth; structures stand below.
pub(super) const FIRST_LESION_LABEL: u8 = 101;

/// Where the scan lies in the body and in the scanner.
pub(super) struct Frame {
    size: [usize; 3],
    spacing: DVec3,
    /// Body position of the sample voxel with the least x, y, z.
    first: DVec3,
    flipped: bool,
    /// From the body's frame to LPS.
    pub(super) shift: DVec3,
}

impl Frame {
    pub(super) fn of(case: &Case) -> Frame {
        let spacing = DVec3::from_array(case.spacing_mm);
        let size = case.size;
        let prone = case.pose == Pose::Prone;
        // The picture is centred so that body and table lie in it.
        let middle = dvec3(0.0, if prone { 4.0 } else { -12.0 }, -52.0);
        let half = spacing * dvec3(size[0] as f64 - 1.0, size[1] as f64 - 1.0, size[2] as f64 - 1.0) / 2.0;
        // No scanner has its origin at the carina.
        let shift = if prone { dvec3(-6.5, 131.0, -418.0) } else { dvec3(4.0, -147.0, -572.0) };
        Frame { size, spacing, first: middle - half, flipped: prone, shift }
    }

    /// The CT's grid. Prone, the scanner's rows run to the patient's right and its columns to his front.
    pub(super) fn grid(&self) -> Grid {
        let mut origin = self.first + self.shift;
        let mut axes = DMat3::IDENTITY;
        if self.flipped {
            origin.x += self.spacing.x * (self.size[0] as f64 - 1.0);
            origin.y += self.spacing.y * (self.size[1] as f64 - 1.0);
            axes = DMat3::from_cols(DVec3::NEG_X, DVec3::NEG_Y, DVec3::Z);
        }
        // To a millionth, so that what is written says the same.
        Grid { size: self.size, spacing: self.spacing, origin: Lps::from((origin * 1e6).round() / 1e6), axes }
    }

    /// Samples of half slice `n` (two per slice).
    fn canvas(&self, n: usize) -> Canvas {
        let step = self.spacing.truncate() / 2.0;
        let z = self.first.z + self.spacing.z * (n as f64 - 0.5) / 2.0;
        Canvas::new(self.first.truncate() - step / 2.0, step, [2 * self.size[0], 2 * self.size[1]], z)
    }
}

/// The structures in the order in which votes are counted: where as many samples speak for two and neither is at the
/// corner that decides, the most specific wins.
const RANKED: [Structure; 11] = [
    Structure::SpinalCanal,
    Structure::Bone,
    Structure::Airways,
    Structure::ContrastVessels,
    Structure::LungVessels,
    Structure::LeftLung,
    Structure::RightLung,
    Structure::Mediastinum,
    Structure::BelowDiaphragm,
    Structure::Body,
    Structure::Table,
];
/// Ranks: three lesions, the structures, air.
const RANKS: usize = 3 + RANKED.len() + 1;

fn rank(tissue: Tissue, contrast: bool) -> u8 {
    if let Some(n) = tissue.lesion_number() {
        return n as u8;
    }
    let place = tissue.structure(contrast).and_then(|s| RANKED.iter().position(|r| *r == s));
    place.map_or(RANKS - 1, |p| p + 3) as u8
}

fn label_of_rank(rank: usize) -> u8 {
    match rank {
        0..3 => FIRST_LESION_LABEL + rank as u8,
        r if r < RANKS - 1 => RANKED[r - 3].label(),
        _ => 0,
    }
}

/// One slice: two blurred planes and the truth.
struct Slice {
    planes: [Vec<i16>; 2],
    labels: Vec<u8>,
}

/// The scan of a case's shapes: HU and truth labels.
pub(super) fn scan(
    case: &Case,
    shapes: &[Box<dyn Shape>],
    progress: &Progress,
) -> Result<(Volume<i16>, LabelMap), Cancelled> {
    let frame = Frame::of(case);
    let n = frame.size[2];
    let done = AtomicUsize::new(0);
    let report = |share: f32, start: f32| {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        progress.report("stage-phantom", start + share * done as f32 / n as f32)
    };
    let slices: Vec<Slice> = (0..n)
        .into_par_iter()
        .map(|k| {
            report(0.85, 0.05)?;
            Ok(slice(case, &frame, shapes, k))
        })
        .collect::<Result<_, Cancelled>>()?;
    done.store(0, Ordering::Relaxed);
    let plane = |m: i64| {
        let m = m.clamp(0, 2 * n as i64 - 1) as usize;
        &slices[m / 2].planes[m % 2]
    };
    let area = frame.size[0] * frame.size[1];
    let mut hu = Volume::filled(frame.grid(), 0i16);
    hu.data.par_chunks_mut(area).enumerate().try_for_each(|(k, out)| {
        report(0.1, 0.9)?;
        let noise = noise(case, &frame, k);
        let around = [0, 1, 2, 3].map(|m| plane(2 * k as i64 - 1 + m));
        for (o, value) in out.iter_mut().enumerate() {
            let mean: f32 = (0..4).map(|m| PROFILE[m] * f32::from(around[m][o])).sum::<f32>() / EIGHTHS;
            *value = (mean + noise[o]).round().clamp(RANGE_HU[0], RANGE_HU[1]) as i16;
        }
        if frame.flipped {
            // Turned by half: first becomes last.
            out.reverse();
        }
        Ok(())
    })?;
    let mut truth = Volume::filled(frame.grid(), 0u8);
    for (out, slice) in truth.data.chunks_mut(area).zip(slices) {
        out.copy_from_slice(&slice.labels);
        if frame.flipped {
            out.reverse();
        }
    }
    Ok((hu, truth))
}

fn slice(case: &Case, frame: &Frame, shapes: &[Box<dyn Shape>], k: usize) -> Slice {
    let [nx, ny, _] = frame.size;
    let canvases = [0, 1].map(|m| {
        let mut canvas = frame.canvas(2 * k + m);
        canvas.paint(shapes);
        canvas
    });
    let planes = [0, 1].map(|m| blurred(case, frame, &canvases[m]));
    let ranks: Vec<u8> = (0..=u8::MAX).map(|b| rank(Tissue::of(b), case.contrast)).collect();
    let mut labels = vec![0u8; nx * ny];
    for j in 0..ny {
        for i in 0..nx {
            let mut votes = [0u8; RANKS];
            for canvas in &canvases {
                for row in [2 * j, 2 * j + 1] {
                    let o = row * 2 * nx + 2 * i;
                    votes[ranks[canvas.samples[o] as usize] as usize] += 1;
                    votes[ranks[canvas.samples[o + 1] as usize] as usize] += 1;
                }
            }
            // Of equals the one at a corner wins, alternately the first and the last, so that no structure gains by it.
            let corner = if (i + j + k).is_multiple_of(2) {
                canvases[0].samples[4 * j * nx + 2 * i]
            } else {
                canvases[1].samples[(4 * j + 2) * nx + 2 * i + 1]
            };
            let corner = usize::from(ranks[corner as usize]);
            let most = votes.iter().copied().max().unwrap_or(0);
            let best =
                if votes[corner] == most { corner } else { votes.iter().position(|v| *v == most).unwrap_or(corner) };
            labels[j * nx + i] = label_of_rank(best);
        }
    }
    Slice { planes, labels }
}

/// Weights of the six samples around a voxel's middle.
fn taps(spacing_mm: f64) -> [f32; 6] {
    let weights = [-1.25, -0.75, -0.25, 0.25, 0.75, 1.25].map(|at: f64| {
        let x = at * spacing_mm / BLUR_MM;
        (-0.5 * x * x).exp()
    });
    let sum: f64 = weights.iter().sum();
    weights.map(|w| (w / sum) as f32)
}

/// HU of a plane of samples, blurred, at the voxels' middles, in eighths.
fn blurred(case: &Case, frame: &Frame, canvas: &Canvas) -> Vec<i16> {
    let [nx, ny, _] = frame.size;
    let (wide, tall) = (2 * nx, 2 * ny);
    let table: Vec<f32> = (0..=u8::MAX).map(|b| Tissue::of(b).hu(case.contrast)).collect();
    let lung: Vec<bool> = (0..=u8::MAX).map(|b| LUNG.allows(b) && usize::from(b) < 64).collect();
    let down = if case.pose == Pose::Prone { -1.0 } else { 1.0 };
    let (tx, ty) = (taps(frame.spacing.x), taps(frame.spacing.y));
    let mut rows = vec![0f32; nx * tall];
    let mut line = vec![0f32; wide + 4];
    for j in 0..tall {
        let y = frame.first.y + frame.spacing.y * (j as f64 - 0.5) / 2.0;
        let hang = (down * y * GRAVITY_HU_PER_MM) as f32;
        let samples = &canvas.samples[j * wide..(j + 1) * wide];
        for (to, s) in line[2..].iter_mut().zip(samples) {
            *to = table[*s as usize] + if lung[*s as usize] { hang } else { 0.0 };
        }
        let first = line[2];
        line[..2].fill(first);
        let last = line[wide + 1];
        line[wide + 2..].fill(last);
        for i in 0..nx {
            let part = &line[2 * i..2 * i + 6];
            rows[j * nx + i] = (0..6).map(|t| tx[t] * part[t]).sum();
        }
    }
    let mut out = vec![0i16; nx * ny];
    for j in 0..ny {
        let part = [0, 1, 2, 3, 4, 5].map(|t| (2 * j + t).saturating_sub(2).min(tall - 1) * nx);
        for i in 0..nx {
            let value: f32 = (0..6).map(|t| ty[t] * rows[part[t] + i]).sum();
            out[j * nx + i] = (value * EIGHTHS).round() as i16;
        }
    }
    out
}

/// The noise of a slice, HU.
fn noise(case: &Case, frame: &Frame, k: usize) -> Vec<f32> {
    let [nx, ny, _] = frame.size;
    let (wide, tall) = (nx + 2, ny + 2);
    let base = (k * wide * tall) as u64;
    let seed = case.seed.wrapping_mul(0x0001_0001).wrapping_add(77);
    let white: Vec<f32> = (0..wide * tall).map(|o| chance::normal(seed, base + o as u64)).collect();
    // 1-2-1 both ways leaves 0.375 of the SD.
    let mut rows = vec![0f32; nx * tall];
    for j in 0..tall {
        for i in 0..nx {
            let w = &white[j * wide + i..];
            rows[j * nx + i] = 0.25 * w[0] + 0.5 * w[1] + 0.25 * w[2];
        }
    }
    let mut out = vec![0f32; nx * ny];
    for j in 0..ny {
        let y = frame.first.y + frame.spacing.y * j as f64;
        for i in 0..nx {
            let x = frame.first.x + frame.spacing.x * i as f64;
            let r2 = DVec2::new(x / 150.0, y / 115.0).length_squared() as f32;
            let sd = NOISE_HU[1] + (NOISE_HU[0] - NOISE_HU[1]) / (1.0 + r2 * r2);
            let grain = 0.25 * rows[j * nx + i] + 0.5 * rows[(j + 1) * nx + i] + 0.25 * rows[(j + 2) * nx + i];
            out[j * nx + i] = grain / 0.375 * sd;
        }
    }
    out
}
