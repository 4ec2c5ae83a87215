//! Input and the text that people get to see for it.

use super::*;

fn said(json: &str) -> String {
    crate::render(&read_one(json).diagnostics)
}

#[test]
fn shows_the_line_the_place_and_the_nearest_word() {
    let json = "{\n  \"realm\": \"r\",\n  \"clients\": [\n    { \"clientId\": \"spa\", \"publicClient\": true, \"defaultClientScopes\": [\"emial\"] }\n  ]\n}";
    assert_eq!(
        said(json),
        "\
r.json:4:72: warning: there is no client scope \"emial\": it is ignored
4 |     { \"clientId\": \"spa\", \"publicClient\": true, \"defaultClientScopes\": [\"emial\"] }
  |                                                                        ^^^^^^^
  = help: did you mean \"email\"?"
    );
}

/// A file of one line, and position and words of what is said about it.
const MISTAKES: &[(&str, &str)] = &[
    ("{\"realm\": \"r\",}", "1:15: error: this is no JSON: trailing comma"),
    ("{\"realm\": \"r\" \"enabled\": true}", "1:15: error: this is no JSON: expected `,` or `}`"),
    ("", "1:1: error: the file ends too early: EOF while parsing a value"),
    ("{\"realm\": \"r\"", "1:13: error: the file ends too early: EOF while parsing an object"),
    ("[]x", "1:3: error: this is no JSON: trailing characters"),
    ("5", "1:1: error: the file: expected an object, found integer"),
    ("{\"realm\": []}", "1:11: error: realm: expected a text, found sequence"),
    ("{\"realm\": \"r\", \"enabled\": \"yes\"}", "1:27: error: enabled: expected true or false, found another text"),
    ("{\"realm\": \"r\", \"notBefore\": {}}", "1:29: error: notBefore: expected a whole number, found map"),
    (
        "{\"realm\": \"r\", \"clients\": [{}, {\"redirectUris\": {\"a\": 1}}]}",
        "1:49: error: clients[1].redirectUris: expected a sequence, found map",
    ),
    ("{\"realm\": \"r\", \"accessTokenLifespan\": 1e99}", "1:39: error: accessTokenLifespan: this number is too large"),
    ("{\"enabled\": true}", "1:1: error: a realm needs a name: the member \"realm\" is missing or empty"),
    ("{\"realm\": \"a/b\"}", "1:11: error: the name of a realm cannot have any of / ? # % ; \\ in it"),
    (
        "{\"realm\": \"r\", \"sslRequired\": \"externel\"}",
        "1:31: error: \"externel\" is no value of sslRequired; expected none, external or all",
    ),
    (
        "{\"realm\": \"r\", \"bruteForceStrategy\": \"linear\"}",
        "1:38: error: \"linear\" is no value of bruteForceStrategy; expected MULTIPLE or LINEAR",
    ),
    ("{\"realm\": \"r\", \"passwordPolicy\": \"lenght(8)\"}", "1:34: error: there is no password policy \"lenght\""),
    (
        "{\"realm\": \"r\", \"directGrantFlow\": \"direct grand\"}",
        "1:35: error: there is no authentication flow \"direct grand\"",
    ),
    ("{\"realm\": \"r\", \"browserFlow\": \"brwser\"}", "1:31: error: there is no authentication flow \"brwser\""),
    (
        "{\"realm\": \"r\", \"ssoSesionIdleTimeout\": 1}",
        "1:16: warning: a realm has no field \"ssoSesionIdleTimeout\": it has no effect",
    ),
    (
        "{\"realm\": \"r\", \"attributes\": {\"latchkey.compat\": \"x\"}}",
        "1:50: error: \"x\" is no version of Keycloak; expected one such as 26.7",
    ),
    (
        "{\"realm\": \"r\", \"attributes\": {\"latchkey.dialekt\": \"x\"}}",
        "1:51: warning: there is no realm attribute \"latchkey.dialekt\": it has no effect",
    ),
    (
        "{\"realm\": \"r\", \"attributes\": {\"latchkey.hostname-aliases\": \"idp\"}}",
        "1:60: error: \"idp\" is no base URL; expected one such as https://idp.example/auth",
    ),
    ("{\"realm\": \"r\", \"users\": [{\"email\": \"x\"}]}", "1:26: error: a user needs a \"username\""),
    (
        "{\"realm\": \"r\", \"users\": [{\"username\": \"a\"}, {\"username\": \"A\", \"id\": \"1\"}]}",
        "1:58: error: there are two users \"a\"",
    ),
    (
        "{\"realm\": \"r\", \"users\": [{\"username\": \"a\", \"email\": \"x\"}, {\"username\": \"b\", \"email\": \"X\"}]}",
        "1:86: error: another user has the e-mail address \"x\", too",
    ),
    (
        "{\"realm\": \"r\", \"users\": [{\"username\": \"a\", \"realmRoles\": [\"offline_acces\"]}]}",
        "1:59: warning: there is no role \"offline_acces\": one without rights is made",
    ),
    (
        "{\"realm\": \"r\", \"users\": [{\"username\": \"a\", \"clientRoles\": {\"acount\": [\"x\"]}}]}",
        "1:70: error: these are roles of client \"acount\", which is not there",
    ),
    (
        "{\"realm\": \"r\", \"clients\": [{\"clientId\": \"c\", \"publicClient\": true}, {\"clientId\": \"c\"}]}",
        "1:82: error: there are two clients \"c\"",
    ),
    (
        "{\"realm\": \"r\", \"clients\": [{\"clientId\": \"c\", \"protocol\": \"openid_connect\", \"secret\": \"s\"}]}",
        "1:58: error: no protocol is called \"openid_connect\"; expected openid-connect or saml",
    ),
    (
        "{\"realm\": \"r\", \"clients\": [{\"clientId\": \"c\"}]}",
        "1:41: warning: this confidential client has no \"secret\" and cannot authenticate",
    ),
    (
        "{\"realm\": \"r\", \"roles\": {\"realm\": [{\"name\": \"a\", \"composites\": {\"realm\": [\"b\"]}}]}}",
        "1:75: error: there is no role \"b\" for \"a\" to contain",
    ),
    (
        "{\"realm\": \"r\", \"roles\": {\"realm\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}}",
        "1:60: error: there are two roles \"a\"",
    ),
    (
        "{\"realm\": \"r\", \"scopeMappings\": [{\"client\": \"nope\", \"roles\": []}]}",
        "1:45: error: there is no such client: \"nope\"",
    ),
];

#[test]
fn says_what_is_wrong_with_each_kind_of_mistake() {
    let mut wrong = Vec::new();
    for (json, expected) in MISTAKES {
        let diagnostics = read_one(json).diagnostics;
        let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
        let first = first.lines().next().unwrap_or_default();
        if first != format!("r.json:{expected}") {
            wrong.push(format!("{json}\n  {first}\n  {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_mistakes_of_all_files_come_in_one_run() {
    let file = |name: &str, json: &str| SourceFile { name: name.to_owned(), bytes: json.as_bytes().to_vec() };
    let files = [
        file("a.json", "{"),
        file("b.json", r#"{"realm": "b", "sslRequired": "x", "bruteForceStrategy": "y"}"#),
        file("c.json", "{\"realm\": \"c\", \"enabled\": {}}"),
        file("d.json", r#"{"realm": "d"}"#),
        file("e.json", r#"{"realm": "d"}"#),
        file("f.json", "\u{feff}{\"realm\": \"f\"}"),
        SourceFile { name: "g.json".to_owned(), bytes: b"{\"realm\": \"\xff\"}".to_vec() },
    ];
    let reading = read(&files, &|_| None);
    let broken: Vec<_> = reading.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.file.as_str()).collect();
    assert_eq!(broken, ["a.json", "b.json", "b.json", "c.json", "e.json", "g.json"]);
    assert_eq!(reading.realms.iter().map(|r| r.realm.name.to_string()).collect::<Vec<_>>(), ["d", "f"]);
}

#[test]
fn a_long_line_is_shown_around_the_mistake() {
    let filler = r#"{"clientId": "x", "publicClient": true},"#.repeat(50).replace("\"x\"", "\"x0\"");
    let mut number = 0;
    let clients: String = filler
        .split("x0")
        .map(|part| {
            number += 1;
            format!("{part}x{number}")
        })
        .collect();
    let json = format!(
        r#"{{"realm": "r", "sslRequired": "nope", "clients": [{}]}}"#,
        clients.rsplit_once("},").unwrap().0.to_owned() + "}"
    );
    let diagnostics = read_one(&json).diagnostics;
    let first = diagnostics.first().unwrap();
    assert!(first.excerpt.chars().count() <= 122 && first.excerpt.contains("\"nope\""), "{first}");
    let marked: String = first.excerpt.chars().skip(first.mark_start).take(first.mark_length).collect();
    assert_eq!(marked, "\"nope\"");
}

#[test]
fn secrets_are_masked_in_the_line_and_in_the_words() {
    for json in [
        r#"{"realm": "r", "clients": [{"clientId": "c", "secret": "hunter2", "defaultClientScopes": ["nope"]}]}"#,
        r#"{"realm": "r", "clients": [{"clientId": "c", "secret": "hunter2" "x": 1}]}"#,
        r#"{"realm": "r", "clients": [{"clientId": "c", "secret": hunter2}]}"#,
        r#"{"realm": "r", "clients": [{"clientId": "c", "secret": "hunter2}]}"#,
        r#"{"realm": "r", "users": [{"username": "u", "credentials": [{"value": "hunter2", "tpye": "password"}]}]}"#,
        r#"{"realm": "r", "users": [{"username": "u", "credentials": [{"value": ["hunter2"]}]}]}"#,
        r#"{"realm": "r", "components": {"k": [{"config": {"privateKey": ["hunter2"]}, "provider": "rsa"}]}}"#,
        r#"{"realm": "r", "passwordPolicy": "length(10)", "users": [{"username": "u", "credentials": [{"value": "hunter2"}]}]}"#,
        r#"{"realm": "r", "smtpServer": {"password": "hunter2"}, "smtpSrever": {}}"#,
        r#"{"realm": "r", "users": [{"username": "u", "credentials": [{"type": "password", "vlaue": "hunter2"}]}]}"#,
        r#"{"realm": "r", "clients": [{"clientId": "c", "secret": {"v": "hunter2"}}]}"#,
        r#"{"realm": "r", "clients": [{"clientId": "c", "secret": {"hunter2": 1}}]}"#,
        r#"{"realm": "r", "clients": [{"clientId": "c", "secret": "a"hunter2"}]}"#,
        r#"{"realm": "r", "clients": [{"clientId": "c", secret": "hunter2"}]}"#,
        r#"{"realm": "r", "clients": [{"clientId": "c", "attributes": {"saml.signing.private.key": "hunter2"}, "enabled": "x"}]}"#,
        "{\"realm\": \"r\", \"components\": {\"k\": [{\"config\": {\"privateKey\": [\"-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END\"]}}]}}",
        "{\"realm\": \"r\", \"clients\": [{\"clientId\": \"c\", \"secret\": \"\nhunter2\"}]}",
    ] {
        let text = said(json);
        assert!(!text.is_empty() && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_mistake_behind_a_placeholder_is_shown_where_it_stands_in_the_file() {
    let json = "{\"realm\": \"${NAME}\", \"sslRequired\": \"nope\"}";
    let file = SourceFile { name: "r.json".to_owned(), bytes: json.as_bytes().to_vec() };
    let reading = read(&[file], &|name| (name == "NAME").then(|| "a-rather-long-name".to_owned()));
    let diagnostic = reading.diagnostics.first().unwrap();
    assert_eq!((diagnostic.column, diagnostic.excerpt.as_str()), (37, json));
}

#[test]
fn a_password_against_the_policy_names_the_user_and_the_rule() {
    let json =
        r#"{"realm": "r", "passwordPolicy": "length(8)", "users": [{"username": "u", "credentials": [{"value": "short"}]}]}"#;
    assert!(said(json).contains("the password of user \"u\" breaks the realm's password policy: length(8)"));
}

#[test]
fn what_would_ask_less_of_users_than_keycloak_is_reported() {
    let text = said(
        r#"{"realm": "r", "directGrantFlow": "own", "authenticationFlows": [{"alias": "own", "authenticationExecutions": [
             {"authenticator": "direct-grant-validate-password", "requirement": "REQUIRED"},
             {"authenticator": "deny-access-authenticator", "requirement": "REQUIRED"},
             {"authenticator": "allow-access-authenticator", "requirement": "DISABLED"}]}],
           "clients": [{"clientId": "c", "publicClient": true, "authenticationFlowBindingOverrides": {"direct_grant": "7"}}]}"#,
    );
    assert!(text.contains("r.json:5:119: warning: the client's own direct grant flow is not followed here"), "{text}");
    assert!(text.contains("r.json:3:32: warning: step \"deny-access-authenticator\" of the direct grant flow"), "{text}");
    assert_eq!(text.matches("warning").count(), 2, "{text}");
}

#[test]
fn one_card_belongs_to_one_user() {
    let json = r#"{"realm": "r", "users": [
        {"username": "a", "credentials": [{"type": "contactless-card", "value": "04A1"}]},
        {"username": "b", "credentials": [{"type": "contactless-card", "value": "04A1"}]}]}"#;
    let text = said(json);
    assert!(text.contains("the card of user \"b\" is that of user \"a\", too: one card, one user"), "{text}");
    assert!(!text.contains("04A1"));
}

#[test]
fn a_placeholder_without_a_value_stops_the_start_where_it_would_be_taken_for_one() {
    let text = said(
        r#"{"realm": "r", "displayName": "${name}", "loginTheme": "${THEME}", "attributes": {"frontendUrl": "https://${HOST}"},
"accessTokenLifespan": ${LIFE}, "clients": [{"clientId": "c", "secret": "${SECRET}", "redirectUris": ["https://${APP}/*"]}],
"smtpServer": {"password": "${file:/nope}"}}"#,
    );
    for part in [
        "r.json:1:107: error: ${HOST} has no value: it would be taken for a part of the URL",
        "r.json:2:24: error: ${LIFE} has no value: a number, true or false is needed here",
        "r.json:2:74: error: ${SECRET} has no value: it would be taken for the secret itself",
        "r.json:2:112: error: ${APP} has no value",
        "r.json:3:29: error: ${file:/nope}: the file cannot be read",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("error").count(), 5, "{text}");
}
