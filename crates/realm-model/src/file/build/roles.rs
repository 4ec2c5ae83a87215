//! Roles: those of the file, the built-in ones, and what contains what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use oidc_types::ClientId;

use super::super::defaults;
use super::super::lenient::Text;
use super::super::place::Place;
use super::super::problem::did_you_mean;
use super::super::representation::{CompositesRepresentation, RealmRepresentation, RoleRepresentation, RolesRepresentation};
use super::{Draft, Source, non_empty, strings};
use crate::sharing::{self, Maps, Pool};
use crate::{EntityMap, Role, RoleKey, RoleSet};

/// A role that nothing is known of.
fn fresh(key: RoleKey) -> Role {
    Role { key, composites: Vec::new(), closure: RoleSet::new(), description: None, attributes: BTreeMap::new() }
}

/// Whether every realm has this role (of this client).
pub(crate) fn is_in_every_realm(client: Option<&str>, name: &str) -> bool {
    match client {
        None => ["offline_access", "uma_authorization"].contains(&name),
        Some(client) => ["account", "broker", "realm-management"].contains(&client),
    }
}

/// The realm roles that every realm has, with their descriptions.
const OF_REALM: [(&str, &str); 2] =
    [("offline_access", "${role_offline-access}"), ("uma_authorization", "${role_uma_authorization}")];

/// Roles of client `broker`, with those they contain.
const BROKER_ROLES: &[(&str, &[&str])] = &[("read-token", &[])];

/// The roles of a realm in the making.
pub(super) struct Roles {
    /// `defaultRole`
    default: RoleKey,
    all: BTreeMap<RoleKey, Role>,
    /// Those that every realm has, where they are as in every realm; they contain one another alone.
    pub(super) every_realms: EntityMap<RoleKey, Role>,
}

impl Roles {
    pub(super) fn new(realm: &str) -> Self {
        Self {
            default: RoleKey::realm(format!("default-roles-{}", realm.to_lowercase())),
            all: BTreeMap::new(),
            every_realms: EntityMap::new(),
        }
    }

    /// Takes the roles that every realm has as they are in every realm, where none of them is there yet.
    fn rest_on_every_realms(&mut self) {
        static EVERY_REALMS: LazyLock<EntityMap<RoleKey, Role>> = LazyLock::new(|| {
            let mut roles = Roles::new("");
            for (name, description) in OF_REALM {
                let _ = roles.ensure(&RoleKey::realm(name));
                roles.describe(&RoleKey::realm(name), description);
            }
            built_in_of(&mut roles, "account", defaults::ACCOUNT_ROLES);
            built_in_of(&mut roles, "broker", BROKER_ROLES);
            management_roles(&mut roles);
            roles.finish()
        });
        let in_every = |key: &RoleKey| is_in_every_realm(key.client.as_ref().map(ClientId::as_str), key.name.as_str());
        if !self.all.keys().any(in_every) {
            self.every_realms = EVERY_REALMS.clone();
        }
    }

    /// The default role: what a service account gets.
    pub(super) fn default_role(&self) -> RoleKey {
        self.default.clone()
    }

    /// The key of a role that exists: the one instance of its texts.
    pub(super) fn known(&self, key: &RoleKey) -> Option<RoleKey> {
        let known = self.all.get(key).or_else(|| self.every_realms.get(key).map(|role| &**role));
        known.map(|role| role.key.clone())
    }

    /// Names of the realm's roles, or of one client's.
    pub(super) fn names<'a>(&'a self, client: Option<&'a ClientId>) -> impl Iterator<Item = &'a str> {
        let all = self.all.keys().chain(self.every_realms.keys());
        all.filter(move |key| key.client.as_ref() == client).map(|key| key.name.as_str())
    }

    /// Makes the role where it is not there yet.
    pub(super) fn ensure(&mut self, key: &RoleKey) -> RoleKey {
        if let Some(known) = self.known(key) {
            return known;
        }
        self.all.insert(key.clone(), fresh(key.clone()));
        key.clone()
    }

    fn contain(&mut self, container: &RoleKey, contained: RoleKey) {
        let contained = self.ensure(&contained);
        self.ensure(container);
        if let Some(role) = self.all.get_mut(container)
            && !role.composites.contains(&contained)
        {
            role.composites.push(contained);
        }
    }

