//! From representations to a realm: defaults filled in, references checked.

pub(crate) mod clients;
pub(crate) mod credentials;
mod event_settings;
pub(crate) mod flow;
mod groups;
mod login_settings;
mod organizations;
mod password_policy;
mod profile;
pub(crate) mod required_actions;
mod rest;
pub(crate) mod roles;
mod scope_mappings;
pub(crate) mod scopes;
mod settings;
mod unknown_fields;
mod users;
mod web_authn;
pub(crate) mod web_origins;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use oidc_types::{ClientId, RealmName};

use super::lenient::Text;
use super::place::Place;
use super::problem::Problems;
use super::representation::{ClientRepresentation, RealmRepresentation, UserRepresentation};
use crate::{Client, ClientScope, EntityMap, Group, GroupPath, Organizations, Realm, RequiredActions, Role, RoleKey, User};

/// Where a representation comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file: what it leaves out is Keycloak's default, built-in entities among it; it is checked for whoever wrote it.
    File,
    /// The durable store: complete, so that what is not there does not exist. What refers to nothing is ignored.
    Store,
}

/// A realm in the making: what refers to one another.
pub(crate) struct Draft<'p> {
    /// `realm`
    name: RealmName,
    source: Source,
    /// The realm in its file.
    place: Place,
    problems: &'p mut Problems,
    /// Whether the file has client scopes of its own: the built-in ones are not there then.
    brings_scopes: bool,
    /// Whether `offline_access` was added to the file's own.
    added_offline_access: bool,
    /// `clientId` of the clients that the file itself has.
    given_clients: BTreeSet<String>,
    /// The flows, where they are those of every realm.
    flows: Option<flow::FlowMap>,
    /// The required actions, where they are those of every realm.
    required_actions: Option<RequiredActions>,
    /// `alias` of the flows that have an id in the file.
    flow_aliases: BTreeMap<String, String>,
    /// `defaultRoles` of clients, as older versions had them.
    client_default_roles: Vec<(ClientId, String)>,
    scopes: BTreeMap<Arc<str>, Arc<ClientScope>>,
    last_scopes: Option<clients::LastScopes>,
    clients: BTreeMap<ClientId, Client>,
    roles: roles::Roles,
    groups: BTreeMap<GroupPath, Group>,
    organizations: Option<Organizations>,
    users: users::Users,
}

/// Gives the users of further files, one file at a time, with the file's number.
type MoreUsers<'m> = &'m mut dyn FnMut(&mut Problems) -> Option<Vec<UserRepresentation>>;

/// Reads `representation`, which stands at `place` of the file that `problems` reports on.
///
/// What is wrong goes to `problems`; the realm is usable where no error is among it.
pub(crate) fn realm(
    representation: RealmRepresentation,
    place: Place,
    problems: &mut Problems,
    more_users: MoreUsers<'_>,
) -> Option<(Realm, Vec<User>)> {
    let (mut draft, settings) = checked(representation, place, problems, more_users)?;
    users::add_service_accounts(&mut draft);
    Some(draft.finish(settings))
}

/// Finds what is wrong, as [`realm`] does, and makes no realm of it.
pub(crate) fn check(representation: RealmRepresentation, place: Place, problems: &mut Problems, more_users: MoreUsers<'_>) {
    checked(representation, place, problems, more_users);
}

fn checked<'p>(
    mut representation: RealmRepresentation,
    place: Place,
    problems: &'p mut Problems,
    more_users: MoreUsers<'_>,
) -> Option<(Draft<'p>, settings::Settings)> {
    unknown_fields::of_realm(&representation, &place, problems);
    let Some(name) = representation.realm.as_ref().map(|Text(name)| name.clone()).filter(|name| !name.trim().is_empty()) else {
        problems.error(place, "a realm needs a name: the member \"realm\" is missing or empty", None);
        return None;
    };
    if name.contains(['/', '?', '#', '%', ';', '\\']) || name.chars().any(char::is_control) {
        problems.error(place.then("realm"), "the name of a realm cannot have any of / ? # % ; \\ in it", None);
        return None;
    }
    let mut draft = Draft { place, ..Draft::new(&name, Source::File, problems) };
    let users = std::mem::take(&mut representation.users);
    let settings = draft.add_all(&mut representation);
    users::add_all(&mut draft, users, &settings);
    while let Some(users) = more_users(draft.problems) {
        draft.place = Place::default();
        users::add_all(&mut draft, users, &settings);
    }
    Some((draft, settings))
}

