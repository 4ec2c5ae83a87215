//! What the two mappers of organizations make.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use realm_model::{Organization, ProtocolMapper};

use crate::claims::{ClaimValue, Claims};
use crate::evaluate::Facts;
use crate::mapper::{JsonType, Shape};

/// The claim that the mapper of groups adds to, whatever the other is called.
const CLAIM: &str = "organization";

/// What the membership mapper says of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrganizationForm {
    /// Its alias, in a list.
    Aliases,
    /// The first alias.
    Alias,
    /// An object for each, under its alias.
    Objects { id: bool, attributes: bool, domain: bool },
    /// One value of JSON: no claim.
    Nothing,
}

impl OrganizationForm {
    /// Keycloak: a domain alone makes no objects of them (measured on 26.7.4).
    pub(crate) fn of(mapper: &ProtocolMapper, shape: Shape) -> Self {
        let (id, attributes) = (mapper.is_on("addOrganizationId"), mapper.is_on("addOrganizationAttributes"));
        match (shape.multivalued, shape.json) {
            (true, json) if json == JsonType::Json || id || attributes => {
                Self::Objects { id, attributes, domain: mapper.is_on("addOrganizationDomain") }
            }
            (true, _) => Self::Aliases,
            (false, JsonType::Json) => Self::Nothing,
            (false, _) => Self::Alias,
        }
    }
}

/// The claim about `organizations`; none where there are none.
pub(crate) fn memberships<'a>(form: OrganizationForm, organizations: &'a [Arc<Organization>]) -> Option<ClaimValue<'a>> {
    let first = organizations.first()?;
    match form {
        OrganizationForm::Aliases => Some(ClaimValue::texts(organizations.iter().map(|one| Cow::Borrowed(&*one.alias)))),
        OrganizationForm::Alias => Some(ClaimValue::from(&*first.alias)),
        OrganizationForm::Nothing => None,
        OrganizationForm::Objects { id, attributes, domain } => {
            let mut claims = Claims::default();
            for organization in organizations {
                let mut members = Claims::default();
                for (name, values) in organization.attributes.iter().filter(|_| attributes) {
                    members.set(name.as_str(), ClaimValue::texts(values.iter().map(|value| Cow::Borrowed(value.as_str()))));
                }
                if id {
                    members.set("id", organization.id.as_str());
                }
                if let Some(verified) = organization.verified_domain.as_deref().filter(|_| domain) {
                    members.set("domain", verified);
                }
                claims.set(&*organization.alias, ClaimValue::Object(members));
            }
            Some(ClaimValue::Object(claims))
        }
    }
}

/// Whether the mapper of groups adds the roles of the groups, too (`addGroupRoleMappings`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupRoles {
    Told,
    Untold,
}

/// Adds the groups of each organization that the user is in. Aliases in a list become objects for that.
pub(crate) fn add_groups<'a>(roles: GroupRoles, facts: &Facts<'a>, claims: &mut Claims<'a>) {
    let Some(organizations) = facts.organizations else { return };
    let mut all = match claims.get(CLAIM) {
        Some(ClaimValue::Object(object)) => object.clone(),
        Some(ClaimValue::List(aliases)) => with_aliases(aliases),
        Some(one @ ClaimValue::Text(_)) => with_aliases(std::slice::from_ref(one)),
        _ => Claims::default(),
    };
    for organization in organizations {
        let mut members = match all.get(&organization.alias) {
            Some(ClaimValue::Object(members)) => members.clone(),
            _ => Claims::default(),
        };
        let paths = organization.groups_of(facts.user).unwrap_or_default();
        members.set("groups", ClaimValue::texts(paths.iter().map(|path| Cow::Borrowed(&**path))));
        if roles == GroupRoles::Told {
            add_roles(organization, facts, &mut members);
        }
        all.set(&*organization.alias, ClaimValue::Object(members));
    }
    claims.set(CLAIM, ClaimValue::Object(all));
}

fn with_aliases<'a>(aliases: &[ClaimValue<'a>]) -> Claims<'a> {
    let mut all = Claims::default();
    for alias in aliases {
        if let ClaimValue::Text(alias) = alias {
            all.set(alias.clone(), ClaimValue::Object(Claims::default()));
        }
    }
    all
}

fn add_roles<'a>(organization: &'a Organization, facts: &Facts<'a>, members: &mut Claims<'a>) {
    let paths = organization.groups_of(facts.user).unwrap_or_default();
    let given = paths.iter().filter_map(|path| organization.groups.get(path)).flatten();
    let mut realm = Vec::new();
    let mut clients: BTreeMap<String, Vec<Cow<'a, str>>> = BTreeMap::new();
    for role in &facts.realm.expand(given) {
        let name = Cow::Owned(role.name.as_str().to_owned());
        match &role.client {
            None => realm.push(name),
            Some(client) => clients.entry(client.as_str().to_owned()).or_default().push(name),
        }
    }
    let holder = |names: Vec<Cow<'a, str>>| {
        let mut holder = Claims::default();
        holder.set("roles", ClaimValue::texts(names));
        ClaimValue::Object(holder)
    };
    if !realm.is_empty() {
        members.set("realm_access", holder(realm));
    }
    if !clients.is_empty() {
        let mut access = Claims::default();
        clients.into_iter().for_each(|(client, names)| access.set(client, holder(names)));
        members.set("resource_access", ClaimValue::Object(access));
    }
}