    fn describe(&mut self, key: &RoleKey, description: &str) {
        if let Some(role) = self.all.get_mut(key) {
            role.description.get_or_insert_with(|| description.to_owned());
        }
    }

    /// The roles with their closures. Those that every realm has are shared with other realms, map and all.
    pub(super) fn finish(self) -> EntityMap<RoleKey, Role> {
        static ROLES: LazyLock<Pool<Role>> = LazyLock::new(Pool::default);
        static MAPS: LazyLock<Maps<RoleKey, Role>> = LazyLock::new(Maps::default);
        let closures: Vec<RoleSet> = self.all.keys().map(|key| self.closure(key)).collect();
        let with_closure = |(role, closure)| sharing::one(&ROLES, Role { closure, ..role });
        let roles = self.all.into_values().zip(closures).map(with_closure);
        let is_new = self.every_realms.is_empty();
        let in_every = |key: &RoleKey| is_in_every_realm(key.client.as_ref().map(ClientId::as_str), key.name.as_str());
        let (every_realms, own): (Vec<_>, Vec<_>) = roles.partition(|role| is_new && in_every(&role.key));
        let mut all = if is_new { MAPS.of(every_realms, |role| role.key.clone()) } else { self.every_realms };
        all.extend(own.into_iter().map(|role| (role.key.clone(), role)));
        all
    }

    /// `start` and all it contains; roles may contain one another in a circle.
    fn closure(&self, start: &RoleKey) -> RoleSet {
        let mut closure = BTreeSet::new();
        let mut open = vec![start];
        while let Some(key) = open.pop() {
            if let Some(role) = self.every_realms.get(key) {
                closure.extend(role.closure.iter().cloned());
            }
            let Some(role) = self.all.get(key) else { continue };
            if closure.insert(role.key.clone()) {
                open.extend(role.composites.iter().filter(|key| !closure.contains(*key)));
            }
        }
        closure
    }
}

/// Reads `roles`, `defaultRole` and `defaultRoles`, and adds what every realm has.
pub(super) fn add_all(draft: &mut Draft<'_>, representation: &RealmRepresentation) {
    let none = RolesRepresentation::default();
    let given = representation.roles.as_ref().unwrap_or(&none);
    let place = draft.place.then("roles");
    declare(draft, None, &given.realm, &place.then("realm"));
    for (client, roles) in &given.client {
        let place = place.then("client").then(client);
        if draft.clients.contains_key(client.as_str()) {
            declare(draft, Some(&client.as_str().into()), roles, &place);
        } else {
            let help = did_you_mean(client, draft.clients.keys().map(ClientId::as_str));
            draft.problems.error(place, format!("these are roles of client \"{client}\", which is not there"), help);
        }
    }
    if draft.source == Source::File {
        built_in(draft, representation);
    }
    let at = |list: Place, index: usize| list.then(index).then("composites");
    for (index, role) in given.realm.iter().enumerate() {
        compose(draft, None, role, &|| at(place.then("realm"), index));
    }
    for (client, roles) in &given.client {
        let owner = ClientId::from(client.as_str());
        for (index, role) in roles.iter().enumerate() {
            compose(draft, Some(&owner), role, &|| at(place.then("client").then(client), index));
        }
    }
}

fn declare(draft: &mut Draft<'_>, client: Option<&ClientId>, given: &[RoleRepresentation], list: &Place) {
    for (index, role) in given.iter().enumerate() {
        let Some(name) = non_empty(role.name.clone()) else {
            draft.problems.error(list.then(index), "a role needs a \"name\"", None);
            continue;
        };
        let key = RoleKey { client: client.cloned(), name: name.into() };
        if draft.roles.all.contains_key(&key) {
            draft.problems.error(list.then(index).then("name"), format!("there are two roles \"{key:?}\""), None);
            continue;
        }
        let mut declared = fresh(key.clone());
        declared.description = non_empty(role.description.clone());
        declared.attributes.clone_from(&role.attributes.0);
        draft.roles.all.insert(key, declared);
    }
}

