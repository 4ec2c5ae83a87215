//! The routes: whoever asks as a program gets JSON, whoever asks as a browser gets pages.

mod pages;
mod rest;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use actix_web::web::{self, Data, ServiceConfig};
use realm_http::http::{RawBody, RealmRequest, Rejection, Reply, authorization, endpoint, get, post};

use crate::Account;

/// Registers `account` and everything below; an [`Account`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    for path in ["account", "account/{path:.*}"] {
        let resource = endpoint(path).route(get().to(answer)).route(post().to(answer));
        cfg.service(resource.route(web::put().to(answer)).route(web::delete().to(answer)));
    }
}

async fn answer(request: RealmRequest, http: HttpRequest, body: RawBody, account: Data<Account>) -> Result<Reply, Rejection> {
    let path = http.match_info().get("path").unwrap_or_default().to_owned();
    if is_program(&http) {
        return rest::answer(&request, &http, (&account, &path), &body).await;
    }
    match *http.method() {
        Method::GET | Method::HEAD => Ok(pages::show(&request, &http, (&account, &path)).await),
        Method::POST => pages::take(&request, &http, (&account, &path), &body.form()?).await,
        _ => Err(Rejection::method_not_allowed()),
    }
}

/// Keycloak: whoever takes or sends JSON (recording account-page-redirects/account-json); here also whoever shows a token, and whoever
/// uses a verb that browsers do not.
fn is_program(http: &HttpRequest) -> bool {
    let names_json = |name| {
        let header = http.headers().get(name).and_then(|header: &actix_web::http::header::HeaderValue| header.to_str().ok());
        header.is_some_and(|header| header.to_ascii_lowercase().contains("application/json"))
    };
    let verb = matches!(*http.method(), Method::PUT | Method::DELETE);
    verb || authorization(http).is_some() || names_json(ACCEPT) || names_json(CONTENT_TYPE)
}
