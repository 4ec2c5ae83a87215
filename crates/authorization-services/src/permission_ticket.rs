//! Who asked whom for what: owners and the resource server look at permission tickets, grant and withdraw them.

use std::sync::Arc;

use permissions::{Resource, Sharing, Ticket, UmaPolicy, scope_id};
use realm_model::User;
use serde_json::{Map, Value, json};

use crate::body::{self, text};
use crate::error::{ProtectionError, TicketError};
use crate::permission::available;
use crate::protector::Protector;

/// Tickets in an answer unless `max` says otherwise.
const MOST: usize = 100;

/// Whether names stand beside ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Names {
    Told,
    #[default]
    Untold,
}

/// What is looked for.
#[derive(Default)]
pub(crate) struct Search {
    /// `scopeId`: name or id.
    pub(crate) scope: Option<String>,
    /// `resourceId`
    pub(crate) resource: Option<String>,
    /// `owner`: username or id.
    pub(crate) owner: Option<String>,
    /// `requester`: username or id.
    pub(crate) requester: Option<String>,
    pub(crate) granted: Option<bool>,
    /// `returnNames`
    pub(crate) names: Names,
    pub(crate) first: usize,
    pub(crate) max: Option<usize>,
}

/// The tickets that the caller may see: all at the resource server that it is, else those of its own resources and those it asked for
/// itself (CVE-2026-3190).
async fn visible(caller: &Protector<'_>, search: &Search) -> Result<Vec<(Arc<Resource>, Ticket)>, ProtectionError> {
    caller.refuse_without_role()?;
    let registry = caller.registry();
    let mut all: Vec<(String, Sharing)> = match &search.resource {
        Some(id) => registry.sharing(id).await?.map(|sharing| (id.clone(), sharing)).into_iter().collect(),
        None => registry.all_sharing().await?.into_iter().collect(),
    };
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let (owner, requester) = (user(caller, search.owner.as_deref()).await?, user(caller, search.requester.as_deref()).await?);
    if owner == Named::Nobody || requester == Named::Nobody {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (id, sharing) in all {
        let Some(resource) = registry.find(&id).await? else { continue };
        if !owner.is_none_or(|user| resource.owner.is(user)) {
            continue;
        }
        let sees_all = caller.is_server() || caller.owns(&resource);
        let fits = |ticket: &Ticket| {
            (sees_all || ticket.requester == caller.user.id.as_str())
                && requester.is_none_or(|user| ticket.requester == user.id.as_str())
                && search.granted.is_none_or(|granted| ticket.granted_by.is_some() == granted)
                && search.has_scope(caller, ticket)
        };
        found.extend(sharing.tickets.into_iter().filter(fits).map(|ticket| (Arc::clone(&resource), ticket)));
    }
    Ok(found)
}

/// Somebody named in a search.
enum Named {
    Anybody,
    Nobody,
    One(Arc<User>),
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Nobody, Self::Nobody) | (Self::Anybody, Self::Anybody))
    }
}

impl Named {
    fn is_none_or(&self, fits: impl FnOnce(&User) -> bool) -> bool {
        match self {
            Self::Anybody => true,
            Self::Nobody => false,
            Self::One(user) => fits(user),
        }
    }
}

async fn user(caller: &Protector<'_>, word: Option<&str>) -> Result<Named, ProtectionError> {
    let Some(word) = word else { return Ok(Named::Anybody) };
    Ok(caller.find_user(word).await?.map_or(Named::Nobody, Named::One))
}

impl Search {
    fn has_scope(&self, caller: &Protector<'_>, ticket: &Ticket) -> bool {
        let is = |wanted: &String, scope: &String| wanted == scope || *wanted == scope_id(&caller.client.id, scope);
        self.scope.as_ref().is_none_or(|wanted| ticket.scope.as_ref().is_some_and(|scope| is(wanted, scope)))
    }
}

