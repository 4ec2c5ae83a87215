//! A realm without a fault, one change, and the one thing that must be said of it.

mod files;
mod rows;

use serde_json::{Value, json};

use self::rows::ROWS;
use super::*;

/// A realm with one of everything, and nothing to be said of it.
fn baseline() -> Value {
    json!({
        "realm": "r", "enabled": true, "bruteForceProtected": true, "sslRequired": "external", "passwordPolicy": "length(8)",
        "roles": {
            "realm": [{"id": "r1", "name": "a", "composites": {"realm": ["b"], "client": {"c": ["x"]}}}, {"name": "b"}],
            "client": {"c": [{"name": "x"}]}
        },
        "groups": [{"id": "g1", "name": "g", "realmRoles": ["a"], "subGroups": [{"id": "g2", "parentId": "g1", "name": "h"}]}],
        "defaultGroups": ["/g"],
        "clientScopes": [{"name": "s", "protocol": "openid-connect", "protocolMappers":
            [{"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper", "config": {"k": "v"}}]}],
        "defaultDefaultClientScopes": ["s"],
        "scopeMappings": [{"client": "c", "roles": ["a"]}, {"clientScope": "s", "roles": ["b"]}],
        "clientScopeMappings": {"c": [{"clientScope": "s", "roles": ["x"]}]},
        "clients": [
            {"id": "c1", "clientId": "c", "secret": "${SECRET}", "redirectUris": ["https://c.example/*"], "webOrigins": ["+"],
             "serviceAccountsEnabled": true, "attributes": {"access.token.lifespan": "60"}},
            {"id": "c2", "clientId": "spa", "publicClient": true, "rootUrl": "https://spa.example",
             "redirectUris": ["http://localhost:3000/*"], "defaultClientScopes": ["s"],
             "attributes": {"pkce.code.challenge.method": "S256"}}
        ],
        "users": [{"id": "u1", "username": "u", "enabled": true, "email": "u@x.example", "realmRoles": ["a"], "groups": ["/g/h"],
            "requiredActions": ["UPDATE_PASSWORD"], "clientRoles": {"c": ["x"]},
            "federatedIdentities": [{"identityProvider": "idp", "userId": "1", "userName": "u"}],
            "credentials": [{"type": "password", "secretData": "{\"value\":\"x\"}",
                             "credentialData": "{\"algorithm\":\"argon2\",\"hashIterations\":5}"}]}],
        "authenticationFlows": [
            {"id": "f1", "alias": "own", "providerId": "basic-flow", "topLevel": true, "authenticationExecutions": [
                {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE", "authenticatorConfig": "cfg"},
                {"flowAlias": "sub", "requirement": "ALTERNATIVE"}]},
            {"id": "f2", "alias": "sub", "providerId": "basic-flow", "authenticationExecutions": []}],
        "authenticatorConfig": [{"alias": "cfg", "config": {}}],
        "browserFlow": "own",
        "identityProviders": [{"alias": "idp", "providerId": "oidc", "enabled": true, "firstBrokerLoginFlowAlias": "own",
                               "config": {"clientSecret": "${IDP_SECRET}"}}],
        "identityProviderMappers": [{"name": "n", "identityProviderAlias": "idp", "identityProviderMapper": "oidc-username-idp-mapper"}],
        "components": {"org.keycloak.keys.KeyProvider": [{"id": "k1", "name": "rsa", "providerId": "rsa-generated", "config": {"priority": ["100"]}}]},
        "smtpServer": {"host": "mail.example", "password": "${file:/run/secrets/smtp}"}
    })
}

struct Known;

impl Placeholders for Known {
    fn variable(&self, name: &str) -> Option<String> {
        ["SECRET", "IDP_SECRET"].contains(&name).then(|| "from the environment".to_owned())
    }

    fn file(&self, path: &str) -> std::io::Result<String> {
        match path {
            "/run/secrets/smtp" => Ok("from a file\n".to_owned()),
            _ => Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no such file")),
        }
    }
}

fn lint_text(text: &str) -> Vec<Diagnostic> {
    lint(&[SourceFile { name: "r.json".to_owned(), bytes: text.as_bytes().to_vec() }], &Known)
}

/// The baseline with `value` at `pointer`; a member or element that is not there yet is added.
fn changed(pointer: &str, value: Value) -> String {
    let mut realm = baseline();
    let (above, last) = pointer.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/");
    match realm.pointer_mut(above).unwrap_or_else(|| panic!("{above}")) {
        Value::Object(members) => {
            members.insert(last, value);
        }
        Value::Array(values) => match values.get_mut(last.parse::<usize>().unwrap_or(usize::MAX)) {
            Some(element) => *element = value,
            None => values.push(value),
        },
        other => panic!("{pointer}: {other}"),
    }
    serde_json::to_string_pretty(&realm).unwrap()
}

#[test]
fn nothing_is_said_of_a_realm_without_a_fault() {
    assert_eq!(crate::render(&lint_text(&serde_json::to_string_pretty(&baseline()).unwrap())), "");
}

#[test]
fn a_realm_as_keycloak_makes_it_has_no_error() {
    let told = lint_text(&include_str!("../template/realm-26.7.json").replace("{realm}", "r"));
    let errors: Vec<_> = told.iter().filter(|one| one.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn each_rule_says_one_thing_of_one_change() {
    let mut wrong = Vec::new();
    for (pointer, value, rule, is_error, part) in ROWS.iter().copied() {
        let value = if value == "LONG" { "x".repeat(256).into() } else { serde_json::from_str(value).unwrap() };
        let told = lint_text(&changed(pointer, value));
        let as_expected = |one: &Diagnostic| {
            let help = one.help.clone().unwrap_or_default();
            one.rule == rule && one.is_error() == is_error && format!("{} {help}", one.message).contains(part) && one.line > 1
        };
        if told.len() != 1 || !told.iter().all(as_expected) {
            wrong.push(format!(
                "{pointer}: expected {rule}: {part}\n{}",
                told.iter().map(|d| format!("[{}] {d}\n", d.rule)).collect::<String>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_is_in_a_row_or_in_a_test_of_files() {
    let elsewhere = ["file", "syntax", "repeated-field"];
    for rule in RULES {
        assert!(ROWS.iter().any(|row| row.2 == rule.id) || elsewhere.contains(&rule.id), "{}", rule.id);
    }
}

#[test]
fn the_page_of_rules_has_every_rule_as_it_is() {
    let page = include_str!("../../../../docs/lint.md");
    for rule in RULES {
        let severity = if rule.severity == Severity::Error { "error" } else { "warning" };
        let row = format!("| `{}` | {severity} | {} |", rule.id, rule.summary);
        assert!(page.contains(&row), "docs/lint.md: {row}");
    }
    assert_eq!(page.matches("\n| `").count(), RULES.len());
}
