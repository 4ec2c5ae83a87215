//! What could not be delivered is sent again.

use std::time::Duration;

use outbound_http::Outbound;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;

use crate::delivery::Message;

/// How long each further attempt is waited for. A logout token lives for two minutes, and its `jti` stays the same, so that a
/// client which took it and could not say so knows it again.
const WAITS: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(15), Duration::from_secs(60)];

/// Messages that are waited for at the same time; further ones stay in the queue.
const MOST_AT_ONCE: usize = 1000;

/// The background task of [`crate::ClientNotifications`]. What waits when the server stops is lost: the sessions are gone from
/// the store, so that no token of theirs is refreshed or held for active.
pub struct Retries {
    outbound: Outbound,
    waiting: Receiver<Message>,
    waits: [Duration; 3],
}

impl Retries {
    pub(crate) fn new(outbound: Outbound, waiting: Receiver<Message>) -> Self {
        Self { outbound, waiting, waits: WAITS }
    }

    /// Without waits: for tests.
    #[cfg(test)]
    pub(crate) fn at_once(self) -> Self {
        Self { waits: [Duration::ZERO; 3], ..self }
    }

    #[cfg(test)]
    pub(crate) fn count_waiting(&mut self) -> usize {
        std::iter::from_fn(|| self.waiting.try_recv().ok()).count()
    }

    /// Sends what waits; ends when nobody can hand in anything any more.
    pub async fn run(mut self) {
        let mut attempts = JoinSet::new();
        while let Some(message) = self.waiting.recv().await {
            while attempts.try_join_next().is_some() {}
            if attempts.len() >= MOST_AT_ONCE {
                attempts.join_next().await;
            }
            attempts.spawn(send_again(self.outbound.clone(), message, self.waits));
        }
        while attempts.join_next().await.is_some() {}
    }
}

async fn send_again(outbound: Outbound, message: Message, waits: [Duration; 3]) {
    for wait in waits {
        tokio::time::sleep(wait).await;
        match message.send(&outbound).await {
            Ok(()) => return log::info!("{message}: told at last"),
            Err(error) if error.is_temporary() => log::debug!("{message}: {error}"),
            Err(error) => return log::warn!("{message}: not told: {error}"),
        }
    }
    log::warn!("{message}: not told: given up after {} further attempts", waits.len());
}
