//! Where bytes come from: files of a folder, members of a zip. Nothing is ever unpacked to disk.

use crate::ct::{CtError, Finding};
use crate::terms::Code;
use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files in a folder, or members of a zip (choice): 20 series of 5,000 slices.
const MOST_FILES: usize = 100_000;
/// Folders within folders (choice).
const DEEPEST_FOLDER: usize = 32;
/// Bytes of all members of a zip together, unpacked (choice).
const LARGEST_ARCHIVE: u64 = 16 << 30;
/// Bytes of one member that is held in memory whole (choice).
const LARGEST_HELD: u64 = 2 << 30;
/// More than this many times its packed size, a member of over 8 MiB is a bomb; CT pixels pack 2 to 4 times (choice).
const MOST_RATIO: u64 = 200;
const BOMB_SIZE: u64 = 8 << 20;

/// One file or member.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its name relative to what was opened, for findings; control characters are taken out.
    pub(super) name: PathBuf,
    /// Bytes, unpacked.
    pub(super) size: u64,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Member { archive: PathBuf, start: u64, packed: u64, deflated: bool, crc: u32 },
    Memory(Arc<Vec<u8>>),
}

/// What a path holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Files in the order of their names.
    pub(super) entries: Vec<Entry>,
    /// What was left out, and why.
    pub(super) findings: Vec<Finding>,
}

impl Entry {
    /// A file of the file system.
    pub(super) fn file(path: &Path, name: &Path) -> io::Result<Entry> {
        Ok(Entry { name: clean(name), size: path.metadata()?.len(), place: Place::File(path.to_owned()) })
    }

    /// Bytes that are held already.
    pub(super) fn memory(name: PathBuf, bytes: Vec<u8>) -> Entry {
        Entry { name, size: bytes.len() as u64, place: Place::Memory(Arc::new(bytes)) }
    }

    /// Whether each look into it has to unpack it from its beginning.
    pub(super) fn is_packed(&self) -> bool {
        matches!(self.place, Place::Member { .. })
    }

    /// The whole of it, held in memory, for what looks into it often.
    pub(super) fn held(&self) -> io::Result<Entry> {
        if self.size > LARGEST_HELD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "too large within a zip"));
        }
        let mut bytes = Vec::new();
        self.range(0, self.size as usize, &mut bytes)?;
        Ok(Entry::memory(self.name.clone(), bytes))
    }

    /// The first `n` bytes, or fewer where there are no more.
    pub(super) fn head(&self, n: usize) -> io::Result<Vec<u8>> {
        let n = n.min(usize::try_from(self.size).unwrap_or(usize::MAX));
        let mut bytes = Vec::with_capacity(n);
        self.open()?.take(n as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// `len` bytes from `offset` into `buffer`, whose old content goes. The caller has held both against `size`. A whole
    /// member of a zip is checked by its CRC.
    pub(super) fn range(&self, offset: u64, len: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.clear();
        buffer.reserve_exact(len);
        match &self.place {
            Place::File(path) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(offset))?;
                file.take(len as u64).read_to_end(buffer)?;
            }
            Place::Memory(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                let piece = from.checked_add(len).and_then(|end| bytes.get(from..end));
                buffer.extend_from_slice(piece.ok_or(io::ErrorKind::UnexpectedEof)?);
            }
            Place::Member { crc, .. } => {
                let mut reader = self.open()?;
                let mut sum = Crc::new();
                let mut chunk = vec![0u8; 1 << 16];
                let (mut at, end) = (0u64, offset + len as u64);
                loop {
                    let n = reader.read(&mut chunk)?;
                    if n == 0 {
                        break;
                    }
                    sum.update(&chunk[..n]);
                    let from = offset.saturating_sub(at).min(n as u64) as usize;
                    let to = end.saturating_sub(at).min(n as u64) as usize;
                    buffer.extend_from_slice(&chunk[from..to.max(from)]);
                    at += n as u64;
                    if at > self.size {
                        return Err(io::Error::new(io::ErrorKind::InvalidData, "longer than the zip says"));
                    }
                }
                if sum.sum() != *crc {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "checksum of the zip does not fit"));
                }
            }
        }
        if buffer.len() == len { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Reads on from `offset`.
    pub(super) fn reader(&self, offset: u64) -> io::Result<Box<dyn Read>> {
        if let Place::File(path) = &self.place {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            return Ok(Box::new(file));
        }
        if let Place::Memory(bytes) = &self.place {
            let mut reader = io::Cursor::new(Shared(bytes.clone()));
            reader.set_position(offset);
            return Ok(Box::new(reader));
        }
        let mut reader = self.open()?;
        io::copy(&mut (&mut reader).take(offset), &mut io::sink())?;
        Ok(reader)
    }

    fn open(&self) -> io::Result<Box<dyn Read>> {
        Ok(match &self.place {
            Place::File(path) => Box::new(File::open(path)?),
            Place::Memory(bytes) => Box::new(io::Cursor::new(Shared(bytes.clone()))),
            Place::Member { archive, start, packed, deflated, .. } => {
                let mut file = File::open(archive)?;
                file.seek(SeekFrom::Start(*start))?;
                let packed = file.take(*packed);
                if *deflated {
                    Box::new(DeflateDecoder::new(io::BufReader::with_capacity(1 << 16, packed)))
                } else {
                    Box::new(packed)
                }
            }
        })
    }
}

