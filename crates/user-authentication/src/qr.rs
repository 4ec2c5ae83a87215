use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around a code.
const QUIET: usize = 4;

/// A QR code of `text` as an SVG element: black on white whatever the page's colours are, a single path. `None`: more text than a
/// code can hold. It is an image for who sees; the page says the same in words.
pub fn otp_qr_svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let size = width + 2 * QUIET;
    let mut path = String::with_capacity(4096);
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" width=\"246\" height=\"246\" role=\"img\" \
         aria-hidden=\"true\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_uri_becomes_a_small_picture() {
        let uri = "otpauth://totp/Web%20Test:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6&algorithm=SHA1&issuer=Web%20Test&period=30";
        let svg = otp_qr_svg(uri).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && svg.len() < 16_000, "{}", svg.len());
        // The finder in the upper left corner: seven dark modules.
        assert!(svg.contains("M4 4h7v1h-7z"));
        assert!(!svg.contains("GEZD"));
        assert!(otp_qr_svg(&"x".repeat(5000)).is_none());
    }
}
