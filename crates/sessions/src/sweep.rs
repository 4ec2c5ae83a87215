use std::sync::Arc;
use std::time::Duration;

use ambient::Clock;

use crate::RecordStore;

/// Records looked at between two chances for others to run: about a millisecond of work.
const BATCH: usize = 1024;

/// Drops expired records, in small batches with a pause each second, for as long as somebody else holds the store.
/// To be spawned once beside the server.
pub async fn sweep_while_running(store: Arc<dyn RecordStore>, clock: Arc<dyn Clock>) {
    let watched = Arc::downgrade(&store);
    drop(store);
    while let Some(store) = watched.upgrade() {
        match store.sweep(clock.now(), BATCH).await {
            Ok(looked_at) if looked_at >= BATCH => {
                drop(store);
                tokio::task::yield_now().await;
            }
            outcome => {
                drop(store);
                if let Err(error) = outcome {
                    log::warn!("expired sessions stay for now: {error}");
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
