//! One new entity of an existing realm.

use super::members::is_on;
use super::scopes::Scopes;
use super::{Minting, Origin, client, entities, roles, scopes};
use crate::document::{Body, Document, Documents, Kind};

/// One new entity of an existing realm, complete: defaults filled in, with its id. A client with a service account has the scope for
/// it; the user is [`super::service_account`].
pub fn entity(mut document: Document, documents: &Documents, minting: &Minting<'_>) -> Document {
    let Document { key, body, id } = &mut document;
    let realm_id = documents.realm_id.as_str();
    match key.kind {
        Kind::Realm => {}
        Kind::Client => {
            let empty = Body::new();
            let all = documents.of_kind(Kind::ClientScope).map(|entry| (&entry.document.key, &entry.document.body));
            let scopes = Scopes::new(all, documents.settings().unwrap_or(&empty));
            client::complete(realm_id, key, body, &scopes, minting);
            if is_on(body, "serviceAccountsEnabled") {
                scopes.add_service_account(body);
            }
        }
        Kind::ClientScope => scopes::complete(realm_id, key, body),
        Kind::RealmRole | Kind::ClientRole => roles::complete(key, body),
        _ => entities::complete(realm_id, key, body),
    }
    if id.is_empty() {
        *id = match (minting.origin, key.kind.id_member()) {
            (Origin::Api, Some(_)) => minting.entropy.uuid().to_string(),
            _ => key.stable_id(realm_id),
        };
    }
    document
}
