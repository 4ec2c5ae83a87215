//! Security keys and passkeys of users. What a browser sends is judged by `web-authn`; here it is held against what the user has, in
//! a turn of its own, and the counter goes on durably.

use ::web_authn::{Assertion, Challenge, CredentialRecord, Registration, RelyingParty, WebAuthnError};
use realm_editing::body::text;
use realm_model::document::{Body, UserRecord};
use realm_model::{Credential, CredentialKind, User, compile};
use thiserror::Error;

use crate::account::refuse_disabled;
use crate::authentication::{At, UserAuthentication};
use crate::brute_force::Factor;
use crate::credentials::{Added, credentials, put_credentials};
use crate::error::{AuthenticationError, Refusal, Trouble};
use crate::guard::Guard;

/// The authenticators of a user: credentials of the type `kind` ([`::web_authn::SECOND_FACTOR`], [`::web_authn::PASSWORDLESS`]), each as
/// it is stored and as it is read.
pub fn authenticators<'u>(user: &'u User, kind: &str) -> impl Iterator<Item = (&'u Credential, CredentialRecord)> {
    let kind = CredentialKind::Other(kind.to_owned());
    let all = user.credentials.iter().filter(move |credential| credential.kind == kind);
    all.filter_map(|credential| CredentialRecord::read(credential).map(|record| (credential, record)))
}

/// A ceremony that was begun: with what, for which type of credential.
#[derive(Clone, Copy)]
pub struct Ceremony<'a> {
    /// The realm, under the policy of this type.
    pub party: &'a RelyingParty,
    /// What was kept when the page was shown. It is to be used once.
    pub challenge: &'a Challenge,
    /// The type of the credential.
    pub kind: &'a str,
}

/// By which authenticator somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The `id` of the credential.
    pub credential: Option<String>,
    /// Whether the authenticator verified the user.
    pub user_verified: bool,
}

/// Why an authenticator was not registered.
#[derive(Debug, Error)]
pub enum WebAuthnSetupError {
    /// The answer of the browser.
    #[error(transparent)]
    Refused(#[from] WebAuthnError),
    /// Another authenticator of the user has the name.
    #[error("the name is that of another authenticator")]
    LabelTaken,
    /// The server cannot say.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl UserAuthentication {
    /// Registers an authenticator under a name. It gives the id of the credential.
    ///
    /// # Errors
    /// What is wrong with the answer or the name; or users cannot be reached.
    pub async fn add_authenticator(
        &self,
        at: &At<'_>,
        user: &User,
        ceremony: Ceremony<'_>,
        (sent, label): (&Registration<'_>, &str),
    ) -> Result<String, WebAuthnSetupError> {
        let known: Vec<_> = authenticators(user, ceremony.kind).map(|(_, record)| record).collect();
        let record = ceremony.party.register(ceremony.challenge, sent, &known)?;
        let id = self.entropy.uuid().to_string();
        let label = Some(label.trim().to_owned()).filter(|label| !label.is_empty());
        let credential = record.to_credential(ceremony.kind, (id.clone(), label, at.now.millis()));
        match self.add_credential(at, user, &credential).await? {
            Added::Yes => Ok(id),
            Added::LabelTaken => Err(WebAuthnSetupError::LabelTaken),
        }
    }

    /// Checks a signature by one of the user's authenticators in a turn of its own.
    ///
    /// # Errors
    /// What is wrong with it, locked, disabled; or the server cannot say.
    pub async fn verify_authenticator(
        &self,
        at: &At<'_>,
        user: &User,
        ceremony: Ceremony<'_>,
        sent: &Assertion<'_>,
    ) -> Result<SignedIn, AuthenticationError> {
        let guard = self.enter(at, user).await?;
        if guard.is_locked() {
            return Err(Refusal::Locked(user.id.clone()).into());
        }
        match self.judge_signature(at, user, ceremony, sent).await? {
            Ok(signed_in) => {
                refuse_disabled(user)?;
                Ok(signed_in)
            }
            Err(error) => refused(&guard, user, error).await,
        }
    }

    async fn judge_signature(
        &self,
        at: &At<'_>,
        user: &User,
        ceremony: Ceremony<'_>,
        sent: &Assertion<'_>,
    ) -> Result<Result<SignedIn, WebAuthnError>, Trouble> {
        let named = authenticators(user, ceremony.kind).find(|(_, record)| record.has_id(sent.credential_id));
        let Some((stored, record)) = named else { return Ok(Err(WebAuthnError::OtherCredential)) };
        let asserted = match ceremony.party.verify(ceremony.challenge, sent, (&record, user.id.as_str())) {
            Ok(asserted) => asserted,
            Err(error) => return Ok(Err(error)),
        };
        let mut counted = true;
        let mut count = |user: &mut UserRecord| counted = put_counter(user, &record, asserted.counter).is_some();
        self.users.change_user(&at.realm.name, &user.id, &mut count).await?;
        let signed_in = SignedIn { credential: stored.id.clone(), user_verified: asserted.user_verified };
        Ok(if counted { Ok(signed_in) } else { Err(WebAuthnError::CounterNotAdvanced) })
    }
}

async fn refused(guard: &Guard<'_>, user: &User, error: WebAuthnError) -> Result<SignedIn, AuthenticationError> {
    guard.record_failure(Factor::First).await?;
    Err(Refusal::WrongSignature(user.id.clone(), error).into())
}

/// Puts the counter of the authenticator into the record as it now is; `None` where somebody has got there first, or the
/// authenticator is gone.
fn put_counter(user: &mut UserRecord, record: &CredentialRecord, counter: u32) -> Option<()> {
    let mut all: Vec<Body> = credentials(user).cloned().collect();
    let is_it = |body: &&mut Body| {
        let stored = compile::credential(&serde_json::Value::Object((**body).clone()));
        let read = stored.as_ref().and_then(CredentialRecord::read);
        read.is_some_and(|read| read.credential_id == record.credential_id && read.counter == record.counter)
    };
    let body = all.iter_mut().find(is_it)?;
    if counter == record.counter {
        return Some(());
    }
    // What else stands in it, as the statement of an export, stays.
    let mut data: Body = serde_json::from_str(text(body, "credentialData")?).ok()?;
    data.insert("counter".to_owned(), counter.into());
    body.insert("credentialData".to_owned(), serde_json::Value::Object(data).to_string().into());
    put_credentials(user, all);
    Some(())
}

#[cfg(test)]
mod tests;
