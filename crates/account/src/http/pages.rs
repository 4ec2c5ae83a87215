//! The pages of the account.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use login_pages::{ErrorPage, Locale, Message, Wishes};
use oidc_types::{Params, Secret};
use realm_http::RealmContext;
use realm_http::http::{CachePolicy, CookieScope, Cookies, Rejection, Reply};

use crate::Account;
use crate::caller::Caller;
use crate::error::AccountError;
use crate::links;
use crate::sections::{self, Said, Section, Sheet};

/// The cookie that says who is logged in (wire-browser.md section 3).
const IDENTITY: &str = "KEYCLOAK_IDENTITY";
/// The language that was chosen last.
const LOCALE: &str = "KEYCLOAK_LOCALE";

/// What a browser says.
struct Visit<'a> {
    cx: &'a RealmContext,
    parts: &'a Account,
    cookies: Cookies,
    query: Params,
    accept_language: Option<String>,
    section: Section,
}

impl<'a> Visit<'a> {
    fn of(cx: &'a RealmContext, http: &HttpRequest, (parts, path): (&'a Account, &str)) -> Self {
        let accept = http.headers().get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
        Self {
            cx,
            parts,
            cookies: Cookies::of(http, cx),
            query: Params::parse(http.query_string().as_bytes()).unwrap_or_default(),
            accept_language: accept.map(str::to_owned),
            section: Section::at(path),
        }
    }

    async fn caller(&self) -> Result<Option<(Caller<'a>, Secret<String>)>, AccountError> {
        Caller::of_cookie(self.cx, self.parts, self.cookies.get(IDENTITY)).await
    }

    fn locale(&self, caller: Option<&Caller<'_>>) -> Locale {
        let wishes = Wishes {
            chosen: self.query.get("kc_locale"),
            user: caller.and_then(|caller| caller.user.attribute("locale")),
            cookie: self.cookies.get(LOCALE),
            accept_language: self.accept_language.as_deref(),
            ..Wishes::default()
        };
        Locale::choose(&self.cx.realm, &wishes)
    }

    fn sheet<'l>(&'l self, locale: &'l Locale) -> Sheet<'l> {
        let realm = (&*self.cx.realm, self.cx.bases.front.as_str());
        let referrer = self.query.get("referrer").and_then(|id| links::referrer(realm, id, self.query.get("referrer_uri")));
        Sheet { cx: self.cx, parts: self.parts, locale, section: self.section, referrer }
    }

    /// Keeps the language that was chosen with this request, if it is one of the realm's.
    fn keep_language(&mut self) {
        let locales = &self.cx.realm.locales;
        let chosen = self.query.get("kc_locale").filter(|_| locales.enabled);
        let known = chosen.and_then(|chosen| locales.supported.iter().find(|known| known.eq_ignore_ascii_case(chosen)));
        if let Some(known) = known {
            self.cookies.set(LOCALE, known, CookieScope::default());
        }
    }

    fn reply(&self, page: String, locale: &Locale) -> Reply {
        let reply = Reply::html(page).cache(CachePolicy::NoCache).header("content-language", locale.as_str());
        self.cookies.to_set().fold(reply, |reply, cookie| reply.header("set-cookie", cookie))
    }

    fn refused(&self, error: &AccountError) -> Reply {
        let locale = self.locale(None);
        let (status, key) = match error {
            AccountError::Unavailable(why) => {
                log::error!("account: realm={}: {why}", self.cx.realm.name);
                return Rejection::unavailable().into_reply();
            }
            AccountError::Closed(error) if error.description == "HTTPS required" => (403, "httpsRequiredMessage"),
            AccountError::Closed(_) => (403, "realmNotEnabledMessage"),
            AccountError::NotEnabled => (404, "pageNotFound"),
            _ => (403, "noAccessMessage"),
        };
        let message = Message::error(key);
        let page = self.sheet(&locale).render(None, &ErrorPage::new(&message));
        self.reply(page, &locale).status(status)
    }
}

/// `GET`
pub(super) async fn show(cx: &RealmContext, http: &HttpRequest, (parts, path): (&Account, &str)) -> Reply {
    let mut visit = Visit::of(cx, http, (parts, path));
    let (caller, checker) = match visit.caller().await {
        Ok(Some(found)) => found,
        Ok(None) => return signed_out(&mut visit),
        Err(error) => return visit.refused(&error),
    };
    let came_back = visit.query.get("code").is_some() || visit.query.get("error").is_some();
    if came_back {
        // The code is not needed: the cookie says who it is. It does not stay in the address bar.
        let done = if visit.query.get("kc_action_status") == Some("success") { "?done" } else { "" };
        return Reply::redirect(&format!("{}/{}{done}", links::base(cx), visit.section.path())).cache(CachePolicy::NoCache);
    }
    visit.keep_language();
    let locale = visit.locale(Some(&caller));
    let said = if http.query_string() == "done" { Said::done() } else { Said::default() };
    let shown = visit.sheet(&locale).show(&caller, &checker, &said).await;
    match shown {
        Ok(page) => visit.reply(page, &locale),
        Err(error) => visit.refused(&error),
    }
}

/// Nobody is logged in: the page says where to, and browsers go there at once, unless they come from there.
fn signed_out(visit: &mut Visit<'_>) -> Reply {
    visit.keep_language();
    let locale = visit.locale(None);
    let (page, sign_in_url) = visit.sheet(&locale).signed_out();
    let came_back = ["code", "error", "state"].iter().any(|name| visit.query.get(name).is_some());
    let reply = visit.reply(page, &locale);
    if came_back { reply } else { reply.header("refresh", &format!("0; url={sign_in_url}")) }
}

/// `POST`
pub(super) async fn take(
    cx: &RealmContext,
    http: &HttpRequest,
    (parts, path): (&Account, &str),
    form: &Params,
) -> Result<Reply, Rejection> {
    let mut visit = Visit::of(cx, http, (parts, path));
    let (mut caller, checker) = match visit.caller().await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(signed_out(&mut visit)),
        Err(error) => return Ok(visit.refused(&error)),
    };
    let shown = match sections::take(&mut caller, visit.section, (form, &checker)).await {
        Ok(said) => {
            let locale = visit.locale(Some(&caller));
            let page = visit.sheet(&locale).show(&caller, &checker, &said).await;
            page.map(|page| visit.reply(page, &locale))
        }
        Err(error) => Err(error),
    };
    Ok(shown.unwrap_or_else(|error| visit.refused(&error)))
}
