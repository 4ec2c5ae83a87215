use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use crate::arrival::Scheme;

/// `--proxy-headers`: which headers of a reverse proxy are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProxyHeaders {
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `X-Forwarded-For`, `-Proto`, `-Host`, `-Port`, `-Prefix`.
    Xforwarded,
}

/// The headers of a reverse proxy, as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProxyFacts<'a> {
    /// `Forwarded`
    pub forwarded: Option<&'a str>,
    /// `X-Forwarded-For`
    pub x_for: Option<&'a str>,
    /// `X-Forwarded-Proto`
    pub x_proto: Option<&'a str>,
    /// `X-Forwarded-Host`
    pub x_host: Option<&'a str>,
    /// `X-Forwarded-Port`
    pub x_port: Option<&'a str>,
    /// `X-Forwarded-Prefix`
    pub x_prefix: Option<&'a str>,
}

/// What a trusted proxy says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarded<'a> {
    pub(crate) scheme: Option<Scheme>,
    pub(crate) host: Option<&'a str>,
    pub(crate) port: Option<u16>,
    pub(crate) prefix: Option<String>,
    pub(crate) peer: Option<IpAddr>,
}

/// Which proxies are believed, and what they may say.
#[derive(Clone, Debug, Default)]
pub struct ProxyTrust {
    pub(crate) headers: Option<ProxyHeaders>,
    /// Empty = every peer.
    pub(crate) addresses: Vec<IpNet>,
}

impl ProxyTrust {
    /// Whether this address is one of those that were given.
    pub(crate) fn names(&self, peer: IpAddr) -> bool {
        self.addresses.iter().any(|net| net.contains(&peer.to_canonical()) || net.contains(&peer))
    }

    /// Reads the proxy's headers, if the peer is one that is believed.
    pub fn read<'a>(&self, facts: &ProxyFacts<'a>, peer: Option<IpAddr>) -> Forwarded<'a> {
        let trusted = self.addresses.is_empty() || peer.is_some_and(|peer| self.names(peer));
        match self.headers {
            Some(ProxyHeaders::Forwarded) if trusted => facts.forwarded.map(read_forwarded).unwrap_or_default(),
            Some(ProxyHeaders::Xforwarded) if trusted => read_x_forwarded(facts),
            _ => Forwarded::default(),
        }
    }
}

/// The first element of a comma-separated list: what the outermost proxy said.
fn first(list: &str) -> &str {
    list.split(',').next().unwrap_or_default().trim()
}

fn read_scheme(word: &str) -> Option<Scheme> {
    if word.eq_ignore_ascii_case("https") {
        Some(Scheme::Https)
    } else {
        word.eq_ignore_ascii_case("http").then_some(Scheme::Http)
    }
}

/// An address, maybe with a port, maybe an IPv6 one in brackets.
fn read_address(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    bare.parse().ok()
}

fn read_x_forwarded<'a>(facts: &ProxyFacts<'a>) -> Forwarded<'a> {
    Forwarded {
        scheme: facts.x_proto.map(first).and_then(read_scheme),
        host: facts.x_host.map(first).filter(|h| !h.is_empty()),
        port: facts.x_port.map(first).and_then(|p| p.parse().ok()),
        prefix: facts.x_prefix.map(first).and_then(read_prefix),
        peer: facts.x_for.map(first).and_then(read_address),
    }
}

/// Characters of a prefix at the most.
const LONGEST_PREFIX: usize = 1024;

/// `/auth` or `/`; anything that is no plain path is not believed, since it ends up in URLs.
fn read_prefix(text: &str) -> Option<String> {
    let plain = text.starts_with('/')
        && text.len() <= LONGEST_PREFIX
        && !text.contains("//")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.' | b'~'));
    plain.then(|| text.trim_end_matches('/').to_owned())
}

