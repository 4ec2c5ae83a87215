use std::net::IpAddr;

use ipnet::IpNet;
use realm_model::Realm;
use serde::Deserialize;
use thiserror::Error;
use url::Url;

use crate::arrival::{Arrival, BadHost, Connection, Scheme};
use crate::proxy::{ProxyHeaders, ProxyTrust};

/// The options that decide under which URL the server is known, by Keycloak's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct HostnameConfig {
    /// `--hostname`: a full URL, or a bare host (then scheme, port and path are the request's).
    pub hostname: Option<String>,
    /// `--hostname-strict`: without a hostname, refuse to start rather than believe the `Host` header. Judged by the binary.
    pub hostname_strict: Option<bool>,
    /// `--hostname-backchannel-dynamic`: token, keys, userinfo and the like are advertised under the URL they were asked by.
    pub hostname_backchannel_dynamic: bool,
    /// `--hostname-alias`: further base URLs (with the relative path, if any) under which this is the same issuer.
    pub hostname_alias: Vec<String>,
    /// `--proxy-headers`
    pub proxy_headers: Option<ProxyHeaders>,
    /// `--proxy-trusted-addresses`: addresses and CIDR ranges; empty = every peer.
    pub proxy_trusted_addresses: Vec<String>,
    /// `--http-relative-path`
    pub http_relative_path: String,
    /// `--spi-x509cert-lookup--…`: the header in which a trusted proxy hands on the certificate of a client.
    pub certificate_header: Option<String>,
}

/// Which option cannot be used as it stands.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HostnameError {
    /// `--hostname`
    #[error("hostname `{0}` is neither a URL nor a host")]
    Hostname(String),
    /// `--hostname-backchannel-dynamic` without a full URL.
    #[error("hostname-backchannel-dynamic needs `hostname` as a full URL")]
    BackchannelWithoutUrl,
    /// `--hostname-alias`
    #[error("hostname alias `{0}` is not an http or https URL")]
    Alias(String),
    /// A header with a certificate is worth what its sender is: without trusted addresses anybody could send it.
    #[error("certificates of clients are read from a header: say from whom, by proxy-trusted-addresses")]
    CertificateFromAnybody,
    /// `--proxy-trusted-addresses`
    #[error("trusted proxy `{0}` is neither an address nor a CIDR range")]
    TrustedAddress(String),
    /// `--http-relative-path`
    #[error("relative path `{0}` must begin with `/` and hold plain path segments only")]
    RelativePath(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Fixed {
    Nothing,
    Host(String),
    Base(String),
}

/// [`HostnameConfig`], checked.
#[derive(Clone, Debug)]
pub struct Hostname {
    fixed: Fixed,
    backchannel_dynamic: bool,
    aliases: Vec<String>,
    proxies: ProxyTrust,
    relative_path: String,
    certificate_header: Option<String>,
}

/// The base URLs of one request, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrls {
    /// What browsers use, and what the issuer is made of.
    pub front: String,
    /// What services use: `front`, unless `--hostname-backchannel-dynamic`.
    pub back: String,
}

impl Default for Hostname {
    fn default() -> Self {
        Self {
            fixed: Fixed::Nothing,
            backchannel_dynamic: false,
            aliases: Vec::new(),
            proxies: ProxyTrust::default(),
            relative_path: String::new(),
            certificate_header: None,
        }
    }
}

impl Hostname {
    /// Checks the options.
    ///
    /// # Errors
    /// See [`HostnameError`].
    pub fn new(config: &HostnameConfig) -> Result<Self, HostnameError> {
        let fixed = match config.hostname.as_deref().filter(|h| !h.is_empty()) {
            None => Fixed::Nothing,
            Some(text) if text.contains("://") => {
                Fixed::Base(base_url(text).ok_or_else(|| HostnameError::Hostname(text.to_owned()))?)
            }
            Some(host) => match crate::arrival::Authority::parse(host, Scheme::Http) {
                Ok(authority) if authority.port.is_none() && !host.ends_with(":80") => Fixed::Host(authority.host),
                _ => return Err(HostnameError::Hostname(host.to_owned())),
            },
        };
        if config.hostname_backchannel_dynamic && !matches!(fixed, Fixed::Base(_)) {
            return Err(HostnameError::BackchannelWithoutUrl);
        }
        if config.certificate_header.is_some() && config.proxy_trusted_addresses.is_empty() {
            return Err(HostnameError::CertificateFromAnybody);
        }
        let alias = |text: &String| base_url(text).ok_or_else(|| HostnameError::Alias(text.clone()));
        Ok(Self {
            fixed,
            backchannel_dynamic: config.hostname_backchannel_dynamic,
            aliases: config.hostname_alias.iter().map(alias).collect::<Result<_, _>>()?,
            proxies: ProxyTrust {
                headers: config.proxy_headers,
                addresses: config.proxy_trusted_addresses.iter().map(|t| trusted(t)).collect::<Result<_, _>>()?,
            },
            relative_path: relative_path(&config.http_relative_path)?,
            certificate_header: config.certificate_header.as_ref().map(|name| name.to_ascii_lowercase()),
        })
    }

