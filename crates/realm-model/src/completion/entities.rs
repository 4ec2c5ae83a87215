//! Groups, flows, required actions, components, identity providers: their defaults.

use serde_json::{Value, json};

use super::members::{drop_nulls, fill, text, text_lists, text_map, with_object};
use crate::document::{Body, Key, Kind};
use crate::file::stable_id;

/// Completes what needs nothing but itself; clients, client scopes and roles have their own places.
pub(super) fn complete(realm_id: &str, key: &Key, body: &mut Body) {
    drop_nulls(body);
    match key.kind {
        Kind::Group => {
            fill(body, [("attributes", json!({})), ("realmRoles", json!([])), ("clientRoles", json!({}))]);
            with_object(body, "attributes", text_lists);
        }
        Kind::Flow => flow(body),
        Kind::AuthenticatorConfig => with_object(body, "config", text_map),
        Kind::RequiredAction => {
            fill(
                body,
                [
                    ("alias", key.name.as_str().into()),
                    ("enabled", false.into()),
                    ("defaultAction", false.into()),
                    ("priority", 0.into()),
                    ("config", json!({})),
                ],
            );
        }
        Kind::Component => component(realm_id, key, body),
        Kind::IdentityProvider => identity_provider(body),
        Kind::IdentityProviderMapper => with_object(body, "config", text_map),
        _ => {}
    }
}

fn flow(body: &mut Body) {
    fill(
        body,
        [
            ("providerId", "basic-flow".into()),
            ("topLevel", false.into()),
            ("builtIn", false.into()),
            ("authenticationExecutions", json!([])),
        ],
    );
    let executions = body.get_mut("authenticationExecutions").and_then(Value::as_array_mut);
    for execution in executions.into_iter().flatten().filter_map(Value::as_object_mut) {
        drop_nulls(execution);
        execution.shift_remove("id");
        let is_flow = execution.contains_key("flowAlias");
        fill(
            execution,
            [
                ("authenticatorFlow", is_flow.into()),
                ("requirement", "DISABLED".into()),
                ("priority", 0.into()),
                ("autheticatorFlow", is_flow.into()),
                ("userSetupAllowed", false.into()),
            ],
        );
    }
}

fn component(realm_id: &str, key: &Key, body: &mut Body) {
    body.shift_remove("parentId");
    body.shift_remove("providerType");
    fill(body, [("subComponents", json!({})), ("config", json!({}))]);
    with_object(body, "config", text_lists);
    let owner = key.stable_id(realm_id);
    let Some(Value::Object(types)) = body.get_mut("subComponents") else { return };
    for (provider_type, list) in types {
        for (index, part) in list.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut).enumerate() {
            sub_component(&owner, provider_type, index, part);
        }
    }
}

/// The depth is bounded by that of the JSON text.
fn sub_component(owner: &str, provider_type: &str, index: usize, body: &mut Body) {
    drop_nulls(body);
    if text(body, "id").is_none_or(str::is_empty) {
        body.shift_remove("id");
        body.shift_insert(0, "id".to_owned(), stable_id(owner, provider_type, &index.to_string()).into());
    }
    fill(body, [("subComponents", json!({})), ("config", json!({}))]);
    with_object(body, "config", text_lists);
    let own = text(body, "id").unwrap_or_default().to_owned();
    let Some(Value::Object(types)) = body.get_mut("subComponents") else { return };
    for (provider_type, list) in types {
        for (index, part) in list.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut).enumerate() {
            sub_component(&own, provider_type, index, part);
        }
    }
}

fn identity_provider(body: &mut Body) {
    let types = match text(body, "providerId") {
        Some("oidc" | "keycloak-oidc") => {
            json!([
                "USER_AUTHENTICATION",
                "CLIENT_ASSERTION",
                "TRUST_MATERIAL",
                "EXCHANGE_EXTERNAL_TOKEN",
                "JWT_AUTHORIZATION_GRANT"
            ])
        }
        _ => json!([]),
    };
    fill(body, [("enabled", true.into()), ("config", json!({})), ("types", types)]);
    with_object(body, "config", text_map);
}
