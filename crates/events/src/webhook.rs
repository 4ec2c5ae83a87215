//! One message to one subscriber: Standard Webhooks (standardwebhooks.com, symmetric signatures).

use ambient::Timestamp;
use base64_simd::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use outbound_http::Outbound;
use realm_model::{ADMIN_EVENT, Webhook};
use realm_store::{EventKind, NumberedEvent};
use sha2::Sha256;

/// The word by which subscribers ask for an event.
pub(crate) fn word(event: &NumberedEvent) -> &str {
    match event.kind {
        EventKind::User => &event.event_type,
        EventKind::Admin => ADMIN_EVENT,
    }
}

/// The body: the event as the Admin API shows it, with its place.
pub(crate) fn body(event: &NumberedEvent) -> String {
    let word = serde_json::Value::from(word(event));
    // The body is JSON already, and stays as it was written.
    format!("{{\"type\":{word},\"time\":{},\"offset\":{},\"data\":{}}}", event.time, event.seq, event.body)
}

/// `webhook-id`: the same whenever the same event is sent, so that subscribers know what they have seen.
pub(crate) fn message_id(realm_id: &str, event: &NumberedEvent) -> String {
    format!("{realm_id}.{}", event.seq)
}

/// `webhook-signature`
pub(crate) fn signature(webhook: &Webhook, (id, timestamp, body): (&str, i64, &str)) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(webhook.secret.expose()).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode_to_string(mac.finalize().into_bytes())))
}

/// Sends an event; the error is words for operators, without anything of the event.
pub(crate) async fn send(
    outbound: &Outbound,
    (realm_id, webhook): (&str, &Webhook),
    event: &NumberedEvent,
    now: Timestamp,
) -> Result<(), String> {
    let (id, timestamp, body) = (message_id(realm_id, event), now.secs(), body(event));
    let signature = signature(webhook, (&id, timestamp, &body)).ok_or("the secret cannot be used")?;
    let timestamp = timestamp.to_string();
    let headers = [
        ("content-type", "application/json"),
        ("webhook-id", id.as_str()),
        ("webhook-timestamp", timestamp.as_str()),
        ("webhook-signature", signature.as_str()),
    ];
    match outbound.post(&webhook.url, &headers, Bytes::from(body)).await {
        Ok(answer) if answer.is_success() => Ok(()),
        Ok(answer) => Err(format!("status {}", answer.status)),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use oidc_types::Secret;

    use super::*;

    fn webhook() -> Webhook {
        let secret = STANDARD.decode_to_vec("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        Webhook { name: "a".to_owned(), url: "https://a.example".to_owned(), secret: Secret::new(secret), types: Vec::new() }
    }

    #[test]
    fn signatures_are_those_of_the_specification() {
        // The example of the reference implementations.
        let signed = signature(&webhook(), ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}"));
        assert_eq!(signed.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_message_says_its_place() {
        let event = NumberedEvent {
            seq: 7,
            time: 5,
            kind: EventKind::Admin,
            event_type: "CREATE".to_owned(),
            body: "{\"id\":\"x\"}".to_owned(),
        };
        assert_eq!(body(&event), r#"{"type":"ADMIN_EVENT","time":5,"offset":7,"data":{"id":"x"}}"#);
        assert_eq!(message_id("r", &event), "r.7");
    }
}
