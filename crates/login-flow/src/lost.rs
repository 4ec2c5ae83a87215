//! Which login a request belongs to; and what becomes of a request whose login is gone: ended elsewhere, timed out, or of a browser
//! that keeps no cookies (wire-browser.md section 7).

use std::sync::Arc;

use key_rotation::SealPurpose;
use login_pages::Message;
use oidc_types::Params;
use realm_model::Client;
use sessions::Tab;

use crate::answer::Answer;
use crate::authorization::{Parameters, Unjudged, Way};
use crate::browser::Browser;
use crate::end_session::LOGOUT;
use crate::error::{LoginError, PageFault};
use crate::finish::RESTART;
use crate::identity;
use crate::login::{Login, note};
use crate::urls::ClientData;

/// What was found.
pub(crate) enum Sought {
    /// The login.
    Login(Tab, Arc<Client>),
    /// The login as it was called before its user was known: it can only begin anew.
    Former(Tab, Arc<Client>),
    /// Nothing to go on with: this is the answer.
    Instead(Answer),
}

/// Finds the login that `query` names.
///
/// # Errors
/// [`PageFault`] where nothing is left of it.
pub(crate) async fn seek(browser: &mut Browser<'_>, query: &Params) -> Result<Sought, LoginError> {
    let data = match query.get("client_data").map(ClientData::parse) {
        Some(None) => return Err(PageFault::in_login(400, "invalidRequestMessage").into()),
        Some(data) => data,
        None => None,
    };
    let client = query.get("client_id").and_then(|id| browser.cx.realm.client(id)).filter(|client| client.enabled).cloned();
    if let (Some(client), Some(id)) = (&client, query.get("tab_id")) {
        if let Some(tab) = browser.tab(id, &client.id).filter(|tab| tab.note(LOGOUT).is_none()) {
            return Ok(Sought::Login(tab.clone(), Arc::clone(client)));
        }
        if let Some(tab) = browser.former_tab(id, &client.id) {
            return Ok(Sought::Former(tab.clone(), Arc::clone(client)));
        }
    }
    if !browser.has_begun()
        && browser.cookies.get(RESTART).is_none()
        && let Some(client) = &client
        && identity::find_session(browser, client).await?.is_some()
    {
        return already_logged_in(browser, client, data);
    }
    restart(browser, client.as_ref()).await.map(Sought::Instead)
}

/// The form of a login that has succeeded is sent again. What says where the client is comes from the browser, so it is judged like
/// a request that nobody knows yet: the client gets an error, never more (CVE-2026-7571).
fn already_logged_in(browser: &Browser<'_>, client: &Arc<Client>, data: Option<ClientData>) -> Result<Sought, LoginError> {
    let told = data.and_then(|data| {
        let known = [
            ("redirect_uri", data.redirect_uri),
            ("response_type", data.response_type),
            ("response_mode", data.response_mode),
            ("state", data.state),
        ];
        let pairs = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let parameters = Parameters::of_pairs(pairs.collect());
        let unjudged = Unjudged { client, parameters, repeats: false, base: &browser.cx.bases.front, way: Way::Known };
        unjudged.certain_address()
    });
    let Some(to) = told else { return Err(PageFault::in_login(400, "alreadyLoggedIn").into()) };
    let refusal = ("temporarily_unavailable", Some("authentication_expired"));
    Ok(Sought::Instead(to.refuse(client, &browser.cx.issuer(), refusal)))
}

/// Begins anew from what the browser keeps of the request.
async fn restart(browser: &mut Browser<'_>, client: Option<&Arc<Client>>) -> Result<Answer, LoginError> {
    let Some(sealed) = browser.cookies.get(RESTART).map(str::to_owned) else {
        return Err(PageFault::in_login(400, "cookieNotFoundMessage").into());
    };
    let opened = browser.parts.keyrings.open(&browser.cx.realm, SealPurpose::Restart, &sealed).await;
    let kept = opened?.and_then(|content| serde_json::from_slice::<(String, Vec<(String, String)>)>(&content).ok());
    let request = kept.zip(client).filter(|((id, _), client)| *id == *client.id);
    let Some(((_, pairs), client)) = request else {
        return Err(PageFault::in_login(400, "invalidCodeMessage").into());
    };
    let timed_out = !browser.has_begun();
    let base = browser.cx.bases.front.clone();
    let judged =
        Unjudged { client, parameters: Parameters::of_pairs(pairs), repeats: false, base: &base, way: Way::Known }.judge();
    let request = judged.map_err(|_| PageFault::in_login(400, "invalidRequestMessage"))?;
    let mut login = Login::begin(browser, request).await?;
    if timed_out {
        login.leave_message(&Message::warning("loginTimeout"));
    }
    let path = login.tab.note(note::ORIGIN).unwrap_or("authenticate").to_owned();
    let to = login.urls().link(&path);
    login.keep().await?;
    Ok(Answer::Redirect(to))
}
