//! The faces, compiled in. Latin first (figures of one width), Japanese behind it.

/// Latin, regular: Inter, subset, with figures of one width.
pub const LATIN: &[u8] = include_bytes!("../../assets/fonts/IcePathSans-Regular.otf");
/// Latin, semi-bold.
pub const LATIN_SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/IcePathSans-SemiBold.otf");
/// Japanese, regular: BIZ UDPGothic.
pub const JAPANESE: &[u8] = include_bytes!("../../assets/fonts/BIZUDPGothic-Regular.ttf");
/// Japanese, bold.
pub const JAPANESE_BOLD: &[u8] = include_bytes!("../../assets/fonts/BIZUDPGothic-Bold.ttf");
