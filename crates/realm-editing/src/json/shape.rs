/// What a JSON value is to be, and with that: what is converted into it.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A text; numbers and booleans become one.
    Text,
    /// A boolean; `"true"`, `"false"` and numbers become one, `""` becomes null.
    Flag,
    /// A 32-bit number; `"61"` becomes one, fractions are cut.
    Whole,
    /// A 64-bit number, likewise.
    Long,
    /// Anything.
    Any,
    /// A list.
    List(&'static Shape),
    /// A list; one value counts as a list of one.
    ListOrOne(&'static Shape),
    /// An object with any members.
    Map(&'static Shape),
    /// An object with these members.
    Object(&'static Representation),
}

/// What becomes of members that a representation does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// 400, naming them.
    Refused,
    /// They are left out.
    Ignored,
}

/// The members of one of Keycloak's representations.
#[derive(Debug)]
pub struct Representation {
    /// Its name in error texts.
    pub class: &'static str,
    /// Members whose shape matters here.
    pub shaped: &'static [(&'static str, Shape)],
    /// All members: those without a shape may be anything.
    pub fields: &'static [&'static str],
    /// What becomes of members that it does not have.
    pub unknown: Unknown,
}

impl Representation {
    /// The shape of a member; `None`: there is no such member.
    pub fn shape(&self, field: &str) -> Option<Shape> {
        let shaped = self.shaped.iter().find(|(name, _)| *name == field).map(|(_, shape)| *shape);
        shaped.or_else(|| self.fields.contains(&field).then_some(Shape::Any))
    }
}
