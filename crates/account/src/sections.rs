//! The pages: each shows one section of an account, and takes its form.

use login_pages::{
    AccountApplication, AccountApplicationsPage, AccountCredential, AccountNav, AccountPage, AccountProfilePage,
    AccountSecurityPage, AccountSession, AccountSessionsPage, AccountSetUp, ClientLink, FieldFault, Frame, LanguageChoice,
    Locale, Message, Page,
};
use oidc_types::{Params, Secret};
use realm_http::RealmContext;
use realm_model::Client;
use sessions::SessionKind;
use user_profile::{Context, Viewer};

use crate::caller::Caller;
use crate::credentials::{self, NotChanged};
use crate::error::AccountError;
use crate::roles::AccountRole;
use crate::user_sessions::{self, Ending};
use crate::{Account, applications, date, links, profile};

/// The field that every form carries.
pub(crate) const STATE_CHECKER: &str = "stateChecker";

/// A section of the account, by Keycloak's paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Profile,
    Security,
    Sessions,
    Applications,
}

impl Section {
    /// The section at a path below `account/`; any other is the first.
    pub(crate) fn at(path: &str) -> Self {
        match path.trim_end_matches('/') {
            "account-security" | "account-security/signing-in" => Self::Security,
            "account-security/device-activity" => Self::Sessions,
            "applications" => Self::Applications,
            _ => Self::Profile,
        }
    }

    /// Its path.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Profile => "",
            Self::Security => "account-security/signing-in",
            Self::Sessions => "account-security/device-activity",
            Self::Applications => "applications",
        }
    }
}

/// What a form has led to: said above the page, and at its fields.
#[derive(Default)]
pub(crate) struct Said<'f> {
    pub(crate) banner: Option<Message>,
    pub(crate) faults: Vec<FieldFault>,
    /// What was sent and is shown again.
    pub(crate) sent: Option<&'f Params>,
}

impl Said<'_> {
    pub(crate) fn done() -> Self {
        Self { banner: Some(Message::success("accountUpdatedMessage")), ..Self::default() }
    }

    fn fault(field: &'static str, key: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self { faults: vec![FieldFault::new(field, Message::error(key))], ..Self::default() }
    }
}

/// The frame of all pages of one request.
pub(crate) struct Sheet<'a> {
    pub(crate) cx: &'a RealmContext,
    pub(crate) parts: &'a Account,
    pub(crate) locale: &'a Locale,
    pub(crate) section: Section,
    /// `referrer`, `referrer_uri`
    pub(crate) referrer: Option<(&'a Client, String)>,
}

