//! Where realms and users are found at run time.
//!
//! **Architecture invariant:** the way to one realm or one user does not depend on how many others there are.

mod files;
mod load;
mod realms;
mod users;

pub use files::FileUsers;
pub use load::{LoadOutcome, load};
pub use realms::RealmStore;
pub use users::{StoreError, Users};
