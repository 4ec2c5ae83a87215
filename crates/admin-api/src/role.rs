//! Roles of the realm and of clients: one kind of thing in two places.

use realm_model::document::{Body, Document, Documents, Key, Kind, representation};
use serde_json::{Map, Value};

use crate::body::{is_on, lists, object, text, texts};
use crate::change::Changes;
use crate::error::AdminError;
use crate::merge::without_nulls;
use crate::references;

/// What of an entity is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// In lists.
    Brief,
    /// With its attributes.
    Full,
}

impl Detail {
    /// By the query parameter `briefRepresentation`, `default` where there is none.
    pub(crate) fn of(brief: Option<bool>, default: Self) -> Self {
        match brief {
            Some(true) => Self::Brief,
            Some(false) => Self::Full,
            None => default,
        }
    }
}

/// What is shown of a role.
pub(crate) fn shown(documents: &Documents, role: &Document, detail: Detail) -> Body {
    let mut body = representation(documents, role);
    body.shift_remove("composites");
    body.insert("composite".to_owned(), is_composite(role).into());
    body.insert("clientRole".to_owned(), (role.key.kind == Kind::ClientRole).into());
    match detail {
        Detail::Brief => drop(body.shift_remove("attributes")),
        Detail::Full => drop(body.entry("attributes").or_insert_with(|| Map::new().into())),
    }
    body.retain(|_, value| !value.is_null());
    body
}

fn is_composite(role: &Document) -> bool {
    parts(role).next().is_some()
}

/// The keys of the roles that a role directly contains; some may not be there.
pub(crate) fn parts(role: &Document) -> impl Iterator<Item = Key> {
    let composites = object(&role.body, "composites");
    let of_realm = composites.into_iter().flat_map(|composites| texts(composites, "realm"));
    let of_clients = composites.into_iter().flat_map(|composites| lists(composites, "client"));
    let of_realm = of_realm.map(|name| Key::of(Kind::RealmRole, name));
    of_realm.chain(of_clients.map(|(client, name)| Key::owned(Kind::ClientRole, client, name)))
}

/// The role with this id, of the realm or of a client.
pub(crate) fn by_id<'d>(documents: &'d Documents, id: &str) -> Option<&'d Document> {
    let entry = documents.by_id(Kind::RealmRole, id).or_else(|| documents.by_id(Kind::ClientRole, id));
    entry.map(|entry| &entry.document)
}

/// The role that bears this name in each realm for everybody, by the settings.
pub(crate) fn is_default_role(documents: &Documents, role: &Key) -> bool {
    let default = documents.settings().and_then(|settings| object(settings, "defaultRole"));
    role.kind == Kind::RealmRole && default.and_then(|default| text(default, "name")) == Some(role.name.as_str())
}