    /// `--http-relative-path` without a trailing slash; empty for `/`.
    pub fn relative_path(&self) -> &str {
        &self.relative_path
    }

    /// The base URL of `--hostname`, where it is a full URL.
    pub fn fixed_base(&self) -> Option<&str> {
        match &self.fixed {
            Fixed::Base(base) => Some(base),
            _ => None,
        }
    }

    /// The header in which this peer hands on certificates of clients; `None` where it is not trusted to (CVE-2024-10039).
    pub fn certificate_header(&self, peer: Option<IpAddr>) -> Option<&str> {
        self.certificate_header.as_deref().filter(|_| peer.is_some_and(|peer| self.proxies.names(peer)))
    }

    /// Where a request came from and to.
    ///
    /// # Errors
    /// [`BadHost`]
    pub fn arrival(&self, connection: &Connection<'_>) -> Result<Arrival, BadHost> {
        Arrival::of(connection, self.proxies.read(&connection.proxy, connection.peer), &self.relative_path)
    }

    /// The base URLs for a request; `realm` where it is about one.
    ///
    /// A request that arrives under an alias is answered under that alias, even where the hostname is fixed: clients
    /// compare the issuer with the URL they asked (OpenID Connect Discovery section 4.3).
    pub fn bases(&self, realm: Option<&Realm>, arrival: &Arrival) -> BaseUrls {
        let asked = arrival.base();
        let front = if self.is_alias(realm, &asked) { asked.clone() } else { self.regular_front(realm, arrival, &asked) };
        let from_outside = origin_of(&asked) == origin_of(&front);
        let back = if self.backchannel_dynamic && !from_outside { asked } else { front.clone() };
        BaseUrls { front, back }
    }

    /// Whether a token with this `iss` is one of `realm`'s: under the request's own base, or any alias of it.
    pub fn accepts_issuer(&self, realm: &Realm, arrival: &Arrival, issuer: &str) -> bool {
        let Some(base) = issuer.strip_suffix(&crate::context::realm_path(realm.name.as_str())) else { return false };
        let asked = arrival.base();
        self.is_alias(Some(realm), base)
            || base == self.regular_front(Some(realm), arrival, &asked)
            || base == self.bases(Some(realm), arrival).front
    }

    fn is_alias(&self, realm: Option<&Realm>, base: &str) -> bool {
        let same = |alias: &String| alias.trim_end_matches('/') == base;
        self.aliases.iter().any(same) || realm.is_some_and(|r| r.hostname_aliases.iter().any(same))
    }

    fn regular_front(&self, realm: Option<&Realm>, arrival: &Arrival, asked: &str) -> String {
        let is_url = |url: &&str| url.starts_with("http://") || url.starts_with("https://"); // else Keycloak leaves it out too
        if let Some(url) = realm.and_then(|r| r.frontend_url.as_deref()).filter(is_url) {
            return url.trim_end_matches('/').to_owned();
        }
        match &self.fixed {
            Fixed::Nothing => asked.to_owned(),
            Fixed::Base(base) => base.clone(),
            Fixed::Host(host) => {
                let authority = crate::arrival::Authority { host: host.clone(), port: arrival.authority.port };
                authority.origin(arrival.scheme) + &arrival.prefix
            }
        }
    }
}

/// The origin (`scheme://host[:port]`) of a base URL.
pub fn origin_of(base: &str) -> &str {
    let Some((scheme, rest)) = base.split_once("://") else { return base };
    let host = rest.split('/').next().unwrap_or(rest);
    base.get(..scheme.len() + 3 + host.len()).unwrap_or(base)
}

/// An http(s) URL without query and fragment, and without its trailing slash; its spelling is kept.
fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
    let has_host = url.host_str().is_some_and(|h| !h.is_empty()) && url.username().is_empty() && url.password().is_none();
    (plain && has_host).then(|| text.trim_end_matches('/').to_owned())
}

fn trusted(text: &str) -> Result<IpNet, HostnameError> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| HostnameError::TrustedAddress(text.to_owned()))
}

fn relative_path(text: &str) -> Result<String, HostnameError> {
    let trimmed = text.trim_end_matches('/');
    let plain = trimmed.is_empty() || (trimmed.starts_with('/') && crate::path::check(trimmed, None).is_ok());
    let harmless = !trimmed.contains(['?', '#', '%', ' ', '"', '<', '{']);
    if plain && harmless { Ok(trimmed.to_owned()) } else { Err(HostnameError::RelativePath(text.to_owned())) }
}

#[cfg(test)]
#[path = "hostname/tests.rs"]
mod tests;
