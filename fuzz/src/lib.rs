//! What is fuzzed: every door through which bytes of unknown origin come in. Each target takes any bytes and must come
//! back: no panic, no hang, no memory beyond the caps.

mod streams;

use self::streams::STREAMS;
use icepath::ct::{self, SeriesToWrite, Syntax, nifti, write_series};
use icepath::jobs::Progress;
use icepath::needle::{Catalogue, Rules};
use icepath::plan::file;
use icepath::space::{Grid, Lps, Volume};
use icepath::trial::Protocol;
use std::path::Path;

/// A target: its name and what it does with bytes.
pub struct Target {
    /// Its name: the libFuzzer binary's too.
    pub name: &'static str,
    /// Runs it.
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: [Target; 5] = [
    Target { name: "loader", run: loader, seeds: dicom_seeds },
    Target { name: "archive", run: archive, seeds: archive_seeds },
    Target { name: "research", run: research, seeds: research_seeds },
    Target { name: "plan", run: plan, seeds: plan_seeds },
    Target { name: "assets", run: assets, seeds: asset_seeds },
];

/// A file with these bytes in memory if there is such a place, else among the temporary ones.
fn with_file(ending: &str, data: &[u8], work: impl FnOnce(&Path)) {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
    let made = tempfile::Builder::new().prefix("icepath-fuzz").suffix(ending).tempfile_in(place);
    let Ok(made) = made else { return };
    if std::fs::write(made.path(), data).is_ok() {
        work(made.path());
    }
}

/// Lists, and loads whatever can be loaded.
fn open(path: &Path) {
    let Ok(listing) = ct::scan(path, &Progress::none()) else { return };
    for id in listing.series.iter().flat_map(|s| s.volumes.iter().map(|v| v.id.as_str())).take(4) {
        let _ = ct::slice(&listing, Some(id), 0);
        let _ = ct::picture(&listing, id, 32);
        let _ = ct::load(&listing, Some(id), &Progress::none());
    }
}

/// One file as DICOM, DICOMDIR or whatever its bytes say.
pub fn loader(data: &[u8]) {
    with_file("", data, open);
}

/// An archive.
pub fn archive(data: &[u8]) {
    with_file(".zip", data, open);
}

/// A volume of a research format; the first byte chooses which.
pub fn research(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let ending = [".nii", ".nii.gz", ".nrrd"][usize::from(*kind) % 3];
    with_file(ending, rest, open);
}

/// A plan's file, and a line of its journal.
pub fn plan(data: &[u8]) {
    let folder = Path::new("/nowhere");
    if let Ok(plan) = file::from_bytes(data, folder) {
        // What was read is written and read again as the same.
        let again = file::from_bytes(&file::to_bytes(&plan, folder), folder);
        assert!(again.is_ok_and(|again| again == plan), "a plan is not what it is when it is saved and read");
    }
    if let Ok(line) = std::str::from_utf8(data) {
        let _ = file::edit_from_json(line);
    }
}

/// A hospital's own tables.
pub fn assets(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = Catalogue::parse(text);
    let _ = Rules::parse(text);
    let _ = Protocol::read(text);
}

fn small() -> Volume<i16> {
    let spacing = glam::DVec3::new(0.75, 0.8125, 2.5);
    let origin = Lps::new(-101.25, 40.5, -300.0);
    let grid = Grid { size: [12, 9, 3], spacing, origin, axes: glam::DMat3::IDENTITY };
    Volume { grid, data: (0..grid.len()).map(|o| (o * 37 % 4000) as i16 - 1000).collect() }
}

fn dicom_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for syntax in [Syntax::ExplicitLittleEndian, Syntax::Deflated] {
        let Ok(dir) = tempfile::tempdir() else { continue };
        let hu = small();
        let series = SeriesToWrite {
            hu: &hu,
            seed: "fuzz",
            patient_id: "NOBODY",
            patient_name: "Nobody^At All",
            description: "made for fuzzing",
            date: "20260102",
            patient_position: "HFS",
            kernel: "B30f",
            contrast: None,
            syntax,
        };
        let files = write_series(dir.path(), &series, &Progress::none()).unwrap_or_default();
        seeds.extend(files.iter().filter_map(|f| std::fs::read(f).ok()));
    }
    // The same data set with compressed pixels announced: each decoder is met, with bytes that are none of its own.
    let plain = seeds.first().cloned().unwrap_or_default();
    for tail in [".5", ".4.50", ".4.51", ".4.57", ".4.70", ".4.80", ".4.81", ".4.90", ".4.91", ".4.110", ".4.201"] {
        seeds.extend(packed(&plain, &format!("1.2.840.10008.1.2{tail}"), None));
    }
    for (uid, stream) in STREAMS {
        seeds.extend(packed(&plain, uid, Some(stream)));
    }
    seeds.extend(hostile());
    seeds
}

