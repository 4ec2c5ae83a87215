//! Roles that something has: a group, a user, or the scope of a client or client scope. What is shown of them, which may come in.

use std::collections::BTreeSet;

use realm_model::document::{Body, Document, Documents, Key, Kind};
use serde_json::{Map, Value, json};

use crate::body::text;
use crate::call::Call;
use crate::error::AdminError;
use crate::role::{self, Detail};
use crate::roles::{Permission, may_give};

/// Where roles lie: in the realm, or at a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// [`Kind::RealmRole`] or [`Kind::ClientRole`]
    pub(crate) kind: Kind,
    /// The `clientId`; empty for the realm.
    pub(crate) owner: String,
}

impl Place {
    /// The realm.
    pub(crate) const fn realm() -> Self {
        Self { kind: Kind::RealmRole, owner: String::new() }
    }

    /// The client with this id.
    ///
    /// # Errors
    /// 404
    pub(crate) fn client(documents: &Documents, id: &str) -> Result<Self, AdminError> {
        let entry = documents.by_id(Kind::Client, id).ok_or_else(|| AdminError::error(404, "Client not found"))?;
        Ok(Self { kind: Kind::ClientRole, owner: entry.document.key.name.clone() })
    }

    /// Whether a role lies there.
    pub(crate) fn has(&self, role: &Key) -> bool {
        role.kind == self.kind && role.owner == self.owner
    }
}

fn document<'d>(documents: &'d Documents, key: &Key) -> Option<&'d Document> {
    documents.get(key).map(|entry| &entry.document)
}

/// The roles that a caller sees among others. Keycloak: those of the realm and of clients need the role to see these (asked of 26.7.4).
pub(crate) fn visible(call: &Call, mut held: BTreeSet<Key>) -> BTreeSet<Key> {
    held.retain(|role| match role.kind {
        Kind::ClientRole => call.may(Permission::ViewClientRoles),
        _ => call.may(Permission::ViewRealm),
    });
    held
}

/// Refuses a caller who asks for the roles of a client without seeing clients. Keycloak: not for those of the realm.
///
/// # Errors
/// 403
pub(crate) fn refuse_hidden(call: &Call, place: &Place) -> Result<(), AdminError> {
    match place.kind {
        Kind::ClientRole => call.refuse_without(Permission::ViewClientRoles),
        _ => Ok(()),
    }
}

/// Whether a role is offered to the caller, to be given.
pub(crate) fn offers(call: &Call, role: &Key) -> bool {
    call.may(Permission::ManageUsers) && may_give(call, role)
}

/// `{realmMappings?, clientMappings?}`
pub(crate) fn all(documents: &Documents, held: &BTreeSet<Key>) -> Body {
    let mut shown = Body::new();
    let of_realm = list(documents, held.iter().filter(|key| key.kind == Kind::RealmRole), Detail::Brief);
    if !of_realm.is_empty() {
        shown.insert("realmMappings".to_owned(), json!(of_realm));
    }
    let owners: BTreeSet<&str> = held.iter().filter(|key| key.kind == Kind::ClientRole).map(|key| key.owner.as_str()).collect();
    let mut clients = Map::new();
    for owner in owners {
        let Some(client) = documents.named(Kind::Client, owner) else { continue };
        let mappings = list(documents, held.iter().filter(|key| key.owner == owner), Detail::Brief);
        let one = json!({ "id": client.document.id, "client": owner, "mappings": mappings });
        clients.insert(owner.to_owned(), one);
    }
    if !clients.is_empty() {
        shown.insert("clientMappings".to_owned(), clients.into());
    }
    shown
}

/// What is shown of these roles, those that are there.
pub(crate) fn list<'k>(documents: &Documents, keys: impl Iterator<Item = &'k Key>, detail: Detail) -> Vec<Body> {
    keys.filter_map(|key| document(documents, key)).map(|role| role::shown(documents, role, detail)).collect()
}

/// `held` and all they contain.
pub(crate) fn with_parts(documents: &Documents, held: &BTreeSet<Key>) -> BTreeSet<Key> {
    let mut all = BTreeSet::new();
    let mut open: Vec<Key> = held.iter().cloned().collect();
    while let Some(key) = open.pop() {
        let Some(role) = document(documents, &key) else { continue };
        if all.insert(key) {
            open.extend(role::parts(role));
        }
    }
    all
}

/// The roles of a place that are not among `held`.
pub(crate) fn available<'d>(
    documents: &'d Documents,
    place: &'d Place,
    held: &'d BTreeSet<Key>,
) -> impl Iterator<Item = &'d Key> {
    let of_place = documents.of_kind(place.kind).map(|entry| &entry.document.key).filter(|key| key.owner == place.owner);
    of_place.filter(|key| !held.contains(key))
}

/// The roles that a body names: id and name must fit together. Keycloak: recording admin-users/role-mappings-errors.
///
/// # Errors
/// 404 where one is not there.
pub(crate) fn named(documents: &Documents, place: &Place, given: &[Body]) -> Result<Vec<Key>, AdminError> {
    let find = |body: &Body| -> Option<Key> {
        let role = role::by_id(documents, text(body, "id")?)?;
        let fits = place.has(&role.key) && text(body, "name") == Some(role.key.name.as_str());
        fits.then(|| role.key.clone())
    };
    given.iter().map(|body| find(body).ok_or_else(|| AdminError::error(404, "Role not found"))).collect()
}

/// The roles in `realmRoles` and `clientRoles` of a group or user.
pub(crate) fn of_body(body: &Body) -> BTreeSet<Key> {
    let of_realm = crate::body::texts(body, "realmRoles").map(|name| Key::of(Kind::RealmRole, name));
    let of_clients = crate::body::lists(body, "clientRoles").map(|(owner, name)| Key::owned(Kind::ClientRole, owner, name));
    of_realm.chain(of_clients).collect()
}

/// Puts roles into `realmRoles` and `clientRoles` of a group or user.
pub(crate) fn put_into_body(body: &mut Body, held: &BTreeSet<Key>) {
    let of_realm: Vec<Value> =
        held.iter().filter(|key| key.kind == Kind::RealmRole).map(|key| key.name.as_str().into()).collect();
    body.insert("realmRoles".to_owned(), of_realm.into());
    let mut of_clients = Body::new();
    for key in held.iter().filter(|key| key.kind == Kind::ClientRole) {
        crate::body::add_text(&mut of_clients, &key.owner, &key.name);
    }
    body.insert("clientRoles".to_owned(), of_clients.into());
}
