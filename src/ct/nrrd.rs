//! NRRD out: a volume in HU with its place in the patient (teem.sourceforge.net/nrrd/format.html, version 5 fields).

use crate::space::{PADDING, Volume};
use std::io::{self, Write};

/// Writes HU as little-endian int16, uncompressed; padding becomes −2048.
pub fn write_nrrd(mut to: impl Write, volume: &Volume<i16>) -> io::Result<()> {
    let grid = &volume.grid;
    let [nx, ny, nz] = grid.size;
    let column = |a: usize| {
        let v = grid.axes.col(a) * grid.spacing[a];
        format!("({},{},{})", v.x, v.y, v.z)
    };
    write!(
        to,
        "NRRD0005\ntype: int16\ndimension: 3\nspace: left-posterior-superior\nsizes: {nx} {ny} {nz}\n\
         space directions: {} {} {}\nkinds: domain domain domain\nendian: little\nencoding: raw\n\
         space origin: ({},{},{})\n\n",
        column(0),
        column(1),
        column(2),
        grid.origin.x,
        grid.origin.y,
        grid.origin.z
    )?;
    for k in 0..nz {
        let bytes: Vec<u8> =
            volume.slice(k).iter().flat_map(|v| if *v == PADDING { -2048i16 } else { *v }.to_le_bytes()).collect();
        to.write_all(&bytes)?;
    }
    to.flush()
}
