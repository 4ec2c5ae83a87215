//! Realms as files in Keycloak's layout. Placeholders are written as they stood in the file they came from.

mod text;

use std::io;
use std::path::{Path, PathBuf};

use realm_model::document::{Documents, exported_user, join};
use realm_store::{LiveRealms, ServiceAccounts, StoreError, UserQuery, UserRow};
use serde_json::Value;
use thiserror::Error;

use self::text::{Output, pretty};
use crate::progress::{Progress, Step};

/// So many users are read from the store at once.
const PAGE: u64 = 5_000;

/// Where files are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportTo {
    /// `--dir`: `<realm>-realm.json` and, where asked for, `<realm>-users-N.json`.
    Folder(PathBuf),
    /// `--file`: all in one, users included unless they are skipped; a list where all realms are exported.
    File(PathBuf),
}

/// Where users are written (`--users`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportUsers {
    /// `skip`: nowhere.
    Skip,
    /// `realm_file`: beside the realm, in its file.
    RealmFile,
    /// `same_file`: all in one file of their own.
    SameFile,
    /// `different_files`: so many in each file.
    #[default]
    DifferentFiles,
}

/// What is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportOptions {
    /// Where to.
    pub to: ExportTo,
    /// `--realm`: one realm; `None`: all.
    pub realm: Option<String>,
    /// `--users`
    pub users: ExportUsers,
    /// `--users-per-file`; Keycloak's default is 50.
    pub users_per_file: usize,
}

/// Why an export failed.
#[derive(Debug, Error)]
pub enum ExportError {
    /// There is no such realm.
    #[error("there is no realm \"{0}\"")]
    UnknownRealm(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be written.
    #[error("{} cannot be written: {error}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Writes realms and users. Returns the files.
///
/// # Errors
/// See [`ExportError`]; files written before stay.
pub async fn export(live: &LiveRealms, options: &ExportOptions, progress: Progress<'_>) -> Result<Vec<PathBuf>, ExportError> {
    let names: Vec<String> = match &options.realm {
        Some(name) => vec![name.clone()],
        None => live.names(),
    };
    match &options.to {
        ExportTo::Folder(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
            let mut files = Vec::new();
            for name in &names {
                let documents = documents(live, name).await?;
                let run = Run { live, options, progress, name, realm_id: &documents.realm_id };
                files.extend(run.to_folder(folder, &documents).await?);
            }
            Ok(files)
        }
        ExportTo::File(path) => {
            let mut output = Output::create(path).map_err(|error| failed(path, error))?;
            let is_list = options.realm.is_none();
            output.write(if is_list { "[ " } else { "" });
            for (at, name) in names.iter().enumerate() {
                output.write(if at == 0 { "" } else { ", " });
                let documents = documents(live, name).await?;
                let run = Run { live, options, progress, name, realm_id: &documents.realm_id };
                let users = if options.users == ExportUsers::Skip { ExportUsers::Skip } else { ExportUsers::RealmFile };
                run.whole(&mut output, &documents, users).await?;
            }
            output.write(if is_list { " ]" } else { "" });
            output.finish().map_err(|error| failed(path, error))?;
            Ok(vec![path.clone()])
        }
    }
}

fn failed(path: &Path, error: io::Error) -> ExportError {
    ExportError::Write { path: path.to_owned(), error }
}

async fn documents(live: &LiveRealms, name: &str) -> Result<std::sync::Arc<Documents>, ExportError> {
    live.documents(name).await?.ok_or_else(|| ExportError::UnknownRealm(name.to_owned()))
}

struct Run<'r> {
    live: &'r LiveRealms,
    options: &'r ExportOptions,
    progress: Progress<'r>,
    name: &'r str,
    realm_id: &'r str,
}

impl Run<'_> {
    async fn to_folder(&self, folder: &Path, documents: &Documents) -> Result<Vec<PathBuf>, ExportError> {
        let path = folder.join(format!("{}-realm.json", self.name));
        let mut output = Output::create(&path).map_err(|error| failed(&path, error))?;
        self.whole(&mut output, documents, self.options.users).await?;
        output.finish().map_err(|error| failed(&path, error))?;
        let mut files = vec![path];
        match self.options.users {
            ExportUsers::Skip | ExportUsers::RealmFile => {}
            ExportUsers::SameFile => files.extend(self.users_files(folder, usize::MAX).await?),
            ExportUsers::DifferentFiles => files.extend(self.users_files(folder, self.options.users_per_file.max(1)).await?),
        }
        (self.progress)(Step::Done(self.name));
        Ok(files)
    }

    /// The realm, its users in it where they are to be in its file.
    async fn whole(&self, output: &mut Output, documents: &Documents, users: ExportUsers) -> Result<(), ExportError> {
        let count = self.live.repository().count_users(self.realm_id, &everybody()).await?;
        (self.progress)(Step::Realm(self.name, Some(count)));
        let text = pretty(&Value::Object(join(documents)));
        let open = text.strip_suffix("\n}").unwrap_or(&text);
        // Keycloak: no list where there are no users.
        if users != ExportUsers::RealmFile || count == 0 {
            output.write(&text);
            return Ok(());
        }
        output.write(open);
        output.write(",\n  \"users\": [");
        self.each_user(&mut |at, user| {
            output.write(if at == 0 { "\n    " } else { ",\n    " });
            output.write(&pretty(user).replace('\n', "\n    "));
            Ok(())
        })
        .await?;
        output.write("\n  ]\n}");
        Ok(())
    }

    /// Files of users alone, `most` in each.
    async fn users_files(&self, folder: &Path, most: usize) -> Result<Vec<PathBuf>, ExportError> {
        let mut files = Vec::new();
        let mut open: Option<(PathBuf, Output)> = None;
        let close = |open: Option<(PathBuf, Output)>| match open {
            None => Ok(()),
            Some((path, mut output)) => {
                output.write("\n  ]\n}");
                output.finish().map_err(|error| failed(&path, error))
            }
        };
        let head = format!("{{\n  \"realm\": {},\n  \"users\": [", Value::from(self.name));
        self.each_user(&mut |at, user| {
            let is_first = at % most == 0;
            if is_first {
                close(open.take())?;
                let path = folder.join(format!("{}-users-{}.json", self.name, at / most));
                let mut output = Output::create(&path).map_err(|error| failed(&path, error))?;
                output.write(&head);
                files.push(path.clone());
                open = Some((path, output));
            }
            if let Some((_, output)) = &mut open {
                output.write(if is_first { "\n    " } else { ",\n    " });
                output.write(&pretty(user).replace('\n', "\n    "));
            }
            Ok(())
        })
        .await?;
        close(open)?;
        Ok(files)
    }

    /// All users, one by one, with their number.
    async fn each_user(
        &self,
        write: &mut (dyn FnMut(usize, &Value) -> Result<(), ExportError> + Send),
    ) -> Result<(), ExportError> {
        let (mut after, mut at) = (None, 0);
        loop {
            let query = UserQuery { after: after.take(), max: Some(PAGE), ..everybody() };
            let page: Vec<UserRow> = self.live.repository().users(self.realm_id, &query).await?;
            let count = page.len() as u64;
            after = page.last().map(|row| row.record.username().to_lowercase());
            for row in page {
                write(at, &Value::Object(exported_user(&row.record)))?;
                at += 1;
            }
            (self.progress)(Step::Users(count));
            if count < PAGE {
                return Ok(());
            }
        }
    }
}

fn everybody() -> UserQuery {
    UserQuery { service_accounts: ServiceAccounts::Include, ..UserQuery::default() }
}

#[cfg(test)]
mod tests;
