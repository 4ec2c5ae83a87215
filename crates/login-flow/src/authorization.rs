//! What an application asks of the authorization endpoint, by whichever way it comes: judged by checks that are named for what
//! they refuse (wire.md section 6.1; the order in which faults are told was measured on 26.7.4).

mod error;
mod judge;
mod parameters;
pub(crate) mod request_object;
mod response;

pub use error::{ObjectFault, RequestFault};
pub use judge::AuthorizationRequest;
pub use parameters::Parameters;
pub use response::{Flow, ResponseMode, ResponseType};

pub(crate) use judge::{Unjudged, Way};

#[cfg(test)]
mod tests;
