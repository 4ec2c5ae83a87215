use login_pages::{LanguageChoice, Message};
use thiserror::Error;
use token_issuer::{KeyError, MintError};
use user_authentication::Trouble;

/// Why a request of a browser leads no further.
#[derive(Debug, Error)]
pub(crate) enum LoginError {
    /// An error page.
    #[error("{0}")]
    Page(PageFault),
    /// Another request of the same tab was faster.
    #[error("another request of the same tab was faster")]
    Overtaken,
    /// Sessions or users cannot be reached, or too many passwords are waiting.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// Keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// Keys or claims.
    #[error("tokens could not be made: {0}")]
    Mint(#[from] MintError),
}

impl From<sessions::StoreError> for LoginError {
    fn from(error: sessions::StoreError) -> Self {
        Self::Trouble(error.into())
    }
}

impl From<realm_store::StoreError> for LoginError {
    fn from(error: realm_store::StoreError) -> Self {
        Self::Trouble(error.into())
    }
}

impl From<realm_store::CommitError> for LoginError {
    fn from(error: realm_store::CommitError) -> Self {
        Self::Trouble(error.into())
    }
}

impl From<key_rotation::KeyError> for LoginError {
    fn from(error: key_rotation::KeyError) -> Self {
        Self::Keys(error.into())
    }
}

/// What somebody is told who can go no further.
#[derive(Debug, Error)]
#[error("{status}: {}", message.key)]
pub(crate) struct PageFault {
    pub(crate) status: u16,
    pub(crate) message: Message,
    pub(crate) cache: Cache,
    /// The login in which it happened, as far as its page is to know it.
    pub(crate) within: Option<Box<Within>>,
}

/// What the page of a login needs to see that it ended elsewhere.
#[derive(Debug)]
pub(crate) struct Within {
    pub(crate) restart_path: String,
    pub(crate) session_hash: Option<String>,
    pub(crate) languages: Vec<LanguageChoice>,
}

/// Which cache headers an error page has (wire-browser.md section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cache {
    /// None: before a login has begun.
    Unsaid,
    /// As the pages of a login.
    Login,
    /// `no-cache`: logout.
    Logout,
}

impl PageFault {
    /// Before a login has begun.
    pub(crate) fn new(status: u16, key: &'static str) -> Self {
        Self { status, message: Message::error(key), cache: Cache::Unsaid, within: None }
    }

    /// Within a login.
    pub(crate) fn in_login(status: u16, key: &'static str) -> Self {
        Self { cache: Cache::Login, ..Self::new(status, key) }
    }

    /// At logout.
    pub(crate) fn at_logout(key: &'static str) -> Self {
        Self { cache: Cache::Logout, ..Self::new(400, key) }
    }

    /// With something that stands in the message.
    #[must_use]
    pub(crate) fn with(mut self, argument: &str) -> Self {
        self.message = self.message.with(argument);
        self
    }
}

impl From<PageFault> for LoginError {
    fn from(fault: PageFault) -> Self {
        Self::Page(fault)
    }
}
