//! Credentials of a user as they are stored: their order, what is shown of them (recording admin-users/credentials), one more, one less.

use realm_editing::body::{only, text};
use realm_model::document::{Body, UserRecord};
use realm_model::{Credential, User, compile};
use serde_json::Value;

use crate::authentication::{At, UserAuthentication};
use crate::error::Trouble;

/// What is shown of a credential: never the secret.
const SHOWN: [&str; 5] = ["id", "type", "userLabel", "createdDate", "credentialData"];

/// Those of a user, the first one first.
pub fn credentials(user: &UserRecord) -> impl Iterator<Item = &Body> {
    let mut all: Vec<&Body> = objects(user).collect();
    all.sort_by_key(|body| body.get("priority").and_then(Value::as_i64).unwrap_or_default());
    all.into_iter()
}

fn objects(user: &UserRecord) -> impl Iterator<Item = &Body> {
    user.0.get("credentials").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Writes the credentials of a user, in this order.
pub fn put_credentials(user: &mut UserRecord, mut all: Vec<Body>) {
    for body in &mut all {
        body.shift_remove("priority");
    }
    user.0.insert("credentials".to_owned(), all.into_iter().map(Value::Object).collect());
}

/// What is shown of them.
pub fn shown(user: &UserRecord) -> Vec<Body> {
    let all = credentials(user).map(|body| {
        let mut body = only(body.clone(), &SHOWN);
        body.retain(|_, value| !value.is_null());
        body
    });
    all.collect()
}

/// Where a credential stands.
pub fn position(all: &[Body], id: &str) -> Option<usize> {
    all.iter().position(|body| text(body, "id") == Some(id))
}

/// Puts the credential at `from` behind the one with this id (`None`: first). An unknown id leaves all as it is.
pub fn move_behind(all: &mut Vec<Body>, from: usize, id: Option<&str>) {
    if id.is_some_and(|id| position(all, id).is_none_or(|at| at == from)) || from >= all.len() {
        return;
    }
    let moved = all.remove(from);
    let to = id.and_then(|id| position(all, id)).map_or(0, |at| at.saturating_add(1));
    all.insert(to.min(all.len()), moved);
}

/// A credential as an element of a record's `credentials`. It holds secrets.
pub fn body_of(credential: &Credential) -> Body {
    if let Value::Object(body) = compile::credential_body(credential) { body } else { Body::new() }
}

/// Whether another credential of the same type is called so; upper and lower case are one (Keycloak).
fn is_label_taken(all: &[Body], credential: &Body) -> bool {
    let label = |body: &Body| text(body, "userLabel").map(|label| label.trim().to_lowercase()).filter(|label| !label.is_empty());
    let Some(wanted) = label(credential) else { return false };
    let same = |body: &&Body| text(body, "type") == text(credential, "type") && text(body, "id") != text(credential, "id");
    all.iter().filter(same).any(|body| label(body).as_ref() == Some(&wanted))
}

/// What became of a credential that was to be added or renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is there.
    Yes,
    /// Another one of its type has its label.
    LabelTaken,
}

impl UserAuthentication {
    /// Adds a credential behind the others.
    ///
    /// # Errors
    /// Users cannot be reached.
    pub async fn add_credential(&self, at: &At<'_>, user: &User, credential: &Credential) -> Result<Added, Trouble> {
        let (body, mut added) = (body_of(credential), Added::Yes);
        let mut add = |record: &mut UserRecord| {
            let mut all: Vec<Body> = credentials(record).cloned().collect();
            added = if is_label_taken(&all, &body) { Added::LabelTaken } else { Added::Yes };
            if added == Added::Yes {
                all.push(body.clone());
                put_credentials(record, all);
            }
        };
        self.users.change_user(&at.realm.name, &user.id, &mut add).await?;
        Ok(added)
    }

    /// Takes a credential away; one that is not there is none.
    ///
    /// # Errors
    /// Users cannot be reached.
    pub async fn remove_credential(&self, at: &At<'_>, user: &User, id: &str) -> Result<(), Trouble> {
        let mut remove = |record: &mut UserRecord| {
            let all: Vec<Body> = credentials(record).filter(|body| text(body, "id") != Some(id)).cloned().collect();
            if all.len() < credentials(record).count() {
                put_credentials(record, all);
            }
        };
        Ok(self.users.change_user(&at.realm.name, &user.id, &mut remove).await?)
    }

    /// Gives a credential another label; one that is not there is none.
    ///
    /// # Errors
    /// Users cannot be reached.
    pub async fn label_credential(&self, at: &At<'_>, user: &User, (id, label): (&str, &str)) -> Result<Added, Trouble> {
        let mut added = Added::Yes;
        let mut rename = |record: &mut UserRecord| {
            let mut all: Vec<Body> = credentials(record).cloned().collect();
            let Some(at) = position(&all, id) else { return };
            let Some(mut body) = all.get(at).cloned() else { return };
            body.insert("userLabel".to_owned(), label.trim().into());
            added = if is_label_taken(&all, &body) { Added::LabelTaken } else { Added::Yes };
            if added == Added::Yes {
                all.splice(at..=at, [body]);
                put_credentials(record, all);
            }
        };
        self.users.change_user(&at.realm.name, &user.id, &mut rename).await?;
        Ok(added)
    }
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
