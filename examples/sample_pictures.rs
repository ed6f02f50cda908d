//! Makes `assets/samples/*.png`, the pictures of the samples on the start page:
//! `cargo run --release --no-default-features --example sample_pictures`, in the project's folder.

use icepath::jobs::Progress;
use icepath::{draw, phantom};
use std::path::Path;

/// Width and height, pixels: twice what the start page shows, for fine screens.
const SIZE: [usize; 2] = [360, 240];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for case in phantom::cases() {
        let made = phantom::make(case, &Progress::none())?;
        let at = case.click(0).ok_or("a case without a lesion")?;
        let picture = draw::thumbnail(&made.hu, at, SIZE);
        let file = Path::new("assets/samples").join(format!("{}.png", case.id));
        image::DynamicImage::ImageRgba8(picture).to_luma8().save(&file)?;
        println!("{}", file.display());
    }
    Ok(())
}
