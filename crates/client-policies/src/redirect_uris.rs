//! Redirect URIs as OAuth 2.1 and administrators want them.

use regex_lite::Regex;

use crate::error::Refusal;
use crate::executor::whole;
use crate::view::{Config, View};

/// The configuration of `secure-redirect-uris-enforcer`.
pub(crate) struct RedirectRules {
    ipv4_loopback: bool,
    ipv6_loopback: bool,
    private_scheme: bool,
    http: bool,
    wildcard: bool,
    open: bool,
    oauth_2_1: bool,
    domains: Vec<Option<Regex>>,
}

impl RedirectRules {
    pub(crate) fn read(config: &Config<'_>) -> Self {
        Self {
            ipv4_loopback: config.is_on("allow-ipv4-loopback-address"),
            ipv6_loopback: config.is_on("allow-ipv6-loopback-address"),
            private_scheme: config.is_on("allow-private-use-uri-scheme"),
            http: config.is_on("allow-http-scheme"),
            wildcard: config.is_on("allow-wildcard-context-path"),
            open: config.is_on("allow-open-redirect"),
            oauth_2_1: config.is_on("oauth-2-1-compliant"),
            domains: config.texts("allow-permitted-domains").iter().map(|domain| whole(domain)).collect(),
        }
    }

    /// Judges the redirect URIs of a client. One whose users come with a browser needs one.
    pub(crate) fn judge(&self, client: View<'_>) -> Result<(), Refusal> {
        let root = client.text("rootUrl").unwrap_or_default();
        let mut uris = client.texts("redirectUris").peekable();
        let by_browser = client.is_on("standardFlowEnabled") || client.is_on("implicitFlowEnabled");
        if by_browser && uris.peek().is_none() {
            return Err(INVALID);
        }
        uris.try_for_each(|uri| match uri.starts_with('/') && !root.is_empty() {
            true => self.judge_one(&format!("{root}{uri}")),
            false => self.judge_one(uri),
        })
    }

    fn judge_one(&self, uri: &str) -> Result<(), Refusal> {
        if self.open {
            return Ok(());
        }
        let (scheme, rest) = uri.split_once(':').filter(|_| !uri.contains('#')).ok_or(INVALID)?;
        match scheme.to_ascii_lowercase().as_str() {
            web @ ("http" | "https") => self.judge_web(web, rest.strip_prefix("//").ok_or(INVALID)?),
            // RFC 8252 section 7.1: a reversed domain name.
            private if self.private_scheme && (private.contains('.') || !self.oauth_2_1) && !uri.contains(['*', '#']) => Ok(()),
            _ => Err(PRIVATE),
        }
    }

    fn judge_web(&self, scheme: &str, rest: &str) -> Result<(), Refusal> {
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).ok_or(INVALID)?;
        let (host, port) = host_and_port(authority);
        if authority.contains('@') || host.is_empty() || host.contains('*') || path.contains('#') {
            return Err(INVALID);
        }
        if path.contains('*') && !(self.wildcard && !self.oauth_2_1 && path.find("/*") == path.len().checked_sub(2)) {
            return Err(INVALID);
        }
        let is_loopback = |allowed: bool| {
            // RFC 8252 section 7.3: at any port, so that none is registered. Keycloak: http is to be allowed beside.
            let fits = allowed && (scheme == "https" || self.http) && !(self.oauth_2_1 && port.is_some());
            if fits { Ok(()) } else { Err(LOOPBACK) }
        };
        match host {
            "127.0.0.1" => is_loopback(self.ipv4_loopback),
            "[::1]" => is_loopback(self.ipv6_loopback),
            // RFC 8252 section 8.3
            "localhost" => Err(LOOPBACK),
            host if (scheme == "https" || self.http) && self.allows_domain(host) => Ok(()),
            _ => Err(INVALID),
        }
    }

    fn allows_domain(&self, host: &str) -> bool {
        self.domains.is_empty() || self.domains.iter().flatten().any(|domain| domain.is_match(host))
    }
}

fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    let bracket = authority.rfind(']').unwrap_or_default();
    match authority.rfind(':').filter(|colon| *colon > bracket).and_then(|colon| authority.split_at_checked(colon)) {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

const INVALID: Refusal = Refusal::request("Invalid Redirect Uri: invalid uri");
const LOOPBACK: Refusal = Refusal::request("Invalid Redirect Uri: invalid loopback address");
const PRIVATE: Refusal = Refusal::request("Invalid Redirect Uri: invalid private use scheme");
