//! A realm without a fault, one change, and the one thing that must be said of it.

mod files;

use serde_json::{Value, json};

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

/// Where, what, the rule that finds it, whether it is an error, and a part of what is said.
fn rows() -> Vec<(&'static str, Value, &'static str, bool, &'static str)> {
    let mut rows = names();
    rows.extend(security());
    rows.extend(keycloak());
    rows
}

fn names() -> Vec<(&'static str, Value, &'static str, bool, &'static str)> {
    vec![
        ("/enabeld", json!(true), "unknown-field", false, "a realm has no field \"enabeld\""),
        ("/identityProviders/0/aliass", json!("x"), "unknown-field", false, "did you mean \"alias\"?"),
        ("/users/0/credentials/0/tpye", json!("x"), "unknown-field", false, "did you mean \"type\"?"),
        ("/rememberMe", json!([]), "wrong-type", true, "rememberMe: expected true or false, found a list"),
        ("/clients/0/redirectUris", json!("https://x"), "wrong-type", true, "expected a"),
        ("/clients/0/notBefore", json!("soon"), "wrong-type", true, "expected a whole number"),
        ("/bruteForceStrategy", json!("linear"), "wrong-type", true, "did you mean \"LINEAR\"?"),
        ("/loginTheme", json!("${THEME}"), "unresolved-placeholder", false, "${THEME} has no value"),
        ("/clients/1/rootUrl", json!("https://${HOST}"), "unresolved-placeholder", true, "a part of the URL"),
        ("/clients/0/secret", json!("${NONE}"), "unresolved-placeholder", true, "the secret itself"),
        ("/accessTokenLifespan", json!("${LIFE}"), "unresolved-placeholder", true, "a number, true or false"),
        ("/smtpServer/password", json!("${file:/nope}"), "unresolved-placeholder", true, "no such file"),
        ("/attributes", json!({"frontendUrl": "https://${HOST}"}), "unresolved-placeholder", true, "a part of the URL"),
        ("/clients/2", json!({"name": "no name"}), "missing-name", true, "a client needs a \"clientId\""),
        ("/groups/1", json!({"path": "/x"}), "missing-name", true, "a group needs a \"name\""),
        ("/scopeMappings/2", json!({"roles": ["a"]}), "missing-name", true, "needs a \"client\" or a \"clientScope\""),
        ("/clients/2", json!({"clientId": "spa", "publicClient": true}), "duplicate-name", true, "client \"spa\""),
        ("/roles/realm/2", json!({"name": "b"}), "duplicate-name", true, "role \"b\""),
        ("/groups/1", json!({"name": "g"}), "duplicate-name", true, "group \"g\""),
        ("/users/1", json!({"username": "U", "enabled": true}), "duplicate-name", true, "user \"U\""),
        (
            "/users/1",
            json!({"username": "v", "enabled": true, "email": "U@x.example"}),
            "duplicate-name",
            true,
            "duplicateEmailsAllowed",
        ),
        ("/users/1", json!({"username": "v", "enabled": true, "id": "u1"}), "duplicate-id", true, "another user"),
        ("/clients/1/id", json!("c1"), "duplicate-id", true, "another client"),
        (
            "/identityProviders/1",
            json!({"alias": "idp", "providerId": "oidc"}),
            "duplicate-name",
            true,
            "identity provider \"idp\"",
        ),
        ("/roles/realm/0/composites/realm/0", json!("bb"), "dangling-role", true, "did you mean \"b\"?"),
        ("/users/0/realmRoles/0", json!("aa"), "dangling-role", false, "the realm has no role \"aa\""),
        ("/groups/0/clientRoles", json!({"c": ["xx"]}), "dangling-role", false, "client \"c\" has no role \"xx\""),
        ("/scopeMappings/0/roles/0", json!("nope"), "dangling-role", false, "no role \"nope\""),
        ("/users/0/clientRoles", json!({"d": ["x"]}), "dangling-client", true, "no client \"d\""),
        ("/users/0/serviceAccountClientId", json!("cc"), "dangling-client", true, "no client \"cc\""),
        ("/scopeMappings/0/client", json!("cc"), "dangling-client", true, "no client \"cc\""),
        ("/clients/1/defaultClientScopes/0", json!("ss"), "dangling-client-scope", false, "did you mean \"s\"?"),
        ("/clients/1/defaultClientScopes/0", json!("email"), "dangling-client-scope", false, "the built-in ones are not added"),
        ("/scopeMappings/1/clientScope", json!("ss"), "dangling-client-scope", true, "no client scope \"ss\""),
        ("/users/0/groups/0", json!("/g/i"), "dangling-group", true, "no group \"/g/i\""),
        ("/defaultGroups/0", json!("/x"), "dangling-group", false, "it is ignored"),
        ("/browserFlow", json!("owm"), "dangling-flow", true, "did you mean \"own\"?"),
        ("/authenticationFlows/0/authenticationExecutions/1/flowAlias", json!("nope"), "dangling-flow", true, "\"nope\""),
        ("/identityProviders/0/firstBrokerLoginFlowAlias", json!("nope"), "dangling-flow", true, "\"nope\""),
        ("/clients/0/authenticationFlowBindingOverrides", json!({"browser": "own"}), "dangling-flow", true, "takes the \"id\""),
        (
            "/authenticationFlows/0/authenticationExecutions/0/authenticatorConfig",
            json!("cfh"),
            "dangling-authenticator-config",
            true,
            "\"cfg\"?",
        ),
        ("/identityProviderMappers/0/identityProviderAlias", json!("ipd"), "dangling-identity-provider", false, "\"idp\"?"),
        ("/users/0/federatedIdentities/0/identityProvider", json!("x"), "dangling-identity-provider", false, "\"x\""),
        (
            "/clientScopes/0/protocolMappers/0/protocolMapper",
            json!("oidc-audiense-mapper"),
            "unknown-provider",
            false,
            "did you mean",
        ),
        (
            "/authenticationFlows/0/authenticationExecutions/0/authenticator",
            json!("auth-cokie"),
            "unknown-provider",
            false,
            "\"auth-cookie\"?",
        ),
        ("/identityProviders/0/providerId", json!("odic"), "unknown-provider", true, "\"oidc\"?"),
        (
            "/components/org.keycloak.keys.KeyProvider/0/providerId",
            json!("rsa-generate"),
            "unknown-provider",
            true,
            "rsa-generated",
        ),
        ("/identityProviderMappers/0/identityProviderMapper", json!("nope"), "unknown-provider", false, "\"nope\""),
        ("/users/0/requiredActions/0", json!("UPDATE_PASWORD"), "unknown-required-action", false, "\"UPDATE_PASSWORD\"?"),
        ("/groups/0/parentId", json!("g2"), "group-cycle", true, "its own ancestor"),
        ("/roles/realm/1/composites", json!({"realm": ["a"]}), "role-cycle", false, "a → b → a"),
        (
            "/authenticationFlows/1/authenticationExecutions/0",
            json!({"flowAlias": "own", "requirement": "REQUIRED"}),
            "flow-cycle",
            true,
            "own → sub → own",
        ),
    ]
}

