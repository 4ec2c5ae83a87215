//! `latchkey keys list` and `latchkey keys rotate`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use key_rotation::{KeyError, Keyring, Keyrings, Takeover, drill};
use realm_model::Realm;
use realm_store::RealmStore;
use sessions::RecordStore;
use thiserror::Error;

use crate::cli::{Invocation, Plan, Rotation};
use crate::server::{Options, StartError};
use crate::wiring::open_store;
use crate::{realms, rotation_requests};

/// Why keys could not be listed or rotated.
#[derive(Debug, Error)]
pub(super) enum KeysError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] sessions::StoreError),
    #[error("the running server cannot be told: {0}")]
    Note(io::Error),
    #[error("a running server has the session file, and it cannot be copied: {0}")]
    Copy(io::Error),
    #[error("there is no realm {0}; there are: {1}")]
    UnknownRealm(String, String),
    #[error("{0} valid tokens were refused during the drill")]
    Refused(usize),
}

impl KeysError {
    /// Whether a running server has the session file.
    const fn is_locked(&self) -> bool {
        matches!(self, Self::Start(StartError::Sessions(sessions::StoreError::Locked { .. })))
    }
}

/// What both commands work on.
struct Keys {
    options: Options,
    realms: Arc<RealmStore>,
    store: Arc<dyn RecordStore>,
    keyrings: Keyrings,
}

/// With the sessions in the folder `data`.
async fn open(plan: &Plan, invocation: &Invocation, data: &Path) -> Result<Keys, KeysError> {
    let mut options = options(plan, invocation);
    let realms = realms::look(&options).await?;
    data.clone_into(&mut options.settings.data);
    let store = open_store(&options).await?;
    let keyrings = Keyrings::new(Arc::clone(&store), Arc::clone(&options.clock), Arc::clone(&options.entropy));
    Ok(Keys { options, realms, store, keyrings })
}

fn options(plan: &Plan, invocation: &Invocation) -> Options {
    Options { environment: invocation.environment.clone(), ..Options::new(plan.settings.clone()) }
}

/// What is there, on a copy where a running server has the session file: for commands that only look.
async fn open_to_look(plan: &Plan, invocation: &Invocation) -> Result<(Keys, Option<Copied>), KeysError> {
    match open(plan, invocation, &plan.settings.data).await {
        Err(error) if error.is_locked() => {
            let copied = Copied::of(&plan.settings.data).map_err(KeysError::Copy)?;
            Ok((open(plan, invocation, &copied.0).await?, Some(copied)))
        }
        opened => Ok((opened?, None)),
    }
}

/// A copy of the data folder's files, gone with its value.
struct Copied(PathBuf);

impl Copied {
    fn of(data: &Path) -> io::Result<Self> {
        let copied = Self(data.join(format!(".look-{}", std::process::id())));
        std::fs::create_dir(&copied.0)?;
        for file in std::fs::read_dir(data)?.filter_map(Result::ok).filter(|file| file.path().is_file()) {
            std::fs::copy(file.path(), copied.0.join(file.file_name()))?;
        }
        Ok(copied)
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            log::warn!("{} is left behind: {error}", self.0.display());
        }
    }
}

/// Prints the keys of every realm; makes those that are still to be made.
pub(super) async fn list(plan: &Plan, invocation: &Invocation) -> Result<(), KeysError> {
    let (keys, _copied) = open_to_look(plan, invocation).await?;
    for realm in keys.realms.realms().filter_map(|name| keys.realms.realm(name.as_str())) {
        print(&realm, &*keys.keyrings.of(&realm).await?);
    }
    Ok(keys.store.shutdown().await?)
}

/// Begins a rotation, or rehearses one.
pub(super) async fn rotate(plan: &Plan, invocation: &Invocation, name: &str, mode: Rotation) -> Result<(), KeysError> {
    match mode {
        Rotation::Begin => begin(plan, invocation, name).await,
        Rotation::Drill => rehearse(plan, invocation, name).await,
    }
}

async fn begin(plan: &Plan, invocation: &Invocation, name: &str) -> Result<(), KeysError> {
    let keys = match open(plan, invocation, &plan.settings.data).await {
        Err(error) if error.is_locked() => return tell_the_server(plan, invocation, name).await,
        opened => opened?,
    };
    let realm = find(&keys.realms, name)?;
    print(&realm, &*keys.keyrings.rotate(&realm, Takeover::Announced).await?);
    Ok(keys.store.shutdown().await?)
}

async fn rehearse(plan: &Plan, invocation: &Invocation, name: &str) -> Result<(), KeysError> {
    let (keys, _copied) = open_to_look(plan, invocation).await?;
    let realm = find(&keys.realms, name)?;
    let report = drill(&keys.keyrings, &realm, keys.options.clock.now(), Arc::clone(&keys.options.entropy)).await?;
    report.lines.iter().for_each(|line| say!("{line}"));
    report.refused.iter().for_each(|line| say!("REFUSED {line}"));
    if !report.refused.is_empty() {
        return Err(KeysError::Refused(report.refused.len()));
    }
    Ok(keys.store.shutdown().await?)
}

fn find(realms: &RealmStore, name: &str) -> Result<Arc<Realm>, KeysError> {
    let known = || realms.realms().map(|name| name.to_string()).collect::<Vec<_>>().join(", ");
    realms.realm(name).ok_or_else(|| KeysError::UnknownRealm(name.to_owned(), known()))
}

/// The server that has the session file open begins the rotation itself.
async fn tell_the_server(plan: &Plan, invocation: &Invocation, realm: &str) -> Result<(), KeysError> {
    find(&*realms::look(&options(plan, invocation)).await?, realm)?;
    rotation_requests::leave(&plan.settings.data, realm).map_err(KeysError::Note)?;
    say!("{realm}: the running server announces new keys within a few seconds and logs that it did");
    Ok(())
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
