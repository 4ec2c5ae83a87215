use realm_model::Realm;
use serde::Serialize;

use super::words::{self, Words};
use super::{RealmUrls, scopes};

/// `openid-configuration`, in Keycloak's order (wire.md section 5.1).
#[derive(Serialize)]
pub(crate) struct OpenidConfiguration<'a> {
    #[serde(flatten)]
    endpoints: Endpoints<'a>,
    #[serde(flatten)]
    algorithms: Algorithms,
    #[serde(flatten)]
    features: Features<'a>,
}

impl<'a> OpenidConfiguration<'a> {
    pub(crate) fn of(realm: &'a Realm, urls: &'a RealmUrls) -> Self {
        Self { endpoints: Endpoints::of(realm, urls), algorithms: Algorithms::of(urls), features: Features::of(realm, urls) }
    }
}

fn registration(urls: &RealmUrls) -> String {
    format!("{}/clients-registrations/openid-connect", urls.back)
}

/// The keys of the realm's ACR map (attribute `acr.loa.map`), else the levels that are always there.
fn acr_values(realm: &Realm) -> Vec<String> {
    let map = realm.attribute("acr.loa.map").and_then(|m| serde_json::from_str::<serde_json::Map<_, _>>(m).ok());
    match map.filter(|m| !m.is_empty()) {
        Some(map) => map.into_iter().map(|(acr, _)| acr).collect(),
        None => vec!["0".to_owned(), "1".to_owned()],
    }
}

const fn prompt_values(realm: &Realm) -> Words {
    if realm.registration_allowed { &["none", "login", "consent", "create"] } else { &["none", "login", "consent"] }
}

/// Where things are, and what they take.
#[derive(Serialize)]
struct Endpoints<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    introspection_endpoint: String,
    userinfo_endpoint: String,
    end_session_endpoint: String,
    frontchannel_logout_session_supported: bool,
    frontchannel_logout_supported: bool,
    jwks_uri: String,
    check_session_iframe: String,
    grant_types_supported: Words,
    acr_values_supported: Vec<String>,
    response_types_supported: Words,
    subject_types_supported: Words,
    prompt_values_supported: Words,
}

impl<'a> Endpoints<'a> {
    fn of(realm: &'a Realm, urls: &'a RealmUrls) -> Self {
        let front = |path: &str| format!("{}/protocol/openid-connect/{path}", urls.front);
        let back = |path: &str| format!("{}/protocol/openid-connect/{path}", urls.back);
        Self {
            issuer: &urls.front,
            authorization_endpoint: front("auth"),
            token_endpoint: back("token"),
            introspection_endpoint: back("token/introspect"),
            userinfo_endpoint: back("userinfo"),
            end_session_endpoint: front("logout"),
            frontchannel_logout_session_supported: true,
            frontchannel_logout_supported: true,
            jwks_uri: back("certs"),
            check_session_iframe: front("login-status-iframe.html"),
            grant_types_supported: words::GRANT_TYPES,
            acr_values_supported: acr_values(realm),
            response_types_supported: words::RESPONSE_TYPES,
            subject_types_supported: &["public", "pairwise"],
            prompt_values_supported: prompt_values(realm),
        }
    }
}

/// What can be signed, encrypted and authenticated with.
#[derive(Serialize)]
struct Algorithms {
    id_token_signing_alg_values_supported: Words,
    id_token_encryption_alg_values_supported: Words,
    id_token_encryption_enc_values_supported: Words,
    userinfo_signing_alg_values_supported: Words,
    userinfo_encryption_alg_values_supported: Words,
    userinfo_encryption_enc_values_supported: Words,
    request_object_signing_alg_values_supported: Words,
    request_object_encryption_alg_values_supported: Words,
    request_object_encryption_enc_values_supported: Words,
    response_modes_supported: Words,
    registration_endpoint: String,
    token_endpoint_auth_methods_supported: Words,
    token_endpoint_auth_signing_alg_values_supported: Words,
    introspection_endpoint_auth_methods_supported: Words,
    introspection_endpoint_auth_signing_alg_values_supported: Words,
    authorization_signing_alg_values_supported: Words,
    authorization_encryption_alg_values_supported: Words,
    authorization_encryption_enc_values_supported: Words,
}

