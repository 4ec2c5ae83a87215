//! Clients.

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::members::{complete_mappers, drop_nulls, fill, is_on, text, text_map, texts, with_object};
use super::scopes::Scopes;
use super::{Minting, Origin, secret};
use crate::document::{Body, Key};
use crate::file::derived_origins;

/// What stands for a secret that an export left out.
pub const MASKED: &str = "**********";

/// A client as Keycloak completes it, but for its service account's scope.
pub(super) fn complete(realm_id: &str, key: &Key, body: &mut Body, scopes: &Scopes, minting: &Minting<'_>) {
    drop_nulls(body);
    body.shift_remove("defaultRoles");
    body.shift_remove("access");
    body.shift_remove(crate::document::REGISTRATION_TOKEN);
    web_origins(body);
    // Keycloak: off by default where consent is required.
    let full_scope = !is_on(body, "consentRequired");
    fill(
        body,
        [
            ("clientId", key.name.as_str().into()),
            ("surrogateAuthRequired", false.into()),
            ("enabled", true.into()),
            ("alwaysDisplayInConsole", false.into()),
            ("clientAuthenticatorType", "client-secret".into()),
            ("redirectUris", json!([])),
            ("notBefore", 0.into()),
            ("bearerOnly", false.into()),
            ("consentRequired", false.into()),
            ("standardFlowEnabled", true.into()),
            ("implicitFlowEnabled", false.into()),
            ("directAccessGrantsEnabled", false.into()),
            ("serviceAccountsEnabled", false.into()),
            ("publicClient", false.into()),
            ("frontchannelLogout", false.into()),
            ("protocol", "openid-connect".into()),
            ("attributes", json!({})),
            ("authenticationFlowBindingOverrides", json!({})),
            ("fullScopeAllowed", full_scope.into()),
            ("nodeReRegistrationTimeout", (-1).into()),
        ],
    );
    authorization(body);
    let is_exported = attributes(key, body, minting);
    if !(is_exported && is_on(body, "bearerOnly")) {
        own_secret(body, minting);
    }
    complete_mappers(realm_id, key, body);
    scopes.assign(body);
}

/// Those of the redirect URIs where the client names none. What depends on a placeholder is not worked out here: the value may
/// be another one tomorrow.
fn web_origins(body: &mut Body) {
    if body.contains_key("webOrigins") {
        return;
    }
    let uris: Vec<String> = texts(body, "redirectUris").map(str::to_owned).collect();
    if !uris.iter().any(|uri| uri.contains("${")) {
        body.insert("webOrigins".to_owned(), derived_origins(&uris).into());
    }
}

/// A client with authorization services has a service account.
fn authorization(body: &mut Body) {
    if !is_on(body, "authorizationServicesEnabled") {
        return;
    }
    body.insert("serviceAccountsEnabled".to_owned(), true.into());
    with_object(body, "authorizationSettings", |settings| {
        fill(
            settings,
            [
                ("allowRemoteResourceManagement", true.into()),
                ("policyEnforcementMode", "ENFORCING".into()),
                ("resources", json!([])),
                ("policies", json!([])),
                ("scopes", json!([])),
                ("decisionStrategy", "UNANIMOUS".into()),
            ],
        );
        let resources = settings.get_mut("resources").and_then(Value::as_array_mut).into_iter().flatten();
        for resource in resources.filter_map(Value::as_object_mut) {
            fill(resource, [("ownerManagedAccess", false.into()), ("attributes", json!({})), ("uris", json!([]))]);
        }
    });
}

/// Tells whether the client comes from an export: it stays what it was then, so that an export of an import is the same.
fn attributes(key: &Key, body: &mut Body, minting: &Minting<'_>) -> bool {
    let is_saml = text(body, "protocol") == Some("saml");
    let is_exported = body.get("attributes").is_some_and(|attributes| attributes.get("realm_client").is_some());
    with_object(body, "attributes", |attributes| {
        text_map(attributes);
        // Keycloak: an attribute without a value is none.
        attributes.retain(|_, value| value.as_str() != Some(""));
        let of_realm = matches!(key.name.as_str(), "realm-management" | "broker");
        attributes.entry("realm_client").or_insert_with(|| of_realm.to_string().into());
        if is_saml {
            let artifact = || Value::from(base64(&Sha1::digest(key.name.as_bytes())));
            attributes.entry("saml.artifact.binding.identifier").or_insert_with(artifact);
        }
        // Keycloak: it adds this to a client of an export, too.
        if minting.origin == Origin::Import && !is_exported {
            attributes.entry("post.logout.redirect.uris").or_insert_with(|| "+".into());
        }
    });
    is_exported
}

/// Keycloak makes one up where a client that is not public brings none. One that a partial export masked is none, either.
fn own_secret(body: &mut Body, minting: &Minting<'_>) {
    if is_on(body, "publicClient") {
        body.shift_remove("secret");
        return;
    }
    if text(body, "secret").is_some_and(|secret| secret != MASKED) {
        return;
    }
    body.insert("secret".to_owned(), secret::client_secret(minting.entropy).into());
    let created = minting.now.secs().to_string();
    with_object(body, "attributes", |attributes| {
        attributes.insert("client.secret.creation.time".to_owned(), created.into());
    });
}

fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}
