use std::collections::BTreeMap;
use std::fmt;

/// A component of type `org.keycloak.keys.KeyProvider` (wire.md section 5.3).
#[derive(Clone)]
pub struct KeyProvider {
    /// The component's id.
    pub id: String,
    /// The component's name.
    pub name: String,
    /// `rsa-generated`, `rsa`, `ecdsa-generated`, …
    pub provider_id: String,
    /// The configuration as it stands in the file: private keys are in here.
    pub config: BTreeMap<String, Vec<String>>,
}

impl KeyProvider {
    /// The first value of a configuration entry; an empty one counts as absent.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.config.get(key)?.first().map(String::as_str).filter(|v| !v.is_empty())
    }
}

/// Prints no configuration values: keys are among them.
impl fmt::Debug for KeyProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyProvider").field("name", &self.name).field("provider_id", &self.provider_id).finish_non_exhaustive()
    }
}
