//! A client acts as a user of its own where `serviceAccountsEnabled` says so.

use realm_model::completion::service_account;
use realm_model::document::{Body, Document, Key, Kind};
use realm_store::{Expected, Write};
use serde_json::Value;

use super::entities::Run;
use super::merge::Merged;
use crate::plan::{Action, Change, Subject};

/// The scope that such a client gets.
const SCOPE: &str = "service_account";

fn is_on(body: &Body) -> bool {
    body.get("serviceAccountsEnabled").and_then(Value::as_bool).unwrap_or_default()
}

/// Gives a client whose service account is switched on its scope, unless the file lists its scopes.
pub(super) fn put_scope(merged: &mut Merged, said: &Document, (live, whole): (&Body, &Body)) {
    let Some(body) = &mut merged.body else { return };
    let is_new = is_on(body) && !is_on(live);
    let names = |body: &Body| body.get("defaultClientScopes").and_then(Value::as_array).cloned().unwrap_or_default();
    if !is_new || said.body.contains_key("defaultClientScopes") || !names(whole).iter().any(|name| name == SCOPE) {
        return;
    }
    let mut scopes = names(body);
    if !scopes.iter().any(|name| name == SCOPE) {
        scopes.insert(0, SCOPE.into());
        body.insert("defaultClientScopes".to_owned(), scopes.into());
    }
}

/// What is written of clients decides about their service accounts: noted here, worked out by [`settle`].
pub(super) fn follow_clients(run: &mut Run<'_>) {
    let mut made = Vec::new();
    let mut gone = Vec::new();
    for write in &run.writes {
        let Write::Put { key, body, .. } = write else { continue };
        if key.kind != Kind::Client {
            continue;
        }
        let Ok(body) = serde_json::from_str::<Body>(body) else { continue };
        // What is in force is still the old state, but for a client that is new: that has version 0 and is equal.
        let before = run.live.documents.get(key).filter(|entry| entry.document.body != body);
        match (before.is_some_and(|entry| is_on(&entry.document.body)), is_on(&body)) {
            (false, true) => made.push(key.clone()),
            (true, false) => gone.push(key.clone()),
            _ => {}
        }
    }
    run.plan_service_accounts(made, gone);
}

/// A client goes: so does its service account.
pub(super) fn take_away(run: &mut Run<'_>, key: &Key) {
    run.plan_service_accounts(Vec::new(), vec![key.clone()]);
}

impl Run<'_> {
    fn plan_service_accounts(&mut self, made: Vec<Key>, gone: Vec<Key>) {
        self.accounts_made.extend(made.into_iter().map(|key| key.name));
        self.accounts_gone.extend(gone.into_iter().map(|key| key.name));
    }
}

/// Makes and deletes the users; a user that the file describes is left to it.
pub(super) fn settle(run: &mut Run<'_>, users: &super::LiveUsers) {
    let named = |run: &Run<'_>, client: &str| {
        let is_its = |user: &&Body| user.get("serviceAccountClientId").and_then(Value::as_str) == Some(client);
        run.file.split.users.iter().any(|user| is_its(&user))
    };
    for client in std::mem::take(&mut run.accounts_made) {
        if named(run, &client) || users.service_account(&client).is_some() {
            continue;
        }
        let record = service_account(&client, &run.live.documents);
        if users.named(record.username()).is_some() {
            continue;
        }
        note(run, record.username(), Action::Create);
        run.writes.push(Write::PutUser { record, expected: Expected::Absent });
    }
    for client in std::mem::take(&mut run.accounts_gone) {
        if named(run, &client) {
            continue;
        }
        let Some(row) = users.service_account(&client) else { continue };
        note(run, row.record.username(), Action::Delete);
        run.writes.push(Write::DeleteUser { id: row.record.id().to_owned(), expected: Expected::Version(row.version) });
    }
}

fn note(run: &mut Run<'_>, username: &str, action: Action) {
    let subject = Subject::User(username.to_owned());
    run.plan.changes.push(Change { subject, action, members: Vec::new(), place: None });
}
