//! Who calls: the resource server itself, or a user through it.

use std::sync::Arc;

use permissions::{Owner, Registry, Resource, ResourceServer};
use realm_http::RealmContext;
use realm_model::{Client, RoleKey, User};
use token_issuer::{Fallen, InspectContext, Purpose, RefusedToken, StandingContext, TokenType};

use crate::AuthorizationServices;
use crate::error::{ProtectionError, ResourceError};

/// The role without which nothing is registered.
const UMA_PROTECTION: &str = "uma_protection";

/// A caller whose token holds.
pub(crate) struct Protector<'a> {
    pub(crate) parts: &'a AuthorizationServices,
    pub(crate) request: &'a RealmContext,
    pub(crate) user: Arc<User>,
    pub(crate) client: Arc<Client>,
    pub(crate) server: Arc<ResourceServer>,
    has_role: bool,
}

/// Finds out who holds `token`: it must be one of a client that is a resource server.
///
/// # Errors
/// [`ProtectionError::Bearer`], [`ProtectionError::NoResourceServer`], or that nothing can be found out.
pub(crate) async fn authenticate<'a>(
    parts: &'a AuthorizationServices,
    request: &'a RealmContext,
    token: Option<&str>,
) -> Result<Protector<'a>, ProtectionError> {
    let text = token.ok_or_else(|| ProtectionError::Bearer("none".to_owned()))?;
    let (realm, now) = (&request.realm, request.now);
    let accepts_issuer = |issuer: &str| request.accepts_issuer(issuer);
    let context = InspectContext { realm, accepts_issuer: &accepts_issuer, now };
    let token = match parts.token_issuer.inspect(text, context, Purpose::Use).await {
        Ok(token) if token.token_type == TokenType::Bearer => token,
        Ok(_) => return Err(ProtectionError::Bearer("a token of another type".to_owned())),
        Err(RefusedToken::Keys(error)) => return Err(ProtectionError::Unknown(error.to_string())),
        Err(refused) => return Err(ProtectionError::Bearer(refused.to_string())),
    };
    // A token that is bound to a key is no bearer token (RFC 9449 section 7.2).
    if token.bound_to != token_issuer::BoundTo::default() {
        return Err(ProtectionError::Bearer("bound to a key".to_owned()));
    }
    let standing = StandingContext { realm, sessions: &parts.sessions, users: &*parts.users, now };
    let found = match standing.of_access_token(&token).await {
        Ok(found) => found,
        Err(Fallen::Unavailable(error)) => return Err(ProtectionError::Unknown(error.to_string())),
        Err(fallen) => return Err(ProtectionError::Bearer(fallen.to_string())),
    };
    let client_id = token.client_id.as_str();
    let none = || ProtectionError::NoResourceServer(client_id.to_owned());
    let client = realm.client(client_id).ok_or_else(none)?;
    let server = parts.permissions.server(realm, client).ok_or_else(none)?;
    let has_role = found.subject.roles().contains(&RoleKey::client(client_id, UMA_PROTECTION));
    let user = Arc::clone(found.subject.user());
    Ok(Protector { parts, request, user, client: Arc::clone(client), server, has_role })
}

impl Protector<'_> {
    /// Refuses a caller without the role `uma_protection` (CVE-2026-3190).
    pub(crate) fn refuse_without_role(&self) -> Result<(), ProtectionError> {
        if self.has_role { Ok(()) } else { Err(ProtectionError::RoleMissing) }
    }

    /// Refuses where the file alone says what is protected.
    pub(crate) fn refuse_without_remote_management(&self) -> Result<(), ProtectionError> {
        if self.server.remote_management { Ok(()) } else { Err(ProtectionError::RemoteManagementOff) }
    }

    /// What is registered at the caller's resource server, and nowhere else.
    pub(crate) fn registry(&self) -> Registry<'_> {
        self.parts.permissions.registry(&self.request.realm, &self.server, self.request.now)
    }

    /// Whether it is the resource server, by its service account.
    pub(crate) fn is_server(&self) -> bool {
        self.user.service_account_client.as_ref() == Some(&self.client.client_id)
    }

    /// Whose is what the caller registers: its own, whatever the request says.
    pub(crate) fn owner(&self) -> Owner {
        if self.is_server() { Owner::Server } else { Owner::User(self.user.id.as_str().to_owned()) }
    }

    /// Whether the resource is the caller's own.
    pub(crate) fn owns(&self, resource: &Resource) -> bool {
        match resource.owner {
            Owner::Server => self.is_server(),
            _ => resource.owner.is(&self.user),
        }
    }

    /// The resource of this id, which the caller may change: its own, or any of the resource server it is (CVE-2026-4630).
    pub(crate) async fn load(&self, id: &str) -> Result<Arc<Resource>, ProtectionError> {
        let found = self.registry().find(id).await?.ok_or(ResourceError::Unknown)?;
        if self.is_server() || self.owns(&found) { Ok(found) } else { Err(ResourceError::Foreign.into()) }
    }

    /// Id and name of an owner. The name of one who is gone is not told.
    pub(crate) async fn owner_of(&self, resource: &Resource) -> Result<(String, Option<String>), ProtectionError> {
        let (realm, users) = (&self.request.realm.name, &self.parts.users);
        let found = match &resource.owner {
            Owner::Server => return Ok((self.client.id.to_string(), Some(self.client.client_id.as_str().to_owned()))),
            Owner::User(id) => users.find_by_id(realm, id).await?,
            Owner::Username(name) => users.find_by_username(realm, name).await?,
        };
        let given = match &resource.owner {
            Owner::User(text) | Owner::Username(text) => text.clone(),
            Owner::Server => String::new(),
        };
        Ok(found.map_or((given, None), |user| (user.id.as_str().to_owned(), Some(user.username.clone()))))
    }

    /// A user by id or username.
    pub(crate) async fn find_user(&self, word: &str) -> Result<Option<Arc<User>>, ProtectionError> {
        let (realm, users) = (&self.request.realm.name, &self.parts.users);
        if let Some(user) = users.find_by_id(realm, word).await? {
            return Ok(Some(user));
        }
        Ok(users.find_by_username(realm, word).await?)
    }

    pub(crate) fn new_id(&self) -> String {
        self.parts.entropy.uuid().to_string()
    }
}
