use super::*;

fn user_of<'m>(made: &'m MadeRealm, name: &str) -> &'m UserRecord {
    made.users.iter().find(|user| user.username() == name).unwrap()
}

#[test]
fn users_are_as_the_file_says_and_nothing_more() {
    let made = made(json!({"realm": "r", "defaultGroups": ["/g"], "groups": [{"name": "g"}], "users": [
        {"username": "Anna", "email": "A@B.c", "enabled": "true", "groups": ["g"], "attributes": {"a": "one", "n": 5}},
        {"username": "off", "id": "own", "createdTimestamp": 5, "email": ""}, {"email": "no@name"}]}));
    let anna = user_of(&made, "anna");
    let expected = json!({"id": crate::file::stable_id("r", "user", "anna"), "username": "anna", "email": "a@b.c", "enabled": true,
        "groups": ["/g"], "attributes": {"a": ["one"], "n": ["5"]}, "createdTimestamp": 1_800_000_000_000_i64});
    assert_eq!(json!(anna.0), expected);
    let off = json!({"id": "own", "username": "off", "createdTimestamp": 5});
    assert_eq!((json!(user_of(&made, "off").0), made.users.len()), (off, 2));
}

#[test]
fn a_client_s_service_account_has_the_default_role_and_the_default_groups() {
    let clients =
        json!([{"clientId": "Svc", "serviceAccountsEnabled": true}, {"clientId": "uma", "authorizationServicesEnabled": true}]);
    let realm = json!({"realm": "r", "clients": clients, "groups": [{"name": "g"}], "defaultGroups": ["/g"]});
    let made = made(realm.clone());
    let account = user_of(&made, "service-account-svc");
    let expected = json!({"id": crate::file::stable_id("r", "user", "service-account-svc"), "username": "service-account-svc",
        "emailVerified": false, "enabled": true, "serviceAccountClientId": "Svc", "realmRoles": ["default-roles-r"],
        "groups": ["/g"], "createdTimestamp": 1_800_000_000_000_i64});
    assert_eq!(json!(account.0), expected);
    let uma = user_of(&made, "service-account-uma");
    assert_eq!(uma.client_roles().collect::<Vec<_>>(), [("uma", "uma_protection")]);
    let documents = in_force(&made);
    assert!(documents.get(&Key::owned(Kind::ClientRole, "uma", "uma_protection")).is_some());
    let mut again = service_account("uma", &documents);
    again.0.insert("createdTimestamp".to_owned(), json!(1_800_000_000_000_i64));
    assert_eq!(&again, uma);
}

#[test]
fn a_service_account_of_the_file_stays_as_it_is() {
    let made = made(json!({"realm": "r", "clients": [{"clientId": "c", "serviceAccountsEnabled": true}],
        "users": [{"username": "service-account-c", "enabled": true, "serviceAccountClientId": "c"}]}));
    assert_eq!(made.users.len(), 1);
    assert_eq!(user_of(&made, "service-account-c").texts("realmRoles").count(), 0);
}

#[test]
fn plain_values_become_what_is_stored_for_them() {
    let hashed =
        json!({"id": "i", "type": "password", "secretData": "{\"value\":\"h\"}", "credentialData": "{}", "priority": 20});
    let made = made(json!({"realm": "r", "users": [{"username": "a", "credentials": [hashed,
        {"value": "plain\"text", "temporary": true, "priority": 10}, {"type": "contactless-card", "value": " 04-A1 "},
        {"type": "otp", "value": "x"}, {"type": "password"}]}]}));
    let credentials = user_of(&made, "a").0.get("credentials").unwrap().as_array().unwrap();
    assert_eq!(credentials.len(), 3);
    let plain = credentials.get(1).unwrap();
    let stored = crate::Credential::plain_password("plain\"text");
    assert_eq!(plain.get("secretData").unwrap(), stored.secret_data.expose());
    assert_eq!(plain.get("credentialData").unwrap(), stored.credential_data.as_str());
    assert!(plain.get("value").is_none() && plain.get("temporary").is_none());
    assert!(plain.get("id").unwrap().as_str().is_some_and(|id| id.len() == 36), "by its id a user takes it away");
    assert_eq!(credentials.get(2), Some(&hashed));
    assert!(!credentials.first().unwrap().to_string().contains("04-A1"));
}

#[test]
fn a_user_made_through_the_admin_api_gets_what_all_users_get() {
    let documents = imported(json!({"realm": "r", "groups": [{"name": "g"}], "defaultGroups": ["/g"]}));
    let given = json!({"username": "New", "email": "N@x.y"}).as_object().unwrap().clone();
    let made = with_minting(Origin::Api, |minting| user(given.clone(), &documents, minting)).unwrap();
    assert_eq!(made.texts("realmRoles").collect::<Vec<_>>(), ["default-roles-r"]);
    assert_eq!(made.texts("groups").collect::<Vec<_>>(), ["/g"]);
    assert_ne!(made.id(), crate::file::stable_id("r", "user", "new"));
    let of_file = with_minting(Origin::Import, |minting| user(given, &documents, minting)).unwrap();
    assert_eq!((of_file.id(), of_file.texts("groups").count()), (crate::file::stable_id("r", "user", "new").as_str(), 0));
}
