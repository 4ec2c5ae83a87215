//! Pages that say something and perhaps lead on: nothing is typed there.

use serde::Serialize;

use super::{PageKind, page};
use crate::{Message, View};

/// Something went wrong (`We are sorry...`), with a way back to the application of the frame.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ErrorPage<'a> {
    /// What.
    pub message: &'a Message,
    /// Whether the link to the application is left out.
    pub link: BackLink,
}

/// Whether a page leads back to the frame's application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BackLink {
    /// Where the application has a base URL.
    #[default]
    Shown,
    /// Never (Keycloak's `skipLink`).
    Hidden,
}

impl<'a> ErrorPage<'a> {
    /// An error with the link back, where there is one.
    pub const fn new(message: &'a Message) -> Self {
        Self { message, link: BackLink::Shown }
    }

    fn back_url<'v>(&self, view: &View<'v>) -> Option<&'v str> {
        view.back_url().filter(|_| self.link == BackLink::Shown)
    }
}

page!(ErrorPage in "error.html", PageKind::notice("error"), |_p, texts| texts.text("errorTitle"));

/// Where an [`InfoPage`] leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "url")]
pub enum InfoLink<'a> {
    /// On: `» Click here to proceed`.
    Proceed(&'a str),
    /// `« Back to Application`.
    BackTo(&'a str),
    /// `Try again` (device page).
    TryAgain(&'a str),
}

impl<'a> InfoLink<'a> {
    /// For templates: the address, and the key of the text.
    pub(crate) const fn parts(self) -> (&'a str, &'static str) {
        match self {
            Self::Proceed(url) => (url, "proceedWithAction"),
            Self::BackTo(url) => (url, "backToApplication"),
            Self::TryAgain(url) => (url, "doTryAgain"),
        }
    }
}

/// Something to know.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct InfoPage<'a> {
    /// Its heading; nothing: the message is the heading, too.
    pub heading: Option<&'a Message>,
    /// What.
    pub message: &'a Message,
    /// Required actions that are named after the message, by their aliases.
    pub required_actions: &'a [&'a str],
    /// Where it leads.
    pub link: Option<InfoLink<'a>>,
}

impl<'a> InfoPage<'a> {
    /// An info page that leads nowhere.
    pub const fn new(message: &'a Message) -> Self {
        Self { heading: None, message, required_actions: &[], link: None }
    }
}

page!(InfoPage in "info.html", PageKind::notice("info"), |p, texts| texts.message(p.heading.unwrap_or(p.message)));

/// A form that is no longer the login's step.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PageExpired<'a> {
    /// `…/login-actions/restart?…`.
    pub restart_url: &'a str,
    /// The step that the login is at.
    pub continue_url: &'a str,
}

page!(PageExpired in "login-page-expired.html", PageKind::form("login-page-expired"), |_p, texts| texts.text("pageExpiredTitle"));
