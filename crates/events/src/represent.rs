//! Events as the Admin API shows them, and subscribers get them. Keycloak: recordings admin-events/{login-events,admin-events}.

use std::net::IpAddr;

use realm_store::{EventKind, EventRow};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

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
            body: user_event(&event, id),
            client: event.client_id.as_deref().map(|id| cut(id).to_owned()),
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

fn cut(text: &str) -> &str {
    text.char_indices().nth(LONGEST_VALUE).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Keycloak's `EventRepresentation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserEvent<'a> {
    id: &'a str,
    time: i64,
    r#type: &'a str,
    realm_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    ip_address: IpAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Details::is_empty")]
    details: Details<'a>,
}

/// Further facts, in their order.
struct Details<'a>(&'a [(&'static str, String)]);

impl Details<'_> {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Details<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, cut(value))))
    }
}

fn user_event(event: &Event, id: &str) -> String {
    let representation = UserEvent {
        id,
        time: event.time.millis(),
        r#type: event.word(),
        realm_id: &event.realm_id,
        client_id: event.client_id.as_deref().map(cut),
        user_id: event.user_id.as_deref().map(cut),
        session_id: event.session_id.as_deref().map(cut),
        ip_address: event.ip_address,
        error: event.error,
        details: Details(&event.details),
    };
    // Texts and numbers alone: it can always be written.
    serde_json::to_string(&representation).unwrap_or_default()
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
