//! What a browser gets.

use login_pages::form_post;

use crate::authorization::{Parameters, ResponseMode};

/// What a browser gets, beside the cookies.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A page of a login.
    Page(String),
    /// On to another URL.
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

    /// The answer, in the plain modes.
    pub(crate) fn deliver(&self, parameters: &[(&str, &str)]) -> Answer {
        let (base, fragment) = match self.redirect_uri.split_once('#') {
            Some((base, fragment)) => (base, Some(fragment)),
            None => (self.redirect_uri.as_str(), None),
        };
        match self.mode {
            ResponseMode::Query | ResponseMode::QueryJwt => {
                let joint = if base.contains('?') { '&' } else { '?' };
                let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
                Answer::Redirect(format!("{base}{joint}{}{fragment}", encoded(parameters)))
            }
            ResponseMode::Fragment | ResponseMode::FragmentJwt => Answer::Redirect(format!("{base}#{}", encoded(parameters))),
            ResponseMode::FormPost | ResponseMode::FormPostJwt => Answer::Posts(form_post(&self.redirect_uri, parameters)),
        }
    }
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
