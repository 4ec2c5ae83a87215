use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::header::{FORWARDED, HOST, HeaderName};
use actix_web::http::uri::PathAndQuery;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use bytes::Bytes;

use crate::arrival::{Arrival, Connection, Scheme};
use crate::http::Reply;
use crate::http::realm_scope::ClaimedPath;
use crate::path::{PathError, Place, check, of_inserted_well_known, place};
use crate::proxy::ProxyFacts;
use crate::{RealmHttp, context};

/// Bytes of a request line and of all headers at the most. Keycloak: recordings errors-http/{long-url,huge-header}.
const LONGEST_TARGET: usize = 32 * 1024;
const LARGEST_HEADERS: usize = 64 * 1024;

/// The first thing a request meets, before routing: limits, path rules, the relative path, the host.
///
/// Routes see the path without the relative path and without one trailing slash.
///
/// # Errors
/// Those of the services behind it.
pub async fn front_door<B: MessageBody>(mut req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match admit(&mut req) {
        Ok(()) => Ok(next.call(req).await?.map_into_left_body()),
        Err(refused) => Ok(req.into_response(refused.into_response()).map_into_right_body()),
    }
}

fn admit(req: &mut ServiceRequest) -> Result<(), Reply> {
    let Some(shared) = req.app_data::<Data<RealmHttp>>().cloned() else { return Ok(()) };
    refuse_too_much(req)?;
    let uri = req.uri().clone(); // shares its bytes
    let path = uri.path();
    check(path, uri.query()).map_err(refusal)?;
    let arrival = arrival(req, &shared).map_err(|_| bad_host())?;
    let relative = shared.hostname.relative_path();
    let inside = match place(path, relative) {
        Place::Inside(inside) => inside,
        elsewhere => match claimed(&shared, path) {
            Some(inside) => {
                accept(req, arrival, Some(path.to_owned()));
                return rewrite(req, &inside);
            }
            None => return Err(outside(elsewhere, &arrival)),
        },
    };
    if let Some(replaced) = of_inserted_well_known(inside) {
        accept(req, arrival, None);
        return rewrite(req, &replaced);
    }
    let claimed = if inside.starts_with("/realms/") { None } else { claimed(&shared, path) };
    let by = claimed.is_some().then(|| path.to_owned());
    accept(req, arrival, by);
    let inside = claimed.as_deref().unwrap_or(inside);
    if inside == path { Ok(()) } else { rewrite(req, inside) }
}

fn accept(req: &ServiceRequest, arrival: Arrival, claimed: Option<String>) {
    let mut extensions = req.extensions_mut();
    extensions.insert(arrival);
    if let Some(path) = claimed {
        extensions.insert(ClaimedPath(path));
    }
}

fn refuse_too_much(req: &ServiceRequest) -> Result<(), Reply> {
    let target = req.uri().path_and_query().map_or(0, |p| p.as_str().len());
    if target > LONGEST_TARGET {
        return Err(Reply::empty(414));
    }
    let headers: usize = req.headers().iter().map(|(n, v)| n.as_str().len() + v.len() + 4).sum();
    if headers > LARGEST_HEADERS { Err(Reply::empty(431)) } else { Ok(()) }
}

/// The standard token path of the realm that claims `path` as its own.
fn claimed(shared: &RealmHttp, path: &str) -> Option<String> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let realm = shared.realms.realm_of_token_path(path)?;
    Some(format!("{}/protocol/openid-connect/token", context::realm_path(realm.name.as_str())))
}

fn arrival(req: &ServiceRequest, shared: &RealmHttp) -> Result<Arrival, crate::BadHost> {
    let header = |name: &HeaderName| match req.headers().get(name) {
        None => Ok(None),
        Some(value) => value.to_str().map(Some).map_err(|_| crate::BadHost),
    };
    let extra = |name: &'static str| req.headers().get(name).and_then(|v| v.to_str().ok());
    let config = req.app_config();
    // An absolute request target names the host (RFC 9112 section 3.2.2).
    let host = match req.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => header(&HOST)?,
    };
    shared.hostname.arrival(&Connection {
        scheme: if config.secure() { Scheme::Https } else { Scheme::Http },
        peer: req.peer_addr().map(|a| a.ip()),
        host,
        local: config.local_addr(),
        proxy: ProxyFacts {
            forwarded: header(&FORWARDED).unwrap_or_default(),
            x_for: extra("x-forwarded-for"),
            x_proto: extra("x-forwarded-proto"),
            x_host: extra("x-forwarded-host"),
            x_port: extra("x-forwarded-port"),
            x_prefix: extra("x-forwarded-prefix"),
        },
    })
}

fn rewrite(req: &mut ServiceRequest, path: &str) -> Result<(), Reply> {
    let target = match req.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = req.uri().clone().into_parts();
    parts.path_and_query = PathAndQuery::from_maybe_shared(Bytes::from(target)).ok();
    let uri = Uri::from_parts(parts).map_err(|_| Reply::empty(400))?;
    req.match_info_mut().get_mut().update(&uri);
    req.head_mut().uri = uri;
    Ok(())
}

/// Keycloak: recordings errors-http/{double-slash,bad-percent-encoding}.
fn refusal(error: PathError) -> Reply {
    let body = match error {
        PathError::NoUri => return Reply::empty(400),
        PathError::NotNormalized => r#"{"error":"missingNormalization","error_description":"Request path not normalized"}"#,
        PathError::InvalidCharacter => {
            r#"{"error":"invalidCharacter","error_description":"Request path contains invalid character ';'"}"#
        }
    };
    Reply::bytes("application/json; charset=UTF-8", Bytes::from_static(body.as_bytes())).status(400)
}

/// Keycloak: recording errors-http/host-header.
fn bad_host() -> Reply {
    let body = r#"{"details":"The Host header is not a host","stack":""}"#;
    Reply::bytes("application/json;charset=UTF-8", Bytes::from_static(body.as_bytes())).status(400)
}

/// Keycloak: wire.md section 7.12.
fn outside(place: Place<'_>, arrival: &Arrival) -> Reply {
    let base = arrival.base() + "/";
    match place {
        Place::AboveBase => Reply::empty(302).header("location", &base),
        Place::BaseWithoutSlash => Reply::empty(303).header("location", &base),
        Place::Inside(_) | Place::Outside => {
            let page = "<html><body><h1>Resource not found</h1></body></html>";
            Reply::bytes("text/html; charset=utf-8", Bytes::from_static(page.as_bytes())).status(404)
        }
    }
}
