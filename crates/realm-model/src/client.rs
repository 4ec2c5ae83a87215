use std::sync::Arc;

use oidc_types::{ClientId, Secret};
use serde_json::Value;

use crate::{FlowOverrides, ProtocolMapper, RoleKey, Texts};

/// The protocol a client or client scope belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `openid-connect`
    #[default]
    OpenidConnect,
    /// `saml`
    Saml,
    /// Any other: carried, never served.
    Other,
}

/// `clientAuthenticatorType`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthenticator {
    /// `client-secret`
    #[default]
    ClientSecret,
    /// `client-jwt`
    ClientJwt,
    /// `client-secret-jwt`
    ClientSecretJwt,
    /// `client-x509`
    ClientX509,
    /// `federated-jwt`: an identity provider says who the client is.
    FederatedJwt,
    /// `federated-jwt` and whatever else stands there.
    Other,
}

impl ClientAuthenticator {
    /// Keycloak's word; none where it is not one of these.
    pub const fn as_str(self) -> Option<&'static str> {
        Some(match self {
            Self::ClientSecret => "client-secret",
            Self::ClientJwt => "client-jwt",
            Self::ClientSecretJwt => "client-secret-jwt",
            Self::ClientX509 => "client-x509",
            Self::FederatedJwt => "federated-jwt",
            Self::Other => return None,
        })
    }
}

/// `client.secret.authentication.allowed.method`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretTransport {
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
}

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client's internal id.
    pub id: Arc<str>,
    /// `clientId`
    pub client_id: ClientId,
    /// `name`
    pub name: Option<String>,
    /// `description`
    pub description: Option<Arc<str>>,
    /// `enabled`
    pub enabled: bool,
    /// `protocol`
    pub protocol: Protocol,
    /// `publicClient`
    pub public: bool,
    /// `bearerOnly`
    pub bearer_only: bool,
    /// `consentRequired`
    pub consent_required: bool,
    /// `standardFlowEnabled`
    pub standard_flow: bool,
    /// `implicitFlowEnabled`
    pub implicit_flow: bool,
    /// `directAccessGrantsEnabled`
    pub direct_access_grants: bool,
    /// `serviceAccountsEnabled`
    pub service_accounts: bool,
    /// `fullScopeAllowed`
    pub full_scope_allowed: bool,
    /// `clientAuthenticatorType`
    pub authenticator: ClientAuthenticator,
    /// `secret`
    pub secret: Option<Secret<String>>,
    /// `client.secret.authentication.allowed.method`
    pub secret_transport: Option<SecretTransport>,
    /// `rootUrl`
    pub root_url: Option<String>,
    /// `baseUrl`, as it stands in the file: relative to `root_url`, or absolute.
    pub base_url: Option<Arc<str>>,
    /// `alwaysDisplayInConsole`: the account page lists it for those who never used it, too.
    pub always_display_in_console: bool,
    /// `frontchannelLogout`
    pub front_channel_logout: bool,
    /// Flows of its own, where it has any.
    pub flow_overrides: Option<Box<FlowOverrides>>,
    /// `redirectUris`, as they stand in the file.
    pub redirect_uris: Vec<String>,
    /// `webOrigins` with `+` already replaced by the origins of the redirect URIs (relative ones against `rootUrl`); `*` stays.
    pub web_origins: Vec<String>,
    /// `notBefore`, seconds since the epoch.
    pub not_before: i64,
    /// `defaultClientScopes`, those that exist and speak the client's protocol.
    pub default_scopes: Arc<[Arc<str>]>,
    /// `optionalClientScopes`, likewise.
    pub optional_scopes: Arc<[Arc<str>]>,
    /// Mappers of the client itself.
    pub mappers: Vec<Arc<ProtocolMapper>>,
    /// Roles in its scope where `full_scope_allowed` is off (`scopeMappings`, `clientScopeMappings`).
    pub scope_mappings: Vec<RoleKey>,
    /// `attributes`
    pub attributes: Texts,
    /// `authorizationSettings` of a confidential client with `authorizationServicesEnabled`, as they were written: a resource
    /// server. Compiled by the crate permissions when they are first asked for.
    pub authorization_settings: Option<Arc<Value>>,
}

impl Client {
    /// An attribute; an empty one counts as absent.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).filter(|v| !v.is_empty())
    }

    /// What a consent page says of the client itself, where it says anything: `display.on.consent.screen`, `consent.screen.text`.
    pub fn consent_text(&self) -> Option<&str> {
        self.attribute("consent.screen.text").filter(|_| self.is_on("display.on.consent.screen"))
    }

    /// Whether an attribute is `true`.
    pub fn is_on(&self, name: &str) -> bool {
        self.attribute(name) == Some("true")
    }

    /// An attribute that holds a whole number, such as a lifespan in seconds.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.attribute(name)?.parse().ok()
    }
}

/// The clients of a realm, found by `client_id`.
pub type Clients = crate::EntityMap<ClientId, Client>;
