use thiserror::Error;

/// Why a request target is refused before anything is looked up.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PathError {
    /// Empty or dot segments, or an escaped character that needs no escape: two spellings of one path are not served.
    #[error("the request path is not normalized")]
    NotNormalized,
    /// A `;`, which some proxies cut off and some do not.
    #[error("the request path contains ';'")]
    InvalidCharacter,
    /// A `%` without two hexadecimal digits behind it, or a character that RFC 3986 does not allow, in path or query.
    #[error("the request target is no URI")]
    NoUri,
}

/// Characters that stand in no URI. Keycloak takes square brackets in a query, though (measured).
const ILLEGAL: [char; 9] = ['"', '<', '>', '\\', '^', '`', '{', '|', '}'];

/// Checks the path and query of a request as they came. Keycloak: recordings errors-http/{double-slash,bad-percent-encoding,percent-encoded-path}.
///
/// # Errors
/// See [`PathError`].
pub fn check(path: &str, query: Option<&str>) -> Result<(), PathError> {
    let illegal = |text: &str, more: &[char]| text.contains(ILLEGAL) || text.contains(more);
    if illegal(path, &['[', ']']) || query.is_some_and(|q| illegal(q, &[])) {
        return Err(PathError::NoUri);
    }
    let escaped_plain = escapes_plain_character(path)?;
    if let Some(query) = query {
        escapes_plain_character(query)?;
    }
    if path.contains(';') {
        return Err(PathError::InvalidCharacter);
    }
    let last = path.split('/').count().saturating_sub(1);
    let bad_segment =
        path.split('/').enumerate().any(|(at, part)| part == "." || part == ".." || (part.is_empty() && at != 0 && at != last));
    if escaped_plain || bad_segment { Err(PathError::NotNormalized) } else { Ok(()) }
}

/// Whether an unreserved character of RFC 3986 is written as an escape.
fn escapes_plain_character(text: &str) -> Result<bool, PathError> {
    let mut found = false;
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let code = digit().zip(digit()).map(|(high, low)| high * 16 + low).ok_or(PathError::NoUri)?;
            let decoded = char::from_u32(code).unwrap_or_default();
            found |= decoded.is_ascii_alphanumeric() || matches!(decoded, '-' | '.' | '_' | '~');
        }
    }
    Ok(found)
}

/// Where a path lies in respect to `--http-relative-path`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// Below the base: the rest, which starts with `/`, without one trailing slash.
    Inside(&'a str),
    /// `/` above the base: 302 to the base.
    AboveBase,
    /// The base without its slash: 303 to the base.
    BaseWithoutSlash,
    /// Elsewhere: 404.
    Outside,
}

/// Finds the place of `path` in respect to `relative` (empty, or `/` and more, without a trailing slash).
pub fn place<'a>(path: &'a str, relative: &str) -> Place<'a> {
    match path.strip_prefix(relative) {
        Some("") if !relative.is_empty() => Place::BaseWithoutSlash,
        Some(rest) if rest.starts_with('/') => Place::Inside(without_trailing_slash(rest)),
        _ if path == "/" => Place::AboveBase,
        _ => Place::Outside,
    }
}

fn without_trailing_slash(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(shorter) => shorter,
    }
}

/// Decodes one path segment (a `+` is a plus); `None` where the result is not UTF-8.
pub fn decode_segment(raw: &str) -> Option<std::borrow::Cow<'_, str>> {
    percent_encoding::percent_decode_str(raw).decode_utf8().ok()
}

/// The path under which a realm's own documents lie: RFC 8414 section 3.1 puts the well-known part before the path.
///
/// `/.well-known/oauth-authorization-server/realms/x` becomes `/realms/x/.well-known/oauth-authorization-server`.
pub fn of_inserted_well_known(path: &str) -> Option<String> {
    let (document, realm) = path.strip_prefix("/.well-known/")?.split_once("/realms/")?;
    let known = !document.contains('/') && !realm.is_empty() && !realm.contains('/');
    known.then(|| format!("/realms/{realm}/{INSERTED}/{document}"))
}

/// What stands for `.well-known` inside, where it was put before the path: a `;`, so that nobody can ask for it.
pub(crate) const INSERTED: &str = ";well-known";

