//! The commands on realm files and on the durable store.

mod bar;
mod files;
mod reconcile;
mod transfer;

use std::process::ExitCode;
use std::sync::Arc;

use passwords::HashPool;
use realm_files::Reconciler;

use crate::cli::{Database, Invocation, Plan, RealmCommand};
use crate::http::block_on;
use crate::server::{Options, StartError};
use crate::{database, realms};

/// Carries `command` out.
pub(super) fn run(command: &RealmCommand, plan: &Plan, invocation: &Invocation) -> ExitCode {
    match command {
        RealmCommand::Lint { files, format } => files::lint(&files::paths(files, plan), *format, invocation),
        RealmCommand::Format { files, mode } => files::format(&files::paths(files, plan), *mode),
        RealmCommand::Schema => files::schema(),
        RealmCommand::Plan(what) => block_on(reconcile::plan(what, plan, invocation)),
        RealmCommand::Apply(what) => block_on(reconcile::apply(what, plan, invocation)),
        RealmCommand::Drift(what) => block_on(reconcile::drift(what, plan, invocation)),
        RealmCommand::Export(what) => block_on(transfer::export(what, plan, invocation)),
        RealmCommand::Import(what) => block_on(transfer::import(what, plan, invocation)),
    }
}

/// Whether a command may make a store where there is none.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    /// It only looks: what is not there is empty.
    Look,
    /// It writes.
    Write,
}

/// What works on the store.
async fn open(plan: &Plan, invocation: &Invocation, access: Access) -> Result<Reconciler, StartError> {
    let mut options = Options { environment: invocation.environment.clone(), ..Options::new(plan.settings.clone()) };
    let missing = matches!(options.settings.database, Database::Embedded) && !database::is_there(&options.settings);
    if missing && access == Access::Look {
        options.settings.database = Database::Memory;
    }
    let live = realms::open_unserved(&options).await?;
    Ok(realms::reconciler(&options, &live, &Arc::new(HashPool::new(&passwords::Config::default()))))
}

/// Tells why a command ends.
fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("latchkey: {error}");
    ExitCode::FAILURE
}
