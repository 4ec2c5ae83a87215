//! Names that refer to what is not there.

mod flows;
mod providers_of;
mod roles;

use super::finding::{At, Complete, Findings};
use super::providers::REQUIRED_ACTIONS;
use super::rules;
use super::view::{Object, View, named, objects, text, texts};
use crate::file::built_in;

/// Looks at every reference of the realm and its users.
pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    roles::check(view, findings);
    flows::check(view, findings);
    providers_of::check(view, findings);
    scopes(view, findings);
    identity_provider_mappers(view, findings);
    let root = view.at();
    group_list(view, view.realm, (&root, "defaultGroups"), findings);
}

/// The required actions that users of the realm can have.
pub(super) fn actions<'v>(view: &View<'v>) -> Vec<&'v str> {
    if !view.realm.contains_key("requiredActions") {
        return REQUIRED_ACTIONS.to_vec();
    }
    objects(view.realm, "requiredActions").filter_map(|(_, action)| named(action, "alias")).collect()
}

/// Looks at what one user names.
pub(super) fn of_user(view: &View<'_>, user: &Object, at: &At<'_>, actions: &[&str], findings: &mut Findings) {
    roles::granted(view, user, at, findings);
    group_list(view, user, (at, "groups"), findings);
    if let Some(client) = named(user, "serviceAccountClientId") {
        client_named(view, client, &at.key("serviceAccountClientId"), findings);
    }
    let list = at.key("requiredActions");
    for (index, action) in texts(user, "requiredActions").filter(|(_, action)| !actions.contains(action)) {
        let message = || format!("the realm has no required action \"{action}\": the user is not asked for it");
        findings.report(&rules::UNKNOWN_ACTION, &list.index(index), message).nearest(action, actions.iter().copied());
    }
    let identities = at.key("federatedIdentities");
    for (index, identity) in objects(user, "federatedIdentities") {
        identity_provider_named(
            view,
            text(identity, "identityProvider"),
            &identities.index(index).key("identityProvider"),
            findings,
        );
    }
    let consents = at.key("clientConsents");
    for (index, consent) in objects(user, "clientConsents") {
        if let Some(client) = named(consent, "clientId") {
            client_named(view, client, &consents.index(index).key("clientId"), findings);
        }
    }
}

/// A client that must be there.
fn client_named(view: &View<'_>, client: &str, at: &At<'_>, findings: &mut Findings) {
    if !view.has_client(client) {
        let message = || format!("there is no client \"{client}\": Keycloak refuses the import");
        findings.report(&rules::DANGLING_CLIENT, at, message).nearest(client, view.client_names());
    }
}

fn group_list(view: &View<'_>, owner: &Object, (at, key): (&At<'_>, &str), findings: &mut Findings) {
    let list = at.key(key);
    for (index, name) in texts(owner, key) {
        let is_there = if name.starts_with('/') { view.groups.contains(name) } else { view.groups.contains(&format!("/{name}")) };
        if !is_there {
            let of_realm = key == "defaultGroups";
            let outcome = if of_realm { "it is ignored" } else { "Keycloak refuses the import" };
            let message = || format!("there is no group \"{name}\": {outcome}");
            let finding = findings.report(&rules::DANGLING_GROUP, &list.index(index), message);
            let finding = finding.nearest(name, view.groups.iter().map(String::as_str));
            if of_realm {
                finding.warning();
            }
        }
    }
}

fn scopes(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    for key in ["defaultDefaultClientScopes", "defaultOptionalClientScopes"] {
        scope_list(view, view.realm, &root.key(key), key, findings);
    }
    let clients = root.key("clients");
    for (index, client) in objects(view.realm, "clients") {
        let here = clients.index(index);
        for key in ["defaultClientScopes", "optionalClientScopes"] {
            scope_list(view, client, &here.key(key), key, findings);
        }
    }
}

fn scope_list(view: &View<'_>, owner: &Object, list: &At<'_>, key: &str, findings: &mut Findings) {
    for (index, name) in texts(owner, key).filter(|(_, name)| !view.scopes.contains(name)) {
        let message = || format!("there is no client scope \"{name}\": Keycloak ignores it");
        let finding = findings.report(&rules::DANGLING_SCOPE, &list.index(index), message);
        if built_in::scopes().any(|scope| scope == name) {
            finding.help("a file with \"clientScopes\" has only those it lists: the built-in ones are not added");
        } else {
            finding.nearest(name, view.scopes.iter().copied());
        }
    }
}

fn identity_provider_mappers(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    let list = root.key("identityProviderMappers");
    for (index, mapper) in objects(view.realm, "identityProviderMappers") {
        let here = list.index(index);
        identity_provider_named(view, text(mapper, "identityProviderAlias"), &here.key("identityProviderAlias"), findings);
    }
}

fn identity_provider_named(view: &View<'_>, alias: Option<&str>, at: &At<'_>, findings: &mut Findings) {
    let Some(alias) = alias.filter(|alias| !view.identity_providers.contains(alias)) else { return };
    let message = || format!("there is no identity provider \"{alias}\"");
    findings.report(&rules::DANGLING_PROVIDER, at, message).nearest(alias, view.identity_providers.iter().copied());
}
