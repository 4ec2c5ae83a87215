use permissions::AskedError;
use thiserror::Error;

/// Why the UMA grant refused (UMA 2.0 grant section 3.3.6; wire-extra.md section 6).
#[derive(Debug, Error)]
pub(crate) enum UmaTicketError {
    /// The bearer token: forged, foreign, stale, or nothing stands behind it.
    #[error("the bearer token: {0}")]
    Bearer(String),
    /// `claim_token` from a client that anybody could pretend to be.
    #[error("a public client sent claims")]
    ClaimsOfPublicClient,
    /// `claim_token_format` that is not known.
    #[error("an unknown claim_token_format")]
    ClaimTokenFormat(String),
    /// `claim_token` that is no JSON.
    #[error("claims that are no JSON")]
    Claims,
    /// `claim_token` whose members are no lists of texts.
    #[error("claims that are no lists of texts")]
    ClaimValues,
    /// `subject_token`, or an ID token as `claim_token`.
    #[error("the subject token: {0}")]
    SubjectToken(String),
    /// `rpt`
    #[error("the earlier RPT: {0}")]
    Rpt(String),
    /// `ticket`
    #[error("the permission ticket is forged, foreign or expired")]
    Ticket,
    /// Neither `audience` nor `ticket`.
    #[error("no audience")]
    AudienceMissing,
    /// `audience` is no client.
    #[error("the audience is no client")]
    AudienceUnknown(String),
    /// A client without authorization services.
    #[error("the audience is no resource server")]
    NoResourceServer,
    /// What is asked for is not there.
    #[error(transparent)]
    Asked(#[from] AskedError),
    /// Nothing, or not all of what has to be, is granted.
    #[error("not granted")]
    NotAuthorized,
    /// The same, and the owner is asked.
    #[error("not granted; the owner is asked")]
    RequestSubmitted,
    /// `response_mode` or `response_permissions_limit`.
    #[error("parameter {0} cannot be read")]
    Parameter(&'static str),
}
