//! The realm `master` and the first admin in it.

use oidc_types::Secret;
use realm_files::Reconciler;
use realm_model::Credential;
use realm_model::compile::credential_body;
use realm_model::completion::{self, Minting, Origin};
use realm_model::document::{Body, UserRecord};
use realm_store::{Batch, CommitError, Expected, LiveRealms, ServiceAccounts, StoreError, UserQuery, Write};
use serde_json::{Value, json};

use crate::cli::{BootstrapAdmin, Settings};
use crate::server::StartError;

const MASTER: &str = "master";

/// Makes what is missing of realm `master`: itself, and the admin of the settings where it has no user yet.
///
/// # Errors
/// The store.
pub(crate) async fn administration(settings: &Settings, reconciler: &Reconciler) -> Result<(), StartError> {
    let live = &reconciler.live;
    if live.snapshots().realm(MASTER).is_none() {
        unless_somebody_was_faster(live.commit(Batch::creation(completion::master())).await)?;
    }
    match &settings.bootstrap_admin {
        Some(admin) if is_deserted(live).await? => first_admin(admin, reconciler).await,
        Some(_) | None => Ok(()),
    }
}

/// Another node that starts at the same moment makes the same.
fn unless_somebody_was_faster(outcome: Result<(), CommitError>) -> Result<(), StartError> {
    match outcome {
        Ok(()) | Err(CommitError::Exists(_) | CommitError::Conflict(_)) => Ok(()),
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(CommitError::UnknownRealm) => Ok(()),
    }
}

async fn is_deserted(live: &LiveRealms) -> Result<bool, StartError> {
    let Some(id) = live.realm_id(MASTER) else { return Ok(false) };
    let anybody = UserQuery { service_accounts: ServiceAccounts::Leave, max: Some(1), ..UserQuery::default() };
    Ok(live.repository().users(&id, &anybody).await?.is_empty())
}

async fn first_admin(admin: &BootstrapAdmin, reconciler: &Reconciler) -> Result<(), StartError> {
    let live = &reconciler.live;
    let Some(documents) = live.documents(MASTER).await? else { return Ok(()) };
    let minting = Minting { now: reconciler.clock.now(), entropy: reconciler.entropy.as_ref(), origin: Origin::Api };
    let mut given = Body::new();
    given.insert("username".to_owned(), admin.username.as_str().into());
    given.insert("enabled".to_owned(), true.into());
    // Keycloak marks such an admin so, for its console asks to make a lasting one.
    given.insert("attributes".to_owned(), json!({ "is_temporary_admin": ["true"] }));
    let Some(mut record) = completion::user(given, &documents, &minting) else { return Ok(()) };
    if let Some(Value::Array(roles)) = record.0.get_mut("realmRoles") {
        roles.push("admin".into());
    }
    put_password(&mut record, &admin.password, reconciler).await?;
    let mut batch = Batch::within(documents.realm_id.clone());
    batch.writes.push(Write::PutUser { record, expected: Expected::Absent });
    unless_somebody_was_faster(live.commit(batch).await)?;
    log::info!("realm master: user {} administers all realms", admin.username);
    Ok(())
}

async fn put_password(record: &mut UserRecord, password: &Secret<String>, reconciler: &Reconciler) -> Result<(), StartError> {
    let unhashed = |error| StoreError::Unavailable(format!("the password of the first admin cannot be hashed: {error}"));
    let credential = match reconciler.seal.seal(password.clone(), "").await.map_err(unhashed)? {
        Some((secret, data)) => {
            let mut credential = Credential::plain_password("");
            credential.secret_data = Secret::new(secret);
            credential.credential_data = data;
            credential
        }
        // In memory only; hashed when it is used for the first time.
        None => Credential::plain_password(password.expose()),
    };
    record.0.insert("credentials".to_owned(), Value::Array(vec![credential_body(&credential)]));
    Ok(())
}
