//! Whoever comes without a hint of their own session is asked first: any page could have sent them.

use login_pages::{BackLink, LogoutConfirmPage};
use oidc_types::Params;
use realm_model::Realm;
use sessions::Tab;
use subtle::ConstantTimeEq;

use super::{Destination, EndSession, Left, TARGET, Told};
use crate::answer::encoded;
use crate::browser::{Found, STEP};
use crate::error::{LoginError, PageFault, Within};
use crate::identity;
use crate::login::hashed;
use crate::urls::{path_of, restart_path};

/// Whose name a logout bears that no application has asked for.
const SYSTEM_CLIENT: &str = "account";

/// Note of a tab: it is a logout; [`STALE`] once somebody has logged in since.
pub(crate) const LOGOUT: &str = "logout";

/// The logout was asked for before a later login.
pub(crate) const STALE: &str = "stale";

impl EndSession<'_, '_> {
    /// The page that asks.
    pub(super) async fn ask_first(&mut self, destination: &Destination) -> Result<Left, LoginError> {
        self.browser.ensure_quiet_id().await?;
        let id = self.browser.cx.entropy().base64url(8);
        let named = self.client.as_ref().map(|client| ("client_id", client.client_id.as_str()));
        let asked = [
            named,
            destination.uri.as_deref().map(|uri| (TARGET, uri)),
            destination.state.as_deref().map(|state| ("state", state)),
            self.ui_locales.as_deref().map(|locales| ("ui_locales", locales)),
        ];
        let request = asked.into_iter().flatten().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let client = internal_id(&self.browser.cx.realm, self.client_id());
        let mut tab = Tab::new(id, client, request, self.browser.cx.now);
        tab.set_note(LOGOUT, "asked");
        self.show(tab, None).await
    }

    /// The name under which the logout goes.
    pub(super) fn client_id(&self) -> &str {
        self.client.as_ref().map_or(SYSTEM_CLIENT, |client| client.client_id.as_str())
    }

    async fn show(&mut self, mut tab: Tab, found: Option<&Found>) -> Result<Left, LoginError> {
        let cx = self.browser.cx;
        let code = cx.entropy().base64url(32);
        tab.set_note(STEP, &hashed(&code));
        self.browser.keep(&tab, found).await?;
        let query = encoded(&[("client_id", self.client_id()), ("tab_id", &tab.id)]);
        let action = path_of(&format!("{}/{}/logout-confirm?{query}", cx.issuer(), crate::logout::ENDPOINT));
        let languages = self.browser.languages(|locale| format!("{action}&kc_locale={locale}"));
        let page = LogoutConfirmPage { action: &action, session_code: &code, link: BackLink::Shown };
        Ok(Left::Page(self.page((&tab.id, &languages), &page)))
    }

    /// The page again, in another language.
    pub(crate) async fn ask_again(&mut self, query: &Params) -> Result<Left, LoginError> {
        let tab = self.find_tab(query)?;
        self.browser.keep_language();
        let found = Found::of(&tab);
        self.show(tab, Some(&found)).await
    }

    /// The form of the page: somebody wants to log out.
    // Keycloak: a form without the page's secret, or with another one, is its 500 (recording logout/confirm-forged).
    pub(crate) async fn confirm(&mut self, query: &Params, form: &Params) -> Result<Left, LoginError> {
        let tab = self.find_tab(query)?;
        let kept = tab.note(STEP).unwrap_or_default().to_owned();
        let shown = hashed(form.get("session_code").unwrap_or_default());
        if !bool::from(shown.as_bytes().ct_eq(kept.as_bytes())) || form.get("confirmLogout").is_none() {
            return Err(self.failed());
        }
        self.browser.end(&tab.client, &Found::of(&tab)).await.map_err(|error| match error {
            LoginError::Overtaken => self.failed(),
            other => other,
        })?;
        let asked = |name: &str| tab.request.iter().find(|(asked, _)| asked == name).map(|(_, value)| value.clone());
        let destination = Destination { uri: asked(TARGET), state: asked("state") };
        self.refuse_unregistered(&destination)?; // the client may have changed meanwhile
        let session = identity::find_named_session(self.browser).await?.map(|session| (session.value, Told::InFrames));
        self.leave(session, &destination).await
    }

    /// The logout that a page of this browser belongs to.
    fn find_tab(&mut self, query: &Params) -> Result<Tab, LoginError> {
        let client_id = query.get("client_id").unwrap_or_default();
        let client = self.browser.cx.realm.client(client_id).cloned();
        let internal = client.as_ref().map_or("", |client| &client.id);
        let tab = query.get("tab_id").and_then(|id| self.browser.tab(id, internal)).filter(|tab| tab.note(LOGOUT).is_some());
        let tab = tab.cloned();
        let is_named = |tab: &Tab| tab.request.iter().any(|(name, _)| name == "client_id");
        self.asked_of = client.as_ref().map(|client| client.client_id.as_str().to_owned());
        self.client = client.filter(|_| tab.as_ref().is_some_and(is_named));
        self.tab_id = tab.as_ref().map(|tab| tab.id.clone());
        let asked = |tab: &Tab| tab.request.iter().find(|(name, _)| name == "ui_locales").map(|(_, value)| value.clone());
        self.choose_language(tab.as_ref().and_then(asked));
        tab.filter(|tab| tab.note(LOGOUT) != Some(STALE)).ok_or_else(|| self.failed())
    }

    fn failed(&self) -> LoginError {
        let client = self.asked_of.as_deref().map(|id| ("client_id", id));
        let tab = self.tab_id.as_deref().map(|id| ("tab_id", id));
        let query: Vec<_> = client.into_iter().chain(tab).collect();
        let within =
            Within { restart_path: restart_path(&self.browser.cx.issuer(), &query), session_hash: None, languages: Vec::new() };
        self.refuse("logout_failed", PageFault { within: Some(Box::new(within)), ..PageFault::at_logout("failedLogout") })
    }
}

/// The internal id of the client under whose name a logout goes.
fn internal_id<'r>(realm: &'r Realm, client_id: &str) -> &'r str {
    realm.client(client_id).map_or("", |client| &client.id)
}
