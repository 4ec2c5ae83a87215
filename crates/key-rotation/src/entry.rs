use std::sync::Arc;

use ambient::Timestamp;

use crate::Algorithm;
use crate::keys::Material;
use crate::provider::{Declared, FALLBACK};
use crate::state::KeyState;
use crate::vault::{StoredKey, VaultRecord};

/// A key of a realm: what the file says and what the vault says of it, taken together.
pub(crate) struct Entry {
    pub kid: Arc<str>,
    pub algorithm: Algorithm,
    /// The later one of what file and vault say: neither can bring a key back.
    pub state: KeyState,
    pub priority: i64,
    pub component_id: Arc<str>,
    pub origin: Arc<str>,
    pub provider_id: Arc<str>,
    /// Since when it is in its state, where the vault knows: not where the file alone keeps it from signing, for then the
    /// admin decides when it goes.
    pub since: Option<Timestamp>,
    pub longest: i64,
    /// Whether the vault has the key and no component of the file (any more).
    pub orphan: bool,
    pub material: Option<Material>,
    pub certificate: Option<Vec<u8>>,
}

/// All keys of a realm.
pub(crate) fn merge(declared: &[Declared], record: &VaultRecord) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(declared.len() + record.keys.len());
    for component in declared {
        if let Some(own) = &component.own {
            let stored = record.keys.iter().find(|key| belongs(component, key) && key.kid == own.kid);
            let state = component.limit(stored.map_or(KeyState::Active, |key| key.state));
            let kept = stored.and_then(|key| key.certificate.as_ref()).map(|c| c.0.to_vec());
            entries.push(Entry {
                kid: Arc::clone(&own.kid),
                algorithm: component.spec.algorithm,
                state,
                priority: component.spec.priority,
                component_id: Arc::clone(&component.component_id),
                origin: Arc::clone(&component.spec.origin),
                provider_id: Arc::clone(&component.spec.provider_id),
                since: stored.filter(|key| key.state == state).map(|key| key.since),
                longest: stored.map_or(0, |key| key.longest),
                orphan: false,
                material: Some(own.material.clone()),
                certificate: own.certificate.clone().or(kept),
            });
        }
    }
    for key in &record.keys {
        let home = declared.iter().find(|component| belongs(component, key));
        let in_file = home.and_then(|component| component.own.as_ref()).is_some_and(|own| own.kid == key.kid);
        if !in_file {
            entries.extend(stored_entry(key, home));
        }
    }
    entries
}

fn stored_entry(key: &StoredKey, home: Option<&Declared>) -> Option<Entry> {
    // Without its private part it is the mark of a key that the file no longer has.
    let stored = key.key.as_ref()?;
    let material = match Material::from_stored(key.alg, &stored.0) {
        Ok(material) => material,
        Err(fault) => {
            log::warn!("the stored key {} of {} is left out: {fault}", key.kid, key.origin);
            return None;
        }
    };
    let state = home.map_or(key.state, |component| component.limit(key.state));
    Some(Entry {
        kid: Arc::clone(&key.kid),
        algorithm: key.alg,
        state,
        priority: home.map_or(key.priority, |component| component.spec.priority),
        component_id: home.map_or_else(|| Arc::clone(&key.origin), |component| Arc::clone(&component.component_id)),
        origin: Arc::clone(&key.origin),
        provider_id: Arc::clone(&key.provider),
        since: (key.state == state).then_some(key.since),
        longest: key.longest,
        orphan: home.is_none() && !key.origin.starts_with(FALLBACK),
        material: Some(material),
        certificate: key.certificate.as_ref().map(|c| c.0.to_vec()),
    })
}

/// Whether a stored key is one of this component's. One of another algorithm is not: the file has been changed since.
fn belongs(component: &Declared, key: &StoredKey) -> bool {
    key.origin == component.spec.origin && key.provider == component.spec.provider_id && key.alg == component.spec.algorithm
}
