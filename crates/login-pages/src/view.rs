use std::borrow::Cow;

use askama::Template;

use crate::page::PageKind;
use crate::{Frame, Message, Page, Texts};

/// What the templates of pages see of the frame.
#[derive(Debug)]
pub struct View<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) texts: Texts<'a>,
    pub(crate) kind: PageKind,
    pub(crate) assets: &'a str,
    pub(crate) style: &'a str,
    pub(crate) policy: &'a str,
}

impl<'a> View<'a> {
    /// The text of a key.
    pub fn t(&self, key: &str) -> Cow<'a, str> {
        self.texts.text(key)
    }

    /// The text of a message.
    pub fn m(&self, message: &Message) -> Cow<'a, str> {
        self.texts.message(message)
    }

    /// The name of the realm as people know it; empty outside any realm.
    pub fn realm_name(&self) -> Cow<'a, str> {
        let Some(realm) = self.frame.realm else { return Cow::Borrowed("") };
        let shown = realm.display_name.as_deref().filter(|name| !name.is_empty());
        self.texts.resolve(shown.unwrap_or(realm.name.as_str()))
    }

    /// Which word names the field of the name: the realm may take addresses there, too.
    pub fn username_label(&self) -> Cow<'a, str> {
        let email = self.frame.realm.is_some_and(|realm| realm.login_with_email);
        self.t(if email { "usernameOrEmail" } else { "username" })
    }

    /// The banner, where this page shows it.
    pub fn banner(&self) -> Option<&'a Message> {
        self.frame.message.filter(|_| self.kind.shows_banner)
    }

    /// The value of the cookie that says which login the browser is in.
    pub fn auth_session_hash(&self) -> Option<&'a str> {
        self.frame.auth_session_hash.filter(|_| self.kind.checks_session)
    }

    /// A language by its own name.
    pub fn language_name(&self, code: &str) -> Cow<'a, str> {
        self.t(&format!("locale_{code}"))
    }

    /// Whether there is a choice of languages.
    pub fn has_languages(&self) -> bool {
        self.frame.languages.len() > 1
    }

    /// The link back to the application: its address.
    pub fn back_url(&self) -> Option<&'a str> {
        self.frame.client.and_then(|client| client.base_url)
    }
}

/// A whole document around the content of a page.
#[derive(Template)]
#[template(path = "frame.html")]
pub struct Document<'a> {
    f: &'a View<'a>,
    heading: &'a str,
    title: &'a str,
    content: &'a str,
}

impl<'a> Document<'a> {
    /// The document of `page`, whose content is `content`.
    pub fn of(view: &View<'_>, page: &impl Page, content: &str) -> askama::Result<String> {
        let heading = page.heading(&view.texts);
        let title = match view.frame.realm {
            None => Cow::Borrowed(""),
            Some(_) if view.kind.titled_by_heading => Cow::Borrowed(&*heading),
            Some(_) => view.texts.with("loginTitle", &view.realm_name()),
        };
        let mut out = String::with_capacity(content.len() + view.style.len() + 3000);
        Document { f: view, heading: &heading, title: &title, content }.render_into(&mut out)?;
        Ok(out)
    }
}

/// A JavaScript string literal that is safe within a script element.
pub fn script_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' | '<' | '>' | '\'' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