/// Makes a role out of what was sent.
///
/// # Errors
/// No name; the name is used.
pub(crate) fn create(
    (documents, changes): (&Documents, &mut Changes<'_>),
    key_of: &dyn Fn(&str) -> Key,
    (given, id): (&Body, &str),
) -> Result<String, AdminError> {
    let name = text(given, "name").ok_or_else(|| AdminError::error(400, "role has no name"))?;
    let key = key_of(name);
    if documents.get(&key).is_some() {
        return Err(AdminError::message(409, format!("Role with name {name} already exists")));
    }
    let given = without_nulls(given.clone());
    let mut body = Body::new();
    body.insert("name".to_owned(), name.into());
    if let Some(description) = given.get("description") {
        body.insert("description".to_owned(), description.clone());
    }
    let composites = object(&given, "composites").map(|given| known_parts(documents, given)).unwrap_or_default();
    body.insert("composite".to_owned(), (!composites.is_empty()).into());
    if !composites.is_empty() {
        body.insert("composites".to_owned(), composites.into());
    }
    body.insert("clientRole".to_owned(), (key.kind == Kind::ClientRole).into());
    body.insert("attributes".to_owned(), given.get("attributes").cloned().unwrap_or_else(|| Map::new().into()));
    changes.put(Document { key, id: id.to_owned(), body });
    Ok(name.to_owned())
}

/// Keycloak: parts that are not there are left out (recording admin-roles/create-composite).
fn known_parts(documents: &Documents, given: &Body) -> Body {
    let mut known = Body::new();
    let of_realm = texts(given, "realm").filter(|name| documents.named(Kind::RealmRole, name).is_some());
    let of_realm: Vec<Value> = of_realm.map(Value::from).collect();
    if !of_realm.is_empty() {
        known.insert("realm".to_owned(), of_realm.into());
    }
    let mut of_clients = Body::new();
    for (client, name) in lists(given, "client") {
        if documents.get(&Key::owned(Kind::ClientRole, client, name)).is_some() {
            crate::body::add_text(&mut of_clients, client, name);
        }
    }
    if !of_clients.is_empty() {
        known.insert("client".to_owned(), of_clients.into());
    }
    known
}

/// Changes a role to what was sent.
///
/// # Errors
/// No name; the new name is used.
pub(crate) fn update(
    (documents, changes): (&Documents, &mut Changes<'_>),
    role: &Document,
    given: &Body,
) -> Result<(), AdminError> {
    let name = text(given, "name").ok_or_else(|| AdminError::error(400, "role has no name"))?;
    let mut body = role.body.clone();
    match given.get("description").filter(|value| !value.is_null()) {
        Some(description) => drop(body.insert("description".to_owned(), description.clone())),
        None => drop(body.shift_remove("description")),
    }
    if let Some(attributes) = given.get("attributes").filter(|value| !value.is_null()) {
        body.insert("attributes".to_owned(), attributes.clone());
    }
    if name == role.key.name {
        changes.put_body(&role.key, body);
        return Ok(());
    }
    let to = Key { name: name.to_owned(), ..role.key.clone() };
    if documents.get(&to).is_some() {
        return Err(AdminError::Duplicate);
    }
    body.insert("name".to_owned(), name.into());
    references::rename(changes, documents, (&role.key, &to), body);
    Ok(())
}

/// Takes a role away.
///
/// # Errors
/// It is the realm's default role.
pub(crate) fn delete((documents, changes): (&Documents, &mut Changes<'_>), role: &Document) -> Result<(), AdminError> {
    if is_default_role(documents, &role.key) {
        let text = format!("{} is default role of the realm and cannot be removed.", role.key.name);
        return Err(AdminError::message(400, text));
    }
    references::delete(changes, documents, &role.key);
    Ok(())
}

/// Adds roles to a role, or takes them out.
///
/// # Errors
/// One of them is not there: ids count, names do not.
pub(crate) fn change_parts(
    (documents, changes): (&Documents, &mut Changes<'_>),
    role: &Document,
    (given, change): (&[Body], PartChange),
) -> Result<(), AdminError> {
    let mut body = role.body.clone();
    let mut composites = object(&body, "composites").cloned().unwrap_or_default();
    for part in given {
        let found = text(part, "id").and_then(|id| by_id(documents, id));
        let part = &found.ok_or_else(|| AdminError::error(404, "Could not find composite role"))?.key;
        let mut of_clients = object(&composites, "client").cloned().unwrap_or_default();
        let (map, member) = match part.kind {
            Kind::ClientRole => (&mut of_clients, part.owner.as_str()),
            _ => (&mut composites, "realm"),
        };
        match change {
            PartChange::Add => drop(crate::body::add_text(map, member, &part.name)),
            PartChange::Remove => drop(crate::body::remove_text(map, member, &part.name)),
        }
        if part.kind == Kind::ClientRole {
            of_clients.retain(|_, list| list.as_array().is_some_and(|list| !list.is_empty()));
            composites.insert("client".to_owned(), of_clients.into());
        }
    }
    composites.retain(|_, part| match part {
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => false,
    });
    let composite = !composites.is_empty();
    if composite {
        body.insert("composites".to_owned(), composites.into());
    } else {
        body.shift_remove("composites");
    }
    if is_on(&body, "composite") != composite {
        body.insert("composite".to_owned(), composite.into());
    }
    changes.put_body(&role.key, body);
    Ok(())
}

/// What happens to the parts of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartChange {
    /// They come in.
    Add,
    /// They go out.
    Remove,
}
