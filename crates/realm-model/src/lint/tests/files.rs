//! Whole files.

use super::*;

fn rules_of(told: &[Diagnostic]) -> Vec<&'static str> {
    told.iter().map(|one| one.rule).collect()
}

#[test]
fn what_is_no_json_is_told_once_with_its_position() {
    let told = lint_text("{\"realm\": \"r\",\n  \"enabled\" true}");
    assert_eq!(rules_of(&told), ["syntax"]);
    assert_eq!((told[0].line, told[0].column), (2, 13));
}

#[test]
fn a_placeholder_outside_of_quotes_needs_a_value() {
    let told = lint_text("{\"realm\": \"r\", \"enabled\": true, \"accessTokenLifespan\": ${LIFE}}");
    assert_eq!(rules_of(&told), ["unresolved-placeholder"]);
    assert!(told[0].is_error());
    assert!(lint_text("{\"realm\": \"r\", \"enabled\": true, \"accessTokenLifespan\": ${LIFE:300}}").is_empty());
}

#[test]
fn message_keys_are_no_placeholders_where_people_read_them() {
    let text = r#"{"realm": "r", "enabled": true, "displayName": "${realm_name}",
        "roles": {"realm": [{"name": "a", "description": "${role_admin}"}]},
        "clients": [{"clientId": "c", "name": "${client_c}", "secret": "${SECRET}", "rootUrl": "${authBaseUrl}", "standardFlowEnabled": false,
          "protocolMappers": [{"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-client-role-mapper",
            "config": {"claim.name": "resource_access.${client_id}.roles"}}]}]}"#;
    assert_eq!(crate::render(&lint_text(text)), "");
}

#[test]
fn all_wrong_types_of_a_file_are_told_in_one_run() {
    let told =
        lint_text(r#"{"realm": "r", "enabled": "maybe", "notBefore": {}, "clients": [{"clientId": ["c"], "enabled": []}]}"#);
    assert_eq!(told.iter().filter(|one| one.rule == "wrong-type").count(), 4, "{}", crate::render(&told));
}

#[test]
fn a_field_that_is_there_twice_is_told() {
    let told = lint_text("{\"realm\": \"r\", \"enabled\": false,\n \"enabled\": true}");
    assert_eq!(rules_of(&told), ["repeated-field"]);
    assert_eq!((told[0].line, told[0].column), (2, 2));
}

#[test]
fn users_in_files_of_their_own_are_looked_at_with_their_realm() {
    let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let files = [
        file(
            "r-realm.json",
            r#"{"realm": "r", "enabled": true, "roles": {"realm": [{"name": "a"}]}, "users": [{"username": "u", "enabled": true}]}"#,
        ),
        file("r-users-0.json", r#"{"realm": "r", "users": [{"username": "U", "enabled": true, "realmRoles": ["a", "b"]}]}"#),
    ];
    let told = lint(&files, &Known);
    assert_eq!(rules_of(&told), ["duplicate-name", "dangling-role"], "{}", crate::render(&told));
    assert!(told.iter().all(|one| one.file == "r-users-0.json"));
}

#[test]
fn what_is_found_again_and_again_is_counted() {
    let users: Vec<_> = (0..500).map(|n| json!({"username": format!("u{n}"), "enabled": true, "realmRoles": ["nope"]})).collect();
    let told = lint_text(&json!({"realm": "r", "enabled": true, "users": users}).to_string());
    let shown = told.iter().filter(|one| one.message.contains("no role \"nope\"")).count();
    assert!(shown <= 60, "{shown}");
    assert!(told.iter().any(|one| one.message.contains("450 more findings")), "{}", crate::render(&told));
}

#[test]
fn an_export_has_no_error_and_an_untouched_realm_not_even_a_warning() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/keycloak/realms");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let told = lint(&[SourceFile { name: path.display().to_string(), bytes: std::fs::read(&path).unwrap() }], &Known);
        let errors: Vec<_> = told.into_iter().filter(Diagnostic::is_error).collect();
        assert_eq!(crate::render(&errors), "");
    }
}

#[test]
fn secrets_are_in_nothing_that_is_said() {
    let mut realm = baseline();
    realm["clients"][0]["secret"] = json!("hunter2");
    realm["clients"][0]["clientAuthenticatorType"] = json!("client-secrett");
    realm["smtpServer"]["password"] = json!("hunter2");
    realm["users"][0]["credentials"][0] = json!({"type": "password", "value": "hunter2", "temporary": true});
    realm["identityProviders"][0]["config"]["clientSecret"] = json!("hunter2");
    let told = lint_text(&realm.to_string());
    assert!(told.len() >= 4);
    let everything = [crate::render(&told), crate::report::github(&told), crate::report::sarif(&told).to_string()].join("\n");
    assert!(!everything.contains("hunter2"), "{everything}");
}
