//! JPEG extended: sequential DCT with Huffman codes, one component of 8 or 12 bits (ITU-T T.81 | ISO/IEC 10918-1);
//! section numbers are T.81's. No crate decodes 12 bits.
//!
//! The inverse transform is in floating point, so that its error is that of rounding alone: at most one unit off the
//! integer transforms of other decoders.

use super::header::Matrix;
use super::pixels::Fault;
use crate::terms::Code;
use std::f32::consts::PI;

/// Place in the block of the n-th coefficient of a scan (figure A.6).
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// Bits of a code that are looked up at once.
const QUICK: u32 = 9;

fn corrupt() -> Fault {
    Fault::Code(Code::Corrupt)
}

/// A Huffman table (annex C).
struct Codes {
    /// For the first `QUICK` bits: length of the code, its symbol; length 0 where it is longer.
    quick: Vec<(u8, u8)>,
    /// For each length 1 to 16: the first code, the place of its symbol, how many.
    of_length: [(u32, usize, u32); 17],
    symbols: Vec<u8>,
}

impl Codes {
    fn new(counts: &[u8], symbols: &[u8]) -> Option<Codes> {
        let mut of_length = [(0, 0, 0); 17];
        let mut quick = vec![(0, 0); 1 << QUICK];
        let (mut code, mut at) = (0u32, 0usize);
        for (length, count) in (1u32..).zip(counts) {
            let count = u32::from(*count);
            if code + count > 1 << length {
                return None;
            }
            of_length[length as usize] = (code, at, count);
            for n in 0..count {
                if length <= QUICK {
                    let from = ((code + n) << (QUICK - length)) as usize;
                    let symbol = *symbols.get(at + n as usize)?;
                    quick[from..from + (1 << (QUICK - length))].fill((length as u8, symbol));
                }
            }
            at += count as usize;
            code = (code + count) << 1;
        }
        Some(Codes { quick, of_length, symbols: symbols.get(..at)?.to_vec() })
    }
}

/// What the markers before the scan say.
struct Head {
    columns: usize,
    rows: usize,
    bits: u32,
    /// Quantisation, in the order of the scan.
    quant: [f32; 64],
    dc: Codes,
    ac: Codes,
    /// Blocks between restart markers; 0 for none.
    restart: usize,
    /// First byte of the coded data.
    data: usize,
}

/// Decodes a codestream into little-endian values of BitsAllocated.
pub(super) fn decode(stream: &[u8], matrix: &Matrix, to: &mut Vec<u8>) -> Result<(), Fault> {
    let head = head(stream)?.ok_or_else(corrupt)?;
    let width = usize::from(matrix.allocated / 8);
    let fits = head.columns == matrix.columns && head.rows == matrix.rows && head.bits <= u32::from(matrix.allocated);
    if !fits || !matches!(width, 1 | 2) || matrix.samples != 1 {
        return Err(corrupt());
    }
    let cosines = cosines();
    let top = (1u32 << head.bits) as f32;
    let mut bits = Bits { data: stream.get(head.data..).unwrap_or_default(), at: 0, held: 0, count: 0, ended: 0 };
    let across = head.columns.div_ceil(8);
    to.clear();
    to.resize(head.columns * head.rows * width, 0);
    let (mut last, mut done) = (0i32, 0usize);
    for by in 0..head.rows.div_ceil(8) {
        for bx in 0..across {
            if head.restart > 0 && done > 0 && done.is_multiple_of(head.restart) {
                bits.restart()?;
                last = 0;
            }
            done += 1;
            let block = block(&mut bits, &head, &mut last)?;
            let samples = transformed(&block, &cosines);
            for (y, row) in samples.chunks_exact(8).enumerate().take(head.rows - by * 8) {
                for (x, v) in row.iter().enumerate().take(head.columns - bx * 8) {
                    let v = (v + top / 2.0).round().clamp(0.0, top - 1.0) as u16;
                    let at = ((by * 8 + y) * head.columns + bx * 8 + x) * width;
                    to[at..at + width].copy_from_slice(&v.to_le_bytes()[..width]);
                }
            }
        }
    }
    Ok(())
}

