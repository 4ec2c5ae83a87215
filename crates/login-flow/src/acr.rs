//! Authentication context classes: names for how strongly somebody has logged in (`acr.loa.map` of the client, else of the realm).

use std::collections::BTreeMap;

use realm_model::{Client, Realm};
use serde_json::Value;

use crate::authorization::Parameters;
use crate::login::{Login, note};

const MAP: &str = "acr.loa.map";

/// The levels that have a name.
pub(crate) fn levels(realm: &Realm, client: &Client) -> BTreeMap<String, i64> {
    let read = |json: Option<&str>| -> Option<BTreeMap<String, i64>> {
        let map: BTreeMap<String, Value> = serde_json::from_str(json?).ok()?;
        let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
        let map: BTreeMap<_, _> = map.iter().filter_map(|(name, value)| Some((name.clone(), number(value)?))).collect();
        (!map.is_empty()).then_some(map)
    };
    read(client.attribute(MAP)).or_else(|| read(realm.attribute(MAP))).unwrap_or_default()
}

/// The name of a level: that of the highest which is no higher; a level without a name is its number.
pub(crate) fn name_of(levels: &BTreeMap<String, i64>, level: i64) -> String {
    let reached = levels.iter().filter(|(_, named)| **named > 0 && **named <= level);
    reached.max_by_key(|(_, named)| **named).map_or_else(|| level.to_string(), |(name, _)| name.clone())
}

/// The classes of which `claims` demands one (OpenID Connect Core section 5.5.1.1: `essential`).
pub(crate) fn demanded(parameters: &Parameters) -> Vec<String> {
    let claims = parameters.get("claims").and_then(|claims| serde_json::from_str::<Value>(claims).ok());
    let Some(acr) = claims.as_ref().and_then(|claims| claims.get("id_token")?.get("acr")) else { return Vec::new() };
    if acr.get("essential").and_then(Value::as_bool) != Some(true) {
        return Vec::new();
    }
    let one = acr.get("value").into_iter();
    let all = one.chain(acr.get("values").and_then(Value::as_array).into_iter().flatten());
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether `claims` demands a class that nobody can reach, because there is none of that name.
pub(crate) fn demands_unknown(realm: &Realm, client: &Client, parameters: &Parameters) -> bool {
    let levels = levels(realm, client);
    demanded(parameters).iter().any(|name| !levels.contains_key(name) && name.parse::<i32>().is_err())
}

impl Login<'_, '_> {
    /// `acr` of the answer. Keycloak: 0 where a session is merely gone on with (recording sso/second-client-without-login).
    pub(crate) fn acr(&self) -> String {
        let level = i64::from(self.tab.note(note::AUTHENTICATED).is_some());
        name_of(&levels(self.realm(), &self.client), level)
    }
}
