//! Clients that changed.

use serde_json::Value;

use super::parts;
use crate::document::Body;

/// Keycloak 26: tokens of the admin console and of `admin-cli` are lightweight, and not limited by scope mappings.
pub(super) fn admin_clients(realm: &mut Body, said: &mut Vec<String>) {
    for client_id in ["security-admin-console", "admin-cli"] {
        let Some(client) = parts::entity(realm, "clients", "clientId", client_id) else { continue };
        let had_full_scope = client.insert("fullScopeAllowed".to_owned(), true.into()) == Some(Value::Bool(true));
        let Some(attributes) = parts::object_made(client, "attributes") else { continue };
        let lightweight = attributes.insert("client.use.lightweight.access.token.enabled".to_owned(), "true".into());
        if !had_full_scope || lightweight.as_ref().and_then(Value::as_str) != Some("true") {
            said.push(format!("the client {client_id} got full scope and lightweight access tokens, as in Keycloak 26"));
        }
    }
}
