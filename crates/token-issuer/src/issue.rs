use std::borrow::Cow;
use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::{ClientId, Confirmation, ConfirmationMethod, SessionId};
use realm_model::{Client, Realm, RoleSet, User};
use serde_json::Value;

use crate::GrantedScope;

/// Whom tokens are about, with all roles: made once per request.
#[derive(Clone, Debug)]
pub struct Subject {
    user: Arc<User>,
    roles: RoleSet,
}

impl Subject {
    /// `user` with the roles it has in `realm`, those of groups and composites included.
    pub fn new(realm: &Realm, user: Arc<User>) -> Self {
        let roles = realm.roles_of(&user);
        Self { user, roles }
    }

    /// The user.
    pub fn user(&self) -> &Arc<User> {
        &self.user
    }

    /// All roles of the user.
    pub fn roles(&self) -> &RoleSet {
        &self.roles
    }
}

/// By which grant tokens are issued: the second part of the context in an access token's `jti` (wire.md section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantKind {
    /// `ac`
    AuthorizationCode,
    /// `ro`
    Password,
    /// `rt`
    Refresh,
    /// `cc`
    ClientCredentials,
    /// `te`: RFC 8693.
    TokenExchange,
    /// `dg`: RFC 8628.
    DeviceCode,
    /// `ci`: OpenID Connect CIBA.
    Ciba,
    /// `ag`: RFC 7523 section 2.1.
    JwtAuthorization,
    /// Implicit flow: `na`, and its own access token lifespan.
    Implicit,
    /// `na`
    Other,
}

impl GrantKind {
    /// The two letters in `jti`.
    pub const fn letters(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "ac",
            Self::Password => "ro",
            Self::Refresh => "rt",
            Self::ClientCredentials => "cc",
            Self::TokenExchange => "te",
            Self::DeviceCode => "dg",
            Self::Ciba => "ci",
            Self::JwtAuthorization => "ag",
            Self::Implicit | Self::Other => "na",
        }
    }
}

/// What kind of session tokens belong to: the first part of the context in an access token's `jti`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// `on`
    Online,
    /// `of`
    Offline,
    /// `tr`: nothing is stored; no `sid`, no `session_state`.
    Transient,
    /// `nt`: an access token for a session that another client opened and this one has no part in (token exchange).
    Borrowed,
    /// `ft`: the same for an offline session.
    BorrowedOffline,
}

impl SessionKind {
    /// The two letters in `jti`.
    pub const fn letters(self) -> &'static str {
        match self {
            Self::Online => "on",
            Self::Offline => "of",
            Self::Transient => "tr",
            Self::Borrowed => "nt",
            Self::BorrowedOffline => "ft",
        }
    }
}

/// Notes of a user session, such as `clientAddress` and `AUTH_TIME`: what session-note mappers read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionNotes(Vec<(Cow<'static, str>, String)>);

impl SessionNotes {
    /// The notes of a service account's session: `client_id`, and the peer's address as `clientHost` and `clientAddress`.
    /// Mappers that Keycloak before 20 made read `clientId`.
    pub fn of_service_account(client_id: &str, address: &str) -> Self {
        let notes = Self::default().with("clientHost", address).with("clientAddress", address);
        notes.with("client_id", client_id).with("clientId", client_id)
    }

