//! The user profile of a realm at work: which attributes somebody sees and changes where, and what is wrong with what they give.
//!
//! [`UserProfile::form_attributes`] says what a form shows, [`UserProfile::judge`] what becomes of what it sends. What is wrong is said
//! in Keycloak's message keys with Keycloak's arguments. Whether a username or an e-mail address is taken is not known here.

mod attribute;
mod context;
mod email;
mod form;
mod judge;
mod validator;

#[cfg(test)]
mod tests;

pub use attribute::{Demand, attribute_faults};
pub use context::{Context, Role, Viewer};
pub use email::is_email;
pub use form::FormAttribute;
pub use judge::{Judged, ProfileFault, Values};
pub use validator::is_known as is_known_validator;

use realm_model::{Realm, UserProfileConfig};

/// Attributes that are members of a user's representation.
pub const OWN_MEMBERS: [&str; 4] = ["username", "email", "firstName", "lastName"];

/// The user profile of a realm.
#[derive(Clone, Copy, Debug)]
pub struct UserProfile<'r> {
    pub(crate) realm: &'r Realm,
}

impl<'r> UserProfile<'r> {
    /// That of `realm`.
    pub fn of(realm: &'r Realm) -> Self {
        Self { realm }
    }

    pub(crate) fn config(&self) -> &'r UserProfileConfig {
        &self.realm.user_profile
    }
}
