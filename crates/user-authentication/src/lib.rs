//! Who a user is shown to be: by password, one-time code, recovery code, security key or passkey, with brute-force protection around
//! them; and how users come by these.
//!
//! Each check enters the [`Guard`] on its own: it waits for its turn, asks nothing of who is locked, and counts what fails. What failed
//! is forgotten only when the whole login is over ([`UserAuthentication::forget_failures`]), so that a right password does not hide
//! wrong one-time codes.
//!
//! **Architecture invariant:** knows neither HTTP nor pages nor clients; unknown, disabled and locked users cost what known ones do.

mod account;
mod authentication;
mod base32;
mod brute_force;
pub mod credentials;
mod error;
mod guard;
mod new_password;
mod otp;
mod otp_setup;
mod password;
mod qr;
mod random_text;
mod recovery_codes;
#[cfg(test)]
mod test_world;
mod turns;
mod verify_otp;
mod web_authn;

pub use account::{has_expired_password, refuse_disabled, refuse_unfinished_account};
pub use authentication::{At, Presented, UserAuthentication};
pub use brute_force::Factor;
pub use error::{AuthenticationError, Refusal, Trouble};
pub use guard::Guard;
pub use new_password::{NewPassword, NewPasswordError};
pub use otp_setup::{FirstCode, OtpSecret, OtpSetupError, supported_applications};
pub use qr::otp_qr_svg;
pub use recovery_codes::{RECOVERY_CODES, new_recovery_codes, next_recovery_code};
pub use verify_otp::MatchedOtp;
pub use web_authn::{Ceremony, SignedIn, WebAuthnSetupError, authenticators};
