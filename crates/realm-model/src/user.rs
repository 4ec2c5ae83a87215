use std::collections::BTreeMap;
use std::fmt;

use oidc_types::{ClientId, Secret, UserId};

use crate::{GroupPath, RoleKey};

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
    /// `secretData`: a JSON text.
    pub secret_data: Secret<String>,
    /// `credentialData`: a JSON text.
    pub credential_data: String,
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
    /// `createdTimestamp`, milliseconds since the epoch.
    pub created_timestamp: Option<i64>,
}

impl User {
    /// The credentials of one kind, best first.
    pub fn credentials_of(&self, kind: &CredentialKind) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().filter(move |c| &c.kind == kind)
    }

    /// The first value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.first().map(String::as_str)
    }
}
