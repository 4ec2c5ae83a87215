//! What administrators do, as Keycloak's admin events. Keycloak: recording admin-events/admin-event-kinds.

use events::AdminEvent;
use realm_model::AdminEvents;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::call::Call;

/// Keycloak's words for operations.
pub(crate) const OPERATIONS: &[&str] = &["CREATE", "UPDATE", "DELETE", "ACTION"];

/// Keycloak's words for resources (`/admin/serverinfo` of 26.7).
#[rustfmt::skip]
pub(crate) const RESOURCE_TYPES: &[&str] = &[
    "AUTHENTICATOR_CONFIG", "AUTHORIZATION_POLICY", "AUTHORIZATION_RESOURCE", "AUTHORIZATION_RESOURCE_SERVER",
    "AUTHORIZATION_SCOPE", "AUTH_EXECUTION", "AUTH_EXECUTION_FLOW", "AUTH_FLOW", "CLIENT", "CLIENT_INITIAL_ACCESS_MODEL",
    "CLIENT_ROLE", "CLIENT_ROLE_MAPPING", "CLIENT_SCOPE", "CLIENT_SCOPE_CLIENT_MAPPING", "CLIENT_SCOPE_MAPPING", "CLUSTER_NODE",
    "COMPONENT", "CUSTOM", "GROUP", "GROUP_MEMBERSHIP", "IDENTITY_PROVIDER", "IDENTITY_PROVIDER_MAPPER", "ORGANIZATION",
    "ORGANIZATION_GROUP", "ORGANIZATION_GROUP_MEMBERSHIP", "ORGANIZATION_MEMBERSHIP", "PROTOCOL_MAPPER", "REALM", "REALM_ROLE",
    "REALM_ROLE_MAPPING", "REALM_SCOPE_MAPPING", "REQUIRED_ACTION", "REQUIRED_ACTION_CONFIG", "USER", "USER_FEDERATION_MAPPER",
    "USER_FEDERATION_PROVIDER", "USER_LOGIN_FAILURE", "USER_PROFILE", "USER_SESSION",
];

/// Members whose values are nobody's business.
const SECRETS: &[&str] =
    &["secret", "value", "password", "clientSecret", "bindCredential", "registrationAccessToken", "secretData", "privateKey"];
const MASKED: &str = "**********";

/// Ends of paths at which something is done rather than made.
const ACTIONS: &[&str] = &[
    "logout",
    "logout-all",
    "push-revocation",
    "client-secret",
    "registration-access-token",
    "reset-password",
    "reset-password-email",
    "execute-actions-email",
    "send-verify-email",
    "disable-credential-types",
    "impersonation",
    "moveToFirst",
    "partialImport",
];

/// An operation that may be an event: what is known of it before it is done.
pub(crate) struct Deed {
    operation: &'static str,
    resource_type: &'static str,
    /// The path below the realm.
    path: String,
    representation: Option<String>,
}

impl Deed {
    /// What `verb` on `pattern`, asked for at `path`, will be; nothing where it is no event or the realm keeps none.
    pub(crate) async fn of(call: &Call, (verb, pattern): (&str, &str), path: &str) -> Option<Self> {
        let settings = &call.realm().events;
        if verb == "GET" || verb == "HEAD" || (settings.admin == AdminEvents::Off && settings.webhooks.is_empty()) {
            return None;
        }
        let (operation, resource_type) = (operation(verb, pattern)?, resource_type(pattern)?);
        let has_details = settings.admin == AdminEvents::WithDetails;
        let representation = match (operation, pattern) {
            _ if !has_details => None,
            ("DELETE", "users/{user}") => removed_user(call).await,
            ("ACTION", _) => None,
            _ => sent(&call.body),
        };
        Some(Self { operation, resource_type, path: path.to_owned(), representation })
    }

    /// Records that it was done.
    pub(crate) fn record(self, call: &Call, answer: &Answer) {
        let context = &call.context;
        let recorder = call.api.events.at(&context.realm, context.now, context.arrival.peer);
        recorder.admin(|| {
            let caller = &call.caller;
            let root = call.location(&[]);
            let made = answer.location.as_deref().and_then(|location| location.strip_prefix(root.as_str()));
            let path = made.map_or(self.path.as_str(), |made| made.trim_start_matches('/'));
            AdminEvent {
                operation: self.operation,
                resource_type: self.resource_type,
                resource_path: Some(path.to_owned()).filter(|path| !path.is_empty()),
                representation: self.representation,
                auth_realm: caller.realm.id.to_string(),
                auth_client: caller.client.id.to_string(),
                auth_user: caller.user.id.as_str().to_owned(),
                ip_address: context.arrival.peer,
            }
        });
    }
}

