//! Subscribers are told: each in order, at least once, as often as it takes.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use outbound_http::Outbound;
use realm_model::{Realm, Webhook};
use realm_store::{RealmStore, StoreError};
use tokio::task::JoinSet;

use crate::queue::Shared;
use crate::subscriber::{Place, Progress};
use crate::webhook;

/// How often subscribers are looked after, where nothing new is written here.
const EVERY: Duration = Duration::from_secs(1);
/// Events that are read together.
const TOGETHER: i64 = 100;

/// Tells subscribers.
pub struct Deliverer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) realms: Arc<RealmStore>,
    pub(crate) outbound: Outbound,
}

/// One subscriber of one realm.
type Of = (String, String);

impl Deliverer {
    /// Tells until the server ends. A subscriber that is slow or away delays no other.
    pub async fn run(self) {
        let this = Arc::new(self);
        let (mut running, mut tasks) = (HashSet::<Of>::new(), JoinSet::<Of>::new());
        loop {
            let _ = tokio::time::timeout(EVERY, this.shared.written.notified()).await;
            while let Some(done) = tasks.try_join_next() {
                match done {
                    Ok(of) => {
                        running.remove(&of);
                    }
                    // Whose it was is not known: a round later all is as it was.
                    Err(_) => running.clear(),
                }
            }
            for (realm, webhook) in this.subscribers() {
                let of = (realm.id.to_string(), webhook.name.clone());
                if running.insert(of.clone()) {
                    let this = Arc::clone(&this);
                    tasks.spawn(async move {
                        this.tell(&realm, &webhook).await;
                        of
                    });
                }
            }
        }
    }

    fn subscribers(&self) -> Vec<(Arc<Realm>, Arc<Webhook>)> {
        let realms = self.realms.realms().filter_map(|name| self.realms.realm(name.as_str()));
        let subscribed = realms.filter(|realm| !realm.events.webhooks.is_empty());
        subscribed
            .flat_map(|realm| realm.events.webhooks.clone().into_iter().map(move |webhook| (Arc::clone(&realm), webhook)))
            .collect()
    }

    /// Tells one subscriber all that is new.
    pub(crate) async fn tell(&self, realm: &Realm, webhook: &Webhook) {
        match self.tell_all(realm, webhook).await {
            Ok(()) => {}
            Err(error) => log::debug!("webhook {} of realm {}: {error}", webhook.name, realm.name),
        }
    }

    async fn tell_all(&self, realm: &Realm, webhook: &Webhook) -> Result<(), StoreError> {
        let store = &*self.shared.store;
        let mut place = Place::of(store, realm, webhook).await?;
        let now = || self.shared.clock.now();
        if !place.progress.is_due(now().millis()) {
            return Ok(());
        }
        let mut claimed = false;
        loop {
            let events = store.events_after(&realm.id, place.progress.offset, TOGETHER).await?;
            let Some(last) = events.last().map(|event| event.seq) else { break };
            if !claimed {
                let next = place.progress.claimed(now().millis());
                if !place.move_to(next).await? {
                    return Ok(());
                }
                claimed = true;
            }
            for event in events.iter().filter(|event| webhook.wants(webhook::word(event))) {
                let next = match webhook::send(&self.outbound, (&realm.id, webhook), event, now()).await {
                    Ok(()) => Progress::arrived(event.seq, now().millis()),
                    Err(error) => {
                        log::warn!("webhook {} of realm {} is not reached: {error}", webhook.name, realm.name);
                        let next = place.progress.failed(error, now().millis());
                        let _ = place.move_to(next).await?;
                        return Ok(());
                    }
                };
                if !place.move_to(next).await? {
                    return Ok(());
                }
            }
            if place.progress.offset < last && !place.move_to(Progress::arrived(last, now().millis())).await? {
                return Ok(());
            }
        }
        if claimed {
            let next = place.progress.released();
            let _ = place.move_to(next).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
