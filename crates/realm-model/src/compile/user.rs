//! Users.

use std::sync::Arc;

use oidc_types::ClientId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::document::{Body, UserRecord};
use crate::file::build::credentials::credential as read_credential;
use crate::file::representation::{ConsentRepresentation, CredentialRepresentation, UserRepresentation};
use crate::file::{Flag, TextValue, Whole};
use crate::{Consent, Credential, CredentialKind, Realm, RoleKey, User};

/// A user as requests see it. Roles, groups and a service account's client that are not in `realm` are ignored. A record that
/// no user can be read from (a value of a wrong type) is a disabled user without credentials.
pub fn user(record: &UserRecord, realm: &Realm) -> User {
    let mut given = UserRepresentation::deserialize(&record.0).unwrap_or_else(|_| bare(record));
    let text = |given: Option<TextValue>| given.map(|TextValue(text)| text).filter(|text| !text.is_empty());
    let on = |flag: Option<Flag>| flag.is_some_and(|Flag(on)| on);
    given.credentials.sort_by_key(|credential| credential.priority.map_or(0, |Whole(priority)| priority));
    User {
        id: text(given.id.take()).unwrap_or_default().into(),
        username: text(given.username.take()).unwrap_or_default().to_lowercase(),
        email: text(given.email.take()).map(|email| email.to_lowercase()),
        email_verified: on(given.email_verified),
        enabled: on(given.enabled),
        first_name: text(given.first_name.take()),
        last_name: text(given.last_name.take()),
        roles: roles(&given, realm),
        groups: given.groups.iter().filter_map(|TextValue(path)| group(path, realm)).collect(),
        service_account_client: text(given.service_account_client_id.take()).and_then(|client| known_client(&client, realm)),
        consents: given.client_consents.iter().filter_map(|consent| consent_of(consent, realm)).collect(),
        attributes: given.attributes.0,
        credentials: given.credentials.into_iter().filter_map(read_credential).collect(),
        required_actions: given.required_actions.into_iter().map(|TextValue(action)| action).collect(),
        not_before: given.not_before.map_or(0, |Whole(seconds)| seconds),
        created_timestamp: given.created_timestamp.map(|Whole(millis)| millis),
    }
}

/// What is left of a record that cannot be read.
fn bare(record: &UserRecord) -> UserRepresentation {
    let text = |member| record.text(member).map(|text| TextValue(text.to_owned()));
    UserRepresentation { id: text("id"), username: text("username"), ..UserRepresentation::default() }
}

fn roles(given: &UserRepresentation, realm: &Realm) -> Vec<RoleKey> {
    let of_realm = given.realm_roles.iter().map(|TextValue(name)| RoleKey::realm(name.trim()));
    let of_clients = given.client_roles.iter().filter_map(|(client, names)| Some((known_client(client, realm)?, names)));
    let of_clients = of_clients.flat_map(|(client, names)| {
        names.iter().map(move |TextValue(name)| RoleKey { client: Some(client.clone()), name: name.trim().into() })
    });
    // The key that is in the realm is taken: its texts are there once for all users.
    let known = |key: RoleKey| realm.roles.get_key_value(&key).map(|(known, _)| known.clone());
    of_realm.chain(of_clients).filter_map(known).collect()
}

fn consent_of(given: &ConsentRepresentation, realm: &Realm) -> Option<Consent> {
    let client = known_client(&given.client_id.as_ref()?.0, realm)?;
    let known = |TextValue(name): &TextValue| realm.client_scopes.get_key_value(name.as_str()).map(|(name, _)| Arc::clone(name));
    Some(Consent { client, scopes: given.granted_client_scopes.iter().filter_map(known).collect() })
}

fn group(path: &str, realm: &Realm) -> Option<crate::GroupPath> {
    let (path, _) = match path.strip_prefix('/') {
        Some(_) => realm.groups.get_key_value(path)?,
        None => realm.groups.get_key_value(format!("/{path}").as_str())?,
    };
    Some(path.clone())
}

fn known_client(client: &str, realm: &Realm) -> Option<ClientId> {
    realm.clients.get_key_value(client).map(|(id, _)| id.clone())
}

/// The credential that an element of a record's `credentials` is; `None` where nothing can be made of it.
pub fn credential(body: &Value) -> Option<Credential> {
    read_credential(CredentialRepresentation::deserialize(body).ok()?)
}

/// A credential as an element of a record's `credentials`. It holds secrets.
pub fn credential_body(credential: &Credential) -> Value {
    let mut body = Body::new();
    let mut put = |member: &str, value: Value| body.insert(member.to_owned(), value);
    if let Some(id) = &credential.id {
        put("id", json!(id));
    }
    let kind = match &credential.kind {
        CredentialKind::Password => "password",
        CredentialKind::Otp => "otp",
        CredentialKind::ContactlessCard => "contactless-card",
        CredentialKind::Other(kind) => kind,
    };
    put("type", json!(kind));
    if let Some(label) = &credential.label {
        put("userLabel", json!(label));
    }
    if let Some(created) = credential.created_date {
        put("createdDate", json!(created));
    }
    match credential.plain() {
        Some(password) => put("value", json!(password.expose())),
        None => {
            put("secretData", json!(credential.secret_data.expose()));
            put("credentialData", json!(credential.credential_data))
        }
    };
    Value::Object(body)
}
