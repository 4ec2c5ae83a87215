use std::sync::Arc;

use ambient::Timestamp;
use key_rotation::{Algorithm, PublicKeySet, VerifyError};
use oidc_types::{ClientId, RealmName};
use outbound_http::Outbound;
use quick_cache::sync::Cache;
use realm_model::Client;

use crate::remote_keys::{KeysAt, RemoteKeyError, RemoteKeys, Signed};

/// Clients whose parsed keys are kept.
const MOST_CLIENTS: usize = 10_000;

/// The public keys of clients, parsed once.
pub(crate) struct ClientKeys {
    own: Cache<(RealmName, ClientId), Arc<OwnKeys>>,
    pub(crate) remote: RemoteKeys,
}

/// The keys of a client as it was when they were parsed.
struct OwnKeys {
    client: Arc<Client>,
    keys: Option<Arc<PublicKeySet>>,
}

/// Where the keys of a client are. Keycloak: the URL first, then the set, then the certificate.
enum Place<'a> {
    Url(&'a str),
    Own,
}

impl ClientKeys {
    pub(crate) fn new(outbound: Outbound) -> Self {
        Self { own: Cache::new(MOST_CLIENTS), remote: RemoteKeys::new(outbound) }
    }

    /// Whether `signed` is signed by a key of `client`.
    pub(crate) async fn verify(
        &self,
        (realm, client): (&RealmName, &Arc<Client>),
        signed: Signed<'_>,
        now: Timestamp,
    ) -> Result<(), RemoteKeyError> {
        match place(client) {
            Place::Url(url) => self.remote.verify(KeysAt::Url(url), signed, now).await,
            Place::Own => {
                let own = self.own(realm, client);
                let verdict = own.keys.as_ref().map_or(Err(VerifyError::UnknownKey), |keys| signed.verify(keys));
                verdict.map_err(RemoteKeyError::Verify)
            }
        }
    }

    /// Whether `key`, a DER `SubjectPublicKeyInfo`, is a key of `client`.
    pub(crate) async fn holds(
        &self,
        (realm, client): (&RealmName, &Arc<Client>),
        key: &[u8],
        now: Timestamp,
    ) -> Result<bool, RemoteKeyError> {
        match place(client) {
            Place::Url(url) => Ok(self.remote.keys(KeysAt::Url(url), now).await?.holds(key)),
            Place::Own => Ok(self.own(realm, client).keys.as_ref().is_some_and(|keys| keys.holds(key))),
        }
    }

    /// The keys of `client`, where one is for encryption with `algorithm`; a set at a URL is fetched anew for it.
    pub(crate) async fn for_encryption(
        &self,
        (realm, client): (&RealmName, &Arc<Client>),
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<PublicKeySet>, RemoteKeyError> {
        let has_one = |keys: &PublicKeySet| keys.recipient(algorithm).is_some();
        let found = match place(client) {
            Place::Url(url) => Some(self.remote.keys_with(KeysAt::Url(url), &has_one, now).await?),
            Place::Own => self.own(realm, client).keys.clone(),
        };
        found.filter(|keys| has_one(keys)).ok_or(RemoteKeyError::Verify(VerifyError::UnknownKey))
    }

    fn own(&self, realm: &RealmName, client: &Arc<Client>) -> Arc<OwnKeys> {
        let key = (realm.clone(), client.client_id.clone());
        if let Some(known) = self.own.get(&key)
            && Arc::ptr_eq(&known.client, client)
        {
            return known;
        }
        let parsed = Arc::new(OwnKeys { client: Arc::clone(client), keys: parse(client).map(Arc::new) });
        self.own.insert(key, Arc::clone(&parsed));
        parsed
    }
}

/// Whether a client declares keys at all.
pub(crate) fn declares_keys(client: &Client) -> bool {
    matches!(place(client), Place::Url(_)) || client.is_on("use.jwks.string")
}

fn place(client: &Client) -> Place<'_> {
    let url = client.attribute("jwks.url").filter(|_| client.is_on("use.jwks.url"));
    url.map_or(Place::Own, Place::Url)
}

fn parse(client: &Client) -> Option<PublicKeySet> {
    let told = |what: &str| log::warn!("client {}: {what} holds no key", client.client_id);
    if client.is_on("use.jwks.string") {
        let set = client.attribute("jwks.string").and_then(|text| PublicKeySet::parse(text.as_bytes()).ok());
        return set.or_else(|| {
            told("jwks.string");
            None
        });
    }
    if let Some(text) = client.attribute("jwt.credential.certificate") {
        return PublicKeySet::of_certificate(text).map_err(|_| told("jwt.credential.certificate")).ok();
    }
    let text = client.attribute("jwt.credential.public.key")?;
    PublicKeySet::of_public_key(text).map_err(|_| told("jwt.credential.public.key")).ok()
}
