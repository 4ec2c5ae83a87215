use oidc_types::ClientId;
use realm_model::SecretTransport;
use thiserror::Error;

/// Why a client is not authenticated. The wire text is one row each in `wire.rs`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ClientAuthError {
    /// Neither header nor form name a client.
    #[error("no client_id")]
    NoClient,
    /// No client of that name.
    #[error("unknown client")]
    Unknown,
    /// The client is switched off.
    #[error("client {0:?} is disabled")]
    Disabled(ClientId),
    /// A confidential client without a secret in the request.
    #[error("client {0:?} sent no secret")]
    SecretMissing(ClientId),
    /// Another secret than the stored one, or none is stored.
    #[error("client {0:?} sent a wrong secret")]
    SecretMismatch(ClientId),
    /// The secret came by a way that the client does not allow.
    #[error("client {client:?} must send its secret by {allowed:?}")]
    TransportNotAllowed {
        /// The client.
        client: ClientId,
        /// The way it allows.
        allowed: SecretTransport,
    },
    /// A half of the Basic credentials is not form-encoded.
    #[error("Basic credentials that are not form-encoded")]
    BasicEncoding,
    /// The body's media type cannot be read.
    #[error("a media type that cannot be read")]
    MediaType,
    /// What is wrong with the assertion of this client.
    #[error("client {0:?}: {1}")]
    Assertion(ClientId, AssertionError),
    /// The client authenticates by a certificate, and this one is not its own, or there is none.
    #[error("client {0:?}: {1}")]
    Certificate(ClientId, CertificateError),
    /// The client authenticates by a method that this server does not have.
    #[error("client {0:?} authenticates by a method that is not served")]
    MethodNotServed(ClientId),
    /// Not an OpenID Connect client.
    #[error("client {0:?} speaks another protocol")]
    OtherProtocol(ClientId),
    /// `bearerOnly`: it gets no tokens.
    #[error("client {0:?} is bearer-only")]
    BearerOnly(ClientId),
    /// What was used once cannot be remembered.
    #[error("sessions are out of reach: {0}")]
    Unavailable(String),
}

impl ClientAuthError {
    /// Keycloak's word in its event about it (asked of 26.7.4); none where it has no event.
    pub const fn event_word(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoClient | Self::Unknown => "client_not_found",
            Self::Disabled(_) => "client_disabled",
            Self::Assertion(_, AssertionError::NoKey(_)) => "client_credentials_setup_required",
            Self::SecretMissing(_)
            | Self::SecretMismatch(_)
            | Self::TransportNotAllowed { .. }
            | Self::BasicEncoding
            | Self::Assertion(..)
            | Self::Certificate(..)
            | Self::MethodNotServed(_) => "invalid_client_credentials",
            Self::OtherProtocol(_) => "invalid_client",
            Self::MediaType | Self::BearerOnly(_) | Self::Unavailable(_) => return None,
        })
    }
}

/// Who signs the assertions of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// The client, with its private key: `private_key_jwt`.
    Key,
    /// The client, with its secret: `client_secret_jwt`.
    Secret,
    /// An identity provider: `federated-jwt`.
    Provider,
}

/// What is wrong with a client assertion (RFC 7523 section 3).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AssertionError {
    /// No `client_assertion_type`.
    #[error("no client_assertion_type")]
    TypeMissing,
    /// `client_assertion_type` is another one than that of RFC 7523. Keeps what was sent: Keycloak says it back.
    #[error("another client_assertion_type")]
    OtherType(Box<str>),
    /// No `client_assertion`.
    #[error("no client_assertion")]
    Missing,
    /// Not a JWT.
    #[error("the assertion is no JWT")]
    Unreadable(SignedBy),
    /// The assertion is another client's than `client_id` says.
    #[error("the assertion is one of another client")]
    OtherClient,
    /// `alg` is none, of another kind than the client's method, or not the one that the client has pinned.
    #[error("the assertion's algorithm is not one that the client may use")]
    Algorithm,
    /// The client has no key of that id, or its keys cannot be had.
    #[error("no key for the assertion: {0}")]
    NoKey(String),
    /// The signature is not one of the client's key.
    #[error("the assertion is not signed as it must be, {0:?}")]
    Signature(SignedBy),
    /// Signed by a key where the client has a secret.
    #[error("the assertion is signed by a key, the client has a secret")]
    KeyForSecret,
    /// `aud` is somebody else.
    #[error("the assertion is for somebody else")]
    Audience,
    /// `aud` has several values.
    #[error("the assertion is for several")]
    ManyAudiences,
    /// Its times.
    #[error(transparent)]
    Lifetime(LifetimeError),
    /// No `jti`.
    #[error("the assertion has no jti")]
    IdMissing,
    /// The `jti` was used before.
    #[error("the assertion was used before")]
    Replayed,
}

/// What is wrong with the times of a client assertion.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LifetimeError {
    /// No `exp`.
    #[error("the assertion has no exp")]
    ExpiryMissing,
    /// `exp` is past or `nbf` to come.
    #[error("the assertion is not active")]
    NotActive,
    /// `exp` is far ahead, and there is no `iat`.
    #[error("the assertion expires too late and has no iat")]
    TooLong,
    /// `iat` is to come.
    #[error("the assertion was issued in the future")]
    Future,
    /// `iat` is too long ago.
    #[error("the assertion was issued too long ago")]
    TooOld,
}

/// Why a certificate is not that of the client (RFC 8705 section 2).
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CertificateError {
    /// The client showed none.
    #[error("no certificate was shown")]
    Missing,
    /// The client declares neither a subject nor keys.
    #[error("the client declares neither x509.subjectdn nor keys")]
    NotDeclared,
    /// Nobody who is trusted has issued it.
    #[error("nobody trusted has issued the certificate")]
    NotTrusted,
    /// Another subject or key than the client declares.
    #[error("the certificate is another one than the client declares")]
    Other,
    /// It cannot be read.
    #[error("the certificate cannot be read")]
    Unreadable,
    /// The keys of the client are out of reach.
    #[error("the client's keys cannot be had")]
    NoKeys,
}
