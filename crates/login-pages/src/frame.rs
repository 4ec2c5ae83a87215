use realm_model::Realm;
use serde::Serialize;

use crate::{Locale, Message};

/// What stands around a page. URLs are finished strings, of which scripts and people make use as they are.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Nothing for an error outside any realm: the page has no title then.
    pub realm: Option<&'a Realm>,
    /// The language of the page.
    pub locale: &'a Locale,
    /// The path that the server is mounted at, before `/realms` and `/resources`: `` or `/auth`.
    pub base_path: &'a str,
    /// The banner above the form. Error and info pages show a message of their own.
    pub message: Option<&'a Message>,
    /// Empty or one: no choice is offered.
    pub languages: &'a [LanguageChoice],
    /// `…/login-actions/restart?…`: where the page goes when the login ended in another tab.
    pub restart_url: Option<&'a str>,
    /// The value of the cookie KC_AUTH_SESSION_HASH: the page reloads when another login took its place.
    pub auth_session_hash: Option<&'a str>,
    /// Shown, with a way to start over, when it is settled who logs in.
    pub attempted_user: Option<AttemptedUser<'a>>,
    /// Offered when the flow has alternatives.
    pub try_another_way: Option<TryAnotherWay<'a>>,
    /// The application that people come from.
    pub client: Option<ClientLink<'a>>,
}

impl<'a> Frame<'a> {
    /// A frame with nothing but a language, outside any realm.
    pub const fn new(locale: &'a Locale) -> Self {
        Self {
            realm: None,
            locale,
            base_path: "",
            message: None,
            languages: &[],
            restart_url: None,
            auth_session_hash: None,
            attempted_user: None,
            try_another_way: None,
            client: None,
        }
    }
}

/// One language that the page can be shown in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LanguageChoice {
    /// Its tag: `de`.
    pub code: String,
    /// This page in it (`kc_locale=`).
    pub url: String,
}

/// Who logs in, once it is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AttemptedUser<'a> {
    /// As typed or known.
    pub username: &'a str,
    /// Where the login starts over.
    pub restart_url: &'a str,
}

/// The form that leads to the choice of authenticators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TryAnotherWay<'a> {
    /// Where it posts `tryAnotherWay=on`.
    pub action: &'a str,
}

/// An application to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ClientLink<'a> {
    /// Its name, or its client id; `${key}` is looked up.
    pub name: &'a str,
    /// Its base URL, absolute. Nothing: no link back.
    pub base_url: Option<&'a str>,
}
