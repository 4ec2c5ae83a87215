//! The realms in force, and the realm files that they follow.

use std::path::PathBuf;
use std::sync::Arc;

use passwords::HashPool;
use realm_files::{Existing, FileRealm, Hashing, KeepPlain, Keeper, Options as Allowed, Reconciler, Seal, Status};
use realm_model::Diagnostic;
use realm_store::{LiveRealms, RealmStore};
use tokio::sync::Notify;

use crate::bootstrap;
use crate::cli::{Database, Settings};
use crate::database::{self, Environment};
use crate::server::{Options, StartError};

/// The realms and what keeps them up to date.
pub(crate) struct Realms {
    /// The realms and users.
    pub(crate) live: Arc<LiveRealms>,
    /// How the realm files stand.
    pub(crate) files: Arc<Status>,
    /// Makes the server look at all realm files now.
    pub(crate) reload: Arc<Notify>,
    /// What keeps the realm files in force, until it is set to work.
    pub(crate) keeper: Option<Keeper>,
}

/// All realm files and folders of `settings`, those of `--import-realm` last.
pub(crate) fn paths(settings: &Settings) -> Vec<PathBuf> {
    settings.realms.iter().chain(&settings.import).cloned().collect()
}

/// The realms that the files under `paths` would make, and what is wrong with any of the files.
pub(crate) fn read(paths: &[PathBuf], environment: &[(String, String)]) -> (Vec<FileRealm>, Vec<Diagnostic>) {
    let placeholders = Environment::of(environment);
    let found = realm_files::find(paths);
    let (mut realms, mut diagnostics) = (Vec::new(), found.diagnostics);
    for source in found.sources {
        match source.content() {
            Ok(content) => {
                let reading = content.realms(placeholders.as_ref());
                realms.extend(reading.realms);
                diagnostics.extend(reading.diagnostics);
            }
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    (realms, diagnostics)
}

/// Opens the store and takes over what is in it.
///
/// # Errors
/// The store cannot be opened or read.
pub(crate) async fn open(options: &Options) -> Result<Arc<LiveRealms>, StartError> {
    let repository = database::open(&options.settings).await?;
    Ok(LiveRealms::open(repository, Environment::of(&options.environment)).await?)
}

/// Opens the store for a command: nobody is served from it.
///
/// # Errors
/// As [`open`].
pub(crate) async fn open_unserved(options: &Options) -> Result<Arc<LiveRealms>, StartError> {
    let repository = database::open(&options.settings).await?;
    Ok(LiveRealms::unserved(repository, Environment::of(&options.environment)).await?)
}

/// What brings realm files into force.
pub(crate) fn reconciler(options: &Options, live: &Arc<LiveRealms>, pool: &Arc<HashPool>) -> Reconciler {
    let (entropy, clock) = (Arc::clone(&options.entropy), Arc::clone(&options.clock));
    let seal: Arc<dyn Seal> = match options.settings.database {
        // What is gone with the process needs no hash before somebody logs in.
        Database::Memory => Arc::new(KeepPlain),
        Database::Embedded | Database::Postgres(_) => Arc::new(Hashing { pool: Arc::clone(pool), entropy: Arc::clone(&entropy) }),
    };
    Reconciler { live: Arc::clone(live), seal, entropy, clock }
}

/// The realms, for serving: files that are new or changed are applied first.
///
/// # Errors
/// Every error of every file; or the store.
pub(crate) async fn load(options: &Options, pool: &Arc<HashPool>) -> Result<Realms, StartError> {
    let live = open(options).await?;
    let files = Arc::new(Status::default());
    let reconciler = reconciler(options, &live, pool);
    let settings = &options.settings;
    import_absent(&settings.import, &reconciler).await?;
    let administrator = reconciler.clone();
    let mut keeper = Keeper::new(reconciler, settings.realms.clone(), Allowed::default(), Arc::clone(&files));
    keeper.start().await?;
    let wrong = files.broken();
    if !wrong.is_empty() {
        return Err(StartError::Realms(Wrong(wrong)));
    }
    bootstrap::administration(settings, &administrator).await?;
    if live.snapshots().realms().all(|name| name.as_str() == "master") {
        log::warn!("no realm: name realm files or folders of them with --realms (LATCHKEY_REALMS)");
    }
    Ok(Realms { live, files, reload: Arc::default(), keeper: Some(keeper) })
}

/// The realms, for commands that only look: those in the store; where there is no store yet, what the realm files would make of it.
///
/// # Errors
/// As [`load`].
pub(crate) async fn look(options: &Options) -> Result<Arc<RealmStore>, StartError> {
    Ok(Arc::clone(look_live(options).await?.snapshots()))
}

/// The same with its users.
///
/// # Errors
/// As [`load`].
pub(crate) async fn look_live(options: &Options) -> Result<Arc<LiveRealms>, StartError> {
    if !matches!(options.settings.database, Database::Embedded) || database::is_there(&options.settings) {
        let live = open(options).await?;
        if live.snapshots().count() > 0 {
            return Ok(live);
        }
    }
    let mut in_memory = options.clone();
    in_memory.settings.database = Database::Memory;
    let pool = Arc::new(HashPool::new(&passwords::Config::default()));
    Ok(load(&in_memory, &pool).await?.live)
}

/// `--import-realm`: realms of its folders that are not there yet are made; no file keeps them afterwards.
async fn import_absent(folders: &[PathBuf], reconciler: &Reconciler) -> Result<(), StartError> {
    let silent = |_: realm_files::Step<'_>| {};
    let imported = realm_files::import(reconciler, folders, Existing::Skip, &silent).await?;
    imported.notes.iter().for_each(|note| log::warn!("{note}"));
    for realm in &imported.realms {
        log::info!("realm {realm} is imported");
    }
    for realm in &imported.skipped {
        log::info!("realm {realm} is there already: its file is not imported");
    }
    Ok(())
}

/// What is wrong with realm files; prints all of it.
#[derive(Debug)]
pub struct Wrong(pub(crate) Vec<Diagnostic>);

impl Wrong {
    /// The errors, in the order of the files.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let errors = self.0.iter().filter(|diagnostic| diagnostic.is_error()).count();
        let noun = if errors == 1 { "error" } else { "errors" };
        write!(f, "{errors} {noun} in realm files")?;
        self.0.iter().try_for_each(|diagnostic| write!(f, "\n{diagnostic}"))
    }
}
