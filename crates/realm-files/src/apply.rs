//! From files to what is in force: plans against the store, commits, tries again where somebody else was faster.

mod creation;

use std::path::Path;
use std::sync::Arc;

use ambient::{Clock, Entropy};
use futures_util::future::join;
use realm_model::completion::{Minting, Origin};
use realm_model::document::{Body, Document, Documents, Key, Kind};
use realm_store::{CommitError, Declared, DeclaredKey, DeclaredUsers, LiveRealms, StoreError, StoredRealm, UserKey, Write};
use serde_json::Value;
use thiserror::Error;

pub(crate) use self::creation::Prepared;

use crate::making;
use crate::plan::{Plan, Refusal};
use crate::reconcile::{Comparison, Live, LiveUsers, Options, Said, applied, plan, username_of};
use crate::seal::{Seal, SealError, seal_writes};
use crate::side_by_side::side_by_side;
use crate::sources::FileRealm;

/// How often a plan is made anew when somebody changed the realm in the meantime.
const ATTEMPTS: usize = 8;

/// Both sides of a realm with more entities than this are put together at the same time.
const MANY: usize = 500;

/// What it takes to bring files into force.
#[derive(Clone)]
pub struct Reconciler {
    /// The realms in force.
    pub live: Arc<LiveRealms>,
    /// How plain passwords are kept.
    pub seal: Arc<dyn Seal>,
    /// Where new ids and secrets come from.
    pub entropy: Arc<dyn Entropy>,
    /// When things are made.
    pub clock: Arc<dyn Clock>,
}

/// Of which users the state in force is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsersLookedAt {
    /// Of those of whom the file says something new.
    Changed,
    /// Of all in the file: what was changed at run time is found.
    All,
}

/// Why a plan could not be made or applied. Nothing was changed.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A password could not be hashed.
    #[error("a password cannot be hashed: {0}")]
    Seal(#[from] SealError),
    /// The plan is refused.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Refusal>),
}

impl Reconciler {
    /// What applying `file` would do.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn plan(&self, file: &FileRealm, options: Options, users: UsersLookedAt) -> Result<Plan, ApplyError> {
        let repository = self.live.repository();
        let by_id = if file.id.is_empty() { None } else { repository.realm(&file.id).await? };
        let named = match self.live.realm_id(&file.name) {
            Some(id) if *id != *file.id => repository.realm(&id).await?,
            _ => None,
        };
        // A realm that has the name keeps it, whatever its id.
        let both = by_id.is_some() && named.is_some();
        let Some(stored) = named.or(by_id) else { return Ok(self.plan_new(file, options)) };
        // The store reads while the rest is worked out.
        let declared = repository.declared(&stored.realm.id, DeclaredUsers::Include);
        let (declared, (live, imported)) = join(declared, async { self.sides(&stored, file) }).await;
        drop(stored);
        let declared = declared?;
        let found = self.users(file, &declared, &live, (options, users)).await?;
        let refusal = if both {
            Some(Refusal::NameTaken(file.name.clone()))
        } else if live.realm.name != file.name && !brought_by(&declared, &file.source) {
            Some(Refusal::IdTaken(live.realm.name.clone()))
        } else {
            None
        };
        let comparison = Comparison { file: Some(file), declared: &declared, live: Some(live), imported, users: &found };
        let mut plan = plan(comparison, options, &self.minting());
        plan.refusals.extend(refusal);
        Ok(plan)
    }

    /// What applying `file` would do were there no such realm.
    pub(crate) fn plan_new(&self, file: &FileRealm, options: Options) -> Plan {
        let comparison = Comparison {
            file: Some(file),
            declared: &[],
            live: None,
            imported: Documents::default(),
            users: &LiveUsers::default(),
        };
        plan(comparison, options, &self.minting())
    }

    /// What becomes of a realm that is in no file any more; nothing where no file brought it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn plan_without_file(&self, realm: &str, options: Options) -> Result<Option<Plan>, ApplyError> {
        let Some(id) = self.live.realm_id(realm) else { return Ok(None) };
        let Some(stored) = self.live.repository().realm(&id).await? else { return Ok(None) };
        let live = Live::of(&stored);
        let declared = self.live.repository().declared(&id, DeclaredUsers::Leave).await?;
        if applied(&declared).is_none() {
            return Ok(None);
        }
        let comparison = Comparison {
            file: None,
            declared: &declared,
            live: Some(live),
            imported: Documents::default(),
            users: &LiveUsers::default(),
        };
        Ok(Some(plan(comparison, options, &self.minting())))
    }

    /// Brings `file` into force, all of it at one instant: plans, and plans anew where somebody else was faster. Returns what was done.
    ///
    /// # Errors
    /// See [`ApplyError`].
    pub async fn apply(&self, file: &FileRealm, options: Options) -> Result<Plan, ApplyError> {
        let mut attempt = 1;
        loop {
            let plan = self.plan(file, options, UsersLookedAt::Changed).await?;
            match self.commit(plan).await {
                Err(ApplyError::Commit(CommitError::Conflict(_) | CommitError::Exists(_))) if attempt < ATTEMPTS => attempt += 1,
                other => return other,
            }
        }
    }

    /// Does what `plan` says. Returns it, without its batch.
    ///
    /// # Errors
    /// See [`ApplyError`]; a conflict where the realm was changed since the plan was made.
    pub async fn commit(&self, mut plan: Plan) -> Result<Plan, ApplyError> {
        if !plan.refusals.is_empty() {
            return Err(ApplyError::Refused(plan.refusals));
        }
        let Some(mut batch) = plan.batch.take() else { return Ok(plan) };
        self.seal(&plan.realm, &mut batch.writes).await?;
        self.live.commit(batch).await?;
        Ok(plan)
    }

    /// Leaves no plain password among `writes`.
    async fn seal(&self, realm: &str, writes: &mut [Write]) -> Result<(), ApplyError> {
        let has_credentials =
            |write: &Write| matches!(write, Write::PutUser { record, .. } if record.0.contains_key("credentials"));
        if writes.iter().any(has_credentials) {
            let policy = self.password_policy(realm, writes).await?;
            seal_writes(writes, &policy, self.seal.as_ref(), self.live.placeholders().as_ref()).await?;
        }
        Ok(())
    }

    pub(crate) fn minting(&self) -> Minting<'_> {
        Minting { now: self.clock.now(), entropy: self.entropy.as_ref(), origin: Origin::Import }
    }

    /// The realm in force, and as it would be had it just been imported.
    fn sides(&self, stored: &StoredRealm, file: &FileRealm) -> (Live, Documents) {
        let imported = || making::imported(&file.split, &stored.realm.id, &self.minting());
        if file.split.documents.len() > MANY {
            let (imported, live) = side_by_side(imported, || Live::of(stored));
            return (live, imported);
        }
        (Live::of(stored), imported())
    }

    /// `passwordPolicy` as it will be, or as it is.
    async fn password_policy(&self, realm: &str, writes: &[Write]) -> Result<String, StoreError> {
        let of = |body: &Body| body.get("passwordPolicy").and_then(Value::as_str).map(str::to_owned);
        let written = writes.iter().find_map(|write| match write {
            Write::Put { key, body, .. } if key.kind == Kind::Realm => of(&serde_json::from_str(body).ok()?),
            _ => None,
        });
        if let Some(policy) = written {
            return Ok(policy);
        }
        let documents = self.live.documents(realm).await?;
        Ok(documents.and_then(|documents| documents.settings().and_then(of)).unwrap_or_default())
    }

    /// Looks up the users that a comparison needs.
    async fn users(
        &self,
        file: &FileRealm,
        declared: &[Declared],
        live: &Live,
        (options, users): (Options, UsersLookedAt),
    ) -> Result<LiveUsers, StoreError> {
        let mut finding = Finding { reconciler: self, realm_id: &live.realm.id, found: LiveUsers::default() };
        let mut bases: std::collections::HashMap<&str, &str> = declared
            .iter()
            .filter_map(|row| match &row.of {
                DeclaredKey::User(name) => Some((name.as_str(), row.base.as_str())),
                DeclaredKey::Entity(_) => None,
            })
            .collect();
        for user in &file.split.users {
            let Some(name) = username_of(user) else { continue };
            let said = Said::User(user);
            let is_new = said.is_new(&said.beside(bases.remove(name.as_str())));
            if is_new || users == UsersLookedAt::All {
                finding.named(&name, user.get("id").and_then(Value::as_str)).await?;
            }
        }
        if options.delete_users {
            for name in bases.into_keys() {
                finding.named(name, None).await?;
            }
        }
        for client in clients_with_accounts(file, &live.documents) {
            finding.account_of(&client).await?;
        }
        Ok(finding.found)
    }
}

