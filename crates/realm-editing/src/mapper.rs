//! Protocol mappers within the representation of a client or client scope.

use realm_model::document::Body;
use serde_json::Value;

/// Gives each mapper of `body` an id, where it has none, and what Keycloak always shows of one.
pub fn complete(body: &mut Body, mut ids: impl Iterator<Item = String>) {
    let mappers = body.get_mut("protocolMappers").and_then(Value::as_array_mut).into_iter().flatten();
    for mapper in mappers.filter_map(Value::as_object_mut) {
        mapper.retain(|_, value| !value.is_null());
        if mapper.get("id").and_then(Value::as_str).is_none_or(str::is_empty)
            && let Some(id) = ids.next()
        {
            mapper.shift_insert(0, "id".to_owned(), id.into());
        }
        mapper.entry("consentRequired").or_insert(Value::Bool(false));
        mapper.entry("config").or_insert_with(|| Value::Object(Body::new()));
    }
}
