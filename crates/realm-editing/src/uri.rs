//! URIs of clients, read by the rules of RFC 2396 that Keycloak holds them against.

/// What is looked at of a URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uri<'t> {
    /// Before the first colon; `None`: a relative one.
    pub scheme: Option<&'t str>,
    /// The host, without user and port; `None` where there is none, or it is no host name (wildcards).
    pub host: Option<&'t str>,
    /// Whether there is a `#`.
    pub has_fragment: bool,
}

/// Characters that a URI may have beside letters, digits and `%` with two digits.
const MARKS: &str = "-_.!~*'();/?:@&=+$,[]#";

impl<'t> Uri<'t> {
    /// Reads one; `None`: it is none.
    pub fn parse(text: &'t str) -> Option<Self> {
        if !text.chars().all(|c| c.is_alphanumeric() || c == '%' || MARKS.contains(c)) || !percents_hold(text) {
            return None;
        }
        let (body, fragment) = text.split_once('#').map_or((text, None), |(body, fragment)| (body, Some(fragment)));
        if fragment.is_some_and(|fragment| fragment.contains('#')) {
            return None;
        }
        let path_at = body.find(['/', '?']).unwrap_or(body.len());
        let (scheme, rest) = match body.find(':').filter(|colon| *colon < path_at) {
            Some(colon) => {
                let (scheme, rest) = (body.get(..colon)?, body.get(colon.checked_add(1)?..)?);
                (Some(scheme).filter(|scheme| is_scheme(scheme) && !rest.is_empty()).map(Some)?, rest)
            }
            None => (None, body),
        };
        let authority = rest.strip_prefix("//").map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
        let host = authority.map(|authority| authority.rsplit('@').next().unwrap_or_default()).and_then(without_port);
        Some(Self { scheme, host: host.filter(|host| is_host(host)), has_fragment: fragment.is_some() })
    }

    /// Whether a browser that is sent there would run a script.
    pub fn runs_a_script(&self) -> bool {
        const SCHEMES: [&str; 3] = ["javascript", "data", "vbscript"];
        self.scheme.is_some_and(|scheme| SCHEMES.iter().any(|illegal| scheme.eq_ignore_ascii_case(illegal)))
    }
}

fn percents_hold(text: &str) -> bool {
    text.split('%').skip(1).all(|after| after.as_bytes().iter().take(2).filter(|byte| byte.is_ascii_hexdigit()).count() == 2)
}

fn is_scheme(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn without_port(authority: &str) -> Option<&str> {
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next(),
        None => authority.split(':').next(),
    }
}

fn is_host(host: &str) -> bool {
    !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_where_the_authority_is_and_nowhere_else() {
        for (text, host) in [
            ("https://rp.example.org/cb", Some("rp.example.org")),
            ("https://rp.test@evil.com/cb", Some("evil.com")),
            ("http://[::1]:80/x", Some("::1")),
            ("https://*.example.org/x", None),
            ("myapp:/cb", None),
            ("/relative://rp.test", None),
        ] {
            assert_eq!(Uri::parse(text).unwrap().host, host, "{text}");
        }
    }

    #[test]
    fn what_is_no_uri_is_told() {
        for text in ["::", "https://a/x y", "http:", "https://a/%zz", "https://a/{x}", "https://evil.com\\@rp.test/cb"] {
            assert_eq!(Uri::parse(text), None, "{text}");
        }
        assert!(Uri::parse("*").is_some() && Uri::parse("https://a/*").is_some());
    }
}
