use oidc_types::{EventType, Outcome};
use serde_json::json;

use crate::file::{SourceFile, read};
use crate::{AdminEvents, EventSettings};

fn settings(more: serde_json::Value) -> (Option<EventSettings>, Vec<String>) {
    let mut realm = json!({ "realm": "r", "enabled": true });
    realm.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut loaded = read(&[SourceFile { name: "r.json".to_owned(), bytes: realm.to_string().into() }], &|_| None);
    let told = loaded.diagnostics.iter().map(ToString::to_string).collect();
    (loaded.realms.pop().map(|loaded| loaded.realm.events), told)
}

fn webhook(hook: serde_json::Value) -> Vec<String> {
    settings(json!({ "attributes": { "latchkey.webhooks": json!([hook]).to_string() } })).1
}

fn good() -> serde_json::Value {
    json!({ "name": "audit", "url": "https://audit.example/in", "secret": "0123456789abcdef01234567", "types": ["LOGIN_ERROR"] })
}

#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    let (settings, _) = settings(json!({}));
    let settings = settings.unwrap();
    assert!(!settings.keeps(EventType::Login, Outcome::Success) && settings.admin == AdminEvents::Off);
    assert!(settings.webhooks.is_empty());
}

#[test]
fn types_are_those_listed_or_the_usual_ones() {
    let (usual, _) = settings(json!({ "eventsEnabled": true, "eventsExpiration": 60, "adminEventsEnabled": true }));
    let usual = usual.unwrap();
    assert!(usual.keeps(EventType::Login, Outcome::Error) && !usual.keeps(EventType::RefreshToken, Outcome::Success));
    assert_eq!((usual.expiration, usual.admin), (60, AdminEvents::On));
    let (listed, _) = settings(json!({ "eventsEnabled": true, "enabledEventTypes": ["LOGIN_ERROR", "NOPE"] }));
    let listed = listed.unwrap();
    assert!(listed.keeps(EventType::Login, Outcome::Error) && !listed.keeps(EventType::Login, Outcome::Success));
}

#[test]
fn a_webhook_is_read_with_its_secret() {
    let hooks = json!({ "attributes": { "latchkey.webhooks": json!([good()]).to_string() } });
    let (settings, told) = settings(hooks);
    let settings = settings.unwrap();
    let hook = &settings.webhooks[0];
    assert_eq!((&*hook.name, hook.secret.expose().len()), ("audit", 24));
    assert!(settings.is_subscribed("LOGIN_ERROR") && !settings.is_subscribed("LOGIN"), "{told:?}");
}

#[test]
fn what_is_wrong_with_a_webhook_is_told_without_its_secret() {
    for (member, value, expected) in [
        ("types", json!(["LOGIN_EROR"]), "no type of event \"LOGIN_EROR\""),
        ("url", json!("audit.example"), "not absolute"),
        ("url", json!("http://audit.example/"), "in clear"),
        ("secret", json!("hunter2"), "less than 24 bytes"),
        ("secret", json!("whsec_%%%"), "less than 24 bytes"),
        ("name", json!("a/b"), "name of its own"),
        ("more", json!(1), "is no list of"),
    ] {
        let mut hook = good();
        hook[member] = value;
        let told = webhook(hook).join("\n");
        assert!(told.contains(expected), "{member}: {told}");
        assert!(!told.contains("hunter2") && !told.contains("0123456789abcdef"), "{told}");
    }
}
