use std::net::{IpAddr, Ipv4Addr};

use oidc_types::Params;
use realm_model::file::{SourceFile, read};
use serde_json::json;

use super::*;
use crate::{EXECUTORS, Updater, UpdaterSource};

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// A realm with one policy of these conditions and executors for clients `app` and `spa`.
fn realm(conditions: Value, executors: Value) -> Realm {
    realm_of(json!([{"name": "pol", "enabled": true, "conditions": conditions, "profiles": ["own"]}]), executors)
}

fn realm_of(policies: Value, executors: Value) -> Realm {
    let text = json!({
        "realm": "r", "enabled": true,
        "clients": [
            {"clientId": "app", "secret": "s", "attributes": {"tier": "gold"}},
            {"clientId": "spa", "publicClient": true},
            {"clientId": "jwt", "clientAuthenticatorType": "client-jwt"},
        ],
        "roles": {"client": {"app": [{"name": "reader"}]}},
        "clientProfiles": {"profiles": [{"name": "own", "executors": executors}]},
        "clientPolicies": {"policies": policies},
    });
    let file = SourceFile { name: "r-realm.json".to_owned(), bytes: text.to_string().into() };
    read(&[file], &|_| None).realms.remove(0).realm
}

fn any() -> Value {
    json!([{"condition": "any-client", "configuration": {}}])
}

fn form(pairs: &str) -> Params {
    Params::parse(pairs.as_bytes()).unwrap()
}

fn says(realm: &Realm, event: Event, client: &str, facts: &Facts<'_>) -> Option<String> {
    let outcome = Policies::of(realm).judge(event, realm.client(client).unwrap(), facts);
    outcome.err().map(|error| error.description.into_owned())
}

const PASSWORD: Event = Event::ResourceOwnerPasswordCredentialsRequest;

/// CVE-2026-9792: no grant that takes a password gets by, whoever the client is.
#[test]
fn a_password_grant_does_not_get_by_reject_ropc_grant() {
    let realm = realm(any(), json!([{"executor": "reject-ropc-grant", "configuration": {"auto-configure": "true"}}]));
    for client in ["app", "spa"] {
        let told = says(&realm, PASSWORD, client, &Facts::default());
        assert_eq!(told.as_deref(), Some("resource owner password credentials grant is prohibited."));
        assert_eq!(says(&realm, Event::TokenRefresh, client, &Facts::default()), None);
    }
}

/// CVE-2026-16093: what stands beside a secret, and a policy that wants an assertion.
#[test]
fn an_assertion_that_nobody_verified_does_not_get_by_the_executor_that_wants_one() {
    let executors =
        json!([{"executor": "secure-signature-algorithm-signed-jwt", "configuration": {"require-client-assertion": true}}]);
    let realm = realm(any(), executors);
    let form = form("client_assertion=eyJhbGciOiJQUzI1NiJ9.eyJhdWQiOiJhIn0.x"); // {"alg":"PS256"}
    for event in
        [Event::ServiceAccountTokenRequest, Event::TokenRefresh, Event::TokenIntrospect, Event::PushedAuthorizationRequest]
    {
        for client in ["app", "spa"] {
            let told = says(&realm, event, client, &Facts::of_form(&form, PEER));
            assert_eq!(told.as_deref(), Some("client assertion is required."), "{client} at {event:?}");
        }
        assert_eq!(says(&realm, event, "jwt", &Facts::of_form(&form, PEER)), None, "{event:?}");
    }
}

/// CVE-2026-18570, CVE-2026-18573: what a client's JSON leaves out is judged as what it will be.
#[test]
fn a_member_that_is_left_out_does_not_get_by_an_executor() {
    let executors = json!([{"executor": "full-scope-disabled"}, {"executor": "pkce-enforcer", "configuration": {}}]);
    let realm = realm(any(), executors);
    let updater = Updater::by(UpdaterSource::Anonymous);
    let facts = Facts { updater: Some(&updater), ..Facts::default() };
    let judge = |client: Value| Policies::of(&realm).judge_client(Event::Register, None, client.as_object().unwrap(), &facts);
    assert!(judge(json!({"clientId": "x", "fullScopeAllowed": false})).is_err());
    let right = json!({"clientId": "x", "fullScopeAllowed": false, "attributes": {"pkce.code.challenge.method": "S256"}});
    assert_eq!(judge(right), Ok(()));
}

