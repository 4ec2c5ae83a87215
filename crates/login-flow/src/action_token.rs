//! `login-actions/action-token`: a link of a mail is opened (wire-browser.md section 9).

use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD;
use login_pages::{InfoLink, InfoPage, Message};
use oidc_types::Params;
use realm_model::{Client, User};
use token_issuer::{ActionKind, ActionToken, InspectContext, RefusedToken};

use crate::action::update_email::Proof;
use crate::answer::Answer;
use crate::authorization::{Parameters, Unjudged, Way};
use crate::browser::Browser;
use crate::error::{LoginError, PageFault};
use crate::finish::RESTART;
use crate::link::{self, LoginName};
use crate::login::{Entry, Login, note};
use crate::login_actions::resume;
use crate::settle::Reach;
use crate::{action, flow};

/// A link is opened.
pub(crate) async fn open(browser: &mut Browser<'_>, query: &Params) -> Result<Answer, LoginError> {
    let key = query.get("key").filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| PageFault::in_login(400, "invalidRequestMessage"))?;
    let token = read(browser, key).await?;
    let (user, client) = load(browser, &token).await?;
    let fresh = link::is_fresh(browser, &token, &user).await?;
    let login = enter(browser, &token, &client).await?;
    match (token.kind, fresh) {
        (ActionKind::VerifyEmail | ActionKind::UpdateEmail, false) => already_verified(login).await,
        (_, false) => {
            login.browser.cookies.clear_sent(RESTART);
            Err(PageFault::in_login(400, "expiredActionMessage").into())
        }
        (ActionKind::VerifyEmail, true) => verify_email(login, (&token, user), key).await,
        (ActionKind::UpdateEmail, true) => update_email(login, (&token, user), key).await,
        (ActionKind::ResetCredentials, true) => reset_credentials(login, &token, user).await,
        (ActionKind::ExecuteActions, true) => execute_actions(login, (&token, user), key).await,
    }
}

async fn read(browser: &Browser<'_>, key: &str) -> Result<ActionToken, LoginError> {
    let cx = browser.cx;
    let accepts_issuer = |issuer: &str| cx.accepts_issuer(issuer);
    let context = InspectContext { realm: &cx.realm, accepts_issuer: &accepts_issuer, now: cx.now };
    let refused = match browser.parts.token_issuer.read_action_token(key, context).await {
        Ok(token) => return Ok(token),
        Err(RefusedToken::Keys(error)) => return Err(error.into()),
        Err(refused) => refused,
    };
    log::info!("link refused: realm={}: {refused}", cx.realm.name);
    let text = match (claimed(key), refused) {
        (Claimed::Unsigned, _) => "invalidRequestMessage",
        (Claimed::Kind(_), RefusedToken::Expired) => "expiredActionTokenNoSessionMessage",
        (Claimed::Kind(ActionKind::VerifyEmail | ActionKind::UpdateEmail), _) => "staleEmailVerificationLink",
        (Claimed::Kind(ActionKind::ResetCredentials), _) => "resetCredentialNotAllowedMessage",
        (Claimed::Kind(ActionKind::ExecuteActions), _) => "invalidRequestMessage",
        (Claimed::Other, _) => "invalidCodeMessage",
    };
    Err(PageFault::in_login(400, text).into())
}

/// What a link that does not hold says that it is: only for the words of the refusal.
enum Claimed {
    Kind(ActionKind),
    Unsigned,
    Other,
}

fn claimed(key: &str) -> Claimed {
    let mut parts = key.split('.');
    let mut part = || -> Option<serde_json::Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode_to_vec(parts.next()?.as_bytes()).ok()?).ok()
    };
    let (header, claims) = (part(), part());
    let text = |value: Option<serde_json::Value>, name: &str| Some(value?.get(name)?.as_str()?.to_owned());
    if text(header, "alg").as_deref() == Some("none") {
        return Claimed::Unsigned;
    }
    text(claims, "typ").and_then(|typ| ActionKind::parse(&typ)).map_or(Claimed::Other, Claimed::Kind)
}

async fn load(browser: &Browser<'_>, token: &ActionToken) -> Result<(Arc<User>, Arc<Client>), LoginError> {
    let realm = &browser.cx.realm;
    let user = browser.parts.users.find_by_id(&realm.name, token.user.as_str()).await?;
    let user = user.ok_or_else(|| PageFault::new(400, "invalidUserMessage"))?;
    if !user.enabled {
        return Err(PageFault::new(400, "accountDisabledMessage").into());
    }
    if link::refuse_other_address(token, &user).is_err() {
        return Err(PageFault::new(400, "staleEmailVerificationLink").into());
    }
    let client = realm.client(token.client.as_str()).filter(|client| client.enabled);
    let client = client.ok_or_else(|| PageFault::new(400, "clientNotFoundMessage"))?;
    Ok((user, Arc::clone(client)))
}

