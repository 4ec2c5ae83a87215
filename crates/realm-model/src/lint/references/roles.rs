//! Roles that are named: in composites, by groups and users, in scopes.

use serde_json::Value;

use super::super::finding::{At, Complete, Findings};
use super::super::rules;
use super::super::view::{Object, View, list, named, object, object_lists, objects, texts};
use super::client_named;

/// What becomes of a role that is not there.
#[derive(Clone, Copy)]
enum Missing {
    /// The import ends.
    Refused,
    /// Keycloak makes it.
    Made,
}

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    composites(view, findings);
    let root = view.at();
    groups(view, view.realm, &root.key("groups"), "groups", findings);
    let mappings = root.key("scopeMappings");
    for (index, mapping) in objects(view.realm, "scopeMappings") {
        scope_mapping(view, None, mapping, &mappings.index(index), findings);
    }
    let mappings = root.key("clientScopeMappings");
    for (client, mappings_of_client) in object_lists(view.realm, "clientScopeMappings") {
        let here = mappings.key(client);
        client_named(view, client, &here, findings);
        for (index, mapping) in mappings_of_client.iter().enumerate() {
            if let Some(mapping) = mapping.as_object() {
                scope_mapping(view, Some(client), mapping, &here.index(index), findings);
            }
        }
    }
    if let Some(roles) = object(view.realm, "roles") {
        let clients = root.key("roles");
        for (client, _) in object_lists(roles, "client") {
            client_named(view, client, &clients.key("client").key(client), findings);
        }
    }
}

/// Roles that a user or group has.
pub(super) fn granted(view: &View<'_>, owner: &Object, at: &At<'_>, findings: &mut Findings) {
    let realm = at.key("realmRoles");
    for (index, role) in texts(owner, "realmRoles") {
        one(view, (None, role), &realm.index(index), Missing::Made, findings);
    }
    let clients = at.key("clientRoles");
    for (client, roles) in object_lists(owner, "clientRoles") {
        let here = clients.key(client);
        client_named(view, client, &here, findings);
        of_client(view, (client, roles), &here, Missing::Made, findings);
    }
}

fn groups(view: &View<'_>, owner: &Object, at: &At<'_>, key: &str, findings: &mut Findings) {
    for (index, group) in objects(owner, key) {
        let here = at.index(index);
        granted(view, group, &here, findings);
        groups(view, group, &here.key("subGroups"), "subGroups", findings);
    }
}

fn composites(view: &View<'_>, findings: &mut Findings) {
    let Some(roles) = object(view.realm, "roles") else { return };
    let root = view.at();
    let at = root.key("roles");
    let realm = at.key("realm");
    for (index, role) in objects(roles, "realm") {
        composites_of(view, role, &realm.index(index), findings);
    }
    let clients = at.key("client");
    for (client, roles) in object_lists(roles, "client") {
        let here = clients.key(client);
        for (index, role) in roles.iter().enumerate() {
            if let Some(role) = role.as_object() {
                composites_of(view, role, &here.index(index), findings);
            }
        }
    }
}

fn composites_of(view: &View<'_>, role: &Object, at: &At<'_>, findings: &mut Findings) {
    let Some(composites) = object(role, "composites") else { return };
    let at = at.key("composites");
    let realm = at.key("realm");
    for (index, contained) in texts(composites, "realm") {
        one(view, (None, contained), &realm.index(index), Missing::Refused, findings);
    }
    let clients = at.key("client");
    for (client, contained) in object_lists(composites, "client") {
        let here = clients.key(client);
        client_named(view, client, &here, findings);
        of_client(view, (client, contained), &here, Missing::Refused, findings);
    }
}

fn of_client(view: &View<'_>, (client, roles): (&str, &[Value]), at: &At<'_>, missing: Missing, findings: &mut Findings) {
    if !view.has_client(client) {
        return;
    }
    for (index, role) in roles.iter().enumerate() {
        if let Some(role) = role.as_str() {
            one(view, (Some(client), role), &at.index(index), missing, findings);
        }
    }
}

fn one(view: &View<'_>, (client, role): (Option<&str>, &str), at: &At<'_>, missing: Missing, findings: &mut Findings) {
    if view.has_role(client, role.trim()) {
        return;
    }
    let of = client.map_or_else(|| "the realm".to_owned(), |client| format!("client \"{client}\""));
    let message = || match missing {
        Missing::Refused => format!("{of} has no role \"{role}\": Keycloak refuses the import"),
        Missing::Made => format!("{of} has no role \"{role}\": one without rights is made"),
    };
    let finding = findings.report(&rules::DANGLING_ROLE, at, message).nearest(role, view.role_names(client));
    if let Missing::Refused = missing {
        finding.error();
    }
}

fn scope_mapping(view: &View<'_>, owner: Option<&str>, mapping: &Object, at: &At<'_>, findings: &mut Findings) {
    if owner.is_none_or(|owner| view.has_client(owner)) {
        let roles = at.key("roles");
        for (index, role) in list(mapping, "roles") {
            if let Some(role) = role.as_str() {
                one(view, (owner, role), &roles.index(index), Missing::Made, findings);
            }
        }
    }
    if let Some(client) = named(mapping, "client") {
        client_named(view, client, &at.key("client"), findings);
    } else if let Some(scope) = named(mapping, "clientScope") {
        if !view.scopes.contains(scope) {
            let message = || format!("there is no client scope \"{scope}\": Keycloak refuses the import");
            let finding = findings.report(&rules::DANGLING_SCOPE, &at.key("clientScope"), message);
            finding.nearest(scope, view.scopes.iter().copied()).error();
        }
    } else {
        findings.report(&rules::MISSING_NAME, at, || "a scope mapping needs a \"client\" or a \"clientScope\"".to_owned());
    }
}
