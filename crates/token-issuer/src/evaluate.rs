use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use realm_model::{Client, Group, Organization, Realm, User};
use serde_json::{Map, Value};

use crate::claims::{ClaimValue, Claims};
use crate::issue::SessionNotes;
use crate::mapper::{JsonType, Places, Property, Shape, Source, Step};
use crate::organization_claims::{add_groups, memberships};
use crate::plan::ClaimPlan;
use crate::requested_claims::{requested_value, standard_claims};
use crate::roles::TokenRoles;

/// What mappers read.
pub(crate) struct Facts<'a> {
    pub(crate) realm: &'a Realm,
    pub(crate) client: &'a Client,
    pub(crate) user: &'a User,
    /// The subject as this client sees it: pairwise or plain.
    pub(crate) subject: &'a str,
    pub(crate) roles: &'a TokenRoles<'a>,
    pub(crate) notes: &'a SessionNotes,
    pub(crate) session_id: Option<&'a str>,
    pub(crate) acr: &'a str,
    pub(crate) nonce: Option<&'a str>,
    /// Of which the granted scope speaks; `None` where it speaks of none.
    pub(crate) organizations: Option<&'a [Arc<Organization>]>,
    /// What the `claims` parameter asks for in this token.
    pub(crate) requested: Option<&'a Map<String, Value>>,
}

impl ClaimPlan {
    /// Adds the claims for `places` to `claims`.
    pub(crate) fn evaluate<'a>(&'a self, facts: &Facts<'a>, places: Places, claims: &mut Claims<'a>) {
        self.steps.iter().filter(|step| step.serves(places)).for_each(|step| step.evaluate(facts, claims));
    }

    /// Adds `aud` alone.
    pub(crate) fn evaluate_audience<'a>(&'a self, facts: &Facts<'a>, places: Places, claims: &mut Claims<'a>) {
        let steps = self.steps.iter().filter(|step| step.serves(places) && step.writes_audience());
        steps.for_each(|step| step.evaluate(facts, claims));
    }
}

impl Step {
    fn writes_audience(&self) -> bool {
        let named = matches!(self.path.as_slice(), [name] if name == "aud");
        named || matches!(self.source, Source::Audience(_) | Source::AudienceResolve)
    }

    pub(crate) fn evaluate<'a>(&'a self, facts: &Facts<'a>, claims: &mut Claims<'a>) {
        match &self.source {
            Source::ClientRoles { client, prefix } => client_roles(self, client.as_deref(), prefix, facts, claims),
            Source::RequestedClaims => standard_claims(facts, claims),
            Source::OrganizationGroups(roles) => add_groups(*roles, facts, claims),
            Source::Audience(audience) => add_audience(claims, [audience.as_str()]),
            Source::AudienceResolve => {
                let issuing = facts.client.client_id.as_str();
                let of_roles = facts.roles.clients.iter().filter(|(id, roles)| **id != issuing && !roles.is_empty());
                for (id, _) in of_roles {
                    add_audience(claims, [id.clone()]);
                }
            }
            source => {
                if let Some(value) = value_of(source, self.shape, facts) {
                    put(claims, &self.path, value);
                }
            }
        }
    }
}

/// Sets a claim. Keycloak: one that is called `aud` replaces the audience; only the audience mappers add to it.
fn put<'a>(claims: &mut Claims<'a>, path: &[Cow<'a, str>], value: ClaimValue<'a>) {
    match (path, value) {
        ([name], ClaimValue::List(all)) if name == "aud" => claims.set("aud", ClaimValue::List(all)),
        ([name], one) if name == "aud" => claims.set("aud", ClaimValue::List(vec![one])),
        (path, value) => claims.set_path(path, value),
    }
}

fn value_of<'a>(source: &'a Source, shape: Shape, facts: &Facts<'a>) -> Option<ClaimValue<'a>> {
    let text = |text: &'a str| Some(ClaimValue::from(text));
    match source {
        Source::UserAttribute { name, aggregate } => {
            shaped(shape, if *aggregate { all_attributes(facts, name) } else { attribute(facts, name) })
        }
        Source::UserProperty(property) => shaped(shape, user_property(facts.user, *property).into_iter().collect()),
        Source::SessionNote(note) => shaped(shape, facts.notes.get(note).map(Cow::Borrowed).into_iter().collect()),
        Source::RealmRoles { prefix } => roles(shape, prefix, &facts.roles.realm),
        Source::Groups { full_path } => groups(*full_path, facts),
        Source::Constant(value) => Some(ClaimValue::Json(Cow::Borrowed(value))),
        Source::FullName => full_name(facts.user),
        Source::Address(parts) => address(parts, facts),
        Source::AllowedOrigins => non_empty(facts.client.web_origins.iter().map(|origin| Cow::Borrowed(origin.as_str()))),
        Source::Subject => text(facts.subject),
        Source::Acr => text(facts.acr),
        Source::SessionState => facts.session_id.and_then(text),
        Source::Nonce => facts.nonce.and_then(text),
        // Keycloak: an empty list where no authenticator has a reference value.
        Source::Amr => Some(ClaimValue::List(Vec::new())),
        Source::Organizations(form) => memberships(*form, facts.organizations.unwrap_or_default()),
        Source::RequestedValue(claim) => requested_value(claim, facts),
        Source::ClientRoles { .. }
        | Source::OrganizationGroups(_)
        | Source::RequestedClaims
        | Source::Audience(_)
        | Source::AudienceResolve => None,
    }
}

