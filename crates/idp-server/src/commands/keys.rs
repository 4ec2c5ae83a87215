//! `latchkey keys list` and `latchkey keys rotate`.

use std::sync::Arc;

use key_rotation::{KeyError, Keyring, Keyrings, Takeover, drill};
use realm_model::Realm;
use realm_store::RealmStore;
use sessions::RecordStore;
use thiserror::Error;

use crate::cli::{Invocation, Plan, Rotation};
use crate::realms;
use crate::server::{Options, StartError};
use crate::wiring::open_store;

/// Why keys could not be listed or rotated.
#[derive(Debug, Error)]
pub(super) enum KeysError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] sessions::StoreError),
    #[error("there is no realm {0}; there are: {1}")]
    UnknownRealm(String, String),
    #[error("{0} valid tokens were refused during the drill")]
    Refused(usize),
}

/// What both commands work on.
struct Keys {
    options: Options,
    realms: Arc<RealmStore>,
    store: Arc<dyn RecordStore>,
    keyrings: Keyrings,
}

async fn open(plan: &Plan, invocation: &Invocation) -> Result<Keys, KeysError> {
    let options = Options { environment: invocation.environment.clone(), ..Options::new(plan.settings.clone()) };
    let realms = realms::load(&options.settings, &options.environment)?.realms;
    let store = open_store(&options).await?;
    let keyrings = Keyrings::new(Arc::clone(&store), Arc::clone(&options.clock), Arc::clone(&options.entropy));
    Ok(Keys { options, realms, store, keyrings })
}

/// Prints the keys of every realm; makes those that are still to be made.
pub(super) async fn list(plan: &Plan, invocation: &Invocation) -> Result<(), KeysError> {
    let keys = open(plan, invocation).await?;
    for realm in keys.realms.realms().filter_map(|name| keys.realms.realm(name.as_str())) {
        print(&realm, &*keys.keyrings.of(&realm).await?);
    }
    Ok(keys.store.shutdown().await?)
}

/// Begins a rotation, or rehearses one.
pub(super) async fn rotate(plan: &Plan, invocation: &Invocation, name: &str, mode: Rotation) -> Result<(), KeysError> {
    let keys = open(plan, invocation).await?;
    let known = || keys.realms.realms().map(|name| name.to_string()).collect::<Vec<_>>().join(", ");
    let realm = keys.realms.realm(name).ok_or_else(|| KeysError::UnknownRealm(name.to_owned(), known()))?;
    match mode {
        Rotation::Begin => print(&realm, &*keys.keyrings.rotate(&realm, Takeover::Announced).await?),
        Rotation::Drill => {
            let report = drill(&keys.keyrings, &realm, keys.options.clock.now(), Arc::clone(&keys.options.entropy)).await?;
            report.lines.iter().for_each(|line| say!("{line}"));
            report.refused.iter().for_each(|line| say!("REFUSED {line}"));
            if !report.refused.is_empty() {
                return Err(KeysError::Refused(report.refused.len()));
            }
        }
    }
    Ok(keys.store.shutdown().await?)
}

fn print(realm: &Realm, ring: &Keyring) {
    for row in ring.rows() {
        let state = format!("{:?}", row.state);
        say!(
            "{:<16} {:<8} {:<8} {:>5} {:<16} {}",
            realm.name.as_str(),
            row.algorithm.as_str(),
            state,
            row.priority,
            row.provider,
            row.kid
        );
    }
}
