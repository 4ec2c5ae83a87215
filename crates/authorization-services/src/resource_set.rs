//! Resource registration (UMA 2.0 federated authorization section 3.2).

use std::collections::BTreeMap;
use std::sync::Arc;

use permissions::{Owner, Registered, Resource, scope_id};
use serde_json::{Map, Value, json};

use crate::body::{self, text, texts};
use crate::error::{ProtectionError, ResourceError};
use crate::protector::Protector;

/// Resources in an answer unless `max` says otherwise.
const MOST: usize = 100;

/// What is looked for.
#[derive(Default)]
pub(crate) struct Search {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) uri: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) scope: Option<String>,
    /// `exactName`
    pub(crate) exact_name: bool,
    /// `matchingUri`
    pub(crate) matching_uri: bool,
    /// `deep`: objects, not ids.
    pub(crate) deep: bool,
    pub(crate) first: usize,
    pub(crate) max: Option<usize>,
}

fn refuse(caller: &Protector<'_>) -> Result<(), ProtectionError> {
    caller.refuse_without_role()?;
    caller.refuse_without_remote_management()
}

pub(crate) async fn create(caller: &Protector<'_>, bytes: &[u8]) -> Result<Value, ProtectionError> {
    refuse(caller)?;
    let given = body::object(bytes, &body::NEW_RESOURCE)?;
    let name = text(&given, "name").ok_or(ResourceError::Conflict)?;
    let id = text(&given, "_id").unwrap_or_else(|| caller.new_id());
    let resource = of_body(&given, (id, name), caller.owner());
    let registry = caller.registry();
    match registry.register(&resource).await? {
        Registered::Done => {}
        Registered::NameTaken => return Err(ResourceError::NameTaken(resource.name).into()),
        Registered::IdTaken => return Err(ResourceError::Conflict.into()),
    }
    registry.add_scopes(&resource.scopes).await?;
    let (owner, owner_name) = caller.owner_of(&resource).await?;
    let scopes = scopes_with_ids(caller, &resource);
    let mut shown = beginning(&resource, &json!({ "id": owner, "name": owner_name }));
    shown.insert("_id".to_owned(), resource.id.as_str().into());
    shown.insert("uris".to_owned(), resource.uris.clone().into());
    shown.insert("resource_scopes".to_owned(), scopes.clone());
    end(&mut shown, &resource, scopes);
    Ok(Value::Object(shown))
}

pub(crate) async fn read(caller: &Protector<'_>, id: &str) -> Result<Value, ProtectionError> {
    refuse(caller)?;
    let resource = caller.load(id).await?;
    let (owner, _) = caller.owner_of(&resource).await?;
    let scopes: Value = resource.scopes.iter().map(|name| json!({ "name": name })).collect();
    let mut shown = beginning(&resource, &json!({ "id": owner }));
    shown.insert("attributes".to_owned(), json!(resource.attributes));
    shown.insert("_id".to_owned(), resource.id.as_str().into());
    shown.insert("uris".to_owned(), resource.uris.clone().into());
    shown.insert("resource_scopes".to_owned(), scopes.clone());
    end(&mut shown, &resource, scopes);
    Ok(Value::Object(shown))
}

pub(crate) async fn update(caller: &Protector<'_>, id: &str, bytes: &[u8]) -> Result<(), ProtectionError> {
    refuse(caller)?;
    let before = caller.load(id).await?;
    let given = body::object(bytes, &body::RESOURCE)?;
    let name = text(&given, "name").ok_or(ResourceError::NameMissing)?;
    let next = of_body(&given, (before.id.clone(), name), before.owner.clone());
    let registry = caller.registry();
    if !registry.change(&before, &next).await? {
        return Err(ResourceError::NameTaken(next.name).into());
    }
    Ok(registry.add_scopes(&next.scopes).await?)
}

pub(crate) async fn delete(caller: &Protector<'_>, id: &str) -> Result<(), ProtectionError> {
    refuse(caller)?;
    let resource = caller.load(id).await?;
    Ok(caller.registry().remove(&resource).await?)
}