fn non_empty<'a>(values: impl Iterator<Item = Cow<'a, str>>) -> Option<ClaimValue<'a>> {
    let mut values = values.peekable();
    values.peek().is_some().then(|| ClaimValue::texts(values))
}

/// `jsonType.label` and `multivalued` applied to what a mapper found; nothing found gives no claim, nor does a text that
/// is not of the type.
fn shaped<'a>(shape: Shape, values: Vec<Cow<'a, str>>) -> Option<ClaimValue<'a>> {
    if !shape.multivalued {
        return typed(shape.json, values.into_iter().next()?);
    }
    // Keycloak: an unfit value of several is null.
    let or_null = |value| typed(shape.json, value).unwrap_or(ClaimValue::Json(Cow::Owned(serde_json::Value::Null)));
    let items: Vec<_> = values.into_iter().map(or_null).collect();
    (!items.is_empty()).then_some(ClaimValue::List(items))
}

fn typed(json: JsonType, value: Cow<'_, str>) -> Option<ClaimValue<'_>> {
    match json {
        JsonType::Text | JsonType::Untyped => Some(ClaimValue::Text(value)),
        JsonType::Int => value.parse::<i32>().ok().map(|number| ClaimValue::Number(number.into())),
        JsonType::Long => value.parse().ok().map(ClaimValue::Number),
        JsonType::Flag => Some(ClaimValue::Flag(value.eq_ignore_ascii_case("true"))),
        JsonType::Json => serde_json::from_str(&value).ok().map(|value| ClaimValue::Json(Cow::Owned(value))),
    }
}

/// An attribute of the user, else of the first of its groups that has it, going up to the group's parents.
fn attribute<'a>(facts: &Facts<'a>, name: &str) -> Vec<Cow<'a, str>> {
    let own = own_attribute(facts.user, name);
    if !own.is_empty() {
        return own;
    }
    let values = group_with(facts, name).and_then(|group| group_attribute(group, name));
    values.map(|values| values.map(Cow::Borrowed).collect()).unwrap_or_default()
}

/// The group that a user without an attribute has it from.
pub(crate) fn group_with<'a>(facts: &Facts<'a>, name: &str) -> Option<&'a Group> {
    let has = |group: &&'a Group| group_attribute(group, name).is_some();
    groups_of(facts).into_iter().find_map(|group| ancestry(facts.realm, group).find(has))
}

/// An attribute of the user and of all its groups and their parents, each value once.
fn all_attributes<'a>(facts: &Facts<'a>, name: &str) -> Vec<Cow<'a, str>> {
    let mut all: BTreeSet<Cow<'a, str>> = own_attribute(facts.user, name).into_iter().collect();
    for group in groups_of(facts).into_iter().flat_map(|group| ancestry(facts.realm, group)) {
        all.extend(group_attribute(group, name).into_iter().flatten().map(Cow::Borrowed));
    }
    all.into_iter().collect()
}

/// The groups of the user, by name as Keycloak has them.
fn groups_of<'a>(facts: &Facts<'a>) -> Vec<&'a Group> {
    let realm = facts.realm;
    let mut groups: Vec<&Group> = facts.user.groups.iter().filter_map(|path| realm.groups.get(path)).map(|g| &**g).collect();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    groups
}

/// A group, its parent, its parent's parent and so on.
pub(crate) fn ancestry<'a>(realm: &'a Realm, group: &'a Group) -> impl Iterator<Item = &'a Group> {
    std::iter::successors(Some(group), |group| realm.groups.get(group.parent.as_ref()?).map(|parent| &**parent))
}

fn group_attribute<'a>(group: &'a Group, name: &str) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
    let values = group.attributes.get(name)?;
    (!values.is_empty()).then(|| values.iter().map(String::as_str))
}

