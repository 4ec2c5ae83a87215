//! What must hold of a client assertion, in Keycloak's order (wire.md section 1.3).

use std::sync::Arc;

use ambient::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use key_rotation::{Algorithm, VerifyError};
use realm_http::RealmContext;
use realm_model::Client;
use sessions::SingleUse;
use sha2::{Sha256, Sha384, Sha512};

use crate::assertion::{Assertion, Claims};
use crate::authenticate::ClientAuth;
use crate::federated::Provider;
use crate::lifetime::Lifetime;
use crate::remote_keys::{RemoteKeyError, Signed};
use crate::{AssertionError, ClientAuthError, SignedBy};

/// Seconds that the clock of a client may be ahead. Keycloak: measured on 26.7.4.
const AHEAD_SECS: i64 = 15;
/// `token.endpoint.auth.signing.max.exp` where a client does not say.
const LONGEST_SECS: i64 = 60;
/// Endpoints whose URL is as good an audience as the issuer. Keycloak: not that of revocation (recording
/// client-authentication/private-key-jwt-aud-other-endpoints).
const ENDPOINTS: [&str; 4] = ["token", "token/introspect", "ext/par/request", "ext/ciba/auth"];

/// Judges an assertion about a client.
pub(crate) struct Judge<'a> {
    pub(crate) client_auth: &'a ClientAuth,
    pub(crate) request: &'a RealmContext,
    pub(crate) client: &'a Arc<Client>,
    pub(crate) signer: Signer<'a>,
}

/// Who must have signed it.
pub(crate) enum Signer<'a> {
    Key,
    Secret,
    Provider(Provider<'a>),
}

impl Signer<'_> {
    pub(crate) const fn signed_by(&self) -> SignedBy {
        match self {
            Self::Key => SignedBy::Key,
            Self::Secret => SignedBy::Secret,
            Self::Provider(_) => SignedBy::Provider,
        }
    }
}

/// What a judgement ends with.
pub(crate) enum Fault {
    Assertion(AssertionError),
    Store(String),
}

impl From<AssertionError> for Fault {
    fn from(error: AssertionError) -> Self {
        Self::Assertion(error)
    }
}

impl Fault {
    pub(crate) fn of(self, client: &Client) -> ClientAuthError {
        match self {
            Self::Assertion(error) => ClientAuthError::Assertion(client.client_id.clone(), error),
            Self::Store(told) => ClientAuthError::Unavailable(told),
        }
    }
}