/// The login in which the link was made, if this is its browser; else one that ends on a page.
async fn enter<'b, 'a>(
    browser: &'b mut Browser<'a>,
    token: &ActionToken,
    client: &Arc<Client>,
) -> Result<Login<'b, 'a>, LoginError> {
    let name = token.login.as_deref().and_then(LoginName::parse);
    let own = name.filter(|name| browser.authentication_id().is_some_and(|id| id.as_str() == name.session));
    let tab = own.and_then(|name| browser.tab(name.tab, name.client)).cloned();
    if let Some(tab) = tab {
        return resume(browser, tab, client).await;
    }
    let confirmed = browser.only_tab(&client.id).filter(|tab| tab.note(note::CONFIRMED_LINK) == Some(&token.id)).cloned();
    if let Some(tab) = confirmed {
        return resume(browser, tab, client).await;
    }
    let mut login = begin_without_request(browser, client).await?;
    login.tab.set_note(note::ENDS_ON_PAGE, token.redirect_uri.as_deref().unwrap_or_default());
    Ok(login)
}

/// A login that no application has asked for: it answers to none.
pub(crate) async fn begin_without_request<'b, 'a>(
    browser: &'b mut Browser<'a>,
    client: &Arc<Client>,
) -> Result<Login<'b, 'a>, LoginError> {
    let base = browser.cx.bases.front.clone();
    let request = Unjudged { client, parameters: Parameters::of_pairs(Vec::new()), repeats: false, base: &base, way: Way::Known }
        .of_nobody();
    Login::begin(browser, request).await
}

async fn already_verified(mut login: Login<'_, '_>) -> Result<Answer, LoginError> {
    let base = crate::login::base_url(&login.client, &login.browser.cx.bases.front);
    let (heading, message) =
        (Message::success("emailVerifiedAlreadyMessageHeader"), Message::success("emailVerifiedAlreadyMessage"));
    let page = InfoPage { heading: Some(&heading), link: base.as_deref().map(InfoLink::BackTo), ..InfoPage::new(&message) };
    let answer = login.page(None, &page);
    login.keep().await?;
    Ok(answer)
}

/// A page that leads back to the application; the login is over.
async fn info(login: &mut Login<'_, '_>, heading: &'static str, message: Message) -> Result<Answer, LoginError> {
    let base = crate::login::base_url(&login.client, &login.browser.cx.bases.front);
    let heading = Message::success(heading);
    let page = InfoPage { heading: Some(&heading), link: base.as_deref().map(InfoLink::BackTo), ..InfoPage::new(&message) };
    let answer = login.last_page(&page);
    login.end().await?;
    Ok(answer)
}

