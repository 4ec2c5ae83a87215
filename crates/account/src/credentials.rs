//! What a user signs in with.

use events::EventType;
use realm_model::{Credential, CredentialKind};
use serde_json::{Map, Value, json};
use user_authentication::NewPasswordError;
use user_authentication::credentials::Added;

use crate::caller::Caller;
use crate::error::AccountError;
use crate::roles::AccountRole;
use crate::user_sessions::{self, Ending};

/// A kind of credentials as the account console knows it.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    category: &'static str,
    icon: &'static str,
    /// The required action that sets one up.
    pub(crate) action: &'static str,
}

const fn kind(name: &'static str, category: &'static str, icon: &'static str, action: &'static str) -> Kind {
    Kind { name, category, icon, action }
}

/// The password first; it is changed, not removed.
pub(crate) const KINDS: [Kind; 5] = [
    kind(PASSWORD, "basic-authentication", "kcAuthenticatorPasswordClass", "UPDATE_PASSWORD"),
    kind("otp", "two-factor", "kcAuthenticatorOTPClass", "CONFIGURE_TOTP"),
    kind("webauthn", "two-factor", "kcAuthenticatorWebAuthnClass", "webauthn-register"),
    kind("recovery-authn-codes", "two-factor", "kcAuthenticatorRecoveryAuthnCodesClass", "CONFIGURE_RECOVERY_AUTHN_CODES"),
    kind("webauthn-passwordless", "passwordless", "kcAuthenticatorWebAuthnPasswordlessClass", "webauthn-register-passwordless"),
];

const PASSWORD: &str = "password";

pub(crate) fn type_of(credential: &Credential) -> &str {
    match &credential.kind {
        CredentialKind::Password => PASSWORD,
        CredentialKind::Otp => "otp",
        CredentialKind::ContactlessCard => "contactless-card",
        CredentialKind::Other(kind) => kind,
    }
}

/// Whether the user has a password.
pub(crate) fn has_password(caller: &Caller<'_>) -> bool {
    caller.user.credentials_of(&CredentialKind::Password).next().is_some()
}

/// The kinds that the user has, or may set up in this realm.
pub(crate) fn kinds(caller: &Caller<'_>) -> impl Iterator<Item = &'static Kind> {
    let has = |kind: &Kind| caller.user.credentials.iter().any(|credential| type_of(credential) == kind.name);
    KINDS.iter().filter(move |kind| has(kind) || caller.cx.realm.required_actions.has_enabled(kind.action))
}

/// `GET …/account/credentials`; `wanted`: of this kind only.
pub(crate) fn shown(caller: &Caller<'_>, wanted: Option<&str>) -> Result<Vec<Value>, AccountError> {
    caller.require(&[AccountRole::ManageAccount, AccountRole::ViewProfile])?;
    let of_kind = |kind: &&Kind| wanted.is_none_or(|wanted| wanted == kind.name);
    Ok(kinds(caller).filter(of_kind).map(|kind| container(caller, kind)).collect())
}

fn container(caller: &Caller<'_>, kind: &Kind) -> Value {
    let own = caller.user.credentials.iter().filter(|credential| type_of(credential) == kind.name);
    let own: Vec<Value> = own.map(|credential| json!({ "credential": metadata(credential) })).collect();
    let is_password = kind.name == PASSWORD;
    let mut shown = Map::from_iter([
        ("type".to_owned(), json!(kind.name)),
        ("category".to_owned(), json!(kind.category)),
        ("displayName".to_owned(), json!(format!("{}-display-name", kind.name))),
        ("helptext".to_owned(), json!(format!("{}-help-text", kind.name))),
        ("iconCssClass".to_owned(), json!(kind.icon)),
    ]);
    // One password and one set of codes at a time: these are replaced.
    let replaced = is_password && !own.is_empty();
    shown.insert(if replaced { "updateAction" } else { "createAction" }.to_owned(), json!(kind.action));
    shown.insert("removeable".to_owned(), json!(!is_password));
    shown.insert("userCredentialMetadatas".to_owned(), own.into());
    shown.into()
}

/// Never the secret.
fn metadata(credential: &Credential) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    if let Some(id) = &credential.id {
        put("id", json!(id));
    }
    put("type", json!(type_of(credential)));
    if let Some(label) = &credential.label {
        put("userLabel", json!(label));
    }
    if let Some(created) = credential.created_date {
        put("createdDate", json!(created));
    }
    put("credentialData", json!(credential.credential_data));
    shown.into()
}

