//! Logins that go on elsewhere than where the tokens are wanted: device authorization (RFC 8628) and OpenID Connect CIBA.
//!
//! Both begin here and end at the token endpoint; between them a request waits in `sessions`. A device authorization is
//! answered on a login page, a back-channel request by the authentication channel.

mod backchannel;
mod callback;
mod channel;
mod device;
mod error;
pub mod http;
mod notification;
mod questions;
mod request;
mod signed_request;
#[cfg(test)]
mod tests;
mod user_code;
mod wire;

use std::sync::Arc;

use events::Events;
use key_rotation::Keyrings;
use outbound_http::Outbound;
use realm_store::Users;
use sessions::Sessions;
use token_issuer::TokenIssuer;

pub use channel::AuthenticationChannel;
pub use questions::{Questions, Said, Waiting};

/// The parts below; idp-server puts them together.
#[derive(Clone)]
pub struct DecoupledLogin {
    /// Where requests wait.
    pub sessions: Sessions,
    /// Who there is.
    pub users: Arc<dyn Users>,
    /// Signs and verifies the tokens of channels.
    pub token_issuer: Arc<TokenIssuer>,
    /// Seals `auth_req_id`s.
    pub keyrings: Arc<Keyrings>,
    /// To where clients want to be notified: nowhere but where everybody may call (CVE-2026-1518).
    pub outbound: Outbound,
    /// Who asks users; without one CIBA is not to be had.
    pub channel: Option<AuthenticationChannel>,
    /// Where it is recorded what happened.
    pub events: Events,
}
