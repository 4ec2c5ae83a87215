//! From what a login has decided to what goes over the wire: pages, redirects, error pages, cookies.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;
use login_pages::{ClientLink, ErrorPage, Frame, Locale, Message};
use realm_http::RealmContext;
use realm_http::http::{CachePolicy, Cookies, Rejection, Reply};
use realm_model::Client;

use crate::LoginFlow;
use crate::answer::Answer;
use crate::browser::Browser;
use crate::error::{Cache, LoginError, PageFault};
use crate::login::base_url;

/// The browser that sends a request.
pub(super) async fn arrive<'a>(
    http: &HttpRequest,
    cx: &'a RealmContext,
    login_flow: &'a LoginFlow,
) -> Result<Browser<'a>, LoginError> {
    let cookies = Cookies::of(http, cx);
    Browser::arrive(cx, login_flow, (cookies, Locale::english())).await
}

/// What goes back; `client`: whose login it is, as far as that is known.
pub(super) fn reply(
    http: &HttpRequest,
    browser: &Browser<'_>,
    client: Option<&Client>,
    answer: Result<Answer, LoginError>,
) -> Reply {
    let reply = match answer {
        Ok(Answer::Page(html)) => Reply::html(html).cache(CachePolicy::Login),
        Ok(Answer::Redirect(to)) => Reply::redirect(&to).cache(CachePolicy::Login),
        Ok(Answer::Posts(html)) => Reply::html(html).media_type("text/html").cache(CachePolicy::Login),
        Err(error) => refused(http, browser, client, error),
    };
    browser.cookies.to_set().fold(reply, |reply, cookie| reply.header("set-cookie", cookie))
}

pub(super) fn refused(http: &HttpRequest, browser: &Browser<'_>, client: Option<&Client>, error: LoginError) -> Reply {
    let realm = &browser.cx.realm.name;
    match error {
        LoginError::Page(fault) => {
            log::info!("login refused: realm={realm}: {fault}");
            error_reply(http, (browser.cx, browser.parts, &browser.locale), client, &fault)
        }
        LoginError::Overtaken => {
            let fault = PageFault::in_login(400, "alreadyLoggedIn");
            error_reply(http, (browser.cx, browser.parts, &browser.locale), client, &fault)
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
pub(super) fn error_reply(
    http: &HttpRequest,
    (cx, login_flow, locale): (&RealmContext, &LoginFlow, &Locale),
    client: Option<&Client>,
    fault: &PageFault,
) -> Reply {
    if wants_json(http) {
        let texts = login_flow.pages.texts(&cx.realm, locale);
        return Rejection::bare(fault.status, &texts.message(&fault.message)).into_reply();
    }
    let base_url = client.and_then(|client| base_url(client, &cx.bases.front));
    let link = client.map(|client| ClientLink {
        name: client.name.as_deref().unwrap_or(client.client_id.as_str()),
        base_url: base_url.as_deref(),
    });
    let html = error_page((cx, login_flow, locale), link, &fault.message);
    let reply = Reply::html(html).status(fault.status).header("content-language", locale.as_str());
    match fault.cache {
        Cache::Unsaid => reply,
        Cache::Login => reply.cache(CachePolicy::Login),
        Cache::NoCache => reply.cache(CachePolicy::NoCache),
    }
}

fn error_page(
    (cx, login_flow, locale): (&RealmContext, &LoginFlow, &Locale),
    client: Option<ClientLink<'_>>,
    message: &Message,
) -> String {
    let frame = Frame { realm: Some(&cx.realm), base_path: &cx.arrival.prefix, client, ..Frame::new(locale) };
    login_flow.pages.render(&frame, &ErrorPage::new(message))
}

/// Whether JSON is named, and named before pages.
fn wants_json(http: &HttpRequest) -> bool {
    let accept = http.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let first = accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let known = first.into_iter().find(|kind| matches!(*kind, "application/json" | "text/html" | "*/*"));
    known == Some("application/json")
}
