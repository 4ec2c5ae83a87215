//! Where realms and users are found at run time.
//!
//! **Architecture invariant:** the way to one realm or one user does not depend on how many others there are.

#[cfg(test)]
mod contract;
pub mod database_url;
mod event_log;
mod live;
mod migrations;
mod new_user;
mod postgres;
mod realms;
mod repository;
mod sqlite;
mod stored_users;
mod user_index;
mod user_query;
mod users;

pub use event_log::{EventCursor, EventKind, EventLog, EventOrder, EventQuery, EventRow, NumberedEvent, Shown};
pub use live::LiveRealms;
pub use new_user::NewUser;
pub use postgres::{OpenError, Postgres, PostgresConfig};
pub use realms::RealmStore;
pub use repository::{
    Batch, Change, CommitError, Declared, DeclaredKey, Expected, Leaving, News, RealmRow, RealmWrite, Repository, Row,
    StoredRealm, Taken, UserKey, UserRow, Write,
};
pub use sqlite::Sqlite;
pub use user_query::{DeclaredUsers, Matching, ServiceAccounts, UserQuery};
pub use users::{StoreError, Users};
