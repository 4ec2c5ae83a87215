//! The REST API of the account console.

use actix_web::HttpRequest;
use actix_web::http::Method;
use oidc_types::Params;
use realm_http::RealmContext;
use realm_http::http::{CachePolicy, RawBody, Rejection, Reply, authorization};
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::error::AccountError;
use crate::profile::Metadata;
use crate::roles::AccountRole;
use crate::user_sessions::Ending;
use crate::{Account, applications, credentials, profile, user_sessions};

pub(super) async fn answer(
    cx: &RealmContext,
    http: &HttpRequest,
    (parts, path): (&Account, &str),
    body: &RawBody,
) -> Result<Reply, Rejection> {
    let header = authorization(http);
    let query = Params::parse(http.query_string().as_bytes()).unwrap_or_default();
    let served = match header.as_deref().and_then(bearer_token) {
        Some(token) => match Caller::of_token(cx, parts, token).await {
            Ok(mut caller) => serve(&mut caller, (http.method(), path), &query, body).await,
            Err(error) => Err(error),
        },
        None => crate::caller::refuse_closed(cx).and(Err(AccountError::Unauthorized("no bearer token".to_owned()))),
    };
    served.map(|reply| reply.cache(CachePolicy::NoCache)).map_err(|error| refused(cx, error))
}

/// Keycloak: exactly two words, the scheme in any case.
fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

async fn serve(
    caller: &mut Caller<'_>,
    (method, path): (&Method, &str),
    query: &Params,
    body: &RawBody,
) -> Result<Reply, AccountError> {
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    match (method, segments.as_slice()) {
        ("GET", [""]) => {
            let metadata = if query.get("userProfileMetadata") == Some("false") { Metadata::Without } else { Metadata::With };
            Ok(Reply::json(&profile::shown(caller, metadata)?))
        }
        ("POST", [""]) => {
            profile::change(caller, &profile::values(&json_of(body)?)?).await?;
            Ok(Reply::empty(204))
        }
        ("GET", ["supportedLocales"]) => locales(caller),
        ("GET", ["linked-accounts"]) => {
            caller.require(&[AccountRole::ManageAccount, AccountRole::ViewProfile])?;
            Ok(Reply::json(&Vec::<Value>::new()))
        }
        ("GET", ["groups"]) => groups(caller),
        (_, ["credentials", ..]) => of_credentials(caller, (method, &segments), query, body).await,
        (_, ["sessions", ..]) => of_sessions(caller, (method, &segments), query).await,
        (_, ["applications", ..]) => of_applications(caller, (method, &segments)).await,
        _ => Err(AccountError::NotFound("HTTP 404 Not Found")),
    }
}

async fn of_credentials(
    caller: &mut Caller<'_>,
    (method, segments): (&str, &[&str]),
    query: &Params,
    body: &RawBody,
) -> Result<Reply, AccountError> {
    match (method, segments) {
        ("GET", ["credentials"]) => Ok(Reply::json(&credentials::shown(caller, query.get("type"))?)),
        ("DELETE", ["credentials", id]) => {
            credentials::remove(caller, id).await?;
            Ok(Reply::empty(204))
        }
        ("PUT", ["credentials", id, "label"]) => {
            let label = json_of(body)?;
            credentials::label(caller, id, label.as_str().ok_or(AccountError::Bad("HTTP 400 Bad Request"))?).await?;
            Ok(Reply::empty(204))
        }
        _ => Err(AccountError::NotFound("HTTP 404 Not Found")),
    }
}

