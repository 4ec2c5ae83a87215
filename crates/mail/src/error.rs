use thiserror::Error;

/// Why a mail was not sent. What the server said is in it, no password and nothing of the mail's text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MailError {
    /// The realm has no SMTP server, and this is no development server.
    #[error("the realm has no SMTP server")]
    NoServer,
    /// `from`, or `envelopeFrom`, is no address that can be sent.
    #[error("the sender's address is missing or cannot be sent")]
    Sender,
    /// `replyTo` is no address that can be sent.
    #[error("the address for replies cannot be sent")]
    ReplyTo,
    /// The user's address cannot be sent; one with letters beyond ASCII in front of the `@` needs `allowutf8`.
    #[error("the recipient's address cannot be sent")]
    Recipient,
    /// A header would have a control character in it (CVE-2025-8419).
    #[error("a header has a control character in it")]
    Header,
    /// `authType` `token`
    #[error("a login by token at the mail server is not done here: use a user and password")]
    TokenLogin,
    /// The mail could not be put together, or the server could not be reached or did not take it.
    #[error("the mail server: {0}")]
    Server(String),
}