impl Algorithms {
    fn of(urls: &RealmUrls) -> Self {
        Self {
            id_token_signing_alg_values_supported: words::SIGNING,
            id_token_encryption_alg_values_supported: words::KEY_MANAGEMENT,
            id_token_encryption_enc_values_supported: words::CONTENT_ENCRYPTION,
            userinfo_signing_alg_values_supported: words::SIGNING_OR_NONE,
            userinfo_encryption_alg_values_supported: words::KEY_MANAGEMENT,
            userinfo_encryption_enc_values_supported: words::CONTENT_ENCRYPTION,
            request_object_signing_alg_values_supported: words::SIGNING_OR_NONE,
            request_object_encryption_alg_values_supported: words::KEY_MANAGEMENT,
            request_object_encryption_enc_values_supported: words::CONTENT_ENCRYPTION,
            response_modes_supported: words::RESPONSE_MODES,
            registration_endpoint: registration(urls),
            token_endpoint_auth_methods_supported: words::CLIENT_AUTHENTICATION,
            token_endpoint_auth_signing_alg_values_supported: words::SIGNING,
            introspection_endpoint_auth_methods_supported: words::CLIENT_AUTHENTICATION,
            introspection_endpoint_auth_signing_alg_values_supported: words::SIGNING,
            authorization_signing_alg_values_supported: words::SIGNING,
            authorization_encryption_alg_values_supported: words::KEY_MANAGEMENT,
            authorization_encryption_enc_values_supported: words::CONTENT_ENCRYPTION,
        }
    }
}

/// Claims, scopes and further endpoints.
#[derive(Serialize)]
struct Features<'a> {
    claims_supported: Words,
    claim_types_supported: Words,
    claims_parameter_supported: bool,
    scopes_supported: Vec<&'a str>,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_request_uri_registration: bool,
    code_challenge_methods_supported: Words,
    tls_client_certificate_bound_access_tokens: bool,
    dpop_signing_alg_values_supported: Words,
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: Words,
    revocation_endpoint_auth_signing_alg_values_supported: Words,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    device_authorization_endpoint: String,
    backchannel_token_delivery_modes_supported: Words,
    backchannel_authentication_endpoint: String,
    backchannel_authentication_request_signing_alg_values_supported: Words,
    require_pushed_authorization_requests: bool,
    pushed_authorization_request_endpoint: String,
    mtls_endpoint_aliases: MtlsAliases,
    authorization_response_iss_parameter_supported: bool,
}

impl<'a> Features<'a> {
    fn of(realm: &'a Realm, urls: &'a RealmUrls) -> Self {
        let back = |path: &str| format!("{}/protocol/openid-connect/{path}", urls.back);
        Self {
            claims_supported: words::CLAIMS,
            claim_types_supported: &["normal"],
            claims_parameter_supported: true,
            scopes_supported: scopes(realm),
            request_parameter_supported: true,
            request_uri_parameter_supported: true,
            require_request_uri_registration: true,
            code_challenge_methods_supported: &["plain", "S256"],
            tls_client_certificate_bound_access_tokens: true,
            dpop_signing_alg_values_supported: words::ASYMMETRIC_SIGNING,
            revocation_endpoint: back("revoke"),
            revocation_endpoint_auth_methods_supported: words::CLIENT_AUTHENTICATION,
            revocation_endpoint_auth_signing_alg_values_supported: words::SIGNING,
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            device_authorization_endpoint: back("auth/device"),
            backchannel_token_delivery_modes_supported: &["poll", "ping"],
            backchannel_authentication_endpoint: back("ext/ciba/auth"),
            backchannel_authentication_request_signing_alg_values_supported: words::ASYMMETRIC_SIGNING,
            require_pushed_authorization_requests: false,
            pushed_authorization_request_endpoint: back("ext/par/request"),
            mtls_endpoint_aliases: MtlsAliases::of(urls),
            authorization_response_iss_parameter_supported: true,
        }
    }
}

/// RFC 8705 section 5: the same URLs, since client certificates are asked for at the one address.
#[derive(Serialize)]
struct MtlsAliases {
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    device_authorization_endpoint: String,
    registration_endpoint: String,
    userinfo_endpoint: String,
    pushed_authorization_request_endpoint: String,
    backchannel_authentication_endpoint: String,
}

impl MtlsAliases {
    fn of(urls: &RealmUrls) -> Self {
        let back = |path: &str| format!("{}/protocol/openid-connect/{path}", urls.back);
        Self {
            token_endpoint: back("token"),
            revocation_endpoint: back("revoke"),
            introspection_endpoint: back("token/introspect"),
            device_authorization_endpoint: back("auth/device"),
            registration_endpoint: registration(urls),
            userinfo_endpoint: back("userinfo"),
            pushed_authorization_request_endpoint: back("ext/par/request"),
            backchannel_authentication_endpoint: back("ext/ciba/auth"),
        }
    }
}
