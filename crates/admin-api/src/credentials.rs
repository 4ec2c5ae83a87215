//! Passwords that came in plain are hashed before they are stored.

use oidc_types::Secret;
use passwords::HashPolicy;
use realm_model::compile;
use realm_model::document::{Body, UserRecord};

use crate::AdminApi;
use crate::body::text;
use crate::error::AdminError;

/// How the realm with these settings hashes new passwords.
pub(crate) fn hash_policy(settings: &Body) -> HashPolicy {
    let parts = text(settings, "passwordPolicy").unwrap_or_default().split(" and ").map(|part| {
        let (id, rest) = part.trim().split_once('(').unwrap_or((part.trim(), ""));
        (id, Some(rest.trim_end_matches(')')))
    });
    HashPolicy::from_password_policy(parts).unwrap_or_default()
}

/// Hashes the passwords of `user` that stand plain in it.
///
/// # Errors
/// 503 where too many wait already.
pub(crate) async fn hash_plain(api: &AdminApi, user: &mut UserRecord, policy: &HashPolicy) -> Result<(), AdminError> {
    let Some(credentials) = user.0.get_mut("credentials").and_then(serde_json::Value::as_array_mut) else { return Ok(()) };
    for body in credentials {
        let Some(mut credential) = compile::credential(body) else { continue };
        let Some(password) = credential.plain() else { continue };
        let hashed = api.hash_pool.hash(password, policy, api.entropy.clone()).await;
        let hashed = hashed.map_err(|full| AdminError::Unavailable(full.to_string()))?;
        let (secret_data, credential_data) = hashed.to_keycloak();
        credential.secret_data = Secret::new(secret_data);
        credential.credential_data = credential_data;
        if credential.id.is_none() {
            credential.id = Some(api.entropy.uuid().to_string());
        }
        *body = compile::credential_body(&credential);
    }
    Ok(())
}
