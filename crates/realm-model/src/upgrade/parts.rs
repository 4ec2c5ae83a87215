//! The parts of a realm file, found and made.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::document::Body;

/// The realm that Keycloak 26.7 makes of nothing but a name: what migration adds is the same as what new realms get.
static NEWEST: LazyLock<Body> =
    LazyLock::new(|| serde_json::from_str(include_str!("../template/realm-26.7.json")).unwrap_or_default());

/// The member of new realms.
pub(super) fn newest(member: &str) -> Option<&'static Value> {
    NEWEST.get(member)
}

/// The entity of new realms in this list whose member `key` is `name`.
pub(super) fn newest_entity(list: &str, key: &str, name: &str) -> Option<Value> {
    newest(list)?.as_array()?.iter().find(|entity| text(entity, key) == name).cloned()
}

/// A role of new realms.
pub(super) fn newest_realm_role(name: &str) -> Option<Value> {
    newest("roles")?.get("realm")?.as_array()?.iter().find(|role| text(role, "name") == name).cloned()
}

/// A role that the client has in new realms.
pub(super) fn newest_client_role(client: &str, name: &str) -> Option<Value> {
    newest("roles")?.get("client")?.get(client)?.as_array()?.iter().find(|role| text(role, "name") == name).cloned()
}

/// The member, if it is a text; else nothing, the empty one.
pub(super) fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// The same of an object.
pub(super) fn text_of<'b>(body: &'b Body, member: &str) -> &'b str {
    body.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// Whether the member is `true`.
pub(super) fn is_true(body: &Body, member: &str) -> bool {
    body.get(member).and_then(Value::as_bool).unwrap_or(false)
}

/// The list, if the file has it.
pub(super) fn list<'b>(body: &'b mut Body, member: &str) -> Option<&'b mut Vec<Value>> {
    body.get_mut(member).and_then(Value::as_array_mut)
}

/// The list, taken out of the file; what is no list stays.
pub(super) fn take_list(body: &mut Body, member: &str) -> Option<Vec<Value>> {
    list(body, member).map(std::mem::take).inspect(|_| {
        body.shift_remove(member);
    })
}

/// The objects of a list; none if the file does not have the list.
pub(super) fn objects<'b>(body: &'b mut Body, member: &str) -> impl Iterator<Item = &'b mut Body> + use<'b> {
    list(body, member).into_iter().flatten().filter_map(Value::as_object_mut)
}

/// The object of a list whose member `key` is `name`.
pub(super) fn entity<'b>(body: &'b mut Body, member: &str, key: &str, name: &str) -> Option<&'b mut Body> {
    objects(body, member).find(|entity| text_of(entity, key) == name)
}

/// Whether the list has such an object.
pub(super) fn has(body: &Body, member: &str, key: &str, name: &str) -> bool {
    let entities = body.get(member).and_then(Value::as_array);
    entities.into_iter().flatten().any(|entity| text(entity, key) == name)
}

/// The object of this name, made if there is none; nothing if something else stands there.
pub(super) fn object_made<'b>(body: &'b mut Body, member: &str) -> Option<&'b mut Body> {
    body.entry(member).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
}

/// The list of this name, made if there is none; nothing if something else stands there.
pub(super) fn list_made<'b>(body: &'b mut Body, member: &str) -> Option<&'b mut Vec<Value>> {
    body.entry(member).or_insert_with(|| Value::Array(Vec::new())).as_array_mut()
}

/// Adds a name to a list of names; whether it was not there.
pub(super) fn add_name(names: &mut Vec<Value>, name: &str) -> bool {
    let is_new = !names.iter().any(|other| other.as_str() == Some(name));
    if is_new {
        names.push(name.into());
    }
    is_new
}

/// `1 client`, `2 clients`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
