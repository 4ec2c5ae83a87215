//! Client scopes that came later.

use serde_json::Value;

use super::parts;
use super::shapes::templates::TEMPLATES;
use crate::document::Body;

const REGEXP: &str = "parameterized.scope.regexp";
const TYPE: &str = "parameterized.scope.type";

/// Clients that a new scope becomes a default scope of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clients {
    /// Those that people sign in to by OpenID Connect.
    OpenIdConnect,
    /// Those of SAML.
    Saml,
}

/// Keycloak 18: the scope `acr`.
pub(super) fn acr(realm: &mut Body, said: &mut Vec<String>) {
    add_default(realm, ("acr", "18"), Clients::OpenIdConnect, said);
}

/// Keycloak 25: `sub` and `auth_time` come from the scope `basic`.
pub(super) fn basic(realm: &mut Body, said: &mut Vec<String>) {
    add_default(realm, ("basic", "25"), Clients::OpenIdConnect, said);
}

/// Keycloak 26.1: service accounts have a scope instead of mappers of their own. Clients that have the mappers keep them.
pub(super) fn service_account(realm: &mut Body, said: &mut Vec<String>) {
    if add(realm, "service_account") {
        said.push("the client scope service_account of Keycloak 26.1 was added".to_owned());
    }
}

/// Keycloak 26.7: the scope `AuthnContextClassRef` of SAML.
pub(super) fn authn_context_class_ref(realm: &mut Body, said: &mut Vec<String>) {
    add_default(realm, ("AuthnContextClassRef", "26.7"), Clients::Saml, said);
}

/// Keycloak 26.7: dynamic scopes are called parameterized ones, and have a type.
pub(super) fn parameterized(realm: &mut Body, said: &mut Vec<String>) {
    let mut renamed = 0;
    for scope in parts::objects(realm, "clientScopes") {
        renamed += usize::from(parameterize(scope, said));
    }
    if renamed > 0 {
        let scopes = parts::count(renamed, "client scope");
        said.push(format!(
            "{scopes} with a parameter got the attributes that Keycloak 26.7 has for it, parameterized.scope.type too"
        ));
    }
}

fn parameterize(scope: &mut Body, said: &mut Vec<String>) -> bool {
    let prefix = format!("{}:", parts::text_of(scope, "name"));
    let Some(attributes) = scope.get_mut("attributes").and_then(Value::as_object_mut) else { return false };
    let mut renamed = false;
    for (old, new) in [("is.dynamic.scope", "is.parameterized.scope"), ("dynamic.scope.regexp", REGEXP)] {
        if let Some(value) = attributes.shift_remove(old) {
            attributes.insert(new.to_owned(), value);
            renamed = true;
        }
    }
    if !renamed || parts::text_of(attributes, "is.parameterized.scope") != "true" {
        return renamed;
    }
    let regexp = parts::text_of(attributes, REGEXP).to_owned();
    match regexp.strip_prefix(&prefix) {
        Some("*") => {
            attributes.shift_remove(REGEXP);
            attributes.insert(TYPE.to_owned(), "string".into());
        }
        Some(parameter) => {
            attributes.insert(REGEXP.to_owned(), parameter.into());
            attributes.insert(TYPE.to_owned(), "custom".into());
        }
        None if regexp.is_empty() => {
            attributes.insert(TYPE.to_owned(), "string".into());
        }
        None => {
            said.push(format!("the client scope of the regular expression {regexp} got no type: it does not begin with {prefix}"))
        }
    }
    true
}

fn add_default(realm: &mut Body, (name, version): (&str, &str), clients: Clients, said: &mut Vec<String>) {
    if !add(realm, name) {
        return;
    }
    if let Some(defaults) = parts::list_made(realm, "defaultDefaultClientScopes") {
        parts::add_name(defaults, name);
    }
    let mut given = 0;
    for client in parts::objects(realm, "clients").filter(|client| clients.has(client)) {
        // A client without a list gets the realm's default scopes.
        let is_given = match client.get_mut("defaultClientScopes") {
            Some(Value::Array(scopes)) => parts::add_name(scopes, name),
            Some(_) => false,
            None => true,
        };
        given += usize::from(is_given);
    }
    let whose = if given == 0 { "the realm".to_owned() } else { parts::count(given, "client") };
    said.push(format!("the client scope {name} of Keycloak {version} was added, and made a default scope of {whose}"));
}

/// Adds the scope as new realms have it; whether it was missing. A file without client scopes, or with those of templates only, gets
/// all the new ones.
fn add(realm: &mut Body, name: &str) -> bool {
    if parts::has(realm, "clientScopes", "name", name) || realm.contains_key(TEMPLATES) {
        return false;
    }
    let scope = parts::newest_entity("clientScopes", "name", name);
    let (Some(scopes), Some(mut scope)) = (parts::list(realm, "clientScopes"), scope) else { return false };
    if let Some(scope) = scope.as_object_mut() {
        parts::objects(scope, "protocolMappers").for_each(not_in_userinfo);
    }
    scopes.push(scope);
    true
}

/// An import puts claims into userinfo where a mapper of the file does not say whether they belong there (`completion`), not so
/// those of scopes that migration adds.
fn not_in_userinfo(mapper: &mut Body) {
    let Some(config) = mapper.get_mut("config").and_then(Value::as_object_mut) else { return };
    if config.contains_key("id.token.claim") {
        config.entry("userinfo.token.claim").or_insert("false".into());
    }
}

impl Clients {
    fn has(self, client: &Body) -> bool {
        match parts::text_of(client, "protocol") {
            "saml" => self == Self::Saml,
            "" | "openid-connect" => self == Self::OpenIdConnect && !parts::is_true(client, "bearerOnly"),
            _ => false,
        }
    }
}
