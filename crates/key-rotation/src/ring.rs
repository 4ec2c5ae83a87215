use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ambient::Timestamp;
use bytes::Bytes;
use oidc_types::RealmName;

use crate::entry::Entry;
use crate::jwks::{JwkSet, PublicJwk};
use crate::keys::{CryptoError, Signer, VerificationKey, signer_of};
use crate::state::KeyState;
use crate::{Algorithm, KeyUse, VerifyError};

/// The number of the next ring that is built in this process.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The keys of a realm at one moment: an immutable snapshot.
pub struct Keyring {
    number: u64,
    realm: RealmName,
    keys: Vec<RingKey>,
    jwks: Bytes,
    digest: [u8; 32],
    page_key: Option<String>,
}

/// A key as it stands in a snapshot, ready for use.
struct RingKey {
    row: KeyRow,
    signer: Option<Arc<dyn Signer>>,
    verifier: Option<VerificationKey>,
}

/// What may be told of a key: `latchkey keys list`, later `GET /admin/realms/{realm}/keys`.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// The realm.
    pub realm: RealmName,
    /// `kid`
    pub kid: Arc<str>,
    /// `alg`
    pub algorithm: Algorithm,
    /// `use`
    pub key_use: KeyUse,
    /// Where it is in its life.
    pub state: KeyState,
    /// `providerId` of its component: `rsa-generated`, `rsa`, …
    pub provider: Arc<str>,
    /// The id of its component; the component's name where that has no id.
    pub component_id: Arc<str>,
    /// The component's name.
    pub component: Arc<str>,
    /// `priority` of its component.
    pub priority: i64,
    /// Since when it is in its state; unknown for keys of the realm file that were never rotated.
    pub since: Option<Timestamp>,
    /// `RSA`, `EC`, `OKP`, `OCT`
    pub key_type: &'static str,
    /// Base64 of the DER `SubjectPublicKeyInfo`.
    pub public_key: Option<String>,
    /// Base64 of the DER certificate.
    pub certificate: Option<String>,
}

impl Keyring {
    /// A snapshot of `entries`; an unreadable key is left out with a warning, as Keycloak does.
    pub(crate) fn build(realm: &RealmName, entries: &[Entry], digest: [u8; 32]) -> Self {
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        // Keycloak: by priority, then by component id (measured on 26.7.4).
        sorted.sort_by(|a, b| {
            (b.priority, &a.component_id, a.state, b.since).cmp(&(a.priority, &b.component_id, b.state, a.since))
        });
        let mut keys = Vec::with_capacity(sorted.len());
        let mut listed = Vec::with_capacity(sorted.len());
        for entry in sorted {
            match RingKey::new(realm, entry) {
                Ok((key, jwk)) => {
                    if key.row.state.verifies() {
                        listed.extend(jwk);
                    }
                    keys.push(key);
                }
                Err(fault) => log::warn!("realm {realm}: the key {} of {} is left out: {fault}", entry.kid, entry.origin),
            }
        }
        let set = JwkSet { keys: listed.iter().collect() };
        let jwks = serde_json::to_vec(&set).unwrap_or_default().into();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut ring = Self { number, realm: realm.clone(), keys, jwks, digest, page_key: None };
        ring.page_key = ring.active(Algorithm::Rs256).and_then(|key| key.row.public_key.clone());
        ring
    }

    /// No other ring of this process has it.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// The realm whose keys these are.
    pub const fn realm(&self) -> &RealmName {
        &self.realm
    }

    /// The key that signs with `algorithm`: the active one of the highest priority.
    pub fn signer(&self, algorithm: Algorithm) -> Option<Arc<dyn Signer>> {
        self.active(algorithm)?.signer.clone()
    }

    /// The keys of `algorithm` that sign, did so or will, without those that are gone.
    pub(crate) fn signers_ever(&self, algorithm: Algorithm) -> impl Iterator<Item = &Arc<dyn Signer>> {
        self.keys.iter().filter(move |key| key.row.algorithm == algorithm).filter_map(|key| key.signer.as_ref())
    }

    fn active(&self, algorithm: Algorithm) -> Option<&RingKey> {
        self.keys.iter().find(|key| key.row.algorithm == algorithm && key.row.state.signs() && key.signer.is_some())
    }

    /// Whether `signature` over `input` is one of this realm's. With a `kid`, that key's alone, and only where it is a key of
    /// `algorithm`: what the header says chooses no algorithm for a key. Without one, that of any key of the algorithm.
    ///
    /// # Errors
    /// [`VerifyError`], which tells a client nothing more than that the token is invalid.
    pub fn verify(&self, kid: Option<&str>, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        let usable = self.keys.iter().filter(|key| key.row.state.verifies());
        let named = |key: &&RingKey| kid.is_none_or(|kid| *key.row.kid == *kid);
        let mut verdict = Err(VerifyError::UnknownKey);
        // One RSA key may serve two algorithms under one kid, in two components.
        for key in usable.filter(named) {
            match key.verifier.as_ref().filter(|v| v.algorithm() == algorithm) {
                Some(verifier) if verifier.verifies(input, signature) => return Ok(()),
                Some(_) => verdict = Err(VerifyError::BadSignature),
                None if kid.is_some() && verdict == Err(VerifyError::UnknownKey) => verdict = Err(VerifyError::OtherAlgorithm),
                None => {}
            }
        }
        verdict
    }

    /// The body of `certs`, made once.
    pub const fn jwks_json(&self) -> &Bytes {
        &self.jwks
    }

    /// Base64 of the DER `SubjectPublicKeyInfo` of the active RS256 key: `public_key` of the realm page.
    pub fn public_key_of_default(&self) -> Option<&str> {
        self.page_key.as_deref()
    }

    /// All keys, the gone ones that the realm file still has among them; in the order in which they are preferred.
    pub fn rows(&self) -> impl Iterator<Item = &KeyRow> {
        self.keys.iter().map(|key| &key.row)
    }

    /// Which content of the vault this was made of.
    pub(crate) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl RingKey {
    fn new(realm: &RealmName, entry: &Entry) -> Result<(Self, Option<PublicJwk>), CryptoError> {
        let public_der = entry.material.as_ref().map(|m| m.public_der()).transpose()?.flatten();
        let jwk = public_der.as_deref().map(|der| PublicJwk::new(&entry.kid, entry.algorithm, der, entry.certificate.as_deref()));
        let jwk = jwk.transpose()?;
        let text = |bytes: &[u8]| base64_simd::STANDARD.encode_to_string(bytes);
        let row = KeyRow {
            realm: realm.clone(),
            kid: Arc::clone(&entry.kid),
            algorithm: entry.algorithm,
            key_use: entry.algorithm.key_use(),
            state: entry.state,
            provider: Arc::clone(&entry.provider_id),
            component_id: Arc::clone(&entry.component_id),
            component: Arc::clone(&entry.origin),
            priority: entry.priority,
            since: entry.since,
            key_type: jwk.as_ref().map_or("OCT", PublicJwk::key_type),
            public_key: public_der.as_deref().map(text),
            certificate: entry.certificate.as_deref().map(text),
        };
        let material = entry.material.as_ref().filter(|_| entry.state.verifies());
        let signer = material.and_then(|m| signer_of(entry.algorithm, &entry.kid, m));
        let verifier = material.map(|m| VerificationKey::of(entry.algorithm, m)).transpose()?.flatten();
        Ok((Self { row, signer, verifier }, jwk))
    }
}

#[cfg(test)]
mod tests;
