use std::sync::Arc;

use ambient::Timestamp;
use key_rotation::{Algorithm, PublicKeySet};
use oidc_types::{RealmName, Secret};
use outbound_http::{Outbound, OutboundError};
use realm_http::RealmContext;
use realm_model::{Client, ClientAuthenticator, Protocol, Realm, SecretTransport};
use sessions::Sessions;

use crate::assertion::{Assertion, Claims};
use crate::certificate;
use crate::client_keys::ClientKeys;
use crate::federated::Provider;
use crate::judge::{Judge, Signer};
use crate::presented::Claim;
use crate::{AssertionError, ClientAuthError, KeysAt, Presented, RemoteKeyError, Signed, SignedBy};

/// Says which client is calling; one for all realms.
#[derive(Clone)]
pub struct ClientAuth {
    pub(crate) sessions: Sessions,
    pub(crate) keys: Arc<ClientKeys>,
}

/// How a client showed who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `client_secret_basic`, `client_secret_post`
    Secret(SecretTransport),
    /// `private_key_jwt`, `client_secret_jwt`, or an identity provider's assertion about it.
    Assertion(SignedBy),
    /// `tls_client_auth`, `self_signed_tls_client_auth`
    Certificate,
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

impl ClientAuth {
    /// Over `sessions`, where what may be used once is marked, and `outbound`, by which keys of clients are fetched.
    pub fn new(sessions: Sessions, outbound: Outbound) -> Self {
        Self { sessions, keys: Arc::new(ClientKeys::new(outbound)) }
    }

    /// The document that a client keeps at `url`, one that is registered for it: request objects (RFC 9101 section 5.2.3).
    ///
    /// # Errors
    /// [`OutboundError`]
    pub async fn fetch(&self, url: &str) -> Result<String, OutboundError> {
        let body = self.keys.remote.outbound().get(url, "application/oauth-authz-req+jwt, application/jwt, */*;q=0.5").await?;
        Ok(String::from_utf8_lossy(&body).trim().to_owned())
    }

    /// Whether `signed` is signed by a key that `client` of `realm` declares: request objects.
    ///
    /// # Errors
    /// [`RemoteKeyError`]
    pub async fn verify_signature(
        &self,
        (realm, client): (&RealmName, &Arc<Client>),
        signed: Signed<'_>,
        now: Timestamp,
    ) -> Result<(), RemoteKeyError> {
        self.keys.verify((realm, client), signed, now).await
    }

    /// Whether `signed` is signed by a key that stands at that place: of an identity provider, say.
    ///
    /// # Errors
    /// [`RemoteKeyError`]
    pub async fn verify_at(&self, at: KeysAt<'_>, signed: Signed<'_>, now: Timestamp) -> Result<(), RemoteKeyError> {
        self.keys.remote.verify(at, signed, now).await
    }

