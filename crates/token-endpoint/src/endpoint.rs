//! The order of a token request: what is wrong with it is found in the order in which Keycloak finds it (wire.md section 1.1).

use std::sync::Arc;

use ambient::Entropy;
use client_auth::ClientAuth;
use events::Events;
use key_rotation::Keyrings;
use oidc_types::{GrantType, Params};
use permissions::Permissions;
use realm_store::Users;
use sessions::Sessions;
use token_issuer::{Issue, RealmKeys, RefusedToken, ScopeRequest, TokenIssuer};
use user_authentication::UserAuthentication;

use crate::dialect::spms;
use crate::error::{GrantError, RefreshError, RequestError};
use crate::exchange::{Exchange, Parts};
use crate::grant::jwt_authorization::IssuerKeys;
use crate::grant::{
    authorization_code, ciba, client_credentials, contactless, device_code, jwt_authorization, password, refresh_token,
    token_exchange,
};
use crate::policies;

/// The token endpoint of all realms.
#[derive(Clone)]
pub struct TokenEndpoint {
    pub(crate) parts: Parts,
}

/// What a request asks for.
pub(crate) enum Grant<'a> {
    AuthorizationCode(authorization_code::AuthorizationCode<'a>),
    Password(password::Password<'a>),
    RefreshToken(refresh_token::RefreshToken<'a>),
    ClientCredentials(client_credentials::ClientCredentials<'a>),
    TokenExchange(token_exchange::TokenExchange<'a>),
    JwtAuthorization(jwt_authorization::JwtAuthorization<'a>),
    Contactless(contactless::Contactless<'a>),
    DeviceCode(device_code::DeviceCode<'a>),
    Ciba(ciba::Ciba<'a>),
    SpmsRefresh(&'a str),
}

impl Grant<'_> {
    /// The word for logs and metrics.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::AuthorizationCode(_) => GrantType::AuthorizationCode.as_str(),
            Self::Password(_) => GrantType::Password.as_str(),
            Self::RefreshToken(_) | Self::SpmsRefresh(_) => GrantType::RefreshToken.as_str(),
            Self::ClientCredentials(_) => GrantType::ClientCredentials.as_str(),
            Self::TokenExchange(_) => GrantType::TokenExchange.as_str(),
            Self::JwtAuthorization(_) => GrantType::JwtBearer.as_str(),
            Self::Contactless(_) => "contactless",
            Self::DeviceCode(_) => GrantType::DeviceCode.as_str(),
            Self::Ciba(_) => GrantType::Ciba.as_str(),
        }
    }
}

impl TokenEndpoint {
    /// Over the parts below.
    pub fn new(
        (sessions, users): (Sessions, Arc<dyn Users>),
        user_authentication: UserAuthentication,
        keyrings: Arc<Keyrings>,
        token_issuer: Arc<TokenIssuer>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let keys: Arc<dyn RealmKeys> = Arc::<Keyrings>::clone(&keyrings);
        let permissions = Permissions::new(Arc::clone(sessions.store()));
        Self {
            parts: Parts {
                sessions,
                users,
                user_authentication,
                keys,
                keyrings,
                token_issuer,
                entropy,
                events: Events::default(),
                permissions,
                issuer_keys: Arc::default(),
            },
        }
    }

    /// The same, which fetches the keys of identity providers where they are said to be.
    #[must_use]
    pub fn with_client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.parts.issuer_keys = Arc::new(IssuerKeys::over(client_auth));
        self
    }

    /// The resource servers, for others who ask for them: each is compiled once.
    pub fn permissions(&self) -> &Permissions {
        &self.parts.permissions
    }

    /// The same, recording what happens in `events`.
    #[must_use]
    pub fn recording_in(mut self, events: Events) -> Self {
        self.parts.events = events;
        self
    }
}

/// RFC 6749 section 3.2: "Request and response parameters MUST NOT be included more than once."
pub(crate) fn refuse_repeated_parameter(form: &Params, grant: &Grant<'_>) -> Result<(), RequestError> {
    let allowed: &[&str] = match grant {
        Grant::TokenExchange(_) => &token_exchange::REPEATABLE,
        _ => &[],
    };
    if form.repeats_beside(allowed) { Err(RequestError::Repeated) } else { Ok(()) }
}

/// Carries out a grant: what is to be issued.
pub(crate) async fn decide(cx: &Exchange<'_>, grant: &Grant<'_>) -> Result<Issue, GrantError> {
    let effects = policies::judge_grant(cx, grant)?;
    let issue = carry_out(cx, grant).await?;
    Ok(policies::with_effects(issue, effects))
}

async fn carry_out(cx: &Exchange<'_>, grant: &Grant<'_>) -> Result<Issue, GrantError> {
    match grant {
        Grant::AuthorizationCode(grant) => authorization_code::exchange(cx, grant).await,
        Grant::Password(grant) => password::exchange(cx, grant).await,
        Grant::RefreshToken(grant) => refresh_token::exchange(cx, grant).await,
        Grant::ClientCredentials(grant) => client_credentials::exchange(cx, grant).await,
        Grant::TokenExchange(grant) => token_exchange::exchange(cx, grant).await,
        Grant::JwtAuthorization(grant) => jwt_authorization::exchange(cx, grant).await,
        Grant::Contactless(grant) => contactless::exchange(cx, grant).await,
        Grant::DeviceCode(grant) => device_code::exchange(cx, grant).await,
        Grant::Ciba(grant) => ciba::exchange(cx, grant).await,
        Grant::SpmsRefresh(token) => {
            let token = spms::verify(cx, token).await?.ok_or(RefreshError::Token(RefusedToken::Invalid))?;
            refresh_token::redeem(cx, &token, &ScopeRequest::default()).await
        }
    }
}
