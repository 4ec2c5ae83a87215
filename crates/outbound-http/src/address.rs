//! Which addresses may be called.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::ConfigError;

/// Networks that the operator allows beside the public ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed(Vec<IpNet>);

const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];
/// Private networks (RFC 1918, RFC 4193) and those behind a carrier's NAT (RFC 6598). Not link-local addresses: clouds keep
/// their metadata and the credentials in them there.
const PRIVATE: [&str; 5] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

impl Allowed {
    pub(crate) fn read(words: &[String]) -> Result<Self, ConfigError> {
        let mut networks = Vec::new();
        for word in words {
            match word.trim() {
                "loopback" => networks.extend(LOOPBACK.iter().filter_map(|net| net.parse::<IpNet>().ok())),
                "private" => networks.extend(PRIVATE.iter().filter_map(|net| net.parse::<IpNet>().ok())),
                text => {
                    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
                    networks.push(network.map_err(|_| ConfigError::Network(word.clone()))?);
                }
            }
        }
        Ok(Self(networks))
    }

    /// Whether the operator names this address.
    pub(crate) fn names(&self, address: IpAddr) -> bool {
        let meant = meant(address);
        self.0.iter().any(|network| network.contains(&address) || network.contains(&meant))
    }

    /// Whether it may be called.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        is_public(address) || self.names(address)
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped (RFC 4291), compatible, or through NAT64 (RFC 6052).
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return v4.into();
    }
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let embedded = Ipv4Addr::from((u32::from(g) << 16) | u32::from(h));
    match [a, b, c, d, e, f] {
        [0x64, 0xff9b, 0, 0, 0, 0] => embedded.into(),
        [0, 0, 0, 0, 0, 0] if !v6.is_loopback() && !v6.is_unspecified() => embedded.into(),
        _ => address,
    }
}

/// Whether an address is one of the internet (IANA's special-purpose registries).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match meant(address) {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let special = v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_documentation()
        || a == 0
        || (a == 100 && (b & 0b1100_0000) == 64)
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b & 0b1111_1110) == 18)
        || a >= 224;
    !special
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [a, b, ..] = v6.segments();
    let global = (a & 0xe000) == 0x2000;
    let special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) // protocols, Teredo among them; documentation
        || a == 0x2002 // 6to4
        || (a == 0x3fff && b < 0x1000);
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(words: &[&str]) -> Allowed {
        Allowed::read(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn refuses_every_address_that_is_not_public() {
        let nobody = allowed(&[]);
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.1.2.3",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0.0.0.0",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!nobody.admits(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700::1111"] {
            assert!(nobody.admits(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_operator_allows_by_word_address_or_network() {
        for (words, address, admitted) in [
            (["loopback"], "127.0.0.1", true),
            (["loopback"], "::1", true),
            (["loopback"], "::ffff:127.0.0.1", true),
            (["loopback"], "10.0.0.1", false),
            (["private"], "10.0.0.1", true),
            (["private"], "fd12::1", true),
            (["private"], "169.254.169.254", false),
            (["private"], "127.0.0.1", false),
            (["private"], "0.0.0.0", false),
            (["10.2.0.0/16"], "10.2.3.4", true),
            (["10.2.0.0/16"], "10.3.3.4", false),
            (["10.2.3.4"], "10.2.3.4", true),
        ] {
            assert_eq!(allowed(&words).admits(address.parse().unwrap()), admitted, "{words:?} {address}");
        }
        assert_eq!(Allowed::read(&["lan".to_owned()]).unwrap_err(), ConfigError::Network("lan".to_owned()));
    }
}
