//! Users.

use serde_json::{Value, json};

use super::members::{drop_nulls, is_on, text, text_lists, texts, with_object};
use super::{Minting, Origin};
use crate::Credential;
use crate::document::{Body, Documents, Kind, UserRecord};
use crate::file::stable_id;
use crate::template::default_role_name;

/// A user, complete: with an id, username and e-mail address in lower case, the time it was made. Nothing where it has no username.
///
/// A password that is given in plain stays so, as [`Credential::plain_password`] has it: it is to be hashed before it is stored.
/// Through the Admin API a user gets the realm's default role and default groups; a file says itself what its users have.
pub fn user(given: Body, documents: &Documents, minting: &Minting<'_>) -> Option<UserRecord> {
    let none = Body::new();
    // Borrowed: a million users may be completed one after the other.
    let settings = documents.settings().unwrap_or(&none);
    let realm = text(settings, "realm").unwrap_or_default();
    let mut user = complete(given, realm, minting)?;
    if minting.origin == Origin::Api {
        join_defaults(&mut user.0, &default_role(settings, realm), settings);
    }
    Some(user)
}

/// The user as which the client `client_id` acts on its own, with the realm's default role and default groups. When it was made is
/// not in it.
pub fn service_account(client_id: &str, documents: &Documents) -> UserRecord {
    let settings = documents.settings().cloned().unwrap_or_default();
    let realm = text(&settings, "realm").unwrap_or_default();
    let mut account = account_of(client_id, realm, &default_role(&settings, realm), &settings);
    if let Some(client) = documents.named(Kind::Client, client_id) {
        look_after_resources(&mut account, &client.document.body);
    }
    account
}

fn default_role(settings: &Body, realm: &str) -> String {
    let named = settings.get("defaultRole").and_then(|role| role.get("name")).and_then(Value::as_str);
    named.map_or_else(|| default_role_name(realm), str::to_owned)
}

fn join_defaults(user: &mut Body, default_role: &str, settings: &Body) {
    super::members::add_text(user, "realmRoles", default_role);
    for group in texts(settings, "defaultGroups") {
        super::members::add_text(user, "groups", group);
    }
}

/// Gives the account of a client with authorization services the role for it.
pub(super) fn look_after_resources(account: &mut UserRecord, client: &Body) {
    if is_on(client, "authorizationServicesEnabled")
        && let Some(client_id) = account.text("serviceAccountClientId").map(str::to_owned)
    {
        with_object(&mut account.0, "clientRoles", |roles| super::members::add_text(roles, &client_id, "uma_protection"));
    }
}

pub(super) fn account_of(client_id: &str, realm: &str, default_role: &str, settings: &Body) -> UserRecord {
    let username = format!("service-account-{client_id}").to_lowercase();
    let mut body = Body::new();
    body.insert("id".to_owned(), stable_id(realm, "user", &username).into());
    body.insert("username".to_owned(), username.into());
    body.insert("emailVerified".to_owned(), false.into());
    body.insert("enabled".to_owned(), true.into());
    body.insert("serviceAccountClientId".to_owned(), client_id.into());
    join_defaults(&mut body, default_role, settings);
    UserRecord(body)
}

pub(super) fn complete(mut user: Body, realm: &str, minting: &Minting<'_>) -> Option<UserRecord> {
    drop_nulls(&mut user);
    let username = text(&user, "username").map(str::to_lowercase).filter(|name| !name.is_empty())?;
    user.retain(|member, value| !matches!(member.as_str(), "email" | "id") || value.as_str() != Some(""));
    if !user.contains_key("id") {
        let id = match minting.origin {
            Origin::Import => stable_id(realm, "user", &username),
            Origin::Api => minting.entropy.uuid().to_string(),
        };
        user.shift_insert(0, "id".to_owned(), id.into());
    }
    user.insert("username".to_owned(), username.into());
    if let Some(email) = text(&user, "email").map(str::to_lowercase) {
        user.insert("email".to_owned(), email.into());
    }
    for member in ["enabled", "emailVerified"] {
        if let Some(value) = user.get_mut(member) {
            super::members::coerce(value, &Value::Bool(false));
        }
    }
    user.entry("createdTimestamp").or_insert_with(|| minting.now.millis().into());
    if user.contains_key("attributes") {
        with_object(&mut user, "attributes", text_lists);
    }
    groups(&mut user);
    credentials(&mut user, minting);
    Some(UserRecord(user))
}

/// Groups are named by their paths.
fn groups(user: &mut Body) {
    for group in user.get_mut("groups").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::String(path) = group
            && !path.starts_with('/')
        {
            path.insert(0, '/');
        }
    }
}

/// What is given as a `value` becomes what is stored for it; the best comes first. What has neither is no credential.
fn credentials(user: &mut Body, minting: &Minting<'_>) {
    let Some(Value::Array(given)) = user.get_mut("credentials") else { return };
    given.sort_by_key(|credential| credential.get("priority").and_then(Value::as_i64).unwrap_or_default());
    let kept = std::mem::take(given).into_iter().filter_map(|credential| match credential {
        Value::Object(credential) => one_credential(credential, minting),
        _ => None,
    });
    let kept: Vec<Value> = kept.map(Value::Object).collect();
    user.insert("credentials".to_owned(), kept.into());
}

fn one_credential(mut credential: Body, minting: &Minting<'_>) -> Option<Body> {
    drop_nulls(&mut credential);
    if text(&credential, "id").is_none_or(str::is_empty) {
        credential.shift_remove("id");
        credential.shift_insert(0, "id".to_owned(), minting.entropy.uuid().to_string().into());
    }
    if text(&credential, "secretData").is_some_and(|secret| !secret.is_empty()) {
        return Some(credential);
    }
    let value = text(&credential, "value").filter(|value| !value.is_empty())?;
    let (kind, stored) = match text(&credential, "type").unwrap_or_default() {
        "" | "password" => ("password", Credential::plain_password(value)),
        "contactless-card" => ("contactless-card", Credential::contactless_card(value.trim())),
        _ => return None,
    };
    // Keycloak: `temporary` has no effect on import.
    credential.retain(|member, _| !matches!(member.as_str(), "value" | "temporary" | "type"));
    credential.insert("type".to_owned(), kind.into());
    credential.entry("createdDate").or_insert_with(|| minting.now.millis().into());
    credential.insert("secretData".to_owned(), stored.secret_data.expose().as_str().into());
    credential.insert("credentialData".to_owned(), json!(stored.credential_data));
    Some(credential)
}
