//! Who is logging in: username, password and one-time code, with brute-force protection around them. Shared by the grants that
//! take a password, whatever their dialect.

use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::Secret;
use passwords::PasswordCredential;
use realm_model::{Credential, CredentialKind, DirectGrantOtp, User};
use sessions::{LoginAttempts, SingleUse, Subject};

use crate::brute_force;
use crate::error::{GrantError, PasswordError};
use crate::exchange::Exchange;
use crate::otp::OtpCredential;
use crate::turns::Turn;

/// What somebody presents.
pub(crate) struct Presented<'a> {
    pub(crate) username: &'a str,
    pub(crate) password: Option<&'a str>,
    pub(crate) otp: Option<&'a str>,
}

/// The user, if everything presented is right and nothing keeps the user out.
pub(crate) async fn authenticate(cx: &Exchange<'_>, presented: &Presented<'_>) -> Result<Arc<User>, GrantError> {
    let Some(user) = cx.parts.users.find_by_name_or_email(cx.realm, presented.username).await? else {
        verify_password(cx, None, presented.password).await?; // an unknown user costs what a known one does
        return Err(PasswordError::UnknownUser.into());
    };
    judge(cx, &user, presented).await?;
    Ok(user)
}

async fn judge(cx: &Exchange<'_>, user: &User, presented: &Presented<'_>) -> Result<(), GrantError> {
    let guard = Guard::enter(cx, Subject::User(&user.id), user.id.as_str()).await?;
    if guard.is_locked() {
        verify_password(cx, None, presented.password).await?;
        return Err(PasswordError::Locked(user.id.clone()).into());
    }
    if !verify_password(cx, Some(user), presented.password).await? {
        guard.record_failure().await?;
        return Err(PasswordError::WrongPassword(user.id.clone()).into());
    }
    // Keycloak: told only to those who know the password (recordings token-password/disabled-user*).
    refuse_disabled(user)?;
    if !verify_otp(cx, user, presented.otp).await? {
        guard.record_failure().await?;
        return Err(PasswordError::WrongOtp(user.id.clone()).into());
    }
    guard.forget_failures().await?;
    hash_outdated_password(cx, user, presented.password).await;
    Ok(refuse_unfinished_account(cx, user)?)
}

/// A password whose hash is not what the realm's policy asks for by now is hashed anew while it is at hand. A login does not fail for it:
/// where the pool is full or the store away, the next login tries again.
async fn hash_outdated_password(cx: &Exchange<'_>, user: &User, password: Option<&str>) {
    let (Some(password), Some(old)) = (password, user.credentials_of(&CredentialKind::Password).next()) else { return };
    let stored = PasswordCredential::from_keycloak(old.secret_data.expose(), &old.credential_data);
    if stored.is_ok_and(|stored| stored.needs_upgrade(&cx.hash_policy()))
        && let Err(error) = put_hash(cx, user, old, Secret::new(password.to_owned())).await
    {
        log::warn!("realm {}: the password of user {} is not hashed anew: {error}", cx.realm.name, user.id);
    }
}

async fn verify_password(cx: &Exchange<'_>, user: Option<&User>, password: Option<&str>) -> Result<bool, GrantError> {
    let stored = user.and_then(|user| user.credentials_of(&CredentialKind::Password).next().map(|c| (user, c)));
    let presented = Secret::new(password.unwrap_or_default().to_owned());
    if let Some((user, credential)) = stored
        && let Some(plain) = credential.plain()
    {
        let right = plain.matches(presented.expose().as_bytes());
        // It stands plain in a realm file: hashed when it is first asked for, which costs what a comparison costs.
        put_hash(cx, user, credential, plain).await?;
        return Ok(right && password.is_some());
    }
    let credential = stored.and_then(|(_, c)| PasswordCredential::from_keycloak(c.secret_data.expose(), &c.credential_data).ok());
    let right = cx.parts.hash_pool.verify(credential.map(Arc::new), presented, &cx.hash_policy()).await?;
    Ok(right && password.is_some())
}

/// Puts a hash of `password`, as the realm's policy wants it, in the place of `old`.
async fn put_hash(cx: &Exchange<'_>, user: &User, old: &Credential, password: Secret<String>) -> Result<(), GrantError> {
    let hashed = cx.parts.hash_pool.hash(password, &cx.hash_policy(), Arc::clone(&cx.parts.entropy)).await?;
    let (secret_data, credential_data) = hashed.to_keycloak();
    let new = Credential {
        id: old.id.clone(),
        kind: CredentialKind::Password,
        label: old.label.clone(),
        created_date: old.created_date,
        secret_data: Secret::new(secret_data),
        credential_data,
    };
    Ok(cx.parts.users.replace_credential(&cx.realm.name, &user.id, old, new).await?)
}

