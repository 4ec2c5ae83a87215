//! What users see and change of themselves: profile, password, authenticators, sessions, applications; as pages at
//! `/realms/{realm}/account`, and as the REST API that Keycloak's account console uses.
//!
//! **Architecture invariant:** everything is reached through a [`caller::Caller`], who is the owner of what is shown and changed; no
//! other user can be named.

mod applications;
mod caller;
mod credentials;
mod date;
mod error;
pub mod http;
mod links;
mod profile;
mod roles;
mod sections;
mod user_sessions;

use std::sync::Arc;

use client_notification::ClientNotifications;
use events::Events;
use login_pages::Pages;
use realm_store::Users;
use sessions::Sessions;
use token_issuer::TokenIssuer;
use user_authentication::UserAuthentication;

/// The account pages and their REST API, over the parts below; idp-server puts them together.
#[derive(Clone)]
pub struct Account {
    /// Sessions.
    pub sessions: Sessions,
    /// Users.
    pub users: Arc<dyn Users>,
    /// Passwords and other credentials.
    pub user_authentication: UserAuthentication,
    /// Bearer tokens and identity cookies.
    pub token_issuer: Arc<TokenIssuer>,
    /// What is told to clients.
    pub notifications: ClientNotifications,
    /// What people see.
    pub pages: Arc<Pages>,
    /// Where it is recorded what happened.
    pub events: Events,
}
