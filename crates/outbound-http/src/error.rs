use thiserror::Error;

/// Why a request got no answer that can be used. Says nothing of what was sent, and of where only what the log may show.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OutboundError {
    /// Not an absolute http or https URL, or one with a user in it.
    #[error("this is no URL that can be called")]
    Url,
    /// Plain http, to an address that the operator has not allowed.
    #[error("plain http to {0:?}, an address that is not allowed (outbound-allow): use https")]
    PlainHttp(String),
    /// An address that is not public and that the operator has not allowed.
    #[error("the address of {0:?} is not public and not allowed (outbound-allow)")]
    Address(String),
    /// The name leads nowhere.
    #[error("{0:?} has no address")]
    Unresolved(String),
    /// No connection, or it broke; TLS without trust is one of the reasons.
    #[error("{host:?} cannot be reached: {reason}")]
    Unreachable {
        /// The host of the URL.
        host: String,
        /// What the connection says.
        reason: String,
    },
    /// It took too long.
    #[error("{0:?} did not answer in time")]
    Timeout(String),
    /// A body above the limit.
    #[error("the answer of {0:?} is too large")]
    TooLarge(String),
    /// Another status than was asked for; redirects are not followed.
    #[error("{host:?} answered with status {status}")]
    Status {
        /// The host of the URL.
        host: String,
        /// The status.
        status: u16,
    },
    /// Not the JSON that was asked for.
    #[error("{0:?} did not answer with the JSON that was asked for")]
    NotJson(String),
    /// A header that cannot be sent.
    #[error("a header that cannot be sent")]
    Header,
}

/// A setting that cannot be followed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConfigError {
    /// Neither a word nor a network.
    #[error("outbound-allow: {0:?} is neither loopback nor private, nor an address, nor a network such as 10.0.0.0/8")]
    Network(String),
    /// Not a URL of a proxy.
    #[error("{0:?} is no URL of a proxy")]
    Proxy(String),
    /// Not `pattern;URL`.
    #[error("proxy-mappings: {0:?} is not of the form pattern;URL or pattern;NO_PROXY")]
    Mapping(String),
    /// Not a certificate.
    #[error("a certificate to trust cannot be read: {0}")]
    Trust(String),
}
