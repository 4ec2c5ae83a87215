//! What a client may not say. Keycloak: recording admin-clients/create-refused.

use realm_model::document::Body;

use thiserror::Error;

use crate::body::{object, text, texts};

/// Schemes that run a script where a browser is sent.
const ILLEGAL_SCHEMES: [&str; 3] = ["javascript", "data", "vbscript"];

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
    for uri in texts(given, "redirectUris") {
        if has_illegal_scheme(uri) {
            return Err(ClientFault::RedirectUri("A redirect URI uses an illegal scheme".to_owned()));
        }
        if uri.contains('#') {
            return Err(ClientFault::RedirectUri("A redirect URI must not contain an URL fragment".to_owned()));
        }
    }
    Ok(())
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
        ("Backchannel logout URL", attribute("backchannel.logout.url"), false),
    ] {
        let Some(url) = url.filter(|url| !url.is_empty() && !url.contains("${")) else { continue };
        if has_illegal_scheme(url) {
            return Err(invalid(&format!("{name} uses an illegal scheme")));
        }
        if !(is_url(url) || relative && relative_is_fine(url)) {
            return Err(invalid(&format!("{name} is not a valid URL")));
        }
    }
    Ok(())
}

fn invalid(text: &str) -> ClientFault {
    ClientFault::Other(text.to_owned())
}

fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let first = scheme.chars().next()?;
    let is_scheme =
        first.is_ascii_alphabetic() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

fn has_illegal_scheme(url: &str) -> bool {
    scheme(url).is_some_and(|scheme| ILLEGAL_SCHEMES.iter().any(|illegal| scheme.eq_ignore_ascii_case(illegal)))
}

fn is_url(url: &str) -> bool {
    scheme(url).is_some() && !url.contains(char::is_whitespace)
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
            (json!({"clientAuthenticatorType": "nope", "webOrigins": ["https://a.example/path"]}), None),
            (json!({"rootUrl": "${authBaseUrl}", "baseUrl": "/realms/x/account/", "redirectUris": ["/cb", "*"]}), None),
        ] {
            let outcome = refuse_invalid(client.as_object().unwrap());
            assert_eq!(outcome.err().map(|fault| fault.to_string()).as_deref(), expected, "{client}");
        }
    }
}
