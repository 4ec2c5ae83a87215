//! `POST /realms/{realm}/protocol/openid-connect/token` (RFC 6749 section 3.2), and the same grants in another system's words.
//!
//! A request is parsed by its *dialect*, its client authenticated, and one grant decides what to issue; tokens are made from
//! that in one place, after the grant. A new grant is a file in `grant/`, a new system's wire form one in `dialect/`.
//!
//! **Architecture invariant:** a grant knows neither HTTP nor how its answer is worded, and never makes a token.

mod dialect;
mod endpoint;
mod error;
mod exchange;
mod grant;
pub mod http;
mod policies;
mod report;
mod wire;

pub use endpoint::TokenEndpoint;
pub use exchange::Parts;
