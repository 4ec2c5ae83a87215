use std::sync::Arc;

use client_auth::{ClientAuthError, Presented};
use oidc_types::{GrantType, Params};
use realm_http::Expose;
use realm_http::http::{CachePolicy, Rejection, Reply, authorization};
use realm_model::{Client, User};
use sender_constraint::{DpopProof, ProofError, ProofRequest, endpoint_uris};
use token_issuer::{GrantKind, Issue, MintContext, Minted};

use super::{Asked, ENDPOINT, Surroundings, uma_ticket};
use crate::dialect::keycloak;
use crate::endpoint::{Grant, decide, refuse_repeated_parameter};
use crate::error::{GrantError, RequestError};
use crate::exchange::Exchange;
use crate::report::{Refused, record_refusal, record_success};
use crate::wire::oauth_error;

const LOCALE_COOKIE: &str = "KEYCLOAK_LOCALE";

/// Keycloak's order of checks (wire.md section 1.1).
pub(super) async fn answer(asked: &Asked<'_>) -> Result<Reply, Rejection> {
    // Keycloak: control characters in these count as not being there (measured on 26.7.4).
    let form = asked.body.form()?.without_controls(&["grant_type", "scope", "refresh_token"]);
    asked.refuse_transport_and_realm()?;
    let request = asked.request;
    let refused = |grant: Option<&Grant<'_>>, error: GrantError| refuse(asked, &form, grant.map(Grant::as_str), &error);
    if form.get("grant_type") == Some(GrantType::UmaTicket.as_str()) {
        return uma_ticket::answer(asked, &form).await;
    }

    let grant = keycloak::grant(&form).map_err(|error| refused(None, error.into()))?;
    request.cors.allow_any(Expose::Default); // while the client is unknown, errors go to any origin
    let client = authenticated(asked, &form, Some(grant.as_str())).await?;
    refuse_repeated_parameter(&form, &grant).map_err(|error| refused(Some(&grant), error.into()))?;
    let proof = prove(asked, &client).await;
    let proof = proof.map_err(|error| refused(Some(&grant), RequestError::Proof(error).into()))?;

    let surroundings = Surroundings::of(request);
    let accepts_issuer = |issuer: &str| request.accepts_issuer(issuer);
    let cx = Exchange { form: Some(&form), proof: proof.as_ref(), ..surroundings.exchange(asked, &client, &accepts_issuer) };
    let (issue, minted) = issue(&cx, &grant).await.map_err(|error| refused(Some(&grant), error))?;
    record_success(asked.recorder(), &issue, &minted);
    let reply = Reply::json(&minted).cache(CachePolicy::NoStore);
    Ok(if issue.grant == GrantKind::Password { with_locale(reply, asked, &cx, &issue) } else { reply })
}

/// The client that is calling, which may have tokens.
pub(super) async fn authenticated(
    asked: &Asked<'_>,
    form: &Params,
    grant: Option<&'static str>,
) -> Result<Arc<Client>, Rejection> {
    let request = asked.request;
    let refused = |error: ClientAuthError| refuse(asked, form, grant, &error.into());
    if asked.body.has_unreadable_media_type() {
        return Err(refused(ClientAuthError::MediaType));
    }
    let authorization = authorization(asked.http);
    let presented = Presented::of(authorization.as_deref(), asked.body, form);
    let client = asked.client_auth.identify(request, presented).await.map_err(refused)?;
    request.cors.judge(&client.client().web_origins)?;
    client.refuse_without_tokens().map_err(|error| {
        // Keycloak: to a client of another protocol any origin that was not refused may listen (measured on 26.7.4).
        if matches!(error, ClientAuthError::OtherProtocol(_)) {
            request.cors.allow_any(Expose::Default);
        }
        refused(error)
    })?;
    Ok(Arc::clone(client.client()))
}

/// The key that the caller shows to hold, if it does or must.
pub(super) async fn prove(asked: &Asked<'_>, client: &Client) -> Result<Option<DpopProof>, ProofError> {
    let (request, proof) = (asked.request, sender_constraint::http::proof_header(asked.http));
    let proof = ProofRequest {
        proof: proof.as_deref(),
        method: asked.http.method().as_str(),
        uris: &endpoint_uris(request, ENDPOINT),
        access_token: None,
        realm: &request.realm.name,
        now: request.now,
    };
    sender_constraint::prove(&asked.token_endpoint.parts.sessions, client, proof).await
}

async fn issue(cx: &Exchange<'_>, grant: &Grant<'_>) -> Result<(Issue, Minted), GrantError> {
    let mut issue = decide(cx, grant).await?;
    issue.confirmations = cx.confirmations().map_err(RequestError::Binding)?;
    let context = MintContext { realm: cx.realm, issuer: cx.issuer, now: cx.now };
    let minted = cx.parts.token_issuer.mint(&issue, context).await?;
    Ok((issue, minted))
}

/// Records the fact and words it for the client.
pub(super) fn refuse(asked: &Asked<'_>, form: &Params, grant: Option<&'static str>, error: &GrantError) -> Rejection {
    let realm = &asked.request.realm;
    let wire = oauth_error(error, realm.compat, &asked.request.issuer());
    let authorization = authorization(asked.http);
    let claimed = Presented { authorization: authorization.as_deref(), form: Some(form) }.claimed_client_id();
    let (client_id, username) = (claimed.as_deref(), form.get("username"));
    let refused = Refused { realm, grant, client_id, username, description: &wire.description };
    record_refusal(asked.recorder(), &refused, error);
    wire.into()
}

/// Keycloak: a login remembers the language of the user's account, or forgets it (recordings
/// token-password/unicode-password-and-names, errors-http/token-content-type-charset).
fn with_locale(reply: Reply, asked: &Asked<'_>, cx: &Exchange<'_>, issue: &Issue) -> Reply {
    let path = cookie_path(cx.issuer);
    let secure = if asked.is_secure_context() { ";Secure;HttpOnly;SameSite=None" } else { ";HttpOnly" };
    match locale(issue.subject.user()) {
        Some(locale) => reply.header("set-cookie", &format!("{LOCALE_COOKIE}={locale};Version=1;Path={path}{secure}")),
        None if asked.cookie(LOCALE_COOKIE).is_some() => {
            reply.header("set-cookie", &format!("{LOCALE_COOKIE}=;Version=1;Path={path};Max-Age=0"))
        }
        None => reply,
    }
}

/// The language tag of the account, if it is one: it goes into a header.
fn locale(user: &User) -> Option<&str> {
    let is_tag = |tag: &&str| !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    user.attribute("locale").filter(is_tag)
}

/// `/realms/acme/`, below the relative path.
fn cookie_path(issuer: &str) -> String {
    let path = issuer.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    format!("{}/", path.unwrap_or_default())
}
