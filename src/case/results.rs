//! A folder of results: made and written to before any work, files whole or not at all.

use super::fault::Fault;
use crate::ct::nifti;
use crate::space::{LabelMap, Mask};
use crate::system;
use std::path::{Path, PathBuf};

/// A folder that results go to, and what was written there.
#[derive(Debug)]
pub struct Results {
    folder: PathBuf,
    files: Vec<String>,
}

impl Results {
    /// Makes the folder and writes to it once, so that no work is done for nothing.
    ///
    /// # Errors
    /// [`Fault::Write`].
    pub fn begin(folder: &Path) -> Result<Results, Fault> {
        system::make_folder(folder).map_err(|t| Fault::trouble(folder, &t))?;
        Ok(Results { folder: folder.to_path_buf(), files: Vec::new() })
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
        system::replace(&path, bytes).map_err(|t| Fault::trouble(&path, &t))?;
        self.announce(name);
        Ok(())
    }

    /// Takes away a file of that name, if there is one.
    ///
    /// # Errors
    /// [`Fault::Write`].
    pub fn take_away(&self, name: &str) -> Result<(), Fault> {
        let path = self.folder.join(name);
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Fault::write(&path, e)),
            _ => Ok(()),
        }
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
        picture.write_to(&mut bytes, image::ImageFormat::Png).map_err(|e| Fault::write(&self.folder.join(name), e))?;
        self.put(name, &bytes.into_inner())
    }
}
