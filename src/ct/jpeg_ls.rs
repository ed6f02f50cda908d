//! JPEG-LS of one component, lossless and near-lossless (ITU-T T.87 | ISO/IEC 14495-1); section numbers are T.87's.
//!
//! The caller has held the frame header's size against the image's. What follows the last sample is not looked at, so that
//! padding before the end marker, which some encoders write, does no harm.

use super::header::Matrix;
use super::pixels::Fault;
use crate::terms::Code;

/// Order of run lengths (A.2.1).
const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// What frame header, preset parameters and scan header say.
struct Head {
    columns: usize,
    rows: usize,
    bits: u32,
    max: i32,
    near: i32,
    thresholds: [i32; 3],
    reset: i32,
    /// First byte of the coded data.
    data: usize,
}

fn corrupt() -> Fault {
    Fault::Code(Code::Corrupt)
}

/// Decodes a codestream into little-endian values of BitsAllocated.
pub(super) fn decode(stream: &[u8], matrix: &Matrix, to: &mut Vec<u8>) -> Result<(), Fault> {
    let head = head(stream)?;
    if head.columns != matrix.columns || head.rows != matrix.rows || head.bits > u32::from(matrix.allocated) {
        return Err(corrupt());
    }
    let mut scan = Scan::new(&head, stream.get(head.data..).unwrap_or_default());
    let width = usize::from(matrix.allocated / 8);
    if !matches!(width, 1 | 2) {
        return Err(corrupt());
    }
    to.clear();
    to.reserve_exact(head.columns * head.rows * width);
    let n = head.columns;
    // One sample beyond each end: see `Scan::line`.
    let mut above = vec![0i32; n + 2];
    let mut line = vec![0i32; n + 2];
    for _ in 0..head.rows {
        line[0] = above[1];
        above[n + 1] = above[n];
        scan.line(&above, &mut line, n)?;
        if width == 1 {
            to.extend(line[1..=n].iter().map(|v| *v as u8));
        } else {
            to.extend(line[1..=n].iter().flat_map(|v| (*v as u16).to_le_bytes()));
        }
        std::mem::swap(&mut above, &mut line);
    }
    Ok(())
}

/// Reads the markers up to the scan (annex C).
fn head(stream: &[u8]) -> Result<Head, Fault> {
    let be16 =
        |at: usize| -> Option<i32> { Some(i32::from(u16::from_be_bytes([*stream.get(at)?, *stream.get(at + 1)?]))) };
    let read = || -> Option<Result<Head, Fault>> {
        if be16(0)? != 0xFFD8 {
            return None;
        }
        let mut at = 2;
        let (mut size, mut preset) = (None, [0i32; 5]);
        loop {
            let marker = be16(at)?;
            if marker == 0xFFFF {
                at += 1;
                continue;
            }
            let len = be16(at + 2)? as usize;
            match marker {
                0xFFF7 => {
                    let bits = u32::from(*stream.get(at + 4)?);
                    let one = *stream.get(at + 9)? == 1;
                    if !(2..=16).contains(&bits) || !one {
                        return None;
                    }
                    size = Some((bits, be16(at + 5)? as usize, be16(at + 7)? as usize));
                }
                // Preset parameters; tables and oversize images are not for CT.
                0xFFF8 => {
                    if *stream.get(at + 4)? != 1 {
                        return Some(Err(Fault::Code(Code::TransferSyntaxUnsupported)));
                    }
                    for (n, p) in preset.iter_mut().enumerate() {
                        *p = be16(at + 5 + 2 * n)?;
                    }
                }
                // Restart intervals: met nowhere in CT.
                0xFFDD => return Some(Err(Fault::Code(Code::TransferSyntaxUnsupported))),
                0xFFDA => {
                    let (bits, rows, columns) = size?;
                    let near = i32::from(*stream.get(at + 7)?);
                    let max = if preset[0] > 0 { preset[0] } else { (1 << bits) - 1 };
                    if *stream.get(at + 4)? != 1 || max >= 1 << bits || near > 255.min(max / 2) {
                        return None;
                    }
                    let thresholds = thresholds(max, near, [preset[1], preset[2], preset[3]])?;
                    let reset = if preset[4] > 0 { preset[4] } else { 64 };
                    let data = at + 2 + len;
                    return Some(Ok(Head { columns, rows, bits, max, near, thresholds, reset, data }));
                }
                m if m & 0xFF00 != 0xFF00 || m == 0xFFD9 => return None,
                _ => {}
            }
            at += 2 + len.max(2);
        }
    };
    read().unwrap_or(Err(corrupt()))
}

