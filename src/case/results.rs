//! A folder of results: made and written to before any work, files whole or not at all.

use super::fault::Fault;
use crate::ct::nifti;
use crate::space::{LabelMap, Mask};
use crate::system::{self, Trouble};
use std::path::{Path, PathBuf};

/// A folder that results go to, and what was written there.
#[derive(Debug)]
pub struct Results {
    folder: PathBuf,
    files: Vec<String>,
    /// Masks and pictures that an earlier `result.json` in the folder lists as its own.
    earlier: Vec<String>,
}

/// The largest `result.json` that is read for what it lists, bytes.
const MOST_BYTES: u64 = 4 << 20;

/// The masks and pictures that the folder's `result.json` lists; nothing where there is none.
fn listed(folder: &Path) -> Vec<String> {
    let read = system::read_capped(&folder.join("result.json"), MOST_BYTES).ok();
    let document: Option<serde_json::Value> = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let names = document.as_ref().and_then(|d| d.get("files")?.as_array()).into_iter().flatten();
    let ours = |name: &&str| {
        let plain = Path::new(name).file_name().is_some_and(|n| n == std::ffi::OsStr::new(name));
        plain && (name.starts_with("lesion") || name.starts_with("needle-"))
    };
    names.filter_map(|n| n.as_str()).filter(ours).map(str::to_string).collect()
}

impl Results {
    /// Makes the folder and writes to it once, so that no work is done for nothing.
    ///
    /// # Errors
    /// [`Fault::Write`].
    pub fn begin(folder: &Path) -> Result<Results, Fault> {
        system::make_folder(folder).map_err(|t| Fault::write(folder, t))?;
        Ok(Results { earlier: listed(folder), folder: folder.to_path_buf(), files: Vec::new() })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Names of the files written, in order.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Names a file that is about to be written by [`Results::put`], so that a document can list itself.
    pub fn announce(&mut self, name: &str) {
        if !self.files.iter().any(|f| f == name) {
            self.files.push(name.to_string());
        }
    }

    /// Writes a file.
    ///
    /// # Errors
    /// [`Fault::Write`].
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let path = self.folder.join(name);
        system::replace(&path, bytes).map_err(|t| Fault::write(&path, t))?;
        self.announce(name);
        Ok(())
    }

    /// Takes away what an earlier plan in this folder wrote and this one did not: it would be taken for this one's. Nothing
    /// that no `result.json` of ours had listed is touched.
    ///
    /// # Errors
    /// [`Fault::Write`].
    pub fn take_away_earlier(&self) -> Result<(), Fault> {
        for name in self.earlier.iter().filter(|n| !self.files.contains(n)) {
            let path = self.folder.join(name);
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(Fault::write(&path, e)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes a mask as NIfTI.
    ///
    /// # Errors
    /// [`Fault::Write`].
    pub fn put_mask(&mut self, name: &str, mask: &Mask) -> Result<(), Fault> {
        let mut bytes = Vec::new();
        nifti::write_mask(&mut bytes, true, mask).map_err(|e| Fault::write(&self.folder.join(name), e))?;
        self.put(name, &bytes)
    }

    /// Writes labels as NIfTI.
    ///
    /// # Errors
    /// [`Fault::Write`].
    pub fn put_labels(&mut self, name: &str, labels: &LabelMap) -> Result<(), Fault> {
        let mut bytes = Vec::new();
        nifti::write_labels(&mut bytes, true, labels).map_err(|e| Fault::write(&self.folder.join(name), e))?;
        self.put(name, &bytes)
    }

    /// Writes a picture as PNG.
    ///
    /// # Errors
    /// [`Fault::Write`].
    pub fn put_picture(&mut self, name: &str, picture: &image::RgbaImage) -> Result<(), Fault> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let failed = |e: image::ImageError| Fault::write(&self.folder.join(name), Trouble::Other(e.to_string()));
        picture.write_to(&mut bytes, image::ImageFormat::Png).map_err(failed)?;
        self.put(name, &bytes.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_earlier_plan_listed_is_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let result = r#"{"files": ["lesion-2.png", "needle-2.png", "notes.txt", "../lesion-9.png", "lesion-1.png"]}"#;
        std::fs::write(dir.path().join("result.json"), result).unwrap();
        for name in ["lesion-1.png", "lesion-2.png", "lesion-3.png", "needle-2.png", "notes.txt"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        let mut results = Results::begin(dir.path()).unwrap();
        results.put("lesion-1.png", b"new").unwrap();
        results.take_away_earlier().unwrap();
        let there = |name: &str| dir.path().join(name).exists();
        assert!(!there("lesion-2.png") && !there("needle-2.png"), "the earlier plan's own are gone");
        assert!(there("lesion-1.png") && there("lesion-3.png") && there("notes.txt"), "nobody else's file is touched");
    }
}
