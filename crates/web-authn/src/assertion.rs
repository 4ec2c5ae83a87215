//! Signing in with an authenticator (section 7.2).

use crate::authenticator_data::AuthenticatorData;
use crate::challenge::Challenge;
use crate::client_data::{self, Ceremony, base64url};
use crate::error::WebAuthnError;
use crate::keys::VerifyingKey;
use crate::record::CredentialRecord;
use crate::relying_party::RelyingParty;

/// What a browser sends of a signature: the fields of Keycloak's form.
#[derive(Clone, Copy, Debug, Default)]
pub struct Assertion<'a> {
    /// `clientDataJSON`, base64url.
    pub client_data_json: &'a str,
    /// `authenticatorData`, base64url.
    pub authenticator_data: &'a str,
    /// `signature`, base64url.
    pub signature: &'a str,
    /// `credentialId`, base64url.
    pub credential_id: &'a str,
    /// `userHandle`, base64url: the user's id, where the passkey is discoverable.
    pub user_handle: Option<&'a str>,
}

/// What a true signature says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// The counter that is to be kept with the credential.
    pub counter: u32,
    /// Whether the authenticator verified the user, so that it counts for two factors.
    pub user_verified: bool,
}

impl Assertion<'_> {
    /// The id of the user whom a discoverable passkey names.
    pub fn user(&self) -> Option<String> {
        String::from_utf8(base64url(self.user_handle?)?).ok().filter(|user| !user.is_empty())
    }
}

impl RelyingParty {
    /// Checks a signature by the authenticator `record` of the user with this id.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(
        &self,
        challenge: &Challenge,
        sent: &Assertion<'_>,
        (record, user): (&CredentialRecord, &str),
    ) -> Result<Asserted, WebAuthnError> {
        let handle = sent.user_handle.filter(|handle| !handle.is_empty());
        let is_of_user = handle.is_none() || sent.user().as_deref() == Some(user);
        if !record.has_id(sent.credential_id) || !is_of_user {
            return Err(WebAuthnError::OtherCredential);
        }
        let hash = client_data::check(sent.client_data_json, Ceremony::Get, (self, challenge))?;
        let bytes = base64url(sent.authenticator_data).ok_or(WebAuthnError::AuthenticatorData)?;
        let data = AuthenticatorData::read(&bytes)?;
        data.check(self)?;
        let signature = base64url(sent.signature).ok_or(WebAuthnError::Signature)?;
        let key = VerifyingKey::of(&record.key()?)?;
        if !key.has_signed(&[&bytes[..], &hash].concat(), &signature) {
            return Err(WebAuthnError::Signature);
        }
        // Section 6.1.1: an authenticator that counts counts on.
        let counts = data.counter != 0 || record.counter != 0;
        if counts && data.counter <= record.counter {
            return Err(WebAuthnError::CounterNotAdvanced);
        }
        Ok(Asserted { counter: data.counter, user_verified: data.is_verified() })
    }
}
