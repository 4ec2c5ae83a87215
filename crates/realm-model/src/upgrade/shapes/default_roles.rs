//! Up to Keycloak 12 the roles that every user has were lists of names; since then they are a composite role.

use serde_json::{Value, json};

use super::parts;
use crate::document::Body;

/// `defaultRoles` of realm and clients become the composites of the role `default-roles-<realm>`.
/// Keycloak: a file that has `defaultRole` is not looked at for them.
pub(crate) fn default_roles(realm: &mut Body, said: &mut Vec<String>) {
    if realm.contains_key("defaultRole") {
        return;
    }
    let of_realm = names(parts::take_list(realm, "defaultRoles"));
    let clients = parts::objects(realm, "clients").filter_map(|client| {
        let roles = names(parts::take_list(client, "defaultRoles"))?;
        Some((parts::text_of(client, "clientId").to_owned(), roles))
    });
    let of_clients: Vec<(String, Vec<String>)> = clients.collect();
    if of_realm.is_none() && of_clients.is_empty() {
        return;
    }
    let of_realm = of_realm.unwrap_or_default();
    let realm_name = parts::text_of(realm, "realm");
    // The name of a placeholder's variable stays as it is written.
    let lower_case = if realm_name.contains("${") { realm_name.to_owned() } else { realm_name.to_lowercase() };
    let name = format!("default-roles-{lower_case}");
    let added = of_realm.len() + of_clients.iter().map(|(_, roles)| roles.len()).sum::<usize>();
    if compose(realm, &name, &of_realm, &of_clients).is_some() {
        realm.insert(
            "defaultRole".to_owned(),
            json!({ "name": name, "description": "${role_default-roles}", "composite": true, "clientRole": false }),
        );
        said.push(format!("{} became composites of the role {name}", parts::count(added, "default role")));
    }
}

fn names(list: Option<Vec<Value>>) -> Option<Vec<String>> {
    Some(list?.iter().filter_map(Value::as_str).map(|name| name.trim().to_owned()).collect())
}

fn compose(realm: &mut Body, name: &str, of_realm: &[String], of_clients: &[(String, Vec<String>)]) -> Option<()> {
    let roles = parts::object_made(realm, "roles")?;
    let list = parts::list_made(roles, "realm")?;
    let built_in = ["offline_access", "uma_authorization"];
    for role in built_in.into_iter().chain(of_realm.iter().map(String::as_str)) {
        if !list.iter().any(|other| parts::text(other, "name") == role) {
            list.push(parts::newest_realm_role(role).unwrap_or_else(|| json!({ "name": role })));
        }
    }
    if !list.iter().any(|role| parts::text(role, "name") == name) {
        let composites = json!({ "realm": built_in, "client": { "account": ["view-profile", "manage-account"] } });
        list.push(json!({ "name": name, "description": "${role_default-roles}", "composite": true, "composites": composites }));
    }
    let role = parts::entity(roles, "realm", "name", name)?;
    role.insert("composite".to_owned(), true.into());
    let composites = parts::object_made(role, "composites")?;
    let realm_roles = parts::list_made(composites, "realm")?;
    for role in of_realm {
        parts::add_name(realm_roles, role);
    }
    let clients = parts::object_made(composites, "client")?;
    for (client, roles) in of_clients {
        let client_roles = parts::list_made(clients, client)?;
        for role in roles {
            parts::add_name(client_roles, role);
        }
    }
    Some(())
}
