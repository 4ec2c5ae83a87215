//! Where entities stand in their files.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use realm_model::document::{Key, Kind};

use super::compose::Composed;
use super::scan::{Member, elements, member, members};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SourcePlace {
    /// The file, as it was named to the reader.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The byte of the line, from 1.
    #[serde(skip)]
    pub column: usize,
}

/// One step from an entity to something in it.
#[derive(Clone, Copy, Debug)]
pub enum Inward<'w> {
    /// The member of an object.
    Member(&'w str),
    /// The element of a list of objects that is called so.
    Named(&'w str),
}

impl SourcePlace {
    /// `file:line:column` of what `way` leads to from here, as far as it leads; `text` is that of the file. Columns are in characters.
    pub fn inward(&self, text: &str, way: &[Inward<'_>]) -> String {
        let line_start = match self.line {
            0 | 1 => 0,
            line => memchr::memchr_iter(b'\n', text.as_bytes()).nth(line - 2).map_or(text.len(), |end| end + 1),
        };
        let mut at = line_start + self.column.saturating_sub(1);
        for step in way {
            let range = at..text.len();
            let next = match step {
                Inward::Member(name) => member(text, range, name),
                Inward::Named(name) => {
                    elements(text, range).and_then(|all| all.into_iter().find(|one| is_called(text, one, name)))
                }
            };
            let Some(next) = next else { break };
            at = next.start;
        }
        let before = text.get(..at).unwrap_or_default();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{}:{column}", self.file, memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1)
    }
}

fn is_called(text: &str, object: &Range<usize>, name: &str) -> bool {
    let found = member(text, object.clone(), "name");
    let value = found.and_then(|found| text.get(found)).and_then(|raw| serde_json::from_str::<String>(raw).ok());
    value.is_some_and(|value| value == name)
}

/// `realms/acme.json:12`
impl fmt::Display for SourcePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The places of a realm's entities and users.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    entities: HashMap<Key, SourcePlace>,
    users: HashMap<String, SourcePlace>,
}

/// How names are resolved: placeholders in them.
pub(crate) type Resolve<'r> = &'r dyn Fn(&str) -> String;

/// A text whose realm is in `range`.
pub(crate) struct Located<'t> {
    pub(crate) file: &'t str,
    pub(crate) text: &'t str,
    pub(crate) composed: Option<&'t Composed>,
}

/// Members of a realm that are lists of entities, and what these are called by.
const LISTS: [(&str, Kind, &str); 7] = [
    ("clientScopes", Kind::ClientScope, "name"),
    ("clients", Kind::Client, "clientId"),
    ("authenticationFlows", Kind::Flow, "alias"),
    ("authenticatorConfig", Kind::AuthenticatorConfig, "alias"),
    ("requiredActions", Kind::RequiredAction, "alias"),
    ("identityProviders", Kind::IdentityProvider, "alias"),
    ("organizations", Kind::Organization, "name"),
];

impl Places {
    /// The place of an entity.
    pub(crate) fn of(&self, key: &Key) -> Option<&SourcePlace> {
        self.entities.get(key)
    }

    /// The place of a user, by username in lower case.
    pub(crate) fn of_user(&self, username: &str) -> Option<&SourcePlace> {
        self.users.get(username)
    }

    /// Finds all entities of the realm (or users file) in `range` of a text.
    pub(crate) fn add(&mut self, located: &Located<'_>, range: Range<usize>, resolve: Resolve<'_>) {
        let mut finding = Finding { places: self, located, resolve, line: (0, 1), line_start: 0 };
        if finding.located.composed.is_none() {
            finding.entity(Key::realm(), range.start);
        }
        for member in members(located.text, range).unwrap_or_default() {
            finding.member(&member);
        }
    }
}

struct Finding<'a> {
    places: &'a mut Places,
    located: &'a Located<'a>,
    resolve: Resolve<'a>,
    /// A byte and its line: positions are asked for in order mostly.
    line: (usize, usize),
    /// The byte at which that line begins.
    line_start: usize,
}

