//! Who calls: a bearer token of master or of the realm in question, and whether client, session and user still stand behind it.

use std::sync::Arc;

use realm_http::RealmContext;
use realm_model::{Client, Realm, RoleSet, User};
use token_issuer::{Fallen, InspectContext, Purpose, RefusedToken, StandingContext, TokenType, carried_roles};

use crate::AdminApi;
use crate::error::AdminError;
use crate::roles::{self, Permission};

/// A caller whose token holds.
pub(crate) struct AdminCaller {
    /// The realm the token is of.
    pub(crate) realm: Arc<Realm>,
    /// Who it is.
    pub(crate) user: Arc<User>,
    /// The client the token was issued to.
    pub(crate) client: Arc<Client>,
    /// The roles the user has now, as far as they are in the client's scope.
    pub(crate) roles: RoleSet,
}

impl AdminCaller {
    /// Whether the caller may do this in `realm`.
    pub(crate) fn may(&self, realm: &str, permission: Permission) -> bool {
        roles::allows(&self.roles, &self.realm, realm, permission)
    }

    /// Whether the caller has this role of the realm the token is of.
    pub(crate) fn has_realm_role(&self, name: &str) -> bool {
        self.roles.contains(&realm_model::RoleKey::realm(name))
    }
}

/// The bearer token of an `Authorization` header. Keycloak: exactly two words, the scheme in any case.
pub(crate) fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

/// The name of the realm that `token` says it is of; nothing is known of it yet.
pub(crate) fn claimed_realm(token: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Claims {
        iss: String,
    }
    if token.len() > token_issuer::LONGEST_TOKEN {
        return None;
    }
    let payload = token.split('.').nth(1)?;
    let json = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(payload.as_bytes()).ok()?;
    let claims: Claims = serde_json::from_slice(&json).ok()?;
    let (_, realm) = claims.iss.rsplit_once("/realms/")?;
    realm_http::decode_segment(realm).map(std::borrow::Cow::into_owned)
}

/// The caller behind `token`, which is of the realm of `home`.
///
/// # Errors
/// 401 whatever is wrong with it; 503 where that cannot be found out.
pub(crate) async fn authenticate(api: &AdminApi, home: &RealmContext, token: &str) -> Result<AdminCaller, AdminError> {
    let realm = &home.realm;
    let accepts_issuer = |issuer: &str| home.accepts_issuer(issuer);
    let cx = InspectContext { realm, accepts_issuer: &accepts_issuer, now: home.now };
    let token = api.token_issuer.inspect(token, cx, Purpose::Use).await.map_err(unauthorized)?;
    if !realm.enabled || token.token_type != TokenType::Bearer {
        return Err(AdminError::Unauthorized);
    }
    let users = api.live.users();
    let ground = StandingContext { realm, sessions: &api.sessions, users: &*users, now: home.now };
    let standing = ground.of_access_token(&token).await.map_err(fallen)?;
    let client = Arc::clone(ground.client_of(&token).map_err(fallen)?);
    let user = Arc::clone(standing.subject.user());
    let roles = carried_roles(realm, &client, &user);
    Ok(AdminCaller { realm: Arc::clone(realm), user, client, roles })
}

fn unauthorized(error: RefusedToken) -> AdminError {
    match error {
        RefusedToken::Keys(error) => AdminError::Unavailable(error.to_string()),
        other => {
            log::info!("admin token refused: {other}");
            AdminError::Unauthorized
        }
    }
}

fn fallen(fact: Fallen) -> AdminError {
    match fact {
        Fallen::Unavailable(error) => AdminError::Unavailable(error.to_string()),
        other => {
            log::info!("admin token refused: {other}");
            AdminError::Unauthorized
        }
    }
}
