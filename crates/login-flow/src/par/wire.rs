//! What a client is told of each fault. Keycloak's texts (wire-extra.md section 4; recordings par/*).

use oidc_types::ErrorCode::{InvalidRequest, InvalidRequestObject, TemporarilyUnavailable, UnauthorizedClient};
use oidc_types::OAuthError;

use super::PushError;
use crate::authorization::{Flow, RequestFault, ResponseMode};

const BUSY: &str = "The server cannot answer right now, try again shortly";

impl From<&PushError> for OAuthError {
    fn from(error: &PushError) -> Self {
        match error {
            // Keycloak: one answer, whatever is wrong (recordings par/{acme-no-client,endpoint-client-faults}).
            PushError::Client(_) => Self::new(401, InvalidRequest, "Authentication failed."),
            PushError::Policy(error) => error.into(),
            PushError::RequestUri => Self::new(400, InvalidRequest, "It is not allowed to include request_uri to PAR."),
            PushError::Proof(error) => error.into(),
            PushError::Request(fault) => fault.into(),
            PushError::Store(_) => Self::new(503, TemporarilyUnavailable, BUSY),
        }
    }
}

impl From<&RequestFault> for OAuthError {
    fn from(fault: &RequestFault) -> Self {
        let text = match fault {
            RequestFault::Object(_) => return Self::new(400, InvalidRequestObject, "invalidRequestMessage"),
            RequestFault::FlowOff(flow) => return Self::new(401, UnauthorizedClient, flow_off(*flow)),
            RequestFault::Scope(error) => {
                return Self { status: 400, code: InvalidRequest, description: error.description().into() };
            }
            RequestFault::Unreadable => "invalidRequestMessage",
            RequestFault::RedirectUri => "Invalid parameter: redirect_uri",
            RequestFault::ResponseTypeMissing => "Missing parameter: response_type",
            RequestFault::ResponseTypeUnknown => "Unsupported response type",
            RequestFault::ResponseModeUnknown => "Invalid parameter: response_mode",
            RequestFault::ResponseModeNotAllowed(ResponseMode::QueryJwt) => {
                "Response_mode 'query.jwt' is allowed only when the authorization response token is encrypted"
            }
            RequestFault::ResponseModeNotAllowed(_) => "Response_mode 'query' not allowed for implicit or hybrid flow",
            RequestFault::Repeated => "duplicated parameter",
            RequestFault::NonceMissing => "Missing parameter: nonce",
            RequestFault::Pkce(fault) => fault.description(),
            RequestFault::OtherResponseType => "Parameter response_type does not match",
            RequestFault::NotPushed => "Pushed Authorization Request is only allowed.",
            RequestFault::OtherProofKey => "DPoP Proof public key thumbprint does not match dpop_jkt.",
        };
        Self::new(400, InvalidRequest, text)
    }
}

const fn flow_off(flow: Flow) -> &'static str {
    match flow {
        Flow::Standard => {
            "Client is not allowed to initiate browser login with given response_type. Standard flow is disabled for the client."
        }
        Flow::Implicit => {
            "Client is not allowed to initiate browser login with given response_type. Implicit flow is disabled for the client."
        }
    }
}
