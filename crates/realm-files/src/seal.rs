//! No plain password is written into the store.

use std::sync::Arc;

use ambient::Entropy;
use async_trait::async_trait;
use futures_util::future::try_join_all;
use oidc_types::Secret;
use passwords::{HashPolicy, HashPool};
use realm_model::document::UserRecord;
use realm_model::{Placeholders, compile};
use realm_store::Write;
use serde_json::Value;
use thiserror::Error;

use crate::sources::name_of;

/// So many passwords are hashed at once; the pool's queue holds more.
const AT_ONCE: usize = 64;

/// Makes a credential of a plain password.
#[async_trait]
pub trait Seal: Send + Sync {
    /// `secretData` and `credentialData` of `password` under the realm's `passwordPolicy`; `None` leaves it as it is.
    ///
    /// # Errors
    /// It cannot be hashed at the moment, or the policy names no known hash.
    async fn seal(&self, password: Secret<String>, policy: &str) -> Result<Option<(String, String)>, SealError>;
}

/// Why a password could not be hashed.
#[derive(Debug, Error)]
pub enum SealError {
    /// The pool.
    #[error(transparent)]
    Full(#[from] passwords::PoolFull),
    /// The realm's policy.
    #[error(transparent)]
    Policy(#[from] passwords::PolicyError),
}

/// Hashes with Keycloak's algorithms.
pub struct Hashing {
    /// Where hashes are computed.
    pub pool: Arc<HashPool>,
    /// Where salts come from.
    pub entropy: Arc<dyn Entropy>,
}

/// Leaves plain passwords as they are: for stores that are in memory only.
pub struct KeepPlain;

#[async_trait]
impl Seal for KeepPlain {
    async fn seal(&self, _: Secret<String>, _: &str) -> Result<Option<(String, String)>, SealError> {
        Ok(None)
    }
}

#[async_trait]
impl Seal for Hashing {
    async fn seal(&self, password: Secret<String>, policy: &str) -> Result<Option<(String, String)>, SealError> {
        let parts = policy.split(" and ").map(|part| match part.trim().split_once('(') {
            Some((id, value)) => (id.trim(), Some(value.strip_suffix(')').unwrap_or(value))),
            None => (part.trim(), None),
        });
        let policy = HashPolicy::from_password_policy(parts)?;
        let hashed = self.pool.hash(password, &policy, Arc::clone(&self.entropy)).await?;
        Ok(Some(hashed.to_keycloak()))
    }
}

/// Seals every plain password among `writes`.
pub(crate) async fn seal_writes(
    writes: &mut [Write],
    policy: &str,
    seal: &dyn Seal,
    placeholders: &(dyn Placeholders + Send + Sync),
) -> Result<(), SealError> {
    let mut records = writes.iter_mut().filter_map(|write| match write {
        Write::PutUser { record, .. } => Some(record),
        _ => None,
    });
    loop {
        let some: Vec<&mut UserRecord> = records.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return Ok(());
        }
        try_join_all(some.into_iter().map(|record| seal_user(record, policy, seal, placeholders))).await?;
    }
}

/// Whether a user has a plain password.
pub(crate) fn has_plain(record: &UserRecord) -> bool {
    let credentials = record.0.get("credentials").and_then(Value::as_array);
    credentials.into_iter().flatten().any(|body| compile::credential(body).is_some_and(|known| known.plain().is_some()))
}

/// Seals the plain passwords of one user.
pub(crate) async fn seal_user(
    record: &mut UserRecord,
    policy: &str,
    seal: &dyn Seal,
    placeholders: &(dyn Placeholders + Send + Sync),
) -> Result<(), SealError> {
    let Some(Value::Array(credentials)) = record.0.get_mut("credentials") else { return Ok(()) };
    for body in credentials {
        let Some(plain) = compile::credential(body).and_then(|credential| credential.plain()) else { continue };
        let password = Secret::new(name_of(plain.expose(), placeholders));
        let Some((secret, data)) = seal.seal(password, policy).await? else { continue };
        if let Value::Object(members) = body {
            members.shift_remove("value");
            members.insert("secretData".to_owned(), secret.into());
            members.insert("credentialData".to_owned(), data.into());
        }
    }
    Ok(())
}
