//! What a client is told of the UMA grant. Keycloak: recordings uma-ticket/*.

use oidc_types::ErrorCode::{
    AccessDenied, InvalidGrant, InvalidRequest, InvalidResource, InvalidRpt, InvalidScope, InvalidTicket, TemporarilyUnavailable,
    UnauthorizedClient, UnknownError,
};
use oidc_types::{ErrorCode, OAuthError};
use permissions::{AskedError, RegistryError};
use sessions::StoreError;

use super::{BUSY, UNKNOWN};
use crate::error::UmaTicketError;

pub(super) fn oauth_error(error: &UmaTicketError) -> OAuthError {
    let said = |status: u16, code: ErrorCode, description: String| OAuthError { status, code, description: description.into() };
    match error {
        UmaTicketError::Bearer(_) => OAuthError::new(400, InvalidGrant, "Invalid bearer token"),
        UmaTicketError::ClaimsOfPublicClient => {
            OAuthError::new(403, InvalidGrant, "Public clients are not allowed to send claims")
        }
        UmaTicketError::ClaimTokenFormat(format) => {
            said(400, InvalidRequest, format!("Claim token format [{format}] not supported"))
        }
        // Keycloak: its 500 where a claim is no list of texts.
        UmaTicketError::Claims | UmaTicketError::ClaimValues => OAuthError::new(400, InvalidRequest, "Invalid claims"),
        UmaTicketError::SubjectToken(_) => OAuthError::new(400, UnauthorizedClient, "Invalid identity"),
        UmaTicketError::Rpt(_) => OAuthError::new(403, InvalidRpt, "RPT signature is invalid"),
        UmaTicketError::Ticket => OAuthError::new(403, InvalidTicket, "Ticket verification failed"),
        UmaTicketError::AudienceMissing => OAuthError::new(400, InvalidRequest, "You must provide the issuedFor"),
        UmaTicketError::AudienceUnknown(audience) => {
            said(400, InvalidRequest, format!("Unknown resource server id: [{audience}]"))
        }
        UmaTicketError::NoResourceServer => OAuthError::new(400, InvalidRequest, "Client does not support permissions"),
        UmaTicketError::Asked(error) => asked(error),
        UmaTicketError::NotAuthorized => OAuthError::new(403, AccessDenied, "not_authorized"),
        UmaTicketError::RequestSubmitted => OAuthError::new(403, AccessDenied, "request_submitted"),
        // Keycloak: its 500 where response_permissions_limit is no number (recording uma-ticket/limits).
        UmaTicketError::Parameter(name) => said(400, InvalidRequest, format!("Invalid {name}")),
    }
}

fn asked(error: &AskedError) -> OAuthError {
    let said = |code: ErrorCode, description: String| OAuthError { status: 400, code, description: description.into() };
    match error {
        AskedError::UnknownResource(word) => said(InvalidResource, format!("Resource with id [{word}] does not exist.")),
        AskedError::UnknownUri(uri) => said(InvalidResource, format!("Resource with uri [{uri}] does not exist.")),
        AskedError::UnknownScopes(scopes) => {
            said(InvalidScope, format!("One of the given scopes [{}] is invalid", scopes.join(", ")))
        }
        AskedError::Registry(error) => registry(error),
    }
}

pub(super) fn registry(error: &RegistryError) -> OAuthError {
    match error {
        RegistryError::Store(StoreError::Malformed { .. }) | RegistryError::Json(_) => {
            OAuthError::new(500, UnknownError, UNKNOWN)
        }
        RegistryError::Store(_) => OAuthError::new(503, TemporarilyUnavailable, BUSY),
    }
}