#[test]
fn conditions_vote_as_keycloak_votes() {
    let rejects = || json!([{"executor": "reject-request"}]);
    let with = |condition: &str, configuration: Value| {
        realm(json!([{"condition": condition, "configuration": configuration}]), rejects())
    };
    let offline = form("grant_type=password&scope=openid+offline_access");
    let facts = Facts::of_form(&offline, PEER);
    for (condition, configuration, client, refused) in [
        ("any-client", json!({"is-negative-logic": true}), "app", false),
        ("client-access-type", json!({"type": ["confidential"]}), "app", true),
        ("client-access-type", json!({"type": ["confidential"]}), "spa", false),
        ("client-access-type", json!({"type": ["public"], "is-negative-logic": "true"}), "app", true),
        ("client-roles", json!({"roles": ["reader"]}), "app", true),
        ("client-roles", json!({"roles": ["reader"]}), "spa", false),
        ("client-attributes", json!({"attributes": "[{\"key\":\"tier\",\"value\":\"gold\"}]"}), "app", true),
        ("client-attributes", json!({"attributes": "[{\"key\":\"tier\",\"value\":\"tin\"}]"}), "app", false),
        ("client-scopes", json!({"scopes": ["offline_access"], "type": "Optional"}), "app", true),
        ("client-scopes", json!({"scopes": ["offline_access"], "type": "Default"}), "app", false),
        ("client-scopes", json!({"scopes": ["profile"], "type": "Any"}), "app", true),
        ("grant-type", json!({"grant_types": ["password"]}), "app", true),
        ("grant-type", json!({"grant_types": ["refresh_token"]}), "app", false),
        ("client-type", json!({"protocol": "openid-connect"}), "app", true),
        ("client-updater-context", json!({"update-client-source": ["ByAuthenticatedUser"]}), "app", false),
        ("acr-condition", json!({"acr-property": "gold"}), "app", false),
        ("identity-provider-alias", json!({"identity_provider_aliases": ["x"]}), "app", false),
    ] {
        let realm = with(condition, configuration.clone());
        assert_eq!(says(&realm, PASSWORD, client, &facts).is_some(), refused, "{condition} {configuration} {client}");
    }
}

#[test]
fn conditions_on_the_updater_judge_who_writes_a_client() {
    let mut updater = Updater::by(UpdaterSource::AuthenticatedUser);
    updater.groups.push("ops".to_owned());
    for (condition, configuration, refused) in [
        ("client-updater-context", json!({"update-client-source": ["ByAuthenticatedUser"]}), true),
        ("client-updater-context", json!({"update-client-source": ["ByAnonymous"]}), false),
        ("client-updater-source-groups", json!({"groups": ["ops"]}), true),
        ("client-updater-source-roles", json!({"roles": ["admin"]}), false),
        ("client-updater-source-host", json!({"trusted-hosts": ["192.0.2.1"]}), true),
        ("client-updater-source-host", json!({"trusted-hosts": ["192.0.2.2"]}), false),
        ("client-access-type", json!({"type": ["confidential"]}), false),
    ] {
        let conditions = json!([{"condition": condition, "configuration": configuration}]);
        let realm = realm(conditions, json!([{"executor": "reject-request"}]));
        let facts = Facts { updater: Some(&updater), peer: Some(PEER), ..Facts::default() };
        let judged = Policies::of(&realm).judge_client(Event::Register, None, &Map::new(), &facts);
        assert_eq!(judged.is_err(), refused, "{condition} {configuration}");
    }
}

#[test]
fn one_condition_that_says_no_is_enough_and_a_policy_without_conditions_does_nothing() {
    let both = json!([{"condition": "any-client"}, {"condition": "client-roles", "configuration": {"roles": ["nope"]}}]);
    for conditions in [both, json!([])] {
        let realm = realm(conditions, json!([{"executor": "reject-request"}]));
        assert_eq!(says(&realm, PASSWORD, "app", &Facts::default()), None);
    }
}

#[test]
fn what_is_not_known_refuses_and_never_passes_in_silence() {
    for (conditions, executors) in [
        (json!([{"condition": "nope"}]), json!([])),
        (json!([{"condition": "nope", "configuration": {"is-negative-logic": true}}]), json!([])),
        (any(), json!([{"executor": "intent-client-bind-checker"}])),
    ] {
        let realm = realm(conditions, executors);
        assert!(says(&realm, PASSWORD, "app", &Facts::default()).is_some());
    }
    let unknown_profile = json!([{"name": "pol", "enabled": true, "conditions": any(), "profiles": ["gone"]}]);
    assert!(says(&realm_of(unknown_profile, json!([])), PASSWORD, "app", &Facts::default()).is_some());
}

#[test]
fn policies_that_are_off_do_nothing() {
    let off = json!([{"name": "pol", "enabled": false, "conditions": any(), "profiles": ["own"]}]);
    let realm = realm_of(off, json!([{"executor": "reject-request"}]));
    assert_eq!(says(&realm, PASSWORD, "app", &Facts::default()), None);
}