pub(crate) async fn search(caller: &Protector<'_>, search: &Search) -> Result<Value, ProtectionError> {
    let found = visible(caller, search).await?;
    let mut shown = Vec::new();
    for (resource, ticket) in found.iter().skip(search.first).take(search.max.unwrap_or(MOST)) {
        shown.push(representation(caller, (resource, ticket), search.names).await?);
    }
    Ok(shown.into())
}

pub(crate) async fn count(caller: &Protector<'_>, search: &Search) -> Result<Value, ProtectionError> {
    Ok(visible(caller, search).await?.len().into())
}

/// `id, owner, resource, scope, granted, scopeName, resourceName, requester, ownerName, requesterName`
async fn representation(
    caller: &Protector<'_>,
    (resource, ticket): (&Resource, &Ticket),
    names: Names,
) -> Result<Value, ProtectionError> {
    let (owner, owner_name) = caller.owner_of(resource).await?;
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    set("id", ticket.id.as_str().into());
    set("owner", owner.into());
    set("resource", resource.id.as_str().into());
    if let Some(scope) = &ticket.scope {
        set("scope", scope_id(&caller.client.id, scope).into());
    }
    set("granted", ticket.granted_by.is_some().into());
    if names == Names::Untold {
        set("requester", ticket.requester.as_str().into());
        return Ok(Value::Object(shown));
    }
    if let Some(scope) = &ticket.scope {
        set("scopeName", scope.as_str().into());
    }
    set("resourceName", resource.name.as_str().into());
    set("requester", ticket.requester.as_str().into());
    set("ownerName", json!(owner_name));
    let requester = caller.parts.users.find_by_id(&caller.request.realm.name, &ticket.requester).await?;
    set("requesterName", json!(requester.map(|user| user.username.clone())));
    Ok(Value::Object(shown))
}

/// An owner, or the resource server, lets somebody have a scope without having been asked.
pub(crate) async fn create(caller: &Protector<'_>, bytes: &[u8]) -> Result<Value, ProtectionError> {
    caller.refuse_without_role()?;
    let given = body::object(bytes, &body::TICKET)?;
    let id = text(&given, "resource").ok_or(TicketError::Permission("created permissions should have resource"))?;
    let scope = scope_of(&given).ok_or(TicketError::Permission("created permissions should have scope or scopeName"))?;
    let requester = text(&given, "requester").or_else(|| text(&given, "requesterName"));
    let requester = requester.ok_or(TicketError::Permission("created permissions should have requester or requesterName"))?;
    let resource = caller.registry().find(&id).await?.ok_or_else(|| TicketError::UnknownResource(id.clone()))?;
    if !caller.is_server() && !caller.owns(&resource) {
        let text = format!("permissions for [{id}] can be only created by the owner or by the resource server itself");
        return Err(TicketError::NotAuthorised(text).into());
    }
    let unknown = TicketError::Permission("Requester does not exists in this server as user.");
    let requester = caller.find_user(&requester).await?.ok_or(unknown)?;
    let scopes = available(caller, &resource).await?;
    let scope = match scope {
        Scope::Name(name) => name,
        Scope::Id(id) => scopes.iter().find(|name| scope_id(&caller.client.id, name) == id).cloned().unwrap_or(id),
    };
    if !scopes.contains(&scope) {
        return Err(TicketError::UnknownScope(scope).into());
    }
    let granted = given.get("granted").and_then(Value::as_bool).unwrap_or_default();
    let ticket =
        Ticket { id: caller.new_id(), requester: requester.id.as_str().to_owned(), scope: Some(scope), granted_by: None };
    let policy = policy_id(caller);
    let add = |sharing: &mut Sharing| {
        let is_same = |known: &Ticket| known.requester == ticket.requester && known.scope == ticket.scope;
        if sharing.tickets.iter().any(is_same) {
            return None;
        }
        sharing.tickets.push(ticket.clone());
        if granted { grant(sharing, &ticket.id, &policy) } else { Some(()) }
    };
    let added = caller.registry().change_sharing(&resource.id, add).await?;
    added.ok_or(TicketError::Permission("Permission already exists"))?;
    let granted_by = granted.then_some(policy.0);
    representation(caller, (&resource, &Ticket { granted_by, ..ticket }), Names::Untold).await
}

