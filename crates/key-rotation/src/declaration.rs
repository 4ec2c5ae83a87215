use oidc_types::RealmName;
use realm_model::Realm;

use crate::provider::{Declared, defaults};
use crate::{Schedule, TokenLives};

/// What a realm's snapshot says of its keys.
pub(crate) struct Declaration {
    pub realm: RealmName,
    pub generation: u64,
    pub components: Vec<Declared>,
    pub schedule: Schedule,
    pub lives: TokenLives,
}

impl Declaration {
    /// Reads it. What cannot be followed is left out with a warning, as Keycloak does: the realm works with the rest.
    pub(crate) fn read(realm: &Realm) -> Self {
        let components = if realm.key_providers.is_empty() { defaults() } else { components(realm) };
        let schedule = Schedule::of(realm).unwrap_or_else(|fault| {
            log::warn!("realm {}: keys are not rotated: {fault}", realm.name);
            Schedule::default()
        });
        Self { realm: realm.name.clone(), generation: realm.generation, components, schedule, lives: TokenLives::of(realm) }
    }
}

fn components(realm: &Realm) -> Vec<Declared> {
    let read = |provider: &realm_model::KeyProvider| {
        Declared::read(provider)
            .inspect_err(|fault| log::warn!("realm {}: key provider {} is left out: {fault}", realm.name, provider.name))
            .ok()
    };
    realm.key_providers.iter().filter_map(read).collect()
}
