//! Taking an entity away, with what belongs to it.

use realm_model::document::{Key, Kind};
use realm_store::Write;

use super::entities::Run;
use super::service_accounts;
use crate::plan::{Action, Change, Subject};

/// The owner of components that are keys.
const KEY_PROVIDER: &str = "org.keycloak.keys.KeyProvider";

pub(super) fn delete(run: &mut Run<'_>, key: &Key) {
    if key.kind == Kind::Realm {
        return;
    }
    if key.kind == Kind::Component && key.owner == KEY_PROVIDER && !run.options.allow_deletes {
        let note = format!("{key} left the file; a key stays unless deletions are allowed: tokens may still be signed with it");
        run.plan.notes.push(note);
        // It is still declared, so that it is deleted where that is allowed later on.
        run.writes.retain(
            |write| !matches!(write, Write::Declare { of: realm_store::DeclaredKey::Entity(of), base: None } if of == key),
        );
        return;
    }
    if run.live.documents.get(key).is_none() {
        return; // it went with another one
    }
    let place = None;
    run.plan.changes.push(Change { subject: Subject::Entity(key.clone()), action: Action::Delete, members: Vec::new(), place });
    let keys: Vec<Key> = run.live.documents.iter().map(|entry| entry.document.key.clone()).collect();
    let belonging = keys.into_iter().filter(|other| belongs(other, key) && !run.is_in_file(other)).collect::<Vec<_>>();
    for key in std::iter::once(key).chain(&belonging) {
        one(run, key);
    }
}

fn one(run: &mut Run<'_>, key: &Key) {
    if key.kind == Kind::Client {
        service_accounts::take_away(run, key);
    }
    run.writes.push(run.live.deletion(key));
    if matches!(key.kind, Kind::RealmRole | Kind::ClientRole | Kind::Group) {
        run.writes.push(Write::ForgetMembership(key.clone()));
    }
    run.live.documents.remove(key);
}

/// Whether `key` makes no sense without `of`.
fn belongs(key: &Key, of: &Key) -> bool {
    match (of.kind, key.kind) {
        (Kind::Client, Kind::ClientRole) => key.owner == of.name,
        (Kind::Client, Kind::ScopeMapping) => key.owner == "client" && key.name == of.name,
        (Kind::Client, Kind::ClientScopeMapping) => {
            key.owner == of.name || key.name.strip_prefix("client:") == Some(of.name.as_str())
        }
        (Kind::ClientScope, Kind::ScopeMapping) => key.owner == "clientScope" && key.name == of.name,
        (Kind::ClientScope, Kind::ClientScopeMapping) => key.name.strip_prefix("clientScope:") == Some(of.name.as_str()),
        (Kind::Group, Kind::Group) => key.name.strip_prefix(&of.name).is_some_and(|below| below.starts_with('/')),
        (Kind::IdentityProvider, Kind::IdentityProviderMapper) => key.owner == of.name,
        _ => false,
    }
}
