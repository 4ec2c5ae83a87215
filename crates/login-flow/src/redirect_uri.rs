//! Where an answer may be sent: RFC 6749 section 3.1.2, and Keycloak's wildcards as far as they are safe (wire.md section 6.1;
//! each row of the tests was measured on 26.7.4).

use realm_http::absolute_url;
use realm_model::Client;

use crate::authorization::Parameters;

/// Schemes that make a browser run what is in the URI.
const RUNNING_SCHEMES: [&str; 3] = ["javascript", "data", "vbscript"];

/// Where installed apps listen, at any port (RFC 8252 section 7.3).
const LOOPBACKS: [&str; 3] = ["http://localhost:", "http://127.0.0.1:", "http://[::1]:"];

/// Parameters of an answer: in a redirect URI, they would be taken for it.
const ANSWERED: [&str; 13] = [
    "code",
    "state",
    "error",
    "error_description",
    "iss",
    "session_state",
    "response",
    "access_token",
    "id_token",
    "token_type",
    "expires_in",
    "kc_action",
    "kc_action_status",
];

/// Rounds in which a path may be decoded until it stays as it is.
const MOST_DECODINGS: usize = 5;

/// A redirect URI that is registered for the client of the request. Only [`RedirectUri::registered`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// `asked`, if it is one of the client's redirect URIs; relative ones are those below the client's `rootUrl` or `base`, the
    /// server's own URL.
    pub fn registered(client: &Client, base: &str, asked: &str) -> Option<Self> {
        Self::among(client, base, (client.redirect_uris.iter().map(String::as_str), asked))
    }

    /// `asked`, if the client may send people there who have logged out: `post.logout.redirect.uris`, in which `+` stands for the
    /// redirect URIs, as does the want of the attribute, and `-` for none (recordings logout/target-*).
    pub fn after_logout(client: &Client, base: &str, asked: &str) -> Option<Self> {
        let listed = client.attribute("post.logout.redirect.uris").unwrap_or("+");
        let own = || client.redirect_uris.iter().map(String::as_str);
        let all = listed.split("##").filter(|uri| !matches!(*uri, "+" | "-" | ""));
        let plus = listed.split("##").any(|uri| uri == "+").then(own).into_iter().flatten();
        Self::among(client, base, (all.chain(plus), asked))
    }

    /// This server's own page, where whoever has answered a device ends.
    pub(crate) fn after_device(parameters: &Parameters) -> Option<Self> {
        parameters.user_code()?;
        parameters.get("redirect_uri").map(|uri| Self(uri.to_owned()))
    }

    fn among<'u>(client: &Client, base: &str, (registered, asked): (impl Iterator<Item = &'u str>, &str)) -> Option<Self> {
        let candidate = Candidate::read(asked)?;
        let patterns: Vec<String> = registered.map(|pattern| absolute(client, base, pattern)).collect();
        let fits = |candidate: &Candidate<'_>| patterns.iter().any(|pattern| candidate.fits(pattern));
        let without_port = without_loopback_port(asked);
        let allowed = fits(&candidate) || without_port.as_deref().and_then(Candidate::read).is_some_and(|plain| fits(&plain));
        allowed.then(|| Self(asked.to_owned()))
    }

    /// The only one that the client has: RFC 6749 section 3.1.2.3 lets a request leave it out. Keycloak: what a wildcard begins
    /// with counts as one (measured on 26.7.4).
    pub fn only_one(client: &Client, base: &str) -> Option<Self> {
        let [only] = client.redirect_uris.as_slice() else { return None };
        let absolute = absolute(client, base, only);
        let plain = absolute.strip_suffix("/*").unwrap_or(&absolute);
        Candidate::read(plain).filter(|candidate| !candidate.text.contains('*')).map(|_| Self(plain.to_owned()))
    }

    /// That of a login that no application has asked for.
    pub(crate) const fn nowhere() -> Self {
        Self(String::new())
    }

    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A registered URI with what it is relative to.
fn absolute(client: &Client, base: &str, pattern: &str) -> String {
    absolute_url(client.root_url.as_deref(), base, pattern)
}

/// An absolute URI that may be looked at: not yet anybody's.
struct Candidate<'a> {
    text: &'a str,
    scheme: &'a str,
    /// With user information and port; empty where there is none.
    authority: &'a str,
    /// Up to query and fragment.
    path: &'a str,
}

