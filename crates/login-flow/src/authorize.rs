//! `…/protocol/openid-connect/auth`: an application sends a browser to log somebody in (RFC 6749 section 4.1.1; wire.md section 6.1).

use std::sync::Arc;

use client_auth::ClientAuth;
use oidc_types::{OAuthError, Params};
use realm_http::http::CookieScope;
use realm_model::{Client, Protocol, Realm};

use crate::answer::{Answer, ReturnAddress};
use crate::authorization::{Parameters, RequestFault, Unjudged, request_object};
use crate::browser::Browser;
use crate::error::{LoginError, PageFault};
use crate::finish::{self, RESTART};
use crate::login::Login;

/// The path below the realm.
pub(crate) const ENDPOINT: &str = "protocol/openid-connect/auth";

/// A browser comes with an authorization request.
pub(crate) async fn authorize(
    browser: &mut Browser<'_>,
    client_auth: &ClientAuth,
    params: &Params,
) -> Result<Answer, LoginError> {
    let client = find_client(&browser.cx.realm, params)?;
    let parameters = Parameters::read(params);
    let repeats = params.repeats();
    let parameters = match repeats {
        true => parameters,
        false => match request_object::unpacked((browser.cx, client_auth), &client, parameters.clone()).await {
            Ok(unpacked) => unpacked,
            Err(fault) => return refuse(browser, &client, &parameters, &fault),
        },
    };
    let base = browser.cx.bases.front.clone();
    let unjudged = Unjudged { client: &client, parameters: parameters.clone(), repeats, base: &base };
    let request = match unjudged.judge() {
        Ok(request) => request,
        Err(fault) => return refuse(browser, &client, &parameters, &fault),
    };
    if request.parameters().get("prompt") != Some("none") {
        browser.set_restart_cookie(&client, &request).await?;
    }
    let login = Login::begin(browser, request).await?;
    login.go_on(None).await
}

/// The client that asks, if it may.
pub(crate) fn find_client(realm: &Realm, params: &Params) -> Result<Arc<Client>, PageFault> {
    let mut ids = params.get_all("client_id");
    let id = match (ids.next(), ids.next()) {
        (Some(id), None) => id,
        _ => return Err(PageFault::new(400, "invalidRequestMessage")),
    };
    let client = realm.client(id).ok_or_else(|| PageFault::new(400, "clientNotFoundMessage"))?;
    if !client.enabled {
        return Err(PageFault::new(400, "clientDisabledMessage"));
    }
    if client.protocol != Protocol::OpenidConnect {
        return Err(PageFault::new(400, "Wrong client protocol."));
    }
    if client.bearer_only {
        return Err(PageFault::new(403, "bearerOnlyMessage"));
    }
    Ok(Arc::clone(client))
}

/// Tells a fault: to the client, where it is certain that the address is its own, else on a page.
fn refuse(
    browser: &Browser<'_>,
    client: &Arc<Client>,
    parameters: &Parameters,
    fault: &RequestFault,
) -> Result<Answer, LoginError> {
    log::info!("authorization request refused: realm={} client={}: {fault}", browser.cx.realm.name, client.client_id);
    let to = match fault {
        RequestFault::Object(_) | RequestFault::Unreadable => return Err(PageFault::new(400, "invalidRequestMessage").into()),
        RequestFault::RedirectUri => None,
        _ => Unjudged { client, parameters: parameters.clone(), repeats: false, base: &browser.cx.bases.front }.return_address(),
    };
    let to: ReturnAddress = to.ok_or_else(|| PageFault::new(400, "invalidParameterMessage").with("redirect_uri"))?;
    let error = OAuthError::from(fault);
    let code = match fault {
        RequestFault::Scope(_) => "invalid_scope",
        RequestFault::ResponseTypeUnknown => "unsupported_response_type",
        _ => error.code.as_str(),
    };
    let issuer = browser.cx.issuer();
    Ok(to.deliver(&finish::refusal(&to.state, &issuer, (code, Some(&error.description)))))
}

impl Browser<'_> {
    /// From it a login can begin anew when nothing else is known of it any more.
    async fn set_restart_cookie(
        &mut self,
        client: &Client,
        request: &crate::authorization::AuthorizationRequest,
    ) -> Result<(), LoginError> {
        let content = serde_json::to_vec(&(&*client.id, request.parameters().pairs())).unwrap_or_default();
        let sealed = self.parts.keyrings.seal(&self.cx.realm, key_rotation::SealPurpose::Restart, &content).await;
        self.cookies.set(RESTART, &sealed?, CookieScope::default());
        Ok(())
    }
}
