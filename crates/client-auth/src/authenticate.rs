use std::sync::Arc;

use oidc_types::{ClientId, Secret};
use outbound_http::Outbound;
use realm_http::RealmContext;
use realm_model::{Client, ClientAuthenticator, Protocol, SecretTransport};
use sessions::Sessions;
use thiserror::Error;

use crate::Presented;
use crate::presented::Claim;

/// Says which client is calling; one for all realms.
#[derive(Clone)]
pub struct ClientAuth {
    #[expect(dead_code, reason = "assertions are single-use")]
    sessions: Sessions,
    #[expect(dead_code, reason = "keys of clients by URL")]
    outbound: Outbound,
}

/// How a client showed who it is. Assertions and certificates will be further methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `client_secret_basic`, `client_secret_post`
    Secret(SecretTransport),
    /// `none`: a public client says only its name.
    None,
}

/// A client that is who it says.
#[derive(Clone, Debug)]
pub struct Authenticated {
    client: Arc<Client>,
    method: Method,
}

impl Authenticated {
    /// The client.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Refuses a client that gets no tokens, whoever it is: of another protocol, or bearer-only.
    ///
    /// # Errors
    /// [`ClientAuthError::OtherProtocol`], [`ClientAuthError::BearerOnly`].
    pub fn refuse_without_tokens(&self) -> Result<(), ClientAuthError> {
        refuse_other_protocol(&self.client)?;
        refuse_bearer_only(&self.client)
    }

    /// How it was authenticated.
    pub fn method(&self) -> Method {
        self.method
    }
}

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
    /// The client authenticates by an assertion and sent none.
    #[error("client {0:?} sent no assertion")]
    AssertionMissing(ClientId),
    /// The client authenticates by a method that this server does not have.
    #[error("client {0:?} authenticates by a method that is not served")]
    MethodNotServed(ClientId),
    /// Not an OpenID Connect client.
    #[error("client {0:?} speaks another protocol")]
    OtherProtocol(ClientId),
    /// `bearerOnly`: it gets no tokens.
    #[error("client {0:?} is bearer-only")]
    BearerOnly(ClientId),
}

impl ClientAuth {
    /// Over `sessions`, where what may be used once is marked, and `outbound`, by which keys of clients are fetched.
    pub fn new(sessions: Sessions, outbound: Outbound) -> Self {
        Self { sessions, outbound }
    }

    /// Finds out which client of the request's realm is calling, for endpoints that give or end tokens: bearer-only clients
    /// have none.
    ///
    /// # Errors
    /// [`ClientAuthError`], in the order of wire.md section 1.3.
    pub async fn authenticate(&self, request: &RealmContext, presented: Presented<'_>) -> Result<Authenticated, ClientAuthError> {
        let caller = self.identify(request, presented).await?;
        caller.refuse_without_tokens()?;
        Ok(caller)
    }

    /// Finds out which client of the request's realm is calling, be it a bearer-only one: introspection.
    ///
    /// # Errors
    /// [`ClientAuthError`], in the order of wire.md section 1.3.
    pub async fn authenticate_any(
        &self,
        request: &RealmContext,
        presented: Presented<'_>,
    ) -> Result<Authenticated, ClientAuthError> {
        let caller = self.identify(request, presented).await?;
        refuse_other_protocol(&caller.client)?;
        Ok(caller)
    }

    /// Finds out which client of the request's realm is calling, whatever its kind: where something is to be judged before
    /// [`Authenticated::refuse_without_tokens`].
    ///
    /// # Errors
    /// [`ClientAuthError`], in the order of wire.md section 1.3.
    pub async fn identify(&self, request: &RealmContext, presented: Presented<'_>) -> Result<Authenticated, ClientAuthError> {
        let claim = presented.claim()?;
        judge(request, &claim)
    }
}

fn judge(request: &RealmContext, claim: &Claim) -> Result<Authenticated, ClientAuthError> {
    let realm = &request.realm;
    let found = realm.client(&claim.client_id);
    // The comparison is made whether or not there is such a client, so that the time it takes does not tell.
    let secret = SecretJudgement::of(found.map(|client| &**client), claim);
    let client = refuse_unknown(found, claim)?;
    refuse_disabled(client)?;
    let method = match client.authenticator {
        _ if client.public => Method::None, // Keycloak: whatever secret comes with it is ignored
        ClientAuthenticator::ClientSecret => secret.judge(client)?,
        ClientAuthenticator::ClientJwt | ClientAuthenticator::ClientSecretJwt => {
            return Err(ClientAuthError::AssertionMissing(client.client_id.clone()));
        }
        ClientAuthenticator::ClientX509 | ClientAuthenticator::Other => {
            return Err(ClientAuthError::MethodNotServed(client.client_id.clone()));
        }
    };
    Ok(Authenticated { client: Arc::clone(client), method })
}

fn refuse_unknown<'a>(found: Option<&'a Arc<Client>>, claim: &Claim) -> Result<&'a Arc<Client>, ClientAuthError> {
    found.ok_or(if claim.client_id.is_empty() { ClientAuthError::NoClient } else { ClientAuthError::Unknown })
}

fn refuse_disabled(client: &Client) -> Result<(), ClientAuthError> {
    if client.enabled { Ok(()) } else { Err(ClientAuthError::Disabled(client.client_id.clone())) }
}

fn refuse_other_protocol(client: &Client) -> Result<(), ClientAuthError> {
    match client.protocol {
        Protocol::OpenidConnect => Ok(()),
        Protocol::Saml | Protocol::Other => Err(ClientAuthError::OtherProtocol(client.client_id.clone())),
    }
}

fn refuse_bearer_only(client: &Client) -> Result<(), ClientAuthError> {
    if client.bearer_only { Err(ClientAuthError::BearerOnly(client.client_id.clone())) } else { Ok(()) }
}

/// How the secret of the request compares with that of the client.
enum SecretJudgement {
    Missing,
    Sent { by: SecretTransport, matches: bool },
}

impl SecretJudgement {
    fn of(client: Option<&Client>, claim: &Claim) -> Self {
        let Some((by, sent)) = &claim.secret else { return Self::Missing };
        let nobodys = Secret::new(String::new());
        let stored = client.and_then(|client| client.secret.as_ref()).unwrap_or(&nobodys);
        let matches = stored.matches(sent.expose().as_bytes()) && !stored.expose().is_empty();
        Self::Sent { by: *by, matches }
    }

    fn judge(self, client: &Client) -> Result<Method, ClientAuthError> {
        let id = || client.client_id.clone();
        match self {
            Self::Missing => Err(ClientAuthError::SecretMissing(id())),
            Self::Sent { by, .. } if client.secret_transport.is_some_and(|allowed| allowed != by) => {
                Err(ClientAuthError::TransportNotAllowed { client: id(), allowed: client.secret_transport.unwrap_or(by) })
            }
            Self::Sent { matches: false, .. } => Err(ClientAuthError::SecretMismatch(id())),
            Self::Sent { by, matches: true } => Ok(Method::Secret(by)),
        }
    }
}
