//! Which login a request belongs to, and whether it may take the step that it wants to take (wire-browser.md section 7).

use std::sync::Arc;

use login_pages::Message;
use oidc_types::Params;
use realm_model::Client;
use sessions::Tab;

use crate::answer::Answer;
use crate::authenticator::Place;
use crate::authorization::{Parameters, Unjudged};
use crate::browser::Browser;
use crate::error::{LoginError, PageFault};
use crate::login::{Entry, Login, note};

/// What a browser asks.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'p> {
    pub(crate) entry: Entry,
    pub(crate) query: &'p Params,
    /// What was sent from a page.
    pub(crate) form: Option<&'p Params>,
}

/// `login-actions/required-action`
pub(crate) async fn required_action(
    browser: &mut Browser<'_>,
    query: &Params,
    form: Option<&Params>,
) -> Result<Answer, LoginError> {
    let login = find_login(browser, query).await?;
    if login.tab.note(note::SETTLING).is_none() {
        return login.go_on(None).await;
    }
    let execution = query.get("execution");
    let sent = query.get("session_code").is_some_and(|code| login.is_of_last_page(code));
    let nothing = Params::default();
    let form = sent.then(|| form.unwrap_or(&nothing));
    login.required_action(execution, form).await
}

/// `login-actions/consent`
pub(crate) async fn consent(browser: &mut Browser<'_>, query: &Params, form: &Params) -> Result<Answer, LoginError> {
    let login = find_login(browser, query).await?;
    if login.tab.note(note::SETTLING).is_none() {
        return login.go_on(None).await;
    }
    crate::consent::answer(login, form).await
}

async fn find_login<'b, 'a>(browser: &'b mut Browser<'a>, query: &Params) -> Result<Login<'b, 'a>, LoginError> {
    let client = find_client(browser, query)?;
    let tab = find_tab(browser, query, &client).ok_or_else(|| PageFault::in_login(400, "cookieNotFoundMessage"))?;
    resume(browser, tab, &client).await
}

/// A page of a login is asked for, or sent.
pub(crate) async fn visit(browser: &mut Browser<'_>, asked: Asked<'_>) -> Result<Answer, LoginError> {
    let mut login = find_login(browser, asked.query).await?;
    if login.tab.note(note::SETTLING).is_some() {
        return login.go_on(None).await;
    }
    if login.entry() != asked.entry {
        login.tab.set_note(note::ENTRY, asked.entry.path());
        crate::flow::forget(&mut login.tab);
        return login.go_on(None).await;
    }
    match asked.query.get("session_code") {
        None => login.go_on(None).await,
        Some(code) if !login.is_of_last_page(code) => login.go_on(Some(Message::info("expiredActionMessage"))).await,
        Some(_) => match current_place(&login) {
            Some((flow, execution)) => {
                let nothing = Params::default();
                let place = Place { flow, execution };
                login.answer(place, asked.form.unwrap_or(&nothing)).await
            }
            None => login.go_on(None).await,
        },
    }
}

fn find_client(browser: &Browser<'_>, query: &Params) -> Result<Arc<Client>, PageFault> {
    let client = query.get("client_id").and_then(|id| browser.cx.realm.client(id));
    let client = client.filter(|client| client.enabled);
    client.cloned().ok_or_else(|| PageFault::new(400, "unexpectedErrorHandlingRequestMessage"))
}

fn find_tab(browser: &Browser<'_>, query: &Params, client: &Client) -> Option<Tab> {
    let tab = query.get("tab_id").and_then(|id| browser.tab(id, &client.id));
    tab.cloned()
}

/// The login of a tab, whose request is judged again: the client may have changed meanwhile.
pub(crate) async fn resume<'b, 'a>(
    browser: &'b mut Browser<'a>,
    tab: Tab,
    client: &Arc<Client>,
) -> Result<Login<'b, 'a>, LoginError> {
    let parameters = Parameters::of_pairs(tab.request.clone());
    let base = browser.cx.bases.front.clone();
    let is_of_nobody = tab.request.is_empty();
    let unjudged = Unjudged { client, parameters, repeats: false, base: &base };
    if is_of_nobody {
        return Login::resume(browser, tab, unjudged.of_nobody()).await;
    }
    let judged = unjudged.judge();
    let request = judged.map_err(|_| PageFault::in_login(400, "invalidRequestMessage"))?;
    Login::resume(browser, tab, request).await
}

/// The execution whose page was shown last.
fn current_place<'a>(login: &Login<'_, 'a>) -> Option<(&'a realm_model::Flow, &'a realm_model::Execution)> {
    let (alias, key) = login.tab.note(note::EXECUTION)?.split_once('\n')?;
    let flow = login.realm().flows.flow(alias)?;
    Some((flow, flow.execution(key)?))
}
