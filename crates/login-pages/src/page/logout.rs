//! Leaving.

use serde::Serialize;

use super::plain::BackLink;
use super::{PageKind, page};
use crate::View;

/// Whether the user wants to log out.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct LogoutConfirmPage<'a> {
    /// Where the form posts.
    pub action: &'a str,
    /// What stands in the hidden field `session_code`.
    pub session_code: &'a str,
    /// Whether the link to the application is left out.
    pub link: BackLink,
}

page!(
    LogoutConfirmPage in "logout-confirm.html",
    PageKind { titled_by_heading: true, ..PageKind::action("logout-confirm") },
    |_p, texts| texts.text("logoutConfirmTitle")
);

impl LogoutConfirmPage<'_> {
    fn back_url<'v>(&self, view: &View<'v>) -> Option<&'v str> {
        view.back_url().filter(|_| self.link == BackLink::Shown)
    }
}

/// An application that is told in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FrontChannelClient<'a> {
    /// Its name, or its client id.
    pub name: &'a str,
    /// Its front-channel logout URL with `iss` and `sid`.
    pub url: &'a str,
}

/// Applications are told of the logout in frames; then it goes on.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct FrontChannelLogoutPage<'a> {
    /// All that are told.
    pub clients: &'a [FrontChannelClient<'a>],
    /// Where it goes on, once they were.
    pub continue_url: Option<&'a str>,
}

page!(
    FrontChannelLogoutPage in "frontchannel-logout.html",
    PageKind { titled_by_heading: true, ..PageKind::action("frontchannel-logout") },
    |_p, texts| texts.text("frontchannel-logout.title")
);
