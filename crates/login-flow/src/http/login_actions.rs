//! `…/login-actions/…`: the pages of a login, and what is sent from them (wire-browser.md sections 4 and 7).

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use oidc_types::Params;
use realm_http::http::{RawBody, RealmRequest, Rejection, Reply};

use super::{authorize::refuse, page};
use crate::LoginFlow;
use crate::action_token;
use crate::login::Entry;
use crate::login_actions::{self, Asked};

/// The pages of a login.
#[derive(Clone, Copy)]
enum Page {
    Flow(Entry),
    RequiredAction,
    Consent,
    ActionToken,
}

impl Page {
    fn parse(path: &str) -> Option<Self> {
        match path {
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
    let Some(page) = Page::parse(&path.1) else { return Err(Rejection::not_found()) };
    let query = Params::parse(http.query_string().as_bytes()).unwrap_or_default();
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
                Page::RequiredAction => login_actions::required_action(&mut browser, &query, posted).await,
                Page::ActionToken => action_token::open(&mut browser, &query).await,
                Page::Consent => login_actions::consent(&mut browser, &query, &form).await,
            }
        }
        Err(fault) => Err(fault.into()),
    };
    Ok(page::reply(&http, &browser, client.as_deref(), answer))
}
