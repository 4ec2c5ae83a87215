//! A realm file of any size, without holding its users in memory.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use realm_model::document::Body;
use realm_model::{Diagnostic, Severity};
use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// What is in a file beside its users.
pub(super) struct SplitFile {
    pub(super) rest: Body,
    /// The users that are service accounts: they belong to the clients.
    pub(super) service_accounts: Vec<Body>,
}

/// Reads everything but the users; of these the service accounts.
pub(super) fn without_users(path: &Path) -> Result<SplitFile, Box<Diagnostic>> {
    let mut split = SplitFile { rest: Body::new(), service_accounts: Vec::new() };
    let accounts = &mut split.service_accounts;
    // Most files of users have none, and are not taken apart to see that.
    let has_accounts = mentions(path, SERVICE_ACCOUNT.as_bytes()).map_err(|error| crate::sources::unreadable(path, &error))?;
    let mut user = |user: Body| {
        if user.contains_key(SERVICE_ACCOUNT) {
            accounts.push(user);
        }
        true
    };
    let users = if has_accounts { Some(&mut user as &mut dyn FnMut(Body) -> bool) } else { None };
    read(path, Rest::Keep(&mut split.rest), users)?;
    Ok(split)
}

/// The member that a user has who is a client's.
const SERVICE_ACCOUNT: &str = "serviceAccountClientId";

/// Whether `word` is anywhere in a file.
fn mentions(path: &Path, word: &[u8]) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    let mut buffer = Vec::with_capacity(2 << 20);
    loop {
        let read = (&mut file).take(1 << 20).read_to_end(&mut buffer)?;
        if memchr::memmem::find(&buffer, word).is_some() {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        // The word may stand across two pieces.
        buffer.drain(..buffer.len().saturating_sub(word.len()));
    }
}

/// Calls `found` with every user; it tells whether to go on.
pub(super) fn each_user(path: &Path, found: &mut dyn FnMut(Body) -> bool) -> Result<(), Box<Diagnostic>> {
    read(path, Rest::Leave, Some(found))
}

enum Rest<'r> {
    Keep(&'r mut Body),
    Leave,
}

type EachUser<'u> = Option<&'u mut dyn FnMut(Body) -> bool>;

fn read<'v>(path: &Path, rest: Rest<'v>, user: EachUser<'v>) -> Result<(), Box<Diagnostic>> {
    let file = File::open(path).map_err(|error| Box::new(crate::sources::unreadable(path, &error)))?;
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 20, file));
    let outcome = json.deserialize_map(RealmVisitor { rest, user }).and_then(|()| json.end());
    outcome.map_err(|error| {
        // The words of the error, not the values in it.
        let message = match error.classify() {
            serde_json::error::Category::Data => "this is no realm or users file".to_owned(),
            _ => format!("this is no JSON: {}", error.to_string().split(" at line").next().unwrap_or_default()),
        };
        let (line, column) = (error.line(), error.column());
        Box::new(Diagnostic { line, column, ..Diagnostic::of_file(Severity::Error, &path.display().to_string(), message) })
    })
}

struct RealmVisitor<'v> {
    rest: Rest<'v>,
    user: EachUser<'v>,
}

impl<'de> Visitor<'de> for RealmVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a realm")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match (name.as_str(), &mut self.rest) {
                ("users", _) => match &mut self.user {
                    Some(user) => map.next_value_seed(Users(&mut **user))?,
                    None => drop(map.next_value::<IgnoredAny>()?),
                },
                (_, Rest::Keep(body)) => {
                    body.insert(name, map.next_value::<Value>()?);
                }
                (_, Rest::Leave) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Users<'v>(&'v mut dyn FnMut(Body) -> bool);

impl<'de> DeserializeSeed<'de> for Users<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Users<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of users")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut wanted = true;
        while wanted {
            match list.next_element::<Body>()? {
                Some(user) => wanted = (self.0)(user),
                None => return Ok(()),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
