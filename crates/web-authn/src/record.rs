//! A registered authenticator as Keycloak stores it: credentials of type `webauthn` and `webauthn-passwordless`.

use oidc_types::Secret;
use realm_model::{Credential, CredentialKind};
use serde::{Deserialize, Serialize};

use crate::client_data::base64url;
use crate::cose::{CoseKey, whole_item};
use crate::error::WebAuthnError;

/// The type of a key beside a password.
pub const SECOND_FACTOR: &str = "webauthn";
/// The type of a key instead of a password.
pub const PASSWORDLESS: &str = "webauthn-passwordless";

/// `credentialData`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialRecord {
    /// Which model of authenticator it is, a UUID.
    pub aaguid: String,
    /// Base64; read with either alphabet.
    pub credential_id: String,
    /// Signatures so far, where the authenticator counts them.
    pub counter: u32,
    /// The COSE key, base64url.
    pub credential_public_key: String,
    /// `none`, `packed`, `fido-u2f`; exports have others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation_statement_format: Option<String>,
    /// How browsers reach it: `usb`, `nfc`, `ble`, `internal`, `hybrid`, `smart-card`.
    #[serde(default)]
    pub transports: Vec<String>,
}

impl CredentialRecord {
    /// Of a stored credential; `None` where it is no authenticator that could ever match.
    pub fn read(credential: &Credential) -> Option<Self> {
        let CredentialKind::Other(kind) = &credential.kind else { return None };
        let known = kind == SECOND_FACTOR || kind == PASSWORDLESS;
        serde_json::from_str(&credential.credential_data).ok().filter(|_| known)
    }

    /// The credential of this type ([`SECOND_FACTOR`], [`PASSWORDLESS`]) as it is stored.
    pub fn to_credential(&self, kind: &str, (id, label, made): (String, Option<String>, i64)) -> Credential {
        Credential {
            id: Some(id),
            kind: CredentialKind::Other(kind.to_owned()),
            label,
            created_date: Some(made),
            secret_data: Secret::new("{}".to_owned()),
            credential_data: serde_json::to_string(self).unwrap_or_default(),
        }
    }

    /// The credential's id, as browsers have it: base64url. Empty where it cannot be read.
    pub fn id_for_browsers(&self) -> String {
        self.id().map(|id| base64_simd::URL_SAFE_NO_PAD.encode_to_string(id)).unwrap_or_default()
    }

    /// Whether a browser names this credential (base64url).
    pub fn has_id(&self, sent: &str) -> bool {
        let own = self.id().filter(|id| !id.is_empty());
        own.is_some() && own == base64url(sent)
    }

    fn id(&self) -> Option<Vec<u8>> {
        base64(&self.credential_id)
    }

    pub(crate) fn key(&self) -> Result<CoseKey, WebAuthnError> {
        let bytes = base64(&self.credential_public_key).ok_or(WebAuthnError::PublicKey)?;
        CoseKey::read(&whole_item(&bytes).ok_or(WebAuthnError::PublicKey)?)
    }
}

/// With either alphabet, with padding or without.
fn base64(text: &str) -> Option<Vec<u8>> {
    let swapped: String = text
        .chars()
        .map(|letter| match letter {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect();
    base64url(&swapped)
}
