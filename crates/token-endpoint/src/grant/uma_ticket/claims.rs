//! What comes in tokens: permission tickets, claims of the circumstances, permissions of an earlier RPT.

use std::collections::BTreeMap;

use permissions::AskedFor;
use serde_json::Value;
use token_issuer::{InspectContext, RefusedToken, TicketLike};

use crate::error::{GrantError, UmaTicketError};
use crate::exchange::Exchange;

/// `claim_token_format` of an ID token, which is what it is unless it says otherwise.
pub(super) const ID_TOKEN_FORMAT: &str = "http://openid.net/specs/openid-connect-core-1_0.html#IDToken";
/// `claim_token_format` of claims in JSON, base64url.
const JWT_FORMAT: &str = "urn:ietf:params:oauth:token-type:jwt";
/// Names that begin so are the server's own.
const RESERVED: &str = "kc.";

/// Claims of the circumstances.
pub(super) type Pushed = BTreeMap<String, Vec<String>>;

/// Reads `claim_token`.
pub(super) fn pushed(token: Option<&str>, format: Option<&str>) -> Result<Pushed, UmaTicketError> {
    match format {
        None => return Ok(Pushed::new()),
        Some(format) if format.eq_ignore_ascii_case(ID_TOKEN_FORMAT) => return Ok(Pushed::new()),
        Some(JWT_FORMAT) => {}
        Some(other) => return Err(UmaTicketError::ClaimTokenFormat(other.to_owned())),
    }
    let Some(text) = token else { return Ok(Pushed::new()) };
    let json = base64_url(text).ok_or(UmaTicketError::Claims)?;
    let claims: BTreeMap<String, Value> = serde_json::from_slice(&json).map_err(|_| UmaTicketError::Claims)?;
    let lists = claims.into_iter().map(|(name, value)| Some((name, serde_json::from_value(value).ok()?)));
    let claims: Pushed = lists.collect::<Option<_>>().ok_or(UmaTicketError::ClaimValues)?;
    Ok(unreserved(claims))
}

fn unreserved(mut claims: Pushed) -> Pushed {
    claims.retain(|name, _| !name.starts_with(RESERVED));
    claims
}

fn base64_url(text: &str) -> Option<Vec<u8>> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text.trim_end_matches('=').as_bytes()).ok()
}

/// A permission in a token: `rsid`, `scopes`.
pub(super) fn asked_for(permission: &Value) -> AskedFor {
    let scopes = permission.get("scopes").and_then(Value::as_array).into_iter().flatten();
    AskedFor {
        resource: permission.get("rsid").and_then(Value::as_str).map(str::to_owned),
        scopes: scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect(),
    }
}

/// A permission ticket that holds.
pub(super) struct TicketRead {
    /// The resource server.
    pub(super) client: String,
    /// What it is for; `None` where the token is no ticket at all.
    pub(super) wanted: Option<Vec<AskedFor>>,
    pub(super) claims: Pushed,
}

/// Reads a permission ticket. An access token of the realm is none, but it is told by its `azp` first (recording
/// uma-ticket/ticket-faults).
pub(super) async fn verify_ticket(cx: &Exchange<'_>, text: &str) -> Result<TicketRead, GrantError> {
    let context = InspectContext { realm: cx.realm, accepts_issuer: cx.accepts_issuer, now: cx.now };
    let ticket = match cx.parts.token_issuer.verify_ticket(text, context).await {
        Ok(TicketLike::Ticket(ticket)) => ticket,
        Ok(TicketLike::OtherToken(client)) => {
            return Ok(TicketRead { client: client.as_str().to_owned(), wanted: None, claims: Pushed::new() });
        }
        Err(RefusedToken::Keys(error)) => return Err(error.into()),
        Err(_) => return Err(UmaTicketError::Ticket.into()),
    };
    let wanted = ticket.permissions.into_iter().map(|one| AskedFor { resource: one.resource, scopes: one.scopes });
    let client = ticket.client_id.as_str().to_owned();
    Ok(TicketRead { client, wanted: Some(wanted.collect()), claims: unreserved(ticket.claims) })
}
