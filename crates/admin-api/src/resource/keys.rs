//! `/admin/realms/{realm}/keys`

use key_rotation::{KeyRow, KeyState, KeyUse};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[Route::get("keys", |call| Box::pin(read(call)))],
    locator: None,
    wrong_verb: WrongVerb::MethodNotAllowed,
};

async fn read(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRealm)?;
    let ring = call.api.keyrings.of(call.realm()).await.map_err(|error| AdminError::Unavailable(error.to_string()))?;
    let mut active = Map::new();
    for row in ring.rows().filter(|row| row.state == KeyState::Active) {
        // The first of an algorithm is the one that signs.
        active.entry(row.algorithm.as_str()).or_insert_with(|| row.kid.to_string().into());
    }
    let keys: Vec<Value> = ring.rows().filter(|row| row.state != KeyState::Gone).map(shown).collect();
    Answer::json(&json!({ "active": active, "keys": keys }))
}

fn shown(row: &KeyRow) -> Value {
    let mut key = Map::new();
    let mut put = |member: &str, value: Value| drop(key.insert(member.to_owned(), value));
    put("providerId", row.component_id.to_string().into());
    put("providerPriority", row.priority.into());
    put("kid", row.kid.to_string().into());
    put("status", if row.state == KeyState::Active { "ACTIVE" } else { "PASSIVE" }.into());
    put("type", row.key_type.into());
    put("algorithm", row.algorithm.as_str().into());
    if let Some(public_key) = &row.public_key {
        put("publicKey", public_key.as_str().into());
    }
    if let Some(certificate) = &row.certificate {
        put("certificate", certificate.as_str().into());
    }
    put("use", if row.key_use == KeyUse::Signature { "SIG" } else { "ENC" }.into());
    Value::Object(key)
}
