//! The routes.

use actix_web::HttpRequest;
use actix_web::web::{Data, ServiceConfig};
use client_auth::{ClientAuth, Presented, Reason, Refusal};
use events::EventType;
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply, authorization, endpoint, post};
use realm_http::{Expose, RealmContext};

use crate::DecoupledLogin;
use crate::callback::read_status;
use crate::error::{BackchannelError, CallbackError, DeviceError};
use crate::wire::{backchannel_error, callback_error, device_error};

const CALLBACK: &str = "protocol/openid-connect/ext/ciba/auth/callback";

/// What Keycloak says of success at the channel's callback, to the letter (recording ciba/approved).
const TAKEN: &str = r#"{"type":"application","subtype":"json","parameters":{},"wildcardType":false,"wildcardSubtype":false}"#;

const JSON_WITH_CHARSET: &str = "application/json;charset=UTF-8";

/// `Cache-Control` of what a device is told. Keycloak: recording device/start.
const NEVER_KEPT: &str = "no-store, must-revalidate, max-age=0";

/// Registers the endpoints; a [`DecoupledLogin`] and a [`ClientAuth`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint("protocol/openid-connect/auth/device").route(post().to(start_device)))
        .service(endpoint("device").route(post().to(start_device)))
        .service(endpoint(CALLBACK).route(post().to(callback)))
        .service(endpoint("protocol/openid-connect/ext/ciba/auth").route(post().to(start_backchannel)));
}

async fn start_device(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    login: Data<DecoupledLogin>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    let form = body.form()?;
    request.cors.allow_any(Expose::Default); // while the client is unknown, errors go to any origin
    request.refuse_plain_http()?;
    request.refuse_disabled_realm()?;
    let authorization = authorization(&http);
    let presented = Presented::of(authorization.as_deref(), &body, &form);
    let refused = |error: DeviceError| {
        let (what, event_type, wire) = ("device authorization", EventType::OAuth2DeviceAuth, device_error(&error));
        refuse(&request, &login, Refusal { what, event_type, presented, reason: error.reason(), fact: &error, wire: &wire })
    };
    let client = client_auth.authenticate(&request, presented).await.map_err(|error| refused(error.into()))?;
    request.cors.judge(&client.client().web_origins)?;
    let answer = login.start_device(&request, client.client(), &form).await.map_err(|error| {
        // Keycloak: only from here on (recording device/start-pkce).
        let rejection = refused_after(&error);
        let refused = refused(error);
        if rejection { refused.header("cache-control", NEVER_KEPT) } else { refused }
    })?;
    Ok(Reply::json(&answer).header("cache-control", NEVER_KEPT))
}

/// Whether an error comes so late that Keycloak has said already that nothing is to be kept.
const fn refused_after(error: &DeviceError) -> bool {
    matches!(error, DeviceError::Challenge(_))
}

async fn start_backchannel(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    login: Data<DecoupledLogin>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    // Keycloak: no CORS here, neither headers nor refusal (measured on 26.7.4).
    let form = body.form()?;
    request.refuse_plain_http()?;
    request.refuse_disabled_realm()?;
    let authorization = authorization(&http);
    let presented = Presented::of(authorization.as_deref(), &body, &form);
    let refused = |error: BackchannelError| {
        // Keycloak: of the client alone, and as a login that failed (asked of 26.7.4).
        let (what, event_type, wire) = ("back-channel authentication", EventType::Login, backchannel_error(&error));
        refuse(&request, &login, Refusal { what, event_type, presented, reason: error.reason(), fact: &error, wire: &wire })
    };
    let client = client_auth.authenticate(&request, presented).await.map_err(|error| refused(error.into()))?;
    let answer = login.start_backchannel((&request, &client_auth), client.client(), &form).await.map_err(refused)?;
    Ok(Reply::json(&answer).media_type(JSON_WITH_CHARSET).cache(CachePolicy::NoCache))
}

async fn callback(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    login: Data<DecoupledLogin>,
) -> Result<Reply, Rejection> {
    if !is_json(body.media_type.as_deref()) {
        return Err(Rejection::bare(415, "The content-type header value did not match the value in @Consumes"));
    }
    request.refuse_plain_http()?;
    request.refuse_disabled_realm()?;
    let refused = |error: CallbackError| {
        let (what, event_type, wire) = ("answer of the channel", EventType::Login, callback_error(&error));
        let (presented, reason) = (Presented { authorization: None, form: None }, Reason::Other(None));
        refuse(&request, &login, Refusal { what, event_type, presented, reason, fact: &error, wire: &wire })
    };
    let status = read_status(&body.bytes).map_err(refused)?;
    let authorization = authorization(&http);
    let bearer = authorization.as_deref().and_then(bearer);
    login.take_answer(&request, bearer, status).await.map_err(refused)?;
    Ok(Reply::bytes(JSON_WITH_CHARSET, TAKEN.as_bytes().into()).cache(CachePolicy::NoCache))
}

fn is_json(media_type: Option<&str>) -> bool {
    let essence = media_type.unwrap_or("application/json").split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The token of a Bearer header, the scheme in any case (RFC 6750 section 2.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

/// Records the fact and words it for the caller.
fn refuse(request: &RealmContext, login: &DecoupledLogin, refusal: Refusal<'_>) -> Rejection {
    refusal.record(login.events.at(&request.realm, request.now, request.arrival.peer));
    refusal.wire.clone().into()
}
