//! Whether servers with the same realms issue the same tokens: every user at every client, on each of them.

mod asking;
mod claims;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

use self::asking::Question;
use crate::http_client::HttpError;

/// Users and their passwords of the shared realm files.
const LOGINS: &str = include_str!("same_tokens/logins.json");

/// Options of `cargo xtask same-tokens`.
#[derive(clap::Args)]
pub struct Options {
    /// A server: scheme, host and port, and the relative path if it has one. The others are compared with the first.
    #[arg(long, required = true)]
    base: Vec<String>,
    /// The folder with the realm files: of them are the clients.
    #[arg(long, default_value = "tests/keycloak/realms")]
    realms: PathBuf,
    /// A JSON object: per realm (and file) the users and their passwords. Default: those of tests/keycloak/realms.
    #[arg(long)]
    logins: Option<PathBuf>,
    /// Only this realm.
    #[arg(long)]
    realm: Option<String>,
}

/// Why tokens could not be compared, or are not the same.
#[derive(Debug, Error)]
pub enum SameTokensError {
    /// A file that cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, String),
    /// A server that does not answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// They are not the same.
    #[error("{0} differences")]
    Different(usize),
}

/// Asks all servers the same and compares what they answer.
///
/// # Errors
/// See [`SameTokensError`].
pub fn run(options: &Options) -> Result<(), SameTokensError> {
    let logins: BTreeMap<String, BTreeMap<String, String>> = match &options.logins {
        Some(path) => read(path)?,
        None => parsed(LOGINS, Path::new("logins.json"))?,
    };
    let mut different = 0;
    for (realm, users) in logins.iter().filter(|(realm, _)| options.realm.as_ref().is_none_or(|only| only == *realm)) {
        let file: Value = read(&options.realms.join(format!("{realm}.json")))?;
        let questions = asking::questions(realm, users, &file);
        let answers = everywhere(&options.base, &questions)?;
        different += report(realm, &options.base, &questions, &answers);
    }
    if different == 0 { Ok(()) } else { Err(SameTokensError::Different(different)) }
}

/// What each server answers to each question; all servers are asked at the same time.
fn everywhere(bases: &[String], questions: &[Question]) -> Result<Vec<Vec<claims::Said>>, HttpError> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = bases.iter().map(|base| scope.spawn(|| asking::ask_all(base, questions))).collect();
        let answered = asked.into_iter().map(|asked| asked.join().unwrap_or_else(|_| Err(HttpError("interrupted".to_owned()))));
        answered.collect()
    })
}

fn report(realm: &str, bases: &[String], questions: &[Question], answers: &[Vec<claims::Said>]) -> usize {
    let Some((first, others)) = answers.split_first() else { return 0 };
    let mut different = 0;
    for (base, answers) in bases.iter().skip(1).zip(others) {
        for ((question, expected), answer) in questions.iter().zip(first).zip(answers) {
            for difference in claims::differences(expected, answer) {
                println!("{realm}, {}, {base}: {difference}", question.title);
                different += 1;
            }
        }
    }
    let tokens: usize = first.iter().map(claims::Said::tokens).sum();
    let claims: usize = first.iter().map(claims::Said::claims).sum();
    println!("{realm}: {} requests, {tokens} tokens with {claims} claims; {different} differences", questions.len());
    different
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, SameTokensError> {
    let text = std::fs::read_to_string(path).map_err(|error| SameTokensError::File(path.to_owned(), error.to_string()))?;
    parsed(&text, path)
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str, path: &Path) -> Result<T, SameTokensError> {
    serde_json::from_str(text).map_err(|error| SameTokensError::File(path.to_owned(), error.to_string()))
}
