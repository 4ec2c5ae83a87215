use std::collections::BTreeMap;
use std::sync::Arc;

use ambient::Timestamp;
use realm_model::{Realm, RoleKey, RoleSet, User};
use serde_json::{Map, Value};

/// Who asks, as policies see it: what the token says, and the account behind it.
#[derive(Clone, Debug)]
pub struct Identity<'a> {
    /// The realm.
    pub realm: &'a Realm,
    /// The account.
    pub user: Arc<User>,
    /// The client that the token was issued to.
    pub client_id: String,
    /// The claims of the token.
    pub claims: &'a Map<String, Value>,
    /// What the caller tells of the circumstances (`claim_token`, claims of a ticket). Names beginning with `kc.` are not taken over.
    pub pushed: BTreeMap<String, Vec<String>>,
    /// The present.
    pub now: Timestamp,
}

impl Identity<'_> {
    /// The roles in the token.
    pub(crate) fn token_roles(&self) -> RoleSet {
        let names = |access: &Value| -> Vec<String> {
            let roles = access.get("roles").and_then(Value::as_array).into_iter().flatten();
            roles.filter_map(|role| role.as_str().map(str::to_owned)).collect()
        };
        let realm = self.claims.get("realm_access").map(names).unwrap_or_default().into_iter().map(RoleKey::realm);
        let clients = self.claims.get("resource_access").and_then(Value::as_object).into_iter().flatten();
        let clients = clients.flat_map(|(client, access)| {
            names(access).into_iter().map(|role| RoleKey::client(client.as_str(), role)).collect::<Vec<_>>()
        });
        let mut roles: RoleSet = realm.collect();
        roles.extend(clients);
        roles
    }

    /// The roles of the account as it is now.
    pub(crate) fn account_roles(&self) -> RoleSet {
        self.realm.roles_of(&self.user)
    }

    /// The first value of a claim; dots lead into objects.
    pub(crate) fn claim(&self, path: &str) -> Option<String> {
        let found = match self.claims.get(path) {
            Some(value) => Some(value),
            None => {
                let mut parts = path.split('.');
                let first = self.claims.get(parts.next()?);
                parts.fold(first, |value, part| value?.get(part))
            }
        };
        first_text(found?)
    }

    /// All values of a claim that is a list.
    pub(crate) fn claim_texts(&self, name: &str) -> Vec<String> {
        match self.claims.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(first_text).collect(),
            Some(value) => first_text(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The first value of what was told of the circumstances.
    pub(crate) fn circumstance(&self, name: &str) -> Option<String> {
        self.pushed.get(name).and_then(|values| values.first()).cloned()
    }
}

fn first_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => values.first().and_then(first_text),
        Value::Null | Value::Object(_) => None,
    }
}
