//! Up to Keycloak 3 clients had templates instead of client scopes.

use serde_json::{Map, Value, json};

use super::parts;
use crate::document::Body;

const OFFLINE: &str = "offline_access";

/// `clientTemplates` become client scopes, default ones of the clients that were made from them.
///
/// Keycloak adds its own scopes to them, because such a file is one that brings none: these are added here too, or else the
/// file would look like one that has left them out on purpose.
pub(crate) fn client_templates(realm: &mut Body, said: &mut Vec<String>) {
    let Some(templates) = parts::take_list(realm, "clientTemplates") else { return };
    said.push(format!("clientTemplates became {}", parts::count(templates.len(), "client scope")));
    if !realm.contains_key("clientScopes") {
        for member in ["clientScopes", "defaultDefaultClientScopes", "defaultOptionalClientScopes"] {
            if let Some(Value::Array(newest)) = parts::newest(member).filter(|_| !realm.contains_key(member)) {
                // Completion adds offline_access, with its scope mapping, to any file that lacks it.
                let kept = newest.iter().filter(|scope| *scope != OFFLINE && parts::text(scope, "name") != OFFLINE);
                realm.insert(member.to_owned(), kept.cloned().collect());
            }
        }
    }
    let Some(scopes) = parts::list(realm, "clientScopes") else { return };
    scopes.extend(templates.iter().map(scope_of));
    let defaults = of_openid_connect(realm, names(realm, "defaultDefaultClientScopes"));
    let mut optional = names(realm, "defaultOptionalClientScopes");
    if !optional.iter().any(|name| name == OFFLINE) {
        optional.push(OFFLINE.to_owned());
    }
    for client in parts::objects(realm, "clients") {
        for member in ["useTemplateConfig", "useTemplateScope", "useTemplateMappers"] {
            client.shift_remove(member);
        }
        let Some(Value::String(template)) = client.shift_remove("clientTemplate") else { continue };
        client.entry("optionalClientScopes").or_insert_with(|| json!(optional));
        let scopes = client.entry("defaultClientScopes").or_insert_with(|| json!(defaults));
        if let Some(scopes) = scopes.as_array_mut() {
            parts::add_name(scopes, &template);
        }
    }
}

fn scope_of(template: &Value) -> Value {
    let members = ["id", "name", "protocol", "description", "attributes", "protocolMappers"];
    let kept = members.into_iter().filter_map(|member| Some((member.to_owned(), template.get(member)?.clone())));
    Value::Object(kept.collect::<Map<String, Value>>())
}

fn names(realm: &Body, member: &str) -> Vec<String> {
    let names = realm.get(member).and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn of_openid_connect(realm: &Body, mut names: Vec<String>) -> Vec<String> {
    let scopes = realm.get("clientScopes").and_then(Value::as_array).into_iter().flatten();
    let saml: Vec<&str> =
        scopes.filter(|scope| parts::text(scope, "protocol") == "saml").map(|scope| parts::text(scope, "name")).collect();
    names.retain(|name| !saml.contains(&name.as_str()));
    names
}
