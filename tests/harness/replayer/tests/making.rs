use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::sign::Verifier;
use serde_json::{Value, json};

use crate::harness::replayer::forge::{Keys, make};
use crate::harness::replayer::template::Variables;
use crate::harness::replayer::{Stop, token};
use crate::harness::tests;

fn variables() -> Variables {
    let mut variables = Variables::new("http://127.0.0.1:1");
    variables.now = 59;
    variables
}

fn text(template: &str) -> String {
    variables().text(template).unwrap()
}

#[test]
fn fills_templates_in_texts_lists_and_names() {
    let mut known = variables();
    known.values.insert("at".into(), "abc.def".into());
    let filled = known.fill(&json!({"a {{at}}": ["{{base}}/x", "{{host}}", 5]})).unwrap();
    assert_eq!(filled, json!({"a abc.def": ["http://127.0.0.1:1/x", "127.0.0.1:1", 5]}));
    assert_eq!(text("{{now}} {{now+60}} {{now-9}}"), "59 119 50");
    assert_eq!(text("{{repeat:3:ab}}"), "ababab");
    assert_eq!(text("{{basic:user:pass}}"), "Basic dXNlcjpwYXNz");
    assert_eq!(text("{{uuid}}").len(), 36);
}

#[test]
fn an_unknown_template_stops_the_step() {
    assert!(matches!(variables().text("{{nothing}}"), Err(Stop::Missing(_))));
    assert!(matches!(variables().text("{{admin_token}}"), Err(Stop::Skip(_))));
}

#[test]
fn one_time_codes_are_those_of_rfc_6238_appendix_b() {
    assert_eq!(text("{{totp:12345678901234567890}}"), "287082");
    assert_eq!(text("{{totp32:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ}}"), "287082");
    assert_eq!(text("{{totp-1:12345678901234567890}}"), "755224");
}

#[test]
fn filters_change_a_token_in_one_way_each() {
    let mut known = variables();
    let part = |value: Value| token::encode(value.to_string());
    known
        .values
        .insert("t".into(), format!("{}.{}.c2lnbmF0dXJl", part(json!({"alg": "HS256"})), part(json!({"sub": "s", "n": 1}))));
    let get = |template: &str| known.text(template).unwrap();
    assert_eq!(get("{{t|claim:sub}}{{t|claim:n}}"), "s1");
    assert_eq!(get("{{t|tamper}}").len(), get("{{t}}").len());
    assert_ne!(get("{{t|tamper}}"), get("{{t}}"));
    assert!(get("{{t|strip-signature}}").ends_with('.'));
    assert_eq!(token::json(get("{{t|unsigned}}").split('.').next().unwrap()).unwrap()["alg"], "none");
    assert_eq!(token::claim(&get("{{t|tamper-payload}}"), "sub").unwrap(), "00000000-0000-0000-0000-000000000000");
    assert_eq!(get("{{t|first:3|upper}}"), "EYJ");
    known.values.insert("u".into(), "http://a/b/c?x=1&y=2".into());
    assert_eq!(known.text("{{u|set:x=9}} {{u|drop:y}}").unwrap(), "http://a/b/c?y=2&x=9 http://a/b/c?x=1");
    assert_eq!(known.text("{{u|urlencode}}").unwrap(), "http%3A%2F%2Fa%2Fb%2Fc%3Fx%3D1%26y%3D2");
}

fn made(jwt: Value) -> String {
    let (mut known, mut keys) = (variables(), Keys::of(tests("keycloak/realms/keys")));
    let spec = json!({"made": {"jwt": jwt}});
    make(spec.as_object().unwrap(), &mut known, &mut keys).unwrap_or_else(|stop| panic!("{stop:?}"));
    known.values["made"].clone()
}

fn public(name: &str) -> PKey<Public> {
    let pem = std::fs::read(tests("keycloak/realms/keys").join(format!("{name}.pem"))).unwrap();
    let private = PKey::private_key_from_pem(&pem).unwrap();
    PKey::public_key_from_pem(&private.public_key_to_pem().unwrap()).unwrap()
}

#[test]
fn makes_tokens_whose_signatures_verify() {
    let rs =
        made(json!({"alg": "RS256", "key": "jwt-key-rsa", "claims": {"exp": "{{now+60}}", "none": null, "host": "{{host}}"}}));
    let (data, signature) = rs.rsplit_once('.').unwrap();
    let key = public("jwt-key-rsa");
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
    assert!(verifier.verify_oneshot(&token::decode(signature).unwrap(), data.as_bytes()).unwrap());
    assert_eq!(token::json(data.split('.').nth(1).unwrap()).unwrap(), json!({"exp": 119, "host": "127.0.0.1:1"}));

    let es = made(json!({"alg": "ES256", "key": "new:ec:a", "header": {"jwk": "@public", "typ": "dpop+jwt"}, "claims": {}}));
    assert_eq!(token::decode(es.rsplit('.').next().unwrap()).unwrap().len(), 64);
    let header = token::json(es.split('.').next().unwrap()).unwrap();
    assert_eq!((&header["typ"], &header["jwk"]["crv"]), (&json!("dpop+jwt"), &json!("P-256")));

    assert!(made(json!({"alg": "none", "claims": {}})).ends_with('.'));
    // RFC 7515 appendix A.1 has another key; the same text and key always give the same signature.
    let hs = |secret: &str| made(json!({"alg": "HS256", "secret": secret, "claims": {"a": 1}}));
    assert_eq!(hs("k"), hs("k"));
    assert_ne!(hs("k"), hs("l"));
}
