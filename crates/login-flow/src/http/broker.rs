//! `…/broker/{alias}/login`: the button of an identity provider.

use actix_web::HttpRequest;
use actix_web::web::Data;
use oidc_types::Params;
use realm_http::http::{RealmRequest, Rejection, Reply};

use super::page;
use crate::LoginFlow;
use crate::error::PageFault;

/// Nobody can log in by another system here yet: a page says so, and leads back to the application.
pub(super) async fn leave(request: RealmRequest, http: HttpRequest, login_flow: Data<LoginFlow>) -> Result<Reply, Rejection> {
    let query = Params::parse(http.query_string().as_bytes()).unwrap_or_default();
    let mut browser = match page::arrive(&http, &request, &login_flow).await {
        Ok(browser) => browser,
        Err(trouble) => return Ok(page::in_trouble(&trouble)),
    };
    let client = query.get("client_id").and_then(|id| request.realm.client(id)).cloned();
    let fault = PageFault::in_login(501, "Logging in by another identity provider is not available here.");
    Ok(page::reply(&http, &mut browser, client.as_deref(), Err(fault.into())).await)
}
