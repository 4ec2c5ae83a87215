//! What the realm can demand of users.

use realm_model::document::{Body, Document, Documents, Key, Kind, representation};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::body::text;
use crate::call::Call;
use crate::error::AdminError;
use crate::json::Shape;
use crate::merge::without_nulls;
use crate::roles::Permission;

/// Those that there are, with their names (asked of 26.7.4).
const PROVIDERS: &[(&str, &str)] = &[
    ("CONFIGURE_RECOVERY_AUTHN_CODES", "Recovery Authentication Codes"),
    ("CONFIGURE_TOTP", "Configure OTP"),
    ("TERMS_AND_CONDITIONS", "Terms and Conditions"),
    ("UPDATE_EMAIL", "Update Email"),
    ("UPDATE_PASSWORD", "Update Password"),
    ("UPDATE_PROFILE", "Update Profile"),
    ("VERIFY_EMAIL", "Verify Email"),
    ("VERIFY_PROFILE", "Verify Profile"),
    ("delete_account", "Delete Account"),
    ("delete_credential", "Delete Credential"),
    ("idp_link", "Linking Identity Provider"),
    ("update_user_locale", "Update User Locale"),
    ("webauthn-register", "Webauthn Register"),
    ("webauthn-register-passwordless", "Webauthn Register Passwordless"),
];

fn priority(body: &Body) -> i64 {
    body.get("priority").and_then(Value::as_i64).unwrap_or_default()
}

/// All, in their order.
fn ordered(documents: &Documents) -> Vec<&Document> {
    let mut all: Vec<_> = documents.of_kind(Kind::RequiredAction).map(|entry| &entry.document).collect();
    all.sort_by_key(|action| priority(&action.body));
    all
}

fn found<'d>(documents: &'d Documents, alias: &str) -> Result<&'d Document, AdminError> {
    let entry = documents.named(Kind::RequiredAction, alias);
    Ok(&entry.ok_or_else(|| AdminError::error(404, "Failed to find required action"))?.document)
}

pub(super) async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRequiredActions)?;
    let documents = call.documents().await?;
    Answer::json(&ordered(&documents).into_iter().map(|action| representation(&documents, action)).collect::<Vec<_>>())
}

pub(super) async fn read(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRequiredActions)?;
    let documents = call.documents().await?;
    Answer::json(&representation(&documents, found(&documents, call.param(0))?))
}

/// Keycloak: what is left out goes, even the names, so that the action is found no more; here names stay (recording
/// admin-authentication/required-actions).
pub(super) async fn update(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&Shape::Map(&Shape::Any))?);
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let action = found(documents, call.param(0))?;
        let mut body = given.clone();
        for member in ["alias", "name", "providerId"] {
            let kept = action.body.get(member).cloned().unwrap_or_else(|| action.key.name.as_str().into());
            body.entry(member).or_insert(kept);
        }
        body.insert("alias".to_owned(), action.key.name.as_str().into());
        for (member, value) in
            [("enabled", json!(false)), ("defaultAction", json!(false)), ("priority", json!(0)), ("config", json!({}))]
        {
            body.entry(member).or_insert(value);
        }
        changes.put_body(&action.key, body);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

pub(super) async fn raise(call: &Call) -> Result<Answer, AdminError> {
    shift(call, |place| place.checked_sub(1)).await
}

pub(super) async fn lower(call: &Call) -> Result<Answer, AdminError> {
    shift(call, |place| place.checked_add(1)).await
}

async fn shift(call: &Call, neighbour: fn(usize) -> Option<usize>) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let action = found(documents, call.param(0))?;
        let all = ordered(documents);
        let place = all.iter().position(|one| one.key == action.key);
        let Some(other) = place.and_then(neighbour).and_then(|at| all.get(at)) else { return Ok(()) };
        for (of, value) in [(action, priority(&other.body)), (*other, priority(&action.body))] {
            let mut body = of.body.clone();
            body.insert("priority".to_owned(), value.into());
            changes.put_body(&of.key, body);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

pub(super) async fn delete(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        changes.delete(&found(documents, call.param(0))?.key);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

pub(super) async fn unregistered(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRealm)?;
    let documents = call.documents().await?;
    let known =
        |id: &str| documents.of_kind(Kind::RequiredAction).any(|entry| text(&entry.document.body, "providerId") == Some(id));
    let open = PROVIDERS.iter().filter(|(id, _)| !known(id));
    Answer::json(&open.map(|(id, name)| json!({ "providerId": id, "name": name })).collect::<Vec<_>>())
}

pub(super) async fn register(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&Shape::Map(&Shape::Any))?);
    call.refuse_without(Permission::ManageRealm)?;
    let known = text(&given, "providerId").and_then(|id| PROVIDERS.iter().find(|(known, _)| *known == id));
    let Some((id, name)) = known else {
        return Err(AdminError::error(400, "Required Action Provider with given providerId not found"));
    };
    let name = text(&given, "name").unwrap_or(name);
    call.change(|documents, changes| {
        let key = Key::of(Kind::RequiredAction, *id);
        if documents.get(&key).is_some() {
            return Err(AdminError::Duplicate);
        }
        let priority = ordered(documents).last().map_or(0, |last| priority(&last.body) + 1);
        let body: Map<String, Value> = [
            ("alias", json!(id)),
            ("name", json!(name)),
            ("providerId", json!(id)),
            ("enabled", json!(true)),
            ("defaultAction", json!(false)),
            ("priority", json!(priority)),
            ("config", json!({})),
        ]
        .into_iter()
        .map(|(member, value)| (member.to_owned(), value))
        .collect();
        changes.put_anew(Document { key, id: String::new(), body });
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}
