//! Files of a Keycloak export into the store, users in a stream.

mod user_stream;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::stream::{FuturesOrdered, StreamExt};
use realm_model::completion::{Minting, user as complete};
use realm_model::document::{Body, Documents, UserRecord};
use realm_model::{Diagnostic, Placeholders, Severity};
use realm_store::{Batch, CommitError, NewUser, RealmWrite, StoreError, Taken};
use serde_json::Value;
use thiserror::Error;
use tokio::sync::mpsc;

use self::user_stream::{SplitFile, each_user, without_users};
use crate::apply::{ApplyError, Reconciler};
use crate::making;
use crate::progress::{Progress, Step};
use crate::reconcile::Options;
use crate::seal::{has_plain, seal_user};
use crate::sources::{FileRealm, Part, Source, find, name_of};

/// So many users are added at once.
const BATCH: usize = 8_000;

/// So many batches: the next is prepared while the one before is written.
const BATCHES: usize = 2;

/// The users of files of more bytes than this are read in a stream.
const LARGE: u64 = if cfg!(test) { 1024 } else { 8 * 1024 } * 1024;

/// What happens to a realm that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It is deleted, users and all, and made anew (`import --override true`).
    Overwrite,
    /// It stays as it is (`--override false`, `--import-realm`).
    Skip,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Realms that were made.
    pub realms: Vec<String>,
    /// Realms that were there already and stay.
    pub skipped: Vec<String>,
    /// How many users were added.
    pub users: u64,
    /// Warnings about the files, and what was added because they are of an older version.
    pub notes: Vec<String>,
}

/// Why an import failed.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The files are wrong; nothing was imported.
    #[error("{}", realm_model::render(.0))]
    Files(Vec<Diagnostic>),
    /// The store.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// Imports the realms of `paths` (files, folders).
///
/// # Errors
/// See [`ImportError`]. Realms imported before stay; of a realm whose users cannot be read to the end, those before stay.
pub async fn import(
    reconciler: &Reconciler,
    paths: &[PathBuf],
    existing: Existing,
    progress: Progress<'_>,
) -> Result<Imported, ImportError> {
    let found = find(paths);
    let mut imported = Imported::default();
    let mut realms = Vec::new();
    let mut wrong = found.diagnostics;
    for source in found.sources {
        match read(reconciler, &source) {
            Ok((some, warnings)) => {
                wrong.extend(warnings);
                let source = Arc::new(source);
                realms.extend(some.into_iter().map(|realm| (Arc::clone(&source), realm)));
            }
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    if wrong.iter().any(Diagnostic::is_error) {
        return Err(ImportError::Files(wrong));
    }
    imported.notes.extend(wrong.iter().map(ToString::to_string));
    for (source, realm) in realms {
        let run = Run { reconciler, existing, progress, source: &source };
        run.realm(realm, &mut imported).await?;
    }
    Ok(imported)
}

type Read = (Vec<FileRealm>, Vec<Diagnostic>);

/// The realms of a source; those of a large one without their users.
fn read(reconciler: &Reconciler, source: &Source) -> Result<Read, Vec<Diagnostic>> {
    let placeholders = reconciler.live.placeholders().as_ref();
    if !is_large(source) {
        return read_whole(source, placeholders);
    }
    let mut body = Body::new();
    let mut accounts = Vec::new();
    for (path, _) in &source.files {
        let SplitFile { rest, service_accounts } = without_users(path).map_err(|diagnostic| vec![*diagnostic])?;
        accounts.extend(service_accounts.into_iter().map(Value::Object));
        for (name, value) in rest {
            body.entry(name).or_insert(value);
        }
    }
    body.insert("users".to_owned(), accounts.into());
    let mut realm = making::file_realm(body, &|text| name_of(text, placeholders));
    if realm.name.is_empty() {
        let message = "this file holds no realm: \"realm\" is missing";
        return Err(vec![Diagnostic::of_file(Severity::Error, &source.path.display().to_string(), message)]);
    }
    realm.source = source.path.display().to_string();
    Ok((vec![realm], Vec::new()))
}

fn read_whole(source: &Source, placeholders: &(dyn Placeholders + Sync)) -> Result<Read, Vec<Diagnostic>> {
    let content = source.content().map_err(|diagnostic| vec![*diagnostic])?;
    let reading = content.realms(placeholders);
    let is_broken = reading.diagnostics.iter().any(Diagnostic::is_error);
    if is_broken { Err(reading.diagnostics) } else { Ok((reading.realms, reading.diagnostics)) }
}

fn is_large(source: &Source) -> bool {
    let length = |path: &PathBuf| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let is_plain = source.files.iter().all(|(_, part)| matches!(part, Part::Realm | Part::Users));
    is_plain && source.files.iter().map(|(path, _)| length(path)).sum::<u64>() > LARGE
}

struct Run<'r> {
    reconciler: &'r Reconciler,
    existing: Existing,
    progress: Progress<'r>,
    source: &'r Arc<Source>,
}

impl Run<'_> {
    async fn realm(&self, mut realm: FileRealm, imported: &mut Imported) -> Result<(), ImportError> {
        let live = &self.reconciler.live;
        let by_name = live.realm_id(&realm.name);
        let has_id = live.repository().realm(&realm.id).await.map_err(ApplyError::from)?.is_some();
        if self.existing == Existing::Skip && (by_name.is_some() || has_id) {
            imported.skipped.push(realm.name);
            return Ok(());
        }
        if has_id && by_name.as_deref() != Some(realm.id.as_str()) {
            // Another realm's: that one is not what is to be overwritten.
            return Err(ApplyError::Commit(CommitError::Exists(Taken::Id(realm.id))).into());
        }
        let is_large = is_large(self.source);
        (self.progress)(Step::Realm(&realm.name, None));
        let users = if is_large { Vec::new() } else { take_plain_users(&mut realm) };
        let plan = self.reconciler.plan_new(&realm, Options::default());
        if let Some(id) = by_name {
            let batch = Batch { realm: RealmWrite::Delete, ..Batch::within(&*id) };
            live.commit(batch).await.map_err(ApplyError::from)?;
        }
        imported.notes.extend(plan.notes.iter().map(|note| format!("realm {}: {note}", realm.name)));
        self.reconciler.commit(undeclared(plan)).await?;
        let documents = live.documents(&realm.name).await.map_err(ApplyError::from)?.unwrap_or_default();
        imported.users += if is_large { self.stream(&documents).await? } else { self.add(&documents, users).await? };
        (self.progress)(Step::Done(&realm.name));
        imported.realms.push(realm.name);
        Ok(())
    }

    /// Adds users that are at hand.
    async fn add(&self, documents: &Documents, users: Vec<Body>) -> Result<u64, ImportError> {
        let mut added = 0;
        let mut users = users.into_iter().peekable();
        while users.peek().is_some() {
            let mut ready = Ready::default();
            for user in users.by_ref().take(BATCH) {
                ready.add(user, documents, &self.reconciler.minting()).map_err(ApplyError::from)?;
            }
            added += self.batch(documents, ready).await?;
        }
        Ok(added)
    }

    /// Adds the users of large files: one thread reads, while the store writes.
    async fn stream(&self, documents: &Arc<Documents>) -> Result<u64, ImportError> {
        let (sender, mut receiver) = mpsc::channel(1);
        let (source, reconciler, known) = (Arc::clone(self.source), self.reconciler.clone(), Arc::clone(documents));
        let reading = tokio::task::spawn_blocking(move || send_users(&source, (&reconciler, &known), &sender));
        let (mut added, mut adding, mut is_open) = (0, FuturesOrdered::new(), true);
        loop {
            tokio::select! {
                Some(more) = adding.next(), if !adding.is_empty() => added += more?,
                ready = receiver.recv(), if is_open && adding.len() < BATCHES => match ready {
                    Some(ready) => adding.push_back(self.batch(documents, ready).boxed()),
                    None => is_open = false,
                },
                else => break,
            }
        }
        match reading.await {
            Ok(Err(error)) => Err(error),
            _ => Ok(added),
        }
    }

    async fn batch(&self, documents: &Documents, ready: Ready) -> Result<u64, ImportError> {
        let Ready { given, mut users, mut plain } = ready;
        let policy = documents.settings().and_then(|settings| settings.get("passwordPolicy")).and_then(Value::as_str);
        let (policy, placeholders) = (policy.unwrap_or_default(), self.reconciler.live.placeholders().as_ref());
        let seal = self.reconciler.seal.as_ref();
        for some in plain.chunks_mut(64) {
            let sealing = some.iter_mut().map(|record| seal_user(record, policy, seal, placeholders));
            futures_util::future::try_join_all(sealing).await.map_err(ApplyError::from)?;
        }
        for record in &plain {
            users.push(NewUser::of(record).map_err(ApplyError::from)?);
        }
        let repository = self.reconciler.live.repository();
        let added = repository.add_users(&documents.realm_id, users).await.map_err(ApplyError::from)?;
        (self.progress)(Step::Users(given));
        Ok(added)
    }
}

