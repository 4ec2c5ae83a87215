//! A browser logs out because an application asks for it (OpenID Connect RP-Initiated Logout 1.0; wire-browser.md section 10).

mod confirm;
mod leave;

pub(crate) use confirm::{LOGOUT, STALE};

use std::sync::Arc;

use events::{Event, EventType};
use login_pages::Wishes;
use oidc_types::{Params, SessionId};
use realm_model::Client;
use sessions::{Seen, SessionKind, UserSession};
use token_issuer::{InspectContext, InspectedToken, Purpose, RefusedToken, TokenType};

use crate::browser::Browser;
use crate::error::{LoginError, PageFault};
use crate::finish::{IDENTITY, SESSION};
use crate::identity;
use crate::redirect_uri::RedirectUri;

/// The parameter that says where people go who have logged out.
const TARGET: &str = "post_logout_redirect_uri";

/// What a browser gets that logs out, beside the cookies.
#[derive(Debug)]
pub(crate) enum Left {
    /// A page.
    Page(String),
    /// On to where the application wants people to go.
    Redirect(String),
    /// The page that tells applications in frames, and their hosts.
    Frames {
        /// The document.
        html: String,
        /// `host:port` of each frame.
        hosts: Vec<String>,
    },
}

/// How applications are told that can be told by the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// It is the browser that was signed in: in frames.
    InFrames,
    /// It is another one. Keycloak: recording logout/get-front-channel-client.
    ByServer,
}

/// Where somebody goes who has logged out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Destination {
    uri: Option<String>,
    state: Option<String>,
}

/// A browser that wants to log out.
pub(crate) struct EndSession<'b, 'a> {
    browser: &'b mut Browser<'a>,
    /// The application that asks for it, once it is known.
    pub(crate) client: Option<Arc<Client>>,
    /// The client and the tab of the page that was answered.
    asked_of: Option<String>,
    tab_id: Option<String>,
    ui_locales: Option<String>,
}

impl<'b, 'a> EndSession<'b, 'a> {
    pub(crate) const fn new(browser: &'b mut Browser<'a>) -> Self {
        Self { browser, client: None, asked_of: None, tab_id: None, ui_locales: None }
    }

    /// The request of the application.
    pub(crate) async fn ask(&mut self, params: &Params) -> Result<Left, LoginError> {
        self.browser.choose_language(&Wishes { ui_locales: params.get("ui_locales"), ..Wishes::default() });
        let asked = |name: &str| params.get(name).map(str::to_owned);
        let hint = asked("id_token_hint").filter(|hint| !hint.is_empty());
        let (client_id, uri) = (params.get("client_id"), asked(TARGET));
        if params.get("redirect_uri").is_some() {
            return Err(self.refuse("invalid_request", PageFault::at_logout("Parameter 'redirect_uri' no longer supported.")));
        }
        if uri.is_some() && hint.is_none() && client_id.is_none() {
            let fault = PageFault::at_logout("missingParameterMessage").with("id_token_hint");
            return Err(self.refuse("invalid_request", fault));
        }
        let hint = match hint {
            Some(hint) => Some(self.read_hint(&hint, client_id).await?),
            None => None,
        };
        let realm = &self.browser.cx.realm;
        let client_id = client_id.or(hint.as_ref().map(|hint| hint.client_id.as_str()));
        self.client = client_id.and_then(|id| realm.client(id)).cloned();
        let destination = Destination { uri, state: asked("state").filter(|state| !state.is_empty()) };
        self.refuse_unregistered(&destination)?;
        self.choose_language(asked("ui_locales"));
        self.decide(hint.as_ref(), destination).await
    }