/// An attribute of the user alone; four of its properties count as attributes.
pub(crate) fn own_attribute<'a>(user: &'a User, name: &str) -> Vec<Cow<'a, str>> {
    let one = |value: Option<&'a str>| value.map(Cow::Borrowed).into_iter().collect();
    match name {
        "username" => one(Some(&user.username)),
        "email" => one(user.email.as_deref()),
        "firstName" => one(user.first_name.as_deref()),
        "lastName" => one(user.last_name.as_deref()),
        name => user.attributes.get(name).into_iter().flatten().map(|value| Cow::Borrowed(value.as_str())).collect(),
    }
}

fn user_property(user: &User, property: Property) -> Option<Cow<'_, str>> {
    let flag = |on| Cow::Borrowed(if on { "true" } else { "false" });
    match property {
        Property::Id => Some(Cow::Borrowed(user.id.as_str())),
        Property::Username => Some(Cow::Borrowed(&user.username)),
        Property::Email => user.email.as_deref().map(Cow::Borrowed),
        Property::EmailVerified => Some(flag(user.email_verified)),
        Property::FirstName => user.first_name.as_deref().map(Cow::Borrowed),
        Property::LastName => user.last_name.as_deref().map(Cow::Borrowed),
        Property::Enabled => Some(flag(user.enabled)),
        Property::CreatedTimestamp => user.created_timestamp.map(|at| Cow::Owned(at.to_string())),
        Property::ServiceAccountClientLink => user.service_account_client.as_ref().map(|id| Cow::Borrowed(id.as_str())),
    }
}

pub(crate) fn full_name(user: &User) -> Option<ClaimValue<'_>> {
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    let mut given = names.into_iter().flatten().filter(|name| !name.is_empty());
    match (given.next(), given.next()) {
        (Some(first), Some(last)) => Some(format!("{first} {last}").into()),
        (Some(only), None) => Some(only.into()),
        _ => None,
    }
}

fn address<'a>(parts: &'a [(&'static str, String)], facts: &Facts<'a>) -> Option<ClaimValue<'a>> {
    let mut claims = Claims::default();
    for (claim, name) in parts {
        if let Some(value) = own_attribute(facts.user, name).into_iter().next() {
            claims.set(*claim, ClaimValue::Text(value));
        }
    }
    (!claims.is_empty()).then_some(ClaimValue::Object(claims))
}

fn groups<'a>(full_path: bool, facts: &Facts<'a>) -> Option<ClaimValue<'a>> {
    let name = |group: &'a Group| if full_path { &*group.path } else { &*group.name };
    non_empty(groups_of(facts).into_iter().map(|group| Cow::Borrowed(name(group))))
}

fn roles<'a>(shape: Shape, prefix: &str, names: &BTreeSet<Cow<'a, str>>) -> Option<ClaimValue<'a>> {
    let prefixed = |name: &Cow<'a, str>| match prefix {
        "" => name.clone(),
        prefix => Cow::Owned(format!("{prefix}{name}")),
    };
    let names: Vec<_> = names.iter().map(prefixed).collect();
    if names.is_empty() { None } else { shaped(shape, names) }
}

/// A client's roles, or every client's; `${client_id}` in the claim's name stands for the client.
fn client_roles<'a>(step: &'a Step, only: Option<&str>, prefix: &str, facts: &Facts<'a>, claims: &mut Claims<'a>) {
    const PLACEHOLDER: &str = "${client_id}";
    for (client, names) in facts.roles.clients.iter().filter(|(id, _)| only.is_none_or(|only| **id == only)) {
        let Some(value) = roles(step.shape, &prefix.replace(PLACEHOLDER, client), names) else { continue };
        let path: Vec<_> = step
            .path
            .iter()
            .map(|part| match part.contains(PLACEHOLDER) {
                true if part == PLACEHOLDER => client.clone(),
                true => Cow::Owned(part.replace(PLACEHOLDER, client)),
                false => part.clone(),
            })
            .collect();
        claims.set_path(&path, value);
    }
}

/// Adds to `aud`, which is a list until [`written_audience`] is called.
pub(crate) fn add_audience<'a, T: Into<Cow<'a, str>>>(claims: &mut Claims<'a>, audiences: impl IntoIterator<Item = T>) {
    let audiences = ClaimValue::texts(audiences.into_iter().map(Into::into));
    claims.set_path(&[Cow::Borrowed("aud")], audiences);
}

/// `aud` as it is written: a text where there is one, a list where there are several (RFC 7519 section 4.1.3).
pub(crate) fn written_audience<'a>(claims: &mut Claims<'a>) {
    let single = match claims.get("aud") {
        Some(ClaimValue::List(all)) if all.len() == 1 => all.first().cloned(),
        _ => None,
    };
    if let Some(single) = single {
        claims.set("aud", single);
    }
}
