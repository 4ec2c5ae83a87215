use std::sync::atomic::{AtomicU8, Ordering};

use thiserror::Error;

/// Request headers that a preflight answer names. Keycloak: recording cors/preflight-token.
pub const PREFLIGHT_HEADERS: &str = "Origin, Accept, X-Requested-With, Access-Control-Request-Method, \
                                     Access-Control-Request-Headers, DPoP, Content-Type, Authorization";

/// How long a browser may keep a preflight answer, in seconds.
pub const PREFLIGHT_MAX_AGE: &str = "3600";

/// The request came from an origin that the client does not list: 403 `{"error":"Invalid origin"}`, and nothing may happen.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the origin of the request is not among the client's web origins")]
pub struct OriginRefused;

/// What an origin may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginDecision {
    /// The answer carries no CORS headers: there is no `Origin`, or it is the server's own.
    NoHeaders,
    /// The answer carries CORS headers.
    Allowed,
    /// 403.
    Refused,
}

/// Judges the `Origin` of a request, as strings: case, port and a trailing slash matter. Keycloak: recordings cors/*.
///
/// `own` are the origins of this server under the names it was asked by.
pub fn decide(origin: Option<&str>, own: &[String], web_origins: &[String]) -> OriginDecision {
    let Some(origin) = origin else { return OriginDecision::NoHeaders };
    if web_origins.iter().any(|o| o == "*" || o == origin) {
        OriginDecision::Allowed
    } else if own.iter().any(|o| o == origin) {
        OriginDecision::NoHeaders
    } else {
        OriginDecision::Refused
    }
}

/// Which response headers a script of the origin may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expose {
    /// No `Access-Control-Expose-Headers`: discovery, keys, realm page.
    Nothing,
    /// `Access-Control-Allow-Methods`
    Default,
    /// `Access-Control-Allow-Methods, WWW-Authenticate`: errors of userinfo.
    WwwAuthenticate,
}

impl Expose {
    /// The header's value, where there is one.
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Default => Some("Access-Control-Allow-Methods"),
            Self::WwwAuthenticate => Some("Access-Control-Allow-Methods, WWW-Authenticate"),
        }
    }
}

/// The origin of one request and what its answer will say about it.
///
/// Starts with "no CORS headers". An endpoint changes that while it goes through its checks, and whatever answer comes of
/// it then carries the headers: [`Cors::allow_any`] while the client is not known, [`Cors::judge`] once it is.
#[derive(Debug)]
pub struct Cors {
    origin: Option<String>,
    own: Vec<String>,
    answer: AtomicU8,
}

const SILENT: u8 = 0;
const NOTHING: u8 = 1;
const DEFAULT: u8 = 2;
const WWW_AUTHENTICATE: u8 = 3;

impl Cors {
    /// For the `Origin` header of a request to a server that is itself at the origins `own`.
    pub fn new(origin: Option<&str>, own: Vec<String>) -> Self {
        Self { origin: origin.map(str::to_owned), own, answer: AtomicU8::new(SILENT) }
    }

    /// The `Origin` header.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The answer carries CORS headers, whoever asks: errors before the client is known, public documents.
    pub fn allow_any(&self, expose: Expose) {
        let answer = match expose {
            Expose::Nothing => NOTHING,
            Expose::Default => DEFAULT,
            Expose::WwwAuthenticate => WWW_AUTHENTICATE,
        };
        self.answer.store(answer, Ordering::Relaxed);
    }

    /// The answer carries no CORS headers (the state at the start).
    pub fn allow_none(&self) {
        self.answer.store(SILENT, Ordering::Relaxed);
    }

    /// Judges the origin by the client's web origins; from here on the answer carries what came of it.
    ///
    /// # Errors
    /// [`OriginRefused`]: answer at once, do nothing else.
    pub fn judge(&self, web_origins: &[String]) -> Result<(), OriginRefused> {
        match decide(self.origin(), &self.own, web_origins) {
            OriginDecision::Allowed => self.allow_any(Expose::Default),
            OriginDecision::NoHeaders => self.allow_none(),
            OriginDecision::Refused => {
                self.allow_none();
                return Err(OriginRefused);
            }
        }
        Ok(())
    }

    /// What the answer says: the origin to allow and the headers to expose.
    pub fn answer(&self) -> Option<(&str, Expose)> {
        let expose = match self.answer.load(Ordering::Relaxed) {
            NOTHING => Expose::Nothing,
            DEFAULT => Expose::Default,
            WWW_AUTHENTICATE => Expose::WwwAuthenticate,
            _ => return None,
        };
        Some((self.origin()?, expose))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Vec<String> {
        items.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn decides_as_recorded() {
        let own = list(&["http://localhost:8080"]);
        let worker = list(&["https://worker.acme.example"]);
        for (origin, allowed, expected) in [
            (None, &worker, OriginDecision::NoHeaders),
            (Some("https://worker.acme.example"), &worker, OriginDecision::Allowed),
            (Some("https://WORKER.acme.example"), &worker, OriginDecision::Refused),
            (Some("https://worker.acme.example/"), &worker, OriginDecision::Refused),
            (Some("https://worker.acme.example:443"), &worker, OriginDecision::Refused),
            (Some("https://worker.acme.example.evil.example"), &worker, OriginDecision::Refused),
            (Some("null"), &worker, OriginDecision::Refused),
            (Some("null"), &list(&["*"]), OriginDecision::Allowed),
            (Some("http://localhost:8080"), &worker, OriginDecision::NoHeaders),
            (Some("http://localhost:8080"), &list(&["*"]), OriginDecision::Allowed),
            (Some("https://x.example"), &Vec::new(), OriginDecision::Refused),
        ] {
            assert_eq!(decide(origin, &own, allowed), expected, "{origin:?}");
        }
    }

    #[test]
    fn says_nothing_until_an_endpoint_allows_something() {
        let cors = Cors::new(Some("https://a.example"), Vec::new());
        assert_eq!(cors.answer(), None);
        cors.allow_any(Expose::Default);
        assert_eq!(cors.answer(), Some(("https://a.example", Expose::Default)));
    }

    #[test]
    fn a_refused_origin_takes_back_what_was_allowed_before() {
        let cors = Cors::new(Some("https://a.example"), Vec::new());
        cors.allow_any(Expose::Default);
        assert_eq!(cors.judge(&[]), Err(OriginRefused));
        assert_eq!(cors.answer(), None);
    }

    #[test]
    fn without_an_origin_there_is_never_a_header() {
        let cors = Cors::new(None, Vec::new());
        cors.allow_any(Expose::Default);
        assert_eq!(cors.answer(), None);
        assert_eq!(cors.judge(&[]), Ok(()));
    }
}
