use std::net::IpAddr;

use super::*;
use crate::proxy::ProxyFacts;
use crate::test_realm::realm;

fn arrive(hostname: &Hostname, host: &str) -> Arrival {
    arrive_by(hostname, host, ProxyFacts::default())
}

fn arrive_by(hostname: &Hostname, host: &str, proxy: ProxyFacts<'_>) -> Arrival {
    let peer: IpAddr = "10.0.0.9".parse().unwrap();
    let connection =
        Connection { scheme: Scheme::Http, peer: Some(peer), host: Some(host), local: "0.0.0.0:8080".parse().unwrap(), proxy };
    hostname.arrival(&connection).unwrap()
}

fn config(hostname: &str) -> HostnameConfig {
    HostnameConfig { hostname: Some(hostname.to_owned()), ..HostnameConfig::default() }
}

fn front(hostname: &Hostname, realm: &Realm, host: &str) -> String {
    hostname.bases(Some(realm), &arrive(hostname, host)).front
}

#[test]
fn the_base_url_is_the_one_asked_for_or_the_fixed_one() {
    let acme = realm("acme");
    let with_path = |c: HostnameConfig| HostnameConfig { http_relative_path: "/auth/".to_owned(), ..c };
    for (config, expected) in [
        (HostnameConfig::default(), "http://asked:8080"),
        (with_path(HostnameConfig::default()), "http://asked:8080/auth"),
        (config("https://iam.example/sso/"), "https://iam.example/sso"),
        (with_path(config("https://iam.example/sso")), "https://iam.example/sso"),
        (config("iam.example"), "http://iam.example:8080"),
        (with_path(config("iam.example")), "http://iam.example:8080/auth"),
    ] {
        let hostname = Hostname::new(&config).unwrap();
        assert_eq!(front(&hostname, &acme, "asked:8080"), expected, "{config:?}");
    }
}

#[test]
fn a_realms_frontend_url_wins() {
    let mut acme = realm("acme");
    acme.frontend_url = Some("https://login.front.example/sso".to_owned());
    let hostname = Hostname::new(&config("https://iam.example")).unwrap();
    let bases = hostname.bases(Some(&acme), &arrive(&hostname, "asked"));
    assert_eq!(
        (bases.front.as_str(), bases.back.as_str()),
        ("https://login.front.example/sso", "https://login.front.example/sso")
    );
}

#[test]
fn a_dynamic_backchannel_is_advertised_under_the_url_asked() {
    let config = HostnameConfig { hostname_backchannel_dynamic: true, ..config("https://iam.example") };
    let hostname = Hostname::new(&config).unwrap();
    let bases = hostname.bases(Some(&realm("acme")), &arrive(&hostname, "internal:8080"));
    assert_eq!((bases.front.as_str(), bases.back.as_str()), ("https://iam.example", "http://internal:8080"));
    let outside = Arrival { scheme: Scheme::Https, ..arrive(&hostname, "iam.example") };
    assert_eq!(hostname.bases(Some(&realm("acme")), &outside).back, "https://iam.example");
}

#[test]
fn a_token_of_one_alias_is_accepted_under_every_other() {
    let mut acme = realm("acme");
    acme.hostname_aliases = vec!["http://of-the-realm:1".to_owned()];
    let config = HostnameConfig {
        hostname_alias: vec!["http://localhost:8080/".to_owned(), "http://latchkey:8080".to_owned()],
        ..HostnameConfig::default()
    };
    let hostname = Hostname::new(&config).unwrap();
    let asked = arrive(&hostname, "latchkey:8080");
    for (issuer, accepted) in [
        ("http://latchkey:8080/realms/acme", true),
        ("http://localhost:8080/realms/acme", true),
        ("http://of-the-realm:1/realms/acme", true),
        ("http://elsewhere:8080/realms/acme", false),
        ("http://localhost:8080/realms/other", false),
        ("http://localhost:8080/realms/acme/", false),
        ("http://localhost:8080", false),
        ("", false),
    ] {
        assert_eq!(hostname.accepts_issuer(&acme, &asked, issuer), accepted, "{issuer}");
    }
}

