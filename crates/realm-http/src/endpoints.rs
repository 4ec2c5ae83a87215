//! The paths that exist below a realm, and what their wrong verbs get, whether or not their endpoint is here yet.

use crate::path::{INSERTED, INSERTED_AUTHORIZATION_SERVER};

/// What `OPTIONS` gets, beside 200 and an empty body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionsAnswer {
    /// A CORS preflight answer with these methods to any origin; nothing special without an origin.
    Preflight(&'static str),
    /// No CORS: an `Allow` header with these methods.
    Allow(&'static str),
}

/// A path below `/realms/{realm}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownEndpoint {
    /// Without a slash at either end; empty for the realm itself.
    pub path: &'static str,
    /// The verbs it serves; `GET` includes `HEAD`.
    pub verbs: &'static [&'static str],
    /// What `OPTIONS` gets.
    pub options: OptionsAnswer,
}

const fn row(path: &'static str, verbs: &'static [&'static str], options: OptionsAnswer) -> KnownEndpoint {
    KnownEndpoint { path, verbs, options }
}

const NONE: &[&str] = &[];
const GET: &[&str] = &["GET"];
const POST: &[&str] = &["POST"];
const GET_POST: &[&str] = &["GET", "POST"];

/// Keycloak: recordings cors/preflight-others, errors-http/{unknown-paths,token-other-methods}.
const KNOWN: &[KnownEndpoint] = &[
    row("", GET, OptionsAnswer::Preflight("GET, HEAD, OPTIONS")),
    row(".well-known/openid-configuration", GET, OptionsAnswer::Preflight("GET")),
    row(".well-known/oauth-authorization-server", GET, OptionsAnswer::Preflight("GET")),
    row(".well-known/uma2-configuration", GET, OptionsAnswer::Preflight("GET")),
    row(INSERTED_AUTHORIZATION_SERVER, GET, OptionsAnswer::Preflight("GET")),
    row("account", GET, OptionsAnswer::Preflight("DELETE, GET, HEAD, OPTIONS, POST, PUT")),
    row("protocol/openid-connect/token", POST, OptionsAnswer::Preflight("POST, OPTIONS")),
    row("protocol/openid-connect/token/introspect", POST, OptionsAnswer::Allow("HEAD, POST, OPTIONS")),
    row("protocol/openid-connect/certs", GET, OptionsAnswer::Preflight("GET")),
    row("protocol/openid-connect/userinfo", GET_POST, OptionsAnswer::Preflight("GET, HEAD, OPTIONS")),
    row("protocol/openid-connect/revoke", POST, OptionsAnswer::Preflight("POST, OPTIONS")),
    row("protocol/openid-connect/logout", GET_POST, OptionsAnswer::Preflight("GET, HEAD, OPTIONS")),
    row("protocol/openid-connect/auth", GET_POST, OptionsAnswer::Allow("HEAD, POST, GET, OPTIONS")),
    row("protocol/openid-connect/auth/device", GET_POST, OptionsAnswer::Preflight("POST, OPTIONS")),
    row("device", GET_POST, OptionsAnswer::Preflight("POST, OPTIONS")),
    row("protocol/openid-connect/ext/ciba/auth/callback", POST, OptionsAnswer::Allow("HEAD, POST, OPTIONS")),
    row("protocol/openid-connect/ext/par", NONE, OptionsAnswer::Allow("HEAD, OPTIONS")),
    row("protocol/openid-connect/ext/ciba", NONE, OptionsAnswer::Allow("HEAD, OPTIONS")),
    row("protocol/openid-connect/ext/par/request", POST, OptionsAnswer::Allow("HEAD, POST, OPTIONS")),
    row("protocol/openid-connect/ext/ciba/auth", POST, OptionsAnswer::Allow("HEAD, POST, OPTIONS")),
    row("protocol/openid-connect/login-status-iframe.html", GET, OptionsAnswer::Allow("HEAD, GET, OPTIONS")),
    row("authz", NONE, OptionsAnswer::Allow("HEAD, OPTIONS")),
    row("clients-registrations", NONE, OptionsAnswer::Allow("HEAD, OPTIONS")),
];

impl KnownEndpoint {
    /// The endpoint at `path` below the realm.
    pub fn find(path: &str) -> Option<&'static Self> {
        let path = if path.starts_with("account/") { "account" } else { path };
        KNOWN.iter().find(|e| e.path == path)
    }

    /// Whether it serves this verb.
    pub fn serves(&self, method: &str) -> bool {
        self.verbs.contains(&if method == "HEAD" { "GET" } else { method })
    }

    /// What a verb gets that it does not serve.
    pub fn unserved(&self, method: &str) -> Unserved {
        if method == "OPTIONS" {
            Unserved::Options(self.options)
        } else if self.path == INSERTED_AUTHORIZATION_SERVER {
            Unserved::RefusedEarly
        } else if self.path.starts_with(".well-known/") {
            // Keycloak: recording discovery-and-keys/openid-configuration-post.
            Unserved::NotFound
        } else {
            Unserved::MethodNotAllowed
        }
    }
}

