//! What Keycloak 26.7 takes where in a realm file, as one table: for types, unknown fields, places of placeholders, the
//! canonical order and the JSON Schema. Names and order of fields are those of Keycloak's own JSON binding, asked for with
//! Jackson's introspection.

mod authorization;
mod entities;
mod realm;
mod users;

use super::place::{Place, Step};

pub(crate) use self::realm::REALM;
pub(crate) use self::users::USER;

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Whatever.
    Plain,
    /// A URL, or a pattern of URLs.
    Url,
    /// Nobody's business.
    Secret,
    /// Shown to people: may be the key of a message, `${…}`.
    Message,
}

/// Which order the elements of a list have in a canonical file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// As they are: the order means something.
    Kept,
    /// A set of texts: by the alphabet.
    Texts,
    /// A set of objects: by these members.
    By(&'static [&'static str]),
}

/// A kind of JSON value.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A text; a number or truth value is taken as it is written.
    Text(Use),
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Whole,
    /// One of these.
    Word(&'static [&'static str]),
    /// A list.
    List(&'static Shape, Order),
    /// Values by name.
    Map(&'static Shape),
    /// A text, or a list of texts.
    Texts,
    /// An object of known members.
    Object(&'static Entity),
    /// Anything.
    Any,
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
}

/// An object of known members, in the order in which Keycloak writes them.
#[derive(Debug)]
pub(crate) struct Entity {
    /// What it is, with its article.
    pub(crate) words: &'static str,
    pub(crate) fields: &'static [Field],
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape }
}

pub(crate) const TEXT: Shape = Shape::Text(Use::Plain);
const URL: Shape = Shape::Text(Use::Url);
const SECRET: Shape = Shape::Text(Use::Secret);
const MESSAGE: Shape = Shape::Text(Use::Message);
const FLAG: Shape = Shape::Flag;
const WHOLE: Shape = Shape::Whole;
const TEXT_MAP: Shape = Shape::Map(&TEXT);
const TEXT_SETS: Shape = Shape::Map(&Shape::List(&TEXT, Order::Texts));
const TEXTS_MAP: Shape = Shape::Map(&Shape::Texts);

/// `<realm>-users-N.json`
pub(crate) static USERS_FILE: Entity = Entity {
    words: "a file of users",
    fields: &[
        field("realm", TEXT),
        field("users", Shape::List(&Shape::Object(&USER), Order::By(&["username", "id"]))),
        field("federatedUsers", Shape::List(&Shape::Object(&USER), Order::By(&["username", "id"]))),
    ],
};

/// What a file can hold as a whole: a realm, or one entity of it.
pub(crate) static FILES: &[&Entity] = &[
    &REALM,
    &entities::CLIENT,
    &USER,
    &entities::CLIENT_SCOPE,
    &entities::ROLE,
    &entities::GROUP,
    &entities::FLOW,
    &entities::AUTHENTICATOR_CONFIG,
    &entities::REQUIRED_ACTION,
    &entities::IDENTITY_PROVIDER,
    &entities::IDENTITY_PROVIDER_MAPPER,
    &entities::COMPONENT,
    &entities::ORGANIZATION,
    &entities::SCOPE_MAPPING,
];

impl Entity {
    /// The member of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The shape of the value at `place`, which begins at this entity; none where nothing is known.
    pub(crate) fn at(&'static self, place: &Place) -> Option<&'static Shape> {
        let mut steps = place.0.iter();
        let mut shape = match steps.next()? {
            Step::Key(name) => &self.field(name)?.shape,
            Step::Index(_) => return None,
        };
        for step in steps {
            shape = match (shape, step) {
                (Shape::Object(entity), Step::Key(name)) => &entity.field(name)?.shape,
                (Shape::List(of, _), Step::Index(_)) | (Shape::Map(of), Step::Key(_)) => of,
                (Shape::Texts, Step::Index(_)) => &TEXT,
                _ => return None,
            };
        }
        Some(shape)
    }
}