impl Finding<'_> {
    fn member(&mut self, member: &Member) {
        let range = member.value.clone();
        if let Some((_, kind, name)) = LISTS.iter().find(|(list, ..)| *list == member.name) {
            return self.list(range, &|name| Key::of(*kind, name), name);
        }
        match member.name.as_str() {
            "realm" if self.located.composed.is_some() => self.entity(Key::realm(), range.start),
            "users" => self.users(range),
            "groups" => self.groups(range, ""),
            "identityProviderMappers" => self.owned(range, Kind::IdentityProviderMapper, "identityProviderAlias"),
            "roles" => self.roles(range),
            "components" => {
                for provider in self.members(range) {
                    self.list(provider.value, &|name| Key::owned(Kind::Component, provider.name.as_str(), name), "name");
                }
            }
            _ => {}
        }
    }

    fn members(&self, range: Range<usize>) -> Vec<Member> {
        members(self.located.text, range).unwrap_or_default()
    }

    fn roles(&mut self, range: Range<usize>) {
        for member in self.members(range) {
            if member.name == "realm" {
                self.list(member.value, &|name| Key::of(Kind::RealmRole, name), "name");
            } else {
                for client in self.members(member.value) {
                    let owner = (self.resolve)(&client.name);
                    self.list(client.value, &|name| Key::owned(Kind::ClientRole, owner.as_str(), name), "name");
                }
            }
        }
    }

    fn list(&mut self, range: Range<usize>, key: &dyn Fn(String) -> Key, name: &str) {
        for element in elements(self.located.text, range).unwrap_or_default() {
            if let Some(name) = self.text_of(element.clone(), name) {
                self.entity(key(name), element.start);
            }
        }
    }

    fn owned(&mut self, range: Range<usize>, kind: Kind, owner: &str) {
        for element in elements(self.located.text, range).unwrap_or_default() {
            if let (Some(owner), Some(name)) = (self.text_of(element.clone(), owner), self.text_of(element.clone(), "name")) {
                self.entity(Key::owned(kind, owner, name), element.start);
            }
        }
    }

    fn groups(&mut self, range: Range<usize>, above: &str) {
        for element in elements(self.located.text, range).unwrap_or_default() {
            let Some(name) = self.text_of(element.clone(), "name") else { continue };
            let path = format!("{above}/{name}");
            self.entity(Key::of(Kind::Group, path.as_str()), element.start);
            if let Some(below) = member(self.located.text, element, "subGroups") {
                self.groups(below, &path);
            }
        }
    }

    fn users(&mut self, range: Range<usize>) {
        for element in elements(self.located.text, range).unwrap_or_default() {
            if let Some(name) = self.text_of(element.clone(), "username") {
                let place = self.place(element.start);
                self.places.users.entry(name.to_lowercase()).or_insert(place);
            }
        }
    }

    fn entity(&mut self, key: Key, at: usize) {
        let place = self.place(at);
        self.places.entities.entry(key).or_insert(place);
    }

    fn text_of(&self, range: Range<usize>, name: &str) -> Option<String> {
        let found = member(self.located.text, range, name)?;
        let text: String = serde_json::from_str(self.located.text.get(found)?).ok()?;
        Some((self.resolve)(&text))
    }

    fn place(&mut self, at: usize) -> SourcePlace {
        let (known, line) = if self.line.0 <= at { self.line } else { (0, 1) };
        let between = self.located.text.as_bytes().get(known..at).unwrap_or_default();
        let line = line + memchr::memchr_iter(b'\n', between).count();
        if let Some(end) = memchr::memrchr(b'\n', between) {
            self.line_start = known + end + 1;
        } else if known == 0 {
            self.line_start = 0;
        }
        self.line = (at, line);
        let column = at.saturating_sub(self.line_start) + 1;
        match self.located.composed.and_then(|composed| composed.origin(line, column)) {
            Some((file, line, column)) => SourcePlace { file: file.to_owned(), line, column },
            None => SourcePlace { file: self.located.file.to_owned(), line, column },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_member_is_found_from_that_of_its_entity() {
        let text = "{\"clients\": [\n  {\"a\": \"ä\", \"protocolMappers\": [{\"name\": \"one\"}, {\"name\": \"two\"}]}]}";
        let client = SourcePlace { file: "x.json".to_owned(), line: 2, column: 3 };
        assert_eq!(client.inward(text, &[]), "x.json:2:3");
        let mapper = |name| client.inward(text, &[Inward::Member("protocolMappers"), Inward::Named(name)]);
        assert_eq!((mapper("one").as_str(), mapper("two").as_str()), ("x.json:2:34", "x.json:2:51"));
        assert_eq!(mapper("three"), "x.json:2:33");
        assert_eq!(client.inward(text, &[Inward::Member("b")]), "x.json:2:3");
    }
}
