//! Filling in the members of a representation.

use serde_json::{Number, Value};

use crate::document::{Body, Key};

/// What the members left out are worth, in the order of Keycloak's representation. A null counts as left out.
pub(super) fn fill(body: &mut Body, defaults: impl IntoIterator<Item = (&'static str, Value)>) {
    for (member, default) in defaults {
        match body.get_mut(member) {
            None => {
                body.insert(member.to_owned(), default);
            }
            Some(given) if given.is_null() => *given = default,
            Some(given) => coerce(given, &default),
        }
    }
}

/// Keycloak: `"true"` is a switch that is on, `"61"` a number, a fraction is cut, a number may stand for a text. What has a placeholder
/// in it stays.
pub(super) fn coerce(given: &mut Value, like: &Value) {
    let converted = match (&*given, like) {
        (Value::String(text), Value::Bool(_)) => text.parse::<bool>().ok().map(Value::Bool),
        (Value::Number(number), Value::Bool(_)) => number.as_i64().map(|number| Value::Bool(number != 0)),
        (Value::String(text), Value::Number(_)) => text.trim().parse::<i64>().ok().map(|number| Value::Number(number.into())),
        (Value::Number(number), Value::Number(_)) => whole(number).map(|number| Value::Number(number.into())),
        (Value::Number(_) | Value::Bool(_), Value::String(_)) => Some(Value::String(given.to_string())),
        _ => None,
    };
    if let Some(converted) = converted {
        *given = converted;
    }
}

fn whole(number: &Number) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation)] // Keycloak cuts fractions
    number.as_i64().or_else(|| number.as_f64().map(|number| number as i64))
}

/// Takes away members that are null.
pub(super) fn drop_nulls(body: &mut Body) {
    body.retain(|_, value| !value.is_null());
}

/// The texts of a member that is a list.
pub(super) fn texts<'b>(body: &'b Body, member: &str) -> impl Iterator<Item = &'b str> + use<'b> {
    body.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// A text member.
pub(super) fn text<'b>(body: &'b Body, member: &str) -> Option<&'b str> {
    body.get(member).and_then(Value::as_str)
}

/// Whether a switch is on.
pub(super) fn is_on(body: &Body, member: &str) -> bool {
    body.get(member).and_then(Value::as_bool).unwrap_or_default()
}

/// Does something with the member that is an object, made where it is none.
pub(super) fn with_object(body: &mut Body, member: &str, change: impl FnOnce(&mut Body)) {
    let value = body.entry(member).or_insert_with(|| Value::Object(Body::new()));
    if !value.is_object() {
        *value = Value::Object(Body::new());
    }
    if let Value::Object(object) = value {
        change(object);
    }
}

/// The member as a list, made where it is none.
pub(super) fn list<'b>(body: &'b mut Body, member: &str) -> Option<&'b mut Vec<Value>> {
    let value = body.entry(member).or_insert_with(|| Value::Array(Vec::new()));
    if !value.is_array() {
        *value = Value::Array(Vec::new());
    }
    value.as_array_mut()
}

/// Puts `name` into a list of texts.
pub(super) fn add_text(body: &mut Body, member: &str, name: &str) {
    if let Some(list) = list(body, member)
        && !list.iter().any(|known| known == name)
    {
        list.push(name.into());
    }
}

/// Numbers and switches in a map of texts become texts; nulls go.
pub(super) fn text_map(map: &mut Body) {
    drop_nulls(map);
    for value in map.values_mut() {
        coerce(value, &Value::String(String::new()));
    }
}

/// `attributes` of a role, group or user: each a list of texts.
pub(super) fn text_lists(map: &mut Body) {
    drop_nulls(map);
    for value in map.values_mut() {
        if !value.is_array() {
            *value = Value::Array(vec![value.take()]);
        }
        for text in value.as_array_mut().into_iter().flatten() {
            coerce(text, &Value::String(String::new()));
        }
    }
}

/// Protocol mappers complete: with ids, and the protocol of what they belong to where they name none. No mappers, no member.
pub(super) fn complete_mappers(realm_id: &str, key: &Key, body: &mut Body) {
    let protocol = text(body, "protocol").unwrap_or("openid-connect").to_owned();
    for mapper in crate::template::mappers(body) {
        drop_nulls(mapper);
        if text(mapper, "id").is_none_or(str::is_empty) {
            let id = key.stable_id_within(realm_id, "mapper", text(mapper, "name").unwrap_or_default());
            mapper.shift_remove("id");
            mapper.shift_insert(0, "id".to_owned(), id.into());
        }
        fill(mapper, [("protocol", protocol.as_str().into())]);
        // Keycloak asks for consent by scope, and forgets what older versions asked for by mapper.
        mapper.shift_remove("consentText");
        mapper.insert("consentRequired".to_owned(), false.into());
        let config = mapper.shift_remove("config").unwrap_or_else(|| Value::Object(Body::new()));
        mapper.insert("config".to_owned(), config);
        with_object(mapper, "config", text_map);
    }
    if body.get("protocolMappers").is_some_and(|mappers| mappers.as_array().is_none_or(Vec::is_empty)) {
        body.shift_remove("protocolMappers");
    }
}
