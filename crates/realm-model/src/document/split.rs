//! From a realm representation to documents.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::{Body, Document, Key, Kind};

/// A realm representation, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Split {
    /// `realm`, placeholders resolved; empty where it is missing.
    pub name: String,
    /// The entities, the realm's own settings first. Ids are empty where the representation gives none.
    pub documents: Vec<Document>,
    /// `users`
    pub users: Vec<Body>,
    /// `federatedUsers`
    pub federated_users: Vec<Body>,
    /// The members that the representation had and that are lists of entities, be they empty: `clientScopes`, `components` …
    /// For Keycloak a list that is there is complete.
    pub brings: BTreeSet<&'static str>,
}

impl Split {
    /// The realm's own settings.
    pub fn settings(&self) -> Option<&Body> {
        self.documents.first().map(|document| &document.body)
    }
}

/// Takes a realm representation apart; `resolve` replaces placeholders in keys. What is no entity, or has no name, stays in the
/// document of the realm.
pub fn split(mut realm: Body, resolve: &dyn Fn(&str) -> String) -> Split {
    realm.shift_remove("$schema"); // for editors: it says nothing of the realm (docs/decisions/0004)
    let users = objects(&mut realm, "users");
    let federated_users = objects(&mut realm, "federatedUsers");
    let mut splitter = Splitter { resolve, documents: Vec::new(), taken: HashSet::new(), brings: BTreeSet::new() };
    splitter.roles(&mut realm);
    splitter.default_role(&mut realm);
    splitter.groups(&mut realm);
    for kind in [
        Kind::ClientScope,
        Kind::Client,
        Kind::ScopeMapping,
        Kind::Flow,
        Kind::AuthenticatorConfig,
        Kind::RequiredAction,
        Kind::IdentityProvider,
        Kind::IdentityProviderMapper,
        Kind::Organization,
    ] {
        splitter.list(&mut realm, kind);
    }
    splitter.owned_lists(&mut realm, Kind::ClientScopeMapping);
    splitter.owned_lists(&mut realm, Kind::Component);
    if realm.get("clientTemplates").is_some_and(Value::is_null) {
        // Its client scopes were templates (`upgrade`): they stand beside the built-in ones.
        realm.shift_remove("clientTemplates");
        splitter.brings.remove(Kind::ClientScope.member());
    }
    let name = resolve(realm.get("realm").and_then(Value::as_str).unwrap_or_default());
    let id = resolve(&text(realm.shift_remove("id")));
    let settings = Document { key: Key::realm(), id, body: realm };
    let mut documents = vec![settings];
    documents.append(&mut splitter.documents);
    Split { name, documents, users, federated_users, brings: splitter.brings }
}

