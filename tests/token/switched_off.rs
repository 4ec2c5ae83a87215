//! What was given does not outlive what it was given for.

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::{Value, json};

use super::exchange::{REFRESH_TYPE, exchange, exchanging, log_in, refresh};
use super::{admin, with};
use crate::harness::client::Client;
use crate::harness::replayer::Call;
use crate::harness::server::TestServer;

/// What anna is called inside.
fn anna(server: &TestServer) -> String {
    let users = admin(server, "GET", "/small/users?username=anna", &Value::Null);
    users[0]["id"].as_str().unwrap().to_owned()
}

/// CVE-2025-14559
#[test]
fn the_token_of_a_user_who_was_switched_off_is_exchanged_no_more() {
    let (_folder, server) = exchanging(|_| {});
    let login = log_in(&server);
    let (status, exchanged) = exchange(&server, &login, &[("requested_token_type", REFRESH_TYPE)]);
    assert_eq!(status, 200);
    admin(&server, "PUT", &format!("/small/users/{}", anna(&server)), &json!({"enabled": false}));
    assert_eq!(exchange(&server, &login, &[]).0, 400);
    assert_eq!(exchange(&server, &exchanged, &[]).0, 400);
    assert_eq!(refresh(&server, &exchanged).0, 400);
}

/// CVE-2026-93999
#[test]
fn a_refresh_token_for_an_audience_that_was_switched_off_refreshes_no_more() {
    let (_folder, server) = exchanging(|realm| {
        realm["clients"].as_array_mut().unwrap().push(json!({"clientId": "shop", "secret": "s"}));
        realm["clients"][1]["protocolMappers"] = json!([{
            "name": "shop", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "config": {"included.client.audience": "shop", "access.token.claim": "true"}}]);
    });
    let (status, exchanged) =
        exchange(&server, &log_in(&server), &[("requested_token_type", REFRESH_TYPE), ("audience", "shop")]);
    assert_eq!(status, 200, "{exchanged}");
    assert_eq!(refresh(&server, &exchanged), (200, Value::Null));
    let shop = admin(&server, "GET", "/small/clients?clientId=shop", &Value::Null);
    let target = format!("/small/clients/{}", shop[0]["id"].as_str().unwrap());
    admin(&server, "PUT", &target, &json!({"clientId": "shop", "enabled": false}));
    assert_eq!(refresh(&server, &exchanged), (400, json!("Client disabled")));
}

/// A realm that trusts its own tokens as assertions about anna, shown by `back`.
fn asserting(consents: &Value) -> (tempfile::TempDir, TestServer) {
    const ISSUER: &str = "http://id.example/realms/small";
    let (folder, server) = with(|realm| {
        realm["accessTokenLifespan"] = 60.into();
        realm["users"][0]["clientConsents"] = consents.clone();
        let grants = json!({"oauth2.jwt.authorization.grant.enabled": "true", "oauth2.jwt.authorization.grant.idp": "own"});
        let audience = json!([{
            "name": "own", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "config": {"included.custom.audience": ISSUER, "access.token.claim": "true"}}]);
        let clients = realm["clients"].as_array_mut().unwrap();
        clients.push(json!({"clientId": "back", "secret": "s", "consentRequired": true, "attributes": grants}));
        clients.push(json!({"clientId": "judge", "secret": "s", "serviceAccountsEnabled": true, "fullScopeAllowed": false,
            "protocolMappers": audience}));
    });
    let key = Client::of(&server).get("/realms/small").json()["public_key"].take();
    let config = json!({"issuer": ISSUER, "jwtAuthorizationGrantEnabled": "true", "validateSignature": "true",
        "useJwksUrl": "false", "publicKeySignatureVerifier": key, "clientId": "c", "clientSecret": "s",
        "authorizationUrl": "https://own.example/auth", "tokenUrl": "https://own.example/token"});
    let provider = json!({"alias": "own", "providerId": "oidc", "enabled": true, "config": config});
    admin(&server, "POST", "/small/identity-provider/instances", &provider);
    let judge = admin(&server, "GET", "/small/clients?clientId=judge", &Value::Null);
    let account = format!("/small/clients/{}/service-account-user", judge[0]["id"].as_str().unwrap());
    let link = json!({"userId": admin(&server, "GET", &account, &Value::Null)["id"], "userName": "anna"});
    admin(&server, "POST", &format!("/small/users/{}/federated-identity/own", anna(&server)), &link);
    (folder, server)
}

