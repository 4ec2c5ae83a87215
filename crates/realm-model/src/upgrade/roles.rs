//! Roles that came later.

use serde_json::{Value, json};

use super::parts;
use crate::document::Body;

const ORGANIZATION_ROLES: [&str; 3] = ["view-organizations", "manage-organizations", "query-organizations"];

/// Keycloak 20: the account console may see a user's groups.
pub(super) fn view_groups(realm: &mut Body, said: &mut Vec<String>) {
    // Completion makes a client account that the file does not have, with all its roles.
    if !parts::has(realm, "clients", "clientId", "account") || !add_client_role(realm, "account", "account", "view-groups") {
        return;
    }
    let mapping = parts::object_made(realm, "clientScopeMappings").and_then(|mappings| parts::list_made(mappings, "account"));
    if let Some(mapping) = mapping {
        let console = mapping.iter_mut().find(|entry| parts::text(entry, "client") == "account-console");
        match console.and_then(|entry| entry.get_mut("roles")).and_then(Value::as_array_mut) {
            Some(roles) => {
                parts::add_name(roles, "view-groups");
            }
            None => mapping.push(json!({ "client": "account-console", "roles": ["view-groups"] })),
        }
    }
    said.push("the role view-groups of Keycloak 20 was added to the client account, and given to account-console".to_owned());
}

/// Keycloak 26.7: roles for those who administer organizations.
pub(super) fn organizations(realm: &mut Body, said: &mut Vec<String>) {
    let is_master = parts::text_of(realm, "realm") == "master";
    let client = if is_master { "master-realm" } else { "realm-management" };
    if !parts::has(realm, "clients", "clientId", client) {
        return;
    }
    let added: Vec<&str> =
        ORGANIZATION_ROLES.into_iter().filter(|role| add_client_role(realm, client, "realm-management", role)).collect();
    if added.is_empty() {
        return;
    }
    let admin = if is_master { realm_role(realm, "admin") } else { client_role(realm, client, "realm-admin") };
    if let Some(composites) = admin.and_then(|role| composites(role, client)) {
        for role in &added {
            parts::add_name(composites, role);
        }
    }
    if is_master && let Some(view) = client_role(realm, client, "view-organizations") {
        // As it stands in new realms it holds a role of realm-management.
        view.insert("composites".to_owned(), json!({ "client": { client: ["query-organizations"] } }));
    }
    said.push(format!("the roles {} of Keycloak 26.7 were added to the client {client}", parts::listed(&added)));
}

/// Adds a role that the client (`newest`: by its name in new realms) has in new realms; whether it was missing.
fn add_client_role(realm: &mut Body, client: &str, newest: &str, name: &str) -> bool {
    let Some(role) = parts::newest_client_role(newest, name) else { return false };
    let roles = parts::object_made(realm, "roles")
        .and_then(|roles| parts::object_made(roles, "client"))
        .and_then(|clients| parts::list_made(clients, client));
    let Some(roles) = roles else { return false };
    if roles.iter().any(|role| parts::text(role, "name") == name) {
        return false;
    }
    roles.push(role);
    true
}

fn client_role<'r>(realm: &'r mut Body, client: &str, name: &str) -> Option<&'r mut Body> {
    let clients = realm.get_mut("roles")?.get_mut("client")?.as_object_mut()?;
    parts::entity(clients, client, "name", name)
}

fn realm_role<'r>(realm: &'r mut Body, name: &str) -> Option<&'r mut Body> {
    parts::entity(realm.get_mut("roles")?.as_object_mut()?, "realm", "name", name)
}

/// The roles of a client within a composite role.
fn composites<'r>(role: &'r mut Body, client: &str) -> Option<&'r mut Vec<Value>> {
    let clients = parts::object_made(parts::object_made(role, "composites")?, "client")?;
    parts::list_made(clients, client)
}
