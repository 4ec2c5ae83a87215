//! `install`: the configuration of Keycloak's adapters for a client.

use client_auth::Presented;
use realm_editing::body::{is_on, text};
use realm_http::RealmContext;
use realm_model::SslRequired;
use realm_model::document::{Body, Documents, Kind};
use serde_json::{Value, json};

use crate::ClientRegistration;
use crate::error::RegistrationError;

/// Whether the client itself calls, by its secret; a public one says only its name.
///
/// # Errors
/// 401
pub(crate) async fn refuse_other_client(
    parts: &ClientRegistration,
    request: &RealmContext,
    (client_id, presented): (&str, Presented<'_>),
) -> Result<(), RegistrationError> {
    let Some(client) = request.realm.client(client_id) else {
        return Err(RegistrationError::Token("Not authorized to view client. Not valid token or client credentials provided."));
    };
    if client.public {
        return Ok(());
    }
    match parts.client_auth.identify(request, presented).await {
        Ok(caller) if caller.client().client_id == client.client_id => Ok(()),
        _ => Err(RegistrationError::Token("Failed to authenticate client")),
    }
}

/// The configuration.
pub(crate) fn shown(documents: &Documents, client: &Body, request: &RealmContext) -> Body {
    let ssl = match request.realm.ssl_required {
        SslRequired::All => "all",
        SslRequired::External => "external",
        SslRequired::None => "none",
    };
    let client_id = text(client, "clientId").unwrap_or_default();
    let mut shown = Body::new();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    put("realm", request.realm.name.as_str().into());
    put("auth-server-url", format!("{}/", request.bases.front).into());
    put("ssl-required", ssl.into());
    put("resource", client_id.into());
    if is_on(client, "bearerOnly") {
        put("bearer-only", true.into());
    } else if is_on(client, "publicClient") {
        put("public-client", true.into());
    } else if let Some(secret) = text(client, "secret") {
        put("credentials", json!({ "secret": secret }));
    }
    if documents.of_kind(Kind::ClientRole).any(|role| role.document.key.owner == client_id) {
        put("use-resource-role-mappings", true.into());
    }
    put("confidential-port", 0.into());
    shown
}
