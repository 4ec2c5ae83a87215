/// What a body is, by its `Content-Type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// `application/x-www-form-urlencoded`
    UrlEncoded,
    /// `multipart/form-data`, with its boundary.
    Multipart(String),
    /// Anything else, or nothing.
    Other,
}

/// Reads a `Content-Type`. Keycloak compares its case (recording errors-http/token-content-type-charset); a charset is ignored.
pub fn kind_of(media_type: Option<&str>) -> BodyKind {
    let mut parts = media_type.unwrap_or_default().split(';').map(str::trim);
    match parts.next() {
        Some("application/x-www-form-urlencoded") => BodyKind::UrlEncoded,
        Some("multipart/form-data") => parts
            .find_map(|p| p.strip_prefix("boundary="))
            .map(|b| BodyKind::Multipart(b.trim_matches('"').to_owned()))
            .unwrap_or(BodyKind::Other),
        _ => BodyKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_forms_from_other_bodies() {
        for (media_type, expected) in [
            (Some("application/x-www-form-urlencoded"), BodyKind::UrlEncoded),
            (Some("application/x-www-form-urlencoded; charset=ISO-8859-1"), BodyKind::UrlEncoded),
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
}
