//! `login-actions/detached-info`: an error page outside any login, once more in another language. What it says is kept by the browser
//! alone, sealed; the link to it holds the other half (wire-browser.md section 3, `KC_STATE_CHECKER`).

use actix_web::HttpRequest;
use actix_web::web::Data;
use key_rotation::SealPurpose;
use login_pages::{LanguageChoice, Message};
use oidc_types::Params;
use realm_http::http::{CookieScope, RealmRequest, Rejection, Reply};
use realm_model::Client;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{authorize::refuse, page};
use crate::LoginFlow;
use crate::browser::Browser;
use crate::error::{Cache, LoginError, PageFault};
use crate::urls;

const COOKIE: &str = "KC_STATE_CHECKER";

#[derive(Deserialize, Serialize)]
struct Told {
    checker: String,
    status: u16,
    key: String,
    arguments: Vec<String>,
}

/// The languages in which an error can be read, where the realm has several.
pub(super) async fn languages(browser: &mut Browser<'_>, client: Option<&Client>, fault: &PageFault) -> Vec<LanguageChoice> {
    let cx = browser.cx;
    let locales = &cx.realm.locales;
    if !locales.enabled || locales.supported.len() < 2 {
        return Vec::new();
    }
    let checker = cx.entropy().base64url(16);
    let message = &fault.message;
    let told = Told {
        checker: checker.clone(),
        status: fault.status,
        key: message.key.to_string(),
        arguments: message.arguments.clone(),
    };
    let content = serde_json::to_vec(&told).unwrap_or_default();
    let Ok(sealed) = browser.parts.keyrings.seal(&cx.realm, SealPurpose::ToldError, &content).await else { return Vec::new() };
    let max_age = Some(cx.realm.login.access_code_lifespan_user_action.max(1));
    browser.cookies.set(COOKIE, &sealed, CookieScope { max_age, strict: true, ..CookieScope::default() });
    let client_id = client.map(|client| client.client_id.as_str());
    let choice = |code: &std::sync::Arc<str>| LanguageChoice {
        code: code.to_string(),
        url: urls::detached(&cx.issuer(), client_id, (&checker, code)),
    };
    locales.supported.iter().map(choice).collect()
}

pub(super) async fn show(request: RealmRequest, http: HttpRequest, login_flow: Data<LoginFlow>) -> Result<Reply, Rejection> {
    let query = Params::parse(http.query_string().as_bytes()).unwrap_or_default();
    let mut browser = match page::arrive(&http, &request, &login_flow).await {
        Ok(browser) => browser,
        Err(trouble) => return Ok(page::in_trouble(&trouble)),
    };
    let client = query.get("client_id").and_then(|id| request.realm.client(id)).cloned();
    let fault = match refuse(&request) {
        Ok(()) => match told(&browser, query.get("kc_state_checker").unwrap_or_default()).await {
            Ok(told) => told.unwrap_or_else(|| PageFault::in_login(400, "expiredActionTokenNoSessionMessage")),
            Err(trouble) => return Ok(page::in_trouble(&trouble)),
        },
        Err(fault) => fault,
    };
    browser.keep_language();
    Ok(page::reply(&http, &mut browser, client.as_deref(), Err(fault.into())).await)
}

async fn told(browser: &Browser<'_>, checker: &str) -> Result<Option<PageFault>, LoginError> {
    let Some(sealed) = browser.cookies.get(COOKIE).map(str::to_owned) else { return Ok(None) };
    let opened = browser.parts.keyrings.open(&browser.cx.realm, SealPurpose::ToldError, &sealed).await;
    let told = opened?.and_then(|content| serde_json::from_slice::<Told>(&content).ok());
    let own = told.filter(|told| bool::from(told.checker.as_bytes().ct_eq(checker.as_bytes())));
    Ok(own.map(|told| {
        let message = told.arguments.into_iter().fold(Message::error(told.key), Message::with);
        PageFault { status: told.status, message, cache: Cache::Login, within: None }
    }))
}