/// CVE-2026-79652
#[test]
fn an_assertion_grants_nothing_without_the_consent_that_the_client_needs() {
    let consent = |scopes: Value| json!([{"clientId": "back", "grantedClientScopes": scopes}]);
    let rows = [(json!([]), 400), (consent(json!(["email"])), 400), (consent(json!(["email", "profile", "roles"])), 200)];
    for (consents, status) in rows {
        let (_folder, server) = asserting(&consents);
        let client = Client::of(&server);
        let judge = [("grant_type", "client_credentials"), ("client_id", "judge"), ("client_secret", "s")];
        let assertion = client.token("small", &judge).text("access_token");
        let answer = client.token(
            "small",
            &[
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("client_id", "back"),
                ("client_secret", "s"),
                ("assertion", &assertion),
            ],
        );
        assert_eq!(answer.status, status, "{consents}: {}", answer.json());
        if status == 400 {
            let error = answer.json()["error_description"].to_string();
            assert!(error.to_lowercase().contains("consent"), "{error}");
        }
    }
}

/// An assertion about anna.
fn assertion(server: &TestServer) -> String {
    let judge = [("grant_type", "client_credentials"), ("client_id", "judge"), ("client_secret", "s")];
    Client::of(server).token("small", &judge).text("access_token")
}

/// The status of the grant of `assertion` to `back`.
fn grant(server: &TestServer, assertion: &str) -> u16 {
    let kind = ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    Client::of(server).token("small", &[kind, ("client_id", "back"), ("client_secret", "s"), ("assertion", assertion)]).status
}

fn consented() -> Value {
    json!([{"clientId": "back", "grantedClientScopes": ["email", "profile", "roles"]}])
}

/// CVE-2026-1609
#[test]
fn an_assertion_about_a_user_who_was_switched_off_grants_nothing() {
    let (_folder, server) = asserting(&consented());
    assert_eq!(grant(&server, &assertion(&server)), 200);
    admin(&server, "PUT", &format!("/small/users/{}", anna(&server)), &json!({"enabled": false}));
    assert_eq!(grant(&server, &assertion(&server)), 400);
}

/// CVE-2026-2603, CVE-2026-3009
#[test]
fn an_assertion_of_an_identity_provider_that_was_switched_off_grants_nothing() {
    let (_folder, server) = asserting(&consented());
    assert_eq!(grant(&server, &assertion(&server)), 200);
    let target = "/small/identity-provider/instances/own";
    let mut provider = admin(&server, "GET", target, &Value::Null);
    provider["enabled"] = false.into();
    admin(&server, "PUT", target, &provider);
    assert_eq!(grant(&server, &assertion(&server)), 400);
}