#[test]
fn executors_judge_requests_in_keycloaks_words() {
    let none = form("grant_type=client_credentials");
    let weak = form("client_assertion=eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOlsiYSIsImIiXX0.x");
    let ciba = form("login_hint=u&scope=openid");
    let token = form("response_type=token");
    for (executor, configuration, event, form, told) in [
        (
            "secure-client-authenticator",
            json!({"allowed-client-authenticators": ["client-jwt"]}),
            Event::ServiceAccountTokenRequest,
            &none,
            "Configured client authentication method not allowed for client",
        ),
        // Keycloak lets these two pass: an authenticator that is not allowed is not, whatever the grant.
        (
            "secure-client-authenticator",
            json!({"allowed-client-authenticators": ["client-jwt"]}),
            PASSWORD,
            &none,
            "Configured client authentication method not allowed for client",
        ),
        ("holder-of-key-enforcer", json!({}), PASSWORD, &none, "Client Certification missing for MTLS HoK Token Binding"),
        (
            "holder-of-key-enforcer",
            json!({}),
            Event::TokenRefresh,
            &none,
            "Client certificate missing, or its thumbprint and one in the token did NOT match",
        ),
        ("dpop-bind-enforcer", json!({}), Event::TokenRevoke, &none, "DPoP proof is missing"),
        (
            "secure-signature-algorithm-signed-jwt",
            json!({"require-client-assertion": true}),
            Event::TokenIntrospect,
            &none,
            "client assertion is required.",
        ),
        ("secure-signature-algorithm-signed-jwt", json!({}), PASSWORD, &weak, "not allowed signature algorithm."),
        ("secure-client-authentication-assertion", json!({}), PASSWORD, &weak, "invalid audience in client assertion"),
        ("secure-ciba-session", json!({}), Event::BackchannelAuthenticationRequest, &ciba, "Missing parameter: binding_message"),
        (
            "secure-ciba-signed-authn-req",
            json!({}),
            Event::BackchannelAuthenticationRequest,
            &ciba,
            "Missing parameter: 'request' or 'request_uri'",
        ),
        ("reject-implicit-grant", json!({}), Event::PushedAuthorizationRequest, &token, "Implicit/Hybrid flow is prohibited."),
        ("pkce-enforcer", json!({}), Event::AuthorizationRequest, &token, "Missing parameter: code_challenge_method"),
        ("secure-par-content", json!({}), Event::AuthorizationRequest, &token, "PAR request_uri not included."),
        ("secure-response-type", json!({}), Event::AuthorizationRequest, &token, "invalid response_type"),
    ] {
        let realm = realm(any(), json!([{"executor": executor, "configuration": configuration}]));
        assert_eq!(says(&realm, event, "app", &Facts::of_form(form, PEER)).as_deref(), Some(told), "{executor} at {event:?}");
    }
}

#[test]
fn public_clients_are_kept_out_where_confidential_ones_are_asked_for() {
    let realm = realm(any(), json!([{"executor": "confidential-client"}]));
    assert_eq!(says(&realm, PASSWORD, "app", &Facts::default()), None);
    assert_eq!(says(&realm, PASSWORD, "spa", &Facts::default()).as_deref(), Some("invalid client access type: public"));
}

#[test]
fn claims_and_scopes_of_an_assertion_are_enforced() {
    let executors = json!([
        {"executor": "jwt-claim-enforcer", "configuration": {"claim-name": "team", "allowed-value": "a|b"}},
        {"executor": "downscope-assertion-grant-enforcer"},
    ]);
    let realm = realm(any(), executors);
    for (claims, asked, passes) in [
        (json!({"team": "a", "scope": "read"}), "scope=read", true),
        (json!({"team": "ab", "scope": "read"}), "scope=read", false),
        (json!({"scope": "read"}), "scope=read", false),
        (json!({"team": "b", "scope": "read"}), "scope=read+write", false),
    ] {
        let form = form(asked);
        let facts = Facts { assertion: claims.as_object(), ..Facts::of_form(&form, PEER) };
        assert_eq!(says(&realm, Event::JwtAuthorizationGrant, "app", &facts).is_none(), passes, "{claims} {asked}");
    }
}

