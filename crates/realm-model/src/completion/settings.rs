//! The settings of a realm.

use serde_json::Value;

use super::members::{coerce, drop_nulls, text, text_map, with_object};
use crate::document::Body;

/// Settings that Keycloak keeps among the attributes, too.
const ATTRIBUTES_TOO: &[&str] = &[
    "clientSessionIdleTimeout",
    "clientSessionMaxLifespan",
    "clientOfflineSessionIdleTimeout",
    "clientOfflineSessionMaxLifespan",
    "oauth2DeviceCodeLifespan",
    "oauth2DevicePollingInterval",
    "actionTokenGeneratedByUserLifespan",
];

/// The attribute that decides whether one-time codes may be used again.
const REUSABLE: &str = "realmReusableOtpCode";

/// What a realm with the settings `given` has: where they say nothing, that of `template`.
pub(super) fn complete(mut given: Body, template: Body) -> Body {
    drop_nulls(&mut given);
    // An export says which version made it: this is now.
    given.shift_remove("keycloakVersion");
    one_time_codes(&mut given);
    empty_is_absent(&mut given);
    if let Some(Value::String(word)) = given.get_mut("sslRequired").filter(|word| !word.to_string().contains("${")) {
        *word = word.to_lowercase();
    }
    same_in_attributes(&mut given);
    let mut effective = template;
    // Keycloak: a realm without `enabled` is not.
    effective.insert("enabled".to_owned(), false.into());
    for (name, mut value) in given {
        match (effective.get_mut(&name), name.as_str()) {
            (Some(Value::Object(known)), "attributes" | "browserSecurityHeaders") => {
                if let Value::Object(mut own) = value {
                    text_map(&mut own);
                    known.extend(own);
                }
            }
            (_, "smtpServer") => {
                if let Value::Object(server) = &mut value {
                    text_map(server);
                }
                effective.insert(name, value);
            }
            (Some(known), "requiredCredentials") if value.as_array().is_some_and(Vec::is_empty) => {
                *known = Value::Null;
            }
            (Some(known), _) => {
                coerce(&mut value, known);
                *known = value;
            }
            (None, _) => {
                effective.insert(name, value);
            }
        }
    }
    reusable_codes(&mut effective);
    drop_nulls(&mut effective);
    effective
}

/// Keycloak: the policy counts only together with its type, and what is left out then is zero.
fn one_time_codes(given: &mut Body) {
    const NUMBERS: &[&str] = &["otpPolicyInitialCounter", "otpPolicyDigits", "otpPolicyLookAheadWindow", "otpPolicyPeriod"];
    if given.contains_key("otpPolicyType") {
        for member in NUMBERS {
            given.entry(*member).or_insert_with(|| 0.into());
        }
        given.entry("otpPolicyAlgorithm").or_insert(Value::Null);
        if let Some(reusable) = given.shift_remove("otpPolicyCodeReusable") {
            let reusable = reusable == true || reusable == "true";
            with_object(given, "attributes", |attributes| {
                attributes.insert(REUSABLE.to_owned(), reusable.to_string().into());
            });
        }
    } else {
        for member in NUMBERS.iter().chain(&["otpPolicyAlgorithm", "otpPolicyCodeReusable"]) {
            given.shift_remove(*member);
        }
    }
}

/// What Keycloak shows of codes that may be used again follows from the attribute.
fn reusable_codes(effective: &mut Body) {
    let reusable = effective.get("attributes").and_then(|attributes| attributes.get(REUSABLE)).is_some_and(|on| on == "true");
    effective.insert("otpPolicyCodeReusable".to_owned(), reusable.into());
    let is = |member: &str, value: Value| effective.get(member) == Some(&value);
    let usual = is("otpPolicyType", "totp".into())
        && is("otpPolicyAlgorithm", "HmacSHA1".into())
        && is("otpPolicyDigits", 6.into())
        && is("otpPolicyPeriod", 30.into());
    if !usual && let Some(applications) = effective.get_mut("otpSupportedApplications").and_then(Value::as_array_mut) {
        applications.retain(|name| name != "totpAppMicrosoftAuthenticatorName");
    }
}

/// Keycloak: these are as if they were not there when they are empty.
fn empty_is_absent(given: &mut Body) {
    given.retain(|name, value| {
        let is_empty = value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        let never = name == "eventsExpiration" && value.as_i64() == Some(0);
        !(never || is_empty && (name.starts_with("webAuthnPolicy") || name == "supportedLocales"))
    });
}

fn same_in_attributes(given: &mut Body) {
    for member in ATTRIBUTES_TOO {
        let attribute = given.get("attributes").and_then(|attributes| text(attributes.as_object()?, member)).map(str::to_owned);
        let shown = *member != "actionTokenGeneratedByUserLifespan";
        match (given.get(*member).cloned(), attribute) {
            (Some(value), attribute) if attribute.is_some() || value != 0 && shown => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                with_object(given, "attributes", |attributes| {
                    attributes.insert((*member).to_owned(), text.into());
                });
            }
            (None, Some(text)) => {
                if let Ok(number) = text.trim().parse::<i64>() {
                    given.insert((*member).to_owned(), number.into());
                }
            }
            _ => {}
        }
        if !shown && let Some(Value::Object(attributes)) = given.get_mut("attributes") {
            attributes.shift_remove(*member);
        }
    }
}
