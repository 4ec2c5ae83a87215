//! Authentication context classes: names for how strongly somebody has logged in (`acr.loa.map` of the client, else of the realm).

use std::collections::BTreeMap;

use realm_model::{Client, Realm};
use serde_json::Value;

use crate::authorization::Parameters;
use crate::login::Login;

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
    match claimed(parameters) {
        (true, names) => names,
        (false, _) => Vec::new(),
    }
}

/// The classes of which a client would like one: `claims`, `acr_values`, or what is said of it.
pub(crate) fn wished(client: &Client, parameters: &Parameters) -> Vec<String> {
    let claimed = claimed(parameters).1;
    if !claimed.is_empty() {
        return claimed;
    }
    let words = |text: &str, separator: &str| text.split(separator).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    match parameters.get("acr_values").filter(|values| !values.is_empty()) {
        Some(values) => words(values, " "),
        None => words(client.attribute("default.acr.values").unwrap_or_default(), "##"),
    }
}

/// What `claims` says of `acr`, and whether it is essential.
fn claimed(parameters: &Parameters) -> (bool, Vec<String>) {
    let claims = parameters.get("claims").and_then(|claims| serde_json::from_str::<Value>(claims).ok());
    let Some(acr) = claims.as_ref().and_then(|claims| claims.get("id_token")?.get("acr")) else { return (false, Vec::new()) };
    let one = acr.get("value").into_iter();
    let all = one.chain(acr.get("values").and_then(Value::as_array).into_iter().flatten());
    let is_essential = acr.get("essential").and_then(Value::as_bool) == Some(true);
    (is_essential, all.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Whether `claims` demands a class that nobody can reach, because there is none of that name.
pub(crate) fn demands_unknown(realm: &Realm, client: &Client, parameters: &Parameters) -> bool {
    let levels = levels(realm, client);
    demanded(parameters).iter().any(|name| !levels.contains_key(name) && name.parse::<i32>().is_err())
}

impl Login<'_, '_> {
    /// `acr` of the answer.
    pub(crate) fn acr(&self) -> String {
        name_of(&levels(self.realm(), &self.client), self.level())
    }
}