/// A scope as a body names it.
enum Scope {
    Name(String),
    Id(String),
}

fn scope_of(given: &Map<String, Value>) -> Option<Scope> {
    text(given, "scope").map(Scope::Id).or_else(|| text(given, "scopeName").map(Scope::Name))
}

/// Id and name of the policy of a granted ticket.
fn policy_id(caller: &Protector<'_>) -> (String, String) {
    (caller.new_id(), caller.new_id())
}

/// Grants the ticket of this id by a policy of its own.
fn grant(sharing: &mut Sharing, id: &str, (policy, name): &(String, String)) -> Option<()> {
    let ticket = sharing.tickets.iter_mut().find(|ticket| ticket.id == id)?;
    if ticket.granted_by.is_none() {
        ticket.granted_by = Some(policy.clone());
        let (scopes, users) = (ticket.scope.iter().cloned().collect(), vec![ticket.requester.clone()]);
        sharing.policies.push(UmaPolicy { id: policy.clone(), name: name.clone(), scopes, users, ..UmaPolicy::default() });
    }
    Some(())
}

/// Takes the ticket of this id away, with its policy.
fn withdraw(sharing: &mut Sharing, id: &str) -> Option<()> {
    let at = sharing.tickets.iter().position(|ticket| ticket.id == id)?;
    let ticket = sharing.tickets.remove(at);
    sharing.policies.retain(|policy| Some(&policy.id) != ticket.granted_by.as_ref());
    Some(())
}

/// Grants a ticket, or withdraws it.
pub(crate) async fn update(caller: &Protector<'_>, bytes: &[u8]) -> Result<(), ProtectionError> {
    caller.refuse_without_role()?;
    let given = body::object(bytes, &body::TICKET)?;
    let id = text(&given, "id").ok_or(TicketError::Unknown)?;
    let (resource, _) = find(caller, &id).await?;
    if !caller.is_server() && !caller.owns(&resource) {
        let named = text(&given, "resource").unwrap_or_else(|| "null".to_owned());
        let text = format!("permissions for [{named}] can be updated only by the owner or by the resource server");
        return Err(TicketError::NotAuthorised(text).into());
    }
    let granted = given.get("granted").and_then(Value::as_bool).unwrap_or_default();
    let policy = policy_id(caller);
    let change = |sharing: &mut Sharing| if granted { grant(sharing, &id, &policy) } else { withdraw(sharing, &id) };
    Ok(caller.registry().change_sharing(&resource.id, change).await?.ok_or(TicketError::Unknown)?)
}

pub(crate) async fn delete(caller: &Protector<'_>, id: &str) -> Result<(), ProtectionError> {
    caller.refuse_without_role()?;
    let (resource, ticket) = find(caller, id).await?;
    let asked_for_it = ticket.requester == caller.user.id.as_str();
    if !caller.is_server() && !caller.owns(&resource) && !asked_for_it {
        let text =
            format!("permissions for [{}] can be deleted only by the owner, the requester, or the resource server", resource.id);
        return Err(TicketError::NotAuthorised(text).into());
    }
    let change = |sharing: &mut Sharing| withdraw(sharing, id);
    Ok(caller.registry().change_sharing(&resource.id, change).await?.ok_or(TicketError::Unknown)?)
}

/// The ticket of this id at the caller's resource server.
async fn find(caller: &Protector<'_>, id: &str) -> Result<(Arc<Resource>, Ticket), ProtectionError> {
    let registry = caller.registry();
    for (resource, sharing) in registry.all_sharing().await? {
        if let Some(ticket) = sharing.tickets.into_iter().find(|ticket| ticket.id == id) {
            let resource = registry.find(&resource).await?.ok_or(TicketError::Unknown)?;
            return Ok((resource, ticket));
        }
    }
    Err(TicketError::Unknown.into())
}
