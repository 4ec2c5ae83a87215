//! `latchkey explain`.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambient::{Clock, SystemClock};
use realm_store::RealmStore;
use thiserror::Error;
use token_issuer::ToldByToken;

use crate::cli::{Database, Explain, Invocation, Plan};
use crate::explain::{ExplainError, Explainer, Wanted};
use crate::realms;
use crate::server::{Options, StartError};

/// Why nothing is explained.
#[derive(Debug, Error)]
pub(super) enum CommandError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Explain(#[from] ExplainError),
    #[error("the token in {0} cannot be read: {1}")]
    Token(PathBuf, io::Error),
    #[error("name the realm with --realm; there are: {0}")]
    WhichRealm(String),
}

/// Explains the tokens of a client and a user.
pub(super) async fn explain(what: &Explain, plan: &Plan, invocation: &Invocation) -> Result<(), CommandError> {
    let mut options = Options { environment: invocation.environment.clone(), ..Options::new(plan.settings.clone()) };
    if !what.files.is_empty() {
        options.settings.realms.clone_from(&what.files);
        options.settings.import.clear();
        options.settings.database = Database::Memory;
    }
    let token = what.token.as_deref().map(|path| token(path).map_err(|error| CommandError::Token(path.to_owned(), error)));
    let token = token.transpose()?;
    let wanted =
        Wanted { client: what.client.clone(), user: what.user.clone(), scope: what.scope.clone(), why: what.why.clone(), token };
    let live = realms::look_live(&options).await?;
    let realm = match &what.realm {
        Some(realm) => realm.clone(),
        None => realm_of(&wanted, live.snapshots())?,
    };
    let explainer =
        Explainer { live, files: options.settings.realms.clone(), environment: Arc::new(invocation.environment.clone()) };
    let report = explainer.explain(&realm, &wanted, SystemClock.now()).await?;
    let text = if what.json { format!("{:#}", report.json()) } else { report.human() };
    say!("{}", text.trim_end_matches('\n'));
    Ok(())
}

fn token(path: &Path) -> io::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path)
}

/// The realm of the token, else the only one that there is beside master.
fn realm_of(wanted: &Wanted, realms: &RealmStore) -> Result<String, CommandError> {
    let told = wanted.token.as_deref().and_then(ToldByToken::read);
    if let Some(realm) = told.as_ref().and_then(ToldByToken::realm) {
        return Ok(realm.to_owned());
    }
    let mut names: Vec<_> = realms.realms().map(|name| name.to_string()).filter(|name| name != "master").collect();
    names.sort();
    match names.as_slice() {
        [only] => Ok(only.clone()),
        _ => Err(CommandError::WhichRealm(names.join(", "))),
    }
}
