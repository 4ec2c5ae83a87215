//! Tokens through the eyes of a library that shares no code with the server: josekit reads the published keys and judges
//! what they signed; serde_urlencoded writes the forms.

use josekit::jwk::{Jwk, JwkSet};
use josekit::jws::{ES256, EdDSA, JwsVerifier, PS256, RS256};
use josekit::jwt;
use josekit::jwt::JwtPayloadValidator;
use std::time::{Duration, SystemTime};

use crate::harness::client::Client;
use crate::harness::replayer::Call;
use crate::harness::server::TestServer;

/// A login of alice at a client of realm acme, its parameters written by serde_urlencoded.
fn log_in(client: &Client, client_id: &str) -> serde_json::Value {
    let parameters = [
        ("grant_type", "password"),
        ("client_id", client_id),
        ("username", "alice"),
        ("password", "wonderland-1"),
        ("scope", "openid"),
    ];
    let body = serde_urlencoded::to_string(parameters).unwrap();
    let headers = [("Content-Type".to_owned(), Some("application/x-www-form-urlencoded".to_owned()))];
    let target = "/realms/acme/protocol/openid-connect/token";
    client.send(&Call { method: "POST", target, headers: &headers, body: Some(body.as_bytes()) }).unwrap().json()
}

fn keys(client: &Client) -> JwkSet {
    JwkSet::from_bytes(&client.get("/realms/acme/protocol/openid-connect/certs").body).unwrap()
}

fn verifier(jwk: &Jwk) -> Box<dyn JwsVerifier> {
    match jwk.algorithm().unwrap() {
        "RS256" => Box::new(RS256.verifier_from_jwk(jwk).unwrap()),
        "PS256" => Box::new(PS256.verifier_from_jwk(jwk).unwrap()),
        "ES256" => Box::new(ES256.verifier_from_jwk(jwk).unwrap()),
        "EdDSA" => Box::new(EdDSA.verifier_from_jwk(jwk).unwrap()),
        other => panic!("a key for {other}"),
    }
}

/// The key that a token's header names.
fn key_of<'a>(token: &str, keys: &'a JwkSet) -> &'a Jwk {
    let header = jwt::decode_header(token).unwrap();
    let kid = header.claim("kid").and_then(|kid| kid.as_str()).unwrap().to_owned();
    keys.get(&kid).first().unwrap_or_else(|| panic!("no key {kid} in the JWKS"))
}

#[test]
fn josekit_verifies_access_and_id_tokens_of_every_algorithm_in_use() {
    let server = TestServer::with_recorded_realms();
    let client = Client::of(&server);
    // Client `es256` has access tokens by ES256 and ID tokens by PS256, `cli` both by RS256.
    for (client_id, access, id) in [("cli", "RS256", "RS256"), ("es256", "ES256", "PS256")] {
        let answer = log_in(&client, client_id);
        let keys = keys(&client);
        for (member, algorithm) in [("access_token", access), ("id_token", id)] {
            let token = answer[member].as_str().unwrap_or_else(|| panic!("no {member} in {answer}"));
            let key = key_of(token, &keys);
            assert_eq!(key.algorithm(), Some(algorithm), "{client_id} {member}");
            let (claims, _) = jwt::decode_with_verifier(token, &*verifier(key)).unwrap();
            validator(&server).validate(&claims).unwrap();
        }
    }
}

#[test]
fn josekit_refuses_a_token_with_one_character_changed() {
    let server = TestServer::with_recorded_realms();
    let client = Client::of(&server);
    let answer = log_in(&client, "cli");
    let token = answer["access_token"].as_str().unwrap();
    let keys = keys(&client);
    let key = key_of(token, &keys);
    let at = token.find('.').unwrap() + 10;
    let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
    let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
    assert!(jwt::decode_with_verifier(&changed, &*verifier(key)).is_err());
}

/// RFC 7519 section 4.1: issuer and times, by the clock of the test.
fn validator(server: &TestServer) -> JwtPayloadValidator {
    let now = ambient::Clock::now(&*server.clock).secs();
    let mut validator = JwtPayloadValidator::new();
    validator.set_issuer("http://id.example/realms/acme");
    validator.set_base_time(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now).unwrap()));
    validator
}
