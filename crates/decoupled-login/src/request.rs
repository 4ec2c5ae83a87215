//! The parameters of a back-channel request (CIBA Core section 7.1), from the form or from a signed request.

use oidc_types::Params;
use realm_model::{Client, Realm};
use serde_json::{Map, Value};

use crate::error::RequestError;

/// What is never told to the authentication channel as a further parameter: it is told by name, or it is a secret.
const NOT_FURTHER: [&str; 19] = [
    "scope",
    "login_hint",
    "login_hint_token",
    "id_token_hint",
    "acr_values",
    "binding_message",
    "user_code",
    "requested_expiry",
    "client_notification_token",
    "is_consent_required",
    "request",
    "request_uri",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "prompt",
    "nonce",
    "max_age",
];

/// Further parameters at the most. Keycloak: recording ciba/signed-request, where the sixth claim is not told.
const MOST_FURTHER: usize = 5;

/// Characters of one of them at the most.
const LONGEST_FURTHER: usize = 200;

/// Characters of a notification token at the most (CIBA Core section 7.1).
const LONGEST_NOTIFICATION_TOKEN: usize = 1024;

/// How a client learns that its user has answered (`ciba.backchannel.token.delivery.mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It asks again and again.
    Poll,
    /// It is told to ask.
    Ping,
}

impl Delivery {
    /// The client's, else the realm's.
    pub(crate) fn of(realm: &Realm, client: &Client) -> Self {
        let of_client = client.attribute("ciba.backchannel.token.delivery.mode");
        match of_client.or_else(|| realm.attribute("cibaBackchannelTokenDeliveryMode")) {
            Some("ping") => Self::Ping,
            _ => Self::Poll,
        }
    }
}

/// What a client asks for, not judged yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BackchannelRequest {
    pub(crate) scope: Option<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) acr_values: Option<String>,
    pub(crate) binding_message: Option<String>,
    pub(crate) client_notification_token: Option<String>,
    has_user_code: bool,
    /// Told to the channel as they are.
    pub(crate) further: Vec<(String, String)>,
}

impl BackchannelRequest {
    /// Of a form. Keycloak: of a repeated parameter the first value counts (recording ciba/duplicate).
    pub(crate) fn of_form(form: &Params) -> Result<Self, RequestError> {
        Self::read(&|name| form.get(name).map(str::to_owned), &mut form.iter().map(|(name, value)| (name, value.to_owned())))
    }

    /// Of the claims of a signed request, as text (recording ciba/signed-request).
    pub(crate) fn of_claims(claims: &Map<String, Value>) -> Result<Self, RequestError> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let mut all = claims.iter().filter_map(|(name, value)| text(value).map(|value| (name.as_str(), value)));
        Self::read(&|name| claims.get(name).and_then(text), &mut all)
    }

    fn read(get: &dyn Fn(&str) -> Option<String>, all: &mut dyn Iterator<Item = (&str, String)>) -> Result<Self, RequestError> {
        if let Some(expiry) = get("requested_expiry") {
            // Keycloak: it must be a number and has no effect (recording ciba/requested-expiry).
            let number = expiry.parse::<i32>().is_ok();
            number.then_some(()).ok_or_else(|| RequestError::RequestedExpiry(expiry.chars().take(LONGEST_FURTHER).collect()))?;
        }
        let mut further: Vec<(String, String)> = Vec::new();
        for (name, value) in all {
            let told = !NOT_FURTHER.contains(&name) && !value.trim().is_empty() && value.chars().count() <= LONGEST_FURTHER;
            if told && further.len() < MOST_FURTHER && !further.iter().any(|(present, _)| present == name) {
                further.push((name.to_owned(), value));
            }
        }
        Ok(Self {
            scope: get("scope"),
            login_hint: get("login_hint"),
            acr_values: get("acr_values"),
            binding_message: get("binding_message"),
            client_notification_token: get("client_notification_token"),
            has_user_code: get("user_code").is_some(),
            further,
        })
    }

    /// What comes after user and scope, in Keycloak's order (measured on 26.7.4).
    pub(crate) fn refuse_what_does_not_fit(&self, delivery: Delivery) -> Result<(), RequestError> {
        if self.binding_message.as_deref().is_some_and(|message| !is_binding_message(message)) {
            return Err(RequestError::BindingMessage);
        }
        match (delivery, self.client_notification_token.as_deref()) {
            (Delivery::Poll, None) => {}
            (Delivery::Poll, Some(_)) => return Err(RequestError::NotificationTokenUnasked),
            (Delivery::Ping, None) => return Err(RequestError::NotificationTokenMissing),
            (Delivery::Ping, Some(token)) if token.chars().count() > LONGEST_NOTIFICATION_TOKEN => {
                return Err(RequestError::NotificationTokenTooLong);
            }
            (Delivery::Ping, Some(_)) => {}
        }
        if self.has_user_code { Err(RequestError::UserCode) } else { Ok(()) }
    }
}