/// The thresholds given, or the default ones (C.2.4.1.1.1).
fn thresholds(max: i32, near: i32, given: [i32; 3]) -> Option<[i32; 3]> {
    let clamp = |i: i32, j: i32| if i > max || i < j { j } else { i };
    let basic = if max >= 128 {
        let f = (max.min(4095) + 128) / 256;
        [f + 2 + 3 * near, 4 * f + 3 + 5 * near, 17 * f + 4 + 7 * near]
    } else {
        let f = 256 / (max + 1);
        [(3 / f + 3 * near).max(2), (7 / f + 5 * near).max(3), (21 / f + 7 * near).max(4)]
    };
    let mut out = [0; 3];
    let mut least = near + 1;
    for n in 0..3 {
        out[n] = if given[n] > 0 { given[n] } else { clamp(basic[n], least) };
        if out[n] < least || out[n] > max.max(least) {
            return None;
        }
        least = out[n];
    }
    Some(out)
}

/// Statistics of one context (A.2.1).
#[derive(Clone, Copy)]
struct Context {
    a: i32,
    b: i32,
    c: i32,
    n: i32,
}

/// Statistics of run interruption (A.7.2).
#[derive(Clone, Copy)]
struct Interruption {
    a: i32,
    n: i32,
    negative: i32,
}

struct Scan<'a> {
    bits: Bits<'a>,
    max: i32,
    near: i32,
    /// 2 · near + 1.
    step: i32,
    range: i32,
    qbpp: u32,
    limit: u32,
    reset: i32,
    /// Quantised gradients (A.3.3), for −max..=max.
    gradient: Vec<i8>,
    contexts: Vec<Context>,
    interruptions: [Interruption; 2],
    run: usize,
}

