//! Reading and changing the entities of a realm: what is changed is worked out from one state of them, written only if that is still
//! the state, and worked out anew if somebody else was faster.

use realm_model::Placeholders;
use realm_model::document::{Body, Document, Documents, Key, Kind};
use realm_model::template::{Template, sparse_settings};
use realm_store::{Batch, CommitError, Expected, Leaving, LiveRealms, RealmWrite, StoreError, Write};
use serde_json::Value;

/// How often a change is worked out anew: each time somebody else got on, so that this is how many may change one entity at once.
const ATTEMPTS: usize = 64;

/// Changes the entities of a realm: `work` says how, from the entities as they are now, placeholders as they were written. It may be
/// called several times.
///
/// # Errors
/// Those of `work`, and those of the store; [`CommitError::UnknownRealm`] where there is no such realm.
pub async fn change<T, E: From<StoreError> + From<CommitError>>(
    live: &LiveRealms,
    realm: &str,
    mut work: impl FnMut(&Documents, &mut Changes<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut attempt = 0;
    loop {
        let documents = live.documents(realm).await?.ok_or(CommitError::UnknownRealm)?;
        let mut changes = Changes::of(&documents, live.placeholders().as_ref());
        let done = work(&documents, &mut changes)?;
        if changes.is_empty() {
            return Ok(done);
        }
        attempt += 1;
        match live.commit(changes.batch).await {
            Ok(()) => return Ok(done),
            Err(CommitError::Conflict(_)) if attempt < ATTEMPTS => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Changes of one realm that take effect together.
pub struct Changes<'d> {
    before: &'d Documents,
    placeholders: &'d dyn Placeholders,
    /// What is to be written.
    pub batch: Batch,
    /// The settings as they will be, where they change: their row holds only what differs.
    settings: Option<Body>,
}

impl<'d> Changes<'d> {
    /// None yet, of the entities as they were before.
    pub fn of(before: &'d Documents, placeholders: &'d dyn Placeholders) -> Self {
        Self { before, placeholders, batch: Batch::within(before.realm_id.clone()), settings: None }
    }

    fn is_empty(&self) -> bool {
        self.batch.writes.is_empty() && self.batch.realm == RealmWrite::Keep
    }

    /// Writes an entity: makes it, or puts it in the place of the one of its key. A value that is that of a placeholder stays one.
    pub fn put(&mut self, mut document: Document) {
        let before = self.before.get(&document.key);
        if let Some(before) = before {
            if before.document == document {
                return;
            }
            keep_placeholders(&before.document.body, &mut document.body, self.placeholders);
        }
        if document.key.kind == Kind::Realm {
            document.body = sparse_settings(&document.body, &self.before.template);
        }
        let expected = self.expected(&document.key);
        self.forget_earlier(&document.key);
        let body = Value::Object(document.body).to_string();
        self.batch.writes.push(Write::Put { key: document.key, id: document.id, body, expected });
    }

    /// Writes an entity that may have been taken away by an earlier change of this batch.
    pub fn put_anew(&mut self, document: Document) {
        let Document { key, id, body } = document;
        let body = Value::Object(body).to_string();
        self.batch.writes.push(Write::Put { key, id, body, expected: Expected::Anything });
    }

    /// Writes the realm's settings anew: all of them, as [`Documents::settings`] gives them.
    pub fn put_settings(&mut self, settings: Body) {
        self.put_body(&Key::realm(), settings);
    }

    /// Writes the body of the entity of this key anew.
    pub fn put_body(&mut self, key: &Key, body: Body) {
        if key.kind == Kind::Realm {
            self.settings = Some(body.clone());
        }
        if let Some(entry) = self.before.get(key) {
            self.put(Document { key: key.clone(), id: entry.document.id.clone(), body });
        }
    }

    /// Takes an entity away.
    pub fn delete(&mut self, key: &Key) {
        let expected = self.expected(key);
        self.forget_earlier(key);
        let leaving = self.leaving(key);
        self.batch.writes.push(Write::Delete { key: key.clone(), expected, leaving });
    }

    /// A built-in entity leaves a mark, or it would be there again.
    fn leaving(&self, key: &Key) -> Leaving {
        let name = self.before.settings().and_then(|settings| settings.get("realm")).and_then(Value::as_str).unwrap_or_default();
        let template = Template::of(&self.before.template);
        let built_in = template.is_some_and(|template| template.document(&self.before.realm_id, name, key).is_some());
        if built_in { Leaving::Mark } else { Leaving::Nothing }
    }

    /// Gives an entity another key and another body; those who have it as a role or are in it as a group keep it.
    pub fn rename(&mut self, from: &Key, to: Key, body: Body) {
        let Some(entry) = self.before.get(from) else { return };
        let built_in = entry.version == 0;
        let id = entry.document.id.clone();
        if built_in {
            // What is built in has no row yet that could be renamed.
            let body = Value::Object(entry.document.body.clone()).to_string();
            self.batch.writes.push(Write::Put { key: from.clone(), id: id.clone(), body, expected: Expected::Absent });
        }
        self.batch.writes.push(Write::Rename { from: from.clone(), to: to.clone() });
        let text = Value::Object(body).to_string();
        self.batch.writes.push(Write::Put { key: to, id, body: text, expected: Expected::Anything });
        if self.leaving(from) == Leaving::Mark {
            let expected = Expected::Absent;
            self.batch.writes.push(Write::Delete { key: from.clone(), expected, leaving: Leaving::Mark });
        }
    }

    /// Writes a built-in entity as it is: it stays so when the realm is called otherwise.
    pub fn materialize(&mut self, document: &Document) {
        let body = Value::Object(document.body.clone()).to_string();
        let (key, id) = (document.key.clone(), document.id.clone());
        self.batch.writes.push(Write::Put { key, id, body, expected: Expected::Absent });
    }

    /// Keeps away what would be built in when the realm is called otherwise.
    pub fn hide(&mut self, key: &Key) {
        if self.before.get(key).is_none() {
            let (expected, leaving) = (Expected::Anything, Leaving::Mark);
            self.batch.writes.push(Write::Delete { key: key.clone(), expected, leaving });
        }
    }

    /// Any other change.
    pub fn write(&mut self, write: Write) {
        self.batch.writes.push(write);
    }

    /// The body that this key has with the changes so far.
    pub fn body(&self, key: &Key) -> Option<Body> {
        if key.kind == Kind::Realm
            && let Some(settings) = &self.settings
        {
            return Some(settings.clone());
        }
        let written = self.batch.writes.iter().rev().find_map(|write| match write {
            Write::Put { key: of, body, .. } if of == key => serde_json::from_str(body).ok(),
            _ => None,
        });
        written.or_else(|| self.before.get(key).map(|entry| entry.document.body.clone()))
    }

    fn expected(&self, key: &Key) -> Expected {
        match self.before.get(key).map(|entry| entry.version) {
            None | Some(0) => Expected::Absent,
            Some(version) => Expected::Version(version),
        }
    }

    /// An entity is written once in a batch: the last time counts.
    fn forget_earlier(&mut self, key: &Key) {
        self.batch.writes.retain(|write| !matches!(write, Write::Put { key: of, .. } if of == key));
    }
}

/// Puts back the placeholders of `before` whose values stand in `after`: who reads an entity and sends it back changes nothing.
fn keep_placeholders(before: &Body, after: &mut Body, placeholders: &dyn Placeholders) {
    for (name, literal) in before {
        if let Some(value) = after.get_mut(name) {
            keep_placeholder(literal, value, placeholders);
        }
    }
}

fn keep_placeholder(before: &Value, after: &mut Value, placeholders: &dyn Placeholders) {
    match (before, &mut *after) {
        (Value::Object(before), Value::Object(after)) => keep_placeholders(before, after, placeholders),
        (Value::String(literal), _) if literal.contains("${") => {
            let quoted = Value::String(literal.clone()).to_string();
            let resolved = serde_json::from_str::<Value>(&realm_model::resolve(&quoted, placeholders));
            if resolved.is_ok_and(|value| value == *after) {
                *after = before.clone();
            }
        }
        (Value::Array(literals), Value::Array(values)) if literals.len() == values.len() => {
            literals.iter().zip(values).for_each(|(literal, value)| keep_placeholder(literal, value, placeholders));
        }
        _ => {}
    }
}
