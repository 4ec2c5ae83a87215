//! Members of representations.

use realm_model::document::Body;
use serde_json::Value;

/// A text.
pub fn text<'b>(body: &'b Body, member: &str) -> Option<&'b str> {
    body.get(member).and_then(Value::as_str)
}

/// A switch; absent is off.
pub fn is_on(body: &Body, member: &str) -> bool {
    body.get(member).and_then(Value::as_bool).unwrap_or_default()
}

/// The texts of a list.
pub fn texts<'b>(body: &'b Body, member: &str) -> impl Iterator<Item = &'b str> {
    body.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The keys and lists of texts of a map.
pub fn lists<'b>(body: &'b Body, member: &str) -> impl Iterator<Item = (&'b str, &'b str)> {
    let map = body.get(member).and_then(Value::as_object).into_iter().flatten();
    map.flat_map(|(key, list)| list.as_array().into_iter().flatten().filter_map(|text| Some((key.as_str(), text.as_str()?))))
}

/// A member that is an object.
pub fn object<'b>(body: &'b Body, member: &str) -> Option<&'b Body> {
    body.get(member).and_then(Value::as_object)
}

/// Puts a text into a list, unless it is there; whether it was not.
pub fn add_text(body: &mut Body, member: &str, text: &str) -> bool {
    let list = body.entry(member).or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(list) = list else { return false };
    let absent = !list.iter().any(|value| value.as_str() == Some(text));
    if absent {
        list.push(text.into());
    }
    absent
}

/// Takes a text out of a list; whether it was there.
pub fn remove_text(body: &mut Body, member: &str, text: &str) -> bool {
    let Some(Value::Array(list)) = body.get_mut(member) else { return false };
    let before = list.len();
    list.retain(|value| value.as_str() != Some(text));
    list.len() < before
}

/// Without members that are null, and without this list where it is empty.
pub fn without_empty(mut body: Body, list: &str) -> Body {
    let is_nothing = |name: &str, value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => name == list && items.is_empty(),
        _ => false,
    };
    body.retain(|name, value| !is_nothing(name, value));
    body
}

/// The members of `names` alone.
pub fn only(mut body: Body, names: &[&str]) -> Body {
    body.retain(|name, _| names.contains(&name.as_str()));
    body
}

/// Without the members of `names`.
pub fn without(mut body: Body, names: &[&str]) -> Body {
    body.retain(|name, _| !names.contains(&name.as_str()));
    body
}
