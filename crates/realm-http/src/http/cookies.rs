use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;

use crate::RealmContext;

/// The cookies of one request: those that came, and those that are to be set.
#[derive(Debug, Default)]
pub struct Cookies {
    came: Vec<(String, String)>,
    set: Vec<String>,
    path: String,
    secure: bool,
}

/// How long a browser keeps a cookie, and who may read it.
#[derive(Clone, Copy, Debug, Default)]
pub struct CookieScope {
    /// `Max-Age` in seconds; none: until the browser is closed.
    pub max_age: Option<i64>,
    /// Scripts may read it.
    pub for_scripts: bool,
    /// `SameSite=Strict`
    pub strict: bool,
}

impl Cookies {
    /// The cookies of a request to a realm.
    pub fn of(http: &HttpRequest, cx: &RealmContext) -> Self {
        let mut came = Vec::new();
        for header in http.headers().get_all(COOKIE).filter_map(|header| header.to_str().ok()) {
            // RFC 2109: `$Version`, `$Path` stand between them, values may be quoted (page-contract.md).
            for (name, value) in header.split([';', ',']).filter_map(|pair| pair.trim().split_once('=')) {
                if !name.starts_with('$') {
                    came.push((name.to_owned(), value.trim_matches('"').to_owned()));
                }
            }
        }
        Self { came, set: Vec::new(), path: cx.cookie_path(), secure: cx.is_secure_context() }
    }

    /// Of a browser that sends none.
    pub fn none(cx: &RealmContext) -> Self {
        Self { came: Vec::new(), set: Vec::new(), path: cx.cookie_path(), secure: cx.is_secure_context() }
    }

    /// The value of a cookie that came.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.came.iter().find(|(came, _)| came == name).map(|(_, value)| value.as_str())
    }

    /// The values of all cookies of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.came.iter().filter(move |(came, _)| came == name).map(|(_, value)| value.as_str())
    }

    /// Sets a cookie of the realm.
    pub fn set(&mut self, name: &str, value: &str, scope: CookieScope) {
        let max_age = scope.max_age.map(|seconds| format!(";Max-Age={seconds}")).unwrap_or_default();
        let http_only = if scope.for_scripts { "" } else { ";HttpOnly" };
        // Keycloak: over plain http to another machine no browser would take `Secure` (wire-browser.md section 3).
        let (secure, same_site) = match (self.secure, scope.strict) {
            (true, true) => (";Secure", "Strict"),
            (true, false) => (";Secure", "None"),
            (false, true) => ("", "Strict"),
            (false, false) => ("", "Lax"),
        };
        self.set.push(format!("{name}={value};Version=1;Path={}{max_age}{secure}{http_only};SameSite={same_site}", self.path));
    }

    /// Clears a cookie of the realm.
    pub fn clear(&mut self, name: &str) {
        self.set.push(format!("{name}=;Version=1;Path={};Max-Age=0", self.path));
    }

    /// Clears a cookie if it came.
    pub fn clear_sent(&mut self, name: &str) {
        if self.get(name).is_some() {
            self.clear(name);
        }
    }

    /// The `Set-Cookie` headers, in the order in which they were set.
    pub fn to_set(&self) -> impl Iterator<Item = &str> {
        self.set.iter().map(String::as_str)
    }
}
