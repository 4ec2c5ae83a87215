//! What a caller is told. Keycloak: recordings uma-ticket/*; texts that no recording has were measured on 26.7.4.

use permissions::RegistryError;
use serde_json::{Value, json};
use sessions::StoreError;

use crate::error::{PolicyError, ProtectionError, ResourceError, TicketError};

const UNKNOWN: &str = "For more on this error consult the server log.";

/// Status and body.
pub(crate) fn answer(error: &ProtectionError) -> (u16, Value) {
    match error {
        ProtectionError::Bearer(_) => said(403, "invalid_bearer_token", "Could not obtain bearer access_token from request."),
        ProtectionError::NoResourceServer(client) => {
            said(403, "invalid_clientId", &format!("Client application [{client}] is not registered as a resource server."))
        }
        ProtectionError::RoleMissing => said(403, "invalid_scope", "Requires uma_protection scope."),
        ProtectionError::RemoteManagementOff => said(400, "not_supported", "Remote management is disabled."),
        ProtectionError::Body(error) => error.wire(),
        ProtectionError::Resource(error) => resource(error),
        ProtectionError::Ticket(error) => ticket(error),
        ProtectionError::Policy(error) => policy(error),
        ProtectionError::Registry(RegistryError::Store(StoreError::Malformed { .. }) | RegistryError::Json(_))
        | ProtectionError::Sign(_) => said(500, "unknown_error", UNKNOWN),
        ProtectionError::Registry(RegistryError::Store(_)) | ProtectionError::Users(_) | ProtectionError::Unknown(_) => {
            (503, json!({ "error": "HTTP 503 Service Unavailable" }))
        }
    }
}

fn said(status: u16, error: &str, description: &str) -> (u16, Value) {
    (status, json!({ "error": error, "error_description": description }))
}

fn resource(error: &ResourceError) -> (u16, Value) {
    match error {
        ResourceError::Unknown => (404, json!({ "error": "HTTP 404 Not Found" })),
        ResourceError::Foreign => said(403, "forbidden", "You don't have permission to manage this resource"),
        ResourceError::Conflict => said(409, "conflict", "Duplicate resource error"),
        ResourceError::NameTaken(name) => said(409, "invalid_request", &format!("Resource with name [{name}] already exists.")),
        // Keycloak: its 500.
        ResourceError::NameMissing => said(400, "invalid_request", "A resource needs a name"),
    }
}

fn ticket(error: &TicketError) -> (u16, Value) {
    match error {
        TicketError::Empty => said(400, "invalid_permission_request", "Invalid permission request."),
        TicketError::UnknownResource(id) => {
            said(400, "invalid_resource_id", &format!("Resource set with id [{id}] does not exists in this server."))
        }
        TicketError::UnknownScope(scope) => said(400, "invalid_scope", &format!("Scope [{scope}] is invalid")),
        TicketError::Unknown => said(400, "invalid_request", "invalid_ticket"),
        TicketError::Permission(text) => said(400, "invalid_permission", text),
        TicketError::NotAuthorised(text) => said(403, "not_authorised", text),
    }
}

fn policy(error: &PolicyError) -> (u16, Value) {
    match error {
        PolicyError::Unknown(id) => said(404, "invalid_request", &format!("Policy with [{id}] does not exist")),
        PolicyError::NameTaken(name) => said(409, &format!("Policy with name [{name}] already exists"), "Conflicting policy"),
        PolicyError::NameMissing => said(409, "conflict", "Duplicate resource error"),
        PolicyError::Invalid(text) => said(400, "invalid_request", text),
    }
}
