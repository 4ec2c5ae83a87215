//! Policies by which owners share their resources. Keycloak: recording uma-ticket/policy-api.

use std::sync::Arc;

use permissions::{Owner, Resource, Sharing, UmaPolicy};
use realm_model::RoleKey;
use serde_json::{Map, Value};

use crate::body::{self, text, texts};
use crate::error::{PolicyError, ProtectionError};
use crate::permission::available;
use crate::protector::Protector;

/// Policies in an answer unless `max` says otherwise.
const MOST: usize = 100;

/// What is looked for.
#[derive(Default)]
pub(crate) struct Search {
    pub(crate) name: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) first: usize,
    pub(crate) max: Option<usize>,
}

/// Refuses everybody but the owner, the resource server included.
fn refuse_other_owner(caller: &Protector<'_>, resource: &Resource) -> Result<(), PolicyError> {
    if resource.owner != Owner::Server && caller.owns(resource) {
        return Ok(());
    }
    Err(PolicyError::Invalid(format!("Only resource owner can access policies for resource [{}]", resource.id)))
}

fn refuse_unmanaged(resource: &Resource) -> Result<(), PolicyError> {
    if resource.owner_managed {
        return Ok(());
    }
    Err(PolicyError::Invalid("Only resources with owner managed accessed can have policies".to_owned()))
}

/// A policy for the resource of this id, and for no other: what the body names is refused (CVE-2026-4636).
pub(crate) async fn create(caller: &Protector<'_>, resource: &str, bytes: &[u8]) -> Result<Value, ProtectionError> {
    let given = body::object(bytes, &body::UMA_POLICY)?;
    let unknown = || PolicyError::Invalid(format!("Resource [{resource}] cannot be found"));
    let resource = caller.registry().find(resource).await?.ok_or_else(unknown)?;
    if text(&given, "id").is_some() {
        return Err(PolicyError::Invalid("Newly created uma policies should not have an id".to_owned()).into());
    }
    refuse_other_owner(caller, &resource)?;
    refuse_unmanaged(&resource)?;
    refuse_other_resources(&given, &resource)?;
    let policy = of_body(caller, &given, (&resource, caller.new_id())).await?;
    refuse_taken_name(caller, &policy).await?;
    let add = |sharing: &mut Sharing| {
        sharing.policies.push(policy.clone());
        Some(())
    };
    caller.registry().change_sharing(&resource.id, add).await?;
    representation(caller, &resource, &policy).await
}

pub(crate) async fn read(caller: &Protector<'_>, id: &str) -> Result<Value, ProtectionError> {
    let (resource, policy) = load(caller, id).await?;
    representation(caller, &resource, &policy).await
}

pub(crate) async fn update(caller: &Protector<'_>, id: &str, bytes: &[u8]) -> Result<(), ProtectionError> {
    let given = body::object(bytes, &body::UMA_POLICY)?;
    let (resource, _) = load(caller, id).await?;
    refuse_other_resources(&given, &resource)?;
    let policy = of_body(caller, &given, (&resource, id.to_owned())).await?;
    refuse_taken_name(caller, &policy).await?;
    let replace = |sharing: &mut Sharing| {
        let known = sharing.policies.iter_mut().find(|known| known.id == policy.id)?;
        *known = policy.clone();
        Some(())
    };
    let done = caller.registry().change_sharing(&resource.id, replace).await?;
    Ok(done.ok_or_else(|| PolicyError::Unknown(id.to_owned()))?)
}

/// Takes a policy away; a ticket that it grants is taken away with it.
pub(crate) async fn delete(caller: &Protector<'_>, id: &str) -> Result<(), ProtectionError> {
    let (resource, _) = load(caller, id).await?;
    let remove = |sharing: &mut Sharing| {
        let before = sharing.policies.len();
        sharing.policies.retain(|policy| policy.id != id);
        sharing.tickets.retain(|ticket| ticket.granted_by.as_deref() != Some(id));
        (sharing.policies.len() < before).then_some(())
    };
    let done = caller.registry().change_sharing(&resource.id, remove).await?;
    Ok(done.ok_or_else(|| PolicyError::Unknown(id.to_owned()))?)
}

/// The policies of the caller's own resources.
pub(crate) async fn search(caller: &Protector<'_>, search: &Search) -> Result<Value, ProtectionError> {
    let registry = caller.registry();
    let mut shown = Vec::new();
    let mut all: Vec<(String, Sharing)> = registry.all_sharing().await?.into_iter().collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    for (id, sharing) in all {
        if search.resource.as_ref().is_some_and(|wanted| *wanted != id) {
            continue;
        }
        let Some(resource) = registry.find(&id).await? else { continue };
        if refuse_other_owner(caller, &resource).is_err() {
            continue;
        }
        for policy in sharing.policies.iter().filter(|policy| search.fits(policy)) {
            shown.push(representation(caller, &resource, policy).await?);
        }
    }
    Ok(shown.into_iter().skip(search.first).take(search.max.unwrap_or(MOST)).collect())
}

