use std::fmt;
use std::sync::Arc;

use crate::Texts;

/// An identity provider: another system that says who people are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdentityProvider {
    /// `alias`
    pub alias: Arc<str>,
    /// `providerId`: `oidc`, `jwt-authorization-grant`, `saml`, …
    pub provider_id: String,
    /// `displayName`
    pub display_name: Option<String>,
    /// `enabled`
    pub enabled: bool,
    /// `hideOnLogin`: the login page has no button for it.
    pub hide_on_login: bool,
    /// `linkOnly`: accounts can be linked to it, nobody logs in by it.
    pub link_only: bool,
    /// `config`; secrets are in here.
    pub config: Texts,
}

impl IdentityProvider {
    /// Whether the login page has a button for it.
    pub fn is_shown_on_login(&self) -> bool {
        let has_login = !matches!(self.provider_id.as_str(), "jwt-authorization-grant" | "kubernetes" | "spiffe");
        self.enabled && has_login && !self.hide_on_login && !self.link_only
    }

    /// A configuration value; an empty one counts as absent.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.config.get(key).filter(|value| !value.is_empty())
    }

    /// Whether a configuration value is `true`.
    pub fn is_on(&self, key: &str) -> bool {
        self.value(key) == Some("true")
    }

    /// A configuration value that is a number.
    pub fn number(&self, key: &str) -> Option<i64> {
        self.value(key)?.parse().ok()
    }
}

/// Prints no configuration values: secrets are among them.
impl fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityProvider")
            .field("alias", &self.alias)
            .field("provider_id", &self.provider_id)
            .finish_non_exhaustive()
    }
}
