use std::sync::Arc;

use ambient::Timestamp;
use arc_swap::ArcSwap;
use key_rotation::{Algorithm, PublicKeySet, VerifyError};
use outbound_http::{Outbound, OutboundError};
use quick_cache::sync::Cache;
use serde::Deserialize;
use thiserror::Error;
use tokio::sync::Mutex;

/// A set is fetched anew at the latest after so many seconds.
// Keycloak: public-key-storage, maxCacheTime.
const MAX_AGE_SECS: i64 = 24 * 3600;
/// A set is asked for at most once in so many seconds, whatever keys are asked for: a stranger must not make this server call
/// others. Keycloak: public-key-storage, minTimeBetweenRequests.
const PAUSE_SECS: i64 = 10;
/// Sets that are kept; the longest unused gives way.
const MOST_SETS: usize = 1000;

/// Key sets that stand at URLs (`jwks_uri`): fetched when they are first needed, again for a key that is not among them, and
/// kept.
pub struct RemoteKeys {
    outbound: Outbound,
    sets: Cache<String, Arc<RemoteSet>>,
}

/// Why a signature could not be verified by keys at a URL.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RemoteKeyError {
    /// The keys cannot be had.
    #[error(transparent)]
    Fetch(#[from] OutboundError),
    /// What stands there is no JWK set.
    #[error("there is no JWK set at that URL")]
    NoKeySet,
    /// The signature, or no key for it.
    #[error(transparent)]
    Verify(VerifyError),
}

#[derive(Default)]
struct RemoteSet {
    state: ArcSwap<State>,
    /// Held while somebody fetches, so that one request stands for all that wait.
    turn: Mutex<()>,
}

#[derive(Clone, Default)]
struct State {
    set: Option<Arc<PublicKeySet>>,
    fetched: i64,
    tried: Option<i64>,
    failure: Option<RemoteKeyError>,
}

/// Where a key set is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysAt<'a> {
    /// At this URL.
    Url(&'a str),
    /// Where the discovery document of this issuer says (`jwks_uri`, OpenID Connect Discovery section 4).
    Issuer(&'a str),
}

impl KeysAt<'_> {
    const fn text(self) -> &'static str {
        match self {
            Self::Url(_) => "url",
            Self::Issuer(_) => "issuer",
        }
    }

    fn place(self) -> String {
        let (Self::Url(at) | Self::Issuer(at)) = self;
        format!("{} {at}", self.text())
    }
}

#[derive(Deserialize)]
struct DiscoveryDocument {
    issuer: String,
    jwks_uri: String,
}

/// A signature to verify.
#[derive(Clone, Copy)]
pub struct Signed<'a> {
    /// `kid`, where the token names one.
    pub kid: Option<&'a str>,
    /// `alg`
    pub algorithm: Algorithm,
    /// What it is over.
    pub input: &'a [u8],
    /// The signature itself, decoded.
    pub signature: &'a [u8],
}

impl Signed<'_> {
    pub(crate) fn verify(&self, keys: &PublicKeySet) -> Result<(), VerifyError> {
        keys.verify(self.kid, self.algorithm, self.input, self.signature)
    }
}

impl RemoteKeys {
    /// Fetches by `outbound`.
    pub fn new(outbound: Outbound) -> Self {
        Self { outbound, sets: Cache::new(MOST_SETS) }
    }

    /// The client by which it fetches.
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// Whether `signed` is signed by a key that stands `at` that place.
    ///
    /// # Errors
    /// [`RemoteKeyError`]
    pub async fn verify(&self, at: KeysAt<'_>, signed: Signed<'_>, now: Timestamp) -> Result<(), RemoteKeyError> {
        let keys = self.keys(at, now).await?;
        match signed.verify(&keys) {
            Err(VerifyError::UnknownKey) => {}
            verdict => return verdict.map_err(RemoteKeyError::Verify),
        }
        let newer = self.set_at(at).refresh(self, at, now).await?;
        signed.verify(&newer).map_err(RemoteKeyError::Verify)
    }

    /// The set, fetched anew where what is wanted is not in the one that is kept.
    pub(crate) async fn keys_with(
        &self,
        at: KeysAt<'_>,
        has: &(dyn Fn(&PublicKeySet) -> bool + Sync),
        now: Timestamp,
    ) -> Result<Arc<PublicKeySet>, RemoteKeyError> {
        let kept = self.keys(at, now).await?;
        if has(&kept) { Ok(kept) } else { self.set_at(at).refresh(self, at, now).await }
    }

    /// The set, fetched or kept.
    ///
    /// # Errors
    /// [`RemoteKeyError`]
    pub async fn keys(&self, at: KeysAt<'_>, now: Timestamp) -> Result<Arc<PublicKeySet>, RemoteKeyError> {
        let kept = self.set_at(at);
        let state = kept.state.load_full();
        match &state.set {
            Some(set) if now.secs() - state.fetched < MAX_AGE_SECS => Ok(Arc::clone(set)),
            _ => kept.refresh(self, at, now).await,
        }
    }

    fn set_at(&self, at: KeysAt<'_>) -> Arc<RemoteSet> {
        let made = self.sets.get_or_insert_with(&at.place(), || Ok::<_, std::convert::Infallible>(Arc::<RemoteSet>::default()));
        made.unwrap_or_else(|never| match never {})
    }

    async fn fetch(&self, at: KeysAt<'_>) -> Result<PublicKeySet, RemoteKeyError> {
        let url = match at {
            KeysAt::Url(url) => url.to_owned(),
            KeysAt::Issuer(issuer) => {
                let document = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
                let document: DiscoveryDocument = self.outbound.get_json(&document).await?;
                Some(document).filter(|document| document.issuer == issuer).ok_or(RemoteKeyError::NoKeySet)?.jwks_uri
            }
        };
        let body = self.outbound.get(&url, "application/json, application/jwk-set+json").await?;
        PublicKeySet::parse(&body).map_err(|_| RemoteKeyError::NoKeySet)
    }
}

impl RemoteSet {
    /// The set as it stands `at` that place now, or what is known of it if that was asked moments ago.
    async fn refresh(&self, keys: &RemoteKeys, at: KeysAt<'_>, now: Timestamp) -> Result<Arc<PublicKeySet>, RemoteKeyError> {
        let _turn = self.turn.lock().await;
        let state = self.state.load_full();
        if state.tried.is_some_and(|tried| now.secs() - tried < PAUSE_SECS) {
            return known(&state);
        }
        let state = match keys.fetch(at).await {
            Ok(set) => State { set: Some(Arc::new(set)), fetched: now.secs(), tried: Some(now.secs()), failure: None },
            Err(failure) => {
                log::warn!("keys cannot be fetched: {failure}");
                State { tried: Some(now.secs()), failure: Some(failure), ..State::clone(&state) }
            }
        };
        let answer = known(&state);
        self.state.store(Arc::new(state));
        answer
    }
}

/// Keys that cannot be fetched anew go on counting: an outage of whoever publishes them is not one of this server.
fn known(state: &State) -> Result<Arc<PublicKeySet>, RemoteKeyError> {
    match (&state.set, &state.failure) {
        (Some(set), _) => Ok(Arc::clone(set)),
        (None, Some(failure)) => Err(failure.clone()),
        (None, None) => Err(RemoteKeyError::NoKeySet),
    }
}