/// What of a realm is read already, shared with other realms.
#[derive(Default)]
pub(crate) struct Shared {
    /// All its client scopes.
    pub(crate) scopes: Vec<Arc<ClientScope>>,
    /// The roles that every realm has, where they are as in every realm.
    pub(crate) roles: EntityMap<RoleKey, Role>,
    /// The flows, where they are those of every realm.
    pub(crate) flows: Option<flow::FlowMap>,
    /// The required actions, where they are those of every realm.
    pub(crate) required_actions: Option<RequiredActions>,
}

/// The realm of a representation from the durable store, which is without what is `shared`. Its users are not in it.
pub(crate) fn stored(mut representation: RealmRepresentation, shared: Shared, problems: &mut Problems) -> Realm {
    let name = non_empty(representation.realm.clone()).unwrap_or_default();
    let mut draft = Draft::new(&name, Source::Store, problems);
    draft.roles.every_realms = shared.roles;
    draft.flows = shared.flows;
    draft.required_actions = shared.required_actions;
    draft.scopes = shared.scopes.into_iter().map(|scope| (Arc::clone(&scope.name), scope)).collect();
    let settings = draft.add_all(&mut representation);
    draft.finish(settings).0
}

/// One client from the durable store, as it is in `realm`; its scope mappings are not in it.
pub(crate) fn stored_client(realm: &Realm, given: ClientRepresentation, problems: &mut Problems) -> Option<Client> {
    let mut draft = Draft::new(realm.name.as_str(), Source::Store, problems);
    let named = [&given.default_client_scopes, &given.optional_client_scopes].into_iter().flatten().flatten();
    let known = named.filter_map(|Text(name)| realm.client_scopes.get(name.as_str()));
    draft.scopes = known.map(|scope| (Arc::clone(&scope.name), Arc::clone(scope))).collect();
    clients::add_all(&mut draft, &mut RealmRepresentation { clients: vec![given], ..RealmRepresentation::default() });
    draft.clients.into_values().next()
}

impl<'p> Draft<'p> {
    fn new(name: &str, source: Source, problems: &'p mut Problems) -> Self {
        Self {
            name: name.into(),
            source,
            place: Place::default(),
            problems,
            brings_scopes: false,
            added_offline_access: false,
            given_clients: BTreeSet::new(),
            flows: None,
            required_actions: None,
            flow_aliases: BTreeMap::new(),
            client_default_roles: Vec::new(),
            scopes: BTreeMap::new(),
            last_scopes: None,
            clients: BTreeMap::new(),
            roles: roles::Roles::new(name),
            groups: BTreeMap::new(),
            organizations: None,
            users: users::Users::default(),
        }
    }

    /// All but the users, whatever may be referred to first.
    fn add_all(&mut self, representation: &mut RealmRepresentation) -> settings::Settings {
        if self.source == Source::File {
            scopes::add_all(self, representation);
        }
        let flows = representation.authentication_flows.iter();
        self.flow_aliases =
            flows.filter_map(|flow| Some((non_empty(flow.id.clone())?, non_empty(flow.alias.clone())?))).collect();
        clients::add_all(self, representation);
        roles::add_all(self, representation);
        groups::add_all(self, representation);
        self.organizations = organizations::read(self, representation);
        scope_mappings::add_all(self, representation);
        settings::read(self, representation)
    }
}

impl Draft<'_> {
    /// The place of a list's element in the realm.
    fn at(&self, list: &str, index: usize) -> Place {
        self.place.then(list).then(index)
    }

    fn finish(self, settings: settings::Settings) -> (Realm, Vec<User>) {
        let mut realm = settings.into_realm(self.name);
        realm.client_scopes = scopes::finish(self.scopes);
        realm.clients = self.clients.into_iter().map(|(id, client)| (id, Arc::new(client))).collect();
        realm.groups = self.groups.into_iter().map(|(path, group)| (path, Arc::new(group))).collect();
        realm.organizations = self.organizations.map(Arc::new);
        realm.roles = self.roles.finish();
        (realm, self.users.into_list())
    }
}

/// The texts of a list.
fn strings(texts: &[Text]) -> impl Iterator<Item = &str> {
    texts.iter().map(|Text(text)| text.as_str())
}

/// A text that is not empty.
fn non_empty(text: Option<Text>) -> Option<String> {
    text.map(|Text(text)| text).filter(|text| !text.is_empty())
}
