use std::collections::BTreeMap;
use std::fmt;

use oidc_types::{ClientId, Secret, UserId};
use sha2::{Digest, Sha256};

use crate::{Consent, GroupPath, RoleKey};

/// What kind of credential it is (`type`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// `password`
    Password,
    /// `otp`
    Otp,
    /// `contactless-card`: the SHA-256 of an RFID card's serial (docs/spms.md).
    ContactlessCard,
    /// Any other: carried, not used here.
    Other(String),
}

/// A credential as Keycloak stores it: two JSON texts, one of them secret.
#[derive(Clone)]
pub struct Credential {
    /// `id`
    pub id: Option<String>,
    /// `type`
    pub kind: CredentialKind,
    /// `userLabel`
    pub label: Option<String>,
    /// `createdDate`, milliseconds since the epoch.
    pub created_date: Option<i64>,
    /// `secretData`: a JSON text.
    pub secret_data: Secret<String>,
    /// `credentialData`: a JSON text.
    pub credential_data: String,
}

/// `credentialData` of a password that is not hashed yet. No stored credential looks like it.
const PLAIN: &str = r#"{"hashIterations":0,"algorithm":"plain","additionalParameters":{}}"#;

impl Credential {
    /// A password as it stands in a hand-written realm file. Hashing all of them would hold up the start by 10 ms each, so
    /// they are kept as they are, in memory only: whoever verifies one for the first time hashes it before it compares (so
    /// that the answer takes as long as any other) and replaces it in the store (`realm-store`, `replace_credential`).
    pub fn plain_password(password: &str) -> Self {
        let secret_data = serde_json::json!({ "value": password }).to_string();
        Self {
            id: None,
            kind: CredentialKind::Password,
            label: None,
            created_date: None,
            secret_data: Secret::new(secret_data),
            credential_data: PLAIN.to_owned(),
        }
    }

    /// The password of [`Credential::plain_password`]; `None` where the credential is hashed.
    pub fn plain(&self) -> Option<Secret<String>> {
        if self.kind != CredentialKind::Password || self.credential_data != PLAIN {
            return None;
        }
        self.secret_value().map(Secret::new)
    }

    /// Whether `other` is the same: the two texts are what a credential is; `id` and label are not compared.
    pub fn is_same(&self, other: &Self) -> bool {
        let secret = other.secret_data.expose().as_bytes();
        self.kind == other.kind && self.credential_data == other.credential_data && self.secret_data.matches(secret)
    }

    /// An RFID card: only the SHA-256 of its serial is kept.
    pub fn contactless_card(serial: &str) -> Self {
        Self {
            id: None,
            kind: CredentialKind::ContactlessCard,
            label: None,
            created_date: None,
            secret_data: Secret::new(serde_json::json!({ "value": hash_card(serial) }).to_string()),
            credential_data: r#"{"algorithm":"sha256"}"#.to_owned(),
        }
    }

    /// The hash of the card, as [`hash_card`] makes it; `None` where it is no card.
    pub fn card_hash(&self) -> Option<String> {
        if self.kind == CredentialKind::ContactlessCard { self.secret_value() } else { None }
    }

    fn secret_value(&self) -> Option<String> {
        let data: SecretData = serde_json::from_str(self.secret_data.expose()).ok()?;
        Some(data.value)
    }
}

#[derive(serde::Deserialize)]
struct SecretData {
    value: String,
}

/// What is kept of a card and what it is found by: SHA-256 of its serial, in lower-case hex.
pub fn hash_card(serial: &str) -> String {
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(serial.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("kind", &self.kind).field("label", &self.label).finish_non_exhaustive()
    }
}

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// `id`
    pub id: UserId,
    /// `username`, in lower case.
    pub username: String,
    /// `email`, in lower case.
    pub email: Option<String>,
    /// `emailVerified`
    pub email_verified: bool,
    /// `enabled`
    pub enabled: bool,
    /// `firstName`
    pub first_name: Option<String>,
    /// `lastName`
    pub last_name: Option<String>,
    /// `attributes`
    pub attributes: BTreeMap<String, Vec<String>>,
    /// `credentials`, best first.
    pub credentials: Vec<Credential>,
    /// `requiredActions`
    pub required_actions: Vec<String>,
    /// Roles given directly (`realmRoles`, `clientRoles`).
    pub roles: Vec<RoleKey>,
    /// `groups`, by path.
    pub groups: Vec<GroupPath>,
    /// `notBefore`, seconds since the epoch.
    pub not_before: i64,
    /// `serviceAccountClientId`
    pub service_account_client: Option<ClientId>,
    /// `clientConsents`: to which client the user has granted which client scopes.
    pub consents: Vec<Consent>,
    /// `createdTimestamp`, milliseconds since the epoch.
    pub created_timestamp: Option<i64>,
}

impl User {
    /// The credentials of one kind, best first.
    pub fn credentials_of(&self, kind: &CredentialKind) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().filter(move |c| &c.kind == kind)
    }

    /// Whether the user has granted a client the client scope `scope`.
    pub fn has_consented(&self, client: &str, scope: &str) -> bool {
        let to_client = self.consents.iter().filter(|consent| consent.client.as_str() == client);
        to_client.flat_map(|consent| &consent.scopes).any(|granted| &**granted == scope)
    }

    /// The first value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.first().map(String::as_str)
    }
}