/// RFC 7239, the first element of the list.
fn read_forwarded(header: &str) -> Forwarded<'_> {
    let mut forwarded = Forwarded::default();
    for pair in first(header).split(';') {
        let Some((name, value)) = pair.trim().split_once('=') else { continue };
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        if name.eq_ignore_ascii_case("proto") {
            forwarded.scheme = read_scheme(value);
        } else if name.eq_ignore_ascii_case("host") {
            forwarded.host = Some(value).filter(|h| !h.is_empty());
        } else if name.eq_ignore_ascii_case("for") {
            forwarded.peer = read_address(value);
        }
    }
    forwarded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(headers: ProxyHeaders, addresses: &[&str]) -> ProxyTrust {
        ProxyTrust { headers: Some(headers), addresses: addresses.iter().map(|a| a.parse().unwrap()).collect() }
    }

    const FACTS: ProxyFacts<'_> = ProxyFacts {
        forwarded: Some("for=\"[2001:db8::7]:4711\";proto=https;host=\"idp.example:8443\", for=10.0.0.1;proto=http"),
        x_for: Some("203.0.113.9, 10.0.0.1"),
        x_proto: Some("https"),
        x_host: Some("idp.example"),
        x_port: Some("8443"),
        x_prefix: Some("/sso/"),
    };

    #[test]
    fn believes_nothing_by_default() {
        assert_eq!(ProxyTrust::default().read(&FACTS, None), Forwarded::default());
    }

    /// CVE-2024-9666
    #[test]
    fn refuses_names_and_endless_lists_in_the_place_of_an_address() {
        let endless = format!("{}203.0.113.9", "not an address,".repeat(100_000));
        for hostile in ["attacker.example", "attacker.example:80", "[::1", "[", "1.2.3.4.5", "0x7f.1", "", ",", &endless] {
            let facts = ProxyFacts { x_for: Some(hostile), ..FACTS };
            let told = trust(ProxyHeaders::Xforwarded, &[]).read(&facts, None);
            assert_eq!((told.peer, told.host), (None, Some("idp.example")), "{:.40}", hostile);
            let header = format!("for={hostile};host=idp.example");
            let facts = ProxyFacts { forwarded: Some(&header), ..FACTS };
            assert_eq!(trust(ProxyHeaders::Forwarded, &[]).read(&facts, None).peer, None, "{:.40}", hostile);
        }
    }

    #[test]
    fn reads_the_first_hop_of_x_forwarded() {
        let got = trust(ProxyHeaders::Xforwarded, &[]).read(&FACTS, None);
        assert_eq!((got.scheme, got.host, got.port), (Some(Scheme::Https), Some("idp.example"), Some(8443)));
        assert_eq!((got.prefix.as_deref(), got.peer), (Some("/sso"), Some("203.0.113.9".parse().unwrap())));
    }

    #[test]
    fn reads_the_first_element_of_forwarded() {
        let got = trust(ProxyHeaders::Forwarded, &[]).read(&FACTS, None);
        assert_eq!((got.scheme, got.host), (Some(Scheme::Https), Some("idp.example:8443")));
        assert_eq!(got.peer, Some("2001:db8::7".parse().unwrap()));
    }

    #[test]
    fn believes_only_trusted_addresses_when_they_are_given() {
        let trust = trust(ProxyHeaders::Xforwarded, &["10.0.0.0/8"]);
        assert_eq!(trust.read(&FACTS, Some("192.168.0.1".parse().unwrap())), Forwarded::default());
        assert_eq!(trust.read(&FACTS, None), Forwarded::default());
        assert!(trust.read(&FACTS, Some("::ffff:10.9.9.9".parse().unwrap())).host.is_some());
    }

    #[test]
    fn ignores_a_prefix_that_is_no_plain_path() {
        for prefix in ["sso", "//evil.example", "/a?b", "/a\"b"] {
            assert_eq!(read_prefix(prefix), None, "{prefix}");
        }
        assert_eq!(read_prefix(&"/a".repeat(600)), None);
        assert_eq!(read_prefix("/"), Some(String::new()));
    }
}
