//! From documents to one representation.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use oidc_types::ClientId;
use serde::Deserialize;
use serde_json::Value;

use super::built_in;
use crate::document::{Body, Documents, Key, Kind, View, parent_group};
use crate::file::build::Shared;
use crate::file::build::clients::FLOW_OVERRIDES;
use crate::file::build::roles::is_in_every_realm;
use crate::file::place::{Place, Step};
use crate::file::problem::Problems;
use crate::file::representation::{
    AuthenticatorConfigRepresentation, ClientRepresentation, ClientScopeRepresentation, ComponentRepresentation,
    FlowRepresentation, GroupRepresentation, IdentityProviderRepresentation, OrganizationRepresentation, RealmRepresentation,
    RequiredActionRepresentation, RoleRepresentation, RolesRepresentation, ScopeMappingRepresentation,
};
use crate::file::{TextValue, build};
use crate::placeholder::{Placeholders, is_resolved, resolve};
use crate::{ClientScope, EntityMap, Realm, Role, RoleKey};

/// The types of components that the snapshot is made of.
pub(super) const READ_COMPONENTS: [&str; 2] = ["org.keycloak.keys.KeyProvider", "org.keycloak.userprofile.UserProfileProvider"];

/// One run over the documents of a realm.
pub(super) struct Reading<'d> {
    documents: &'d Documents,
    placeholders: &'d dyn Placeholders,
    problems: Vec<String>,
    keys: Keys<'d>,
    has_every_realms_roles: bool,
}

/// Which document stands at which place of the representation.
#[derive(Default)]
pub(super) struct Keys<'d>(HashMap<&'static str, Vec<&'d Key>>);

impl<'d> Keys<'d> {
    fn add(&mut self, list: &'static str, key: &'d Key) {
        self.0.entry(list).or_default().push(key);
    }

    /// `message` with what it is about.
    pub(super) fn sentence(&self, place: &Place, message: &str) -> String {
        let key = match place.0.as_slice() {
            [Step::Key(list), Step::Index(index), ..] => self.0.get(list.as_str()).and_then(|keys| keys.get(*index)),
            _ => None,
        };
        match key {
            Some(key) => format!("{key}: {message}"),
            None if place.0.is_empty() => message.to_owned(),
            None => format!("{place}: {message}"),
        }
    }
}

/// Whether some text of `value` could hold a placeholder.
fn has_placeholder(value: &Value) -> bool {
    match value {
        Value::String(text) => memchr::memmem::find(text.as_bytes(), b"${").is_some(),
        Value::Array(values) => values.iter().any(has_placeholder),
        Value::Object(members) => members.values().any(has_placeholder),
        _ => false,
    }
}

/// What serde says of a wrong type, without the value.
fn said(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.split_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "some value is of a wrong type".to_owned(),
    }
}

impl<'d> Reading<'d> {
    pub(super) fn new(documents: &'d Documents, placeholders: &'d dyn Placeholders) -> Self {
        Self { documents, placeholders, problems: Vec::new(), keys: Keys::default(), has_every_realms_roles: false }
    }

