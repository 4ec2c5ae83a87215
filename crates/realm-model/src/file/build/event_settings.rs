//! Which events are kept, and who is told of them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use oidc_types::{EventType, Secret};
use serde::Deserialize;

use super::super::lenient::{Flag, Text, Whole};
use super::super::problem::did_you_mean;
use super::super::representation::RealmRepresentation;
use super::Draft;
use crate::{ADMIN_EVENT, AdminEvents, EventSettings, Webhook};

/// The realm attribute in which subscribers are declared.
const WEBHOOKS: &str = "latchkey.webhooks";
/// Standard Webhooks: the prefix of a secret that is written in base64.
const BASE64_SECRET: &str = "whsec_";
/// Bytes of a secret at the least.
const SHORTEST_SECRET: usize = 24;

/// Reads them; what is wrong is reported.
pub(super) fn read(draft: &mut Draft<'_>, realm: &RealmRepresentation, attributes: &BTreeMap<String, String>) -> EventSettings {
    let on = |flag: &Option<Flag>| flag.as_ref().is_some_and(|Flag(on)| *on);
    EventSettings {
        enabled: on(&realm.events_enabled),
        // Keycloak: what is no type is no fault.
        types: realm.enabled_event_types.iter().filter_map(|Text(word)| EventType::parse(word)).collect(),
        expiration: realm.events_expiration.as_ref().map_or(0, |Whole(seconds)| *seconds).max(0),
        admin: match (on(&realm.admin_events_enabled), on(&realm.admin_events_details_enabled)) {
            (false, _) => AdminEvents::Off,
            (true, false) => AdminEvents::On,
            (true, true) => AdminEvents::WithDetails,
        },
        webhooks: webhooks(draft, attributes),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    name: String,
    url: String,
    secret: String,
    #[serde(default)]
    types: Vec<String>,
}

fn webhooks(draft: &mut Draft<'_>, attributes: &BTreeMap<String, String>) -> Vec<Arc<Webhook>> {
    let Some(text) = attributes.get(WEBHOOKS).filter(|text| !text.trim().is_empty()) else { return Vec::new() };
    let place = draft.place.then("attributes").then(WEBHOOKS);
    let declared: Vec<Declared> = match serde_json::from_str(text) {
        Ok(declared) => declared,
        Err(error) => {
            // Line and column alone: the text may hold a secret.
            let message = format!(
                "{WEBHOOKS} is no list of {{\"name\", \"url\", \"secret\", \"types\"}}: at column {}, {:?}",
                error.column(),
                error.classify()
            );
            draft.problems.error(place, message, None);
            return Vec::new();
        }
    };
    let (mut names, mut webhooks) = (HashSet::new(), Vec::new());
    for one in declared {
        let mut faults = Vec::new();
        if one.name.is_empty() || one.name.contains(['/', '?', '#', '%']) || !names.insert(one.name.clone()) {
            faults.push((format!("webhook \"{}\": every webhook needs a name of its own, without / ? # %", one.name), None));
        }
        if !(one.url.starts_with("https://") || one.url.starts_with("http://")) {
            faults.push((format!("webhook \"{}\": its url is not absolute", one.name), None));
        }
        let secret = match one.secret.strip_prefix(BASE64_SECRET) {
            Some(encoded) => base64_simd::STANDARD.decode_to_vec(encoded.as_bytes()).unwrap_or_default(),
            None => one.secret.into_bytes(),
        };
        if secret.len() < SHORTEST_SECRET {
            faults.push((format!("webhook \"{}\": its secret has less than {SHORTEST_SECRET} bytes", one.name), None));
        }
        for word in one.types.iter().filter(|word| *word != ADMIN_EVENT && EventType::parse(word).is_none()) {
            let all = EventType::ALL.iter().flat_map(|kind| kind.words());
            faults.push((
                format!("webhook \"{}\": there is no type of event \"{word}\"", one.name),
                did_you_mean(word, all.chain([ADMIN_EVENT])),
            ));
        }
        if one.url.starts_with("http://") {
            let message = format!("webhook \"{}\": events travel in clear to an http URL", one.name);
            draft.problems.warning(place.clone(), message, Some("use https".to_owned()));
        }
        if faults.is_empty() {
            webhooks.push(Arc::new(Webhook { name: one.name, url: one.url, secret: Secret::new(secret), types: one.types }));
        }
        for (message, help) in faults {
            draft.problems.error(place.clone(), message, help);
        }
    }
    webhooks
}

#[cfg(test)]
mod tests;
