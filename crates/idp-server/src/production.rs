//! What `start` refuses about realms: secrets that stand in every example.

use realm_model::{Realm, User};
use realm_store::RealmStore;

use crate::cli::{Profile, Settings};
use crate::demo_words::is_demo_word;
use crate::server::StartError;
use crate::written;

/// Refuses, with `start`, realm files whose secrets everybody would try first.
///
/// # Errors
/// All such secrets by the name of their client or user, in one error.
pub(crate) fn refuse_demo_secrets(
    settings: &Settings,
    realms: &RealmStore,
    environment: &[(String, String)],
) -> Result<(), StartError> {
    if settings.profile == Profile::Development {
        return Ok(());
    }
    let mut found: Vec<String> = Vec::new();
    for realm in realms.realms().filter_map(|name| realms.realm(name.as_str())) {
        found.extend(demo_clients(&realm));
    }
    for loaded in written::realms_with_credentials(&settings.realms, environment) {
        found.extend(demo_users(&loaded.realm, &loaded.users));
    }
    found.sort();
    if found.is_empty() { Ok(()) } else { Err(StartError::DemoSecrets(found.join(", "))) }
}

fn demo_clients(realm: &Realm) -> Vec<String> {
    let with_demo_secret = realm.clients.values().filter(|client| {
        let secret = client.secret.as_ref().filter(|secret| !secret.expose().is_empty());
        client.enabled && !client.public && !client.bearer_only && secret.is_some_and(|s| is_demo_word(s.expose()))
    });
    with_demo_secret.map(|client| format!("client {} of realm {}", client.client_id, realm.name)).collect()
}

fn demo_users(realm: &Realm, users: &[User]) -> Vec<String> {
    let with_demo_password = users.iter().filter(|user| {
        let plain = user.credentials.iter().filter_map(|credential| credential.plain());
        user.enabled && plain.into_iter().any(|password| is_demo_word(password.expose()))
    });
    with_demo_password.map(|user| format!("user {} of realm {}", user.username, realm.name)).collect()
}
