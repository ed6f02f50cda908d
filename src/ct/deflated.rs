//! Deflated explicit VR little endian (PS3.5 A.5): everything after the meta group is one raw deflate stream. Inflated by
//! us, with caps, before it is screened like any other bytes.

use super::header::{self, Image, Refused};
use super::screen::{self, Preface, Stop};
use super::source::Entry;
use super::syntax::Coding;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use std::io::{self, Read};

/// Bytes of an inflated data set (choice).
const LARGEST: u64 = 1 << 30;
/// More than this many times its packed size, a data set of over 8 MiB is a bomb; CT pixels pack 2 to 4 times (choice).
const MOST_RATIO: u64 = 200;
const BOMB_SIZE: u64 = 8 << 20;

/// Where a deflated stream begins, and whether it carries a zlib header (not allowed, but met).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stream {
    start: u64,
    zlib: bool,
}

impl Stream {
    fn open(self, entry: &Entry) -> io::Result<Box<dyn Read>> {
        let raw = io::BufReader::with_capacity(1 << 16, entry.reader(self.start)?);
        Ok(if self.zlib { Box::new(ZlibDecoder::new(raw)) } else { Box::new(DeflateDecoder::new(raw)) })
    }

    /// The first `want` bytes inflated, and how many there are in all.
    fn head(self, entry: &Entry, want: usize) -> Result<(Vec<u8>, u64), Refused> {
        let mut reader = self.open(entry)?;
        let mut head = Vec::new();
        let damaged = |_| Refused::Stop(Stop::Truncated);
        (&mut reader).take(want as u64).read_to_end(&mut head).map_err(damaged)?;
        let rest = io::copy(&mut reader.take(LARGEST), &mut io::sink()).map_err(damaged)?;
        let total = head.len() as u64 + rest;
        let bomb = total > BOMB_SIZE && total / MOST_RATIO > entry.size;
        if total > LARGEST || bomb { Err(Refused::Stop(Stop::Limit)) } else { Ok((head, total)) }
    }

    /// All of it, inflated and held; `total` bytes.
    pub(super) fn held(self, entry: &Entry, total: u64) -> io::Result<Entry> {
        let mut bytes = Vec::new();
        let len = usize::try_from(total.min(LARGEST)).unwrap_or(usize::MAX);
        self.range(entry, 0, len, &mut bytes)?;
        Ok(Entry::memory(entry.name.clone(), bytes))
    }

    /// `len` inflated bytes from `offset` into `buffer`.
    pub(super) fn range(self, entry: &Entry, offset: u64, len: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
        let mut reader = self.open(entry)?;
        io::copy(&mut (&mut reader).take(offset), &mut io::sink())?;
        buffer.clear();
        buffer.reserve_exact(len);
        reader.take(len as u64).read_to_end(buffer)?;
        if buffer.len() == len { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// Reads the header of a deflated file.
pub(super) fn read(entry: &Entry, number: usize, preface: Preface) -> Result<Image, Refused> {
    let mut stream = Stream { start: preface.start as u64, zlib: false };
    let mut want = 1 << 15;
    let (mut head, total) = match stream.head(entry, want) {
        Ok(got) => got,
        Err(Refused::Stop(Stop::Truncated)) => {
            stream.zlib = true;
            stream.head(entry, want)?
        }
        Err(e) => return Err(e),
    };
    let map = loop {
        match screen::walk(&head, total, 0, Coding::EXPLICIT) {
            Err(Stop::More(to)) => {
                if want > screen::LARGEST_HEADER {
                    return Err(Refused::Stop(Stop::Limit));
                }
                want = (want * 4).max(to + (1 << 14)).min(screen::LARGEST_HEADER + (1 << 14));
                head = stream.head(entry, want)?.0;
            }
            other => break other?,
        }
    };
    let mut image = header::extract(&head, &map, number, preface.syntax, preface.guessed, total);
    image.deflated_at = Some(stream);
    super::fragments::find(entry, &mut image)?;
    Ok(image)
}
