//! What the master realm holds of other realms: a client whose roles say who may administer them.

use realm_model::document::{Body, Document, Key, Kind, UserRecord};
use realm_store::{CommitError, Expected, UserKey, UserRow, Write};
use serde_json::{Map, Value, json};

use crate::body::add_text;
use crate::call::Call;
use crate::error::AdminError;
use crate::references;
use crate::roles::{AdminRole, MASTER, master_client};

/// How often the caller is read anew when somebody else changes him.
const ATTEMPTS: usize = 5;

/// Roles of `realm-management` that the client in master does not have.
const NOT_IN_MASTER: [AdminRole; 1] = [AdminRole::RealmAdmin];

/// Makes the client of master that stands for `realm`. Keycloak: recording admin-authorization/master-role-of-one-realm.
pub(crate) async fn add_client_of(call: &Call, realm: &str) -> Result<(), AdminError> {
    let client_id = master_client(realm);
    let ids: Vec<String> = std::iter::repeat_with(|| call.new_id()).take(AdminRole::ALL.len() + 1).collect();
    call.change_in(MASTER, |documents, changes| {
        let key = Key::of(Kind::Client, client_id.as_str());
        if documents.get(&key).is_some() {
            return Ok(());
        }
        let mut ids = ids.iter().cloned();
        let id = ids.next().unwrap_or_default();
        changes.put(Document { key, id, body: client(&client_id, realm) });
        for (role, id) in AdminRole::ALL.into_iter().filter(|role| !NOT_IN_MASTER.contains(role)).zip(ids) {
            let key = Key::owned(Kind::ClientRole, client_id.as_str(), role.name());
            changes.put(Document { key, id, body: role_body(role, &client_id) });
        }
        Ok(())
    })
    .await
}

fn client(client_id: &str, realm: &str) -> Body {
    let body = json!({
        "clientId": client_id, "name": format!("{realm} Realm"), "surrogateAuthRequired": false, "enabled": true,
        "alwaysDisplayInConsole": false, "clientAuthenticatorType": "client-secret", "redirectUris": [], "webOrigins": [],
        "notBefore": 0, "bearerOnly": true, "consentRequired": false, "standardFlowEnabled": true, "implicitFlowEnabled": false,
        "directAccessGrantsEnabled": false, "serviceAccountsEnabled": false, "publicClient": false, "frontchannelLogout": false,
        "attributes": {"realm_client": "true"}, "authenticationFlowBindingOverrides": {},
        "fullScopeAllowed": false, "nodeReRegistrationTimeout": 0, "defaultClientScopes": [], "optionalClientScopes": [],
    });
    if let Value::Object(body) = body { body } else { Body::new() }
}

fn role_body(role: AdminRole, client_id: &str) -> Body {
    let parts: &[AdminRole] = match role {
        AdminRole::ViewUsers => &[AdminRole::QueryUsers, AdminRole::QueryGroups],
        AdminRole::ViewClients => &[AdminRole::QueryClients],
        AdminRole::ViewOrganizations => &[AdminRole::QueryOrganizations],
        _ => &[],
    };
    let mut body = Body::new();
    body.insert("name".to_owned(), role.name().into());
    body.insert("description".to_owned(), format!("${{role_{}}}", role.name()).into());
    body.insert("composite".to_owned(), (!parts.is_empty()).into());
    if !parts.is_empty() {
        let names: Vec<&str> = parts.iter().map(|part| part.name()).collect();
        body.insert("composites".to_owned(), json!({ "client": { client_id: names } }));
    }
    body.insert("clientRole".to_owned(), true.into());
    body.insert("attributes".to_owned(), Map::new().into());
    body
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
            for role in AdminRole::ALL.into_iter().filter(|role| !NOT_IN_MASTER.contains(role)) {
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
