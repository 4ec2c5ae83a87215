use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::{GroupPath, RoleKey, User};

/// An organization of a realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// `id`
    pub id: String,
    /// `alias`: what scopes and claims call it.
    pub alias: Arc<str>,
    /// `enabled`
    pub enabled: bool,
    /// `attributes`
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The first of its `domains` that is verified.
    pub verified_domain: Option<String>,
    /// Its members by username, in lower case, with the groups of the organization that each is in.
    pub members: HashMap<String, Vec<GroupPath>>,
    /// The roles of its groups, by path; those of the parents are among them.
    pub groups: BTreeMap<GroupPath, Vec<RoleKey>>,
}

impl Organization {
    /// The groups of the organization that `user` is in; `None` where the user is no member.
    pub fn groups_of(&self, user: &User) -> Option<&[GroupPath]> {
        self.members.get(&user.username).map(Vec::as_slice)
    }
}

/// The organizations of a realm that are enabled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organizations {
    by_alias: BTreeMap<Arc<str>, Arc<Organization>>,
    by_member: HashMap<String, Vec<Arc<Organization>>>,
}

impl Organizations {
    /// The organization of this alias.
    pub fn find(&self, alias: &str) -> Option<&Arc<Organization>> {
        self.by_alias.get(alias)
    }

    /// Those that `user` is a member of, by alias.
    pub fn of_member(&self, user: &User) -> &[Arc<Organization>] {
        self.by_member.get(&user.username).map_or(&[], Vec::as_slice)
    }
}

impl FromIterator<Organization> for Organizations {
    fn from_iter<I: IntoIterator<Item = Organization>>(all: I) -> Self {
        let enabled = all.into_iter().filter(|organization| organization.enabled);
        let by_alias: BTreeMap<_, _> = enabled.map(|one| (Arc::clone(&one.alias), Arc::new(one))).collect();
        let mut by_member: HashMap<String, Vec<_>> = HashMap::new();
        for organization in by_alias.values() {
            for member in organization.members.keys() {
                by_member.entry(member.clone()).or_default().push(Arc::clone(organization));
            }
        }
        Self { by_alias, by_member }
    }
}
