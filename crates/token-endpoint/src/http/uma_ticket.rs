//! The UMA grant has an order of its own: a bearer token stands for client authentication, and parameters may be repeated.

use std::sync::Arc;

use oidc_types::{GrantType, Params};
use realm_http::Expose;
use realm_http::http::{CachePolicy, Rejection, Reply};
use realm_model::Client;
use serde::Serialize;
use serde_json::json;
use token_issuer::Minted;

use super::keycloak::{authenticated, prove, refuse};
use super::{Asked, Surroundings};
use crate::error::{GrantError, RequestError};
use crate::exchange::Exchange;
use crate::grant::uma_ticket::{Answer, Caller, Tokens, UmaTicket, Upgraded, exchange, of_bearer, of_client};

/// For logs.
const GRANT: &str = GrantType::UmaTicket.as_str();

/// The answer, in Keycloak's order. Keycloak: recording uma-ticket/acme-all-permissions.
#[derive(Serialize)]
struct RequestingPartyToken<'a> {
    upgraded: bool,
    access_token: &'a str,
    expires_in: i64,
    refresh_expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    token_type: &'static str,
    #[serde(rename = "not-before-policy")]
    not_before_policy: i64,
}

impl<'a> RequestingPartyToken<'a> {
    fn of(minted: &'a Minted, upgraded: Upgraded) -> Self {
        Self {
            upgraded: upgraded == Upgraded::Yes,
            access_token: &minted.access_token,
            expires_in: minted.expires_in,
            refresh_expires_in: minted.refresh_expires_in,
            refresh_token: minted.refresh_token.as_deref(),
            // Keycloak: whatever it is bound to (recording uma-ticket/pushed-dpop).
            token_type: "Bearer",
            not_before_policy: minted.not_before_policy,
        }
    }
}

/// A request with `grant_type=urn:ietf:params:oauth:grant-type:uma-ticket`.
pub(super) async fn answer(asked: &Asked<'_>, form: &Params) -> Result<Reply, Rejection> {
    let grant = UmaTicket::new(form);
    let refused = |error: GrantError| refuse(asked, form.get("client_id"), Some(GRANT), &error);
    let authorization = asked.authorization();
    asked.request.cors.allow_any(Expose::Default);
    let answered = match authorization.as_deref().and_then(bearer) {
        Some("") => return Err(Rejection::bare(401, "HTTP 401 Unauthorized")),
        Some(token) => for_bearer(asked, &grant, token).await,
        None => {
            let client = authenticated(asked, form, Some(GRANT)).await?;
            for_client(asked, &grant, &client).await
        }
    };
    let reply = match answered.map_err(refused)? {
        Answer::Decision => Reply::json(&json!({ "result": true })),
        Answer::Permissions(permissions) => Reply::json(&permissions),
        Answer::Token(minted, upgraded) => Reply::json(&RequestingPartyToken::of(&minted, upgraded)),
    };
    Ok(reply.cache(CachePolicy::NoStore))
}

/// The token of an `Authorization` header with the scheme `Bearer`; empty where there is only the scheme.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim_start().split_once(' ').unwrap_or((header.trim(), ""));
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

async fn for_bearer(asked: &Asked<'_>, grant: &UmaTicket<'_>, token: &str) -> Result<Answer, GrantError> {
    let request = asked.request;
    let accepts_issuer = |issuer: &str| request.accepts_issuer(issuer);
    let parts = &asked.token_endpoint.parts;
    let tokens = Tokens { parts, realm: &request.realm, accepts_issuer: &accepts_issuer, now: request.now };
    let (caller, client) = of_bearer(tokens, token).await?;
    let surroundings = Surroundings::of(request);
    let cx = surroundings.exchange(asked, &client, &accepts_issuer);
    decide(asked, grant, &cx, &caller).await
}

async fn for_client(asked: &Asked<'_>, grant: &UmaTicket<'_>, client: &Arc<Client>) -> Result<Answer, GrantError> {
    let surroundings = Surroundings::of(asked.request);
    let accepts_issuer = |issuer: &str| asked.request.accepts_issuer(issuer);
    let cx = surroundings.exchange(asked, client, &accepts_issuer);
    let caller = of_client(&cx, grant).await?;
    decide(asked, grant, &cx, &caller).await
}

async fn decide(asked: &Asked<'_>, grant: &UmaTicket<'_>, cx: &Exchange<'_>, caller: &Caller) -> Result<Answer, GrantError> {
    let proof = prove(asked, cx.client).await.map_err(RequestError::Proof)?;
    exchange(&Exchange { proof: proof.as_ref(), ..*cx }, grant, caller).await
}