    /// The keys that `client` of `realm` declares, with one among them to encrypt to with `algorithm`.
    ///
    /// # Errors
    /// [`RemoteKeyError`]; [`RemoteKeyError::Verify`] where there is no such key.
    pub async fn encryption_keys(
        &self,
        (realm, client): (&RealmName, &Arc<Client>),
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<PublicKeySet>, RemoteKeyError> {
        self.keys.for_encryption((realm, client), algorithm, now).await
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
        let Some(named) = claim.client_id.as_deref() else {
            return match presented.assertion() {
                Ok(assertion) => self.by_assertion_alone(request, assertion, None).await,
                Err(_) => Err(ClientAuthError::NoClient),
            };
        };
        let found = request.realm.client(named);
        // The comparison is made whether or not there is such a client, so that the time it takes does not tell.
        let secret = SecretJudgement::of(found.map(|client| &**client), &claim, request.now);
        let client = refuse_unknown(found, named)?;
        refuse_disabled(client)?;
        let method = match client.authenticator {
            _ if client.public => Method::None, // Keycloak: whatever secret or assertion comes with it is ignored
            ClientAuthenticator::ClientSecret => secret.judge(client)?,
            ClientAuthenticator::ClientJwt => self.by_assertion(request, client, Signer::Key, presented).await?,
            ClientAuthenticator::ClientSecretJwt => self.by_assertion(request, client, Signer::Secret, presented).await?,
            ClientAuthenticator::FederatedJwt => {
                // Keycloak: where there is no assertion of a provider about a client, there is no such client.
                let assertion = presented.assertion().map_err(|_| unvouched(client))?;
                return self.by_assertion_alone(request, assertion, Some(client)).await;
            }
            ClientAuthenticator::ClientX509 => self.by_certificate(request, client).await?,
            ClientAuthenticator::Other => return Err(ClientAuthError::MethodNotServed(client.client_id.clone())),
        };
        Ok(Authenticated { client: Arc::clone(client), method })
    }

    /// The client that an assertion names, where nothing else does; `named` is a client of `federated-jwt` that said its name.
    async fn by_assertion_alone(
        &self,
        request: &RealmContext,
        assertion: &str,
        named: Option<&Arc<Client>>,
    ) -> Result<Authenticated, ClientAuthError> {
        let nobody = || named.map_or(ClientAuthError::Unknown, |named| unvouched(named));
        let assertion = Assertion::parse(assertion).ok_or_else(nobody)?;
        let (client, signer) = match subject(&request.realm, &assertion.claims).filter(|_| named.is_none()) {
            Some(client) => match client.authenticator {
                _ if client.public => return Err(ClientAuthError::Unknown),
                ClientAuthenticator::ClientJwt => (client, Signer::Key),
                ClientAuthenticator::ClientSecretJwt => (client, Signer::Secret),
                _ => return Err(ClientAuthError::Unknown),
            },
            None => {
                let (provider, client) = Provider::and_client(&request.realm, &assertion.claims).ok_or_else(nobody)?;
                (client, Signer::Provider(provider))
            }
        };
        refuse_disabled(client)?;
        if named.is_some_and(|named| named.client_id != client.client_id) {
            return Err(ClientAuthError::Assertion(client.client_id.clone(), AssertionError::OtherClient));
        }
        let method = Method::Assertion(signer.signed_by());
        let judged = Judge { client_auth: self, request, client, signer }.judge(&assertion).await;
        judged.map_err(|fault| fault.of(client))?;
        Ok(Authenticated { client: Arc::clone(client), method })
    }

    /// A client that said its name and authenticates by an assertion of its own.
    async fn by_assertion(
        &self,
        request: &RealmContext,
        client: &Arc<Client>,
        signer: Signer<'_>,
        presented: Presented<'_>,
    ) -> Result<Method, ClientAuthError> {
        let fault = |fault| ClientAuthError::Assertion(client.client_id.clone(), fault);
        let signed_by = signer.signed_by();
        let assertion = presented.assertion().map_err(fault)?;
        let assertion = Assertion::parse(assertion).ok_or_else(|| fault(AssertionError::Unreadable(signed_by)))?;
        let subject = subject(&request.realm, &assertion.claims).ok_or(ClientAuthError::Unknown)?;
        if subject.client_id != client.client_id {
            return Err(fault(AssertionError::OtherClient));
        }
        let judged = Judge { client_auth: self, request, client, signer }.judge(&assertion).await;
        judged.map_err(|fault| fault.of(client))?;
        Ok(Method::Assertion(signed_by))
    }

    /// A client that said its name and authenticates by its certificate (RFC 8705 section 2).
    async fn by_certificate(&self, request: &RealmContext, client: &Arc<Client>) -> Result<Method, ClientAuthError> {
        let judged = certificate::judge(&self.keys, request, client).await;
        judged.map_err(|fault| ClientAuthError::Certificate(client.client_id.clone(), fault))?;
        Ok(Method::Certificate)
    }
}

/// No identity provider says that it is this client.
fn unvouched(client: &Client) -> ClientAuthError {
    ClientAuthError::Assertion(client.client_id.clone(), AssertionError::Signature(SignedBy::Provider))
}

/// Whom a client's own assertion is about: it is issued by its subject (RFC 7523 section 3).
fn subject<'a>(realm: &'a Realm, claims: &Claims) -> Option<&'a Arc<Client>> {
    let subject = claims.subject.as_deref().filter(|subject| claims.issuer.as_deref() == Some(*subject))?;
    realm.client(subject)
}

fn refuse_unknown<'a>(found: Option<&'a Arc<Client>>, named: &str) -> Result<&'a Arc<Client>, ClientAuthError> {
    found.ok_or(if named.is_empty() { ClientAuthError::NoClient } else { ClientAuthError::Unknown })
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
    fn of(client: Option<&Client>, claim: &Claim, now: Timestamp) -> Self {
        let Some((by, sent)) = &claim.secret else { return Self::Missing };
        let nobodys = Secret::new(String::new());
        let stored = client.and_then(|client| client.secret.as_ref()).unwrap_or(&nobodys);
        let matches = |stored: &Secret<String>| stored.matches(sent.expose().as_bytes()) && !stored.expose().is_empty();
        let rotated = client.and_then(|client| rotated_secret(client, now)).is_some_and(|rotated| matches(&rotated));
        Self::Sent { by: *by, matches: matches(stored) | rotated }
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

/// The secret before this one, within its grace. Keycloak: the executor `secret-rotation` of client policies writes both.
fn rotated_secret(client: &Client, now: Timestamp) -> Option<Secret<String>> {
    let rotated = client.attribute("client.secret.rotated")?;
    let until = client.number("client.secret.rotated.expiration.time")?;
    (now.secs() < until).then(|| Secret::new(rotated.to_owned()))
}