fn security() -> Vec<(&'static str, Value, &'static str, bool, &'static str)> {
    vec![
        ("/clients/1/redirectUris/0", json!("https://*.c.example/*"), "redirect-wildcard", false, "every host"),
        ("/clients/1/redirectUris/0", json!("http://c.example/*"), "http-redirect", false, "codes go to c.example in clear"),
        ("/clients/1/rootUrl", json!("JavaScript:alert(1)"), "script-url", true, "javascript:"),
        ("/clients/1/redirectUris/1", json!("data:text/html,x"), "script-url", true, "data:"),
        ("/clients/0/webOrigins/0", json!("*"), "web-origin-wildcard", false, "a confidential client's answers"),
        ("/clients/0/secret", json!("hunter2"), "clear-secret", false, "a secret stands in this file"),
        ("/smtpServer/password", json!("hunter2"), "clear-secret", false, "a secret stands in this file"),
        ("/identityProviders/0/config/clientSecret", json!("hunter2"), "clear-secret", false, "a secret stands in this file"),
        ("/users/0/credentials/0", json!({"type": "password", "value": "hunter2-long"}), "clear-secret", false, "${A_VARIABLE}"),
        ("/clients/1/directAccessGrantsEnabled", json!(true), "public-direct-grant", false, "try passwords"),
        ("/clients/0/implicitFlowEnabled", json!(true), "implicit-flow", false, "tokens into URLs"),
        ("/clients/1/attributes", json!({}), "no-pkce", false, "does not ask for PKCE"),
        ("/passwordPolicy", json!("hashAlgorithm(pbkdf2-sha256) and hashIterations(27500)"), "weak-hash", false, "600000"),
        ("/passwordPolicy", json!("hashAlgorithm(pbkdf2)"), "weak-hash", false, "SHA-1"),
        (
            "/users/0/credentials/0/credentialData",
            json!("{\"algorithm\":\"pbkdf2-sha256\",\"hashIterations\":1000}"),
            "weak-hash",
            false,
            "1000 iterations",
        ),
        ("/bruteForceProtected", json!(false), "brute-force-off", false, "guessed without end"),
        ("/sslRequired", json!("none"), "ssl-not-required", false, "plain HTTP"),
        ("/accessTokenLifespan", json!(864_000), "long-lifespan", false, "10 days"),
        ("/clients/0/attributes/access.token.lifespan", json!("864000"), "long-lifespan", false, "10 days"),
    ]
}

