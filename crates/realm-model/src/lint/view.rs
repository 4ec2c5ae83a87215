//! A realm as its file has it, with what there is by name.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::finding::At;
use crate::file::{Place, built_in};

pub(crate) type Object = Map<String, Value>;

/// The users of one file.
pub(crate) struct UsersPart<'v> {
    /// The number of the file.
    pub(crate) file: usize,
    /// Where the object stands whose `users` they are.
    pub(crate) place: Place,
    /// The object.
    pub(crate) owner: &'v Object,
}

/// A realm and its users.
pub(crate) struct View<'v> {
    /// The number of its file.
    pub(crate) file: usize,
    pub(crate) place: Place,
    pub(crate) realm: &'v Object,
    pub(crate) name: &'v str,
    /// Its users, by file.
    pub(crate) parts: Vec<UsersPart<'v>>,
    pub(crate) clients: HashMap<&'v str, &'v Object>,
    pub(crate) scopes: HashSet<&'v str>,
    pub(crate) roles: HashMap<Option<&'v str>, HashSet<&'v str>>,
    /// By path.
    pub(crate) groups: HashSet<String>,
    pub(crate) flows: HashSet<&'v str>,
    pub(crate) identity_providers: HashSet<&'v str>,
    /// The name of the default role.
    pub(crate) default_role: String,
}

/// The text of a member.
pub(crate) fn text<'v>(object: &'v Object, key: &str) -> Option<&'v str> {
    object.get(key).and_then(Value::as_str)
}

/// The text of a member that is not empty.
pub(crate) fn named<'v>(object: &'v Object, key: &str) -> Option<&'v str> {
    text(object, key).filter(|text| !text.is_empty())
}

/// Whether a member says yes, read as loosely as Keycloak reads it.
pub(crate) fn flag(object: &Object, key: &str) -> Option<bool> {
    match object.get(key)? {
        Value::Bool(on) => Some(*on),
        Value::Number(number) => Some(number.as_i64() != Some(0)),
        Value::String(text) => Some(text.trim().eq_ignore_ascii_case("true")),
        _ => None,
    }
}

/// The whole number of a member.
pub(crate) fn whole(object: &Object, key: &str) -> Option<i64> {
    match object.get(key)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The object of a member.
pub(crate) fn object<'v>(object: &'v Object, key: &str) -> Option<&'v Object> {
    object.get(key).and_then(Value::as_object)
}

/// The elements of a member that is a list.
pub(crate) fn list<'v>(object: &'v Object, key: &str) -> impl Iterator<Item = (usize, &'v Value)> + use<'v> {
    object.get(key).and_then(Value::as_array).into_iter().flatten().enumerate()
}

/// The objects in a member that is a list.
pub(crate) fn objects<'v>(object: &'v Object, key: &str) -> impl Iterator<Item = (usize, &'v Object)> + use<'v> {
    list(object, key).filter_map(|(index, value)| Some((index, value.as_object()?)))
}

/// The texts in a member that is a list.
pub(crate) fn texts<'v>(object: &'v Object, key: &str) -> impl Iterator<Item = (usize, &'v str)> + use<'v> {
    list(object, key).filter_map(|(index, value)| Some((index, value.as_str()?)))
}

/// The lists of objects in a member that maps names to lists.
pub(crate) fn object_lists<'v>(object: &'v Object, key: &str) -> impl Iterator<Item = (&'v str, &'v [Value])> + use<'v> {
    let members = object.get(key).and_then(Value::as_object).into_iter().flatten();
    members.filter_map(|(name, values)| Some((name.as_str(), values.as_array()?.as_slice())))
}

impl<'v> View<'v> {
    /// What there is in `realm`, which stands at `place` of file number `file`.
    pub(crate) fn new(realm: &'v Object, place: Place, file: usize, mut parts: Vec<UsersPart<'v>>) -> Self {
        parts.insert(0, UsersPart { file, place: place.clone(), owner: realm });
        let name = text(realm, "realm").unwrap_or_default();
        let default_role = object(realm, "defaultRole").and_then(|role| named(role, "name"));
        let default_role = default_role.map_or_else(|| format!("default-roles-{}", name.to_lowercase()), str::to_owned);
        let mut view = Self {
            file,
            place,
            realm,
            name,
            parts,
            clients: objects(realm, "clients").filter_map(|(_, client)| Some((named(client, "clientId")?, client))).collect(),
            scopes: scopes(realm),
            roles: HashMap::new(),
            groups: HashSet::new(),
            flows: names(realm, "authenticationFlows", "alias").chain(built_in::FLOWS.iter().copied()).collect(),
            identity_providers: names(realm, "identityProviders", "alias").collect(),
            default_role,
        };
        view.add_roles();
        for (_, group) in objects(realm, "groups") {
            add_groups(&mut view.groups, group, "");
        }
        view
    }

    /// Where the realm stands.
    pub(crate) fn at(&self) -> At<'_> {
        At::Root(&self.place)
    }

    /// Whether there is a client of this name, in the file or built in.
    pub(crate) fn has_client(&self, client_id: &str) -> bool {
        self.clients.contains_key(client_id) || built_in::CLIENTS.contains(&client_id)
    }

    /// The names of all clients.
    pub(crate) fn client_names(&self) -> impl Iterator<Item = &str> {
        self.clients.keys().copied().chain(built_in::CLIENTS.iter().copied())
    }

    /// Whether there is a role of the realm or of a client.
    pub(crate) fn has_role(&self, client: Option<&str>, role: &str) -> bool {
        self.roles.get(&client).is_some_and(|roles| roles.contains(role))
            || client.is_none() && (role == self.default_role || ["offline_access", "uma_authorization"].contains(&role))
    }

    /// The names of the roles of the realm or of a client.
    pub(crate) fn role_names(&self, client: Option<&str>) -> Vec<&str> {
        self.roles.get(&client).into_iter().flatten().copied().collect()
    }

    fn add_roles(&mut self) {
        let Some(given) = object(self.realm, "roles") else { return self.add_built_in_roles() };
        let realm = objects(given, "realm").filter_map(|(_, role)| named(role, "name")).collect();
        self.roles.insert(None, realm);
        for (client, roles) in object_lists(given, "client") {
            let roles = roles.iter().filter_map(|role| named(role.as_object()?, "name"));
            self.roles.entry(Some(client)).or_default().extend(roles);
        }
        self.add_built_in_roles();
    }

    /// Those that Keycloak makes: only with a client that it makes itself.
    fn add_built_in_roles(&mut self) {
        for (client, role) in built_in::roles() {
            if !self.clients.contains_key(client) || role == "delete-account" {
                self.roles.entry(Some(client)).or_default().insert(role);
            }
        }
    }
}

/// The names of the objects in a list.
fn names<'v>(object: &'v Object, list: &str, key: &'static str) -> impl Iterator<Item = &'v str> + use<'v> {
    objects(object, list).filter_map(move |(_, one)| named(one, key))
}

fn scopes(realm: &Object) -> HashSet<&str> {
    match realm.get("clientScopes") {
        Some(Value::Array(_)) => names(realm, "clientScopes", "name").chain(["offline_access"]).collect(),
        _ => built_in::scopes().collect(),
    }
}

fn add_groups(paths: &mut HashSet<String>, group: &Object, above: &str) {
    let Some(name) = named(group, "name") else { return };
    let path = format!("{above}/{name}");
    for (_, below) in objects(group, "subGroups") {
        add_groups(paths, below, &path);
    }
    paths.insert(path);
}
