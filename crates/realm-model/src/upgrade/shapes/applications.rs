//! Up to Keycloak 1.3 clients were called applications, and those that asked for consent OAuth clients.

use serde_json::Value;

use super::{parts, rename};
use crate::document::Body;

/// `applications` and `oauthClients` become clients, with all that refers to them.
pub(crate) fn applications(realm: &mut Body, said: &mut Vec<String>) {
    for member in ["applications", "oauthClients"] {
        let Some(mut clients) = parts::take_list(realm, member) else { continue };
        said.push(format!("{member} became {}", parts::count(clients.len(), "client")));
        let old = clients.iter_mut().filter_map(Value::as_object_mut);
        old.for_each(if member == "applications" { application } else { oauth_client });
        if let Some(list) = parts::list_made(realm, "clients") {
            list.extend(clients);
        }
    }
    if rename(realm, "applicationScopeMappings", "clientScopeMappings") {
        said.push("applicationScopeMappings became clientScopeMappings".to_owned());
    }
    if let Some(roles) = realm.get_mut("roles").and_then(Value::as_object_mut) {
        if rename(roles, "application", "client") {
            said.push("roles of applications became roles of clients".to_owned());
        }
        parts::objects(roles, "realm").for_each(composites);
        let clients = roles.get_mut("client").and_then(Value::as_object_mut);
        clients
            .into_iter()
            .flat_map(|clients| clients.values_mut())
            .filter_map(Value::as_array_mut)
            .flatten()
            .filter_map(Value::as_object_mut)
            .for_each(composites);
    }
    let users = parts::objects(realm, "users").map(user).filter(|changed| *changed).count();
    if users > 0 {
        said.push(format!("applicationRoles of {} became clientRoles", parts::count(users, "user")));
    }
}

/// `applicationRoles` of one user; whether there were any.
pub(crate) fn user(user: &mut Body) -> bool {
    rename(user, "applicationRoles", "clientRoles")
}

fn application(client: &mut Body) {
    rename(client, "name", "clientId");
    client.shift_remove("claims");
}

fn oauth_client(client: &mut Body) {
    application(client);
    client.entry("consentRequired").or_insert(true.into());
    client.entry("fullScopeAllowed").or_insert(false.into());
}

fn composites(role: &mut Body) {
    if let Some(composites) = role.get_mut("composites").and_then(Value::as_object_mut) {
        rename(composites, "application", "client");
    }
}
