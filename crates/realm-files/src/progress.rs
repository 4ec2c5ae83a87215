//! How far something long has come: whoever shows it decides how.

/// A step of an export or import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'s> {
    /// Work on this realm begins; it has so many users, where that is known.
    Realm(&'s str, Option<u64>),
    /// So many more users are done.
    Users(u64),
    /// The realm is done.
    Done(&'s str),
}

/// Is told of every step.
pub type Progress<'p> = &'p (dyn Fn(Step<'_>) + Send + Sync);
