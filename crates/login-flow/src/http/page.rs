//! From what a login has decided to what goes over the wire: pages, redirects, error pages, cookies.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE};
use login_pages::{ClientLink, ErrorPage, Frame, LanguageChoice, Locale, Message};
use realm_http::RealmContext;
use realm_http::http::{CachePolicy, Cookies, Rejection, Reply};
use realm_model::Client;
use token_issuer::MintContext;

use crate::LoginFlow;
use crate::answer::{Answer, ClientAnswer, Delivery};
use crate::browser::{Browser, Wants};
use crate::error::{Cache, LoginError, PageFault};
use crate::login::base_url;
use crate::urls;

/// The browser that sends a request.
pub(super) async fn arrive<'a>(
    http: &HttpRequest,
    cx: &'a RealmContext,
    login_flow: &'a LoginFlow,
) -> Result<Browser<'a>, LoginError> {
    let cookies = Cookies::of(http, cx);
    let query = oidc_types::Params::parse(http.query_string().as_bytes()).unwrap_or_default();
    let accept = http.headers().get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
    let wants = Wants { chosen: query.get("kc_locale").map(str::to_owned), accept_language: accept.map(str::to_owned) };
    Browser::arrive(cx, login_flow, (cookies, wants)).await
}

/// What goes back; `client`: whose login it is, as far as that is known.
pub(super) async fn reply(
    http: &HttpRequest,
    browser: &mut Browser<'_>,
    client: Option<&Client>,
    answer: Result<Answer, LoginError>,
) -> Reply {
    let reply = match written(browser, answer).await {
        Ok(reply) => reply.cache(CachePolicy::Login),
        Err(error) => refused(http, browser, client, error).await,
    };
    browser.cookies.to_set().fold(reply, |reply, cookie| reply.header("set-cookie", cookie))
}

async fn written(browser: &Browser<'_>, answer: Result<Answer, LoginError>) -> Result<Reply, LoginError> {
    Ok(match answer? {
        Answer::Page(html) => Reply::html(html),
        Answer::Redirect(to) => Reply::redirect(&to),
        Answer::SeeOther(to) => Reply::redirect(&to).status(303),
        Answer::ToClient(answer) => match deliver(browser, &answer).await? {
            Delivery::Redirect(to) => Reply::redirect(&to),
            Delivery::Posts(html) => Reply::html(html).media_type("text/html"),
        },
    })
}

/// A client's answer, as the token `response` where it wants that (JARM).
async fn deliver(browser: &Browser<'_>, answer: &ClientAnswer) -> Result<Delivery, LoginError> {
    let plain: Vec<(&str, &str)> = answer.parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if !answer.to.mode.is_jwt() {
        return Ok(answer.to.deliver(&plain));
    }
    let cx = browser.cx;
    let issuer = cx.issuer();
    let context = MintContext { realm: &cx.realm, issuer: &issuer, now: cx.now };
    let token = browser.parts.token_issuer.sign_authorization_response(&answer.client, &plain, context).await?;
    Ok(answer.to.deliver(&[("response", &token)]))
}

pub(super) async fn refused(http: &HttpRequest, browser: &mut Browser<'_>, client: Option<&Client>, error: LoginError) -> Reply {
    let realm = &browser.cx.realm.name;
    match error {
        LoginError::Page(fault) => {
            log::info!("login refused: realm={realm}: {fault}");
            error_reply(http, browser, client, &fault).await
        }
        LoginError::Overtaken => {
            let fault = PageFault::in_login(400, "expiredActionMessage");
            error_reply(http, browser, client, &fault).await
        }
        trouble => {
            log::error!("login failed: realm={realm}: {trouble}");
            in_trouble(&trouble)
        }
    }
}

/// Nothing a page could help with.
pub(super) fn in_trouble(trouble: &LoginError) -> Reply {
    match trouble {
        LoginError::Trouble(_) => Rejection::unavailable().into_reply(),
        _ => Rejection::unknown_error().into_reply(),
    }
}

/// An error page, or the same as JSON for programs. Keycloak: recording error-pages/accept-decides-html-or-json.
pub(super) async fn error_reply(
    http: &HttpRequest,
    browser: &mut Browser<'_>,
    client: Option<&Client>,
    fault: &PageFault,
) -> Reply {
    let reply = if wants_json(http) {
        let texts = browser.parts.pages.texts(&browser.cx.realm, &browser.locale);
        Rejection::bare(fault.status, &texts.message(&fault.message)).into_reply()
    } else {
        let languages = match &fault.within {
            Some(within) => within.languages.clone(),
            None => super::detached::languages(browser, client, fault).await,
        };
        let html = error_page(browser, client, (fault, &languages));
        Reply::html(html).status(fault.status).header("content-language", browser.locale.as_str())
    };
    match fault.cache {
        Cache::Unsaid => reply,
        Cache::Login => reply.cache(CachePolicy::Login),
        Cache::Logout => reply.cache(CachePolicy::NoCache),
    }
}

fn error_page(browser: &Browser<'_>, client: Option<&Client>, (fault, languages): (&PageFault, &[LanguageChoice])) -> String {
    let (cx, locale): (&RealmContext, &Locale) = (browser.cx, &browser.locale);
    let base_url = client.and_then(|client| base_url(client, &cx.bases.front));
    let link = client.map(|client| ClientLink {
        name: client.name.as_deref().unwrap_or(client.client_id.as_str()),
        base_url: base_url.as_deref(),
    });
    let client_id = client.map(|client| client.client_id.as_str());
    let restart_url = match &fault.within {
        Some(within) => within.restart_path.clone(),
        None => urls::restart_of_nobody(&cx.issuer(), client_id),
    };
    let frame = Frame {
        realm: Some(&cx.realm),
        base_path: &cx.arrival.prefix,
        languages,
        restart_url: Some(&restart_url),
        auth_session_hash: fault.within.as_ref().and_then(|within| within.session_hash.as_deref()),
        client: link,
        ..Frame::new(locale)
    };
    let message: &Message = &fault.message;
    browser.parts.pages.render(&frame, &ErrorPage::new(message))
}

/// Whether JSON is named, and named before pages.
fn wants_json(http: &HttpRequest) -> bool {
    let accept = http.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let first = accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let known = first.into_iter().find(|kind| matches!(*kind, "application/json" | "text/html" | "*/*"));
    known == Some("application/json")
}
