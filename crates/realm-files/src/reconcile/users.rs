//! Users of a realm file.

use std::collections::{HashMap, HashSet};

use realm_model::completion::user as complete;
use realm_model::document::Body;
use realm_store::{DeclaredKey, Expected, UserRow, Write};
use serde_json::{Value, json};

use super::bases::undeclare;
use super::entities::Run;
use super::merge::{Sides, merge};
use super::said::{Before, Said};
use super::service_accounts;
use crate::plan::{Action, Change, MemberChange, Subject};

/// Members of a user that a file sets only when the user is made.
const NOT_COMPARED: [&str; 9] = [
    "id",
    "username",
    "credentials",
    "createdTimestamp",
    "totp",
    "disableableCredentialTypes",
    "serviceAccountClientId",
    "access",
    "origin",
];

/// The users in force of whom a comparison has to know.
#[derive(Clone, Debug, Default)]
pub struct LiveUsers {
    rows: Vec<UserRow>,
    by_name: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
    by_client: HashMap<String, usize>,
    absent: HashSet<String>,
}

impl LiveUsers {
    /// Adds one.
    pub fn add(&mut self, row: UserRow) {
        if self.by_id.contains_key(row.record.id()) {
            return;
        }
        let at = self.rows.len();
        self.by_id.insert(row.record.id().to_owned(), at);
        self.by_name.insert(row.record.username().to_owned(), at);
        if let Some(client) = row.record.text("serviceAccountClientId") {
            self.by_client.insert(client.to_owned(), at);
        }
        self.rows.push(row);
    }

    /// Notes that nobody has this username (in lower case).
    pub fn add_absent(&mut self, username: &str) {
        self.absent.insert(username.to_owned());
    }

    /// By username in lower case.
    pub(crate) fn named(&self, username: &str) -> Option<&UserRow> {
        self.rows.get(*self.by_name.get(username)?)
    }

    /// By id.
    pub(crate) fn with_id(&self, id: &str) -> Option<&UserRow> {
        self.rows.get(*self.by_id.get(id)?)
    }

    /// As which a client acts.
    pub(crate) fn service_account(&self, client: &str) -> Option<&UserRow> {
        self.rows.get(*self.by_client.get(client)?)
    }
}

/// `username` of a user of a file, in lower case.
pub(crate) fn username_of(user: &Body) -> Option<String> {
    Some(user.get("username")?.as_str()?.to_lowercase()).filter(|name| !name.is_empty())
}

/// Remembers what the file says of a user.
pub(super) fn declare_user(username: &str, user: &Body, file: &str) -> Write {
    let base = Some((Said::User(user).text(), file.to_owned()));
    Write::Declare { of: DeclaredKey::User(username.to_owned()), base }
}

pub(super) fn reconcile(run: &mut Run<'_>, live: &LiveUsers) {
    let file = run.file;
    let mut seen = HashSet::new();
    for user in &file.split.users {
        let Some(name) = username_of(user) else { continue };
        one(run, live, &name, user);
        seen.insert(name);
    }
    let mut left: Vec<&str> = run.bases.users.keys().filter(|name| !seen.contains(**name)).copied().collect();
    left.sort_unstable();
    for name in left {
        left_the_file(run, live, name);
    }
    service_accounts::settle(run, live);
}

fn one(run: &mut Run<'_>, live: &LiveUsers, name: &str, user: &Body) {
    let said = Said::User(user);
    let before = said.beside(run.bases.users.get(name).copied());
    let id = user.get("id").and_then(Value::as_str).unwrap_or_default();
    let known = live.named(name).or_else(|| live.with_id(id));
    match known {
        Some(row) => update(run, row, user, &before),
        None if said.is_new(&before) => create(run, name, user),
        None if live.absent.contains(name) => {
            let place = run.file.places.of_user(name).cloned();
            let subject = Subject::User(name.to_owned());
            run.plan.drift.push(Change { subject, action: Action::Delete, members: Vec::new(), place });
        }
        None => {} // nobody asked about a user of whom nothing new is said
    }
    if said.differs(&before) {
        run.writes.push(declare_user(name, user, &run.file.source));
    }
}

fn create(run: &mut Run<'_>, name: &str, user: &Body) {
    let Some(record) = complete(user.clone(), &run.live.documents, run.minting) else { return };
    note(run, name, Action::Create, Vec::new());
    run.writes.push(Write::PutUser { record, expected: Expected::Absent });
}

fn update(run: &mut Run<'_>, row: &UserRow, user: &Body, before: &Before) {
    let name = username_of(user).unwrap_or_default();
    let Some(completed) = complete(user.clone(), &run.live.documents, run.minting) else { return };
    let empty = Body::new();
    // E-mail addresses are compared as they are kept, in lower case.
    let lowered = |body: &Body| {
        let mut body = body.clone();
        if let Some(Value::String(email)) = body.get_mut("email") {
            *email = email.to_lowercase();
        }
        body
    };
    let said = lowered(user);
    let base = match before {
        Before::Nothing => None,
        Before::Same => Some(said.clone()),
        Before::Other(base) => Some(lowered(base)),
    };
    let sides = Sides { base: base.as_ref().unwrap_or(&empty), file: &said, live: &row.record.0, whole: &completed.0 };
    let mut merged = merge(sides, &NOT_COMPARED);
    let renamed = row.record.username() != name;
    if renamed {
        merged.body.get_or_insert_with(|| row.record.0.clone()).insert("username".to_owned(), name.as_str().into());
    }
    if credentials_differ(base.as_ref(), &said) {
        let note = format!("the credentials of user \"{name}\" changed in the file: they count only when a user is made");
        run.plan.notes.push(note);
    }
    if !merged.changes.is_empty() || renamed {
        let action = if renamed { Action::Rename(row.record.username().to_owned()) } else { Action::Update };
        note(run, &name, action, merged.changes);
    }
    if let Some(body) = merged.body.filter(|body| *body != row.record.0) {
        let record = realm_model::document::UserRecord(body);
        run.writes.push(Write::PutUser { record, expected: Expected::Version(row.version) });
    }
    if renamed && run.bases.users.contains_key(row.record.username()) {
        run.writes.push(undeclare(DeclaredKey::User(row.record.username().to_owned())));
        run.bases.users.remove(row.record.username());
    }
    if !merged.drift.is_empty() {
        let place = run.file.places.of_user(&name).cloned();
        run.plan.drift.push(Change { subject: Subject::User(name), action: Action::Update, members: merged.drift, place });
    }
}

fn credentials_differ(base: Option<&Body>, said: &Body) -> bool {
    let kinds = |body: &Body| Said::User(body).base().get("credentials").cloned().unwrap_or_else(|| json!([]));
    base.is_some_and(|base| kinds(base) != kinds(said))
}

fn left_the_file(run: &mut Run<'_>, live: &LiveUsers, name: &str) {
    if !run.options.delete_users {
        run.plan.notes.push(format!(
            "user \"{name}\" left the file and stays: users are deleted only where that is asked for (--delete-users)"
        ));
        return;
    }
    run.writes.push(undeclare(DeclaredKey::User(name.to_owned())));
    if let Some(row) = live.named(name) {
        note(run, name, Action::Delete, Vec::new());
        let id = row.record.id().to_owned();
        run.writes.push(Write::DeleteUser { id, expected: Expected::Version(row.version) });
    }
}

fn note(run: &mut Run<'_>, name: &str, action: Action, members: Vec<MemberChange>) {
    let place = run.file.places.of_user(name).cloned();
    run.plan.changes.push(Change { subject: Subject::User(name.to_owned()), action, members, place });
}