impl Sheet<'_> {
    fn languages(&self) -> Vec<LanguageChoice> {
        let locales = &self.cx.realm.locales;
        let base = format!("{}/{}", links::base(self.cx), self.section.path());
        let choice = |code: &std::sync::Arc<str>| LanguageChoice {
            code: code.to_string(),
            url: format!("{base}?kc_locale={}", links::encoded(code)),
        };
        if locales.enabled { locales.supported.iter().map(choice).collect() } else { Vec::new() }
    }

    pub(crate) fn render(&self, message: Option<&Message>, page: &impl Page) -> String {
        let languages = self.languages();
        let frame = Frame {
            realm: Some(&self.cx.realm),
            base_path: &self.cx.arrival.prefix,
            message,
            languages: &languages,
            ..Frame::new(self.locale)
        };
        self.parts.pages.render(&frame, page)
    }

    /// The page for whom nobody is logged in.
    pub(crate) fn signed_out(&self) -> (String, String) {
        let sign_in_url = links::sign_in(self.cx, self.section.path(), None);
        (self.render(None, &AccountPage { sign_in_url: &sign_in_url }), sign_in_url)
    }

    /// The section of whoever is logged in.
    pub(crate) async fn show(
        &self,
        caller: &Caller<'_>,
        checker: &Secret<String>,
        said: &Said<'_>,
    ) -> Result<String, AccountError> {
        caller.require(&[AccountRole::ManageAccount, AccountRole::ViewProfile])?;
        let (base, sign_out_url) = (links::base(self.cx), links::sign_out(self.cx));
        let referrer = self.referrer.as_ref().map(|(client, url)| ClientLink { name: name_of(client), base_url: Some(url) });
        let nav = AccountNav {
            base: &base,
            sign_out_url: &sign_out_url,
            state_checker: checker.expose(),
            username: &caller.user.username,
            referrer,
        };
        match self.section {
            Section::Profile => Ok(self.profile(caller, nav, said)),
            Section::Security => Ok(self.security(caller, nav, said)),
            Section::Sessions => self.sessions(caller, nav, said).await,
            Section::Applications => self.applications(caller, nav, said).await,
        }
    }

    fn profile(&self, caller: &Caller<'_>, nav: AccountNav<'_>, said: &Said<'_>) -> String {
        let (realm, user) = (&self.cx.realm, Some(&*caller.user));
        let fields = profile_form::fields(realm, (Context::Account, &Viewer::USER), user, said.sent);
        self.render(said.banner.as_ref(), &AccountProfilePage { nav, fields: &fields, faults: &said.faults })
    }

    fn security(&self, caller: &Caller<'_>, nav: AccountNav<'_>, said: &Said<'_>) -> String {
        let others: Vec<_> = caller.user.credentials.iter().filter(|one| credentials::type_of(one) != "password").collect();
        let kinds: Vec<_> = others.iter().map(|one| format!("{}-display-name", credentials::type_of(one))).collect();
        let created: Vec<_> = others.iter().map(|one| one.created_date.map(date::shown).unwrap_or_default()).collect();
        let remove = |id: &str| links::sign_in(self.cx, self.section.path(), Some(&format!("delete_credential:{id}")));
        let removes: Vec<_> = others.iter().map(|one| remove(one.id.as_deref().unwrap_or_default())).collect();
        let shown = others.iter().zip(&kinds).zip(&created).zip(&removes).map(|(((one, kind), created), url)| {
            AccountCredential { remove_url: url, kind, label: one.label.as_deref().unwrap_or_default(), created }
        });
        let has_password = credentials::has_password(caller);
        let set_up = credentials::kinds(caller).filter(|kind| !(has_password && kind.name == "password"));
        let set_up = set_up.filter(|kind| self.cx.realm.required_actions.has_enabled(kind.action));
        let set_up: Vec<_> = set_up
            .map(|kind| AccountSetUp {
                action: kind.action.to_owned(),
                url: links::sign_in(self.cx, self.section.path(), Some(kind.action)),
            })
            .collect();
        let credentials: Vec<_> = shown.collect();
        let page = AccountSecurityPage { nav, has_password, credentials: &credentials, set_up: &set_up, faults: &said.faults };
        self.render(said.banner.as_ref(), &page)
    }

    async fn sessions(&self, caller: &Caller<'_>, nav: AccountNav<'_>, said: &Said<'_>) -> Result<String, AccountError> {
        let live = user_sessions::live(caller, SessionKind::Online).await?;
        let texts = self.parts.pages.texts(&self.cx.realm, self.locale);
        let one = |session: &sessions::UserSession| AccountSession {
            id: session.id.as_str().to_owned(),
            current: caller.session.as_ref() == Some(&session.id),
            address: session.note("ipAddress").unwrap_or_default().to_owned(),
            started: date::shown(session.started.millis()),
            last_access: date::shown(session.last_refresh.millis()),
            clients: user_sessions::clients(caller, session)
                .map(|client| texts.resolve(name_of(client)).into_owned())
                .collect::<Vec<_>>()
                .join(", "),
        };
        let sessions: Vec<_> = live.iter().map(one).collect();
        Ok(self.render(said.banner.as_ref(), &AccountSessionsPage { nav, sessions: &sessions }))
    }

    async fn applications(&self, caller: &Caller<'_>, nav: AccountNav<'_>, said: &Said<'_>) -> Result<String, AccountError> {
        let list = applications::list(caller).await?;
        let one = |application: &applications::Application<'_>| AccountApplication {
            client_id: application.client.client_id.as_str().to_owned(),
            name: name_of(application.client).to_owned(),
            url: application.url(&self.cx.bases.front).unwrap_or_default(),
            in_use: application.in_use,
            offline: application.offline,
            scopes: application.granted.iter().flatten().map(|scope| scope.consent_text().to_owned()).collect(),
            revocable: application.is_revocable(),
        };
        let shown: Vec<_> = list.iter().map(one).collect();
        Ok(self.render(said.banner.as_ref(), &AccountApplicationsPage { nav, applications: &shown }))
    }
}

