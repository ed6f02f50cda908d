//! Paints slices and outlines for the panes on a thread of its own; the newest request of a pane wins.

use crate::ct::Ct;
use crate::draw::theme::Line;
use crate::draw::{Plane, Shape, Window, field_at, mask_lines, paint};
use crate::grids::contour::Polyline;
use crate::space::{Lps, Mask};
use eframe::egui;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex};

/// A surface in space: a field, the value on the surface, how its line looks.
#[derive(Clone)]
pub(super) struct Surface {
    pub(super) field: Arc<dyn Fn(Lps) -> f64 + Send + Sync>,
    pub(super) level: f64,
}

/// Something with an outline.
#[derive(Clone)]
pub(super) enum Outlined {
    Shape(Arc<Shape>),
    Mask(Arc<dyn AsMask>),
    Surface(Surface),
}

/// Whatever holds a mask: a structure of the anatomy, without copying it.
pub(super) trait AsMask: Send + Sync {
    fn mask(&self) -> Option<&Mask>;
}

/// What a pane wants painted.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) ct: Arc<Ct>,
    pub(super) plane: Plane,
    pub(super) window: Window,
    pub(super) outlines: Vec<(Outlined, Line)>,
    /// Tells one request from another: equal stamps are not painted twice.
    pub(super) stamp: u64,
}

/// What was painted.
pub(super) struct Painted {
    pub(super) pane: usize,
    pub(super) plane: Plane,
    pub(super) stamp: u64,
    pub(super) image: egui::ColorImage,
    pub(super) lines: Vec<(Polyline, Line)>,
}

#[derive(Default)]
struct Wanted {
    wanted: Vec<Option<Request>>,
    stop: bool,
}

/// The painter.
pub(super) struct Painter {
    shared: Arc<(Mutex<Wanted>, Condvar)>,
    done: Receiver<Painted>,
}

impl Painter {
    /// Starts the thread; `ctx` is woken when something was painted.
    pub(super) fn new(ctx: egui::Context, threads: usize) -> Painter {
        let shared = Arc::new((Mutex::new(Wanted { wanted: Vec::new(), stop: false }), Condvar::new()));
        let (sender, done) = channel();
        let inside = shared.clone();
        let pool = crate::jobs::thread_budget(Some(threads.max(1))).ok();
        let run = move || {
            while let Some((pane, request)) = next(&inside) {
                let work = || one(pane, &request);
                let painted = match &pool {
                    Some(pool) => pool.run(work),
                    None => work(),
                };
                if sender.send(painted).is_err() {
                    return;
                }
                ctx.request_repaint();
            }
        };
        // Without a thread nothing is painted, and the panes say so by staying dark; the rest of the window works.
        std::thread::Builder::new().name("icepath-painter".into()).spawn(run).ok();
        Painter { shared, done }
    }

    /// Asks for a pane; an older request that waits is dropped.
    pub(super) fn ask(&self, pane: usize, request: Request) {
        if let Ok(mut b) = self.shared.0.lock() {
            if b.wanted.len() <= pane {
                b.wanted.resize_with(pane + 1, || None);
            }
            b.wanted[pane] = Some(request);
            self.shared.1.notify_one();
        }
    }

    /// What was painted since the last look.
    pub(super) fn take(&self) -> Vec<Painted> {
        self.done.try_iter().collect()
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        if let Ok(mut b) = self.shared.0.lock() {
            b.stop = true;
            self.shared.1.notify_one();
        }
    }
}

fn next(shared: &(Mutex<Wanted>, Condvar)) -> Option<(usize, Request)> {
    let mut b = shared.0.lock().ok()?;
    loop {
        if b.stop {
            return None;
        }
        if let Some(pane) = b.wanted.iter().position(Option::is_some) {
            let request = b.wanted[pane].take();
            // Turn the order, so that one busy pane does not starve the others.
            return request.map(|r| (pane, r));
        }
        b = shared.1.wait(b).ok()?;
    }
}

fn one(pane: usize, r: &Request) -> Painted {
    let [w, h] = r.plane.size;
    let mut rgba = vec![0u8; w * h * 4];
    paint(&r.ct.hu, &r.plane, r.window, &mut rgba);
    let mut lines = Vec::new();
    for (outlined, line) in &r.outlines {
        let found = match outlined {
            Outlined::Shape(shape) => shape.lines(&r.plane),
            Outlined::Mask(holder) => holder.mask().map(|m| mask_lines(m, &r.plane)).unwrap_or_default(),
            Outlined::Surface(s) => field_at(&r.plane, 3, s.level, |p| (s.field)(p)),
        };
        lines.extend(found.into_iter().map(|l| (l, *line)));
    }
    let image = egui::ColorImage::from_rgba_unmultiplied([w, h], &rgba);
    Painted { pane, plane: r.plane, stamp: r.stamp, image, lines }
}
