//! The seam to the model: what a representation is taken apart to, and what Keycloak would make of it.

use realm_model::completion::{MASKED, MadeRealm, Minting, new_realm};
use realm_model::document::{Body, Document, Documents, Kind, Split, split};
use realm_model::template::overlay;
use realm_model::upgrade::upgrade;
use realm_store::StoredRealm;
use serde_json::Value;

use crate::sources::FileRealm;

/// A realm of a file; `resolve` replaces placeholders in names.
pub(crate) fn file_realm(mut body: Body, resolve: &dyn Fn(&str) -> String) -> FileRealm {
    let name = body.get("realm").and_then(Value::as_str).map(resolve).unwrap_or_default();
    let upgraded = upgrade(&mut body).iter().map(ToString::to_string).collect();
    let mut split = split(body, resolve);
    for Document { key, body, .. } in &mut split.documents {
        // A secret that an export left out is not said: the one in force stays.
        let is_masked = |name: &str, value: &Value| key.kind == Kind::Client && name == "secret" && value == MASKED;
        body.retain(|name, value| !value.is_null() && !is_masked(name, value));
    }
    let id = split.documents.first().map(|settings| resolve(&settings.id)).unwrap_or_default();
    FileRealm { name, id, upgraded, split, ..FileRealm::default() }
}

/// The realm as it would be had it just been made of `split` under this id; users but service accounts left out.
pub(crate) fn imported(split: &Split, realm_id: &str, minting: &Minting<'_>) -> Documents {
    // A service account that the file brings decides about the scopes of its client.
    let accounts = split.users.iter().filter(|user| user.contains_key("serviceAccountClientId")).cloned().collect();
    let documents = split.documents.clone();
    let (name, brings) = (split.name.clone(), split.brings.clone());
    let mut split = Split { name, documents, users: accounts, federated_users: Vec::new(), brings };
    if let Some(settings) = split.documents.first_mut().filter(|_| !realm_id.is_empty()) {
        realm_id.clone_into(&mut settings.id);
    }
    let MadeRealm { realm_id, name, template, documents, removed, .. } = new_realm(split, minting);
    let there = documents.into_iter().map(|document| (document.key, document.id, 0, Some(document.body)));
    let removed = removed.into_iter().map(|key| (key, String::new(), 0, None));
    overlay((&realm_id, &name), template, there.chain(removed), 0)
}

/// All entities in force of a stored realm, placeholders as they were written. What cannot be read is left out.
pub(crate) fn effective(stored: &StoredRealm) -> Documents {
    stored.documents(&|body| serde_json::from_str(body).ok(), &|_| {})
}
