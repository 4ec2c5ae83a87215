//! Groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use oidc_types::ClientId;

use super::super::lenient::Text;
use super::super::place::Place;
use super::super::problem::did_you_mean;
use super::super::representation::{GroupRepresentation, RealmRepresentation};
use super::{Draft, Source, non_empty, strings};
use crate::{Group, GroupPath, RoleKey};

/// Reads `groups` with their subgroups.
pub(super) fn add_all(draft: &mut Draft<'_>, representation: &RealmRepresentation) {
    let list = draft.place.then("groups");
    add_list(draft, &representation.groups, None, &list);
}

/// The depth is bounded by that of the JSON text.
fn add_list(draft: &mut Draft<'_>, groups: &[GroupRepresentation], parent: Option<&GroupPath>, list: &Place) {
    for (index, given) in groups.iter().enumerate() {
        let place = list.then(index);
        let Some(name) = non_empty(given.name.clone()) else {
            draft.problems.error(place, "a group needs a \"name\"", None);
            continue;
        };
        let path: GroupPath = format!("{}/{name}", parent.map_or("", |parent| parent)).into();
        if draft.groups.contains_key(&path) {
            draft.problems.error(place.then("name"), format!("there are two groups \"{path}\""), None);
            continue;
        }
        let group = Group {
            path: Arc::clone(&path),
            parent: parent.cloned(),
            roles: granted_roles(draft, &given.realm_roles, &given.client_roles, &place),
            attributes: given.attributes.0.clone(),
            name,
        };
        draft.groups.insert(Arc::clone(&path), group);
        add_list(draft, &given.sub_groups, Some(&path), &place.then("subGroups"));
    }
}

/// The roles that `realmRoles` and `clientRoles` of a group or user name. A role that is not there is made, as Keycloak does,
/// and reported; a client that is not there is an error.
pub(super) fn granted_roles(
    draft: &mut Draft<'_>,
    realm_roles: &[Text],
    client_roles: &BTreeMap<String, Vec<Text>>,
    owner: &Place,
) -> Vec<RoleKey> {
    let mut roles = Vec::with_capacity(realm_roles.len());
    for (index, name) in strings(realm_roles).enumerate() {
        let key = RoleKey::realm(name.trim());
        roles.extend(granted_role(draft, key, &|| owner.then("realmRoles").then(index)));
    }
    for (client, names) in client_roles {
        let list = || owner.then("clientRoles").then(client);
        let Some((client, _)) = draft.clients.get_key_value(client.as_str()) else {
            let help = did_you_mean(client, draft.clients.keys().map(ClientId::as_str));
            draft.problems.error(list(), format!("these are roles of client \"{client}\", which is not there"), help);
            continue;
        };
        let client = client.clone();
        for (index, name) in strings(names).enumerate() {
            let key = RoleKey { client: Some(client.clone()), name: name.trim().into() };
            roles.extend(granted_role(draft, key, &|| list().then(index)));
        }
    }
    roles
}

/// The role of this key, as [`granted_roles`] finds it; one that the store does not have is ignored.
pub(super) fn granted_role(draft: &mut Draft<'_>, key: RoleKey, place: &dyn Fn() -> Place) -> Option<RoleKey> {
    if let Some(known) = draft.roles.known(&key) {
        return Some(known);
    }
    let help = did_you_mean(key.name.as_str(), draft.roles.names(key.client.as_ref()));
    let done = if draft.source == Source::File { "one without rights is made" } else { "it is ignored" };
    draft.problems.warning(place(), format!("there is no role \"{key:?}\": {done}"), help);
    (draft.source == Source::File).then(|| draft.roles.ensure(&key))
}