/// Whether the one-time code is right, or none is needed.
async fn verify_otp(cx: &Exchange<'_>, user: &User, otp: Option<&str>) -> Result<bool, GrantError> {
    let mut credentials = user.credentials_of(&CredentialKind::Otp).filter_map(OtpCredential::read).peekable();
    let needed = match cx.realm.direct_grant_otp {
        DirectGrantOtp::Disabled => false,
        DirectGrantOtp::Conditional => credentials.peek().is_some(),
        DirectGrantOtp::Required => true,
    };
    if !needed {
        return Ok(true);
    }
    let Some(code) = otp else { return Ok(false) };
    for credential in credentials {
        let Some(step) = credential.matching_step(code, cx.now, cx.realm.otp.look_ahead_window) else { continue };
        if cx.realm.otp.code_reusable {
            return Ok(true);
        }
        // RFC 6238 section 5.2: "The verifier MUST NOT accept the second attempt of the OTP"
        let used = format!("{}:{step}", user.id);
        let until = cx.now.plus_secs(24 * 3600);
        let first = cx.parts.sessions.mark_used((SingleUse::OneTimePassword, &cx.realm.name, &used), until, cx.now).await?;
        return Ok(first);
    }
    Ok(false)
}

pub(crate) fn refuse_disabled(user: &User) -> Result<(), PasswordError> {
    if user.enabled { Ok(()) } else { Err(PasswordError::UserDisabled(user.id.clone())) }
}

/// Keycloak: any pending action counts, whether its provider is enabled or not (recording
/// token-password/required-action-of-disabled-provider), and so does a profile that lacks what the realm requires.
pub(crate) fn refuse_unfinished_account(cx: &Exchange<'_>, user: &User) -> Result<(), PasswordError> {
    let has = |attribute: &String| match attribute.as_str() {
        "username" => true,
        "email" => user.email.as_deref().is_some_and(|v| !v.is_empty()),
        "firstName" => user.first_name.as_deref().is_some_and(|v| !v.is_empty()),
        "lastName" => user.last_name.as_deref().is_some_and(|v| !v.is_empty()),
        other => user.attribute(other).is_some_and(|v| !v.is_empty()),
    };
    let complete = cx.realm.required_profile_attributes.iter().all(has);
    let verified = user.email_verified || !cx.realm.verify_email;
    if complete && verified && user.required_actions.is_empty() && !has_expired_password(cx, user) {
        return Ok(());
    }
    Err(PasswordError::NotFullySetUp(user.id.clone()))
}

/// Policy `forceExpiredPasswordChange`: a password older than that many days is to be changed first (measured on 26.7.4).
fn has_expired_password(cx: &Exchange<'_>, user: &User) -> bool {
    const DEFAULT_DAYS: i64 = 365;
    let mut policies = cx.realm.password_policy.iter();
    let Some((_, days)) = policies.find(|(id, _)| id == "forceExpiredPasswordChange") else { return false };
    let days = days.as_deref().and_then(|days| days.parse().ok()).unwrap_or(DEFAULT_DAYS);
    let made = user.credentials_of(&CredentialKind::Password).next().and_then(|credential| credential.created_date);
    made.is_some_and(|made| Timestamp::from_millis(made).plus_secs(days.saturating_mul(24 * 3600)) < cx.now)
}

/// A login of one user, or on one device, under brute-force protection: holds the turn while it lasts.
pub(crate) struct Guard<'a> {
    cx: &'a Exchange<'a>,
    subject: Subject<'a>,
    attempts: Option<LoginAttempts>,
    _turn: Option<Turn<'a>>,
}

impl<'a> Guard<'a> {
    /// Waits for the turn of `subject`, whose id is `id`, and reads its failures so far.
    pub(crate) async fn enter(cx: &'a Exchange<'a>, subject: Subject<'a>, id: &str) -> Result<Self, GrantError> {
        let policy = &cx.realm.brute_force;
        if !policy.protected {
            return Ok(Self { cx, subject, attempts: None, _turn: None });
        }
        let read = async || Ok::<_, GrantError>(cx.parts.sessions.find_attempts(&cx.realm.name, subject, cx.now).await?);
        let failures = |attempts: &Option<LoginAttempts>| {
            let locked = brute_force::is_locked(policy, attempts.as_ref(), cx.now);
            (!locked).then(|| attempts.as_ref().map_or(0, |a| a.failures))
        };
        let (turn, attempts) = cx.parts.turns.take((&cx.realm.name, id, policy.failure_factor), read, failures).await?;
        Ok(Self { cx, subject, attempts, _turn: turn })
    }

    /// Whether the user or device is locked out.
    pub(crate) fn is_locked(&self) -> bool {
        brute_force::is_locked(&self.cx.realm.brute_force, self.attempts.as_ref(), self.cx.now)
    }

    /// Counts a failure.
    pub(crate) async fn record_failure(&self) -> Result<(), GrantError> {
        let policy = &self.cx.realm.brute_force;
        if !policy.protected {
            return Ok(());
        }
        let (now, peer) = (self.cx.now, self.cx.peer);
        let fail = |previous| {
            let mut attempts = brute_force::after_failure(policy, previous, now);
            attempts.last_ip = Some(peer.to_owned());
            attempts.expires_at = brute_force::forgettable_at(policy, &attempts);
            Some(attempts)
        };
        self.cx.parts.sessions.update_attempts(&self.cx.realm.name, self.subject, now, fail).await?;
        Ok(())
    }

    /// After a success nothing of the failures before it counts.
    pub(crate) async fn forget_failures(&self) -> Result<(), GrantError> {
        if self.attempts.is_some() {
            self.cx.parts.sessions.update_attempts(&self.cx.realm.name, self.subject, self.cx.now, |_| None).await?;
        }
        Ok(())
    }
}
