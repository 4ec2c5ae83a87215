//! `…/device`: the page of whoever has a device wait. Programs ask here for device authorization (recording
//! device-verification/form-by-program): the crate decoupled-login.

use actix_web::guard::{Guard, GuardContext, fn_guard};
use actix_web::http::header::ACCEPT;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, guard};
use oidc_types::Params;
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply, endpoint, get};

use super::{authorize::refuse, page};
use crate::LoginFlow;
use crate::device::{self, ENDPOINT};

/// Where devices ask. Keycloak: whoever reads it gets the page (recording device/acme-start-frontend-url-off).
const DEVICE_AUTHORIZATION: &str = "protocol/openid-connect/auth/device";

/// The routes; those of programs are looked at afterwards.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint(&format!("{ENDPOINT}/status")).route(get().to(status)))
        .service(web::resource(format!("/{ENDPOINT}")).guard(fn_guard(is_of_browser)).route(web::route().to(enter)))
        .service(web::resource(format!("/{DEVICE_AUTHORIZATION}")).guard(fn_guard(is_read)).route(web::route().to(enter)));
}

fn is_of_browser(cx: &GuardContext<'_>) -> bool {
    let accepts =
        |accept: &actix_web::http::header::HeaderValue| accept.to_str().is_ok_and(|accept| accept.contains("text/html"));
    is_read(cx) || guard::Post().check(cx) && cx.head().headers.get_all(ACCEPT).any(accepts)
}

fn is_read(cx: &GuardContext<'_>) -> bool {
    matches!(cx.head().method.as_str(), "GET" | "HEAD")
}

async fn enter(request: RealmRequest, http: HttpRequest, body: RawBody, login_flow: Data<LoginFlow>) -> Result<Reply, Rejection> {
    let (name, params) = match http.method() == actix_web::http::Method::POST {
        true => ("device_user_code", body.form()?),
        false => ("user_code", Params::parse(http.query_string().as_bytes()).unwrap_or_default()),
    };
    let mut browser = match page::arrive(&http, &request, &login_flow).await {
        Ok(browser) => browser,
        Err(trouble) => return Ok(page::in_trouble(&trouble)),
    };
    let answer = match refuse(&request) {
        Ok(()) => device::enter(&mut browser, params.get(name).unwrap_or_default().trim()).await,
        Err(fault) => Err(fault.into()),
    };
    Ok(page::reply(&http, &mut browser, None, answer).await)
}

async fn status(request: RealmRequest, http: HttpRequest, login_flow: Data<LoginFlow>) -> Reply {
    let query = Params::parse(http.query_string().as_bytes()).unwrap_or_default();
    let mut browser = match page::arrive(&http, &request, &login_flow).await {
        Ok(browser) => browser,
        Err(trouble) => return page::in_trouble(&trouble),
    };
    let answer = Ok(device::status(&browser, query.get("error")));
    page::reply(&http, &mut browser, None, answer).await.cache(CachePolicy::Unsaid)
}
