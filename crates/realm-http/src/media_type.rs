use oidc_types::Charset;

const FORM: &str = "application/x-www-form-urlencoded";

/// What a body is, by its `Content-Type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// `application/x-www-form-urlencoded`, with its charset.
    UrlEncoded(Charset),
    /// `multipart/form-data`, with its boundary.
    Multipart(String),
    /// Anything else, or nothing.
    Other,
}

/// Reads a `Content-Type`. Keycloak compares its case (recording errors-http/token-content-type-charset).
pub fn kind_of(media_type: Option<&str>) -> BodyKind {
    let mut parts = media_type.unwrap_or_default().split(';').map(str::trim);
    match parts.next() {
        // Keycloak: whatever begins like that is read (measured on 26.7.4).
        Some(essence) if essence.starts_with(FORM) => BodyKind::UrlEncoded(charset(parts)),
        Some("multipart/form-data") => parts
            .find_map(|p| p.strip_prefix("boundary="))
            .map(|b| BodyKind::Multipart(b.trim_matches('"').to_owned()))
            .unwrap_or(BodyKind::Other),
        _ => BodyKind::Other,
    }
}

fn charset<'a>(parameters: impl Iterator<Item = &'a str>) -> Charset {
    let mut pairs = parameters.filter_map(|p| p.split_once('='));
    let named = pairs.find(|(name, _)| name.eq_ignore_ascii_case("charset"));
    named.map(|(_, value)| Charset::named(value.trim_matches('"'))).unwrap_or_default()
}

/// Whether client credentials are read from a body of this `Content-Type`: Keycloak is stricter there than with the rest of a
/// form (measured on 26.7.4).
pub fn may_carry_credentials(media_type: Option<&str>) -> bool {
    media_type.unwrap_or_default().split(';').next() == Some(FORM)
}

/// Whether an `Accept` header (RFC 9110 section 12.5.1) lets an answer of one of `media_types` pass; an empty one does.
/// Keycloak: weights count for nothing, and what is no media range matches nothing (measured on 26.7.4).
pub fn is_accepted(accept: Option<&str>, media_types: &[&str]) -> bool {
    let Some(accept) = accept.map(str::trim).filter(|a| !a.is_empty()) else { return true };
    let is = |name: &str, media_type: &str| {
        let family = media_type.split('/').next().unwrap_or_default();
        let same_family = name.strip_suffix("/*").is_some_and(|f| f.eq_ignore_ascii_case(family));
        name == "*/*" || same_family || name.eq_ignore_ascii_case(media_type)
    };
    let mut names = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    names.any(|name| media_types.iter().any(|media_type| is(name, media_type)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_forms_from_other_bodies() {
        for (media_type, expected) in [
            (Some("application/x-www-form-urlencoded"), BodyKind::UrlEncoded(Charset::Utf8)),
            (Some("application/x-www-form-urlencoded; charset=ISO-8859-1"), BodyKind::UrlEncoded(Charset::Latin1)),
            (Some("application/x-www-form-urlencoded;Charset=\"utf-8\""), BodyKind::UrlEncoded(Charset::Utf8)),
            (Some("application/x-www-form-urlencodedx"), BodyKind::UrlEncoded(Charset::Utf8)),
            (Some("APPLICATION/X-WWW-FORM-URLENCODED"), BodyKind::Other),
            (Some("multipart/form-data; boundary=b"), BodyKind::Multipart("b".to_owned())),
            (Some("multipart/form-data"), BodyKind::Other),
            (Some("rubbish"), BodyKind::Other),
            (Some("application/json"), BodyKind::Other),
            (None, BodyKind::Other),
        ] {
            assert_eq!(kind_of(media_type), expected, "{media_type:?}");
        }
    }

    #[test]
    fn credentials_come_in_a_form_of_exactly_that_type() {
        for (media_type, expected) in [
            (Some("application/x-www-form-urlencoded"), true),
            (Some("application/x-www-form-urlencoded;charset=utf-8"), true),
            (Some("application/x-www-form-urlencoded ; charset=utf-8"), false),
            (Some("application/x-www-form-urlencodedx"), false),
            (Some("multipart/form-data; boundary=b"), false),
            (None, false),
        ] {
            assert_eq!(may_carry_credentials(media_type), expected, "{media_type:?}");
        }
    }

    #[test]
    fn judges_accept_headers() {
        for (accept, expected) in [
            (None, true),
            (Some(""), true),
            (Some("rubbish"), false),
            (Some("*"), false),
            (Some("*/*"), true),
            (Some("application/*"), true),
            (Some("text/html, application/json;q=0.5"), true),
            (Some("image/png, */*;q=0.1"), true),
            (Some("image/png"), false),
            (Some("text/html,application/xhtml+xml"), false),
            (Some("application/json;q=0"), true),
        ] {
            assert_eq!(is_accepted(accept, &["application/json"]), expected, "{accept:?}");
        }
    }
}
