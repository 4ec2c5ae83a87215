use serde_json::json;

use super::*;

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn trusting(hosts: &[&str]) -> Body {
    body(json!({"providerId": "trusted-hosts", "config": {"trusted-hosts": hosts}}))
}

async fn said(policy: &Body, redirect_uri: &str, peer: &str) -> Option<String> {
    let given = body(json!({"redirectUris": [redirect_uri]}));
    hosts::judge(policy, Event::Register(&given), peer.parse().unwrap()).await.err()
}

/// CVE-2023-6544: the host is no pattern, and what looks like a trusted one is none.
#[tokio::test]
async fn trusted_hosts_are_no_patterns() {
    const OTHER: &str = "URI doesn't match any trusted host or trusted domain";
    let policy = trusting(&["192.0.2.1", "*.example.org", "rp.test"]);
    for (uri, refused) in [
        ("https://rp.test/cb", None),
        ("https://a.example.org/cb", None),
        ("https://example.org/cb", None),
        ("/relative", None),
        ("https://rpxtest/cb", Some(OTHER)),
        ("https://evilexample.org/cb", Some(OTHER)),
        ("https://a.example.org.evil.test/cb", Some(OTHER)),
        ("https://rp.test@evil.test/cb", Some(OTHER)),
        ("//evil.test/cb", Some(OTHER)),
        ("https://*.example.org/cb", Some(OTHER)),
        ("*", Some(OTHER)),
        ("https://evil.test\\@rp.test/cb", Some("URI is malformed")),
    ] {
        assert_eq!(said(&policy, uri, "192.0.2.1").await.as_deref(), refused, "{uri}");
    }
    assert_eq!(said(&policy, "https://rp.test/cb", "192.0.2.2").await.as_deref(), Some("Host not trusted."));
    assert_eq!(said(&trusting(&[]), "https://rp.test/cb", "127.0.0.1").await.as_deref(), Some("Host not trusted."));
}

/// CVE-2026-15572, CVE-2026-16102: a mapper that forges roles is not let in under the id of another.
#[test]
fn a_mapper_of_another_type_is_refused_whatever_its_id() {
    let policy = body(json!({"config": {"allowed-protocol-mapper-types": ["oidc-full-name-mapper"]}}));
    let with = |of: &str, config: Value| {
        body(json!({"protocolMappers": [{"id": "1", "name": "m", "protocolMapper": of, "config": config}]}))
    };
    let before = with("oidc-audience-mapper", json!({}));
    for (given, fine) in [
        (with("oidc-full-name-mapper", json!({})), true),
        (with("oidc-audience-mapper", json!({})), true),
        (with("oidc-audience-mapper", json!({"included.custom.audience": "x"})), false),
        (with("oidc-hardcoded-role-mapper", json!({"role": "admin"})), false),
        (body(json!({"protocolMappers": [{"name": "m"}]})), false),
        (body(json!({})), true),
    ] {
        assert_eq!(refuse_other_mappers(&policy, Event::Update(&before, &given)).is_ok(), fine, "{given:?}");
    }
}

#[test]
fn what_a_policy_has_set_stays_set() {
    for (member, value) in [("consentRequired", true), ("fullScopeAllowed", false), ("enabled", false)] {
        let with = |value: bool| body(json!({member: value}));
        let judged = |given: &Body| refuse_change(Event::Update(&with(value), given), (member, value), "no").is_ok();
        assert!(judged(&with(value)) && judged(&body(json!({}))) && !judged(&with(!value)), "{member}");
    }
}
