use std::sync::Arc;

use oidc_types::{RealmName, Secret};
use realm_model::file::{SourceFile, read};
use realm_model::{Credential, CredentialKind, hash_card};

use crate::{FileUsers, StoreError, Users};

const REALM: &str = r#"{
  "realm": "r", "enabled": true, "duplicateEmailsAllowed": true,
  "clients": [{"clientId": "svc", "secret": "s", "serviceAccountsEnabled": true}],
  "users": [
    {"id": "1", "username": "Anna", "email": "Anna@Example.com", "credentials": [{"value": "pw"}, {"type": "contactless-card", "value": "04A1"}]},
    {"id": "2", "username": "ben", "email": "shared@example.com"},
    {"id": "3", "username": "cleo", "email": "shared@example.com"}
  ]
}"#;

fn users() -> (FileUsers, RealmName) {
    let file = SourceFile { name: "r.json".to_owned(), bytes: REALM.as_bytes().to_vec() };
    let mut reading = read(&[file], &|_| None);
    let loaded = reading.realms.remove(0);
    let users = FileUsers::default();
    users.set(loaded.realm.name.clone(), loaded.users);
    (users, loaded.realm.name)
}

fn id_of(found: Result<Option<Arc<realm_model::User>>, StoreError>) -> Option<String> {
    found.unwrap().map(|user| user.id.to_string())
}

fn hashed() -> Credential {
    Credential {
        id: None,
        kind: CredentialKind::Password,
        label: None,
        created_date: None,
        secret_data: Secret::new("{\"value\":\"h\"}".to_owned()),
        credential_data: "{\"algorithm\":\"argon2\"}".to_owned(),
    }
}

#[tokio::test]
async fn finds_users_by_whatever_names_them_in_any_case() {
    let (users, realm) = users();
    assert_eq!(id_of(users.find_by_id(&realm, "2").await).as_deref(), Some("2"));
    assert_eq!(id_of(users.find_by_username(&realm, "ANNA").await).as_deref(), Some("1"));
    assert_eq!(id_of(users.find_by_username(&realm, " anna").await), None);
    assert_eq!(id_of(users.find_by_email(&realm, "anna@EXAMPLE.com").await).as_deref(), Some("1"));
    assert_eq!(id_of(users.find_by_card(&realm, &hash_card("04A1")).await).as_deref(), Some("1"));
    assert!(id_of(users.find_service_account(&realm, &"svc".into()).await).is_some());
    assert_eq!(id_of(users.find_by_id(&"other".into(), "2").await), None);
    assert_eq!(users.count(&realm), 4);
}

#[tokio::test]
async fn an_address_of_several_users_finds_nobody() {
    let (users, realm) = users();
    assert_eq!(id_of(users.find_by_email(&realm, "shared@example.com").await), None);
}

#[tokio::test]
async fn a_plain_password_is_replaced_by_its_hash_once() {
    let (users, realm) = users();
    let before = users.find_by_id(&realm, "1").await.unwrap().unwrap();
    let plain = before.credentials_of(&CredentialKind::Password).next().unwrap().clone();
    assert_eq!(plain.plain().unwrap().expose(), "pw");
    users.replace_credential(&realm, &before.id, &plain, hashed()).await.unwrap();
    let after = users.find_by_id(&realm, "1").await.unwrap().unwrap();
    let stored = after.credentials_of(&CredentialKind::Password).next().unwrap();
    assert!(stored.plain().is_none() && before.credentials_of(&CredentialKind::Password).all(|c| c.plain().is_some()));
    assert_eq!(after.credentials.len(), 2);
    let late = Credential { credential_data: "{\"algorithm\":\"late\"}".to_owned(), ..hashed() };
    users.replace_credential(&realm, &before.id, &plain, late).await.unwrap();
    let unchanged = users.find_by_id(&realm, "1").await.unwrap().unwrap();
    assert!(unchanged.credentials.iter().all(|c| !c.credential_data.contains("late")));
}

#[tokio::test]
async fn nothing_is_replaced_in_a_user_that_is_not_there() {
    let (users, realm) = users();
    let refused = users.replace_credential(&realm, &"9".into(), &hashed(), hashed()).await;
    assert!(matches!(refused, Err(StoreError::UnknownUser(_))));
}
