use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use realm_model::{Client, stable_id};
use serde_json::Value;

use crate::Resource;
use crate::policy::{Policy, Strategy};
use crate::resource::Owner;
use crate::settings::{Config, flag, list, names, text};

/// `policyEnforcementMode`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// What no permission speaks of is denied.
    Enforcing,
    /// What no permission speaks of is granted.
    Permissive,
    /// Everything is granted.
    Disabled,
}

/// On what a permission decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    /// `resource`: all of a resource.
    Resource,
    /// `scope`: some scopes.
    Scope,
}

/// Applies policies to resources or scopes.
#[derive(Debug)]
pub(crate) struct Permission {
    pub(crate) concern: Concern,
    /// Ids of the resources; empty where it is for a type, or for scopes wherever they are.
    pub(crate) resources: BTreeSet<String>,
    pub(crate) scopes: BTreeSet<String>,
    /// Names of the policies.
    pub(crate) applied: Vec<String>,
    pub(crate) strategy: Strategy,
}

/// What a realm file says of a resource server.
#[derive(Debug)]
pub struct ResourceServer {
    /// The client's internal id.
    pub client: Arc<str>,
    /// Its `clientId`.
    pub client_id: String,
    /// `policyEnforcementMode`
    pub enforcement: Enforcement,
    /// `allowRemoteResourceManagement`
    pub remote_management: bool,
    pub(crate) strategy: Strategy,
    resources: Vec<Arc<Resource>>,
    by_id: HashMap<String, usize>,
    scopes: BTreeSet<String>,
    pub(crate) policies: HashMap<String, Policy>,
    permissions: Vec<Permission>,
    by_resource: HashMap<String, Vec<usize>>,
    by_type: HashMap<String, Vec<usize>>,
    /// Permissions on scopes without a resource.
    by_scope: HashMap<String, Vec<usize>>,
}

impl ResourceServer {
    /// Reads `settings` of `client`. What refers to nothing has no effect.
    pub(crate) fn compile(client: &Client, settings: &Value) -> Self {
        let ids = (&*client.id, client.client_id.as_str());
        let resources = list(settings, "resources").iter().filter_map(|raw| Resource::declared(ids, raw)).map(Arc::new);
        let mut server = Self {
            client: Arc::clone(&client.id),
            client_id: client.client_id.as_str().to_owned(),
            enforcement: match text(settings, "policyEnforcementMode") {
                Some("PERMISSIVE") => Enforcement::Permissive,
                Some("DISABLED") => Enforcement::Disabled,
                _ => Enforcement::Enforcing,
            },
            remote_management: flag(settings, "allowRemoteResourceManagement"),
            strategy: Strategy::parse(text(settings, "decisionStrategy")),
            resources: resources.collect(),
            by_id: HashMap::new(),
            scopes: names(list(settings, "scopes")).map(str::to_owned).collect(),
            policies: HashMap::new(),
            permissions: Vec::new(),
            by_resource: HashMap::new(),
            by_type: HashMap::new(),
            by_scope: HashMap::new(),
        };
        server.index(list(settings, "policies"));
        server
    }

    fn index(&mut self, policies: &[Value]) {
        for (at, resource) in self.resources.iter().enumerate() {
            self.by_id.entry(resource.id.clone()).or_insert(at);
            self.scopes.extend(resource.scopes.iter().cloned());
        }
        for raw in policies {
            let Some(name) = text(raw, "name") else { continue };
            match text(raw, "type") {
                Some("resource") => self.add_permission(Concern::Resource, raw),
                Some("scope" | "uma") => self.add_permission(Concern::Scope, raw),
                _ => {
                    let policy = Policy::compile(raw);
                    if policy.is_unserved() {
                        log::warn!(
                            "client {}: policy {name:?} is of a type that is not served: it grants nothing",
                            self.client_id
                        );
                    }
                    self.policies.insert(name.to_owned(), policy);
                }
            }
        }
    }

    fn add_permission(&mut self, concern: Concern, raw: &Value) {
        let config = Config::of(raw);
        let both = |name: &str| -> Vec<String> {
            config.texts(name).into_iter().chain(names(list(raw, name)).map(str::to_owned)).collect()
        };
        let resources: BTreeSet<String> = both("resources").into_iter().map(|name| self.resource_id(name)).collect();
        let scopes: BTreeSet<String> =
            if concern == Concern::Scope { both("scopes").into_iter().collect() } else { BTreeSet::new() };
        let kind = config.text("defaultResourceType").or_else(|| text(raw, "resourceType"));
        let at = self.permissions.len();
        resources.iter().for_each(|id| self.by_resource.entry(id.clone()).or_default().push(at));
        if let Some(kind) = kind.filter(|_| resources.is_empty()) {
            self.by_type.entry(kind.to_owned()).or_default().push(at);
        } else if resources.is_empty() {
            scopes.iter().for_each(|scope| self.by_scope.entry(scope.clone()).or_default().push(at));
        }
        let applied = config.texts("applyPolicies").into_iter().chain(names(list(raw, "policies")).map(str::to_owned)).collect();
        let strategy = Strategy::parse(text(raw, "decisionStrategy"));
        self.permissions.push(Permission { concern, resources, scopes, applied, strategy });
    }

    /// The id of a declared resource that is named by id or name.
    fn resource_id(&self, word: String) -> String {
        if self.by_id.contains_key(&word) {
            return word;
        }
        let named = self.resources.iter().filter(|resource| resource.name == word);
        named.min_by_key(|resource| resource.owner != Owner::Server).map_or(word, |resource| resource.id.clone())
    }

    /// What the file declares.
    pub fn declared(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.iter()
    }

    /// The declared resource of this id.
    pub fn declared_by_id(&self, id: &str) -> Option<&Arc<Resource>> {
        self.resources.get(*self.by_id.get(id)?)
    }

    /// Whether the file declares this scope.
    pub fn declares_scope(&self, name: &str) -> bool {
        self.scopes.contains(name)
    }

    /// The permissions that speak of `resource` or of one of `scopes` wherever it is: first those of the resource itself, then those of
    /// its type, then those of scopes alone.
    pub(crate) fn permissions(&self, resource: Option<&Resource>, scopes: &[String]) -> Vec<&Permission> {
        let own = resource.and_then(|resource| self.by_resource.get(&resource.id)).into_iter().flatten();
        let of_type = resource.and_then(|resource| self.by_type.get(resource.kind.as_ref()?)).into_iter().flatten();
        let of_scopes = scopes.iter().filter_map(|scope| self.by_scope.get(scope)).flatten();
        let mut seen = BTreeSet::new();
        let all = own.chain(of_type).chain(of_scopes).filter(|at| seen.insert(**at)).filter_map(|at| self.permissions.get(*at));
        all.filter(|permission| permission.concern == Concern::Resource || permission.is_about(scopes)).collect()
    }
}

impl Permission {
    fn is_about(&self, scopes: &[String]) -> bool {
        scopes.iter().any(|scope| self.scopes.contains(scope))
    }
}

/// The id of a scope of the client with this internal id.
pub fn scope_id(client: &str, name: &str) -> String {
    stable_id(client, "authorization scope", name)
}
