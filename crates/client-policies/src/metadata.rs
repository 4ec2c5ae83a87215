//! URLs of a client. Texts measured on Keycloak 26.7.4.

use std::borrow::Cow;

use oidc_types::ErrorCode;
use regex_lite::Regex;

use crate::error::Refusal;
use crate::view::View;

/// The name of a field in policies, and the attribute it is kept in.
const ATTRIBUTES: [(&str, &str); 10] = [
    ("jwksUri", "jwks.url"),
    ("requestUris", "request.uris"),
    ("backchannelLogoutUrl", "backchannel.logout.url"),
    ("postLogoutRedirectUris", "post.logout.redirect.uris"),
    ("cibaClientNotificationEndpoint", "ciba.backchannel.client.notification.endpoint"),
    ("logoUri", "logoUri"),
    ("policyUri", "policyUri"),
    ("tosUri", "tosUri"),
    ("sectorIdentifierUri", "sectorIdentifierUri"),
    ("frontchannelLogoutUrl", "frontchannel.logout.url"),
];
const SINGLE: [&str; 3] = ["rootUrl", "adminUrl", "baseUrl"];
const LISTS: [&str; 2] = ["redirectUris", "webOrigins"];

/// All URLs, each with the name of its field.
fn uris(client: View<'_>) -> impl Iterator<Item = (&'static str, &str)> {
    let single = SINGLE.into_iter().filter_map(move |name| Some((name, client.text(name)?)));
    let lists = LISTS.into_iter().flat_map(move |name| client.texts(name).map(move |uri| (name, uri)));
    let attributes =
        ATTRIBUTES.into_iter().flat_map(move |(name, attribute)| client.attributes(attribute).map(move |uri| (name, uri)));
    // `+`: as the redirect URIs; `-`: none.
    single.chain(lists).chain(attributes).filter(|(_, uri)| !matches!(*uri, "+" | "-"))
}

/// Every URL is https and without a wildcard; Keycloak: relative ones are refused, too.
pub(crate) fn secure_uris(client: View<'_>) -> Result<(), Refusal> {
    let is_secure = |uri: &str| uri.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")) && !uri.contains('*');
    match uris(client).find(|(_, uri)| !is_secure(uri)) {
        Some((field, _)) => Err(invalid(field)),
        None => Ok(()),
    }
}

/// Every URL of these fields (of all, where none is named) matches an expression.
pub(crate) fn matching_uris(client: View<'_>, allowed: &[Regex], fields: &[String]) -> Result<(), Refusal> {
    let is_looked_at = |field: &str| fields.is_empty() || fields.iter().any(|named| named == field);
    let mut looked_at = uris(client).filter(|(field, _)| is_looked_at(field));
    match looked_at.find(|(_, uri)| !allowed.iter().any(|allowed| allowed.is_match(uri))) {
        Some((field, _)) if allowed.is_empty() => {
            let description = Cow::Owned(format!("Invalid {field}: No valid allowed patterns configured"));
            Err(Refusal { code: ErrorCode::InvalidClientMetadata, description })
        }
        Some((field, _)) => Err(invalid(field)),
        None => Ok(()),
    }
}

fn invalid(field: &str) -> Refusal {
    Refusal { code: ErrorCode::InvalidClientMetadata, description: Cow::Owned(format!("Invalid {field}")) }
}