fn operation(verb: &str, pattern: &str) -> Option<&'static str> {
    let last = pattern.rsplit('/').find(|part| !part.starts_with('{')).unwrap_or_default();
    let is_membership = pattern.starts_with("default-")
        || pattern.contains("/default-client-scopes/")
        || pattern.contains("/optional-client-scopes/")
        || pattern == "users/{user}/groups/{group}";
    Some(match verb {
        "DELETE" => "DELETE",
        _ if ACTIONS.contains(&last) => "ACTION",
        "POST" => "CREATE",
        "PUT" if is_membership => "CREATE",
        "PUT" => "UPDATE",
        _ => return None,
    })
}

fn resource_type(pattern: &str) -> Option<&'static str> {
    let first = pattern.split('/').next().unwrap_or_default();
    let has = |part: &str| pattern.split('/').any(|given| given == part);
    Some(match first {
        _ if has("protocol-mappers") => "PROTOCOL_MAPPER",
        _ if has("role-mappings") => {
            if has("realm") {
                "REALM_ROLE_MAPPING"
            } else {
                "CLIENT_ROLE_MAPPING"
            }
        }
        _ if has("scope-mappings") => {
            if has("realm") {
                "REALM_SCOPE_MAPPING"
            } else {
                "CLIENT_SCOPE_MAPPING"
            }
        }
        "users" if has("profile") => "USER_PROFILE",
        "users" if has("groups") => "GROUP_MEMBERSHIP",
        "users" => "USER",
        "groups" | "default-groups" => "GROUP",
        "roles" | "roles-by-id" => "REALM_ROLE",
        "clients" if has("roles") => "CLIENT_ROLE",
        "clients" if has("authz") || has("evaluate-scopes") => return None,
        "clients" => "CLIENT",
        "client-scopes" | "client-templates" | "default-default-client-scopes" | "default-optional-client-scopes" => {
            "CLIENT_SCOPE"
        }
        "components" => "COMPONENT",
        "clients-initial-access" => "CLIENT_INITIAL_ACCESS_MODEL",
        "identity-provider" if has("mappers") => "IDENTITY_PROVIDER_MAPPER",
        "identity-provider" => "IDENTITY_PROVIDER",
        "attack-detection" => "USER_LOGIN_FAILURE",
        "authentication" if has("required-actions") => "REQUIRED_ACTION",
        "authentication" => "AUTH_FLOW",
        "sessions" => "USER_SESSION",
        "events" if pattern != "events/config" => return None,
        "" | "events" | "logout-all" | "push-revocation" | "partialImport" | "client-policies" | "localization" => "REALM",
        _ => return None,
    })
}

/// What was sent, as it is kept.
fn sent(body: &[u8]) -> Option<String> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    mask(&mut value);
    Some(value.to_string())
}

/// Without `null`, secrets masked.
fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let kept: Map<String, Value> = std::mem::take(members).into_iter().filter(|(_, value)| !value.is_null()).collect();
            *members = kept;
            for (name, value) in members {
                match value {
                    Value::String(_) if SECRETS.contains(&name.as_str()) => *value = MASKED.into(),
                    Value::String(_) if name.to_ascii_lowercase().contains("secret") => *value = MASKED.into(),
                    _ if name == "privateKey" || name == "secret" => *value = MASKED.into(),
                    other => mask(other),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Keycloak: of a user who goes, id and name.
async fn removed_user(call: &Call) -> Option<String> {
    let user = call.api.live.users().find_by_id(&call.realm().name, call.param(0)).await.ok().flatten()?;
    Some(json!({ "id": user.id.as_str(), "username": &*user.username }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_and_resources_are_named_as_recorded() {
        for (verb, pattern, expected) in [
            ("POST", "groups", ("CREATE", "GROUP")),
            ("POST", "clients/{client}/roles", ("CREATE", "CLIENT_ROLE")),
            ("PUT", "users/{user}/groups/{group}", ("CREATE", "GROUP_MEMBERSHIP")),
            ("POST", "users/{user}/role-mappings/realm", ("CREATE", "REALM_ROLE_MAPPING")),
            ("PUT", "users/{user}/reset-password", ("ACTION", "USER")),
            ("POST", "users/{user}/logout", ("ACTION", "USER")),
            ("PUT", "", ("UPDATE", "REALM")),
            ("POST", "clients/{client}/client-secret", ("ACTION", "CLIENT")),
            ("DELETE", "groups/{group}", ("DELETE", "GROUP")),
        ] {
            assert_eq!((operation(verb, pattern).unwrap(), resource_type(pattern).unwrap()), expected, "{verb} {pattern}");
        }
    }

    #[test]
    fn to_clear_events_and_to_export_are_no_events() {
        for pattern in ["events", "admin-events", "partial-export", "testSMTPConnection", "clear-user-cache"] {
            assert_eq!(resource_type(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn no_secret_is_kept() {
        let body = br#"{"username": "ann", "email": null, "credentials": [{"type": "password", "value": "hunter2"}],
            "secret": "hunter2", "attributes": {"client.secret.rotated": "hunter2"}, "config": {"privateKey": ["hunter2"]}}"#;
        let kept = sent(body).unwrap();
        assert!(!kept.contains("hunter2") && !kept.contains("email") && kept.contains("ann"), "{kept}");
    }
}
