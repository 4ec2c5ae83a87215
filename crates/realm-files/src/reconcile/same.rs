//! When two values say the same.

use serde_json::Value;

/// Lists of texts in which the order says something.
const ORDERED: [&str; 2] = ["SignatureAlgorithms", "AcceptableAaguids"];

/// Whether two values of a member say the same: texts of a list in any order, members of an object too.
pub(crate) fn same(member: &str, one: &Value, other: &Value) -> bool {
    if one == other {
        return true;
    }
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            let texts = |list: &[Value]| list.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
            match (texts(one), texts(other)) {
                (Some(mut one), Some(mut other)) if !ORDERED.iter().any(|ordered| member.ends_with(ordered)) => {
                    one.sort_unstable();
                    other.sort_unstable();
                    one == other
                }
                _ => one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(member, one, other)),
            }
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|known| same(name, value, known)))
        }
        _ => false,
    }
}

/// [`same`], where either may be absent. What is absent, `null`, or holds nothing says the same.
pub(crate) fn same_or_absent(member: &str, one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one.filter(|value| !is_nothing(value)), other.filter(|value| !is_nothing(value))) {
        (None, None) => true,
        (Some(one), Some(other)) => same(member, one, other),
        _ => false,
    }
}

/// `null`, `{}`, `[]`.
pub(crate) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// By what an element of a list of objects is known there.
const NAMES: [&str; 9] =
    ["name", "alias", "clientId", "flowAlias", "authenticator", "identityProvider", "username", "client", "clientScope"];

/// The elements of a list by what they are known by; `None` where one has no name, or two have the same.
pub(crate) fn by_name(list: Option<&Value>) -> Option<Vec<(&str, &Value)>> {
    let mut found: Vec<(&str, &Value)> = Vec::new();
    let Some(list) = list else { return Some(found) };
    for element in list.as_array()? {
        let body = element.as_object()?;
        let name = NAMES.iter().find_map(|member| body.get(*member)?.as_str().filter(|name| !name.is_empty()))?;
        found.push((name, element));
    }
    let mut names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let unique = names.windows(2).all(|pair| pair.first() != pair.last());
    unique.then_some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_of_a_list_may_stand_in_any_order_unless_the_order_means_something() {
        assert!(same("redirectUris", &json!(["a", "b"]), &json!(["b", "a"])));
        assert!(!same("redirectUris", &json!(["a", "a"]), &json!(["b", "a"])));
        assert!(!same("webAuthnPolicySignatureAlgorithms", &json!(["a", "b"]), &json!(["b", "a"])));
        assert!(!same("x", &json!([1, 2]), &json!([2, 1])));
        assert!(same("x", &json!({"a": 1, "b": ["x", "y"]}), &json!({"b": ["y", "x"], "a": 1})));
        assert!(same_or_absent("x", Some(&json!([])), None));
        assert!(!same_or_absent("x", Some(&json!(false)), None));
    }

    #[test]
    fn elements_with_one_name_twice_are_no_named_list() {
        assert!(by_name(Some(&json!([{"name": "a"}, {"name": "b"}]))).is_some());
        assert!(by_name(Some(&json!([{"name": "a"}, {"name": "a"}]))).is_none());
        assert!(by_name(Some(&json!(["a"]))).is_none());
        assert_eq!(by_name(None), Some(Vec::new()));
    }
}
