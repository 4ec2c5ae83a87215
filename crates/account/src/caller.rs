//! Who asks: a bearer token of the realm for client `account`, or the browser's identity cookie.

use std::collections::BTreeSet;
use std::sync::Arc;

use events::{Event, EventType};
use oidc_types::{Secret, SessionId};
use realm_http::RealmContext;
use realm_model::{Client, User};
use sessions::SessionKind;
use sessions::lifespan::Lifespans;
use token_issuer::{InspectContext, InspectedToken, Purpose, RefusedToken, StandingContext, TokenType, carried_roles};
use user_authentication::At;

use crate::Account;
use crate::error::AccountError;
use crate::roles::{ACCOUNT, AccountRole, CONSOLE, is_enabled};

/// The owner of an account, with what they may do with it.
pub(crate) struct Caller<'a> {
    pub(crate) cx: &'a RealmContext,
    pub(crate) parts: &'a Account,
    pub(crate) user: Arc<User>,
    /// The session in which they ask.
    pub(crate) session: Option<SessionId>,
    peer: String,
    roles: BTreeSet<AccountRole>,
}

/// Refuses everything where the realm has no account page, or is closed.
pub(crate) fn refuse_closed(cx: &RealmContext) -> Result<(), AccountError> {
    cx.refuse_plain_http().map_err(AccountError::Closed)?;
    cx.refuse_disabled_realm().map_err(AccountError::Closed)?;
    if is_enabled(&cx.realm) { Ok(()) } else { Err(AccountError::NotEnabled) }
}

impl<'a> Caller<'a> {
    /// The user of a bearer token.
    ///
    /// # Errors
    /// Whatever is wrong with it: it must be an access token of this realm with client `account` in its audience, whose client,
    /// session and user still stand behind it, shown by whoever it is bound to, and not of a service account.
    pub(crate) async fn of_token(cx: &'a RealmContext, parts: &'a Account, text: &str) -> Result<Self, AccountError> {
        refuse_closed(cx)?;
        let accepts_issuer = |issuer: &str| cx.accepts_issuer(issuer);
        let context = InspectContext { realm: &cx.realm, accepts_issuer: &accepts_issuer, now: cx.now };
        let token = parts.token_issuer.inspect(text, context, Purpose::Use).await?;
        refuse_other_token(&token)?;
        let ground = StandingContext { realm: &cx.realm, sessions: &parts.sessions, users: &*parts.users, now: cx.now };
        let standing = ground.of_access_token(&token).await?;
        let client = ground.client_of(&token)?;
        cx.cors.judge(&client.web_origins).map_err(AccountError::Origin)?;
        refuse_unbound(cx, &token, client)?;
        let user = Arc::clone(standing.subject.user());
        if user.service_account_client.is_some() {
            return Err(AccountError::Unauthorized("a service account has no account page".to_owned()));
        }
        // What the token was given, and the user still has.
        let now = AccountRole::among(&carried_roles(&cx.realm, client, &user));
        let roles = AccountRole::of_claims(token.claims()).intersection(&now).copied().collect();
        Ok(Self { cx, parts, user, session: token.session.clone(), peer: cx.arrival.peer.to_string(), roles })
    }

    /// The user who is logged in in this browser, with what forms of theirs carry; nobody where the cookie names no live session.
    ///
    /// # Errors
    /// The realm has no account page; or the server cannot say.
    pub(crate) async fn of_cookie(
        cx: &'a RealmContext,
        parts: &'a Account,
        cookie: Option<&str>,
    ) -> Result<Option<(Self, Secret<String>)>, AccountError> {
        refuse_closed(cx)?;
        let (Some(cookie), Some(client)) = (cookie, cx.realm.client(CONSOLE)) else { return Ok(None) };
        let accepts_issuer = |issuer: &str| cx.accepts_issuer(issuer);
        let context = InspectContext { realm: &cx.realm, accepts_issuer: &accepts_issuer, now: cx.now };
        let identity = match parts.token_issuer.read_identity(cookie, context).await {
            Ok(identity) => identity,
            Err(RefusedToken::Keys(error)) => return Err(error.into()),
            Err(_) => return Ok(None),
        };
        let found = parts.sessions.find(&cx.realm.name, SessionKind::Online, &identity.session, cx.now).await?;
        let is_live = |session: &sessions::UserSession| Lifespans::of(&cx.realm, client).session_ends(session).is_live(cx.now);
        if !found.is_some_and(|session| session.user == identity.user && is_live(&session)) {
            return Ok(None);
        }
        let Some(user) = parts.users.find_by_id(&cx.realm.name, identity.user.as_str()).await? else { return Ok(None) };
        let locked = parts.sessions.is_locked_for_good(&cx.realm, &user.id, cx.now).await?;
        if !user.enabled || locked || identity.issued < user.not_before {
            return Ok(None);
        }
        let roles = AccountRole::among(&cx.realm.roles_of(&user));
        let peer = cx.arrival.peer.to_string();
        Ok(Some((Self { cx, parts, user, session: Some(identity.session), peer, roles }, identity.state_checker)))
    }

    /// Refuses whoever has none of these roles.
    ///
    /// # Errors
    /// [`AccountError::Forbidden`]
    pub(crate) fn require(&self, one_of: &[AccountRole]) -> Result<(), AccountError> {
        if one_of.iter().any(|role| self.roles.contains(role)) { Ok(()) } else { Err(AccountError::Forbidden) }
    }

    /// Where and when they ask.
    pub(crate) fn at(&self) -> At<'_> {
        At { realm: &self.cx.realm, now: self.cx.now, peer: &self.peer }
    }

    /// Records what they did.
    pub(crate) fn record(&self, event_type: EventType, tell: impl FnOnce(Event) -> Event) {
        self.parts.events.at(&self.cx.realm, self.cx.now, self.cx.arrival.peer).success(event_type, |event| {
            let event = event.client(ACCOUNT).user(self.user.id.as_str());
            tell(event.session(self.session.as_ref().map(|id| id.as_str())))
        });
    }

    /// The user as it is by now.
    ///
    /// # Errors
    /// Users cannot be reached.
    pub(crate) async fn reload(&mut self) -> Result<(), AccountError> {
        if let Some(user) = self.parts.users.find_by_id(&self.cx.realm.name, self.user.id.as_str()).await? {
            self.user = user;
        }
        Ok(())
    }
}

/// Only an access token that names client `account` as its audience.
fn refuse_other_token(token: &InspectedToken) -> Result<(), AccountError> {
    let refuse = |why: &str| Err(AccountError::Unauthorized(why.to_owned()));
    if token.token_type != TokenType::Bearer {
        return refuse("not a bearer token");
    }
    if !token.audience.iter().any(|audience| audience == ACCOUNT) {
        return refuse("client account is not in the audience");
    }
    Ok(())
}

/// Whoever shows a token that is bound to a certificate has it; one that is bound to a key is no bearer token.
fn refuse_unbound(cx: &RealmContext, token: &InspectedToken, client: &Client) -> Result<(), AccountError> {
    if token.bound_to.jkt.is_some() {
        return Err(AccountError::Unauthorized("bound to a key".to_owned()));
    }
    let certificate = cx.certificate.as_ref();
    sender_constraint::refuse_other_certificate(client, token.bound_to.certificate.as_deref(), certificate)
        .map_err(|error| AccountError::Unauthorized(error.to_string()))
}
