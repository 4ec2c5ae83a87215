use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use realm_model::{RoleKey, RoleSet};

/// The roles that go into one answer's tokens: those of the user that are in scope, after the role mappers.
#[derive(Debug, Default)]
pub(crate) struct TokenRoles<'a> {
    pub(crate) realm: BTreeSet<Cow<'a, str>>,
    pub(crate) clients: BTreeMap<Cow<'a, str>, BTreeSet<Cow<'a, str>>>,
}

/// A role as mappers write it: `name` or `client.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleRef {
    client: Option<String>,
    name: String,
}

impl RoleRef {
    pub(crate) fn parse(text: &str) -> Self {
        match text.rsplit_once('.') {
            Some((client, name)) => Self { client: Some(client.to_owned()), name: name.to_owned() },
            None => Self { client: None, name: text.to_owned() },
        }
    }

    /// The role of the realm that it names.
    pub(crate) fn key(&self) -> RoleKey {
        RoleKey { client: self.client.as_deref().map(Into::into), name: self.name.as_str().into() }
    }
}

/// What a role mapper does to the roles, before any claim is made of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RoleEdit {
    /// `oidc-hardcoded-role-mapper`
    Add(RoleRef),
    /// `oidc-role-name-mapper`
    Rename { from: RoleRef, to: RoleRef },
}

impl<'a> TokenRoles<'a> {
    /// `roles`, cut down to `allowed` where the client has no full scope.
    pub(crate) fn of(roles: &'a RoleSet, allowed: Option<&RoleSet>) -> Self {
        let mut all = Self::default();
        for role in roles.iter().filter(|role| allowed.is_none_or(|set| set.contains(role))) {
            all.insert(role);
        }
        all
    }

    fn insert(&mut self, role: &'a RoleKey) {
        let name = Cow::Borrowed(role.name.as_str());
        match &role.client {
            None => self.realm.insert(name),
            Some(client) => self.clients.entry(Cow::Borrowed(client.as_str())).or_default().insert(name),
        };
    }

    pub(crate) fn edit(&mut self, edit: &'a RoleEdit) {
        match edit {
            RoleEdit::Add(role) => self.add(role),
            RoleEdit::Rename { from, to } => {
                if self.remove(from) {
                    self.add(to);
                }
            }
        }
    }

    fn add(&mut self, role: &'a RoleRef) {
        let name = Cow::Borrowed(role.name.as_str());
        match &role.client {
            None => self.realm.insert(name),
            Some(client) => self.clients.entry(Cow::Borrowed(client.as_str())).or_default().insert(name),
        };
    }

    /// Whether it was there.
    fn remove(&mut self, role: &RoleRef) -> bool {
        match &role.client {
            None => self.realm.remove(role.name.as_str()),
            Some(client) => self.clients.get_mut(client.as_str()).is_some_and(|roles| roles.remove(role.name.as_str())),
        }
    }
}