/// The answer to a request that no endpoint takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unserved {
    /// 404 `HTTP 404 Not Found`
    NotFound,
    /// 404 `Protocol not found`
    ProtocolNotFound,
    /// 405 `HTTP 405 Method Not Allowed`
    MethodNotAllowed,
    /// 405, before any header is set.
    RefusedEarly,
    /// 200 to `OPTIONS`.
    Options(OptionsAnswer),
    /// 501: Keycloak serves this, this server does not.
    NotImplemented,
}

/// Judges a request below an existing realm that no endpoint has claimed; `path` without a slash at either end.
pub fn unserved(method: &str, path: &str) -> Unserved {
    if let Some(known) = KnownEndpoint::find(path) {
        return if known.serves(method) { Unserved::NotImplemented } else { known.unserved(method) };
    }
    let mut segments = path.split('/');
    match (segments.next(), segments.next(), segments.next(), segments.next()) {
        (Some("protocol"), Some("openid-connect"), first, _) => below_protocol(method, path, first),
        (Some("protocol"), Some("saml"), _, _) => Unserved::NotImplemented,
        (Some("protocol"), Some(_), _, _) => Unserved::ProtocolNotFound,
        // Keycloak: recording dynamic-registration/cors.
        (Some("clients-registrations"), Some("install"), _, None) if method == "OPTIONS" => {
            Unserved::Options(OptionsAnswer::Allow("HEAD, GET, OPTIONS"))
        }
        (Some("clients-registrations"), Some(_), _, None) if method == "OPTIONS" => {
            Unserved::Options(OptionsAnswer::Preflight("DELETE, POST, GET, OPTIONS, PUT"))
        }
        // Keycloak: whatever stands below `authz` is no page (measured on 26.7.4).
        (Some("authz"), Some(_), _, _) if method == "OPTIONS" => Unserved::Options(OptionsAnswer::Allow("HEAD, OPTIONS")),
        (Some("authz"), Some(_), _, _) => Unserved::MethodNotAllowed,
        (Some(".well-known"), Some(_), None, _) if method == "OPTIONS" => Unserved::Options(OptionsAnswer::Preflight("GET")),
        (Some(INSERTED), _, _, _) if !matches!(method, "GET" | "HEAD" | "OPTIONS") => Unserved::RefusedEarly,
        _ => Unserved::NotFound,
    }
}

/// Below a realm that does not exist: what is judged before the realm is looked for (measured on 26.7.4).
pub fn unserved_without_realm(method: &str, path: &str) -> Option<Unserved> {
    let document = path.strip_prefix(".well-known/").or_else(|| path.strip_prefix(";well-known/"))?;
    match method {
        "OPTIONS" if !document.contains('/') => Some(Unserved::Options(OptionsAnswer::Preflight("GET"))),
        "GET" | "HEAD" | "OPTIONS" => None,
        _ => path.starts_with(INSERTED).then_some(Unserved::RefusedEarly),
    }
}

