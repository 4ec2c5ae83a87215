//! Client scopes as they are built in: the same in every realm, but for ids, which snapshots have not.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use crate::ClientScope;

/// By template and name: as many as the templates have.
type Scopes = HashMap<String, HashMap<String, Arc<ClientScope>>>;

fn all() -> MutexGuard<'static, Scopes> {
    static BUILT_IN: LazyLock<Mutex<Scopes>> = LazyLock::new(Mutex::default);
    BUILT_IN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one of this name, where it was read before.
pub(super) fn known(template: &str, name: &str) -> Option<Arc<ClientScope>> {
    all().get(template)?.get(name).cloned()
}

pub(super) fn remember(template: &str, name: &str, scope: &Arc<ClientScope>) {
    all().entry(template.to_owned()).or_default().insert(name.to_owned(), Arc::clone(scope));
}
