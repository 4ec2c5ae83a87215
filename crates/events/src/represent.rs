//! Events as the Admin API shows them, and subscribers get them. Keycloak: recordings admin-events/{login-events,admin-events}.

use realm_store::{EventKind, EventRow};
use serde_json::{Map, Value, json};

use crate::queue::{Happened, Kept};
use crate::{AdminEvent, Event};

/// Characters of a value at the most: callers choose many of them.
const LONGEST_VALUE: usize = 2_000;

/// The row of an event.
pub(crate) fn row(kept: Kept, id: &str) -> EventRow {
    let Kept { happened, time, realm_id, keep } = kept;
    let shared = EventRow {
        realm_id,
        kind: EventKind::User,
        shown: keep.shown,
        time: time.millis(),
        expires: keep.expires,
        event_type: String::new(),
        client: None,
        user: None,
        ip_address: String::new(),
        resource_type: None,
        resource_path: None,
        auth_realm: None,
        body: String::new(),
    };
    match happened {
        Happened::Event(event) => EventRow {
            event_type: event.word().to_owned(),
            body: user_event(&event, id).to_string(),
            client: event.client_id.as_deref().map(cut),
            user: event.user_id,
            ip_address: event.ip_address.to_string(),
            ..shared
        },
        Happened::Admin(event) => EventRow {
            kind: EventKind::Admin,
            event_type: event.operation.to_owned(),
            body: admin_event(&event, (id, time.millis()), &shared.realm_id).to_string(),
            client: Some(event.auth_client),
            user: Some(event.auth_user),
            ip_address: event.ip_address.to_string(),
            resource_type: Some(event.resource_type.to_owned()),
            resource_path: event.resource_path,
            auth_realm: Some(event.auth_realm),
            ..shared
        },
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_VALUE).collect()
}

fn user_event(event: &Event, id: &str) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| text.as_deref().map(|text| cut(text).into());
    put("id", Some(id.into()));
    put("time", Some(event.time.millis().into()));
    put("type", Some(event.word().into()));
    put("realmId", Some(event.realm_id.as_str().into()));
    put("clientId", text(&event.client_id));
    put("userId", text(&event.user_id));
    put("sessionId", text(&event.session_id));
    put("ipAddress", Some(event.ip_address.to_string().into()));
    put("error", event.error.map(Value::from));
    let details: Map<String, Value> = event.details.iter().map(|(name, value)| ((*name).to_owned(), cut(value).into())).collect();
    put("details", (!details.is_empty()).then_some(Value::Object(details)));
    Value::Object(body)
}

fn admin_event(event: &AdminEvent, (id, time): (&str, i64), realm_id: &str) -> Value {
    let mut body = json!({
        "id": id,
        "time": time,
        "realmId": realm_id,
        "authDetails": {
            "realmId": event.auth_realm,
            "clientId": event.auth_client,
            "userId": event.auth_user,
            "ipAddress": event.ip_address.to_string(),
        },
        "operationType": event.operation,
        "resourceType": event.resource_type,
    });
    for (name, value) in [("resourcePath", &event.resource_path), ("representation", &event.representation)] {
        if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
            body.insert(name.to_owned(), value.as_str().into());
        }
    }
    body
}
