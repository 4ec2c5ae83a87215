//! What the master realm holds of other realms: a client whose roles say who may administer them.

use realm_model::completion::administration;
use realm_model::document::{Key, Kind, UserRecord};
use realm_store::{CommitError, Expected, UserKey, UserRow, Write};
use serde_json::{Map, Value};

use crate::body::add_text;
use crate::call::Call;
use crate::error::AdminError;
use crate::references;
use crate::roles::{AdminRole, MASTER, master_client};

/// How often the caller is read anew when somebody else changes him.
const ATTEMPTS: usize = 5;

/// Makes the client of master that stands for `realm`, with its roles. Keycloak: recording
/// admin-authorization/master-role-of-one-realm; it puts the roles into the role `admin`, too, which may everything here without: so
/// that a realm is made as fast beside ten thousand others.
pub(crate) async fn add_client_of(call: &Call, realm: &str) -> Result<(), AdminError> {
    call.change_in(MASTER, |documents, changes| {
        for document in administration(realm, &documents.realm_id) {
            if documents.get(&document.key).is_none() {
                changes.put(document);
            }
        }
        Ok(())
    })
    .await
}

/// Gives all roles of `realm` to the caller, who made it with `create-realm` alone.
pub(crate) async fn give_realm(call: &Call, realm: &str) -> Result<(), AdminError> {
    let live = &call.api.live;
    let master = &call.caller.realm.id;
    for _ in 0..ATTEMPTS {
        let found = live.repository().user(master, UserKey::Id(call.caller.user.id.as_str())).await?;
        let Some(UserRow { version, record: UserRecord(mut user) }) = found else { return Ok(()) };
        let roles = user.entry("clientRoles").or_insert_with(|| Map::new().into());
        if let Value::Object(roles) = roles {
            for role in AdminRole::ALL.into_iter().filter(|role| *role != AdminRole::RealmAdmin) {
                add_text(roles, &master_client(realm), role.name());
            }
        }
        let mut batch = realm_store::Batch::within(&**master);
        batch.writes.push(Write::PutUser { record: UserRecord(user), expected: Expected::Version(version) });
        match live.commit(batch).await {
            Err(CommitError::Conflict(_)) => {}
            outcome => return Ok(outcome?),
        }
    }
    Err(AdminError::Unavailable("the caller is being changed all the time".to_owned()))
}

/// Takes the client that stands for `realm` away, once that is gone.
pub(crate) async fn remove_client_of(call: &Call, realm: &str) -> Result<(), AdminError> {
    let key = Key::of(Kind::Client, master_client(realm));
    call.change_in(MASTER, |documents, changes| {
        if documents.get(&key).is_some() {
            references::delete(changes, documents, &key);
        }
        Ok(())
    })
    .await
}

/// Renames the client that stands for a realm.
pub(crate) async fn rename_client_of(call: &Call, from: &str, to: &str) -> Result<(), AdminError> {
    let (key, renamed) = (Key::of(Kind::Client, master_client(from)), Key::of(Kind::Client, master_client(to)));
    call.change_in(MASTER, |documents, changes| {
        let Some(entry) = documents.get(&key) else { return Ok(()) };
        let mut body = entry.document.body.clone();
        body.insert("clientId".to_owned(), renamed.name.as_str().into());
        body.insert("name".to_owned(), format!("{to} Realm").into());
        references::rename(changes, documents, (&key, &renamed), body);
        Ok(())
    })
    .await
}