/// Whether a realm came from the file of this name, wherever that was: only there is the same id under another name a rename. In another
/// file it is a copy with the ids left in.
fn brought_by(declared: &[Declared], source: &str) -> bool {
    applied(declared).is_some_and(|applied| Path::new(&applied.source).file_name() == Path::new(source).file_name())
}

struct Finding<'f> {
    reconciler: &'f Reconciler,
    realm_id: &'f str,
    found: LiveUsers,
}

impl Finding<'_> {
    async fn named(&mut self, name: &str, id: Option<&str>) -> Result<(), StoreError> {
        let repository = self.reconciler.live.repository();
        let mut row = repository.user(self.realm_id, UserKey::Username(name)).await?;
        if let (None, Some(id)) = (&row, id) {
            row = repository.user(self.realm_id, UserKey::Id(id)).await?;
        }
        match row {
            Some(row) => self.found.add(row),
            None => self.found.add_absent(name),
        }
        Ok(())
    }

    async fn account_of(&mut self, client: &str) -> Result<(), StoreError> {
        let repository = self.reconciler.live.repository();
        match repository.user(self.realm_id, UserKey::ServiceAccount(client)).await? {
            Some(row) => self.found.add(row),
            None => self.named(&format!("service-account-{client}").to_lowercase(), None).await?,
        }
        Ok(())
    }
}

/// The clients whose service account may come or go: those where file and state in force are not of one mind.
fn clients_with_accounts(file: &FileRealm, live: &Documents) -> Vec<String> {
    let is_on = |document: &Document| document.body.get("serviceAccountsEnabled").and_then(Value::as_bool);
    let clients = file.split.documents.iter().filter(|document| document.key.kind == Kind::Client);
    let said: std::collections::HashMap<&Key, Option<bool>> = clients.map(|client| (&client.key, is_on(client))).collect();
    let of_live = live.of_kind(Kind::Client).map(|entry| &entry.document);
    let differing = of_live.filter(|client| {
        let on = is_on(client).unwrap_or_default();
        match said.get(&client.key) {
            Some(Some(said)) => *said != on,
            Some(None) | None => on,
        }
    });
    let new = said.iter().filter(|(key, on)| **on == Some(true) && live.get(key).is_none()).map(|(key, _)| key.name.clone());
    differing.map(|client| client.key.name.clone()).chain(new).collect()
}
