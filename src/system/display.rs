//! Whether there is a screen, and showing a folder on it.

use super::files::Trouble;
use super::folders::Platform;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether a window could be shown. On Linux and the BSDs an empty `DISPLAY` or `WAYLAND_DISPLAY` counts as none;
/// Windows and macOS always have one.
pub fn display_present() -> bool {
    display_told(Platform::HERE, |name| std::env::var_os(name))
}

fn display_told(platform: Platform, env: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name: &str| env(name).is_some_and(|v| !v.is_empty());
    platform != Platform::Unix || set("WAYLAND_DISPLAY") || set("WAYLAND_SOCKET") || set("DISPLAY")
}

/// Shows a folder in the system's file manager, without waiting for it.
///
/// # Errors
/// [`Trouble::NoFileManager`] where none could be started; say the path in words then.
pub fn show_folder(folder: &Path) -> Result<(), Trouble> {
    let program = match Platform::HERE {
        Platform::Unix => "xdg-open",
        Platform::Mac => "open",
        Platform::Windows => "explorer",
    };
    let child = Command::new(program)
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| Trouble::NoFileManager)?;
    // Somebody must take its exit code, or it stays a zombie as long as we live.
    let waiter = std::thread::Builder::new().name("icepath-show".into());
    waiter
        .spawn(move || {
            let mut child = child;
            child.wait().ok();
        })
        .ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_display_counts_as_none() {
        let with =
            |name: &'static str, value: &'static str| move |asked: &str| (asked == name).then(|| OsString::from(value));
        assert!(!display_told(Platform::Unix, |_| None));
        assert!(!display_told(Platform::Unix, with("DISPLAY", "")));
        assert!(!display_told(Platform::Unix, with("WAYLAND_DISPLAY", "")));
        assert!(display_told(Platform::Unix, with("DISPLAY", ":0")));
        assert!(display_told(Platform::Unix, with("WAYLAND_DISPLAY", "wayland-0")));
        assert!(display_told(Platform::Windows, |_| None));
        assert!(display_told(Platform::Mac, |_| None));
    }
}
