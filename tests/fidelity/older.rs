//! Exports of older versions: what is added to them is said, and their tokens are those that Keycloak 26.7.4 issues after its own
//! import of the same files (`older.json`; recorded, without what is of the moment).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use idp_server::cli::Database;
use serde_json::{Map, Value};

use super::{json, latchkey};
use crate::harness::client::Client;
use crate::harness::replayer::claims;
use crate::harness::server::TestServer;

/// What is known of one version.
struct Older {
    /// The name that its realm gets: in all the files it is `older`.
    realm: String,
    /// The sentences about what was added.
    said: Vec<String>,
    /// Who logs in, which token, and its claims.
    tokens: BTreeMap<String, Map<String, Value>>,
}

/// All versions; their exports are written into a folder as `import --dir` reads it.
fn older(folder: &Path) -> Vec<Older> {
    std::fs::create_dir_all(folder).unwrap();
    let name = regex::Regex::new(r"\bolder\b").unwrap();
    let facts = json(&crate::harness::tests("fidelity/older.json"));
    let one = |(version, facts): (&String, &Value)| {
        let file = crate::harness::repository(&format!("crates/realm-model/tests/exports/{version}.json"));
        let realm = facts["realm"].as_str().unwrap().to_owned();
        let text = std::fs::read_to_string(file).unwrap();
        std::fs::write(folder.join(format!("{realm}-realm.json")), name.replace_all(&text, &realm).as_bytes()).unwrap();
        let said = facts["said"].as_array().unwrap().iter().map(|said| said.as_str().unwrap().to_owned()).collect();
        let tokens = facts["tokens"].as_object().unwrap().iter();
        let tokens = tokens.map(|(who, tokens)| (who.clone(), tokens.as_object().unwrap().clone())).collect();
        Older { realm, said, tokens }
    };
    facts.as_object().unwrap().iter().map(one).collect()
}

fn assert_tokens(server: &TestServer, all: &[Older]) {
    let client = Client::of(server);
    for Older { realm, tokens, .. } in all {
        for (who, expected) in tokens {
            let password = format!("{who}-password");
            let mut form = vec![
                ("client_id", "shop"),
                ("client_secret", "shop-secret"),
                ("scope", "openid department phone microprofile-jwt"),
            ];
            match who.as_str() {
                "shop itself" => form.push(("grant_type", "client_credentials")),
                user => form.extend([("grant_type", "password"), ("username", user), ("password", &password)]),
            }
            let answer = client.token(realm, &form);
            for (token, expected) in expected {
                assert_eq!(&lasting(&answer.text(token)), expected, "{realm}: {token} of {who}");
            }
        }
    }
}

/// The claims but for moments and made-up ids; lists in order, the issuer without the server's name.
fn lasting(token: &str) -> Value {
    let mut claims = claims(token).unwrap();
    let lifespan = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    let members = claims.as_object_mut().unwrap();
    members.insert("exp".into(), lifespan.into());
    members.retain(|name, _| !["iat", "auth_time", "jti", "sid", "at_hash"].contains(&name.as_str()));
    steady(&mut claims);
    claims
}

fn steady(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(scope)) = members.get_mut("scope") {
                let mut names: Vec<_> = scope.split(' ').collect();
                names.sort_unstable();
                *scope = names.join(" ");
            }
            members.values_mut().for_each(steady);
        }
        Value::Array(list) => list.sort_by_cached_key(Value::to_string),
        Value::String(text) => *text = text.replace("http://id.example", "{base}"),
        _ => {}
    }
}

#[test]
fn an_older_export_that_is_imported_is_brought_up_to_date_which_is_said_and_its_tokens_are_those_of_keycloak() {
    let folder = tempfile::tempdir().unwrap();
    let all = older(&folder.path().join("in"));
    let imported = latchkey(folder.path(), &["import", "--data", "data", "--dir", "in"]);
    for Older { realm, said, .. } in &all {
        let prefix = format!("realm {realm}: ");
        let lines: Vec<&str> = imported.out.lines().filter_map(|line| line.strip_prefix(&prefix)).collect();
        assert_eq!(&lines, said, "{realm}");
    }
    let data: PathBuf = folder.path().join("data");
    let server = TestServer::with_settings(Vec::new(), |settings| {
        settings.database = Database::Embedded;
        settings.data = data;
    });
    assert_tokens(&server, &all);
}

#[test]
fn an_older_export_that_is_followed_is_brought_up_to_date_which_is_said_and_its_tokens_are_those_of_keycloak() {
    let folder = tempfile::tempdir().unwrap();
    let all = older(&folder.path().join("in"));
    let applied = latchkey(folder.path(), &["apply", "--data", "data", "in"]);
    for sentence in all.iter().flat_map(|older| &older.said) {
        assert!(applied.out.contains(sentence), "not said: {sentence}");
    }
    let again = latchkey(folder.path(), &["plan", "--data", "data", "in"]);
    assert!(again.out.contains("Nothing to change"), "{}", again.out);
    let server = TestServer::with_realms(vec![folder.path().join("in")]);
    assert_tokens(&server, &all);
}
