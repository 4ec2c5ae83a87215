/// A member of `cnf`: a key that whoever shows a token must hold (RFC 7800 section 3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// How it is shown.
    pub method: ConfirmationMethod,
    /// SHA-256 of the key or certificate, base64url.
    pub thumbprint: String,
    /// Whether the refresh token is bound to it as well.
    pub refresh: RefreshBinding,
}

/// How a client shows that it holds a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmationMethod {
    /// `jkt`: a DPoP proof (RFC 9449 section 6.1).
    Dpop,
    /// `x5t#S256`: a TLS client certificate (RFC 8705 section 3.1).
    Certificate,
}

impl ConfirmationMethod {
    /// The member of `cnf`.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Dpop => "jkt",
            Self::Certificate => "x5t#S256",
        }
    }
}

/// Whether a refresh token is bound like its access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshBinding {
    /// It is.
    Bound,
    /// It is not: the client authenticates.
    Free,
}
