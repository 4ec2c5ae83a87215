//! `/admin/realms/{realm}/partialImport`

use std::collections::BTreeSet;

use realm_model::completion::user;
use realm_model::document::{Body, Document, Documents, Key, Kind, UserRecord};
use realm_store::{Expected, UserKey, Write};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::body::{object, text};
use crate::call::Call;
use crate::change::Changes;
use crate::credentials::{hash_plain, hash_policy};
use crate::error::AdminError;
use crate::json;
use crate::merge::without_nulls;
use crate::references;
use crate::resource::clients;
use crate::role;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[Route::post("partialImport", |call| Box::pin(import(call)))],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// `ifResourceExists`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Fail,
    Skip,
    Overwrite,
}

/// What became of one entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Added,
    Overwritten,
    Skipped,
}

/// What became of all of them.
#[derive(Clone, Debug, Default)]
struct Report {
    results: Vec<Value>,
    counts: [usize; 3],
}

impl Report {
    fn tell(&mut self, action: Action, (kind, name): (&str, &str), id: &str) {
        let (word, at) = match action {
            Action::Added => ("ADDED", 0),
            Action::Overwritten => ("OVERWRITTEN", 1),
            Action::Skipped => ("SKIPPED", 2),
        };
        if let Some(count) = self.counts.get_mut(at) {
            *count += 1;
        }
        self.results.push(json!({ "action": word, "resourceType": kind, "resourceName": name, "id": id }));
    }

    fn shown(&self) -> Value {
        let [added, overwritten, skipped] = self.counts;
        json!({ "added": added, "overwritten": overwritten, "skipped": skipped, "results": self.results })
    }
}

/// One import, as it is worked out.
struct Import<'i, 'd> {
    call: &'i Call,
    documents: &'d Documents,
    policy: Policy,
    report: Report,
}

async fn import(call: &Call) -> Result<Answer, AdminError> {
    let given = call.json(&json::PARTIAL_IMPORT)?;
    call.refuse_without(Permission::ManageRealm)?;
    let policy = match text(&given, "ifResourceExists") {
        None | Some("FAIL") => Policy::Fail,
        Some("SKIP") => Policy::Skip,
        Some("OVERWRITE") => Policy::Overwrite,
        // Keycloak: recording admin-realms/partial-import-odd.
        Some(_) => return Err(AdminError::Described(500, "unknown_error", "Cannot parse the JSON".to_owned())),
    };
    let users = users(call, &given).await?;
    let report = call
        .change(|documents, changes| {
            let mut import = Import { call, documents, policy, report: Report::default() };
            import.clients(changes, &given)?;
            import.roles(changes, &given)?;
            import.groups(changes, &given)?;
            import.users(changes, &users)?;
            Ok(import.report)
        })
        .await?;
    Ok(Answer::json(&report.shown())?.without_cache_control())
}

/// A user to be imported, with the one of its name that is there.
struct Incoming {
    record: UserRecord,
    present: Option<UserRecord>,
}

async fn users(call: &Call, given: &Body) -> Result<Vec<Incoming>, AdminError> {
    let documents = call.documents().await?;
    let policy = hash_policy(&documents.settings().cloned().unwrap_or_default());
    let mut all = Vec::new();
    for body in items(given, "users") {
        let Some(mut record) = user(without_nulls(body.clone()), &documents, &call.minting()) else {
            return Err(AdminError::Broken("a user without a name".to_owned()));
        };
        hash_plain(&call.api, &mut record, &policy).await?;
        let key = UserKey::Username(record.username());
        let present = call.api.live.repository().user(&call.realm().id, key).await?.map(|row| row.record);
        all.push(Incoming { record, present });
    }
    Ok(all)
}

fn items<'b>(body: &'b Body, member: &str) -> impl Iterator<Item = &'b Body> {
    body.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

impl Import<'_, '_> {
    /// What is to be done to an entity that may be there already; its id where it is.
    fn judge(&self, present: Option<&str>, taken: impl FnOnce() -> String) -> Result<Action, AdminError> {
        match (present, self.policy) {
            (None, _) => Ok(Action::Added),
            (Some(_), Policy::Skip) => Ok(Action::Skipped),
            (Some(_), Policy::Overwrite) => Ok(Action::Overwritten),
            (Some(_), Policy::Fail) => Err(AdminError::message(409, taken())),
        }
    }

    fn id_of(&self, key: &Key) -> Option<&str> {
        self.documents.get(key).map(|entry| entry.document.id.as_str())
    }

    fn clients(&mut self, changes: &mut Changes<'_>, given: &Body) -> Result<(), AdminError> {
        for client in items(given, "clients") {
            let name = text(client, "clientId").ok_or_else(|| AdminError::Broken("a client without a name".to_owned()))?;
            let key = Key::of(Kind::Client, name);
            let present = self.id_of(&key);
            let action = self.judge(present, || format!("Client id '{name}' already exists"))?;
            let id = present.map_or_else(|| self.call.new_id(), str::to_owned);
            if action != Action::Skipped {
                let mut body = crate::body::without(without_nulls(client.clone()), &["id", "access"]);
                crate::mapper::complete(&mut body, std::iter::repeat_with(|| self.call.new_id()));
                let client = Document { key, id: id.clone(), body };
                let account = action == Action::Added;
                clients::add(self.call, (self.documents, changes), (client, account));
            }
            self.report.tell(action, ("CLIENT", name), &id);
        }
        Ok(())
    }

