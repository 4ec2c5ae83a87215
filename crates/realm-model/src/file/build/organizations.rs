//! Organizations.

use std::collections::{BTreeMap, HashMap};

use super::super::lenient::{Flag, Text};
use super::super::place::Place;
use super::super::representation::{GroupRepresentation, MemberRepresentation, OrganizationRepresentation, RealmRepresentation};
use super::groups::granted_roles;
use super::{Draft, non_empty, strings};
use crate::{GroupPath, Organization, Organizations, RoleKey, stable_id};

/// Reads `organizations`; `None` where the realm has them switched off, whatever stands there (CVE-2026-9791).
pub(super) fn read(draft: &mut Draft<'_>, realm: &RealmRepresentation) -> Option<Organizations> {
    if !realm.organizations_enabled.is_some_and(|Flag(on)| on) {
        return None;
    }
    let list = draft.place.then("organizations");
    let mut all = Vec::new();
    for (index, given) in realm.organizations.iter().enumerate() {
        let place = list.then(index);
        // Keycloak: one without an alias has its name as the alias.
        let Some(alias) = non_empty(given.alias.clone()).or_else(|| non_empty(given.name.clone())) else {
            draft.problems.error(place, "an organization needs an \"alias\" or a \"name\"", None);
            continue;
        };
        all.push(organization(draft, given, alias, &place));
    }
    Some(all.into_iter().collect())
}

fn organization(draft: &mut Draft<'_>, given: &OrganizationRepresentation, alias: String, place: &Place) -> Organization {
    let mut groups = BTreeMap::new();
    add_groups(draft, &given.groups, ("", &[]), (&place.then("groups"), &mut groups));
    let verified = given.domains.iter().filter(|domain| domain.verified.is_some_and(|Flag(verified)| verified));
    Organization {
        id: non_empty(given.id.clone()).unwrap_or_else(|| stable_id(draft.name.as_str(), "organization", &alias)),
        enabled: given.enabled.is_none_or(|Flag(on)| on),
        attributes: given.attributes.0.clone(),
        verified_domain: verified.filter_map(|domain| non_empty(domain.name.clone())).next(),
        members: given.members.iter().filter_map(|one| member(one, &groups)).collect::<HashMap<_, _>>(),
        groups,
        alias: alias.into(),
    }
}

fn member(given: &MemberRepresentation, groups: &BTreeMap<GroupPath, Vec<RoleKey>>) -> Option<(String, Vec<GroupPath>)> {
    let known = |path: &str| groups.get_key_value(path).map(|(path, _)| GroupPath::clone(path));
    let paths = strings(&given.groups).filter_map(known).collect();
    Some((non_empty(given.username.clone())?.to_lowercase(), paths))
}

/// The depth is bounded by that of the JSON text.
fn add_groups(
    draft: &mut Draft<'_>,
    given: &[GroupRepresentation],
    (parent, inherited): (&str, &[RoleKey]),
    (list, groups): (&Place, &mut BTreeMap<GroupPath, Vec<RoleKey>>),
) {
    for (index, group) in given.iter().enumerate() {
        let place = list.then(index);
        let Some(Text(name)) = group.name.as_ref().filter(|Text(name)| !name.is_empty()) else {
            draft.problems.error(place, "a group needs a \"name\"", None);
            continue;
        };
        let path = format!("{parent}/{name}");
        let mut roles = inherited.to_vec();
        roles.extend(granted_roles(draft, &group.realm_roles, &group.client_roles, &place));
        add_groups(draft, &group.sub_groups, (&path, &roles), (&place.then("subGroups"), groups));
        groups.insert(path.into(), roles);
    }
}