/// Keycloak: below an endpoint, and in the place of one, a verb that is served there gets 404 and any other 405, `HEAD` always
/// (recordings errors-http/{unknown-paths,path-case}); below `ext` everything is 404.
fn below_protocol(method: &str, path: &str, first: Option<&str>) -> Unserved {
    let is_below = |e: &&KnownEndpoint| path.strip_prefix(e.path).is_some_and(|rest| !e.path.is_empty() && rest.starts_with('/'));
    let parent = KNOWN.iter().filter(is_below).max_by_key(|e| e.path.len());
    match (parent, method) {
        (Some(KnownEndpoint { options: OptionsAnswer::Allow(methods), .. }), "OPTIONS") => {
            Unserved::Options(OptionsAnswer::Allow(methods))
        }
        (_, "OPTIONS") => Unserved::NotFound,
        (None, _) if first == Some("ext") && !path.ends_with("/ext") => Unserved::NotFound,
        (_, "HEAD") => Unserved::MethodNotAllowed,
        (Some(parent), _) if parent.serves(method) => Unserved::NotFound,
        (None, "GET") => Unserved::NotFound,
        _ => Unserved::MethodNotAllowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_requests_that_no_endpoint_takes() {
        let oidc = "protocol/openid-connect";
        for (method, path, expected) in [
            ("GET", "nothing".to_owned(), Unserved::NotFound),
            ("GET", "protocol".to_owned(), Unserved::NotFound),
            ("POST", "protocol".to_owned(), Unserved::NotFound),
            ("GET", "protocol/nothing".to_owned(), Unserved::ProtocolNotFound),
            ("POST", "protocol/OpenID-Connect/token".to_owned(), Unserved::ProtocolNotFound),
            ("GET", oidc.to_owned(), Unserved::NotFound),
            ("POST", oidc.to_owned(), Unserved::MethodNotAllowed),
            ("GET", format!("{oidc}/nothing"), Unserved::NotFound),
            ("POST", format!("{oidc}/Token"), Unserved::MethodNotAllowed),
            ("OPTIONS", format!("{oidc}/nothing"), Unserved::NotFound),
            ("GET", format!("{oidc}/token/nothing"), Unserved::MethodNotAllowed),
            ("POST", format!("{oidc}/token/nothing"), Unserved::NotFound),
            ("PUT", format!("{oidc}/token/nothing"), Unserved::MethodNotAllowed),
            ("POST", format!("{oidc}/certs/nothing"), Unserved::MethodNotAllowed),
            ("GET", format!("{oidc}/certs/nothing"), Unserved::NotFound),
            ("GET", format!("{oidc}/token/introspect/x"), Unserved::MethodNotAllowed),
            ("POST", format!("{oidc}/token/introspect/x"), Unserved::NotFound),
            ("HEAD", format!("{oidc}/nothing"), Unserved::MethodNotAllowed),
            ("HEAD", format!("{oidc}/userinfo/x"), Unserved::MethodNotAllowed),
            ("PUT", format!("{oidc}/ext/nothing"), Unserved::NotFound),
            ("HEAD", format!("{oidc}/ext/nothing"), Unserved::NotFound),
            ("PUT", format!("{oidc}/ext"), Unserved::MethodNotAllowed),
            ("GET", format!("{oidc}/ext/par"), Unserved::MethodNotAllowed),
            ("POST", format!("{oidc}/ext/par/request/x"), Unserved::NotFound),
            ("PUT", format!("{oidc}/ext/par/request/x"), Unserved::MethodNotAllowed),
            ("FOO", format!("{oidc}/token"), Unserved::MethodNotAllowed),
            ("post", format!("{oidc}/token"), Unserved::MethodNotAllowed),
            ("POST", "".to_owned(), Unserved::MethodNotAllowed),
            ("POST", ".well-known/openid-configuration".to_owned(), Unserved::NotFound),
            ("GET", ".well-known/nothing".to_owned(), Unserved::NotFound),
            ("GET", "authz/protection/nothing".to_owned(), Unserved::MethodNotAllowed),
            ("OPTIONS", "authz/protection/nothing".to_owned(), Unserved::Options(OptionsAnswer::Allow("HEAD, OPTIONS"))),
            ("POST", ";well-known/oauth-authorization-server".to_owned(), Unserved::RefusedEarly),
            ("GET", format!("{oidc}/auth"), Unserved::NotImplemented),
        ] {
            assert_eq!(unserved(method, &path), expected, "{method} {path}");
        }
    }

    #[test]
    fn answers_preflights_as_recorded() {
        for (path, expected) in [
            ("protocol/openid-connect/userinfo", OptionsAnswer::Preflight("GET, HEAD, OPTIONS")),
            ("protocol/openid-connect/revoke", OptionsAnswer::Preflight("POST, OPTIONS")),
            ("protocol/openid-connect/token/introspect", OptionsAnswer::Allow("HEAD, POST, OPTIONS")),
            ("protocol/openid-connect/token/introspect/x", OptionsAnswer::Allow("HEAD, POST, OPTIONS")),
            ("protocol/openid-connect/ext/par", OptionsAnswer::Allow("HEAD, OPTIONS")),
            ("", OptionsAnswer::Preflight("GET, HEAD, OPTIONS")),
        ] {
            assert_eq!(unserved("OPTIONS", path), Unserved::Options(expected), "{path}");
        }
    }

    #[test]
    fn well_known_paths_are_judged_without_a_realm() {
        let preflight = Some(Unserved::Options(OptionsAnswer::Preflight("GET")));
        for (method, path, expected) in [
            ("OPTIONS", ".well-known/openid-configuration", preflight),
            ("OPTIONS", ";well-known/oauth-authorization-server", preflight),
            ("POST", ";well-known/oauth-authorization-server", Some(Unserved::RefusedEarly)),
            ("POST", ".well-known/openid-configuration", None),
            ("GET", ";well-known/oauth-authorization-server", None),
            ("OPTIONS", "protocol/openid-connect/token", None),
        ] {
            assert_eq!(unserved_without_realm(method, path), expected, "{method} {path}");
        }
    }
}
