//! The pages. Each is a struct with public plain fields, its template in `templates/<name>.html`.

pub mod account;
pub mod account_console;
pub mod consent;
pub mod device;
pub mod login;
pub mod logout;
pub mod otp;
pub mod password;
pub mod plain;
pub mod profile;
pub mod recovery;
#[cfg(test)]
mod tests;
pub mod web_authn;

use std::borrow::Cow;

use serde::Serialize;

use crate::{Texts, View};

/// What the frame has to know of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageKind {
    /// Its name: of its template, of a theme's `templates/<name>.html`, and, after `login-`, of `data-page-id`.
    pub name: &'static str,
    /// Whether it notices that another login took the browser over.
    pub checks_session: bool,
    /// Whether the title is the heading, instead of `Sign in to …`.
    pub titled_by_heading: bool,
    /// Whether the banner of the frame is shown; pages whose content is a message show it there.
    pub shows_banner: bool,
}

impl PageKind {
    /// A step of a login.
    const fn form(name: &'static str) -> Self {
        Self { name, checks_session: true, titled_by_heading: false, shows_banner: true }
    }

    /// A step that does not ask whether the browser is still in this login. Recorded of the page of terms.
    const fn action(name: &'static str) -> Self {
        Self { checks_session: false, ..Self::form(name) }
    }

    /// `data-page-id`: of the account console, or of a login.
    pub(crate) fn page_id(&self) -> String {
        if self.name.starts_with("account") { self.name.to_owned() } else { format!("login-{}", self.name) }
    }

    /// A page whose content is a message.
    const fn notice(name: &'static str) -> Self {
        Self { shows_banner: false, ..Self::form(name) }
    }
}

/// A page: what makes its heading and its content.
pub trait Page: Serialize {
    /// What it is.
    fn kind(&self) -> PageKind;

    /// Its `h1`.
    fn heading<'t>(&'t self, texts: &Texts<'t>) -> Cow<'t, str>;

    /// What stands below the heading, as HTML.
    ///
    /// # Errors
    /// Never, as long as memory lasts.
    fn write(&self, view: &View<'_>, out: &mut String) -> askama::Result<()>;
}

/// Whether an application asked for the action (`kc_action`): then it can be cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Initiated {
    /// The login does.
    #[default]
    ByLogin,
    /// The application did.
    ByApplication,
}

impl Initiated {
    /// For templates.
    pub(crate) const fn cancellable(self) -> bool {
        matches!(self, Self::ByApplication)
    }
}

/// Ties a page to its template, its kind and its heading.
macro_rules! page {
    ($page:ident in $template:tt, $kind:expr, |$p:ident, $texts:ident| $heading:expr) => {
        const _: () = {
            #[derive(askama::Template)]
            #[template(path = $template)]
            #[allow(dead_code)] // some templates ask nothing of the frame
            struct Content<'a> {
                f: &'a $crate::View<'a>,
                p: &'a $page<'a>,
            }

            impl $crate::Page for $page<'_> {
                fn kind(&self) -> $crate::PageKind {
                    $kind
                }

                fn heading<'t>(&'t self, $texts: &$crate::Texts<'t>) -> std::borrow::Cow<'t, str> {
                    let $p = self;
                    $heading
                }

                fn write(&self, view: &$crate::View<'_>, out: &mut String) -> askama::Result<()> {
                    askama::Template::render_into(&Content { f: view, p: self }, out)
                }
            }
        };
    };
}
pub(crate) use page;
