//! The profile: what its owner sees and changes.

use events::EventType;
use realm_model::{Realm, User};
use realm_store::CommitError;
use serde_json::{Map, Value, json};
use user_profile::{Context, FormAttribute, Judged, OWN_MEMBERS, ProfileFault, UserProfile, Values, Viewer};

use crate::caller::Caller;
use crate::error::AccountError;
use crate::roles::AccountRole;

/// Whether the answer says what the attributes are (`userProfileMetadata`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metadata {
    With,
    Without,
}

/// `GET …/account`
pub(crate) fn shown(caller: &Caller<'_>, metadata: Metadata) -> Result<Value, AccountError> {
    caller.require(&[AccountRole::ManageAccount, AccountRole::ViewProfile])?;
    let (realm, user) = (&caller.cx.realm, &*caller.user);
    let attributes = UserProfile::of(realm).form_attributes(Context::Account, &Viewer::USER, Some(user));
    let mut shown = Map::new();
    shown.insert("id".to_owned(), user.id.as_str().into());
    let mut others = Map::new();
    for attribute in &attributes {
        if OWN_MEMBERS.contains(&attribute.name) {
            if let Some(value) = attribute.values.first() {
                shown.insert(attribute.name.to_owned(), value.as_str().into());
            }
        } else if !attribute.values.is_empty() {
            others.insert(attribute.name.to_owned(), json!(attribute.values));
        }
    }
    shown.insert("emailVerified".to_owned(), user.email_verified.into());
    if metadata == Metadata::With {
        shown.insert("userProfileMetadata".to_owned(), described(realm, &attributes));
    }
    if !others.is_empty() {
        shown.insert("attributes".to_owned(), others.into());
    }
    Ok(shown.into())
}

/// What the attributes are, in the shape of the Admin API (recording admin-users/profile-metadata), as far as their owner sees them.
fn described(realm: &Realm, attributes: &[FormAttribute<'_>]) -> Value {
    let one = |attribute: &FormAttribute<'_>| {
        let config = realm.user_profile.attribute(attribute.name);
        let mut validators: Map<String, Value> = Map::new();
        for (id, config) in config.map(|config| config.validations.as_slice()).unwrap_or_default() {
            let mut config = config.clone();
            config.insert("ignore.empty.value".to_owned(), true.into());
            validators.insert(id.clone(), config.into());
        }
        if !attribute.multivalued {
            validators.insert("multivalued".to_owned(), json!({ "max": "1" }));
        }
        let mut shown = Map::from_iter([
            ("name".to_owned(), json!(attribute.name)),
            ("displayName".to_owned(), json!(attribute.display_name)),
            ("required".to_owned(), json!(attribute.required)),
            ("readOnly".to_owned(), json!(attribute.read_only)),
            ("validators".to_owned(), validators.into()),
            ("multivalued".to_owned(), json!(attribute.multivalued)),
        ]);
        if !attribute.annotations.is_empty() {
            shown.insert("annotations".to_owned(), json!(attribute.annotations));
        }
        if let Some(group) = attribute.group {
            shown.insert("group".to_owned(), json!(group.name));
        }
        Value::Object(shown)
    };
    let groups = realm.user_profile.groups.iter().map(|group| {
        json!({
            "name": group.name,
            "displayHeader": group.display_header,
            "displayDescription": group.display_description,
            "annotations": group.annotations,
        })
    });
    json!({ "attributes": attributes.iter().map(one).collect::<Vec<_>>(), "groups": groups.collect::<Vec<_>>() })
}

/// The values of a representation that is sent (`POST …/account`): members and `attributes` that are texts or lists of texts.
pub(crate) fn values(given: &Value) -> Result<Values, AccountError> {
    let given = given.as_object().ok_or(AccountError::Bad("HTTP 400 Bad Request"))?;
    let mut values = Values::new();
    let own = OWN_MEMBERS.iter().filter_map(|name| Some((*name, given.get(*name)?)));
    let others = given.get("attributes").and_then(Value::as_object).into_iter().flatten();
    for (name, value) in others.map(|(name, value)| (name.as_str(), value)).chain(own) {
        let texts = match value {
            Value::Null => Vec::new(),
            Value::String(text) => vec![text.clone()],
            Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => return Err(AccountError::Bad("HTTP 400 Bad Request")),
        };
        values.insert(name.to_owned(), texts);
    }
    Ok(values)
}

/// Changes the profile.
///
/// # Errors
/// A role is missing; what is wrong with the values; or the server cannot say.
pub(crate) async fn change(caller: &mut Caller<'_>, submitted: &Values) -> Result<(), AccountError> {
    caller.require(&[AccountRole::ManageAccount])?;
    let user = std::sync::Arc::clone(&caller.user);
    let realm = &caller.cx.realm;
    let judged = UserProfile::of(realm).judge(Context::Account, &Viewer::USER, submitted, Some(&user));
    let judged = judged.map_err(AccountError::Profile)?;
    refuse_taken(caller, &user, &judged).await?;
    let changed = caller.parts.users.change_user(&realm.name, &user.id, &mut |record| judged.put_into(&mut record.0)).await;
    changed.map_err(|error| match error {
        CommitError::Exists(_) if judged.email().is_some() => AccountError::Taken("email", "emailExistsMessage"),
        CommitError::Exists(_) => AccountError::Taken("username", "usernameExistsMessage"),
        other => AccountError::Unavailable(other.to_string()),
    })?;
    caller.record(EventType::UpdateProfile, |event| event.detail("context", Some("ACCOUNT")));
    caller.reload().await
}

/// Whether the name or the address is somebody else's, or how somebody else logs in (CVE-2024-1722).
async fn refuse_taken(caller: &Caller<'_>, user: &User, judged: &Judged) -> Result<(), AccountError> {
    let (realm, users) = (&caller.cx.realm, &caller.parts.users);
    if let Some(name) = judged.username() {
        let by_name = users.find_by_username(&realm.name, name).await?;
        let by_address = if realm.login_with_email { users.find_by_email(&realm.name, name).await? } else { None };
        if by_name.into_iter().chain(by_address).any(|found| found.id != user.id) {
            return Err(AccountError::Taken("username", "usernameExistsMessage"));
        }
    }
    if let Some(email) = judged.email().filter(|_| !realm.login.duplicate_emails_allowed) {
        let by_address = users.find_by_email(&realm.name, email).await?;
        let by_name = if realm.login_with_email { users.find_by_username(&realm.name, email).await? } else { None };
        if by_address.into_iter().chain(by_name).any(|found| found.id != user.id) {
            return Err(AccountError::Taken("email", "emailExistsMessage"));
        }
    }
    Ok(())
}

/// What is wrong, as the account console reads it: always a list.
pub(crate) fn faults(realm: &Realm, faults: &[ProfileFault]) -> Value {
    let one = |fault: &ProfileFault| {
        let name = realm.user_profile.attribute(&fault.attribute).and_then(|config| config.display_name.clone());
        let name = name.unwrap_or_else(|| fault.attribute.clone());
        json!({ "field": fault.attribute, "errorMessage": fault.message, "params": fault.arguments(&name) })
    };
    json!({ "errors": faults.iter().map(one).collect::<Vec<_>>() })
}
