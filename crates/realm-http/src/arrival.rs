use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use thiserror::Error;

use crate::proxy::{Forwarded, ProxyFacts};

/// `http` or `https`, as the client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Scheme {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// The `Host` header (or what a proxy says in its place) is no host.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the Host header is not a host")]
pub struct BadHost;

/// Characters of a host at the most, one more than a name in the DNS can have. It stands many times in documents that are kept.
const LONGEST_HOST: usize = 254;

/// A host with the port that is not the scheme's own, in the client's spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The name or address; an IPv6 address with its brackets.
    pub host: String,
    /// The port, unless it is the scheme's own.
    pub port: Option<u16>,
}

impl Authority {
    /// Reads a `Host` header. Keycloak: recording errors-http/host-header (the case is kept, the scheme's own port goes).
    ///
    /// # Errors
    /// [`BadHost`]
    pub fn parse(text: &str, scheme: Scheme) -> Result<Self, BadHost> {
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, after)) => {
                let literal = address.parse::<std::net::Ipv6Addr>().map(|_| format!("[{address}]")).map_err(|_| BadHost)?;
                (literal, after.strip_prefix(':').or(after.is_empty().then_some("")).ok_or(BadHost)?)
            }
            None => {
                let (host, port) = text.split_once(':').unwrap_or((text, ""));
                let named = (1..=LONGEST_HOST).contains(&host.len())
                    && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
                (named.then(|| host.to_owned()).ok_or(BadHost)?, port)
            }
        };
        let port = if port.is_empty() { None } else { Some(digits(port).ok_or(BadHost)?) };
        Ok(Self { host, port: port.filter(|p| *p != scheme.default_port()) })
    }

    /// `scheme://host[:port]`
    pub fn origin(&self, scheme: Scheme) -> String {
        match self.port {
            None => format!("{}://{}", scheme.as_str(), self.host),
            Some(port) => format!("{}://{}:{port}", scheme.as_str(), self.host),
        }
    }
}

fn digits(text: &str) -> Option<u16> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// What the connection and the request's head say about where a request came from and to.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a> {
    /// By the socket.
    pub scheme: Scheme,
    /// The other end of the socket; absent on a Unix socket.
    pub peer: Option<IpAddr>,
    /// The `Host` header.
    pub host: Option<&'a str>,
    /// The address the server listens on, for requests without a host.
    pub local: SocketAddr,
    /// What proxies added.
    pub proxy: ProxyFacts<'a>,
}

/// Where a request came from, and under which base URL, after trusted proxies had their say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// `http` or `https`
    pub scheme: Scheme,
    /// Host and port.
    pub authority: Authority,
    /// The path before `/realms`: the relative path, or what a proxy says in its place. Empty, or `/` and more.
    pub prefix: String,
    /// The client's address.
    pub peer: IpAddr,
}

impl Arrival {
    /// Whether the host is the machine itself by name (W3C Secure Contexts section 3.1: potentially trustworthy).
    pub fn names_this_machine(&self) -> bool {
        let host = self.authority.host.as_str();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Puts together what the connection says and what a trusted proxy says.
    ///
    /// # Errors
    /// [`BadHost`]
    pub fn of(connection: &Connection<'_>, forwarded: Forwarded<'_>, relative_path: &str) -> Result<Self, BadHost> {
        let scheme = forwarded.scheme.unwrap_or(connection.scheme);
        let mut authority = match forwarded.host.or(connection.host).filter(|h| !h.is_empty()) {
            Some(host) => Authority::parse(host, scheme)?,
            None => Authority::parse(&connection.local.to_string(), scheme)?,
        };
        if let Some(port) = forwarded.port {
            authority.port = Some(port).filter(|p| *p != scheme.default_port());
        }
        Ok(Self {
            scheme,
            authority,
            prefix: forwarded.prefix.unwrap_or_else(|| relative_path.to_owned()),
            peer: forwarded.peer.or(connection.peer).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        })
    }

    /// `scheme://host[:port]`
    pub fn origin(&self) -> String {
        self.authority.origin(self.scheme)
    }

    /// The base URL as the client sees it, without a trailing slash.
    pub fn base(&self) -> String {
        let mut base = self.origin();
        base.push_str(&self.prefix);
        base
    }

    /// Whether the client sits on a loopback, private or link-local address (`sslRequired` = `external`).
    pub fn is_from_nearby(&self) -> bool {
        match self.peer.to_canonical() {
            IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
            IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hosts_as_recorded() {
        for (text, expected) in [
            ("example.com", Ok("http://example.com")),
            ("EXAMPLE.com:80", Ok("http://EXAMPLE.com")),
            ("example.com:8443", Ok("http://example.com:8443")),
            ("example.com:080", Ok("http://example.com")),
            ("[::1]:8080", Ok("http://[::1]:8080")),
            ("[::1]", Ok("http://[::1]")),
            ("a_b", Ok("http://a_b")),
            ("exa mple", Err(BadHost)),
            ("a:99999", Err(BadHost)),
            ("a:b", Err(BadHost)),
            ("a:+1", Err(BadHost)),
            ("user@a", Err(BadHost)),
            ("a/b", Err(BadHost)),
            ("a?b", Err(BadHost)),
            ("a\\b", Err(BadHost)),
            ("[::1", Err(BadHost)),
            ("[::1]x", Err(BadHost)),
            ("[x]", Err(BadHost)),
            ("", Err(BadHost)),
        ] {
            let got = Authority::parse(text, Scheme::Http).map(|a| a.origin(Scheme::Http));
            assert_eq!(got.as_deref().map_err(|e| *e), expected, "{text}");
        }
    }

    #[test]
    fn a_host_longer_than_any_name_is_none() {
        assert!(Authority::parse(&"a".repeat(254), Scheme::Http).is_ok());
        assert_eq!(Authority::parse(&"a".repeat(255), Scheme::Http), Err(BadHost));
    }

    #[test]
    fn knows_nearby_addresses() {
        for (address, near) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("172.20.0.1", true),
            ("192.168.1.1", true),
            ("169.254.1.1", true),
            ("8.8.8.8", false),
            ("::1", true),
            ("::ffff:192.168.1.1", true),
            ("fd00::1", true),
            ("fe80::1", true),
            ("2001:db8::1", false),
        ] {
            let authority = Authority { host: "h".to_owned(), port: None };
            let arrival = Arrival { scheme: Scheme::Http, authority, prefix: String::new(), peer: address.parse().unwrap() };
            assert_eq!(arrival.is_from_nearby(), near, "{address}");
        }
    }
}
