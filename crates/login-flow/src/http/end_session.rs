//! `…/logout` in a browser (wire-browser.md section 10).

use actix_web::HttpRequest;
use actix_web::web::{Data, ServiceConfig};
use oidc_types::Params;
use realm_http::Framing;
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply, endpoint, get, post};

use super::page;
use crate::LoginFlow;
use crate::browser::Browser;
use crate::end_session::{EndSession, Left};
use crate::error::{LoginError, PageFault};
use crate::logout::ENDPOINT;

/// The routes below `…/logout`.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    let below = |path: &str| endpoint(&format!("{ENDPOINT}/{path}"));
    cfg.service(below("logout-confirm").route(get().to(ask_again)).route(post().to(confirm)))
        .service(below("backchannel-logout").route(post().to(of_provider)).route(get().to(nothing)));
}

/// `GET …/logout`
pub(super) async fn by_query(request: RealmRequest, http: HttpRequest, login_flow: Data<LoginFlow>) -> Reply {
    let params = query(&http);
    answer(&request, &http, (&login_flow, &params)).await
}

/// What a browser gets that logs out: `params` are those of the query, or of the form alone.
pub(super) async fn answer(request: &RealmRequest, http: &HttpRequest, (login_flow, params): (&LoginFlow, &Params)) -> Reply {
    let mut browser = match page::arrive(http, request, login_flow).await {
        Ok(browser) => browser,
        Err(trouble) => return page::in_trouble(&trouble),
    };
    let mut logout = EndSession::new(&mut browser);
    let left = match refuse(request) {
        Ok(()) => logout.ask(params).await,
        Err(fault) => Err(fault.into()),
    };
    let client = logout.client.clone();
    reply(http, &mut browser, client.as_deref(), left).await
}

async fn ask_again(request: RealmRequest, http: HttpRequest, login_flow: Data<LoginFlow>) -> Reply {
    let mut browser = match page::arrive(&http, &request, &login_flow).await {
        Ok(browser) => browser,
        Err(trouble) => return page::in_trouble(&trouble),
    };
    let mut logout = EndSession::new(&mut browser);
    let left = match refuse(&request) {
        Ok(()) => logout.ask_again(&query(&http)).await,
        Err(fault) => Err(fault.into()),
    };
    let client = logout.client.clone();
    reply(&http, &mut browser, client.as_deref(), left).await
}

async fn confirm(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    login_flow: Data<LoginFlow>,
) -> Result<Reply, Rejection> {
    let form = body.form()?;
    let mut browser = match page::arrive(&http, &request, &login_flow).await {
        Ok(browser) => browser,
        Err(trouble) => return Ok(page::in_trouble(&trouble)),
    };
    let mut logout = EndSession::new(&mut browser);
    let left = match refuse(&request) {
        Ok(()) => logout.confirm(&query(&http), &form).await,
        Err(fault) => Err(fault.into()),
    };
    let client = logout.client.clone();
    Ok(reply(&http, &mut browser, client.as_deref(), left).await)
}

/// A provider whose users log in here says that one has logged out there. No realm has such providers yet.
/// Keycloak: recording logout/logout-token-receiver.
async fn of_provider(body: RawBody) -> Result<Reply, Rejection> {
    let form = body.form()?;
    let text = match form.get("logout_token") {
        None => "No logout token",
        Some(_) => "The decode of the logoutToken failed",
    };
    let error = oidc_types::OAuthError::new(400, oidc_types::ErrorCode::InvalidRequest, text);
    Err(error.into())
}

async fn nothing() -> Rejection {
    Rejection::not_found()
}

fn query(http: &HttpRequest) -> Params {
    Params::parse(http.query_string().as_bytes()).unwrap_or_default()
}

/// Keycloak: a realm that is switched off still logs out (recording error-pages/disabled-realm).
fn refuse(request: &RealmRequest) -> Result<(), PageFault> {
    request.refuse_plain_http().map_err(|_| PageFault::new(403, "httpsRequiredMessage"))
}

async fn reply(
    http: &HttpRequest,
    browser: &mut Browser<'_>,
    client: Option<&realm_model::Client>,
    left: Result<Left, LoginError>,
) -> Reply {
    let language = browser.locale.clone();
    let language = language.as_str();
    let reply = match left {
        Ok(Left::Page(html)) => Reply::html(html).header("content-language", language).cache(CachePolicy::NoCache),
        Ok(Left::Redirect(to)) => Reply::redirect(&to).cache(CachePolicy::NoCache),
        Ok(Left::Frames { html, hosts }) => {
            let page = Reply::html(html).header("content-language", language).cache(CachePolicy::NoCache);
            page.framing(Framing::Frames(hosts))
        }
        Err(error) => page::refused(http, browser, client, error).await,
    };
    browser.cookies.to_set().fold(reply, |reply, cookie| reply.header("set-cookie", cookie))
}
