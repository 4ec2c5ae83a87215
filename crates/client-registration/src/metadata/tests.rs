use serde_json::json;

use super::*;

fn read(given: Value) -> Result<Metadata, String> {
    Metadata::read(given.as_object().unwrap()).map_err(|error| error.to_string())
}

fn says(given: Value, member: &str) -> Value {
    read(given).unwrap().client.get(member).cloned().unwrap_or_default()
}

#[test]
fn grants_and_response_types_become_switches_as_in_keycloak() {
    for (given, standard, implicit) in [
        (json!({}), Value::Null, Value::Null),
        (json!({"response_types": []}), Value::Null, Value::Null),
        (json!({"response_types": ["none"]}), json!(true), json!(false)),
        (json!({"response_types": ["code token"]}), json!(true), json!(true)),
        (json!({"response_types": ["token id_token"]}), json!(false), json!(true)),
        (json!({"response_types": ["code"], "grant_types": ["implicit"]}), json!(true), json!(false)),
        (json!({"grant_types": []}), Value::Null, Value::Null),
        (json!({"grant_types": ["foo"]}), json!(false), json!(false)),
    ] {
        assert_eq!(
            (says(given.clone(), "standardFlowEnabled"), says(given.clone(), "implicitFlowEnabled")),
            (standard, implicit),
            "{given}"
        );
    }
}

#[test]
fn methods_without_their_keys_and_two_kinds_of_keys_are_refused() {
    let key = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    for (given, fine) in [
        (json!({"token_endpoint_auth_method": "private_key_jwt"}), false),
        (json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}}), false),
        (json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.clone()]}}), true),
        (json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://169.254.169.254/k"}), true),
        (json!({"jwks": {"keys": [key]}, "jwks_uri": "https://a.example/k"}), false),
        (json!({"token_endpoint_auth_method": "self_signed_tls_client_auth"}), false),
        (json!({"token_endpoint_auth_method": ""}), false),
    ] {
        let outcome = read(given.clone()).map(drop);
        assert_eq!(outcome, if fine { Ok(()) } else { Err("Client metadata invalid".to_owned()) }, "{given}");
    }
}

/// CVE-2026-107623: what an update does not name stays as it is.
#[test]
fn an_update_that_does_not_name_a_switch_does_not_turn_it_off() {
    let attributes = says(json!({"redirect_uris": []}), "attributes");
    for (_, name) in SWITCHES {
        assert_eq!(attributes.get(name), None, "{name}");
    }
    for member in ["consentRequired", "fullScopeAllowed", "enabled", "standardFlowEnabled"] {
        assert_eq!(says(json!({}), member), Value::Null, "{member}");
    }
}

#[test]
fn an_unknown_subject_type_is_told_after_everything_else() {
    assert!(read(json!({"subject_type": "foo"})).unwrap().subject_type().is_err());
    assert_eq!(read(json!({"subject_type": "PAIRWISE"})).unwrap().subject_type().ok(), Some(SubjectType::Pairwise));
}
