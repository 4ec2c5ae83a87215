//! What else must change when an entity gets another name or goes: whoever refers to it does so by name.

use realm_model::document::{Body, Documents, Key, Kind};
use realm_store::Write;
use serde_json::Value;

use crate::Changes;

/// Gives the entity `from` the key `to` and this body, and rewrites all that refers to it or belongs to it.
pub fn rename(changes: &mut Changes<'_>, documents: &Documents, (from, to): (&Key, &Key), mut body: Body) {
    rewrite((from, &mut body), from, Some(to));
    changes.rename(from, to.clone(), body);
    let owned: Vec<(&Key, Key)> = owned_of(documents, from).map(|key| (key, moved(key, from, to))).collect();
    for (key, moved) in &owned {
        let mut body = changes.body(key).unwrap_or_default();
        for word in ["client", "clientScope"] {
            if let Some(value) = body.get_mut(word).filter(|value| value.as_str() == Some(from.name.as_str())) {
                *value = to.name.as_str().into();
            }
        }
        rewrite((key, &mut body), from, Some(to));
        changes.rename(key, moved.clone(), body);
    }
    // Groups are named by their whole path; what else is owned is named by its owner, too.
    let paths = owned.iter().filter(|(key, _)| key.kind == Kind::Group).map(|(key, moved)| (*key, moved));
    let renamed: Vec<(&Key, &Key)> = std::iter::once((from, to)).chain(paths).collect();
    for entry in documents.iter() {
        let key = &entry.document.key;
        if key == from || is_owned(key, from) {
            continue;
        }
        let Some(mut body) = changes.body(key) else { continue };
        if renamed.iter().filter(|(from, to)| rewrite((key, &mut body), from, Some(to))).count() > 0 {
            changes.put_body(key, body);
        }
    }
}

/// Takes an entity away with all that belongs to it and all that refers to it.
pub fn delete(changes: &mut Changes<'_>, documents: &Documents, key: &Key) {
    let gone: Vec<&Key> = owned_of(documents, key).chain([key]).collect();
    for entry in documents.iter().filter(|entry| !gone.contains(&&entry.document.key)) {
        let of = &entry.document.key;
        let Some(mut body) = changes.body(of) else { continue };
        let touched = gone.iter().filter(|key| rewrite((of, &mut body), key, None)).count();
        if touched > 0 {
            changes.put_body(of, body);
        }
    }
    for key in gone {
        if matches!(key.kind, Kind::RealmRole | Kind::ClientRole | Kind::Group) {
            changes.write(Write::ForgetMembership(key.clone()));
        }
        changes.delete(key);
    }
}

/// What belongs to an entity: roles of a client, groups within a group, what is in the scope of a client or client scope.
fn owned_of<'d>(documents: &'d Documents, owner: &'d Key) -> impl Iterator<Item = &'d Key> {
    documents.iter().map(|entry| &entry.document.key).filter(move |key| is_owned(key, owner))
}

fn is_owned(key: &Key, owner: &Key) -> bool {
    match (owner.kind, key.kind) {
        (Kind::Client, Kind::ClientRole) => key.owner == owner.name,
        (Kind::Client, Kind::ScopeMapping) => key.owner == "client" && key.name == owner.name,
        (Kind::Client, Kind::ClientScopeMapping) => {
            key.owner == owner.name || key.name.strip_prefix("client:") == Some(owner.name.as_str())
        }
        (Kind::ClientScope, Kind::ScopeMapping) => key.owner == "clientScope" && key.name == owner.name,
        (Kind::ClientScope, Kind::ClientScopeMapping) => key.name.strip_prefix("clientScope:") == Some(owner.name.as_str()),
        (Kind::Group, Kind::Group) => key.name.strip_prefix(owner.name.as_str()).is_some_and(|rest| rest.starts_with('/')),
        (Kind::IdentityProvider, Kind::IdentityProviderMapper) => key.owner == owner.name,
        _ => false,
    }
}