impl<'a> Scan<'a> {
    fn new(head: &Head, data: &'a [u8]) -> Scan<'a> {
        let Head { max, near, .. } = *head;
        let step = 2 * near + 1;
        let range = (max + 2 * near) / step + 1;
        let qbpp = 32 - ((range - 1) as u32).leading_zeros();
        let bpp = (32 - (max as u32).leading_zeros()).max(2);
        let limit = 2 * (bpp + bpp.max(8));
        let [t1, t2, t3] = head.thresholds;
        let quantised = |d: i32| -> i8 {
            let q = match d.abs() {
                x if x >= t3 => 4,
                x if x >= t2 => 3,
                x if x >= t1 => 2,
                x if x > near => 1,
                _ => 0,
            };
            if d < 0 { -q } else { q }
        };
        let a = ((range + 32) / 64).max(2);
        Scan {
            bits: Bits { data, at: 0, cache: 0, have: 0, after_ff: false, invented: 0 },
            max,
            near,
            step,
            range,
            qbpp,
            limit,
            reset: head.reset,
            gradient: (-max..=max).map(quantised).collect(),
            contexts: vec![Context { a, b: 0, c: 0, n: 1 }; 365],
            interruptions: [Interruption { a, n: 1, negative: 0 }; 2],
            run: 0,
        }
    }

    /// Decodes `n` samples into line[1..=n]; `line[0]` and above[0], above[n + 1] hold what stands beyond the ends (A.2.1).
    fn line(&mut self, above: &[i32], line: &mut [i32], n: usize) -> Result<(), Fault> {
        let mut x = 1;
        while x <= n {
            let (a, b, c, d) = (line[x - 1], above[x], above[x - 1], above[x + 1]);
            let quantised = |d: i32| i32::from(self.gradient[(d + self.max) as usize]);
            let q = 81 * quantised(d - b) + 9 * quantised(b - c) + quantised(c - a);
            if q == 0 {
                x = self.run(above, line, x, n)?;
                continue;
            }
            let (sign, place) = if q < 0 { (-1, (-q) as usize) } else { (1, q as usize) };
            // Median edge detector (A.4.1).
            let (low, high) = (a.min(b), a.max(b));
            let guess = if c >= high {
                low
            } else if c <= low {
                high
            } else {
                a + b - c
            };
            let context = self.contexts[place];
            let guess = (guess + sign * context.c).clamp(0, self.max);
            let mut k = 0;
            while (context.n << k) < context.a && k < 24 {
                k += 1;
            }
            let mapped = self.bits.golomb(k, self.limit, self.qbpp)?;
            let half = (mapped >> 1) as i32;
            let odd = mapped & 1 == 1;
            // Error mapping (A.5.2), turned round in the lossless case without a remainder.
            let turned = self.near == 0 && k == 0 && 2 * context.b <= -context.n;
            let error = match (turned, odd) {
                (false, false) => half,
                (false, true) => -half - 1,
                (true, true) => half,
                (true, false) => -half - 1,
            };
            self.learn(place, error);
            line[x] = self.rebuilt(guess, sign * error);
            x += 1;
        }
        Ok(())
    }

    /// A.6.
    fn learn(&mut self, place: usize, error: i32) {
        let c = &mut self.contexts[place];
        c.b += error * self.step;
        c.a += error.abs();
        if c.n == self.reset {
            c.a >>= 1;
            c.b >>= 1;
            c.n >>= 1;
        }
        c.n += 1;
        if c.b <= -c.n {
            c.b = (c.b + c.n).max(1 - c.n);
            c.c = (c.c - 1).max(-128);
        } else if c.b > 0 {
            c.b = (c.b - c.n).min(0);
            c.c = (c.c + 1).min(127);
        }
    }

    /// The sample from its prediction and error, modulo the range (A.4.4, A.4.5).
    fn rebuilt(&self, guess: i32, error: i32) -> i32 {
        let mut v = guess + error * self.step;
        let wide = self.range * self.step;
        if v < -self.near {
            v += wide;
        } else if v > self.max + self.near {
            v -= wide;
        }
        v.clamp(0, self.max)
    }

    /// A run from `x` on, with the sample that ends it (A.7); the next x.
    fn run(&mut self, above: &[i32], line: &mut [i32], x: usize, n: usize) -> Result<usize, Fault> {
        let value = line[x - 1];
        let mut at = x;
        while self.bits.take(1)? == 1 {
            let count = 1usize << J[self.run];
            let end = (at + count).min(n + 1);
            line[at..end].fill(value);
            if at + count <= n + 1 {
                self.run = (self.run + 1).min(31);
            }
            at = end;
            if at > n {
                return Ok(at);
            }
        }
        let count = self.bits.take(J[self.run])? as usize;
        let end = at + count;
        if end > n {
            return Err(corrupt());
        }
        line[at..end].fill(value);
        let b = above[end];
        let alike = (value - b).abs() <= self.near;
        let error = self.interruption(usize::from(alike))?;
        let sign = if !alike && b < value { -1 } else { 1 };
        line[end] = self.rebuilt(if alike { value } else { b }, sign * error);
        self.run = self.run.saturating_sub(1);
        Ok(end + 1)
    }

    /// The error of the sample that ends a run; kind 1 where its neighbours are alike (A.7.2).
    fn interruption(&mut self, kind: usize) -> Result<i32, Fault> {
        let c = self.interruptions[kind];
        let kind_bit = kind as i32;
        let temp = c.a + (c.n >> 1) * kind_bit;
        let mut k = 0;
        while (c.n << k) < temp && k < 24 {
            k += 1;
        }
        let mapped = self.bits.golomb(k, self.limit - J[self.run] - 1, self.qbpp)? as i32;
        let temp = mapped + kind_bit;
        let odd = temp & 1 == 1;
        let size = (temp + i32::from(odd)) / 2;
        let error = if (k != 0 || 2 * c.negative >= c.n) == odd { -size } else { size };
        let c = &mut self.interruptions[kind];
        if error < 0 {
            c.negative += 1;
        }
        c.a += (mapped + 1 - kind_bit) >> 1;
        if c.n == self.reset {
            c.a >>= 1;
            c.n >>= 1;
            c.negative >>= 1;
        }
        c.n += 1;
        Ok(error)
    }
}

/// Bits of the coded data, high first; after a byte 0xFF the next one holds seven (A.1).
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, left-aligned.
    cache: u64,
    have: u32,
    after_ff: bool,
    /// Zero bits handed out beyond the end.
    invented: u32,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.have <= 56 {
            let byte = match self.data.get(self.at) {
                // A marker ends the data.
                Some(b) if !(self.after_ff && *b >= 0x80) => *b,
                _ => {
                    self.invented += 8;
                    self.have += 8;
                    continue;
                }
            };
            self.at += 1;
            let width = if self.after_ff { 7 } else { 8 };
            self.cache |= u64::from(byte) << (64 - width - self.have);
            self.have += width;
            self.after_ff = byte == 0xFF;
        }
    }

    /// `n` bits, up to 32.
    fn take(&mut self, n: u32) -> Result<u32, Fault> {
        if n == 0 {
            return Ok(0);
        }
        if self.have < n {
            self.fill();
        }
        let v = (self.cache >> (64 - n)) as u32;
        self.drop(n)?;
        Ok(v)
    }

    fn drop(&mut self, n: u32) -> Result<(), Fault> {
        self.cache <<= n;
        self.have -= n;
        // Bits that are not there were used.
        if self.have < self.invented { Err(Fault::Code(Code::Truncated)) } else { Ok(()) }
    }

    /// A limited-length Golomb code (A.5.3).
    fn golomb(&mut self, k: u32, limit: u32, qbpp: u32) -> Result<u32, Fault> {
        if self.have < 48 {
            self.fill();
        }
        let most = limit.checked_sub(qbpp + 1).ok_or_else(corrupt)?;
        let mut zeros = self.cache.leading_zeros();
        if zeros >= self.have.min(48) {
            // Longer than what is at hand: bit by bit.
            zeros = 0;
            while self.take(1)? == 0 {
                zeros += 1;
                if zeros > most {
                    return Err(corrupt());
                }
            }
        } else {
            self.drop(zeros + 1)?;
        }
        if zeros >= most {
            return if zeros == most { Ok(self.take(qbpp)? + 1) } else { Err(corrupt()) };
        }
        Ok((zeros << k) + self.take(k)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix() -> Matrix {
        Matrix {
            rows: 4,
            columns: 4,
            samples: 1,
            allocated: 8,
            stored: 8,
            high_bit: 7,
            signed: false,
            frames: 1,
            padding: None,
        }
    }

    /// The example of T.87, annex H.3.
    const EXAMPLE: [u8; 45] = [
        0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0, 4, 0, 4, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, 0xC0, 0, 0,
        0x6C, 0x80, 0x20, 0x8E, 0x01, 0xC0, 0, 0, 0x57, 0x40, 0, 0, 0x6E, 0xE6, 0, 0, 1,
    ];

    #[test]
    fn the_standards_own_example_comes_out() {
        let mut stream = EXAMPLE.to_vec();
        stream.extend([0xBC, 0x18, 0, 0, 5, 0xD8, 0, 0, 0x91, 0x60, 0xFF, 0xD9]);
        let mut out = Vec::new();
        decode(&stream, &matrix(), &mut out).unwrap();
        assert_eq!(out, [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145]);
        for n in 0..stream.len() - 4 {
            assert!(decode(&stream[..n], &matrix(), &mut Vec::new()).is_err());
        }
    }
}
