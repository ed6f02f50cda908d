//! Files: replaced whole or not at all, read up to a cap, and trouble told plainly.

use atomic_write_file::AtomicWriteFile;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

/// Why a file or folder could not be read or written, by what a person can do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No space left, or over the quota.
    #[error("the disk is full; free some space and try again")]
    DiskFull,
    /// Not permitted.
    #[error("this is not permitted there; choose another folder")]
    NotPermitted,
    /// The place is read-only.
    #[error("that place is read-only; choose another folder")]
    ReadOnly,
    /// Not there (any more).
    #[error("it is not there; check the path or the medium")]
    NotFound,
    /// A folder where a file is needed.
    #[error("it is a folder; name a file in it")]
    Folder,
    /// A pipe, a device or the like.
    #[error("it is neither a file nor a folder; choose another one")]
    NotAFile,
    /// The name or path is too long or not possible on this system.
    #[error("the path is too long or not possible here; choose another one")]
    Name,
    /// In use by another program.
    #[error("another program holds the file; close it there and try again")]
    Busy,
    /// Larger than what such a file can be.
    #[error("it is larger than the {0} bytes that such a file can have")]
    TooLarge(u64),
    /// No file manager could be started.
    #[error("the file manager could not be started")]
    NoFileManager,
    /// Anything else, in the system's words.
    #[error("{0}")]
    Other(String),
}

impl Trouble {
    /// The key of its text in `words`; `error-write` takes a value `why` (its Display text).
    pub fn word(&self) -> &'static str {
        match self {
            Trouble::DiskFull => "error-disk-full",
            Trouble::NotPermitted => "error-not-permitted",
            Trouble::ReadOnly => "error-read-only",
            Trouble::NotFound => "error-not-found",
            Trouble::Folder => "error-is-a-folder",
            Trouble::NotAFile => "error-not-a-file",
            Trouble::Name => "error-name-too-long",
            Trouble::Busy => "error-busy",
            Trouble::TooLarge(_) => "error-too-large",
            Trouble::NoFileManager => "error-no-file-manager",
            Trouble::Other(_) => "error-write",
        }
    }

    /// The same for something that was to be read; `error-read` takes a value `why`.
    pub fn reading_word(&self) -> &'static str {
        match self {
            Trouble::NotPermitted => "error-read-not-permitted",
            Trouble::Other(_) => "error-read",
            trouble => trouble.word(),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(e: io::Error) -> Trouble {
        match e.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Trouble::DiskFull,
            ErrorKind::PermissionDenied => Trouble::NotPermitted,
            ErrorKind::ReadOnlyFilesystem => Trouble::ReadOnly,
            ErrorKind::NotFound => Trouble::NotFound,
            ErrorKind::IsADirectory => Trouble::Folder,
            ErrorKind::Unsupported => Trouble::NotAFile,
            // A file stands where a folder would have to be.
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => Trouble::Name,
            ErrorKind::InvalidFilename | ErrorKind::InvalidInput => Trouble::Name,
            ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => Trouble::Busy,
            // The system's words name no path, so no patient either.
            _ => Trouble::Other(e.to_string()),
        }
    }
}

/// Puts `bytes` in place of the file at `path`: after a crash or on a full disk the file is the old one or the new one,
/// never a part. Written through to the disk before it takes the old one's place.
///
/// # Errors
/// [`Trouble`]; the old file is untouched then.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let mut file = AtomicWriteFile::open(path)?;
    file.write_all(bytes)?;
    file.commit()?;
    Ok(())
}

/// Makes a folder with its parents, and tries to write into it, so that work is not done for nothing.
///
/// # Errors
/// [`Trouble`] if it cannot be made or written to.
pub fn make_folder(path: &Path) -> Result<(), Trouble> {
    std::fs::create_dir_all(path)?;
    let probe = path.join(format!(".icepath-{}", std::process::id()));
    std::fs::write(&probe, b"probe")?;
    std::fs::remove_file(&probe)?;
    Ok(())
}

/// The bytes of a file of at most `cap` bytes.
///
/// # Errors
/// [`Trouble::TooLarge`] above the cap, without reading more than it; else what the system says.
pub fn read_capped(path: &Path, cap: u64) -> Result<Vec<u8>, Trouble> {
    let kind = std::fs::metadata(path)?;
    if kind.is_dir() {
        return Err(Trouble::Folder);
    }
    if !kind.is_file() {
        // A pipe would be waited for without end.
        return Err(Trouble::NotAFile);
    }
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    file.take(cap + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > cap {
        return Err(Trouble::TooLarge(cap));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_is_new_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.json");
        replace(&file, b"old").unwrap();
        replace(&file, b"new").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn trouble_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(replace(&folder.path().join("no/such/plan.json"), b""), Err(Trouble::NotFound));
        assert_eq!(Trouble::from(io::Error::from(ErrorKind::StorageFull)).word(), "error-disk-full");
        assert_eq!(Trouble::from(io::Error::from(ErrorKind::ReadOnlyFilesystem)), Trouble::ReadOnly);
    }

    #[test]
    fn a_file_over_the_cap_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("big");
        std::fs::write(&file, [0; 100]).unwrap();
        assert_eq!(read_capped(&file, 99), Err(Trouble::TooLarge(99)));
        assert_eq!(read_capped(&file, 100).unwrap().len(), 100);
        assert_eq!(read_capped(folder.path(), 100), Err(Trouble::Folder));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_known_before_any_work() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), b"").unwrap();
        assert!(make_folder(&folder.path().join("file/below")).is_err());
        make_folder(&folder.path().join("a/b")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path().join("a/b")).unwrap().count(), 0);
    }
}
