//! The pages. Each is a struct with public plain fields, its template in `templates/<name>.html`.

pub mod login;
pub mod plain;

use std::borrow::Cow;

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
    const fn form(name: &'static str) -> Self {
        Self { name, checks_session: true, titled_by_heading: false, shows_banner: true }
    }

    const fn notice(name: &'static str) -> Self {
        Self { shows_banner: false, ..Self::form(name) }
    }
}

/// A page: what makes its heading and its content.
pub trait Page: serde::Serialize {
    /// What it is.
    fn kind(&self) -> PageKind;

    /// Its `h1`.
    fn heading<'t>(&'t self, texts: &Texts<'t>) -> Cow<'t, str>;

    /// What stands below the heading, as HTML.
    fn write(&self, view: &View<'_>, out: &mut String) -> askama::Result<()>;
}