/// Shared bytes as a cursor wants them.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// Everything under a folder. Symbolic links are followed to files within it, never out of it and never to folders.
pub(super) fn folder(root: &Path) -> Result<Contents, CtError> {
    let mut contents = Contents::default();
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    walk((root, &real), root, 0, &mut contents)?;
    Ok(contents)
}

/// `root`: as given, and without links.
fn walk(root: (&Path, &Path), dir: &Path, depth: usize, to: &mut Contents) -> Result<(), CtError> {
    let relative = |p: &Path| clean(p.strip_prefix(root.0).unwrap_or(p));
    if depth > DEEPEST_FOLDER {
        to.findings.push(Finding::new(Code::LimitExceeded).word("what", "limit-folders").in_file(relative(dir)));
        return Ok(());
    }
    let listed = match std::fs::read_dir(dir) {
        Ok(listed) => listed,
        Err(e) if depth == 0 => return Err(CtError::Unreadable { path: dir.to_owned(), source: e }),
        Err(e) => {
            to.findings.push(Finding::new(Code::Unreadable).text("why", e.kind().to_string()).in_file(relative(dir)));
            return Ok(());
        }
    };
    let mut found: Vec<_> = listed.flatten().collect();
    found.sort_by_key(|e| e.file_name());
    for e in found {
        let path = e.path();
        let Ok(kind) = e.file_type() else { continue };
        if kind.is_dir() {
            walk(root, &path, depth + 1, to)?;
        } else {
            if kind.is_symlink() {
                match path.canonicalize() {
                    Ok(target) if target.is_file() && target.starts_with(root.1) => {}
                    // A link to a folder within: its files are met there.
                    Ok(target) if target.starts_with(root.1) => continue,
                    _ => {
                        to.findings.push(
                            Finding::new(Code::UnsafeArchive).word("what", "archive-link").in_file(relative(&path)),
                        );
                        continue;
                    }
                }
            } else if !kind.is_file() {
                continue;
            }
            if to.entries.len() >= MOST_FILES {
                if !to.findings.iter().any(|f| f.code == Code::LimitExceeded) {
                    to.findings.push(Finding::new(Code::LimitExceeded).word("what", "limit-files"));
                }
                return Ok(());
            }
            match Entry::file(&path, &relative(&path)) {
                Ok(entry) => to.entries.push(entry),
                Err(e) => to
                    .findings
                    .push(Finding::new(Code::Unreadable).text("why", e.kind().to_string()).in_file(relative(&path))),
            }
        }
    }
    Ok(())
}

/// The members of a zip. Names are for showing only: nothing is written anywhere, so none can leave its folder.
pub(super) fn archive(path: &Path) -> Result<Contents, CtError> {
    let unsafe_archive = |what: &str| CtError::refused(Finding::new(Code::UnsafeArchive).word("what", what));
    let file = File::open(path).map_err(|e| CtError::Unreadable { path: path.to_owned(), source: e })?;
    let packed_size = file.metadata().map(|m| m.len()).unwrap_or(0);
    let mut zip = zip::ZipArchive::new(io::BufReader::new(file)).map_err(|_| unsafe_archive("archive-broken"))?;
    if zip.len() > MOST_FILES {
        return Err(CtError::refused(Finding::new(Code::LimitExceeded).word("what", "limit-files")));
    }
    let mut contents = Contents::default();
    let mut total = 0u64;
    for n in 0..zip.len() {
        let member = match zip.by_index_raw(n) {
            Ok(m) => m,
            Err(_) => {
                contents.findings.push(Finding::new(Code::UnsafeArchive).word("what", "archive-member"));
                continue;
            }
        };
        let name = clean(Path::new(&String::from_utf8_lossy(member.name_raw()).into_owned()));
        let bad = |what: &str| Finding::new(Code::UnsafeArchive).word("what", what).in_file(name.clone());
        if member.is_dir() {
            continue;
        }
        if member.is_symlink() {
            contents.findings.push(bad("archive-link"));
            continue;
        }
        if member.encrypted() {
            contents.findings.push(bad("archive-encrypted"));
            continue;
        }
        if member.enclosed_name().is_none() {
            contents.findings.push(bad("archive-path"));
            continue;
        }
        let deflated = match member.compression() {
            zip::CompressionMethod::Stored => false,
            zip::CompressionMethod::Deflated => true,
            _ => {
                contents.findings.push(bad("archive-method"));
                continue;
            }
        };
        let (size, packed) = (member.size(), member.compressed_size());
        let start = member.data_start().unwrap_or(u64::MAX);
        let fits = start.checked_add(packed).is_some_and(|end| end <= packed_size);
        if !fits || (!deflated && size != packed) {
            contents.findings.push(bad("archive-member"));
            continue;
        }
        total = total.saturating_add(size);
        if size > BOMB_SIZE && size / MOST_RATIO > packed || total > LARGEST_ARCHIVE {
            contents.findings.push(bad("archive-bomb"));
            continue;
        }
        let place = Place::Member { archive: path.to_owned(), start, packed, deflated, crc: member.crc32() };
        contents.entries.push(Entry { name, size, place });
    }
    contents.entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(contents)
}

/// A name fit for a terminal: control characters go.
fn clean(name: &Path) -> PathBuf {
    PathBuf::from(name.to_string_lossy().chars().filter(|c| !c.is_control()).collect::<String>())
}
