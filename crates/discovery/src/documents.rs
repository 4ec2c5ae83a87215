mod openid;
mod uma;
mod words;

use bytes::Bytes;
use realm_model::{Protocol, Realm};

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `openid-configuration`, and word for word the same: `oauth-authorization-server`.
    OpenidConfiguration,
    /// `uma2-configuration`
    Uma2Configuration,
}

/// The URLs of a realm, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RealmUrls {
    /// For browsers: the issuer.
    pub front: String,
    /// For services.
    pub back: String,
}

/// Writes a document.
pub fn write(kind: Kind, realm: &Realm, urls: &RealmUrls) -> Bytes {
    let written = match kind {
        Kind::OpenidConfiguration => serde_json::to_vec(&openid::OpenidConfiguration::of(realm, urls)),
        Kind::Uma2Configuration => serde_json::to_vec(&uma::Uma2Configuration::of(realm, urls)),
    };
    // Strings and lists of strings: there is nothing that could fail.
    written.map(Bytes::from).unwrap_or_default()
}

/// `openid` first, then the OpenID Connect client scopes, in alphabetical order (Keycloak has none).
fn scopes(realm: &Realm) -> Vec<&str> {
    let mut names: Vec<&str> =
        realm.client_scopes.values().filter(|s| s.protocol == Protocol::OpenidConnect).map(|s| &*s.name).collect();
    names.sort_unstable();
    names.insert(0, "openid");
    names
}

#[cfg(test)]
pub(crate) mod tests;