/// The roles that Keycloak adds: the default role with what is in it, and those of the built-in clients it made itself.
fn built_in(draft: &mut Draft<'_>, representation: &RealmRepresentation) {
    default_role(draft, representation);
    let default = draft.roles.default_role();
    if ["account", "broker", "realm-management"].iter().all(|client| !draft.given_clients.contains(*client)) {
        draft.roles.rest_on_every_realms();
    }
    for (name, description) in OF_REALM {
        draft.roles.contain(&default, RoleKey::realm(name));
        draft.roles.describe(&RoleKey::realm(name), description);
    }
    for name in strings(&representation.default_roles) {
        draft.roles.contain(&default, RoleKey::realm(name));
    }
    let made = |client: &str| !draft.given_clients.contains(client);
    let (account, broker, management) = (made("account"), made("broker"), made("realm-management"));
    let as_everywhere = !draft.roles.every_realms.is_empty();
    if account {
        if !as_everywhere {
            built_in_of(&mut draft.roles, "account", defaults::ACCOUNT_ROLES);
        }
        for name in ["manage-account", "view-profile"] {
            draft.roles.contain(&default, RoleKey::client("account", name));
        }
    } else {
        draft.roles.ensure(&RoleKey::client("account", "delete-account"));
    }
    if broker && !as_everywhere {
        built_in_of(&mut draft.roles, "broker", BROKER_ROLES);
    }
    if management && !as_everywhere {
        management_roles(&mut draft.roles);
    }
    for (client, role) in std::mem::take(&mut draft.client_default_roles) {
        draft.roles.contain(&default, RoleKey { client: Some(client), name: role.into() });
    }
}

fn default_role(draft: &mut Draft<'_>, representation: &RealmRepresentation) {
    if let Some(given) = &representation.default_role
        && let Some(name) = non_empty(given.name.clone())
    {
        draft.roles.default = RoleKey::realm(name);
        if !draft.roles.all.contains_key(&draft.roles.default) {
            declare(draft, None, std::slice::from_ref(given), &Place::default());
        }
    } else {
        let taken = draft.roles.default.clone();
        if draft.roles.all.contains_key(&taken) {
            // Keycloak: it finds the name taken and calls its own "…-1" (seen on import).
            draft.roles.default = RoleKey::realm(format!("{taken:?}-1"));
            let message = format!("role \"{taken:?}\" is in \"roles\", but not named as \"defaultRole\": it is an ordinary role");
            let help = Some(format!("add \"defaultRole\": {{\"name\": \"{taken:?}\"}}"));
            draft.problems.warning(draft.place.then("roles"), message, help);
        }
        let default = draft.roles.default_role();
        draft.roles.ensure(&default);
        draft.roles.describe(&default, "${role_default-roles}");
    }
}

fn built_in_of(all: &mut Roles, client: &str, roles: &[(&str, &[&str])]) {
    for (name, contains) in roles {
        let key = RoleKey::client(client, *name);
        all.ensure(&key);
        all.describe(&key, &format!("${{role_{name}}}"));
        for contained in *contains {
            all.contain(&key, RoleKey::client(client, *contained));
        }
    }
}

fn management_roles(all: &mut Roles) {
    built_in_of(all, "realm-management", defaults::MANAGEMENT_ROLES);
    let admin = RoleKey::client("realm-management", "realm-admin");
    all.ensure(&admin);
    all.describe(&admin, "${role_realm-admin}");
    for (name, _) in defaults::MANAGEMENT_ROLES {
        all.contain(&admin, RoleKey::client("realm-management", *name));
    }
}

fn compose(draft: &mut Draft<'_>, client: Option<&ClientId>, role: &RoleRepresentation, place: &dyn Fn() -> Place) {
    let (Some(composites), Some(Text(name))) = (&role.composites, &role.name) else { return };
    let container = RoleKey { client: client.cloned(), name: name.as_str().into() };
    let CompositesRepresentation { realm, client, .. } = composites;
    for (index, name) in strings(realm).enumerate() {
        contain(draft, &container, RoleKey::realm(name), &|| place().then("realm").then(index));
    }
    for (client, names) in client {
        let owner = ClientId::from(client.as_str());
        for (index, name) in strings(names).enumerate() {
            let key = RoleKey::client(owner.clone(), name);
            contain(draft, &container, key, &|| place().then("client").then(client).then(index));
        }
    }
}

fn contain(draft: &mut Draft<'_>, container: &RoleKey, key: RoleKey, place: &dyn Fn() -> Place) {
    if draft.roles.known(&key).is_some() {
        draft.roles.contain(container, key);
    } else {
        let help = did_you_mean(key.name.as_str(), draft.roles.names(key.client.as_ref()));
        draft.problems.error(place(), format!("there is no role \"{key:?}\" for \"{container:?}\" to contain"), help);
    }
}