/// The endpoint path of RFC 8414's document where its well-known part was put before the path (for [`crate::http::endpoint`]).
pub const INSERTED_AUTHORIZATION_SERVER: &str = ";well-known/oauth-authorization-server";

#[cfg(test)]
mod tests {
    use super::*;

    /// CVE-2025-10939: what a proxy takes for a path below `/realms/` is none of `/admin/`.
    #[test]
    fn refuses_every_way_from_the_realms_to_the_administration() {
        assert_eq!(check("/realms/admin/realms/acme/users", None), Ok(()));
        for way in ["..", ".", "%2e%2e", "%2E%2E", ".%2e", "..;", "..;x=y", "%2e%2e;", "..%00/..", ";/..", "", "%2e"] {
            for path in [format!("/realms/{way}/admin/realms/acme/users"), format!("/realms/acme/{way}/{way}/admin/realms")] {
                assert!(check(&path, None).is_err(), "{path}");
            }
        }
        for way in ["..%2f", "%2f..", "..%2Fadmin", "%5c..%5c", "..%5c"] {
            let path = format!("/realms/{way}/admin/realms/acme/users");
            assert!(
                place(&path, "") == Place::Inside(&path),
                "{path}: a name like any other, decoded by nobody before it is one"
            );
        }
    }

    #[test]
    fn refuses_what_keycloak_refuses() {
        for (path, expected) in [
            ("/realms/minimal", Ok(())),
            ("/realms/minimal/", Ok(())),
            ("/", Ok(())),
            ("//realms/minimal", Err(PathError::NotNormalized)),
            ("/realms//minimal", Err(PathError::NotNormalized)),
            ("/realms/minimal//", Err(PathError::NotNormalized)),
            ("/realms/./minimal", Err(PathError::NotNormalized)),
            ("/realms/acme/../minimal", Err(PathError::NotNormalized)),
            ("/realms/acme/%2e%2e/minimal", Err(PathError::NotNormalized)),
            ("/realms/minimal/..", Err(PathError::NotNormalized)),
            ("/realms/%6dinimal", Err(PathError::NotNormalized)),
            ("/realms/acme%2Fprotocol", Ok(())),
            ("/realms/acme%5cx", Ok(())),
            ("/realms/mini%20mal", Ok(())),
            ("/realms/minimal;a=b", Err(PathError::InvalidCharacter)),
            ("/realms/minimal%3Ba=b", Ok(())),
            ("/realms/%zz", Err(PathError::NoUri)),
            ("/realms/%2", Err(PathError::NoUri)),
            ("/realms/a|b", Err(PathError::NoUri)),
            ("/realms/a[b", Err(PathError::NoUri)),
            ("/realms/a!$&'()*+,=:@~b", Ok(())),
        ] {
            assert_eq!(check(path, None), expected, "{path}");
        }
        assert_eq!(check("/realms/minimal", Some("x=%zz")), Err(PathError::NoUri));
        assert_eq!(check("/realms/minimal", Some("x={")), Err(PathError::NoUri));
        assert_eq!(check("/realms/minimal", Some("x=%41;//[]")), Ok(()));
    }

    #[test]
    fn places_paths_in_respect_to_the_relative_path() {
        for (path, relative, expected) in [
            ("/realms/a", "", Place::Inside("/realms/a")),
            ("/realms/a/", "", Place::Inside("/realms/a")),
            ("/", "", Place::Inside("/")),
            ("/auth/realms/a", "/auth", Place::Inside("/realms/a")),
            ("/auth/", "/auth", Place::Inside("/")),
            ("/auth", "/auth", Place::BaseWithoutSlash),
            ("/", "/auth", Place::AboveBase),
            ("/authentic", "/auth", Place::Outside),
            ("/realms/a", "/auth", Place::Outside),
        ] {
            assert_eq!(place(path, relative), expected, "{path} below {relative}");
        }
    }

    #[test]
    fn moves_an_inserted_well_known_behind_the_realm() {
        assert_eq!(
            of_inserted_well_known("/.well-known/oauth-authorization-server/realms/a").as_deref(),
            Some("/realms/a/;well-known/oauth-authorization-server")
        );
        assert_eq!(of_inserted_well_known("/.well-known/x"), None);
        assert_eq!(of_inserted_well_known("/.well-known/x/realms/a/b"), None);
    }
}
