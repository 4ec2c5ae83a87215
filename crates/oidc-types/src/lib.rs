//! The wire words of OAuth 2.0 and OpenID Connect, checked once and then carried by type.

mod confirmation;
mod error;
mod event_type;
mod form;
mod ids;
pub mod java_order;
pub mod java_pattern;
mod pkce;
mod scope;
mod secret;

pub use confirmation::{Confirmation, ConfirmationMethod, RefreshBinding};
pub use error::{ErrorCode, OAuthError};
pub use event_type::{EventType, Outcome};
pub use form::{Charset, FormError, Params};
pub use ids::{ClientId, GrantType, RealmName, RoleName, SessionId, UserId};
pub use pkce::{BadChallenge, BadVerifier, ChallengeMethod, CodeChallenge};
pub use scope::Scope;
pub use secret::Secret;
