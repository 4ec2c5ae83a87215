//! Up to Keycloak 7 a credential was a flat object.

use serde_json::{Map, Value, json};

use super::parts;
use crate::document::Body;

/// Members of the flat shape.
const FLAT: [&str; 9] =
    ["hashedSaltedValue", "salt", "hashIterations", "algorithm", "digits", "counter", "period", "device", "config"];

/// Flat credentials of users get `secretData` and `credentialData`, with the same hash: nobody needs a new password.
pub(crate) fn credentials(realm: &mut Body, said: &mut Vec<String>) {
    let users = parts::objects(realm, "users").map(user).filter(|changed| *changed).count();
    if users > 0 {
        said.push(format!("credentials of {} got the shape of Keycloak 8, their hashes unchanged", parts::count(users, "user")));
    }
}

/// Flat credentials of one user; whether there were any.
pub(crate) fn user(user: &mut Body) -> bool {
    parts::objects(user, "credentials").filter_map(convert).count() > 0
}

fn convert(credential: &mut Body) -> Option<()> {
    if credential.contains_key("value") || credential.contains_key("secretData") {
        return None;
    }
    let value = credential.get("hashedSaltedValue")?.clone();
    let kind = parts::text_of(credential, "type").to_owned();
    let (kind, secret, data) = match kind.as_str() {
        "password" | "password-history" => {
            // Keycloak: refuses a file in which the number of iterations is missing.
            let iterations = credential.get("hashIterations")?.clone();
            let mut data = Map::new();
            data.insert("hashIterations".to_owned(), iterations);
            data.extend(credential.get("algorithm").map(|algorithm| ("algorithm".to_owned(), algorithm.clone())));
            data.insert("additionalParameters".to_owned(), json!({}));
            let mut secret = Map::new();
            secret.insert("value".to_owned(), value);
            secret.extend(credential.get("salt").map(|salt| ("salt".to_owned(), salt.clone())));
            (kind, secret, data)
        }
        "totp" | "hotp" => {
            let mut data = Map::new();
            data.insert("subType".to_owned(), kind.into());
            for member in ["digits", "counter", "period", "algorithm"] {
                data.extend(credential.get(member).map(|value| (member.to_owned(), value.clone())));
            }
            ("otp".to_owned(), Map::from_iter([("value".to_owned(), value)]), data)
        }
        _ => return None,
    };
    for member in FLAT {
        credential.shift_remove(member);
    }
    credential.insert("type".to_owned(), kind.into());
    credential.insert("secretData".to_owned(), Value::Object(secret).to_string().into());
    credential.insert("credentialData".to_owned(), Value::Object(data).to_string().into());
    Some(())
}
