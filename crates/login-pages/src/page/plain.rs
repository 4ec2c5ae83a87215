//! Pages that say something and perhaps lead on: nothing is typed there.

use std::borrow::Cow;

use askama::Template;
use serde::Serialize;

use super::{Page, PageKind};
use crate::{Message, Texts, View};

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

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorContent<'a> {
    f: &'a View<'a>,
    p: &'a ErrorPage<'a>,
}

impl Page for ErrorPage<'_> {
    fn kind(&self) -> PageKind {
        PageKind::notice("error")
    }

    fn heading<'t>(&'t self, texts: &Texts<'t>) -> Cow<'t, str> {
        texts.text("errorTitle")
    }

    fn write(&self, view: &View<'_>, out: &mut String) -> askama::Result<()> {
        ErrorContent { f: view, p: self }.render_into(out)
    }
}

/// Where an [`InfoPage`] leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "url")]
pub enum InfoLink<'a> {
    /// On: `» Click here to proceed`.
    Proceed(&'a str),
    /// `« Back to Application`.
    BackTo(&'a str),
    /// `» Try again` (device page).
    TryAgain(&'a str),
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

#[derive(Template)]
#[template(path = "info.html")]
struct InfoContent<'a> {
    f: &'a View<'a>,
    p: &'a InfoPage<'a>,
}

impl Page for InfoPage<'_> {
    fn kind(&self) -> PageKind {
        PageKind::notice("info")
    }

    fn heading<'t>(&'t self, texts: &Texts<'t>) -> Cow<'t, str> {
        texts.message(self.heading.unwrap_or(self.message))
    }

    fn write(&self, view: &View<'_>, out: &mut String) -> askama::Result<()> {
        InfoContent { f: view, p: self }.render_into(out)
    }
}

/// A form that is no longer the login's step.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PageExpired<'a> {
    /// `…/login-actions/restart?…`.
    pub restart_url: &'a str,
    /// The step that the login is at.
    pub continue_url: &'a str,
}

#[derive(Template)]
#[template(path = "login-page-expired.html")]
struct ExpiredContent<'a> {
    f: &'a View<'a>,
    p: &'a PageExpired<'a>,
}

impl Page for PageExpired<'_> {
    fn kind(&self) -> PageKind {
        PageKind::form("login-page-expired")
    }

    fn heading<'t>(&'t self, texts: &Texts<'t>) -> Cow<'t, str> {
        texts.text("pageExpiredTitle")
    }

    fn write(&self, view: &View<'_>, out: &mut String) -> askama::Result<()> {
        ExpiredContent { f: view, p: self }.render_into(out)
    }
}
