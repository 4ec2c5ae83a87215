use std::net::IpAddr;
use std::sync::Arc;

use ambient::{Clock, Entropy, Timestamp};
use outbound_http::Outbound;
use realm_model::{Realm, Webhook};
use realm_store::{EventKind, EventQuery, RealmStore, Repository, StoreError};
use serde::Serialize;

use crate::queue::{self, EventWriter, Kept, Shared};
use crate::recorder::{FOR_SUBSCRIBERS, Recorder};
use crate::subscriber::Place;
use crate::{Deliverer, subscriber};

/// Where events go to; cheap to clone. The default one writes them to the log alone.
#[derive(Clone, Default)]
pub struct Events {
    shared: Option<Arc<Shared>>,
}

/// A subscriber, as it is shown: all but its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookState {
    /// Its name.
    pub name: String,
    /// Where it is told.
    pub url: String,
    /// What it wants; all where empty.
    pub types: Vec<String>,
    /// The place of the last event that it has, or did not want.
    pub offset: i64,
    /// Tries that failed since the last that did not.
    pub failures: u32,
    /// When it is tried again, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try: Option<i64>,
    /// Why the last try failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Events {
    /// To the log and, where a realm asks for it, to `store`, as long as the writer runs.
    pub fn kept_in(store: Arc<dyn Repository>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> (Self, EventWriter) {
        let (shared, writer) = queue::start(store, clock, entropy);
        (Self { shared: Some(shared) }, writer)
    }

    /// Records what happens in `realm` now, asked for from `peer`.
    pub const fn at<'a>(&'a self, realm: &'a Realm, now: Timestamp, peer: IpAddr) -> Recorder<'a> {
        Recorder { events: self, realm, now, peer }
    }

    pub(crate) fn queue(&self, kept: Kept) {
        if let Some(shared) = &self.shared {
            shared.keep(kept);
        }
    }

    /// Returns when all that was recorded so far is in the store.
    pub async fn flush(&self) {
        if let Some(shared) = &self.shared {
            shared.flush().await;
        }
    }

    /// Events of a realm as the Admin API shows them: JSON texts.
    ///
    /// # Errors
    /// The store is away.
    pub async fn list(&self, realm: &Realm, kind: EventKind, query: EventQuery) -> Result<Vec<String>, StoreError> {
        let Some(shared) = &self.shared else { return Ok(Vec::new()) };
        shared.flush().await;
        shared.store.events(&realm.id, kind, &EventQuery { now: shared.clock.now().millis(), ..query }).await
    }

    /// What tells the subscribers of `realms`; nothing where events are not kept.
    pub fn deliverer(&self, realms: Arc<RealmStore>, outbound: Outbound) -> Option<Deliverer> {
        self.shared.as_ref().map(|shared| Deliverer { shared: Arc::clone(shared), realms, outbound })
    }

    /// The subscribers of a realm, and how far each has come.
    ///
    /// # Errors
    /// The store is away.
    pub async fn webhooks(&self, realm: &Realm) -> Result<Vec<WebhookState>, StoreError> {
        let Some(shared) = &self.shared else { return Ok(Vec::new()) };
        let mut states = Vec::new();
        for webhook in &realm.events.webhooks {
            let progress = Place::of(&*shared.store, realm, webhook).await?.progress;
            states.push(WebhookState {
                name: webhook.name.clone(),
                url: webhook.url.clone(),
                types: webhook.types.clone(),
                offset: progress.offset,
                failures: progress.failures,
                next_try: Some(progress.next).filter(|next| *next > 0),
                error: progress.error,
            });
        }
        Ok(states)
    }

    /// Sends a subscriber everything from the place `from` on again, as far as it is kept; `false` where others moved it all the time.
    ///
    /// # Errors
    /// The store is away.
    pub async fn replay(&self, realm: &Realm, webhook: &Webhook, from: i64) -> Result<bool, StoreError> {
        let Some(shared) = &self.shared else { return Ok(false) };
        let moved = subscriber::replay(&*shared.store, (realm, webhook), from).await?;
        shared.written.notify_waiters();
        Ok(moved)
    }

    /// Takes all events of a realm from the Admin API; subscribers will still be told of theirs.
    ///
    /// # Errors
    /// The store is away.
    pub async fn clear(&self, realm: &Realm, kind: EventKind) -> Result<(), StoreError> {
        let Some(shared) = &self.shared else { return Ok(()) };
        shared.flush().await;
        let wait = if realm.events.webhooks.is_empty() { 0 } else { FOR_SUBSCRIBERS };
        shared.store.clear_events(&realm.id, kind, shared.clock.now().millis().saturating_add(wait)).await
    }
}
