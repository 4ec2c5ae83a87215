use key_rotation::PublicKeySet;
use realm_editing::body::{object, text};
use realm_model::document::Body;
use serde_json::Value;

use crate::error::RegistrationError;

/// `token_endpoint_auth_method` and the client's keys. Keycloak: a method that is left out is `client_secret_basic`, in an update, too.
pub(super) fn read(given: &Body, (client, attributes): (&mut Body, &mut Body)) -> Result<(), RegistrationError> {
    let has_keys = keys(given, attributes)?;
    let authenticator = match text(given, "token_endpoint_auth_method") {
        None => "client-secret",
        Some(method @ ("client_secret_basic" | "client_secret_post")) => {
            attributes.insert("client.secret.authentication.allowed.method".to_owned(), method.into());
            "client-secret"
        }
        Some("client_secret_jwt") => "client-secret-jwt",
        Some("private_key_jwt") if has_keys => "client-jwt",
        Some("tls_client_auth") => "client-x509",
        Some("none") => "none",
        Some(_) => return Err(RegistrationError::metadata("Client metadata invalid")),
    };
    client.insert("clientAuthenticatorType".to_owned(), authenticator.into());
    client.insert("publicClient".to_owned(), (authenticator == "none").into());
    Ok(())
}

/// Whether there are keys, by value or by reference. They are not fetched before they are needed.
fn keys(given: &Body, attributes: &mut Body) -> Result<bool, RegistrationError> {
    let (by_value, by_reference) = (object(given, "jwks"), text(given, "jwks_uri"));
    let mut switch = |by_reference: bool| {
        attributes.insert("use.jwks.url".to_owned(), by_reference.to_string().into());
        attributes.insert("use.jwks.string".to_owned(), (!by_reference).to_string().into());
    };
    match (by_value, by_reference) {
        (None, None) => Ok(false),
        (Some(_), Some(_)) => Err(RegistrationError::metadata("Client metadata invalid")),
        (None, Some(_)) => {
            switch(true);
            Ok(true)
        }
        (Some(jwks), None) => {
            let keys = Value::Array(jwks.get("keys").and_then(Value::as_array).cloned().unwrap_or_default());
            let set = serde_json::json!({ "keys": keys }).to_string();
            if !PublicKeySet::parse(set.as_bytes()).is_ok_and(|set| !set.is_empty()) {
                return Ok(false);
            }
            switch(false);
            attributes.insert("jwks.string".to_owned(), set.into());
            if let Some(kid) = keys.get(0).and_then(|key| key.get("kid")).and_then(Value::as_str) {
                attributes.insert("jwt.credential.kid".to_owned(), kid.into());
            }
            Ok(true)
        }
    }
}
