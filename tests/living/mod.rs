//! Realm files are the running configuration: what an edit does, what it never does, and what the commands say about it.

mod commands;
mod durable;
mod folder;
mod killed;
mod page;
mod placeholders;
mod random_edits;
mod run_time;
mod server;
mod watching;

use std::time::Duration;

use ambient::{Clock, SystemClock};
use serde_json::{Value, json};

/// A change that is not in force after so many milliseconds never will be.
const PATIENCE: i64 = 20_000;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Asks until there is an answer.
fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = SystemClock.now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(SystemClock.now().millis_since(began) < PATIENCE, "this never came: {what}");
        std::thread::park_timeout(PAUSE);
    }
}

/// A realm with a bit of everything.
fn acme() -> Value {
    json!({
        "realm": "acme", "enabled": true, "accessTokenLifespan": 300,
        "roles": {"realm": [{"name": "clerk"}, {"name": "manager"}]},
        "groups": [{"name": "staff"}],
        "clients": [
            {
                "clientId": "app", "publicClient": true, "directAccessGrantsEnabled": true, "redirectUris": ["https://app.example/old"],
                "protocolMappers": [{
                    "name": "colour", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
                    "config": {"claim.name": "colour", "claim.value": "green", "jsonType.label": "String", "access.token.claim": "true"},
                }],
            },
            {"clientId": "machine", "secret": "first-secret-of-machine", "serviceAccountsEnabled": true},
        ],
        "users": [
            {
                "username": "alice", "enabled": true, "email": "alice@acme.example", "firstName": "Alice", "lastName": "Liddell",
                "realmRoles": ["clerk"], "credentials": [{"type": "password", "value": "wonderland"}],
            },
        ],
    })
}
