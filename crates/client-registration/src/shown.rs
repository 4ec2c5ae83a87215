//! What is answered of a client.

use realm_editing::body::{is_on, text, texts};
use realm_model::document::{Body, Document, Documents, REGISTRATION_TOKEN, representation};
use serde_json::{Value, json};

use crate::metadata::flows::{BY_ATTRIBUTE, UMA};
use crate::metadata::{ATTRIBUTES, LISTS, MEMBERS, SWITCHES, attribute};
use crate::pairwise;

/// Keycloak's own representation, with the registration access token where one was issued.
pub(crate) fn keycloak(documents: &Documents, client: &Document, token: Option<String>) -> Body {
    let mut body = representation(documents, client);
    body.retain(|_, value| !value.is_null());
    if is_on(&body, "publicClient") {
        body.shift_remove("secret");
    }
    if body.get("protocolMappers").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        body.shift_remove("protocolMappers");
    }
    body.insert("defaultRoles".to_owned(), json!([]));
    if let Some(token) = token {
        body.insert(REGISTRATION_TOKEN.to_owned(), token.into());
    }
    body
}

/// What is not metadata of the client but of its registration.
pub(crate) struct Registration {
    /// `registration_client_uri`
    pub(crate) uri: String,
    /// `registration_access_token`
    pub(crate) token: Option<String>,
    /// `client_id_issued_at`, seconds since the epoch: of a new client.
    pub(crate) issued: Option<i64>,
}

/// OpenID Connect client metadata, in Keycloak's order.
pub(crate) fn oidc(client: &Body, registration: Registration) -> Body {
    let mut shown = Body::new();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    let redirect_uris: Vec<&str> = texts(client, "redirectUris").collect();
    put("redirect_uris", json!(redirect_uris));
    put("token_endpoint_auth_method", auth_method(client).into());
    put("grant_types", json!(grant_types(client)));
    put("response_types", json!(response_types(client)));
    for (member, name) in MEMBERS {
        if let Some(value) = text(client, name) {
            put(member, value.into());
        }
    }
    if has_secret(client) {
        put("client_secret", text(client, "secret").into());
        put("client_secret_expires_at", 0.into());
    }
    put("scope", texts(client, "optionalClientScopes").collect::<Vec<_>>().join(" ").into());
    put("subject_type", if pairwise::is_pairwise(client) { "pairwise" } else { "public" }.into());
    let by_reference = attribute(client, "use.jwks.url") == Some("true");
    for (member, name) in ATTRIBUTES {
        if let Some(value) = attribute(client, name).filter(|_| by_reference || member != "jwks_uri") {
            put(member, value.into());
        }
    }
    if let Some(jwks) = attribute(client, "jwks.string").filter(|_| attribute(client, "use.jwks.string") == Some("true")) {
        put("jwks", serde_json::from_str(jwks).unwrap_or_default());
    }
    for (member, name) in SWITCHES {
        put(member, (attribute(client, name) == Some("true")).into());
    }
    put("request_uris", json!([]));
    put("post_logout_redirect_uris", json!(redirect_uris));
    for (member, name) in LISTS {
        if let Some(all) = attribute(client, name).filter(|all| !matches!(*all, "+" | "-")) {
            put(member, json!(all.split("##").collect::<Vec<_>>()));
        }
    }
    // Keycloak: it answers this by the switch for offline tokens (recording dynamic-registration/create-switches).
    let backchannel = attribute(client, "backchannel.logout.revoke.offline.tokens") == Some("true");
    put("backchannel_logout_session_required", backchannel.into());
    let frontchannel = attribute(client, "frontchannel.logout.session.required") != Some("false");
    put("frontchannel_logout_session_required", frontchannel.into());
    if let Some(issued) = registration.issued {
        put("client_id_issued_at", issued.into());
    }
    put("registration_client_uri", registration.uri.into());
    if let Some(token) = registration.token {
        put("registration_access_token", token.into());
    }
    shown
}

fn has_secret(client: &Body) -> bool {
    let by_secret = matches!(text(client, "clientAuthenticatorType"), None | Some("client-secret" | "client-secret-jwt"));
    !is_on(client, "publicClient") && by_secret
}

fn auth_method(client: &Body) -> &str {
    if is_on(client, "publicClient") {
        return "none";
    }
    match text(client, "clientAuthenticatorType") {
        Some("client-secret-jwt") => "client_secret_jwt",
        Some("client-jwt") => "private_key_jwt",
        Some("client-x509") => "tls_client_auth",
        _ => attribute(client, "client.secret.authentication.allowed.method").unwrap_or("client_secret_basic"),
    }
}

fn grant_types(client: &Body) -> Vec<&'static str> {
    let mut grants = Vec::new();
    for (member, grant) in [
        ("standardFlowEnabled", "authorization_code"),
        ("implicitFlowEnabled", "implicit"),
        ("directAccessGrantsEnabled", "password"),
        ("serviceAccountsEnabled", "client_credentials"),
        ("authorizationServicesEnabled", UMA),
    ] {
        if is_on(client, member) {
            grants.push(grant);
        }
    }
    for (grant, name) in BY_ATTRIBUTE {
        if attribute(client, name).unwrap_or(if grant == "refresh_token" { "true" } else { "false" }) == "true" {
            grants.push(grant);
        }
    }
    grants
}

fn response_types(client: &Body) -> Vec<&'static str> {
    match (is_on(client, "standardFlowEnabled"), is_on(client, "implicitFlowEnabled")) {
        (true, true) => {
            vec!["code", "none", "id_token", "id_token token", "code id_token", "code token", "code id_token token"]
        }
        (true, false) => vec!["code", "none"],
        (false, true) => vec!["id_token", "id_token token"],
        (false, false) => Vec::new(),
    }
}
