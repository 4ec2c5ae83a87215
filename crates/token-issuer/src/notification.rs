//! Tokens that clients get without having asked: logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4) and the
//! actions that Keycloak's adapters take at their admin URL.

use oidc_types::{ClientId, SessionId, UserId};
use realm_model::Client;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::issuing::{default_algorithm, id_token_algorithm};
use crate::pairwise::Pairwise;
use crate::{MintContext, MintError, TokenIssuer};

/// Seconds that a logout token is good for (wire.md section 7.4).
const LOGOUT_LIFESPAN: i64 = 120;

/// Seconds that an admin action is good for (measured on 26.7.4).
const ACTION_LIFESPAN: i64 = 30;

/// What an adapter is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminAction {
    /// Take no token that is older, in seconds since the epoch.
    PushNotBefore(i64),
    /// End all sessions, and take no token that is older.
    Logout(i64),
    /// Say that it is there.
    TestAvailability,
}

/// Keycloak: recordings logout/back-channel-*, in its order.
#[derive(Serialize)]
struct LogoutClaims<'a> {
    exp: i64,
    iat: i64,
    jti: String,
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    events: Map<String, Value>,
}

/// Keycloak: as it stands in what it sends (measured on 26.7.4).
#[derive(Serialize)]
struct ActionClaims<'a> {
    id: String,
    expiration: i64,
    resource: &'a str,
    action: &'static str,
    #[serde(rename = "notBefore", skip_serializing_if = "Option::is_none")]
    not_before: Option<i64>,
}

impl TokenIssuer {
    /// Signs the logout token that tells `client` of the end of a session of a user.
    ///
    /// # Errors
    /// [`MintError`] where the realm has no key for the algorithm of the client's ID tokens.
    pub async fn sign_logout_token(
        &self,
        client: &Client,
        (user, session): (&UserId, &SessionId),
        cx: MintContext<'_>,
    ) -> Result<String, MintError> {
        let mut events = Map::new();
        events.insert("http://schemas.openid.net/event/backchannel-logout".to_owned(), json!({}));
        if client.is_on("backchannel.logout.revoke.offline.tokens") {
            events.insert("revoke_offline_access".to_owned(), true.into()); // Keycloak: its own event (measured on 26.7.4)
        }
        // As in its ID tokens (measured on 26.7.4).
        let pairwise = Pairwise::of_client(client).map(|pairwise| pairwise.subject(user.as_str()));
        let claims = LogoutClaims {
            exp: cx.now.secs() + LOGOUT_LIFESPAN,
            iat: cx.now.secs(),
            jti: self.entropy.uuid().to_string(),
            iss: cx.issuer,
            aud: client.client_id.as_str(),
            sub: pairwise.as_deref().unwrap_or(user.as_str()),
            typ: "Logout",
            sid: client.is_on("backchannel.logout.session.required").then_some(session.as_str()),
            events,
        };
        let algorithm = id_token_algorithm(client, cx.realm);
        Ok(self.keys.sign(cx.realm, algorithm, "logout+jwt", &serde_json::to_vec(&claims)?).await?)
    }

    /// Signs an action for the adapter of a client.
    ///
    /// # Errors
    /// [`MintError`] where the realm has no key for its default algorithm.
    pub async fn sign_admin_action(
        &self,
        client_id: &ClientId,
        action: AdminAction,
        cx: MintContext<'_>,
    ) -> Result<String, MintError> {
        let (word, not_before) = match action {
            AdminAction::PushNotBefore(not_before) => ("PUSH_NOT_BEFORE", Some(not_before)),
            AdminAction::Logout(not_before) => ("LOGOUT", Some(not_before)),
            AdminAction::TestAvailability => ("TEST_AVAILABILITY", None),
        };
        let claims = ActionClaims {
            id: format!("{}-{}", self.entropy.uuid(), cx.now.millis()),
            expiration: cx.now.secs() + ACTION_LIFESPAN,
            resource: client_id.as_str(),
            action: word,
            not_before,
        };
        let algorithm = default_algorithm(cx.realm).unwrap_or("RS256");
        Ok(self.keys.sign(cx.realm, algorithm, "JWT", &serde_json::to_vec(&claims)?).await?)
    }
}
