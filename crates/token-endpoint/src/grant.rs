//! The grants: one file each, a list of named checks in the order in which Keycloak makes them.

pub(crate) mod authorization_code;
pub(crate) mod ciba;
pub(crate) mod client_credentials;
pub(crate) mod contactless;
pub(crate) mod device_code;
pub(crate) mod jwt_authorization;
pub(crate) mod password;
pub(crate) mod refresh_token;
pub(crate) mod token_exchange;
pub(crate) mod uma_ticket;
mod waiting;
