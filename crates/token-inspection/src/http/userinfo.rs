use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use bytes::Bytes;
use events::EventType;
use key_rotation::Algorithm;
use oidc_types::{ErrorCode, Params};
use realm_http::Expose;
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply, authorization};
use token_issuer::UserInfo;

use crate::TokenInspection;
use crate::error::UserInfoError;
use crate::inspection::Inspection;
use crate::userinfo::{self, AuthScheme, Refusal, Shown};
use crate::wire::Challenge;

/// `GET|POST …/userinfo`
pub(super) async fn userinfo(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    parts: Data<TokenInspection>,
) -> Result<Reply, Rejection> {
    let form = body.form()?;
    request.cors.allow_any(Expose::WwwAuthenticate); // while the client is unknown, errors go to any origin
    let cx = Inspection { parts: &parts, request: &request };
    let header = authorization(&http);
    let header = header.as_deref().and_then(credentials);
    let scheme = header.map(|(scheme, _)| scheme).unwrap_or_default();
    let proof = sender_constraint::http::proof_header(&http);
    let answer = match presented_token(&http, header, &form) {
        Ok(token) => {
            let shown = Shown { token, scheme, method: http.method().as_str(), proof: proof.as_deref() };
            userinfo::userinfo(&cx, &shown).await
        }
        Err(error) => Err(error.into()),
    };
    match answer {
        // Keycloak: both values, in two headers (recording userinfo/get).
        Ok(answer) => Ok(rendered(answer).cache(CachePolicy::NoStore).header("cache-control", "no-cache")),
        Err(Refusal::Origin(refused)) => Err(Rejection::from(refused).cache(CachePolicy::NoStore)),
        Err(Refusal::Fact(error)) => Err(challenged(&cx, scheme, &error)),
    }
}

fn rendered(answer: UserInfo) -> Reply {
    match answer {
        UserInfo::Plain(json) => Reply::bytes("application/json", Bytes::from(json)),
        UserInfo::Jwt(jwt) => Reply::bytes("application/jwt", Bytes::from(jwt)),
    }
}

/// The one token of the request: in the header or in the form, not on the query (RFC 6750 section 2).
fn presented_token(http: &HttpRequest, header: Option<(AuthScheme, &str)>, form: &Params) -> Result<String, UserInfoError> {
    if http.headers().get_all(AUTHORIZATION).count() > 1 {
        return Err(UserInfoError::TwoHeaders);
    }
    match (header, form.get_all("access_token").collect::<Vec<_>>().as_slice()) {
        (Some((_, token)), []) => Ok(token.to_owned()),
        (Some(_), _) => Err(UserInfoError::TwoMethods),
        (None, []) => Err(UserInfoError::NoToken),
        (None, [token]) => Ok((*token).to_owned()),
        (None, _) => Err(UserInfoError::Repeated),
    }
}

/// Keycloak: exactly two words, the scheme in any case; anything else is as good as no header (recordings userinfo/empty-bearer,
/// dpop/userinfo).
fn credentials(header: &str) -> Option<(AuthScheme, &str)> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let scheme = match scheme {
        bearer if bearer.eq_ignore_ascii_case("Bearer") => AuthScheme::Bearer,
        dpop if dpop.eq_ignore_ascii_case("DPoP") => AuthScheme::Dpop,
        _ => return None,
    };
    (!token.is_empty() && !token.contains(' ')).then_some((scheme, token))
}

fn challenged(cx: &Inspection<'_>, scheme: AuthScheme, error: &UserInfoError) -> Rejection {
    let request = cx.request;
    if request.cors.answer().is_some() {
        request.cors.allow_any(Expose::WwwAuthenticate);
    }
    let realm = request.realm.name.as_str();
    if let Some(word) = error.event_word() {
        cx.recorder().error(EventType::UserInfoRequest, word, |event| {
            event.detail("auth_method", Some("validate_access_token")).detail("reason", error.event_reason()).fact(error)
        });
    }
    let (status, challenge) = match Challenge::from(error) {
        Challenge::Bare(status) => (status, format!("Bearer realm=\"{}\"", quoted(realm))),
        Challenge::Error(status, code, text) => (status, with_error((scheme, realm), code, text)),
        Challenge::Refused(wire) => (wire.status, with_error((scheme, realm), wire.code, &wire.description)),
        Challenge::Unauthorized => return Rejection::bare(401, "HTTP 401 Unauthorized").cache(CachePolicy::NoStore),
        Challenge::Trouble(wire) => {
            log::error!("userinfo failed: realm={realm}: {error}");
            return wire.into();
        }
    };
    let reply = Reply::empty(status).media_type("text/plain;charset=utf-8").cache(CachePolicy::NoStore);
    reply.header("www-authenticate", &challenge).into()
}

fn with_error((scheme, realm): (AuthScheme, &str), code: ErrorCode, text: &str) -> String {
    let scheme = match scheme {
        AuthScheme::Bearer => "Bearer".to_owned(),
        // RFC 9449 section 7.1: the algorithms that proofs may have.
        AuthScheme::Dpop => format!("DPoP algs=\"{}\",", sender_constraint::ALGORITHMS.map(Algorithm::as_str).join(" ")),
    };
    format!("{scheme} realm=\"{}\", error=\"{}\", error_description=\"{text}\"", quoted(realm), code.as_str())
}

/// The content of a quoted-string; a realm may have any name.
fn quoted(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' { c } else { '_' }).collect()
}
