//! What many small realms cost: `cargo run --release -p realm-model --example realms -- [realms] [clients of each]`.
//!
//! Each realm has what every realm has, and clients of its own. Printed are the milliseconds that its documents take to be made
//! and compiled, and the memory of the snapshots, taken from `/proc`.

use std::time::Duration;

use realm_model::compile;
use realm_model::document::{Documents, Key, Kind};
use realm_model::template::{Template, overlay};
use serde_json::{Value, json};

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.parse().ok());
    let (realms, clients) = (arguments.next().unwrap_or(10_000), arguments.next().unwrap_or(10));
    let before = resident();
    let (mut making, mut compiling) = (Duration::ZERO, Duration::ZERO);
    let mut all = Vec::with_capacity(realms);
    for number in 0..realms {
        let (took, documents) = timed(|| documents(number, clients));
        making += took;
        let (took, compiled) = timed(|| compile::realm(&documents, &|_: &str| None));
        compiling += took;
        if number == 0 {
            println!("{} documents, problems: {:?}", documents.iter().count(), compiled.problems);
        }
        all.push(compiled.realm);
    }
    let each = |took: Duration| took.as_secs_f64() * 1000.0 / realms as f64;
    println!(
        "{realms} realms of {clients} clients: documents {:.3} ms each, compiled {:.3} ms each",
        each(making),
        each(compiling)
    );
    println!("memory: {:.1} KiB each", (resident() - before) as f64 / realms as f64);
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = on_processor();
    let result = work();
    (on_processor() - start, result)
}

/// How long this thread has been at work: what else the machine does is not counted.
fn on_processor() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(times.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

/// KiB
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

/// What the store has of a realm: its settings, as far as they differ, and its own clients.
fn documents(number: usize, clients: usize) -> Documents {
    let name = format!("realm-{number}");
    let realm_id = format!("{number:08x}-0000-4000-8000-000000000000");
    let own = (0..clients).filter_map(|client| {
        let client_id = format!("app-{client}");
        let Value::Object(body) = own_client(&name, &client_id) else { return None };
        Some((Key::of(Kind::Client, client_id), format!("{number:08x}-{client:04x}-4000-8000-000000000001"), 1, Some(body)))
    });
    let Value::Object(settings) = json!({ "realm": name, "enabled": true, "displayName": name }) else { unreachable!() };
    let settings = (Key::realm(), realm_id.clone(), 1, Some(settings));
    overlay((&realm_id, &name), Template::NEWEST, own.chain([settings]), 1)
}

fn own_client(realm: &str, client_id: &str) -> Value {
    json!({
        "clientId": client_id, "name": format!("{client_id} of {realm}"), "enabled": true, "protocol": "openid-connect",
        "clientAuthenticatorType": "client-secret", "secret": format!("{realm}-{client_id}-secret-0123456789"),
        "redirectUris": [format!("https://{client_id}.{realm}.example/callback")], "webOrigins": ["+"], "publicClient": false,
        "standardFlowEnabled": true, "directAccessGrantsEnabled": true, "serviceAccountsEnabled": true, "fullScopeAllowed": true,
        "attributes": {
            "realm_client": "false", "post.logout.redirect.uris": "+", "oauth2.device.authorization.grant.enabled": "false",
            "backchannel.logout.session.required": "true", "client.secret.creation.time": format!("{}", 1_700_000_000 + realm.len()),
        },
        "defaultClientScopes": ["service_account", "web-origins", "acr", "profile", "roles", "basic", "email"],
        "optionalClientScopes": ["address", "phone", "organization", "offline_access", "microprofile-jwt"],
    })
}
