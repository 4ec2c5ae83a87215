//! OpenID Connect client metadata, and the client that Keycloak makes of it (wire-extra.md section 8; measured on 26.7.4).

mod authentication;
pub(crate) mod flows;
mod shape;

use realm_editing::body::{is_on, object, text, texts};
use realm_model::document::Body;
use serde_json::Value;

pub(crate) use self::shape::OIDC_CLIENT;
use crate::error::RegistrationError;

/// Members that become an attribute as they are.
pub(crate) const ATTRIBUTES: [(&str, &str); 18] = [
    ("token_endpoint_auth_signing_alg", "token.endpoint.auth.signing.alg"),
    ("id_token_signed_response_alg", "id.token.signed.response.alg"),
    ("id_token_encrypted_response_alg", "id.token.encrypted.response.alg"),
    ("id_token_encrypted_response_enc", "id.token.encrypted.response.enc"),
    ("userinfo_signed_response_alg", "user.info.response.signature.alg"),
    ("userinfo_encrypted_response_alg", "user.info.encrypted.response.alg"),
    ("userinfo_encrypted_response_enc", "user.info.encrypted.response.enc"),
    ("request_object_signing_alg", "request.object.signature.alg"),
    ("authorization_signed_response_alg", "authorization.signed.response.alg"),
    ("authorization_encrypted_response_alg", "authorization.encrypted.response.alg"),
    ("authorization_encrypted_response_enc", "authorization.encrypted.response.enc"),
    ("backchannel_logout_uri", "backchannel.logout.url"),
    ("backchannel_token_delivery_mode", "ciba.backchannel.token.delivery.mode"),
    ("backchannel_client_notification_endpoint", "ciba.backchannel.client.notification.endpoint"),
    ("backchannel_authentication_request_signing_alg", "ciba.backchannel.auth.request.signing.alg"),
    ("tls_client_auth_subject_dn", "x509.subjectdn"),
    ("jwks_uri", "jwks.url"),
    ("frontchannel_logout_uri", "frontchannel.logout.url"),
];

/// The same, which no answer shows.
const HIDDEN: [(&str, &str); 3] = [("logo_uri", "logoUri"), ("policy_uri", "policyUri"), ("tos_uri", "tosUri")];

/// Switches that become an attribute.
pub(crate) const SWITCHES: [(&str, &str); 3] = [
    ("tls_client_certificate_bound_access_tokens", "tls.client.certificate.bound.access.tokens"),
    ("dpop_bound_access_tokens", "dpop.bound.access.tokens"),
    ("require_pushed_authorization_requests", "require.pushed.authorization.requests"),
];

/// Lists that become an attribute, their texts joined by `##`.
pub(crate) const LISTS: [(&str, &str); 3] = [
    ("request_uris", "request.uris"),
    ("post_logout_redirect_uris", "post.logout.redirect.uris"),
    ("default_acr_values", "default.acr.values"),
];

/// Members that become one of the client.
pub(crate) const MEMBERS: [(&str, &str); 3] = [("client_id", "clientId"), ("client_name", "name"), ("client_uri", "baseUrl")];

/// How a client tells whether its subjects are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubjectType {
    /// `public`
    Public,
    /// `pairwise`
    Pairwise,
}

/// What metadata say.
pub(crate) struct Metadata {
    /// The client's representation: what is absent in an update stays, an empty attribute goes.
    pub(crate) client: Body,
    /// `subject_type`; as it was sent, because Keycloak reads it last.
    subject_type: Option<String>,
    /// `sector_identifier_uri`
    pub(crate) sector_identifier: Option<String>,
}