fn text(value: Option<Value>) -> String {
    match value {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

/// The objects of a list, which is taken away.
fn objects(realm: &mut Body, member: &str) -> Vec<Body> {
    let Some(Value::Array(list)) = realm.shift_remove(member) else { return Vec::new() };
    let object = |value| if let Value::Object(body) = value { Some(body) } else { None };
    list.into_iter().filter_map(object).collect()
}

struct Splitter<'r> {
    resolve: &'r dyn Fn(&str) -> String,
    documents: Vec<Document>,
    taken: HashSet<Key>,
    brings: BTreeSet<&'static str>,
}

impl Splitter<'_> {
    fn push(&mut self, key: Key, mut body: Body) {
        let id = key.kind.id_member().map(|member| text(body.shift_remove(member))).unwrap_or_default();
        let id = (self.resolve)(&id);
        for member in key.kind.derived_members() {
            body.shift_remove(*member);
        }
        let key = self.distinct(key, &id, &body);
        if self.taken.contains(&key) && matches!(key.kind, Kind::ScopeMapping | Kind::ClientScopeMapping) {
            return self.add_roles(&key, body);
        }
        self.taken.insert(key.clone());
        self.documents.push(Document { key, id, body });
    }

    /// Two mappings of one client are one.
    fn add_roles(&mut self, key: &Key, mut body: Body) {
        let Some(known) = self.documents.iter_mut().find(|document| document.key == *key) else { return };
        let (Some(Value::Array(roles)), Some(Value::Array(more))) = (known.body.get_mut("roles"), body.get_mut("roles")) else {
            return;
        };
        for role in more.drain(..) {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
    }

    /// Components and authenticator configs may be called alike: the further ones get their provider or id behind the name.
    fn distinct(&self, key: Key, id: &str, body: &Body) -> Key {
        if !matches!(key.kind, Kind::Component | Kind::AuthenticatorConfig | Kind::Group) || !self.taken.contains(&key) {
            return key;
        }
        let provider = body.get("providerId").and_then(Value::as_str).unwrap_or_default();
        let marks = [provider.to_owned(), id.to_owned()].into_iter().filter(|mark| !mark.is_empty());
        let numbers = (2..).map(|number: u32| number.to_string());
        let marked = |mark: String| Key { name: format!("{} #{mark}", key.name), ..key.clone() };
        marks.chain(numbers).map(marked).find(|key| !self.taken.contains(key)).unwrap_or(key)
    }

    /// Makes documents of the entities in `list`; gives back what is none.
    fn take(&mut self, list: Vec<Value>, kind: Kind, owner: &str) -> Vec<Value> {
        let mut left = Vec::new();
        for value in in_steady_order(kind, list) {
            match value {
                Value::Object(body) => match Key::of_body(kind, owner, &body, self.resolve) {
                    Some(key) => self.push(key, body),
                    None => left.push(Value::Object(body)),
                },
                other => left.push(other),
            }
        }
        left
    }

    fn list(&mut self, realm: &mut Body, kind: Kind) {
        let member = kind.member();
        match realm.shift_remove(member) {
            Some(Value::Array(list)) => {
                self.brings.insert(member);
                let left = self.take(list, kind, "");
                if !left.is_empty() {
                    realm.insert(member.to_owned(), left.into());
                }
            }
            None | Some(Value::Null) => {}
            Some(other) => {
                realm.insert(member.to_owned(), other);
            }
        }
    }

    /// Lists by owner.
    fn owned_lists(&mut self, realm: &mut Body, kind: Kind) {
        let member = kind.member();
        let Some(value) = realm.shift_remove(member) else { return };
        if let Some(left) = self.owners(value, kind) {
            realm.insert(member.to_owned(), left);
        }
    }

    fn owners(&mut self, value: Value, kind: Kind) -> Option<Value> {
        let owners = match value {
            Value::Object(owners) => owners,
            Value::Null => return None,
            other => return Some(other),
        };
        self.brings.insert(kind.member());
        let mut left = Body::new();
        for (owner, list) in owners {
            let resolved = (self.resolve)(&owner);
            let rest = match list {
                Value::Array(list) => self.take(list, kind, &resolved),
                other => vec![other],
            };
            if !rest.is_empty() {
                left.insert(owner, rest.into());
            }
        }
        (!left.is_empty()).then_some(Value::Object(left))
    }

    fn roles(&mut self, realm: &mut Body) {
        let mut roles = match realm.shift_remove("roles") {
            Some(Value::Object(roles)) => roles,
            None | Some(Value::Null) => return,
            Some(other) => {
                realm.insert("roles".to_owned(), other);
                return;
            }
        };
        self.brings.insert("roles");
        if let Some(Value::Array(list)) = roles.shift_remove("realm") {
            let left = self.take(list, Kind::RealmRole, "");
            if !left.is_empty() {
                roles.insert("realm".to_owned(), left.into());
            }
        }
        if let Some(left) = roles.shift_remove("client").and_then(|lists| self.owners(lists, Kind::ClientRole)) {
            roles.insert("client".to_owned(), left);
        }
        if !roles.is_empty() {
            realm.insert("roles".to_owned(), Value::Object(roles));
        }
    }

    /// The settings only name the default role; what else stands there is a role as in `roles.realm`.
    fn default_role(&mut self, realm: &mut Body) {
        let Some(Value::Object(role)) = realm.get("defaultRole") else { return };
        let Some(key) = Key::of_body(Kind::RealmRole, "", role, self.resolve) else { return };
        let name = role.get("name").cloned().unwrap_or_default();
        let role = role.clone();
        realm.insert("defaultRole".to_owned(), Value::Object(Body::from_iter([("name".to_owned(), name)])));
        if !self.taken.contains(&key) {
            self.push(key, role);
        }
    }

    fn groups(&mut self, realm: &mut Body) {
        let Some(Value::Array(list)) = realm.shift_remove("groups") else { return };
        self.brings.insert("groups");
        let left = self.groups_below(list, "");
        if !left.is_empty() {
            realm.insert("groups".to_owned(), left.into());
        }
    }

    /// The depth is bounded by that of the JSON text.
    fn groups_below(&mut self, list: Vec<Value>, parent: &str) -> Vec<Value> {
        let mut left = Vec::new();
        for value in list {
            let Value::Object(mut body) = value else {
                left.push(value);
                continue;
            };
            let Some(key) = Key::of_body(Kind::Group, parent, &body, self.resolve) else {
                left.push(Value::Object(body));
                continue;
            };
            let below = body.shift_remove("subGroups");
            let path = key.name.clone();
            self.push(key, body);
            if let Some(Value::Array(below)) = below {
                left.extend(self.groups_below(below, &path));
            }
        }
        left
    }
}

/// Exports list components in no order: keys that depend on those before them must not depend on that.
fn in_steady_order(kind: Kind, mut list: Vec<Value>) -> Vec<Value> {
    if matches!(kind, Kind::Component | Kind::AuthenticatorConfig) {
        let word = |value: &Value, member| value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        list.sort_by_cached_key(|value| (word(value, "providerId"), word(value, "id")));
    }
    list
}
