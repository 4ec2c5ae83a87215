use std::fmt;

/// HTML escaping for text and quoted attributes. `&` becomes `&amp;` and nothing else: some clients read the action of a form without
/// decoding references, and a `#` in it would cut their URL.
#[derive(Clone, Copy, Debug, Default)]
pub struct Html;

impl askama::filters::Escaper for Html {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        write(&mut dest, string)
    }
}

/// Writes `text` so that it is text wherever it stands: between tags or in a quoted attribute.
pub fn write(dest: &mut impl fmt::Write, text: &str) -> fmt::Result {
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
