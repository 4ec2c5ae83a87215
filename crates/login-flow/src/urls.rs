//! The URLs of a login's pages (wire-browser.md section 4).

use base64_simd::URL_SAFE_NO_PAD;
use realm_model::Client;
use serde::{Deserialize, Serialize};

use crate::answer::{ReturnAddress, encoded};
use crate::authorization::AuthorizationRequest;

/// The URLs of one tab.
pub(crate) struct Urls {
    /// `{issuer}/login-actions`
    actions: String,
    /// `client_id, tab_id, client_data`
    tab: Vec<(&'static str, String)>,
}

impl Urls {
    pub(crate) fn new(issuer: &str, client: &Client, (tab_id, client_data): (&str, &str)) -> Self {
        let tab = vec![
            ("client_id", client.client_id.as_str().to_owned()),
            ("tab_id", tab_id.to_owned()),
            ("client_data", client_data.to_owned()),
        ];
        Self { actions: format!("{issuer}/login-actions"), tab }
    }

    fn with<'a>(&'a self, before: &[(&'a str, &'a str)], after: &[(&'a str, &'a str)]) -> String {
        let tab = self.tab.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<_> = before.iter().copied().chain(tab).chain(after.iter().copied()).collect();
        encoded(&all)
    }

    /// Where a form posts.
    pub(crate) fn action(&self, path: &str, session_code: &str, execution: &str) -> String {
        format!("{}/{path}?{}", self.actions, self.with(&[("session_code", session_code), ("execution", execution)], &[]))
    }

    /// A link, or a redirect, to another page of the login.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}/{path}?{}", self.actions, self.with(&[], &[]))
    }

    /// The same without scheme and host.
    pub(crate) fn link_path(&self, path: &str) -> String {
        path_of(&self.link(path))
    }

    /// A redirect to the page of an execution or of a required action.
    pub(crate) fn page(&self, path: &str, execution: &str) -> String {
        format!("{}/{path}?{}", self.actions, self.with(&[("execution", execution)], &[]))
    }

    /// A link of a mail.
    pub(crate) fn action_token(&self, key: &str, execution: Option<&str>) -> String {
        let execution: Vec<_> = execution.map(|execution| ("execution", execution)).into_iter().collect();
        format!("{}/action-token?{}", self.actions, self.with(&[("key", key)], &execution))
    }

    /// The same without scheme and host.
    pub(crate) fn action_token_path(&self, key: &str) -> String {
        path_of(&self.action_token(key, None))
    }

    /// The same page in another language, without scheme and host.
    pub(crate) fn in_language(&self, (path, execution): (&str, Option<&str>), locale: &str) -> String {
        let execution: Vec<_> = execution.map(|execution| ("execution", execution)).into_iter().collect();
        path_of(&format!("{}/{path}?{}", self.actions, self.with(&execution, &[("kc_locale", locale)])))
    }

    /// To an identity provider, without scheme and host.
    pub(crate) fn provider(&self, alias: &str, session_code: &str) -> String {
        let realm = self.actions.trim_end_matches("/login-actions");
        let query = self.with(&[], &[("session_code", session_code)]);
        path_of(&format!("{realm}/broker/{}/login?{query}", crate::answer::encode(alias)))
    }

    /// Begins anew, in the same tab.
    pub(crate) fn restart(&self) -> String {
        format!("{}/restart?{}", self.actions, self.with(&[], &[("skip_logout", "true")]))
    }

    /// The same without scheme and host.
    pub(crate) fn restart_path(&self) -> String {
        path_of(&self.restart())
    }
}

/// What a page outside any login has in the place of [`Urls::restart_path`].
pub(crate) fn restart_of_nobody(issuer: &str, client_id: Option<&str>) -> String {
    let client: Vec<_> = client_id.map(|id| ("client_id", id)).into_iter().collect();
    restart_path(issuer, &client)
}

/// The same where more is known: `client_id`, `tab_id`.
pub(crate) fn restart_path(issuer: &str, known: &[(&str, &str)]) -> String {
    let query: Vec<_> = known.iter().copied().chain([("skip_logout", "true")]).collect();
    path_of(&format!("{issuer}/login-actions/restart?{}", encoded(&query)))
}

/// An error page outside any login, in another language.
pub(crate) fn detached(issuer: &str, client_id: Option<&str>, (checker, locale): (&str, &str)) -> String {
    let client = client_id.map(|id| ("client_id", id)).into_iter();
    let query: Vec<_> = client.chain([("kc_state_checker", checker), ("kc_locale", locale)]).collect();
    path_of(&format!("{issuer}/login-actions/detached-info?{}", encoded(&query)))
}

/// A URL without scheme and host.
pub(crate) fn path_of(url: &str) -> String {
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    path.unwrap_or(url).to_owned()
}

/// `client_data`: where the client wants its answer, for when nothing else is known of the login any more. It is what a browser
/// says, and is judged as such.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ClientData {
    /// `redirect_uri`
    #[serde(rename = "ru")]
    pub(crate) redirect_uri: Option<String>,
    /// `response_type`
    #[serde(rename = "rt")]
    pub(crate) response_type: Option<String>,
    /// `response_mode`
    #[serde(rename = "rm", skip_serializing_if = "Option::is_none")]
    pub(crate) response_mode: Option<String>,
    /// `state`
    #[serde(rename = "st")]
    pub(crate) state: Option<String>,
}

impl ClientData {
    /// Reads the parameter; `None` for garbage.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode_to_vec(text.trim_end_matches('=').as_bytes()).ok()?).ok()
    }
}

pub(crate) fn client_data(to: &ReturnAddress, request: &AuthorizationRequest) -> String {
    let parameter = |name: &str| request.parameters().get(name).map(str::to_owned);
    let data = ClientData {
        redirect_uri: Some(to.redirect_uri.clone()),
        response_type: parameter("response_type"),
        response_mode: parameter("response_mode"),
        state: parameter("state"),
    };
    URL_SAFE_NO_PAD.encode_to_string(serde_json::to_vec(&data).unwrap_or_default())
}
