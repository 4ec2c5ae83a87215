//! What many small realms cost: `cargo run --release -p realm-model --example realms -- [realms] [clients of each]`.
//!
//! Each realm has what every realm has, and clients of its own. Printed are the milliseconds that its documents take to be made
//! and compiled, and the memory of the snapshots, taken from `/proc`.

use std::time::Duration;

use realm_model::compile;
use realm_model::document::{Body, Document, Documents, Key, Kind};
use serde_json::{Value, json};

const TEMPLATE: &str = include_str!("../src/template/realm-26.7.json");

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let (realms, clients) = (arguments.next().unwrap_or(10_000), arguments.next().unwrap_or(10));
    let template = split(&serde_json::from_str(TEMPLATE).expect("the template is an object"));
    let before = resident();
    let (mut making, mut compiling) = (Duration::ZERO, Duration::ZERO);
    let mut all = Vec::with_capacity(realms);
    for number in 0..realms {
        let (took, documents) = timed(|| documents(&template, number, clients));
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

fn documents(template: &[(Key, Body)], number: usize, clients: usize) -> Documents {
    let name = format!("realm-{number}");
    let id = |key: &Key| format!("{number:08x}-{:04x}-4000-8000-{:012x}", key.kind as u8, hash(key));
    let mut documents = Documents::new(format!("{number:08x}-0000-4000-8000-000000000000"), 1);
    for (key, body) in template {
        let key = Key { name: key.name.replace("{realm}", &name), ..key.clone() };
        let body = body.iter().map(|(member, value)| (member.clone(), of_realm(value, &name))).collect();
        documents.insert(Document { id: id(&key), key, body }, 0);
    }
    for client in 0..clients {
        let key = Key::of(Kind::Client, format!("app-{client}"));
        let Value::Object(body) = own_client(&name, &key.name) else { continue };
        documents.insert(Document { id: id(&key), key, body }, 1);
    }
    documents
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

fn hash(key: &Key) -> u64 {
    let texts = key.owner.bytes().chain(key.name.bytes());
    texts.fold(7, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte))) & 0xffff_ffff_ffff
}

fn of_realm(value: &Value, name: &str) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("{realm}", name)),
        Value::Array(values) => values.iter().map(|value| of_realm(value, name)).collect(),
        Value::Object(members) => members.iter().map(|(member, value)| (member.clone(), of_realm(value, name))).collect(),
        other => other.clone(),
    }
}

/// The documents of the template, as the store would have them.
fn split(template: &Body) -> Vec<(Key, Body)> {
    let mut all = Vec::new();
    let mut add = |key: Key, value: &Value| all.extend(value.as_object().map(|body| (key, body.clone())));
    let text = |value: &Value, member: &str| value[member].as_str().unwrap_or_default().to_owned();
    let list = |member: &str| template[member].as_array().into_iter().flatten();
    for (member, kind, name) in [
        ("clients", Kind::Client, "clientId"),
        ("clientScopes", Kind::ClientScope, "name"),
        ("authenticationFlows", Kind::Flow, "alias"),
        ("authenticatorConfig", Kind::AuthenticatorConfig, "alias"),
        ("requiredActions", Kind::RequiredAction, "alias"),
    ] {
        list(member).for_each(|value| add(Key::of(kind, text(value, name)), value));
    }
    for role in template["roles"]["realm"].as_array().into_iter().flatten() {
        add(Key::of(Kind::RealmRole, text(role, "name")), role);
    }
    for (client, roles) in template["roles"]["client"].as_object().into_iter().flatten() {
        roles
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|role| add(Key::owned(Kind::ClientRole, client, text(role, "name")), role));
    }
    list("scopeMappings").for_each(|value| add(Key::owned(Kind::ScopeMapping, "clientScope", text(value, "clientScope")), value));
    for (owner, mappings) in template["clientScopeMappings"].as_object().into_iter().flatten() {
        for value in mappings.as_array().into_iter().flatten() {
            add(Key::owned(Kind::ClientScopeMapping, owner, format!("client:{}", text(value, "client"))), value);
        }
    }
    for (owner, components) in template["components"].as_object().into_iter().flatten() {
        components
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|value| add(Key::owned(Kind::Component, owner, text(value, "name")), value));
    }
    let elsewhere = [
        "clients",
        "clientScopes",
        "roles",
        "groups",
        "scopeMappings",
        "clientScopeMappings",
        "components",
        "authenticationFlows",
        "authenticatorConfig",
        "requiredActions",
    ];
    let settings = template.iter().filter(|(member, _)| !elsewhere.contains(&member.as_str()));
    all.push((Key::realm(), settings.map(|(member, value)| (member.clone(), value.clone())).collect()));
    all
}