#[test]
fn signed_requests_are_good_for_a_short_time() {
    let realm = realm(any(), json!([{"executor": "secure-request-object", "configuration": {"available-period": "3600"}}]));
    for (object, told) in [
        (json!({"exp": 1100, "nbf": 990}), None),
        (json!({"nbf": 990}), Some("Missing parameter in the 'request' object: exp")),
        (json!({"exp": 900, "nbf": 800}), Some("Request Expired")),
        (json!({"exp": 1100}), Some("Missing parameter in the 'request' object: nbf")),
        (json!({"exp": 1100, "nbf": 1050}), Some("Request not yet valid")),
        (json!({"exp": 9000, "nbf": 990}), Some("Request's available period is long")),
    ] {
        let facts = Facts { request_object: object.as_object(), now: 1000, ..Facts::default() };
        assert_eq!(says(&realm, Event::AuthorizationRequest, "app", &facts).as_deref(), told, "{object}");
    }
}

#[test]
fn clients_are_set_right_or_refused() {
    let auto = || json!({"auto-configure": "true"});
    for (executor, member) in
        [("reject-ropc-grant", "directAccessGrantsEnabled"), ("reject-implicit-grant", "implicitFlowEnabled")]
    {
        for (configuration, passes) in [(auto(), true), (json!({}), false)] {
            let realm = realm(any(), json!([{"executor": executor, "configuration": configuration}]));
            let mut client = json!({ member: true }).as_object().unwrap().clone();
            let facts = Facts::default();
            Policies::of(&realm).configure(Event::Register, None, &mut client, &facts);
            assert_eq!(client[member], json!(!passes));
            assert_eq!(Policies::of(&realm).judge_client(Event::Register, None, &client, &facts).is_ok(), passes);
        }
    }
}

#[test]
fn urls_and_redirect_uris_of_clients_are_judged() {
    let uris = json!({"allow-ipv4-loopback-address": "true", "allow-http-scheme": "true", "oauth-2-1-compliant": "true",
        "allow-private-use-uri-scheme": "true"});
    for (executor, configuration, client, told) in [
        ("secure-client-uris", json!({}), json!({"redirectUris": ["https://a.example/cb"], "webOrigins": ["+"]}), None),
        ("secure-client-uris", json!({}), json!({"redirectUris": ["https://a.example/*"]}), Some("Invalid redirectUris")),
        ("secure-client-uris", json!({}), json!({"attributes": {"jwks.url": "http://a.example"}}), Some("Invalid jwksUri")),
        ("secure-client-uris", json!({}), json!({"baseUrl": "/x"}), Some("Invalid baseUrl")),
        (
            "secure-client-uris-pattern",
            json!({}),
            json!({"rootUrl": "https://a"}),
            Some("Invalid rootUrl: No valid allowed patterns configured"),
        ),
        ("secure-client-uris-pattern", json!({"allowed-patterns": ["https://a/.*"]}), json!({"rootUrl": "https://a/x"}), None),
        (
            "secure-redirect-uris-enforcer",
            json!({}),
            json!({"redirectUris": ["http://localhost/cb"]}),
            Some("Invalid Redirect Uri: invalid loopback address"),
        ),
        ("secure-redirect-uris-enforcer", uris.clone(), json!({"redirectUris": ["http://127.0.0.1/cb"]}), None),
        ("secure-redirect-uris-enforcer", uris.clone(), json!({"redirectUris": ["com.example.app:/cb"]}), None),
        (
            "secure-redirect-uris-enforcer",
            uris,
            json!({"redirectUris": ["myapp:/cb"]}),
            Some("Invalid Redirect Uri: invalid private use scheme"),
        ),
        (
            "secure-redirect-uris-enforcer",
            json!({"allow-wildcard-context-path": true}),
            json!({"redirectUris": ["https://a.example*"]}),
            Some("Invalid Redirect Uri: invalid uri"),
        ),
        (
            "secure-redirect-uris-enforcer",
            json!({"allow-permitted-domains": [".*\\.example"]}),
            json!({"redirectUris": ["https://a.other/cb"]}),
            Some("Invalid Redirect Uri: invalid uri"),
        ),
    ] {
        let realm = realm(any(), json!([{"executor": executor, "configuration": configuration}]));
        let judged = Policies::of(&realm).judge_client(Event::Register, None, client.as_object().unwrap(), &Facts::default());
        assert_eq!(judged.err().map(|error| error.description.into_owned()).as_deref(), told, "{executor} {client}");
    }
}

#[test]
fn every_executor_of_every_global_profile_is_known() {
    for executor in global::global_profiles().iter().flat_map(|profile| profile["executors"].as_array().unwrap()) {
        let name = executor["executor"].as_str().unwrap();
        assert!(EXECUTORS.contains(&name) && !matches!(Executor::read(name, executor), Executor::Unknown), "{name}");
    }
    for name in EXECUTORS {
        assert!(!matches!(Executor::read(name, &json!({})), Executor::Unknown), "{name}");
    }
    assert_eq!(global::global_profiles().len(), 10);
}