/// Keycloak: 1 to 50 of letters, digits and seven signs (measured on 26.7.4).
fn is_binding_message(message: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+/!?#".contains(&byte);
    (1..=50).contains(&message.len()) && message.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> BackchannelRequest {
        BackchannelRequest::of_form(&Params::parse(body.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn the_channel_is_told_five_further_parameters_and_never_a_secret() {
        let body = "client_secret=s&client_assertion=a&is_consent_required=false&a=1&b=2&b=3&c=&d=4&e=5&f=6&g=7";
        let names: Vec<_> = form(body).further.into_iter().map(|(name, value)| name + &value).collect();
        assert_eq!(names, ["a1", "b2", "d4", "e5", "f6"]);
    }

    #[test]
    fn binding_messages_are_short_and_plain() {
        let fifty = "x".repeat(50);
        for (message, fits) in [("W4SCT", true), ("a-b.c_d#+!/?", true), (fifty.as_str(), true), ("", false), ("a b", false)] {
            assert_eq!(is_binding_message(message), fits, "{message}");
        }
        for message in ["a\nb", "ä", "a$", "a:b", &(fifty + "x")] {
            assert!(!is_binding_message(message), "{message}");
        }
    }

    #[test]
    fn a_notification_token_goes_with_ping_alone() {
        let (with, without) = (form("client_notification_token=t"), form("a=b"));
        let long = form(&format!("client_notification_token={}", "t".repeat(1025)));
        for (request, delivery, expected) in [
            (&with, Delivery::Ping, Ok(())),
            (&without, Delivery::Poll, Ok(())),
            (&with, Delivery::Poll, Err(RequestError::NotificationTokenUnasked)),
            (&without, Delivery::Ping, Err(RequestError::NotificationTokenMissing)),
            (&long, Delivery::Ping, Err(RequestError::NotificationTokenTooLong)),
        ] {
            assert_eq!(request.refuse_what_does_not_fit(delivery), expected);
        }
    }

    #[test]
    fn a_requested_expiry_is_a_number_of_32_bits() {
        let read =
            |value| BackchannelRequest::of_form(&Params::from_pairs([("requested_expiry".to_owned(), String::from(value))]));
        for value in ["1", "40", "-5", "+5"] {
            assert!(read(value).is_ok(), "{value}");
        }
        for value in ["", "soon", "5.5", "99999999999"] {
            assert_eq!(read(value), Err(RequestError::RequestedExpiry(value.to_owned())));
        }
    }

    #[test]
    fn claims_are_read_as_text() {
        let claims = serde_json::json!({"iss": "c", "aud": ["x"], "exp": 7, "login_hint": "ann", "requested_expiry": 40});
        let request = BackchannelRequest::of_claims(claims.as_object().unwrap()).unwrap();
        assert_eq!(request.login_hint.as_deref(), Some("ann"));
        assert_eq!(request.further, [("iss".to_owned(), "c".to_owned()), ("exp".to_owned(), "7".to_owned())]);
    }
}
