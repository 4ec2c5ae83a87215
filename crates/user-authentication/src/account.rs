//! What keeps a user out who is who they say.

use ambient::Timestamp;
use realm_model::{CredentialKind, User};

use crate::authentication::At;
use crate::error::Refusal;

/// Refuses a user who is disabled.
///
/// # Errors
/// [`Refusal::UserDisabled`]
pub fn refuse_disabled(user: &User) -> Result<(), Refusal> {
    if user.enabled { Ok(()) } else { Err(Refusal::UserDisabled(user.id.clone())) }
}

/// Keycloak: any pending action counts, whether its provider is enabled or not (recording
/// token-password/required-action-of-disabled-provider), and so does a profile that lacks what the realm requires.
///
/// # Errors
/// [`Refusal::NotFullySetUp`]
pub fn refuse_unfinished_account(at: &At<'_>, user: &User) -> Result<(), Refusal> {
    let has = |attribute: &String| match attribute.as_str() {
        "username" => true,
        "email" => user.email.as_deref().is_some_and(|v| !v.is_empty()),
        "firstName" => user.first_name.as_deref().is_some_and(|v| !v.is_empty()),
        "lastName" => user.last_name.as_deref().is_some_and(|v| !v.is_empty()),
        other => user.attribute(other).is_some_and(|v| !v.is_empty()),
    };
    let complete = at.realm.required_profile_attributes.iter().all(has);
    let verified = user.email_verified || !at.realm.verify_email;
    if complete && verified && user.required_actions.is_empty() && !has_expired_password(at, user) {
        return Ok(());
    }
    Err(Refusal::NotFullySetUp(user.id.clone()))
}

/// Policy `forceExpiredPasswordChange`: a password older than that many days is to be changed first (measured on 26.7.4).
pub fn has_expired_password(at: &At<'_>, user: &User) -> bool {
    const DEFAULT_DAYS: i64 = 365;
    let mut policies = at.realm.password_policy.iter();
    let Some((_, days)) = policies.find(|(id, _)| id == "forceExpiredPasswordChange") else { return false };
    let days = days.as_deref().and_then(|days| days.parse().ok()).unwrap_or(DEFAULT_DAYS);
    let made = user.credentials_of(&CredentialKind::Password).next().and_then(|credential| credential.created_date);
    made.is_some_and(|made| Timestamp::from_millis(made).plus_secs(days.saturating_mul(24 * 3600)) < at.now)
}
