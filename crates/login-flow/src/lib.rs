//! Where a user's login begins and ends. So far: what is pushed before it (RFC 9126), and logout by refresh token.
//!
//! **Architecture invariant:** an [`AuthorizationRequest`] and its [`RedirectUri`] are made by the checks alone.

mod authorization;
pub mod http;
mod logout;
mod par;
mod redirect_uri;
#[cfg(test)]
mod test_request;
mod wire;

pub use authorization::{
    AuthorizationRequest, ChallengeMethod, CodeChallenge, Flow, ObjectFault, Parameters, PkceFault, RequestFault, ResponseMode,
    ResponseType,
};
pub use logout::LoginFlow;
pub use redirect_uri::RedirectUri;
