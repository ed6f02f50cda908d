//! Starts the window, and chooses the renderer: wgpu where a real adapter is, glow otherwise, wgpu with any adapter
//! last. Everything that depends on the system's display stands here.

use super::app::App;
use super::options::Options;
use eframe::egui;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why no window could be opened; one sentence each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// Neither X11 nor Wayland.
    #[error("there is no display")]
    NoDisplay,
    /// The display is there, its libraries are not.
    #[error("the display's libraries are missing (libX11, libXcursor, libXi, libX11-xcb, libxkbcommon-x11)")]
    NoLibraries,
    /// No OpenGL, no Vulkan.
    #[error("no OpenGL or Vulkan driver was found (libegl1 and libgl1 are enough)")]
    NoRenderer,
    /// The window was open and stopped.
    #[error("the window stopped by a fault of the program; what was saved is kept")]
    Fault,
    /// Anything else.
    #[error("the window could not be opened")]
    Other,
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// [`StartError`], before any window was seen.
pub fn run(options: Options) -> Result<(), StartError> {
    if !display_named() {
        return Err(StartError::NoDisplay);
    }
    let mut last = StartError::Other;
    for renderer in [Choice::RealAdapter, Choice::OpenGl, Choice::AnyAdapter] {
        match attempt(options.clone(), renderer) {
            Ok(()) => return Ok(()),
            Err(StartError::NoRenderer) => last = StartError::NoRenderer,
            Err(other) => return Err(other),
        }
    }
    Err(last)
}

/// Whether the environment names a display. Windows and macOS always have one as far as can be told here.
fn display_named() -> bool {
    let named = |variable: &str| std::env::var_os(variable).is_some_and(|v| !v.is_empty());
    !cfg!(all(unix, not(target_os = "macos")))
        || named("DISPLAY")
        || named("WAYLAND_DISPLAY")
        || named("WAYLAND_SOCKET")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    RealAdapter,
    OpenGl,
    AnyAdapter,
}

fn attempt(options: Options, choice: Choice) -> Result<(), StartError> {
    let mut native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("IcePath")
            .with_app_id("icepath")
            .with_inner_size([1366.0, 768.0])
            .with_min_inner_size([960.0, 600.0])
            .with_maximized(true)
            .with_drag_and_drop(true)
            .with_icon(egui::IconData::default()),
        renderer: if choice == Choice::OpenGl { eframe::Renderer::Glow } else { eframe::Renderer::Wgpu },
        dithering: false,
        ..Default::default()
    };
    if choice == Choice::RealAdapter
        && let eframe::egui_wgpu::WgpuSetup::CreateNew(setup) = &mut native.wgpu_options.wgpu_setup
    {
        setup.native_adapter_selector = Some(std::sync::Arc::new(|adapters, _surface| {
            adapters
                .iter()
                .find(|a| a.get_info().device_type != eframe::wgpu::DeviceType::Cpu)
                .cloned()
                .ok_or_else(|| "no adapter but software ones".to_string())
        }));
    }
    // A missing library ends in a panic inside of winit's helpers: quiet, and told as one sentence.
    let hook = std::panic::take_hook();
    let started = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (seen, shown) = (started.clone(), started.clone());
    std::panic::set_hook(Box::new(move |info| {
        if seen.load(std::sync::atomic::Ordering::Relaxed) {
            // The place, never the payload: it may hold what a file said.
            if let Some(place) = info.location() {
                eprintln!("icepath: a fault at {}:{}", place.file(), place.line());
            }
        }
    }));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        eframe::run_native(
            "IcePath",
            native,
            Box::new(move |context| {
                started.store(true, std::sync::atomic::Ordering::Relaxed);
                Ok(Box::new(App::new(&context.egui_ctx, options)))
            }),
        )
    }));
    std::panic::set_hook(hook);
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(reason(&error)),
        Err(_) if shown.load(std::sync::atomic::Ordering::Relaxed) => Err(StartError::Fault),
        Err(_) => Err(StartError::NoLibraries),
    }
}

fn reason(error: &eframe::Error) -> StartError {
    match error {
        eframe::Error::Wgpu(_)
        | eframe::Error::OpenGL(_)
        | eframe::Error::Glutin(_)
        | eframe::Error::NoGlutinConfigs(..) => StartError::NoRenderer,
        eframe::Error::WinitEventLoop(_) => {
            // Only the text tells which it was; it is read, never shown.
            let text = format!("{error:?}");
            if text.contains("xlib") || text.contains("librar") {
                StartError::NoLibraries
            } else {
                StartError::NoDisplay
            }
        }
        _ => StartError::Other,
    }
}
