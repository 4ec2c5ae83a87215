//! Reading and changing the entities of a realm ([`realm_editing::change`]).

use std::sync::Arc;

use realm_model::document::Documents;

use crate::call::Call;
use crate::error::AdminError;

pub(crate) use realm_editing::Changes;

impl Call {
    /// The realm's entities as they are now, with the values of placeholders: what is shown.
    ///
    /// # Errors
    /// The store is away, or the realm was removed in this moment.
    pub(crate) async fn documents(&self) -> Result<Arc<Documents>, AdminError> {
        self.api.live.resolved(self.realm_name()).await?.ok_or(AdminError::RealmNotFound)
    }

    /// Changes the realm's entities: `work` says how, from the entities as they are now, placeholders as they were written. It may
    /// be called several times.
    ///
    /// # Errors
    /// Those of `work`, and those of the store.
    pub(crate) async fn change<T>(
        &self,
        work: impl FnMut(&Documents, &mut Changes<'_>) -> Result<T, AdminError>,
    ) -> Result<T, AdminError> {
        self.change_in(self.realm_name(), work).await
    }

    /// The same in another realm.
    pub(crate) async fn change_in<T>(
        &self,
        realm: &str,
        work: impl FnMut(&Documents, &mut Changes<'_>) -> Result<T, AdminError>,
    ) -> Result<T, AdminError> {
        realm_editing::change(&self.api.live, realm, work).await
    }
}
