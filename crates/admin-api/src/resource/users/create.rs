//! `POST …/users`

use oidc_types::java_order::sort_by_name;
use realm_model::document::{Body, Documents, Kind, UserRecord};
use realm_model::lint::REQUIRED_ACTIONS;
use realm_store::{Batch, Expected, UserKey, Write};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{is_on, text, texts};
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::profile::Profile;
use crate::profile::check::{Fault, Wanted, work_out};
use crate::roles::Permission;
use crate::user::taken;
use user_authentication::credentials::{credentials, put_credentials};

/// What a user must do who is given a password for once.
pub(super) const UPDATE_PASSWORD: &str = "UPDATE_PASSWORD";

pub(super) async fn create(call: &Call) -> Result<Answer, AdminError> {
    let given = call.json(&json::USER)?;
    call.refuse_without(Permission::ManageUsers)?;
    let documents = call.documents().await?;
    let settings = documents.settings().cloned().unwrap_or_default();
    let mut wanted = work_out((&Profile::of(&documents), &settings), (&given, None));
    find_others(call, &settings, (&mut wanted, None)).await?;
    wanted.refuse_faults()?;
    refuse_unknown_groups(&given, &documents)?;
    let mut user = UserRecord(draft(&given, &wanted));
    give_credentials(call, &given, &mut user).await?;
    let made = realm_model::completion::user(user.0, &documents, &call.minting());
    let made = made.ok_or_else(|| AdminError::Broken("a user without a name".to_owned()))?;
    let location = call.location(&["users", made.id()]);
    let mut batch = Batch::within(&*call.realm().id);
    let claim = claim(&settings, made.id(), wanted.email());
    batch.writes.push(Write::PutUser { record: made, expected: Expected::Absent });
    batch.writes.extend(claim);
    call.api.live.commit(batch).await.map_err(taken)?;
    Ok(Answer::created(location))
}

fn draft(given: &Body, wanted: &Wanted) -> Body {
    let mut user = Body::new();
    wanted.put_into(&mut user);
    for member in ["enabled", "emailVerified"] {
        user.insert(member.to_owned(), is_on(given, member).into());
    }
    for member in ["createdTimestamp", "groups", "federatedIdentities"] {
        if let Some(value) = given.get(member).filter(|value| !value.is_null()) {
            user.insert(member.to_owned(), value.clone());
        }
    }
    user.insert("requiredActions".to_owned(), json!(known_actions(given)));
    user
}

/// The required actions that a body names. Keycloak: those that are known; others are left out.
pub(super) fn known_actions(given: &Body) -> Vec<&str> {
    let known = REQUIRED_ACTIONS.iter().copied();
    let mut all: Vec<&str> = known.filter(|known| texts(given, "requiredActions").any(|name| name == *known)).collect();
    sort_by_name(&mut all, |name| name);
    all
}

/// Whether this required action is known.
pub(super) fn is_known_action(name: &str) -> bool {
    REQUIRED_ACTIONS.contains(&name)
}

/// Puts a required action among the others of a user.
pub(super) fn require(user: &mut UserRecord, action: &str) {
    crate::body::add_text(&mut user.0, "requiredActions", action);
    let actions = json!(known_actions(&user.0));
    user.0.insert("requiredActions".to_owned(), actions);
}

/// Keycloak: a group that is not there is more than it can bear (recording admin-users/create-bad-credentials).
fn refuse_unknown_groups(given: &Body, documents: &Documents) -> Result<(), AdminError> {
    for path in texts(given, "groups") {
        let path = format!("/{}", path.trim_start_matches('/'));
        if documents.named(Kind::Group, &path).is_none() {
            return Err(AdminError::Broken("the user is to be in a group that is not there".to_owned()));
        }
    }
    Ok(())
}

/// Looks for other users with this username or e-mail address.
pub(super) async fn find_others(
    call: &Call,
    settings: &Body,
    (wanted, before): (&mut Wanted, Option<&UserRecord>),
) -> Result<(), AdminError> {
    let (repository, realm) = (call.api.live.repository(), &call.realm().id);
    let is_other = |row: realm_store::UserRow| before.is_none_or(|before| before.id() != row.record.id());
    let duplicates = is_on(settings, "duplicateEmailsAllowed");
    let may_log_in_by_email = !duplicates && settings.get("loginWithEmailAllowed").and_then(Value::as_bool) != Some(false);
    if before.is_none_or(|before| before.username() != wanted.username) {
        let by_name = repository.user(realm, UserKey::Username(&wanted.username)).await?;
        let by_email = match may_log_in_by_email {
            true => repository.user(realm, UserKey::Email(&wanted.username)).await?,
            false => None,
        };
        if by_name.into_iter().chain(by_email).any(is_other) {
            wanted.faults.push(Fault::UsernameTaken);
        }
    }
    let Some(email) = wanted.email().filter(|_| !duplicates).map(str::to_owned) else { return Ok(()) };
    let by_email = repository.user(realm, UserKey::Email(&email)).await?;
    let by_name = if may_log_in_by_email { repository.user(realm, UserKey::Username(&email)).await? } else { None };
    if by_email.into_iter().chain(by_name).any(is_other) {
        wanted.faults.push(Fault::EmailTaken);
    }
    Ok(())
}

/// The claim to an e-mail address that nobody else may have.
pub(super) fn claim(settings: &Body, id: &str, email: Option<&str>) -> Option<Write> {
    let email = email.filter(|_| !is_on(settings, "duplicateEmailsAllowed"))?;
    Some(Write::ClaimEmail { id: id.to_owned(), email: email.to_owned() })
}

/// Gives a user the credentials of a body. Keycloak: whatever has a value is a password, of whichever type it says it is.
pub(super) async fn give_credentials(call: &Call, given: &Body, user: &mut UserRecord) -> Result<(), AdminError> {
    let all = given.get("credentials").and_then(Value::as_array).into_iter().flatten();
    for credential in all.filter_map(Value::as_object) {
        let kind = text(credential, "type");
        let known = text(credential, "id").filter(|id| !id.is_empty());
        if known.is_some_and(|id| credentials(user).any(|stored| text(stored, "id") == Some(id))) {
            continue;
        }
        match text(credential, "value").filter(|value| !value.is_empty()) {
            Some(value) => {
                call.take_password(user, value).await?.put(user);
            }
            None => store(call, user, credential)?,
        }
        if kind == Some("password") && is_on(credential, "temporary") {
            require(user, UPDATE_PASSWORD);
        }
    }
    Ok(())
}

/// A credential as another server stored it.
fn store(call: &Call, user: &mut UserRecord, given: &Body) -> Result<(), AdminError> {
    if text(given, "secretData").is_none_or(str::is_empty) {
        return match given.get("value").is_some_and(Value::is_string) {
            true => Ok(()),
            false => Err(AdminError::Broken("a credential without a secret".to_owned())),
        };
    }
    let mut credential =
        crate::body::only(given.clone(), &["id", "type", "userLabel", "createdDate", "secretData", "credentialData"]);
    credential.retain(|_, value| !value.is_null());
    credential.entry("id").or_insert_with(|| call.new_id().into());
    credential.entry("createdDate").or_insert_with(|| call.context.now.millis().into());
    let mut all: Vec<Body> = credentials(user).cloned().collect();
    all.push(credential);
    put_credentials(user, all);
    Ok(())
}