impl Judge<'_> {
    pub(crate) async fn judge(&self, assertion: &Assertion<'_>) -> Result<(), Fault> {
        let algorithm = self.refuse_other_algorithm(assertion)?;
        self.refuse_other_signature(assertion, algorithm).await?;
        refuse_other_audience(&assertion.claims, &|audience| self.is_this_server(audience))?;
        let until = self.lifetime().judge(assertion.claims.times(), self.request.now.secs()).map_err(AssertionError::Lifetime)?;
        match &self.signer {
            Signer::Provider(provider) if !provider.is_single_use() => Ok(()),
            _ => self.refuse_replay(&assertion.claims, until).await,
        }
    }

    fn lifetime(&self) -> Lifetime {
        if let Signer::Provider(provider) = &self.signer {
            return provider.lifetime();
        }
        let longest = self.client.number("token.endpoint.auth.signing.max.exp").filter(|longest| *longest > 0);
        Lifetime { longest: longest.unwrap_or(LONGEST_SECS), ahead: AHEAD_SECS }
    }

    /// The algorithm must be of the client's kind, so that a public key is never taken for a secret, and the pinned one where
    /// one is pinned (`token.endpoint.auth.signing.alg`).
    fn refuse_other_algorithm(&self, assertion: &Assertion<'_>) -> Result<Algorithm, AssertionError> {
        let algorithm = assertion.algorithm.ok_or(AssertionError::Algorithm)?;
        let pinned = self.client.attribute("token.endpoint.auth.signing.alg");
        if pinned.is_some_and(|pinned| pinned != "any" && pinned != algorithm.as_str()) {
            return Err(AssertionError::Algorithm);
        }
        match (&self.signer, algorithm.is_symmetric()) {
            (Signer::Key | Signer::Provider(_), true) => Err(AssertionError::Algorithm),
            (Signer::Secret, false) => Err(AssertionError::KeyForSecret),
            _ => Ok(algorithm),
        }
    }

    async fn refuse_other_signature(&self, assertion: &Assertion<'_>, algorithm: Algorithm) -> Result<(), AssertionError> {
        let (signed, now) = (assertion.signed(algorithm), self.request.now);
        let keys = &self.client_auth.keys;
        match &self.signer {
            Signer::Secret => {
                let secret = self.client.secret.as_ref().map(|secret| secret.expose().as_bytes()).unwrap_or_default();
                let fits = !secret.is_empty() && is_hmac(algorithm, secret, assertion);
                if fits { Ok(()) } else { Err(AssertionError::Signature(SignedBy::Secret)) }
            }
            Signer::Key => match keys.verify((&self.request.realm.name, self.client), signed, now).await {
                Ok(()) => Ok(()),
                Err(RemoteKeyError::Verify(VerifyError::UnknownKey)) => Err(AssertionError::NoKey("unknown".to_owned())),
                // Keycloak: a key id that is known with another algorithm is a wrong signature (measured on 26.7.4).
                Err(RemoteKeyError::Verify(_)) => Err(AssertionError::Signature(SignedBy::Key)),
                Err(error) => Err(AssertionError::NoKey(error.to_string())),
            },
            Signer::Provider(provider) => {
                let at = provider.keys().ok_or(AssertionError::Signature(SignedBy::Provider))?;
                let verified = keys.remote.verify(at, signed, now).await;
                verified.map_err(|_| AssertionError::Signature(SignedBy::Provider))
            }
        }
    }

    /// Whether an audience is the issuer under one of its names, or an endpoint below it.
    fn is_this_server(&self, audience: &str) -> bool {
        let request = self.request;
        let accepts = |base: &str| request.accepts_issuer(base) || request.back_url() == base;
        match audience.split_once("/protocol/openid-connect/") {
            None => accepts(audience),
            Some(_) if matches!(self.signer, Signer::Provider(_)) => false,
            Some((base, endpoint)) => ENDPOINTS.contains(&endpoint) && accepts(base),
        }
    }

    /// Whether the assertion is used for the first time. Ids are each client's own: nobody can use up another's.
    async fn refuse_replay(&self, claims: &Claims, until: i64) -> Result<(), Fault> {
        let id = claims.id.as_deref().ok_or(AssertionError::IdMissing)?;
        let id = format!("{} {id}", self.client.client_id);
        let used = (SingleUse::ClientAssertion, &self.request.realm.name, id.as_str());
        let marked = self.client_auth.sessions.mark_used(used, Timestamp::from_secs(until), self.request.now).await;
        match marked {
            Ok(true) => Ok(()),
            Ok(false) => Err(AssertionError::Replayed.into()),
            Err(error) => Err(Fault::Store(error.to_string())),
        }
    }
}

impl Assertion<'_> {
    pub(crate) fn signed(&self, algorithm: Algorithm) -> Signed<'_> {
        Signed { kid: self.kid.as_deref(), algorithm, input: self.signing_input, signature: &self.signature }
    }
}

/// One audience, and this server.
pub(crate) fn refuse_other_audience(claims: &Claims, is_this_server: &dyn Fn(&str) -> bool) -> Result<(), AssertionError> {
    match claims.audience.as_slice() {
        [one] if is_this_server(one) => Ok(()),
        [] | [_] => Err(AssertionError::Audience),
        _ => Err(AssertionError::ManyAudiences),
    }
}

/// Keycloak: a secret may be shorter than RFC 7518 section 3.2 asks for (measured on 26.7.4).
fn is_hmac(algorithm: Algorithm, secret: &[u8], assertion: &Assertion<'_>) -> bool {
    fn verifies<M: Mac + KeyInit>(secret: &[u8], assertion: &Assertion<'_>) -> bool {
        <M as KeyInit>::new_from_slice(secret)
            .is_ok_and(|mac| mac.chain_update(assertion.signing_input).verify_slice(&assertion.signature).is_ok())
    }
    match algorithm {
        Algorithm::Hs256 => verifies::<Hmac<Sha256>>(secret, assertion),
        Algorithm::Hs384 => verifies::<Hmac<Sha384>>(secret, assertion),
        Algorithm::Hs512 => verifies::<Hmac<Sha512>>(secret, assertion),
        _ => false,
    }
}