/// CVE-2026-11800: the public key of the provider is known to everybody, and is no secret of an HMAC.
#[test]
fn refuses_an_assertion_that_is_signed_with_the_public_key_as_a_secret_or_with_nothing() {
    let (_folder, server) = asserting(&consented());
    let genuine = assertion(&server);
    let key = Client::of(&server).get("/realms/small").text("public_key");
    let der = base64_simd::STANDARD.decode_to_vec(&key).unwrap();
    let pem = PKey::public_key_from_der(&der).unwrap().public_key_to_pem().unwrap();
    let pem_without_end = pem.trim_ascii_end().to_vec();
    let encode = |bytes: &[u8]| base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes);
    let (header, rest) = genuine.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let header = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(header).unwrap();
    for (algorithm, digest) in [("HS256", MessageDigest::sha256()), ("HS512", MessageDigest::sha512())] {
        let mut forged: Value = serde_json::from_slice(&header).unwrap();
        forged["alg"] = algorithm.into();
        let input = format!("{}.{payload}", encode(forged.to_string().as_bytes()));
        for secret in [key.as_bytes(), der.as_slice(), pem.as_slice(), pem_without_end.as_slice()] {
            let secret = PKey::hmac(secret).unwrap();
            let mac = Signer::new(digest, &secret).unwrap().sign_oneshot_to_vec(input.as_bytes()).unwrap();
            assert_eq!(grant(&server, &format!("{input}.{}", encode(&mac))), 400, "{algorithm}");
        }
    }
    for algorithm in ["none", "None", "nOnE", "RS512", "PS256", "ES256", ""] {
        let mut forged: Value = serde_json::from_slice(&header).unwrap();
        forged["alg"] = algorithm.into();
        let input = format!("{}.{payload}", encode(forged.to_string().as_bytes()));
        for signature in ["", signature] {
            assert_eq!(grant(&server, &format!("{input}.{signature}")), 400, "{algorithm}");
        }
    }
    assert_eq!(grant(&server, &genuine), 200, "and none of them has used it up");
}

/// CVE-2025-12110
#[test]
fn an_offline_token_of_a_client_that_may_have_none_any_more_refreshes_no_more() {
    let (_folder, server) = with(|realm| realm["users"][0]["realmRoles"] = json!(["offline_access"]));
    let client = Client::of(&server);
    let login = [
        ("grant_type", "password"),
        ("client_id", "app"),
        ("username", "anna"),
        ("password", "frank-password"),
        ("scope", "offline_access"),
    ];
    let token = client.token("small", &login).text("refresh_token");
    let refresh =
        || client.token("small", &[("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", &token)]).status;
    assert_eq!(refresh(), 200);
    let scopes = admin(&server, "GET", "/small/client-scopes", &Value::Null);
    let scope = scopes.as_array().unwrap().iter().find(|scope| scope["name"] == "offline_access").unwrap();
    let app = admin(&server, "GET", "/small/clients?clientId=app", &Value::Null);
    let target =
        format!("/small/clients/{}/optional-client-scopes/{}", app[0]["id"].as_str().unwrap(), scope["id"].as_str().unwrap());
    admin(&server, "DELETE", &target, &Value::Null);
    assert_eq!(refresh(), 400);
}

/// CVE-2026-8922, CVE-2026-18218: the later of the two counts, whichever it is.
#[test]
fn tokens_from_before_the_not_before_of_the_realm_or_of_the_client_are_worth_nothing() {
    let (_folder, server) = with(|_| {});
    let client = Client::of(&server);
    let login = [
        ("grant_type", "password"),
        ("client_id", "app"),
        ("username", "anna"),
        ("password", "frank-password"),
        ("scope", "openid"),
    ];
    let tokens = client.token("small", &login);
    let now = ambient::Clock::now(&*server.clock).secs();
    let from_now = |seconds: i64| if seconds == 0 { 0 } else { now + seconds };
    let app = admin(&server, "GET", "/small/clients?clientId=app", &Value::Null);
    let of_app = format!("/small/clients/{}", app[0]["id"].as_str().unwrap());
    for (of_realm, of_client, good) in
        [(-200, -100, true), (-100, 100, false), (100, -100, false), (100, 0, false), (0, 100, false), (0, 0, true)]
    {
        admin(&server, "PUT", &of_app, &json!({"clientId": "app", "notBefore": from_now(of_client)}));
        admin(&server, "PUT", "/small", &json!({"notBefore": from_now(of_realm)}));
        let refresh = [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", &tokens.text("refresh_token"))];
        assert_eq!(client.token("small", &refresh).status, if good { 200 } else { 400 }, "{of_realm} {of_client}");
        let headers = [("Authorization".to_owned(), Some(format!("Bearer {}", tokens.text("access_token"))))];
        let target = "/realms/small/protocol/openid-connect/userinfo";
        let shown = client.send(&Call { method: "GET", target, headers: &headers, body: None }).unwrap().status;
        assert_eq!(shown, if good { 200 } else { 401 }, "{of_realm} {of_client}");
    }
}
