//! Client scopes and roles as they are built in: the same in every realm, but for ids, which snapshots have not.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use crate::{ClientScope, EntityMap, Role, RoleKey};

/// What was read of one template: no more than it has.
#[derive(Default)]
struct Known {
    scopes: HashMap<String, Arc<ClientScope>>,
    roles: EntityMap<RoleKey, Role>,
}

/// By template.
fn all() -> MutexGuard<'static, HashMap<String, Known>> {
    static BUILT_IN: LazyLock<Mutex<HashMap<String, Known>>> = LazyLock::new(Mutex::default);
    BUILT_IN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The client scope of this name, where it was read before.
pub(super) fn scope(template: &str, name: &str) -> Option<Arc<ClientScope>> {
    all().get(template)?.scopes.get(name).cloned()
}

pub(super) fn remember_scope(template: &str, name: &str, scope: &Arc<ClientScope>) {
    all().entry(template.to_owned()).or_default().scopes.insert(name.to_owned(), Arc::clone(scope));
}

/// The roles that every realm has; none where they were not read before.
pub(super) fn roles(template: &str) -> EntityMap<RoleKey, Role> {
    all().get(template).map(|known| known.roles.clone()).unwrap_or_default()
}

pub(super) fn remember_roles(template: &str, roles: impl FnOnce() -> EntityMap<RoleKey, Role>) {
    let mut all = all();
    let known = all.entry(template.to_owned()).or_default();
    if known.roles.is_empty() {
        known.roles = roles();
    }
}