/// The user's own credential of this id.
fn own<'c>(caller: &'c Caller<'_>, id: &str) -> Result<&'c Credential, AccountError> {
    let mut all = caller.user.credentials.iter();
    all.find(|credential| credential.id.as_deref() == Some(id)).ok_or(AccountError::NotFound("Credential not found"))
}

/// Takes a credential away, which is no password.
///
/// # Errors
/// There is none of that id; or the server cannot say.
pub(crate) async fn remove(caller: &mut Caller<'_>, id: &str) -> Result<(), AccountError> {
    caller.require(&[AccountRole::ManageAccount])?;
    let kind = type_of(own(caller, id)?).to_owned();
    if kind == PASSWORD {
        return Err(AccountError::Bad("Credential type password cannot be removed"));
    }
    // A token does not tell whether its user has shown this factor (CVE-2026-3429): the action delete_credential asks for it.
    if KINDS.iter().any(|known| known.name == kind) {
        return Err(AccountError::Forbidden);
    }
    caller.parts.user_authentication.remove_credential(&caller.at(), &caller.user, id).await?;
    caller.record(EventType::RemoveCredential, |event| {
        event.detail("credential_type", Some(kind.as_str())).detail("credential_id", Some(id))
    });
    caller.reload().await
}

/// Gives a credential another label.
///
/// # Errors
/// There is none of that id, or another of its kind has the label; or the server cannot say.
pub(crate) async fn label(caller: &Caller<'_>, id: &str, label: &str) -> Result<(), AccountError> {
    /// Characters of a label.
    const LONGEST: usize = 255;
    caller.require(&[AccountRole::ManageAccount])?;
    own(caller, id)?;
    if label.trim().is_empty() || label.chars().count() > LONGEST {
        return Err(AccountError::Bad("HTTP 400 Bad Request"));
    }
    match caller.parts.user_authentication.label_credential(&caller.at(), &caller.user, (id, label)).await? {
        Added::Yes => Ok(()),
        Added::LabelTaken => Err(AccountError::LabelTaken),
    }
}

/// Refuses whoever does not know the current password; each attempt counts like one of a login.
///
/// # Errors
/// [`AccountError::Password`]; or the server cannot say.
pub(crate) async fn refuse_wrong_password(caller: &Caller<'_>, password: Option<&str>) -> Result<(), AccountError> {
    let at = caller.at();
    caller.parts.user_authentication.verify_password(&at, Some(&caller.user), password).await?;
    Ok(caller.parts.user_authentication.forget_failures(&at, &caller.user).await?)
}

/// Why a password is not changed.
pub(crate) enum NotChanged {
    /// What the policy says: the key of the message, and its argument.
    Policy(String, Option<String>),
    /// Anything else.
    Other(AccountError),
}

/// Another password, for whoever knows the current one; `ending`: which sessions end with it.
pub(crate) async fn change_password(
    caller: &mut Caller<'_>,
    (current, new): (Option<&str>, &str),
    ending: Option<Ending<'_>>,
) -> Result<(), NotChanged> {
    caller.require(&[AccountRole::ManageAccount]).map_err(NotChanged::Other)?;
    refuse_wrong_password(caller, current).await.map_err(NotChanged::Other)?;
    let set = caller.parts.user_authentication.set_password(&caller.at(), &caller.user, new).await;
    set.map_err(|error| match error {
        NewPasswordError::Refused(refusal) => {
            NotChanged::Policy(refusal.message_key().to_owned(), refusal.argument().map(|argument| argument.to_string()))
        }
        NewPasswordError::Trouble(trouble) => NotChanged::Other(trouble.into()),
    })?;
    caller.record(EventType::UpdatePassword, |event| event.detail("credential_type", Some(PASSWORD)));
    if let Some(ending) = ending {
        user_sessions::end(caller, ending).await.map_err(NotChanged::Other)?;
    }
    caller.reload().await.map_err(NotChanged::Other)
}
