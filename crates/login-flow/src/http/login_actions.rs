//! `…/login-actions/…`: the pages of a login, and what is sent from them (wire-browser.md sections 4 and 7).

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use oidc_types::Params;
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply};

use super::{authorize::refuse, page};
use crate::LoginFlow;
use crate::action_token;
use crate::error::{Cache, PageFault};
use crate::login::Entry;
use crate::login_actions::{self, Asked};

/// The pages of a login.
#[derive(Clone, Copy)]
enum Page {
    Flow(Entry),
    Restart,
    RequiredAction,
    Consent,
    ActionToken,
}

impl Page {
    fn parse(path: &str) -> Option<Self> {
        match path {
            "restart" => Some(Self::Restart),
            "required-action" => Some(Self::RequiredAction),
            "consent" => Some(Self::Consent),
            "action-token" => Some(Self::ActionToken),
            flow => Entry::parse(flow).map(Self::Flow),
        }
    }
}

/// What a browser asks of a page of a login.
pub(super) async fn flow_page(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    path: Path<(String, String)>,
    login_flow: Data<LoginFlow>,
) -> Result<Reply, Rejection> {
    let Some(page) = Page::parse(&path.1) else { return Err(Rejection::not_found().cache(CachePolicy::Login)) };
    let query = query_of(&http);
    let form = body.form()?;
    let posted = (http.method() == actix_web::http::Method::POST).then_some(&form);
    let mut browser = match page::arrive(&http, &request, &login_flow).await {
        Ok(browser) => browser,
        Err(trouble) => return Ok(page::in_trouble(&trouble)),
    };
    let client = query.get("client_id").and_then(|id| request.realm.client(id)).cloned();
    let answer = match refuse(&request) {
        Ok(()) => {
            browser.mode = query.get("mode").map(str::to_owned);
            browser.resends = posted.is_none() && query.get("session_code").is_some();
            match page {
                Page::Flow(entry) => login_actions::visit(&mut browser, Asked { entry, query: &query, form: posted }).await,
                Page::Restart => login_actions::restart(&mut browser, &query).await,
                Page::RequiredAction => login_actions::required_action(&mut browser, &query, posted).await,
                Page::ActionToken => action_token::open(&mut browser, &query).await,
                Page::Consent => login_actions::consent(&mut browser, &query, &form).await,
            }
        }
        Err(fault) => Err(PageFault { cache: Cache::Login, ..fault }.into()),
    };
    Ok(page::reply(&http, &mut browser, client.as_deref(), answer).await)
}

/// `OPTIONS`. Keycloak: recording login/action-put.
pub(super) async fn verbs() -> Reply {
    Reply::empty(200).header("allow", "GET, HEAD, OPTIONS, POST").cache(CachePolicy::Login)
}

pub(super) async fn other_verb() -> Rejection {
    Rejection::method_not_allowed().cache(CachePolicy::Login)
}

/// The parameters of a page's URL. Some clients take them out of the page without its entities: `amp;` stands before all names but the
/// first then (page-contract.md).
fn query_of(http: &HttpRequest) -> Params {
    let query = http.query_string();
    match query.contains("&amp;") {
        true => Params::parse(query.replace("&amp;", "&").as_bytes()).unwrap_or_default(),
        false => Params::parse(query.as_bytes()).unwrap_or_default(),
    }
}