/// Users that are about to be added. One is read, completed and written down before the next, so that little is in memory.
#[derive(Default)]
struct Ready {
    /// How many the file gave.
    given: u64,
    users: Vec<NewUser>,
    /// Those with a password that is to be hashed first.
    plain: Vec<UserRecord>,
}

impl Ready {
    fn add(&mut self, user: Body, documents: &Documents, minting: &Minting<'_>) -> Result<(), StoreError> {
        self.given += 1;
        let Some(record) = complete(user, documents, minting) else { return Ok(()) };
        if has_plain(&record) {
            self.plain.push(record);
        } else {
            self.users.push(NewUser::of(&record)?);
        }
        Ok(())
    }
}

/// Sends all users of the files, until nobody receives them.
fn send_users(
    source: &Source,
    (reconciler, documents): (&Reconciler, &Documents),
    sender: &mpsc::Sender<Ready>,
) -> Result<(), ImportError> {
    let minting = reconciler.minting();
    let mut ready = Ready::default();
    for (path, _) in &source.files {
        let mut outcome = Ok(());
        let mut one = |user| {
            outcome = ready.add(user, documents, &minting);
            outcome.is_ok() && (ready.given < BATCH as u64 || sender.blocking_send(std::mem::take(&mut ready)).is_ok())
        };
        each_user(path, &mut one).map_err(|diagnostic| ImportError::Files(vec![*diagnostic]))?;
        outcome.map_err(ApplyError::from)?;
    }
    let _ = sender.blocking_send(ready);
    Ok(())
}

/// Users but service accounts: those are made with their clients.
fn take_plain_users(realm: &mut FileRealm) -> Vec<Body> {
    let users = std::mem::take(&mut realm.split.users);
    let (accounts, users) = users.into_iter().partition(|user: &Body| user.contains_key("serviceAccountClientId"));
    realm.split.users = accounts;
    users
}

/// What is imported once is not owned by the file it came from.
fn undeclared(mut plan: crate::Plan) -> crate::Plan {
    if let Some(batch) = &mut plan.batch {
        batch.writes.retain(|write| !matches!(write, realm_store::Write::Declare { .. }));
    }
    plan
}

#[cfg(test)]
mod tests;
