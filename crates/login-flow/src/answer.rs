//! What a browser gets.

use std::sync::Arc;

use login_pages::form_post;
use realm_model::Client;

use crate::authorization::{Parameters, ResponseMode};

/// What a browser gets, beside the cookies.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A page of a login.
    Page(String),
    /// On to another URL.
    Redirect(String),
    /// On to an identity provider. Keycloak: 303 (recording login-page/idp-hint).
    SeeOther(String),
    /// What the client asked for, or why not.
    ToClient(ClientAnswer),
}

/// What goes to a client through the browser. Not `Debug` as a whole: there are tokens in it.
pub(crate) struct ClientAnswer {
    pub(crate) to: ReturnAddress,
    pub(crate) client: Arc<Client>,
    pub(crate) parameters: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for ClientAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.parameters.iter().map(|(name, _)| name)).finish()
    }
}

/// A client's answer as it goes over the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// On to the client.
    Redirect(String),
    /// The document that posts to the client (`form_post`).
    Posts(String),
}

/// Where the client wants its answer, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnAddress {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
}

impl ReturnAddress {
    /// Of a request that names where it wants its answer.
    pub(crate) fn new(redirect_uri: &str, mode: ResponseMode, parameters: &Parameters) -> Self {
        Self { redirect_uri: redirect_uri.to_owned(), mode, state: parameters.get("state").map(str::to_owned) }
    }

    /// An answer to `client`: `state` is added where it belongs by whoever makes the parameters.
    pub(crate) fn answer(self, client: &Arc<Client>, parameters: Vec<(&'static str, String)>) -> Answer {
        Answer::ToClient(ClientAnswer { to: self, client: Arc::clone(client), parameters })
    }

    /// `error, [error_description], state, iss`: Keycloak's order.
    pub(crate) fn refuse(self, client: &Arc<Client>, issuer: &str, (error, description): (&str, Option<&str>)) -> Answer {
        let mut parameters = vec![("error", error.to_owned())];
        parameters.extend(description.map(|description| ("error_description", description.to_owned())));
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        if tells_issuer(client) {
            parameters.push(("iss", issuer.to_owned()));
        }
        self.answer(client, parameters)
    }

    /// The parameters as they go over the wire; in the JWT modes they are the one parameter `response`.
    pub(crate) fn deliver(&self, parameters: &[(&str, &str)]) -> Delivery {
        let (base, fragment) = match self.redirect_uri.split_once('#') {
            Some((base, fragment)) => (base, Some(fragment)),
            None => (self.redirect_uri.as_str(), None),
        };
        match self.mode {
            ResponseMode::Query | ResponseMode::QueryJwt => {
                let joint = if base.contains('?') { '&' } else { '?' };
                let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
                Delivery::Redirect(format!("{base}{joint}{}{fragment}", encoded(parameters)))
            }
            ResponseMode::Fragment | ResponseMode::FragmentJwt => Delivery::Redirect(format!("{base}#{}", encoded(parameters))),
            ResponseMode::FormPost | ResponseMode::FormPostJwt => {
                Delivery::Posts(form_post(&self.redirect_uri, &in_form_order(parameters)))
            }
        }
    }
}

/// Keycloak: `exclude.issuer.from.auth.response` (recording authorize-errors/error-without-iss-and-session-state).
pub(crate) fn tells_issuer(client: &Client) -> bool {
    !client.is_on("exclude.issuer.from.auth.response")
}

/// Keycloak: the fields of a posted answer stand in this order (wire-browser.md section 5).
const FORM_ORDER: [&str; 11] = [
    "access_token",
    "code",
    "error_description",
    "iss",
    "id_token",
    "state",
    "session_state",
    "error",
    "token_type",
    "expires_in",
    "scope",
];

fn in_form_order<'p>(parameters: &[(&'p str, &'p str)]) -> Vec<(&'p str, &'p str)> {
    let mut ordered = parameters.to_vec();
    ordered.sort_by_key(|(name, _)| FORM_ORDER.iter().position(|known| known == name).unwrap_or(FORM_ORDER.len()));
    ordered
}

/// `name=value&…` (RFC 6749 appendix B).
pub(crate) fn encoded(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A value within a query or fragment.
pub(crate) fn encode(text: &str) -> String {
    const QUERY: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, QUERY).to_string()
}