fn keycloak() -> Vec<(&'static str, Value, &'static str, bool, &'static str)> {
    vec![
        ("/passwordPolicy", json!("lenght(8)"), "refused-by-keycloak", true, "\"length\"?"),
        ("/passwordPolicy", json!("length(eight)"), "refused-by-keycloak", true, "not a number"),
        ("/passwordPolicy", json!("hashAlgorithm(argon)"), "unknown-provider", false, "\"argon2\"?"),
        ("/clients/1/name", json!("x".repeat(256)), "refused-by-keycloak", true, "255"),
        (
            "/authenticationFlows/0/authenticationExecutions/1/requirement",
            json!("REQUIERD"),
            "refused-by-keycloak",
            true,
            "\"REQUIRED\"?",
        ),
        ("/enabled", Value::Null, "ignored-by-keycloak", false, "a realm without \"enabled\" is off"),
        ("/users/1", json!({"username": "v"}), "ignored-by-keycloak", false, "a user without \"enabled\" is off"),
        ("/users/0/credentials/0/temporary", json!(true), "ignored-by-keycloak", false, "UPDATE_PASSWORD"),
        ("/clients/1/serviceAccountsEnabled", json!(true), "ignored-by-keycloak", false, "no service account"),
        ("/clients/1/secret", json!("${SECRET}"), "ignored-by-keycloak", false, "no use for a secret"),
        ("/clients/1/optionalClientScopes", json!(["s"]), "ignored-by-keycloak", false, "among the default ones"),
        ("/clients/0/secret", Value::Null, "missing-secret", false, "no \"secret\""),
        ("/clients/0/secret", json!("**********"), "missing-secret", false, "masked by a partial export"),
        ("/attributes", json!({"latchkey.compt": "26"}), "realm", false, "latchkey.compt"),
    ]
}

#[test]
fn each_rule_says_one_thing_of_one_change() {
    let mut wrong = Vec::new();
    for (pointer, value, rule, is_error, part) in rows() {
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
    let rows = rows();
    let elsewhere = ["file", "syntax", "repeated-field"];
    for rule in RULES {
        assert!(rows.iter().any(|row| row.2 == rule.id) || elsewhere.contains(&rule.id), "{}", rule.id);
    }
}
