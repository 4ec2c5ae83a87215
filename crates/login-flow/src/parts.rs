use std::sync::Arc;

use client_notification::ClientNotifications;
use events::Events;
use key_rotation::Keyrings;
use login_pages::Pages;
use mail::Mailer;
use realm_store::{LiveRealms, Users};
use sessions::Sessions;
use token_issuer::TokenIssuer;
use user_authentication::UserAuthentication;

/// Logins and logouts of all realms: the parts below; idp-server puts them together.
#[derive(Clone)]
pub struct LoginFlow {
    /// Sessions, logins in progress, codes.
    pub sessions: Sessions,
    /// Who there is.
    pub users: Arc<dyn Users>,
    /// Where users are made.
    pub live: Arc<LiveRealms>,
    /// Who a user is shown to be.
    pub user_authentication: UserAuthentication,
    /// Claims and tokens.
    pub token_issuer: Arc<TokenIssuer>,
    /// What signs and seals cookies.
    pub keyrings: Arc<Keyrings>,
    /// What is told to clients.
    pub notifications: ClientNotifications,
    /// What people see.
    pub pages: Arc<Pages>,
    /// Mail.
    pub mailer: Mailer,
    /// Where it is recorded what happened.
    pub events: Events,
}
