use std::collections::BTreeMap;

use realm_model::{User, stable_id};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::settings::{flag, list, names, text, texts};

/// Whose a resource is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The resource server's.
    Server,
    /// A user's, by id.
    User(String),
    /// A user's, by username: as a realm file may have it.
    Username(String),
}

impl Owner {
    /// Whether it is `user`.
    pub fn is(&self, user: &User) -> bool {
        match self {
            Self::Server => false,
            Self::User(id) => id == user.id.as_str(),
            Self::Username(name) => name.eq_ignore_ascii_case(&user.username),
        }
    }

    /// What it is called in keys: no two owners have the same.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Server => "",
            Self::User(id) => id,
            Self::Username(name) => name,
        }
    }
}

/// Something protected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// `_id`; one that the file does not give is made of client, owner and name.
    pub id: String,
    /// `name`: unique among those of one owner.
    pub name: String,
    /// `type`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `owner`
    pub owner: Owner,
    /// `ownerManagedAccess`
    #[serde(default)]
    pub owner_managed: bool,
    /// `displayName`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// `attributes`
    #[serde(default)]
    pub attributes: BTreeMap<String, Vec<String>>,
    /// `uris`: paths and patterns.
    #[serde(default)]
    pub uris: Vec<String>,
    /// `scopes`, by name.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// `icon_uri`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon_uri: Option<String>,
}

impl Resource {
    /// A resource as a realm file of the client `client_id` (id `client`) declares it; `None` where it has no name.
    pub(crate) fn declared((client, client_id): (&str, &str), raw: &Value) -> Option<Self> {
        let name = text(raw, "name")?.to_owned();
        let owner = match raw.get("owner") {
            Some(Value::String(owner)) if !owner.is_empty() => named_owner(owner, (client, client_id)),
            Some(owner) => match (text(owner, "id"), text(owner, "name")) {
                (Some(id), _) if id != client && id != client_id => Owner::User(id.to_owned()),
                (None, Some(name)) => named_owner(name, (client, client_id)),
                _ => Owner::Server,
            },
            None => Owner::Server,
        };
        let made = || stable_id(client, "resource", &format!("{}\n{name}", owner.word()));
        let scopes = if list(raw, "scopes").is_empty() { list(raw, "resource_scopes") } else { list(raw, "scopes") };
        let single = text(raw, "uri").filter(|_| list(raw, "uris").is_empty());
        Some(Self {
            id: text(raw, "_id").map_or_else(made, str::to_owned),
            kind: text(raw, "type").map(str::to_owned),
            owner_managed: flag(raw, "ownerManagedAccess"),
            display_name: text(raw, "displayName").map(str::to_owned),
            attributes: texts(raw.get("attributes")),
            uris: names(list(raw, "uris")).chain(single).map(str::to_owned).collect(),
            scopes: names(scopes).map(str::to_owned).collect(),
            icon_uri: text(raw, "icon_uri").map(str::to_owned),
            name,
            owner,
        })
    }
}

fn named_owner(name: &str, (client, client_id): (&str, &str)) -> Owner {
    if name == client || name == client_id { Owner::Server } else { Owner::Username(name.to_owned()) }
}