/// Reads the markers up to the scan (annex B); `None` where they make no sense.
fn head(stream: &[u8]) -> Result<Option<Head>, Fault> {
    let unsupported = || Fault::Code(Code::TransferSyntaxUnsupported);
    let be16 = |at: usize| Some(u16::from_be_bytes([*stream.get(at)?, *stream.get(at + 1)?]));
    let (mut size, mut restart) = (None, 0);
    let mut quants: [Option<[f32; 64]>; 4] = [None; 4];
    let mut codes: [[Option<Codes>; 4]; 2] = Default::default();
    let mut read = || -> Option<Result<Head, Fault>> {
        if be16(0)? != 0xFFD8 {
            return None;
        }
        let mut at = 2;
        loop {
            let marker = be16(at)?;
            if marker == 0xFFFF {
                at += 1;
                continue;
            }
            if marker & 0xFF00 != 0xFF00 || marker == 0xFFD9 {
                return None;
            }
            let len = usize::from(be16(at + 2)?);
            let body = stream.get(at + 4..at + 2 + len)?;
            match marker & 0xFF {
                // Baseline and extended sequential frames (B.2.2).
                0xC0 | 0xC1 => {
                    let bits = u32::from(*body.first()?);
                    if !matches!(bits, 8 | 12) || *body.get(5)? != 1 {
                        return Some(Err(unsupported()));
                    }
                    size = Some((bits, usize::from(be16(at + 5)?), usize::from(be16(at + 7)?), *body.get(8)?));
                }
                // Progressive, arithmetic and hierarchical ones.
                0xC2..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => return Some(Err(unsupported())),
                // Huffman tables (B.2.4.2).
                0xC4 => {
                    let mut rest = body;
                    while let [which, tail @ ..] = rest {
                        let counts = tail.get(..16)?;
                        let n: usize = counts.iter().map(|c| usize::from(*c)).sum();
                        let symbols = tail.get(16..16 + n)?;
                        let table = codes.get_mut(usize::from(which >> 4))?.get_mut(usize::from(which & 15))?;
                        *table = Some(Codes::new(counts, symbols)?);
                        rest = &tail[16 + n..];
                    }
                }
                // Quantisation tables (B.2.4.1).
                0xDB => {
                    let mut rest = body;
                    while let [which, tail @ ..] = rest {
                        let wide = usize::from(which >> 4 > 0) + 1;
                        let values = tail.get(..64 * wide)?;
                        let value = |n: usize| match wide {
                            1 => f32::from(values[n]),
                            _ => f32::from(u16::from_be_bytes([values[2 * n], values[2 * n + 1]])),
                        };
                        *quants.get_mut(usize::from(which & 15))? = Some(std::array::from_fn(value));
                        rest = &tail[64 * wide..];
                    }
                }
                0xDD => restart = usize::from(be16(at + 4)?),
                // The scan (B.2.3): one component, all coefficients at once.
                0xDA => {
                    let (bits, rows, columns, quant) = size?;
                    if body.len() < 6 || body[0] != 1 || body[3..5] != [0, 63] {
                        return None;
                    }
                    let mut table = |class: usize, which: u8| codes[class].get_mut(usize::from(which))?.take();
                    return Some(Ok(Head {
                        columns,
                        rows,
                        bits,
                        quant: (*quants.get(usize::from(quant))?)?,
                        dc: table(0, body[2] >> 4)?,
                        ac: table(1, body[2] & 15)?,
                        restart,
                        data: at + 2 + len,
                    }));
                }
                _ => {}
            }
            at += 2 + len.max(2);
        }
    };
    read().transpose()
}

/// The coefficients of the next block, dequantised, in their places (F.2.2).
fn block(bits: &mut Bits<'_>, head: &Head, last: &mut i32) -> Result<[f32; 64], Fault> {
    let mut out = [0.0; 64];
    let size = bits.symbol(&head.dc)?;
    if size > 15 {
        return Err(corrupt());
    }
    *last = last.wrapping_add(bits.value(u32::from(size))?);
    out[0] = *last as f32 * head.quant[0];
    let mut k = 1;
    while k < 64 {
        let symbol = bits.symbol(&head.ac)?;
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 {
            // The end of the block, or sixteen zeros.
            if run < 15 {
                break;
            }
            k += 16;
            continue;
        }
        k += run;
        let place = *ZIGZAG.get(k).ok_or_else(corrupt)?;
        out[usize::from(place)] = bits.value(size)? as f32 * head.quant[k];
        k += 1;
    }
    Ok(out)
}

/// `c(u)/2 · cos((2x + 1)uπ/16)` by x, then u (A.3.3).
fn cosines() -> [[f32; 8]; 8] {
    let scale = |u: usize| if u == 0 { 0.5f32.sqrt() } else { 1.0 } / 2.0;
    std::array::from_fn(|x| std::array::from_fn(|u| scale(u) * ((2 * x + 1) as f32 * u as f32 * PI / 16.0).cos()))
}

/// The inverse transform (A.3.3), along the rows, then along the columns.
fn transformed(block: &[f32; 64], cosines: &[[f32; 8]; 8]) -> [f32; 64] {
    let mut rows = [0.0f32; 64];
    for (from, to) in block.chunks_exact(8).zip(rows.chunks_exact_mut(8)) {
        if from.iter().all(|c| *c == 0.0) {
            continue;
        }
        for (v, c) in to.iter_mut().zip(cosines) {
            *v = from.iter().zip(c).map(|(a, b)| a * b).sum();
        }
    }
    let mut out = [0.0f32; 64];
    for (to, c) in out.chunks_exact_mut(8).zip(cosines) {
        for (from, weight) in rows.chunks_exact(8).zip(c) {
            for (v, r) in to.iter_mut().zip(from) {
                *v += weight * r;
            }
        }
    }
    out
}

