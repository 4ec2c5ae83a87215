use std::fmt;

/// Writes `text` so that it is text wherever it stands: between tags or in a quoted attribute.
pub fn write_escaped(dest: &mut impl fmt::Write, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some((plain, found)) = rest.find(['&', '<', '>', '"', '\'']).and_then(|at| rest.split_at_checked(at)) {
        dest.write_str(plain)?;
        let mut chars = found.chars();
        dest.write_str(match chars.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            _ => "&#39;",
        })?;
        rest = chars.as_str();
    }
    dest.write_str(rest)
}
