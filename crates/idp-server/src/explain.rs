//! Why tokens say what they say, told of the realms in force with the places in the realm files.

mod places;
mod report;

use std::path::PathBuf;
use std::sync::Arc;

use ambient::Timestamp;
use realm_model::{Client, Realm, User, did_you_mean};
use realm_store::LiveRealms;
use serde::Deserialize;
use thiserror::Error;
use token_issuer::{Asked, MintContext, Question, Subject, ToldByToken};

use self::places::Places;
pub(crate) use self::report::Report;
use crate::realms;

/// What somebody wants explained.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wanted {
    pub(crate) client: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) scope: Option<String>,
    /// `claim:NAME`, `role:NAME`, `audience:NAME`, `scope:NAME`.
    pub(crate) why: Vec<String>,
    /// Says client, user and scope where these are not given; not verified.
    pub(crate) token: Option<String>,
}

/// Why nothing is explained.
#[derive(Debug, Error)]
pub(crate) enum ExplainError {
    #[error("there is no realm {0}{1}")]
    UnknownRealm(String, String),
    #[error("name the client, or give a token")]
    NoClient,
    #[error("realm {0} has no client {1}{2}")]
    UnknownClient(String, String, String),
    #[error("name the user: client {0} has no service account")]
    NoUser(String),
    #[error("realm {0} has no user {1}")]
    UnknownUser(String, String),
    #[error("{0:?} is not claim:NAME, role:NAME, audience:NAME or scope:NAME")]
    Asked(String),
    #[error("the token cannot be read: it is no signed JWT")]
    Token,
    #[error(transparent)]
    Users(#[from] realm_store::StoreError),
    #[error(transparent)]
    Claims(#[from] token_issuer::MintError),
}

/// Explains tokens of the realms in force.
pub(crate) struct Explainer {
    pub(crate) live: Arc<LiveRealms>,
    /// The realm files and folders of them.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) environment: Arc<Vec<(String, String)>>,
}

impl Explainer {
    pub(crate) async fn explain(&self, realm: &str, wanted: &Wanted, now: Timestamp) -> Result<Report, ExplainError> {
        let snapshots = self.live.snapshots();
        let unknown = || {
            let names: Vec<_> = snapshots.realms().map(|name| name.to_string()).collect();
            ExplainError::UnknownRealm(realm.to_owned(), nearest(realm, names.iter().map(String::as_str)))
        };
        let realm = snapshots.realm(realm).ok_or_else(unknown)?;
        let told = wanted.token.as_deref().map(|token| ToldByToken::read(token).ok_or(ExplainError::Token)).transpose()?;
        let told = told.unwrap_or_default();
        let asked = wanted.why.iter().map(|text| Asked::parse(text).ok_or_else(|| ExplainError::Asked(text.clone())));
        let asked: Vec<Asked> = asked.collect::<Result<_, _>>()?;
        let client = client_of(&realm, wanted.client.as_deref().or(told.azp.as_deref()))?;
        let user = self.user(&realm, client, wanted, &told).await?;
        let of_service = user.service_account_client.is_some();
        let scope = wanted.scope.clone().or(told.scope).or_else(|| (!of_service).then(|| "openid".to_owned()));
        let question =
            Question { client: Arc::clone(client), subject: Subject::new(&realm, Arc::clone(&user)), scope: scope.clone() };
        let cx = MintContext { realm: &realm, issuer: "", now };
        let explanation = token_issuer::explain(&question, cx, &asked).await?;
        let (files, _) = realms::read(&self.files, &self.environment);
        let places = Places::new(files.into_iter().find(|file| file.name == realm.name.as_str()), realm.name.as_str());
        let (client, user) = (client.client_id.to_string(), user.username.clone());
        Ok(Report::new((realm.name.to_string(), client, user, scope), &explanation, places))
    }

    async fn user(&self, realm: &Realm, client: &Client, wanted: &Wanted, told: &ToldByToken) -> Result<Arc<User>, ExplainError> {
        let users = self.live.users();
        let unknown = |name: &str| ExplainError::UnknownUser(realm.name.to_string(), name.to_owned());
        if let Some(name) = &wanted.user {
            return users.find_by_name_or_email(realm, name).await?.ok_or_else(|| unknown(name));
        }
        if let Some(id) = &told.sub
            && let Some(user) = users.find_by_id(&realm.name, id).await?
        {
            return Ok(user);
        }
        if let Some(name) = &told.preferred_username {
            return users.find_by_username(&realm.name, name).await?.ok_or_else(|| unknown(name));
        }
        match &told.sub {
            Some(id) => Err(unknown(id)),
            None => {
                let account = users.find_service_account(&realm.name, &client.client_id).await?;
                account.filter(|_| client.service_accounts).ok_or_else(|| ExplainError::NoUser(client.client_id.to_string()))
            }
        }
    }
}

fn client_of<'r>(realm: &'r Realm, name: Option<&str>) -> Result<&'r Arc<Client>, ExplainError> {
    let name = name.ok_or(ExplainError::NoClient)?;
    let nearest = || nearest(name, realm.clients.keys().map(|id| id.as_str()));
    realm.client(name).ok_or_else(|| ExplainError::UnknownClient(realm.name.to_string(), name.to_owned(), nearest()))
}

fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> String {
    did_you_mean(name, names).map(|nearest| format!("; {nearest}")).unwrap_or_default()
}