impl Search {
    fn fits(&self, policy: &UmaPolicy) -> bool {
        self.name.as_ref().is_none_or(|name| policy.name.to_lowercase().contains(&name.to_lowercase()))
            && self.scope.as_ref().is_none_or(|scope| policy.scopes.contains(scope))
    }
}

/// The policy of this id at the caller's resource server, for the owner of its resource alone (CVE-2026-14778).
async fn load(caller: &Protector<'_>, id: &str) -> Result<(Arc<Resource>, UmaPolicy), ProtectionError> {
    let registry = caller.registry();
    for (resource, sharing) in registry.all_sharing().await? {
        if let Some(policy) = sharing.policies.into_iter().find(|policy| policy.id == id) {
            let unknown = || PolicyError::Unknown(id.to_owned());
            let resource = registry.find(&resource).await?.ok_or_else(unknown)?;
            refuse_other_owner(caller, &resource)?;
            return Ok((resource, policy));
        }
    }
    Err(PolicyError::Unknown(id.to_owned()).into())
}

fn refuse_other_resources(given: &Map<String, Value>, resource: &Resource) -> Result<(), PolicyError> {
    let others = texts(given, "resources").into_iter().any(|named| named != resource.id);
    if others { Err(PolicyError::Invalid("Invalid resource".to_owned())) } else { Ok(()) }
}

/// Names are unique at a resource server.
async fn refuse_taken_name(caller: &Protector<'_>, policy: &UmaPolicy) -> Result<(), ProtectionError> {
    let all = caller.registry().all_sharing().await?;
    let has_name = |known: &UmaPolicy| known.name == policy.name && known.id != policy.id;
    if all.values().flat_map(|sharing| &sharing.policies).any(has_name) {
        return Err(PolicyError::NameTaken(policy.name.clone()).into());
    }
    Ok(())
}

async fn of_body(
    caller: &Protector<'_>,
    given: &Map<String, Value>,
    (resource, id): (&Resource, String),
) -> Result<UmaPolicy, ProtectionError> {
    let has = available(caller, resource).await?;
    let mut scopes = texts(given, "scopes");
    if scopes.iter().any(|scope| !has.contains(scope)) {
        let named = scopes.join(", ");
        let text = format!("Some of the scopes [[{named}]] are not valid for resource [{}]", resource.id);
        return Err(PolicyError::Invalid(text).into());
    }
    if scopes.is_empty() {
        scopes = has;
    }
    // Keycloak: its 500. Conditions are scripts, which are not run here.
    if text(given, "condition").is_some() {
        return Err(PolicyError::Invalid("Conditions are not supported".to_owned()).into());
    }
    let mut users = Vec::new();
    for word in texts(given, "users") {
        // Keycloak: its 500.
        let unknown = PolicyError::Invalid("Some of the users do not exist".to_owned());
        users.push(caller.find_user(&word).await?.ok_or(unknown)?.id.as_str().to_owned());
    }
    Ok(UmaPolicy {
        id,
        name: text(given, "name").ok_or(PolicyError::NameMissing)?,
        description: text(given, "description"),
        scopes,
        users,
        groups: texts(given, "groups"),
        roles: texts(given, "roles"),
        clients: texts(given, "clients"),
        logic: text(given, "logic"),
        strategy: text(given, "decisionStrategy"),
    })
}

/// `id, name, description, type, scopes, logic, decisionStrategy, owner, roles, groups, clients, users`
async fn representation(caller: &Protector<'_>, resource: &Resource, policy: &UmaPolicy) -> Result<Value, ProtectionError> {
    let realm = &caller.request.realm;
    let (owner, _) = caller.owner_of(resource).await?;
    let mut users = Vec::new();
    for id in &policy.users {
        users.extend(caller.parts.users.find_by_id(&realm.name, id).await?.map(|user| user.username.clone()));
    }
    let is_role = |name: &&String| {
        let key =
            name.split_once('/').map_or_else(|| RoleKey::realm(name.as_str()), |(client, role)| RoleKey::client(client, role));
        realm.roles.contains_key(&key)
    };
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    set("id", policy.id.as_str().into());
    set("name", policy.name.as_str().into());
    if let Some(description) = &policy.description {
        set("description", description.as_str().into());
    }
    set("type", "uma".into());
    set("scopes", policy.scopes.clone().into());
    set("logic", policy.logic.as_deref().unwrap_or("POSITIVE").into());
    set("decisionStrategy", policy.strategy.as_deref().unwrap_or("UNANIMOUS").into());
    set("owner", owner.into());
    let lists = [
        ("roles", policy.roles.iter().filter(is_role).cloned().collect::<Vec<_>>()),
        ("groups", policy.groups.iter().filter(|path| realm.groups.contains_key(path.as_str())).cloned().collect()),
        ("clients", policy.clients.iter().filter(|id| realm.client(id).is_some()).cloned().collect()),
        ("users", users),
    ];
    for (name, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
        set(name, values.into());
    }
    Ok(Value::Object(shown))
}