    /// One note more.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// All notes, name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// The note `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl<K: Into<Cow<'static, str>>, V: Into<String>> FromIterator<(K, V)> for SessionNotes {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(notes: I) -> Self {
        Self(notes.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// The session that tokens belong to.
#[derive(Clone, Debug)]
pub struct SessionFacts {
    /// What kind it is.
    pub kind: SessionKind,
    /// Its id: `sid` and `session_state`. Left out of the tokens where the session is transient.
    pub id: SessionId,
    /// When the user session started.
    pub started: Timestamp,
    /// When it ends at the latest (`maxLife` of wire.md section 4.2, the client session's); `None` = never. Access tokens end with it.
    pub ends: Option<Timestamp>,
    /// Whether the user asked to be remembered.
    pub remember_me: bool,
    /// Its notes.
    pub notes: SessionNotes,
    /// `acr`: `1` after a login, `0` where a session was merely continued.
    pub acr: Cow<'static, str>,
}

/// Whether a refresh token goes with it, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefreshIssue {
    /// None.
    Without,
    /// `typ` `Refresh`.
    Refresh {
        /// `exp`: min(idle, max) of the client session as it is after this use.
        expires: Timestamp,
        /// `reuse_id`, where the realm rotates refresh tokens.
        reuse_id: Option<String>,
    },
    /// `typ` `Offline`.
    Offline {
        /// `exp`, only where offline sessions have a maximum (wire.md section 4.2).
        expires: Option<Timestamp>,
        /// `reuse_id`, where the realm rotates refresh tokens.
        reuse_id: Option<String>,
    },
}

/// What to issue: the answer of a grant. Tokens are made from it by [`crate::TokenIssuer::mint`].
#[derive(Clone, Debug)]
pub struct Issue {
    /// For whom.
    pub subject: Subject,
    /// To which client.
    pub client: Arc<Client>,
    /// The scope of the access token and the ID token.
    pub scope: GrantedScope,
    /// The scope that the refresh token keeps; it differs from `scope` only where a refresh narrowed that.
    pub refresh_scope: GrantedScope,
    /// The session.
    pub session: SessionFacts,
    /// By which grant.
    pub grant: GrantKind,
    /// `nonce` of the authorization request, for the ID token.
    pub nonce: Option<String>,
    /// `claims` of the authorization request (OpenID Connect Core section 5.5), for mappers that honour it in the ID token.
    pub claims_request: Option<Value>,
    /// The refresh token.
    pub refresh: RefreshIssue,
    /// The keys that whoever shows the tokens must hold, each by its own method.
    pub confirmations: Vec<Confirmation>,
    /// The clients that the access token is cut down to (token exchange); all where empty.
    pub audience: Vec<ClientId>,
    /// `req-aud` of the refresh token: what a token exchange asked for. Keycloak: what is refreshed is not cut down to it
    /// (recording token-exchange/requested-refresh).
    pub requested_audience: Vec<ClientId>,
    /// What a token exchange was asked for.
    pub exchanged: Option<ExchangedToken>,
    /// What makes a requesting party token of it (UMA 2.0).
    pub authorization: Option<Authorization>,
}

/// What a requesting party token says beside an access token (UMA 2.0). Its [`Issue::client`] is the resource server.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorization {
    /// The claim `authorization`.
    pub claim: Value,
    /// The client that asked for it, its `azp`. The token is for the resource server alone then. None where the token is refreshed: it
    /// becomes one of the client that asked.
    pub requester: Option<ClientId>,
    /// What stands as `scope` in the refresh token, if not what was granted.
    pub refresh_scope: Option<String>,
}

impl Authorization {
    /// As an earlier refresh token carries it, with its scope.
    pub fn carried(claim: Value, refresh_scope: Option<String>) -> Self {
        Self { claim, requester: None, refresh_scope }
    }
}

/// `issued_token_type` (RFC 8693 section 2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangedToken {
    /// An access token, and an ID token where the scope asks for one.
    Access,
    /// A refresh token beside them.
    Refresh,
    /// An ID token alone, which stands in `access_token`.
    Id,
}

impl ExchangedToken {
    /// The value on the wire (RFC 8693 section 3).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "urn:ietf:params:oauth:token-type:access_token",
            Self::Refresh => "urn:ietf:params:oauth:token-type:refresh_token",
            Self::Id => "urn:ietf:params:oauth:token-type:id_token",
        }
    }
}

impl Issue {
    /// An access token, and an ID token where the scope asks for one; whatever goes beyond that is set afterwards.
    pub fn new(subject: Subject, client: Arc<Client>, scope: GrantedScope, session: SessionFacts, grant: GrantKind) -> Self {
        Self {
            subject,
            client,
            refresh_scope: scope.clone(),
            scope,
            session,
            grant,
            nonce: None,
            claims_request: None,
            refresh: RefreshIssue::Without,
            confirmations: Vec::new(),
            audience: Vec::new(),
            requested_audience: Vec::new(),
            exchanged: None,
            authorization: None,
        }
    }

    /// Whether the access token is bound to the key of a DPoP proof.
    pub(crate) fn is_dpop_bound(&self) -> bool {
        self.confirmations.iter().any(|confirmation| confirmation.method == ConfirmationMethod::Dpop)
    }
}
