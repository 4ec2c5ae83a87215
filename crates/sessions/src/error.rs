use std::path::PathBuf;

use thiserror::Error;

/// Why a store could not do what was asked. None of these says anything of the record; a lost race is no error.
///
/// After an error of a writing verb the outcome is unknown to the caller: nothing was acknowledged.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached or does not answer; asking again later may work (a 503 for the client).
    #[error("the session store {place} is not available: {fact}")]
    Unavailable {
        /// Host and port, without credentials.
        place: String,
        /// What was seen.
        fact: String,
    },
    /// The store is there and refused: wrong password, no permission, out of memory, read-only.
    #[error("the session store {place} refused: {fact}")]
    Refused {
        /// Host and port, without credentials.
        place: String,
        /// What it answered, in words of the store's protocol, without values.
        fact: String,
    },
    /// Another process has the file open.
    #[error(
        "{path} is in use by another process: stop that one, give this one its own folder (--data DIR, LATCHKEY_DATA), or let both share their sessions (--sessions redis://…, LATCHKEY_SESSIONS)"
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file is no session store of ours, or damaged.
    #[error(
        "{path} cannot be read as a session store ({fact}): move it away to begin with no sessions, or name another folder (--data DIR, LATCHKEY_DATA)"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        fact: String,
    },
    /// The operating system refused to read or write: disk full, no permission.
    #[error("cannot write sessions to {path} ({fact}): free space, or name another folder (--data DIR, LATCHKEY_DATA)")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        fact: String,
    },
    /// A record was written by a later version of this program.
    #[error(
        "a {what} was written in format {found}, this version reads up to {known}: upgrade every node before writing newer records"
    )]
    NewerFormat {
        /// The kind of record.
        what: &'static str,
        /// The format it is in.
        found: u8,
        /// The newest format known here.
        known: u8,
    },
    /// A record does not decode.
    #[error("a {what} cannot be read: it is cut short or damaged")]
    Malformed {
        /// The kind of record.
        what: &'static str,
    },
    /// Another caller won every one of many attempts in a row.
    #[error("too many callers changed the same {what} at once")]
    Contended {
        /// The kind of record.
        what: &'static str,
    },
    /// The store was shut down.
    #[error("the session store is shut down")]
    Closed,
    /// The setting names no store.
    #[error("sessions setting (--sessions, LATCHKEY_SESSIONS): {0}")]
    Setting(String),
}