fn name_of(client: &Client) -> &str {
    client.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(client.client_id.as_str())
}

/// Does what a form of a section says. A form that does not carry what this browser's pages carry was made by somebody else, or
/// before another login: nothing is done.
///
/// # Errors
/// A role is missing; or the server cannot say.
pub(crate) async fn take<'f>(
    caller: &mut Caller<'_>,
    section: Section,
    (form, checker): (&'f Params, &Secret<String>),
) -> Result<Said<'f>, AccountError> {
    if !form.get(STATE_CHECKER).is_some_and(|given| checker.matches(given.as_bytes())) {
        return Ok(Said { banner: Some(Message::error("latchkey.account.stale")), ..Said::default() });
    }
    let said = match section {
        Section::Profile => take_profile(caller, form).await,
        Section::Security => take_security(caller, form).await,
        Section::Sessions => {
            let ending = form.get("session").map_or(Ending::Others, Ending::One);
            user_sessions::end(caller, ending).await.map(|()| Said::done())
        }
        Section::Applications => match form.get("revoke") {
            Some(client) => applications::revoke(caller, client).await.map(|()| Said::done()),
            None => Ok(Said::default()),
        },
    };
    match said {
        Err(AccountError::Forbidden) => {
            Ok(Said { banner: Some(Message::error("latchkey.account.forbidden")), ..Said::default() })
        }
        Err(AccountError::NotFound(_)) => Ok(Said::default()), // it is gone already
        said => said,
    }
}

async fn take_profile<'f>(caller: &mut Caller<'_>, form: &'f Params) -> Result<Said<'f>, AccountError> {
    let mut values = profile_form::values(form);
    values.remove(STATE_CHECKER);
    match profile::change(caller, &values).await {
        Ok(()) => Ok(Said::done()),
        Err(AccountError::Profile(faults)) => {
            Ok(Said { faults: profile_form::faults(&caller.cx.realm, &faults), sent: Some(form), ..Said::default() })
        }
        Err(AccountError::Taken(field, key)) => Ok(Said { sent: Some(form), ..Said::fault(field, key) }),
        Err(other) => Err(other),
    }
}

async fn take_security<'f>(caller: &mut Caller<'_>, form: &'f Params) -> Result<Said<'f>, AccountError> {
    const WRONG: &str = "invalidPasswordExistingMessage";
    let new = form.get("password-new").unwrap_or_default();
    if new.trim().is_empty() {
        return Ok(Said::fault("password-new", "missingPasswordMessage"));
    }
    if form.get("password-confirm") != Some(new) {
        return Ok(Said::fault("password-confirm", "notMatchPasswordMessage"));
    }
    let ending = (form.get("logout-sessions") == Some("on")).then_some(Ending::Others);
    match credentials::change_password(caller, (form.get("password-current"), new), ending).await {
        Ok(()) => Ok(Said { banner: Some(Message::success("accountPasswordUpdatedMessage")), ..Said::default() }),
        Err(NotChanged::Policy(key, argument)) => {
            let message = argument.into_iter().fold(Message::error(key), Message::with);
            Ok(Said { faults: vec![FieldFault::new("password-new", message)], ..Said::default() })
        }
        Err(NotChanged::Other(AccountError::Password(_))) => Ok(Said::fault("password-current", WRONG)),
        Err(NotChanged::Other(other)) => Err(other),
    }
}
