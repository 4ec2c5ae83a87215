//! `organization`, `organization:*`, `organization:<alias>`: of which of a user's organizations tokens speak.

use std::collections::BTreeSet;
use std::sync::Arc;

use oidc_types::Scope;
use realm_model::{ClientScope, Organization, Organizations, Realm};

use crate::Subject;

/// The client scope that these words stand for.
pub(crate) const ORGANIZATION: &str = "organization";

/// The type of mapper without which the client scope speaks of no organization.
pub(crate) const MEMBERSHIP_MAPPER: &str = "oidc-organization-membership-mapper";

/// A scope word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OrganizationWord<'a> {
    /// `organization`: the one that a user is a member of.
    Any,
    /// `organization:*`: every one that a user is a member of.
    All,
    /// `organization:<alias>`: this one.
    One(&'a str),
}

impl<'a> OrganizationWord<'a> {
    pub(crate) fn parse(word: &'a str) -> Option<Self> {
        match word.strip_prefix(ORGANIZATION)? {
            "" => Some(Self::Any),
            rest => match rest.strip_prefix(':')? {
                "*" => Some(Self::All),
                alias if alias.contains(':') => None,
                alias => Some(Self::One(alias)),
            },
        }
    }

    fn all_of(words: &'a Scope) -> BTreeSet<Self> {
        words.words().filter_map(|word| Self::parse(word)).collect()
    }

    fn text(self) -> String {
        match self {
            Self::Any => ORGANIZATION.to_owned(),
            Self::All => format!("{ORGANIZATION}:*"),
            Self::One(alias) => format!("{ORGANIZATION}:{alias}"),
        }
    }
}

/// Whether `words` may be asked for: of one kind, and organizations that there are. Keycloak: in a realm without organizations any
/// number of them is fine (measured on 26.7.4).
pub(crate) fn may_be_asked_for(realm: &Realm, words: &Scope) -> bool {
    let asked = OrganizationWord::all_of(words);
    let Some(organizations) = &realm.organizations else { return true };
    if asked.is_empty() {
        return true;
    }
    let speaks = |scope: &Arc<ClientScope>| scope.mappers.iter().any(|mapper| mapper.protocol_mapper == MEMBERSHIP_MAPPER);
    let known = |word: &OrganizationWord<'_>| match word {
        OrganizationWord::One(alias) => organizations.find(alias).is_some(),
        OrganizationWord::Any | OrganizationWord::All => asked.len() == 1,
    };
    let only_any = asked.iter().eq([&OrganizationWord::Any]);
    asked.iter().all(known) && (only_any || realm.client_scopes.get(ORGANIZATION).is_some_and(speaks))
}

/// What was granted of these words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OrganizationScope {
    words: Vec<String>,
    organizations: Vec<Arc<Organization>>,
}

impl OrganizationScope {
    /// What `subject` gets of `words`; `None` where nothing is left of the client scope. Without any word it comes in by itself.
    pub(crate) fn grant(realm: &Realm, subject: &Subject, words: &Scope) -> Option<Self> {
        let own = realm.organizations.as_deref().map(|all: &Organizations| all.of_member(subject.user()))?;
        let asked = OrganizationWord::all_of(words);
        if asked.is_empty() || asked.contains(&OrganizationWord::Any) {
            // Keycloak: whoever is a member of several has to choose one, but the word stays (measured on 26.7.4).
            let only = if let [only] = own { vec![Arc::clone(only)] } else { Vec::new() };
            return Some(Self { words: vec![ORGANIZATION.to_owned()], organizations: only });
        }
        let granted = if asked.contains(&OrganizationWord::All) {
            Self { words: vec![OrganizationWord::All.text()], organizations: own.to_vec() }
        } else {
            let is_asked = |one: &&Arc<Organization>| asked.contains(&OrganizationWord::One(&one.alias));
            Self::of_each(own.iter().filter(is_asked))
        };
        (!granted.organizations.is_empty()).then_some(granted)
    }

    fn of_each<'a>(organizations: impl Iterator<Item = &'a Arc<Organization>>) -> Self {
        let organizations: Vec<_> = organizations.cloned().collect();
        let words = organizations.iter().map(|one| OrganizationWord::One(&one.alias).text()).collect();
        Self { words, organizations }
    }

    /// This, cut down to what a refresh asks for; `None` where nothing is left.
    pub(crate) fn narrowed_to(&self, words: &Scope) -> Option<Self> {
        let asked = OrganizationWord::all_of(words);
        let is_all = self.words.iter().any(|word| OrganizationWord::parse(word) == Some(OrganizationWord::All));
        let is_any = self.words.iter().any(|word| word == ORGANIZATION);
        // Keycloak: "any" of all is an error (measured on 26.7.4); here it is none of them.
        let keeps = |word: &OrganizationWord<'_>| match word {
            OrganizationWord::All => true,
            OrganizationWord::Any => !is_all,
            OrganizationWord::One(_) => false,
        };
        if asked.iter().any(keeps) {
            return Some(self.clone());
        }
        let is_asked = |one: &&Arc<Organization>| !is_any && asked.contains(&OrganizationWord::One(&one.alias));
        let kept = Self::of_each(self.organizations.iter().filter(is_asked));
        (!kept.organizations.is_empty()).then_some(kept)
    }

    /// As they stand in a scope.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Of which tokens speak, by alias.
    pub(crate) fn organizations(&self) -> &[Arc<Organization>] {
        &self.organizations
    }
}
