//! From rows to documents and snapshots.

use std::borrow::Cow;
use std::sync::Arc;

use realm_model::compile::{self, Compiled};
use realm_model::document::{Body, Documents};
use realm_model::{Placeholders, Realm, resolve};

use super::copies::Copy;
use crate::{Row, StoredRealm};

/// All entities in force, placeholders as they were written and with their values.
pub(super) fn copy(stored: &StoredRealm, placeholders: &dyn Placeholders) -> Copy {
    let written = Arc::new(overlay(stored, &|body| serde_json::from_str(body).ok()));
    let differs = |row: &Row| row.body.as_ref().is_some_and(|body| matches!(resolve(body, placeholders), Cow::Owned(_)));
    let resolved = if stored.rows.iter().any(differs) {
        Arc::new(overlay(stored, &|body| serde_json::from_str(&resolve(body, placeholders)).ok()))
    } else {
        Arc::clone(&written)
    };
    Copy { written, resolved }
}

fn overlay(stored: &StoredRealm, read: &dyn Fn(&str) -> Option<Body>) -> Documents {
    // A placeholder whose value breaks the JSON around it.
    let unreadable = |row: &Row| {
        log::error!("realm {}: {} is left out: with the values of its placeholders it is no JSON", stored.realm.name, row.key);
    };
    stored.documents(read, &unreadable)
}

/// The snapshot; what does not fit together in it is logged.
pub(super) fn snapshot(documents: &Documents, placeholders: &dyn Placeholders) -> Realm {
    told(compile::realm(documents, placeholders))
}

/// What does not fit together is logged.
fn told(compiled: Compiled) -> Realm {
    for problem in compiled.problems {
        log::warn!("realm {}: {problem}", compiled.realm.name);
    }
    compiled.realm
}

/// The next snapshot after the one that was made of the documents beside it: only what changed is compiled anew.
pub(super) fn next(
    before: Option<&(Arc<Documents>, Arc<Realm>)>,
    documents: &Documents,
    placeholders: &dyn Placeholders,
) -> Realm {
    let Some((old, realm)) = before else { return snapshot(documents, placeholders) };
    told(compile::change(realm, documents, &documents.changed_from(old), placeholders))
}

/// The snapshots of many realms, on all cores.
pub(super) async fn all(
    mut stored: Vec<StoredRealm>,
    placeholders: &Arc<dyn Placeholders + Send + Sync>,
) -> Vec<(String, Realm, i64)> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let part = stored.len().div_ceil(cores).max(1);
    let mut parts = Vec::with_capacity(cores);
    while !stored.is_empty() {
        let (rest, placeholders) = (stored.split_off(part.min(stored.len())), Arc::clone(placeholders));
        let part = std::mem::replace(&mut stored, rest);
        parts.push(tokio::task::spawn_blocking(move || {
            let build = |stored: StoredRealm| {
                let documents = overlay(&stored, &|body| serde_json::from_str(body).ok());
                (stored.realm.id, snapshot(&documents, placeholders.as_ref()), stored.realm.version)
            };
            part.into_iter().map(build).collect::<Vec<_>>()
        }));
    }
    futures_util::future::join_all(parts).await.into_iter().flatten().flatten().collect()
}
