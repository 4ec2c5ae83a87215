//! What is to be changed, and how people and programs are shown it.

mod human;
mod json;
mod markdown;
mod mask;

use realm_model::document::Key;
use realm_store::Batch;
use serde_json::Value;

use crate::sources::SourcePlace;

pub use self::human::{Colour, human};
pub use self::json::json;
pub use self::markdown::markdown;
pub(crate) use self::mask::{is_secret, masked};

/// The changes of one realm, all or none.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The realm's name, as the file has it.
    pub realm: String,
    /// The file or folder.
    pub source: String,
    /// What happens to the realm itself.
    pub action: Action,
    /// What is to be changed.
    pub changes: Vec<Change>,
    /// What was changed at run time and stays: `before` is what the file says.
    pub drift: Vec<Change>,
    /// What the reader should know besides.
    pub notes: Vec<String>,
    /// Why it is not to be applied.
    pub refusals: Vec<Refusal>,
    /// The writes; `None` where the store would not change.
    pub batch: Option<Batch>,
}

/// What happens to an entity, a user or a realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It stays as it is.
    Keep,
    /// It is made.
    Create,
    /// Members of it change.
    Update,
    /// It gets another name (this was the one before); members may change, too.
    Rename(String),
    /// It goes.
    Delete,
}

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An entity.
    Entity(Key),
    /// A user, by username.
    User(String),
}

/// A change of one entity or user.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Of what.
    pub subject: Subject,
    /// What happens to it.
    pub action: Action,
    /// Its members.
    pub members: Vec<MemberChange>,
    /// Where the file speaks of it.
    pub place: Option<SourcePlace>,
}

/// A change of one member. It holds no secret.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberChange {
    /// The way to it: names of members, and of elements of lists.
    pub path: Vec<String>,
    /// What it was; secrets masked.
    pub before: Option<Value>,
    /// What it becomes; secrets masked.
    pub after: Option<Value>,
}

/// Why a plan is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More than a tenth of a kind of entity would go, and more than one.
    #[error("{count} of {all} entities of kind \"{kind}\" would be deleted: allow deletions if that is meant (--allow-deletes)")]
    TooManyDeletions {
        /// Of which kind.
        kind: &'static str,
        /// How many would go.
        count: usize,
        /// How many there are.
        all: usize,
    },
    /// A whole realm would go.
    #[error("realm \"{0}\" is in no file any more: it is deleted only where deletions are allowed (--allow-deletes)")]
    RealmGone(String),
    /// A realm of that name is there already, with another id.
    #[error("there is a realm \"{0}\" with another id")]
    NameTaken(String),
    /// The id is another realm's.
    #[error("its id is that of realm \"{0}\", which this file did not bring: without an id it becomes a realm of its own")]
    IdTaken(String),
}

/// How many of each there are in a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// To be made.
    pub create: usize,
    /// To be changed, renamed included.
    pub update: usize,
    /// To be deleted.
    pub delete: usize,
    /// Changed at run time.
    pub drift: usize,
}

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing to do: 0.
    Nothing,
    /// There are changes: 2.
    Changes,
    /// Something is wrong: 1.
    Error,
}

impl Outcome {
    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Changes => 2,
            Self::Error => 1,
        }
    }
}

impl Plan {
    /// Nothing is to be changed in this realm.
    pub(crate) fn nothing(realm: impl Into<String>, source: impl Into<String>) -> Self {
        Self {
            realm: realm.into(),
            source: source.into(),
            action: Action::Keep,
            changes: Vec::new(),
            drift: Vec::new(),
            notes: Vec::new(),
            refusals: Vec::new(),
            batch: None,
        }
    }

    /// Whether what is in force would change.
    pub fn has_changes(&self) -> bool {
        self.action != Action::Keep || !self.changes.is_empty()
    }

    /// How many of each.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { drift: self.drift.len(), ..Counts::default() };
        for change in &self.changes {
            match change.action {
                Action::Create => counts.create += 1,
                Action::Update | Action::Rename(_) => counts.update += 1,
                Action::Delete => counts.delete += 1,
                Action::Keep => {}
            }
        }
        counts
    }

    /// What `plan` ends with.
    pub fn outcome(&self) -> Outcome {
        match (self.refusals.is_empty(), self.has_changes()) {
            (false, _) => Outcome::Error,
            (true, true) => Outcome::Changes,
            (true, false) => Outcome::Nothing,
        }
    }

    /// What `drift` ends with.
    pub fn drift_outcome(&self) -> Outcome {
        if self.drift.is_empty() { self.outcome() } else { Outcome::Changes }
    }
}

impl MemberChange {
    /// With secrets masked.
    pub(crate) fn new(path: &[impl AsRef<str>], before: Option<&Value>, after: Option<&Value>) -> Self {
        let shown = |value: Option<&Value>| value.map(|value| masked(path, value));
        let names = path.iter().map(|name| name.as_ref().to_owned());
        Self { path: names.collect(), before: shown(before), after: shown(after) }
    }

    /// `attributes.x`
    pub fn name(&self) -> String {
        self.path.join(".")
    }
}

/// `client "app"`, `user "alice"`.
impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Entity(key) => write!(f, "{key}"),
            Self::User(name) => write!(f, "user \"{name}\""),
        }
    }
}

impl Subject {
    /// The kind, as people call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Entity(key) => key.kind.word(),
            Self::User(_) => "user",
        }
    }
}

#[cfg(test)]
mod tests;
