//! The durable store of realms and users.

use std::collections::HashMap;
use std::sync::Arc;

use realm_model::Placeholders;
use realm_store::{Postgres, Repository, Sqlite};

use crate::cli::{Database, Settings};
use crate::server::StartError;

/// The file of the embedded store, in the data folder.
const FILE: &str = "realms.db";

/// Opens it; the data folder is made where it is missing.
pub(crate) async fn open(settings: &Settings) -> Result<Arc<dyn Repository>, StartError> {
    Ok(match &settings.database {
        Database::Memory => Arc::new(Sqlite::in_memory()?),
        Database::Embedded => {
            let data = &settings.data;
            std::fs::create_dir_all(data).map_err(|error| StartError::Data(data.clone(), error))?;
            Arc::new(Sqlite::open(&data.join(FILE))?)
        }
        Database::Postgres(config) => Arc::new(Postgres::open(config).await?),
    })
}

/// Whether there is an embedded store already.
pub(crate) fn is_there(settings: &Settings) -> bool {
    settings.data.join(FILE).is_file()
}

/// What placeholders in realm files and stored documents stand for: variables of the environment, files of secrets.
pub(crate) struct Environment(HashMap<String, String>);

impl Environment {
    pub(crate) fn of(variables: &[(String, String)]) -> Arc<dyn Placeholders + Send + Sync> {
        Arc::new(Self(variables.iter().cloned().collect()))
    }
}

impl Placeholders for Environment {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn file(&self, path: &str) -> std::io::Result<String> {
        std::fs::read_to_string(path)
    }
}
