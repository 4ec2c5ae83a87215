//! The UMA grant has an order of its own: a bearer token stands for client authentication, and parameters may be repeated.

use std::sync::Arc;

use client_policies::Event;
use oidc_types::{GrantType, Params};
use realm_http::Expose;
use realm_http::http::{CachePolicy, Rejection, Reply, authorization};
use realm_model::Client;
use serde::Serialize;
use serde_json::json;
use token_issuer::Minted;

use super::keycloak::{authenticated, prove, refuse};
use super::{Asked, Surroundings};
use crate::error::{GrantError, RequestError};
use crate::exchange::Exchange;
use crate::grant::uma_ticket::{Answer, Caller, Tokens, UmaTicket, Upgraded, exchange, of_bearer, of_client};
use crate::policies;

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
    let refused = |error: GrantError| refuse(asked, form, Some(GRANT), &error);
    let authorization = authorization(asked.http);
    asked.request.cors.allow_any(Expose::Default);
    let bearer = match authorization.as_deref().and_then(bearer) {
        Some("") => return Err(Rejection::bare(401, "HTTP 401 Unauthorized")),
        Some(token) => Some(bearer_of(asked, token).await.map_err(refused)?),
        None => None,
    };
    let client = match &bearer {
        Some((_, client)) => {
            asked.request.cors.judge(&client.web_origins)?;
            Arc::clone(client)
        }
        None => authenticated(asked, form, Some(GRANT)).await?,
    };
    let answered = decide(asked, (&grant, form), &client, bearer.map(|(caller, _)| caller)).await;
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

/// Whoever holds the bearer token, with the client it was issued to.
async fn bearer_of(asked: &Asked<'_>, token: &str) -> Result<(Caller, Arc<Client>), GrantError> {
    let request = asked.request;
    let accepts_issuer = |issuer: &str| request.accepts_issuer(issuer);
    let parts = &asked.token_endpoint.parts;
    of_bearer(Tokens { parts, realm: &request.realm, accepts_issuer: &accepts_issuer, now: request.now }, token).await
}

/// Without a bearer token the client asks, for itself or for a user.
async fn decide(
    asked: &Asked<'_>,
    (grant, form): (&UmaTicket<'_>, &Params),
    client: &Arc<Client>,
    bearer: Option<Caller>,
) -> Result<Answer, GrantError> {
    let surroundings = Surroundings::of(asked.request);
    let accepts_issuer = |issuer: &str| asked.request.accepts_issuer(issuer);
    let cx = surroundings.exchange(asked, client, &accepts_issuer);
    let proof = prove(asked, client).await.map_err(RequestError::Proof)?;
    let cx = Exchange { form: Some(form), proof: proof.as_ref(), ..cx };
    policies::judge(&cx, Event::UmaTicketRequest, GRANT)?;
    let caller = match bearer {
        Some(caller) => caller,
        None => of_client(&cx, grant).await?,
    };
    exchange(&cx, grant, &caller).await
}
