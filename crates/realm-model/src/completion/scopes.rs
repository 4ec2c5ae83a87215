//! Client scopes, and which of them a client gets.

use std::collections::BTreeMap;

use serde_json::Value;

use super::members::{complete_mappers, drop_nulls, text, text_map, with_object};
use crate::document::{Body, Key, Kind};

pub(super) const DEFAULT: &str = "defaultDefaultClientScopes";
pub(super) const OPTIONAL: &str = "defaultOptionalClientScopes";

/// The client scopes of a realm, and those that its new clients get.
#[derive(Default)]
pub(super) struct Scopes {
    /// Each with its protocol.
    protocols: BTreeMap<String, String>,
    default: Vec<String>,
    optional: Vec<String>,
    /// What a client of the usual protocol gets that names none: default and optional ones.
    usual: [Value; 2],
}

/// Nearly every client speaks it.
const USUAL: &str = "openid-connect";

impl Scopes {
    pub(super) fn new<'d>(scopes: impl Iterator<Item = (&'d Key, &'d Body)>, settings: &Body) -> Self {
        let protocol = |scope: &Body| text(scope, "protocol").unwrap_or_default().to_owned();
        let names = |member| super::members::texts(settings, member).map(str::to_owned).collect();
        let mut all = Self {
            protocols: scopes.map(|(key, scope)| (key.name.clone(), protocol(scope))).collect(),
            default: names(DEFAULT),
            optional: names(OPTIONAL),
            ..Self::default()
        };
        all.usual = all.known(USUAL, all.default.clone(), all.optional.clone());
        all
    }

    /// Puts `defaultClientScopes` and `optionalClientScopes` into a client. Keycloak: one list alone makes the other empty; what
    /// does not exist or speaks another protocol is left out.
    pub(super) fn assign(&self, client: &mut Body) {
        let given = ["defaultClientScopes", "optionalClientScopes"].map(|member| {
            let list = client.shift_remove(member);
            list.filter(|list| !list.is_null()).map(|list| names(&list))
        });
        let protocol = text(client, "protocol").unwrap_or_default();
        let [default, optional] = match given {
            [None, None] if protocol == USUAL => self.usual.clone(),
            [None, None] => self.known(protocol, self.default.clone(), self.optional.clone()),
            [default, optional] => self.known(protocol, default.unwrap_or_default(), optional.unwrap_or_default()),
        };
        client.insert("defaultClientScopes".to_owned(), default);
        client.insert("optionalClientScopes".to_owned(), optional);
    }

    /// Those of the names that there are for this protocol, none twice.
    fn known(&self, protocol: &str, default: Vec<String>, optional: Vec<String>) -> [Value; 2] {
        let known = |names: Vec<String>, but: &[String]| -> Vec<String> {
            let mut known: Vec<String> = Vec::new();
            for name in names {
                let fits = name.contains("${") || self.protocols.get(&name).is_some_and(|of| of == protocol);
                if fits && !but.contains(&name) && !known.contains(&name) {
                    known.push(name);
                }
            }
            known
        };
        let default = known(default, &[]);
        let optional = known(optional, &default);
        [default.into(), optional.into()]
    }

    /// Gives a client the scope of service accounts.
    pub(super) fn add_service_account(&self, client: &mut Body) {
        const NAME: &str = "service_account";
        if self.protocols.contains_key(NAME)
            && let Some(list) = super::members::list(client, "defaultClientScopes")
            && !list.iter().any(|name| name == NAME)
        {
            list.insert(0, NAME.into());
        }
    }
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A client scope, complete.
pub(super) fn complete(realm_id: &str, key: &Key, body: &mut Body) {
    drop_nulls(body);
    with_object(body, "attributes", text_map);
    complete_mappers(realm_id, key, body);
}

/// The key of a client scope.
pub(super) fn key(name: &str) -> Key {
    Key::of(Kind::ClientScope, name)
}
