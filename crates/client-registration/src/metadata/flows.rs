use realm_editing::body::texts;
use realm_model::document::Body;
use serde_json::Value;

use crate::error::RegistrationError;

/// Grants that an attribute switches on.
pub(crate) const BY_ATTRIBUTE: [(&str, &str); 5] = [
    ("urn:ietf:params:oauth:grant-type:device_code", "oauth2.device.authorization.grant.enabled"),
    ("urn:openid:params:grant-type:ciba", "oidc.ciba.grant.enabled"),
    ("refresh_token", "use.refresh.tokens"),
    ("urn:ietf:params:oauth:grant-type:token-exchange", "standard.token.exchange.enabled"),
    ("urn:ietf:params:oauth:grant-type:jwt-bearer", "oauth2.jwt.authorization.grant.enabled"),
];
/// The grant of authorization services.
pub(crate) const UMA: &str = "urn:ietf:params:oauth:grant-type:uma-ticket";

/// `response_types` and `grant_types`. Keycloak: the former decide of the browser flows where they are given; an empty list counts
/// for nothing there (measured on 26.7.4).
pub(super) fn read(given: &Body, (client, attributes): (&mut Body, &mut Body)) -> Result<(), RegistrationError> {
    let grants: Option<Vec<&str>> =
        given.get("grant_types").filter(|list| list.is_array()).map(|_| texts(given, "grant_types").collect());
    let mut flows = None;
    let responses: Vec<&str> = texts(given, "response_types").flat_map(|words| words.split(' ')).collect();
    if responses.iter().any(|word| !matches!(*word, "code" | "token" | "id_token" | "none")) {
        return Err(RegistrationError::metadata("Client metadata invalid"));
    }
    if !responses.is_empty() {
        let has = |wanted: &[&str]| responses.iter().any(|word| wanted.contains(word));
        flows = Some((has(&["code", "none"]), has(&["token", "id_token"])));
    } else if let Some(grants) = grants.as_ref().filter(|grants| !grants.is_empty()) {
        flows = Some((grants.contains(&"authorization_code"), grants.contains(&"implicit")));
    }
    let mut put = |member: &str, on: bool| drop(client.insert(member.to_owned(), Value::Bool(on)));
    if let Some((standard, implicit)) = flows {
        put("standardFlowEnabled", standard);
        put("implicitFlowEnabled", implicit);
    }
    let Some(grants) = grants else { return Ok(()) };
    put("directAccessGrantsEnabled", grants.contains(&"password"));
    put("serviceAccountsEnabled", grants.contains(&"client_credentials") || grants.contains(&UMA));
    if grants.contains(&UMA) {
        put("authorizationServicesEnabled", true);
    }
    for (grant, attribute) in BY_ATTRIBUTE {
        attributes.insert(attribute.to_owned(), grants.contains(&grant).to_string().into());
    }
    Ok(())
}