async fn of_sessions(caller: &Caller<'_>, (method, segments): (&str, &[&str]), query: &Params) -> Result<Reply, AccountError> {
    match (method, segments) {
        ("GET", ["sessions"]) => Ok(Reply::json(&user_sessions::shown(caller).await?)),
        ("GET", ["sessions", "devices"]) => Ok(Reply::json(&user_sessions::devices(caller).await?)),
        ("DELETE", ["sessions"]) => {
            let ending = if query.get("current") == Some("true") { Ending::All } else { Ending::Others };
            user_sessions::end(caller, ending).await?;
            Ok(Reply::empty(204))
        }
        ("DELETE", ["sessions", id]) => {
            user_sessions::end(caller, Ending::One(id)).await?;
            Ok(Reply::empty(204))
        }
        _ => Err(AccountError::NotFound("HTTP 404 Not Found")),
    }
}

async fn of_applications(caller: &mut Caller<'_>, (method, segments): (&str, &[&str])) -> Result<Reply, AccountError> {
    match (method, segments) {
        ("GET", ["applications"]) => Ok(Reply::json(&applications::shown(caller).await?)),
        ("GET", ["applications", client, "consent"]) => Ok(match applications::consent_of(caller, &decoded(client)?)? {
            Some(consent) => Reply::json(&consent),
            None => Reply::empty(204),
        }),
        ("DELETE", ["applications", client, "consent"]) => {
            applications::revoke(caller, &decoded(client)?).await?;
            Ok(Reply::empty(204))
        }
        _ => Err(AccountError::NotFound("HTTP 404 Not Found")),
    }
}

fn decoded(segment: &str) -> Result<String, AccountError> {
    realm_http::decode_segment(segment).map(std::borrow::Cow::into_owned).ok_or(AccountError::NotFound("HTTP 404 Not Found"))
}

fn json_of(body: &RawBody) -> Result<Value, AccountError> {
    serde_json::from_slice(&body.bytes).map_err(|_| AccountError::Bad("HTTP 400 Bad Request"))
}

fn locales(caller: &Caller<'_>) -> Result<Reply, AccountError> {
    caller.require(&[AccountRole::ManageAccount, AccountRole::ViewProfile])?;
    let locales = &caller.cx.realm.locales;
    let supported: Vec<&str> = locales.supported.iter().filter(|_| locales.enabled).map(|code| &**code).collect();
    Ok(Reply::json(&supported))
}

fn groups(caller: &Caller<'_>) -> Result<Reply, AccountError> {
    caller.require(&[AccountRole::ViewGroups])?;
    let groups = caller.user.groups.iter().map(|path| {
        let path = path.to_string();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        json!({ "id": path, "name": name, "path": path })
    });
    Ok(Reply::json(&groups.collect::<Vec<_>>()))
}

fn refused(cx: &RealmContext, error: AccountError) -> Rejection {
    let message = |status: u16, key: &str| Reply::json(&json!({ "errorMessage": key })).status(status).into();
    match error {
        AccountError::Unavailable(why) => {
            log::error!("account: realm={}: {why}", cx.realm.name);
            Rejection::unavailable()
        }
        AccountError::Profile(faults) => Reply::json(&profile::faults(&cx.realm, &faults)).status(400).into(),
        // Keycloak's list of one (the console reads `errors`).
        AccountError::Taken(field, key) => {
            let fault = json!({ "field": field, "errorMessage": key, "params": [] });
            Reply::json(&json!({ "errors": [fault] })).status(409).into()
        }
        AccountError::LabelTaken => message(409, "Device already exists with the same name"),
        AccountError::Password(_) => message(400, "invalidPasswordExistingMessage"),
        AccountError::Closed(error) => error.into(),
        AccountError::Origin(refused) => refused.into(),
        AccountError::NotEnabled => Rejection::bare(404, "account management not enabled"),
        AccountError::NotFound(text) => Rejection::bare(404, text),
        AccountError::Bad(text) => Rejection::bare(400, text),
        AccountError::Forbidden => Rejection::bare(403, "HTTP 403 Forbidden"),
        AccountError::Unauthorized(why) => {
            log::info!("account: realm={}: {why}", cx.realm.name);
            Rejection::bare(401, "HTTP 401 Unauthorized")
        }
    }
}
