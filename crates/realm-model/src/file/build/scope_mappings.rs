//! `scopeMappings` and `clientScopeMappings`: which roles a client or client scope may bring into a token.

use std::sync::Arc;

use oidc_types::ClientId;

use super::super::lenient::Text;
use super::super::place::Place;
use super::super::problem::did_you_mean;
use super::super::representation::{RealmRepresentation, ScopeMappingRepresentation};
use super::{Draft, Source, groups, strings};
use crate::RoleKey;

/// Reads both lists, and adds those of the built-in clients and scopes.
pub(super) fn add_all(draft: &mut Draft<'_>, representation: &RealmRepresentation) {
    let list = draft.place.then("scopeMappings");
    for (index, mapping) in representation.scope_mappings.iter().enumerate() {
        add(draft, None, mapping, &list.then(index));
    }
    for (owner, mappings) in &representation.client_scope_mappings {
        let list = draft.place.then("clientScopeMappings").then(owner);
        if !draft.clients.contains_key(owner.as_str()) {
            let help = did_you_mean(owner, draft.clients.keys().map(ClientId::as_str));
            draft.problems.error(list, format!("these are roles of client \"{owner}\", which is not there"), help);
            continue;
        }
        for (index, mapping) in mappings.iter().enumerate() {
            add(draft, Some(&owner.as_str().into()), mapping, &list.then(index));
        }
    }
    if draft.source == Source::File {
        built_in(draft);
    }
}

fn built_in(draft: &mut Draft<'_>) {
    let offline = RoleKey::realm("offline_access");
    if let Some(scope) = draft.scopes.get_mut("offline_access").map(Arc::make_mut)
        && (!draft.brings_scopes || draft.added_offline_access)
        && !scope.role_scope_mappings.contains(&offline)
    {
        scope.role_scope_mappings.push(offline);
    }
    if draft.given_clients.contains("account") || draft.given_clients.contains("account-console") {
        return;
    }
    if let Some(client) = draft.clients.get_mut("account-console") {
        client.scope_mappings = vec![RoleKey::client("account", "manage-account"), RoleKey::client("account", "view-groups")];
    }
}

/// The roles of `owner` (of the realm where there is none) that `mapping` puts into the scope of a client or client scope.
fn add(draft: &mut Draft<'_>, owner: Option<&ClientId>, mapping: &ScopeMappingRepresentation, place: &Place) {
    let mut roles = Vec::with_capacity(mapping.roles.len());
    for (index, name) in strings(&mapping.roles).enumerate() {
        let key = RoleKey { client: owner.cloned(), name: name.trim().into() };
        roles.extend(groups::granted_role(draft, key, &|| place.then("roles").then(index)));
    }
    let target = match (&mapping.client, &mapping.client_scope) {
        (Some(Text(client)), _) => {
            let found = draft.clients.get_mut(client.as_str()).map(|client| &mut client.scope_mappings);
            found.ok_or(("client", client))
        }
        (None, Some(Text(scope))) => {
            let found = draft.scopes.get_mut(scope.as_str()).map(|scope| &mut Arc::make_mut(scope).role_scope_mappings);
            found.ok_or(("clientScope", scope))
        }
        (None, None) => {
            draft.problems.error(place.clone(), "a scope mapping needs a \"client\" or a \"clientScope\"", None);
            return;
        }
    };
    match target {
        Ok(target) => {
            for role in roles {
                if !target.contains(&role) {
                    target.push(role);
                }
            }
        }
        Err((kind, name)) => {
            let help = if kind == "client" {
                did_you_mean(name, draft.clients.keys().map(ClientId::as_str))
            } else {
                did_you_mean(name, draft.scopes.keys().map(|name| &**name))
            };
            draft.problems.error(place.then(kind), format!("there is no such {kind}: \"{name}\""), help);
        }
    }
}