/// The coded bits; a zero after each 0xFF is stuffing (F.1.2.3), a marker ends them.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
    /// Bits handed out beyond the end.
    ended: u32,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 48 {
            let byte = match self.data.get(self.at) {
                Some(0xFF) if self.data.get(self.at + 1) == Some(&0) => {
                    self.at += 2;
                    0xFF
                }
                Some(byte) if *byte != 0xFF => {
                    self.at += 1;
                    *byte
                }
                // A marker or the end: zeros, counted.
                _ => {
                    self.ended += 8;
                    0
                }
            };
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The next `n` bits, at most 16, that stay.
    fn peek(&mut self, n: u32) -> u32 {
        if self.count < n {
            self.fill();
        }
        (self.held >> (self.count - n)) as u32 & ((1 << n) - 1)
    }

    fn skip(&mut self, n: u32) -> Result<(), Fault> {
        self.count -= n;
        // What is held has to hold all that was never there.
        if self.ended > self.count { Err(Fault::Code(Code::Truncated)) } else { Ok(()) }
    }

    fn symbol(&mut self, codes: &Codes) -> Result<u8, Fault> {
        let all = self.peek(16);
        let (length, symbol) = codes.quick[(all >> (16 - QUICK)) as usize];
        if length > 0 {
            self.skip(u32::from(length))?;
            return Ok(symbol);
        }
        for length in QUICK + 1..=16 {
            let (first, at, count) = codes.of_length[length as usize];
            let code = all >> (16 - length);
            if code >= first && code - first < count {
                self.skip(length)?;
                return Ok(codes.symbols[at + (code - first) as usize]);
            }
        }
        Err(corrupt())
    }

    /// A signed value of `n` bits (F.2.2.1, EXTEND).
    fn value(&mut self, n: u32) -> Result<i32, Fault> {
        if n == 0 {
            return Ok(0);
        }
        let v = self.peek(n) as i32;
        self.skip(n)?;
        Ok(if v < 1 << (n - 1) { v - (1 << n) + 1 } else { v })
    }

    /// Goes to behind the next restart marker (E.2.4).
    fn restart(&mut self) -> Result<(), Fault> {
        (self.held, self.count, self.ended) = (0, 0, 0);
        while self.data.get(self.at..self.at + 2) == Some(&[0xFF, 0xFF]) {
            self.at += 1;
        }
        match self.data.get(self.at..self.at + 2) {
            Some([0xFF, 0xD0..=0xD7]) => {
                self.at += 2;
                Ok(())
            }
            _ => Err(corrupt()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(columns: usize, rows: usize, allocated: u16) -> Matrix {
        let stored = if allocated == 8 { 8 } else { 12 };
        Matrix {
            rows,
            columns,
            samples: 1,
            allocated,
            stored,
            high_bit: stored - 1,
            signed: false,
            frames: 1,
            padding: None,
        }
    }

    /// Writes bits, most significant first, with stuffing.
    #[derive(Default)]
    struct Writer {
        out: Vec<u8>,
        held: u32,
        count: u32,
    }

    impl Writer {
        fn put(&mut self, value: u32, n: u32) {
            for bit in (0..n).rev() {
                self.held = self.held << 1 | (value >> bit & 1);
                self.count += 1;
                if self.count == 8 {
                    self.out.push(self.held as u8);
                    if self.held == 0xFF {
                        self.out.push(0);
                    }
                    (self.held, self.count) = (0, 0);
                }
            }
        }

        fn end(&mut self) {
            while self.count > 0 {
                self.put(1, 1);
            }
        }

        /// A value's size and bits (table F.1).
        fn value(&mut self, v: i32) {
            let n = 32 - v.unsigned_abs().leading_zeros();
            self.put((if v < 0 { v - 1 } else { v }) as u32 & ((1 << n) - 1), n);
        }

        /// Symbols below 100 have codes of 8 bits, others of 12: the one is looked up, the other searched.
        fn symbol(&mut self, s: u32) {
            if s < 100 { self.put(s, 8) } else { self.put((100 << 4) + s - 100, 12) }
        }
    }

    /// An encoder that loses no more than the rounding of its coefficients.
    fn encoded(samples: &[u16], columns: usize, rows: usize, bits: u8, restart: u16) -> Vec<u8> {
        let mut out = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
        out.extend([1; 64]);
        out.extend([0xFF, 0xC1, 0, 11, bits]);
        out.extend([(rows as u16).to_be_bytes(), (columns as u16).to_be_bytes()].concat());
        out.extend([1, 7, 0x11, 0]);
        for class in [0, 0x10] {
            out.extend([0xFF, 0xC4, 1, 19]);
            let mut counts = [0u8; 17];
            (counts[0], counts[8], counts[12]) = (class, 100, 156);
            out.extend(counts);
            out.extend(0..=255u8);
        }
        out.extend([0xFF, 0xDD, 0, 4]);
        out.extend(restart.to_be_bytes());
        out.extend([0xFF, 0xDA, 0, 8, 1, 7, 0, 0, 63, 0]);
        let (cosines, mut w) = (cosines(), Writer::default());
        let (mut last, mut done) = (0, 0);
        for by in 0..rows.div_ceil(8) {
            for bx in 0..columns.div_ceil(8) {
                if restart > 0 && done > 0 && done % usize::from(restart) == 0 {
                    w.end();
                    w.out.extend([0xFF, 0xD0 + ((done / usize::from(restart) - 1) % 8) as u8]);
                    last = 0;
                }
                done += 1;
                let sample = |x: usize, y: usize| {
                    let (x, y) = ((bx * 8 + x).min(columns - 1), (by * 8 + y).min(rows - 1));
                    f32::from(samples[y * columns + x]) - f32::from(1u16 << (bits - 1))
                };
                let coefficient = |place: usize| {
                    let (u, v) = (place % 8, place / 8);
                    let of = |n: usize| sample(n % 8, n / 8) * cosines[n % 8][u] * cosines[n / 8][v];
                    (0..64).map(of).sum::<f32>().round() as i32
                };
                let dc = coefficient(0);
                let step = dc - last;
                last = dc;
                w.symbol(32 - step.unsigned_abs().leading_zeros());
                w.value(step);
                let mut run = 0;
                for place in &ZIGZAG[1..] {
                    let c = coefficient(usize::from(*place));
                    if c == 0 {
                        run += 1;
                        continue;
                    }
                    while run > 15 {
                        w.symbol(0xF0);
                        run -= 16;
                    }
                    w.symbol(run << 4 | (32 - c.unsigned_abs().leading_zeros()));
                    w.value(c);
                    run = 0;
                }
                if run > 0 {
                    w.symbol(0);
                }
            }
        }
        w.end();
        out.extend(w.out);
        out.extend([0xFF, 0xD9]);
        out
    }

    #[test]
    fn samples_of_eight_and_twelve_bits_come_back_within_the_rounding_of_their_coefficients() {
        for (bits, allocated, restart) in [(12u8, 16u16, 0u16), (12, 16, 5), (8, 8, 0), (8, 16, 3)] {
            let (columns, rows) = (61, 45);
            let top = (1u32 << bits) - 1;
            // Smooth, with an edge from least to most, and what repeats nowhere.
            let sample = |n: usize| {
                let (x, y) = (n % columns, n / columns);
                let smooth = f64::from(top) * (0.5 + 0.4 * (x as f64 / 9.0).sin() * (y as f64 / 7.0).cos());
                match x {
                    0..30 => smooth as u16,
                    30..45 => {
                        if y > 20 {
                            top as u16
                        } else {
                            0
                        }
                    }
                    _ => ((n * 7919) as u32 % (top + 1)) as u16,
                }
            };
            let samples: Vec<u16> = (0..columns * rows).map(sample).collect();
            let stream = encoded(&samples, columns, rows, bits, restart);
            let mut out = Vec::new();
            decode(&stream, &matrix(columns, rows, allocated), &mut out).unwrap();
            let got: Vec<u16> = match allocated {
                8 => out.iter().map(|v| u16::from(*v)).collect(),
                _ => out.chunks_exact(2).map(|v| u16::from_le_bytes([v[0], v[1]])).collect(),
            };
            let worst = got.iter().zip(&samples).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(got.len() == samples.len() && worst <= 2, "{bits} bits: {worst}");
        }
    }

    #[test]
    fn a_cut_stream_another_size_and_a_progressive_frame_are_errors() {
        let samples: Vec<u16> = (0..24 * 16).map(|n| (n * 531 % 4096) as u16).collect();
        let stream = encoded(&samples, 24, 16, 12, 2);
        let m = matrix(24, 16, 16);
        for n in 0..stream.len() - 3 {
            assert!(decode(&stream[..n], &m, &mut Vec::new()).is_err(), "{n} bytes");
        }
        assert!(decode(&stream, &matrix(16, 24, 16), &mut Vec::new()).is_err());
        let mut progressive = stream;
        let at = progressive.windows(2).position(|w| w == [0xFF, 0xC1]).unwrap();
        progressive[at + 1] = 0xC2;
        let fault = decode(&progressive, &m, &mut Vec::new());
        assert!(matches!(fault, Err(Fault::Code(Code::TransferSyntaxUnsupported))));
    }
}
