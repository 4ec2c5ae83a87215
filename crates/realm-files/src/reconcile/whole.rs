//! A realm that is new, or that left the files.

use realm_model::completion::{Minting, new_realm};
use realm_model::document::Documents;
use realm_store::{Batch, Declared, RealmWrite};

use super::bases::{applied, declare, remember};
use super::entities::created_members;
use super::users::{declare_user, username_of};
use super::{Live, Options};
use crate::plan::{Action, Change, Plan, Refusal, Subject};
use crate::sources::FileRealm;

/// Everything in the file is made, and what Keycloak adds.
pub(super) fn create(file: &FileRealm, minting: &Minting<'_>) -> Plan {
    let mut plan = create_with_documents(file, minting).0;
    let bodies = file.split.documents.iter().map(|document| &document.body);
    for (change, body) in plan.changes.iter_mut().zip(bodies) {
        change.members = created_members(body);
    }
    plan
}

/// The same, its changes without their members, and the realm's entities as they will be in force.
pub(super) fn create_with_documents(file: &FileRealm, minting: &Minting<'_>) -> (Plan, Documents) {
    let mut plan = Plan { action: Action::Create, ..Plan::nothing(file.name.as_str(), file.source.as_str()) };
    plan.notes.extend(file.upgraded.iter().cloned());
    let (mut batch, documents) = Batch::creation_with_documents(new_realm(file.split.clone(), minting));
    for document in &file.split.documents {
        batch.writes.push(declare(document, &file.source));
        let (subject, place) = (Subject::Entity(document.key.clone()), file.places.of(&document.key).cloned());
        plan.changes.push(Change { subject, action: Action::Create, members: Vec::new(), place });
    }
    for user in &file.split.users {
        let Some(name) = username_of(user) else { continue };
        batch.writes.push(declare_user(&name, user, &file.source));
        let place = file.places.of_user(&name).cloned();
        plan.changes.push(Change { subject: Subject::User(name), action: Action::Create, members: Vec::new(), place });
    }
    batch.writes.push(remember(file));
    plan.batch = Some(batch);
    (plan, documents)
}

/// A realm that a file brought goes with the file, where that is allowed.
pub(super) fn delete(live: &Live, declared: &[Declared], options: Options) -> Plan {
    let Some(applied) = applied(declared) else { return Plan::nothing(live.realm.name.as_str(), "") };
    let mut plan = Plan::nothing(live.realm.name.as_str(), applied.source);
    if options.allow_deletes {
        plan.action = Action::Delete;
        let subject = Subject::Entity(realm_model::document::Key::realm());
        plan.changes.push(Change { subject, action: Action::Delete, members: Vec::new(), place: None });
        let realm_id = live.realm.id.clone();
        plan.batch = Some(Batch { realm_id, realm: RealmWrite::Delete, based_on: None, writes: Vec::new() });
    } else {
        plan.notes.push(Refusal::RealmGone(live.realm.name.clone()).to_string());
    }
    plan
}
