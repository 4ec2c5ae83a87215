//! What a user is found by, worked out of its record: every store derives its index rows from here, so that all find the same.

use std::collections::BTreeSet;

use realm_model::document::{Key, Kind, UserRecord};
use realm_model::hash_card;
use serde_json::Value;

/// Longer attribute values are indexed by their hash: some people keep photographs in them.
const LONGEST: usize = 255;

/// The index rows of one user. Texts that are searched in any case are in lower case.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct UserIndex {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) email: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) enabled: bool,
    pub(crate) email_verified: bool,
    /// A `clientId`.
    pub(crate) service_account: Option<String>,
    /// Name and [`attribute_value`].
    pub(crate) attributes: BTreeSet<(String, String)>,
    /// Roles and groups given directly.
    pub(crate) memberships: BTreeSet<Key>,
    /// Provider alias and user id there.
    pub(crate) identities: BTreeSet<(String, String)>,
    /// Hashes of contactless cards.
    pub(crate) cards: BTreeSet<String>,
}

impl UserIndex {
    pub(crate) fn of(record: &UserRecord) -> Self {
        let lower = |member| record.text(member).map(str::to_lowercase);
        Self {
            id: record.id().to_owned(),
            username: record.username().to_lowercase(),
            email: lower("email"),
            first_name: lower("firstName"),
            last_name: lower("lastName"),
            enabled: record.is_on("enabled"),
            email_verified: record.is_on("emailVerified"),
            service_account: record.text("serviceAccountClientId").map(str::to_owned),
            attributes: record.attributes().map(|(name, value)| (name.to_owned(), attribute_value(value))).collect(),
            memberships: memberships(record),
            identities: objects(record, "federatedIdentities").filter_map(identity).collect(),
            cards: objects(record, "credentials").filter_map(card).collect(),
        }
    }
}

/// By what a value of an attribute is found.
pub(crate) fn attribute_value(value: &str) -> String {
    let lower = value.to_lowercase();
    if lower.len() <= LONGEST { lower } else { format!("sha256:{}", hash_card(&lower)) }
}

fn memberships(record: &UserRecord) -> BTreeSet<Key> {
    let realm_roles = record.texts("realmRoles").map(|name| Key::of(Kind::RealmRole, name));
    let client_roles = record.client_roles().map(|(client, name)| Key::owned(Kind::ClientRole, client, name));
    let groups = record.texts("groups").map(|path| Key::of(Kind::Group, path));
    realm_roles.chain(client_roles).chain(groups).collect()
}

fn objects<'r>(record: &'r UserRecord, member: &str) -> impl Iterator<Item = &'r Value> {
    record.0.get(member).and_then(Value::as_array).into_iter().flatten()
}

fn identity(of: &Value) -> Option<(String, String)> {
    let text = |member| of.get(member)?.as_str().map(str::to_owned);
    Some((text("identityProvider")?, text("userId")?))
}

fn card(credential: &Value) -> Option<String> {
    let text = |member| credential.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    text("type").filter(|kind| *kind == "contactless-card")?;
    match text("secretData") {
        Some(secret) => serde_json::from_str::<Value>(secret).ok()?.get("value")?.as_str().map(str::to_owned),
        None => Some(hash_card(text("value")?.trim())),
    }
}

/// Puts a role or group by its new name into the record of a user that has it by the old; `to: None` takes it away. Tells whether the
/// record is another now.
pub(crate) fn change_membership(record: &mut UserRecord, from: &Key, to: Option<&Key>) -> bool {
    match from.kind {
        Kind::RealmRole => change_text(record.0.get_mut("realmRoles"), &from.name, to.map(|to| to.name.as_str())),
        Kind::Group => change_text(record.0.get_mut("groups"), &from.name, to.map(|to| to.name.as_str())),
        Kind::ClientRole => change_client_role(record, from, to),
        _ => false,
    }
}

fn change_client_role(record: &mut UserRecord, from: &Key, to: Option<&Key>) -> bool {
    let Some(clients) = record.0.get_mut("clientRoles").and_then(Value::as_object_mut) else { return false };
    let within = to.filter(|to| to.owner == from.owner);
    if !change_text(clients.get_mut(&from.owner), &from.name, within.map(|to| to.name.as_str())) {
        return false;
    }
    if clients.get(&from.owner).and_then(Value::as_array).is_some_and(Vec::is_empty) {
        clients.shift_remove(&from.owner);
    }
    if let Some(to) = to.filter(|to| to.owner != from.owner) {
        let roles = clients.entry(to.owner.clone()).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(roles) = roles.as_array_mut()
            && !roles.iter().any(|role| role == to.name.as_str())
        {
            roles.push(to.name.clone().into());
        }
    }
    true
}

fn change_text(list: Option<&mut Value>, from: &str, to: Option<&str>) -> bool {
    let Some(list) = list.and_then(Value::as_array_mut) else { return false };
    let Some(at) = list.iter().position(|text| text == from) else { return false };
    list.retain(|text| text != from && to.is_none_or(|to| text != to));
    if let Some(to) = to {
        list.insert(at.min(list.len()), to.into());
    }
    true
}

#[cfg(test)]
mod tests;
