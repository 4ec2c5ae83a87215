//! URLs and forms taken apart the way the recorder does it (Python's `urllib.parse`), which no URL crate does bit for bit.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// The five parts of a URL; parts that are not there are empty.
#[derive(Debug, Default, PartialEq)]
pub struct Parts<'a> {
    pub scheme: &'a str,
    pub host: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    pub fragment: &'a str,
}

impl<'a> Parts<'a> {
    pub fn of(url: &'a str) -> Self {
        let mut parts = Self::default();
        let mut rest = url;
        if let Some((scheme, after)) = url.split_once(':')
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        {
            (parts.scheme, rest) = (scheme, after);
        }
        if let Some(after) = rest.strip_prefix("//") {
            let end = after.find(['/', '?', '#']).unwrap_or(after.len());
            (parts.host, rest) = after.split_at(end);
        }
        (rest, parts.fragment) = rest.split_once('#').unwrap_or((rest, ""));
        (parts.path, parts.query) = rest.split_once('?').unwrap_or((rest, ""));
        parts
    }

    /// The URL without query and fragment.
    pub fn target(&self) -> String {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme.to_ascii_lowercase());
            out.push(':');
        }
        if !self.host.is_empty() {
            out.push_str("//");
            out.push_str(self.host);
        }
        out.push_str(self.path);
        out
    }
}

/// Percent-encodes everything but unreserved characters.
pub fn quote(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// `name=value&…` as a browser sends a form.
pub fn form(rows: &[(String, String)]) -> String {
    let plus = |text: &str| quote(text).replace("%20", "+");
    rows.iter().map(|(name, value)| format!("{}={}", plus(name), plus(value))).collect::<Vec<_>>().join("&")
}

/// The rows of a query; a name without `=` has an empty value.
pub fn parse_query(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|row| !row.is_empty())
        .map(|row| row.split_once('=').unwrap_or((row, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
