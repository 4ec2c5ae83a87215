//! Credentials of a user: their order, and what is shown of them (recording admin-users/credentials).

use realm_model::document::{Body, UserRecord};
use serde_json::Value;

use crate::body::{only, text};

/// What is shown of a credential: never the secret.
const SHOWN: [&str; 5] = ["id", "type", "userLabel", "createdDate", "credentialData"];

/// Those of a user, the first one first.
pub(crate) fn credentials(user: &UserRecord) -> impl Iterator<Item = &Body> {
    let mut all: Vec<&Body> = objects(user).collect();
    all.sort_by_key(|body| body.get("priority").and_then(Value::as_i64).unwrap_or_default());
    all.into_iter()
}

fn objects(user: &UserRecord) -> impl Iterator<Item = &Body> {
    user.0.get("credentials").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Writes the credentials of a user, in this order.
pub(crate) fn put_credentials(user: &mut UserRecord, mut all: Vec<Body>) {
    for body in &mut all {
        body.shift_remove("priority");
    }
    user.0.insert("credentials".to_owned(), all.into_iter().map(Value::Object).collect());
}

/// What is shown of them.
pub(crate) fn shown(user: &UserRecord) -> Vec<Body> {
    let all = credentials(user).map(|body| {
        let mut body = only(body.clone(), &SHOWN);
        body.retain(|_, value| !value.is_null());
        body
    });
    all.collect()
}

/// Where a credential stands.
pub(crate) fn position(all: &[Body], id: &str) -> Option<usize> {
    all.iter().position(|body| text(body, "id") == Some(id))
}

/// Puts the credential at `from` behind the one with this id (`None`: first). An unknown id leaves all as it is.
pub(crate) fn move_behind(all: &mut Vec<Body>, from: usize, id: Option<&str>) {
    if id.is_some_and(|id| position(all, id).is_none_or(|at| at == from)) || from >= all.len() {
        return;
    }
    let moved = all.remove(from);
    let to = id.and_then(|id| position(all, id)).map_or(0, |at| at.saturating_add(1));
    all.insert(to.min(all.len()), moved);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user() -> UserRecord {
        let all = json!([
            {"id": "a", "type": "password", "priority": 10, "secretData": "{}", "credentialData": "{}", "value": "x"},
            {"id": "b", "type": "otp", "priority": 20, "userLabel": null},
            {"id": "c", "type": "otp", "priority": 5, "createdDate": 1},
        ]);
        UserRecord(json!({ "credentials": all }).as_object().unwrap().clone())
    }

    #[test]
    fn secrets_are_never_shown() {
        let expected = json!([
            {"id": "c", "type": "otp", "createdDate": 1},
            {"id": "a", "type": "password", "credentialData": "{}"},
            {"id": "b", "type": "otp"},
        ]);
        assert_eq!(json!(shown(&user())), expected);
    }

    #[test]
    fn a_credential_moves_to_the_front_or_behind_another() {
        for (from, id, expected) in
            [(2, None, "bca"), (0, Some("b"), "abc"), (1, Some("nope"), "cab"), (1, Some("a"), "cab"), (9, None, "cab")]
        {
            let mut all: Vec<Body> = credentials(&user()).cloned().collect();
            move_behind(&mut all, from, id);
            let order: String = all.iter().filter_map(|body| text(body, "id")).collect();
            assert_eq!(order, expected, "{from} {id:?}");
        }
    }
}