/// In another browser somebody is asked first: a link that a mail scanner opens does nothing.
async fn ask(
    login: &mut Login<'_, '_>,
    token: &ActionToken,
    (heading, message, actions): (&'static str, Message, &[&str]),
    key: &str,
) -> Result<Answer, LoginError> {
    login.tab.set_note(note::CONFIRMED_LINK, &token.id);
    let proceed = login.urls().action_token_path(key);
    let heading = Message::info(heading);
    let page = InfoPage {
        heading: Some(&heading),
        link: Some(InfoLink::Proceed(&proceed)),
        required_actions: actions,
        ..InfoPage::new(&message)
    };
    let answer = login.page(None, &page);
    login.keep().await?;
    Ok(answer)
}

async fn verify_email(
    mut login: Login<'_, '_>,
    (token, user): (&ActionToken, Arc<User>),
    key: &str,
) -> Result<Answer, LoginError> {
    // The login goes on where it waits for this very user; a link alone logs nobody in.
    let goes_on = login.tab.note(note::SETTLING).is_some() && login.tab.user.as_ref() == Some(&user.id);
    if !goes_on && login.tab.note(note::CONFIRMED_LINK).is_none() {
        let message = Message::info("confirmEmailAddressVerification").with(user.email.clone().unwrap_or_default());
        return ask(&mut login, token, ("confirmEmailAddressVerificationHeader", message, &[]), key).await;
    }
    if !link::spend(login.browser, &token.id, token.expires).await? {
        return already_verified(login).await;
    }
    login.set_user(user);
    set_verified(&mut login).await?;
    // A link of an administrator belongs to no login: its own one ends on a page.
    let ends_on_page = token.login.is_none() && login.tab.note(note::ENDS_ON_PAGE).is_some();
    if goes_on || ends_on_page {
        login.tab.set_note(note::SETTLING, "");
        let urls = login.urls();
        login.keep().await?;
        return Ok(Answer::Redirect(urls.link("required-action")));
    }
    // The browser in which the login began is to begin anew: who opened the link may be somebody else.
    if let Some(name) = token.login.as_deref().and_then(LoginName::parse) {
        let (parts, realm) = (login.browser.parts, &login.realm().name);
        parts.sessions.remove_authentication(realm, &name.session.into()).await?;
    }
    info(&mut login, "emailVerifiedMessageHeader", Message::success("emailVerifiedMessage")).await
}

/// The user's address is the one that the link was sent to.
async fn update_email(
    mut login: Login<'_, '_>,
    (token, user): (&ActionToken, Arc<User>),
    key: &str,
) -> Result<Answer, LoginError> {
    let email = token.email.clone().unwrap_or_default();
    // The login goes on where it waits for this very user.
    let goes_on = login.tab.note(note::SETTLING).is_some() && login.tab.user.as_ref() == Some(&user.id);
    if !goes_on && login.tab.note(note::CONFIRMED_LINK).is_none() {
        let message = Message::info("confirmEmailAddressVerification").with(email);
        return ask(&mut login, token, ("confirmEmailAddressVerificationHeader", message, &[]), key).await;
    }
    let found = login.browser.parts.users.find_by_email(&login.realm().name, &email).await?;
    let is_taken = found.is_some_and(|found| found.id != user.id) && !login.realm().login.duplicate_emails_allowed;
    if is_taken {
        return Err(PageFault::in_login(400, "emailExistsMessage").into());
    }
    if !link::spend(login.browser, &token.id, token.expires).await? {
        return already_verified(login).await;
    }
    if !goes_on {
        login.set_user(user);
    }
    action::update_email::put(&mut login, &email, Proof::Shown).await?;
    if !goes_on {
        return info(&mut login, "emailUpdatedTitle", Message::success("emailUpdated").with(email)).await;
    }
    if let Some(due) = action::next(&login).filter(|due| &*due.action.provider == "UPDATE_EMAIL") {
        action::finish(&mut login, due).await?;
    }
    let urls = login.urls();
    login.keep().await?;
    Ok(Answer::Redirect(urls.link("required-action")))
}

async fn set_verified(login: &mut Login<'_, '_>) -> Result<(), LoginError> {
    login
        .change_user(&mut |user| {
            user.0.insert("emailVerified".to_owned(), true.into());
            if let Some(serde_json::Value::Array(actions)) = user.0.get_mut("requiredActions") {
                actions.retain(|action| action.as_str() != Some("VERIFY_EMAIL"));
            }
        })
        .await
}

async fn reset_credentials(mut login: Login<'_, '_>, token: &ActionToken, user: Arc<User>) -> Result<Answer, LoginError> {
    if !login.realm().login.reset_password_allowed {
        return Err(PageFault::in_login(400, "resetCredentialNotAllowedMessage").into());
    }
    if login.tab.note(note::LINK).is_some() && login.tab.user.as_ref() == Some(&user.id) {
        return login.settle(Reach::InPlace, None).await; // opened again before it was finished
    }
    // The link says who it is, whatever the tab said before (CVE-2026-18963).
    flow::forget(&mut login.tab);
    login.tab.set_note(note::ENTRY, Entry::ResetCredentials.path());
    login.set_user(user);
    link::note_link(&mut login, token);
    set_verified(&mut login).await?;
    login.go_on(None).await
}

async fn execute_actions(
    mut login: Login<'_, '_>,
    (token, user): (&ActionToken, Arc<User>),
    key: &str,
) -> Result<Answer, LoginError> {
    if login.tab.note(note::CONFIRMED_LINK).is_none() {
        let actions: Vec<&str> = token.actions.iter().map(String::as_str).collect();
        let message = Message::info("confirmExecutionOfActions");
        return ask(&mut login, token, ("confirmExecutionOfActions", message, &actions), key).await;
    }
    login.set_user(user);
    link::note_link(&mut login, token);
    for alias in &token.actions {
        login.tab.set_note(&action::set_note(alias), "");
    }
    set_verified(&mut login).await?;
    login.settle(Reach::Redirect, None).await
}
