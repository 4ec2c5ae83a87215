//! One message, sent once.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use oidc_types::{ClientId, RealmName};
use outbound_http::{Outbound, OutboundError, Request, Verb};
use thiserror::Error;

/// How long one attempt may take: whoever logs out waits for it.
const ATTEMPT: Duration = Duration::from_secs(5);

/// What one client is told. Shown without its body, which is a token.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) realm: RealmName,
    pub(crate) client_id: ClientId,
    pub(crate) url: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "notification: realm={} client={}", self.realm, self.client_id)
    }
}

/// Why a client was not told.
#[derive(Debug, Error)]
pub(crate) enum Undelivered {
    /// No answer.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// Not a 2xx.
    #[error("answered with status {0}")]
    Status(u16),
}

impl Undelivered {
    /// Whether the same message may be taken later: the client had no chance to judge it.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::Outbound(error) => {
                matches!(error, OutboundError::Unresolved(_) | OutboundError::Unreachable { .. } | OutboundError::Timeout(_))
            }
        }
    }
}

impl Message {
    /// Sends it.
    pub(crate) async fn send(&self, outbound: &Outbound) -> Result<(), Undelivered> {
        let headers = [("content-type", self.content_type)];
        let (url, body) = (self.url.as_str(), self.body.clone());
        let answer = outbound.send(Request { verb: Verb::Post, url, headers: &headers, body, timeout: Some(ATTEMPT) }).await?;
        if answer.is_success() { Ok(()) } else { Err(Undelivered::Status(answer.status)) }
    }
}
