//! What clients are told without having asked: that a session has ended (OpenID Connect Back-Channel Logout 1.0), and what
//! Keycloak's adapters are told at their admin URL.
//!
//! Every message is sent once before whoever caused it gets an answer, as Keycloak does; a client that could not take it is
//! told again some times within the life of the token, in the background ([`Retries`]).

mod admin_url;
mod delivery;
mod logout;
mod retries;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use outbound_http::Outbound;
use token_issuer::TokenIssuer;
use tokio::sync::mpsc::{Sender, channel};

pub use admin_url::{AdminUrls, Told};
pub use retries::Retries;

use crate::delivery::Message;

/// Messages that may wait for another attempt; further ones are given up and logged.
const LONGEST_QUEUE: usize = 1000;

/// Tells clients. Cheap to clone.
#[derive(Clone)]
pub struct ClientNotifications {
    token_issuer: Arc<TokenIssuer>,
    outbound: Outbound,
    later: Sender<Message>,
}

impl ClientNotifications {
    /// Signs with `token_issuer`, sends through `outbound`; nothing is sent again unless [`Retries::run`] runs.
    pub fn new(token_issuer: Arc<TokenIssuer>, outbound: Outbound) -> (Self, Retries) {
        let (later, waiting) = channel(LONGEST_QUEUE);
        let retries = Retries::new(outbound.clone(), waiting);
        (Self { token_issuer, outbound, later }, retries)
    }

    fn try_later(&self, message: Message) {
        if let Err(error) = self.later.try_send(message) {
            log::warn!("{}: not told again: too many wait", error.into_inner());
        }
    }
}
