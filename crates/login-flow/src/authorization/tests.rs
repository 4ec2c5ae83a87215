use std::sync::Arc;

use oidc_types::{OAuthError, Params};
use realm_model::Client;
use realm_model::file::{SourceFile, read};
use serde_json::json;

use super::*;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn client(id: &str) -> Arc<Client> {
    let uris = json!(["https://a.example/cb"]);
    let realm = json!({ "realm": "r", "clients": [
        { "clientId": "exact", "redirectUris": uris },
        { "clientId": "implicit", "redirectUris": uris, "implicitFlowEnabled": true },
        { "clientId": "nothing", "redirectUris": uris, "standardFlowEnabled": false },
        { "clientId": "pkce", "redirectUris": uris, "attributes": { "pkce.code.challenge.method": "S256" } },
        { "clientId": "plain", "redirectUris": uris, "attributes": { "pkce.code.challenge.method": "plain" } },
    ]});
    let file = SourceFile { name: "r.json".to_owned(), bytes: realm.to_string().into_bytes() };
    let realm = read(&[file], &|_| None).realms.remove(0).realm;
    Arc::clone(realm.client(id).unwrap())
}

fn form(changes: &[(&str, Option<&str>)]) -> Params {
    let good = [
        ("response_type", "code"),
        ("redirect_uri", "https://a.example/cb"),
        ("scope", "openid"),
        ("state", "s"),
        ("nonce", "n"),
    ];
    let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name)).copied();
    let changed = changes.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    Params::from_pairs(kept.chain(changed).map(|(name, value)| (name.to_owned(), value.to_owned())))
}

fn judge(id: &str, changes: &[(&str, Option<&str>)]) -> Result<AuthorizationRequest, RequestFault> {
    let (client, form) = (client(id), form(changes));
    let unjudged = Unjudged {
        client: &client,
        parameters: Parameters::read(&form),
        repeats: form.repeats(),
        base: "https://id.example",
        way: Way::Push,
    };
    unjudged.judge()
}

/// `error_description`; `ok` where there is none.
fn told(id: &str, changes: &[(&str, Option<&str>)]) -> String {
    match judge(id, changes) {
        Ok(_) => "ok".to_owned(),
        Err(fault) => OAuthError::from(&fault).description.into_owned(),
    }
}

#[test]
fn each_fault_has_its_recorded_text() {
    for (name, value, text) in [
        ("max_age", Some("soon"), "invalidRequestMessage"),
        ("max_age", Some(""), "invalidRequestMessage"),
        ("max_age", Some("99999999999"), "invalidRequestMessage"),
        ("max_age", Some("-1"), "ok"),
        ("redirect_uri", Some("https://evil.example/"), "Invalid parameter: redirect_uri"),
        ("redirect_uri", Some(""), "Invalid parameter: redirect_uri"),
        ("redirect_uri", None, "Invalid parameter: redirect_uri"),
        ("response_type", None, "Missing parameter: response_type"),
        ("response_type", Some(""), "Unsupported response type"),
        ("response_type", Some("CODE"), "Unsupported response type"),
        ("response_type", Some("code none"), "Unsupported response type"),
        ("response_type", Some("code  token"), "Unsupported response type"),
        ("response_type", Some("code code"), "ok"),
        ("response_type", Some("none"), "ok"),
        ("response_mode", Some("magic"), "Invalid parameter: response_mode"),
        ("response_mode", Some(""), "Invalid parameter: response_mode"),
        ("response_mode", Some("query.jwt"), "ok"),
        ("scope", Some("openid nope"), "Invalid scopes: openid nope"),
        ("scope", Some(""), "Invalid scopes: "),
        ("prompt", Some("magic"), "ok"),
        ("claims", Some("x"), "ok"),
        ("nonce", None, "ok"),
    ] {
        assert_eq!(told("exact", &[(name, value)]), text, "{name}={value:?}");
    }
}

#[test]
fn a_value_that_is_too_long_is_none() {
    let long = "x".repeat(4001);
    assert_eq!(told("exact", &[("response_type", Some(&long))]), "Missing parameter: response_type");
    assert_eq!(judge("exact", &[("state", Some(&long))]).unwrap().parameters().get("state"), None);
}

#[test]
fn flows_that_are_off_are_refused_with_their_names() {
    let off = |flow: &str| {
        format!(
            "Client is not allowed to initiate browser login with given response_type. {flow} flow is disabled for the client."
        )
    };
    for (id, response_type, text) in [
        ("exact", "token", off("Implicit")),
        ("exact", "code id_token", off("Implicit")),
        ("nothing", "code", off("Standard")),
        ("nothing", "none", off("Standard")),
        ("implicit", "code id_token token", "ok".to_owned()),
    ] {
        assert_eq!(told(id, &[("response_type", Some(response_type))]), text, "{id} {response_type}");
    }
}

#[test]
fn tokens_never_go_into_a_query() {
    let of = |mode| [("response_type", Some("token")), ("response_mode", Some(mode))];
    assert_eq!(told("implicit", &of("query")), "Response_mode 'query' not allowed for implicit or hybrid flow");
    assert!(told("implicit", &of("query.jwt")).contains("only when the authorization response token is encrypted"));
    for (mode, meant) in [("fragment", ResponseMode::Fragment), ("jwt", ResponseMode::FragmentJwt)] {
        assert_eq!(judge("implicit", &of(mode)).unwrap().response_mode(), meant);
    }
}