/// The file with another transfer syntax and these bytes as its frame, its own pixels where there are none.
fn packed(file: &[u8], uid: &str, stream: Option<&[u8]>) -> Option<Vec<u8>> {
    let old = b"1.2.840.10008.1.2.1\0";
    let at = file.windows(old.len()).position(|w| w == old)?;
    let mut bytes = file.to_vec();
    let mut new = uid.as_bytes().to_vec();
    if new.len() % 2 == 1 {
        new.push(0);
    }
    let length = u16::try_from(new.len()).ok()?.to_le_bytes();
    bytes.splice(at..at + old.len(), new.iter().copied());
    bytes.splice(at - 2..at, length);
    // One fragment after an empty table, as encapsulated pixels are.
    let pixels = b"\xE0\x7F\x10\x00OW\0\0";
    let at = bytes.windows(pixels.len()).position(|w| w == pixels)?;
    let own = bytes.split_off(at + pixels.len() + 4);
    let mut value = stream.map_or(own, <[u8]>::to_vec);
    value.resize(value.len().next_multiple_of(2), 0);
    let len = bytes.len();
    bytes[len - 4..].copy_from_slice(&[0xFF; 4]);
    bytes.extend(b"\xFE\xFF\x00\xE0\0\0\0\0\xFE\xFF\x00\xE0");
    bytes.extend((value.len() as u32).to_le_bytes());
    bytes.extend(value);
    bytes.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    Some(bytes)
}

/// Lengths and depths that no file means.
fn hostile() -> Vec<Vec<u8>> {
    let mut preamble = vec![0u8; 128];
    preamble.extend(b"DICM");
    let mut long = preamble.clone();
    long.extend(b"\x08\x00\x08\x00UN\0\0\xFE\xFF\xFF\xFF");
    let mut deep = preamble.clone();
    for _ in 0..2000 {
        deep.extend(b"\x08\x00\x40\x11SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF");
    }
    vec![preamble, long, deep]
}

fn archive_seeds() -> Vec<Vec<u8>> {
    // Stored, with one entry, by hand: local header, bytes, directory, end.
    let file = dicom_seeds().into_iter().next().unwrap_or_default();
    let mut seeds = vec![b"PK\x05\x06".iter().copied().chain([0; 18]).collect()];
    for name in ["a.dcm", "../a.dcm", "/etc/a"] {
        let mut zip: Vec<u8> = Vec::new();
        let size = (file.len() as u32).to_le_bytes();
        let crc = crc32(&file).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        zip.extend(b"PK\x03\x04\x0A\0\0\0\0\0\0\0\0\0");
        zip.extend([crc, size, size].concat());
        zip.extend(length);
        zip.extend([0, 0]);
        zip.extend(name.as_bytes());
        zip.extend(&file);
        let directory = zip.len() as u32;
        zip.extend(b"PK\x01\x02\x0A\0\x0A\0\0\0\0\0\0\0\0\0");
        zip.extend([crc, size, size].concat());
        zip.extend(length);
        zip.extend([0; 16]);
        zip.extend(name.as_bytes());
        let len = zip.len() as u32 - directory;
        zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        zip.extend(len.to_le_bytes());
        zip.extend(directory.to_le_bytes());
        zip.extend([0, 0]);
        seeds.push(zip);
    }
    seeds
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b), |c, _| if c & 1 == 1 { c >> 1 ^ 0xEDB8_8320 } else { c >> 1 })
    })
}

fn research_seeds() -> Vec<Vec<u8>> {
    let hu = small();
    let mut seeds = Vec::new();
    for (kind, packed) in [(0u8, false), (1, true)] {
        let mut bytes = vec![kind];
        if nifti::write_hu(&mut bytes, packed, &hu).is_ok() {
            seeds.push(bytes);
        }
    }
    let mut bytes = vec![2u8];
    if ct::write_nrrd(&mut bytes, &hu).is_ok() {
        seeds.push(bytes);
    }
    seeds
}

fn plan_seeds() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../../tests/golden/plan-v1.json").to_vec(),
        br#"{"format":"icepath-plan","version":1}"#.to_vec(),
        vec![b'['; 5000],
    ]
}

fn asset_seeds() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../../assets/needles.toml").to_vec(),
        include_bytes!("../../assets/rules.toml").to_vec(),
        include_bytes!("../../assets/trials/keio-chest-cryo.toml").to_vec(),
    ]
}
