//! Names that are missing, and names and ids that are there twice.

use std::collections::HashSet;

use serde_json::Value;

use super::finding::{At, Complete, Findings};
use super::rules;
use super::view::{Object, View, flag, named, object, object_lists, objects, text};

/// A list of entities, and by which member they are told apart.
struct Kind {
    list: &'static str,
    word: &'static str,
    name: &'static str,
    /// What must also be the same for two to be the same.
    within: Option<&'static str>,
}

const KINDS: [Kind; 9] = [
    Kind { list: "clients", word: "client", name: "clientId", within: None },
    Kind { list: "clientScopes", word: "client scope", name: "name", within: None },
    Kind { list: "authenticationFlows", word: "authentication flow", name: "alias", within: None },
    Kind { list: "authenticatorConfig", word: "authenticatorConfig", name: "alias", within: None },
    Kind { list: "identityProviders", word: "identity provider", name: "alias", within: None },
    Kind {
        list: "identityProviderMappers",
        word: "identity provider mapper",
        name: "name",
        within: Some("identityProviderAlias"),
    },
    Kind { list: "requiredActions", word: "required action", name: "alias", within: None },
    Kind { list: "organizations", word: "organization", name: "name", within: None },
    Kind { list: "protocolMappers", word: "protocol mapper", name: "name", within: None },
];

/// Looks at all lists of the realm, users apart.
pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    for kind in &KINDS {
        let entities = objects(view.realm, kind.list);
        entities_of(kind, entities, &root.key(kind.list), findings);
    }
    for list in ["clients", "clientScopes"] {
        let at = root.key(list);
        for (index, owner) in objects(view.realm, list) {
            let here = at.index(index);
            if let Some(kind) = KINDS.last() {
                entities_of(kind, objects(owner, "protocolMappers"), &here.key("protocolMappers"), findings);
            }
        }
    }
    roles(view, findings);
    groups(view.realm, "groups", &root.key("groups"), &mut HashSet::new(), findings);
    let components = root.key("components");
    let mut ids = HashSet::new();
    for (kind, list) in object_lists(view.realm, "components") {
        let here = components.key(kind);
        for (index, component) in list.iter().enumerate() {
            if let Some(component) = component.as_object() {
                id("component", component, &here.index(index), &mut ids, findings);
            }
        }
    }
}

fn entities_of<'v>(kind: &Kind, entities: impl Iterator<Item = (usize, &'v Object)>, list: &At<'_>, findings: &mut Findings) {
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    for (index, entity) in entities {
        let here = list.index(index);
        id(kind.word, entity, &here, &mut ids, findings);
        let Some(name) = named(entity, kind.name) else {
            missing(kind.word, kind.name, &here, findings);
            continue;
        };
        let within = kind.within.and_then(|within| text(entity, within));
        if !names.insert((within, name)) {
            twice(kind.word, name, &here.key(kind.name), findings);
        }
    }
}

fn missing(word: &str, member: &str, at: &At<'_>, findings: &mut Findings) {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    findings.report(&rules::MISSING_NAME, at, || format!("{article} {word} needs a \"{member}\""));
}

fn twice(word: &str, name: &str, at: &At<'_>, findings: &mut Findings) {
    findings.report(&rules::DUPLICATE_NAME, at, || format!("there are two of {word} \"{name}\": Keycloak refuses the import"));
}

fn id<'v>(word: &str, entity: &'v Object, at: &At<'_>, ids: &mut HashSet<&'v str>, findings: &mut Findings) {
    let Some(id) = named(entity, "id").filter(|id| !ids.insert(id)) else { return };
    let message = || format!("another {word} of this file has the id \"{id}\", too: Keycloak refuses the import");
    findings.report(&rules::DUPLICATE_ID, &at.key("id"), message);
}

fn roles(view: &View<'_>, findings: &mut Findings) {
    let Some(roles) = object(view.realm, "roles") else { return };
    let root = view.at();
    let at = root.key("roles");
    let mut ids = HashSet::new();
    let realm = roles.get("realm").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    role_list(realm, &at.key("realm"), &mut ids, findings);
    let clients = at.key("client");
    for (client, roles) in object_lists(roles, "client") {
        role_list(roles, &clients.key(client), &mut ids, findings);
    }
}

fn role_list<'v>(roles: &'v [Value], list: &At<'_>, ids: &mut HashSet<&'v str>, findings: &mut Findings) {
    let mut names = HashSet::new();
    for (index, role) in roles.iter().enumerate() {
        let (Some(role), here) = (role.as_object(), list.index(index)) else { continue };
        id("role", role, &here, ids, findings);
        match named(role, "name") {
            None => missing("role", "name", &here, findings),
            Some(name) if !names.insert(name) => twice("role", name, &here.key("name"), findings),
            Some(_) => {}
        }
    }
}

fn groups<'v>(owner: &'v Object, key: &str, list: &At<'_>, ids: &mut HashSet<&'v str>, findings: &mut Findings) {
    let mut names = HashSet::new();
    for (index, group) in objects(owner, key) {
        let here = list.index(index);
        id("group", group, &here, ids, findings);
        match named(group, "name") {
            None => missing("group", "name", &here, findings),
            Some(name) if !names.insert(name) => twice("group", name, &here.key("name"), findings),
            Some(_) => {}
        }
        groups(group, "subGroups", &here.key("subGroups"), ids, findings);
    }
}

/// What no two users of a realm share.
#[derive(Default)]
pub(super) struct Taken<'v> {
    usernames: HashSet<String>,
    emails: HashSet<String>,
    ids: HashSet<&'v str>,
}

impl<'v> Taken<'v> {
    /// Looks at one user.
    pub(super) fn check(&mut self, view: &View<'_>, user: &'v Object, at: &At<'_>, findings: &mut Findings) {
        id("user", user, at, &mut self.ids, findings);
        match named(user, "username") {
            None => missing("user", "username", at, findings),
            Some(name) if !self.usernames.insert(name.to_lowercase()) => twice("user", name, &at.key("username"), findings),
            Some(_) => {}
        }
        let Some(email) = named(user, "email") else { return };
        if !self.emails.insert(email.to_lowercase()) && flag(view.realm, "duplicateEmailsAllowed") != Some(true) {
            let message = || format!("another user has the e-mail address \"{email}\", too: Keycloak refuses the import");
            let finding = findings.report(&rules::DUPLICATE_NAME, &at.key("email"), message);
            finding.help("set \"duplicateEmailsAllowed\": true if that is meant");
        }
    }
}
