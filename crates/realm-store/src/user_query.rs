use realm_model::document::Key;

/// Which users: Keycloak's search parameters (shared wire-admin.md section 4). All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// `search`: words, each a prefix of username, e-mail, first or last name; `*x*` a part, `"x"` the whole. Any case.
    pub search: Option<String>,
    /// `username`
    pub username: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `firstName`
    pub first_name: Option<String>,
    /// `lastName`
    pub last_name: Option<String>,
    /// `exact`: whether the four above are the whole text or a part of it (any case).
    pub matching: Matching,
    /// `emailVerified`
    pub email_verified: Option<bool>,
    /// `enabled`
    pub enabled: Option<bool>,
    /// `q`: attributes by name and value, any case.
    pub attributes: Vec<(String, String)>,
    /// `idpAlias`
    pub identity_provider: Option<String>,
    /// `idpUserId`
    pub identity_provider_user: Option<String>,
    /// Only direct members of this group, or holders of this role.
    pub member_of: Option<Key>,
    /// Whether service accounts are among them.
    pub service_accounts: ServiceAccounts,
    /// Only these ids (empty: all).
    pub ids: Vec<String>,
    /// `first`: how many to leave out.
    pub first: u64,
    /// `max`: how many at most.
    pub max: Option<u64>,
}

/// How a text is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// As a part, any case.
    #[default]
    Part,
    /// As the whole.
    Whole,
}

/// Whether service accounts are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceAccounts {
    /// They are left out.
    #[default]
    Leave,
    /// They are users like others.
    Include,
}
