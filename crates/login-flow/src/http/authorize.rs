use actix_web::HttpRequest;
use actix_web::web::Data;
use client_auth::ClientAuth;
use oidc_types::Params;
use realm_http::http::{RawBody, RealmRequest, Rejection, Reply};

use super::page;
use crate::LoginFlow;
use crate::authorize::{self, find_client};
use crate::error::PageFault;

/// `GET …/auth`
pub(super) async fn by_query(
    request: RealmRequest,
    http: HttpRequest,
    login_flow: Data<LoginFlow>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    let params = Params::parse(http.query_string().as_bytes()).unwrap_or_default();
    Ok(answer(&request, &http, (&login_flow, &client_auth), &params).await)
}

/// `GET …/registrations`: as `prompt=create` (recording registration/registrations-endpoint).
pub(super) async fn registration(
    request: RealmRequest,
    http: HttpRequest,
    login_flow: Data<LoginFlow>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    if !request.realm.registration_allowed {
        let fault = PageFault::new(400, "registrationNotAllowedMessage");
        return Ok(match page::arrive(&http, &request, &login_flow).await {
            Ok(mut browser) => page::reply(&http, &mut browser, None, Err(fault.into())).await,
            Err(trouble) => page::in_trouble(&trouble),
        });
    }
    let query = format!("{}&prompt=create", http.query_string());
    let params = Params::parse(query.as_bytes()).unwrap_or_default();
    Ok(answer(&request, &http, (&login_flow, &client_auth), &params).await)
}

/// `POST …/auth`: the body alone is read (wire-browser.md section 6).
pub(super) async fn by_form(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    login_flow: Data<LoginFlow>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    let params = body.form()?;
    Ok(answer(&request, &http, (&login_flow, &client_auth), &params).await)
}

async fn answer(
    request: &RealmRequest,
    http: &HttpRequest,
    (login_flow, client_auth): (&LoginFlow, &ClientAuth),
    params: &Params,
) -> Reply {
    let mut browser = match page::arrive(http, request, login_flow).await {
        Ok(browser) => browser,
        Err(trouble) => return page::in_trouble(&trouble),
    };
    let (client, answer) = match refuse(request) {
        Ok(()) => {
            let client = find_client(&request.realm, params).ok();
            (client, authorize::authorize(&mut browser, client_auth, params).await)
        }
        Err(fault) => (None, Err(fault.into())), // Keycloak: recording error-pages/disabled-realm
    };
    page::reply(http, &mut browser, client.as_deref(), answer).await
}

/// What keeps everybody out.
pub(super) fn refuse(request: &RealmRequest) -> Result<(), PageFault> {
    if request.refuse_plain_http().is_err() {
        return Err(PageFault::new(403, "httpsRequiredMessage"));
    }
    if request.refuse_disabled_realm().is_err() {
        return Err(PageFault::new(400, "realmNotEnabledMessage"));
    }
    Ok(())
}
