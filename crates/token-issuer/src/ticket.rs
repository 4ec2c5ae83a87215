//! Permission tickets (UMA 2.0 federated authorization section 4.1): what a resource server says that somebody needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambient::{Entropy, Timestamp};
use oidc_types::ClientId;
use realm_model::Realm;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::issuing::REFRESH_ALGORITHM;
use crate::{InspectContext, MintError, RefusedToken, TokenIssuer};

/// Seconds that a ticket lives. Keycloak: `accessCodeLifespanUserAction`, which is 300 unless the realm says otherwise.
const LIFESPAN: i64 = 300;

/// What is needed of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketPermission {
    /// Scopes, by name; all where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The resource, by id.
    #[serde(default, rename = "rsid", skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// A permission ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionTicket {
    /// `azp`: the resource server.
    pub client_id: ClientId,
    /// `permissions`
    pub permissions: Vec<TicketPermission>,
    /// `claims`: what the resource server tells of the circumstances.
    pub claims: BTreeMap<String, Vec<String>>,
}

/// What is said to be a ticket.
#[derive(Clone, Debug)]
pub enum TicketLike {
    /// A ticket.
    Ticket(PermissionTicket),
    /// Another token of this realm, issued to this client.
    OtherToken(ClientId),
}

#[derive(Serialize)]
struct Claims<'a> {
    exp: i64,
    iat: i64,
    permissions: &'a [TicketPermission],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    claims: &'a BTreeMap<String, Vec<String>>,
    jti: String,
    aud: &'a str,
    sub: &'a str,
    azp: &'a str,
}

#[derive(Deserialize)]
struct RawTicket {
    #[serde(default)]
    exp: Option<i64>,
    #[serde(default)]
    typ: Option<Value>,
    #[serde(default)]
    iss: Option<Value>,
    #[serde(default)]
    aud: Value,
    azp: ClientId,
    #[serde(default)]
    permissions: Option<Vec<TicketPermission>>,
    #[serde(default)]
    claims: BTreeMap<String, Vec<String>>,
}

impl TokenIssuer {
    /// Signs a ticket with the realm's secret, on behalf of `subject`. Keycloak: recording uma-ticket/ticket.
    ///
    /// # Errors
    /// [`MintError`] where the realm has no such key.
    pub async fn issue_ticket(
        &self,
        ticket: &PermissionTicket,
        subject: &str,
        (realm, issuer): (&Arc<Realm>, &str),
        (now, entropy): (Timestamp, &dyn Entropy),
    ) -> Result<String, MintError> {
        let claims = Claims {
            exp: now.secs() + LIFESPAN,
            iat: now.secs(),
            permissions: &ticket.permissions,
            claims: &ticket.claims,
            jti: format!("{}-{}", entropy.uuid(), now.millis()),
            aud: issuer,
            sub: subject,
            azp: ticket.client_id.as_str(),
        };
        let claims = serde_json::to_vec(&claims)?;
        Ok(self.keys.sign(realm, REFRESH_ALGORITHM, "JWT", &claims).await?)
    }

    /// Checks a ticket: signature, audience, time, and that it is one. A ticket that asks for nothing is none, or it would be one for
    /// everything.
    ///
    /// # Errors
    /// See [`RefusedToken`].
    pub async fn verify_ticket(&self, text: &str, cx: InspectContext<'_>) -> Result<TicketLike, RefusedToken> {
        let signed = self.refuse_forged(text, cx.realm).await?;
        let raw: RawTicket = serde_json::from_slice(&signed.claims).map_err(|_| RefusedToken::Invalid)?;
        let is_for_us = raw.aud.as_str().is_some_and(|audience| (cx.accepts_issuer)(audience));
        // A refresh token is signed alike; it has a `typ` and an `iss`.
        let is_ticket = signed.algorithm == REFRESH_ALGORITHM && raw.typ.is_none() && raw.iss.is_none() && is_for_us;
        let permissions = match raw.permissions {
            Some(permissions) if is_ticket && !permissions.is_empty() => permissions,
            _ => return Ok(TicketLike::OtherToken(raw.azp)),
        };
        if raw.exp.is_none_or(|expires| cx.now.secs() > expires) {
            return Err(RefusedToken::Expired);
        }
        Ok(TicketLike::Ticket(PermissionTicket { client_id: raw.azp, permissions, claims: raw.claims }))
    }
}
