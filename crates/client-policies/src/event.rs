use std::net::IpAddr;

use oidc_types::Params;
use serde_json::{Map, Value};

use crate::Updater;

/// What is about to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A code is to be redeemed.
    TokenRequest,
    /// Client credentials.
    ServiceAccountTokenRequest,
    /// A user's password.
    ResourceOwnerPasswordCredentialsRequest,
    /// A refresh token.
    TokenRefresh,
    /// RFC 8693.
    TokenExchangeRequest,
    /// RFC 7523 section 2.1.
    JwtAuthorizationGrant,
    /// A device code whose user has said yes.
    DeviceTokenRequest,
    /// The same for CIBA.
    BackchannelTokenRequest,
    /// A permission ticket or a request for permissions (UMA 2.0).
    UmaTicketRequest,
    /// Introspection.
    TokenIntrospect,
    /// Revocation.
    TokenRevoke,
    /// Userinfo.
    UserinfoRequest,
    /// Logout by a refresh token.
    LogoutRequest,
    /// RFC 9126.
    PushedAuthorizationRequest,
    /// A browser comes with an authorization request.
    AuthorizationRequest,
    /// CIBA begins.
    BackchannelAuthenticationRequest,
    /// RFC 8628 begins.
    DeviceAuthorizationRequest,
    /// A client is registered.
    Register,
    /// A client is changed.
    Update,
}

impl Event {
    /// Whether tokens will come of it.
    pub const fn issues_tokens(self) -> bool {
        matches!(
            self,
            Self::TokenRequest
                | Self::ServiceAccountTokenRequest
                | Self::ResourceOwnerPasswordCredentialsRequest
                | Self::TokenRefresh
                | Self::TokenExchangeRequest
                | Self::JwtAuthorizationGrant
                | Self::DeviceTokenRequest
                | Self::BackchannelTokenRequest
                | Self::UmaTicketRequest
        )
    }

    /// Whether a client is written.
    pub const fn writes_client(self) -> bool {
        matches!(self, Self::Register | Self::Update)
    }

    /// Whether the client has shown who it is.
    pub(crate) const fn is_by_authenticated_client(self) -> bool {
        !matches!(self, Self::UserinfoRequest | Self::AuthorizationRequest | Self::Register | Self::Update)
    }
}

/// Parameters of a request.
pub trait Parameters: Sync {
    /// The value of one.
    fn value(&self, name: &str) -> Option<&str>;
}

impl Parameters for Params {
    fn value(&self, name: &str) -> Option<&str> {
        self.get(name)
    }
}

/// What is known of a request beside its client.
#[derive(Clone, Copy, Default)]
pub struct Facts<'a> {
    /// `grant_type`
    pub grant_type: Option<&'a str>,
    /// The form.
    pub parameters: Option<&'a dyn Parameters>,
    /// The claims of a signed object by which the request came.
    pub request_object: Option<&'a Map<String, Value>>,
    /// Whether the request was pushed beforehand (RFC 9126).
    pub pushed: bool,
    /// Seconds since the epoch.
    pub now: i64,
    /// Whether the caller has shown a key (DPoP).
    pub shows_proof: bool,
    /// Whether the caller has shown a certificate.
    pub shows_certificate: bool,
    /// The claims of the assertion of a JWT authorization grant.
    pub assertion: Option<&'a Map<String, Value>>,
    /// Who changes a client.
    pub updater: Option<&'a Updater>,
    /// The identity provider that vouches for the user, by alias.
    pub identity_provider: Option<&'a str>,
    /// The caller's address.
    pub peer: Option<IpAddr>,
}

impl<'a> Facts<'a> {
    /// Of a form, and from where it came.
    pub fn of_form(form: &'a Params, peer: IpAddr) -> Self {
        Facts { parameters: Some(form), grant_type: form.get("grant_type"), peer: Some(peer), ..Facts::default() }
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters?.value(name).filter(|value| !value.is_empty())
    }
}

/// What policies change in how a request is carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Access tokens are lightweight (`use-lightweight-access-token`).
    pub lightweight_access_token: bool,
    /// A refresh gives no further refresh token (`suppress-refresh-token-rotation`).
    pub keeps_refresh_token: bool,
    /// A client keeps its registration access token (`registration-access-token-rotation-disabled`).
    pub keeps_registration_token: bool,
}