#[test]
fn a_nonce_is_needed_for_what_goes_through_the_browser() {
    for (response_type, scope, needed) in [
        ("id_token", "openid", true),
        ("code id_token", "openid", true),
        ("token", "openid", true),
        ("token", "email", false),
        ("code", "openid", false),
    ] {
        let request = judge("implicit", &[("response_type", Some(response_type)), ("scope", Some(scope)), ("nonce", None)]);
        assert_eq!(request.err(), needed.then_some(RequestFault::NonceMissing), "{response_type} {scope}");
    }
}

#[test]
fn challenges_are_judged_in_the_recorded_order() {
    let (short, long) = ("a".repeat(42), "a".repeat(129));
    for (id, challenge, method, text) in [
        ("pkce", None, None, "Missing parameter: code_challenge_method"),
        ("pkce", Some(CHALLENGE), None, "Missing parameter: code_challenge_method"),
        ("pkce", None, Some("S256"), "Missing parameter: code_challenge"),
        ("pkce", Some(CHALLENGE), Some("plain"), "Invalid parameter: code challenge method is not matching the configured one"),
        ("pkce", Some(CHALLENGE), Some("S256"), "ok"),
        ("plain", Some(CHALLENGE), Some("S256"), "Invalid parameter: code challenge method is not matching the configured one"),
        ("plain", Some(CHALLENGE), Some("plain"), "ok"),
        ("exact", Some(CHALLENGE), None, "ok"),
        ("exact", None, Some("S256"), "Missing parameter: code_challenge"),
        ("exact", Some(CHALLENGE), Some("s256"), "Invalid parameter: code_challenge_method"),
        ("exact", Some(""), Some(""), "Invalid parameter: code_challenge_method"),
        ("exact", Some(""), Some("S256"), "Invalid parameter: code_challenge"),
        ("exact", Some(&short), Some("S256"), "Invalid parameter: code_challenge"),
        ("exact", Some(&long), Some("S256"), "Invalid parameter: code_challenge"),
        ("exact", Some("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), Some("plain"), "Invalid parameter: code_challenge"),
    ] {
        assert_eq!(
            told(id, &[("code_challenge", challenge), ("code_challenge_method", method)]),
            text,
            "{id} {challenge:?} {method:?}"
        );
    }
}

#[test]
fn of_two_faults_the_one_is_told_that_keycloak_tells() {
    // In this order; each with each.
    let faults: [(&str, &str, &str); 8] = [
        ("max_age", "soon", "invalidRequestMessage"),
        ("redirect_uri", "https://evil.example/", "Invalid parameter: redirect_uri"),
        ("response_type", "foo", "Unsupported response type"),
        ("response_mode", "foo", "Invalid parameter: response_mode"),
        (
            "response_type",
            "token",
            "Client is not allowed to initiate browser login with given response_type. Implicit flow is disabled for the client.",
        ),
        ("scope", "openid nope", "Invalid scopes: openid nope"),
        ("state", "repeated", "duplicated parameter"),
        ("code_challenge_method", "S256", "Missing parameter: code_challenge"),
    ];
    for (at, first) in faults.iter().enumerate() {
        for second in faults.iter().skip(at + 1).filter(|second| second.0 != first.0) {
            let mut changes = vec![(first.0, Some(first.1)), (second.0, Some(second.1))];
            if first.0 == "state" || second.0 == "state" {
                changes.push(("state", Some("again")));
            }
            assert_eq!(told("exact", &changes), first.2, "{first:?} {second:?}");
        }
    }
}

#[test]
fn credentials_of_the_client_are_no_parameters() {
    let form = Params::parse(b"client_id=c&client_secret=hunter2&client_assertion=x&client_assertion_type=y&foo=bar").unwrap();
    let parameters = Parameters::read(&form);
    let kept = format!("{:?}", parameters.pairs());
    assert_eq!(kept, r#"[("client_id", "c"), ("foo", "bar")]"#);
    assert_eq!(Parameters::of_pairs(parameters.pairs().to_vec()), parameters);
}

#[test]
fn few_unknown_parameters_are_kept_and_none_that_is_long() {
    let many = (0..9).map(|n| (format!("x{n}"), "v".to_owned())).chain([("y".to_owned(), "v".repeat(2001))]);
    let parameters = Parameters::read(&Params::from_pairs(many));
    assert_eq!((parameters.get("x4"), parameters.get("x5"), parameters.get("y")), (Some("v"), None, None));
}

#[test]
fn what_an_object_says_goes_before_what_stands_beside_it() {
    let parameters = Parameters::read(&form(&[("request", Some("jwt")), ("max_age", Some("5"))]));
    let claims = json!({ "state": "inside", "scope": ["openid"], "max_age": 10, "nonce": null, "iss": "c", "request": "x", "client_id": "d" });
    let all = parameters.with_object(claims.as_object().unwrap());
    for (name, expected) in [
        ("state", Some("inside")),
        ("scope", Some(r#"["openid"]"#)),
        ("max_age", Some("10")),
        ("nonce", Some("n")),
        ("iss", None),
        ("request", None),
        ("client_id", None),
        ("redirect_uri", Some("https://a.example/cb")),
    ] {
        assert_eq!(all.get(name), expected, "{name}");
    }
}