    /// Who is signed in decides whether people are asked first.
    async fn decide(&mut self, hint: Option<&InspectedToken>, destination: Destination) -> Result<Left, LoginError> {
        let signed_in = identity::find_named_session(self.browser).await?;
        let hinted = hint.and_then(|hint| hint.session.as_ref());
        let ending = match (signed_in, hint) {
            // The hint names the session of this browser.
            (Some(session), Some(_)) if hinted == Some(&session.id) => Some((session.value, Told::InFrames)),
            // Somebody else's, or none: it could be any page that sends the browser here.
            (Some(_), _) => return self.ask_first(&destination).await,
            (None, Some(hint)) => self.session_of(hint).await?.map(|session| (session, Told::ByServer)),
            (None, None) if self.client.is_some() && destination.uri.is_some() => None,
            (None, None) => return self.ask_first(&destination).await,
        };
        let left = self.leave(ending, &destination).await?;
        self.browser.forget_logouts().await?;
        Ok(left)
    }

    /// An ID token of this realm, in time or not, of the client that asks.
    async fn read_hint(&mut self, hint: &str, client_id: Option<&str>) -> Result<InspectedToken, LoginError> {
        let cx = self.browser.cx;
        let accepts_issuer = |issuer: &str| cx.accepts_issuer(issuer);
        let context = InspectContext { realm: &cx.realm, accepts_issuer: &accepts_issuer, now: cx.now };
        // Keycloak: an expired one will do (recording logout/get-hint-expired), which RP-Initiated Logout 1.0 section 2 allows.
        match self.browser.parts.token_issuer.inspect(hint, context, Purpose::Logout).await {
            Ok(token) if token.token_type == TokenType::Id && client_id.is_none_or(|id| token.client_id.as_str() == id) => {
                Ok(token)
            }
            Err(RefusedToken::Keys(error)) => Err(error.into()),
            Ok(_) | Err(_) => {
                let fault = PageFault::at_logout("invalidParameterMessage").with("id_token_hint");
                Err(self.refuse("invalid_token", fault))
            }
        }
    }

    fn refuse_unregistered(&self, destination: &Destination) -> Result<(), LoginError> {
        let Some(uri) = &destination.uri else { return Ok(()) };
        let client = self.client.as_deref();
        match client.and_then(|client| RedirectUri::after_logout(client, &self.browser.cx.bases.front, uri)) {
            Some(_) => Ok(()),
            None => Err(self.refuse("invalid_redirect_uri", PageFault::at_logout("invalidRedirectUriMessage"))),
        }
    }

    /// The session that a hint names; one that began later only has its id.
    async fn session_of(&self, hint: &InspectedToken) -> Result<Option<UserSession>, LoginError> {
        let Some(id) = &hint.session else { return Ok(None) };
        let found = self.find(id).await?;
        Ok(found.map(|session| session.value).filter(|session| hint.issued >= session.started.secs()))
    }

    async fn find(&self, id: &SessionId) -> Result<Option<Seen<UserSession>>, LoginError> {
        let cx = self.browser.cx;
        Ok(self.browser.parts.sessions.find(&cx.realm.name, SessionKind::Online, id, cx.now).await?)
    }

    /// The language of the pages: what the application asks for, where the browser has chosen none.
    fn choose_language(&mut self, ui_locales: Option<String>) {
        self.browser.choose_language(&Wishes { ui_locales: ui_locales.as_deref(), ..Wishes::default() });
        self.ui_locales = ui_locales;
    }

    /// Records what was refused, with Keycloak's word for why.
    fn refuse(&self, error: &'static str, fault: PageFault) -> LoginError {
        let cx = self.browser.cx;
        let recorder = self.browser.parts.events.at(&cx.realm, cx.now, cx.arrival.peer);
        recorder.error(EventType::Logout, error, |event| self.of_client(event).fact(&fault));
        fault.into()
    }

    fn of_client(&self, event: Event) -> Event {
        match &self.client {
            Some(client) => event.client(client.client_id.as_str()),
            None => event,
        }
    }

    /// The cookies of whoever was signed in here.
    fn clear_cookies(&mut self) {
        for name in [IDENTITY, SESSION, crate::finish::REMEMBER_ME] {
            self.browser.cookies.clear_sent(name);
        }
    }
}
