//! `webOrigins` of a client (wire.md sections 1.5 and 8.1).

/// `scheme://host:port` of an absolute URL, cut off as Keycloak does.
fn origin(url: &str) -> &str {
    let authority_end = url.get(8..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| 8 + at);
    url.get(..authority_end).unwrap_or(url)
}

fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

/// The origins of a client whose file has none: those of its redirect URIs.
pub(crate) fn derived(redirect_uris: &[String]) -> Vec<String> {
    let mut origins = Vec::new();
    // Keycloak: whatever begins with "http" counts (seen on an import of `httpx://…`).
    for uri in redirect_uris.iter().filter(|uri| uri.starts_with("http")) {
        push(&mut origins, origin(uri));
    }
    origins
}

/// `given` with `+` replaced by the origins of the redirect URIs, relative ones against `root_url`. The origin of a relative
/// URI without an absolute `root_url` is the server's own: it needs no CORS and is left out.
pub(super) fn resolved(given: Vec<String>, redirect_uris: &[String], root_url: Option<&str>) -> Vec<String> {
    if !given.iter().any(|origin| origin == "+") {
        return given;
    }
    let mut origins: Vec<String> = given.into_iter().filter(|origin| origin != "+").collect();
    for uri in redirect_uris {
        if is_web(uri) {
            push(&mut origins, origin(uri));
        } else if uri.starts_with('/')
            && let Some(root) = root_url.filter(|root| is_web(root))
        {
            push(&mut origins, origin(root));
        }
    }
    origins
}

fn push(origins: &mut Vec<String>, origin: &str) {
    if !origins.iter().any(|known| known == origin) {
        origins.push(origin.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn derives_what_keycloak_derived_from_the_same_redirect_uris() {
        let uris = owned(&[
            "http://a.b/*",
            "https://a.b:443/x?y=1",
            "/rel/*",
            "myapp:/cb",
            "*",
            "http://h",
            "HTTP://Q/x",
            "httpx://foo/bar",
        ]);
        assert_eq!(derived(&uris), ["http://a.b", "https://a.b:443", "http://h", "httpx://foo"]);
    }

    #[test]
    fn a_plus_stands_for_the_origins_of_the_redirect_uris() {
        let uris = owned(&["http://a.b/*", "/rel/*", "http://a.b/other"]);
        assert_eq!(
            resolved(owned(&["+", "https://x"]), &uris, Some("https://root.example/x")),
            ["https://x", "http://a.b", "https://root.example"]
        );
        assert_eq!(resolved(owned(&["+"]), &uris, Some("${authBaseUrl}")), ["http://a.b"]);
        assert_eq!(resolved(owned(&["*"]), &uris, None), ["*"]);
    }
}
