use std::borrow::Cow;

use askama::Template;
use message_texts::write_escaped;

use crate::page::PageKind;
use crate::{Frame, Message, Page, Texts, markup};

/// What the templates of pages see of the frame.
#[derive(Debug)]
pub struct View<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) texts: Texts<'a>,
    pub(crate) kind: PageKind,
    /// Where the files of the theme are, without a slash at the end.
    pub(crate) assets: &'a str,
    pub(crate) style: &'a str,
    pub(crate) policy: &'a str,
}

impl<'a> View<'a> {
    /// The text of a key.
    pub fn t<'t>(&self, key: &'t str) -> Cow<'t, str>
    where
        'a: 't,
    {
        self.texts.text(key)
    }

    /// The text of a message.
    pub fn m<'t>(&self, message: &'t Message) -> Cow<'t, str>
    where
        'a: 't,
    {
        self.texts.message(message)
    }

    /// The text of a key that operators may write with markup, as HTML.
    pub fn markup(&self, key: &str) -> String {
        markup::harmless(&self.t(key))
    }

    /// The name of the realm as people know it; empty outside any realm.
    pub fn realm_name(&self) -> Cow<'a, str> {
        let Some(realm) = self.frame.realm else { return Cow::Borrowed("") };
        let shown = realm.display_name.as_deref().filter(|name| !name.is_empty());
        self.texts.resolve(shown.unwrap_or(realm.name.as_str()))
    }

    /// What stands above the page, as HTML: the theme's logo, or the realm's `displayNameHtml`, or its name.
    pub fn realm_header(&self) -> String {
        let mut out = String::new();
        if let Some(logo) = self.texts.theme.and_then(|theme| theme.logo()) {
            out.push_str("<img src=\"");
            let _ = write_escaped(&mut out, self.assets);
            out.push('/');
            out.push_str(logo);
            out.push_str("\" alt=\"");
            let _ = write_escaped(&mut out, &self.realm_name());
            out.push_str("\">");
            return out;
        }
        let html = self.frame.realm.and_then(|realm| realm.login.display_name_html.as_deref()).filter(|html| !html.is_empty());
        match html {
            Some(html) => markup::harmless(&self.texts.resolve(html)),
            None => {
                let _ = write_escaped(&mut out, &self.realm_name());
                out
            }
        }
    }

    /// Which word names the field of the name: the realm may take addresses there, too.
    pub fn username_label(&self) -> Cow<'a, str> {
        let key = match self.frame.realm {
            Some(realm) if realm.login_with_email && realm.login.registration_email_as_username => "email",
            Some(realm) if realm.login_with_email => "usernameOrEmail",
            _ => "username",
        };
        self.texts.text(key)
    }

    /// What the page for a forgotten password asks for: where several users share an address, it cannot be the address.
    pub(crate) fn reset_instruction(&self) -> &'static str {
        match self.frame.realm {
            Some(realm) if realm.login.duplicate_emails_allowed => "emailInstructionUsername",
            _ => "emailInstruction",
        }
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
    pub fn language_name<'t>(&self, code: &'t str) -> Cow<'t, str>
    where
        'a: 't,
    {
        self.texts.language(code)
    }

    /// Whether there is a choice of languages.
    pub fn has_languages(&self) -> bool {
        self.frame.languages.len() > 1
    }

    /// Whether the theme has a style sheet of its own.
    pub(crate) fn has_theme_style(&self) -> bool {
        self.texts.theme.is_some_and(|theme| theme.has_style())
    }

    /// The link back to the application: its address.
    pub fn back_url(&self) -> Option<&'a str> {
        self.frame.client.and_then(|client| client.base_url)
    }

    /// The button that shows what is typed in a field of a password.
    pub(crate) fn reveal(&self, field: &str) -> String {
        let mut out = String::with_capacity(160);
        for (before, value) in [
            ("<button id=\"", field),
            ("-show-password\" type=\"button\" class=\"reveal\" aria-controls=\"", field),
            ("\" aria-label=\"", &self.t("showPassword")),
            ("\" data-other=\"", &self.t("hidePassword")),
        ] {
            out.push_str(before);
            let _ = write_escaped(&mut out, value);
        }
        out.push_str("\"></button>");
        out
    }

    /// The box that ends the sessions of other devices.
    pub(crate) fn logout_sessions(&self) -> String {
        let mut out =
            String::from("<label class=\"box\"><input id=\"logout-sessions\" name=\"logout-sessions\" type=\"checkbox\"> ");
        let _ = write_escaped(&mut out, &self.t("logoutOtherSessions"));
        out.push_str("</label>");
        out
    }

    /// The key of a kind of one-time codes.
    pub(crate) fn totp_type(&self, kind: &str) -> &'static str {
        if kind == "hotp" { "loginTotp.hotp" } else { "loginTotp.totp" }
    }

    /// The key of a transport of security keys.
    pub(crate) fn transport(&self, transport: &str) -> &'static str {
        match transport {
            "usb" => "usb",
            "nfc" => "nfc",
            "ble" => "bluetooth",
            "internal" => "internal",
            _ => "unknown",
        }
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
            Some(_) => view.texts.with("loginTitle", view.realm_name()),
        };
        let mut out = String::with_capacity(content.len() + view.style.len() + 3000);
        Document { f: view, heading: &heading, title: &title, content }.render_into(&mut out)?;
        Ok(out)
    }
}

/// A JavaScript string that is safe within a script element, without its quotes.
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