#[test]
fn a_request_under_an_alias_is_answered_under_it_though_the_hostname_is_fixed() {
    let acme = realm("acme");
    let config = HostnameConfig { hostname_alias: vec!["http://latchkey:8080".to_owned()], ..config("https://iam.example") };
    let hostname = Hostname::new(&config).unwrap();
    assert_eq!(front(&hostname, &acme, "latchkey:8080"), "http://latchkey:8080");
    assert_eq!(front(&hostname, &acme, "other:8080"), "https://iam.example");
    let asked = arrive(&hostname, "latchkey:8080");
    assert!(hostname.accepts_issuer(&acme, &asked, "https://iam.example/realms/acme"));
}

#[test]
fn a_trusted_proxy_decides_scheme_host_port_and_prefix() {
    let config = HostnameConfig {
        proxy_headers: Some(ProxyHeaders::Xforwarded),
        proxy_trusted_addresses: vec!["10.0.0.0/8".to_owned()],
        ..HostnameConfig::default()
    };
    let hostname = Hostname::new(&config).unwrap();
    for (facts, expected) in [
        (ProxyFacts { x_proto: Some("https"), ..ProxyFacts::default() }, "https://asked:8080"),
        (ProxyFacts { x_proto: Some("https"), x_host: Some("idp.example"), ..ProxyFacts::default() }, "https://idp.example"),
        (ProxyFacts { x_host: Some("idp.example"), x_port: Some("8443"), ..ProxyFacts::default() }, "http://idp.example:8443"),
        (ProxyFacts { x_prefix: Some("/sso"), ..ProxyFacts::default() }, "http://asked:8080/sso"),
    ] {
        assert_eq!(arrive_by(&hostname, "asked:8080", facts).base(), expected, "{facts:?}");
    }
}

#[test]
fn refuses_options_that_cannot_be_used() {
    let default = HostnameConfig::default;
    for (config, expected) in [
        (config("ftp://x"), HostnameError::Hostname("ftp://x".to_owned())),
        (config("https://x?y"), HostnameError::Hostname("https://x?y".to_owned())),
        (config("https://"), HostnameError::Hostname("https://".to_owned())),
        (config("x:8080"), HostnameError::Hostname("x:8080".to_owned())),
        (HostnameConfig { hostname_backchannel_dynamic: true, ..default() }, HostnameError::BackchannelWithoutUrl),
        (HostnameConfig { hostname_alias: vec!["x".to_owned()], ..default() }, HostnameError::Alias("x".to_owned())),
        (
            HostnameConfig { proxy_trusted_addresses: vec!["x".to_owned()], ..default() },
            HostnameError::TrustedAddress("x".to_owned()),
        ),
        (HostnameConfig { http_relative_path: "auth".to_owned(), ..default() }, HostnameError::RelativePath("auth".to_owned())),
        (HostnameConfig { http_relative_path: "//a".to_owned(), ..default() }, HostnameError::RelativePath("//a".to_owned())),
    ] {
        assert_eq!(Hostname::new(&config).unwrap_err(), expected);
    }
}

#[test]
fn the_origin_of_a_base_url_ends_before_its_path() {
    assert_eq!(origin_of("https://a.example:8443/sso/x"), "https://a.example:8443");
    assert_eq!(origin_of("https://a.example"), "https://a.example");
}

/// CVE-2024-10039
#[test]
fn refuses_a_certificate_in_a_header_of_anybody_but_a_trusted_proxy() {
    let config = |addresses: &[&str]| HostnameConfig {
        certificate_header: Some("SSL-Client-Cert".to_owned()),
        proxy_trusted_addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
        ..HostnameConfig::default()
    };
    assert_eq!(Hostname::new(&config(&[])).err(), Some(HostnameError::CertificateFromAnybody));
    let hostname = Hostname::new(&config(&["10.0.0.0/8"])).unwrap();
    for (peer, header) in [
        (Some("10.1.2.3"), Some("ssl-client-cert")),
        (Some("::ffff:10.1.2.3"), Some("ssl-client-cert")),
        (Some("192.168.0.1"), None),
        (None, None),
    ] {
        assert_eq!(hostname.certificate_header(peer.map(|peer| peer.parse().unwrap())), header, "{peer:?}");
    }
    assert_eq!(Hostname::default().certificate_header(Some("10.1.2.3".parse().unwrap())), None);
}
