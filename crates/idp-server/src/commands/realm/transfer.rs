//! `latchkey export` and `latchkey import`, with Keycloak's options.

use std::path::PathBuf;
use std::process::ExitCode;

use realm_files::{Existing, ExportOptions, ExportTo, ExportUsers};

use super::bar::Bar;
use super::{Access, failed, open};
use crate::cli::{Export, Import, Invocation, Plan};

/// Writes realms out.
pub(super) async fn export(what: &Export, plan: &Plan, invocation: &Invocation) -> ExitCode {
    let options = match options(what) {
        Ok(options) => options,
        Err(error) => return failed(&error),
    };
    let reconciler = match open(plan, invocation, Access::Look).await {
        Ok(reconciler) => reconciler,
        Err(error) => return failed(&error),
    };
    let bar = Bar::new();
    let written = realm_files::export(&reconciler.live, &options, &|step| bar.step(step)).await;
    bar.finish();
    match written {
        Ok(files) => {
            files.iter().for_each(|file| say!("{}", file.display()));
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn options(what: &Export) -> Result<ExportOptions, String> {
    let (to, default) = match (&what.dir, &what.file) {
        (Some(folder), None) => (ExportTo::Folder(folder.clone()), ExportUsers::DifferentFiles),
        (None, Some(file)) => (ExportTo::File(file.clone()), ExportUsers::RealmFile),
        _ => return Err("say where to: either --dir or --file".to_owned()),
    };
    let users = match what.users.as_deref() {
        None => default,
        Some("skip") => ExportUsers::Skip,
        Some("realm_file") => ExportUsers::RealmFile,
        Some("same_file") => ExportUsers::SameFile,
        Some("different_files") => ExportUsers::DifferentFiles,
        Some(other) => {
            return Err(format!("--users must be skip, realm_file, same_file or different_files, not `{other}`"));
        }
    };
    Ok(ExportOptions { to, realm: what.realm.clone(), users, users_per_file: what.users_per_file })
}

/// Reads realms in.
pub(super) async fn import(what: &Import, plan: &Plan, invocation: &Invocation) -> ExitCode {
    let paths: Vec<PathBuf> = what.dir.iter().chain(&what.file).cloned().collect();
    if paths.is_empty() {
        return failed(&"say what to read: --dir or --file");
    }
    let reconciler = match open(plan, invocation, Access::Write).await {
        Ok(reconciler) => reconciler,
        Err(error) => return failed(&error),
    };
    let existing = if what.replaces { Existing::Overwrite } else { Existing::Skip };
    let bar = Bar::new();
    let imported = realm_files::import(&reconciler, &paths, existing, &|step| bar.step(step)).await;
    bar.finish();
    match imported {
        Ok(imported) => {
            imported.notes.iter().for_each(|note| say!("{note}"));
            imported.skipped.iter().for_each(|realm| say!("realm {realm} is there already: skipped"));
            let users = if imported.users == 1 { "user" } else { "users" };
            say!("imported {}; {} {users}", list(&imported.realms), imported.users);
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn list(realms: &[String]) -> String {
    match realms {
        [] => "no realm".to_owned(),
        [realm] => format!("realm {realm}"),
        realms if realms.len() > 10 => format!("{} realms", realms.len()),
        realms => format!("realms {}", realms.join(", ")),
    }
}
