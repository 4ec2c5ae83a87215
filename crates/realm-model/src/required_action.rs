use std::sync::Arc;

use crate::Texts;

/// A required action: what a user may have to do before a login is finished (`RequiredActionProviderRepresentation`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequiredAction {
    /// `alias`: the word in a user's `requiredActions`.
    pub alias: Arc<str>,
    /// `name`, for people.
    pub name: Arc<str>,
    /// `providerId`: what it does.
    pub provider: Arc<str>,
    /// `enabled`
    pub enabled: bool,
    /// `defaultAction`: new users have it.
    pub default_action: bool,
    /// `priority`: the lowest comes first.
    pub priority: i64,
    /// `config`
    pub config: Texts,
}

/// The required actions of a realm in the order of their priorities. Equal lists are there once in a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequiredActions(pub(crate) Arc<Vec<RequiredAction>>);

impl RequiredActions {
    /// The one of this alias.
    pub fn find(&self, alias: &str) -> Option<&RequiredAction> {
        self.0.iter().find(|action| &*action.alias == alias)
    }

    /// All, in the order of their priorities.
    pub fn iter(&self) -> impl Iterator<Item = &RequiredAction> {
        self.0.iter()
    }

    /// Whether an enabled action has this provider.
    pub fn has_enabled(&self, provider: &str) -> bool {
        self.iter().any(|action| action.enabled && &*action.provider == provider)
    }
}
