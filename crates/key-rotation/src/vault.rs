//! Where generated keys are kept: one record per realm, so that every change of a realm's keys is one compare-and-swap and
//! all nodes over one store see the same keys. Private keys stand in it as PKCS#8 DER, unencrypted: the store is to be
//! protected as a database of Keycloak's is, which holds them the same way.

use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::RealmName;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sessions::{Inserted, Record, RecordKey, RecordKind, RecordStore, Replaced, Version};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::state::KeyState;
use crate::{Algorithm, KeyError};

/// The newest format known; readers refuse newer ones.
const FORMAT: u8 = 1;

/// What is kept of a realm's keys.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct VaultRecord {
    format: u8,
    pub keys: Vec<StoredKey>,
}

impl Default for VaultRecord {
    fn default() -> Self {
        Self { format: FORMAT, keys: Vec::new() }
    }
}

/// A generated key, or what has become of one that stands in the realm file.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredKey {
    /// The name of the component it belongs to.
    pub origin: Arc<str>,
    /// `providerId` of that component.
    pub provider: Arc<str>,
    pub alg: Algorithm,
    pub kid: Arc<str>,
    pub priority: i64,
    pub state: KeyState,
    /// Since when it is in that state.
    pub since: Timestamp,
    /// The longest life, in seconds, of a token it can have signed; `i64::MAX` where such a token never ends.
    #[serde(default)]
    pub longest: i64,
    /// The private part; absent where it stands in the realm file, and once the key is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyBytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<KeyBytes>,
}

/// Bytes as base64; wiped when dropped, printed by nothing.
#[derive(Clone)]
pub(crate) struct KeyBytes(pub Zeroizing<Vec<u8>>);

impl Serialize for KeyBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(base64_simd::STANDARD.encode_to_string(&*self.0)))
    }
}

impl<'de> Deserialize<'de> for KeyBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = base64_simd::STANDARD.decode_to_vec(text.as_bytes()).map_err(|_| D::Error::custom("no base64"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

/// A record as found; an absent one is empty.
pub(crate) struct Seen {
    pub record: VaultRecord,
    /// Tells one content from another.
    pub digest: [u8; 32],
    version: Option<Version>,
}

/// The outcome of [`KeyVault::save`].
#[must_use]
pub(crate) enum Saved {
    /// The record stands.
    Done {
        /// Of the new content.
        digest: [u8; 32],
    },
    /// Somebody else wrote since: load, judge, try again.
    Lost,
}

/// The keys of all realms in a store of sessions.
#[derive(Clone)]
pub(crate) struct KeyVault(Arc<dyn RecordStore>);

impl KeyVault {
    pub(crate) fn new(store: Arc<dyn RecordStore>) -> Self {
        Self(store)
    }

    pub(crate) async fn load(&self, realm: &RealmName, now: Timestamp) -> Result<Seen, KeyError> {
        let Some(stored) = self.0.find(&key(realm), now).await? else {
            return Ok(Seen { record: VaultRecord::default(), digest: [0; 32], version: None });
        };
        let bytes = Zeroizing::new(stored.record.value);
        let record: VaultRecord = serde_json::from_slice(&bytes).map_err(|_| KeyError::Vault { realm: realm.clone() })?;
        if record.format > FORMAT {
            return Err(KeyError::NewerVault { realm: realm.clone(), found: record.format });
        }
        Ok(Seen { record, digest: Sha256::digest(&*bytes).into(), version: Some(stored.version) })
    }

    /// Puts `record` in the place of what was `seen`; of several callers who saw the same, one succeeds.
    pub(crate) async fn save(
        &self,
        realm: &RealmName,
        seen: &Seen,
        record: &VaultRecord,
        now: Timestamp,
    ) -> Result<Saved, KeyError> {
        let value = serde_json::to_vec(record).map_err(|_| KeyError::Vault { realm: realm.clone() })?;
        let done = Saved::Done { digest: Sha256::digest(&value).into() };
        let record = Record { expires_at: Timestamp::MAX, owner: None, value };
        Ok(match seen.version {
            None => match self.0.insert(&key(realm), record, now).await? {
                Inserted::Done => done,
                Inserted::Exists => Saved::Lost,
            },
            Some(version) => match self.0.replace(&key(realm), version, record, now).await? {
                Replaced::Done => done,
                Replaced::Lost | Replaced::Absent => Saved::Lost,
            },
        })
    }
}

fn key(realm: &RealmName) -> RecordKey {
    RecordKey::new(RecordKind::Keys, realm, "ring")
}
