//! Links in mails: made, sent, and spent when what they lead to is done.

use std::sync::Arc;

use login_pages::{InfoLink, InfoPage, Message};
use mail::{Letter, Mail, language};
use oidc_types::UserId;
use realm_model::{CredentialKind, User};
use sessions::SingleUse;
use token_issuer::{ActionKind, ActionState, ActionToken, MintContext};

use crate::answer::Answer;
use crate::browser::Browser;
use crate::error::{LoginError, PageFault};
use crate::login::{Login, note};

/// What a link of this kind depends on beside its time: one to a new password dies with the
/// password, one to a new address with the address.
pub(crate) fn state_of(kind: ActionKind, id: &str, user: &User) -> ActionState {
    let password = user.credentials_of(&CredentialKind::Password).next();
    let has = match kind {
        ActionKind::ResetCredentials => password.map(|password| password.secret_data.expose().as_bytes()),
        ActionKind::UpdateEmail => user.email.as_deref().map(str::as_bytes),
        ActionKind::VerifyEmail | ActionKind::ExecuteActions => None,
    };
    ActionState::of(id, has.unwrap_or_default())
}

/// Makes a link for the user of this login, and sends it.
///
/// # Errors
/// 500 where the mail was not taken.
pub(crate) async fn send(login: &mut Login<'_, '_>, kind: ActionKind, execution: Option<&str>) -> Result<(), LoginError> {
    let to = login.user.as_ref().and_then(|user| user.email.clone()).filter(|email| !email.is_empty());
    let Some(to) = to else { return Ok(()) };
    send_to(login, (kind, &to), execution).await
}

/// The same to this address, of which the link is to be the proof.
///
/// # Errors
/// 500 where the mail was not taken.
pub(crate) async fn send_to(
    login: &mut Login<'_, '_>,
    (kind, to): (ActionKind, &str),
    execution: Option<&str>,
) -> Result<(), LoginError> {
    let Some(user) = login.user.clone() else { return Ok(()) };
    let (cx, parts) = (login.browser.cx, login.browser.parts);
    let lifespan = cx.realm.user_action_token_lifespan(kind.as_str());
    let id = parts.token_issuer.new_action_id();
    let expires_at = cx.now.plus_secs(lifespan);
    let session = login.browser.ensure_id().await?;
    let token = ActionToken {
        state: state_of(kind, &id, &user),
        id,
        kind,
        user: user.id.clone(),
        client: login.client.client_id.clone(),
        email: Some(to.to_owned()),
        login: Some(format!("{session}.{}.{}", login.tab.id, login.client.id)),
        actions: Vec::new(),
        redirect_uri: None,
        expires: expires_at.secs(),
    };
    let issuer = cx.issuer();
    let key =
        parts.token_issuer.sign_action_token(&token, MintContext { realm: &cx.realm, issuer: &issuer, now: cx.now }).await?;
    parts.sessions.name_newest_link((&cx.realm.name, &user.id, kind.as_str()), (&token.id, expires_at), cx.now).await?;
    let link = login.urls().action_token(&key, execution);
    let letter = match kind {
        ActionKind::ResetCredentials => Letter::ResetPassword { link: &link, expires: lifespan },
        ActionKind::UpdateEmail => Letter::UpdateEmail { link: &link, expires: lifespan, email: to },
        _ => Letter::VerifyEmail { link: &link, expires: lifespan },
    };
    let words = letter.words(&cx.realm, language(&cx.realm, user.attribute("locale")));
    if let Err(error) = parts.mailer.send(&cx.realm, &Mail { to, words: &words }, cx.now).await {
        log::error!("realm {}: a mail to user {} was not sent: {error}", cx.realm.name, user.id);
        return Err(login.fault(PageFault::in_login(500, "emailSendErrorMessage")));
    }
    Ok(())
}

/// The login goes on by this link: it is spent when the login is finished.
pub(crate) fn note_link(login: &mut Login<'_, '_>, token: &ActionToken) {
    login.tab.set_note(note::LINK, &format!("{} {} {}", token.id, token.expires, token.kind.as_str()));
}

/// Whether nobody has finished what the link leads to.
pub(crate) async fn is_fresh(browser: &Browser<'_>, token: &ActionToken, user: &User) -> Result<bool, LoginError> {
    let (realm, now) = (&browser.cx.realm.name, browser.cx.now);
    let sessions = &browser.parts.sessions;
    if sessions.was_used((SingleUse::ActionToken, realm, &token.id), now).await? {
        return Ok(false);
    }
    // The password changed, or a newer link was sent. Keycloak: neither kills a link (recordings
    // reset-credentials/{password-changed-in-between,two-mails-first-link}).
    if matches!(token.kind, ActionKind::ResetCredentials | ActionKind::UpdateEmail) {
        let newest = sessions.is_newest_link((realm, &user.id, token.kind.as_str()), &token.id, now).await?;
        return Ok(newest && token.state == state_of(token.kind, &token.id, user));
    }
    Ok(true)
}

/// Spends a link; whether it was not spent before.
pub(crate) async fn spend(browser: &Browser<'_>, id: &str, expires: i64) -> Result<bool, LoginError> {
    let until = ambient::Timestamp::from_secs(expires).plus_secs(60);
    let used = (SingleUse::ActionToken, &browser.cx.realm.name, id);
    Ok(browser.parts.sessions.mark_used(used, until, browser.cx.now).await?)
}

/// A login that came by a link is finished: the link is spent, and where the browser is another one than the login began in, it ends
/// on a page.
pub(crate) async fn finish(login: &mut Login<'_, '_>, user: &Arc<User>) -> Result<Option<Answer>, LoginError> {
    let noted = login.tab.note(note::LINK).map(str::to_owned);
    if let Some(noted) = noted {
        let mut parts = noted.split(' ');
        let (id, expires) = (parts.next().unwrap_or_default(), parts.next().and_then(|text| text.parse().ok()));
        if !spend(login.browser, id, expires.unwrap_or_default()).await? {
            return Err(PageFault::in_login(400, "expiredActionMessage").into());
        }
        log::debug!("realm {}: a link of user {} is spent", login.realm().name, user.id);
    }
    let Some(to) = login.tab.note(note::ENDS_ON_PAGE).map(str::to_owned) else { return Ok(None) };
    let heading = Message::success("accountUpdatedTitle");
    let message = Message::success("accountUpdatedMessage");
    let own = crate::login::base_url(&login.client, &login.browser.cx.bases.front);
    let to = Some(to).filter(|to| !to.is_empty()).or(own);
    let page = InfoPage { heading: Some(&heading), link: to.as_deref().map(InfoLink::BackTo), ..InfoPage::new(&message) };
    Ok(Some(login.last_page(&page)))
}

/// The login in which a link was made: `asid`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoginName<'t> {
    pub(crate) session: &'t str,
    pub(crate) tab: &'t str,
    pub(crate) client: &'t str,
}

impl<'t> LoginName<'t> {
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.split('.');
        Some(Self { session: parts.next()?, tab: parts.next()?, client: parts.next()? })
    }
}

/// The user of a link, if the link still fits: the address is the one that it was sent to.
pub(crate) fn refuse_other_address(token: &ActionToken, user: &User) -> Result<(), UserId> {
    match &token.email {
        Some(_) if token.kind == ActionKind::UpdateEmail => Ok(()), // the new one
        Some(email) if user.email.as_ref().is_none_or(|own| !own.eq_ignore_ascii_case(email)) => Err(user.id.clone()),
        _ => Ok(()),
    }
}
