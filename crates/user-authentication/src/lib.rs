//! Who a user is shown to be: by password and one-time code, with brute-force protection around them.
//!
//! Each check enters the [`Guard`] on its own: it waits for its turn, asks nothing of who is locked, and counts what fails. What failed
//! is forgotten only when the whole login is over ([`UserAuthentication::forget_failures`]), so that a right password does not hide
//! wrong one-time codes.
//!
//! **Architecture invariant:** knows neither HTTP nor pages nor clients; unknown, disabled and locked users cost what known ones do.

mod account;
mod authentication;
mod brute_force;
mod error;
mod guard;
mod otp;
mod password;
mod turns;
mod verify_otp;

pub use account::{has_expired_password, refuse_disabled, refuse_unfinished_account};
pub use authentication::{At, Presented, UserAuthentication};
pub use error::{AuthenticationError, Refusal, Trouble};
pub use guard::{Factor, Guard};
pub use verify_otp::MatchedOtp;
