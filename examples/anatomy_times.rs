//! Finds the anatomy of a series and prints what each stage took: `cargo run --release --example anatomy_times -- PATH`.

use icepath::jobs::Progress;
use icepath::{anatomy, ct};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("a PATH is needed: folder, zip, DICOM file, NIfTI or NRRD")?;
    let listing = ct::scan(Path::new(&path), &Progress::none())?;
    let ct = ct::load(&listing, None, &Progress::none())?;
    let stages: Arc<Mutex<Vec<(&'static str, Instant)>>> = Arc::default();
    let log = stages.clone();
    let progress = Progress::listening(move |stage, _| {
        if let Ok(mut s) = log.lock()
            && s.last().is_none_or(|(last, _)| *last != stage)
        {
            s.push((stage, Instant::now()));
        }
    });
    let start = Instant::now();
    let anatomy = anatomy::find(&ct, &progress)?;
    let end = Instant::now();
    if let Ok(stages) = stages.lock() {
        for (n, (stage, from)) in stages.iter().enumerate() {
            let to = stages.get(n + 1).map_or(end, |s| s.1);
            println!("{stage:22} {:6.2} s", (to - *from).as_secs_f64());
        }
    }
    println!("{:22} {:6.2} s", "all", (end - start).as_secs_f64());
    for region in &anatomy.regions {
        println!("{:22} {:8.1} ml", region.structure.name(), region.mask.volume_mm3() / 1000.0);
    }
    println!("carina {:?}, contrast {}", anatomy.landmarks.carina, anatomy.contrast);
    Ok(())
}
