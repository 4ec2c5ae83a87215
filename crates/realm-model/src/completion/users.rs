//! Users.

use crate::document::{Body, Documents, UserRecord};

/// The user as which the client `client_id` acts on its own.
pub fn service_account(client_id: &str, documents: &Documents) -> UserRecord {
    let _ = documents;
    let username = format!("service-account-{client_id}").to_lowercase();
    UserRecord(Body::from_iter([("username".to_owned(), username.into())]))
}
