//! How the tables of a durable store came to be: numbered steps that only ever add, so that the program before the last step can run
//! beside the program after it.

use crate::StoreError;

/// One step.
pub(crate) struct Migration {
    /// The version of the tables after it.
    pub(crate) version: i64,
    /// The oldest version whose program can still use tables of this one.
    pub(crate) oldest: i64,
    /// What it does.
    pub(crate) sql: &'static str,
}

/// What a store says of its own tables.
#[derive(Clone, Copy)]
pub(crate) struct Tables {
    /// [`Migration::version`] of its last step.
    pub(crate) version: i64,
    /// [`Migration::oldest`] of that step.
    pub(crate) oldest: i64,
}

/// The steps of `all` that a store lacks; `None`: there are no tables yet.
///
/// # Errors
/// The tables were made by a program that is too new for this one.
pub(crate) fn pending(all: &[Migration], found: Option<Tables>) -> Result<impl Iterator<Item = &Migration>, StoreError> {
    let newest = all.last().map_or(0, |last| last.version);
    let found = found.unwrap_or(Tables { version: 0, oldest: 0 });
    if found.version > newest && found.oldest > newest {
        let needed = found.oldest;
        return Err(StoreError::Unavailable(format!(
            "it was written by a newer program: its tables are of version {}, which needs one that knows version {needed}; this one knows {newest}",
            found.version
        )));
    }
    Ok(all.iter().filter(move |step| step.version > found.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Migration; 2] = [Migration { version: 1, oldest: 1, sql: "a" }, Migration { version: 2, oldest: 1, sql: "b" }];

    fn steps(version: i64, oldest: i64) -> Option<Vec<&'static str>> {
        pending(&ALL, Some(Tables { version, oldest })).ok().map(|steps| steps.map(|step| step.sql).collect())
    }

    #[test]
    fn only_what_is_missing_is_done() {
        assert_eq!(pending(&ALL, None).unwrap().count(), 2);
        assert_eq!(steps(1, 1), Some(vec!["b"]));
        assert_eq!(steps(2, 1), Some(vec![]));
    }

    #[test]
    fn newer_tables_are_used_as_long_as_they_say_so() {
        assert_eq!(steps(3, 2), Some(vec![]));
        assert_eq!(steps(3, 3), None);
    }
}
