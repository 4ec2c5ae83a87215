//! Partial updates: what becomes of a member that a `PUT` leaves out, sends as null, or sends empty.

use realm_model::document::Body;
use serde_json::Value;

/// How the members of an entity take what a `PUT` says. Members without a rule of their own are taken as they come.
pub struct MergeRules {
    /// Members that a `PUT` does not change.
    pub ignored: &'static [&'static str],
    /// What becomes of `attributes` and the like: by member.
    pub maps: &'static [(&'static str, MapRule)],
    /// Members that go where they are left out.
    pub removed_if_absent: &'static [&'static str],
}

/// What becomes of the keys of a member that is a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapRule {
    /// Keys not given stay; null or an empty text takes a key away (clients).
    MergeEmptyRemoves,
    /// Keys not given stay; null takes a key away, an empty text stays (client scopes).
    MergeNullRemoves,
}

/// Merges `given` into `body`: what is absent or null stays as it is, lists and texts are replaced.
pub fn merge(body: &mut Body, given: Body, rules: &MergeRules) {
    for member in rules.removed_if_absent {
        if given.get(*member).is_none_or(Value::is_null) {
            body.remove(*member);
        }
    }
    for (member, value) in given {
        if value.is_null() || rules.ignored.contains(&member.as_str()) {
            continue;
        }
        let rule = rules.maps.iter().find(|(name, _)| *name == member).map(|(_, rule)| *rule);
        match (rule, value) {
            (Some(rule), Value::Object(keys)) => {
                let mut merged = body.get(&member).and_then(Value::as_object).cloned().unwrap_or_default();
                merge_keys(&mut merged, keys, rule);
                body.insert(member, Value::Object(merged));
            }
            (_, value) => drop(body.insert(member, value)),
        }
    }
}

fn merge_keys(keys: &mut Body, given: Body, rule: MapRule) {
    for (key, value) in given {
        let goes = value.is_null() || (rule == MapRule::MergeEmptyRemoves && value.as_str() == Some(""));
        if goes {
            keys.remove(&key);
        } else {
            keys.insert(key, value);
        }
    }
}

/// Takes null members away: a new entity does not have them.
pub fn without_nulls(mut body: Body) -> Body {
    body.retain(|_, value| !value.is_null());
    body
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RULES: MergeRules = MergeRules {
        ignored: &["id"],
        maps: &[("attributes", MapRule::MergeEmptyRemoves), ("config", MapRule::MergeNullRemoves)],
        removed_if_absent: &["description"],
    };

    #[test]
    fn what_is_absent_or_null_stays_and_the_rest_is_taken() {
        let before =
            json!({"name": "a", "list": [1], "attributes": {"k": "1", "l": "2"}, "config": {"k": "1"}, "description": "d"});
        for (given, member, expected) in [
            (json!({}), "name", json!("a")),
            (json!({"name": null}), "name", json!("a")),
            (json!({"name": ""}), "name", json!("")),
            (json!({"id": "x"}), "id", Value::Null),
            (json!({"list": []}), "list", json!([])),
            (json!({"attributes": {"k": "", "m": "3"}}), "attributes", json!({"l": "2", "m": "3"})),
            (json!({"attributes": {"k": null}}), "attributes", json!({"l": "2"})),
            (json!({"config": {"k": "", "l": null}}), "config", json!({"k": ""})),
            (json!({}), "description", Value::Null),
            (json!({"description": "e"}), "description", json!("e")),
        ] {
            let mut body = before.as_object().unwrap().clone();
            merge(&mut body, given.as_object().unwrap().clone(), &RULES);
            assert_eq!(body.get(member).cloned().unwrap_or_default(), expected, "{given}");
        }
    }
}
