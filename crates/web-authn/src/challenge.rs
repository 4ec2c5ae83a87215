use ambient::Entropy;
use subtle::ConstantTimeEq;

/// What an authenticator signs, once: 32 random bytes as base64url. It is kept with the login in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// A new one.
    pub fn new(entropy: &dyn Entropy) -> Self {
        Self(entropy.base64url(32))
    }

    /// One that was kept.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// For the page, and for the state that keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An empty challenge, which no login ever keeps, is matched by nothing.
    pub(crate) fn matches(&self, text: &str) -> bool {
        !self.0.is_empty() && bool::from(self.0.as_bytes().ct_eq(text.trim_end_matches('=').as_bytes()))
    }
}