impl Metadata {
    /// Reads metadata.
    ///
    /// # Errors
    /// `Client metadata invalid`, and the like.
    pub(crate) fn read(given: &Body) -> Result<Self, RegistrationError> {
        let mut client = Body::new();
        for (member, name) in MEMBERS {
            if let Some(value) = text(given, member) {
                client.insert(name.to_owned(), value.into());
            }
        }
        if given.get("redirect_uris").is_some_and(Value::is_array) {
            let uris: Vec<&str> = texts(given, "redirect_uris").filter(|uri| !uri.is_empty()).collect();
            client.insert("redirectUris".to_owned(), uris.into());
        }
        if let Some(scope) = text(given, "scope") {
            let words: Vec<&str> = if scope.is_empty() { Vec::new() } else { scope.trim_end_matches(' ').split(' ').collect() };
            client.insert("optionalClientScopes".to_owned(), words.into());
        }
        let mut attributes = attributes(given);
        authentication::read(given, (&mut client, &mut attributes))?;
        flows::read(given, (&mut client, &mut attributes))?;
        refuse_bad_ciba(given)?;
        let frontchannel = text(given, "frontchannel_logout_uri").is_some();
        client.insert("frontchannelLogout".to_owned(), frontchannel.into());
        client.insert("protocol".to_owned(), "openid-connect".into());
        client.insert("attributes".to_owned(), attributes.into());
        let said = |member| text(given, member).filter(|said| !said.is_empty()).map(str::to_owned);
        Ok(Self { client, subject_type: said("subject_type"), sector_identifier: said("sector_identifier_uri") })
    }

    /// `subject_type`
    ///
    /// # Errors
    /// 500 for one that is unknown. Keycloak: recording dynamic-registration/bad-metadata.
    pub(crate) fn subject_type(&self) -> Result<SubjectType, RegistrationError> {
        match self.subject_type.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("public") => Ok(SubjectType::Public),
            Some("pairwise") => Ok(SubjectType::Pairwise),
            Some(_) => Err(RegistrationError::Broken("an unknown subject type".to_owned())),
        }
    }
}

/// What becomes an attribute whichever the others are.
fn attributes(given: &Body) -> Body {
    let mut attributes = Body::new();
    for (member, name) in ATTRIBUTES.iter().chain(&HIDDEN) {
        if let Some(value) = text(given, member) {
            attributes.insert((*name).to_owned(), value.into());
        }
    }
    // Keycloak: an update that does not name it takes it away (measured on 26.7.4).
    attributes.entry("frontchannel.logout.url").or_insert_with(|| "".into());
    if attributes.contains_key("x509.subjectdn") {
        attributes.insert("x509.allow.regex.pattern.comparison".to_owned(), "false".into());
    }
    for (member, name) in SWITCHES {
        if let Some(on) = given.get(member).and_then(Value::as_bool) {
            attributes.insert(name.to_owned(), on.to_string().into());
        }
    }
    for (member, name) in LISTS {
        if given.get(member).is_some_and(Value::is_array) {
            let all: Vec<&str> = texts(given, member).collect();
            attributes.insert(name.to_owned(), all.join("##").into());
        }
    }
    let frontchannel = is_on(given, "frontchannel_logout_session_required");
    let backchannel = given.get("backchannel_logout_session_required").and_then(Value::as_bool).unwrap_or(true);
    let offline = is_on(given, "backchannel_logout_revoke_offline_tokens");
    for (name, on) in [
        ("frontchannel.logout.session.required", frontchannel),
        ("backchannel.logout.session.required", backchannel),
        ("backchannel.logout.revoke.offline.tokens", offline),
    ] {
        attributes.insert(name.to_owned(), on.to_string().into());
    }
    attributes
}

/// Keycloak: measured on 26.7.4; `push` is not there.
fn refuse_bad_ciba(given: &Body) -> Result<(), RegistrationError> {
    match text(given, "backchannel_token_delivery_mode") {
        None | Some("poll") => {}
        Some("ping") if text(given, "backchannel_client_notification_endpoint").is_some_and(|uri| !uri.is_empty()) => {}
        Some("ping") => {
            let text = "CIBA Backchannel Client Notification Endpoint must be set for the CIBA ping mode";
            return Err(RegistrationError::metadata(text));
        }
        Some(_) => return Err(RegistrationError::metadata("Unsupported requested CIBA Backchannel Token Delivery Mode")),
    }
    let is_asymmetric =
        |alg: &str| alg == "none" || alg == "EdDSA" || ["RS", "PS", "ES"].iter().any(|family| alg.starts_with(family));
    match text(given, "backchannel_authentication_request_signing_alg") {
        Some(alg) if !is_asymmetric(alg) => {
            let text = "Unsupported requested CIBA Backchannel Authentication Request Signing Algorithm";
            Err(RegistrationError::metadata(text))
        }
        _ => Ok(()),
    }
}

/// An attribute of a client.
pub(crate) fn attribute<'b>(client: &'b Body, name: &str) -> Option<&'b str> {
    object(client, "attributes").and_then(|attributes| text(attributes, name)).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests;
