//! Up to Keycloak 3 clients had templates instead of client scopes.

use serde_json::{Map, Value, json};

use super::parts;
use crate::document::Body;

const OFFLINE: &str = "offline_access";

/// The member that held them.
pub(crate) const TEMPLATES: &str = "clientTemplates";

/// `clientTemplates` become client scopes, default ones of the clients that were made from them.
///
/// Such a file is one that brings no client scopes: Keycloak's own ones are there beside those of the templates. A null in the
/// place of the templates says so to `split`.
pub(crate) fn client_templates(realm: &mut Body, said: &mut Vec<String>) {
    let Some(templates) = parts::take_list(realm, TEMPLATES) else { return };
    said.push(format!("clientTemplates became {}", parts::count(templates.len(), "client scope")));
    let lists = ["clientScopes", "defaultDefaultClientScopes", "defaultOptionalClientScopes"];
    let of_file =
        if realm.contains_key("clientScopes") { lists.map(|member| realm.get(member)) } else { lists.map(parts::newest) };
    let [scopes, default, optional] = of_file.map(|list| list.and_then(Value::as_array).cloned().unwrap_or_default());
    let defaults = of_openid_connect(&scopes, names(&default));
    let mut optional = names(&optional);
    if !optional.iter().any(|name| name == OFFLINE) {
        optional.push(OFFLINE.to_owned());
    }
    let made = templates.iter().map(scope_of);
    if let Some(scopes) = parts::list(realm, "clientScopes") {
        scopes.extend(made);
    } else {
        realm.insert("clientScopes".to_owned(), made.collect());
        realm.insert(TEMPLATES.to_owned(), Value::Null);
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

fn names(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn of_openid_connect(scopes: &[Value], mut names: Vec<String>) -> Vec<String> {
    let saml = scopes.iter().filter(|scope| parts::text(scope, "protocol") == "saml");
    let saml: Vec<&str> = saml.map(|scope| parts::text(scope, "name")).collect();
    names.retain(|name| !saml.contains(&name.as_str()));
    names
}
