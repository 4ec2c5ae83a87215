//! Permission tickets are given out (UMA 2.0 federated authorization section 4).

use std::collections::BTreeMap;
use std::sync::Arc;

use permissions::{Owner, Resource};
use serde_json::{Map, Value, json};
use token_issuer::{PermissionTicket, TicketPermission};

use crate::body::{self, text, texts};
use crate::error::{ProtectionError, TicketError};
use crate::protector::Protector;

/// Names that begin so are the server's own.
const RESERVED: &str = "kc.";

/// A ticket for what the body asks for.
pub(crate) async fn create(caller: &Protector<'_>, bytes: &[u8]) -> Result<Value, ProtectionError> {
    let requests = body::list(bytes, &body::PERMISSION_REQUESTS)?;
    if requests.is_empty() {
        return Err(TicketError::Empty.into());
    }
    let (mut permissions, mut claims) = (Vec::new(), BTreeMap::new());
    for request in requests.iter().filter_map(Value::as_object) {
        permissions.push(permission(caller, request).await?);
        let told = request.get("claims").cloned().unwrap_or_default();
        claims.extend(serde_json::from_value::<BTreeMap<String, Vec<String>>>(told).unwrap_or_default());
    }
    claims.retain(|name, _| !name.starts_with(RESERVED));
    let ticket = PermissionTicket { client_id: caller.client.client_id.clone(), permissions, claims };
    let issuer = caller.request.issuer();
    let (place, chance) = ((&caller.request.realm, issuer.as_str()), (caller.request.now, &*caller.parts.entropy));
    let signed = caller.parts.token_issuer.issue_ticket(&ticket, caller.user.id.as_str(), place, chance).await?;
    Ok(json!({ "ticket": signed }))
}

async fn permission(caller: &Protector<'_>, request: &Map<String, Value>) -> Result<TicketPermission, ProtectionError> {
    let scopes = texts(request, "resource_scopes");
    let Some(word) = text(request, "resource_id") else {
        for scope in &scopes {
            if !caller.registry().has_scope(scope).await? {
                return Err(TicketError::UnknownScope(scope.clone()).into());
            }
        }
        return Ok(TicketPermission { scopes, resource: None });
    };
    let resource = find(caller, &word).await?.ok_or(TicketError::UnknownResource(word))?;
    let has = available(caller, &resource).await?;
    if let Some(unknown) = scopes.iter().find(|scope| !has.contains(scope)) {
        return Err(TicketError::UnknownScope(unknown.clone()).into());
    }
    Ok(TicketPermission { scopes, resource: Some(resource.id.clone()) })
}

/// By id, or by name among the caller's own and the server's.
async fn find(caller: &Protector<'_>, word: &str) -> Result<Option<Arc<Resource>>, ProtectionError> {
    let registry = caller.registry();
    if let Some(found) = registry.find(word).await? {
        return Ok(Some(found));
    }
    if let Some(found) = registry.find_named(&caller.owner(), word).await? {
        return Ok(Some(found));
    }
    Ok(registry.find_named(&Owner::Server, word).await?)
}

/// The scopes that one may ask for.
pub(crate) async fn available(caller: &Protector<'_>, resource: &Resource) -> Result<Vec<String>, ProtectionError> {
    let registry = caller.registry();
    Ok(match resource.owner {
        Owner::Server => resource.scopes.clone(),
        _ => registry.scopes_of(resource, &registry.all().await?),
    })
}