/// The key of what belongs to `from` once that is `to`.
fn moved(key: &Key, from: &Key, to: &Key) -> Key {
    let mut moved = key.clone();
    if key.kind == Kind::Group {
        let below = key.name.strip_prefix(from.name.as_str()).unwrap_or_default();
        moved.name = format!("{}{below}", to.name);
        return moved;
    }
    if key.owner == from.name {
        moved.owner.clone_from(&to.name);
    }
    match key.name.split_once(':') {
        Some((word @ ("client" | "clientScope"), name)) if name == from.name => moved.name = format!("{word}:{}", to.name),
        _ if key.name == from.name && key.kind == Kind::ScopeMapping => moved.name.clone_from(&to.name),
        _ => {}
    }
    moved
}

/// Rewrites what the entity `of` says of `key`; `to: None` takes it out. Whether anything was said.
fn rewrite((of, body): (&Key, &mut Body), key: &Key, to: Option<&Key>) -> bool {
    let name = to.map(|key| key.name.as_str());
    match key.kind {
        Kind::RealmRole => {
            let composites = body.get_mut("composites").and_then(Value::as_object_mut);
            let in_composites = composites.is_some_and(|composites| in_list(composites, "realm", &key.name, name));
            let in_group = in_list(body, "realmRoles", &key.name, name);
            let in_scope = of.kind == Kind::ScopeMapping && in_list(body, "roles", &key.name, name);
            in_composites || in_group || in_scope || in_default_role(body, &key.name, name)
        }
        Kind::ClientRole => {
            let composites = body.get_mut("composites").and_then(Value::as_object_mut);
            let composites = composites.and_then(|composites| composites.get_mut("client")).and_then(Value::as_object_mut);
            let in_composites = composites.is_some_and(|map| in_list(map, &key.owner, &key.name, name));
            let group = body.get_mut("clientRoles").and_then(Value::as_object_mut);
            let in_group = group.is_some_and(|map| in_list(map, &key.owner, &key.name, name));
            let is_scope = of.kind == Kind::ClientScopeMapping && of.owner == key.owner;
            let in_scope = is_scope && in_list(body, "roles", &key.name, name);
            in_composites || in_group || in_scope
        }
        Kind::Client => {
            let composites = body.get_mut("composites").and_then(Value::as_object_mut);
            let in_composites = composites.is_some_and(|composites| in_keys(composites, "client", &key.name, name));
            in_keys(body, "clientRoles", &key.name, name) || in_composites
        }
        Kind::ClientScope => {
            const LISTS: [&str; 4] =
                ["defaultClientScopes", "optionalClientScopes", "defaultDefaultClientScopes", "defaultOptionalClientScopes"];
            LISTS.iter().filter(|list| in_list(body, list, &key.name, name)).count() > 0
        }
        Kind::Group => in_list(body, "defaultGroups", &key.name, name),
        Kind::Flow => in_bindings(body, &key.name, name),
        _ => false,
    }
}

fn in_list(body: &mut Body, member: &str, name: &str, to: Option<&str>) -> bool {
    let Some(Value::Array(list)) = body.get_mut(member) else { return false };
    let is_it = |value: &Value| value.as_str() == Some(name);
    if !list.iter().any(is_it) {
        return false;
    }
    match to {
        Some(to) => list.iter_mut().filter(|value| is_it(value)).for_each(|value| *value = to.into()),
        None => list.retain(|value| !is_it(value)),
    }
    true
}

fn in_keys(body: &mut Body, member: &str, name: &str, to: Option<&str>) -> bool {
    let Some(Value::Object(map)) = body.get_mut(member) else { return false };
    let Some(value) = map.shift_remove(name) else { return false };
    if let Some(to) = to {
        map.insert(to.to_owned(), value);
    }
    true
}

/// `defaultRole` of the realm names its role.
fn in_default_role(body: &mut Body, name: &str, to: Option<&str>) -> bool {
    let Some(Value::Object(role)) = body.get_mut("defaultRole") else { return false };
    match (role.get("name").and_then(Value::as_str) == Some(name), to) {
        (true, Some(to)) => {
            role.insert("name".to_owned(), to.into());
            true
        }
        _ => false,
    }
}

/// `browserFlow` and the like name a flow.
fn in_bindings(body: &mut Body, name: &str, to: Option<&str>) -> bool {
    let Some(to) = to else { return false };
    let mut touched = false;
    for (member, value) in body.iter_mut() {
        if member.ends_with("Flow") && value.as_str() == Some(name) {
            *value = to.into();
            touched = true;
        }
    }
    touched
}

#[cfg(test)]
mod tests;
