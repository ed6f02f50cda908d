//! Chooses a front: the window or the command line.

fn main() {}
