//! What every [`RecordStore`] must do, and what [`crate::Sessions`] makes of it. Each backend's tests run all of it.

mod decoupled;
mod device;
mod records;
mod typed;

use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::RealmName;

use crate::{Record, RecordStore};

/// The whole suite, on an empty store.
pub(crate) async fn holds(store: Arc<dyn RecordStore>) {
    records::hold(&store).await;
    typed::hold(&store).await;
    device::hold(&store).await;
    decoupled::hold(&store).await;
}

pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + secs)
}

pub(crate) fn realm() -> RealmName {
    "acme".into()
}

pub(crate) fn record(value: &str, expires_at: Timestamp) -> Record {
    Record { expires_at, owner: None, value: value.into() }
}

pub(crate) fn owned(owner: &str, value: &str, expires_at: Timestamp) -> Record {
    Record { owner: Some(owner.into()), ..record(value, expires_at) }
}

/// Runs `count` callers at once and gives what each got.
pub(crate) async fn at_once<T, F>(count: usize, caller: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let callers: Vec<_> = (0..count).map(|n| tokio::spawn(caller(n))).collect();
    let mut got = Vec::with_capacity(count);
    for caller in callers {
        got.push(caller.await.unwrap());
    }
    got
}
