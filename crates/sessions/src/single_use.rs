/// What may be used a single time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SingleUse {
    /// `jti` of a client assertion (RFC 7523).
    ClientAssertion,
    /// `jti` of an assertion that grants (RFC 7523 section 2.1), behind its issuer.
    AuthorizationGrant,
    /// `jti` of a DPoP proof (RFC 9449).
    DpopProof,
    /// An action token: a link in a mail.
    ActionToken,
    /// A one-time password within its period.
    OneTimePassword,
    /// `jti` of a request object.
    RequestObject,
}

impl SingleUse {
    /// Whether a mark that was made in the moments before a crash may be lost in it. A proof is a few seconds young, or it is
    /// worth nothing (RFC 9449 section 11.1), and Keycloak keeps its marks in memory alone.
    pub(crate) const fn may_be_written_soon(self) -> bool {
        matches!(self, Self::DpopProof)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ClientAssertion => "assertion",
            Self::AuthorizationGrant => "grant",
            Self::DpopProof => "dpop",
            Self::ActionToken => "action",
            Self::OneTimePassword => "otp",
            Self::RequestObject => "request",
        }
    }
}
