//! Clients with their service accounts.

use realm_model::completion::{Minting, client_secret};
use realm_model::document::{Body, Document, Documents, Key, Kind, UserRecord};
use realm_store::{Expected, LiveRealms, StoreError, UserKey, Write};

use crate::body::{add_text, is_on, remove_text, text};
use crate::{Changes, references};

/// The scope that clients with a service account have.
const SERVICE_ACCOUNT_SCOPE: &str = "service_account";
/// Clients that every realm has.
const INTERNAL: [&str; 5] = ["account", "account-console", "admin-cli", "broker", "security-admin-console"];
/// The realm that administers others.
pub const MASTER: &str = "master";
/// The client whose roles say who may administer its realm.
pub const REALM_MANAGEMENT: &str = "realm-management";

/// Whether this client is one that every realm has and nobody takes away.
pub fn is_internal(client_id: &str) -> bool {
    INTERNAL.contains(&client_id)
}

/// Whether roles of this client, or this role, say who may administer a realm. Keycloak: they are as they are, whoever asks; whoever
/// may rename clients or roles would become an administrator (the recordings have none; wire-admin.md names the deletion of one).
pub fn is_administrative(realm: &str, key: &Key) -> bool {
    let is_of = |client: &str| client == REALM_MANAGEMENT || (realm == MASTER && client.ends_with("-realm"));
    match key.kind {
        Kind::Client => is_of(&key.name),
        Kind::ClientRole => is_of(&key.owner),
        Kind::RealmRole => realm == MASTER && key.name == "admin",
        _ => false,
    }
}

/// Writes a client, complete; a new one with its service account, where it is to have one. What is written.
pub fn add(
    (documents, changes): (&Documents, &mut Changes<'_>),
    (client, new): (Document, bool),
    minting: &Minting<'_>,
) -> Document {
    let client = realm_model::completion::entity(client, documents, minting);
    if new && is_on(&client.body, "serviceAccountsEnabled") {
        add_service_account((documents, changes), &client.key.name, minting);
    }
    changes.put(client.clone());
    client
}

fn add_service_account((documents, changes): (&Documents, &mut Changes<'_>), client_id: &str, minting: &Minting<'_>) {
    let UserRecord(mut user) = realm_model::completion::service_account(client_id, documents);
    if text(&user, "id").is_none_or(str::is_empty) {
        user.insert("id".to_owned(), minting.entropy.uuid().to_string().into());
    }
    user.entry("createdTimestamp").or_insert_with(|| minting.now.millis().into());
    changes.write(Write::PutUser { record: UserRecord(user), expected: Expected::Absent });
}

/// The service account of a client.
///
/// # Errors
/// The store is away.
pub async fn service_account(live: &LiveRealms, realm_id: &str, client_id: &str) -> Result<Option<UserRecord>, StoreError> {
    let found = live.repository().user(realm_id, UserKey::ServiceAccount(client_id)).await?;
    Ok(found.map(|row| row.record))
}

/// Makes the service account of a client, renames it, or takes it away, as the client now says.
pub fn settle_service_account(
    (documents, changes): (&Documents, &mut Changes<'_>),
    (body, client_id, account): (&mut Body, &str, Option<&UserRecord>),
    minting: &Minting<'_>,
) {
    match (is_on(body, "serviceAccountsEnabled"), account) {
        (true, None) => {
            if documents.named(Kind::ClientScope, SERVICE_ACCOUNT_SCOPE).is_some() {
                add_text(body, "defaultClientScopes", SERVICE_ACCOUNT_SCOPE);
            }
            add_service_account((documents, changes), client_id, minting);
        }
        (true, Some(account)) if account.text("serviceAccountClientId") != Some(client_id) => {
            let mut user = account.0.clone();
            user.insert("serviceAccountClientId".to_owned(), client_id.into());
            user.insert("username".to_owned(), format!("service-account-{}", client_id.to_lowercase()).into());
            changes.write(Write::PutUser { record: UserRecord(user), expected: Expected::Anything });
        }
        (false, Some(account)) => {
            remove_text(body, "defaultClientScopes", SERVICE_ACCOUNT_SCOPE);
            changes.write(Write::DeleteUser { id: account.id().to_owned(), expected: Expected::Anything });
        }
        _ => {}
    }
}

/// Gives a confidential client that has no secret a new one.
pub fn settle_secret(body: &mut Body, minting: &Minting<'_>) {
    let confidential = !is_on(body, "publicClient") && !is_on(body, "bearerOnly");
    let by_secret = matches!(text(body, "clientAuthenticatorType"), None | Some("client-secret" | "client-secret-jwt"));
    if confidential && by_secret && text(body, "protocol") != Some("saml") && text(body, "secret").is_none() {
        body.insert("secret".to_owned(), client_secret(minting.entropy).into());
    }
}

/// Takes a client away with all that refers to it, and its service account.
pub fn delete((documents, changes): (&Documents, &mut Changes<'_>), client: &Key, account: Option<&UserRecord>) {
    references::delete(changes, documents, client);
    if let Some(account) = account {
        changes.write(Write::DeleteUser { id: account.id().to_owned(), expected: Expected::Anything });
    }
}