    pub(super) fn documents(&self) -> &'d Documents {
        self.documents
    }

    /// All that is wrong, with what was found when the representation was read.
    pub(super) fn problems(self, found: &Problems) -> Vec<String> {
        let sentences = found.found.iter().map(|problem| self.keys.sentence(&problem.place, &problem.message));
        let sentences: Vec<_> = sentences.collect();
        self.problems.into_iter().chain(sentences).collect()
    }

    /// The representation of all that the snapshot is made of.
    pub(super) fn realm(&mut self, shared: &Shared) -> RealmRepresentation {
        let documents = self.documents;
        let mut realm = self.settings();
        realm.id = Some(TextValue(self.documents.realm_id.clone()));
        realm.clients = documents.views(Kind::Client).filter_map(|client| self.client(client)).collect();
        realm.roles = Some(self.roles(shared));
        realm.groups = self.groups();
        realm.scope_mappings =
            self.list(Kind::ScopeMapping, "scopeMappings", |_, given: &mut ScopeMappingRepresentation, key| {
                let target = Some(TextValue(key.name.clone()));
                match key.owner.as_str() {
                    "client" => given.client = target,
                    _ => given.client_scope = target,
                }
            });
        realm.client_scope_mappings = self.client_scope_mappings();
        realm.components = self.components();
        self.logins(&mut realm, shared);
        realm.identity_providers =
            self.list(Kind::IdentityProvider, "identityProviders", |_, given: &mut IdentityProviderRepresentation, key| {
                given.alias = Some(TextValue(key.name.clone()));
            });
        realm.organizations =
            self.list(Kind::Organization, "organizations", |id, given: &mut OrganizationRepresentation, key| {
                given.id = id;
                given.alias.get_or_insert_with(|| TextValue(key.name.clone()));
            });
        realm
    }

    /// A client.
    pub(super) fn client(&mut self, client: View<'d>) -> Option<ClientRepresentation> {
        let mut given: ClientRepresentation = self.read(client)?;
        given.id = self.id(client);
        given.client_id = Some(TextValue(client.key.name.clone()));
        self.name_flows(&mut given);
        self.keys.add("clients", client.key);
        Some(given)
    }

    /// Puts aliases into the place of the ids of flows.
    fn name_flows(&self, given: &mut ClientRepresentation) {
        let Some(Value::Object(overrides)) = given.rest.get_mut(FLOW_OVERRIDES) else { return };
        for flow in overrides.values_mut() {
            let named = flow.as_str().filter(|id| !id.is_empty()).and_then(|id| self.documents.by_id(Kind::Flow, id));
            if let Some(entry) = named {
                *flow = entry.document.key.name.as_str().into();
            }
        }
    }

    /// The client scopes.
    pub(super) fn scopes(&mut self) -> Vec<Arc<ClientScope>> {
        let documents = self.documents;
        documents.keys(Kind::ClientScope).filter_map(|key| self.scope(key)).collect()
    }

    /// A client scope. Those that are built in are read once for all realms.
    pub(super) fn scope(&mut self, key: &Key) -> Option<Arc<ClientScope>> {
        let documents = self.documents;
        let is_built_in = documents.is_as_built_in(key);
        if is_built_in && let Some(known) = built_in::scope(&documents.template, &key.name) {
            return Some(known);
        }
        let mut given: ClientScopeRepresentation = self.read(documents.view(key)?)?;
        given.name = Some(TextValue(key.name.clone()));
        let scope = build::scopes::scope(given);
        if is_built_in {
            built_in::remember_scope(&documents.template, &key.name, &scope);
        }
        Some(scope)
    }

    /// The flows and required actions, each where all of them are as built in.
    pub(super) fn every_realms_logins(&self, shared: &mut Shared) {
        let is_built_in = |kind| self.documents.is_all_as_built_in(kind);
        let has_flows = is_built_in(Kind::Flow) && is_built_in(Kind::AuthenticatorConfig);
        shared.flows = has_flows.then(build::flow::every_realms);
        shared.required_actions = is_built_in(Kind::RequiredAction).then(build::required_actions::every_realms);
    }

    /// The flows, their configurations and the required actions, where they are not those of every realm.
    fn logins(&mut self, realm: &mut RealmRepresentation, shared: &Shared) {
        if shared.flows.is_none() {
            realm.authentication_flows =
                self.list(Kind::Flow, "authenticationFlows", |id, given: &mut FlowRepresentation, key| {
                    given.id = id;
                    given.alias = Some(TextValue(key.name.clone()));
                });
            let complete = |_, given: &mut AuthenticatorConfigRepresentation, key: &Key| {
                given.alias = Some(TextValue(key.name.clone()));
            };
            realm.authenticator_configs = self.list(Kind::AuthenticatorConfig, "authenticatorConfig", complete);
        }
        if shared.required_actions.is_none() {
            let complete = |_, given: &mut RequiredActionRepresentation, key: &Key| {
                given.alias = Some(TextValue(key.name.clone()));
            };
            realm.required_actions = Some(self.list(Kind::RequiredAction, "requiredActions", complete));
        }
    }

    fn settings(&mut self) -> RealmRepresentation {
        let settings = self.documents.view(&Key::realm());
        let mut realm: RealmRepresentation = settings.and_then(|settings| self.read(settings)).unwrap_or_default();
        if realm.realm.as_ref().is_none_or(|TextValue(name)| name.is_empty()) {
            self.problems.push("realm settings: the realm has no name".to_owned());
            realm.realm = Some(TextValue(self.documents.realm_id.clone()));
        }
        realm
    }

    /// The documents of one kind; `complete` puts in what stands in key and id.
    fn list<T: for<'de> Deserialize<'de>>(
        &mut self,
        kind: Kind,
        list: &'static str,
        complete: impl Fn(Option<TextValue>, &mut T, &Key),
    ) -> Vec<T> {
        let documents = self.documents;
        let mut all = Vec::new();
        for view in documents.views(kind) {
            if let Some(mut given) = self.read(view) {
                complete(self.id(view), &mut given, view.key);
                self.keys.add(list, view.key);
                all.push(given);
            }
        }
        all
    }

    /// The roles that every realm has, where they are known and all as built in, with the clients they belong to.
    pub(super) fn every_realms_roles(&mut self) -> EntityMap<RoleKey, Role> {
        let documents = self.documents;
        let has_client = |client| documents.has(&Key::of(Kind::Client, client));
        let is_built_in = |role| documents.is_as_built_in(&Key::of(Kind::RealmRole, role));
        self.has_every_realms_roles = documents.has_all_built_in(Kind::ClientRole)
            && ["offline_access", "uma_authorization"].into_iter().all(is_built_in)
            && ["account", "broker", "realm-management"].into_iter().all(has_client)
            && documents.keys(Kind::ClientRole).all(|key| !is_of_every_realm(key) || documents.is_as_built_in(key));
        if self.has_every_realms_roles { built_in::roles(&documents.template) } else { EntityMap::new() }
    }

    /// Keeps the roles of `realm` for the next one, where they are those that every realm has.
    pub(super) fn remember_every_realms_roles(&self, realm: &Realm) {
        if self.has_every_realms_roles {
            built_in::remember_roles(&self.documents.template, || {
                let in_every = |key: &RoleKey| is_in_every_realm(key.client.as_ref().map(ClientId::as_str), key.name.as_str());
                let shared = realm.roles.iter().filter(|(key, _)| in_every(key));
                shared.map(|(key, role)| (key.clone(), Arc::clone(role))).collect()
            });
        }
    }

    /// The roles but those that are shared.
    fn roles(&mut self, shared: &Shared) -> RolesRepresentation {
        let documents = self.documents;
        let mut roles = RolesRepresentation::default();
        for key in documents.keys(Kind::RealmRole).chain(documents.keys(Kind::ClientRole)) {
            if !shared.roles.is_empty() && documents.is_as_built_in(key) && is_of_every_realm(key) {
                continue;
            }
            let Some(view) = documents.view(key) else { continue };
            let Some(mut role) = self.read::<RoleRepresentation>(view) else { continue };
            let Key { kind, owner, name } = view.key;
            role.id = self.id(view);
            role.name = Some(TextValue(name.clone()));
            let list = if *kind == Kind::RealmRole { &mut roles.realm } else { roles.client.entry(owner.clone()).or_default() };
            list.push(role);
        }
        roles
    }

    /// The groups, each in its parent. A name may have a slash in it: what is in front of it is the path of a group.
    fn groups(&mut self) -> Vec<GroupRepresentation> {
        let documents = self.documents;
        let mut below: HashMap<&'d str, Vec<(&'d str, GroupRepresentation)>> = HashMap::new();
        for entry in documents.of_kind(Kind::Group) {
            let view = View::from(entry); // no group is built in
            let Some(mut group) = self.read::<GroupRepresentation>(view) else { continue };
            let path = entry.document.key.name.as_str();
            let parent = parent_group(documents, &entry.document).map_or("", |parent| parent.key.name.as_str());
            let name = path.get(parent.len() + 1..).unwrap_or_default();
            let is_name = || group.name.as_ref().is_some_and(|given| given.0 == name);
            if parent.is_empty() && name.contains('/') && !is_name() {
                self.problems.push(format!("{}: the group it is in does not exist", entry.document.key));
                continue;
            }
            group.id = self.id(view);
            group.name = Some(TextValue(name.to_owned()));
            below.entry(parent).or_default().push((path, group));
        }
        tree(&mut below, "")
    }

    fn client_scope_mappings(&mut self) -> BTreeMap<String, Vec<ScopeMappingRepresentation>> {
        let documents = self.documents;
        let mut mappings: BTreeMap<String, Vec<ScopeMappingRepresentation>> = BTreeMap::new();
        for view in documents.views(Kind::ClientScopeMapping) {
            let Some(mut mapping) = self.read::<ScopeMappingRepresentation>(view) else { continue };
            let Key { owner, name, .. } = view.key;
            match name.split_once(':') {
                Some(("client", client)) => mapping.client = Some(TextValue(client.to_owned())),
                Some(("clientScope", scope)) => mapping.client_scope = Some(TextValue(scope.to_owned())),
                _ => {}
            }
            mappings.entry(owner.clone()).or_default().push(mapping);
        }
        mappings
    }

    fn components(&mut self) -> BTreeMap<String, Vec<ComponentRepresentation>> {
        let documents = self.documents;
        let mut components: BTreeMap<String, Vec<ComponentRepresentation>> = BTreeMap::new();
        for key in documents.keys(Kind::Component).filter(|key| READ_COMPONENTS.contains(&key.owner.as_str())) {
            let Some(view) = documents.view(key) else { continue };
            let Some(mut component) = self.read::<ComponentRepresentation>(view) else { continue };
            component.id = self.id(view);
            components.entry(key.owner.clone()).or_default().push(component);
        }
        components
    }

    /// The id of an entity, where it has one.
    fn id(&self, view: View<'d>) -> Option<TextValue> {
        Some(view.id(&self.documents.realm_id)).filter(|id| !id.is_empty()).map(TextValue)
    }

    /// What a document says, placeholders replaced; `None` where a value is of a wrong type.
    fn read<T: for<'de> Deserialize<'de>>(&mut self, view: View<'d>) -> Option<T> {
        let body = self.resolved(view);
        match T::deserialize(&*body) {
            Ok(given) => Some(given),
            Err(error) => {
                self.problems.push(format!("{}: it is left out, for {}", view.key, said(&error)));
                None
            }
        }
    }

    fn resolved(&mut self, View { key, body, is_built_in, .. }: View<'d>) -> Cow<'d, Body> {
        // What is built in names the keys of messages in the same way.
        if is_built_in || !body.values().any(has_placeholder) {
            return Cow::Borrowed(body);
        }
        let Ok(text) = serde_json::to_string(body) else { return Cow::Borrowed(body) };
        let resolved = match resolve(&text, self.placeholders) {
            Cow::Borrowed(_) => Cow::Borrowed(body),
            Cow::Owned(text) => serde_json::from_str(&text).map(Cow::Owned).unwrap_or_else(|_| {
                let message = "a placeholder has a value that cannot stand there: none is replaced";
                self.problems.push(format!("{key}: {message}"));
                Cow::Borrowed(body)
            }),
        };
        self.without_unknown_secret((key, body), resolved)
    }

    /// A placeholder without a value is no secret: whoever reads the file would know it.
    fn without_unknown_secret(&mut self, (key, body): (&Key, &Body), mut resolved: Cow<'d, Body>) -> Cow<'d, Body> {
        let written = body.get("secret").filter(|_| key.kind == Kind::Client);
        if written.is_some_and(|secret| !is_resolved(&secret.to_string(), self.placeholders)) {
            self.problems.push(format!("{key}: its secret has no value: nobody logs in with it"));
            resolved.to_mut().shift_remove("secret");
        }
        resolved
    }
}

fn is_of_every_realm(key: &Key) -> bool {
    is_in_every_realm((key.kind == Kind::ClientRole).then_some(key.owner.as_str()), &key.name)
}

/// The groups in the one at `path`, with all that is below them. The depth is that of the paths.
fn tree(below: &mut HashMap<&str, Vec<(&str, GroupRepresentation)>>, path: &str) -> Vec<GroupRepresentation> {
    let groups = below.remove(path).unwrap_or_default().into_iter();
    let with_children = |(path, mut group): (&str, GroupRepresentation)| {
        group.sub_groups = tree(below, path);
        group
    };
    groups.map(with_children).collect()
}
