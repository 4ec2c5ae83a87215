//! Whether two representations of a realm say the same: field by field, order aside where order says nothing.

use serde_json::{Map, Value};

/// Lists whose order says something.
const ORDERED: [&str; 2] = ["authenticationExecutions", "credentials"];
/// What an entity is called, so that it is compared with its namesake.
const NAMES: [&str; 12] = [
    "clientId",
    "username",
    "alias",
    "path",
    "name",
    "subType",
    "providerId",
    "client",
    "clientScope",
    "identityProvider",
    "_id",
    "id",
];

/// Where they differ, each with its path.
pub fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    compare("", &sorted(expected, ""), &sorted(found, ""), &mut differences);
    differences
}

fn compare(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (name, expected) in expected {
                match found.get(name) {
                    Some(found) => compare(&format!("{path}/{name}"), expected, found, differences),
                    None => differences.push(format!("{path}/{name} is gone, it was {}", short(expected))),
                }
            }
            let new = found.iter().filter(|(name, _)| !expected.contains_key(*name));
            differences.extend(new.map(|(name, value)| format!("{path}/{name} is new: {}", short(value))));
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (expected, found) in expected.iter().zip(found) {
                compare(&format!("{path}/{}", name_of(expected)), expected, found, differences);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => differences.push(format!("{path} is {}, it was {}", short(found), short(expected))),
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(400).collect()
}

/// With every list sorted but those whose order says something.
fn sorted(value: &Value, member: &str) -> Value {
    match value {
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(|value| sorted(value, "")).collect();
            if !ORDERED.contains(&member) {
                list.sort_by_cached_key(|value| (name_of(value), value.to_string()));
            }
            list.into()
        }
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.iter().map(|(name, value)| (name.clone(), sorted(value, name))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect::<Map<_, _>>())
        }
        value => value.clone(),
    }
}

fn name_of(value: &Value) -> String {
    let names = NAMES.iter().filter_map(|member| value.get(member)?.as_str());
    names.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::differences;

    #[test]
    fn order_says_nothing_but_of_executions_and_credentials() {
        let one = json!({"roles": ["a", "b"], "clients": [{"clientId": "a"}, {"clientId": "b", "x": [1, 2]}]});
        let other = json!({"clients": [{"x": [2, 1], "clientId": "b"}, {"clientId": "a"}], "roles": ["b", "a"]});
        assert_eq!(differences(&one, &other), Vec::<String>::new());
        let (one, other) = (json!({"authenticationExecutions": [1, 2]}), json!({"authenticationExecutions": [2, 1]}));
        assert_eq!(differences(&one, &other).len(), 2);
    }

    #[test]
    fn what_is_gone_new_and_changed_is_told() {
        let one = json!({"clients": [{"clientId": "a", "x": true, "y": 1}]});
        let other = json!({"clients": [{"clientId": "a", "x": "true", "z": 1}]});
        assert_eq!(
            differences(&one, &other),
            ["/clients/a/x is \"true\", it was true", "/clients/a/y is gone, it was 1", "/clients/a/z is new: 1"]
        );
    }
}
