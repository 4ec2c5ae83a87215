//! Where entities stand: in a realm file, in the store alone, or in no file because every realm has them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use realm_files::{FileRealm, Inward};
use realm_model::RoleKey;
use realm_model::document::{Key, Kind};
use realm_model::template::Template;
use token_issuer::{Entity, Holder, Member};

/// The places of one realm.
pub(super) struct Places {
    file: Option<FileRealm>,
    realm: String,
    /// The files that were read.
    texts: RefCell<HashMap<String, Rc<str>>>,
}

impl Places {
    /// Of the realm called `realm`, which `file` says, if any.
    pub(super) fn new(file: Option<FileRealm>, realm: &str) -> Self {
        Self { file, realm: realm.to_owned(), texts: RefCell::default() }
    }

    /// `file:line:column`, `built in` or `store`.
    pub(super) fn of(&self, entity: &Entity) -> String {
        let file = self.file.as_ref();
        let place = match key_of(&entity.holder) {
            Some(key) => file.and_then(|file| file.place_of(&key)),
            None => match &entity.holder {
                Holder::User(name) => file.and_then(|file| file.place_of_user(name)),
                _ => None,
            },
        };
        let Some(place) = place else { return self.without_file(&entity.holder) };
        place.inward(&self.text(&place.file), &way(entity))
    }

    fn without_file(&self, holder: &Holder) -> String {
        let template = Template::of(Template::NEWEST);
        let is_built_in =
            key_of(holder).zip(template).is_some_and(|(key, template)| template.document("", &self.realm, &key).is_some());
        if is_built_in { "built in".to_owned() } else { "store".to_owned() }
    }

    fn text(&self, file: &str) -> Rc<str> {
        let mut texts = self.texts.borrow_mut();
        let read = || {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            Rc::from(text.strip_prefix('\u{feff}').unwrap_or(&text))
        };
        Rc::clone(texts.entry(file.to_owned()).or_insert_with(read))
    }
}

/// The key of the entity's document; users have none.
fn key_of(holder: &Holder) -> Option<Key> {
    Some(match holder {
        Holder::User(_) => return None,
        Holder::Group(path) => Key::of(Kind::Group, &**path),
        Holder::Role(RoleKey { client: None, name }) => Key::of(Kind::RealmRole, name.as_str()),
        Holder::Role(RoleKey { client: Some(client), name }) => Key::owned(Kind::ClientRole, client.as_str(), name.as_str()),
        Holder::Client(client) => Key::of(Kind::Client, client.as_str()),
        Holder::ClientScope(name) => Key::of(Kind::ClientScope, &**name),
    })
}

fn way(entity: &Entity) -> Vec<Inward<'_>> {
    match &entity.member {
        None => Vec::new(),
        Some(Member::Mapper(name)) => vec![Inward::Member("protocolMappers"), Inward::Named(name)],
        Some(Member::Attribute(name)) => vec![Inward::Member("attributes"), Inward::Member(name)],
        Some(Member::Field(name)) => vec![Inward::Member(name)],
    }
}
