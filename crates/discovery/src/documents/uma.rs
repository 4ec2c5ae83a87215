use realm_model::Realm;
use serde::Serialize;

use super::words::{self, Words};
use super::{RealmUrls, scopes};

/// `uma2-configuration`, in Keycloak's order. Keycloak: recording discovery-and-keys/uma2-configuration.
#[derive(Serialize)]
pub(crate) struct Uma2Configuration<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    introspection_endpoint: String,
    end_session_endpoint: String,
    frontchannel_logout_session_supported: bool,
    frontchannel_logout_supported: bool,
    jwks_uri: String,
    grant_types_supported: Words,
    response_types_supported: Words,
    response_modes_supported: Words,
    registration_endpoint: String,
    token_endpoint_auth_methods_supported: Words,
    token_endpoint_auth_signing_alg_values_supported: Words,
    scopes_supported: Vec<&'a str>,
    resource_registration_endpoint: String,
    permission_endpoint: String,
    policy_endpoint: String,
}

impl<'a> Uma2Configuration<'a> {
    pub(crate) fn of(realm: &'a Realm, urls: &'a RealmUrls) -> Self {
        let front = |path: &str| format!("{}/protocol/openid-connect/{path}", urls.front);
        let back = |path: &str| format!("{}/protocol/openid-connect/{path}", urls.back);
        let protection = |path: &str| format!("{}/authz/protection/{path}", urls.back);
        Self {
            issuer: &urls.front,
            authorization_endpoint: front("auth"),
            token_endpoint: back("token"),
            introspection_endpoint: back("token/introspect"),
            end_session_endpoint: front("logout"),
            frontchannel_logout_session_supported: true,
            frontchannel_logout_supported: true,
            jwks_uri: back("certs"),
            grant_types_supported: words::GRANT_TYPES,
            response_types_supported: words::RESPONSE_TYPES,
            response_modes_supported: words::RESPONSE_MODES,
            registration_endpoint: format!("{}/clients-registrations/openid-connect", urls.back),
            token_endpoint_auth_methods_supported: words::CLIENT_AUTHENTICATION,
            token_endpoint_auth_signing_alg_values_supported: words::SIGNING,
            scopes_supported: scopes(realm),
            resource_registration_endpoint: protection("resource_set"),
            permission_endpoint: protection("permission"),
            policy_endpoint: protection("uma-policy"),
        }
    }
}