/// The caller's own resources; all, where it is the resource server.
pub(crate) async fn search(caller: &Protector<'_>, search: &Search) -> Result<Value, ProtectionError> {
    refuse(caller)?;
    let registry = caller.registry();
    let owner = match &search.owner {
        None => None,
        Some(word) => Some(owner_named(caller, word).await?),
    };
    let of_owner = |resource: &Resource| match &owner {
        None => true,
        Some(None) => false,
        Some(Some(owner)) => {
            *owner == resource.owner || matches!(&resource.owner, Owner::Username(name) if search.owner.as_ref() == Some(name))
        }
    };
    let visible =
        |resource: &&Arc<Resource>| (caller.is_server() || caller.owns(resource)) && of_owner(resource) && search.fits(resource);
    let all = registry.all().await?;
    let mut found: Vec<&Arc<Resource>> = all.iter().filter(visible).filter(|resource| search.has_uri(resource)).collect();
    let nearest;
    if let Some(uri) = search.uri.as_deref().filter(|_| search.matching_uri && found.is_empty()) {
        nearest = registry.find_by_path(uri).await?;
        found = nearest.iter().filter(visible).collect();
    }
    let page = found.into_iter().skip(search.first).take(search.max.unwrap_or(MOST));
    if !search.deep {
        return Ok(page.map(|resource| resource.id.as_str()).collect());
    }
    let mut shown = Vec::new();
    for resource in page {
        shown.push(deep(caller, resource).await?);
    }
    Ok(shown.into())
}

impl Search {
    /// All but the URI.
    fn fits(&self, resource: &Resource) -> bool {
        let contains = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        let name = self.name.as_ref().is_none_or(|name| match self.exact_name {
            true => resource.name == *name,
            false => contains(&resource.name, name),
        });
        name && self.id.as_ref().is_none_or(|id| resource.id == *id)
            && self.kind.as_ref().is_none_or(|kind| resource.kind.as_ref().is_some_and(|own| contains(own, kind)))
            && self.scope.as_ref().is_none_or(|scope| resource.scopes.iter().any(|own| contains(own, scope)))
    }

    fn has_uri(&self, resource: &Resource) -> bool {
        self.uri.as_ref().is_none_or(|uri| resource.uris.contains(uri))
    }
}

/// The owner that a search names by id or name; `None` where there is nobody.
async fn owner_named(caller: &Protector<'_>, word: &str) -> Result<Option<Owner>, ProtectionError> {
    if word == caller.client.client_id.as_str() || word == &*caller.client.id {
        return Ok(Some(Owner::Server));
    }
    Ok(caller.find_user(word).await?.map(|user| Owner::User(user.id.as_str().to_owned())))
}

async fn deep(caller: &Protector<'_>, resource: &Resource) -> Result<Value, ProtectionError> {
    let (owner, name) = caller.owner_of(resource).await?;
    let mut shown = beginning(resource, &json!({ "id": owner, "name": name }));
    shown.insert("attributes".to_owned(), json!(resource.attributes));
    shown.insert("_id".to_owned(), resource.id.as_str().into());
    shown.insert("uris".to_owned(), resource.uris.clone().into());
    end(&mut shown, resource, scopes_with_ids(caller, resource));
    Ok(Value::Object(shown))
}

/// `name, type, owner, ownerManagedAccess, displayName`
fn beginning(resource: &Resource, owner: &Value) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("name".to_owned(), resource.name.as_str().into());
    if let Some(kind) = &resource.kind {
        shown.insert("type".to_owned(), kind.as_str().into());
    }
    shown.insert("owner".to_owned(), owner.clone());
    shown.insert("ownerManagedAccess".to_owned(), resource.owner_managed.into());
    if let Some(name) = &resource.display_name {
        shown.insert("displayName".to_owned(), name.as_str().into());
    }
    shown
}

/// `scopes, icon_uri`
fn end(shown: &mut Map<String, Value>, resource: &Resource, scopes: Value) {
    if !resource.scopes.is_empty() {
        shown.insert("scopes".to_owned(), scopes);
    }
    if let Some(icon) = &resource.icon_uri {
        shown.insert("icon_uri".to_owned(), icon.as_str().into());
    }
}

fn scopes_with_ids(caller: &Protector<'_>, resource: &Resource) -> Value {
    resource.scopes.iter().map(|name| json!({ "id": scope_id(&caller.client.id, name), "name": name })).collect()
}

/// A resource as the body says. `owner` in it counts for nothing (recording uma-ticket/resource-set-owner; CVE-2026-14777).
fn of_body(given: &Map<String, Value>, (id, name): (String, String), owner: Owner) -> Resource {
    let mut scopes: Vec<String> = Vec::new();
    for member in ["resource_scopes", "scopes"] {
        let values = given.get(member).and_then(Value::as_array).into_iter().flatten();
        for scope in values.filter_map(|value| value.as_str().or_else(|| value.get("name")?.as_str())) {
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
    }
    let attributes: BTreeMap<String, Vec<String>> =
        given.get("attributes").and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default();
    let mut uris = texts(given, "uris");
    if uris.is_empty() {
        uris.extend(text(given, "uri"));
    }
    Resource {
        id,
        name,
        kind: text(given, "type"),
        owner,
        owner_managed: given.get("ownerManagedAccess").and_then(Value::as_bool).unwrap_or_default(),
        display_name: text(given, "displayName"),
        attributes,
        uris,
        scopes,
        icon_uri: text(given, "icon_uri"),
    }
}
