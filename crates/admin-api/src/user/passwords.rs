//! New passwords: what the realm's policy says of them, their hashes, the ones before them.

use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::Secret;
use passwords::PasswordCredential;
use realm_model::document::{Body, UserRecord};
use realm_model::{Credential, CredentialKind, compile};
use serde_json::Value;

use super::credentials::{credentials, put_credentials};
use crate::body::text;
use crate::call::Call;
use crate::credentials::hash_policy;
use crate::error::AdminError;
use crate::password_policy::{Owner, PasswordPolicy, Rule, refuse_shape, refused_as_one_of_the_last, refused_as_too_young};

const HISTORY: &str = "password-history";
const DAY: i64 = 86_400;

/// A password that the policy takes, hashed.
pub(crate) struct NewPassword {
    secret_data: String,
    credential_data: String,
}

/// Checks a password and hashes it. `user`: whose it is to be, with the passwords so far.
///
/// # Errors
/// 400 where the policy refuses it, 503 where too many wait already.
pub(crate) async fn take(call: &Call, settings: &Body, (password, user): (&str, &UserRecord)) -> Result<NewPassword, AdminError> {
    let owner = Owner { username: user.username(), email: user.text("email") };
    for rule in PasswordPolicy::of(settings).rules() {
        match rule {
            Rule::Shape(id, value) => refuse_shape((&id, value.as_deref()), password, owner)?,
            Rule::NotOfTheLast(count) => {
                let before = earlier(user).into_iter().take(count.saturating_sub(1));
                if is_any_of(call, settings, present(user).chain(before), password).await? {
                    return Err(refused_as_one_of_the_last(count));
                }
            }
            Rule::NotOfTheLastDays(days) => {
                let since = call.context.now.plus_secs(days.saturating_mul(-DAY)).millis();
                let young = earlier(user).into_iter().filter(|body| created(body) >= since);
                if is_any_of(call, settings, present(user).chain(young), password).await? {
                    return Err(refused_as_too_young());
                }
            }
        }
    }
    let (secret, policy) = (Secret::new(password.to_owned()), hash_policy(settings));
    let hashed = call.api.hash_pool.hash(secret, &policy, Arc::clone(&call.api.entropy)).await;
    let (secret_data, credential_data) = hashed.map_err(|full| AdminError::Unavailable(full.to_string()))?.to_keycloak();
    Ok(NewPassword { secret_data, credential_data })
}

fn of_type<'u>(user: &'u UserRecord, kind: &'static str) -> impl Iterator<Item = &'u Body> {
    credentials(user).filter(move |body| text(body, "type") == Some(kind))
}

fn present(user: &UserRecord) -> impl Iterator<Item = &Body> {
    of_type(user, "password")
}

/// The passwords before the present one, the latest first.
fn earlier(user: &UserRecord) -> Vec<&Body> {
    let mut all: Vec<&Body> = of_type(user, HISTORY).collect();
    all.sort_by_key(|body| std::cmp::Reverse(created(body)));
    all
}

fn created(body: &Body) -> i64 {
    body.get("createdDate").and_then(Value::as_i64).unwrap_or_default()
}

async fn is_any_of<'u>(
    call: &Call,
    settings: &Body,
    stored: impl Iterator<Item = &'u Body>,
    password: &str,
) -> Result<bool, AdminError> {
    for body in stored {
        let mut body = body.clone();
        body.insert("type".to_owned(), "password".into());
        let Some(credential) = compile::credential(&Value::Object(body)) else { continue };
        let same = match credential.plain() {
            Some(plain) => plain.matches(password.as_bytes()),
            None => is_same(call, settings, &credential, password).await?,
        };
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn is_same(call: &Call, settings: &Body, credential: &Credential, password: &str) -> Result<bool, AdminError> {
    let stored = PasswordCredential::from_keycloak(credential.secret_data.expose(), &credential.credential_data);
    let Ok(stored) = stored else { return Ok(false) };
    let (policy, password) = (hash_policy(settings), Secret::new(password.to_owned()));
    let verified = call.api.hash_pool.verify(Some(Arc::new(stored)), password, &policy).await;
    verified.map_err(|full| AdminError::Unavailable(full.to_string()))
}

/// Makes it the user's password. The one before stays in the history as long as the policy wants, its id goes on with the new one.
pub(crate) fn put(user: &mut UserRecord, password: &NewPassword, (settings, now, new_id): (&Body, Timestamp, &str)) {
    let policy = PasswordPolicy::of(settings);
    let mut all: Vec<Body> = credentials(user).cloned().collect();
    let mut new = Credential {
        id: Some(new_id.to_owned()),
        kind: CredentialKind::Password,
        label: None,
        created_date: Some(now.millis()),
        secret_data: Secret::new(password.secret_data.clone()),
        credential_data: password.credential_data.clone(),
    };
    let keeps = policy.kept_before() > 0 || policy.kept_days() > 0;
    let mut history = Vec::new();
    match all.iter_mut().find(|body| text(body, "type") == Some("password")) {
        Some(present) => {
            let mut old = present.clone();
            if let Some(id) = text(&old, "id").map(str::to_owned) {
                new.id = Some(id);
                old.insert("id".to_owned(), new_id.into());
            }
            new.label = text(&old, "userLabel").map(str::to_owned);
            old.insert("type".to_owned(), HISTORY.into());
            *present = body_of(&new);
            history.extend(keeps.then_some(old));
        }
        None => all.push(body_of(&new)),
    }
    all.append(&mut history);
    forget_old(&mut all, (&policy, now));
    put_credentials(user, all);
}

fn body_of(credential: &Credential) -> Body {
    if let Value::Object(body) = compile::credential_body(credential) { body } else { Body::new() }
}

/// Keycloak: an old password goes when neither its number nor its age keeps it.
fn forget_old(all: &mut Vec<Body>, (policy, now): (&PasswordPolicy, Timestamp)) {
    let since = now.plus_secs(policy.kept_days().saturating_mul(-DAY)).millis();
    let mut dates: Vec<i64> = all.iter().filter(|body| text(body, "type") == Some(HISTORY)).map(created).collect();
    dates.sort_by_key(|date| std::cmp::Reverse(*date));
    let latest: Vec<i64> = dates.into_iter().take(policy.kept_before()).collect();
    let by_age = policy.kept_days() > 0;
    all.retain(|body| {
        text(body, "type") != Some(HISTORY) || latest.contains(&created(body)) || (by_age && created(body) >= since)
    });
}
