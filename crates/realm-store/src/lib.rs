//! Where realms and users are found at run time.
//!
//! **Architecture invariant:** the way to one realm or one user does not depend on how many others there are.

mod files;
mod load;
mod realms;
mod repository;
mod user_query;
mod users;

pub use files::FileUsers;
pub use load::{LoadOutcome, load};
pub use realms::RealmStore;
pub use repository::{
    Batch, Change, CommitError, Declared, DeclaredKey, DeclaredUsers, Expected, Leaving, News, RealmRow, RealmWrite, Repository,
    Row, StoredRealm, UserKey, UserRow, Write,
};
pub use user_query::{Matching, ServiceAccounts, UserQuery};
pub use users::{StoreError, Users};
