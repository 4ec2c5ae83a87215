//! Roles: their defaults, what contains what, and those that every realm has.

use serde_json::{Value, json};

use super::draft::Draft;
use super::members::{add_text, drop_nulls, fill, is_on, list, text, text_lists, texts, with_object};
use crate::document::{Body, Document, Key, Kind};
use crate::template::default_role_name;

/// A role, complete.
pub(super) fn complete(key: &Key, body: &mut Body) {
    drop_nulls(body);
    fill(body, [("name", key.name.as_str().into())]);
    if let Some(Value::Object(composites)) = body.get_mut("composites") {
        drop_nulls(composites);
        if let Some(Value::Object(clients)) = composites.get_mut("client") {
            clients.retain(|_, names| names.as_array().is_some_and(|names| !names.is_empty()));
        }
        composites.retain(|_, part| match part {
            Value::Array(names) => !names.is_empty(),
            Value::Object(clients) => !clients.is_empty(),
            _ => false,
        });
    }
    if body.get("composites").is_some_and(|composites| composites.as_object().is_none_or(Body::is_empty)) {
        body.shift_remove("composites");
    }
    // Keycloak: a role is composite where something is in it, whatever the representation says.
    body.insert("composite".to_owned(), body.contains_key("composites").into());
    body.insert("clientRole".to_owned(), (key.kind == Kind::ClientRole).into());
    fill(body, [("attributes", json!({}))]);
    with_object(body, "attributes", text_lists);
}

/// A role that something names and nobody described.
fn bare(key: &Key) -> Document {
    let mut body = Body::new();
    complete(key, &mut body);
    Document { key: key.clone(), id: String::new(), body }
}

pub(super) fn realm_role(name: &str) -> Key {
    Key::of(Kind::RealmRole, name)
}

pub(super) fn client_role(client: &str, name: &str) -> Key {
    Key::owned(Kind::ClientRole, client, name)
}

impl Draft<'_> {
    /// Makes a role where it is not there: as it is built in, else bare.
    pub(super) fn ensure_role(&mut self, key: &Key) {
        if self.get(key).is_none() {
            match self.restore(key) {
                true => {}
                false => self.put(bare(key)),
            }
        }
    }

    /// Puts a role into another.
    pub(super) fn contain(&mut self, container: &Key, contained: &Key) {
        self.ensure_role(contained);
        self.ensure_role(container);
        let is_there = self.get(container).is_some_and(|role| contains(role, contained));
        if is_there {
            return;
        }
        if let Some(role) = self.change(container) {
            role.insert("composite".to_owned(), true.into());
            with_object(role, "composites", |composites| match contained.kind {
                Kind::ClientRole => {
                    with_object(composites, "client", |clients| add_text(clients, &contained.owner, &contained.name));
                }
                _ => add_text(composites, "realm", &contained.name),
            });
        }
    }

    /// Roles that a group or user has: Keycloak makes those that nobody described. A name with a placeholder in it tells nothing.
    pub(super) fn granted(&self, body: &Body) -> Vec<Key> {
        let mut roles: Vec<Key> = texts(body, "realmRoles").map(|name| realm_role(name.trim())).collect();
        let clients = body.get("clientRoles").and_then(Value::as_object).into_iter().flatten();
        for (client, names) in clients.filter(|(client, _)| self.get(&Key::of(Kind::Client, client.as_str())).is_some()) {
            let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
            roles.extend(names.map(|name| client_role(client, name.trim())));
        }
        roles.retain(|role| !role.name.is_empty() && !role.name.contains("${"));
        roles
    }

    /// Keycloak: whoever looks after resources of its own has a role for it.
    pub(super) fn ensure_uma_protection(&mut self) {
        let clients = self.of_kind(Kind::Client).filter(|(_, client)| is_on(client, "authorizationServicesEnabled"));
        let roles: Vec<Key> = clients.map(|(key, _)| client_role(&key.name, "uma_protection")).collect();
        roles.iter().for_each(|role| self.ensure_role(role));
    }
}

fn contains(body: &Body, role: &Key) -> bool {
    let Some(composites) = body.get("composites") else { return false };
    let names = match role.kind {
        Kind::ClientRole => composites.get("client").and_then(|clients| clients.get(&role.owner)),
        _ => composites.get("realm"),
    };
    names.and_then(Value::as_array).is_some_and(|names| names.iter().any(|name| *name == role.name))
}

