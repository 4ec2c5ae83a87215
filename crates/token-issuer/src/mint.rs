use std::sync::Arc;

use ambient::{Entropy, Timestamp};
use oidc_types::{ClientId, SessionId};
use realm_model::Realm;
use serde::Serialize;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::issue::SessionKind;
use crate::issuing::Issuing;
use crate::plan::{ClaimPlan, Plans};
use crate::{ClientKeySets, Issue, KeyError, RealmKeys};

/// Makes tokens out of what grants decide to issue; keeps the compiled mappers of all realms.
pub struct TokenIssuer {
    pub(crate) keys: Arc<dyn RealmKeys>,
    pub(crate) client_keys: Option<Arc<dyn ClientKeySets>>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) plans: Plans,
}

/// Where and when tokens are made.
#[derive(Clone, Copy)]
pub struct MintContext<'a> {
    /// The realm.
    pub realm: &'a Arc<Realm>,
    /// The realm's issuer URL for this request.
    pub issuer: &'a str,
    /// The present.
    pub now: Timestamp,
}

/// Why no tokens were made.
#[derive(Debug, Error)]
pub enum MintError {
    /// A key is missing or does not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The claims could not be written.
    #[error("the claims could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Tokens and all that a token response says about them; serialized as Keycloak's response, in its order.
#[derive(Clone, Serialize)]
pub struct Minted {
    /// `access_token`
    pub access_token: String,
    /// `expires_in`, seconds.
    pub expires_in: i64,
    /// `refresh_expires_in`, seconds; 0 where there is no refresh token or it never ends.
    pub refresh_expires_in: i64,
    /// `refresh_token`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// `token_type`: `Bearer`, `bearer` where the client wants it so, `N_A` where no access token was issued.
    pub token_type: &'static str,
    /// `id_token`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// `not-before-policy`, seconds since the epoch.
    #[serde(rename = "not-before-policy")]
    pub not_before_policy: i64,
    /// `session_state`; none where the session is transient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_state: Option<SessionId>,
    /// `scope`
    pub scope: String,
    /// `issued_token_type` of a token exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
    /// What mappers with `access.tokenResponse.claim` add.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
    /// `jti` of the access token.
    #[serde(skip)]
    pub access_token_id: String,
    /// `jti` of the refresh token.
    #[serde(skip)]
    pub refresh_token_id: Option<String>,
}

/// Prints no token.
impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Minted")
            .field("access_token_id", &self.access_token_id)
            .field("refresh_token_id", &self.refresh_token_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl TokenIssuer {
    /// An issuer that signs and verifies with `keys` and takes ids from `entropy`.
    pub fn new(keys: Arc<dyn RealmKeys>, entropy: Arc<dyn Entropy>) -> Self {
        Self { keys, client_keys: None, entropy, plans: Plans::default() }
    }

    /// The same, which can encrypt to clients by the keys that they declare.
    #[must_use]
    pub fn with_client_keys(self, client_keys: Arc<dyn ClientKeySets>) -> Self {
        Self { client_keys: Some(client_keys), ..self }
    }

    /// The claims that the access token of `issue` would have: for whoever judges by them and needs no token.
    ///
    /// # Errors
    /// [`MintError::Json`]
    pub fn access_claims(&self, issue: &Issue, cx: MintContext<'_>) -> Result<Map<String, Value>, MintError> {
        let plan = self.plans.of(cx.realm, &issue.client, &issue.scope);
        Issuing::new(issue, cx, (&plan, &plan), self).claims_of_access_token()
    }

    /// Makes the tokens of `issue`.
    ///
    /// # Errors
    /// [`MintError`] where the realm has no key for an algorithm that the client asks for.
    pub async fn mint(&self, issue: &Issue, cx: MintContext<'_>) -> Result<Minted, MintError> {
        let (plan, told) = self.plans_of(issue, cx.realm);
        Issuing::new(issue, cx, (&plan, &told), self).mint(&*self.entropy).await
    }

    /// Which clients of `wanted` the access token of `issue` would not have in its `aud`.
    pub fn missing_audience<'w>(&self, issue: &Issue, cx: MintContext<'_>, wanted: &'w [ClientId]) -> Vec<&'w ClientId> {
        let (plan, told) = self.plans_of(issue, cx.realm);
        Issuing::new(issue, cx, (&plan, &told), self).missing_audience(wanted)
    }

    /// The plan of the access token, and that of ID token and answer.
    pub(crate) fn plans_of(&self, issue: &Issue, realm: &Realm) -> (Arc<ClaimPlan>, Arc<ClaimPlan>) {
        let plan = self.plans.of(realm, &issue.client, &issue.scope);
        // Keycloak: a narrowed refresh of an offline session narrows the access token alone (recording
        // offline-tokens/refresh-narrowed; measured on 26.7.4).
        let told = match issue.session.kind {
            SessionKind::Offline | SessionKind::BorrowedOffline => self.plans.of(realm, &issue.client, &issue.refresh_scope),
            SessionKind::Online | SessionKind::Transient | SessionKind::Borrowed => Arc::clone(&plan),
        };
        (plan, told)
    }
}