    fn roles(&mut self, changes: &mut Changes<'_>, given: &Body) -> Result<(), AdminError> {
        let roles = object(given, "roles").cloned().unwrap_or_default();
        let of_clients = object(&roles, "client").cloned().unwrap_or_default();
        let new: BTreeSet<&str> = items(given, "clients").filter_map(|client| text(client, "clientId")).collect();
        for client in of_clients.keys() {
            if !new.contains(client.as_str()) && self.documents.named(Kind::Client, client).is_none() {
                let text = format!("Can not import client roles for nonexistent client named {client}");
                return Err(AdminError::message(412, text));
            }
        }
        for body in items(&roles, "realm") {
            self.role(changes, body, None)?;
        }
        for client in of_clients.keys() {
            for body in items(&of_clients, client) {
                self.role(changes, body, Some(client))?;
            }
        }
        Ok(())
    }

    fn role(&mut self, changes: &mut Changes<'_>, body: &Body, client: Option<&str>) -> Result<(), AdminError> {
        let name = text(body, "name").ok_or_else(|| AdminError::Broken("a role without a name".to_owned()))?;
        let (key, kind, shown) = match client {
            None => (Key::of(Kind::RealmRole, name), "REALM_ROLE", name.to_owned()),
            Some(client) => (Key::owned(Kind::ClientRole, client, name), "CLIENT_ROLE", format!("{client}-->{name}")),
        };
        let present = self.id_of(&key);
        let action = self.judge(present, || match client {
            None => format!("Realm role '{name}' already exists."),
            Some(client) => format!("Client role '{name}' for client '{client}' already exists."),
        })?;
        let id = present.map_or_else(|| self.call.new_id(), str::to_owned);
        self.report.tell(action, (kind, &shown), &id);
        match action {
            Action::Skipped => {}
            Action::Added => {
                role::create((self.documents, changes), &|_| key.clone(), (body, &id))?;
            }
            Action::Overwritten => {
                if let Some(entry) = self.documents.get(&key) {
                    role::update((self.documents, changes), &entry.document, body)?;
                }
                // Keycloak tells of such a role twice (recording admin-realms/partial-import-overwrite).
                self.report.tell(Action::Added, (kind, &shown), &id);
            }
        }
        Ok(())
    }

    fn groups(&mut self, changes: &mut Changes<'_>, given: &Body) -> Result<(), AdminError> {
        for group in items(given, "groups") {
            let path = text(group, "path").ok_or_else(|| AdminError::Broken("a group without a path".to_owned()))?;
            let name = text(group, "name").unwrap_or_default();
            let key = Key::of(Kind::Group, path);
            let present = self.id_of(&key);
            let action = self.judge(present, || format!("Group '{path}' already exists"))?;
            let id = present.map_or_else(|| self.call.new_id(), str::to_owned);
            if action == Action::Overwritten {
                references::delete(changes, self.documents, &key);
            }
            if action != Action::Skipped {
                self.group(changes, (group, path), &id);
            }
            self.report.tell(action, ("GROUP", name), &id);
        }
        Ok(())
    }

    /// Writes a group with all below it. The depth is that of the body, which is bounded.
    fn group(&self, changes: &mut Changes<'_>, (group, path): (&Body, &str), id: &str) {
        let mut body =
            crate::body::only(without_nulls(group.clone()), &["name", "description", "attributes", "realmRoles", "clientRoles"]);
        for map in ["attributes", "clientRoles"] {
            body.entry(map).or_insert_with(|| Map::new().into());
        }
        body.entry("realmRoles").or_insert_with(|| Vec::<Value>::new().into());
        changes.put_anew(Document { key: Key::of(Kind::Group, path), id: id.to_owned(), body });
        for child in items(group, "subGroups") {
            let name = text(child, "name").unwrap_or_default().replace('/', "~/");
            self.group(changes, (child, &format!("{path}/{name}")), &self.call.new_id());
        }
    }

    fn users(&mut self, changes: &mut Changes<'_>, users: &[Incoming]) -> Result<(), AdminError> {
        for Incoming { record, present } in users {
            let name = record.username().to_owned();
            let present = present.as_ref().map(UserRecord::id);
            let action = self.judge(present, || format!("User with user name {name} already exists."))?;
            let mut record = record.clone();
            if let Some(id) = present {
                record.0.insert("id".to_owned(), id.into());
            }
            self.report.tell(action, ("USER", &name), record.id());
            if action != Action::Skipped {
                let expected = if present.is_some() { Expected::Anything } else { Expected::Absent };
                changes.write(Write::PutUser { record, expected });
            }
        }
        Ok(())
    }
}