/// The roles of the file complete, and those that every realm has. Gives the default role.
pub(super) fn add_all(draft: &mut Draft<'_>, settings: &mut Body) -> Key {
    draft.change_all(&[Kind::RealmRole, Kind::ClientRole], complete);
    let default = default_role(draft, settings);
    for name in ["offline_access", "uma_authorization"] {
        draft.describe(&realm_role(name));
        draft.contain(&default, &realm_role(name));
    }
    for name in list(settings, "defaultRoles").map(std::mem::take).unwrap_or_default() {
        if let Some(name) = name.as_str() {
            draft.contain(&default, &realm_role(name));
        }
    }
    settings.shift_remove("defaultRoles");
    built_in_of_clients(draft, &default);
    draft.ensure_uma_protection();
    for (client, role) in std::mem::take(&mut draft.client_default_roles) {
        draft.contain(&default, &client_role(&client, &role));
    }
    default
}

/// Keycloak describes roles of its own that a file brings without a description.
impl Draft<'_> {
    fn describe(&mut self, key: &Key) {
        self.ensure_role(key);
        let undescribed = self.get(key).is_some_and(|role| text(role, "description").is_none());
        let description = self.built_in(key).and_then(|role| role.get("description")).cloned();
        if let Some(description) = description.filter(|_| undescribed)
            && let Some(role) = self.change(key)
        {
            role.insert("description".to_owned(), description);
        }
    }
}

fn default_role(draft: &mut Draft<'_>, settings: &mut Body) -> Key {
    let named = settings.get("defaultRole").and_then(|role| role.get("name")).and_then(Value::as_str);
    let default = match named {
        Some(name) => realm_role(name),
        None => {
            let usual = realm_role(&default_role_name(&draft.name));
            if draft.brings(&usual) {
                // Keycloak: it finds the name taken and calls its own "…-1".
                realm_role(&format!("{}-1", usual.name))
            } else {
                usual
            }
        }
    };
    let usual = realm_role(&default_role_name(&draft.name));
    if default != usual && !draft.brings(&usual) {
        draft.take_away(&usual);
    }
    if draft.given_clients.contains("account")
        && !draft.brings(&default)
        && let Some(role) = draft.change(&default)
    {
        // Keycloak: only an account client that it makes itself has its roles in the default role.
        role.insert("composites".to_owned(), json!({}));
    }
    if draft.get(&default).is_none() {
        draft.ensure_role(&default);
        if let Some(role) = draft.change(&default) {
            role.insert("description".to_owned(), "${role_default-roles}".into());
        }
    } else if named.is_none() {
        draft.describe(&default);
    }
    settings.insert("defaultRole".to_owned(), json!({"name": default.name}));
    default
}

/// Roles of the built-in clients that Keycloak itself made.
fn built_in_of_clients(draft: &mut Draft<'_>, default: &Key) {
    let is_concerned = |key: &&Key| draft.brings(key) || draft.given_clients.contains(&key.owner);
    let concerned = draft.built_in_of(Kind::ClientRole).map(|(key, _)| key).filter(is_concerned);
    for key in concerned.cloned().collect::<Vec<_>>() {
        // Keycloak: the roles of this one are completed, whoever brings it.
        if draft.given_clients.contains(&key.owner) && key.owner != "realm-management" {
            draft.take_away(&key);
            continue;
        }
        draft.describe(&key);
        let contained = draft.built_in(&key).map(contained_in).unwrap_or_default();
        contained.iter().for_each(|contained| draft.contain(&key, contained));
    }
    if draft.given_clients.contains("account") {
        let delete = client_role("account", "delete-account");
        draft.ensure_role(&delete);
        draft.describe(&delete);
    } else {
        for name in ["view-profile", "manage-account"] {
            draft.contain(default, &client_role("account", name));
        }
    }
}

/// The roles that a role's body says are in it.
pub(super) fn contained_in(body: &Body) -> Vec<Key> {
    let Some(Value::Object(composites)) = body.get("composites") else { return Vec::new() };
    let of_realm = texts(composites, "realm").map(realm_role);
    let clients = composites.get("client").and_then(Value::as_object).into_iter().flatten();
    let of_clients = clients.flat_map(|(client, names)| {
        let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
        names.map(move |name| client_role(client, name))
    });
    of_realm.chain(of_clients).collect()
}
