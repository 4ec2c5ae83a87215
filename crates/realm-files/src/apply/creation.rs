//! A realm that is not there yet: worked out and compiled where its file was read, so that thousands take all cores.

use realm_model::{Realm, compile};
use realm_store::CommitError;

use super::{ApplyError, Reconciler};
use crate::plan::Plan;
use crate::reconcile::{Options, creation};
use crate::sources::FileRealm;

/// What makes a realm, and its snapshot.
pub(crate) struct Prepared {
    plan: Plan,
    snapshot: Realm,
}

impl Reconciler {
    /// What applying `file` does where there is no such realm: the same as [`Reconciler::plan`], without the members of its changes.
    pub(crate) fn prepare(&self, file: &FileRealm) -> Option<Prepared> {
        if self.live.is_known(&file.name, &file.id) {
            return None;
        }
        let (plan, documents) = creation(file, &self.minting());
        let compiled = compile::realm(&documents, self.live.placeholders().as_ref());
        for problem in compiled.problems {
            log::warn!("realm {}: {problem}", compiled.realm.name);
        }
        Some(Prepared { plan, snapshot: compiled.realm })
    }

    /// As [`Reconciler::apply`], with what was prepared of the file, if it was.
    ///
    /// # Errors
    /// See [`ApplyError`].
    pub(crate) async fn apply_prepared(
        &self,
        (file, prepared): (&FileRealm, Option<Prepared>),
        options: Options,
    ) -> Result<Plan, ApplyError> {
        match prepared {
            // Somebody may have made it meanwhile.
            Some(prepared) if !self.live.is_known(&file.name, &file.id) => match self.create(prepared).await {
                Err(ApplyError::Commit(CommitError::Exists(_))) => self.apply(file, options).await,
                other => other,
            },
            _ => self.apply(file, options).await,
        }
    }

    async fn create(&self, Prepared { mut plan, snapshot }: Prepared) -> Result<Plan, ApplyError> {
        let Some(mut batch) = plan.batch.take() else { return Ok(plan) };
        self.seal(&plan.realm, &mut batch.writes).await?;
        self.live.create(batch, snapshot).await?;
        Ok(plan)
    }
}

#[cfg(test)]
mod tests;
