//! `htu`: "the HTTP target URI without query and fragment parts" (RFC 9449 section 4.2).

/// A URI as far as `htu` goes: query and fragment are left out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TargetUri<'a> {
    scheme: &'a str,
    /// Without the port that is the scheme's own.
    authority: &'a str,
    path: &'a str,
}

impl TargetUri<'_> {
    /// RFC 3986 section 6.2.2.1 and 6.2.3: scheme and host in any case, the scheme's own port as good as none. Paths as they are.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.scheme.eq_ignore_ascii_case(other.scheme)
            && self.authority.eq_ignore_ascii_case(other.authority)
            && self.path == other.path
    }
}

/// Reads a URI; `None` where it is none (RFC 3986).
pub(crate) fn parse(text: &str) -> Option<TargetUri<'_>> {
    if !has_only_uri_characters(text) {
        return None;
    }
    let text = text.split('#').next().unwrap_or_default();
    let text = text.split('?').next().unwrap_or_default();
    let (scheme, rest) = match text.find([':', '/']) {
        Some(at) if text.get(at..=at) == Some(":") => (text.get(..at)?, text.get(at + 1..)?),
        _ => ("", text), // relative: a URI reference, and nobody's endpoint
    };
    let begins_well = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let goes_on_well = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if rest.len() < text.len() && !(begins_well && goes_on_well && !rest.is_empty()) {
        return None;
    }
    let Some(hierarchy) = rest.strip_prefix("//") else { return Some(TargetUri { scheme, authority: "", path: rest }) };
    let at = hierarchy.find('/').unwrap_or(hierarchy.len());
    let (authority, path) = hierarchy.split_at_checked(at)?;
    Some(TargetUri { scheme, authority: without_own_port(scheme, authority), path })
}

/// Keycloak: the explicit port is another URI there; it is the same resource (RFC 9110 section 4.2.3).
fn without_own_port<'a>(scheme: &str, authority: &'a str) -> &'a str {
    let own = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    authority.strip_suffix(own).unwrap_or(authority)
}

/// Characters of RFC 3986 section 2, and whole escapes.
fn has_only_uri_characters(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fine = match byte {
            b'%' => [bytes.next(), bytes.next()].iter().all(|digit| digit.is_some_and(|b| b.is_ascii_hexdigit())),
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
            other => other.is_ascii_graphic(),
        };
        if !fine {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(shown: &str) -> Option<bool> {
        let expected = parse("https://id.example/realms/r/token").unwrap();
        parse(shown).map(|shown| expected.is(&shown))
    }

    #[test]
    fn the_same_resource_in_other_spellings_is_the_same() {
        for shown in [
            "https://id.example/realms/r/token",
            "HTTPS://ID.example/realms/r/token",
            "https://id.example:443/realms/r/token",
            "https://id.example/realms/r/token?x=1",
            "https://id.example/realms/r/token#x",
            "https://id.example/realms/r/token?x=1#/y",
        ] {
            assert_eq!(same(shown), Some(true), "{shown}");
        }
    }

    #[test]
    fn another_resource_is_another() {
        for shown in [
            "http://id.example/realms/r/token",
            "https://id.example:80/realms/r/token",
            "https://id.example:8443/realms/r/token",
            "https://id.example/realms/r/token/",
            "https://id.example/realms/r/./token",
            "https://id.example/realms/%72/token",
            "https://id.example/REALMS/r/token",
            "https://id.example.evil/realms/r/token",
            "https://id.example@evil/realms/r/token",
            "https://user@id.example/realms/r/token",
            "https://id.example",
            "/realms/r/token",
            "urn:x",
            "",
        ] {
            assert_eq!(same(shown), Some(false), "{shown}");
        }
    }

    #[test]
    fn what_is_no_uri_is_told_apart() {
        for shown in
            ["::", ":x", "1a://x", "http:", "https://id.example/a b", "https://id.example/%zz", "https://i\u{e4}.example/", "{}"]
        {
            assert_eq!(same(shown), None, "{shown}");
        }
    }
}
