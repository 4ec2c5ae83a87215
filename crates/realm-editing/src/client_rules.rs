//! What a client may not say. Keycloak: recording admin-clients/create-refused.

use realm_model::document::Body;

use thiserror::Error;

use crate::body::{object, text, texts};
use crate::uri::Uri;

/// What is wrong with a client, in Keycloak's words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClientFault {
    /// A redirect URI.
    #[error("{0}")]
    RedirectUri(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// Refuses a client whose URLs or protocol Keycloak would refuse.
pub fn refuse_invalid(given: &Body) -> Result<(), ClientFault> {
    if text(given, "clientId").is_some_and(|id| id.trim().is_empty()) {
        return Err(invalid("Client ID cannot be blank"));
    }
    if let Some(protocol) =
        text(given, "protocol").filter(|protocol| !matches!(*protocol, "openid-connect" | "saml" | "docker-v2"))
    {
        return Err(invalid(&format!("Invalid protocol: {protocol}")));
    }
    refuse_urls(given)?;
    let wrong = texts(given, "redirectUris").filter(|uri| !uri.contains("${")).find_map(|uri| bad_uri("A redirect URI", uri));
    if let Some(text) = wrong {
        return Err(ClientFault::RedirectUri(text));
    }
    let attribute = |name: &str| object(given, "attributes").and_then(|attributes| text(attributes, name)).unwrap_or_default();
    let after_logout = attribute("post.logout.redirect.uris").split("##").filter(|uri| !matches!(*uri, "" | "+" | "-"));
    let mut after_logout = after_logout.filter(|uri| !uri.contains("${"));
    if let Some(text) = after_logout.find_map(|uri| bad_uri("A post-logout redirect URI", uri)) {
        return Err(ClientFault::Other(text));
    }
    for uri in attribute("request.uris").split("##").filter(|uri| !uri.is_empty() && !uri.contains("${")) {
        match Uri::parse(uri) {
            None => return Err(invalid("Valid request URIs has an invalid value")),
            Some(uri) if uri.runs_a_script() => return Err(invalid("Valid request URIs has a value with illegal scheme")),
            Some(_) => {}
        }
    }
    Ok(())
}

/// What is wrong with a URI to which a browser is sent.
fn bad_uri(what: &str, text: &str) -> Option<String> {
    match Uri::parse(text) {
        None => Some(format!("{what} is not a valid URI")),
        Some(uri) if uri.runs_a_script() => Some(format!("{what} uses an illegal scheme")),
        Some(uri) if uri.has_fragment => Some(format!("{what} must not contain an URL fragment")),
        Some(_) => None,
    }
}

fn refuse_urls(given: &Body) -> Result<(), ClientFault> {
    let relative_is_fine = |url: &str| url.starts_with('/');
    let attribute = |name: &str| object(given, "attributes").and_then(|attributes| text(attributes, name));
    for (name, url, relative) in [
        ("Root URL", text(given, "rootUrl"), false),
        ("Base URL", text(given, "baseUrl"), true),
        ("Admin URL", text(given, "adminUrl"), true),
        ("Logo URL", attribute("logoUri"), false),
        ("Policy URL", attribute("policyUri"), false),
        ("Terms of service URL", attribute("tosUri"), false),
        ("JWKS URL", attribute("jwks.url"), false),
        ("Backchannel logout URL", attribute("backchannel.logout.url"), false),
        ("Front-channel logout URL", attribute("frontchannel.logout.url"), false),
    ] {
        let Some(url) = url.filter(|url| !url.is_empty() && !url.contains("${")) else { continue };
        let uri = Uri::parse(url);
        if uri.is_some_and(|uri| uri.runs_a_script()) {
            return Err(invalid(&format!("{name} uses an illegal scheme")));
        }
        if !(uri.is_some_and(|uri| uri.scheme.is_some()) || relative && relative_is_fine(url)) {
            return Err(invalid(&format!("{name} is not a valid URL")));
        }
    }
    Ok(())
}

fn invalid(text: &str) -> ClientFault {
    ClientFault::Other(text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn clients_with_bad_urls_are_refused_in_keycloaks_words() {
        for (client, expected) in [
            (json!({"clientId": ""}), Some("Client ID cannot be blank")),
            (json!({"redirectUris": ["https://x.example/#f"]}), Some("A redirect URI must not contain an URL fragment")),
            (json!({"rootUrl": "nonsense"}), Some("Root URL is not a valid URL")),
            (json!({"baseUrl": "javascript:1"}), Some("Base URL uses an illegal scheme")),
            (json!({"protocol": "nope"}), Some("Invalid protocol: nope")),
            (json!({"redirectUris": ["javascript:alert(1)"]}), Some("A redirect URI uses an illegal scheme")),
            (json!({"attributes": {"backchannel.logout.url": "x y"}}), Some("Backchannel logout URL is not a valid URL")),
            (json!({"redirectUris": ["JaVaScRiPt:alert(1)"]}), Some("A redirect URI uses an illegal scheme")),
            (json!({"redirectUris": ["::"]}), Some("A redirect URI is not a valid URI")),
            (json!({"attributes": {"logoUri": "JaVaScRiPt:x"}}), Some("Logo URL uses an illegal scheme")),
            (json!({"attributes": {"jwks.url": "nonsense"}}), Some("JWKS URL is not a valid URL")),
            (
                json!({"attributes": {"post.logout.redirect.uris": "https://a.example/##javascript:1"}}),
                Some("A post-logout redirect URI uses an illegal scheme"),
            ),
            (json!({"attributes": {"request.uris": "::"}}), Some("Valid request URIs has an invalid value")),
            (json!({"clientAuthenticatorType": "nope", "webOrigins": ["https://a.example/path"]}), None),
            (json!({"rootUrl": "${authBaseUrl}", "baseUrl": "/realms/x/account/", "redirectUris": ["/cb", "*"]}), None),
        ] {
            let outcome = refuse_invalid(client.as_object().unwrap());
            assert_eq!(outcome.err().map(|fault| fault.to_string()).as_deref(), expected, "{client}");
        }
    }
}