impl<'a> Candidate<'a> {
    /// `None` for what is no absolute URI, for what a browser would run, and for what carries parameters of an answer.
    fn read(text: &'a str) -> Option<Self> {
        if !has_only_uri_characters(text) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        let starts_well = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_scheme = starts_well && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !is_scheme || RUNNING_SCHEMES.iter().any(|running| scheme.eq_ignore_ascii_case(running)) {
            return None;
        }
        let (before_fragment, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (hierarchy, query) = before_fragment.split_once('?').unwrap_or((before_fragment, ""));
        let (authority, path) = match hierarchy.strip_prefix("//") {
            None => ("", hierarchy),
            Some(hierarchy) => hierarchy.split_at_checked(hierarchy.find('/').unwrap_or(hierarchy.len()))?,
        };
        let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        let leads_somewhere = if is_web { !authority.is_empty() } else { !(authority.is_empty() && path.is_empty()) };
        let clean = !carries_answer(query) && !carries_answer(fragment);
        (leads_somewhere && clean).then_some(Self { text, scheme, authority, path })
    }

    fn is_web(&self) -> bool {
        matches!(self.scheme, "http" | "https")
    }

    fn fits(&self, pattern: &str) -> bool {
        match pattern.strip_suffix('*') {
            // RFC 6749 section 3.1.2.3: simple string comparison (RFC 3986 section 6.2.1)
            None => self.text == pattern,
            Some(_) if pattern.contains('?') => self.text == pattern,
            Some(prefix) => self.is_fit_for_wildcards() && self.begins_with(prefix),
        }
    }

    /// No user information, which hides the host, and no way up out of the folder, however it is written
    /// (CVE-2023-6291, CVE-2024-1132, CVE-2024-2419).
    fn is_fit_for_wildcards(&self) -> bool {
        !self.authority.contains('@') && !leads_up(self.path)
    }

    /// Whether it is below what a pattern has before its `*`. Query and fragment do not count.
    fn begins_with(&self, prefix: &str) -> bool {
        let plain = self.text.split(['?', '#']).next().unwrap_or_default();
        let Some((scheme, hierarchy)) = prefix.split_once("://") else {
            // `*`, `http*`, `myapp:*`
            let own_scheme = prefix.split_once(':').is_some_and(|(scheme, _)| scheme == self.scheme);
            return plain.starts_with(prefix) && (own_scheme || self.is_web());
        };
        if scheme != self.scheme {
            return false;
        }
        match hierarchy.split_once('/') {
            None if hierarchy.is_empty() => !self.authority.is_empty(),
            // Within a host: it must end there, or another host would do that begins alike.
            None => self.authority == hierarchy,
            Some(_) => plain.starts_with(prefix) || prefix.strip_suffix('/') == Some(plain),
        }
    }
}

/// Keycloak: `http://localhost/cb` stands for every port (measured on 26.7.4; RFC 8252 section 7.3).
fn without_loopback_port(asked: &str) -> Option<String> {
    LOOPBACKS.iter().find_map(|loopback| {
        let rest = asked.strip_prefix(loopback)?;
        let port = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (port, rest) = rest.split_at_checked(port)?;
        let host = loopback.strip_suffix(':')?;
        port.bytes().all(|b| b.is_ascii_digit()).then(|| format!("{host}{rest}"))
    })
}

/// Letters of any language, the characters of RFC 3986 and whole escapes.
fn has_only_uri_characters(text: &str) -> bool {
    let escapes = text.split('%').skip(1);
    let whole = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    let fine = |c: char| match c {
        '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => false,
        c if c.is_ascii() => c.is_ascii_graphic(),
        c => c.is_alphanumeric(),
    };
    text.chars().all(fine) && escapes.into_iter().all(whole)
}

/// Whether one of the parameters is one of an answer, however it is written.
fn carries_answer(query: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
        ANSWERED.contains(&name.as_str())
    })
}

/// Whether a path has a segment that leads up, be it encoded once or more often, or followed by path parameters (`..;x`, which
/// some servers cut off: CVE-2026-3872).
fn leads_up(path: &str) -> bool {
    let mut path = path.to_owned();
    for _ in 0..MOST_DECODINGS {
        let mut segments = path.split(['/', '\\']).map(|segment| segment.split(';').next().unwrap_or_default());
        if segments.any(|segment| segment == "..") {
            return true;
        }
        let decoded = percent_encoding::percent_decode_str(&path).decode_utf8_lossy().into_owned();
        if decoded == path {
            return false;
        }
        path = decoded;
    }
    true
}

#[cfg(test)]
mod tests;
