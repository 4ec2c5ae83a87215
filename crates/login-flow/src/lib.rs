//! Where a user's login begins and ends: what an application asks for, the flow that a browser goes through, the answer; and logout.
//!
//! **Architecture invariant:** an [`AuthorizationRequest`] and its [`RedirectUri`] are made by the checks alone.

mod acr;
mod action;
mod action_token;
mod answer;
mod authenticator;
mod authorization;
mod authorize;
mod browser;
mod consent;
mod device;
mod end_session;
mod error;
mod finish;
mod flow;
pub mod http;
mod identity;
mod language;
mod level;
mod link;
mod login;
mod login_actions;
mod logout;
mod lost;
mod par;
mod parts;
mod redirect_uri;
mod report;
mod run;
mod session_iframe;
mod settle;
#[cfg(test)]
mod test_login;
#[cfg(test)]
mod test_request;
mod urls;
mod wire;

pub use authorization::{AuthorizationRequest, Flow, ObjectFault, Parameters, RequestFault, ResponseMode, ResponseType};
pub use parts::LoginFlow;
pub use redirect_uri::RedirectUri;
