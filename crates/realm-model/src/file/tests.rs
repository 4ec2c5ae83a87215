use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::file::{LoadedRealm, Reading, SourceFile, read};
use crate::{DirectGrantOtp, RoleKey, User};

/// The realm files that the compatibility tests use, too.
fn shared_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/keycloak/realms")
}

fn shared_files() -> Vec<SourceFile> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(shared_folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push(SourceFile { name, bytes: std::fs::read(path).unwrap() });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn shared(realm: &str) -> LoadedRealm {
    let files: Vec<_> = shared_files().into_iter().filter(|file| file.name == format!("{realm}.json")).collect();
    let mut reading = read(&files, &|_| None);
    assert!(reading.diagnostics.iter().all(|d| !d.is_error()), "{}", crate::render(&reading.diagnostics));
    reading.realms.remove(0)
}

fn read_one(json: &str) -> Reading {
    read(&[SourceFile { name: "r.json".to_owned(), bytes: json.as_bytes().to_vec() }], &|_| None)
}

fn only(json: &str) -> LoadedRealm {
    let mut reading = read_one(json);
    assert!(!reading.has_errors(), "{}", crate::render(&reading.diagnostics));
    reading.realms.remove(0)
}

fn user<'r>(loaded: &'r LoadedRealm, name: &str) -> &'r User {
    loaded.users.iter().find(|user| user.username == name).unwrap()
}

fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_shared_realm_loads_without_a_word() {
    let files = shared_files();
    let reading = read(&files, &|_| None);
    assert_eq!(crate::render(&reading.diagnostics), "");
    assert_eq!(reading.realms.len(), files.len());
}

#[test]
fn a_minimal_realm_is_completed_as_keycloak_completed_it() {
    let loaded = shared("minimal");
    let realm = &loaded.realm;
    assert_eq!(
        realm.clients.keys().map(|id| id.as_str().to_owned()).collect::<BTreeSet<_>>(),
        set(["account", "account-console", "admin-cli", "api", "broker", "realm-management", "security-admin-console", "spa"])
    );
    let defaults = ["web-origins", "acr", "profile", "roles", "basic", "email"];
    let optional = ["address", "phone", "offline_access", "organization", "microprofile-jwt"];
    for client in ["account", "admin-cli", "broker", "spa"] {
        let client = realm.client(client).unwrap();
        assert_eq!(client.default_scopes.iter().map(|s| &**s).collect::<Vec<_>>(), defaults);
        assert_eq!(client.optional_scopes.iter().map(|s| &**s).collect::<Vec<_>>(), optional);
    }
    assert_eq!(&**realm.client("api").unwrap().default_scopes.first().unwrap(), "service_account");
    assert_eq!(realm.lifespans.access_token, 600);
    assert_eq!(realm.direct_grant_otp, DirectGrantOtp::Conditional);
    assert_eq!(realm.roles.len(), 5 + 22 + 1 + 8);
    assert_eq!(realm.client_scopes.len(), 15);
    assert_eq!(realm.required_profile_attributes, ["email", "firstName", "lastName"]);
}

#[test]
fn a_service_account_has_what_the_default_role_contains() {
    let loaded = shared("minimal");
    let account = user(&loaded, "service-account-api");
    let roles: BTreeSet<String> = loaded.realm.roles_of(account).iter().map(|role| format!("{role:?}")).collect();
    assert_eq!(
        roles,
        set([
            "default-roles-minimal",
            "offline_access",
            "uma_authorization",
            "account/manage-account",
            "account/manage-account-links",
            "account/view-profile",
        ])
    );
    assert!(loaded.realm.roles_of(user(&loaded, "anna")).contains(&RoleKey::realm("admin")));
    assert_eq!(loaded.realm.roles_of(user(&loaded, "anna")).len(), 2, "no default roles unless listed");
}

mod broken_files;
mod diagnostics;
mod imports;
