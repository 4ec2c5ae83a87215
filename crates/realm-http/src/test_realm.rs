//! Realms for the tests of this crate.

use realm_model::Realm;
use realm_model::file::{SourceFile, read};

pub(crate) fn realm(name: &str) -> Realm {
    let bytes = format!(r#"{{"realm":"{name}","enabled":true}}"#).into_bytes();
    read(&[SourceFile { name: "test-realm.json".to_owned(), bytes }], &|_| None).realms.remove(0).realm
}
